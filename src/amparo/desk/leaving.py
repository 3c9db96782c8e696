"""Before a border or an arrest: one action hands every case of mine to colleagues and leaves an account that is empty.

Each case is handed over in a transaction of its own, so that an interruption loses nothing and it goes on at the next
sign-in. No case is left without a reader: where nobody else may read it, the grant stays, and the list says so. The
account then stands in the site folder as away: it signs in, and nothing opens to it, whatever a row of the table says.
A colleague at the desk brings it back (returning_cases.py).
"""

import logging
import threading
from uuid import UUID

import msgspec
from django.db import connection, transaction

from amparo import seal
from amparo.desk import (
    clock,
    custody,
    directory,
    letters,
    membership,
    opening,
    policy,
    shredding,
    site,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.opening import OpenCase
from amparo.desk.records import (
    Grant,
    HandedOver,
    Letter,
    QueueSheet,
    SearchSheet,
    Setting,
    Staff,
    TeamKey,
)

log = logging.getLogger("amparo.desk.leaving")
LEADS = UUID(int=0)  # in place of a colleague: let the leads take them
_LEAVING, _OPENED = "leaving:", "opened:"
_BEAT_LOST = 20.0  # seconds without a sign of life after which another thread goes on
GIVEN, HELD, KEPT = "given", "held", "kept"  # handed over; others hold it already; nobody else may read it


class NobodyTakes(DeskError):
    code = "nobody-takes"
    advice = "Choose another colleague, or let the leads take them."


class Destiny(msgspec.Struct, frozen=True):
    """What becomes of one case of mine."""

    case: UUID
    what: str
    holder: str = ""  # pseudonym of who reads it then


class _Leaving(msgspec.Struct):
    """Stands in a setting while a hand-over is on its way: ids and counts."""

    to: UUID
    total: int
    beat: float = 0.0


class Progress(msgspec.Struct, frozen=True):
    done: int
    total: int


def takers(staff: OpenStaff) -> tuple[directory.Colleague, ...]:
    """Whom one may choose."""
    policy.require(staff.role, "none", "own.travel")
    return tuple(one for one in directory.case_people() if one.id != staff.id)


def _mine(staff: OpenStaff) -> list[UUID]:
    rows = Grant.objects.filter(kind="staff", staff_id=staff.id).exclude(case__state="erasing")
    return list(rows.order_by("case_id").values_list("case_id", flat=True))


def _holder(opened: OpenCase, staff: OpenStaff, to: UUID) -> tuple[str, directory.Colleague | None]:
    """(what, who reads it then): the chosen one; else who holds it; else a lead, else anybody who may."""
    reads = membership.record_of(opened)
    held = membership.readers_now(opened.case.id) & opened.epoch.reader_ids
    adds = policy.may(staff.role, "granted", "case.members")  # else only who reads it already takes it
    good = []
    for one in opened.people.values():
        if not adds and one.id not in held:
            continue
        if not one.active or one.id == staff.id or one.role not in policy.CASE_ROLES:
            continue
        try:
            membership.check(reads, one)
        except (membership.Excluded, membership.Conflicted):
            continue
        good.append(one)

    def rank(one: directory.Colleague) -> tuple[bool, bool, bool, str]:
        wanted = one.id == to or (to == LEADS and one.role == "lead")
        return not wanted, one.id not in held, one.role != "lead", one.pseudonym

    first = min(good, key=rank, default=None)
    if first is None:
        return KEPT, None
    return (HELD if first.id in held else GIVEN), first


def plan(staff: OpenStaff, to: UUID = LEADS) -> tuple[Destiny, ...]:
    """What would become of each case, before anything is done."""
    policy.require(staff.role, "none", "own.travel")
    found = []
    for case_id in _mine(staff):
        try:
            opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
            what, holder = _holder(opened, staff, to)
        except (seal.SealError, NotFound):
            what, holder = KEPT, None
        found.append(Destiny(case_id, what, holder.pseudonym if holder else ""))
    return tuple(found)


def under_way(staff_id: UUID) -> Progress | None:
    """How far a hand-over is, if one is on its way."""
    held = _read(staff_id)
    if held is None:
        return None
    left = Grant.objects.filter(kind="staff", staff_id=staff_id).exclude(case__state="erasing").count()
    return Progress(max(0, held.total - left), held.total)


def _read(staff_id: UUID) -> _Leaving | None:
    row = Setting.objects.filter(name=_LEAVING + staff_id.hex).first()
    return msgspec.msgpack.decode(bytes(row.value), type=_Leaving) if row else None


def _keep(staff_id: UUID, held: _Leaving) -> None:
    Setting.objects.update_or_create(
        name=_LEAVING + staff_id.hex, defaults={"value": msgspec.msgpack.encode(held)}
    )


def begin(*, staff: OpenStaff, to: UUID = LEADS) -> None:
    """Decide it: from here on it goes on until it is done, also after an interruption. Then call run or go_on."""
    if to != LEADS and to not in {one.id for one in takers(staff)}:
        raise NobodyTakes("This colleague cannot take your cases.")
    policy.require(staff.role, "none", "own.travel")
    with transaction.atomic():
        if _read(staff.id) is None:
            _keep(staff.id, _Leaving(to, len(_mine(staff))))


def go_on(staff: OpenStaff) -> None:
    """Go on in the background with a hand-over that was begun, unless somebody does already."""
    with transaction.atomic():
        held = _read(staff.id)
        if held is None or clock.now().timestamp() - held.beat < _BEAT_LOST:
            return
        held.beat = clock.now().timestamp()
        _keep(staff.id, held)
    threading.Thread(target=_run_and_close, args=(staff,), name="leaving", daemon=True).start()


def _run_and_close(staff: OpenStaff) -> None:
    try:
        run(staff)
    except Exception as error:
        log.error("leaving.stopped %s", type(error).__name__)
    finally:
        connection.close()


def run(staff: OpenStaff) -> None:
    """Hand over what is left of a hand-over that was begun, then empty the account."""
    held = _read(staff.id)
    if held is None:
        return
    kept: set[UUID] = set()
    while True:
        waiting = [one for one in _mine(staff) if one not in kept]
        for number, case_id in enumerate(waiting):
            if not _one(staff, case_id, held.to):
                kept.add(case_id)
            if number % 20 == 19:
                held.beat = clock.now().timestamp()
                _keep(staff.id, held)
        if _close(staff, kept):
            break
    shredding.finish()


def _one(staff: OpenStaff, case_id: UUID, to: UUID) -> bool:
    """Hand one case over; False where it had to stay."""
    with transaction.atomic():
        grants = Grant.objects.filter(case_id=case_id, kind="staff", staff_id=staff.id)
        if not grants.exists():
            return True
        try:
            opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
            what, holder = _holder(opened, staff, to)
        except (seal.SealError, NotFound):
            return False
        if holder is None:
            return False
        if what == GIVEN:
            membership.give(staff=staff, opened=opened, colleague=holder)
        membership.note(staff, opened.case, opened, "member-removed", staff.id)
        grants.delete()
        HandedOver.objects.update_or_create(
            case_id=case_id, giver_id=staff.id, defaults={"holder_id": holder.id}
        )
        custody.record(custody.entry(
            "handed-over", case=case_id, item=holder.id, actor_kind="staff", actor=staff.id
        ))
    return True


def _close(staff: OpenStaff, kept: set[UUID]) -> bool:
    """Empty the account and send it away, if nothing new came meanwhile."""
    with transaction.atomic():
        if set(_mine(staff)) - kept:
            return False
        row = Staff.objects.get(id=staff.id)
        if row.state != "active":  # locked out meanwhile: that stands
            Setting.objects.filter(name=_LEAVING + staff.id.hex).delete()
            return True
        given = HandedOver.objects.filter(giver=row)
        holders = set(given.values_list("holder_id", flat=True))
        letters.write(
            staff=staff, to=holders, kind=letters.NOTICE, text="", thread=staff.id, facts={"act": "handed-over"}
        )
        QueueSheet.objects.filter(staff=row).delete()
        SearchSheet.objects.filter(staff=row).delete()
        TeamKey.objects.filter(staff=row).delete()
        Letter.objects.filter(to=row).delete()
        Setting.objects.filter(name__in=(_LEAVING + staff.id.hex, _OPENED + staff.id.hex)).delete()
        row.state = policy.AWAY
        row.save(update_fields=["state"])
        site.write_active(without=str(row.id), line=directory.active_line(row, policy.AWAY))
        custody.record(custody.entry(
            "away", item=row.id, actor_kind="staff", actor=staff.id, detail=(str(given.count()), str(len(kept)))
        ))
    return True


def result(staff_id: UUID) -> tuple[Destiny, ...]:
    """What became of each case: for the page after it, in the same session."""
    people = directory.everyone()
    rows = HandedOver.objects.filter(giver_id=staff_id).order_by("case_id")
    done = [
        Destiny(row.case_id, GIVEN, people[row.holder_id].pseudonym if row.holder_id in people else "")
        for row in rows
    ]
    left = Grant.objects.filter(kind="staff", staff_id=staff_id).values_list("case_id", flat=True)
    return (*done, *(Destiny(one, KEPT) for one in left))
