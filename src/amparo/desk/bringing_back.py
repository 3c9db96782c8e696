"""A colleague who was away works again: the account first, then the cases that still make sense.

A lead brings them back; where no lead is at work, two colleagues say so. What the reporter excludes, what a conflict of
interest keeps out and what was erased meanwhile does not come back, and is told. What only another colleague can open
comes back when that colleague signs in.
"""

import datetime as dt
from uuid import UUID

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import custody, directory, membership, new_keys, opening, payloads, policy, site
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotAllowedHere, NotFound
from amparo.desk.records import Grant, HandedOver, Item, LogEntry, Staff

_RETURN = "return"


class Away(msgspec.Struct, frozen=True):
    """A colleague who is away. `agreed`: who said that they should come back, where one word is not enough."""

    id: UUID
    pseudonym: str
    since: dt.datetime | None
    cases: int
    agreed: tuple[str, ...]


class Returned(msgspec.Struct, frozen=True):
    """What came back and what did not."""

    back: int
    refused: tuple[UUID, ...]  # the reporter or a conflict of interest keeps this colleague out
    erased: int
    waiting: int  # comes back when a colleague who can open it signs in
    agreed: bool = True  # False: a second colleague must say so first


def _since(who: UUID) -> tuple[dt.datetime | None, int, frozenset[UUID]]:
    """(since when away, cases handed over then, who agreed to the return)."""
    agreed: set[UUID] = set()
    for row in LogEntry.objects.filter(item=who, case=None).order_by("-index").iterator(chunk_size=50):
        entry = custody.decode(row)
        if entry.action == "away":
            number = entry.detail[0] if entry.detail else "0"
            return dt.datetime.fromtimestamp(entry.at, dt.UTC), int(number), frozenset(agreed)
        if entry.action == "approved" and entry.detail == (_RETURN,) and entry.actor is not None:
            agreed.add(entry.actor)
    return None, 0, frozenset(agreed)


def away(staff: OpenStaff) -> tuple[Away, ...]:
    """Who is away."""
    policy.require(staff.role, "none", "people.return")
    people = directory.everyone()
    found = []
    for row in Staff.objects.filter(state=policy.AWAY).order_by("pseudonym"):
        since, _number, agreed = _since(row.id)
        names = tuple(people[one].pseudonym for one in sorted(agreed) if one in people)
        found.append(Away(row.id, row.pseudonym, since, HandedOver.objects.filter(giver=row).count(), names))
    return tuple(found)


class Helpers(msgspec.Struct, frozen=True):
    """Who can bring a colleague back. `needed`: how many of them must say so, 0 where nobody can."""

    leads: tuple[str, ...]
    others: tuple[str, ...]  # their word counts only where no lead is at work
    needed: int


def helpers(staff: OpenStaff) -> Helpers:
    """Who could bring me back if I left now: by the same rule as bring_back."""
    policy.require(staff.role, "none", "own.travel")
    at_work = [one for one in directory.everyone().values()
               if one.active and one.id != staff.id and policy.may(one.role, "none", "people.return")]
    leads = tuple(sorted(one.pseudonym for one in at_work if one.role == "lead"))
    others = tuple(sorted(one.pseudonym for one in at_work if one.role != "lead"))
    return Helpers(leads, others, 1 if leads else min(2, len(others)))


def bring_back(*, staff: OpenStaff, who: UUID) -> Returned:
    """Make the account work again, and give back what can be given."""
    policy.require(staff.role, "none", "people.return")
    with transaction.atomic():
        people = directory.everyone()
        me, row = people.get(staff.id), Staff.objects.filter(id=who, state=policy.AWAY).first()
        if me is None or not me.active:
            raise NotAllowedHere("Your role here does not allow this.")
        if row is None:
            raise NotFound("This colleague is not away.", advice="Load the list again.")
        _since_when, number, agreed = _since(who)
        at_work = [one for one in people.values() if one.active and policy.may(one.role, "none", "people.return")]
        if staff.role != "lead":
            if any(one.role == "lead" for one in at_work):
                raise NotAllowedHere("A lead brings a colleague back.", advice="Ask a lead of this desk.")
            if staff.id not in agreed:
                custody.record(custody.entry(
                    "approved", item=who, actor_kind="staff", actor=staff.id, detail=(_RETURN,)
                ))
            if len((agreed | {staff.id}) & {one.id for one in at_work}) < min(2, len(at_work)):
                return Returned(0, (), 0, HandedOver.objects.filter(giver=row).count(), agreed=False)
        row.state = "active"
        row.save(update_fields=["state"])
        site.write_active(without=str(row.id), line=directory.active_line(row))
        custody.record(custody.entry("returned", item=who, actor_kind="staff", actor=staff.id))
    left = HandedOver.objects.filter(giver_id=who).exclude(case__state="erasing").count()
    back, refused = give_waiting(staff, who)
    waiting = HandedOver.objects.filter(giver_id=who).count()
    return Returned(back, refused, max(0, number - left), waiting)


def _left_by_themselves(opened: opening.OpenCase, who: UUID) -> bool:
    """Whether this colleague's last coming or going is that they handed the case over, in their own signed word."""
    rows = Item.objects.filter(case=opened.case, kind="state").select_related("key").order_by("sequence")
    last = None
    for one in opening.read_items(opened, rows)[0]:
        said = one.payload
        if isinstance(said, payloads.StateChange) and one.proven and said.who == who:
            last = (said.what, one.author_id)
    return last == ("member-removed", who)


def give_waiting(staff: OpenStaff, who: UUID | None = None) -> tuple[int, tuple[UUID, ...]]:
    """Give back those cases of mine whose former reader is back: (how many, which must not be given)."""
    people = directory.everyone()
    rows = HandedOver.objects.filter(case__grants__staff_id=staff.id, case__grants__kind="staff")
    if who is not None:
        rows = rows.filter(giver_id=who)
    back, refused = 0, []
    for row in list(rows.distinct()):
        giver = people.get(row.giver_id)
        if giver is None or not giver.active:
            continue
        with transaction.atomic():
            try:
                opened = opening.for_staff(staff.id, staff.keys.kex.private, row.case_id)
                left = _left_by_themselves(opened, giver.id)
                if not left and not new_keys.reads_by_record(opened, giver.id):
                    row.delete()  # somebody with the database wrote this row
                    continue
                if not left or not Grant.objects.filter(
                    case_id=row.case_id, kind="staff", staff_id=giver.id
                ).exists():
                    membership.give(staff=staff, opened=opened, colleague=giver)
                back += 1
            except (membership.Excluded, membership.Conflicted):
                Grant.objects.filter(case_id=row.case_id, kind="staff", staff_id=giver.id).delete()  # of an old key
                refused.append(row.case_id)
            except (seal.SealError, NotFound):
                continue
            row.delete()
    return back, tuple(refused)
