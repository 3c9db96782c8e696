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
    swapping,
    walks,
    working,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError
from amparo.desk.opening import Read
from amparo.desk.records import LogEntry
from amparo.desk.returning import tidy
from amparo.desk.sheet import Note, QueueRow
from amparo.desk.working import Duty

_QUIET = ("closed", "out-of-mandate", "withdrawn", "erasing")
URGENT = ("P0", "P1")
LONGEST = 2_000
_WRITTEN = ("message", "note", "event", "result")


class Draft(msgspec.Struct, frozen=True):
    """What could be said of one case. The line itself is written by the page, in the writer's language."""

    row: QueueRow
    duties: tuple[Duty, ...]
    mine: bool
    unanswered: bool
    acts: dict[str, int]  # custody action -> how often I did it during this shift


class Chore(msgspec.Struct, frozen=True):
    """An open task of a case; `who` is a pseudonym, "" where it is for whoever has the case."""

    text: str
    due: dt.datetime | None
    who: str


class Stand(msgspec.Struct, frozen=True):
    """What a case is about and how the work on it stands. `who`: the pseudonym of who has it, "" for nobody."""

    threats: tuple[str, ...] = ()
    who: str = ""
    tasks: tuple[Chore, ...] = ()
    walks: tuple[tuple[str, str], ...] = ()  # playbooks that are not at an end: code, and the page where each stands
    wrote: bool = False  # I wrote in it during this shift: an answer, a note, an event; these stand in no log


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
    minutes: int  # of the pictures without their veil, guessed
    cases: tuple[swapping.Weight, ...]


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
    pressing = rows.where(lambda kind: kind.waits and kind.level in URGENT)
    unanswered = set(pressing.places)
    touched = {place for case in (*acts, *todo) if (place := rows.sheet.find(case)) >= 0}
    found = []
    for place in sorted(mine | unanswered | touched):
        row = rows.sheet.row(place)
        found.append(Draft(
            row, tuple(todo.get(row.case, ())), place in mine, place in unanswered, acts.get(row.case, {})
        ))
    return tuple(found)


def stands(staff: OpenStaff, cases: list[UUID]) -> dict[UUID, Stand]:
    """What the cases of a hand-over are about, opened now: kinds, who has each, its open tasks; no word of a story."""
    policy.require(staff.role, "none", "shift.hand-over")
    people = directory.everyone()

    def named(who: UUID | None) -> str:
        return "" if who is None else people[who].pseudonym if who in people else "?"

    found, since = {}, began(staff)
    for case, reads in queue.opened_now(staff, cases, ("answers", *_WRITTEN, *working.KINDS, walks.KIND)):
        work, told = working.fold(reads), _kinds(reads)
        kinds = work.seen.threats or told
        found[case] = Stand(kinds, named(work.who), tuple(
            Chore(one.text, one.due, named(one.who)) for one in work.open_duties
        ), tuple((one.book, one.node) for one in walks.fold(reads) if one.open), any(
            _mine_since(one, staff, since) for one in reads
        ))
    return found


def _mine_since(one: Read, staff: OpenStaff, since: dt.datetime) -> bool:
    return (one.item.kind in _WRITTEN and one.proven and one.author_id == staff.id and one.payload is not None
            and one.payload.at >= since)


def _kinds(reads: list[Read]) -> tuple[str, ...]:
    """The kinds of attack that the reporter chose, newest answers."""
    found: tuple[str, ...] = ()
    for one in reads:
        if isinstance(one.payload, payloads.Answers) and one.proven and one.item.channel == "staff":
            found = tuple(one.payload.answers.get("threats", ()))
    return found


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
    acts = _my_acts(staff, clock.now() - dt.timedelta(days=7))
    seen = [one.detail for one in acts if one.action == "viewed"]
    seconds = sum(took for _, took in swapping.seconds_of(acts, clock.now()))
    return Exposure(seen.count(("clear",)), seen.count(("copy",)), seen.count(("original",)), round(seconds / 60),
                    swapping.weights(staff, acts))
