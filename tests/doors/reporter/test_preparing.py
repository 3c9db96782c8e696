"""The check-up and the plans at the reporter's door: answered without scripts, printed, and nothing of it kept."""

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client

from amparo.desk import clock
from amparo.desk.records.sessions import SessionRow
from amparo.doors.reporter import preparing
from amparo.doors.reporter.preparing import account_mark, mark
from amparo.mitigate import accounts, checkup, playbook, ways
from amparo.mitigate.checkup import FORMS, LANGUAGES, Form
from tests.desk import people
from tests.doors.reporter.person import MOST_BYTES, Person


def form(code: str, language: str = "en") -> Form:
    found = checkup.load(code, language)
    assert found is not None
    return found


def steps(person: Person) -> list[str]:
    """What the plan on the page says to do, in order."""
    return [item.all("strong")[0].text for part in person.main.all("ol", class_="plan") for item in part.all("li")]


def wanted(code: str, language: str, answers: dict[str, list[str]]) -> list[str]:
    return [step.do for part in form(code, language).plan(answers) for step in part.steps]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", FORMS)
def test_answered_without_scripts_and_nothing_is_kept(desk: people.Desk, code: str, language: str) -> None:
    before = SessionRow.objects.count()
    person = Person(language, start="ready/")
    person.follow(form(code, language).words.title)
    fields = person.main.all("fieldset")
    assert len(fields) == len(form(code, language).questions.questions) <= 10
    assert not person.main.all("input", checked=""), "nothing is chosen beforehand"
    questions = form(code, language).questions.questions
    for answers in ({}, {one.code: one.options[0].code for one in questions},
                    {one.code: one.options[-1].code for one in questions}):
        person.open(f"ready/{mark(code)}/")
        person.send(**answers)
        assert person.response.status_code == 200
        assert steps(person) == wanted(code, language, {name: [value] for name, value in answers.items()})
        assert len(person.response.content) < MOST_BYTES
        assert person.response.headers["Cache-Control"] == "no-store"
    assert not person.client.cookies and SessionRow.objects.count() == before, "no session begins here"


def test_what_is_answered_stands_in_no_file_of_the_desk(desk: people.Desk, tmp_path: Path) -> None:
    """The folder of the desk is the same, byte for byte, after somebody planned a journey."""
    from amparo.desk import configuration

    def everything() -> dict[str, bytes]:
        folder = configuration.data_folder()
        return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    person = Person()
    person.open(f"ready/{mark('travel')}/")
    before = everything()
    person.send(border="yes", known="yes", devices="own")
    assert len(steps(person)) == 12 and before and everything() == before


def test_not_answering_is_an_answer_that_can_be_chosen(desk: people.Desk) -> None:
    person = Person()
    person.open(f"ready/{mark('check-up')}/")
    person.send(**dict.fromkeys((one.code for one in form("check-up").questions.questions), "-"))
    assert steps(person) == wanted("check-up", "en", {}) and len(steps(person)) == 12
    assert "the careful step stands here" in person.main.text


@pytest.mark.parametrize("sent", [
    {"close": "perhaps"}, {"close": ["no", "yes"]}, {"close": "no" * 10_000}, {"close": "\x00"}, {"unknown": "no"},
])
def test_what_is_none_of_the_choices_counts_as_skipped(desk: people.Desk, sent: dict[str, str]) -> None:
    page = Client().post(f"/en/ready/{mark('check-up')}/", sent)
    assert page.status_code == 200
    text = page.content.decode()
    assert all(step in text for step in wanted("check-up", "en", {})) and "perhaps" not in text


def test_a_page_of_another_site_can_do_nothing_with_the_form(desk: people.Desk) -> None:
    foreign = {"origin": "https://example.org", "sec-fetch-site": "cross-site"}
    browser = Client(enforce_csrf_checks=True, headers=foreign)
    page = browser.post(f"/en/ready/{mark('event')}/", {"role": "yes"})
    assert page.status_code == 200 and not page.cookies


def test_no_other_form_of_any_door_does_without_its_token() -> None:
    doors = Path(preparing.__file__).resolve().parents[1]
    texts = {page.name: page.read_text(encoding="utf-8") for page in doors.rglob("*.html")}
    without = [name for name, text in texts.items() if "<form" in text and "csrf" not in text]
    assert without == ["ready_form.html"]


def test_answers_are_never_in_an_address_and_addresses_tell_nothing(desk: people.Desk) -> None:
    person = Person(start="ready/")
    for link in person.main.all("a"):
        assert not any(code in link.attributes["href"] for code in FORMS)
    titles = set()
    for code in FORMS:
        person.open(f"ready/{mark(code)}/")
        assert person.main.one("form").attributes.get("method") == "post"
        titles.add(person.page.one("title").text)
        person.send()
        titles.add(person.page.one("title").text)
        assert "?" not in person.path
    assert titles == {"Being ready"}


def test_who_lives_with_somebody_who_looks_in_reads_it_beside_each_step(desk: people.Desk) -> None:
    person = Person()
    person.open(f"ready/{mark('check-up')}/")
    person.send(close="yes")
    assert steps(person)[0].startswith("Before you change anything")
    assert person.main.text.count("(can be noticed)") == 1 + 5, "said once, and at five steps"
    person.open(f"ready/{mark('check-up')}/")
    person.send(close="no")
    assert "can be noticed" not in person.main.text


def test_every_plan_says_that_nobody_reviewed_it_and_when_it_was_checked(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person()
    for later, told in ((0, False), (181, True)):
        monkeypatch.setattr(clock, "today", lambda later=later: dt.date(2026, 11, 25) + dt.timedelta(days=later))
        person.open(f"ready/{mark('election')}/")
        person.send()
        assert "checked on" in person.main.text and "has reviewed these steps" in person.main.text
        assert ("may be outdated" in person.main.text) is told


def test_the_start_leads_here_in_one_line(desk: people.Desk) -> None:
    person = Person(start="/en/")
    assert len(person.main.one("ul", class_="ways").all("a")) == 3, "three links only stay the main ones"
    person.follow("Nothing has happened yet")
    assert person.path == "/en/ready/"
    person.follow("Something has happened")
    assert person.path == "/en/help/"


@pytest.mark.parametrize("path", ["ready/travel/", "ready/000000/", "ready/check-up/"])
def test_what_is_no_form_says_so(desk: people.Desk, path: str) -> None:
    person = Person()
    person.open(path)
    assert person.response.status_code == 404 and "no page at this address" in person.main.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_for_an_account_is_read_by_links_alone(desk: people.Desk, language: str) -> None:
    before = SessionRow.objects.count()
    person = Person(language, start="ready/with/")
    links = [link.attributes["href"] for link in person.main.one("ul", class_="ways").all("a")]
    assert len(links) == len(set(links)) == len(accounts.codes())
    for code, link in zip(accounts.codes(), links, strict=True):
        person.open(link)
        found = accounts.load(code, language)
        assert found is not None and found.service.name in person.main.one("h1").text
        text = person.main.text
        for line in (*found.common.before, *found.common.avoid, *(
                one.text for lines in found.sections.values() for one in lines)):
            assert line in text, (code, line)
        for page in (*found.service.read, *found.service.unread):
            assert page in text
        assert all(one.attributes["href"].startswith(("/", "#")) for one in person.main.all("a"))
        assert code not in link and person.page.one("title").text not in found.service.name
    assert not person.client.cookies and SessionRow.objects.count() == before, "no session begins here"


def test_a_list_says_what_is_not_checked_and_when_it_is_old(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person()
    for later, told in ((180, False), (181, True)):
        monkeypatch.setattr(clock, "today", lambda later=later: dt.date(2026, 11, 25) + dt.timedelta(days=later))
        person.open(f"ready/with/{account_mark('whatsapp')}/")
        assert "stored copies" in person.main.text and "could not read" not in person.main.text
        assert person.main.text.count("(not checked)") == 4
        assert ("may be outdated" in person.main.text) is told
    person.open(f"ready/with/{account_mark('facebook')}/")
    assert "We could not read the service's own pages" in person.main.text and "Checked on" not in person.main.text
    assert "may be outdated" not in person.main.text


def test_steps_that_end_with_help_for_accounts_lead_to_the_lists(desk: people.Desk) -> None:
    person = Person()
    for service, led in (("help:accounts", True), ("help:legal", False)):
        book = next(book for code in playbook.codes() if (book := playbook.load(code, "en")) is not None
                    and any(one.to == service for node in book.nodes for one in node.choices))
        person.open(f"help/{ways.mark(book.code)}/{ways.mark(book.code, service)}/")
        assert ("service by service" in person.main.text) is led
    person.open("help/")
    person.follow("Accounts, service by service")
    assert person.path == "/en/ready/with/"


@pytest.mark.parametrize("path", ["ready/with/google/", "ready/with/000000/"])
def test_what_is_no_list_says_so(desk: people.Desk, path: str) -> None:
    person = Person()
    person.open(path)
    assert person.response.status_code == 404 and "no page at this address" in person.main.text
