"""Times as phones write them, always in UTC whatever the analyst's zone; nonsense becomes None, never an error."""

import math
from datetime import UTC, datetime
from typing import Any

from amparo.words.times import Moment, Precision

APPLE_EPOCH = 978_307_200
"""Seconds from 1970-01-01 to 2001-01-01, where Core Data and Safari begin to count."""
CHROME_EPOCH = 11_644_473_600
"""Seconds from 1601-01-01, where Chrome begins to count, to 1970-01-01."""
_FIRST, _LAST = (
    315_532_800,
    4_102_444_800,
)  # 1980 to 2100: outside it is a default value or damage, not a time


def unix(seconds: Any) -> Moment | None:
    """Seconds since 1970; milliseconds, as Android writes them, are recognised by their size."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        return None
    value = seconds / 1000 if seconds > 100_000_000_000 else seconds
    if not _FIRST <= value <= _LAST:
        return None
    return Moment(datetime.fromtimestamp(value, UTC), Precision.SECOND, "UTC")


def apple(value: Any) -> Moment | None:
    """Seconds since 2001, or nanoseconds, which iOS 11 and later write in messages."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    seconds = value / 1_000_000_000 if value > 100_000_000_000 else value
    # Zero and less is how iOS writes "never": there was no iOS before 2001.
    return unix(seconds + APPLE_EPOCH) if seconds > 0 else None


def chrome(microseconds: Any) -> Moment | None:
    """Microseconds since 1601."""
    if isinstance(microseconds, bool) or not isinstance(microseconds, int | float):
        return None
    return unix(microseconds / 1_000_000 - CHROME_EPOCH) if math.isfinite(microseconds) else None


def firefox(microseconds: Any) -> Moment | None:
    """Microseconds since 1970."""
    if isinstance(microseconds, bool) or not isinstance(microseconds, int | float):
        return None
    return unix(microseconds / 1_000_000) if math.isfinite(microseconds) else None


def stamped(value: Any) -> Moment | None:
    """A date of a property list (naive, in UTC by its format) or an ISO text with a zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        if value.tzinfo is None:
            return None
    if not isinstance(value, datetime):
        return None
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    try:
        return Moment(value.astimezone(UTC), Precision.SECOND, "UTC")
    except (OverflowError, ValueError):
        return None
