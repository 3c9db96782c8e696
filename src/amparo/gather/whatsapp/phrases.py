"""WhatsApp's own words in an export, recognised in any language of the table phrases.toml."""

import re
import tomllib
from importlib import resources

import msgspec

from amparo.gather import limits
from amparo.words.messages import Attachment

_MARKS = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_AFTER = re.compile(r"(?P<file>[^\n]{1,300}) \((?P<word>[^()\n]{1,60})\)")
_BEFORE = re.compile(r"<(?P<word>[^<>:\n]{1,60}): ?(?P<file>[^<>\n]{1,300})>")
_EDITED = re.compile(r"<(?P<word>[^<>\n]{1,60})>")
# the names that the program gives: certain in a language that is not in the table, too
_OWN_NAME = re.compile(
    r"(?:IMG|VID|AUD|PTT|STK|DOC)-\d{8}-WA\d{4}\.\w{2,5}|\d{8}-(?:PHOTO|VIDEO|AUDIO|STICKER|GIF)-[\d-]{19}\.\w{2,5}"
)


def bare(text: str) -> str:
    """For comparing: without direction marks, spaces made plain, without the final dot, case folded."""
    plain = _MARKS.sub("", text).replace("\u00a0", " ").replace("\u202f", " ")
    return plain.strip().rstrip(".。").strip().casefold()


class _Table(msgspec.Struct, frozen=True):
    attached_after: frozenset[str]
    attached_before: frozenset[str]
    omitted: frozenset[str]
    deleted: frozenset[str]
    edited: frozenset[str]
    notices: tuple[str, ...]
    am: frozenset[str]
    pm: frozenset[str]


def _load() -> _Table:
    raw = tomllib.loads((resources.files("amparo.gather.whatsapp") / "phrases.toml").read_text("utf-8"))
    folded = {name: frozenset(map(bare, raw[name])) for name in (
        "attached_after", "attached_before", "omitted", "deleted", "edited",
    )}
    halves = {name: frozenset(map(half, raw["half_day"][name])) for name in ("am", "pm")}
    return _Table(**folded, notices=tuple(map(bare, raw["notices"])), **halves)


def half(sign: str) -> str:
    """A half-day sign for comparing: "p. m." and "PM" are one."""
    return re.sub(r"[\s.\u00a0\u202f\u200c]", "", _MARKS.sub("", sign)).casefold()


TABLE = _load()


def half_day(sign: str) -> int | None:
    """Hours to add at noon or later (0 or 12), or None for a sign that is not known."""
    folded = half(sign)
    return 0 if folded in TABLE.am else 12 if folded in TABLE.pm else None


def is_notice(text: str) -> bool:
    """Whether these are the program's own words about the conversation."""
    return bare(text[:300]).startswith(TABLE.notices)


def is_deleted(text: str) -> bool:
    """Whether a message stood here and was deleted."""
    return len(text) < 120 and bare(text) in TABLE.deleted


def without_edited(text: str) -> tuple[str, bool]:
    """(the text without the mark of an edited message, whether there was one)."""
    at = text.rfind("<", max(0, len(text) - 80))
    found = _EDITED.fullmatch(_MARKS.sub("", text[at:]).strip()) if at >= 0 else None
    if found is not None and bare(found["word"]) in TABLE.edited:
        return text[:at].rstrip("\u200e\u200f ").rstrip(), True
    return text, False


def attachments(text: str, there: frozenset[str]) -> tuple[str, tuple[Attachment, ...]]:
    """(what the person wrote beside it, the file sent with it). `there`: names of the files in the export."""
    first, newline, rest = text.partition("\n")
    if len(first) > 700:
        return text, ()
    plain = _MARKS.sub("", first).strip()
    if found := _AFTER.fullmatch(plain):
        name = found["file"].strip()
        if bare(found["word"]) in TABLE.attached_after or _OWN_NAME.fullmatch(name):
            return rest, (_named(name, there),)
    start = plain.rfind("<")
    if start >= 0 and (found := _BEFORE.fullmatch(plain[start:])):
        name = found["file"].strip()
        if bare(found["word"]) in TABLE.attached_before or _OWN_NAME.fullmatch(name) or name in there:
            return (plain[:start].strip() + newline + rest).strip("\n"), (_named(name, there),)
    folded = bare(plain)
    if folded.strip("< >") in TABLE.omitted:
        return rest, (Attachment(),)
    # "Plan.pdf • 2 pages document omitted": the name of a document stands before the words
    name, mark, _pages = plain.partition(" • ")
    if mark and any(folded.endswith(" " + words) for words in TABLE.omitted if len(words) > 8):
        return rest, (Attachment(name[: limits.NAME]),)
    return text, ()


def _named(name: str, there: frozenset[str]) -> Attachment:
    return Attachment(name[: limits.NAME], there=name in there)
