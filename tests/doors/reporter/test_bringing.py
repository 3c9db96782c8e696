"""Anyone may bring a sealed file, as anyone may report: no account, no draft, one file, one answer."""

import pytest

from amparo.desk import custody, returning, site
from amparo.desk.records import Case
from tests.desk import laptop, people
from tests.doors.reporter.person import Person, a_file


def bring(content: bytes, language: str = "en") -> Person:
    person = Person(language)
    person.open("bring/")
    person.send(file=a_file("report-1.amparo", content))
    return person


def test_it_is_here_and_its_words_open_it(desk: people.Desk) -> None:
    file, words = laptop.sealed("Sealed at home.", card=laptop.card_of(desk), files=(("a.txt", b"x" * 100_000),))
    person = bring(file)
    assert "It is here." in person.main.text and "Sealed at home." not in person.html
    case = Case.objects.get()
    assert returning.open_receipt(" ".join(words)).case == case.id
    entry = custody.lines(case=case.id)[-1].entry
    assert (entry.action, entry.actor_kind, entry.at % 86_400) == ("carried", "reporter", 0)
    assert "brought before" in bring(file).main.text and Case.objects.count() == 1
    left = [one for one in site.sealed_folder().rglob("*") if one.is_file()]
    assert len(left) == 1, "what was sent is gone; the file of the report stays"


def test_a_bad_file_is_told_and_nothing_of_it_stays(desk: people.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk))
    for bad in (b"hello" * 100, file[:-20]):
        person = bring(bad)
        assert "Nothing was stored" in person.errors
    assert not Case.objects.exists()
    assert not [one for one in site.sealed_folder().rglob("*") if one.is_file()]
    person = Person("en")
    person.open("bring/")
    person.send()
    assert "There is no file yet." in person.errors


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
def test_the_page_stands_in_every_language(desk: people.Desk, language: str) -> None:
    person = Person(language)
    person.open("write/")
    assert person.main.all("a", href=f"/{language}/bring/")
    person.open("bring/")
    assert person.main.one("input", name="file")


def test_a_draft_in_this_browser_stays_as_it_is(desk: people.Desk) -> None:
    file, _ = laptop.sealed(card=laptop.card_of(desk))
    person = Person("en")
    person.open("write/")
    person.send()
    place = person.response.request["PATH_INFO"]
    person.open("bring/")
    person.send(file=a_file("report-1.amparo", file))
    assert "It is here." in person.main.text and Case.objects.count() == 1
    person.open(place.removeprefix("/en/"))
    assert person.response.status_code == 200 and "Nothing is open here" not in person.html
