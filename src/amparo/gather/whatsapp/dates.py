"""Which of three numbers is the day: decided from the whole file, or said to be open.

A date that only one order allows decides for all. Where both day/month and month/day are possible throughout, dots
decide for the day first (no language of Unicode CLDR writes month.day.year), then the order in which the messages
stand: an export runs forward in time. Otherwise it stays open, both readings are kept, and a person chooses.

Calendars: Gregorian; Buddhist (year less 543) and Reiwa (year plus 2018) as phones in Thailand and Japan write them;
Solar Hijri years of Iran and Afghanistan, converted by the 33-year cycle (leap years 1370, 1375, 1379 … 1399, 1403,
1408, as in the official calendar). Lunar Hijri dates depend on who sighted the moon and are not converted.
"""

import datetime as dt

ORDERS = ("dmy", "mdy", "ymd")
_SOLAR = range(1330, 1431)
_LUNAR = range(1431, 1500)  # Solar years above 1430 lie beyond 2051
_DAYS = (31, 31, 31, 31, 31, 31, 30, 30, 30, 30, 30, 29)


def solar_to_gregorian(year: int, month: int, day: int) -> dt.date | None:
    """A Solar Hijri date as a Gregorian one; None where there is no such day."""
    if year not in _SOLAR or not 1 <= month <= 12:
        return None
    days = _DAYS[month - 1] + (month == 12 and _solar_leap(year))
    if not 1 <= day <= days:
        return None
    # 1 Farvardin 1375 was 20 March 1996
    passed = sum(365 + _solar_leap(one) for one in range(min(year, 1375), max(year, 1375)))
    first = dt.date(1996, 3, 20) + dt.timedelta(days=passed if year >= 1375 else -passed)
    return first + dt.timedelta(days=sum(_DAYS[: month - 1]) + day - 1)


def _solar_leap(year: int) -> bool:
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)


def date_of(numbers: tuple[int, int, int], digits: tuple[int, int, int], order: str, era: str = "") -> dt.date | None:
    """The date in this order; None where there is no such day."""
    places = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}[order]
    year, month, day = (numbers[place] for place in places)
    wide = digits[places[0]]
    if digits[places[1]] > 2 or digits[places[2]] > 2:
        return None
    if era == "R":
        year += 2018
    elif era == "BE" or 2500 <= year < 2650:
        year -= 543
    elif wide <= 2:
        year += 2000
    elif year in _SOLAR:
        return solar_to_gregorian(year, month, day)
    if not 1990 <= year <= 2100:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def foreign(numbers: tuple[int, int, int], digits: tuple[int, int, int]) -> bool:
    """Whether the year belongs to a calendar that is not converted here."""
    return any(wide == 4 and number in _LUNAR for number, wide in zip(numbers, digits, strict=True))


class Deciding:
    """Watches all dates of a file, one at a time, in constant memory."""

    def __init__(self) -> None:
        self._impossible = dict.fromkeys(ORDERS, 0)
        self._last: dict[str, dt.date] = {}
        self._back = dict.fromkeys(ORDERS, 0)
        self._seen = 0
        self._dots = True

    def see(self, numbers: tuple[int, int, int], digits: tuple[int, int, int], era: str, *, dots: bool,
            ordered: bool) -> None:
        """One more date. `ordered`: it is a person's message, which stands where it belongs in time."""
        if foreign(numbers, digits):
            return
        dates = {order: date_of(numbers, digits, order, era) for order in ORDERS}
        if not any(dates.values()):
            return  # a date that is none says nothing about the others
        self._seen += 1
        self._dots = self._dots and dots
        for order, date in dates.items():
            if date is None:
                self._impossible[order] += 1
            elif ordered:
                self._back[order] += date < self._last.get(order, date)
                self._last[order] = date

    def orders(self) -> tuple[tuple[str, ...], str]:
        """(the orders that are possible, the likeliest first; what decided: "number", "form", "order" or "open")."""
        if not self._seen:
            return ("dmy",), "none"
        fewest = min(self._impossible.values())
        possible = [order for order in ORDERS if self._impossible[order] == fewest]
        if fewest * 20 > self._seen:  # two forms in one file: nothing that was read of it is sure
            return tuple(sorted(ORDERS[:2], key=lambda order: self._impossible[order])), "open"
        if len(possible) > 1 and "ymd" in possible:
            possible.remove("ymd")  # two-digit years in front are rare: only where nothing else fits
        if len(possible) == 1:
            return (possible[0],), "number"
        if self._dots:
            return ("dmy",), "form"
        first, second = sorted(possible, key=lambda order: self._back[order])
        if self._back[first] == 0 and self._back[second] > 0:
            return (first, second), "order"
        return ("dmy", "mdy"), "open"
