"""Errors: calm, with what to do next, and nothing typed is lost."""


import pytest
from django.test import Client

from amparo.desk import intake
from amparo.desk.errors import Busy
from amparo.desk.records import Case
from tests.desk import people
from tests.doors.reporter.conftest import Configure
from tests.doors.reporter.person import TEXT, Person, a_file, begun


def test_a_hidden_origin_is_told_as_what_it_is(desk: people.Desk) -> None:
    person = begun()
    token = person.form().one("input", name="csrfmiddlewaretoken").attributes["value"]
    response = person.client.post(
        person.path, {"csrfmiddlewaretoken": token, "what-happened": TEXT}, headers={"origin": "null"})
    assert response.status_code == 403 and b"does not tell this page" in response.content


def test_many_people_at_once(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person = begun()

    def busy(*_: object, **__: object) -> None:
        raise Busy("Many people are using this desk at this moment.")

    monkeypatch.setattr(intake, "answer", busy)
    person.send(what__happened=TEXT, press="on")
    assert person.response.status_code == 503 and person.response.headers["Retry-After"] == "60"
    assert [one.raw for one in person.main.all("textarea")] == [TEXT]


def test_a_failure_of_ours_gives_the_text_back(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person = begun()

    def fails(*_: object, **__: object) -> None:
        raise KeyError("a name of somebody")

    monkeypatch.setattr(intake, "answer", fails)
    person.send(what__happened=TEXT, press="on")
    assert person.response.status_code == 500 and "somebody" not in person.main.text
    assert [one.raw for one in person.main.all("textarea")] == [TEXT]


def test_a_file_that_is_too_large_is_refused_and_the_text_stays(desk: people.Desk, configure: Configure) -> None:
    configure("max_upload = 50000\nmax_draft = 80000")
    words, _ = people.report()
    person = Person()
    person.open("back/")
    person.send(words=" ".join(words))
    person.send(having="text", text=TEXT, file=a_file("large.bin", b"x" * 60_000))
    assert person.response.status_code == 200
    assert "larger than 50 kB" in person.errors
    assert [one.raw for one in person.main.all("textarea", name="text")] == [TEXT]
    person.send(having="text", text=TEXT)
    assert "two lines and" in person.main.one("ul", class_="talk").text


def test_nothing_of_an_error_creates_a_case(desk: people.Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.post("/en/write/send/", {})
    client.get("/en/write/send/")
    assert Case.objects.count() == 0
