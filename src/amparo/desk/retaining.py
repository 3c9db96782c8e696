"""What will be erased: told to those who read it before anything is, kept longer with a reason, never by a jump.

A case whose day comes near stands on a list. Only what stood there for the promised time of *evenly running* clock
is erased by its day, and after a long jump of the clock nothing is, until a person says that the day is right.
Withdrawals have their own grace and wait for nobody. Marks are Setting rows: a case's id and times, no word of it.
"""

import datetime as dt
import struct
from collections.abc import Collection, Iterable
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from amparo import seal
from amparo.desk import (
    agreements,
    clock,
    configuration,
    custody,
    directory,
    membership,
    opening,
    payloads,
    policy,
    queue,
    shredding,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError
from amparo.desk.opening import OpenCase
from amparo.desk.records import Case, CaseEpoch, Grant, Item, Setting
from amparo.desk.returning import GRACE

AHEAD = 30  # days before its day that a case comes onto the list; more where the notice is longer
SHOWN = 500  # cases that one page of the list explains
_TOLD, _KEPT = "told:", "kept:"
_DAY = 86400.0


class Kept(DeskError):
    """A lead's veto stands."""

    code = "kept"
    advice = "A lead can change that day, with a reason."


class Told(msgspec.Struct, frozen=True):
    """Since when a case stands on the list. `even`: of the even time; `seen`: when one of its readers saw it there."""

    even: float
    since: dt.datetime
    seen: dt.datetime | None


class Coming(msgspec.Struct, frozen=True):
    """One case of the list. why: retention, minor (its day comes), withdrawn (its grace ends)."""

    case: UUID
    version: int
    why: str
    on: dt.date  # the first day on which it can be gone
    at: dt.datetime | None  # of a withdrawal: the hour
    told: Told | None
    kept: bool  # a lead's veto moved its day
    row: queue.QueueRow | None  # what the queue says of it


class Coverage(msgspec.Struct, frozen=True):
    """The list as one colleague may see it."""

    rows: tuple[Coming, ...]
    more: int  # of mine, beyond the first SHOWN
    others: int  # cases on the list that I hold no key of
    erasing: tuple[UUID, ...]  # mine, keys thrown away, traces left
    traces: bool  # something thrown away may still stand in the database's log
    jump: clock.Jump | None
    looked: dt.datetime | None  # tend's last pass


class Soon(msgspec.Struct, frozen=True):
    """The line above the queue."""

    count: int
    first: dt.date
    last: dt.date
    erasing: tuple[UUID, ...]
    traces: bool
    held: bool


def notice(case: Case) -> float:
    """Seconds of even clock on the list before this case is erased; never longer than this desk keeps reports at all.

    A day that one colleague moved nearer shortens it not: or a report could be gone before anybody else looks.
    """
    desk = configuration.current()
    kept = max((case.retention_on - case.opened_on).days, min(desk.retention_days, desk.minor_retention_days))
    return min(desk.retention_notice_days, kept) * _DAY


def _horizon() -> dt.date:
    ahead = max(AHEAD, configuration.current().retention_notice_days + 1)
    return clock.today() + dt.timedelta(days=ahead)


def marks(cases: Iterable[UUID] | None = None) -> dict[UUID, Told]:
    """Since when each case stands on the list; of these cases only, if given."""
    rows = Setting.objects.filter(name__startswith=_TOLD)
    if cases is not None:
        rows = Setting.objects.filter(name__in=[_TOLD + one.hex for one in cases])
    return {UUID(row.name.removeprefix(_TOLD)): _told(bytes(row.value)) for row in rows}


def _told(raw: bytes) -> Told:
    even, since, seen = struct.unpack(">ddd", raw)
    moments = [dt.datetime.fromtimestamp(stamp, dt.UTC) for stamp in (since, seen)]
    return Told(even, moments[0], moments[1] if seen else None)


def announce() -> int:
    """Put on the list what comes near, take off what does not any more; how many are new. `tend`, each pass.

    After a long jump, and again once it is settled, everything is announced anew: whoever relied on "nothing is
    erased" gets the full time to look.
    """
    steady, even, known = clock.steady_since(), clock.even(), marks()
    near = set(
        Case.objects.exclude(state="erasing").filter(withdrawn_at=None, retention_on__lte=_horizon())
        .values_list("id", flat=True)
    )
    stale = {case for case, told in known.items() if case not in near or told.even < steady}
    fresh = near - (set(known) - stale)
    if not fresh and not stale:
        return 0
    value = struct.pack(">ddd", even, clock.now().timestamp(), 0.0)
    with transaction.atomic():
        Setting.objects.filter(name__in=[_TOLD + case.hex for case in stale]).delete()
        Setting.objects.bulk_create([Setting(name=_TOLD + case.hex, value=value) for case in sorted(fresh)])
        custody.record(*(custody.entry("announced", case=case, actor_kind="desk") for case in sorted(fresh)))
        gone = [name for name, until in _vetoes() if until < clock.today()]
        Setting.objects.filter(name__in=gone).delete()
    return len(fresh)


def may_erase(case: Case, told: Told | None, even: float, jump: clock.Jump | None) -> bool:
    """Whether its day erases this case now: passed, told for long enough, the clock trusted."""
    if jump is not None or told is None or case.retention_on >= clock.today():
        return False
    return even - told.even >= notice(case)


def _vetoes() -> list[tuple[str, dt.date]]:
    rows = Setting.objects.filter(name__startswith=_KEPT)
    return [(row.name, dt.date.fromordinal(int.from_bytes(bytes(row.value), "big"))) for row in rows]


def kept_until(case_id: UUID) -> dt.date | None:
    """The day of a lead's veto that still stands."""
    row = Setting.objects.filter(name=_KEPT + case_id.hex).first()
    day = dt.date.fromordinal(int.from_bytes(bytes(row.value), "big")) if row else None
    return day if day is not None and day >= clock.today() else None


def _first_day(case: Case, told: Told | None, even: float) -> dt.date:
    left = notice(case) - (even - told.even if told else 0.0)
    return max(case.retention_on + dt.timedelta(days=1), (clock.now() + dt.timedelta(seconds=max(0.0, left))).date())


def soon(staff: OpenStaff) -> Soon | None:
    """What the queue says on its top; None where nothing comes near."""
    policy.require(staff.role, "none", "retention.see")
    mine = _mine(staff)
    cases = mine[:SHOWN]
    erasing, traces, even = shredding.unfinished(staff.id), shredding.waiting(), clock.even()
    if not cases and not erasing:
        return None
    told = marks(case.id for case in cases)
    days = [_day(case, told.get(case.id), even) for case in cases] or [clock.today()]
    return Soon(len(mine), min(days), max(days), erasing, traces, clock.jumped() is not None)


def _near() -> QuerySet[Case]:
    """The cases of the desk that are near their end, as a query that its indexes answer among a hundred thousand."""
    return Case.objects.filter(Q(state="withdrawn") | Q(retention_on__lte=_horizon())).exclude(state="erasing")


def _mine(staff: OpenStaff) -> list[Case]:
    """Those of them that I hold a key of, by their day (ordered here: the database would walk through every case)."""
    held = Grant.objects.filter(case_id=OuterRef("pk"), kind="staff", staff_id=staff.id)
    return sorted(_near().filter(Exists(held)), key=lambda case: case.retention_on)


def _day(case: Case, told: Told | None, even: float) -> dt.date:
    if case.withdrawn_at is not None:
        return (case.withdrawn_at + GRACE).date()
    return _first_day(case, told, even)


def coming(staff: OpenStaff) -> Coverage:
    """The list: my cases by the day on which they can be gone, and what is being erased now."""
    policy.require(staff.role, "none", "retention.see")
    all_mine = _mine(staff)
    cases = all_mine[:SHOWN]
    told, even = marks(case.id for case in cases), clock.even()
    minors = _minors(staff, cases)
    vetoes = {name for name, until in _vetoes() if until >= clock.today()}
    sheet = queue.load(staff).rows.sheet
    places = {case.id: sheet.find(case.id) for case in cases}
    rows = []
    for case in cases:
        gone = case.withdrawn_at
        why = "withdrawn" if gone else "minor" if case.id in minors else "retention"
        rows.append(Coming(
            case.id, case.version, why, _day(case, told.get(case.id), even), gone + GRACE if gone else None,
            told.get(case.id), _KEPT + case.id.hex in vetoes,
            sheet.row(places[case.id]) if places[case.id] >= 0 else None,
        ))
    mine, everything = len(all_mine), _near().count()
    return Coverage(
        tuple(sorted(rows, key=lambda row: (row.on, row.case.bytes))), mine - len(rows), everything - mine,
        shredding.unfinished(staff.id), shredding.waiting(), clock.jumped(), clock.last_look(),
    )


def _minors(staff: OpenStaff, cases: list[Case]) -> set[UUID]:
    """Those of somebody under 18, as their sealed opening says. One that does not open is not among them."""
    people = directory.everyone()
    ids = [case.id for case in cases]
    grants = Grant.objects.select_related("case").filter(
        case_id__in=ids, kind="staff", staff_id=staff.id, epoch=F("case__epoch")
    )
    epochs: dict[UUID, list[CaseEpoch]] = {}
    for epoch in CaseEpoch.objects.filter(case_id__in=ids):
        epochs.setdefault(epoch.case_id, []).append(epoch)
    items: dict[UUID, list[Item]] = {}
    for item in Item.objects.filter(case_id__in=ids, kind="opening").select_related("key").order_by("sequence"):
        items.setdefault(item.case_id, []).append(item)
    found = set()
    for grant in grants:
        try:
            opened = opening.open_grant(
                staff.id, staff.keys.kex.private, grant.case, grant, people, epochs.get(grant.case_id, [])
            )
        except seal.SealError:
            continue
        filed = membership.filing_of(opening.read_items(opened, items.get(grant.case_id, []))[0])
        if filed is not None and filed.minor:
            found.add(grant.case_id)
    return found


def seen(*, staff: OpenStaff, cases: Collection[UUID]) -> None:
    """A colleague who reads these cases has looked at the list: the first time of each is kept, and not who it was."""
    policy.require(staff.role, "none", "retention.see")
    now = clock.now().timestamp()
    with transaction.atomic():
        for row in Setting.objects.filter(name__in=[_TOLD + case.hex for case in cases]):
            even, since, before = struct.unpack(">ddd", bytes(row.value))
            if not before:
                Setting.objects.filter(name=row.name).update(value=struct.pack(">ddd", even, since, now))


def check_day(*, staff: OpenStaff, opened: OpenCase, day: dt.date) -> None:
    """Raises DeskError where this case may not be kept until `day`: past, a minor's, or under a lead's veto."""
    if day <= clock.today():
        raise DeskError("This day has passed.", advice="Choose a later one, or shred the case.", code="day")
    if agreements.told(opened):
        last = clock.today() + dt.timedelta(days=configuration.current().minor_retention_days)
        if day > last:
            raise DeskError(
                "The report of somebody under 18 may be kept %(days)s days at most from today.", code="day",
                days=configuration.current().minor_retention_days, advice="Choose an earlier day.",
            )
    until = kept_until(opened.case.id)
    if until is not None and day < until and not policy.may(staff.role, "granted", "case.keep"):
        raise Kept("A lead keeps this case against erasing until %(day)s.", day=until.isoformat())


def moved(*, case_id: UUID, day: dt.date) -> None:
    """The case's day was set to `day`, which ends a veto that went further. Inside the caller's transaction."""
    until = kept_until(case_id)
    if until is not None and day < until:
        Setting.objects.filter(name=_KEPT + case_id.hex).delete()


def require_not_kept(case_id: UUID) -> None:
    """Raises Kept while a lead's veto stands."""
    until = kept_until(case_id)
    if until is not None:
        raise Kept("A lead keeps this case against erasing until %(day)s.", day=until.isoformat())


def keep(*, staff: OpenStaff, case_id: UUID, day: dt.date, why: str, version: int | None = None) -> None:
    """A lead's veto: not erased before `day` has passed, whatever handlers set. A withdrawal is not held up by it."""
    from amparo.desk.casework import WhyMissing

    if not why.strip():
        raise WhyMissing("There is no reason.")
    with change(staff, case_id, "case.keep", version) as opened:
        if opened.case.withdrawn_at is not None:
            raise DeskError(
                "The reporter has taken this report back.", code="withdrawn",
                advice="Only the reporter can let it stand after all.",
            )
        check_day(staff=staff, opened=opened, day=day)
        writing.write_item(
            case=opened.case, author=staff.author(), epoch=opened.epoch,
            payload=payloads.StateChange(at=clock.now(), what="kept", value=day.isoformat(), why=why.strip()),
        )
        Case.objects.filter(id=case_id).update(retention_on=max(day, opened.case.retention_on))
        Setting.objects.update_or_create(
            name=_KEPT + case_id.hex, defaults={"value": day.toordinal().to_bytes(4, "big")}
        )
        custody.record(custody.entry(
            "kept", case=case_id, actor_kind="staff", actor=staff.id, detail=(day.isoformat(),)
        ))


def accept_clock(*, staff: OpenStaff) -> None:
    """After a long jump: this colleague says that the desk's day is right. The notice of each case begins anew."""
    policy.require(staff.role, "none", "retention.date")
    with transaction.atomic():
        if clock.accept_jump():
            custody.record(custody.entry(
                "retention", actor_kind="staff", actor=staff.id, detail=("clock", clock.today().isoformat())
            ))
    announce()


def forget(cases: Collection[UUID]) -> None:
    """Drop what is noted about cases that are gone."""
    names = [prefix + case.hex for case in cases for prefix in (_TOLD, _KEPT)]
    Setting.objects.filter(name__in=names).delete()
