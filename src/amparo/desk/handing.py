"""The end of a shift: what is open, told to the next one; what was handed over to me; what I looked at.

A hand-over is proposed from open ticks and kept only as its writer leaves it. Its lines are items of the cases they
are about, so that only who reads a case sees its line.
"""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import (
    clock,
    configuration,
    directory,
    duties,
    letters,
    payloads,
    policy,
    profile,
    queue,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError
from amparo.desk.records import LogEntry
from amparo.desk.returning import tidy
from amparo.desk.sheet import Note, QueueRow
from amparo.desk.working import Duty

_QUIET = ("closed", "out-of-mandate", "withdrawn", "erasing")
URGENT = ("P0", "P1")
LONGEST = 2_000


class Draft(msgspec.Struct, frozen=True):
    """What could be said of one case. The line itself is written by the page, in the writer's language."""

    row: QueueRow
    duties: tuple[Duty, ...]
    mine: bool
    unanswered: bool
    acts: dict[str, int]  # custody action -> how often I did it during this shift


class Waiting(msgspec.Struct, frozen=True):
    """A line that a colleague left, or a letter to all (`case` None). `id` is what is marked as read."""

    id: UUID
    who: str
    at: dt.datetime
    text: str
    case: UUID | None = None


class Exposure(msgspec.Struct, frozen=True):
    """What I opened in the last seven days, from the custody log; nobody else is shown it."""

    pictures: int  # without their veil
    copies: int  # pictures behind their veil, and texts
    originals: int


def began(staff: OpenStaff) -> dt.datetime:
    """When my shift began: after the last one ended, and not longer ago than a session may last."""
    longest = clock.now() - dt.timedelta(hours=configuration.current().staff_hours)
    ended = profile.load(staff).shift_from
    return max(ended, longest) if ended else longest


def _my_acts(staff: OpenStaff, since: dt.datetime) -> list[seal.CustodyEntry]:
    """My entries of the custody log since a moment. The log is searched by my id where it lies, newest first."""
    found = []
    rows = LogEntry.objects.extra(where=["instr(body, %s) > 0"], params=[staff.id.bytes]).order_by("-index")
    for row in rows.iterator(chunk_size=500):
        entry = seal.CustodyEntry.decode(bytes(row.body))
        if entry.actor != staff.id:
            continue
        if entry.at < since.timestamp():
            break  # my own entries carry the second, so the older ones lie below
        found.append(entry)
    return found


def draft(staff: OpenStaff) -> tuple[Draft, ...]:
    """Cases worth a line, in the queue's order: mine, with open tasks of mine, pressing and unanswered, or changed by
    me during this shift."""
    policy.require(staff.role, "none", "shift.hand-over")
    acts: dict[UUID, dict[str, int]] = {}
    for entry in _my_acts(staff, began(staff)):
        if entry.case is not None:
            of = acts.setdefault(entry.case, {})
            of[entry.action] = of.get(entry.action, 0) + 1
    todo: dict[UUID, list[Duty]] = {}
    for one in duties.mine(staff):
        todo.setdefault(one.case, []).append(one.duty)
    rows = queue.load(staff).rows
    mine = set(rows.where(lambda kind: kind.state not in _QUIET).of(staff.id).places)
    pressing = rows.where(lambda kind: kind.new and kind.level in URGENT and kind.state not in _QUIET)
    unanswered = set(pressing.places)
    touched = {place for case in (*acts, *todo) if (place := rows.sheet.find(case)) >= 0}
    found = []
    for place in sorted(mine | unanswered | touched):
        row = rows.sheet.row(place)
        found.append(Draft(
            row, tuple(todo.get(row.case, ())), place in mine, place in unanswered, acts.get(row.case, {})
        ))
    return tuple(found)


def keep(*, staff: OpenStaff, lines: Mapping[UUID, str], text: str = "") -> int:
    """Keep the lines in their cases and send `text` to all colleagues who work on cases; the number of lines.

    All or nothing: a line of a case that was taken from me meanwhile is refused before any is kept.
    """
    policy.require(staff.role, "none", "shift.hand-over")
    written = {case: tidy(line)[:LONGEST] for case, line in lines.items() if line.strip()}
    if not written and not text.strip():
        raise DeskError("There is nothing to hand over.", advice="Leave a line, or write a few words.", code="empty")
    shift, now = uuid4(), clock.now()
    with transaction.atomic():
        for case_id, line in written.items():
            with change(staff, case_id, "case.note", None) as opened:
                payload = payloads.HandOver(at=now, shift=shift, text=line)
                writing.write_item(case=opened.case, payload=payload, author=staff.author(), epoch=opened.epoch)
        if text.strip():
            to = [one.id for one in directory.case_people() if one.id != staff.id]
            letters.write(staff=staff, to=to, kind=letters.HAND_OVER, text=tidy(text))
        profile.end_shift(staff=staff)
    return len(written)


def waiting(staff: OpenStaff, notes: list[Note]) -> tuple[Waiting, ...]:
    """What colleagues left and I have not marked as read: letters first, then lines by time."""
    read, people = profile.load(staff).read, directory.everyone()
    found = [
        Waiting(one.id, one.who, one.at, one.text)
        for one in letters.read(staff, letters.HAND_OVER, unread=True) if one.proven
    ]
    for note in notes:
        if note.by != staff.id and note.shift not in read:
            who = people[note.by].pseudonym if note.by in people else "?"
            found.append(Waiting(note.shift, who, note.at, note.text, note.case))
    return tuple(found)


def mark_read(*, staff: OpenStaff, ids: tuple[UUID, ...]) -> None:
    """I have read these, and only these: what came meanwhile still waits."""
    mine = {one.id for one in letters.read(staff, letters.HAND_OVER, unread=True)}
    for one in mine & set(ids):
        letters.mark_read(staff=staff, letter=one)
    shifts = tuple(one for one in ids if one not in mine)
    if shifts:
        profile.mark_read(staff=staff, shifts=shifts)


def exposure(staff: OpenStaff) -> Exposure:
    """What I opened this week."""
    seen = [one.detail for one in _my_acts(staff, clock.now() - dt.timedelta(days=7)) if one.action == "viewed"]
    return Exposure(seen.count(("clear",)), seen.count(("copy",)), seen.count(("original",)))
