"""Complaining about the desk: one field, no name, no script, and never to those whom it is about."""

import re

from amparo.desk import letters, watching
from amparo.desk.records import Letter, LogEntry
from tests.desk import people
from tests.doors.reporter.conftest import Configure
from tests.doors.reporter.person import Person

TEXT = "They told my brother that I wrote to them."


def test_a_complaint_is_sent_and_leaves_nothing_in_the_browser(desk: people.Desk, person: Person) -> None:
    auditor = people.join(desk, "Owl", "auditor")
    person.open("about/")
    person.open("about/word/")
    assert "One person reads what you write here" in person.response.content.decode()
    person.send(text=TEXT)
    page = person.response.content.decode()
    assert 'role="status"' in page and TEXT not in page
    assert "<script" not in page and len(page) < 50_000
    person.open("about/word/")
    assert 'role="status"' not in person.response.content.decode()
    assert [one.text for one in watching.complaints(auditor).letters] == [TEXT]
    assert letters.read(desk.lead, "complaint") == ()


def test_an_empty_complaint_is_told_and_nothing_is_sent(desk: people.Desk, person: Person) -> None:
    people.join(desk, "Owl", "auditor")
    person.open("about/word/")
    person.send(text="   ")
    page = person.response.content.decode()
    assert "Nothing is written yet." in page and 'aria-invalid="true"' in page and Letter.objects.count() == 0


def test_where_nobody_watches_the_outside_contact_is_still_said(
    desk: people.Desk, configure: Configure, person: Person
) -> None:
    configure('outside_contact = "The (fictional) council of houses, QX, box 7."')
    person.open("about/word/")
    page = person.response.content.decode()
    assert "named nobody yet" in page and "box 7" in page and "<textarea" not in page
    before = LogEntry.objects.count()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', person.client.get("/en/back/").content.decode())
    assert token
    person.client.post("/en/about/word/", {"text": TEXT, "csrfmiddlewaretoken": token[1]})
    assert LogEntry.objects.count() == before and Letter.objects.count() == 0


def test_an_expired_page_shows_what_was_typed_and_sends_it_on(desk: people.Desk, person: Person) -> None:
    auditor = people.join(desk, "Owl", "auditor")
    person.open("about/word/")
    person.client.cookies.clear()
    answer = person.client.post("/en/about/word/", {"text": TEXT})
    page = answer.content.decode()
    assert answer.status_code == 403 and watching.complaints(auditor).letters == ()
    assert TEXT in page and 'action="/en/about/word/"' in page  # shown again; its own form leads back here
