"""All playbooks as one page that needs nothing: no network, no script, no second file. To hand out before a shutdown.

Each step stands in a part as high as the screen, so that an anchor shows one step at a time without scripts; on paper
they follow one another. Anchors are marks (mitigate.ways): the address line tells nothing. The desk is not named in
it: who is searched carries a page of advice, not a link to a desk.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from html import escape

from amparo.mitigate.playbook import RESOLVED, SERVICES, Node, Playbook
from amparo.mitigate.ways import DONE, DONE_SAYS, GROUPS, MEANS, mark

Say = Callable[[str, str], str]
"""(language, English message id) -> the text in that language."""

TITLE = "Step by step"
HEADING = "Steps to take, by what happened"
UNREVIEWED = "No person who knows the field has reviewed these steps in this language yet."
KEEP = ("This file works without a network. Whoever looks into the device can open it: give it a name that tells "
        "nothing, and delete it when you no longer need it.")
SAFE = "Do only what is safe for you. You can stop at any time."
ASK = ("If you know such a person or place, go to them directly. If not, ask the desk that gave you this as soon as "
       "you can reach it safely.")
LIST = "To the list"
AGAIN = "Begin these steps again"
MADE = "Made on"
KEY = "Signed. The number of the key:"
COMPARE = ("Compare it with the number that the desk told you. With Amparo on a computer, “amparo pack --check FILE "
           "--by NUMBER” says whether a letter was changed.")

_STYLE = """:root{color-scheme:light dark;--a:#0b5a5e}@media(prefers-color-scheme:dark){:root{--a:#7fd1ca}}
body{margin:0;font:112.5%/1.6 system-ui,"Noto Sans","Noto Sans Arabic",Tahoma,sans-serif;overflow-wrap:break-word}
[lang=ar]{line-height:1.8}.part{max-width:36rem;margin:0 auto;padding:1rem;min-height:100vh;box-sizing:border-box}
.l{min-height:0}h1{font-size:1.65rem;line-height:1.25}h2{font-size:1.4rem;line-height:1.3}h3{font-size:1.1rem}
a{color:var(--a)}ul.w{list-style:none;padding:0}ul.w a{display:block;border:2px solid var(--a);border-radius:6px;
padding:.6rem 1rem;margin:.75rem 0;font-weight:600}ul.w span{display:block;font-weight:400;color:CanvasText}
.s{font-size:.95rem}.n{border-inline-start:4px solid;padding-inline-start:.9rem}
@media print{.part{min-height:0;padding:0}ul.w a{border:0;padding:0;margin:0}}"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def build(books: Mapping[str, Sequence[Playbook]], say: Say, *, made_on: date, key: str) -> str:
    """The page, for languages in their order. `key`: the fingerprint of the key that will sign it."""
    first = next(iter(books))
    parts = ["<!doctype html>\n", f'<html lang="{first}" dir="{_dir(first)}"><head><meta charset="utf-8">\n'
             f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
             '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
             f"<title>{escape(say(first, TITLE))}</title>\n<style>{_STYLE}</style></head>\n<body>\n"]
    if len(books) > 1:
        links = "".join(f'<li><a href="#{language}" lang="{language}" dir="{_dir(language)}">'
                        f"{escape(say(language, HEADING))}</a></li>" for language in books)
        parts.append(f'<nav class="part l"><ul class="w">{links}</ul></nav>\n')
    for language, chosen in books.items():
        parts += _language(language, {book.code: book for book in chosen}, say, made_on, key)
    return "".join((*parts, "</body></html>\n"))


def _dir(language: str) -> str:
    return "rtl" if language == "ar" else "ltr"


def _anchor(language: str, *place: str) -> str:
    return f"{language}-{mark(*place)}"


def _language(language: str, books: Mapping[str, Playbook], say: Say, made_on: date, key: str) -> Iterator[str]:
    def told(text: str) -> str:
        return escape(say(language, text))

    yield f'<main lang="{language}" dir="{_dir(language)}">\n<section class="part" id="{language}" tabindex="-1">'
    yield f'<h1>{told(HEADING)}</h1><p class="n">{told(KEEP)}</p><p>{told(SAFE)}</p>\n'
    for heading, codes in GROUPS:
        there = [books[code] for code in codes if code in books]
        if there:
            links = "".join(_link(_anchor(language, book.code, book.start.id), book.title, book.about)
                            for book in there)
            yield f'<h3>{told(heading)}</h3><ul class="w">{links}</ul>\n'
    yield (f'<p class="s">{told(MADE)} <bdi>{made_on.isoformat()}</bdi>. {told(KEY)} '
           f'<bdi dir="ltr">{escape(key)}</bdi>. {told(COMPARE)}</p></section>\n')
    for book in books.values():
        for node in book.nodes:
            yield _step(language, book, node, told)
    for service in SERVICES:
        yield _end(language, service, told(SERVICES[service]), (told(MEANS[service]), told(ASK)), told(LIST))
    yield _end(language, RESOLVED, told(DONE), (told(DONE_SAYS),), told(LIST))
    yield "</main>\n"


def _link(anchor: str, text: str, more: str = "") -> str:
    below = f"<span>{escape(more)}</span>" if more else ""
    return f'<li><a href="#{anchor}">{escape(text)}{below}</a></li>'


def _step(language: str, book: Playbook, node: Node, told: Callable[[str], str]) -> str:
    own = "" if book.language == language else f' lang="{book.language}" dir="{_dir(book.language)}"'
    said = "".join(f"<p>{escape(text)}</p>" for text in node.paragraphs)
    steps = "".join(f"<li>{escape(text)}</li>" for text in node.steps)
    to = [(one.service or RESOLVED,) if one.ends else (book.code, one.to) for one in node.choices]
    ways = "".join(_link(_anchor(language, *place), one.text) for one, place in zip(node.choices, to, strict=True))
    note = f'<p class="s n">{told(UNREVIEWED)}</p>' if book.unreviewed else ""
    begin = "" if node.id == book.start.id else (
        f' · <a href="#{_anchor(language, book.code, book.start.id)}">{told(AGAIN)}</a>')
    return (f'<section class="part" id="{_anchor(language, book.code, node.id)}" tabindex="-1"{own}>'
            f'<p class="s">{escape(book.title)}</p><h2>{escape(node.title)}</h2>{said}'
            f'{f"<ol>{steps}</ol>" if steps else ""}<ul class="w">{ways}</ul>{note}'
            f'<p class="s"><a href="#{language}">{told(LIST)}</a>{begin}</p></section>\n')


def _end(language: str, place: str, heading: str, says: Sequence[str], back: str) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in says)
    return (f'<section class="part" id="{_anchor(language, place)}" tabindex="-1"><h2>{heading}</h2>{paragraphs}'
            f'<p><a href="#{language}">{back}</a></p></section>\n')


def all_texts() -> tuple[str, ...]:
    """Every English message id of the page, for translation."""
    return (TITLE, HEADING, UNREVIEWED, KEEP, SAFE, ASK, LIST, AGAIN, MADE, KEY, COMPARE)
