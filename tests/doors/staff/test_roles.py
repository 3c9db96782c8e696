"""The page of roles says what the policy says; each role's first page exists and is open to it."""

import re
from pathlib import Path

import pytest
from django.test import Client

from amparo.desk import configuration, policy
from amparo.doors.staff import gate, labels, matrix
from tests.desk import people
from tests.doors.seeded import OTHERS, Desk

pytestmark = pytest.mark.django_db


def shown(page: str) -> tuple[list[str], dict[str, list[str]]]:
    """Heads and rows of the table, as text."""
    table = page.partition("<table")[2].partition("</table>")[0]
    found = re.findall(r"<th scope=\"col\">(.*?)</th>", table, re.S)
    text = [re.sub(r"<[^>]+>|\s+", " ", part).strip() for part in found]
    rows = {}
    for row in re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", table, re.S):
        rows[row[0]] = re.findall(r"<td>(.*?)</td>", row[1])
    return [re.sub(r" +", " ", one) for one in text], rows


def test_the_page_equals_the_policy(seeded_desk: Desk) -> None:
    """Read back cell by cell: what a colleague sees is what `policy.may` answers."""
    page = seeded_desk.client("handler:granted").get("/staff/roles/").content.decode()
    heads, rows = shown(page)
    roles = [role for role in policy.ROLES if role not in policy.STANDINGS]
    assert len(heads) == len(roles) + 1 and len(rows) == len(policy.ACTIONS)
    for head, role in zip(heads[1:], roles, strict=True):
        assert head.startswith(labels.ROLES[role]), head
        assert ("(you)" in head) == (role == "handler") and ("(not used here)" in head) == (role == "outside")
    for action in policy.ACTIONS:
        cells = rows[matrix.does(action).replace("'", "&#x27;")]
        for role, cell in zip(roles, cells, strict=True):
            relations = {relation for relation in policy.RELATIONS if policy.may(role, relation, action)}
            assert {"yes": set(policy.RELATIONS), "key": {"granted"}, "–": set()}[cell] == relations, (role, action)


def test_the_written_table_is_the_one_in_the_docs(root: Path) -> None:
    assert (root / "docs" / "roles.md").read_text() == matrix.printed(), (
        "print it again: DJANGO_SETTINGS_MODULE=amparo.desk.settings python -m amparo.doors.staff.matrix > "
        "docs/roles.md")


def test_every_action_is_put_into_words() -> None:
    assert set(matrix.DOES) == set(policy.ACTIONS)
    assert len(set(matrix.DOES.values())) == len(matrix.DOES)


@pytest.mark.parametrize("actor", ["handler:granted", "lead:granted", *OTHERS, "unsigned"])
def test_the_first_page_of_each_role_opens(seeded_desk: Desk, actor: str) -> None:
    place = gate.home(actor.partition(":")[0])
    assert seeded_desk.client(actor).get(place).status_code == 200, place


def test_first_pages_are_where_the_work_is() -> None:
    assert gate.home("handler") == gate.home("lead") == "/staff/"
    assert gate.home("admin") == "/staff/people/" and gate.home("analyst") == "/staff/numbers/"
    assert gate.home("unsigned") == gate.home("switched-off") == "/staff/account/"
    assert gate.home("auditor") == gate.home("outside") != "/staff/account/"


def test_a_role_switched_off_is_told_why(seeded_desk: Desk) -> None:
    before = configuration.current().roles
    client = seeded_desk.client("admin")
    assert client.get("/staff/people/").status_code == 200
    people.use_roles("auditor")
    try:
        assert client.get("/staff/people/").status_code == 403
        page = client.get("/staff/account/").content.decode()
        assert "Your role is switched off at this desk" in page and "People</a>" not in page
        desk = seeded_desk.client("lead:granted").get("/staff/desk/").content.decode()
        assert re.search(r"Roles besides handler and lead</dt><dd[^>]*>auditor</dd>", desk)
    finally:
        people.use_roles(*before)
    assert "switched off" not in client.get("/staff/account/").content.decode()


def test_hiding_is_told_and_done(seeded_desk: Desk) -> None:
    lead, who = seeded_desk.client("lead:granted"), seeded_desk.staff["handler:none"].id
    reporter = Client()
    reporter.post("/en/write/begin/")
    assert "handler none" in reporter.get("/en/write/readers/").content.decode()
    assert lead.post(f"/staff/people/{who}/hide/", {"hidden": "yes"}).headers["Location"] == "/staff/people/"
    page = lead.get("/staff/people/").content.decode()
    assert "not shown this pseudonym any more" in page and "Show handler none to reporters" in page
    assert "You are hidden" in seeded_desk.client("handler:none").get("/staff/account/").content.decode()
    counted = reporter.get("/en/write/readers/").content.decode()
    assert "handler none" not in counted and "7 people of this desk" in counted
    assert "handler none" not in reporter.get("/en/about/").content.decode()
    less = reporter.post("/en/write/readers/", {"others": "Handler  None", "go": "show"}).content.decode()
    assert "6 people of this desk" in less and 'value="Handler None"' in less  # kept as typed, and it counts
    lead.post(f"/staff/people/{who}/hide/", {"hidden": "no"})
    assert "handler none" in reporter.get("/en/write/readers/").content.decode()


def test_an_answer_is_the_desk_s_on_the_reporter_s_door(seeded_desk: Desk) -> None:
    """Of nobody's pseudonym, hidden or not: the dialogue says "the desk"."""
    client = seeded_desk.client("handler:granted")
    client.post(f"/staff/case/{seeded_desk.case}/reply/", {"text": "We read it and stay with you."})
    page = seeded_desk.client("reporter").get("/en/back/talk/").content.decode()
    assert "We read it and stay with you." in page
    assert "handler granted" not in page
    assert "handler granted" in client.get("/staff/account/").content.decode()  # the name it would have been
