"""The queue: one sealed sheet a colleague, so that a thousand cases open in the blink that one does.

Opening a case costs a tenth of a millisecond and more; a hundred thousand would cost minutes. So each
colleague has a sheet, sealed to their own key, of what the queue shows; on loading, only the cases that
changed since are opened. Why a case waits, its language and its consents stand in no column.
"""

import bisect
import datetime as dt
import logging
import threading
from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import F, Q

from amparo import seal
from amparo.desk import clock, directory, membership, opening, payloads, weighing
from amparo.desk.accounts import OpenStaff
from amparo.desk.records import Case, Grant, Item, QueueSheet
from amparo.words import risk
from amparo.words import why as reasons

log = logging.getLogger("amparo.desk.queue")
AT_ONCE = 300  # changed cases that a page waits for; more are read in the background
CHUNK = 500  # cases read between two signs of life of a build
_BEAT_LOST = dt.timedelta(seconds=30)
_LABEL = "queue"
_KINDS = ("opening", "answers", "consent", "finding", "decision", "message", "state")


class QueueRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One case in the queue, most pressing first. Texts are message ids; nothing here names a person."""

    rank: int  # place of `why`, then of `level`: what the rows are sorted by
    day: dt.date  # opened on
    case: UUID
    version: int
    why: str  # words.why.WHY
    reason: str
    level: str
    language: str
    consents: tuple[str, ...]
    waiting: str  # "", "reporter-wrote", "no-worker", "needs-handler", "findings", "withdrawn", "unreadable"
    state: str
    new: bool  # nobody of the desk has written yet


class QueuePage(msgspec.Struct, frozen=True):
    """`rows` of every state but erased ones. While `building`, they are those read so far."""

    rows: tuple[QueueRow, ...]
    building: bool
    progress: tuple[int, int]  # cases read, cases in all


class Sheet(msgspec.Struct, array_like=True):
    """What is sealed: the rows in order, and the place of the last change they know."""

    seen: int
    rows: list[QueueRow]


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(Sheet)


def order(row: QueueRow) -> tuple[int, dt.date, int]:
    """Most pressing first; among equals the one that waits longest."""
    return (row.rank, row.day, row.case.int)


def load(staff: OpenStaff) -> QueuePage:
    """My queue. When more than a few hundred cases are new to the sheet, it is built in the background."""
    row = QueueSheet.objects.filter(staff_id=staff.id).first()
    sheet = _read(staff, row)
    stale = _stale(staff.id, sheet.seen, limit=AT_ONCE + 1)
    mine = Grant.objects.filter(staff_id=staff.id, kind="staff").count()
    if len(stale) > AT_ONCE:
        _build_in_background(staff, mine)
        row = QueueSheet.objects.filter(staff_id=staff.id).first()
        done = row.built if row else 0
        return QueuePage(tuple(sheet.rows), True, (min(done, mine), mine))
    changed = bool(stale)
    if stale:
        _merge(sheet, stale, _rows(staff, [case_id for case_id, _ in stale]))
    if len(sheet.rows) > mine:  # some were erased, and leave no change behind
        held = set(Grant.objects.filter(staff_id=staff.id, kind="staff").values_list("case_id", flat=True))
        sheet.rows = [one for one in sheet.rows if one.case in held]
        changed = True
    if changed:
        _write(staff, sheet)
    return QueuePage(tuple(sheet.rows), False, (mine, mine))


def _read(staff: OpenStaff, row: QueueSheet | None) -> Sheet:
    """The stored sheet; an empty one if there is none, or if it is not as it was sealed."""
    if row is not None and row.body:
        try:
            return _decoder.decode(
                seal.open_to_self(staff.keys.kex.private, _LABEL, staff.id, bytes(row.body))
            )
        except (seal.SealError, msgspec.DecodeError):
            log.warning("queue.sheet-rebuilt")
    return Sheet(0, [])


def _write(staff: OpenStaff, sheet: Sheet, **more: object) -> None:
    body = seal.seal_to_self(staff.keys.kex.public, _LABEL, staff.id, _encoder.encode(sheet))
    QueueSheet.objects.update_or_create(staff_id=staff.id, defaults={"body": body, **more})


def _stale(staff_id: UUID, seen: int, limit: int) -> list[tuple[UUID, int]]:
    """(case, place of its last change) of the cases changed after `seen`, oldest change first.

    Cases of others are among them: they cost a row each, and none of their content is read.
    """
    rows = Case.objects.filter(changed__gt=seen).order_by("changed").values_list("id", "changed")
    return list(rows[:limit])


def _merge(sheet: Sheet, stale: list[tuple[UUID, int]], fresh: list[QueueRow]) -> None:
    """Take the changed cases out, put what they are now in at their places."""
    gone = {case_id for case_id, _ in stale}
    sheet.rows = [one for one in sheet.rows if one.case not in gone]
    if len(fresh) > 1000:
        sheet.rows = sorted([*sheet.rows, *fresh], key=order)
    else:
        for one in fresh:
            bisect.insort(sheet.rows, one, key=order)
    sheet.seen = max(change for _, change in stale)


def _rows(staff: OpenStaff, ids: Iterable[UUID]) -> list[QueueRow]:
    """What the queue shows of these cases, opened now; those that are not mine are left out."""
    wanted = list(ids)
    people = directory.everyone()
    grants = Grant.objects.select_related("case").filter(
        case_id__in=wanted, kind="staff", staff_id=staff.id, epoch=F("case__epoch")
    ).exclude(case__state="erasing")
    items: dict[UUID, list[Item]] = {}
    for item in Item.objects.filter(case_id__in=wanted, kind__in=_KINDS).select_related("key").order_by("sequence"):
        items.setdefault(item.case_id, []).append(item)
    rows = []
    for grant in grants:
        case = grant.case
        try:
            opened = opening.open_grant(staff.id, staff.keys.kex.private, case, grant, people)
        except seal.SealError:
            rows.append(_unreadable(case))
            continue
        rows.append(_row(opened, items.get(case.id, [])))
    return rows


def _unreadable(case: Case) -> QueueRow:
    """A case whose keys were changed by a stranger stands on top: better looked at once too often."""
    return QueueRow(
        0, case.opened_on, case.id, case.version, reasons.WHY[0], "", "", "", (), "unreadable", case.state, False
    )


def _row(opened: opening.OpenCase, items: list[Item]) -> QueueRow:
    case = opened.case
    reads, bad = opening.read_items(opened, items)
    answers: dict[str, list[str]] = {}
    consents: tuple[str, ...] = ()
    last, staff_wrote = "", False
    for one in reads:
        if isinstance(one.payload, payloads.Answers) and one.item.channel == "staff" and one.proven:
            answers = one.payload.answers
        elif isinstance(one.payload, payloads.Consent) and one.proven:
            consents = one.payload.purposes
        elif isinstance(one.payload, payloads.Message):
            last = one.author_kind
        staff_wrote = staff_wrote or one.author_kind == "staff"
    filed = membership.filing_of(reads)
    judged = weighing.judged(reads)
    weighed = weighing.weigh(answers, judged)
    waiting = ""
    if case.state == "withdrawn":
        waiting = "withdrawn"
    elif bad or filed is None:
        waiting = "unreadable"
    elif last == "reporter":
        waiting = "reporter-wrote"
    elif any(one.verdict is None for one in judged):
        waiting = "findings"
    elif case.exam_code and "examine" in consents:
        waiting = "no-worker" if case.exam_code == "no-worker" else ""
    levels = [one.value for one in risk.PRIORITIES]
    level = weighed.level.value
    rank = reasons.rank(weighed.why) * len(levels) + levels.index(level)
    return QueueRow(
        rank, case.opened_on, case.id, case.version, weighed.why, weighed.reason, level,
        filed.language if filed else "", consents, waiting, case.state, not staff_wrote,
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
    known = {one.case: one for one in sheet.rows}
    unsaved = 0
    while stale := _stale(staff.id, sheet.seen, limit=CHUNK):
        for case_id, _ in stale:
            known.pop(case_id, None)
        known.update((one.case, one) for one in _rows(staff, [case_id for case_id, _ in stale]))
        sheet.seen = stale[-1][1]
        unsaved += len(stale)
        if unsaved >= 10 * CHUNK:
            sheet.rows = sorted(known.values(), key=order)
            _write(staff, sheet, built=len(known), beat_at=clock.now())
            unsaved = 0
        else:
            QueueSheet.objects.filter(staff_id=staff.id).update(built=len(known), beat_at=clock.now())
    sheet.rows = sorted(known.values(), key=order)
    _write(staff, sheet, built=len(known), beat_at=None)
