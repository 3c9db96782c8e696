"""The end of a shift: what a proposed line says, and that nothing goes out that nobody touched."""

import datetime as dt
import re

import pytest
from django.test import Client

from amparo.desk import accounts, assigning, casework, clock, duties, handing
from amparo.doors.staff.views.shift import proposal
from tests.doors.seeded import Desk
from tests.doors.staff.pressing import press, shown

pytestmark = pytest.mark.django_db


def me(desk: Desk) -> accounts.OpenStaff:
    return desk.staff["handler:granted"]


def box(page: str, desk: Desk) -> str:
    found = re.search(rf'<input type="checkbox"[^>]*name="keep" value="{desk.case}"[^>]*>', page)
    assert found
    return found[0]


def test_nothing_is_ticked_that_i_did_not_touch(handler: Client, seeded_desk: Desk) -> None:
    page = handler.get("/staff/shift/").content.decode()
    assert "checked" not in box(page, seeded_desk) and "You changed no case in this shift." in page
    assert "One case that you did not touch in this shift" in page
    assert seeded_desk.case
    casework.note(staff=me(seeded_desk), case_id=seeded_desk.case, text="Rang her cousin.")
    page = handler.get("/staff/shift/").content.decode()
    assert "checked" in box(page, seeded_desk) and "did not touch" not in page


def test_a_shift_that_ends_with_cases_in_hand_says_so(handler: Client, seeded_desk: Desk) -> None:
    """A new colleague was told to rest well, and still had two cases in which a life may be in danger."""
    assert seeded_desk.case
    empty = press(handler, "/staff/shift/", shown(handler, "/staff/shift/"), words="All quiet.")
    assert "Your shift is over; rest well." in empty.content.decode()
    assigning.take(staff=me(seeded_desk), case_id=seeded_desk.case)
    held = press(handler, "/staff/shift/", shown(handler, "/staff/shift/"), words="All quiet.")
    assert held.redirect_chain[-1][0] == "/staff/?who=mine"
    assert "You still have 1 case: give it" in held.content.decode() and "rest well" not in held.content.decode()


def test_what_i_did_is_ticked(handler: Client, seeded_desk: Desk) -> None:
    assert seeded_desk.case
    assigning.take(staff=me(seeded_desk), case_id=seeded_desk.case)
    page = handler.get("/staff/shift/").content.decode()
    assert "checked" in box(page, seeded_desk) and "This shift: assigned" in page


def test_a_line_says_what_it_is_about_who_has_it_and_what_is_due(handler: Client, seeded_desk: Desk) -> None:
    assert seeded_desk.case
    due = clock.now() + dt.timedelta(days=1)
    assigning.take(staff=seeded_desk.staff["lead:granted"], case_id=seeded_desk.case)
    duties.add(staff=me(seeded_desk), case_id=seeded_desk.case, text="ring the lawyer", due=due,
               who=seeded_desk.staff["lead:granted"].id)
    (one,) = handing.draft(me(seeded_desk))
    stand = handing.stands(me(seeded_desk), [one.row.case])[one.row.case]
    assert stand.who == "lead granted"
    assert [(task.text, task.due, task.who) for task in stand.tasks if task.due] == [
        ("ring the lawyer", due, "lead granted")]
    said = proposal(one, handing.Stand(("doxing",), stand.who, stand.tasks))
    first = said.splitlines()[0]
    assert first.startswith("Danger right now · Doxing · lead granted has it · not answered yet · act now")
    assert re.search(r"To do: ring the lawyer \(lead granted\) \(until \d", said)
    assert "nobody has it" in proposal(one, handing.Stand())
    page = handler.get("/staff/shift/").content.decode()
    assert "lead granted has it" in page and "waits in front of the door" not in page


def test_a_line_of_a_case_that_is_not_mine_is_not_opened(seeded_desk: Desk) -> None:
    assert seeded_desk.case
    assert handing.stands(seeded_desk.staff["handler:none"], [seeded_desk.case]) == {}


def test_the_zones_that_are_likely_stand_first(handler: Client, seeded_desk: Desk) -> None:
    page = handler.get("/staff/account/").content.decode()
    chosen = page[page.index('id="zone"'):]
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', chosen)
    assert groups[0] == ("Likely here", "<option>UTC</option>") and len(groups) > 8
    names = re.findall(r"<option[^>]*>([\w/+-]+)</option>", chosen)
    assert len(names) == len(set(names)) > 400 and "America/Bogota" in names
