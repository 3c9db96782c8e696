"""The list of what will be erased, the line above the queue, a lead's veto, and the clock that jumped."""

import datetime as dt
import re
import struct

import pytest
from django.test import Client

from amparo.desk import clock, configuration, retaining, shredding
from amparo.desk.records import Case, Setting
from amparo.doors.staff import labels
from tests.doors.seeded import Desk

pytestmark = pytest.mark.django_db
LIST = "/staff/erased/"


@pytest.fixture
def lead(seeded_desk: Desk) -> Client:
    return seeded_desk.client("lead:granted")


@pytest.fixture
def near(seeded_desk: Desk) -> Case:
    """The seeded case, ten days before its day, announced."""
    Case.objects.update(retention_on=clock.today() + dt.timedelta(days=10), opened_on=dt.date(2026, 1, 1))
    clock.look()
    retaining.announce()
    return Case.objects.get()


def shown(client: Client, place: str) -> str:
    answer = client.get(place)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_an_empty_list_says_when_cases_come_onto_it(lead: Client) -> None:
    page = shown(lead, LIST)
    assert "Nothing is near its day" in page and "from 30 days before their day" in page
    assert "erased between" not in shown(lead, "/staff/") and "is erased on" not in shown(lead, "/staff/")


def test_the_queue_says_what_is_erased_when_and_leads_to_the_list(lead: Client, near: Case) -> None:
    day = labels.day(clock.today() + dt.timedelta(days=14))  # the notice is longer than the ten days left
    assert f'<a href="{LIST}">1 case is erased on {day}; look before.</a>' in shown(lead, "/staff/")
    page = shown(lead, LIST)
    assert day in page and labels.case_code(near.id) in page and "Danger right now" in page
    assert "cannot be undone" in page and "it was to be kept this long" in page
    assert "waits in front of the door" not in page and "photo of the gate" not in page


def test_whoever_holds_no_key_sees_that_there_is_one_and_not_which(seeded_desk: Desk, near: Case) -> None:
    page = shown(seeded_desk.client("lead:none"), LIST)
    assert labels.case_code(near.id) not in page and str(near.id) not in page
    assert "One more case of this desk is near its day; you hold no key of it." in page


def test_the_page_says_whether_anybody_has_seen_it(lead: Client, near: Case) -> None:
    assert "Nobody who reads it had seen it here before you." in shown(lead, LIST)
    assert f"first saw it here on {labels.day(clock.today())}" in shown(lead, LIST)


def test_backups_are_promised_only_where_they_are_told(
    lead: Client, near: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "copies may exist in them" in shown(lead, LIST) and "Gone from backups by" not in shown(lead, LIST)
    told = configuration.parse(b"backup_days = 20")
    monkeypatch.setattr(configuration, "current", lambda: told)
    by = labels.day(clock.today() + dt.timedelta(days=34))
    assert f"Gone from backups by {by}." in shown(lead, LIST) and "copies may exist" not in shown(lead, LIST)


def test_a_lead_keeps_it_and_a_handler_is_offered_only_a_later_day(
    lead: Client, near: Case, seeded_desk: Desk
) -> None:
    place = f"/staff/case/{near.id}/keep/"
    handler = seeded_desk.client("handler:granted")
    assert place in shown(lead, LIST) and place not in shown(handler, LIST)
    assert f"/staff/case/{near.id}/#record" in shown(handler, LIST)
    until = clock.today() + dt.timedelta(days=25)
    version = re.search(r'name="version" value="(\d+)"', shown(lead, place))
    assert version
    refused = lead.post(place, {"day": "2020-01-01", "why": "The court asked.", "version": version[1]})
    assert refused.status_code == 400 and "This day has passed." in refused.content.decode()
    assert "The court asked." in refused.content.decode()
    done = lead.post(place, {"day": until.isoformat(), "why": "The court asked.", "version": version[1]})
    assert done.status_code == 302 and done["Location"] == LIST
    page = shown(lead, LIST)
    assert "The case is kept." in page and "kept by a lead until its day" in page
    case = shown(handler, f"/staff/case/{near.id}/")
    assert "Kept against erasing until" in case and "The court asked." in case
    earlier = {"day": (until - dt.timedelta(days=1)).isoformat(), "why": "no need"}
    answer = handler.post(f"/staff/case/{near.id}/retention/", earlier)
    assert answer.status_code == 400 and until.isoformat() in answer.content.decode()


def test_a_jump_is_told_with_the_two_days_and_ended_by_a_person(lead: Client, near: Case) -> None:
    before = dt.datetime(2026, 3, 1, tzinfo=dt.UTC).timestamp()
    landed = dt.datetime(2027, 4, 2, tzinfo=dt.UTC).timestamp()
    Setting.objects.create(name="clock-jump", value=struct.pack(">dd", before, landed))
    page = shown(lead, LIST)
    assert "It went from 1 March 2026 to 2 April 2027" in page and f"Yes, today is {labels.day(clock.today())}" in page
    assert "nothing is erased by its day until" in shown(lead, "/staff/")
    assert lead.post(f"{LIST}day/").status_code == 302
    assert clock.jumped() is None and "It went from" not in shown(lead, LIST)


def test_being_erased_is_said_until_it_is(
    lead: Client, seeded_desk: Desk, near: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Inside a test's transaction nothing can be checkpointed: just as with a long reader.
    assert not shredding.shred_case(near.id, actor_kind="desk", actor=None, reason="retention")
    code = labels.case_code(near.id)
    for place in (LIST, "/staff/"):
        assert code in shown(lead, place) and "being erased" in shown(lead, place)
        assert code not in shown(seeded_desk.client("lead:none"), place)
    monkeypatch.setattr(shredding, "finish", lambda: True)
    assert shredding.finish_case(near.id)
    assert code not in shown(lead, LIST) and code not in shown(lead, "/staff/")


def test_a_sleeping_tend_is_told(lead: Client, near: Case) -> None:
    assert "does not run" not in shown(lead, LIST)
    old = clock.now() - dt.timedelta(hours=3)
    Setting.objects.filter(name="last-seen").update(value=struct.pack(">d", old.timestamp()))
    assert "does not run" in shown(lead, LIST) and labels.moment(old) in shown(lead, LIST)
