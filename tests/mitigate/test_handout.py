"""The one page with all playbooks: whole, without scripts, every anchor there, and nothing that reaches out."""

import datetime as dt
import re
from html.parser import HTMLParser

import pytest

from amparo.mitigate import handout, playbook, ways
from amparo.mitigate.playbook import LANGUAGES

DAY, KEY = dt.date(2026, 11, 25), "12345 67890"


def english(_language: str, text: str) -> str:
    return text


def books(*languages: str) -> dict[str, list[playbook.Playbook]]:
    return {one: [book for code in playbook.codes() if (book := playbook.load(code, one))] for one in languages}


class Anchors(HTMLParser):
    """Ids, links, tags, and which part leads to which."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.leads: dict[str, list[str]] = {}
        self.title = ""
        self._part = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self.tags.add(tag)
        assert not [name for name in own if name.startswith("on") or name in ("src", "style", "action")]
        if own.get("id"):
            self.ids.append(str(own["id"]))
            self._part = str(own["id"])
        if tag == "a":
            self.links.append(str(own["href"]))
            self.leads.setdefault(self._part, []).append(str(own["href"]).removeprefix("#"))


@pytest.mark.parametrize("languages", [("en",), ("ar",), LANGUAGES])
def test_every_anchor_is_there_once_and_nothing_reaches_out(languages: tuple[str, ...]) -> None:
    page = handout.build(books(*languages), english, made_on=DAY, key=KEY)
    seen = Anchors(page)
    assert len(seen.ids) == len(set(seen.ids)), "an id stands twice"
    assert all(link.startswith("#") for link in seen.links) and {link[1:] for link in seen.links} <= set(seen.ids)
    assert not seen.tags & {"script", "img", "link", "iframe", "form", "object", "base", "video"}
    assert not re.search(r"https?:|//|@import|url\(", page)
    assert "default-src 'none'" in page.split("</head>")[0], "a browser may fetch nothing for it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_playbook_is_walked_to_each_of_its_ends(language: str) -> None:
    chosen = books(language)
    seen = Anchors(handout.build(chosen, english, made_on=DAY, key=KEY))
    listed = set(seen.leads[language])
    reached: set[str] = set()
    for book in chosen[language]:
        begin = f"{language}-{ways.mark(book.code, book.start.id)}"
        assert begin in listed, f"{book.code} is not in the list"
        waiting = [begin]
        while waiting:
            here = waiting.pop()
            if here not in reached:
                reached.add(here)
                waiting += seen.leads[here]
    assert reached >= set(seen.ids) - {f"{language}-{ways.mark(one)}" for one in playbook.SERVICES}
    nodes = sum(len(book.nodes) for book in chosen[language])
    assert nodes > 250 and len(seen.ids) == nodes + len(playbook.SERVICES) + 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_every_playbook_is_in_it_and_it_stays_small(language: str) -> None:
    from html import unescape

    page = handout.build(books(language), english, made_on=DAY, key=KEY)
    assert len(page.encode()) < 600_000
    text = unescape(page)
    for book in books(language)[language]:
        for node in book.nodes:
            for said in (node.title, *node.paragraphs, *node.steps, *(one.text for one in node.choices)):
                assert said in text
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
    assert DAY.isoformat() in page and KEY in page
    unreviewed = sum(len(book.nodes) for book in books(language)[language] if book.unreviewed)
    assert page.count(handout.UNREVIEWED) == unreviewed


def test_neither_title_nor_anchor_tells_what_it_is() -> None:
    page = handout.build(books("en"), english, made_on=DAY, key=KEY)
    assert "<title>Step by step</title>" in page
    for anchor in Anchors(page).ids:
        assert re.fullmatch(r"en(-[0-9a-f]{6})?", anchor)


def test_what_stands_in_a_playbook_is_shown_as_it_is() -> None:
    node = playbook.Node(id="start", title="<b>Safe?</b>", stage="safety", paragraphs=("a & b <script>",),
                         choices=(playbook.Choice("“Yes” & go", "resolved"),))
    book = playbook.Playbook(
        code="doxing", title="<i>", about='"', threats=("doxing",), language="en", version=1, source="own",
        checked_on=DAY, reviewed_by="somebody", nodes=(node,))
    page = handout.build({"en": [book]}, english, made_on=DAY, key="<k>")
    assert "&lt;b&gt;Safe?&lt;/b&gt;" in page and "a &amp; b &lt;script&gt;" in page and "&lt;k&gt;" in page
    assert "<script" not in page and "<i>" not in page and handout.UNREVIEWED not in page


def test_a_playbook_that_is_not_translated_says_which_language_it_is_in() -> None:
    page = handout.build({"ar": books("en")["en"]}, english, made_on=DAY, key=KEY)
    assert page.count('lang="en" dir="ltr"><p class="s">') == sum(len(book.nodes) for book in books("en")["en"])
