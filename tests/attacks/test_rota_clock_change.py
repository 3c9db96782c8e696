"""The clocks change in the middle of a turn: no hour without anybody, no turn on a wrong hour, and it is told."""

import datetime as dt
import zoneinfo

import pytest

from amparo.desk import rota
from amparo.desk.records import Turn
from tests.desk import conftest as given
from tests.desk import nights, people

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk
MADRID = zoneinfo.ZoneInfo("Europe/Madrid")  # 28 March 2027, 02:00 -> 03:00; 31 October 2027, 03:00 -> 02:00
FORWARD, BACK = dt.datetime(2027, 3, 28), dt.datetime(2027, 10, 31)


def plan(desk: people.Desk, start: dt.datetime, end: dt.datetime, weeks: int = 1) -> rota.Planned:
    return rota.plan(staff=desk.lead, who=desk.team["Wren"].id, place="first", start=start, end=end, zone=MADRID,
                     weeks=weeks)


@pytest.fixture(autouse=True)
def winter(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    nights.Clock(monkeypatch)


def test_hours_on_the_wall_stay_the_same_over_the_change(desk: people.Desk) -> None:
    start = dt.datetime(2027, 3, 21, 8)
    plan(desk, start, start + dt.timedelta(hours=4), weeks=2)
    walls = [one.starts_at.astimezone(MADRID).strftime("%d %H:%M") for one in Turn.objects.order_by("starts_at")]
    assert walls == ["21 08:00", "28 08:00"]
    assert [one.starts_at.hour for one in Turn.objects.order_by("starts_at")] == [7, 6]  # in UTC


@pytest.mark.parametrize(("day", "kind", "hours"), [(FORWARD, "shorter", 7), (BACK, "longer", 9)])
def test_a_turn_over_the_change_is_told_to_be_longer_or_shorter(
    desk: people.Desk, day: dt.datetime, kind: str, hours: int
) -> None:
    made = plan(desk, day - dt.timedelta(hours=2), day + dt.timedelta(hours=6))
    row = Turn.objects.get()
    assert [one.kind for one in made.changes] == [kind] and row.ends_at - row.starts_at == dt.timedelta(hours=hours)


@pytest.mark.parametrize(("day", "hour", "minute"), [
    (FORWARD, 2, 0), (FORWARD, 2, 30), (FORWARD, 3, 0), (BACK, 2, 0), (BACK, 2, 30), (BACK, 3, 0),
])
def test_turns_that_meet_at_an_hour_that_is_missing_or_doubled_leave_no_gap(
    desk: people.Desk, day: dt.datetime, hour: int, minute: int
) -> None:
    meet = day + dt.timedelta(hours=hour, minutes=minute)
    plan(desk, day - dt.timedelta(hours=2), meet)
    plan(desk, meet, day + dt.timedelta(hours=8))
    first, second = Turn.objects.order_by("starts_at")
    assert first.ends_at == second.starts_at and first.starts_at < first.ends_at < second.ends_at
    found = rota.load(first.starts_at, second.ends_at).troubles
    assert [one.kind for one in found] == ["alone"]


def test_a_turn_within_the_missing_hour_alone_is_no_turn(desk: people.Desk) -> None:
    plan(desk, FORWARD + dt.timedelta(hours=1, minutes=30), FORWARD + dt.timedelta(hours=2, minutes=30))
    row = Turn.objects.get()
    assert row.ends_at - row.starts_at == dt.timedelta(hours=1)  # 01:30 to 03:30 on the wall: an hour
