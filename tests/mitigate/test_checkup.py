"""Prevention: few questions, a short plan, and nothing that is skipped ever takes a step away."""

import itertools
import re
import tomllib
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.mitigate import checkup
from amparo.mitigate.checkup import FORMS, LANGUAGES, CheckupBroken, Form, load

KINDS = [(code, language) for code in FORMS for language in LANGUAGES]


def form(code: str, language: str = "en") -> Form:
    found = load(code, language)
    assert found is not None
    return found


def answers_of(code: str) -> st.SearchStrategy:
    """Answers to all questions, to some, to none."""
    return st.fixed_dictionaries({}, optional={
        question.code: st.sampled_from([[option.code] for option in question.options])
        for question in form(code).questions.questions})


def due(code: str, answers: dict[str, list[str]]) -> dict[str, int]:
    """Step -> place of its stage."""
    stages = form(code).rules.stages
    return {step.code: stages.index(part.code) for part in form(code).plan(answers) for step in part.steps}


# --- what a person gets --------------------------------------------------------------------------------------

@pytest.mark.parametrize("code", FORMS)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_skipped_answer_never_removes_a_step_nor_puts_it_off(code: str, data: st.DataObject) -> None:
    answers = data.draw(answers_of(code))
    told = due(code, answers)
    for skipped in answers:
        fewer = due(code, {name: given for name, given in answers.items() if name != skipped})
        assert told.keys() <= fewer.keys(), f"without “{skipped}” a step is gone"
        assert all(fewer[step] <= told[step] for step in told), f"without “{skipped}” a step comes later"


@pytest.mark.parametrize("code", FORMS)
def test_not_known_is_as_careful_as_skipped(code: str) -> None:
    questions = form(code).questions.questions
    unsure = {one.code: ["unsure"] for one in questions if one.option("unsure")}
    assert unsure and due(code, unsure) == due(code, {})


@pytest.mark.parametrize(("code", "language"), KINDS)
def test_at_most_ten_questions_and_twelve_steps_each_with_why_and_limits(code: str, language: str) -> None:
    found = form(code, language)
    assert 5 <= len(found.questions.questions) <= 10
    steps = [step for part in found.plan({}) for step in part.steps]
    assert 5 <= len(steps) == len(found.rules.steps) <= 12, "who says nothing gets the whole list"
    assert [part.code for part in found.plan({})] == list(found.rules.stages)
    for step in steps:
        assert step.do and step.why and step.limits
        assert len(step.do) <= 300 and len(step.why) <= 160 and len(step.limits) <= 170, (language, step.code)


@pytest.mark.parametrize("code", FORMS)
def test_every_question_changes_something(code: str) -> None:
    found = form(code)
    for question in found.questions.questions:
        plans = {tuple(found.plan({question.code: [option.code]})) for option in question.options}
        assert len(plans) > 1, question.code


def test_who_is_ready_in_everything_still_has_something_to_do() -> None:
    ready = {"close": ["no"], "mail": ["key"], "passwords": ["yes"], "back-in": ["yes"], "lock": ["long"],
             "updates": ["yes"], "chats": ["yes"], "copies": ["yes"], "found": ["no"], "person": ["yes"]}
    assert list(due("check-up", ready)) == ["lures", "again"]


def test_with_somebody_close_the_plan_comes_before_every_change_that_can_be_noticed() -> None:
    for said in ({}, {"close": ["yes"]}, {"close": ["unsure"]}):
        steps = [step for part in form("check-up").plan(said) for step in part.steps]
        assert steps[0].code == "close-plan" and not steps[0].noticed
        assert {step.code for step in steps if step.noticed} == {
            "mail-lock", "phone-code", "passwords", "chats", "found"}
    alone = [step for part in form("check-up").plan({"close": ["no"]}) for step in part.steps]
    assert alone[0].code == "person" and not any(step.noticed for step in alone)


def test_a_code_from_an_app_puts_the_key_off_by_a_stage_and_a_key_takes_it_away() -> None:
    assert [due("check-up", {"mail": [said]}).get("mail-lock") for said in ("no", "sms", "app", "key")] == [
        0, 0, 1, None]


def test_a_journey_without_devices_across_no_border_asks_for_less() -> None:
    short = due("travel", {"border": ["no"], "known": ["no"], "devices": ["none"], "told": ["yes"], "home": ["no"]})
    assert list(short) == ["lawyer", "papers", "check-in", "place", "returned", "notes"]


# --- the data ------------------------------------------------------------------------------------------------

def said(found: Form) -> list[str]:
    """Every text of a form in one language."""
    words = found.words
    return [words.title, words.about, *words.stages.values(),
            *(text for one in words.questions.values() for text in (one.text, one.help, *one.options.values())),
            *(text for one in words.steps.values() for text in (one.do, one.why, one.limits))]


@pytest.mark.parametrize("code", FORMS)
def test_all_four_languages_say_the_same_things_in_their_own_words(code: str) -> None:
    for one, two in itertools.combinations(LANGUAGES, 2):
        for step in form(code).rules.steps:
            assert form(code, one).words.steps[step.code].do != form(code, two).words.steps[step.code].do
    assert all(re.search("[\u0600-\u06ff]", text) for text in said(form(code, "ar")) if text)
    for language in LANGUAGES:
        found = form(code, language)
        assert found.words.language == language and found.words.checked_on >= date(2026, 11, 1)
        assert found.rules.source and found.unreviewed
        assert not any("!" in text for text in said(found)), "nobody is shouted at"


def test_no_text_speaks_of_a_product_by_name() -> None:
    for code, language in KINDS:
        for text in said(form(code, language)):
            assert not re.search(r"whatsapp|\bsignal\b|telegram|facebook|google|iphone|android", text, re.I), text


def test_an_unknown_form_is_none_and_an_unknown_language_english() -> None:
    assert load("nothing", "en") is None
    assert form("travel", "xx").words.language == "en" and form("travel", "ar-eg").words.language == "ar"


def test_after_180_days_what_was_checked_may_be_outdated() -> None:
    day = date(2026, 11, 25)
    assert not checkup.outdated(day, day + timedelta(days=180))
    assert checkup.outdated(day, day + timedelta(days=181))
    assert not checkup.outdated(day, day - timedelta(days=400)), "a clock that runs behind frightens nobody"


# --- files that are broken -----------------------------------------------------------------------------------

RULES = """
version = 1
source = "test"
checked_on = 2026-11-25
stages = ["now", "then"]
close = "a"
[questions]
a = ["yes", "no"]
[steps]
one = { stage = "now", unless = { question = "a", is = ["no"] } }
"""
WORDS = """
language = "en"
checked_on = 2026-11-25
reviewed_by = ""
title = "t"
about = "b"
stages = { now = "Now", then = "Then" }
questions.a = { text = "A?", options = { yes = "Yes", no = "No" } }
steps.one = { do = "d", why = "w", limits = "l" }
"""


def test_the_small_form_itself_is_whole() -> None:
    ruled = checkup.rules(RULES, "small")
    assert checkup.words(WORDS, ruled, "en").steps["one"].why == "w"


@pytest.mark.parametrize(("old", "new", "says"), [
    ('{ question = "a", is = ["no"] }', '{ not = { question = "a", is = ["yes"] } }', "negation"),
    ('{ question = "a", is = ["no"] }', '{ any = [{ question = "a" }, { question = "a", is = ["no"] }] }', "negation"),
    ('is = ["no"]', 'is = ["perhaps"]', "nobody can give"),
    ('question = "a"', 'question = "b"', "nobody can give"),
    ('stage = "now"', 'stage = "never"', "no stage"),
    ('close = "a"', 'close = "b"', "answered with no"),
    ("version = 1", "version = [", "cannot be read"),
    ("[steps]", "[others]", "cannot be read"),
    ('a = ["yes", "no"]', "\n".join(f'a{n} = ["yes", "no"]' for n in range(11)), "11 questions"),
    ('one = {', "\n".join(f's{n} = {{ stage = "now" }}' for n in range(13)) + "\none = {", "14 steps"),
])
def test_rules_that_could_harm_are_refused(old: str, new: str, says: str) -> None:
    assert old in RULES
    with pytest.raises(CheckupBroken, match=says) as refused:
        checkup.rules(RULES.replace(old, new), "small")
    assert refused.value.advice


@pytest.mark.parametrize(("old", "new", "says"), [
    ("steps.one", "steps.two", "steps are not those"),
    ('yes = "Yes", no = "No"', 'yes = "Yes"', "options of “a”"),
    ("questions.a", "questions.b", "questions are not those"),
    ('now = "Now", then = "Then"', 'now = "Now"', "stages are not those"),
    ('language = "en"', 'language = "fr"', "says that its language"),
    ('why = "w", ', "", "cannot be read"),
    ('about = "b"', 'about = "b"\nmore = "c"', "cannot be read"),
])
def test_words_that_do_not_fit_their_rules_are_refused(old: str, new: str, says: str) -> None:
    assert old in WORDS
    tomllib.loads(WORDS.replace(old, new))
    with pytest.raises(CheckupBroken, match=says):
        checkup.words(WORDS.replace(old, new), checkup.rules(RULES, "small"), "en")
