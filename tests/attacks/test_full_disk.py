"""A full disk: a page with status 507, the typed text still there, the draft unharmed."""

import errno

import pytest
from django.db import OperationalError

from amparo.desk import intake, sessions, uploads
from amparo.desk.records import Blob
from amparo.doors import errors
from tests.desk import people
from tests.doors.reporter import conftest as ground
from tests.doors.reporter.person import TEXT, a_file, begun

configure, desk = ground.configure, ground.desk


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


def test_disk_full_is_recognised_through_what_caused_it() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "full")
        except OSError as cause:
            raise RuntimeError("cannot write") from cause
    except RuntimeError as error:
        assert errors.disk_full(error)
    assert not errors.disk_full(OSError(errno.EACCES, "no")) and not errors.disk_full(None)
