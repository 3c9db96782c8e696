"""First aid: the same plan in four languages, safety first, at most seven, never a dangerous first move."""

import itertools
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.mitigate import LANGUAGES, first_aid, reviewed
from amparo.mitigate.steps import MOST_STEPS, SITUATIONS, catalogue, plan, spoken
from amparo.words.questionnaires import load
from amparo.words.steps import STAGES
from amparo.words.threats import CODES, TAXONOMY

REPORT = load("report")


def codes(answers, threats=(), language="en") -> list[str]:
    return [step.code for step in first_aid(answers, threats, language)]


# --- the data ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_steps_in_the_same_order(language: str) -> None:
    assert list(catalogue(language).steps) == [step.code for step in plan().steps]
    assert catalogue(language).language == language
    assert catalogue(language).checked_on >= date(2026, 1, 1)


def test_texts_are_translated_short_and_not_shared() -> None:
    for one, two in itertools.combinations(LANGUAGES, 2):
        for code in catalogue(one).steps:
            assert catalogue(one).steps[code].text != catalogue(two).steps[code].text
    for language in LANGUAGES:
        texts = [words.text for words in catalogue(language).steps.values()]
        assert len(texts) == len(set(texts))
        assert all(10 < len(text) <= 200 and "!" not in text for text in texts), language
    assert all(re.search("[\u0600-\u06ff]", words.text) for words in catalogue("ar").steps.values())


def test_every_kind_of_threat_that_a_reporter_may_name_has_steps() -> None:
    served = {name for step in plan().steps for name in step.threats}
    for item in TAXONOMY:
        assert item.code in served or not item.plain, item.code


def test_the_plan_names_only_what_exists() -> None:
    order = plan().order
    assert len(order) == len(set(order))
    assert set(order) == (set(CODES) - {"foreign-manipulation"}) | SITUATIONS
    for step in plan().steps:
        assert step.stage in STAGES and set(step.threats) <= set(order) and set(step.unless) <= set(CODES)
        for code, values in () if step.show_if is None else step.show_if.asks():
            question = REPORT.question(code)
            assert question is not None and all(question.option(value) for value in values)
    stages = [STAGES.index(step.stage) for step in plan().steps]
    assert stages == sorted(stages)
    assert plan().source and plan().checked_on


def test_no_step_speaks_of_a_product_by_name() -> None:
    # Advice that names a product grows old and reads as an advertisement.
    for language in LANGUAGES:
        for words in catalogue(language).steps.values():
            assert not re.search(r"whatsapp|signal\b|telegram|facebook|google|apple|iphone|android", words.text, re.I)


# --- what a person gets --------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("threat", CODES)
def test_every_threat_has_help_in_every_language(threat: str, language: str) -> None:
    steps = first_aid({}, [threat], language)
    assert 2 <= len(steps) <= MOST_STEPS
    assert all(step.language == language and step.source and step.unreviewed for step in steps)


def test_nobody_reviewed_the_texts_yet_and_it_says_so() -> None:
    assert not any(reviewed(language) for language in LANGUAGES)


def test_danger_comes_first() -> None:
    for threat in CODES:
        assert codes({"danger": ["yes"]}, [threat])[0] == "danger-go"


def test_doxing_of_a_home_with_a_dated_threat() -> None:
    found = codes({"threats": ["doxing"], "exposed": ["home"], "dated-threat": ["yes"]})
    assert found[:2] == ["exposed-away", "exposed-tell"]
    assert "doxing-report" in found and "posts-keep" in found


def test_stalkerware_never_begins_with_removal_or_reset() -> None:
    for threats in (["stalkerware"], ["stalkerware", "account-attack", "phishing", "spyware"]):
        found = codes({"threats": threats, "access": ["yes"], "clicked": ["yes"]})
        assert found[:2] == ["stalkerware-device", "stalkerware-wait"]
        assert not {"account-close", "phishing-password", "two-steps", "account-check"} & set(found)
        if "stalkerware-later" in found:
            assert found.index("stalkerware-later") > found.index("stalkerware-wait")


def test_spyware_keeps_the_traces_before_anything_is_mended() -> None:
    found = codes({"threats": ["spyware"]})
    assert found.index("spyware-keep") < found.index("spyware-update")


def test_intimate_images_need_not_be_sent_to_us() -> None:
    assert "images-keep" in codes({"threats": ["intimate-image"], "under-18": ["yes"]})
    assert codes({"threats": ["intimate-image"], "under-18": ["yes"]})[0] == "minor-adult"


def test_many_threats_still_leave_something_to_stop_and_to_keep() -> None:
    stages = {step.stage for step in first_aid({"danger": ["yes"], "dated-threat": ["yes"], "home-known": ["yes"],
                                                "soon": ["detention"], "threats": list(CODES)})}
    assert {"safety", "stop", "evidence"} <= stages


def test_languages_we_do_not_have_fall_back() -> None:
    assert (spoken("ar-EG"), spoken("FR"), spoken("pt_BR"), spoken("sw"), spoken("")) == ("ar", "fr", "en", "en", "en")


def test_unknown_threats_still_get_help() -> None:
    assert codes({}, ["no-such-threat"]) == codes({}, ["other"]) == codes({})


answers = st.fixed_dictionaries({}, optional={
    question.code: st.lists(st.sampled_from([option.code for option in question.options]), min_size=1, max_size=4)
    for question in REPORT.questions if question.options
})


@given(answers, st.sampled_from(LANGUAGES))
@settings(max_examples=200)
def test_always_few_steps_in_the_right_order(given_answers, language) -> None:
    steps = first_aid(given_answers, (), language)
    assert 1 <= len(steps) <= MOST_STEPS
    stages = [STAGES.index(step.stage) for step in steps]
    assert stages == sorted(stages)
    assert len({step.code for step in steps}) == len(steps)
    if "yes" in given_answers.get("danger", ()):
        assert steps[0].code == "danger-go"
