"""A stolen account approves, is locked out, and its yes is used all the same."""

from uuid import UUID

import pytest

from amparo.desk import letters, locking, second
from amparo.desk.records import Case, Staff
from tests.desk import conftest as given
from tests.desk import people
from tests.desk.test_second import configure

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def cases(desk: people.Desk) -> list[UUID]:
    configure("second_person = true")
    people.report("first")
    people.report("second")
    return list(Case.objects.values_list("id", flat=True))


def test_in_a_case(desk: people.Desk, cases: list[UUID]) -> None:
    swift, wren = desk.team["Swift"], desk.team["Wren"]
    request = second.ask(staff=swift, case_id=cases[0], act="export", why="for a friend")
    second.answer(staff=wren, case_id=cases[0], request=request, approve=True)
    locking.lock(staff=desk.lead, who=wren.id, why="Her telephone was taken.")
    with pytest.raises(second.NeedsSecond):
        second.allow(staff=swift, act="export", case_ids=cases[:1])
    (told,) = second.of_case(desk.lead, cases[0])
    assert told.state == "expired" and told.answer and told.answer.who == "Wren", "who said yes stays to be read"
    locking.lift(staff=desk.lead, who=wren.id)
    second.allow(staff=swift, act="export", case_ids=cases[:1])


def test_for_the_whole_desk(desk: people.Desk, cases: list[UUID]) -> None:
    wren = desk.team["Wren"]
    request = second.ask_desk(staff=desk.lead, act="export", why="we leave")
    second.answer_desk(staff=wren, request=request, approve=True)
    locking.lock(staff=desk.team["Swift"], who=wren.id, why="Her telephone was taken.")
    with pytest.raises(second.NeedsSecond):
        second.allow(staff=desk.lead, act="export", case_ids=cases)


def test_by_the_key_of_somebody_whose_role_answers_nothing(desk: people.Desk, cases: list[UUID]) -> None:
    """With the database: a letter signed with an account that works on no case."""
    configure('second_person = true\nroles = ["intake"]')
    crane = people.join(desk, "Crane", "intake")
    request = second.ask_desk(staff=desk.lead, act="export", why="we leave")
    letters.write(staff=crane, to=[desk.lead.id], kind=letters.NOTICE, text="", thread=request,
                  facts={"act": "export", "answer": "approved"})
    with pytest.raises(second.NeedsSecond):
        second.allow(staff=desk.lead, act="export", case_ids=cases)


def test_for_locking_the_last_lead_out(desk: people.Desk) -> None:
    swift, wren = desk.team["Swift"], desk.team["Wren"]
    with pytest.raises(locking.SecondColleague):
        locking.lock(staff=wren, who=desk.lead.id, why="He has my password.")
    locking.lock(staff=desk.lead, who=wren.id, why="Her telephone was taken.")
    with pytest.raises(locking.SecondColleague):
        locking.lock(staff=swift, who=desk.lead.id, why="It says so on the list.")
    assert Staff.objects.get(id=desk.lead.id).state == "active"
