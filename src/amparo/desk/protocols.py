"""What colleagues do with a check-in plan: make one with the person, and, once its alarm rings, follow its protocol.

The protocol is shown to who has opened it for this alarm; that it was opened, each call and the end are signed in the
case, on the channel that the reporter's words do not open.
"""

import datetime as dt
from contextlib import suppress
from uuid import UUID

import msgspec
from django.db import transaction

from amparo.desk import checkins, checkplans, clock, directory, opening, policy, waking
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.checkins import KIND, Standing
from amparo.desk.checkplans import Plan, Protocol
from amparo.desk.errors import DeskError, NotFound, WhyMissing
from amparo.desk.opening import OpenCase
from amparo.desk.payloads import CheckIn as Event
from amparo.desk.records import Item

LONGEST = 2000
OTHERWISE = 100  # the step "if nobody answers", behind all contacts


class Done(msgspec.Struct, frozen=True):
    """One line of what happened, as colleagues see it. `who` None: the reporter."""

    at: dt.datetime
    what: str
    who: UUID | None
    step: int
    text: str
    alarm: UUID | None


class View(msgspec.Struct, frozen=True):
    """A plan for a colleague. `protocol` only where it was opened by them for the alarm that is open."""

    standing: Standing | None
    done: tuple[Done, ...]
    alarm: UUID | None
    raised_at: dt.datetime | None
    firm: bool  # she pressed for help, or typed the agreed word
    watched: bool  # something rings for it
    sound: bool  # the row is this desk's own
    protocol: Protocol | None
    names: dict[UUID, str]
    newest: bool  # False: the reporter has put another plan in its place since


def of_case(staff: OpenStaff, case_id: UUID) -> View:
    """The plan of a case and its night."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.check-in")
    return _view(staff, opened)


def _view(staff: OpenStaff, opened: OpenCase) -> View:
    rows = Item.objects.filter(case=opened.case, kind=KIND).select_related("key").order_by("sequence")
    reads = opening.read_items(opened, rows)[0]
    rang, standing = checkins.open_alarm(opened.case.id), checkins.fold(reads)
    newest = standing.plan if standing else None
    if rang is not None:
        standing = checkins.fold(reads, rang.id)
    names = {one.id: one.pseudonym for one in directory.everyone().values()}
    if standing is None:
        state = checkins.held(rang) if rang is not None else None
        alarm = state.alarm if state else None
        return View(None, (), alarm, checkins.raised_at(alarm), bool(state and state.firm), False, True, None, names,
                    False)
    done = tuple(
        Done(one.payload.at, one.payload.what, one.author_id if one.author_kind == "staff" else None,
             one.payload.step, one.payload.text, one.payload.alarm)
        for one in reads if isinstance(one.payload, Event) and one.proven and one.payload.plan == standing.plan
    )
    row = checkins.watched(opened.case.id, standing.plan)
    state = checkins.held(row) if row is not None else None
    alarm = state.alarm if state else None
    mine = any(one.what == "opened" and one.who == staff.id and one.alarm == alarm for one in done)
    protocol = None
    if alarm is not None and mine and checkins.may_open(staff.role, row):
        protocol = checkplans.open_up(opened.case.id, standing.plan, standing.protocol)
    return View(standing, done, alarm, checkins.raised_at(alarm), bool(state and state.firm), row is not None,
                row is None or state is not None, protocol, names, standing.plan == newest)


def begin(*, staff: OpenStaff, case_id: UUID, plan: Plan) -> UUID:
    """Switch on what was agreed with the person. Raises NobodyAwake."""
    with change(staff, case_id, "case.check-in", None) as opened:
        if opened.case.withdrawn_at is not None:
            raise DeskError("There are no check-ins for a report that is being taken back.", code="withdrawn",
                            advice="Let the report stand first.")
        return checkins.switch_on(case=opened.case, author=staff.author(), plan=plan)


def open_protocol(*, staff: OpenStaff, case_id: UUID) -> None:
    """Open it for the alarm that is open; that I look at the alarm is said with it. NotFound before it rings."""
    with transaction.atomic(), change(staff, case_id, "case.check-in", None) as opened:
        view = _view(staff, opened)
        standing = view.standing
        if standing is None or view.alarm is None:
            raise NotFound("No alarm of this plan is open.", advice="The protocol opens only when its alarm rings.")
        if view.protocol is None:
            _write(staff, opened, Event(at=clock.now(), plan=standing.plan, what="opened", alarm=view.alarm), "staff")
        with suppress(NotFound):  # a colleague who was added to the case after it rang has no letter of it
            waking.acknowledge(staff=staff, alarm=view.alarm)


def note(*, staff: OpenStaff, case_id: UUID, step: int, text: str) -> None:
    """What came of a call, or of what is done if nobody answers. Only with the protocol open."""
    text = text.strip()
    if not text:
        raise DeskError("There is no outcome.", code="empty", advice="Write what came of it in a few words.")
    with change(staff, case_id, "case.check-in", None) as opened:
        view = _view(staff, opened)
        if view.protocol is None or view.standing is None:
            raise NotFound("This protocol is not open for you.", advice="Load the page again.")
        if step != OTHERWISE and not 0 <= step < len(view.protocol.contacts):
            raise NotFound("There is no such step.", advice="Load the page again.")
        _write(staff, opened, Event(at=clock.now(), plan=view.standing.plan, what="called", alarm=view.alarm,
                                    step=step, text=text[:LONGEST]), "staff")


def close(*, staff: OpenStaff, case_id: UUID, why: str, go_on: bool) -> dt.datetime | None:
    """End the alarm with a reason, and the plan with it unless it goes `on`; the next time that is waited for."""
    why = why.strip()
    if not why:
        raise WhyMissing("There is no reason yet.")
    with change(staff, case_id, "case.check-in", None) as opened:
        view, now = _view(staff, opened), clock.now()
        standing, row = view.standing, checkins.open_alarm(case_id)
        if row is None or view.alarm is None:
            raise NotFound("No alarm of this plan is open.", advice="Load the page again.")
        to = _next(standing, now) if standing is not None and go_on and view.newest else None
        with suppress(NotFound):
            waking.acknowledge(staff=staff, alarm=view.alarm)
        _write(staff, opened, Event(at=now, plan=row.id, what="closed", alarm=view.alarm, text=why[:LONGEST],
                                    due=to), "staff")
        _write(staff, opened, Event(at=now, plan=row.id, what="closed", due=to), "dialogue")
        checkins.go_on(row, to, standing.grace if standing is not None else 0)
    return to


def _next(standing: Standing, now: dt.datetime) -> dt.datetime | None:
    if standing.due is None or standing.due > now:
        return standing.due
    return standing.after(now) if standing.hours else None


def end(*, staff: OpenStaff, case_id: UUID) -> None:
    """End a plan that was agreed to be over. Not while its alarm is open: that needs a reason."""
    with change(staff, case_id, "case.check-in", None) as opened:
        view = _view(staff, opened)
        if view.standing is None or view.standing.due is None:
            raise checkins.NoPlan("There is no check-in that runs.")
        if view.alarm is not None or not view.sound:
            raise DeskError("An alarm of this plan is open.", code="alarm-open",
                            advice="End the alarm with a reason.")
        _write(staff, opened, Event(at=clock.now(), plan=view.standing.plan, what="ended"), "dialogue")
        row = checkins.watched(case_id, view.standing.plan)
        if row is not None:
            row.delete()


def _write(staff: OpenStaff, opened: OpenCase, event: Event, channel: str) -> None:
    checkins.write(opened.case, staff.author(), event, channel)


