"""Somebody makes her open her report, and is shown the words of a small second one: nothing leads to the first."""

import re
from uuid import UUID

from django.db import connection

from amparo.desk import returning
from tests.desk import people
from tests.doors.reporter import conftest as given
from tests.doors.reporter.person import Person
from tests.doors.reporter.test_journey import write_and_send
from tests.doors.reporter.test_returning import with_words

configure, desk = given.configure, given.desk
PAGES = ("back/talk/", "back/choices/", "back/take/", "back/words/")


def sent(client: Person | None = None, **answers: object) -> tuple[Person, tuple[str, ...], UUID]:
    """A report through the pages, the words written down; who sent it, its words, its case."""
    person = client or Person()
    words = write_and_send(person, **answers)
    person.open("write/words/check/")
    person.send(press="skip")
    return person, words, returning.open_receipt(" ".join(words)).case


def rows_of(case: UUID) -> set[object]:
    """Every value of every row about a case, in all tables; a value long enough to tie two rows together."""
    found: set[object] = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = [one.name for one in connection.introspection.get_table_description(cursor, table)]
            key = {"desk_case": "id"}.get(table) or next((one for one in ("case_id", "case") if one in columns), "")
            if key:
                cursor.execute(f'SELECT * FROM {table} WHERE "{key}" = %s', [case.hex])
                found |= {value for row in cursor.fetchall() for value in row}
    assert len(found) > 30
    return {value for value in found if isinstance(value, str | bytes | memoryview) and len(value) >= 8}


def test_no_row_of_one_holds_anything_of_the_other(desk: people.Desk) -> None:
    """From one browser, one after the other: what they share, a stranger's report shares as well."""
    browser, _words, real = sent(threats=["stalkerware"])
    _browser, _small, small = sent(Person(client=browser.client), threats=["phishing"])
    _other, _hers, stranger = sent()
    assert len({real, small, stranger}) == 3
    shared = rows_of(real) & rows_of(small)
    assert shared <= rows_of(stranger), "a value that stands in both and in no other report"


def shown(words: tuple[str, ...]) -> dict[str, str]:
    """Every page that the words open, without what differs from one opening to the next."""
    person = with_words(words)
    found = {}
    for path in PAGES:
        person.open(path)
        assert person.response.status_code == 200, path
        html = re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", person.html)
        found[path] = re.sub(r'(name="\w+" value=")[0-9a-f-]{32,36}"', r'\1"', html)
    return found


def test_its_pages_are_those_of_somebody_who_sent_nothing_else(desk: people.Desk) -> None:
    browser, _real_words, _real = sent(threats=["stalkerware"])
    _browser, small, _case = sent(Person(client=browser.client), threats=["phishing"])
    _other, only, _case = sent(threats=["phishing"])
    pages = shown(small)
    assert pages == shown(only)
    assert not any("stalkerware" in page or "watch me through my phone" in page for page in pages.values())


def test_nothing_of_the_first_is_shown_in_the_browser_that_sent_both(desk: people.Desk) -> None:
    browser, real_words, _real = sent(threats=["stalkerware"])
    browser.open("back/")
    sent(Person(client=browser.client))
    for path in ("", "door/", "write/", "back/", "done/", "write/words/", "write/check/"):
        browser.open(path)
        shown_words = " ".join(re.findall(r"\w+", browser.main.text.lower())) if browser.page.all("main") else ""
        assert " ".join(real_words[:3]) not in shown_words, path
