"""Nobody answers: the pings go on through the whole night, and neither the log nor the table grows with them."""

import datetime as dt

import pytest

from amparo.desk import custody, waking
from amparo.desk.records import Alarm, LogEntry, Ping
from tests.desk import conftest as given
from tests.desk import mailserver, nights, people

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


def test_a_night_without_an_answer_never_ends_in_silence(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = nights.Clock(monkeypatch)
    for one, place in ((desk.team["Wren"], "first"), (desk.team["Swift"], "second")):
        nights.on_duty(desk, one, place, nights.NIGHT - dt.timedelta(hours=1), hours=24)
    to = nights.address(desk.lead)
    for one in desk.team.values():
        nights.address(one)
    with mailserver.serving() as server:
        nights.mail(server.port, second_after_minutes=15, repeat_minutes=30)
        people.report("one", danger=["yes"])
        for _ in range(12 * 12):
            clock.wait(5)
        assert len(server.spool) == 1 + 1 + 3 * 23  # first, second, then three people every half hour
        assert nights.told(server.spool).count(to) == 23
    alarm = Alarm.objects.get().id
    assert Ping.objects.count() == 5
    assert waking.open_count(desk.lead.id) == 1
    actions = [custody.decode(row).action for row in LogEntry.objects.filter(item=alarm).order_by("index")]
    assert actions == ["alarm", *["pinged"] * 5]
