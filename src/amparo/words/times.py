"""Moments and intervals with precision and zone: phone, network, posts and offline events on one timeline.

A person says "in March" or "on Tuesday night"; a log says microseconds. Both keep what they really know.
Ordering uses the earliest instant a time can mean; `surely_before` answers only when the two cannot overlap.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from amparo.words.errors import AmparoError


class TimeUnclear(AmparoError):
    """A time that cannot be read."""

    code = "time-unclear"
    advice = "Write it like 2024-05-31, or only the month (2024-05), or only the year (2024)."


class Precision(StrEnum):
    """The smallest unit that is known."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


UNKNOWN_ZONE = "unknown"
# The inhabited world runs from UTC-12 to UTC+14: a wall clock without a zone may be that far away from UTC.
_EARLIEST_ZONE, _LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")


def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name, "UTC", or a fixed offset like "+03:30"; TimeUnclear otherwise.

    "unknown" reads as UTC here: the doubt is carried by `bounds`.
    """
    if name in ("UTC", UNKNOWN_ZONE):
        return UTC
    if offset := _OFFSET.fullmatch(name):
        minutes = int(offset[2]) * 60 + int(offset[3])
        if minutes <= 24 * 60 - 1:
            return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise TimeUnclear(
            f"“{name}” is not a time zone.", advice="Use a name like Europe/Madrid, or UTC."
        ) from None


class Moment(msgspec.Struct, frozen=True, tag="moment"):
    """One time. `at` is aware; `zone` is the zone in which it was told or recorded.

    With the zone "unknown", `at` holds the wall clock as if it were UTC, and `bounds` widens it by the zones of
    the inhabited world.
    """

    at: datetime
    precision: Precision = Precision.SECOND
    zone: str = "UTC"

    def __post_init__(self) -> None:
        _aware(self.at)
        zone_of(self.zone)


class Interval(msgspec.Struct, frozen=True, tag="interval"):
    """From `start` to `end`; None on one side means that side is open (not known, or still going on)."""

    start: datetime | None
    end: datetime | None
    precision: Precision = Precision.SECOND
    zone: str = "UTC"

    def __post_init__(self) -> None:
        zone_of(self.zone)
        for side in (self.start, self.end):
            if side is not None:
                _aware(side)
        if self.start is not None and self.end is not None and self.end < self.start:
            raise TimeUnclear("The end lies before the beginning.", advice="Check the two times.")


When = Moment | Interval


def _aware(value: datetime) -> None:
    if value.tzinfo is None:
        raise TimeUnclear(
            "A time without a zone cannot be ordered.", advice="Give the zone, or say that it is unknown."
        )


def _shift(value: datetime, by: timedelta) -> datetime:
    try:
        return value + by
    except OverflowError:
        return _FIRST if by < timedelta() else _LAST


def _span(at: datetime, precision: Precision, zone: str) -> tuple[datetime, datetime]:
    """First and last instant (UTC) of the unit that holds `at`."""
    if precision is Precision.UNKNOWN:
        return _FIRST, _LAST
    local = at.astimezone(zone_of(zone))
    if precision is Precision.SECOND:
        first = last = local
    else:
        units = {"year": 1, "month": 2, "day": 3, "hour": 4, "minute": 5}
        kept = units[precision.value]
        parts = [local.year, local.month, local.day, local.hour, local.minute]
        floor = parts[:kept] + [1, 1, 1, 0, 0][kept:]
        first = datetime(*floor, tzinfo=local.tzinfo, fold=local.fold)  # type: ignore[misc, arg-type]
        last = _shift(_next(first, precision), -timedelta(microseconds=1))
    return _utc(first, zone)[0], _utc(last, zone)[1]


def _next(first: datetime, precision: Precision) -> datetime:
    try:
        if precision is Precision.YEAR:
            return first.replace(year=first.year + 1)
        if precision is Precision.MONTH:
            return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        return first + timedelta(**{precision.value + "s": 1})
    except (ValueError, OverflowError):
        return _LAST


def _utc(value: datetime, zone: str) -> tuple[datetime, datetime]:
    try:
        value = value.astimezone(UTC)
    except OverflowError:
        value = _LAST if value.year > 2000 else _FIRST
    if zone == UNKNOWN_ZONE:
        return _shift(value, -_EARLIEST_ZONE), _shift(value, _LATEST_ZONE)
    return value, value


def bounds(when: When | None) -> tuple[datetime, datetime]:
    """The earliest and the latest instant (UTC) this time can mean; the whole of time when it is unknown."""
    if when is None:
        return _FIRST, _LAST
    if isinstance(when, Moment):
        return _span(when.at, when.precision, when.zone)
    first = _FIRST if when.start is None else _span(when.start, when.precision, when.zone)[0]
    last = _LAST if when.end is None else _span(when.end, when.precision, when.zone)[1]
    return first, last


def order_key(when: When | None) -> tuple[bool, datetime, datetime]:
    """Sort key for one timeline.

    By earliest instant, then the shorter first; times that are unknown come last.
    """
    first, last = bounds(when)
    if first == _FIRST and last != _LAST:
        first = last  # an interval with only an end stands where it ended
    return first == _FIRST, first, last


Thing = TypeVar("Thing")


def timeline(things: Iterable[Thing], when: Callable[[Thing], When | None]) -> list[Thing]:
    """The things in order of their times; stable for equal times."""
    return sorted(things, key=lambda thing: order_key(when(thing)))


def surely_before(earlier: When | None, later: When | None) -> bool:
    """True only when the first cannot overlap the second."""
    return bounds(earlier)[1] < bounds(later)[0]


_TOLD = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2}))?)?)?")


def told(text: str, zone: str = UNKNOWN_ZONE) -> Moment:
    """A date as a person writes it, year first: "2024", "2024-05", "2024-05-31", "2024-05-31 18:30".

    Digits of any script are read. Raises TimeUnclear with advice when it is not such a date.
    """
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text.strip())
    found = _TOLD.fullmatch(plain)
    if not found:
        raise TimeUnclear("This date could not be read.")
    given = [int(part) for part in found.groups() if part is not None]
    precision = {1: Precision.YEAR, 2: Precision.MONTH, 3: Precision.DAY, 5: Precision.MINUTE}[len(given)]
    try:
        at = datetime(*(given + [1, 1][len(given) - 1 :]), tzinfo=zone_of(zone))  # type: ignore[misc, arg-type]
    except ValueError:
        raise TimeUnclear("There is no such date.") from None
    return Moment(at, precision, zone)


def written(when: When | None) -> str:
    """The time in ISO order, cut to what is known, in its own zone: "2024-05", "2024-05-31 18:30 UTC"."""
    if when is None:
        return ""
    if isinstance(when, Moment):
        return _cut(when.at, when.precision, when.zone)
    start = "…" if when.start is None else _cut(when.start, when.precision, when.zone)
    end = "…" if when.end is None else _cut(when.end, when.precision, when.zone)
    return f"{start} – {end}"


def _cut(at: datetime, precision: Precision, zone: str) -> str:
    if precision is Precision.UNKNOWN:
        return "…"
    local = at.astimezone(zone_of(zone))
    if precision is Precision.YEAR:
        return f"{local.year:04d}"
    if precision is Precision.MONTH:
        return f"{local.year:04d}-{local.month:02d}"
    day = f"{local.year:04d}-{local.month:02d}-{local.day:02d}"
    if precision is Precision.DAY:
        return day
    clock = {"hour": "%H h", "minute": "%H:%M", "second": "%H:%M:%S"}[precision.value]
    return f"{day} {local.strftime(clock)}" + ("" if zone == UNKNOWN_ZONE else f" {zone}")
