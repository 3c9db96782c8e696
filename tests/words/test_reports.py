"""From answers to a report: consents off, minors protected, devices sealed until their user agrees."""

from uuid import uuid4

import pytest

from amparo.words import consents, kinds, risk, why
from amparo.words.codes import UnknownCode
from amparo.words.evidence import SealedResult
from amparo.words.people import Nexus, Peaceful
from amparo.words.reports import Report, device_consent, from_answers, is_minor, minor_possible, sees_again
from amparo.words.steps import STAGES
from amparo.words.times import Precision


def test_a_report_may_carry_a_result_made_elsewhere_and_no_raw_evidence() -> None:
    result = SealedResult(payload=b"{}", media_type="application/json", made_by="another desk")
    report = Report(id=uuid4(), result=result)
    assert report.evidence == () and report.result is result and result.signature == b""


def test_unknown_codes_never_enter_a_report() -> None:
    for field in ("threats", "acts", "rights", "targets", "grounds"):
        with pytest.raises(UnknownCode):
            Report(id=uuid4(), **{field: ("no-such-code",)})


def test_answers_become_a_report() -> None:
    report = from_answers(uuid4(), {
        "what-happened": ["They came again."], "threats": ["doxing", "offline-attack"],
        "target": ["me", "organisation"],
        "when": ["2024-03"], "channels": ["social", "home-work"], "platform": ["birdhouse"], "nexus": ["likely"],
        "activity": ["land"], "peaceful": ["yes"], "grounds": ["indigenous"], "perpetrator": ["company"],
        "perpetrator-why": ["Their car."],
    }, language="es", consents=["grounds"])
    assert report.venue == "both" and report.targets == ("person", "organisation")
    assert report.when is not None and report.when.precision is Precision.MONTH
    assert {channel.platform for channel in report.channels} == {"birdhouse"}
    assert report.defender is not None
    assert (report.defender.nexus, report.defender.peaceful) == (Nexus.LIKELY, Peaceful.YES)
    assert (report.perpetrator.kind, report.perpetrator.reason) == ("company", "Their car.")
    assert report.grounds == ("indigenous",) and report.origin.claim == "unattributed"


def test_grounds_without_their_consent_and_a_culprit_without_reason_are_not_taken_over() -> None:
    report = from_answers(uuid4(), {"grounds": ["age"], "perpetrator": ["near"]}, consents=["statistics"])
    assert report.grounds == () and report.perpetrator.kind == "unknown"


@pytest.mark.parametrize("target", [["civic-space"], ["organisation"], ["organisation", "civic-space"]])
def test_civic_space_and_organisations_need_no_invented_person(target) -> None:
    assert from_answers(uuid4(), {"target": target}).defender is None


def test_venue_is_not_guessed() -> None:
    assert from_answers(uuid4(), {"channels": ["other"]}).venue is None
    assert from_answers(uuid4(), {"channels": ["call"]}).venue == "offline"


@pytest.mark.parametrize(("answers", "agreed"), [
    ({}, False),
    ({"device-agrees": ["yes"]}, False),
    ({"device-owner": ["me"]}, True),
    ({"device-owner": ["work"]}, True),
    ({"device-owner": ["shared"]}, False),
    ({"device-owner": ["shared"], "device-agrees": ["yes"]}, True),
    ({"device-owner": ["someone-else"], "device-agrees": ["unsure"]}, False),
    ({"device-owner": ["someone-else"], "device-agrees": ["no"]}, False),
])
def test_device_consent(answers, agreed) -> None:
    assert device_consent(answers) is agreed


def test_minors() -> None:
    assert is_minor({"under-18": ["yes"]}) and not is_minor({"under-18": ["unsure"]}) and not is_minor({})
    assert minor_possible({"under-18": ["unsure"]})
    asked = ["publish-story", "un-confidential", "un-public-name"]
    report = from_answers(uuid4(), {"under-18": ["yes"]}, consents=asked)
    assert report.minor and report.consents == ("un-confidential",)


def test_only_a_plain_yes_shows_the_report_again() -> None:
    assert sees_again({"see-again": ["yes"]})
    assert not any(sees_again(answers) for answers in ({}, {"see-again": ["no"]}, {"see-again": ["yes", "no"]}))


# --- consents, kinds, order of the queue ---------------------------------------------------------------------

def test_consents_are_all_off_and_complete() -> None:
    assert set(consents.CODES) == {
        "examine", "keep-for-court", "share-indicators", "statistics", "mechanisms", "platform-notices",
        "un-confidential", "un-public-name", "diplomatic", "publish-story", "grounds", "contact-again",
    }
    assert consents.given(()) == ()
    assert not any(consents.covers((), code) for code in consents.CODES)
    assert all(purpose.says and purpose.help for purpose in consents.PURPOSES)


def test_consents_that_are_forged_or_lack_their_ground_give_nothing() -> None:
    assert consents.given(["everything", "un-public-name"]) == ()
    assert consents.given(["un-public-name", "un-confidential"]) == ("un-confidential", "un-public-name")
    assert consents.covers(["everything"], "everything") is False


def test_minors_are_never_asked_about_publication() -> None:
    offered = {purpose.code for purpose in consents.offered(minor=True)}
    assert set(consents.CODES) - offered == {"un-public-name", "publish-story"}
    assert consents.given(["publish-story", "statistics"], minor=True) == ("statistics",)


def test_kinds_are_the_ones_bound_into_seals() -> None:
    assert set(kinds.KINDS) == {
        "opening", "answers", "consent", "file", "message", "note", "finding", "exam", "decision", "state", "result",
        "device-consent", "event", "preview", "withdrawal", "taken-down", "unclaimed", "imported", "conversation",
        "identity", "vetting", "delegate", "triage", "assignment", "task", "hand-over", "wave", "twin", "mask",
        "request", "conflict", "statement", "assessment",
        "walk", "agreement", "check-in",
    } == set(kinds.MEANS)
    assert all(len(kind) <= 16 for kind in kinds.KINDS)  # the column that holds them


def test_order_of_the_queue() -> None:
    assert why.WHY == ("life", "time-bound", "spreading", "skill", "rest") == tuple(why.WHY_TEXTS)
    assert why.rank("life") < why.rank("rest") and why.rank("no-such") == 0
    assert [p.value for p in risk.PRIORITIES] == ["P0", "P1", "P2", "P3"] == list(risk.PRIORITY_TEXTS)
    assert STAGES == ("safety", "stop", "evidence", "fix", "prevent")
