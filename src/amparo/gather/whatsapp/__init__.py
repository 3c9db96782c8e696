"""WhatsApp's "Export chat": what enters is the text file of one chat, and the names of the files that came with it.

Messages leave in the order of the file, with the time as it is written; the export names no time zone, so the zone is
not known unless it is given. It must never know where the file came from. The file is read twice: first to learn its
one form, the order of day and month, and whose names hold colons; then for the messages. A line in another form than
the file's own is text of a message, however much it looks like the start of another; a message that imitates the form
exactly cannot be told apart by anyone who has only the file.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from amparo.gather import limits, lines
from amparo.gather.whatsapp import phrases
from amparo.gather.whatsapp.dates import ORDERS, Deciding, date_of, foreign
from amparo.gather.whatsapp.starts import Start, start
from amparo.words import times
from amparo.words.messages import Gap, Kind, Message, Origin
from amparo.words.times import Moment, Precision

_NAME_LIMIT = 120  # where a name must have ended; WhatsApp allows 25 signs, a phone's address book more
_COLONS = 3
_MOST_NAMES = 20_000
_MOST_STYLES = 16
_QUOTES = '"“”„«»'  # a sentence of the program quotes a group's name; nobody's name holds these


class Dates(msgspec.Struct, frozen=True):
    """How the file's dates are read: the orders that are possible, the one used first; what decided."""

    orders: tuple[str, ...]
    decided: str  # number, form, order, open, none; "given" where a person chose


class _Survey:
    """What the first reading learns of one form of writing."""

    def __init__(self) -> None:
        self.count = 0
        self.dates = Deciding()
        self.names: Counter[str] = Counter()

    def see(self, found: Start) -> None:
        self.count += 1
        names = list(_names(found.rest))
        ordered = bool(names) and not phrases.is_notice(found.rest[len(names[0]) + 2 :])
        self.dates.see(found.date, found.digits, found.era, dots="." in found.style, ordered=ordered)
        for name in names:
            if name in self.names or len(self.names) < _MOST_NAMES:
                self.names[name] += 1


def _names(rest: str) -> Iterator[str]:
    """What may be the sender's name: all that stands before one of the first colons."""
    head, at = rest[: _NAME_LIMIT + 2], -1
    for _ in range(_COLONS):
        at = head.find(": ", at + 1)
        if at < 0:
            if head.endswith(":") and len(rest) == len(head):
                yield head[:-1]  # an empty message
            return
        if any(quote in head[:at] for quote in _QUOTES):
            return
        yield head[:at]


def looks_like(head: bytes) -> bool:
    """Whether this is the beginning of such a file: two beginnings of messages in one form, or one with a notice."""
    text = head.decode(lines.encoding_of(head), "replace")
    seen: Counter[str] = Counter()
    for line in text.split("\n", 400)[:400]:
        found = start(line)
        if found is not None:
            seen[found.style] += 2 if phrases.is_notice(found.rest.partition(": ")[2] or found.rest) else 1
            if seen[found.style] >= 2:
                return True
    return False


def read(
    opener: Callable[[], BinaryIO], file: str, *, there: frozenset[str] = frozenset(), order: str = "",
    zone: str = "",
) -> Iterator[Message | Gap | Dates]:
    """The chat's messages, first of all its Dates. `order` and `zone` are what a person knows better.

    `opener` gives the file from its beginning, twice. Errors: what the opener raises.
    """
    with opener() as stream:
        encoding = lines.encoding_of(stream.read(1 << 16))
    surveys: dict[str, _Survey] = {}
    with opener() as stream:
        for line in lines.read(stream, encoding):
            found = start(line.text)
            if found is not None and (found.style in surveys or len(surveys) < _MOST_STYLES):
                surveys.setdefault(found.style, _Survey()).see(found)
    if not surveys:
        return
    style, survey = max(surveys.items(), key=lambda item: item[1].count)
    orders, decided = survey.dates.orders()
    if order in ORDERS:
        orders, decided = (order,), "given"
    yield Dates(orders, decided)
    with opener() as stream:
        yield from _Reader(file, style, survey.names, orders, zone, there).run(lines.read(stream, encoding))


class _Reader:
    def __init__(self, file: str, style: str, names: Counter[str], orders: tuple[str, ...], zone: str,
                 there: frozenset[str]) -> None:
        self.file, self.style, self.names, self.orders, self.there = file, style, names, orders, there
        self.zone = zone or times.UNKNOWN_ZONE
        self.last: dt.datetime | None = None

    def run(self, found: Iterator[lines.Line]) -> Iterator[Message | Gap]:
        """All messages; each ends where the next begins."""
        begun: tuple[Start, int] | None = None
        parts: list[str] = []
        length = 0
        for line in found:
            place = Origin(self.file, line.number)
            if line.damaged:
                yield Gap("not-decoded", 1, place, line.text[:120])
            if line.cut:
                yield Gap("long-line", 1, place)
            new = start(line.text)
            if new is not None and new.style != self.style:
                yield Gap("looks-like-a-start", 1, place, line.text[:120])
                new = None
            if new is not None:
                if begun is not None:
                    yield from self._message(*begun, parts, length)
                begun, parts, length = (new, line.number), [new.rest[: limits.LINE]], len(new.rest)
            elif begun is None:
                if line.text.strip():
                    yield Gap("line-before-first", 1, place, line.text[:120])
            else:
                if length <= limits.TEXT:
                    parts.append(line.text)
                length += len(line.text) + 1
        if begun is not None:
            yield from self._message(*begun, parts, length)

    def _message(self, begun: Start, number: int, parts: list[str], length: int) -> Iterator[Message | Gap]:
        place = Origin(self.file, number)
        sender, first = self._sender(begun.rest if len(parts) == 1 else parts[0])
        text = "\n".join((first, *parts[1:]))
        if length > limits.TEXT:
            yield Gap("long-text", 1, place)
        when, otherwise = self._time(begun, 0), None
        if len(self.orders) > 1:
            otherwise = self._time(begun, 1)
        if when is None or begun.hour is None:
            code = "calendar-not-known" if foreign(begun.date, begun.digits) else "time-not-understood"
            yield Gap(code, 1, place, begun.written)
        elif sender and self.last is not None and when.at < self.last - dt.timedelta(days=1):
            yield Gap("out-of-order", 1, place, begun.written)
        if sender and when is not None and not phrases.is_notice(first):
            self.last = when.at
        kind = Kind.MESSAGE if sender else Kind.SYSTEM
        text, edited = phrases.without_edited(text)
        text, attached = phrases.attachments(text, self.there) if sender else (text, ())
        if phrases.is_deleted(text):
            kind = Kind.DELETED
        elif phrases.is_notice(text):
            kind = Kind.SYSTEM
        elif edited:
            kind = Kind.EDITED
        yield Message(
            origin=place, sender=sender[: limits.NAME], text=text[: limits.TEXT].rstrip("\n"), when=when,
            written=begun.written, otherwise=otherwise if otherwise != when else None, kind=kind,
            attachments=attached,
            key="\0".join((sender, when.at.isoformat() if when else begun.written, text, "+" * len(attached))),
        )

    def _sender(self, rest: str) -> tuple[str, str]:
        candidates = list(_names(rest))
        if not candidates or phrases.is_notice(rest):
            return "", rest
        name = candidates[0]
        for longer in candidates[1:]:
            # a colon belongs to the name when all that this person wrote begins with the longer one
            if self.names[longer] >= 3 and self.names[longer] == self.names[name]:
                name = longer
        return name.strip("\u200e\u200f\u202a\u202c\u2068\u2069 "), rest[len(name) + 2 :]

    def _time(self, begun: Start, which: int) -> Moment | None:
        day = date_of(begun.date, begun.digits, self.orders[which], begun.era)
        if day is None:
            return None
        hour = 0 if begun.hour is None else begun.hour
        at = dt.datetime.combine(day, dt.time(hour, begun.minute, begun.second or 0), times.zone_of(self.zone))
        if begun.hour is None:
            return Moment(at.replace(minute=0, second=0), Precision.DAY, self.zone)
        return Moment(at, Precision.MINUTE if begun.second is None else Precision.SECOND, self.zone)
