"""Urgency: rules with hand-written cases, reasons always told, silence never read as safety."""

from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.mitigate import Refuted, urgency
from amparo.mitigate.urgencies import RefutationRefused, all_texts, load
from amparo.words.findings import Category, Finding, Level, Where
from amparo.words.questionnaires import load as questionnaire
from amparo.words.risk import PRIORITIES
from amparo.words.why import WHY

REPORT = questionnaire("report")
CALM = {"danger": ["no"], "home-known": ["no"], "dated-threat": ["no"], "earlier-offline": ["no"], "soon": ["none"]}


def finding(level: Level) -> Finding:
    return Finding(detector="spyware", detector_version="1", code="x", level=level, category=Category.CONTACTED,
                   seen="s", where=Where("a"), says="s", matters="m", does_not_say="d")


# Written by hand from the triage scale and the statement's sentence 2.5, before the rules were run on them.
CASES = [
    ({"danger": ["yes"]}, "P0", "life", "danger-now"),
    ({"threats": ["doxing"], "exposed": ["home"], "dated-threat": ["yes"]}, "P0", "life", "home-dated"),
    ({"home-known": ["yes"], "dated-threat": ["yes"]}, "P0", "life", "home-dated"),
    ({"threats": ["doxing"], "exposed": ["home"], "dated-threat": ["yes"], "earlier-offline": ["yes"]},
     "P0", "life", "home-dated"),
    ({"earlier-offline": ["yes"], "dated-threat": ["yes"]}, "P0", "life", "dated-after-attack"),
    ({"soon": ["detention"]}, "P0", "life", "detention"),
    ({"threats": ["offline-attack"], "ongoing": ["yes"]}, "P0", "life", "attack-goes-on"),
    ({**CALM, "danger": ["unsure"]}, "P1", "life", "danger-unsure"),
    ({**CALM, "dated-threat": ["yes"]}, "P1", "life", "dated-threat"),
    ({**CALM, "threats": ["stalkerware"], "seen-by": ["yes"]}, "P1", "life", "watched-at-home"),
    ({**CALM, "soon": ["hearing"]}, "P1", "time-bound", "hearing"),
    ({**CALM, "soon": ["travel"]}, "P1", "time-bound", "travel"),
    ({**CALM, "threats": ["shutdown"], "soon": ["event"]}, "P1", "time-bound", "shutdown-event"),
    ({**CALM, "under-18": ["yes"]}, "P1", "time-bound", "minor"),
    ({**CALM, "threats": ["intimate-image"]}, "P1", "spreading", "images"),
    ({**CALM, "threats": ["doxing"], "exposed": ["phone"], "ongoing": ["yes"]}, "P1", "spreading", "doxing-goes-on"),
    ({**CALM, "threats": ["account-attack"], "access": ["no"]}, "P1", "skill", "locked-out"),
    ({**CALM, "threats": ["phishing"], "clicked": ["yes"]}, "P1", "skill", "clicked"),
    ({**CALM, "threats": ["spyware"], "device-use": ["yes"]}, "P1", "skill", "device-in-use"),
    ({**CALM, "threats": ["spyware"], "device-use": ["no"]}, "P2", "skill", "device"),
    ({**CALM, "threats": ["harassment"], "ongoing": ["yes"]}, "P2", "spreading", "spreads"),
    ({**CALM, "threats": ["legal-harassment"]}, "P2", "time-bound", "legal"),
    ({**CALM, "threats": ["censorship"]}, "P2", "rest", "targeted"),
    ({**CALM, "target": ["someone-else"], "they-know": ["no"]}, "P2", "rest", "someone-else"),
    (CALM, "P3", "rest", "nothing"),
    ({}, "P2", "rest", "silence"),
]


NAMES = [f"{case[3]}-{place}" for place, case in enumerate(CASES)]


@pytest.mark.parametrize(("answers", "level", "why", "code"), CASES, ids=NAMES)
def test_cases(answers, level, why, code) -> None:
    found = urgency(answers)
    assert (found.level.value, found.why, found.reasons[0].code) == (level, why, code)
    assert found.reason == found.reasons[0].says


def test_every_rule_is_reached_by_some_answer() -> None:
    """No rule is dead: each holds for answers the questionnaire lets through."""
    for rule in load().rules:
        if "finding-level" in rule.facts:
            continue
        picked: dict[str, list[str]] = {}
        for code, values in rule.when.asks():
            picked.setdefault(code, [values[0]])
        # An "any" may ask for two facts that exclude each other: try without each.
        tries = [picked] + [{k: v for k, v in picked.items() if k != drop} for drop in picked]
        parents = {"exposed": {"threats": ["doxing"]}, "clicked": {"threats": ["phishing"]},
                   "device-use": {"threats": ["spyware"]}, "seen-by": {"threats": ["stalkerware"]},
                   "they-know": {"target": ["someone-else"]}}
        reached = False
        for attempt in tries:
            raw = dict(attempt)
            for code in attempt:
                for parent, values in parents.get(code, {}).items():
                    raw[parent] = list(dict.fromkeys([*raw.get(parent, []), *values]))
            clean = REPORT.check(raw).answers
            reached |= rule.code in [reason.code for reason in urgency(clean).reasons]
        assert reached, rule.code


def test_rules_ask_only_what_the_questionnaire_offers() -> None:
    for rule in load().rules:
        for code, values in rule.when.asks():
            if code == "finding-level":
                assert set(values) <= {level.value for level in Level}
                continue
            question = REPORT.question(code)
            assert question is not None, rule.code
            assert all(question.option(value) for value in values), rule.code
    assert all(REPORT.question(code) for code in load().safety)


def test_rule_codes_are_unique_dated_and_short() -> None:
    rules = load()
    codes = [rule.code for rule in rules.rules]
    assert len(codes) == len(set(codes))
    assert rules.source and rules.checked_on and rules.reviewed_by == ""
    assert all(len(text) <= 70 for text in all_texts())
    assert all(rule.why in WHY for rule in rules.rules)


def test_grounds_and_gender_never_enter() -> None:
    asked = {fact for rule in load().rules for fact in rule.facts}
    assert not asked & {"grounds", "answered-by", "activity", "nexus"}


def test_conditions_are_positive_so_that_silence_cannot_help() -> None:
    def plain(condition) -> bool:
        return condition.none is None and all(plain(part) for part in (*condition.every, *condition.some))

    assert all(plain(rule.when) for rule in load().rules)


def test_findings_raise_and_say_that_they_are_to_be_confirmed() -> None:
    assert urgency(CALM, [finding(Level.HIGH)]).level.value == "P1"
    assert "to be confirmed" in urgency(CALM, [finding(Level.HIGH)]).reason
    assert urgency(CALM, [finding(Level.MEDIUM)]).level.value == "P2"
    assert urgency(CALM, [finding(Level.LOW), finding(Level.INFO)]).level.value == "P3"


def test_silence_is_uncertain_and_says_what_would_change_it() -> None:
    nothing = urgency({})
    assert nothing.uncertain and "Danger right now" in nothing.would_change
    calm = urgency({**CALM, "threats": ["censorship"], "target": ["organisation"], "before": ["first"],
                    "ongoing": ["no"], "dependants": ["no"], "under-18": ["no"], "nexus": ["yes"]})
    assert not calm.uncertain and calm.would_change == ()
    assert urgency({**CALM, "dated-threat": ["unsure"]}).uncertain


def test_the_highest_level_has_nothing_above_it() -> None:
    assert urgency({"danger": ["yes"]}).would_change == ()


def test_reasons_name_the_answers_they_rest_on() -> None:
    found = urgency({"threats": ["doxing"], "exposed": ["home"], "dated-threat": ["yes"]})
    assert set(found.reasons[0].facts) == {"exposed", "dated-threat"}


# --- only a refuted fact lowers ------------------------------------------------------------------------------

ACT_NOW = {**CALM, "home-known": ["yes"], "dated-threat": ["yes"]}


def test_a_withdrawn_or_changed_answer_never_lowers() -> None:
    before = urgency(ACT_NOW)
    assert before.level.value == "P0"
    for answers in ({}, {**ACT_NOW, "home-known": ["no"]}, {k: v for k, v in ACT_NOW.items() if k != "dated-threat"}):
        after = urgency(answers, before=before)
        assert (after.level.value, after.why, after.reasons[0].code) == ("P0", "life", "home-dated")
        assert urgency({}, before=after).level.value == "P0"  # and so on, however often


def test_a_refuted_fact_lowers_when_a_person_says_why() -> None:
    before = urgency(ACT_NOW)
    no = Refuted("dated-threat", uuid4(), "The date was of a film.")
    after = urgency(ACT_NOW, before=before, refuted=[no])
    assert after.level.value == "P2" and "home-dated" not in [reason.code for reason in after.reasons]
    with pytest.raises(RefutationRefused):
        Refuted("dated-threat", uuid4(), "  ")


def test_refuting_one_fact_leaves_the_reasons_that_do_not_rest_on_it() -> None:
    before = urgency({"danger": ["yes"], **{k: v for k, v in ACT_NOW.items() if k != "danger"}})
    after = urgency({}, before=before, refuted=[Refuted("home-known", uuid4(), "They meant another house.")])
    assert after.level.value == "P0" and after.reasons[0].code == "danger-now"
    assert "home-dated" not in [reason.code for reason in after.reasons]


answers = st.fixed_dictionaries({}, optional={
    question.code: st.lists(st.sampled_from([option.code for option in question.options]), min_size=1, max_size=3)
    for question in REPORT.questions if question.options
})


@given(answers, st.data())
@settings(max_examples=300)
def test_removing_answers_never_lowers(given_answers, data) -> None:
    before = urgency(given_answers)
    kept = {code: values for code, values in given_answers.items() if data.draw(st.booleans())}
    after = urgency(kept, before=before)
    assert PRIORITIES.index(after.level) <= PRIORITIES.index(before.level)
    assert WHY.index(after.why) <= WHY.index(before.why)


@given(answers, st.sampled_from(load().safety))
@settings(max_examples=200)
def test_skipping_a_safety_question_is_uncertain_and_never_p3(given_answers, code) -> None:
    given_answers.pop(code, None)
    found = urgency(given_answers)
    if code in {question.code for question in REPORT.visible(given_answers)}:
        assert found.uncertain and found.level.value != "P3"


@given(answers)
@settings(max_examples=200)
def test_reasons_stand_in_order_and_no_number_is_given(given_answers) -> None:
    found = urgency(given_answers)
    by_code = {rule.code: rule for rule in (*load().rules, load().silence, load().nothing)}
    told = [by_code[reason.code] for reason in found.reasons]
    assert [(WHY.index(rule.why), rule.level) for rule in told] == sorted((WHY.index(r.why), r.level) for r in told)
    assert found.why == told[0].why and found.level == min(rule.level for rule in told)
    assert not any(character.isdigit() for reason in found.reasons for character in reason.says.replace("18", ""))
