"""Playbooks of a case through the browser a colleague has: begun, gone on with, shown again when refused."""

import re
from html import unescape

import pytest
from django.test import Client

from amparo.desk import triaging, walks
from amparo.doors.staff import walking
from amparo.mitigate import playbook
from tests.doors.seeded import TOKEN, Desk

pytestmark = pytest.mark.django_db


def place(desk: Desk) -> str:
    return f"/staff/case/{desk.case}/playbooks/"


def begin(client: Client, desk: Desk, book: str) -> str:
    """Begin it by its button; the address of the walk."""
    page = client.get(place(desk)).content.decode()
    assert f'name="book" value="{book}"' in page
    token = TOKEN.search(page)
    assert token
    answer = client.post(place(desk), {"csrfmiddlewaretoken": token[1], "book": book})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def fields(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form with nothing changed."""
    at = re.search(r'name="at" value="([^"]*)"', page)
    return {"at": [at[1] if at else ""], "task": re.findall(r'name="task" value="([^"]+)"', page),
            "state": re.findall(r'<option value="(\w+)" selected', page),
            "outcome": re.findall(r'name="outcome" value="([^"]*)"', page)}


def test_the_playbooks_of_the_cases_threats_come_first(handler: Client, seeded_desk: Desk) -> None:
    assert "For what this case is about" not in handler.get(place(seeded_desk)).content.decode()
    assert seeded_desk.case
    triaging.triage(staff=seeded_desk.staff["handler:granted"], case_id=seeded_desk.case, threats=["doxing"], needs=[])
    page = handler.get(place(seeded_desk)).content.decode()
    first = page.split("For what this case is about")[1].split("<section")[0]
    assert re.findall(r'name="book" value="([^"]+)"', first) == ["doxing"]
    assert page.count('value="doxing"') == 1, "and not once more below"
    assert place(seeded_desk) in handler.get(f"/staff/case/{seeded_desk.case}/").content.decode()


def test_a_playbook_is_walked_by_its_buttons_and_its_steps_are_my_tasks(handler: Client, seeded_desk: Desk) -> None:
    where = begin(handler, seeded_desk, "account-attack")
    for _ in range(15):
        page = handler.get(where).content.decode()
        if 'name="go" value="0"' not in page:
            break
        told = fields(page)
        assert len(told["task"]) == len(told["state"]) == len(told["outcome"])
        told["state"] = ["done" for _task in told["task"]]
        told["outcome"] = [f"outcome {number}" for number, _task in enumerate(told["task"])]
        assert handler.post(where, {**told, "go": "0"}).status_code == 302
    assert "at its end here" in page and "outcome 0" in page
    assert '<q dir="auto">' in page, "the answers that led there are told"
    listed = handler.get(place(seeded_desk)).content.decode()
    assert "1 at an end" in listed


def test_keeping_stays_on_the_page_and_what_was_refused_is_shown_again(handler: Client, seeded_desk: Desk) -> None:
    where = begin(handler, seeded_desk, "travel")
    for _ in range(6):
        told = fields(handler.get(where).content.decode())
        if told["task"]:
            break
        handler.post(where, {**told, "go": "0"})
    told["outcome"][0] = "She asked her sister."
    assert handler.post(where, {**told, "go": "keep"}).status_code == 302
    page = handler.get(where).content.decode()
    assert 'value="She asked her sister."' in page and fields(page)["at"] == told["at"]
    told["outcome"][0] = "Typed while a colleague went on"
    refused = handler.post(where, {**told, "at": "somewhere-else", "go": "0"})
    assert refused.status_code == 409 and "Typed while a colleague went on" in refused.content.decode()
    wrong = handler.post(where, {**told, "go": "77"})
    assert wrong.status_code == 400 and "no such answer" in wrong.content.decode()


def test_giving_up_keeps_the_tasks(handler: Client, seeded_desk: Desk) -> None:
    where = begin(handler, seeded_desk, "doxing")
    answer = handler.post(where, {"go": "give-up"})
    assert answer.headers["Location"] == place(seeded_desk)
    page = handler.get(where).content.decode()
    assert "given up" in page and 'name="go"' not in page


def test_the_hand_over_says_which_playbook_is_under_way(seeded_desk: Desk) -> None:
    assert seeded_desk.case and seeded_desk.walk
    standing = walks.of_case(seeded_desk.staff["lead:granted"], seeded_desk.case).find(seeded_desk.walk)
    (line,) = walking.handed([(standing.book, standing.node)])
    assert line == "Playbook: A flood of abuse or threats, at “Your body first”"


@pytest.mark.parametrize("language", ["es", "fr", "ar"])
def test_the_pages_stand_in_the_handlers_language(handler: Client, seeded_desk: Desk, language: str) -> None:
    page = handler.get("/staff/account/").content.decode()
    token = TOKEN.search(page)
    assert token
    handler.post("/staff/language/", {"csrfmiddlewaretoken": token[1], "language": language, "to": "/staff/account/"})
    book = playbook.load("harassment", language)
    assert book is not None
    page = unescape(handler.get(f"{place(seeded_desk)}{seeded_desk.walk}/").content.decode())
    assert book.start.title in page and book.start.choices[0].text in page
