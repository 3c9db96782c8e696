"""Enough of these pictures: what I saw of each case this week, and a colleague who looks in my place.

Nothing is stored for it. The counts come out of the custody log, the minutes are guessed from the time to my next act.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import assigning, changing, clock, directory, duties, policy
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotAllowedHere, NotFound
from amparo.desk.opening import NO_CASE
from amparo.desk.records import Case

LONGEST_LOOK = dt.timedelta(minutes=3)  # a page that is left open is not looked at for longer


class Weight(msgspec.Struct, frozen=True):
    """What I saw of one case: pictures without their veil, and minutes, guessed. `colleagues` could look instead."""

    case: UUID
    pictures: int
    minutes: int
    colleagues: tuple[tuple[UUID, str], ...]


def seconds_of(acts: Iterable[seal.CustodyEntry], now: dt.datetime) -> list[tuple[UUID | None, float]]:
    """(case, seconds) of each picture without its veil: until the next act, three minutes at most."""
    entries = sorted(acts, key=lambda one: one.at)
    ends = [*(one.at for one in entries[1:]), int(now.timestamp())][: len(entries)]
    return [
        (one.case, min(float(end - one.at), LONGEST_LOOK.total_seconds()))
        for one, end in zip(entries, ends, strict=True) if one.action == "viewed" and one.detail == ("clear",)
    ]


def weights(staff: OpenStaff, acts: Iterable[seal.CustodyEntry]) -> tuple[Weight, ...]:
    """What weighed on me, the heaviest case first; only cases that I can still open. `acts` are my own of a week."""
    looks: dict[UUID, list[float]] = {}
    for case, seconds in seconds_of(acts, clock.now()):
        if case is not None:
            looks.setdefault(case, []).append(seconds)
    found = [
        Weight(case, len(took), round(sum(took) / 60), who)
        for case, took in looks.items() if (who := _others(staff, case)) is not None
    ]
    return tuple(sorted(found, key=lambda one: -one.pictures))


def _others(staff: OpenStaff, case_id: UUID) -> tuple[tuple[UUID, str], ...] | None:
    case = Case.objects.filter(id=case_id).exclude(state="erasing").first()
    if case is None:
        return None
    readers = directory.epoch_of(case).reader_ids
    if staff.id not in readers:
        return None
    return tuple((one.id, one.pseudonym) for one in directory.case_people()
                 if one.id in readers and one.id != staff.id)


def swap(*, staff: OpenStaff, case_id: UUID, to: UUID, text: str) -> None:
    """A colleague looks in my place: a task for them, and the case, too, where it is mine. `text`: what they read."""
    policy.require(staff.role, "granted", "case.assign")
    others = _others(staff, case_id)
    if others is None:
        raise NotFound(NO_CASE)
    if to not in dict(others):
        raise NotAllowedHere("This colleague cannot read the case.", advice="Add them to the case first.")
    with transaction.atomic():
        duties.add(staff=staff, case_id=case_id, text=text, due=None, who=to)
        with changing.change(staff, case_id, "case.assign", None) as opened:
            if assigning.holder(opened) == staff.id:
                assigning.assign_in(staff, opened, to)
