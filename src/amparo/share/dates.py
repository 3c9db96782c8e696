"""Dates as people type them into a table. What can be read in two ways is not read: somebody says the order first."""

import re

from amparo.share import spellings
from amparo.words import times

ORDERS = ("dmy", "mdy")
_TIME = r"(?:[ T,]+(?P<h>\d{1,2})[:.h](?P<min>\d{2})(?::\d{2}(?:\.\d+)?)?)?"
_DATE = r"(?P<a>\d{1,4})\s*[./-]\s*(?P<b>\d{1,2})\s*[./-]\s*(?P<c>\d{1,4})"
_NUMBERS = re.compile(_DATE + _TIME)
_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|°)?\.?\s+(?:de\s+|of\s+)?)?(?P<month>[^\W\d_]+(?: (?!del? )[^\W\d_]+)?)\.?"
    r"(?:\s+(?P<late>\d{1,2})(?:st|nd|rd|th)?(?=[ ,]))?,?\s+(?:del?\s+)?(?P<year>\d{4})" + _TIME
)
_ANY = re.compile(
    r"\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}|(?<!\d)\d{4}-\d{2}(?![\d-])"
    r"|(?<![\d:./-])(?:1[89]|20)\d{2}(?![\d./-])"
)


class Unread(Exception):
    """`code`: two-dates, date-order, short-year, date-unreadable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def year_first(text: str, order: str = "") -> str:
    """The date as "2024-05-31", "2024-05-31 18:30", "2024-05" or "2024". Raises Unread.

    `order` is what a person said of this sheet: "dmy", "mdy", or "" for not said.
    """
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)
    plain = re.sub(r"[\u200e\u200f\u061c\s]+", " ", plain).strip()
    if len(_ANY.findall(plain)) > 1:
        raise Unread("two-dates")
    if found := _NUMBERS.fullmatch(plain):
        day = _numbers(found, order)
    elif found := _NAMED.fullmatch(plain):
        day = _named(found)
    else:
        return _sure(re.sub(r"^(\d{4})[./](\d{1,2})$", lambda m: f"{m[1]}-{int(m[2]):02d}", plain))
    if found["h"] is not None:
        day += f" {int(found['h']):02d}:{found['min']}"
    return _sure(day)


def _sure(day: str) -> str:
    try:
        times.told(day)
    except times.TimeUnclear:
        raise Unread("date-unreadable") from None
    return day


def _numbers(found: re.Match[str], order: str) -> str:
    first, middle, last = found["a"], found["b"], found["c"]
    if len(first) == 4 and len(last) <= 2:
        return f"{first}-{int(middle):02d}-{int(last):02d}"
    if len(first) > 2 or len(last) != 4:
        raise Unread("short-year" if len(first) <= 2 and len(last) == 2 else "date-unreadable")
    a, b = int(first), int(middle)
    if order not in ORDERS and a != b:
        if a <= 12 and b <= 12:
            raise Unread("date-order")
        order = "dmy" if a > 12 else "mdy"
    day, month = (a, b) if order == "dmy" else (b, a)
    return f"{last}-{month:02d}-{day:02d}"


def _named(found: re.Match[str]) -> str:
    month = spellings.months().get(spellings.folded(found["month"]))
    if month is None or (found["day"] and found["late"]):
        raise Unread("date-unreadable")
    day = found["day"] or found["late"]
    if day is None and found["h"] is not None:
        raise Unread("date-unreadable")
    return f"{found['year']}-{month:02d}" + (f"-{int(day):02d}" if day else "")
