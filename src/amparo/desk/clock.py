"""The desk's clock: one place that says what time it is, and that notices when it jumped."""

import datetime as dt
import struct
import time

import msgspec
from django.db import transaction

_LAST_SEEN, _EVEN, _JUMPED, _STEADY = "last-seen", "even-time", "clock-jump", "clock-steady"
# A step larger than this between two looks is a jump of the machine's clock (or a machine that slept), not a
# quiet night: `tend` looks every minute.
JUMP = dt.timedelta(hours=6)
_BACK = -60.0  # seconds that a clock may be set back without being a jump
# A jump of more than this is told to people, and holds up erasing by date until one of them says what day it is.
TOLD_FROM = dt.timedelta(days=2)


class Jump(msgspec.Struct, frozen=True):
    """The clock moved while nobody looked: by itself, by a hand, or because the machine slept.

    `before` is what the clock would show if it had not moved; `landed` what it showed right after.
    """

    before: dt.datetime
    landed: dt.datetime


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
        else:
            _note_jump(current - step, current)
    return evenly


def _note_jump(last: float, current: float) -> None:
    """Keep a long jump to be told; one that leads back to the time before ends it."""
    from amparo.desk.records import Setting

    known = jumped()
    before = last if known is None else last - (known.landed - known.before).total_seconds()
    if abs(current - before) > TOLD_FROM.total_seconds():
        Setting.objects.update_or_create(name=_JUMPED, defaults={"value": struct.pack(">dd", before, current)})
    elif known is None:
        return  # a night's sleep
    else:
        Setting.objects.filter(name=_JUMPED).delete()
    _keep(_STEADY, even())


def jumped() -> Jump | None:
    """The long jump that nobody has looked at yet."""
    from amparo.desk.records import Setting

    row = Setting.objects.filter(name=_JUMPED).first()
    if row is None:
        return None
    before, landed = struct.unpack(">dd", bytes(row.value))
    return Jump(_moment(before), _moment(landed))


def accept_jump() -> bool:
    """A person says that the clock is right as it is now; whether there was a jump to speak of."""
    from amparo.desk.records import Setting

    if not Setting.objects.filter(name=_JUMPED).delete()[0]:
        return False
    _keep(_STEADY, even())
    return True


def steady_since() -> float:
    """The even time at which the last long jump happened or was settled; 0 where there was none."""
    from amparo.desk.records import Setting

    row = Setting.objects.filter(name=_STEADY).first()
    return _number(row.value) if row else 0.0


def last_look() -> dt.datetime | None:
    """When `tend` last looked at the clock; None on a desk where it never ran."""
    from amparo.desk.records import Setting

    row = Setting.objects.filter(name=_LAST_SEEN).first()
    return _moment(_number(row.value)) if row else None


def _moment(stamp: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(stamp, dt.UTC)


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
