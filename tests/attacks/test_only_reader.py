"""A colleague makes herself a case's only reader, and nobody was asked: she removes the others, or hides behind one."""

from uuid import UUID

import pytest

from amparo.desk import casework, conflicts, locking, reading, second
from amparo.desk.records import Case, Grant
from tests.desk import conftest as given
from tests.desk import people
from tests.desk.test_second import configure

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def case(desk: people.Desk) -> UUID:
    people.report("Her file must not be one person's alone.")
    configure("second_person = true")
    return Case.objects.get().id


def readers(case: UUID) -> set[UUID]:
    return set(Grant.objects.filter(case_id=case, kind="staff").values_list("staff_id", flat=True))


def test_by_removing_the_others_from_the_case(desk: people.Desk, case: UUID) -> None:
    swift = desk.team["Swift"]
    casework.remove_colleague(staff=swift, case_id=case, colleague=desk.team["Wren"].id)
    with pytest.raises(second.NeedsSecond):
        casework.remove_colleague(staff=swift, case_id=case, colleague=desk.lead.id)
    assert readers(case) == {swift.id, desk.lead.id}
    request = second.ask(staff=swift, case_id=case, act="conflict", why="The others are related to her husband.")
    second.answer(staff=desk.lead, case_id=case, request=request, approve=True)
    casework.remove_colleague(staff=swift, case_id=case, colleague=desk.lead.id)
    assert readers(case) == {swift.id}


def test_behind_somebody_who_sees_its_files_alone(desk: people.Desk, case: UUID) -> None:
    people.use_roles("evidence")
    configure('second_person = true\nroles = ["evidence"]')
    crane, swift = people.join(desk, "Crane", "evidence"), desk.team["Swift"]
    casework.add_colleague(staff=swift, case_id=case, colleague=crane.id)
    casework.remove_colleague(staff=swift, case_id=case, colleague=desk.team["Wren"].id)
    with pytest.raises(second.NeedsSecond):
        conflicts.declare(staff=swift, case_id=case, who=desk.lead.id, why="They are cousins.")
    casework.remove_colleague(staff=swift, case_id=case, colleague=crane.id)  # takes no reader away
    assert reading.case_page(desk.lead, case).case == case


def test_behind_a_colleague_who_is_locked_out(desk: people.Desk, case: UUID) -> None:
    swift = desk.team["Swift"]
    locking.lock(staff=swift, who=desk.team["Wren"].id, why="I do not know where she is.")
    with pytest.raises(second.NeedsSecond):
        casework.remove_colleague(staff=swift, case_id=case, colleague=desk.lead.id)
