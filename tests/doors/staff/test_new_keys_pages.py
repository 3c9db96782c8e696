"""New keys on the pages: what is told before, who is told that cases wait, and the one press that gives them back."""

from uuid import UUID

import pytest
from django.test import Client

from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case
from amparo.doors.staff import labels
from tests.attacks.test_at_the_border import enter
from tests.attacks.test_insider_with_the_database import granted
from tests.desk import conftest as given
from tests.desk import people as made
from tests.desk.test_new_keys import reset, sign

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


def lead_of(desk: made.Desk) -> Client:
    client = Client()
    client.post("/staff/in/", {"login": "lead-login-name", "password": made.PASSWORD})
    client.post("/staff/in/code/", {"code": desk.founded.set_up.recovery_codes[0]})
    return client


@pytest.fixture
def hers(desk: made.Desk) -> UUID:
    made.report("About the lead.", excluded=Exclusion(roles=("lead",)))
    return Case.objects.get().id


def test_a_reader_in_session_is_told_and_gives_back_with_one_press(desk: made.Desk, hers: UUID) -> None:
    swift = enter(desk, "Swift")  # signed in before: nothing happens by itself any more
    _, wren = sign(desk, reset(desk))
    code = labels.case_code(hers)
    queue = swift.get("/staff/").content.decode()
    assert "waiting for cases that you read: Wren" in queue and 'href="/staff/back/"' in queue
    page = swift.get("/staff/back/").content.decode()
    assert "Give these back to Wren" in page and code in page
    lead = lead_of(desk)
    assert "Give these back" not in lead.get("/staff/back/").content.decode(), "who cannot give is not asked"
    assert "0 cases are back." in lead.post("/staff/back/", {"give": str(wren.id)}).content.decode()
    assert not granted(wren, hers)
    assert "1 case is back." in swift.post("/staff/back/", {"give": str(wren.id)}).content.decode()
    assert granted(wren, hers)
    assert "waiting for cases" not in swift.get("/staff/").content.decode()


def test_she_is_told_how_many_wait_and_the_lead_when_signing(desk: made.Desk, hers: UUID) -> None:
    session = reset(desk)
    lead = lead_of(desk)
    wren = desk.team["Wren"].id
    page = lead.get(f"/staff/people/{wren}/sign/").content.decode()
    fingerprint = page.split('name="fingerprint" value="')[1].split('"')[0]
    after = lead.post(f"/staff/people/{wren}/sign/", {"fingerprint": fingerprint, "compared": "yes"},
                      follow=True).content.decode()
    assert "1 case still waits for a colleague who reads it" in after
    client = Client()
    made.again(session)
    client.cookies["s"] = session.session_key
    assert "1 case of yours waits until" in client.get("/staff/").content.decode()


def test_it_is_told_before_who_gives_what_back_and_what_is_lost(desk: made.Desk, hers: UUID) -> None:
    made.report("For Wren alone.", excluded=Exclusion(roles=("lead",), pseudonyms=("Swift",)))
    alone = Case.objects.exclude(id=hers).get().id
    page = lead_of(desk).get(f"/staff/people/{desk.team['Wren'].id}/new-keys/").content.decode()
    assert "1 case: <bdi>Swift</bdi>" in page
    assert labels.case_code(alone) in page and labels.case_code(hers) not in page
    assert "closed to this desk for good" in page
