"""The duty rota: turns in the lead's zone, gaps and doubles told, turns handed on, breaks."""

import datetime as dt
import zoneinfo

import pytest

from amparo.desk import letters, rota, tend
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotAllowedHere, NotFound
from amparo.desk.records import Turn
from tests.desk import nights, people

BOGOTA = zoneinfo.ZoneInfo("America/Bogota")
H = dt.timedelta(hours=1)


@pytest.fixture
def hand(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> nights.Clock:
    return nights.Clock(monkeypatch)


def plan(desk: people.Desk, who: OpenStaff, place: str, start: dt.datetime, hours: float, **more: int) -> rota.Planned:
    return rota.plan(staff=desk.lead, who=who.id, place=place, start=start.replace(tzinfo=None),
                     end=start.replace(tzinfo=None) + hours * H, zone=dt.UTC, **more)


def told(start: dt.datetime, hours: float) -> list[tuple[str, float, float]]:
    """(kind, from, to) of each trouble, in hours after `start`."""
    found = rota.load(start, start + hours * H).troubles
    return [(one.kind, (one.start - start) / H, (one.end - start) / H) for one in found]


def test_a_turn_in_the_leads_zone_is_kept_in_utc(desk: people.Desk, hand: nights.Clock) -> None:
    wren = desk.team["Wren"]
    rota.plan(staff=desk.lead, who=wren.id, place="first", start=dt.datetime(2027, 3, 4, 22),
              end=dt.datetime(2027, 3, 5, 6), zone=BOGOTA)
    row = Turn.objects.get()
    assert (row.starts_at, row.ends_at) == (
        dt.datetime(2027, 3, 5, 3, tzinfo=dt.UTC), dt.datetime(2027, 3, 5, 11, tzinfo=dt.UTC))


def test_days_in_a_row_and_weeks(desk: people.Desk, hand: nights.Clock) -> None:
    assert plan(desk, desk.team["Wren"], "first", nights.NIGHT, 8, days=5, weeks=3).turns == 15
    begins = [one.starts_at - nights.NIGHT for one in Turn.objects.order_by("starts_at")]
    assert begins == [dt.timedelta(weeks=week, days=day) for week in range(3) for day in range(5)]


def test_gaps_doubles_and_who_is_alone(desk: people.Desk, hand: nights.Clock) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    at = nights.NIGHT
    plan(desk, wren, "first", at, 4)
    plan(desk, swift, "second", at, 2)
    plan(desk, swift, "first", at + 6 * H, 4)
    plan(desk, wren, "first", at + 8 * H, 4)
    assert told(at, 24) == [("alone", 2, 4), ("nobody", 4, 6), ("alone", 6, 8), ("twice", 8, 10), ("alone", 10, 12)]


def test_one_person_in_both_places_is_alone(desk: people.Desk, hand: nights.Clock) -> None:
    for place in rota.PLACES:
        plan(desk, desk.team["Wren"], place, nights.NIGHT, 4)
    assert told(nights.NIGHT, 8) == [("alone", 0, 4)]


def test_a_break_makes_a_gap_that_names_who_is_away_and_leads_are_told(
    desk: people.Desk, hand: nights.Clock
) -> None:
    wren, at = desk.team["Wren"], nights.NIGHT
    plan(desk, wren, "first", at + H, 4)
    touched = rota.away(staff=wren, until=at + 3 * H, tell="Wren is away; look at the rota.")
    assert [one.staff_id for one in touched] == [wren.id]
    found = rota.load(at, at + 8 * H).troubles
    assert [(one.kind, one.away) for one in found if one.end <= at + 3 * H] == [("nobody", ()), ("nobody", (wren.id,))]
    assert rota.on_duty(at + 2 * H) == () and rota.on_duty(at + 3 * H) == (wren.id,)
    assert [one.text for one in letters.read(desk.lead, letters.HAND_OVER)] == ["Wren is away; look at the rota."]
    rota.back(staff=wren)
    assert rota.on_duty(at + 2 * H) == (wren.id,)


def test_a_break_without_a_turn_tells_nobody(desk: people.Desk, hand: nights.Clock) -> None:
    assert rota.away(staff=desk.team["Wren"], until=nights.NIGHT + H, tell="away") == ()
    assert letters.read(desk.lead, letters.HAND_OVER) == ()


def test_a_turn_is_handed_on_by_its_own_person_or_a_lead(desk: people.Desk, hand: nights.Clock) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    plan(desk, wren, "first", nights.NIGHT, 4)
    turn = Turn.objects.get().id
    with pytest.raises(NotFound):
        rota.hand(staff=swift, turn=turn, to=swift.id)
    rota.hand(staff=wren, turn=turn, to=swift.id)
    assert rota.on_duty(nights.NIGHT) == (swift.id,)
    rota.hand(staff=desk.lead, turn=turn, to=desk.lead.id)
    assert rota.on_duty(nights.NIGHT) == (desk.lead.id,)
    rota.drop(staff=desk.lead, turn=turn)
    assert rota.on_duty(nights.NIGHT) == ()


def test_who_left_or_was_locked_out_leaves_a_gap(desk: people.Desk, hand: nights.Clock) -> None:
    from amparo.desk import people as colleagues

    wren = desk.team["Wren"]
    plan(desk, wren, "first", nights.NIGHT, 4)
    colleagues.remove_staff(lead=desk.lead, staff_id=wren.id)
    assert rota.on_duty(nights.NIGHT) == () and told(nights.NIGHT, 8) == [("nobody", 0, 4)]


@pytest.mark.parametrize(("start", "hours", "more"), [
    (nights.NIGHT, 0, {}), (nights.NIGHT, -2, {}), (nights.NIGHT, 25, {}), (nights.NIGHT, 4, {"weeks": 0}),
    (nights.NIGHT, 4, {"weeks": 99}), (nights.NIGHT, 4, {"days": 8}), (nights.NIGHT - 48 * H, 4, {}),
])
def test_a_turn_that_cannot_be_is_refused_whole(
    desk: people.Desk, hand: nights.Clock, start: dt.datetime, hours: float, more: dict[str, int]
) -> None:
    with pytest.raises(rota.RotaUnclear):
        plan(desk, desk.team["Wren"], "first", start, hours, **more)
    assert not Turn.objects.exists()


def test_only_leads_plan(desk: people.Desk, hand: nights.Clock) -> None:
    wren = desk.team["Wren"]
    with pytest.raises(NotAllowedHere):
        rota.plan(staff=wren, who=wren.id, place="first", start=dt.datetime(2027, 3, 4, 22),
                  end=dt.datetime(2027, 3, 5, 6), zone=dt.UTC)


def test_what_is_long_over_is_forgotten(desk: people.Desk, hand: nights.Clock) -> None:
    plan(desk, desk.team["Wren"], "first", nights.NIGHT, 4)
    hand.at += dt.timedelta(days=20)
    tend.tend_once()
    assert not Turn.objects.exists()
