"""Check-ins of a case: switched on, pressed, missed. The protocol opens only while an alarm of its plan is open.

A case has one plan that runs. Its events are sealed in the case; beside them stands a row of ids and times (records),
so that the desk can ring without any key. Nothing is ever sent to a contact or to police: the person on duty calls.
"""

import datetime as dt
import hashlib
import hmac
import logging
import random
import struct
from collections.abc import Iterable
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import checkplans, clock, custody, policy, returning, site, waking, writing
from amparo.desk.checkplans import Plan
from amparo.desk.errors import DeskError
from amparo.desk.opening import Read
from amparo.desk.payloads import CheckIn as Event
from amparo.desk.records import Alarm, Case
from amparo.desk.records import CheckIn as Row

log = logging.getLogger("amparo.desk.checkins")
KIND = "check-in"
WELL, HELP, PAUSED, ENDED = PRESSES = ("well", "help", "paused", "ended")
EARLY = dt.timedelta(hours=2)  # a press counts for the next time from then on, or from half of the interval
LONGEST_PAUSE = 24 * 7


class NoPlan(DeskError):
    code = "no-plan"
    advice = "Load the page again."


class Standing(msgspec.Struct, frozen=True):
    """A plan as its proven events say. `due` None: at its end."""

    plan: UUID
    first: dt.datetime
    due: dt.datetime | None
    hours: int
    until: dt.datetime | None
    grace: int
    protocol: bytes
    by: str  # reporter or staff

    def rings(self) -> dt.datetime | None:
        """When the alarm is due, without the minutes at random."""
        return self.due + dt.timedelta(minutes=self.grace) if self.due else None

    def after(self, moment: dt.datetime) -> dt.datetime | None:
        """The next time of the plan after this moment."""
        return checkplans.later(self.first, self.hours, self.until, moment)


class Held(msgspec.Struct, frozen=True):
    """What the row says, where the site vouches for it. `firm`: asked for by a press; only a colleague ends it."""

    alarm: UUID | None
    firm: bool


def fold(reads: Iterable[Read], plan: UUID | None = None) -> Standing | None:
    """The newest plan of a case, or this one, and where it stands; only proven writings on the dialogue count."""
    found: Standing | None = None
    for one in reads:
        made = one.payload
        if not isinstance(made, Event) or not one.proven or one.item.channel != "dialogue":
            continue
        if plan is not None and made.plan != plan:
            continue
        if made.what == "on" and made.due is not None:
            found = Standing(made.plan, made.due, made.due, made.hours, made.until, made.grace, made.protocol,
                             one.author_kind)
        elif found is not None and made.plan == found.plan:
            found = msgspec.structs.replace(found, due=made.due)
    return found


# --- the row -------------------------------------------------------------------------------------------------------

def _mac(row: Row, firm: bool) -> bytes:
    parts = (row.id.bytes, row.case_id.bytes, struct.pack(">dd", row.due_at.timestamp(), row.even_at),
             row.alarm.bytes if row.alarm else b"", b"firm" if firm else b"")
    digest = hashlib.sha256(b"".join(struct.pack(">I", len(one)) + one for one in parts)).digest()
    return site.epoch_mac(b"amparo/check-in/v1\0" + digest)


def held(row: Row) -> Held | None:
    """What the row says; None where somebody else than this desk wrote it. Whether firm shows in no column."""
    for firm in (False, True):
        if hmac.compare_digest(bytes(row.mac), _mac(row, firm)):
            return Held(row.alarm, firm)
    return None


def _keep(row: Row, firm: bool) -> None:
    row.mac = _mac(row, firm)
    row.save()


def _set_due(row: Row, due: dt.datetime, grace: int) -> None:
    jitter = random.SystemRandom().uniform(0, checkplans.JITTER.total_seconds())
    row.due_at = due + dt.timedelta(minutes=grace, seconds=jitter)
    now, seen = clock.now(), clock.last_look()
    since = seen if seen is not None and abs(now - seen) < clock.JUMP else now
    row.even_at = clock.even() + (row.due_at - since).total_seconds()


# --- switched on ---------------------------------------------------------------------------------------------------

def switch_on(*, case: Case, author: seal.Author, plan: Plan) -> UUID:
    """Begin a plan in the caller's transaction, in the place of the one before. Raises NobodyAwake."""
    checkplans.require_awake(checkplans.times(plan.first, plan.hours, plan.until), plan.grace)
    for old in Row.objects.filter(case=case):
        state = held(old)
        rang = state is None or state.alarm is not None
        if rang and author.kind == "staff":
            raise DeskError("An alarm of this plan is open.", code="alarm-open",
                            advice="End it with a reason first; then there can be a new plan.")
        if not rang or (state is not None and not state.firm):
            old.delete()  # as with any press of hers; what she asked for stays, and her page does not tell of it
    made = uuid4()
    event = Event(at=clock.now(), plan=made, what="on", due=plan.first, hours=plan.hours, until=plan.until,
                  grace=plan.grace, protocol=checkplans.close_up(case.id, made, plan.protocol))
    write(case, author, event)
    row = Row(id=made, case=case, alarm=None)
    _set_due(row, plan.first, plan.grace)
    _keep(row, False)
    return made


def write(case: Case, author: seal.Author, event: Event, channel: str = "dialogue") -> None:
    writing.write_item(case=case, payload=event, author=author, channel=channel)
    if event.what in ("on", "opened", "closed", "ended") and author.kind in ("staff", "reporter"):
        custody.record(custody.entry("check-in", case=case.id, item=event.plan, actor_kind=author.kind,
                                     actor=author.id if author.kind == "staff" else None, detail=(event.what,)))


def of_reporter(access: returning.Access) -> Standing | None:
    """The plan of this report, at its end or not."""
    return fold(one for one in returning.read_kinds(access, (KIND,)) if isinstance(one, Read))


def begin(access: returning.Access, plan: Plan) -> UUID:
    """The reporter switches a plan on. Raises NobodyAwake; DeskError while an alarm is open, or withdrawn."""
    with transaction.atomic():
        case = returning.case_of(access)
        if case.withdrawn_at is not None:
            raise DeskError("There are no check-ins for a report that is being taken back.", code="withdrawn",
                            advice="Let the report stand first.")
        return switch_on(case=case, author=access.author(), plan=plan)


# --- pressed -------------------------------------------------------------------------------------------------------

def press(access: returning.Access, what: str, *, due: str, word: str = "", hours: float = 0) -> None:
    """I am well, I need help, wait with it for some hours, or end it.

    `due`: the time that the page showed, so that the same press sent twice counts once. With the agreed word in
    `word` the alarm rings, and all else looks as if it had been left out. Raises NoPlan.
    """
    if what not in PRESSES:
        raise ValueError(what)
    with transaction.atomic():
        case = returning.case_of(access)
        standing = of_reporter(access)
        if standing is None or standing.due is None:
            raise NoPlan("There is no check-in that runs.")
        row, now = watched(case.id, standing.plan), clock.now()
        forced = bool(word.strip()) and _forced(case, standing, word)
        to = _next(standing, what, now, hours) if due == standing.due.isoformat() or what == HELP else standing.due
        write(case, access.author(), Event(at=now, plan=standing.plan, what=what, due=to))
        if forced:
            write(case, access.author(), Event(at=now, plan=standing.plan, what="forced"), "staff")
        _follow(case, standing, row, to, firm=forced or what == HELP)


def _forced(case: Case, standing: Standing, word: str) -> bool:
    try:
        return checkplans.open_up(case.id, standing.plan, standing.protocol).forced(word)
    except seal.SealError:  # nobody can say what was agreed: a word that was typed rather rings
        return True


def _next(standing: Standing, what: str, now: dt.datetime, hours: float) -> dt.datetime | None:
    due = standing.due
    if what == ENDED or due is None:
        return None
    if what == HELP:
        return due
    if what == PAUSED:
        return _paused(standing, due, now, hours)
    early = min(EARLY, dt.timedelta(hours=standing.hours / 2)) if standing.hours else EARLY
    if now < due - early:
        return due  # noted, and the time stays: else a press in the morning would leave the night unwatched
    return standing.after(max(now, due)) if standing.hours else None


def _paused(standing: Standing, due: dt.datetime, now: dt.datetime, hours: float) -> dt.datetime | None:
    if not 0 < hours <= LONGEST_PAUSE:
        raise DeskError("It is not said for how many hours.", code="pause",
                        advice="Write a number of hours, at most a week.")
    until = now + dt.timedelta(hours=hours)
    if due >= until:
        return due
    to = standing.after(until) if standing.hours else until
    if to is not None:
        checkplans.require_awake((to,), standing.grace)
    return to


def _follow(case: Case, standing: Standing, row: Row | None, to: dt.datetime | None, *, firm: bool) -> None:
    """Bring the row to where the plan stands, and ring where it was asked for."""
    state = held(row) if row is not None else None
    if row is None:
        row = Row(id=standing.plan, case=case, alarm=None)
    was_firm = state is not None and state.firm and state.alarm is not None
    if not was_firm:
        row.alarm = None  # a missed time is ended by her press; the ping waits for a colleague's answer all the same
    if to is None and not firm and not was_firm:
        Row.objects.filter(id=row.id).delete()
        return
    _set_due(row, to or clock.now(), standing.grace if to else 0)
    if firm and not was_firm:
        row.alarm = _ring(case.id)
        if row.alarm is None:
            row.due_at = clock.now()  # the next pass of `tend` tries again
    _keep(row, (firm or was_firm) and row.alarm is not None)


def _ring(case: UUID) -> UUID | None:
    """An alarm, or None where it could not be raised: what she pressed is kept all the same."""
    try:
        with transaction.atomic():
            return waking.wake(waking.CHECK_IN, case, urgent=True)
    except Exception as error:
        log.error("alarm-not-raised %s", type(error).__name__)
        return None


# --- missed --------------------------------------------------------------------------------------------------------

def ring_missed() -> int:
    """Raise the alarm of every plan whose time and grace are over, however late; how many.

    A row that this desk did not write rings, too: whoever moves a time must not silence anybody.
    """
    even, rang = clock.even(), 0
    for row in Row.objects.exclude(case__state="erasing"):
        state, now = held(row), clock.now()
        if state is not None and (state.alarm is not None or (row.due_at > now and even < row.even_at)):
            continue
        try:
            rang += _ring_row(row)
        except Exception as error:  # the others ring all the same, and this one is tried again
            log.error("check-in-not-raised %s", type(error).__name__)
    return rang


def _ring_row(row: Row) -> bool:
    with transaction.atomic():
        fresh = Row.objects.filter(id=row.id).first()
        if fresh is None or bytes(fresh.mac) != bytes(row.mac):
            return False  # pressed meanwhile
        fresh.alarm = waking.wake(waking.CHECK_IN, fresh.case_id, urgent=True)
        _keep(fresh, False)
        return True


def raised_at(alarm: UUID | None) -> dt.datetime | None:
    """When an alarm rang; None where its account is gone already."""
    return Alarm.objects.filter(id=alarm).values_list("raised_at", flat=True).first() if alarm else None


def watched(case_id: UUID, plan: UUID) -> Row | None:
    """What stands in clear of a plan; None where nothing rings for it."""
    return Row.objects.filter(id=plan, case_id=case_id).first()


def open_alarm(case_id: UUID) -> Row | None:
    """The row of the case whose alarm is open: that of an earlier plan, too, if she put another in its place."""
    for row in Row.objects.filter(case_id=case_id).order_by("due_at"):
        state = held(row)
        if state is not None and state.alarm is not None:
            return row
    return None


def go_on(row: Row, to: dt.datetime | None, grace: int) -> None:
    """A colleague ended the alarm: the plan waits for its next time, or is at its end."""
    row.alarm = None
    if to is None:
        row.delete()
        return
    _set_due(row, to, grace)
    _keep(row, False)


def may_open(role: str, row: Row | None) -> bool:
    """Whether the site gives its half of the protocol away now: to who reads the case, while an alarm is open."""
    state = held(row) if row is not None else None
    return policy.may(role, "granted", "case.check-in") and state is not None and state.alarm is not None
