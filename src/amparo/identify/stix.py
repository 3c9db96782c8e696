"""STIX 2 bundles and their patterns, as far as indicators of spyware use them.

A small reader instead of a full parser: quoted values may hold anything ("=" and escaped quotes too), comparisons may
be joined by OR; everything else is counted as not understood and never stops the load.
Source: OASIS STIX 2.1, section 9 (patterning).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from amparo.words.errors import AmparoError


class NotStix(AmparoError):
    """A file that is not a STIX bundle."""

    code = "not-stix"
    advice = "Check that the file was downloaded whole."


class StixObject(msgspec.Struct):
    """The few fields that are read of any object."""

    type: str = ""
    id: str = ""
    name: str = ""
    description: str = ""
    pattern: str = ""
    modified: str = ""
    created: str = ""
    source_ref: str = ""
    target_ref: str = ""
    revoked: bool = False


class _Bundle(msgspec.Struct):
    objects: list[StixObject]


class _RawBundle(msgspec.Struct):
    objects: list[msgspec.Raw]


_KINDS = {
    "domain-name:value": "host",
    "url:value": "url",
    "ipv4-addr:value": "ip",
    "ipv6-addr:value": "ip",
    "process:name": "process",
    "file:path": "path",
    "directory:path": "path",
    "file:name": "filename",
    "email-addr:value": "email",
    "app:id": "app",
    "configuration-profile:id": "profile",
    "android-property:name": "property",
}
_PREFIXES = {"file:hashes.": "hash", "app:cert.": "cert"}
_COMPARISON = re.compile(
    r"""[\s\[]*(?P<key>[\w-]+:(?:[\w.-]|'[^']*')+)\s*=\s*'(?P<value>(?:[^'\\]|\\.)*)'[\s\]]*(?P<joint>OR\b|$)""",
    re.ASCII,
)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")


def read_pattern(pattern: str) -> list[tuple[str, str]] | None:
    """(kind, value) of each comparison in a pattern; None when any part of it is not understood.

    `[file:hashes.'SHA-256'='ab…']` and `[file:hashes.sha256='ab…']` are one; a value may hold "=" and `\\'`.
    """
    frame = _QUOTED.sub("", pattern) if len(pattern) <= 1_000_000 else ""
    if not frame.count("[") == frame.count("]") > 0:
        return None
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(pattern):
        match = _COMPARISON.match(pattern, position)
        if match is None:
            return None
        key = match["key"].replace("'", "")
        kind = _KINDS.get(key)
        if kind is None:
            kind = next((kind for prefix, kind in _PREFIXES.items() if key.startswith(prefix)), None)
        if kind is None:
            return None
        value = match["value"]
        found.append((kind, re.sub(r"\\(.)", r"\1", value) if "\\" in value else value))
        position = match.end()
        if match["joint"] == "OR" and position == len(pattern):
            return None
    return found or None


def read_objects(data: bytes) -> tuple[list[StixObject], int]:
    """Objects of a bundle, and how many could not be read. Raises NotStix when it is no bundle at all."""
    try:
        return msgspec.json.decode(data, type=_Bundle).objects, 0
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        raws = msgspec.json.decode(data, type=_RawBundle).objects
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotStix("This file is not a STIX bundle: no list of objects could be read.") from None
    objects, unread = [], 0
    for raw in raws:
        try:
            objects.append(msgspec.json.decode(raw, type=StixObject))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            unread += 1
    return objects, unread


class Entry(NamedTuple):
    """One published value; `role` (website, control) and `nature` (stalkerware, watchware) where the source says so."""

    kind: str
    value: str
    about: str = ""
    role: str = ""
    nature: str = ""


class Published(msgspec.Struct):
    """What one file holds: its entries, the newest date among them ("" unknown), and the count not understood."""

    entries: list[Entry]
    dated: str
    not_understood: int


def read_bundle(data: bytes) -> Published:
    """Indicators of a STIX bundle, each with the names of the malware it indicates."""
    objects, unread = read_objects(data)
    names = {
        item.id: item.name
        for item in objects
        if item.type in ("malware", "tool", "campaign", "intrusion-set")
    }
    natures = {item.id: item.description.strip().lower() for item in objects if item.id in names}
    targets: dict[str, list[str]] = {}
    nature_of: dict[str, str] = {}
    for item in objects:
        if item.type == "relationship" and item.target_ref in names:
            targets.setdefault(item.source_ref, []).append(names[item.target_ref])
            if natures[item.target_ref] in ("stalkerware", "watchware"):
                nature_of[item.source_ref] = natures[item.target_ref]
    entries: list[Entry] = []
    newest = ""
    for item in objects:
        if item.type != "indicator" or item.revoked:
            continue
        newest = max(newest, (item.modified or item.created)[:10])
        comparisons = read_pattern(item.pattern)
        if comparisons is None:
            unread += 1
            continue
        about = ", ".join(sorted(set(targets.get(item.id, ())))) or item.name
        nature = nature_of.get(item.id, "")
        entries.extend(Entry(kind, value, about, "", nature) for kind, value in comparisons)
    return Published(entries, newest, unread)


def patterns(data: bytes) -> Iterator[str]:
    """The patterns of a bundle as published, for tests and counts."""
    for item in read_objects(data)[0]:
        if item.type == "indicator":
            yield item.pattern
