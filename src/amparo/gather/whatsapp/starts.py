"""The beginning of a message in an exported chat: its date and time, in any of the forms WhatsApp writes.

Shapes: `[date, time] Name: text` (iPhone, and text copied from WhatsApp Web, which puts the time first),
`date, time - Name: text` (Android), `date, time: Name: text` (iPhone until 2018). Not read: dates with the month in
letters (Android until 2016, and Korean). Sources: sample exports in sixteen languages of the public project
starkdmi/whats_json; tests of Pustur/whatsapp-chat-parser. Whatever stands in the line, work is bounded: only its first
120 signs are looked at.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from amparo.gather.whatsapp import phrases

_HEAD = 120
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007\u3000\t"), " ")
_MARKS = dict.fromkeys(
    map(ord, "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)
_OTHER = {ord("،"): ",", ord("／"): "/", ord("．"): ".", ord("："): ":"}
_DATE = r"(?P<a>\d{1,4})(?P<sep> ?[./-] ?)(?P<b>\d{1,2})(?: ?[./-] ?)(?P<c>R?\d{1,4})(?P<era> ?BE)?\.?(?: ?г\.)?"
_HALF = r"[^\s\d\[\],:/()-]{1,14}(?: [^\s\d\[\],:/()-]{1,10}){0,2}"
_TIME = (
    rf"(?:(?P<before>{_HALF}) ?)?(?P<h>\d{{1,2}})[:.](?P<m>\d\d)(?:[:.](?P<s>\d\d))?(?: ?(?P<after>{_HALF}))?"
)
_WORD = r"(?:klo |um |à |at |kl\. ?|kl |alle |as |às |u )?"
_DATE_FIRST = rf"{_DATE}(?:,? ){_WORD}{_TIME}"
_TIME_FIRST = rf"{_TIME}, ?{_DATE}"
_SHAPES = (
    ("[", re.compile(rf"\[{_DATE_FIRST}\] ?")), ("-", re.compile(rf"{_DATE_FIRST} [-–] ")),
    (":", re.compile(rf"{_DATE_FIRST}: ")),
    ("[t", re.compile(rf"\[{_TIME_FIRST}\] ?")), ("-t", re.compile(rf"{_TIME_FIRST} [-–] ")),
)  # fmt: skip


class Start(NamedTuple):
    """One beginning. `style` is the form of the writing: all messages of one export have the same.

    `date`: three numbers as they stand; `era`: "BE" (Buddhist), "R" (Reiwa) or "". `hour` is None where a half-day
    sign was not understood. `second` is None where there are none. `rest`: name and text, as they stand.
    """

    style: str
    date: tuple[int, int, int]
    digits: tuple[int, int, int]
    era: str
    hour: int | None
    minute: int
    second: int | None
    written: str
    rest: str


def start(line: str) -> Start | None:
    """The beginning of a message in this line, or None."""
    for sign in line[:8]:
        if ord(sign) not in _MARKS:
            if sign != "[" and not sign.isdecimal():
                return None
            break
    head: str = line[:_HEAD]
    places: Sequence[int] = range(len(head))
    if not head.isascii() or "\t" in head:
        head, places = _plain(head)
    if not head:
        return None
    for shape, pattern in _SHAPES:
        if (shape[0] == "[") == (head[0] == "[") and (found := pattern.match(head)):
            return _start(line, shape, found, places)
    return None


def _plain(text: str) -> tuple[str, list[int]]:
    """The text with plain digits, spaces and signs and no direction marks; and where each sign stood."""
    signs, places = [], []
    for place, sign in enumerate(text):
        code = ord(sign)
        if code in _MARKS:
            continue
        if code > 127 and sign.isdecimal():
            sign = str(unicodedata.decimal(sign))
        elif code > 127 or sign == "\t":
            sign = _SPACES.get(code) or _OTHER.get(code) or sign
        signs.append(sign)
        places.append(place)
    return "".join(signs), places


def _start(line: str, shape: str, found: re.Match[str], places: Sequence[int]) -> Start | None:
    hour, minute, second = int(found["h"]), int(found["m"]), int(found["s"]) if found["s"] else None
    if hour > 24 or minute > 59 or (second or 0) > 60:
        return None
    sign = found["before"] or found["after"]
    told: int | None = hour % 24
    if sign:
        add = phrases.half_day(sign)
        if add is None and shape[0] != "[":
            return None  # "12/3/24 14:05 go - and tell her": words, not a half of the day
        told = None if add is None else hour % 12 + add if hour <= 12 else hour % 24 if add else None
    era = "BE" if found["era"] else "R" if found["c"].startswith("R") else ""
    parts = (found["a"], found["b"], found["c"].lstrip("R"))
    if not parts[2]:
        return None
    end = found.end()
    at = places[end - 1] + 1
    first = places[1] if shape[0] == "[" else places[0]
    written = line[first:at].translate(_MARKS).translate(_SPACES).rstrip(" -–]")
    digits = (len(parts[0]), len(parts[1]), len(parts[2]))
    years = max(digits) > 2
    style = "".join((shape, found["sep"].strip() or found["sep"], "s" if found["s"] else "", "h" if sign else "",
                     "y" if years else "", "," if "," in found[0] else "", era))
    date = (int(parts[0]), int(parts[1]), int(parts[2]))
    return Start(style, date, digits, era, told, minute, min(second, 59) if second is not None else None, written,
                 line[at:])
