"""Letters between colleagues, outside any case: each copy is sealed to its one reader and signed by its writer.

A letter's kind and its day stand in clear; who wrote it, when and what, only its reader learns. Complaints about the
desk come without a writer: they are the one kind that nobody signs.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import clock, directory
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotFound
from amparo.desk.records import Letter as Row

HAND_OVER, COMPLAINT, REQUEST, NOTICE, ALARM = KINDS = ("hand-over", "complaint", "request", "notice", "alarm")


class _Body(msgspec.Struct, frozen=True):
    at: dt.datetime
    text: str
    facts: dict[str, str] = {}


class Letter(msgspec.Struct, frozen=True):
    """One letter as its reader sees it. `writer` is None, or not `proven`, where no signature says who wrote."""

    id: UUID
    thread: UUID
    kind: str
    writer: UUID | None
    who: str  # pseudonym; "" where nobody is proven
    at: dt.datetime
    text: str
    facts: dict[str, str]  # codes and ids that the kind needs
    proven: bool
    read: bool


def write(
    *, staff: OpenStaff | None, to: Iterable[UUID], kind: str, text: str, thread: UUID | None = None,
    facts: dict[str, str] | None = None, at: dt.datetime | None = None,
) -> UUID:
    """Seal a copy to each reader; the thread. Readers whose keys no lead has signed get none.

    `staff` None: unsigned (a complaint). `at`: only where the exact time would point to a person.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of letter {kind}")
    people, thread = directory.everyone(), thread or uuid4()
    author = staff.author() if staff is not None else seal.UNSIGNED
    payload = msgspec.msgpack.encode(_Body(at or clock.now(), text, facts or {}))
    rows = [
        Row(id=uuid4(), to_id=one, kind=kind, thread=thread, made_on=clock.today(), body=seal.seal_letter(
            people[one].kex_public, kind, thread, one, payload, author))
        for one in dict.fromkeys(to) if one in people
    ]
    with transaction.atomic():
        Row.objects.bulk_create(rows)
    return thread


def read(staff: OpenStaff, kind: str, *, unread: bool = False) -> tuple[Letter, ...]:
    """My letters of this kind, oldest first. One that does not open says so in its place: never dropped in silence."""
    rows = Row.objects.filter(to_id=staff.id, kind=kind)
    if unread:
        rows = rows.filter(read=False)
    people = directory.everyone()
    return tuple(sorted((_opened(staff, row, people) for row in rows), key=lambda one: one.at))


def _opened(staff: OpenStaff, row: Row, people: dict[UUID, directory.Colleague]) -> Letter:
    def key_of(kind: str, who: UUID) -> bytes | None:
        return people[who].sign_public if kind == "staff" and who in people else None

    try:
        written = seal.open_letter(
            staff.keys.kex.private, row.kind, row.thread, staff.id, bytes(row.body), key_of
        )
        body = msgspec.msgpack.decode(written.payload, type=_Body)
    except (seal.SealError, msgspec.DecodeError):
        day = dt.datetime.combine(row.made_on, dt.time(), dt.UTC)
        return Letter(row.id, row.thread, "unreadable", None, "", day, "", {}, False, row.read)
    writer = written.author_id if written.proven else None
    who = people[writer].pseudonym if writer in people else ""
    return Letter(row.id, row.thread, row.kind, writer, who, body.at, body.text, body.facts, written.proven, row.read)


def mark_read(*, staff: OpenStaff, letter: UUID) -> None:
    """I have read it. Raises NotFound for another's letter."""
    if not Row.objects.filter(id=letter, to_id=staff.id).update(read=True):
        raise NotFound("There is no such letter for you.", advice="Load the page again.")


def burn(*, staff: OpenStaff, thread: UUID) -> None:
    """Delete my copies of a thread."""
    Row.objects.filter(thread=thread, to_id=staff.id).delete()


def unread_count(staff_id: UUID, kind: str) -> int:
    """How many letters of a kind wait for somebody (the number alone needs no key)."""
    return Row.objects.filter(to_id=staff_id, kind=kind, read=False).count()
