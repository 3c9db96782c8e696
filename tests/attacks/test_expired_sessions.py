"""Expired and missing sessions: nothing typed is lost, nothing secret is shown again."""

import pytest
from django.test import Client

from amparo import seal
from amparo.desk.records import SessionRow
from tests.desk import people
from tests.doors.reporter import conftest as ground
from tests.doors.reporter.person import TEXT, Person, begun

configure, desk = ground.configure, ground.desk


def lose_session(person: Person) -> None:
    SessionRow.objects.filter(id=seal.session_id(person.client.cookies["s"].value)).delete()


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
def test_an_expired_session_gives_the_text_back_and_a_way_on(desk: people.Desk, language: str) -> None:
    person = begun(language)
    lose_session(person)
    person.send(what__happened=TEXT, press="on")
    assert person.response.status_code == 403
    assert [one.raw for one in person.main.all("textarea")] == [TEXT]
    person.send()
    assert person.response.status_code == 200 and person.path == f"/{language}/write/2/"
    assert [one.raw for one in person.main.all("textarea", name="what-happened")] == [TEXT]


def test_a_choice_made_on_an_expired_page_is_carried_without_being_shown_as_a_code(desk: people.Desk) -> None:
    person = begun()
    person.send(press="skip")
    lose_session(person)
    person.send(threats=["doxing", "smear"], press="on")
    assert person.response.status_code == 403
    assert not person.main.all("input", type="text") and not person.main.all("textarea")
    person.send()
    boxes = person.main.all("input", name="threats")
    assert [one.attributes["value"] for one in boxes if "checked" in one.attributes] == ["doxing", "smear"]


def test_a_browser_without_cookies_is_told_and_loses_nothing(desk: people.Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/en/write/2/", {"csrfmiddlewaretoken": "x" * 32, "what-happened": TEXT})
    assert response.status_code == 403
    assert b"does not keep our one cookie" in response.content and b"two lines and &lt;b&gt;" in response.content


def test_an_answer_to_the_desk_survives_an_expired_session(desk: people.Desk) -> None:
    words, _ = people.report()
    person = Person()
    person.open("back/")
    person.send(words=" ".join(words))
    lose_session(person)
    person.send(having="text", text=TEXT)
    assert person.response.status_code == 403
    person.send()
    assert person.path == "/en/back/" and [one.raw for one in person.main.all("textarea", name="text")] == [TEXT]
    person.send(words=" ".join(words))
    assert person.path == "/en/back/talk/"
    assert [one.raw for one in person.main.all("textarea", name="text")] == [TEXT], "ready to be sent"
    person.send(having="text")
    assert "two lines and" in person.main.one("ul", class_="talk").text


def test_passwords_are_never_shown_again(desk: people.Desk) -> None:
    response = Client(enforce_csrf_checks=True).post("/en/back/", {"password": "canary", "words": "abandon ability"})
    assert b"canary" not in response.content and b"abandon ability" in response.content


def test_a_colleagues_form_shows_only_what_was_written(desk: people.Desk) -> None:
    typed = {"password": "canary1", "again": "canary2", "current": "canary3", "login": "canary4", "code": "123456"}
    response = Client(enforce_csrf_checks=True).post("/staff/in/", {**typed, "text": TEXT, "version": "7"})
    assert response.status_code == 403
    page = response.content.decode()
    assert "canary" not in page and "123456" not in page and "two lines and" in page
    assert "<form" not in page, "half a form must not be sent again"


def test_a_page_without_a_draft_says_why(desk: people.Desk) -> None:
    person = Person(start="")
    for path in ("write/2/", "write/files/", "write/readers/", "write/choices/", "write/check/"):
        person.open(path)
        assert person.response.status_code == 200 and "Nothing is open here" in person.main.text, path
    person.open("write/words/")
    assert "Before you begin" in person.main.text
    person.open("back/talk/")
    assert person.main.all("textarea", name="words")
