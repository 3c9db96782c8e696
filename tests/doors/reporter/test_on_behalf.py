"""Filing for somebody else: two sets of words, plainly told apart; who adds sees nothing; the owner takes it back."""

import pytest

from amparo.desk import reading, returning
from amparo.desk.records import Case, Delegate
from tests.desk import people
from tests.doors.reporter.person import Person, a_file
from tests.doors.reporter.test_journey import STORY, write_and_send


def confirm(person: Person, words: tuple[str, ...]) -> None:
    person.follow("I wrote them down")
    places = [int(one.attributes["name"].removeprefix("word-")) for one in person.main.all("input", type="text")]
    person.send(press="on", **{f"word-{place}": words[place - 1] for place in places})


@pytest.fixture
def filed(person: Person, desk: people.Desk) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The owner's words and the filer's, each confirmed on its own page."""
    hers = write_and_send(person, target=["someone-else"])
    assert "the person it is about" in person.main.text and "yours come on the next page" in person.main.text
    confirm(person, hers)
    assert person.path.endswith("/write/own/"), person.path
    theirs = person.words()
    assert theirs != hers and "They show nothing" in person.main.text
    person.open("write/own/")
    assert person.words() == theirs, "a reload shows the same words"
    person.open("write/done/")
    assert person.path.endswith("/write/own/"), "not before they are confirmed"
    confirm(person, theirs)
    assert person.path.endswith("/write/done/")
    person.open("write/own/")
    assert person.path.endswith("/write/done/") and not person.page.all("details", class_="receipt")
    assert Case.objects.count() == Delegate.objects.count() == 1
    return hers, theirs


def enter(words: tuple[str, ...]) -> Person:
    person = Person()
    person.open("back/")
    person.send(words=" ".join(words))
    return person


def test_the_filer_adds_and_reads_nothing(filed: tuple[tuple[str, ...], tuple[str, ...]], desk: people.Desk) -> None:
    hers, theirs = filed
    filer = enter(theirs)
    assert filer.path == "/en/back/add/"
    filer.send(text="The plate was QX 12.", having="text", file=a_file("gate.jpg", b"picture"))
    assert "1 file was added" in filer.main.text and "QX 12" not in filer.html and "gate.jpg" not in filer.html
    filer.open("back/talk/")
    assert filer.path == "/en/back/" and STORY[:20] not in filer.html
    filer.open("back/add/")
    filer.send(text="   ", having="text")
    assert "nothing to send yet" in filer.main.text
    owner = enter(hers)
    assert owner.path == "/en/back/talk/" and "Somebody who may add" in owner.main.text
    assert "QX 12" in owner.main.text
    case = returning.open_receipt(" ".join(hers)).case
    page = reading.case_page(desk.team["Wren"], case)
    assert [card.name for card in page.evidence] == ["gate.jpg"] and page.evidence[0].proven


def test_a_revoked_filer_is_told_what_wrong_words_are_told(
    filed: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    hers, theirs = filed
    filer, owner = enter(theirs), enter(hers)
    owner.open("back/names/")
    assert "Whoever filed this report" in owner.main.text
    owner.send(having="revoke")
    assert "taken back" in owner.main.text and Delegate.objects.get().revoked
    filer.send(text="One more thing.", having="text")
    assert filer.response.status_code == 403 and "One more thing." in filer.html, "what was typed is shown again"
    wrong, revoked = enter(("abandon",) * 9), enter(theirs)
    assert revoked.path == wrong.path == "/en/back/"
    assert revoked.main.one("div", class_="errors").text == wrong.main.one("div", class_="errors").text


def test_the_owner_names_somebody(desk: people.Desk, person: Person) -> None:
    owner = enter(write_and_send(person))
    owner.open("back/names/")
    assert "Nobody but you." in owner.main.text
    owner.send(having="label", label="  ")
    assert "not said who may add" in owner.main.text
    owner.send(having="label", label="my sister")
    words = owner.words()
    owner.open("back/names/")
    assert owner.words() == words
    owner.send(press="seen")
    assert "my sister" in owner.main.text and not owner.page.all("details", class_="receipt")
    assert enter(words).path == "/en/back/add/"
