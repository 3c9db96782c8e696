"""Errors: calm, with what to do next, and nothing typed is lost."""

import errno

import pytest
from django.db import OperationalError
from django.test import Client

from amparo.desk import intake, sessions, uploads
from amparo.desk.errors import Busy
from amparo.desk.records import Blob, Case, SessionRow
from amparo.doors import errors
from tests.desk import people
from tests.doors.reporter.conftest import Configure
from tests.doors.reporter.person import Person, a_file

TEXT = "A long story,\nwith two lines and <b>signs</b> & “quotes” that I do not want to write again."


def begun(language: str = "en") -> Person:
    person = Person(language)
    person.open("write/")
    person.send()
    person.send(danger="no", press="on")
    return person


def lose_session(person: Person) -> None:
    SessionRow.objects.filter(id=sessions.seal.session_id(person.client.cookies["s"].value)).delete()


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


def test_a_hidden_origin_is_told_as_what_it_is(desk: people.Desk) -> None:
    person = begun()
    token = person.form().one("input", name="csrfmiddlewaretoken").attributes["value"]
    response = person.client.post(
        person.path, {"csrfmiddlewaretoken": token, "what-happened": TEXT}, headers={"origin": "null"})
    assert response.status_code == 403 and b"does not tell this page" in response.content


def test_passwords_are_never_shown_again(desk: people.Desk) -> None:
    response = Client(enforce_csrf_checks=True).post("/en/back/", {"password": "canary", "words": "abandon ability"})
    assert b"canary" not in response.content and b"abandon ability" in response.content


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


def test_a_full_disk_while_an_answer_is_kept(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person = begun()

    def full(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(intake, "answer", full)
    person.send(what__happened=TEXT, press="on")
    assert person.response.status_code == 507
    assert [one.raw for one in person.main.all("textarea")] == [TEXT]
    assert "no room" in person.main.text and "copy it to a safe place" in person.main.text
    monkeypatch.undo()
    person.send()
    assert person.response.status_code == 200
    person.open("write/2/")
    assert [one.raw for one in person.main.all("textarea", name="what-happened")] == [TEXT]


def test_a_full_disk_while_the_session_is_written(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person = begun()
    monkeypatch.setattr(
        sessions.SessionStore, "save", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    person.send(what__happened=TEXT, press="on")
    assert person.response.status_code == 507 and "two lines and" in person.main.text


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


def test_a_full_disk_during_an_upload_keeps_the_draft(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person = begun()
    person.send(what__happened=TEXT, press="on")
    person.open("write/files/")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(uploads.Incoming, "write", full)
    person.send(having="file", file=a_file("evidence.bin", b"x" * 200_000))
    monkeypatch.undo()
    assert "full" in person.errors and person.response.status_code in (200, 507)
    assert Blob.objects.count() == 0
    person.open("write/2/")
    assert [one.raw for one in person.main.all("textarea", name="what-happened")] == [TEXT]


def test_a_page_without_a_draft_says_why(desk: people.Desk) -> None:
    person = Person(start="")
    for path in ("write/2/", "write/files/", "write/readers/", "write/choices/", "write/check/"):
        person.open(path)
        assert person.response.status_code == 200 and "Nothing is open here" in person.main.text, path
    person.open("write/words/")
    assert "Before you begin" in person.main.text
    person.open("back/talk/")
    assert person.main.all("textarea", name="words")


def test_nothing_of_an_error_creates_a_case(desk: people.Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.post("/en/write/send/", {})
    client.get("/en/write/send/")
    assert Case.objects.count() == 0


def test_disk_full_is_recognised_through_what_caused_it() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "full")
        except OSError as cause:
            raise RuntimeError("cannot write") from cause
    except RuntimeError as error:
        assert errors.disk_full(error)
    assert not errors.disk_full(OSError(errno.EACCES, "no")) and not errors.disk_full(None)
