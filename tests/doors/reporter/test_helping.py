"""The playbooks at the reporter's door: each walked by plain links, in each language, with nothing kept of the way."""

import msgspec
import pytest

from amparo.desk.records import Item
from amparo.desk.records.sessions import SessionRow
from amparo.mitigate import playbook, ways
from amparo.mitigate.playbook import LANGUAGES, SERVICES
from tests.desk import people
from tests.doors.reporter.conftest import Configure
from tests.doors.reporter.person import Person


def choices(person: Person) -> list[str]:
    """Where the choices of the page lead."""
    return [link.attributes["href"] for link in person.main.one("ul", class_="ways").all("a")]


def walked(person: Person, begin: str) -> tuple[dict[str, str], set[str]]:
    """Every page and every end that links lead to from `begin`: address -> heading of a page; addresses of ends."""
    pages: dict[str, str] = {}
    ends: set[str] = set()
    waiting = [begin]
    while waiting:
        here = waiting.pop()
        if here in pages or here in ends:
            continue
        person.open(here)
        assert person.response.status_code == 200, here
        assert "set-cookie" not in {name.lower() for name in person.response.headers}, here
        if person.main.all("div"):
            pages[here] = person.main.one("h1").text
            found = choices(person)
            assert found and all(one.count("/") == 5 for one in found), f"{here}: a page without a way on"
            waiting += found
        else:
            ends.add(here)
            assert f"/{person.language}/write/" in choices(person), "an end leads to the desk"
    return pages, ends


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_playbook_is_walked_by_links_alone(desk: people.Desk, language: str) -> None:
    before = SessionRow.objects.count()
    person = Person(language, start="help/")
    offered = [link.attributes["href"] for one in person.main.all("ul", class_="ways") for link in one.all("a")]
    assert len(offered) == len(playbook.codes()) == len(set(offered))
    seen = 0
    for begin in offered:
        pages, ends = walked(person, begin)
        mark = begin.split("/")[3]
        book = ways.book_at(mark, language)
        assert book is not None and book.language == language
        assert sorted(pages.values()) == sorted(node.title for node in book.nodes), "each page, with its own heading"
        assert ends == {f"/{language}/help/{mark}/{ways.mark(book.code, one.to)}/"
                        for node in book.nodes for one in node.choices if one.ends}
        seen += len(pages) + len(ends)
    assert seen > 300, "that many pages were looked at"
    assert not person.client.cookies and SessionRow.objects.count() == before, "no session begins here"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_playbook_stands_on_one_page_to_print(desk: people.Desk, language: str) -> None:
    person = Person(language)
    for code in playbook.codes():
        book = playbook.load(code, language)
        person.open(f"help/{ways.mark(code)}/")
        assert book is not None and person.response.status_code == 200
        text = person.main.text
        for node in book.nodes:
            for said in (node.title, *node.paragraphs, *node.steps, *(one.text for one in node.choices)):
                assert said in text, (code, said)
        anchors = {one.attributes["id"] for one in person.main.all("section")}
        led = {link.attributes["href"] for link in person.main.all("a") if link.attributes["href"].startswith("#")}
        assert len(anchors) == len(book.nodes) and led <= {f"#{one}" for one in anchors} and len(led) > 3


def test_every_playbook_stands_in_the_list_once_and_every_help_is_explained() -> None:
    assert sorted(code for _heading, codes in ways.GROUPS for code in codes) == list(playbook.codes())
    assert set(ways.MEANS) == set(SERVICES)
    marks = [ways.mark(code) for code in playbook.codes()]
    assert len(set(marks)) == len(marks)
    for code in playbook.codes():
        book = playbook.load(code, "en")
        assert book is not None
        places = {node.id for node in book.nodes} | {one.to for node in book.nodes for one in node.choices}
        assert {ways.place_at(book, ways.mark(code, one)) for one in places} == places, "no two share a mark"


def test_no_address_or_title_tells_what_somebody_reads(desk: people.Desk) -> None:
    person = Person(start="help/")
    for link in person.main.all("a"):
        for code in playbook.codes():
            assert code not in link.attributes["href"]
    person.follow("watch me through my phone")
    title = person.page.one("title").text
    person.open("help/")
    person.follow("A journey, an event")
    assert person.page.one("title").text == title == "Step by step"


@pytest.mark.parametrize("path", [
    "help/000000/", "help/doxing/", "help/doxing/start/", f"help/{ways.mark('doxing')}/start/",
    f"help/{ways.mark('doxing')}/{ways.mark('smear', 'start')}/",
])
def test_what_is_no_page_says_so(desk: people.Desk, path: str) -> None:
    person = Person()
    person.open(path)
    assert person.response.status_code == 404 and "no page at this address" in person.main.text


def test_the_start_and_the_danger_page_lead_to_the_list(desk: people.Desk) -> None:
    person = Person(start="/en/")
    assert len(choices(person)) == 3, "three links only stay the main ones"
    person.follow("Steps to take")
    person.open("first/")
    person.follow("Steps to take")
    assert person.path == "/en/help/"


def test_first_steps_after_a_report_lead_to_the_playbooks_of_its_threats(desk: people.Desk) -> None:
    person = Person("es")
    person.open("write/")
    person.send()
    person.send(danger="no", press="on")
    person.send(what__happened="Publicaron dónde vivo.", press="on")
    while not person.main.all(name="threats"):
        person.send(press="on")
    person.send(threats=["doxing", "stalkerware"], press="end")
    person.open("write/check/")
    person.send()
    person.open("write/words/check/")
    person.send(press="skip")
    assert person.path.endswith("/done/")
    wanted = {f"/es/help/{ways.mark(code)}/{ways.mark(code, 'start')}/" for code in ("doxing", "stalkerware")}
    assert set(choices(person)) == wanted | {"/es/help/"}


def test_a_page_says_that_nobody_reviewed_it_until_somebody_has(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person()
    start = f"help/{ways.mark('doxing')}/{ways.mark('doxing', 'start')}/"
    whole = f"help/{ways.mark('doxing')}/"
    for path in (start, whole, f"{whole}{ways.mark('doxing', 'resolved')}/"):
        assert "has reviewed these steps" in person.open(path).text
    reviewed = msgspec.structs.replace(playbook.load("doxing", "en"), reviewed_by="somebody who knows")
    monkeypatch.setattr(ways, "load", lambda *_: reviewed)
    assert "has reviewed these steps" not in person.open(start).text


def test_a_playbook_without_a_translation_is_shown_in_english_and_says_so(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = playbook.load("doxing", "en")
    monkeypatch.setattr(ways, "load", lambda *_: english)
    person = Person("ar", start=f"help/{ways.mark('doxing')}/{ways.mark('doxing', 'start')}/")
    assert person.main.one("div").attributes == {"lang": "en", "dir": "auto"}


def test_who_has_a_draft_open_is_led_back_to_it(desk: people.Desk) -> None:
    person = Person(start="write/")
    person.send()
    before = Item.objects.count()
    person.open(f"help/{ways.mark('doxing')}/{ways.mark('doxing', 'help:physical-security')}/")
    assert any("/write/1/" in one for one in choices(person)), "on with the draft, not a second one"
    assert "When somebody reads here" in person.main.text and "08:00" in person.main.text
    assert Item.objects.count() == before


def test_the_disguise_says_nothing_on_these_pages_either(desk: people.Desk, configure: Configure) -> None:
    configure('skin = "garden"')
    person = Person(start=f"help/{ways.mark('doxing')}/{ways.mark('doxing', 'start')}/")
    assert "Lantern" not in person.page.one("header").text
