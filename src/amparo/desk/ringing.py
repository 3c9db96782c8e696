"""Pings in the order of the rota: the first on duty, then the second, then every lead, until somebody acknowledges.

Runs beside `tend`, never in anybody's request. A step that nobody answers or that cannot be sent leads to the next at
once; nothing ends in silence. Of two processes only one rings.
"""

import datetime as dt
import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

from django.db import close_old_connections, connection, transaction
from django.db.models import Q

from amparo.desk import clock, configuration, custody, directory, pinged_at, pinging, rota, site, waking
from amparo.desk.records import Alarm, Ping
from amparo.desk.waking import LAST

log = logging.getLogger("amparo.desk.ringing")
EVERY = 5.0  # seconds between two looks
AGAIN = dt.timedelta(minutes=2)  # where nobody at all could be reached
STEPS = ("first", "second", "leads")
_AT_ONCE = 8  # pings of one step on their way together
# A clock that was set back would let an alarm wait for that long: what is due later than any of our times is due now.
_LONGEST = dt.timedelta(hours=5)

Send = Callable[[list[UUID]], dict[UUID, str]]


def ring_due() -> int:
    """Send what is due; how many people were pinged. Of alarms due together each person gets one ping."""
    with _alone() as alone:
        if not alone:
            return 0
        now = clock.now()
        due = list(Alarm.objects.filter(acknowledged_at=None).filter(
            Q(next_at__lte=now) | Q(next_at__gt=now + _LONGEST)).order_by("-urgent", "raised_at"))
        sent: dict[UUID, str] = {}
        for alarm in due:
            _ring(alarm, lambda ids: _send(ids, sent))
        return sum(code == pinging.SENT for code in sent.values())


def _ring(alarm: Alarm, send: Send) -> None:
    """One alarm: from its step on, until a step in which somebody was reached."""
    times = configuration.current().pings
    if not pinged_at.ways():
        _put_off(alarm, alarm.step, dt.timedelta(minutes=times.repeat_minutes))  # it stands on the staff pages
        return
    for step in range(alarm.step, LAST + 1):
        to = _at_step(alarm, step)
        codes = send(to)
        if not Alarm.objects.filter(id=alarm.id, acknowledged_at=None).exists():
            return
        _note(alarm, step, codes or {None: waking.NOBODY})
        if pinging.SENT in codes.values():
            minutes = times.repeat_minutes if step == LAST else times.second_after_minutes
            _put_off(alarm, min(step + 1, LAST), dt.timedelta(minutes=minutes))
            return
    _put_off(alarm, alarm.step, AGAIN)


def _put_off(alarm: Alarm, step: int, by: dt.timedelta) -> None:
    Alarm.objects.filter(id=alarm.id).update(step=step, next_at=clock.now() + by)


def _at_step(alarm: Alarm, step: int) -> list[UUID]:
    """Who is pinged at a step, among those who can open the alarm. A break is respected but at the last step."""
    may, now = waking.holders(alarm.id), clock.now()
    if step < LAST:
        return [one for one in rota.on_duty(now, rota.PLACES[step]) if one in may]
    leads = [one.id for one in directory.case_people() if one.role == "lead" and one.id in may]
    return list(dict.fromkeys((*[one for one in rota.on_duty(now) if one in may], *(leads or sorted(may)))))


def _send(ids: list[UUID], sent: dict[UUID, str]) -> dict[UUID, str]:
    """Ping each who has not been pinged in this pass; the outcome for all."""
    fresh = [one for one in ids if one not in sent]
    if fresh:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            sent.update(zip(fresh, pool.map(pinging.now, map(pinged_at.of, fresh)), strict=True))
    return {one: sent[one] for one in ids}


def _note(alarm: Alarm, step: int, codes: dict[UUID | None, str] | dict[UUID, str]) -> None:
    """A row and an entry of the log for each person the first time, a count afterwards."""
    now = clock.now()
    with transaction.atomic():
        for who, code in codes.items():
            row = Ping.objects.filter(alarm=alarm, staff_id=who, step=step).first()
            if row is not None:
                row.at, row.times, before, row.code = now, row.times + 1, row.code, code
                row.save()
                if before == code:
                    continue
            else:
                Ping.objects.create(alarm=alarm, staff_id=who, step=step, first_at=now, at=now, code=code)
            action = "nobody-there" if who is None else "not-pinged" if code else "pinged"
            detail = (STEPS[step], *((who.hex,) if who else ()), *((code,) if code and who else ()))
            custody.record(custody.entry(action, item=alarm.id, actor_kind="desk", detail=detail))


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this process rings now. The lock goes with the process, however it ends."""
    descriptor = os.open(site.gate_folder() / "ringing", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def keep_ringing(stop: threading.Event, seconds: float = EVERY) -> None:
    """Look every few seconds until `stop`, in a thread of its own: a mail server that hangs holds up nothing else."""
    try:
        while not stop.wait(seconds):
            try:
                ring_due()
            except Exception as error:
                log.error("ringing %s", type(error).__name__)
            finally:
                close_old_connections()
    finally:
        connection.close()
