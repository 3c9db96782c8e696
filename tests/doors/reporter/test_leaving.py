"""Leave this page, and delete my draft: at once, without scripts, leaving nothing here."""

import pytest
from django.test import Client

from amparo.desk import configuration, site
from amparo.desk.records import Blob, SessionRow
from tests.desk import people
from tests.doors.reporter.conftest import Configure
from tests.doors.reporter.person import Person, a_file


@pytest.fixture
def writer(person: Person) -> Person:
    """Somebody with a draft and a file in it."""
    person.open("write/")
    person.send()
    person.send(danger="no", press="on")
    person.send(what__happened="a story", press="on")
    person.open("write/files/")
    person.send(having="file", file=a_file("evidence.txt", b"x" * 100_000))
    assert Blob.objects.count() == 1
    return person


def sealed_files() -> list[str]:
    """What lies on the disk."""
    return [path.name for path in site.sealed_folder().rglob("*") if path.is_file()]


def test_leaving_erases_and_goes_to_a_neutral_page(writer: Person) -> None:
    rows = SessionRow.objects.count()
    response = writer.client.get("/leave/")
    assert response.status_code == 302
    assert response.headers["Location"] == configuration.current().leave_url
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert response.headers["Cache-Control"] == "no-store" and response.headers["Referrer-Policy"] == "no-referrer"
    assert response.cookies["s"]["max-age"] == 0 or response.cookies["s"].value == ""
    assert SessionRow.objects.count() == rows - 1
    assert Blob.objects.count() == 0 and sealed_files() == []


def test_leaving_works_without_a_session_and_makes_none(desk: people.Desk, configure: Configure) -> None:
    configure('leave_url = "https://weather.example/"')
    rows = SessionRow.objects.count()
    response = Client().get("/leave/")
    assert (response.status_code, response.headers["Location"]) == (302, "https://weather.example/")
    assert SessionRow.objects.count() == rows


def test_leaving_works_when_erasing_fails(writer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from amparo.doors.public import views

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(views.intake, "discard", full)
    response = writer.client.get("/leave/")
    assert response.status_code == 302 and response.headers["Clear-Site-Data"]


def test_leaving_works_by_post_too(writer: Person) -> None:
    assert writer.client.post("/leave/").status_code == 302


def test_deleting_asks_once_and_leaves_nothing(writer: Person) -> None:
    writer.open("write/2/")
    writer.follow("Stop and delete my draft")
    assert Blob.objects.count() == 1, "asking deletes nothing"
    keep = next(a for a in writer.main.all("a") if "Keep it" in a.text)
    assert keep.attributes["href"] == "/en/write/2/", "and leads back to where one was"
    writer.send()
    assert "deleted" in writer.main.text
    assert Blob.objects.count() == 0 and sealed_files() == []
    writer.open("write/2/")
    assert "Nothing is open here" in writer.main.text


ELSEWHERE = ["https://evil.example/", "//evil.example", "/en/write/../../staff/", "/es/write/2/", "%0d%0aX:1"]


@pytest.mark.parametrize("at", ELSEWHERE)
def test_the_way_back_from_deleting_stays_here(writer: Person, at: str) -> None:
    writer.open("write/delete/?at=" + at)
    keep = next(a for a in writer.main.all("a") if "Keep it" in a.text)
    assert keep.attributes["href"].startswith("/en/write/") and ".." not in keep.attributes["href"]
