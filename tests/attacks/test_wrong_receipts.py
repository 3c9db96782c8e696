"""Wrong, withdrawn and expired receipts, and words that are no words: one answer for all, and no crash."""

import datetime as dt
import re

import pytest

from amparo import seal
from amparo.desk import clock, returning
from amparo.desk.records import Case
from tests.desk import people
from tests.doors.reporter import conftest as ground
from tests.doors.reporter.person import Person

configure, desk = ground.configure, ground.desk

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
WRONG = "abandon ability able about above absent absorb abstract absurd"


def with_words(words: tuple[str, ...] | str, language: str = "en") -> Person:
    person = Person(language)
    person.open("back/")
    person.send(words=words if isinstance(words, str) else " ".join(words))
    return person


def masked(person: Person) -> tuple[int, list[tuple[str, str]], str]:
    headers = sorted((name, value) for name, value in person.response.headers.items() if name != "Content-Length")
    return person.response.status_code, headers, TOKEN.sub("", person.html)


def test_wrong_withdrawn_and_expired_words_are_answered_alike(desk: people.Desk) -> None:
    withdrawn, _ = people.report("one")
    expired, _ = people.report("two")
    gone, late = Case.objects.order_by("opened_on", "id")[:2]
    access = returning.open_receipt(" ".join(withdrawn))
    returning.withdraw(access)
    Case.objects.filter(id=access.case).update(withdrawn_at=clock.now() - dt.timedelta(hours=25))
    other = late if access.case == gone.id else gone
    Case.objects.filter(id=other.id).update(retention_on=clock.today() - dt.timedelta(days=1))
    pages = []
    for words in (WRONG, " ".join(withdrawn), " ".join(expired)):
        person = with_words(words)
        assert "No report opens with these words" in person.errors
        pages.append((masked(person)[0], masked(person)[1], masked(person)[2].replace(words, "")))
    assert pages[0] == pages[1] == pages[2]


def test_words_that_are_in_no_list_are_marked_and_the_others_not(desk: people.Desk) -> None:
    person = with_words("abandon qqqq able zzzz about above absent absorb abstract")
    assert [one.text for one in person.main.all("mark")] == ["qqqq", "zzzz"]
    assert "qqqq" in person.main.one("textarea", name="words").raw, "what was typed stays"
    assert not with_words(WRONG).main.all("mark")


HOSTILE = [
    "<script>alert(1)</script>", "\u202eevil", "\x00" * 20, "x" * 100_000, "%(says)s {{x}}", "\U0001f511 " * 9,
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_are_only_wrong(desk: people.Desk, hostile: str) -> None:
    person = with_words(hostile)
    assert person.response.status_code == 200 and "No report opens" in person.errors


def test_no_words_at_all(desk: people.Desk) -> None:
    assert "No words were typed" in with_words("  ").errors


def test_the_receipts_error_speaks_the_readers_language(desk: people.Desk) -> None:
    assert "لا يُفتح أي بلاغ" in with_words(WRONG, "ar").errors
    assert issubclass(returning.WrongReceipt, seal.WrongReceipt)
