"""Who takes care of a case: taking it, giving it, letting it go.

Assignments need no version guard: they only clash with one another, and whoever comes second is told who has it.
"""

from collections.abc import Mapping
from uuid import UUID

from amparo.desk import clock, custody, opening, payloads, wishes, working, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.directory import Colleague
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotFound
from amparo.desk.opening import OpenCase
from amparo.desk.records import Grant, Item


class HasIt(ChangedMeanwhile):
    """A colleague has the case already."""

    advice = "Talk to them, or take it over from the page of the case."


def holder(opened: OpenCase) -> UUID | None:
    """Who takes care of an opened case."""
    rows = Item.objects.filter(case=opened.case, kind="assignment").select_related("key").order_by("sequence")
    return working.fold(opening.read_items(opened, rows)[0]).who


def assign_in(staff: OpenStaff, opened: OpenCase, who: UUID | None) -> None:
    """Write an assignment into a case that is open in a transaction."""
    writing.write_item(
        case=opened.case, payload=payloads.Assignment(at=clock.now(), who=who), author=staff.author(),
        epoch=opened.epoch,
    )
    custody.record(custody.entry("assigned", case=opened.case.id, item=who, actor_kind="staff", actor=staff.id))


def take(*, staff: OpenStaff, case_id: UUID, over: bool = False, sure: bool = False) -> None:
    """I take care of it. Raises HasIt when a colleague does, unless I take it over from them.

    Raises wishes.AsksForAnother where the reporter asks for somebody else to answer, unless I am `sure`.
    """
    with change(staff, case_id, "case.assign", None) as opened:
        take_in(staff, opened, over=over, sure=sure)


def take_in(staff: OpenStaff, opened: OpenCase, *, over: bool = False, sure: bool = False) -> None:
    """The same inside a transaction."""
    now = holder(opened)
    if now == staff.id:
        return
    person = opened.people.get(now) if now else None
    if person is not None and person.active and not over:
        raise HasIt("%(who)s has this case already.", who=person.pseudonym)
    if not sure:
        wishes.check(opened, staff.id)
    assign_in(staff, opened, staff.id)


def take_if_free(*, staff: OpenStaff, case_id: UUID) -> bool:
    """I take care of it where nobody does; False, and nothing is changed, where somebody does already.

    Nor where the reporter asks for somebody else to answer: that is taken by its own button, which asks once more.
    """
    with change(staff, case_id, "case.assign", None) as opened:
        if not is_free(holder(opened), opened.people):
            return False
        try:
            wishes.check(opened, staff.id)
        except wishes.AsksForAnother:
            return False
        assign_in(staff, opened, staff.id)
        return True


def is_free(who: UUID | None, people: Mapping[UUID, Colleague]) -> bool:
    """Whether nobody takes care of a case, or somebody who does not work here any more."""
    person = people.get(who) if who else None
    return person is None or not person.active


def give(*, staff: OpenStaff, case_id: UUID, to: UUID, sure: bool = False) -> None:
    """A colleague who can read it takes care of it from now on.

    Raises wishes.AsksForAnother where the reporter asks for somebody else to answer, unless one is `sure`.
    """
    with change(staff, case_id, "case.assign", None) as opened:
        person = opened.people.get(to)
        reads = Grant.objects.filter(case=opened.case, kind="staff", staff_id=to).exists()
        if person is None or not person.active or not reads or to not in opened.epoch.reader_ids:
            raise NotFound(
                "This colleague cannot read the case.", advice="Add them to the case first, then give it to them."
            )
        if holder(opened) != to:
            if not sure:
                wishes.check(opened, to)
            assign_in(staff, opened, to)


def let_go(*, staff: OpenStaff, case_id: UUID) -> None:
    """Nobody takes care of it from now on. Only who has it lets go of it."""
    with change(staff, case_id, "case.assign", None) as opened:
        if holder(opened) != staff.id:
            raise DeskError(
                "You do not have this case.", code="not-yours", advice="Load the page again to see who has it."
            )
        assign_in(staff, opened, None)
