"""A person with a browser that runs no scripts: reads pages, fills in what is there, presses a button.

Every page that comes is looked at on the way (`look`), so that a rule holds on each page of each journey.
"""

import itertools
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

VOID = {"meta", "link", "input", "br", "hr", "img"}
MOST_BYTES = 50_000
# Words that a neutral title, kept in a browser's history, must not hold.
TELLING = re.compile(
    r"report|danger|threat|attack|abuse|rights|defend|victim|secret|amparo|receipt|lantern|peligro|amenaza|ataque"
    r"|denuncia|informe|menace|attaque|signal|خطر|بلاغ|تهديد|حقوق", re.IGNORECASE)


@dataclass
class Element:
    """One element with its attributes, children and text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list["Element | str"] = field(default_factory=list)

    def all(self, tag: str = "", **wanted: str) -> list["Element"]:
        """Elements below this one, by tag and attributes (class_ matches one class)."""
        found = []
        for child in self.inside:
            if isinstance(child, Element):
                if (not tag or child.tag == tag) and all(_has(child, name, value) for name, value in wanted.items()):
                    found.append(child)
                found += child.all(tag, **wanted)
        return found

    def one(self, tag: str = "", **wanted: str) -> "Element":
        """The only such element."""
        found = self.all(tag, **wanted)
        assert len(found) == 1, f"{len(found)} of {tag} {wanted}"
        return found[0]

    @property
    def text(self) -> str:
        """The text below, white space folded."""
        parts = [child.text if isinstance(child, Element) else child for child in self.inside]
        return " ".join(" ".join(parts).split())

    @property
    def raw(self) -> str:
        """The text below as it stands; a text area loses its first line break, as in a browser."""
        text = "".join(child.raw if isinstance(child, Element) else child for child in self.inside)
        return text.removeprefix("\n") if self.tag == "textarea" else text


def _has(element: Element, name: str, value: str) -> bool:
    if name == "class_":
        return value in element.attributes.get("class", "").split()
    return element.attributes.get(name.replace("_", "-")) == value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        assert len(element.attributes) == len(attrs), f"an attribute stands twice in <{tag}>"
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(html: str) -> Element:
    """The page as elements; fails where tags are not closed in their order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is not closed"
    return reader.root


class Person:
    """One browser. `language` is the language of the pages expected."""

    def __init__(self, language: str = "en", start: str = "", client: Client | None = None) -> None:
        self.language = language
        self.client = client or Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.page = Element("root")
        self.response: HttpResponse = HttpResponse()
        self.path = ""
        self.seen: list[tuple[str, int]] = []
        if start:
            self.open(start)

    def open(self, path: str) -> Element:
        """Follow an address: "/..." as it is, anything else below the language."""
        target = path if path.startswith("/") else f"/{self.language}/{path}"
        return self._arrive(self.client.get(target), target)

    def _arrive(self, response: Any, path: str) -> Element:
        for _ in range(6):
            self.path = path
            if response.status_code not in (301, 302):
                break
            path = response.headers["Location"]
            if urlsplit(path).netloc:
                self.response, self.page = response, Element("root")
                return self.page
            response = self.client.get(path)
        self.response = response
        self.seen.append((path, response.status_code))
        if response.headers.get("Content-Type", "").startswith("text/html"):
            self.page = look(response, self.language)
        return self.page

    @property
    def main(self) -> Element:
        """The content of the page."""
        return self.page.one("main")

    @property
    def html(self) -> str:
        """The page as it came."""
        return self.response.content.decode()

    @property
    def errors(self) -> str:
        """The text of the summary of errors, or nothing."""
        return " ".join(box.text for box in self.page.all("div", class_="errors"))

    def follow(self, text: str) -> Element:
        """Press the link with this text."""
        links = [link for link in self.page.all("a") if text in link.text]
        assert links, f"no link “{text}” on {self.path}: {[link.text for link in self.page.all('a')]}"
        return self.open(links[0].attributes["href"])

    def form(self, having: str = "") -> Element:
        """The form that has a field of this name, or the last one of the page."""
        forms = [
            form for form in self.main.all("form")
            if not having or any(one.attributes.get("name") == having for one in form.all())
        ]
        assert forms, f"no form with {having} on {self.path}"
        return forms[-1]

    def send(self, *, press: str = "", having: str = "", **typed: Any) -> Element:
        """Fill in and press a button (by its value). Field names with a hyphen are given with "__" for it."""
        form = self.form(having)
        data = _filled(form)
        for name, value in typed.items():
            data[name.replace("__", "-")] = value
        buttons = form.all("button")
        chosen = next((one for one in buttons if one.attributes.get("value", "") == press), buttons[0])
        assert not press or chosen.attributes.get("value") == press, f"no button {press} on {self.path}"
        if chosen.attributes.get("name"):
            data[chosen.attributes["name"]] = chosen.attributes.get("value", "")
        path = chosen.attributes.get("formaction") or form.attributes.get("action") or self.path
        return self._arrive(self.client.post(path, data), path)

    def words(self) -> tuple[str, ...]:
        """The receipt on the page."""
        return tuple(one.text for one in self.page.one("details", class_="receipt").all("li"))


def _filled(form: Element) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for one in form.all():
        name = one.attributes.get("name", "")
        if not name or one.tag == "button":
            continue
        if one.tag == "textarea":
            data[name] = one.raw
        elif one.attributes.get("type") in ("checkbox", "radio"):
            if "checked" in one.attributes:
                data.setdefault(name, []).append(one.attributes.get("value", ""))
        elif one.attributes.get("type") != "file":
            value = one.attributes.get("value", "")
            data[name] = [*data[name], value] if isinstance(data.get(name), list) else (
                [data[name], value] if name in data else value)
    return data


def a_file(name: str = "note.txt", content: bytes = b"hello") -> SimpleUploadedFile:
    """A file to choose."""
    return SimpleUploadedFile(name, content)


def look(response: HttpResponse, language: str) -> Element:
    """The rules of every page, checked; the page as elements."""
    html = response.content.decode()
    assert len(response.content) < MOST_BYTES
    page = read(html)
    _nothing_runs_or_comes_from_elsewhere(page)
    root = page.one("html")
    assert root.attributes["lang"] == language
    assert root.attributes["dir"] == ("rtl" if language == "ar" else "ltr")
    title = page.one("title").text
    assert title and not TELLING.search(title), title
    assert len(page.all("h1")) == 1 and len(page.all("main")) == 1
    first_link = page.all("a")[0]
    assert first_link.attributes["href"] == "/leave/", "the way out is not the first link"
    _fields_have_names(page)
    levels = [int(one.tag[1]) for one in page.all() if re.fullmatch(r"h[1-6]", one.tag)]
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), levels
    return page


def _nothing_runs_or_comes_from_elsewhere(page: Element) -> None:
    tags = {one.tag for one in page.all()}
    assert not tags & {"script", "style", "iframe", "object", "embed", "img", "svg", "video", "audio", "base"}
    for one in page.all():
        for name, value in one.attributes.items():
            assert not name.startswith("on") and name not in ("style", "autofocus"), (one.tag, name)
            if name in ("href", "src", "action", "formaction", "poster", "data"):
                parts = urlsplit(value)
                assert not parts.scheme and not parts.netloc, value
            assert name != "http-equiv", "nothing moves by itself"


def _fields_have_names(page: Element) -> None:
    ids = [one.attributes["id"] for one in page.all() if "id" in one.attributes]
    assert len(ids) == len(set(ids)), "an id stands twice"
    labelled = {one.attributes.get("for") for one in page.all("label")}
    for one in page.all():
        kind = one.attributes.get("type", "")
        if one.tag in ("input", "textarea", "select") and kind != "hidden":
            assert one.attributes.get("id") in labelled, f"a field without a label: {one.attributes}"
            if one.tag == "textarea" or kind == "text":
                assert one.attributes.get("dir") in ("auto", "ltr"), "a text field without its direction"
                assert one.attributes.get("autocomplete") == "off", "a browser would keep what was typed"
        for name in ("aria-describedby", "aria-labelledby"):
            for target in one.attributes.get(name, "").split():
                assert target in ids, f"{name} leads nowhere: {target}"
    for form in page.all("form"):
        assert form.attributes.get("method") == "post"
        names = [one.attributes.get("name", "") for one in form.all() if one.attributes.get("name")]
        if form.attributes.get("class") != "unkept":  # a form of which nothing is kept has no session for a token
            assert names[0] == "csrfmiddlewaretoken", "the token stands before everything else"
        if "file" in names:
            assert names[-1] == "file", "text that stands after a file would be lost with it"
            assert form.attributes.get("enctype") == "multipart/form-data"


TEXT = "A long story,\nwith two lines and <b>signs</b> & “quotes” that I do not want to write again."


def begun(language: str = "en") -> Person:
    """A person at the question after the one about danger."""
    person = Person(language)
    person.open("write/")
    person.send()
    person.send(danger="no", press="on")
    return person
