"""Someone awake: an alarm is raised, seen, acknowledged. `amparo.desk.ringing` sends the pings.

Enters: a code for the reason and the id of a case. In the database stand ids and times; the case and the reason are
letters to each colleague who reads that case, so that somebody whom a reporter excluded learns of no alarm. Only who
has such a letter is pinged and can acknowledge.
"""

import datetime as dt
import hmac
import logging
import random
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from amparo.desk import clock, configuration, custody, directory, letters, pinged_at, policy, rota, site
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotFound
from amparo.desk.records import Absence, Alarm, Case, Letter, Ping, Turn

log = logging.getLogger("amparo.desk.waking")
DANGER, RAISED, CHECK_IN, TEST = KINDS = ("danger", "raised", "check-in", "test")
KEPT = dt.timedelta(days=7)  # how long an acknowledged alarm stays
AHEAD = dt.timedelta(days=8)  # how far a reporter is told when somebody is awake again
NOBODY = "nobody"
LAST = 2  # the step of every lead; before it the first on duty and the second


class Rung(msgspec.Struct, frozen=True):
    """One line of a night: who was pinged at which step, how often; `code` says why it could not be sent."""

    who: UUID | None
    step: int
    at: dt.datetime
    times: int
    code: str


class Seen(msgspec.Struct, frozen=True):
    """An alarm as a colleague sees it to whom it was sealed. `proven`: this desk itself has raised it."""

    id: UUID
    kind: str
    case: UUID | None
    urgent: bool
    raised_at: dt.datetime
    acknowledged_at: dt.datetime | None
    acknowledged_by: UUID | None
    rung: tuple[Rung, ...]
    proven: bool


class Standing(msgspec.Struct, frozen=True):
    """What a reporter is told. `known`: there is a rota; `since`: when somebody is awake again, None: not planned."""

    known: bool
    awake: bool
    since: dt.datetime | None = None


def wake(kind: str, case: UUID | None = None, urgent: bool = True) -> UUID:
    """Raise an alarm, in the caller's transaction or one of its own; the alarm's id. Nothing is sent from here.

    `kind` is one of KINDS; `case` None only for what is about no case. An alarm that is not urgent waits at random.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of alarm {kind}")
    people = directory.case_people()
    to = [one.id for one in people]
    if case is not None:
        readers = directory.epoch_of(Case.objects.get(id=case)).reader_ids
        to = [one for one in to if one in readers]
        if not to:  # nobody who reads it works here now: a lead learns that somebody waits, and not which case it is
            to, case = [one.id for one in people if one.role == "lead"], None
    return _raise(kind, case, urgent, to)


def wake_safely(kind: str, case: UUID | None = None, urgent: bool = True) -> bool:
    """`wake` for places that must go on whatever happens: a report is filed even where no alarm can be raised."""
    try:
        with transaction.atomic():
            wake(kind, case, urgent)
    except Exception as error:
        log.error("alarm-not-raised %s", type(error).__name__)
        return False
    return True


def test(*, staff: OpenStaff, only_me: bool = False) -> UUID:
    """An alarm to try the rota with: for everybody on duty, or for one's own address alone."""
    policy.require(staff.role, "none", "rota.own" if only_me else "rota.plan")
    to = [staff.id] if only_me else [one.id for one in directory.case_people()]
    return _raise(TEST, None, True, to)


def _raise(kind: str, case: UUID | None, urgent: bool, to: list[UUID]) -> UUID:
    now, alarm = clock.now(), uuid4()
    facts = {"kind": kind, "case": str(case) if case else "", "mac": _mac(alarm, kind, case)}
    wait = 0.0 if urgent else random.SystemRandom().uniform(0, configuration.current().pings.jitter_minutes)
    with transaction.atomic():
        Alarm.objects.create(id=alarm, urgent=urgent, raised_at=now, next_at=now + dt.timedelta(minutes=wait))
        letters.write(staff=None, to=to, kind=letters.ALARM, text="", thread=alarm, facts=facts, at=now)
        custody.record(custody.entry("alarm", item=alarm, actor_kind="desk", detail=("urgent",) if urgent else ()))
    return alarm


def _mac(alarm: UUID, kind: str, case: UUID | None) -> str:
    """The site's own word: a row that somebody with the database alone put there does not have it."""
    return site.epoch_mac(b"amparo/alarm/v1\0" + alarm.bytes + (case.bytes if case else b"") + kind.encode()).hex()


def holders(alarm: UUID) -> frozenset[UUID]:
    """Who has a letter of this alarm and works here now."""
    have = set(Letter.objects.filter(thread=alarm, kind=letters.ALARM).values_list("to_id", flat=True))
    return frozenset(one.id for one in directory.case_people() if one.id in have)


def acknowledge(*, staff: OpenStaff, alarm: UUID) -> bool:
    """I have seen it and look now; False where a colleague was faster. Ends the pings."""
    policy.require(staff.role, "none", "alarm.see")
    if not Letter.objects.filter(thread=alarm, kind=letters.ALARM, to_id=staff.id).exists():
        raise NotFound("There is no such alarm for you.", advice="Load the page again.")
    with transaction.atomic():
        changed = Alarm.objects.filter(id=alarm, acknowledged_at=None).update(
            acknowledged_at=clock.now(), acknowledged_by_id=staff.id)
        Letter.objects.filter(thread=alarm, kind=letters.ALARM, to_id=staff.id).update(read=True)
        if changed:
            custody.record(custody.entry("acknowledged", item=alarm, actor_kind="staff", actor=staff.id))
    return bool(changed)


def alarms(staff: OpenStaff) -> tuple[Seen, ...]:
    """The alarms that are sealed to me: open ones first, the newest on top."""
    policy.require(staff.role, "none", "alarm.see")
    mine = {one.thread: one for one in letters.read(staff, letters.ALARM)}
    rows = Alarm.objects.filter(id__in=list(mine)).prefetch_related("pings")
    found = [_seen(row, mine[row.id]) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.acknowledged_at is not None, -one.raised_at.timestamp())))


def _seen(row: Alarm, letter: letters.Letter) -> Seen:
    kind, raw = letter.facts.get("kind", "unreadable"), letter.facts.get("case", "")
    case = UUID(raw) if raw else None
    proven = hmac.compare_digest(letter.facts.get("mac", ""), _mac(row.id, kind, case))
    rung = tuple(sorted(
        (Rung(one.staff_id, one.step, one.first_at, one.times, one.code) for one in row.pings.all()),
        key=lambda one: (one.at, one.step)))
    return Seen(row.id, kind if proven else "unreadable", case if proven else None, row.urgent, row.raised_at,
                row.acknowledged_at, row.acknowledged_by_id, rung, proven)


def open_count(staff_id: UUID) -> int:
    """How many alarms wait for me."""
    mine = Letter.objects.filter(to_id=staff_id, kind=letters.ALARM).values("thread")
    return Alarm.objects.filter(id__in=mine, acknowledged_at=None).count()


def unsent() -> bool:
    """Whether a ping of an alarm that is still open could not be sent to somebody, or there was nobody left to ping."""
    failed = Ping.objects.filter(alarm__acknowledged_at=None).exclude(code="")
    return failed.exclude(code=NOBODY, step__lt=LAST).exists()


def forget() -> int:
    """Alarms acknowledged some days ago, and their letters; how many."""
    old = list(Alarm.objects.filter(acknowledged_at__lt=clock.now() - KEPT).values_list("id", flat=True))
    with transaction.atomic():
        Letter.objects.filter(thread__in=old, kind=letters.ALARM).delete()
        Alarm.objects.filter(id__in=old).delete()
    return len(old)


def covered(at: dt.datetime | None = None) -> bool:
    """Whether somebody on duty at that moment can be woken: has a turn, no break, and an address that is set up."""
    return any(pinged_at.reachable(one) for one in rota.on_duty(at or clock.now()))


def standing(at: dt.datetime | None = None) -> Standing:
    """What a reporter is told before the first question. Not known without a rota or a way to wake anybody."""
    now = at or clock.now()
    if not pinged_at.ways() or not rota.planned():
        return Standing(False, False)
    if covered(now):
        return Standing(True, True)
    turns = list(Turn.objects.filter(ends_at__gt=now, starts_at__lt=now + AHEAD))
    breaks = list(Absence.objects.filter(ends_at__gt=now, starts_at__lt=now + AHEAD))
    wakes = {one.id for one in directory.case_people() if pinged_at.reachable(one.id)}

    def awake(moment: dt.datetime) -> bool:
        gone = {one.staff_id for one in breaks if one.starts_at <= moment < one.ends_at}
        return any(one.starts_at <= moment < one.ends_at and one.staff_id in wakes - gone for one in turns)

    moments = sorted({*(one.starts_at for one in turns), *(one.ends_at for one in breaks)})
    return Standing(True, False, next((one for one in moments if one > now and awake(one)), None))
