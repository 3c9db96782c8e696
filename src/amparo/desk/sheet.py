"""The sheet behind a queue: columns of bytes, so that a hundred thousand rows open in the blink that one does.

Most rows say the same few things (why, level, language, consents...), so each such combination is kept once, as
a `Kind`; a row is a case id, a day and the number of its kind: 22 bytes. Rows stand in the queue's order.
"""

import datetime as dt
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload
from uuid import UUID

import msgspec

_FIRST_DAY = dt.date(2020, 1, 1).toordinal()


class Kind(msgspec.Struct, frozen=True, array_like=True):
    """What many rows have in common. Texts are message ids; nothing here names a person."""

    rank: int  # place of `why`, then of `level`: what the queue is sorted by
    why: str  # words.why.WHY
    reason: str
    level: str
    language: str
    consents: tuple[str, ...]
    waiting: str  # "", "reporter-wrote", "no-worker", "findings", "withdrawn", "unreadable"
    state: str
    new: bool  # nobody of the desk has written yet


class QueueRow(Kind, frozen=True, array_like=True):
    """One case in the queue. Most pressing first; among equals the one that waits longest."""

    case: UUID = UUID(int=0)
    day: dt.date = dt.date.min  # opened on


class _Stored(msgspec.Struct, array_like=True):
    seen: int
    kinds: list[Kind]
    ids: bytes
    days: bytes
    kind_of: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Stored)


class Sheet:
    """Rows in order, and `seen`: the place of the last change among all cases that they know of."""

    def __init__(self) -> None:
        self.seen = 0
        self.kinds: list[Kind] = []
        self.numbers: dict[Kind, int] = {}
        self.ids = bytearray()
        self.days = array("H")
        self.kind_of = array("I")

    def __len__(self) -> int:
        return len(self.days)

    def encode(self) -> bytes:
        """Bytes to seal (of this machine's byte order: a sheet that does not read is built again)."""
        return _encoder.encode(_Stored(
            self.seen, self.kinds, bytes(self.ids), self.days.tobytes(), self.kind_of.tobytes()
        ))

    @classmethod
    def decode(cls, raw: bytes) -> "Sheet":
        """The sheet back; ValueError (msgspec.DecodeError is one) when it is none."""
        stored, sheet = _decoder.decode(raw), cls()
        sheet.seen, sheet.kinds = stored.seen, stored.kinds
        sheet.numbers = {kind: number for number, kind in enumerate(stored.kinds)}
        sheet.ids = bytearray(stored.ids)
        sheet.days.frombytes(stored.days)
        sheet.kind_of.frombytes(stored.kind_of)
        whole = len(sheet.ids) == 16 * len(sheet.days) and len(sheet.days) == len(sheet.kind_of)
        if not whole or max(sheet.kind_of, default=0) > max(0, len(sheet.kinds) - 1):
            raise ValueError("columns of different lengths")
        return sheet

    def number(self, kind: Kind) -> int:
        """The kind's number; a new one if it was never met."""
        if kind not in self.numbers:
            self.numbers[kind] = len(self.kinds)
            self.kinds.append(kind)
        return self.numbers[kind]

    def key(self, place: int) -> tuple[int, int, bytes]:
        """What the order goes by."""
        return (
            self.kinds[self.kind_of[place]].rank, self.days[place], bytes(self.ids[16 * place : 16 * place + 16])
        )

    def find(self, case: UUID) -> int:
        """The place of a case, -1 if it is not here."""
        at = self.ids.find(case.bytes)
        while at >= 0 and at % 16:
            at = self.ids.find(case.bytes, at + 1)
        return at // 16 if at >= 0 else -1

    def remove(self, case: UUID) -> None:
        """Take a case out, if it is here."""
        place = self.find(case)
        if place >= 0:
            del self.ids[16 * place : 16 * place + 16]
            del self.days[place]
            del self.kind_of[place]

    def insert(self, case: UUID, day: dt.date, kind: Kind) -> None:
        """Put a case in at its place."""
        number, since = self.number(kind), day.toordinal() - _FIRST_DAY
        wanted = (kind.rank, since, case.bytes)
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.key(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        self.ids[16 * low : 16 * low] = case.bytes
        self.days.insert(low, since)
        self.kind_of.insert(low, number)

    def replace_all(self, rows: Iterable[tuple[UUID, dt.date, Kind]]) -> None:
        """Set the whole content, in any order; kinds that no row has any more are forgotten."""
        ordered = sorted(
            ((kind.rank, day.toordinal() - _FIRST_DAY, case.bytes, kind) for case, day, kind in rows),
            key=lambda row: row[:3],
        )
        self.kinds, self.numbers = [], {}
        self.ids = bytearray(b"".join(row[2] for row in ordered))
        self.days = array("H", (row[1] for row in ordered))
        self.kind_of = array("I", (self.number(row[3]) for row in ordered))

    def everything(self) -> dict[UUID, tuple[dt.date, Kind]]:
        """All rows, by case."""
        return {
            UUID(bytes=bytes(self.ids[16 * n : 16 * n + 16])):
                (dt.date.fromordinal(self.days[n] + _FIRST_DAY), self.kinds[self.kind_of[n]])
            for n in range(len(self))
        }

    def row(self, place: int) -> QueueRow:
        """One row as a value."""
        kind = self.kinds[self.kind_of[place]]
        return QueueRow(
            kind.rank, kind.why, kind.reason, kind.level, kind.language, kind.consents, kind.waiting, kind.state,
            kind.new, UUID(bytes=bytes(self.ids[16 * place : 16 * place + 16])),
            dt.date.fromordinal(self.days[place] + _FIRST_DAY),
        )


class Rows(Sequence[QueueRow]):
    """Rows of a sheet, made into values only when looked at.

    `where` and `count` ask a question of each kind once, not of each row: use them for whole queues.
    """

    def __init__(self, sheet: Sheet, places: Sequence[int] | None = None) -> None:
        self.sheet = sheet
        self.places = range(len(sheet)) if places is None else places

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int) -> QueueRow: ...
    @overload
    def __getitem__(self, place: slice) -> "Rows": ...
    def __getitem__(self, place: int | slice) -> "QueueRow | Rows":
        if isinstance(place, slice):
            return Rows(self.sheet, self.places[place])
        return self.sheet.row(self.places[place])

    def __iter__(self) -> Iterator[QueueRow]:
        return (self.sheet.row(place) for place in self.places)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(
            mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def where(self, holds: Callable[[Kind], bool]) -> "Rows":
        """The rows whose kind holds, in order."""
        kinds = self.sheet.kinds
        good = {number for number, kind in enumerate(kinds) if holds(kind)}
        if len(good) == len(kinds):
            return self
        of = self.sheet.kind_of
        return Rows(self.sheet, array("I", (place for place in self.places if of[place] in good)))

    def count(self, holds: object) -> int:
        """How many rows' kinds hold (`holds`: a question, as for `where`)."""
        if not callable(holds):
            return sum(1 for one in self if one == holds)
        return len(self.where(holds))
