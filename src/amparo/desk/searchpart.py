"""A part of what one colleague can search: the folded texts of some cases in one run of bytes, sealed to them.

A case's part is told by the first bits of its id. So a change writes one part of PARTS anew, what was masked or erased
lies in no older copy, and erasing a case throws one part away and not the whole sheet.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final
from uuid import UUID

import msgspec

from amparo.desk.records import Mark, SearchSheet

PARTS: Final = 32
HEAD: Final = PARTS  # number of the part that tells how far the others are
_END: Final = b"\x00"


def part_of(case: UUID) -> int:
    """The number of the part that a case belongs to."""
    return case.bytes[0] * PARTS // 256


class Entry(msgspec.Struct, frozen=True):
    """One case, as it is searched and compared."""

    case: UUID
    day: int  # ordinal of the day on which it was opened
    text: bytes  # folded, a line for each writing
    identifiers: tuple[tuple[str, str], ...] = ()
    signature: bytes = b""  # of the account (likeness.signature)
    decided: tuple[tuple[bytes, str], ...] = ()  # (other case, verdict) of what people compared
    account: int = 0  # bytes of `text` that tell what was told when the report came


class _Stored(msgspec.Struct, array_like=True):
    seen: int
    generation: int
    ids: bytes
    days: list[int]
    ends: list[int]
    text: bytes
    identifiers: list[tuple[tuple[str, str], ...]]
    signatures: list[bytes]
    decided: list[tuple[tuple[bytes, str], ...]]
    accounts: list[int]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Stored)


class Part:
    """Entries in any order; `seen`: the place of the last change among all cases that they know of.

    `generation`: of the team's key under which the marks of these cases were written (0: none yet).
    """

    def __init__(self) -> None:
        self.seen = 0
        self.generation = 0
        self._stored = _Stored(0, 0, b"", [], [], b"", [], [], [], [])

    def __len__(self) -> int:
        return len(self._stored.days)

    @classmethod
    def decode(cls, raw: bytes) -> "Part":
        """The part back; ValueError (msgspec.DecodeError is one) when it is none."""
        part, stored = cls(), _decoder.decode(raw)
        count = len(stored.days)
        columns = (stored.ends, stored.identifiers, stored.signatures, stored.decided, stored.accounts)
        if len(stored.ids) != 16 * count or any(len(one) != count for one in columns):
            raise ValueError("columns of different lengths")
        part.seen, part.generation, part._stored = stored.seen, stored.generation, stored
        return part

    def encode(self) -> bytes:
        """Bytes to seal."""
        self._stored.seen, self._stored.generation = self.seen, self.generation
        return _encoder.encode(self._stored)

    def ids(self) -> list[bytes]:
        """The ids of the cases, 16 bytes each, in the order of their places."""
        ids = self._stored.ids
        return [ids[at : at + 16] for at in range(0, len(ids), 16)]

    def case(self, place: int) -> UUID:
        return UUID(bytes=self._stored.ids[16 * place : 16 * place + 16])

    def day(self, place: int) -> int:
        return self._stored.days[place]

    def text(self, place: int) -> bytes:
        return self._stored.text[self._stored.ends[place - 1] + 1 if place else 0 : self._stored.ends[place]]

    def identifiers(self, place: int) -> tuple[tuple[str, str], ...]:
        return self._stored.identifiers[place]

    def signature(self, place: int) -> bytes:
        return self._stored.signatures[place]

    def decided(self, place: int) -> tuple[tuple[bytes, str], ...]:
        return self._stored.decided[place]

    def account(self, place: int) -> bytes:
        return self.text(place)[: self._stored.accounts[place]]

    def entries(self) -> Iterator[Entry]:
        """All of them."""
        for n in range(len(self)):
            yield Entry(
                self.case(n), self.day(n), self.text(n), self.identifiers(n), self.signature(n), self.decided(n),
                self._stored.accounts[n],
            )

    def replace(self, fresh: Iterable[Entry], gone: Iterable[UUID]) -> None:
        """Put entries in, in place of what was there of these cases; take others out."""
        new = {one.case.bytes: one for one in fresh}
        out = {one.bytes for one in gone} | new.keys()
        old, added, ids = self._stored, list(new.values()), self.ids()
        kept = [place for place, case in enumerate(ids) if case not in out]
        texts = [*(self.text(place) for place in kept), *(one.text for one in added)]
        ends, at = array("Q"), 0
        for text in texts:
            at += len(text)
            ends.append(at)
            at += 1
        self._stored = _Stored(
            self.seen, self.generation,
            b"".join([*(ids[place] for place in kept), *new]),
            [*(old.days[place] for place in kept), *(one.day for one in added)],
            list(ends),
            b"".join(part for text in texts for part in (text, _END)),
            [*(old.identifiers[place] for place in kept), *(one.identifiers for one in added)],
            [*(old.signatures[place] for place in kept), *(one.signature for one in added)],
            [*(old.decided[place] for place in kept), *(one.decided for one in added)],
            [*(old.accounts[place] for place in kept), *(one.account for one in added)],
        )

    def places_with(self, terms: list[bytes]) -> Iterator[int]:
        """Places of the cases in whose texts every term stands. The longest leads, the others are looked for there."""
        lead, *others = sorted(terms, key=len, reverse=True)
        text, ends = self._stored.text, self._stored.ends
        at = text.find(lead)
        while at >= 0:
            place = bisect_right(ends, at)
            start, end = ends[place - 1] + 1 if place else 0, ends[place]
            if all(text.find(one, start, end) >= 0 for one in others):
                yield place
            at = text.find(lead, end)


def forget(case: UUID, *, staff_ids: Iterable[UUID] | None = None) -> None:
    """Throw away the parts in which a case lies: of these colleagues, or of all. Inside the caller's transaction."""
    rows = SearchSheet.objects.filter(number__in=(part_of(case), HEAD))
    (rows if staff_ids is None else rows.filter(staff_id__in=list(staff_ids))).delete()


def forget_erased(case: UUID) -> None:
    """The case is erased: its parts of everybody's sheets, and its marks. Inside the caller's transaction."""
    forget(case)
    Mark.objects.filter(case_id=case).delete()


def forget_all(staff_ids: Iterable[UUID]) -> None:
    """Throw away all that these colleagues could search. Inside the caller's transaction."""
    SearchSheet.objects.filter(staff_id__in=list(staff_ids)).delete()
