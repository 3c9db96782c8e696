"""A desk at night for tests: a clock that is moved by hand, a rota, addresses, a way to ping."""

import datetime as dt
from uuid import UUID

import pytest

from amparo.desk import clock, configuration, pinged_at, ringing, rota
from amparo.desk.accounts import OpenStaff
from tests.desk import people

NIGHT = dt.datetime(2027, 3, 3, 3, 0, tzinfo=dt.UTC)


class Clock:
    """The desk's clock; `wait` moves it and rings what became due."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: dt.datetime = NIGHT) -> None:
        self.at = at
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def wait(self, minutes: float = 0) -> int:
        self.at += dt.timedelta(minutes=minutes)
        return ringing.ring_due()


def configure(**pings: object) -> None:
    """The table [pings] of desk.toml."""
    path = configuration.data_folder() / "desk.toml"
    kept = path.read_text().split("[pings]")[0]
    lines = [f"{name} = {_toml(value)}" for name, value in pings.items()]
    path.write_text(kept.rstrip() + "\n[pings]\n" + "\n".join(lines) + "\n")
    configuration._read.cache_clear()


def _toml(value: object) -> str:
    return str(value) if isinstance(value, int | list) else f'"{value}"'


def mail(port: int, **more: object) -> None:
    """Pings go to a mail server of this machine."""
    configure(mail_host="127.0.0.1", mail_port=port, mail_tls="none", mail_from="desk@desk.test", seconds=2, **more)


def on_duty(desk: people.Desk, who: OpenStaff, place: str, start: dt.datetime, hours: int = 8, weeks: int = 1) -> None:
    """A turn that the lead plans, in UTC."""
    wall = start.replace(tzinfo=None)
    rota.plan(staff=desk.lead, who=who.id, place=place, start=wall, end=wall + dt.timedelta(hours=hours),
              zone=dt.UTC, weeks=weeks)


def address(staff: OpenStaff) -> str:
    """Where a colleague is pinged by mail from now on."""
    to = f"box-{staff.id.hex[:8]}@mail.test"
    pinged_at.keep(staff=staff, mail=to)
    return to


def told(spool: list[tuple[str, str]]) -> list[str]:
    """Recipients in order."""
    return [to for to, _ in spool]


def case_of(desk: people.Desk) -> UUID:
    """The only case there is."""
    from amparo.desk.records import Case

    return Case.objects.get().id
