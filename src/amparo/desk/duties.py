"""Tasks of a case: something to be done, by whom, until when; ticked with an outcome, dropped, taken up again.

A task is its newest writing. Two colleagues who end it at once leave two writings, and both stay in the record.
"""

import datetime as dt
from uuid import UUID, uuid4

import msgspec

from amparo.desk import clock, custody, opening, payloads, queue, working, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.opening import OpenCase
from amparo.desk.records import Item
from amparo.desk.returning import tidy
from amparo.desk.working import Duty

LONGEST = 1_000  # characters of a task or an outcome


class Mine(msgspec.Struct, frozen=True):
    """One open task of mine with its case."""

    case: UUID
    duty: Duty


def _standing(opened: OpenCase, task: UUID) -> Duty:
    """The task as it was written: covered words must come back when their mask is taken off."""
    rows = Item.objects.filter(case=opened.case, kind="task").select_related("key").order_by("sequence")
    for one in working.fold(opening.read_items(opened, rows, covered=False)[0]).duties:
        if one.task == task:
            return one
    raise NotFound("There is no such task in this case.", advice="Load the page again.")


def write_in(staff: OpenStaff, opened: OpenCase, task: payloads.Task) -> None:
    """One writing of a task, inside the change of a case."""
    writing.write_item(case=opened.case, payload=task, author=staff.author(), epoch=opened.epoch)
    custody.record(custody.entry(
        "task", case=opened.case.id, item=task.task, actor_kind="staff", actor=staff.id, detail=(task.state,)
    ))


def add(*, staff: OpenStaff, case_id: UUID, text: str, due: dt.datetime | None, who: UUID | None) -> UUID:
    """A new task, for a colleague of the case or for whoever comes; its id."""
    if not text.strip():
        raise DeskError("The task has no words.", advice="Write what is to be done.", code="empty")
    task = payloads.Task(at=clock.now(), task=uuid4(), text=tidy(text)[:LONGEST], due=due, who=who)
    with change(staff, case_id, "case.task", None) as opened:
        if who is not None and who not in opened.epoch.reader_ids:
            raise NotFound(
                "This colleague cannot read the case.", advice="Add them to the case first, or choose another."
            )
        write_in(staff, opened, task)
    return task.task


def end(*, staff: OpenStaff, case_id: UUID, task: UUID, state: str, outcome: str = "") -> None:
    """Tick it ("done"), drop it ("dropped"), or take it up again ("open")."""
    if state not in ("open", "done", "dropped"):
        raise DeskError("A task is done, dropped or open.", advice="Choose one.", code="choice")
    with change(staff, case_id, "case.task", None) as opened:
        stands = _standing(opened, task)
        if stands.state == state and not outcome.strip():
            return
        write_in(staff, opened, payloads.Task(
            at=clock.now(), task=task, text=stands.text, due=stands.due, who=stands.who, state=state,
            outcome=outcome.strip()[:LONGEST],
        ))


def mine(staff: OpenStaff) -> tuple[Mine, ...]:
    """Open tasks over all my cases that are mine, or nobody's in a case that I have; what is due first on top."""
    found = []
    for case_id, reads in queue.opened_now(staff, queue.with_tasks(staff), working.KINDS):
        work = working.fold(reads)
        found += [
            Mine(case_id, one) for one in work.open_duties
            if one.who == staff.id or (one.who is None and work.who == staff.id)
        ]
    last = dt.datetime.max.replace(tzinfo=dt.UTC)
    return tuple(sorted(found, key=lambda one: one.duty.due or last))
