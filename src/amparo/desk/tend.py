"""What a desk does by itself, once a minute: erase what is due, clear what was left, keep the ballast.

Destroying needs two things that a wrong clock cannot give: the day has come, and the clock ran evenly for
long enough since an earlier pass marked the case. Opening is refused at the promised moment in any case.
"""

import datetime as dt
import logging
import struct
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Q

from amparo.desk import (
    adopting,
    blobs,
    checkins,
    clock,
    custody,
    founding,
    paper_cards,
    pinged_at,
    retaining,
    rota,
    shredding,
    site,
    throttle,
    waking,
)
from amparo.desk.records import Blob, Case, Import, Setting
from amparo.desk.returning import GRACE
from amparo.desk.sessions import REPORTER_HOURS, SessionStore

log = logging.getLogger("amparo.desk.tend")
PART_HOURS = 24
IMPORT_DAYS = 14  # how long a sheet that was brought stays, and the account of what became of its rows
EVEN_BEFORE_SHREDDING = 23 * 3600.0  # seconds of evenly running clock between marking a case and erasing it
_DUE = "due:"
Outcome = TypeVar("Outcome")


class Tended(msgspec.Struct, frozen=True):
    """What one pass did, in numbers."""

    clock_even: bool
    sessions: int
    parts: int
    drafts: int
    shredded: int
    erasing: int  # cases whose erasing could not be finished yet
    leases: int
    reserve: bool


def tend_once() -> Tended:
    """One pass. Each step stands alone: one that fails is logged by its name, and the others go on."""
    even = _step(clock.look, False)
    _step(checkins.ring_missed, 0)  # whatever the clock does: late or early is better than never
    _step(retaining.announce, 0)
    shredded = _step(shred_due, 0) if even else 0
    sessions = _step(SessionStore.clear_expired, 0)
    drafts = _step(drop_old_drafts, 0)
    _step(drop_old_imports, 0)
    erasing = _step(finish_erasing, 0)
    if sessions or drafts or shredding.waiting():
        _step(shredding.finish, False)  # an ended session held keys: its traces leave the log, too
    _step(_forget_buckets, None)
    for forget in (paper_cards.forget, waking.forget, rota.forget, pinged_at.forget):
        _step(forget, 0)
    return Tended(
        even, sessions, _step(remove_parts, 0) + _step(remove_orphans, 0), drafts, shredded, erasing,
        _step(bury_workers, 0), _step(founding.keep_reserve, False),
    )


def _step(step: Callable[[], Outcome], otherwise: Outcome) -> Outcome:
    try:
        return step()
    except Exception as error:
        log.error("tend.%s %s", getattr(step, "__name__", "step"), type(error).__name__)
        return otherwise


def _forget_buckets() -> None:
    throttle.forget_full()


def shred_due() -> int:
    """Erase cases withdrawn beyond the grace, or past their day and long enough on the list (retaining)."""
    even, now, jump, told = clock.even(), clock.now(), clock.jumped(), retaining.marks()
    marks = {
        UUID(row.name.removeprefix(_DUE)): float(struct.unpack(">d", bytes(row.value))[0])
        for row in Setting.objects.filter(name__startswith=_DUE)
    }
    candidates = Case.objects.exclude(state="erasing").filter(
        Q(withdrawn_at__isnull=False) | Q(retention_on__lt=now.date())
    )
    done, standing = 0, set()
    for case in candidates:
        standing.add(case.id)
        if case.id not in marks:
            Setting.objects.create(name=_DUE + case.id.hex, value=struct.pack(">d", even))
            continue
        if even - marks[case.id] < EVEN_BEFORE_SHREDDING:
            continue
        withdrawn = case.withdrawn_at is not None and now >= case.withdrawn_at + GRACE
        if withdrawn or retaining.may_erase(case, told.get(case.id), even, jump):
            shredding.shred_case(
                case.id, actor_kind="desk", actor=None, reason="withdrawn" if withdrawn else "retention",
                version=case.version,  # a colleague may have kept it longer since this pass began
            )
            if Case.objects.filter(id=case.id).exclude(state="erasing").exists():
                continue
            Setting.objects.filter(name=_DUE + case.id.hex).delete()
            retaining.forget([case.id])
            done += 1
    for case_id in set(marks) - standing:  # undone, or kept longer after all
        Setting.objects.filter(name=_DUE + case_id.hex).delete()
    return done


def finish_erasing() -> int:
    """Go on with what could not be finished; how many cases still wait."""
    left = 0
    for case in Case.objects.filter(state="erasing"):
        if not shredding.finish_case(case.id):
            left += 1
    return left


def drop_old_drafts() -> int:
    """Files of drafts whose session can't live any more."""
    newest = (clock.now() - dt.timedelta(hours=REPORTER_HOURS + 1)).date()
    old = set(Blob.objects.filter(draft__isnull=False, made_on__lt=newest).values_list("draft", flat=True))
    for case in old:
        if case is not None:
            adopting.drop_draft(case)
    return len(old)


def drop_old_imports() -> int:
    """Sheets that nobody went on with, and the accounts of those that were imported. How many."""
    old = Import.objects.filter(made_on__lt=clock.today() - dt.timedelta(days=IMPORT_DAYS))
    count = 0
    working = Q(state__in=("running", "undoing"), beat_at__gt=clock.now() - dt.timedelta(days=1))
    for row in old.exclude(working):
        if row.name:
            blobs.remove(row.name)
        row.delete()
        count += 1
    return count


def remove_parts(older_than_seconds: float = PART_HOURS * 3600) -> int:
    """Delete `.part` files of uploads that nobody finished."""
    removed = 0
    for path in site.sealed_folder().glob(f"*/*{blobs.PART}"):
        try:
            if time.time() - path.stat().st_mtime >= older_than_seconds:
                path.unlink(missing_ok=True)
                removed += 1
        except FileNotFoundError:
            continue
    return removed


def remove_orphans(older_than_seconds: float = 3600) -> int:
    """Delete finished blobs without a row: their transaction never came to an end, or their row is shredded."""
    found = [
        path for path in site.sealed_folder().glob("*/*")
        if path.suffix != blobs.PART and time.time() - path.stat().st_mtime >= older_than_seconds
    ]
    removed = 0
    sheets = set(Import.objects.exclude(name=None).values_list("name", flat=True))
    for start in range(0, len(found), 500):
        some = found[start : start + 500]
        known = set(Blob.objects.filter(name__in=[path.name for path in some]).values_list("name", flat=True))
        for path in some:
            if path.name not in known and path.name not in sheets:
                path.unlink(missing_ok=True)
                removed += 1
    if removed:
        with transaction.atomic():
            custody.record(custody.entry("destroyed", actor_kind="desk", detail=("orphans", str(removed))))
    return removed


def bury_workers() -> int:
    """Leases of workers that died without a word now need a handler."""
    from amparo.desk import workers

    return workers.bury()
