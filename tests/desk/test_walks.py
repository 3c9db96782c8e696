"""Playbooks worked through with a case: steps become tasks, outcomes are kept, the way is signed and sealed."""

from uuid import UUID, uuid4

import msgspec
import pytest

from amparo import seal
from amparo.desk import duties, handing, opening, payloads, walks, writing
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotFound
from amparo.desk.records import Case, Item, LogEntry
from amparo.mitigate import playbook
from tests.desk import people
from tests.desk.people import Desk

pytestmark = pytest.mark.django_db


def a_case(**answers: list[str]) -> UUID:
    people.report(**answers)
    return Case.objects.latest("opened_on", "changed").id


def begun(desk: Desk, book: str = "offline-attack") -> tuple[UUID, UUID, walks.Walked]:
    case = a_case()
    walk = walks.start(staff=desk.lead, case_id=case, book=book, language="en")
    return case, walk, walks.of_case(desk.lead, case).find(walk)


def on(
    desk: Desk, case: UUID, walk: UUID, choice: int | None, outcomes: dict[UUID, tuple[str, str]] | None = None
) -> str:
    at = walks.of_case(desk.lead, case).find(walk).node
    return walks.go_on(staff=desk.lead, case_id=case, walk=walk, at=at, outcomes=outcomes or {}, choice=choice,
                       language="en")


@pytest.mark.parametrize("code", playbook.codes())
def test_every_playbook_is_worked_through_to_an_end(desk: Desk, code: str) -> None:
    """Always the first answer: no page stops, each step becomes a task, and every task keeps its outcome."""
    case, walk, standing = begun(desk, code)
    book = playbook.load(code, "en")
    assert book is not None
    for _ in range(playbook.DEEPEST + 1):
        standing = walks.of_case(desk.lead, case).find(walk)
        node = book.node(standing.node)
        if node is None:
            break
        assert len(standing.here) == len(node.steps)
        on(desk, case, walk, 0, {task: ("done", f"did it {place}") for place, task in enumerate(standing.here)})
    assert not standing.open and standing.node == standing.trail[-1].node
    tasks = walks.of_case(desk.lead, case).duties
    assert set(tasks) == set(standing.tasks) and tasks
    assert all(one.state == "done" and one.outcome.startswith("did it") and book.title in one.text
               for one in tasks.values())
    assert {one.by for one in standing.trail} == {desk.lead.id}


def test_a_step_that_is_not_done_stays_a_task_of_whoever_has_the_case(desk: Desk) -> None:
    case, walk, standing = begun(desk, "stalkerware")
    while not standing.here:
        on(desk, case, walk, 1 if len(standing.trail) == 1 else 0)
        standing = walks.of_case(desk.lead, case).find(walk)
    first, *others = standing.here
    on(desk, case, walk, 0, {first: ("dropped", "she has done it already")})
    after = walks.of_case(desk.lead, case)
    assert after.duties[first].state == "dropped" and after.duties[first].outcome == "she has done it already"
    assert {after.duties[one].state for one in others} == {"open"}
    duties.end(staff=desk.lead, case_id=case, task=others[0], state="done")
    assert walks.of_case(desk.lead, case).duties[others[0]].state == "done", "they are tasks like any other"


def test_two_colleagues_do_not_go_two_ways(desk: Desk) -> None:
    case, walk, standing = begun(desk)
    on(desk, case, walk, 0)
    with pytest.raises(ChangedMeanwhile):
        walks.go_on(staff=desk.lead, case_id=case, walk=walk, at=standing.node, outcomes={}, choice=1, language="en")
    assert len(walks.of_case(desk.lead, case).find(walk).trail) == 2


@pytest.mark.parametrize("choice", [-1, 9, 99])
def test_an_answer_that_is_not_there_changes_nothing(desk: Desk, choice: int) -> None:
    case, walk, _standing = begun(desk)
    before = Item.objects.count()
    with pytest.raises(DeskError, match="no such answer"):
        on(desk, case, walk, choice)
    assert Item.objects.count() == before


def test_outcomes_and_the_way_are_kept_together_or_not_at_all(desk: Desk) -> None:
    case, walk, standing = begun(desk, "travel")
    while not standing.here:
        on(desk, case, walk, 0)
        standing = walks.of_case(desk.lead, case).find(walk)
    with pytest.raises(DeskError):
        on(desk, case, walk, 99, {standing.here[0]: ("done", "packed")})
    assert walks.of_case(desk.lead, case).duties[standing.here[0]].state == "open"


def test_tasks_that_are_not_of_this_playbook_are_left_alone(desk: Desk) -> None:
    case, walk, _standing = begun(desk)
    other = duties.add(staff=desk.lead, case_id=case, text="call the shelter", due=None, who=None)
    on(desk, case, walk, None, {other: ("done", "forged"), uuid4(): ("done", "")})
    assert walks.of_case(desk.lead, case).duties[other].state == "open"


def test_only_who_reads_the_case_sees_or_moves_it(desk: Desk) -> None:
    case, walk, _standing = begun(desk)
    stranger = people.join(desk, "Dipper")
    for act in (lambda: walks.of_case(stranger, case),
                lambda: walks.start(staff=stranger, case_id=case, book="doxing", language="en"),
                lambda: walks.give_up(staff=stranger, case_id=case, walk=walk)):
        with pytest.raises(NotFound):
            act()
    for wrong in (lambda: walks.start(staff=desk.lead, case_id=case, book="../en/doxing", language="en"),
                  lambda: walks.give_up(staff=desk.lead, case_id=case, walk=uuid4())):
        with pytest.raises(NotFound):
            wrong()


def test_neither_columns_nor_the_log_say_which_playbook(desk: Desk) -> None:
    case, walk, _standing = begun(desk, "stalkerware")
    assert {one.kind for one in Item.objects.filter(case_id=case)} >= {"walk"}
    for one in Item.objects.filter(case_id=case, kind__in=("walk", "task")):
        assert b"stalkerware" not in bytes(one.body) and one.channel == "staff"
    entries = [seal.CustodyEntry.decode(bytes(row.body)) for row in LogEntry.objects.all()]
    walked = [one for one in entries if one.action == "walked"]
    assert [(one.case, one.item, one.detail) for one in walked] == [(case, walk, ())]
    assert not any(b"stalkerware" in bytes(row.body) for row in LogEntry.objects.all())


def test_what_no_colleague_signed_moves_nothing(desk: Desk) -> None:
    from django.db import transaction

    case, walk, standing = begun(desk)
    with transaction.atomic():
        opened = opening.for_staff(desk.lead.id, desk.lead.keys.kex.private, case)
        forged = payloads.Walk(at=standing.trail[0].at, walk=walk, book="doxing", version=1, node="resolved")
        writing.write_item(case=opened.case, payload=forged, author=seal.UNSIGNED, epoch=opened.epoch)
    after = walks.of_case(desk.lead, case).find(walk)
    assert after.open and after.book == "offline-attack"


def test_a_playbook_written_anew_is_not_gone_on_with_by_its_old_answers(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, walk, standing = begun(desk)
    book = playbook.load("offline-attack", "en")
    newer = msgspec.structs.replace(book, version=2)
    monkeypatch.setattr(playbook, "load", lambda *_: newer)
    with pytest.raises(DeskError, match="written anew"):
        on(desk, case, walk, 0)
    walks.give_up(staff=desk.lead, case_id=case, walk=walk)
    assert not walks.of_case(desk.lead, case).find(walk).open
    with pytest.raises(ChangedMeanwhile):
        on(desk, case, walk, 0)
    assert standing.open


def test_it_goes_over_with_the_shift(desk: Desk) -> None:
    case, walk, standing = begun(desk, "travel")
    while not standing.here:
        on(desk, case, walk, 0)
        standing = walks.of_case(desk.lead, case).find(walk)
    stand = handing.stands(desk.lead, [case])[case]
    assert stand.walks == (("travel", standing.node),)
    assert [one.text for one in stand.tasks] == [
        walks.of_case(desk.lead, case).duties[one].text for one in standing.here]
    walks.give_up(staff=desk.lead, case_id=case, walk=walk)
    assert handing.stands(desk.lead, [case])[case].walks == ()


def test_too_many_at_once_are_refused(desk: Desk) -> None:
    case, _walk, _standing = begun(desk)
    for _ in range(walks.MOST - 1):
        walks.start(staff=desk.lead, case_id=case, book="harassment", language="en")
    with pytest.raises(DeskError, match="Too many"):
        walks.start(staff=desk.lead, case_id=case, book="harassment", language="en")
