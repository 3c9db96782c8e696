"""Times that a person types for a task, read in their own zone. No clock and no database of its own.

Words of the four languages of these pages are read on all of them: colleagues of one desk mix them, and no word means
two things. What could mean two days ("next friday", "morning") is not read: better asked again than late.
"""

import datetime as dt
import re

from amparo.desk.errors import DeskError
from amparo.desk.folding import fold

_AHEAD = re.compile(r"\+ ?(\d{1,3}) ?([mhd])")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[t ]?(.+))?")
_TIME = re.compile(r"(\d{1,2})(?:(?::|h| h )(\d\d))?(?: ?(h|am|pm))?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_IN = ("in", "en", "dans", "بعد")
_ONE = ("a", "an", "one", "un", "una", "une")
_SPANS = {
    **dict.fromkeys(("minute", "minutes", "min", "minuto", "minutos", "دقيقه", "دقائق"), "minutes"),
    **dict.fromkeys(("hour", "hours", "hora", "horas", "heure", "heures", "ساعه", "ساعات"), "hours"),
    **dict.fromkeys(("day", "days", "dia", "dias", "jour", "jours", "يوم", "ايام"), "days"),
}
_TWO = {"دقيقتين": "minutes", "ساعتين": "hours", "يومين": "days"}
_BETWEEN = ("at", "a", "la", "las", "el", "le", "on", "الساعه", "يوم")
_NEAR = {
    **dict.fromkeys(("today", "hoy", "aujourd'hui", "اليوم"), 0),
    **dict.fromkeys(("tomorrow", "manana", "demain", "غدا"), 1),
}
_WEEK = {
    name: number for number, names in enumerate((
        ("monday", "lunes", "lundi", "الاثنين", "الاتنين"), ("tuesday", "martes", "mardi", "الثلاثاء"),
        ("wednesday", "miercoles", "mercredi", "الاربعاء"), ("thursday", "jueves", "jeudi", "الخميس"),
        ("friday", "viernes", "vendredi", "الجمعه"), ("saturday", "sabado", "samedi", "السبت"),
        ("sunday", "domingo", "dimanche", "الاحد"),
    )) for name in names
}


class DueUnclear(DeskError):
    """The time cannot be read, or the clocks were changed so that it never comes."""

    code = "due"
    advice = "Write Friday 12:00, tomorrow 9:00, in 2 hours, 17:30, +3d, 2027-05-31 or 2027-05-31 17:30."


def read(text: str, zone: dt.tzinfo, now: dt.datetime) -> dt.datetime | None:
    """The moment in UTC; None for no text. `now` is aware.

    "+2h" and "in 2 hours" count from now; "17:30" is today's, or tomorrow's where that has passed; a day alone ends at
    23:59; a day of the week is the next one, today's while its time has not passed. An hour that comes twice when
    clocks go back is the first of the two: rather early than late.
    """
    told = " ".join(fold(text).split())
    if not told:
        return None
    if ahead := _ahead(told):
        return now.astimezone(dt.UTC) + ahead
    local = now.astimezone(zone)
    try:
        if found := _DATE.fullmatch(told):
            day = dt.date(int(found[1]), int(found[2]), int(found[3]))
            return _moment(day, _clock(found[4].split()) if found[4] else (23, 59), zone)
        words = [one for one in told.replace(",", " ").split() if one not in _BETWEEN]
        named = words[0] if words and words[0] in (*_NEAR, *_WEEK) else ""
        clock = _clock(words[1:] if named else words) if not named or words[1:] else (23, 59)
        if named in _WEEK:
            day = local.date() + dt.timedelta(days=(_WEEK[named] - local.weekday()) % 7)
            at = _moment(day, clock, zone)
            return at if at > now else _moment(day + dt.timedelta(days=7), clock, zone)
        if named:
            at = _moment(local.date() + dt.timedelta(days=_NEAR[named]), clock, zone)
            if at <= now:
                raise DueUnclear("This time is over.")
            return at
        if len(words) == 1 and not re.fullmatch(r"\d+", told):
            at = _moment(local.date(), clock, zone)
            return at if at > now else _moment(local.date() + dt.timedelta(days=1), clock, zone)
    except (ValueError, OverflowError):
        pass
    raise DueUnclear("This time could not be read.")


def _ahead(told: str) -> dt.timedelta | None:
    """How long from now, of texts like "+2h" or "in 2 hours"."""
    if found := _AHEAD.fullmatch(told):
        return dt.timedelta(**{_UNITS[found[2]]: int(found[1])})
    first, *words = told.split()
    if first not in _IN or not words:
        return None
    if len(words) == 1:
        if words[0] in _TWO:
            return dt.timedelta(**{_TWO[words[0]]: 2})
        return dt.timedelta(**{_SPANS[words[0]]: 1}) if first == "بعد" and words[0] in _SPANS else None
    count = 1 if words[0] in _ONE else int(words[0]) if re.fullmatch(r"\d{1,3}", words[0]) else -1
    return dt.timedelta(**{_SPANS[words[1]]: count}) if len(words) == 2 and count >= 0 and words[1] in _SPANS else None


def _clock(words: list[str]) -> tuple[int, int]:
    """(hour, minute) of words like "17:30", "9h", "9h30", "5 pm". Raises ValueError."""
    found = _TIME.fullmatch(" ".join(words))
    if found is None or (found[2] and found[3] == "h"):
        raise ValueError("no time")
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] in ("am", "pm"):
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return hour, minute


def _moment(day: dt.date, clock: tuple[int, int], zone: dt.tzinfo) -> dt.datetime:
    at = dt.datetime(day.year, day.month, day.day, *clock, tzinfo=zone)
    moment = at.astimezone(dt.UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != at.replace(tzinfo=None):
        raise DueUnclear("The clocks go forward on that day, and this hour does not come.")
    return moment
