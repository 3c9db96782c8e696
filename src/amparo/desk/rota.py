"""The duty rota: who is awake when, and where nobody is. Planned in a lead's own zone, kept in UTC.

A turn counts only while its colleague works here and is not on a break. What is missing is computed each time from the
turns themselves, so that a gap can't be forgotten in a note of its own.
"""

import datetime as dt
import itertools
from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db import transaction

from amparo.desk import clock, custody, directory, letters, policy
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.records import Absence, Turn

FIRST, SECOND = PLACES = ("first", "second")
LONGEST_TURN = dt.timedelta(hours=24)
LONGEST_BREAK = dt.timedelta(days=366)
MOST_WEEKS = 26
KEPT = dt.timedelta(days=14)  # how long what is over stays
NOBODY, ALONE, TWICE = TROUBLES = ("nobody", "alone", "twice")
LONGER, SHORTER = "longer", "shorter"


class RotaUnclear(DeskError):
    """A turn that can't be."""

    code = "rota"
    advice = "Check the day and the hours, and send it again."


class Trouble(msgspec.Struct, frozen=True):
    """A stretch of time: nobody is there, only one is there, or two have the same place.

    `away`: who would have had a turn in it and is on a break.
    """

    kind: str
    start: dt.datetime
    end: dt.datetime
    away: tuple[UUID, ...] = ()


class ClockChange(msgspec.Struct, frozen=True):
    """A turn in which the clocks change: it is an hour longer or shorter than the hours on the wall say."""

    start: dt.datetime
    end: dt.datetime
    kind: str


class Planned(msgspec.Struct, frozen=True):
    turns: int
    changes: tuple[ClockChange, ...]


class Rota(msgspec.Struct, frozen=True):
    """What is planned from a moment on. `ends`: when the last turn ends; None for an empty rota."""

    turns: tuple[Turn, ...]
    absences: tuple[Absence, ...]
    troubles: tuple[Trouble, ...]
    ends: dt.datetime | None


def plan(
    *, staff: OpenStaff, who: UUID, place: str, start: dt.datetime, end: dt.datetime, zone: dt.tzinfo, days: int = 1,
    weeks: int = 1,
) -> Planned:
    """One turn, the same hours on the wall on `days` days in a row, and all of that for `weeks` weeks.

    `start` and `end` are naive, in `zone`.

    An hour that does not come when clocks go forward is the one after it; one that comes twice is the first of both.
    """
    policy.require(staff.role, "none", "rota.plan")
    if place not in PLACES or not 1 <= weeks <= MOST_WEEKS or not 1 <= days <= 7:
        raise RotaUnclear("This choice is not on the list.", advice="Choose again from the list.")
    _require_here(who)
    if not dt.timedelta(0) < end - start <= LONGEST_TURN:
        raise RotaUnclear("A turn ends after it begins, and lasts a day at most.")
    rows, changes = [], []
    for week, day in itertools.product(range(weeks), range(days)):
        later = dt.timedelta(weeks=week, days=day)
        first, last = _moment(start + later, zone), _moment(end + later, zone)
        if last <= clock.now():
            raise RotaUnclear("This turn is over already.")
        if last - first != end - start:
            changes.append(ClockChange(first, last, LONGER if last - first > end - start else SHORTER))
        rows.append(Turn(staff_id=who, place=place, starts_at=first, ends_at=last))
    with transaction.atomic():
        Turn.objects.bulk_create(rows)
        _log(staff, "planned", place, str(len(rows)))
    return Planned(len(rows), tuple(changes))


def _moment(wall: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    return wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)


def _require_here(who: UUID) -> None:
    if all(one.id != who for one in directory.case_people()):
        raise RotaUnclear("This colleague does not work on cases now.", advice="Choose a colleague from the list.")


def _log(staff: OpenStaff, *detail: str) -> None:
    custody.record(custody.entry("rota", actor_kind="staff", actor=staff.id, detail=detail))


def hand(*, staff: OpenStaff, turn: UUID, to: UUID) -> None:
    """Give a turn to a colleague: one's own, or as a lead any."""
    policy.require(staff.role, "none", "rota.own")
    _require_here(to)
    with transaction.atomic():
        row = _turn(staff, turn)
        Turn.objects.filter(id=row.id).update(staff_id=to)
        _log(staff, "handed")


def drop(*, staff: OpenStaff, turn: UUID) -> None:
    """Take a turn out of the plan."""
    policy.require(staff.role, "none", "rota.plan")
    with transaction.atomic():
        _turn(staff, turn).delete()
        _log(staff, "dropped")


def _turn(staff: OpenStaff, turn: UUID) -> Turn:
    row = Turn.objects.filter(id=turn, ends_at__gt=clock.now()).first()
    if row is None or (row.staff_id != staff.id and not policy.may(staff.role, "none", "rota.plan")):
        raise NotFound("There is no such turn, or it is not yours.", advice="Load the rota again.")
    return row


def away(*, staff: OpenStaff, until: dt.datetime, since: dt.datetime | None = None, tell: str = "") -> tuple[Turn, ...]:
    """I am away until then; my turns that it touches. `tell` goes to each lead where there is such a turn."""
    policy.require(staff.role, "none", "rota.own")
    since = max(since or clock.now(), clock.now())
    if not since < until <= since + LONGEST_BREAK:
        raise RotaUnclear("A break ends after it begins.")
    with transaction.atomic():
        Absence.objects.create(staff_id=staff.id, starts_at=since, ends_at=until)
        mine = tuple(Turn.objects.filter(
            staff_id=staff.id, starts_at__lt=until, ends_at__gt=since).order_by("starts_at"))
        if mine and tell.strip():
            leads = [one.id for one in directory.case_people() if one.role == "lead" and one.id != staff.id]
            letters.write(staff=staff, to=leads, kind=letters.HAND_OVER, text=tell.strip())
        _log(staff, "away")
    return mine


def back(*, staff: OpenStaff) -> None:
    """I am here again: breaks that run end now, coming ones are taken out."""
    policy.require(staff.role, "none", "rota.own")
    now = clock.now()
    with transaction.atomic():
        Absence.objects.filter(staff_id=staff.id, starts_at__gt=now).delete()
        Absence.objects.filter(staff_id=staff.id, ends_at__gt=now).update(ends_at=now)
        _log(staff, "back")


def breaks_of(staff_id: UUID) -> tuple[Absence, ...]:
    """Breaks of a colleague that are not over."""
    return tuple(Absence.objects.filter(staff_id=staff_id, ends_at__gt=clock.now()).order_by("starts_at"))


def forget() -> int:
    """Turns and breaks that are long over; how many."""
    old = clock.now() - KEPT
    return Turn.objects.filter(ends_at__lt=old).delete()[0] + Absence.objects.filter(ends_at__lt=old).delete()[0]


def on_duty(at: dt.datetime, place: str | None = None) -> tuple[UUID, ...]:
    """Who has a turn now, works here and is not on a break; who began first stands first. `place`: only those."""
    found = Turn.objects.filter(starts_at__lte=at, ends_at__gt=at)
    if place is not None:
        found = found.filter(place=place)
    here = {one.id for one in directory.case_people()}
    gone = set(Absence.objects.filter(starts_at__lte=at, ends_at__gt=at).values_list("staff_id", flat=True))
    ids = found.order_by("place", "starts_at", "id").values_list("staff_id", flat=True)
    return tuple(dict.fromkeys(one for one in ids if one in here and one not in gone))


def planned() -> bool:
    """Whether the desk has a rota that is not over."""
    return Turn.objects.filter(ends_at__gt=clock.now()).exists()


def load(start: dt.datetime, until: dt.datetime) -> Rota:
    """The plan between two moments, with everything that is wrong with it."""
    turns = tuple(Turn.objects.filter(ends_at__gt=start, starts_at__lt=until).order_by("starts_at", "place", "id"))
    absences = tuple(Absence.objects.filter(ends_at__gt=start, starts_at__lt=until).order_by("starts_at"))
    last = Turn.objects.order_by("-ends_at").values_list("ends_at", flat=True).first()
    ends = last if last and last > start else None
    horizon = min(until, ends) if ends else start
    return Rota(turns, absences, troubles(turns, absences, start, horizon), ends)


def troubles(
    turns: Iterable[Turn], absences: Iterable[Absence], start: dt.datetime, until: dt.datetime
) -> tuple[Trouble, ...]:
    """Where nobody, only one, or two in one place are on duty between two moments."""
    here = {one.id for one in directory.case_people()}
    turns, absences = tuple(turns), tuple(absences)
    edges = {start, until}
    edges.update(at for one in (*turns, *absences) for at in (one.starts_at, one.ends_at) if start < at < until)
    found: list[Trouble] = []
    points = sorted(edges)
    for begin, end in itertools.pairwise(points):
        running = [one for one in turns if one.starts_at <= begin < one.ends_at]
        gone = {one.staff_id for one in absences if one.starts_at <= begin < one.ends_at}
        there = [one for one in running if one.staff_id in here and one.staff_id not in gone]
        missing = tuple(dict.fromkeys(one.staff_id for one in running if one not in there))
        places = [one.place for one in there]
        awake = {one.staff_id for one in there}
        kind = (NOBODY if not awake else TWICE if any(places.count(place) > 1 for place in PLACES)
                else ALONE if len(awake) == 1 else "")
        last = found[-1] if found else None
        if last is not None and kind == last.kind and last.end == begin and missing == last.away:
            found[-1] = msgspec.structs.replace(last, end=end)
        elif kind:
            found.append(Trouble(kind, begin, end, missing))
    return tuple(found)
