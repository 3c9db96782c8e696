"""A colleague is removed, locked out or taken off a case while typing: told, the text shown again, nothing written."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from amparo.desk import casework, conflicts, leaving, locking, people
from amparo.desk.records import Case, Item
from tests.desk import conftest as given
from tests.desk import people as made

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk
TYPED = "Half an hour of work,\nand the last line of it: <b>فارس</b>"
SHOWN = "Half an hour of work,\nand the last line of it: &lt;b&gt;فارس&lt;/b&gt;"
Act = Callable[[made.Desk, UUID], object]
ACTS: dict[str, Act] = {
    "removed from the desk": lambda desk, case: people.remove_staff(lead=desk.lead, staff_id=desk.team["Wren"].id),
    "locked out": lambda desk, case: locking.lock(staff=desk.lead, who=desk.team["Wren"].id, why="taken"),
    "taken off the case": lambda desk, case: casework.remove_colleague(
        staff=desk.lead, case_id=case, colleague=desk.team["Wren"].id),
    "a conflict of interest": lambda desk, case: conflicts.declare(
        staff=desk.lead, case_id=case, who=desk.team["Wren"].id, why="cousins"),
    "handed everything over from another computer": lambda desk, case: (
        leaving.begin(staff=desk.team["Wren"]), leaving.run(desk.team["Wren"])),
}
FORMS = {"reply": {"text": TYPED}, "note": {"text": TYPED},
         "event": {"text": TYPED, "start": "2026", "venue": "online"},
         "state": {"state": "closed", "why": TYPED}, "conflict": {"why": TYPED}, "identity": {"why": TYPED}}


@pytest.mark.parametrize("how", ACTS)
def test_the_text_comes_back_and_nothing_is_written(desk: made.Desk, how: str) -> None:
    made.report("They wait at my gate.")
    case = Case.objects.get().id
    client = Client()
    client.post("/staff/in/", {"login": "login of Wren", "password": made.PASSWORD})
    client.post("/staff/in/code/", {"code": desk.factors["Wren"].recovery_codes[0]})
    assert client.get(f"/staff/case/{case}/").status_code == 200
    ACTS[how](desk, case)
    before = Item.objects.count()
    for form, fields in FORMS.items():
        answer = client.post(f"/staff/case/{case}/{form}/", fields)
        page = answer.content.decode()
        assert answer.status_code in (403, 404), form
        assert SHOWN in page and "Nothing was saved" in page, form
        assert "They wait at my gate" not in page
    assert Item.objects.count() == before


def test_a_colleague_with_a_key_writes_on(desk: made.Desk) -> None:
    """Positive control: the same forms are taken from somebody who was not removed."""
    made.report("They wait at my gate.")
    case = Case.objects.get().id
    client = Client()
    client.post("/staff/in/", {"login": "login of Swift", "password": made.PASSWORD})
    client.post("/staff/in/code/", {"code": desk.factors["Swift"].recovery_codes[0]})
    ACTS["taken off the case"](desk, case)
    before = Item.objects.count()
    for form in ("reply", "note", "state"):
        assert client.post(f"/staff/case/{case}/{form}/", FORMS[form]).status_code == 302
    assert Item.objects.count() == before + 3
