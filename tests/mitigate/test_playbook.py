"""Playbooks are sound graphs, and each fault of one has its own sentence."""

import pytest

from amparo.mitigate import playbook
from amparo.mitigate.playbook import LANGUAGES, PlaybookBroken, check, codes, load, read
from amparo.words.threats import CODES, TAXONOMY

FRONT = '''+++
code = "trial"
title = "A trial"
about = "For the tests."
threats = ["doxing"]
language = "en"
version = 1
source = "own words"
checked_on = 2026-11-25
reviewed_by = ""
+++
'''
SOUND = """
## Are you safe? {#start .safety}

Two lines
of one paragraph.

1. Look around.
2. Lock the door.

- [Yes](#keep)
- [No](help:physical-security)

## Keep what you saw {#keep .evidence}

- [Done](resolved)
"""


def broken(body: str, front: str = FRONT) -> str:
    with pytest.raises(PlaybookBroken) as told:
        check(read(front + body, "trial.md"), CODES)
    return str(told.value)


def test_a_sound_one_is_read() -> None:
    book = read(FRONT + SOUND, "trial.md")
    check(book, CODES)
    assert book.start.paragraphs == ("Two lines of one paragraph.",)
    assert book.start.steps == ("Look around.", "Lock the door.")
    assert [(choice.text, choice.to, choice.ends) for choice in book.start.choices] == [
        ("Yes", "keep", False), ("No", "help:physical-security", True)]
    assert book.start.choices[1].service == "physical-security"
    assert book.unreviewed


@pytest.mark.parametrize(("before", "after", "says"), [
    ("](#keep)", "](#kept)", "leads to “kept”, which does not exist"),
    ("help:physical-security", "help:magic", "“magic”, which is nobody we know"),
    ("[Done](resolved)", "[Again](#start)", "a circle: start → keep → start"),
    ("](#keep)", "](resolved)", "nobody reaches “keep”"),
    ("- [Done](resolved)", "Nothing more.", "leaves a person standing"),
    ("{#keep .evidence}", "{#start .evidence}", "“start” stands twice"),
    ("{#keep .evidence}", "{#keep .soon}", "“soon” is no stage"),
    ("{#keep .evidence}", "", "is no heading of the form"),
    ("{#start .safety}", "{#start .fix}", "which is not about safety"),
    ("Look around.", "Look **around**.", "plain text only"),
    ("Look around.", "Look <b>around</b>.", "plain text only"),
    ("Look around.", "See [this](https://example.org).", "plain text only"),
    ("- [Yes](#keep)", "- Yes", "a choice is one link"),
    ("- [Yes](#keep)", "- [Yes](#keep) [No](#keep)", "a choice is one link"),
    ("Two lines", "```\nTwo lines\n```", "only headings, paragraphs"),
    ("1. Look around.", "1. Look around.\n   - [Yes](#keep)", "a list in a list"),
    ("Two lines", "word " * 200, "words; 130 at most"),
    ("- [Done](resolved)", "- [Done](resolved)\n\nOne more thing.", "the choices stand last"),
])
def test_each_fault_is_told(before: str, after: str, says: str) -> None:
    assert before in SOUND
    assert says in broken(SOUND.replace(before, after, 1))


def test_faults_of_the_front_are_told() -> None:
    assert "does not begin with lines between +++" in broken(SOUND, "")
    assert "cannot be read" in broken(SOUND, FRONT.replace('"trial"', '"trial'))
    assert "not complete" in broken(SOUND, FRONT.replace("version = 1\n", ""))
    assert "“doxxing” is no kind of threat" in broken(SOUND, FRONT.replace('"doxing"', '"doxxing"'))


def test_too_many_pages_on_one_way() -> None:
    long = "".join(f"\n## Page {n} {{#p{n} .safety}}\n\n- [On](#p{n + 1})\n" for n in range(15))
    assert "pages on the longest way" in broken(long + "\n## Last {#p15 .safety}\n\n- [Done](resolved)\n")


def test_stalkerware_never_mends_before_evidence() -> None:
    early = SOUND.replace("{#keep .evidence}", "{#keep .fix}")
    assert "mends before the evidence is kept" in broken(early, FRONT.replace('"trial"', '"stalkerware"'))
    assert check(read(FRONT + early, "trial.md"), CODES) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", codes())
def test_each_packaged_one_is_sound_and_the_same_graph_in_each_language(code: str, language: str) -> None:
    book = load(code, language)
    english = load(code, "en")
    assert book is not None and english is not None
    assert (book.code, book.language) == (code, language)
    check(book, CODES)
    assert book.shape() == english.shape()
    assert (book.threats, book.version) == (english.threats, english.version)


def test_each_threat_has_a_playbook() -> None:
    for threat in TAXONOMY:
        book = load(threat.playbook, "en")
        assert book is not None, f"{threat.code} names the playbook “{threat.playbook}”, which does not exist"
        assert threat.code in book.threats


def test_no_other_language_falls_back_silently() -> None:
    book = load(codes()[0], "xx")
    assert book is not None and book.language == "en"
    assert load("no-such-book", "en") is None


def test_a_person_who_is_watched_begins_elsewhere() -> None:
    """Stalkerware begins with safety, and neither its first page nor any page before evidence says to remove."""
    book = load("stalkerware", "en")
    assert book is not None
    assert book.start.stage == "safety"
    early = " ".join((*book.start.steps, book.start.title)).casefold()
    assert not any(word in early for word in ("reset", "remove", "delete", "uninstall", "change your password"))
    assert playbook.for_threats(("stalkerware",))[0] == "stalkerware"
