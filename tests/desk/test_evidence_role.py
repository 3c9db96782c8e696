"""The role "evidence": added to a case by hand, sees its files and nothing that was told."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from amparo.desk import casework, directory, evidence_only, membership, reading
from amparo.desk.errors import DeskError, NotAllowedHere, NotFound
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case, Grant, Item
from tests.desk import people as made
from tests.doors.test_who_may import VIEWS

STORY, NOTE = "They wait at my gate.", "She sleeps at her sister's."


@pytest.fixture
def case(desk: made.Desk) -> UUID:
    made.report(STORY, files=(("photo of the gate.txt", b"evidence"),))
    made.join(desk, "Loupe", role="evidence")
    one = Case.objects.get().id
    casework.note(staff=desk.lead, case_id=one, text=NOTE)
    casework.reply(staff=desk.lead, case_id=one, text="Stay inside tonight.")
    return one


def add(desk: made.Desk, case: UUID) -> None:
    casework.add_colleague(staff=desk.team["Wren"], case_id=case, colleague=desk.team["Loupe"].id)


def browser(desk: made.Desk) -> Client:
    client = Client()
    client.post("/staff/in/", {"login": "login of Loupe", "password": made.PASSWORD})
    client.post("/staff/in/code/", {"code": desk.factors["Loupe"].recovery_codes[0]})
    return client


def test_no_report_is_sealed_to_the_role_by_itself(desk: made.Desk, case: UUID) -> None:
    made.report("another")
    assert not Grant.objects.filter(staff_id=desk.team["Loupe"].id).exists()
    assert "Loupe" not in {one.pseudonym for one in directory.case_people()}
    assert "Loupe" in {one.pseudonym for one in reading.case_page(desk.lead, case).addable}
    assert evidence_only.cases_with_evidence(desk.team["Loupe"]) == ()
    with pytest.raises(NotFound):
        evidence_only.evidence_page(desk.team["Loupe"], case)


def test_added_they_see_files_findings_and_custody_and_no_word_that_was_told(desk: made.Desk, case: UUID) -> None:
    add(desk, case)
    loupe = desk.team["Loupe"]
    assert evidence_only.cases_with_evidence(loupe) == ((case, 1),)
    page = evidence_only.evidence_page(loupe, case)
    assert [one.name for one in page.evidence] == ["photo of the gate.txt"]
    assert {"collected", "granted"} <= {line.entry.action for line in page.log}
    assert STORY not in repr(page) and NOTE not in repr(page) and "Stay inside" not in repr(page)
    for attempt in (
        lambda: reading.case_page(loupe, case), lambda: casework.note(staff=loupe, case_id=case, text="x"),
        lambda: reading.original(loupe, case, page.evidence[0].item),
        lambda: casework.add_colleague(staff=loupe, case_id=case, colleague=desk.team["Swift"].id),
    ):
        with pytest.raises(NotAllowedHere):
            attempt()


def test_of_all_addresses_of_a_case_one_opens(desk: made.Desk, case: UUID) -> None:
    add(desk, case)
    client = browser(desk)
    listed = client.get("/staff/", follow=True)
    assert listed.status_code == 403  # the queue is not theirs; signing in leads to their own first page
    files = client.get("/staff/files/").content.decode()
    assert f"/staff/case/{case}/files/" in files
    page = client.get(f"/staff/case/{case}/files/").content.decode()
    assert "photo of the gate.txt" in page
    samples = {"case": case, "item": Item.objects.get(kind="file").id, "colleague": desk.team["Swift"].id}
    tried = 0
    for view, pattern in VIEWS.items():
        if not view.startswith("staff:") or "<uuid:case>" not in str(pattern.pattern) or view == "staff:case-files":
            continue
        where = reverse(view, kwargs={name: samples.get(name, UUID(int=1) if "UUID" in type(kind).__name__ else 1)
                                      for name, kind in pattern.pattern.converters.items()})
        assert client.get(where).status_code == 403 and client.post(where).status_code == 403, view
        tried += 1
    assert tried > 15
    assert STORY not in page and NOTE not in page and "Stay inside" not in page


def test_exclusions_hold_for_the_role(desk: made.Desk) -> None:
    made.report(STORY, excluded=Exclusion(roles=("evidence",)))
    made.join(desk, "Loupe", role="evidence")
    case = Case.objects.get().id
    with pytest.raises(membership.Excluded):
        add(desk, case)
    assert "Loupe" not in {one.pseudonym for one in reading.case_page(desk.lead, case).addable}


def test_a_case_is_not_left_to_somebody_who_cannot_read_the_report(desk: made.Desk, case: UUID) -> None:
    add(desk, case)
    for name in ("Wren", "Swift"):
        casework.remove_colleague(staff=desk.lead, case_id=case, colleague=desk.team[name].id)
    with pytest.raises(DeskError, match="Nobody would be left"):
        casework.remove_colleague(staff=desk.lead, case_id=case, colleague=desk.lead.id)
    assert "Loupe" in {one.pseudonym for one in reading.case_page(desk.lead, case).members}
    assert evidence_only.evidence_page(desk.team["Loupe"], case).evidence  # through two re-keys
