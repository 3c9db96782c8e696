"""Playbooks worked through with a case: which, where each stands, which answers led there. Sealed and signed, as all.

The steps of the page where a playbook stands become tasks of the case, so that they have an outcome, stand among
somebody's tasks and go over with the shift. A walk is its newest writing; the log says only that one moved.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from amparo.desk import clock, custody, directory, duties, opening, payloads, policy, working, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotFound
from amparo.desk.opening import OpenCase, Read
from amparo.desk.records import Item
from amparo.desk.working import Duty
from amparo.mitigate import playbook
from amparo.mitigate.playbook import Node, Playbook

KIND = "walk"
MOST = 20  # walks of one case that are not at an end


class Trod(msgspec.Struct, frozen=True):
    """One move: to which page or end, by which answer of the page before, by whom."""

    node: str
    choice: int | None
    by: UUID
    at: dt.datetime


class Walked(msgspec.Struct, frozen=True):
    """One playbook as it stands with this case. `node` is "" where it was given up."""

    walk: UUID
    book: str
    version: int
    node: str
    tasks: tuple[UUID, ...]  # of all its pages
    here: tuple[UUID, ...]  # of the page where it stands
    trail: tuple[Trod, ...]

    @property
    def open(self) -> bool:
        """Whether it is neither at an end nor given up."""
        return bool(self.node) and not playbook.Choice("", self.node).ends


class Standing(msgspec.Struct, frozen=True):
    """What the pages need: the walks, the tasks by id, the threats of the case, who is who."""

    walks: tuple[Walked, ...]
    duties: dict[UUID, Duty]
    threats: tuple[str, ...]
    names: dict[UUID, str]

    def find(self, walk: UUID) -> Walked:
        """The walk with this id. Raises NotFound."""
        for one in self.walks:
            if one.walk == walk:
                return one
        raise NotFound("There is no such playbook in this case.", advice="Go back to the playbooks of the case.")


def fold(reads: Iterable[Read]) -> tuple[Walked, ...]:
    """The walks from opened items in their order; only what a colleague has signed counts."""
    found: dict[UUID, Walked] = {}
    for one in reads:
        made = one.payload
        if not isinstance(made, payloads.Walk) or not one.proven or one.author_kind != "staff":
            continue
        before = found.get(made.walk)
        trail = (*(before.trail if before else ()), Trod(made.node, made.choice, one.author_id, made.at))
        tasks = tuple(dict.fromkeys((*(before.tasks if before else ()), *made.tasks)))
        book = before.book if before else made.book
        found[made.walk] = Walked(made.walk, book, made.version, made.node, tasks, made.tasks, trail)
    return tuple(found.values())


def of_case(staff: OpenStaff, case_id: UUID) -> Standing:
    """Everything about playbooks of one case, opened for one page."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.read")
    return _standing(opened)


def _standing(opened: OpenCase) -> Standing:
    rows = Item.objects.filter(case=opened.case, kind__in=("answers", KIND, *working.KINDS)).select_related("key")
    reads = opening.read_items(opened, rows.order_by("sequence"))[0]
    work, told = working.fold(reads), ()
    for one in reads:
        if isinstance(one.payload, payloads.Answers) and one.proven and one.item.channel == "staff":
            told = tuple(one.payload.answers.get("threats", ()))
    names = {one.id: one.pseudonym for one in directory.everyone().values()}
    return Standing(fold(reads), {one.task: one for one in work.duties}, work.seen.threats or told, names)


def book_of(walked: Walked, language: str) -> tuple[Playbook, Node | None]:
    """The playbook of a walk in this language, and the page where it stands; None at an end, or where a newer
    playbook has no such page. Raises NotFound where the playbook itself is gone."""
    book = playbook.load(walked.book, language)
    if book is None:
        raise NotFound("This playbook is not there any more.", advice="Give it up, and choose another one.")
    return book, book.node(walked.node)


def start(*, staff: OpenStaff, case_id: UUID, book: str, language: str) -> UUID:
    """Begin a playbook with a case: its first steps become tasks, in this language; the walk's id."""
    found = playbook.load(book, language)
    if found is None:
        raise NotFound("There is no such playbook.", advice="Choose one from the list.")
    with change(staff, case_id, "case.task", None) as opened:
        if sum(one.open for one in _standing(opened).walks) >= MOST:
            raise DeskError(
                "Too many playbooks are open in this case.", advice="Bring one to an end, or give it up.", code="many"
            )
        walk = uuid4()
        _move(staff, opened, walk, found, found.start.id, None)
    return walk


def _move(staff: OpenStaff, opened: OpenCase, walk: UUID, book: Playbook, to: str, choice: int | None) -> None:
    """Write where it stands now, and the steps of that page as tasks."""
    node, now = book.node(to), clock.now()
    tasks = [payloads.Task(at=now, task=uuid4(), text=f"{step} ({book.title})"[: duties.LONGEST])
             for step in (node.steps if node else ())]
    for task in tasks:
        duties.write_in(staff, opened, task)
    _write(staff, opened, payloads.Walk(
        at=now, walk=walk, book=book.code, version=book.version, node=to, choice=choice,
        tasks=tuple(one.task for one in tasks)))


def _write(staff: OpenStaff, opened: OpenCase, made: payloads.Walk) -> None:
    writing.write_item(case=opened.case, payload=made, author=staff.author(), epoch=opened.epoch)
    custody.record(custody.entry("walked", case=opened.case.id, item=made.walk, actor_kind="staff", actor=staff.id))


def go_on(
    *, staff: OpenStaff, case_id: UUID, walk: UUID, at: str, outcomes: Mapping[UUID, tuple[str, str]],
    choice: int | None, language: str,
) -> str:
    """Keep outcomes of its tasks (id -> state, outcome), and go where an answer leads; where it stands then.

    `at` is the page that was shown: ChangedMeanwhile where a colleague went on before. `choice` None: stay.
    """
    with transaction.atomic():
        with change(staff, case_id, "case.task", None) as opened:
            standing = _standing(opened)
            walked = standing.find(walk)
            if walked.node != at or not walked.open:
                raise ChangedMeanwhile("A colleague went on with this playbook meanwhile.")
        for task, (state, outcome) in outcomes.items():
            stands = standing.duties.get(task) if task in walked.tasks else None
            if stands is not None and (state, outcome.strip()) != (stands.state, stands.outcome):
                duties.end(staff=staff, case_id=case_id, task=task, state=state, outcome=outcome)
        if choice is None:
            return at
        book, node = book_of(walked, language)
        if node is None or book.version != walked.version:
            raise DeskError(
                "This playbook was written anew since it was begun here.", code="changed",
                advice="Give it up, and begin it again: the tasks that it made stay.",
            )
        if not 0 <= choice < len(node.choices):
            raise DeskError("There is no such answer on this page.", advice="Choose one of its answers.", code="choice")
        with change(staff, case_id, "case.task", None) as opened:
            _move(staff, opened, walk, book, node.choices[choice].to, choice)
    return node.choices[choice].to


def give_up(*, staff: OpenStaff, case_id: UUID, walk: UUID) -> None:
    """It is not gone on with; its tasks stay as they are."""
    with change(staff, case_id, "case.task", None) as opened:
        walked = _standing(opened).find(walk)
        if walked.open:
            _write(staff, opened, payloads.Walk(
                at=clock.now(), walk=walk, book=walked.book, version=walked.version, node=""))
