"""The sheet behind a queue: columns of bytes, so that a hundred thousand rows open in the blink that one does.

Most rows say the same few things (why, level, language, consents...), so each such combination is kept once, as
a `Kind`; a row is a case id, a day, the number of its kind, and what is its own: who has it, when its next task is
due, its wave, what kinds of threat it tells of: 34 bytes. Rows stand in the queue's order.
"""

import datetime as dt
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload
from uuid import UUID

import msgspec

from amparo.words.threats import CODES

_FIRST_DAY = dt.date(2020, 1, 1).toordinal()
ENDED = ("closed", "out-of-mandate", "withdrawn", "erasing")  # states in which nobody waits for an answer any more


class Kind(msgspec.Struct, frozen=True, array_like=True):
    """What many rows have in common. Texts are message ids; nothing here names a person."""

    rank: int  # what the queue is sorted by, desk.queue.place
    why: str  # words.why.WHY
    reason: str  # the most pressing of the report itself, also where a colleague raised the level
    level: str
    language: str
    consents: tuple[str, ...]
    waiting: str  # "", "reporter-wrote", "no-worker", "carried", "findings", "withdrawn", "unreadable"
    state: str
    new: bool  # nobody has triaged or answered it, and it is open
    triaged: bool = False
    unanswered: bool = False  # no words of the desk have reached the reporter
    raised: bool = False  # a colleague put it on this level

    @property
    def waits(self) -> bool:
        """Whether its reporter waits for a first answer: only words that reach them, or closing, end that."""
        return self.unanswered and self.state not in ENDED


class Own(msgspec.Struct, frozen=True):
    """What a row does not share with others."""

    who: UUID | None = None  # who takes care of it
    due: dt.datetime | None = None  # the next task's time
    tasks: bool = False  # something is still to be done, with a time or without
    wave: UUID | None = None
    title: str = ""  # of the wave, as a colleague wrote it
    threats: tuple[str, ...] = ()  # codes (words.threats), in their order


NOTHING = Own()


class QueueRow(Kind, frozen=True, array_like=True):
    """One case in the queue. Most pressing first; among equals the one that waits longest."""

    case: UUID = UUID(int=0)
    day: dt.date = dt.date.min  # opened on
    who: UUID | None = None
    due: dt.datetime | None = None
    wave: UUID | None = None
    title: str = ""
    threats: tuple[str, ...] = ()


class Note(msgspec.Struct, frozen=True, array_like=True):
    """A line of a hand-over note, as it stands on top of the queue."""

    case: UUID
    shift: UUID
    by: UUID
    at: dt.datetime
    text: str


class _Stored(msgspec.Struct, array_like=True):
    seen: int
    kinds: list[Kind]
    ids: bytes
    days: bytes
    kind_of: bytes
    people: list[bytes] = []
    who_of: bytes = b""
    dues: bytes = b""
    waves: list[tuple[UUID, str]] = []
    wave_of: bytes = b""
    notes: list[Note] = []
    threats: list[str] = []
    threats_of: bytes = b""
    turns: dict[UUID, dt.date] = {}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Stored)
Line = tuple[dt.date, Kind, Own]
_FIRST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_NO_TASK, _NO_TIME = 0, 1  # of the column of minutes; other numbers are minutes since 2020


def minutes(own: Own) -> int:
    """The next task's time as it stands in its column."""
    if own.due is None:
        return _NO_TIME if own.tasks else _NO_TASK
    return min(max(2, int((own.due - _FIRST).total_seconds() // 60)), 0xFFFFFFFF)


class Sheet:
    """Rows in order, and `seen`: the place of the last change among all cases that they know of.

    `notes`: hand-over lines of the last days, few at any time. `turns`: cases of the escalation watch, with the day on
    which their level may change though nobody writes.
    """

    def __init__(self) -> None:
        self.seen = 0
        self.kinds: list[Kind] = []
        self.numbers: dict[Kind, int] = {}
        self.ids = bytearray()
        self.days = array("H")
        self.kind_of = array("I")
        self.people: list[bytes] = [b""]  # the place in it is what `who_of` holds; 0 for nobody
        self.who_of = array("H")
        self.dues = array("I")
        self.waves: list[tuple[UUID, str]] = [(UUID(int=0), "")]
        self.wave_of = array("H")
        self.notes: list[Note] = []
        self.threats: list[str] = []  # the place in it is the bit that `threats_of` holds
        self.threats_of = array("I")
        self.turns: dict[UUID, dt.date] = {}

    def __len__(self) -> int:
        return len(self.days)

    def _columns(self) -> "tuple[array[int], ...]":
        return self.days, self.kind_of, self.who_of, self.dues, self.wave_of, self.threats_of

    def encode(self) -> bytes:
        """Bytes to seal (of this machine's byte order: a sheet that does not read is built again)."""
        return _encoder.encode(_Stored(
            self.seen, self.kinds, bytes(self.ids), self.days.tobytes(), self.kind_of.tobytes(), self.people,
            self.who_of.tobytes(), self.dues.tobytes(), self.waves, self.wave_of.tobytes(), self.notes,
            self.threats, self.threats_of.tobytes(), self.turns,
        ))

    @classmethod
    def decode(cls, raw: bytes) -> "Sheet":
        """The sheet back; ValueError (msgspec.DecodeError is one) when it is none."""
        stored, sheet = _decoder.decode(raw), cls()
        sheet.seen, sheet.kinds, sheet.notes = stored.seen, stored.kinds, stored.notes
        sheet.people, sheet.waves, sheet.threats = stored.people, stored.waves, stored.threats
        sheet.turns = stored.turns
        sheet.numbers = {kind: number for number, kind in enumerate(stored.kinds)}
        sheet.ids = bytearray(stored.ids)
        parts = stored.days, stored.kind_of, stored.who_of, stored.dues, stored.wave_of, stored.threats_of
        for column, part in zip(sheet._columns(), parts, strict=True):
            column.frombytes(part)
        whole = {len(sheet.ids) / 16, *(len(column) for column in sheet._columns())} == {len(sheet.days)}
        inside = (
            max(sheet.kind_of, default=0) <= max(0, len(sheet.kinds) - 1)
            and max(sheet.who_of, default=0) < len(sheet.people) and max(sheet.wave_of, default=0) < len(sheet.waves)
            and max(sheet.threats_of, default=0) < 1 << len(sheet.threats)
        )
        if not whole or not inside:
            raise ValueError("columns of different lengths")
        return sheet

    def number(self, kind: Kind) -> int:
        """The kind's number; a new one if it was never met."""
        if kind not in self.numbers:
            self.numbers[kind] = len(self.kinds)
            self.kinds.append(kind)
        return self.numbers[kind]

    def _person(self, who: UUID | None) -> int:
        raw = who.bytes if who else b""
        if raw not in self.people:
            self.people.append(raw)
        return self.people.index(raw)

    def _wave(self, own: Own) -> int:
        """One place a wave, whatever its title has become."""
        if own.wave is None:
            return 0
        for number, (wave, title) in enumerate(self.waves):
            if wave == own.wave:
                if own.title != title:
                    self.waves[number] = (wave, own.title)
                return number
        if len(self.waves) > 0xFFFE:
            return 0
        self.waves.append((own.wave, own.title))
        return len(self.waves) - 1

    def _threats(self, own: Own) -> int:
        """A bit for each kind of threat; one that finds no place any more among 32 is left out."""
        bits = 0
        for code in own.threats:
            if code not in self.threats and len(self.threats) < 32:
                self.threats.append(code)
            if code in self.threats:
                bits |= 1 << self.threats.index(code)
        return bits

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
            for column in self._columns():
                del column[place]

    def insert(self, case: UUID, day: dt.date, kind: Kind, own: Own = NOTHING) -> None:
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
        values = since, number, self._person(own.who), minutes(own), self._wave(own), self._threats(own)
        for column, value in zip(self._columns(), values, strict=True):
            column.insert(low, value)

    def replace_all(self, rows: Iterable[tuple[UUID, dt.date, Kind, Own]]) -> None:
        """Set the whole content, in any order; kinds, people and waves that no row has any more are forgotten."""
        ordered = sorted(
            ((kind.rank, day.toordinal() - _FIRST_DAY, case.bytes, kind, own) for case, day, kind, own in rows),
            key=lambda row: row[:3],
        )
        self.kinds, self.numbers = [], {}
        self.people, self.waves, self.threats = [b""], [(UUID(int=0), "")], []
        self.ids = bytearray(b"".join(row[2] for row in ordered))
        self.days = array("H", (row[1] for row in ordered))
        self.kind_of = array("I", (self.number(row[3]) for row in ordered))
        self.who_of = array("H", (self._person(row[4].who) if row[4].who else 0 for row in ordered))
        self.dues = array("I", (minutes(row[4]) for row in ordered))
        self.wave_of = array("H", (self._wave(row[4]) for row in ordered))
        self.threats_of = array("I", (self._threats(row[4]) for row in ordered))

    def everything(self) -> dict[UUID, Line]:
        """All rows, by case."""
        return {
            self.case(n): (dt.date.fromordinal(self.days[n] + _FIRST_DAY), self.kinds[self.kind_of[n]], self.own(n))
            for n in range(len(self))
        }

    def case(self, place: int) -> UUID:
        """The case of a row."""
        return UUID(bytes=bytes(self.ids[16 * place : 16 * place + 16]))

    def own(self, place: int) -> Own:
        """What the row has of its own."""
        who, due, wave, bits = self.who_of[place], self.dues[place], self.wave_of[place], self.threats_of[place]
        if not who and not due and not wave and not bits:
            return NOTHING
        time = _FIRST + dt.timedelta(minutes=due) if due > _NO_TIME else None
        named = self.waves[wave] if wave else (None, "")
        told = {code for bit, code in enumerate(self.threats) if bits >> bit & 1}
        threats = tuple(code for code in CODES if code in told)
        return Own(UUID(bytes=self.people[who]) if who else None, time, due > _NO_TASK, *named, threats)

    def row(self, place: int) -> QueueRow:
        """One row as a value."""
        kind, own = self.kinds[self.kind_of[place]], self.own(place)
        return QueueRow(
            kind.rank, kind.why, kind.reason, kind.level, kind.language, kind.consents, kind.waiting, kind.state,
            kind.new, kind.triaged, kind.unanswered, kind.raised, self.case(place),
            dt.date.fromordinal(self.days[place] + _FIRST_DAY), own.who, own.due, own.wave, own.title, own.threats,
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

    def of(self, who: UUID | None) -> "Rows":
        """The rows that a colleague takes care of; those that nobody does."""
        people, raw = self.sheet.people, who.bytes if who else b""
        number = people.index(raw) if raw in people else -1
        return self._kept(self.sheet.who_of, lambda value: value == number)

    def in_wave(self, wave: UUID) -> "Rows":
        """The rows of one campaign."""
        number = next((n for n, (one, _) in enumerate(self.sheet.waves) if n and one == wave), -1)
        return self._kept(self.sheet.wave_of, lambda value: value == number)

    def due_before(self, moment: dt.datetime) -> "Rows":
        """The rows with a task whose time lies before a moment."""
        last = minutes(Own(due=moment))
        return self._kept(self.sheet.dues, lambda value: _NO_TIME < value < last)

    def older_than(self, day: Callable[[Kind], int]) -> "Rows":
        """The rows opened before a day (its ordinal), which each kind names."""
        sheet = self.sheet
        limits = [day(kind) - _FIRST_DAY for kind in sheet.kinds]
        days, of = sheet.days, sheet.kind_of
        return Rows(sheet, array("I", (place for place in self.places if days[place] < limits[of[place]])))

    def with_tasks(self) -> "Rows":
        """The rows where something is still to be done."""
        return self._kept(self.sheet.dues, lambda value: value > _NO_TASK)

    def _kept(self, column: "array[int]", holds: Callable[[int], bool]) -> "Rows":
        return Rows(self.sheet, array("I", (place for place in self.places if holds(column[place]))))

    def count(self, holds: object) -> int:
        """How many rows' kinds hold (`holds`: a question, as for `where`)."""
        if not callable(holds):
            return sum(1 for one in self if one == holds)
        return len(self.where(holds))
