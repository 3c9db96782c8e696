"""Pages that ask nothing: languages, who runs the desk, the disguise, what is said honestly."""

import pytest
from django.test import Client

from amparo.doors import offered
from amparo.doors.reporter import pages
from tests.desk import people
from tests.doors.reporter.conftest import Configure
from tests.doors.reporter.person import Person

STILL = ("", "door/", "first/", "about/", "about/word/", "traces/", "write/", "back/", "write/delete/",
         "help/", "ready/", "ready/with/")


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
def test_every_still_page_keeps_the_rules(desk: people.Desk, language: str) -> None:
    person = Person(language)
    for path in STILL:
        person.open(path)
        assert person.response.status_code == 200, path
        others = {link.attributes["hreflang"] for link in person.page.all("a") if "hreflang" in link.attributes}
        assert others == {"en", "es", "fr", "ar"} - {language}
        for link in person.page.all("a"):
            if "hreflang" in link.attributes:
                assert link.attributes["lang"] == link.attributes["hreflang"]


@pytest.mark.parametrize(("wanted", "given"), [
    ("fr-CA,fr;q=0.9", "/fr/"), ("ar", "/ar/"), ("de,es;q=0.4", "/es/"), ("de", "/en/"), ("", "/en/"),
    ("../../etc, *;q=0", "/en/"),
])
def test_the_bare_address_leads_to_the_browsers_language(desk: people.Desk, wanted: str, given: str) -> None:
    response = Client().get("/", headers={"accept-language": wanted})
    assert (response.status_code, response.headers["Location"]) == (302, given)


def test_a_desk_offers_only_the_languages_it_reads(desk: people.Desk, configure: Configure) -> None:
    configure('languages = ["es", "ar"]')
    assert offered.languages() == ("es", "ar")
    assert Client().get("/", headers={"accept-language": "fr"}).headers["Location"] == "/es/"
    person = Person("es", start="")
    person.open("")
    assert {a.attributes["hreflang"] for a in person.page.all("a") if "hreflang" in a.attributes} == {"ar"}


def test_who_runs_the_desk_is_said_before_anything_is_asked(desk: people.Desk) -> None:
    person = Person(start="about/")
    for said in ("association", "QX", "08:00", "2 people", "1 × handler", "not a government site", "not been audited",
                 "no recovery key", "365 days", "90 days"):
        assert said in person.main.text, said
    for never in ("Wren", "Heron"):
        assert never not in person.main.text, "roles, never names"


def test_a_state_body_says_so_on_the_first_page(desk: people.Desk, configure: Configure) -> None:
    configure("state_body = true")
    for path in ("", "write/", "about/"):
        person = Person(start="")
        person.open(path)
        assert "run by a State body" in person.main.text, path
        assert "not a government site" not in person.page.text


def test_what_the_desk_has_not_said_is_not_made_up(desk: people.Desk, configure: Configure) -> None:
    configure('hours = ""\nlegal_form = ""\ncountry = ""')
    person = Person(start="about/")
    assert person.main.text.count("not said by those who run it") == 3
    person.open("first/")
    assert "has not said when somebody reads" in person.main.text


def test_emergency_text_of_another_language_says_which_it_is(desk: people.Desk) -> None:
    french = Person("fr", start="first/")
    note = french.main.one("p", class_="typed")
    assert note.attributes["lang"] == "en" and "Ambulance" in note.text
    assert note.one("bdi", class_="number").text == "100", "a number to call stays whole"
    arabic = Person("ar", start="first/")
    assert arabic.main.one("p", class_="typed").attributes["lang"] == "ar"


def test_the_disguise_leads_in_by_a_link_and_claims_nothing_false(desk: people.Desk, configure: Configure) -> None:
    configure('skin = "garden"')
    person = Person()
    person.open("")
    assert "Garden notes" in person.page.text and not person.main.all("form")
    for telling in ("Lantern", "report", "danger", "human rights", "defend"):
        assert telling not in person.page.text, telling
    person.follow("Talk to somebody in confidence")
    assert len(person.main.one("ul", class_="ways").all("a")) == 3
    assert "Lantern" not in person.page.one("header").text
    person.open("about/")
    assert "Lantern desk" in person.main.text, "who asks for it is told the truth"


def test_history_is_told_honestly(desk: people.Desk) -> None:
    person = Person(start="traces/")
    assert "cannot clear the history" in person.main.text and "wikipedia" in person.main.text
    assert "15 minutes" in person.main.text


def test_each_language_says_whether_a_person_reviewed_it(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(pages.reviewers()) == set(offered.NAMES)
    assert "reviewed the wording" in Person(start="").open("").text
    monkeypatch.setattr(pages, "reviewers", lambda: {"en": "somebody who speaks it"})
    assert "reviewed the wording" not in Person(start="").open("").text


def test_a_demonstration_says_so_on_each_page(desk: people.Desk, configure: Configure) -> None:
    configure("demo = true")
    for path in STILL:
        assert "demonstration" in Person(start="").open(path).text


def test_the_stylesheet_is_small_and_needs_nothing_from_elsewhere() -> None:
    from pathlib import Path

    css = (Path(pages.__file__).parents[1] / "static" / "amparo.css").read_text(encoding="utf-8")
    assert len(css.encode()) <= 10_000
    for never in ("@import", "url(", "@font-face", "http", "margin-left", "margin-right", "padding-left",
                  "padding-right", "text-align: left", "text-align: right", " left:", " right:", "float:"):
        assert never not in css, never
    assert "prefers-color-scheme: dark" in css and "@media print" in css and "outline: 3px" in css


def test_the_tab_has_no_picture_and_the_watcher_one_word(desk: people.Desk) -> None:
    assert Client().get("/favicon.ico").status_code == 204
    answer = Client().get("/healthz")
    assert answer.content == b"ok\n" and not answer.cookies
