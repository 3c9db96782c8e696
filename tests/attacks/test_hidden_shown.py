"""Somebody with the database turns the mark of a hidden colleague: reporters would be shown the pseudonym."""

import pytest

from amparo.desk import accounts, hiding, intake, people, site
from amparo.desk.records import Staff
from tests.desk import conftest as given
from tests.desk import people as made

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def wren_hidden(desk: made.Desk) -> made.Desk:
    hiding.set_hidden(lead=desk.lead, staff_id=desk.team["Wren"].id, hidden=True)
    return desk


def test_the_mark_in_the_table_shows_nobody_and_hides_nobody(wren_hidden: made.Desk) -> None:
    Staff.objects.update(hidden=False)
    assert "Wren" not in intake.readers().pseudonyms
    assert hiding.is_hidden(wren_hidden.team["Wren"])
    Staff.objects.update(hidden=True)
    assert set(intake.readers().pseudonyms) == {"Heron", "Swift"}
    told = {one.pseudonym: one.hidden for one in people.colleagues(staff=wren_hidden.lead)}
    assert told == {"Heron": False, "Swift": False, "Wren": True}, "nor does the list of people lie"


def test_nor_before_the_lead_has_signed(desk: made.Desk) -> None:
    secret = accounts.invite(lead=desk.lead, pseudonym="Owl", role="handler", hidden=True)
    who = accounts.accept_invitation(secret=secret, login="owl", password=made.PASSWORD)
    Staff.objects.filter(id=who).update(hidden=False)
    row = next(one for one in people.colleagues(staff=desk.lead) if one.id == who)
    people.sign_colleague(lead=desk.lead, staff_id=who, fingerprint=row.fingerprint)
    assert "Owl" not in intake.readers().pseudonyms and intake.readers().count == 4


def test_new_keys_and_other_acts_leave_it_hidden(wren_hidden: made.Desk) -> None:
    wren = wren_hidden.team["Wren"]
    Staff.objects.filter(id=wren.id).update(hidden=False)
    people.reset_account(lead=wren_hidden.lead, staff_id=wren.id)
    assert hiding.is_hidden(wren)


def test_a_desk_from_before_writes_down_what_its_rows_say_once(wren_hidden: made.Desk) -> None:
    (site.folder() / "hidden").unlink()
    assert "Wren" not in intake.readers().pseudonyms
    hiding.settle()
    Staff.objects.update(hidden=False)
    hiding.settle()
    assert "Wren" not in intake.readers().pseudonyms
