"""A night that nobody planned: an alarm falls into a gap of the rota, or into a break that nobody thought of."""

import datetime as dt

import pytest

from amparo.desk import rota, waking
from tests.desk import conftest as given
from tests.desk import mailserver, nights, people

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


def test_an_alarm_in_a_gap_reaches_the_leads_at_once(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = nights.Clock(monkeypatch)
    nights.on_duty(desk, desk.team["Wren"], "first", nights.NIGHT + dt.timedelta(hours=4))
    to = nights.address(desk.lead)
    nights.address(desk.team["Wren"])
    with mailserver.serving() as server:
        nights.mail(server.port)
        people.report("one", danger=["yes"])
        assert not waking.covered() and waking.standing().since == nights.NIGHT + dt.timedelta(hours=4)
        clock.wait(0)
        assert nights.told(server.spool) == [to]
    seen = waking.alarms(desk.lead)[0]
    assert [(one.step, one.who, one.code) for one in seen.rung] == [
        (0, None, "nobody"), (1, None, "nobody"), (2, desk.lead.id, "")]


def test_a_break_taken_in_the_middle_of_a_turn_leads_on_to_the_next(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = nights.Clock(monkeypatch)
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    for one, place in ((wren, "first"), (swift, "second")):
        nights.on_duty(desk, one, place, nights.NIGHT - dt.timedelta(hours=1))
    nights.address(wren)
    to = nights.address(swift)
    rota.away(staff=wren, until=nights.NIGHT + dt.timedelta(hours=1))
    with mailserver.serving() as server:
        nights.mail(server.port)
        people.report("one", danger=["yes"])
        clock.wait(0)
        assert nights.told(server.spool) == [to]


def test_the_turn_changes_while_an_alarm_is_open(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is who is second when the second is due, not who was when the alarm began."""
    clock = nights.Clock(monkeypatch)
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    nights.on_duty(desk, wren, "first", nights.NIGHT - dt.timedelta(hours=1), hours=1 + 1)
    nights.on_duty(desk, wren, "second", nights.NIGHT - dt.timedelta(hours=1), hours=1 + 1)
    nights.on_duty(desk, swift, "second", nights.NIGHT + dt.timedelta(hours=1))
    first, second = nights.address(wren), nights.address(swift)
    clock.at += dt.timedelta(minutes=55)
    with mailserver.serving() as server:
        nights.mail(server.port, second_after_minutes=10)
        people.report("one", danger=["yes"])
        clock.wait(0)
        clock.wait(10)
        assert nights.told(server.spool) == [first, second]


def test_nobody_at_all_can_be_reached_and_it_says_so(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = nights.Clock(monkeypatch)
    with mailserver.serving() as server:
        nights.mail(server.port)
        people.report("one", danger=["yes"])
        clock.wait(0)
        assert server.spool == [] and waking.unsent()
        to = nights.address(desk.lead)  # somebody mends it: the next try is two minutes away, not a night
        clock.wait(2)
        assert nights.told(server.spool) == [to]
    assert not waking.unsent()
