"""The escalation watch of a case: what colleagues add to it, refute and sign, and the level that follows.

The level is computed (mitigate.escalation) from what was said, never set. A colleague signs it as it stands and sets
when it is looked at again; that day is a task of the case. What raises a level wakes whoever is on duty.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from uuid import UUID, uuid4

import msgspec
from django.db.models import QuerySet

from amparo.desk import (
    bulk,
    clock,
    custody,
    opening,
    payloads,
    policy,
    statements,
    waking,
    weighing,
    working,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotFound, WhyMissing
from amparo.desk.opening import OpenCase, Read
from amparo.desk.records import Item
from amparo.desk.returning import tidy
from amparo.desk.statements import Source, Told
from amparo.mitigate import escalation
from amparo.mitigate.escalation import Watch
from amparo.words import escalation as said
from amparo.words import perpetrators
from amparo.words import why as places
from amparo.words.risk import PRIORITIES, Priority, Reason, Urgency

LONGEST = 2_000
LAST = dt.timedelta(days=90)  # a level is looked at again within this time at the latest
WATCH = "watch"  # the code of the reason that the watch gives to a case's place in the queue
_PLACES = {Priority.P0: "life", Priority.P1: "time-bound"}
_COPIED = said.Event | said.Answer | said.Ahead | said.Capacity | said.Traced
_WAKES = (Priority.P0, Priority.P1)  # at once; within some minutes


class LevelChanged(ChangedMeanwhile):
    """Another level stands than the one that was looked at."""

    advice = "Read the reasons again, then sign."


class WatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """The watch of one case for one colleague. `told` is the level of the report and triage alone.

    `timeline`: entries that nobody has weighed yet, (item, event). `names`: pseudonyms of colleagues.
    """

    case: UUID
    version: int
    watch: Watch
    sources: dict[str, Source]
    refuted: frozenset[str]
    signed: statements.Signed | None
    current: bool  # the signed assessment is of just this
    told: Urgency
    timeline: tuple[tuple[UUID, payloads.Event], ...]
    names: dict[UUID, str]
    unreadable: int  # writings of the case that cannot be opened where they stand


def assess(told: Told, now: dt.datetime, *, falls: bool = True) -> Watch:
    """The watch now. Grounds of earlier assessments stay where a statement is gone."""
    return escalation.watch(told.statements, now=now, before=told.before, falls=falls)


def of_case(case_id: UUID, reads: Iterable[Read]) -> tuple[Watch | None, dt.date | None]:
    """For the queue and the case page: the watch once a colleague has begun it, and when it may change by itself."""
    everything = list(reads)
    if not any(one.item.kind in ("statement", "assessment") for one in everything):
        return None, None
    now, told = clock.now(), statements.told(case_id, everything)
    return (assess(told, now, falls=False), told.turns(now.date())) if told.begun else (None, None)


def with_watch(weighed: Urgency, watch: Watch | None) -> Urgency:
    """The more urgent of the two, with the reason of the watch in front where the watch is it."""
    if watch is None or PRIORITIES.index(watch.level) >= PRIORITIES.index(weighed.level):
        return weighed
    place = min(weighed.why, _PLACES.get(watch.level, weighed.why), key=places.rank)
    reasons = tuple(Reason(WATCH, one.says) for one in watch.reasons if one.level == watch.level)
    return msgspec.structs.replace(weighed, why=place, level=watch.level, reasons=(*reasons, *weighed.reasons))


def page(staff: OpenStaff, case_id: UUID) -> WatchPage:
    """Everything of the page. Raises NotFound when this colleague has no key of the case."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.watch")
    bulk.count(staff, (case_id,))
    reads, bad = opening.read_items(opened, _rows(opened, (*statements.KINDS, "event", "mask")))
    told, now = statements.told(case_id, reads), clock.now()
    watch = assess(told, now)
    weighed = {one.timeline for one in told.sources.values() if one.timeline}
    answers = next((one.payload.answers for one in reversed(reads) if isinstance(one.payload, payloads.Answers)
                    and one.proven and one.item.channel == "staff"), {})
    return WatchPage(
        case=case_id, version=opened.case.version, watch=watch, sources=told.sources, refuted=told.refuted,
        signed=told.signed, current=told.signed is not None and told.signed.payload.watch == watch,
        told=weighing.weigh(answers, weighing.judged(reads), working.fold(reads).seen),
        timeline=tuple((one.item.id, one.payload) for one in reads if isinstance(one.payload, payloads.Event)
                       and one.proven and one.item.id not in weighed),
        names={who: one.pseudonym for who, one in opened.people.items()}, unreadable=len(bad),
    )


def _rows(opened: OpenCase, kinds: Collection[str]) -> QuerySet[Item]:
    return Item.objects.filter(case=opened.case, kind__in=kinds).select_related("key").order_by("sequence")


def _reads(opened: OpenCase, kinds: Collection[str]) -> list[Read]:
    return opening.read_items(opened, _rows(opened, kinds))[0]


def _told(opened: OpenCase) -> Told:
    return statements.told(opened.case.id, _reads(opened, statements.KINDS))


def _keep(staff: OpenStaff, opened: OpenCase, written: Iterable[payloads.Statement]) -> list[UUID]:
    """Write statements, and wake somebody where they raise the level."""
    now = clock.now()
    before = assess(_told(opened), now, falls=False).level
    items = []
    for one in written:
        statements.statement(one, id_="new", by=str(staff.id))
        item = writing.write_item(case=opened.case, payload=one, author=staff.author(), epoch=opened.epoch).item
        custody.record(custody.entry("stated", case=opened.case.id, item=item.id, actor_kind="staff", actor=staff.id))
        items.append(item.id)
    level = assess(_told(opened), now, falls=False).level
    if PRIORITIES.index(level) < PRIORITIES.index(before) and level in _WAKES:
        waking.wake_safely(waking.RAISED, opened.case.id, level == Priority.P0)
    return items


def add(
    *, staff: OpenStaff, case_id: UUID, what: str, kind: str, value: str = "", marks: Collection[str] = (),
    by: str = perpetrators.DEFAULT, on: dt.date | None = None, text: str = "", timeline: UUID | None = None,
    version: int | None = None,
) -> UUID:
    """An event, an answer, a date ahead or a capacity (`what`), with codes of words.escalation; its item.

    `on`: the day of the event (today where it is not told) or of what comes. `timeline`: the entry that it weighs.
    """
    now = clock.now()
    if what not in ("event", "answer", "ahead", "capacity"):
        raise DeskError("This choice is not on the list.", advice="Choose again from the list.", code="choice")
    if what == "event" and on is not None and on > (now + dt.timedelta(hours=14)).date():
        raise DeskError("This day has not come yet.", advice="What comes is a date ahead, not an event.", code="day")
    if what == "ahead" and on is None:
        raise DeskError("The day is missing.", advice="Write the day on which it comes.", code="day")
    perpetrators.KINDS.get(by)
    written = payloads.Statement(
        at=now, what=what, kind=kind, value=value, marks=tuple(dict.fromkeys(marks)), by=by, on=on,
        text=tidy(text)[:LONGEST] if text.strip() else "", timeline=timeline,
    )
    with change(staff, case_id, "case.watch", version) as opened:
        if timeline is not None:
            opening.read_one(opened, timeline, "event")
        return _keep(staff, opened, [written])[0]


def refute(*, staff: OpenStaff, case_id: UUID, of: str, why: str, version: int | None = None) -> UUID:
    """Sign that a statement does not hold, with the reason. Of a refutation: that it holds after all."""
    if not why.strip():
        raise WhyMissing("There is no reason.")
    with change(staff, case_id, "case.watch", version) as opened:
        told = _told(opened)
        carried = {ground.of for ground in assess(told, clock.now(), falls=False).grounds}
        if of not in told.sources and of not in carried:
            raise NotFound("This is not part of the watch.", advice="Load the page again.")
        return _keep(staff, opened, [payloads.Statement(
            at=clock.now(), what="refute", of=of, text=tidy(why)[:LONGEST])])[0]


def sign(
    *, staff: OpenStaff, case_id: UUID, level: str, again: dt.datetime, task: str, text: str = "",
    version: int | None = None,
) -> UUID:
    """Sign the level as it stands; `level` is the one that was read. `again`: when it is looked at next.

    `task`: the words of the task that stands in the case until then; one of an earlier assessment ends.
    """
    now = clock.now()
    if not now < again <= now + LAST:
        raise DeskError("This time is past, or more than 90 days ahead.",
                        advice="Choose when the level is looked at again.", code="due")
    with change(staff, case_id, "case.watch", version) as opened:
        told = _told(opened)
        watch = assess(told, now)
        if watch.level != level:
            raise LevelChanged("Meanwhile the level is another one.")
        work = working.fold(_reads(opened, working.KINDS))
        if told.signed is not None:
            _end_task(staff, opened, work, told.signed.payload.task)
        new = uuid4()
        who = work.who if work.who in opened.epoch.reader_ids else staff.id
        _task(staff, opened, payloads.Task(at=now, task=new, text=tidy(task)[:LONGEST], due=again, who=who))
        item = writing.write_item(case=opened.case, author=staff.author(), epoch=opened.epoch, payload=(
            payloads.Assessment(at=now, watch=watch, again=again, task=new,
                                text=tidy(text)[:LONGEST] if text.strip() else ""))).item
        custody.record(custody.entry("assessed", case=case_id, item=item.id, actor_kind="staff", actor=staff.id))
        return item.id


def _end_task(staff: OpenStaff, opened: OpenCase, work: working.Working, task: UUID) -> None:
    for one in work.duties:
        if one.task == task and one.state == "open":
            _task(staff, opened, payloads.Task(
                at=clock.now(), task=task, text=one.text, due=one.due, who=one.who, state="done"))


def _task(staff: OpenStaff, opened: OpenCase, task: payloads.Task) -> None:
    writing.write_item(case=opened.case, payload=task, author=staff.author(), epoch=opened.epoch)
    custody.record(custody.entry(
        "task", case=opened.case.id, item=task.task, actor_kind="staff", actor=staff.id, detail=(task.state,)))


def elsewhere(staff: OpenStaff, case_id: UUID, other: UUID) -> tuple[Source, ...]:
    """What is said in another case of mine and may be taken along into this one: neither refuted nor there yet."""
    if case_id == other:
        raise NotFound("This is the same case.", advice="Choose another.")
    here = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.watch")
    there = opening.for_staff(staff.id, staff.keys.kex.private, other)
    bulk.count(staff, (case_id, other))
    return _offered(_told(here), other, _told(there))


def _offered(here: Told, other: UUID, there: Told) -> tuple[Source, ...]:
    have = {one.origin for one in here.sources.values() if one.case == other}
    return tuple(one for id_, one in there.sources.items() if isinstance(one.said, _COPIED) and one.case is None
                 and id_ not in have and id_ not in there.refuted)


def take_along(
    *, staff: OpenStaff, case_id: UUID, other: UUID, ids: Collection[str], version: int | None = None,
) -> int:
    """Copy statements of another case of the same person or organisation, with their origin; how many.

    They are this case's own from then on: what happens to them there changes nothing here.
    """
    with change(staff, case_id, "case.watch", version) as opened:
        there = opening.for_staff(staff.id, staff.keys.kex.private, other)
        chosen = [one for one in _offered(_told(opened), other, _told(there)) if one.said.id in ids]
        _keep(staff, opened, [_copy(one, other) for one in chosen])
        return len(chosen)


def _copy(one: Source, other: UUID) -> payloads.Statement:
    from_there = {"at": clock.now(), "case": other, "origin": one.said.id}
    match one.said:
        case said.Event(kind=kind, marks=marks, by=by, at=at):
            return payloads.Statement(what="event", kind=kind, marks=marks, by=by, text=one.text,
                                      on=at.date() if isinstance(at, dt.datetime) else at, **from_there)
        case said.Answer(question=question, value=value):
            return payloads.Statement(what="answer", kind=question, value=value, **from_there)
        case said.Ahead(kind=kind, on=on):
            return payloads.Statement(what="ahead", kind=kind, on=on, **from_there)
        case said.Traced(level=level, state=state):
            return payloads.Statement(what="finding", kind=level, value=state, text=one.text, **from_there)
        case said.Capacity(kind=kind):
            return payloads.Statement(what="capacity", kind=kind, **from_there)
    raise NotFound("This cannot be taken along.")
