"""Numbers that a spreadsheet program shows as dates: days since its epoch, told apart by the cell's format.

Source: ECMA-376 part 1, 18.8.30 (number formats) and 18.17.4.1 (the two date systems).
"""

import datetime as dt
import re

# Formats that stand in no file: dates 14-17, times 18-21, both 22, elapsed 45-47, East Asian dates 27-36 and 50-58.
_BUILT_IN = {
    **dict.fromkeys(("14", "15", *map(str, range(27, 32)), "36", *map(str, range(50, 59))), "date"),
    "16": "date", "17": "month", **dict.fromkeys(("18", "19", "20", "21", "32", "33", "34", "35"), "time"),
    "22": "both", **dict.fromkeys(("45", "46", "47"), "elapsed"),
}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_FIRST_SURE = 61  # 1 March 1900: before it, Excel and LibreOffice count one day apart
_LAST = 2_958_465  # 31 December 9999


def kind_of(number: str, code: str | None) -> str:
    """What a format shows: "date", "month", "year", "time", "both", "elapsed", or "" for no date."""
    if code is None:
        return _BUILT_IN.get(number, "")
    code = _QUOTED.sub("", code.split(";", 1)[0])
    if _ELAPSED.search(code):
        return "elapsed"
    code = _BRACKETS.sub("", code).lower().replace("general", "").replace("am/pm", "").replace("a/p", "")
    days, years = "d" in code, "y" in code or "e" in code.replace("e+", "").replace("e-", "")
    times = "h" in code or "s" in code
    if times:
        return "both" if days or years else "time"
    if days:
        return "date"
    if years:
        return "month" if "m" in code else "year"
    return "date" if "mmm" in code else ""


def as_text(raw: str, kind: str, *, epoch_1904: bool) -> tuple[str, str]:
    """(text, note): a number as the program would show it at full length, or a date written year first."""
    if not raw:
        return "", ""
    try:
        value = float(raw)
    except ValueError:
        return raw, "error"
    if value != value or value in (float("inf"), float("-inf")):
        return raw, "error"
    plain = str(int(value)) if value == int(value) and abs(value) < 1e15 else format(value, ".15g")
    if not kind:
        return plain, ""
    seconds = round(value * 86400)
    if kind == "elapsed":
        return (_clock(seconds), "") if 0 <= value < 1e6 else (plain, "date-unclear")
    if kind == "time" and 0 <= value < 1:
        return _clock(seconds), ""
    days, rest = divmod(seconds, 86400)
    if epoch_1904:
        days += 1462
    elif days < _FIRST_SURE:
        return plain, "date-unclear"
    if not _FIRST_SURE <= days <= _LAST:
        return plain, "date-unclear"
    day = dt.date(1899, 12, 30) + dt.timedelta(days=days)
    if kind in ("month", "year"):  # what the program does not show, nobody told
        return (f"{day:%Y-%m}" if kind == "month" else f"{day:%Y}").rjust(4, "0"), ""
    return (f"{day.isoformat()} {_clock(rest)}" if rest else day.isoformat()), ""


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}" + (f":{left:02d}" if left else "")
