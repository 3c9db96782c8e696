"""Check-ins at the reporter's door: tried before they count, pressed without scripts, silent about what was agreed."""

import datetime as dt

import pytest

from amparo.desk import clock
from amparo.desk.records import Alarm, CheckIn
from tests.desk import nights, people
from tests.doors.reporter.person import MOST_BYTES, Person
from tests.doors.reporter.test_returning import with_words

FORM = {
    "in": "5", "every": "6", "days": "2", "grace": "30", "who__1": "أمل, my sister", "how__1": "+999 5550 101",
    "say__1": "That I am\nlate.", "never__1": "Where I was.", "otherwise": "Go to the meeting place.",
    "word": "blue umbrella",
}
AGREED = ("أمل", "5550", "That I am", "Where I was", "meeting place", "umbrella")


@pytest.fixture
def awake(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> people.Desk:
    """Wren is on duty for a week, from now; the clock stands still, so that pages can be compared."""
    nights.mail(9)
    start = nights.Clock(monkeypatch, clock.now()).at.replace(minute=0, second=0, microsecond=0)
    for day in range(7):
        nights.on_duty(desk, desk.team["Wren"], "first", start + dt.timedelta(days=day), hours=24)
    nights.address(desk.team["Wren"])
    return desk


def back(language: str = "en") -> Person:
    words, _ = people.report(language=language)
    return with_words(words, language)


def switched_on(person: Person) -> Person:
    person.open("back/times/")
    person.send(press="try", **FORM)
    person.send(press="on", agree="yes")
    return person


def test_tried_then_agreed_then_pressed(awake: people.Desk) -> None:
    person = back()
    person.follow("Check-in")
    person.send(press="try", **FORM)
    text = person.main.text
    assert "What would happen" in text and "nobody was told" in text and all(one in text for one in AGREED)
    assert len(person.main.all("ul")[-1].all("li")) == 9, "all times of two days: every six hours, the first included"
    assert not CheckIn.objects.exists() and not Alarm.objects.exists(), "nothing is switched on by trying"
    person.send(press="on")
    assert "You have not agreed yet" in person.errors and not CheckIn.objects.exists()
    person.send(press="edit")
    assert person.form("otherwise").one("input", name="who-1").attributes["value"] == FORM["who__1"]
    assert person.form("otherwise").one("textarea", name="say-1").raw.strip() == FORM["say__1"]
    chosen = [one.attributes["value"] for one in person.main.all("option") if "selected" in one.attributes]
    assert chosen == ["6", "2", "30"]
    person.send(press="try", every="6", days="2", grace="30")
    person.send(press="on", agree="yes")
    assert "It is switched on" in person.main.text and CheckIn.objects.count() == 1
    person.open("back/times/")
    assert "Next time" in person.main.text
    assert not any(one in person.html for one in AGREED), "who is called is not shown again"
    person.send(press="well")
    assert "too early to count" in person.main.text
    person.send(press="paused", hours="7")
    assert "It waits for you" in person.main.text
    person.send(press="paused", hours="soon")
    assert "It is not said for how many hours" in person.errors
    person.send(press="help")
    assert "being woken" in person.main.text and Alarm.objects.count() == 1
    person.send(press="ended")
    assert "It is ended" in person.main.text and len(person.response.content) < MOST_BYTES


@pytest.mark.parametrize("button", ["well", "ended", "paused"])
def test_the_page_after_the_agreed_word_is_the_same(awake: people.Desk, button: str) -> None:
    pages = []
    for word in ("all is fine", "fine, Blue Umbrella!"):
        person = switched_on(back())
        person.send(press=button, word=word, hours="2")
        first = person.main.text
        person.open("back/times/")
        pages.append((first, person.main.text, person.path))
        person.open("back/talk/")
        assert "umbrella" not in person.html.lower()
    assert pages[0] == pages[1] and Alarm.objects.count() == 1


def test_a_time_at_which_nobody_is_awake_is_refused_with_all_that_was_typed(awake: people.Desk) -> None:
    person = back()
    person.open("back/times/")
    person.send(press="try", **{**FORM, "days": "14"})
    assert "Nobody is awake at this desk" in person.errors and "Choose another time" in person.errors
    assert person.form("otherwise").one("input", name="word").attributes["value"] == "blue umbrella"
    person.send(press="try", days="2", **{"in": "many"})
    assert "The first time is not understood" in person.errors
    assert not CheckIn.objects.exists()


def test_without_a_rota_there_is_no_form(desk: people.Desk) -> None:
    person = back()
    person.open("back/times/")
    assert "Check-ins cannot be switched on" in person.main.text and not person.main.all("textarea")
    token = person.page.all("input", name="csrfmiddlewaretoken")
    assert not token
    person.open("back/talk/")
    person.path = "/en/back/times/"
    person.send(go="try", **FORM)
    assert "Nobody is awake" in person.errors, "sent all the same, it is refused"


def test_taking_the_report_back_ends_it(awake: people.Desk) -> None:
    person = switched_on(back())
    person.open("back/take/")
    person.send(press="take")
    assert not CheckIn.objects.exists()
    person.open("back/times/?new=1")
    assert "no check-ins for a report that is being taken back" in person.main.text


@pytest.mark.parametrize("language", ["es", "fr", "ar"])
def test_in_each_language(awake: people.Desk, language: str) -> None:
    person = back(language)
    person.open("back/times/")
    person.send(press="try", **FORM)
    person.send(press="on", agree="yes")
    assert CheckIn.objects.count() == 1
    person.send(press="well")
    assert "I am well" not in person.main.text, "in the language of the page"
