"""Somebody with the database writes that a colleague handed a case over: the next sign-in gives it "back" to them."""

from uuid import UUID

import pytest

from amparo.desk import bringing_back, casework, leaving
from amparo.desk.records import Case, HandedOver
from tests.attacks.test_insider_with_the_database import granted
from tests.desk import conftest as given
from tests.desk import people

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def case(desk: people.Desk) -> UUID:
    people.report("Not for everybody at this desk.")
    return Case.objects.get().id


def forge(desk: people.Desk, case: UUID, giver: UUID) -> None:
    HandedOver.objects.create(case_id=case, giver_id=giver, holder_id=desk.lead.id)
    bringing_back.give_waiting(desk.lead)


def test_for_a_colleague_who_was_taken_off_the_case(desk: people.Desk, case: UUID) -> None:
    wren = desk.team["Wren"]
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=wren.id)
    forge(desk, case, wren.id)
    assert not granted(wren, case) and not HandedOver.objects.exists()


def test_for_a_colleague_who_never_read_it(desk: people.Desk, case: UUID) -> None:
    people.use_roles("evidence")
    for crane in (people.join(desk, "Crane"), people.join(desk, "Rail", "evidence")):
        forge(desk, case, crane.id)
        assert not granted(crane, case)


def test_for_a_colleague_who_was_taken_off_after_a_true_return(desk: people.Desk, case: UUID) -> None:
    wren = desk.team["Wren"]
    leaving.begin(staff=wren)
    leaving.run(wren)
    bringing_back.bring_back(staff=desk.lead, who=wren.id)
    assert granted(wren, case), "what was truly handed over comes back"
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=wren.id)
    forge(desk, case, wren.id)
    assert not granted(wren, case)
