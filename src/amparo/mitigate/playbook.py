"""Playbooks: decision graphs in Markdown, one file a playbook and language (playbooks/<language>/<code>.md).

A node is a heading with its id and stage, `## Where do you read this? {#where .safety}`; below it stand paragraphs,
numbered steps, and last the choices, a list of links to other nodes or to an end: `(resolved)`, `(help:legal)`. Text
is plain: no emphasis, no links but choices, so that a page, a print and a terminal show the same words.

Every fault has its own sentence: an edge that leads nowhere, a circle, a node nobody reaches, a path without an end, a
graph that differs between languages.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from amparo.words.errors import AmparoError
from amparo.words.steps import STAGES

LANGUAGES: tuple[str, ...] = ("en", "es", "fr", "ar")
RESOLVED = "resolved"
HELP = "help:"
SERVICES: dict[str, str] = {
    "desk": "Write to this desk",
    "physical-security": "Protection of body and home",
    "medical": "A doctor or a clinic",
    "psychosocial": "Somebody to talk to",
    "survivor-support": "Help for survivors of violence at home or sexual violence",
    "child-protection": "Help for children and young people",
    "legal": "A lawyer",
    "forensics": "Examination of a device",
    "accounts": "Recovery of accounts and complaints to platforms",
    "web-hosting": "Protection and hosting of a website",
    "circumvention": "Ways around blocking and shutdowns",
    "relocation": "A safer place for a while",
    "funding": "Emergency money",
    "advocacy": "Public or diplomatic support",
}
"""Who can help, by code: labels are English message ids. A playbook ends with one of them or with `resolved`."""

DEEPEST = 14
"""Pages on the longest way through a playbook: more than that nobody walks on a bad day."""
LONGEST = 130
"""Words on one page."""
_HEADING = re.compile(r"^(?P<title>.+?)\s*\{#(?P<id>[a-z0-9-]+)\s+\.(?P<stage>[a-z]+)\}$")
_EVIDENCE_FIRST = frozenset({"stalkerware", "spyware", "suspicious-device"})
"""Playbooks in which mending (removal, reset) destroys the evidence or warns the person who watches."""


class PlaybookBroken(AmparoError):
    """A playbook that cannot be used. It is for its author, never for a reporter."""

    code = "playbook-broken"
    advice = "Mend the playbook file."


class Choice(msgspec.Struct, frozen=True):
    """An edge: what a person answers and where it leads, a node's id, `resolved` or `help:SERVICE`."""

    text: str
    to: str

    @property
    def ends(self) -> bool:
        """Whether the way ends here."""
        return self.to == RESOLVED or self.to.startswith(HELP)

    @property
    def service(self) -> str:
        """The code of who can help; empty where the way goes on or is resolved."""
        return self.to.removeprefix(HELP) if self.to.startswith(HELP) else ""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a playbook: a question or a piece of advice. `steps` are what a person can do, in order."""

    id: str
    title: str
    stage: str
    paragraphs: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    choices: tuple[Choice, ...]


class Playbook(msgspec.Struct, frozen=True, kw_only=True):
    """A whole playbook in one language. The first node is where it begins."""

    code: str
    title: str
    about: str
    threats: tuple[str, ...]
    language: str
    version: int
    source: str
    checked_on: date
    reviewed_by: str
    nodes: tuple[Node, ...]

    @property
    def unreviewed(self) -> bool:
        """True until a person who knows the field and the language has signed: every page must say so."""
        return not self.reviewed_by.strip()

    @property
    def start(self) -> Node:
        """Where everybody begins."""
        return self.nodes[0]

    def node(self, code: str) -> Node | None:
        """The node with this id, or None."""
        return next((node for node in self.nodes if node.id == code), None)

    def shape(self) -> tuple[tuple[Any, ...], ...]:
        """What must be the same in each language: ids, stages, number of steps, edges."""
        return tuple((node.id, node.stage, len(node.steps), tuple(choice.to for choice in node.choices))
                     for node in self.nodes)


def read(text: str, name: str) -> Playbook:
    """One playbook from its file's text; `name` stands in the sentences. Raises PlaybookBroken."""
    front, body = _front(text, name)
    nodes = tuple(_nodes(MarkdownIt("commonmark").parse(body), name))
    try:
        return msgspec.convert({**front, "nodes": nodes}, Playbook)
    except msgspec.ValidationError as wrong:
        raise PlaybookBroken(f"{name}: the lines between +++ are not complete: {wrong}.") from wrong


def _front(text: str, name: str) -> tuple[dict[str, Any], str]:
    parts = text.split("+++\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise PlaybookBroken(f"{name}: the file does not begin with lines between +++ and +++.")
    try:
        return tomllib.loads(parts[1]), parts[2]
    except tomllib.TOMLDecodeError as wrong:
        raise PlaybookBroken(f"{name}: the lines between +++ cannot be read: {wrong}.") from wrong


def _nodes(tokens: list[Token], name: str) -> Iterator[Node]:
    """The nodes in order. Paragraphs, then steps, then choices."""
    open_node: dict[str, Any] | None = None
    lists: list[str] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            if open_node:
                yield _node(open_node, name)
            open_node = _opened(tokens[index + 1].content, token.tag, name)
        elif token.type in ("ordered_list_open", "bullet_list_open"):
            lists.append("steps" if token.type.startswith("ordered") else "choices")
            if len(lists) > 1:
                raise PlaybookBroken(f"{name}: a list in a list.")
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            lists.pop()
        elif token.type == "inline" and tokens[index - 1].type != "heading_open":
            if open_node is None:
                raise PlaybookBroken(f"{name}: text before the first heading.")
            _put(open_node, lists[-1] if lists else "paragraphs", token, name)
        elif token.type in ("html_block", "fence", "code_block", "blockquote_open", "hr"):
            raise PlaybookBroken(f"{name}: only headings, paragraphs, numbered steps and choices are read.")
    if open_node:
        yield _node(open_node, name)


def _opened(heading: str, tag: str, name: str) -> dict[str, Any]:
    match = _HEADING.match(heading)
    if tag != "h2" or match is None:
        raise PlaybookBroken(f"{name}: “{heading}” is no heading of the form “## Title {{#id .stage}}”.")
    if match["stage"] not in STAGES:
        raise PlaybookBroken(f"{name}: “{match['stage']}” is no stage; use one of {', '.join(STAGES)}.")
    return {"id": match["id"], "title": match["title"], "stage": match["stage"],
            "paragraphs": [], "steps": [], "choices": []}


def _put(node: dict[str, Any], place: str, token: Token, name: str) -> None:
    inline = token.children or []
    kinds = {child.type for child in inline} - {"text", "softbreak"}
    if place != "choices":
        if kinds:
            raise PlaybookBroken(f"{name}, “{node['id']}”: plain text only, not {', '.join(sorted(kinds))}.")
        if node["choices"]:
            raise PlaybookBroken(f"{name}, “{node['id']}”: the choices stand last.")
        node[place].append(_plain(inline))
        return
    links = [child for child in inline if child.type == "link_open"]
    if kinds != {"link_open", "link_close"} or len(links) != 1:
        raise PlaybookBroken(f"{name}, “{node['id']}”: a choice is one link, “- [Yes](#next)”.")
    node["choices"].append(Choice(_plain(inline), str(links[0].attrGet("href")).removeprefix("#")))


def _plain(inline: list[Token]) -> str:
    return " ".join("".join(" " if child.type == "softbreak" else child.content for child in inline).split())


def _node(raw: dict[str, Any], name: str) -> Node:
    if not raw["choices"]:
        raise PlaybookBroken(f"{name}, “{raw['id']}”: a page without a choice leaves a person standing.")
    return msgspec.convert(raw, Node)


def check(book: Playbook, threats: tuple[str, ...]) -> None:
    """Whether the graph is sound: raises PlaybookBroken with every fault, one a line."""
    faults = [*_faults(book, threats)]
    if faults:
        raise PlaybookBroken("\n".join(f"{book.language}/{book.code}: {fault}" for fault in faults))


def _faults(book: Playbook, threats: tuple[str, ...]) -> Iterator[str]:
    ids = [node.id for node in book.nodes]
    if not ids:
        yield "no page at all."
        return
    yield from (f"“{code}” stands twice." for code in dict.fromkeys(ids) if ids.count(code) > 1)
    yield from (f"“{code}” is no kind of threat." for code in book.threats if code not in threats)
    for node in book.nodes:
        for choice in node.choices:
            if choice.service and choice.service not in SERVICES:
                yield f"“{node.id}” leads to help by “{choice.service}”, which is nobody we know."
            elif not choice.ends and choice.to not in ids:
                yield f"“{node.id}” leads to “{choice.to}”, which does not exist."
        words = sum(len(text.split()) for text in (*node.paragraphs, *node.steps))
        if words > LONGEST:
            yield f"“{node.id}” has {words} words; {LONGEST} at most."
    yield from _ways(book)
    if book.start.stage != "safety":
        yield f"it begins with “{book.start.id}”, which is not about safety."


def _ways(book: Playbook) -> Iterator[str]:
    """Faults of the ways through: circles, pages nobody reaches, too many pages, mending before evidence."""
    known = {node.id: node for node in book.nodes}
    depth: dict[str, int] = {}
    circle: list[str] = []

    def walk(code: str, way: tuple[str, ...]) -> int:
        if code in way:
            circle.append(" → ".join((*way[way.index(code):], code)))
            return 0
        if code not in depth:
            following = [choice.to for choice in known[code].choices if choice.to in known]
            depth[code] = 1 + max((walk(to, (*way, code)) for to in following), default=0)
        return depth[code]

    deepest = walk(book.start.id, ())
    yield from (f"a circle: {way}." for way in dict.fromkeys(circle))
    yield from (f"nobody reaches “{code}”." for code in known if code not in depth)
    if deepest > DEEPEST:
        yield f"{deepest} pages on the longest way; {DEEPEST} at most."
    if book.code in _EVIDENCE_FIRST and not circle:
        yield from (f"“{code}” mends before the evidence is kept." for code in _mends_early(book, known))


def _mends_early(book: Playbook, known: Mapping[str, Node]) -> Iterator[str]:
    """Pages of stage `fix` that some way reaches without a page of stage `evidence` before."""
    seen: set[str] = set()
    waiting = [book.start.id]
    while waiting:
        code = waiting.pop()
        if code in seen or known[code].stage == "evidence":
            continue
        seen.add(code)
        if known[code].stage == "fix":
            yield code
        waiting.extend(choice.to for choice in known[code].choices if choice.to in known)


def _folder() -> Traversable:
    return files("amparo.mitigate").joinpath("playbooks")


@cache
def codes() -> tuple[str, ...]:
    """Codes of the packaged playbooks, sorted."""
    english = _folder().joinpath("en")
    return tuple(sorted(item.name.removesuffix(".md") for item in english.iterdir() if item.name.endswith(".md")))


@cache
def load(code: str, language: str) -> Playbook | None:
    """The packaged playbook in this language, in English where there is none yet; None for an unknown code."""
    if code not in codes():
        return None
    for spoken in (language, "en"):
        found = _folder().joinpath(spoken, f"{code}.md")
        if spoken in LANGUAGES and found.is_file():
            return read(found.read_text(encoding="utf-8"), f"{spoken}/{code}.md")
    return None


def for_threats(threats: tuple[str, ...]) -> tuple[str, ...]:
    """Codes of the playbooks that speak of one of these threats, in the order of the threats."""
    books = {code: load(code, "en") for code in codes()}
    return tuple(dict.fromkeys(code for threat in threats for code, book in books.items()
                               if book is not None and threat in book.threats))
