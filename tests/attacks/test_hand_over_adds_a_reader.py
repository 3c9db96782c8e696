"""Somebody who sees files alone, and may add nobody to a case, hands it over to a friend of hers at the desk."""

import pytest

from amparo.desk import casework, leaving
from amparo.desk.errors import NotAllowedHere
from amparo.desk.records import Case, Grant
from tests.attacks.test_insider_with_the_database import granted
from tests.desk import conftest as given
from tests.desk import people

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


def test_the_friend_gets_no_key(desk: people.Desk) -> None:
    people.report("Wren must not read this any more.")
    case, wren = Case.objects.get().id, desk.team["Wren"]
    people.use_roles("evidence")
    rail = people.join(desk, "Rail", "evidence")
    casework.add_colleague(staff=desk.lead, case_id=case, colleague=rail.id)
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=wren.id)
    with pytest.raises(NotAllowedHere):
        casework.add_colleague(staff=rail, case_id=case, colleague=wren.id)
    leaving.begin(staff=rail, to=wren.id)
    leaving.run(rail)
    assert not granted(wren, case)
    assert not Grant.objects.filter(staff_id=rail.id).exists(), "her own way out stays open"
