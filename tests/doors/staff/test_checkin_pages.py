"""Check-ins through the browser a colleague has: tried and switched on, opened once it rings, ended with a reason."""

import datetime as dt
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from amparo.desk import checkins, clock, returning, rota, site, waking
from amparo.desk.records import CheckIn
from tests.doors.seeded import TOKEN, Desk

pytestmark = pytest.mark.django_db
FORM = {
    "in": "5", "every": "0", "days": "1", "grace": "30", "who-1": "Amal, her sister", "how-1": "+999 5550 101",
    "say-1": "That she is late.", "never-1": "Where she was.", "otherwise": "Go to the meeting place.", "word": "",
}


@pytest.fixture
def handler(seeded_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Somebody is on duty for three days, from now; the files of the desk are as before afterwards."""
    folder = site.folder() / "pinged"
    before = set(folder.glob("*")) if folder.exists() else set()
    with transaction.atomic():
        lead = seeded_desk.staff["lead:granted"]
        monkeypatch.setattr("amparo.desk.pinged_at.ways", lambda: ("mail",))
        monkeypatch.setattr("amparo.desk.pinged_at.reachable", lambda who: True)
        start = clock.now().replace(minute=0, second=0, microsecond=0, tzinfo=None)
        rota.plan(staff=lead, who=lead.id, place="first", start=start, end=start + dt.timedelta(hours=24), zone=dt.UTC,
                  days=3)
        yield seeded_desk.client("handler:granted")
        transaction.set_rollback(True)
    assert (set(folder.glob("*")) if folder.exists() else set()) == before


def place(desk: Desk) -> str:
    return f"/staff/case/{desk.case}/check-ins/"


def send(client: Client, desk: Desk, go: str, follow: bool = True, **typed: Any) -> str:
    token = TOKEN.search(client.get(place(desk)).content.decode())
    assert token
    answer = client.post(place(desk), {"csrfmiddlewaretoken": token[1], "go": go, **typed}, follow=follow)
    return unescape(answer.content.decode())


def test_made_with_the_person_then_missed_then_worked_through(handler: Client, seeded_desk: Desk) -> None:
    page = send(handler, seeded_desk, "try", **FORM)
    assert "What would happen" in page and "Amal, her sister" in page and not CheckIn.objects.exists()
    assert "The person has not agreed yet" in send(handler, seeded_desk, "on", **FORM)
    assert "It is switched on" in send(handler, seeded_desk, "on", agree="yes", **FORM)
    page = unescape(handler.get(place(seeded_desk)).content.decode())
    assert "A plan is running" in page and "Amal" not in page
    assert "No alarm of this plan is open" in send(handler, seeded_desk, "open")
    row = CheckIn.objects.get()
    row.due_at = clock.now() - dt.timedelta(minutes=1)
    checkins._keep(row, False)
    assert checkins.ring_missed() == 1
    alarms = handler.get("/staff/alarms/").content.decode()
    assert place(seeded_desk) in alarms, "the alarm leads to the protocol"
    page = unescape(handler.get(place(seeded_desk)).content.decode())
    assert "A check-in was missed" in page and "Amal" not in page, "not before it is opened"
    page = send(handler, seeded_desk, "open")
    assert page.index("Amal, her sister") < page.index("Where she was.") < page.index("Go to the meeting place.")
    page = send(handler, seeded_desk, "note", step="0", outcome="No answer, tried twice.")
    assert "No answer, tried twice." in page
    assert "There is no outcome" in send(handler, seeded_desk, "note", step="0", outcome=" ")
    page = send(handler, seeded_desk, "close-all", why=" ")
    assert "There is no reason yet" in page and "Amal" in page
    page = send(handler, seeded_desk, "close-all", why="She called: her phone was empty.")
    assert "the protocol is closed" in page and "Amal" not in page
    assert "her phone was empty" in page and not CheckIn.objects.exists()
    assert all(one.acknowledged_at for one in waking.alarms(seeded_desk.staff["handler:granted"])
               if one.kind == "check-in")


def test_a_wrong_plan_is_shown_again_with_its_error(handler: Client, seeded_desk: Desk) -> None:
    page = send(handler, seeded_desk, "try", **{**FORM, "how-1": ""})
    assert "It is not said how this person is reached." in page and 'href="#how-1"' in page
    assert 'value="Amal, her sister"' in page
    page = send(handler, seeded_desk, "try", **{**FORM, "in": "100"})
    assert "Nobody is awake at this desk" in page


def test_asked_for_help_is_told_apart_and_other_colleagues_see_nothing(handler: Client, seeded_desk: Desk) -> None:
    send(handler, seeded_desk, "on", agree="yes", **{**FORM, "word": "blue umbrella"})
    access = returning.open_receipt(" ".join(seeded_desk.receipt))
    standing = checkins.of_reporter(access)
    assert standing and standing.due
    checkins.press(access, "well", due=standing.due.isoformat(), word="blue umbrella")
    page = send(handler, seeded_desk, "open")
    assert "The person asks for help" in page and "typed the word that means" in page and "blue umbrella" not in page
    assert seeded_desk.client("handler:none").get(place(seeded_desk)).status_code == 404


def test_without_a_rota_it_cannot_be_made(seeded_desk: Desk) -> None:
    page = unescape(seeded_desk.client("handler:granted").get(place(seeded_desk)).content.decode())
    assert "Check-ins cannot be switched on" in page and "<textarea" not in page
