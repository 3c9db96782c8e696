"""The engine believes no browser: forged answers fall, hidden questions count for nothing, bounds hold."""

import json
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.words import questionnaires
from amparo.words.conditions import MAX_DEPTH, QuestionnaireBroken, condition
from amparo.words.questionnaires import (
    MAX_CHAIN,
    MAX_TEXT,
    AnswersRefused,
    Questionnaire,
    load,
    read,
    tidy,
)

REPORT = load("report")


def made(*questions: dict[str, object]) -> Questionnaire:
    whole = {"name": "small", "version": 1, "source": "test", "checked_on": "2026-11-23", "questions": questions}
    return read(json.dumps(whole).encode())


def yesno(code: str, show_if: object = None) -> dict[str, object]:
    return {"code": code, "kind": "yesno", "text": code, **({"show_if": show_if} if show_if else {})}


SMALL = made(
    yesno("a"),
    yesno("b", {"question": "a", "is": ["yes"]}),
    yesno("c", {"question": "b", "is": ["yes"]}),
    {"code": "told", "kind": "text", "text": "told", "show_if": {"not": {"question": "a", "is": ["no"]}}},
)


# --- the journey of J1 ---------------------------------------------------------------------------------------

def test_danger_is_first_and_what_happened_follows() -> None:
    assert [question.code for question in REPORT.visible({})][:2] == ["danger", "what-happened"]


def test_nothing_has_to_be_answered() -> None:
    assert REPORT.clean({}) == {}
    assert REPORT.clean({question.code: [""] for question in REPORT.questions}) == {}


def test_one_question_a_page() -> None:
    pages = [question.page for question in REPORT.questions]
    assert len(pages) == len(set(pages))


def test_nobody_is_asked_for_a_name_or_an_address_to_reply_to() -> None:
    for question in REPORT.questions:
        words = question.text.lower()
        assert "your name" not in words and "e-mail address" not in words and "your phone number" not in words
        assert question.code not in ("name", "email", "contact")


def test_no_text_is_asked_twice() -> None:
    texts = [question.text for question in REPORT.questions]
    assert len(texts) == len(set(texts))


def test_the_home_is_asked_only_once() -> None:
    told = REPORT.clean({"threats": ["doxing"], "exposed": ["home"], "home-known": ["no"]})
    assert "home-known" not in told
    assert "home-known" in [question.code for question in REPORT.visible({"threats": ["doxing"], "exposed": ["phone"]})]


def test_device_questions_only_when_a_device_is_in_doubt() -> None:
    calm = {question.code for question in REPORT.visible({"threats": ["smear"]})}
    doubt = {question.code for question in REPORT.visible({"threats": ["spyware"], "device-owner": ["shared"]})}
    device = {"device-owner", "device-agrees", "device-use"}
    assert not device & calm and device <= doubt


def test_defaults_are_the_calm_ones() -> None:
    defaults = {question.code: question.default for question in REPORT.questions if question.default}
    assert defaults == {"perpetrator": "unknown", "see-again": "no"}


def test_naming_a_perpetrator_asks_for_the_reason() -> None:
    assert "perpetrator-why" in [q.code for q in REPORT.visible({"perpetrator": ["near"]})]
    assert "perpetrator-why" not in [q.code for q in REPORT.visible({"perpetrator": ["unknown"]})]


def test_grounds_are_kept_only_with_their_own_consent() -> None:
    answers = REPORT.clean({"grounds": ["religion", "age"], "danger": ["no"]})
    assert REPORT.without_consent(answers, ["examine", "statistics"]) == ("grounds",)
    assert REPORT.kept(answers, ["examine", "statistics"]) == {"danger": ["no"]}
    assert REPORT.kept(answers, ["grounds"]) == answers


def test_walking_forward_and_back_meets_the_same_pages() -> None:
    answers = {"threats": ["stalkerware", "doxing"], "perpetrator": ["near"]}
    forward, here = [], REPORT.visible(answers)[0]
    while here is not None:
        forward.append(here.code)
        here = REPORT.after(here.code, answers)
    assert forward == [question.code for question in REPORT.visible(answers)]
    backward, here = [], REPORT.question(forward[-1])
    while here is not None:
        backward.append(here.code)
        here = REPORT.before(here.code, answers)
    assert backward == forward[::-1]
    assert REPORT.after("no-such-page", answers) is None and REPORT.before("no-such-page", answers) is None


# --- what is forged falls ------------------------------------------------------------------------------------

def test_answers_to_hidden_questions_are_dropped_along_the_chain() -> None:
    assert SMALL.clean({"a": ["no"], "b": ["yes"], "c": ["yes"], "told": ["x"]}) == {"a": ["no"]}
    assert SMALL.clean({"b": ["yes"], "c": ["yes"]}) == {}
    assert [q.code for q in SMALL.visible({"b": ["yes"], "c": ["yes"]})] == ["a", "told"]


def test_an_invented_option_is_refused_with_a_sentence_and_nothing_else_is_lost() -> None:
    checked = REPORT.check({"danger": ["perhaps"], "ongoing": ["yes"]})
    assert checked.answers == {"ongoing": ["yes"]}
    (problem,) = checked.problems
    assert (problem.question, problem.code) == ("danger", "option") and problem.says and problem.advice
    with pytest.raises(AnswersRefused) as told:
        REPORT.clean({"danger": ["perhaps"]})
    assert told.value.problems[0].question == "danger"


def test_an_invented_option_opens_no_hidden_question() -> None:
    checked = made(yesno("a"), yesno("b", {"question": "a"})).check({"a": ["forged"], "b": ["yes"]})
    assert checked.answers == {}


@pytest.mark.parametrize(("raw", "code"), [
    ({"danger": ["yes", "no"]}, "one-only"),
    ({"soon": ["travel", "none"]}, "alone"),
    ({"when": ["tomorrow"]}, "date"),
    ({"files": ["../../etc/passwd"]}, "file"),
    ({"want-not": ["x" * (MAX_TEXT + 1)]}, "too-long"),
    ({"channels": ["other"], "platform": ["x" * 2001]}, "too-long"),
])
def test_problems_are_named(raw: dict[str, list[str]], code: str) -> None:
    assert [problem.code for problem in REPORT.check(raw).problems] == [code]


def test_text_bound_is_the_desks_choice_and_exact() -> None:
    assert REPORT.clean({"what-happened": ["ñ" * 100]}, limit=100) == {"what-happened": ["ñ" * 100]}
    (problem,) = REPORT.check({"what-happened": ["ñ" * 101]}, limit=100).problems
    assert problem.says % problem.params == "This text is longer than 100 characters."
    assert MAX_TEXT == 20_000


def test_line_ends_do_not_count_twice() -> None:
    assert REPORT.clean({"what-happened": ["a\r\n" * 50]}, limit=100) == {"what-happened": ["a\n" * 50]}


def test_text_keeps_its_script_and_direction() -> None:
    arabic = "تلقيت تهديدًا \u202e‏أمس"
    assert REPORT.clean({"what-happened": [arabic]}) == {"what-happened": [arabic]}
    assert tidy("a\ud800b\x00c") == "a�b�c"


def test_files_are_known_by_id_and_choices_in_the_order_of_the_list() -> None:
    one, two = str(uuid4()), str(uuid4())
    assert REPORT.clean({"files": [two, one, two]}) == {"files": [two, one]}
    assert REPORT.clean({"want": ["talk", "advice", "talk"]}) == {"want": ["advice", "talk"]}


CODES = [question.code for question in REPORT.questions]
PLAUSIBLE = ["yes", "no", "unsure", "home", "doxing", "stalkerware", "2024-05"]
anything = st.one_of(st.sampled_from(PLAUSIBLE), st.text(max_size=40))
raw_answers = st.dictionaries(
    st.one_of(st.sampled_from(CODES), st.text(max_size=10)), st.lists(anything, max_size=4), max_size=12,
)


@given(raw_answers)
@settings(max_examples=300)
def test_clean_answers_are_visible_known_and_stable(raw: dict[str, list[str]]) -> None:
    checked = REPORT.check(raw)
    assert set(checked.answers) <= {question.code for question in REPORT.visible(checked.answers)}
    for code, values in checked.answers.items():
        question = REPORT.question(code)
        assert question is not None and values
        if question.options:
            assert all(question.option(value) is not None for value in values)
        assert len(values) == 1 or question.kind in ("many", "files")
    again = REPORT.check(checked.answers)
    assert again.answers == checked.answers and not again.problems
    json.dumps(checked.answers).encode()  # what is kept can always be written


@given(raw_answers, st.sampled_from(CODES), anything)
@settings(max_examples=200)
def test_an_answer_to_a_hidden_question_changes_nothing(raw, code, value) -> None:
    clean = REPORT.check(raw).answers
    if code not in {question.code for question in REPORT.visible(clean)}:
        assert REPORT.check({**clean, code: [value]}).answers == clean


# --- files an author got wrong -------------------------------------------------------------------------------

def nested(depth: int) -> object:
    here: object = {"question": "a", "is": ["yes"]}
    for _ in range(depth - 1):
        here = {"not": here}
    return here


def test_nesting_is_bounded_at_64() -> None:
    assert made(yesno("a"), yesno("b", nested(MAX_DEPTH))).visible({})
    with pytest.raises(QuestionnaireBroken) as told:
        made(yesno("a"), yesno("b", nested(MAX_DEPTH + 1)))
    assert MAX_DEPTH == 64 and "64" in told.value.says


def test_a_file_nested_beyond_reason_is_refused_calmly() -> None:
    deep = '{"not":' * 100_000 + "1" + "}" * 100_000
    with pytest.raises(QuestionnaireBroken):
        read(('{"name":"x","version":1,"source":"","checked_on":"","questions":[{"code":"a","kind":"text","text":"a",'
              '"show_if":' + deep + "}]}").encode())


def test_a_chain_of_questions_is_bounded_at_64() -> None:
    def chain(length: int) -> list[dict[str, object]]:
        return [yesno("q0")] + [yesno(f"q{i}", {"question": f"q{i - 1}", "is": ["yes"]}) for i in range(1, length)]

    assert len(made(*chain(MAX_CHAIN)).questions) == 64
    with pytest.raises(QuestionnaireBroken):
        made(*chain(MAX_CHAIN + 1))


@pytest.mark.parametrize("questions", [
    [yesno("a"), yesno("a")],
    [yesno("a", {"question": "later"}), yesno("later")],
    [yesno("a", {"question": "a"})],
    [yesno("a"), yesno("b", {"question": "a", "is": ["maybe"]})],
    [yesno("a"), yesno("b", {"all": []})],
    [yesno("a"), yesno("b", {"xor": []})],
    [yesno("a"), yesno("b", {"question": "a", "is": "yes"})],
    [{"code": "a", "kind": "one", "text": "a"}],
    [{"code": "a", "kind": "text", "text": "a", "options": [{"code": "x", "text": "x"}]}],
    [{"code": "a", "kind": "one", "text": "a", "options": [{"code": "x", "text": "x"}, {"code": "x", "text": "y"}]}],
    [{"code": "a", "kind": "one", "text": "a", "options": [{"code": "x", "text": "x"}], "default": "y"}],
    [{"code": "a", "kind": "riddle", "text": "a"}],
], ids=range(12))
def test_broken_questionnaires_are_told(questions: list[dict[str, object]]) -> None:
    with pytest.raises(QuestionnaireBroken):
        made(*questions)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"name":1}'])
def test_what_is_no_questionnaire_is_told(data: bytes) -> None:
    with pytest.raises(QuestionnaireBroken):
        read(data)


@pytest.mark.parametrize("name", ["nothing", "../report", "threats.toml", ""])
def test_only_packaged_questionnaires_are_loaded(name: str) -> None:
    with pytest.raises(QuestionnaireBroken):
        load(name)


def test_conditions_mean_what_they_say() -> None:
    both = condition({"all": [{"question": "a", "is": ["1"]}, {"question": "b", "is": ["2", "3"]}]})
    assert both.holds({"a": ["1"], "b": ["3"]}) and not both.holds({"a": ["1"]})
    either = condition({"any": [{"question": "a"}, {"question": "b", "is": ["2"]}]})
    assert either.holds({"a": ["x"]}) and either.holds({"b": ["2"]}) and not either.holds({"b": ["3"], "a": []})


def test_all_texts_for_translation_holds_every_text_once() -> None:
    texts = questionnaires.all_texts()
    assert len(texts) == len(set(texts)) and all(text.strip() == text and text for text in texts)
    for wanted in ("What happened?", "I do not know", "Examine my files for traces of attack", "Danger to life",
                   "This answer is not one of the choices.", "Doxing", "Act now"):
        assert wanted in texts


def test_texts_are_short_and_calm() -> None:
    for text in REPORT.texts():
        assert len(text) <= 240, text
        assert "!" not in text
