"""The desk's clock: one place that says what time it is, and that notices when it jumped."""

import datetime as dt
import struct
import time

from django.db import transaction

_LAST_SEEN, _EVEN = "last-seen", "even-time"
# A step larger than this between two looks is a jump of the machine's clock (or a machine that slept), not a
# quiet night: `tend` looks every minute.
JUMP = dt.timedelta(hours=6)
_BACK = -60.0  # seconds that a clock may be set back without being a jump


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The present day in UTC."""
    return now().date()


def monotonic() -> float:
    """Seconds that never run backwards (token buckets)."""
    return time.monotonic()


def look() -> bool:
    """Take note of the time; True when the clock ran evenly since the last look.

    The seconds of even steps add up (`even`). Destroying waits for them, so that a machine that wakes up in
    another year, or is set to it, destroys nothing before it has run for as long as a promise says.
    """
    from amparo.desk.records import Setting

    current = now().timestamp()
    with transaction.atomic():
        found = {row.name: _number(row.value) for row in Setting.objects.filter(name__in=(_LAST_SEEN, _EVEN))}
        step = current - found.get(_LAST_SEEN, current)
        evenly = bool(_BACK <= step <= JUMP.total_seconds())
        _keep(_LAST_SEEN, current)
        if evenly:
            _keep(_EVEN, found.get(_EVEN, 0.0) + max(0.0, step))
    return evenly


def even() -> float:
    """Seconds that the desk's clock ran evenly, under `tend`'s eyes, since the desk was founded."""
    from amparo.desk.records import Setting

    row = Setting.objects.filter(name=_EVEN).first()
    return _number(row.value) if row else 0.0


def _number(raw: bytes | memoryview) -> float:
    return float(struct.unpack(">d", bytes(raw))[0])


def _keep(name: str, value: float) -> None:
    from amparo.desk.records import Setting

    Setting.objects.update_or_create(name=name, defaults={"value": struct.pack(">d", value)})
