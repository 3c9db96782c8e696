"""The desk's clock: one place that says what time it is, and that notices when it jumped."""

import datetime as dt
import struct
import time

from django.db import transaction

_LAST_SEEN = "last-seen"
# A step larger than this between two looks is a jump of the machine's clock, not a quiet night: `tend` looks
# every minute, and after a long pause the first pass only takes note (two-step, see tend.py).
JUMP = dt.timedelta(hours=6)


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
    """Take note of the time; True when it may be trusted for destroying things.

    False when the clock stands before the last look or more than `JUMP` after it: nothing is shredded on
    such a pass. The new time is stored, so that the next pass can go on if the clock then runs evenly.
    """
    from amparo.desk.records import Setting

    current = now().timestamp()
    with transaction.atomic():
        row = Setting.objects.filter(name=_LAST_SEEN).first()
        last = struct.unpack(">d", bytes(row.value))[0] if row else current
        Setting.objects.update_or_create(name=_LAST_SEEN, defaults={"value": struct.pack(">d", current)})
    return bool(-60 <= current - last <= JUMP.total_seconds())
