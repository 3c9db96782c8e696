"""The meter of what one looked at, and a colleague who looks instead."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import transaction

from amparo import seal
from amparo.desk import assigning, custody, duties, handing, swapping
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotAllowedHere, NotFound
from amparo.desk.payloads import Exclusion
from tests.desk import nights, people

ME, CASE, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def act(
    at: float, action: str = "viewed", detail: tuple[str, ...] = ("clear",), case: UUID = CASE
) -> seal.CustodyEntry:
    return seal.CustodyEntry(action, case, None, "staff", ME, int(nights.NIGHT.timestamp() + at), None, None, detail)


def test_a_look_lasts_until_the_next_act_and_three_minutes_at_most() -> None:
    acts = [act(0), act(40, "viewed", ("copy",)), act(100), act(1_000, case=OTHER), act(1_060, "triaged", ())]
    found = swapping.seconds_of(reversed(acts), nights.NIGHT + dt.timedelta(seconds=2_000))
    assert found == [(CASE, 40.0), (CASE, 180.0), (OTHER, 60.0)]
    assert swapping.seconds_of([act(0)], nights.NIGHT + dt.timedelta(seconds=30)) == [(CASE, 30.0)]


def look(staff: OpenStaff, case: UUID) -> None:
    with transaction.atomic():
        custody.record(custody.entry("viewed", case=case, actor_kind="staff", actor=staff.id, detail=("clear",)))


def test_the_meter_counts_mine_alone_and_names_who_could_look_instead(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = nights.Clock(monkeypatch)
    people.report("one", danger=["no"], excluded=Exclusion(pseudonyms=("Swift",)))
    wren, case = desk.team["Wren"], nights.case_of(desk)
    for _ in range(2):
        look(wren, case)
        clock.at += dt.timedelta(minutes=2)
    seen = handing.exposure(wren)
    assert (seen.pictures, seen.minutes) == (2, 4)
    assert [(one.case, one.pictures, one.minutes, one.colleagues) for one in seen.cases] == [
        (case, 2, 4, ((desk.lead.id, "Heron"),))]
    nobodys = handing.exposure(desk.lead)
    assert (nobodys.pictures, nobodys.minutes, nobodys.cases) == (0, 0, ())
    clock.at += dt.timedelta(days=8)
    assert handing.exposure(wren).pictures == 0


def test_a_swap_gives_the_task_and_the_case_where_it_is_mine(desk: people.Desk) -> None:
    people.report("one", danger=["no"])
    wren, swift, case = desk.team["Wren"], desk.team["Swift"], nights.case_of(desk)
    assigning.take(staff=wren, case_id=case)
    swapping.swap(staff=wren, case_id=case, to=swift.id, text="Please look in my place.")
    assert [(one.case, one.duty.text) for one in duties.mine(swift)] == [(case, "Please look in my place.")]
    with pytest.raises(assigning.HasIt):
        assigning.take(staff=wren, case_id=case)
    swapping.swap(staff=wren, case_id=case, to=desk.lead.id, text="Please look, too.")
    with pytest.raises(assigning.HasIt, match="Swift"):  # it was not mine any more: it stays where it is
        assigning.take(staff=wren, case_id=case)


def test_nobody_whom_the_reporter_left_out_is_asked_to_look(desk: people.Desk) -> None:
    people.report("one", danger=["no"], excluded=Exclusion(pseudonyms=("Swift",)))
    wren, swift, case = desk.team["Wren"], desk.team["Swift"], nights.case_of(desk)
    with pytest.raises(NotAllowedHere):
        swapping.swap(staff=wren, case_id=case, to=swift.id, text="Please look.")
    with pytest.raises(NotFound):
        swapping.swap(staff=swift, case_id=case, to=wren.id, text="Please look.")
    assert duties.mine(wren) == ()
