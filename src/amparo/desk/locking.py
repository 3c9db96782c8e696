"""Locking a colleague out at once, and lifting the lock.

A lock takes nothing away: grants stay sealed to the same key, signatures stay good, and lifting it gives everything
back. It is made for the minute in which a colleague's account may be in other hands; removing (people.py) is the
stronger act. Who locked whom and when stands in the custody log; why, in a letter to each colleague.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db import transaction

from amparo.desk import clock, custody, directory, letters, policy, shredding, site
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotAllowedHere, NotFound
from amparo.desk.records import LogEntry, Staff

TAKE_BACK = dt.timedelta(minutes=15)
ASKED_FOR = dt.timedelta(hours=24)  # how long one colleague's word waits for a second one's
MOST = 2  # locks of one colleague within an hour; a stolen session must not shut the desk
HOUR = dt.timedelta(hours=1)
LOCKABLE = ("active", "away")
_LIFT, _LOCK = "unlock", "lock"


class LockRefused(DeskError):
    code = "lock"
    advice = "Look at the list again: somebody may have done it before you."


class SecondColleague(DeskError):
    """Told to the first of two: their word is kept."""

    code = "second-colleague"
    advice = "Ask another colleague to open “Lock out” and do the same. It takes them two clicks."


class Lock(msgspec.Struct, frozen=True):
    """A lock that stands, as the custody log tells it."""

    who: UUID
    by: UUID | None
    at: dt.datetime
    was: str  # the state before
    agreed: frozenset[UUID]  # who said that it should be lifted


class Locked(msgspec.Struct, frozen=True):
    """One line of the page: names for people, the reason from a letter to the reader."""

    id: UUID
    pseudonym: str
    by: str
    at: dt.datetime
    why: str
    agreed: tuple[str, ...]
    mine: bool  # the reader may take it back alone
    liftable: bool  # the reader's word counts


class Person(msgspec.Struct, frozen=True):
    """A colleague who can be locked out."""

    id: UUID
    pseudonym: str
    role: str
    wished: str  # who asked for it already, where a second colleague is needed


def _able(people: dict[UUID, directory.Colleague]) -> list[directory.Colleague]:
    """Colleagues at work whose word counts here."""
    return [one for one in people.values() if one.active and policy.may(one.role, "none", "people.lock")]


def _entries(who: UUID) -> Iterable[tuple[dt.datetime, UUID | None, str, tuple[str, ...]]]:
    """(when, by whom, action, detail) about this account, newest first."""
    for row in LogEntry.objects.filter(item=who, case=None).order_by("-index").iterator(chunk_size=50):
        found = custody.decode(row)
        yield dt.datetime.fromtimestamp(found.at, dt.UTC), found.actor, found.action, found.detail


def lock_of(who: UUID) -> Lock | None:
    """The newest lock of an account in the log; whether it stands, its row says."""
    agreed: set[UUID] = set()
    for at, by, action, detail in _entries(who):
        if action == "locked":
            return Lock(who, by, at, detail[0] if detail else "active", frozenset(agreed))
        if action == "unlocked":
            return None
        if action == "approved" and detail == (_LIFT,) and by is not None:
            agreed.add(by)
    return None


def _wish_of(who: UUID) -> UUID | None:
    """Who asked within a day to lock this account, and waits for a second colleague."""
    for at, by, action, detail in _entries(who):
        if action in ("locked", "unlocked") or at < clock.now() - ASKED_FOR:
            return None
        if action == "asked" and detail == (_LOCK,):
            return by
    return None


def _recent(staff: OpenStaff) -> int:
    """Locks of this colleague within the hour that still stand."""
    standing = Staff.objects.filter(locked_by=staff.id, state="locked").values_list("id", flat=True)
    locks = [lock_of(one) for one in standing]
    return sum(1 for one in locks if one is not None and one.at > clock.now() - HOUR)


def _needs_second(staff: OpenStaff, row: Staff, people: dict[UUID, directory.Colleague]) -> SecondColleague | None:
    """Why one colleague alone may not lock this account; None where they may."""
    leads = [one for one in people.values() if one.active and one.role == "lead" and one.id != row.id]
    if row.id in people and people[row.id].role == "lead" and not leads:
        return SecondColleague("Nobody could lift this lock but the colleague it shuts out.")
    if _recent(staff) >= MOST:
        return SecondColleague("You have locked out several colleagues within an hour.")
    return None


def lock(*, staff: OpenStaff, who: UUID, why: str) -> None:
    """Shut a colleague out now: no password, no waiting.

    Raises SecondColleague where one person's word is not enough: it is kept for a day, and the second one locks.
    """
    policy.require(staff.role, "none", "people.lock")
    if not why.strip():
        raise LockRefused("There is no reason.", advice="Write in a few words why; your colleagues will ask.")
    refused: SecondColleague | None = None
    with transaction.atomic():
        people = directory.everyone()
        _at_work(staff, people)
        row = Staff.objects.filter(id=who).first()
        if row is None or row.state not in LOCKABLE:
            raise LockRefused("This colleague is not here, or is locked out already.")
        if row.id == staff.id:
            raise LockRefused("You cannot lock yourself out.", advice="Sign out, or hand your cases away.")
        refused = _needs_second(staff, row, people)
        wished = _wish_of(who)
        if wished is not None and (wished not in people or not people[wished].active):
            wished = None  # the word of somebody who is locked out themselves, or has left
        if refused and wished in (None, staff.id):
            if wished is None:
                custody.record(custody.entry("asked", item=who, actor_kind="staff", actor=staff.id, detail=(_LOCK,)))
                _tell(staff, people, who, why)
        else:
            refused = None
            _shut(staff, row)
            _tell(staff, directory.everyone(), who, why)
    if refused:
        raise refused
    shredding.finish()


def _at_work(staff: OpenStaff, people: dict[UUID, directory.Colleague]) -> None:
    """Of two who lock each other out in one moment, only the first succeeds."""
    me = people.get(staff.id)
    if me is None or not me.active:
        raise NotAllowedHere("Your role here does not allow this.")


def _shut(staff: OpenStaff, row: Staff) -> None:
    before = row.state
    row.state, row.locked_by_id = "locked", staff.id
    row.generation += 1
    row.save(update_fields=["state", "locked_by", "generation"])
    site.write_active(without=str(row.id), line=directory.active_line(row, "locked"))
    custody.record(custody.entry("locked", item=row.id, actor_kind="staff", actor=staff.id, detail=(before,)))


def _tell(staff: OpenStaff, people: dict[UUID, directory.Colleague], who: UUID, why: str) -> None:
    """The reason, sealed to each colleague at work."""
    to = [one.id for one in _able(people) if one.id != who]
    letters.write(staff=staff, to=to, kind=letters.NOTICE, text=why.strip(), thread=who, facts={"act": _LOCK})


def _voters(lock: Lock, people: dict[UUID, directory.Colleague]) -> tuple[list[UUID], int]:
    """(whose word counts, how many of them are needed).

    A lead who neither is locked out nor locked: one is enough. Else two colleagues, but the locker; where there are
    not so many, all there are; and where there is nobody else, the locker.
    """
    able = [one for one in _able(people) if one.id != lock.who]
    others = [one for one in able if one.id != lock.by]
    leads = [one.id for one in others if one.role == "lead"]
    if leads:
        return leads, 1
    if others:
        return [one.id for one in others], min(2, len(others))
    return [one.id for one in able], 1


def lift(*, staff: OpenStaff, who: UUID) -> bool:
    """Say that a lock should end; whether it has ended, or waits for a second colleague's word."""
    policy.require(staff.role, "none", "people.lock")
    with transaction.atomic():
        people = directory.everyone()
        _at_work(staff, people)
        row = Staff.objects.filter(id=who, state="locked").first()
        lock = lock_of(who) if row else None
        if row is None or lock is None:
            raise NotFound("This colleague is not locked out.", advice="Load the list again.")
        if not (lock.by == staff.id and clock.now() < lock.at + TAKE_BACK):
            voters, needed = _voters(lock, people)
            if staff.id not in voters:
                raise NotAllowedHere(
                    "This lock is lifted by a colleague who did not set it.",
                    advice="A lead lifts it; where there is no other lead, two colleagues do.",
                )
            if len((lock.agreed | {staff.id}) & set(voters)) < needed:
                if staff.id not in lock.agreed:
                    custody.record(custody.entry(
                        "approved", item=who, actor_kind="staff", actor=staff.id, detail=(_LIFT,)
                    ))
                return False
        row.state, row.locked_by_id = lock.was if lock.was in LOCKABLE else "active", None
        row.save(update_fields=["state", "locked_by"])
        site.write_active(without=str(row.id), line=directory.active_line(row, row.state))
        custody.record(custody.entry("unlocked", item=who, actor_kind="staff", actor=staff.id))
    return True


def lockable(staff: OpenStaff) -> tuple[Person, ...]:
    """Whom this colleague may lock out, by pseudonym."""
    policy.require(staff.role, "none", "people.lock")
    people = directory.everyone()
    rows = Staff.objects.filter(state__in=LOCKABLE).exclude(id=staff.id).order_by("pseudonym")
    return tuple(Person(row.id, row.pseudonym, row.role, _name(people, _wish_of(row.id))) for row in rows)


def locked(staff: OpenStaff) -> tuple[Locked, ...]:
    """Who is locked out, by whom, since when and why."""
    policy.require(staff.role, "none", "people.lock")
    rows = list(Staff.objects.filter(state="locked").order_by("pseudonym"))
    if not rows:
        return ()
    people = directory.everyone()
    told = [one for one in letters.read(staff, letters.NOTICE) if one.proven and one.facts.get("act") == _LOCK]
    why = {one.thread: one.text for one in told}  # the newest
    found = []
    for row in rows:
        lock = lock_of(row.id) or Lock(row.id, None, clock.now(), "active", frozenset())
        voters, _needed = _voters(lock, people)
        mine = lock.by == staff.id and clock.now() < lock.at + TAKE_BACK
        found.append(Locked(
            row.id, row.pseudonym, _name(people, lock.by), lock.at, why.get(row.id, ""),
            tuple(_name(people, one) for one in sorted(lock.agreed)), mine,
            (mine or staff.id in voters) and staff.id not in lock.agreed,
        ))
    return tuple(found)


def _name(people: dict[UUID, directory.Colleague], who: UUID | None) -> str:
    return people[who].pseudonym if who in people else ""
