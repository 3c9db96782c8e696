"""The queue: one sealed sheet a colleague, so that a thousand cases open in the blink that one does.

Opening a case costs a tenth of a millisecond and more; a hundred thousand would cost minutes. So each
colleague has a sheet, sealed to their own key, of what the queue shows; on loading, only the cases that
changed since are opened. Why a case waits, its language and its consents stand in no column.
"""

import datetime as dt
import logging
import threading
from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import F, Q

from amparo import seal
from amparo.desk import (
    accounts,
    clock,
    consenting,
    directory,
    escalating,
    membership,
    opening,
    payloads,
    weighing,
    working,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.opening import Read
from amparo.desk.records import Case, CaseEpoch, Grant, Item, QueueSheet
from amparo.desk.sheet import ENDED, NOTHING, Kind, Line, Note, Own, QueueRow, Rows, Sheet
from amparo.mitigate.escalation import Watch
from amparo.words import risk, threats
from amparo.words import why as reasons

__all__ = ["Kind", "Own", "QueuePage", "QueueRow", "Rows", "Sheet", "build", "load"]
log = logging.getLogger("amparo.desk.queue")
AT_ONCE = 300  # changed cases that a page waits for; more are read in the background
CHUNK = 500  # cases read between two signs of life of a build
_BEAT_LOST = dt.timedelta(seconds=30)
_LABEL = "queue-3"  # another one whenever what a sheet holds changes: sheets of before are built again
_KINDS = (
    "opening", "answers", "consent", "finding", "decision", "message", "result", "mask", "statement", "assessment",
    "taken-down", *working.KINDS,
)
_NOW = "danger-now"  # the rule of mitigate that stands before its equals
_NOTE_DAYS = dt.timedelta(days=7)  # how long a line of a hand-over stays on top of the queue, read or not


class QueuePage(msgspec.Struct, frozen=True):
    """`rows` of every state but erased ones. While `building`, they are those read so far."""

    rows: Rows
    building: bool
    progress: tuple[int, int]  # cases read, cases in all


def load(staff: OpenStaff) -> QueuePage:
    """My queue. When more than a few hundred cases are new to the sheet, it is built in the background."""
    row = QueueSheet.objects.filter(staff_id=staff.id).first()
    sheet = _read(staff, row)
    stale = _stale(staff.id, sheet.seen, limit=AT_ONCE + 1)
    turned = [case_id for case_id, day in sheet.turns.items() if day <= clock.today()]
    mine = Grant.objects.filter(staff_id=staff.id, kind="staff").count()
    if len(stale) > AT_ONCE:
        _build_in_background(staff, mine)
        row = QueueSheet.objects.filter(staff_id=staff.id).first()
        done = row.built if row else 0
        return QueuePage(Rows(sheet), True, (min(done, mine), mine))
    again = list(dict.fromkeys((*(case_id for case_id, _ in stale), *turned)))
    changed = bool(again)
    if again:
        fresh = _rows(staff, again)
        for case_id in again:
            sheet.remove(case_id)
        for case_id, day, kind, own in fresh.rows:
            sheet.insert(case_id, day, kind, own)
        _note(sheet, again, fresh)
        sheet.seen = stale[-1][1] if stale else sheet.seen
    if len(sheet) > mine:  # some were erased, and leave no change behind
        held = set(Grant.objects.filter(staff_id=staff.id, kind="staff").values_list("case_id", flat=True))
        for case_id in [one for one in sheet.everything() if one not in held]:
            sheet.remove(case_id)
            sheet.turns.pop(case_id, None)
        changed = True
    if changed:
        _write(staff, sheet)
    return QueuePage(Rows(sheet), False, (mine, mine))


def _read(staff: OpenStaff, row: QueueSheet | None) -> Sheet:
    """The stored sheet; an empty one if there is none, or if it is not as it was sealed."""
    if row is not None and row.body:
        try:
            return Sheet.decode(seal.open_to_self(staff.keys.kex.private, _LABEL, staff.id, bytes(row.body)))
        except (seal.SealError, ValueError):
            log.warning("queue.sheet-rebuilt")
    return Sheet()


def _write(staff: OpenStaff, sheet: Sheet, **more: object) -> None:
    body = seal.seal_to_self(staff.keys.kex.public, _LABEL, staff.id, sheet.encode())
    QueueSheet.objects.update_or_create(staff_id=staff.id, defaults={"body": body, **more})


def _stale(staff_id: UUID, seen: int, limit: int) -> list[tuple[UUID, int]]:
    """(case, place of its last change) of the cases changed after `seen`, oldest change first.

    Cases of others are among them: they cost a row each, and none of their content is read.
    """
    rows = Case.objects.filter(changed__gt=seen).order_by("changed").values_list("id", "changed")
    return list(rows[:limit])


class _Fresh(msgspec.Struct):
    rows: list[tuple[UUID, dt.date, Kind, Own]]
    notes: list[Note]
    turns: dict[UUID, dt.date] = {}


def _opened(
    staff: OpenStaff, wanted: list[UUID], kinds: tuple[str, ...]
) -> Iterator[tuple[Case, opening.OpenCase | None, list[Item]]]:
    """Those of these cases that are mine, opened, with their items; None where the keys are not proven."""
    people = directory.everyone()
    grants = Grant.objects.select_related("case").filter(
        case_id__in=wanted, kind="staff", staff_id=staff.id, epoch=F("case__epoch")
    ).exclude(case__state="erasing")
    epochs: dict[UUID, list[CaseEpoch]] = {}
    for epoch in CaseEpoch.objects.filter(case_id__in=wanted):
        epochs.setdefault(epoch.case_id, []).append(epoch)
    items: dict[UUID, list[Item]] = {}
    for item in Item.objects.filter(case_id__in=wanted, kind__in=kinds).select_related("key").order_by("sequence"):
        items.setdefault(item.case_id, []).append(item)
    for grant in grants:
        case = grant.case
        try:
            opened = opening.open_grant(
                staff.id, staff.keys.kex.private, case, grant, people, epochs.get(case.id, [])
            )
        except seal.SealError:
            yield case, None, []
            continue
        yield case, opened, items.get(case.id, [])


def _rows(staff: OpenStaff, ids: Iterable[UUID]) -> _Fresh:
    """What the queue shows of these cases, opened now; those that are not mine are left out."""
    fresh = _Fresh([], [], {})
    oldest = clock.now() - _NOTE_DAYS
    for case, opened, items in _opened(staff, list(ids), _KINDS):
        if opened is None:
            fresh.rows.append((case.id, case.opened_on, _unreadable(case), NOTHING))
            continue
        reads, bad = opening.read_items(opened, items, [one for one in items if one.kind == "mask"])
        work = working.fold(reads)
        answers = _answers(reads)
        watch, turns = escalating.of_case(case.id, reads)
        if turns is not None:
            fresh.turns[case.id] = turns
        kind = _kind(case, reads, answers, work, watch, bool(bad))
        fresh.rows.append((case.id, case.opened_on, kind, _own(work, weighing.told(answers, work.seen))))
        fresh.notes += [
            Note(case.id, one.shift, one.by, one.at, one.text) for one in work.handed if one.at > oldest
        ]
    return fresh


def _own(work: working.Working, told: dict[str, list[str]]) -> Own:
    kinds = tuple(code for code in threats.CODES if code in told.get("threats", ()))
    if work == _NO_WORK and not kinds:
        return NOTHING
    todo = work.open_duties
    wave, title = list(work.waves.items())[-1] if work.waves else (None, "")
    return Own(work.who, todo[0].due if todo else None, bool(todo), wave, title, kinds)


_NO_WORK = working.Working()


def _note(sheet: Sheet, again: Iterable[UUID], fresh: _Fresh) -> None:
    """What is kept beside the rows: hand-over lines of cases that were read again and others that are not too old,
    and the days on which a level may change by itself."""
    read, oldest = set(again), clock.now() - _NOTE_DAYS
    kept = [one for one in sheet.notes if one.case not in read and one.at > oldest]
    sheet.notes = sorted((*kept, *fresh.notes), key=lambda one: one.at)
    sheet.turns = {one: day for one, day in sheet.turns.items() if one not in read} | fresh.turns


def with_tasks(staff: OpenStaff) -> list[UUID]:
    """My cases in which something is still to be done."""
    return [row.case for row in load(staff).rows.with_tasks()]


def opened_now(
    staff: OpenStaff, cases: list[UUID], kinds: tuple[str, ...]
) -> Iterator[tuple[UUID, list[Read]]]:
    """Items of these kinds of those of the cases that are mine, opened for one page."""
    for start in range(0, len(cases), CHUNK):
        for case, opened, items in _opened(staff, cases[start : start + CHUNK], (*kinds, "mask")):
            if opened is not None:
                masks = [one for one in items if one.kind == "mask"]
                yield case.id, opening.read_items(opened, items, masks)[0]


def _unreadable(case: Case) -> Kind:
    """A case whose keys were changed by a stranger stands on top: better looked at once too often."""
    return Kind(0, reasons.WHY[0], "", "", "", (), "unreadable", case.state, False)


def place(why: str, level: str, *, read: bool, now: bool) -> int:
    """Where a row stands: heading and level, then what nobody triaged, then danger right now, then the older one.

    Of two that are equally urgent, the one that no colleague has read comes first: nobody knows yet what is in it.
    `read` and danger right now are the only two that part equals. The rule file's order parts the reasons of one
    report; between two reports it would be a guess which threat is worse, while "in danger right now" is the
    reporter's own word about this minute.
    """
    levels = [one.value for one in risk.PRIORITIES]
    return ((reasons.rank(why) * len(levels) + levels.index(level)) * 2 + read) * 2 + (not now)


def unread(rank: int) -> int:
    """The rank that a row of this rank had before it was triaged."""
    return rank & ~2


def _answers(reads: list[Read]) -> dict[str, list[str]]:
    answers: dict[str, list[str]] = {}
    for one in reads:
        if isinstance(one.payload, payloads.Answers) and one.item.channel == "staff" and one.proven:
            answers = one.payload.answers
    return answers


def _kind(
    case: Case, reads: list[Read], answers: dict[str, list[str]], work: working.Working, watch: Watch | None, bad: bool,
) -> Kind:
    last, answered = "", False
    for one in reads:
        if isinstance(one.payload, payloads.Message):
            last = one.author_kind
        if isinstance(one.payload, payloads.Message | payloads.Result) and one.author_kind == "staff" and one.proven:
            answered = True
    consents = consenting.newest(reads)[0].purposes
    filed = membership.filing_of(reads)
    judged = weighing.judged(reads)
    weighed = escalating.with_watch(weighing.weigh(answers, judged, work.seen), watch)
    waiting = ""
    if case.state == "withdrawn":
        waiting = "withdrawn"
    elif bad or filed is None:
        waiting = "unreadable"
    elif last in ("reporter", "delegate"):
        waiting = "reporter-wrote"
    elif any(one.verdict is None for one in judged):
        waiting = "findings"
    elif case.exam_code and "examine" in consents:
        waiting = case.exam_code if case.exam_code in ("no-worker", "carried") else ""
    triaged, level = work.seen.times > 0, weighed.level.value
    now = any(one.code == _NOW for one in weighed.reasons)
    told = [one for one in weighed.reasons if one.code != working.RAISED]
    # A triage alone protects nobody: who is in danger right now keeps the place in front until words reach them.
    rank = place(weighed.why, level, read=triaged and (answered or not now), now=now)
    return Kind(
        rank, weighed.why, told[0].says if told else weighed.reason, level, filed.language if filed else "", consents,
        waiting, case.state, not triaged and not answered and case.state not in ENDED, triaged, not answered,
        len(told) < len(weighed.reasons),
    )


def _build_in_background(staff: OpenStaff, total: int) -> None:
    """Start a build unless one lives, in this process or another."""
    QueueSheet.objects.get_or_create(staff_id=staff.id, defaults={"body": b""})
    now = clock.now()
    started = QueueSheet.objects.filter(
        Q(beat_at=None) | Q(beat_at__lt=now - _BEAT_LOST), staff_id=staff.id
    ).update(beat_at=now, total=total)
    if started:
        threading.Thread(target=_build_and_close, args=(staff,), name="queue", daemon=True).start()


def _build_and_close(staff: OpenStaff) -> None:
    try:
        build(staff)
    except Exception as error:
        log.error("queue.build-failed %s", type(error).__name__)
    finally:
        connection.close()


def build(staff: OpenStaff) -> None:
    """Read every changed case, oldest change first, keeping what was read: a build that dies goes on later."""
    sheet = _read(staff, QueueSheet.objects.filter(staff_id=staff.id).first())
    known = sheet.everything()
    unsaved = 0
    while (stale := _stale(staff.id, sheet.seen, limit=CHUNK)) and accounts.stands(staff):
        for case_id, _ in stale:
            known.pop(case_id, None)
        fresh = _rows(staff, [one for one, _ in stale])
        known.update((case_id, (day, kind, own)) for case_id, day, kind, own in fresh.rows)
        _note(sheet, [one for one, _ in stale], fresh)
        sheet.seen = stale[-1][1]
        unsaved += len(stale)
        if unsaved >= 10 * CHUNK:
            _save(staff, sheet, known, clock.now())
            unsaved = 0
        else:
            QueueSheet.objects.filter(staff_id=staff.id).update(built=len(known), beat_at=clock.now())
    _save(staff, sheet, known, None)


def _save(staff: OpenStaff, sheet: Sheet, known: dict[UUID, Line], beat_at: dt.datetime | None) -> None:
    sheet.replace_all((case_id, *line) for case_id, line in known.items())
    _write(staff, sheet, built=len(known), beat_at=beat_at)
