"""Forged questionnaire answers: a client that sends what no page of ours would send."""

import json
import time

import pytest

from amparo.words.questionnaires import MAX_TEXT, load

REPORT = load("report")


def test_answers_for_pages_that_were_never_shown_are_dropped() -> None:
    forged = {"device-agrees": ["yes"], "exposed": ["home"], "clicked": ["yes"], "trusted-adult": ["yes"],
              "perpetrator-why": ["I invent a reason"], "group-agrees": ["all"]}
    assert REPORT.check(forged).answers == {}


def test_a_device_consent_cannot_be_forged_without_its_question() -> None:
    from amparo.words.reports import device_consent

    clean = REPORT.check({"threats": ["smear"], "device-owner": ["shared"], "device-agrees": ["yes"]}).answers
    assert not device_consent(clean)


def test_invented_questions_leave_no_trace() -> None:
    forged = {"__proto__": ["x"], "csrfmiddlewaretoken": ["x"], "grounds.0": ["x"], "": ["x"], "role": ["lead"]}
    assert REPORT.check(forged).answers == {}


@pytest.mark.parametrize("value", ["<script>", "yes\x00", "YES", " yes", "yes ", "', ''", "１", "oui"])
def test_options_are_compared_exactly(value: str) -> None:
    checked = REPORT.check({"danger": [value]})
    assert checked.answers == {} and [problem.code for problem in checked.problems] == ["option"]


def test_contradictory_and_doubled_choices_are_named_not_guessed() -> None:
    checked = REPORT.check({"danger": ["yes", "no"], "soon": ["none", "detention"], "see-again": ["no", "yes"]})
    assert checked.answers == {} and {problem.code for problem in checked.problems} == {"one-only", "alone"}


def test_one_value_more_than_the_text_may_hold_keeps_every_other_answer() -> None:
    checked = REPORT.check({"what-happened": ["x" * (MAX_TEXT + 1)], "want-not": ["nothing public"]})
    assert checked.answers == {"want-not": ["nothing public"]}
    assert [problem.code for problem in checked.problems] == ["too-long"]


def test_a_flood_of_values_costs_no_more_than_reading_it() -> None:
    flood = {code: [f"value {n}" for n in range(20_000)] for code in ("threats", "danger", "files", "what-happened")}
    started = time.process_time()
    checked = REPORT.check(flood)
    assert checked.answers == {} and len(checked.problems) == 4
    assert time.process_time() - started < 2


def test_text_that_no_encoding_carries_is_kept_readable() -> None:
    answers = REPORT.check({"what-happened": ["half a sign \udcff and \x00 nothing"]}).answers
    assert json.dumps(answers).encode("utf-8", "strict")
    assert "half a sign" in answers["what-happened"][0] and "\x00" not in answers["what-happened"][0]


@pytest.mark.parametrize("text", ["\u202egnp.exe", "\u2066\u2067\u2069", "a\u0301\u0300" * 50])
def test_text_that_turns_the_direction_is_evidence_and_stays(text: str) -> None:
    assert REPORT.check({"what-happened": [text]}).answers == {"what-happened": [text]}


@pytest.mark.parametrize("value", [
    "not-a-uuid", "../../../etc/passwd", "{12345678-1234-5678-1234-567812345678",
    "12345678-1234-5678-1234-56781234567g", "urn:uuid:12345678-1234-5678-1234-567812345678",
])
def test_a_file_that_is_not_ours_is_refused(value: str) -> None:
    assert [problem.code for problem in REPORT.check({"files": [value]}).problems] == ["file"]
