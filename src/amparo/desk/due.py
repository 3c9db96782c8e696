"""Times that a person types for a task, read in their own zone. No clock and no database of its own."""

import datetime as dt
import re

from amparo.desk.errors import DeskError

_AHEAD = re.compile(r"\+\s*(\d{1,3})\s*([mhd])", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]+(\d{1,2}):(\d\d))?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DIGITS = str.maketrans({chr(base + n): str(n) for base in (0x0660, 0x06F0) for n in range(10)})


class DueUnclear(DeskError):
    """The time cannot be read, or the clocks were changed so that it never comes."""

    code = "due"
    advice = "Write +2h, +3d, 17:30, 2027-05-31 or 2027-05-31 17:30."


def read(text: str, zone: dt.tzinfo, now: dt.datetime) -> dt.datetime | None:
    """The moment in UTC; None for no text. `now` is aware.

    "+2h" counts from now; "17:30" is today's, or tomorrow's where that has passed; a day alone ends at 23:59. An hour
    that comes twice when clocks go back is the first of the two: rather early than late.
    """
    told = " ".join(text.translate(_DIGITS).split())
    if not told:
        return None
    if found := _AHEAD.fullmatch(told):
        return now.astimezone(dt.UTC) + dt.timedelta(**{_UNITS[found[2].lower()]: int(found[1])})
    try:
        if found := _CLOCK.fullmatch(told):
            local = now.astimezone(zone)
            at = _moment(local.date(), int(found[1]), int(found[2]), zone)
            return at if at > now else _moment(local.date() + dt.timedelta(days=1), int(found[1]), int(found[2]), zone)
        if found := _DAY.fullmatch(told):
            day = dt.date(int(found[1]), int(found[2]), int(found[3]))
            return _moment(day, int(found[4] or 23), int(found[5] or 59), zone)
    except (ValueError, OverflowError):
        pass
    raise DueUnclear("This time could not be read.")


def _moment(day: dt.date, hour: int, minute: int, zone: dt.tzinfo) -> dt.datetime:
    at = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    moment = at.astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != at.replace(tzinfo=None):
        raise DueUnclear("The clocks go forward on that day, and this hour does not come.")
    return moment
