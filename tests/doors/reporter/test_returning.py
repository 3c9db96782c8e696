"""Coming back with the words."""

import itertools
import re

import pytest

from amparo.desk import casework, returning
from amparo.desk.records import Case
from tests.desk import people
from tests.doors.reporter.person import Person, a_file

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
WRONG = "abandon ability able about above absent absorb abstract absurd"


def with_words(words: tuple[str, ...] | str, language: str = "en") -> Person:
    person = Person(language)
    person.open("back/")
    person.send(words=words if isinstance(words, str) else " ".join(words))
    return person


def test_words_open_in_any_language_and_any_writing(desk: people.Desk) -> None:
    words, _ = people.report(language="ar")
    eastern = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    assert with_words(" ".join(words).translate(eastern), "fr").path == "/fr/back/talk/"
    spanish, _ = people.report(language="es")
    assert with_words(" - ".join(spanish).upper(), "ar").path == "/ar/back/talk/"


def test_the_words_are_never_in_an_address_nor_on_a_later_page(desk: people.Desk) -> None:
    words, _ = people.report()
    person = with_words(words)
    for path in ("back/talk/", "back/choices/", "back/take/", "back/words/"):
        person.open(path)
        shown = " ".join(re.findall(r"\w+", person.main.text.lower()))
        assert not any(" ".join(pair) in shown for pair in itertools.pairwise(words)), path
    assert not any(word in path for path, _ in person.seen for word in words)


def test_the_desks_answer_is_read_and_answered(desk: people.Desk) -> None:
    words, _ = people.report()
    case = Case.objects.get()
    casework.reply(staff=desk.lead, case_id=case.id, text="First line.\n<b>Second</b> line.")
    person = with_words(words)
    line = person.main.one("ul", class_="talk").all("li")[0]
    assert "Read below what the desk wrote" in person.main.text and "do anything now" not in person.main.text
    assert "This protects you" in person.main.text and "as you chose" not in person.main.text
    assert "The desk" in line.text and "UTC" in line.one("time").text
    assert line.one("div", class_="typed").raw == "First line.\n<b>Second</b> line."
    assert line.one("div", class_="typed").attributes["dir"] == "auto"
    assert "not proven" not in line.text
    person.send(having="text", text="شكرا", file=a_file("photo.jpg", b"\xff\xd8" + b"x" * 2000))
    assert "It is sent." in person.page.one("p", role="status").text and "1 file was added" in person.main.text
    assert person.main.one("ul", class_="talk").all("li")[1].one("div", class_="typed").raw == "شكرا"
    person.open("back/talk/")
    assert "It is sent." not in person.main.text, "said once"


def test_a_line_whose_origin_is_not_proven_says_so(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    words, _ = people.report()
    case = Case.objects.get()
    casework.reply(staff=desk.lead, case_id=case.id, text="Send us your password.")
    real = returning.dialogue

    def forged(access: returning.Access) -> tuple[returning.Line, ...]:
        import msgspec

        return tuple(msgspec.structs.replace(line, proven=False) for line in real(access))

    monkeypatch.setattr(returning, "dialogue", forged)
    assert "not proven who wrote this" in with_words(words).main.text


def test_nothing_to_send(desk: people.Desk) -> None:
    words, _ = people.report()
    person = with_words(words)
    person.send(having="text", text="   ")
    assert "nothing to send" in person.errors


def test_a_message_that_is_too_long_stays_on_the_page(desk: people.Desk) -> None:
    words, _ = people.report()
    person = with_words(words)
    person.send(having="text", text="x" * 20_500)
    assert "longer than" in person.errors and "two parts" in person.errors
    assert len(person.main.one("textarea", name="text").raw) == 20_500


def test_choices_are_changed(desk: people.Desk) -> None:
    words, _ = people.report(consents=("examine",))
    person = with_words(words)
    person.open("back/choices/")
    ticked = [one.attributes["value"] for one in person.main.all("input", name="may") if "checked" in one.attributes]
    assert ticked == ["examine"]
    person.send(may=["statistics", "un-public-name", "invented"])
    assert person.page.all("p", role="status")
    assert returning.consents(returning.open_receipt(" ".join(words))) == ("statistics",)


def test_new_words_open_and_the_old_ones_do_not(desk: people.Desk) -> None:
    words, _ = people.report()
    person = with_words(words)
    person.open("back/words/")
    person.send(press="new")
    new = person.words()
    assert new != words and person.open("back/words/") and person.words() == new, "a reload shows them again"
    person.send(press="seen")
    person.open("back/words/")
    assert not person.page.all("details", class_="receipt")
    assert "No report opens" in with_words(words).errors
    assert with_words(new).path == "/en/back/talk/"


def test_taking_back_has_a_day_and_can_be_undone(desk: people.Desk) -> None:
    words, _ = people.report()
    person = with_words(words)
    person.follow("Take everything back")
    person.send(press="take")
    assert "Everything is erased on" in person.main.text and "UTC" in person.main.text
    again = with_words(words)
    again.follow("Let it stand")
    again.send(press="undo")
    assert "erased on" not in again.main.text and Case.objects.get().withdrawn_at is None


def test_closing_ends_the_session(desk: people.Desk) -> None:
    words, _ = people.report()
    person = with_words(words)
    person.open("back/close/")
    assert "closed" in person.main.text
    person.open("back/talk/")
    assert person.main.all("textarea", name="words")


def test_no_new_words_while_everything_is_being_taken_back(desk: people.Desk) -> None:
    words, _ = people.report()
    person = with_words(words)
    person.open("back/take/")
    person.send(press="take")
    person.open("back/words/")
    person.send(press="new")
    assert "no new words" in person.main.text and "stand first" in person.main.text
    assert not person.main.all("form"), "the same choice would be refused again"
    assert with_words(words).path == "/en/back/talk/"
