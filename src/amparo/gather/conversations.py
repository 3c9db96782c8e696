"""A conversation out of a file: the right reader for what it holds, counted, limited, each message once.

Use: `reading = gather.read(stream, "chat.zip")`, iterate for the messages, then `reading.summary()`. What the file does
is told in the summary's gaps; the only error is limits.NotGathered, for a file that holds no messages at all.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

import msgspec

from amparo.gather import archives, limits, mail, signal_exports, sms_backups, whatsapp
from amparo.gather.limits import NotGathered
from amparo.gather.recognising import FORMS, ZIP, recognise
from amparo.words import times
from amparo.words.messages import Gap, Kind, Message, Summary

_READERS: dict[str, Callable[..., Iterator[Message | Gap]]] = {
    "signal": signal_exports.desktop, "signal-export": signal_exports.tool_json,
    "signal-markdown": signal_exports.tool_markdown, "sms": sms_backups.read,
    "mailbox": mail.mailbox, "mail": mail.single,
}
_TEXTS = ("", "txt", "json", "jsonl", "md", "xml", "eml", "mbox", "mbx", "msf", "mail")
_MOST_PEOPLE = 20_000
_CHATS = 50


class _Lent(io.RawIOBase):
    """Somebody else's stream, from its beginning; closing leaves it open."""

    def __init__(self, stream: BinaryIO) -> None:
        stream.seek(0)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class Reading(Iterator[Message]):
    """Iterate for the messages that are kept; `summary()` afterwards, or at any time for what was seen so far."""

    def __init__(self, form: str, found: Iterator[Message | Gap | whatsapp.Dates]) -> None:
        self.form = form
        self._found, self._gaps = found, dict[str, Gap]()
        self._total = self._kept = self._signs = self._attachments = self._there = 0
        self._people: set[str] = set()
        self._chats: dict[str, None] = {}
        self._first: times.Moment | None = None
        self._last: times.Moment | None = None
        self._zones: set[str] = set()
        self._keys: set[int] = set()
        self._dates = whatsapp.Dates((), "")

    def __iter__(self) -> "Reading":
        return self

    def __next__(self) -> Message:
        while True:
            try:
                found = next(self._found)
            except archives.TooLarge:
                self._gap(Gap("too-large"))
                raise StopIteration from None
            except NotGathered:
                self._gap(Gap("cut-short"))
                raise StopIteration from None
            if isinstance(found, whatsapp.Dates):
                self._dates = found
            elif isinstance(found, Gap):
                self._total += found.count if found.code == "more-messages" else 0
                self._gap(found)
            elif self._new(found):
                self._total += 1
                if self._kept >= limits.MESSAGES or self._signs > limits.CHARACTERS:
                    self._gap(Gap("more-messages", 1, found.origin))
                    continue
                self._keep(found)
                return found

    def _new(self, found: Message) -> bool:
        if not found.sure:
            return True  # somebody may say a thing twice
        key = hash(found.key)
        if key in self._keys:
            self._gap(Gap("twice", 1, found.origin, found.subject[:120] or found.text[:120]))
            return False
        if len(self._keys) < 2 * limits.MESSAGES:
            self._keys.add(key)
        return True

    def _keep(self, found: Message) -> None:
        self._kept += 1
        self._signs += len(found.text) + len(found.sender) + len(found.subject) + len(found.to) + 100
        self._attachments += len(found.attachments)
        self._there += sum(one.there for one in found.attachments)
        if found.sender and found.kind is not Kind.SYSTEM and len(self._people) < _MOST_PEOPLE:
            self._people.add(found.sender)
        if found.chat and len(self._chats) < _CHATS:
            self._chats[found.chat] = None
        if found.when is not None:
            self._zones.add(found.when.zone)
            first, last = self._first, self._last
            self._first = found.when if first is None or found.when.at < first.at else first
            self._last = found.when if last is None or found.when.at > last.at else last

    def _gap(self, gap: Gap) -> None:
        known = self._gaps.get(gap.code)
        if known is not None:
            gap = msgspec.structs.replace(known, count=known.count + gap.count)
        self._gaps[gap.code] = gap

    def summary(self) -> Summary:
        """Counts, people, the time it covers, how dates were read, and every gap."""
        unknown = times.UNKNOWN_ZONE in self._zones
        return Summary(
            form=self.form, messages=self._total, kept=self._kept, people=len(self._people), first=self._first,
            last=self._last, orders=self._dates.orders, decided=self._dates.decided,
            zone="unknown" if unknown else "told" if self._zones else "", chats=tuple(self._chats),
            attachments=self._attachments, there=self._there, gaps=tuple(self._gaps.values()),
        )


def read(stream: BinaryIO, name: str, *, order: str = "", zone: str = "") -> Reading:
    """The messages of a seekable file. `order` ("dmy", "mdy", "ymd") and `zone` are a person's choice.

    Errors: NotGathered where no reader knows the file.
    """
    stream.seek(0)
    form = recognise(name, stream.read(1 << 16))
    if form == ZIP:
        archive = archives.Archive(stream, name)
        parts = _parts(archive)
        if not parts:
            raise NotGathered("No chat and no mail was found in this archive.")
        return Reading(next(iter(parts.values())), _all(archive, parts, order, zone))
    if form not in FORMS:
        raise NotGathered("No chat and no mail was found in this file.")
    return Reading(form, _run(form, lambda: io.BufferedReader(_Lent(stream), 1 << 16), name, frozenset(), order, zone))


def _run(form: str, opener: Callable[[], BinaryIO], file: str, there: frozenset[str], order: str, zone: str,
         ) -> Iterator[Message | Gap | whatsapp.Dates]:
    file = file[: limits.NAME]
    if form == "whatsapp":
        there = frozenset(name.rpartition("/")[2] for name in there)
        return whatsapp.read(opener, file, there=there, order=order, zone=zone)
    return _READERS[form](opener, file, there=there, zone=zone)


def _parts(archive: archives.Archive) -> dict[str, str]:
    """Members that hold messages, with their forms. Of a chat that is there as JSON and as Markdown the JSON counts."""
    found: dict[str, str] = {}
    looked = 0
    for name in archive.members:
        ending = name.rpartition("/")[2].rpartition(".")[2].lower() if "." in name.rpartition("/")[2] else ""
        if ending not in _TEXTS:
            continue
        looked += 1
        if looked > limits.MEMBERS:
            continue
        form = recognise(name, archive.head(name))
        if form in FORMS:
            found[name] = form
    if looked > limits.MEMBERS:
        archive.gaps.append(Gap("member-not-read", looked - limits.MEMBERS))
    folders = {name.rpartition("/")[0] for name, form in found.items() if form == "signal-export"}
    return {name: form for name, form in found.items()
            if form != "signal-markdown" or name.rpartition("/")[0] not in folders}


def _all(archive: archives.Archive, parts: dict[str, str], order: str, zone: str,
         ) -> Iterator[Message | Gap | whatsapp.Dates]:
    yield from archive.gaps
    there = frozenset(archive.members)
    for name, form in parts.items():
        try:
            yield from _run(form, _opener(archive, name), name, there, order, zone)
        except archives.CutShort:
            yield Gap("cut-short", 1, None, name[:120])


def _opener(archive: archives.Archive, name: str) -> Callable[[], BinaryIO]:
    return lambda: archive.open(name)


def merge(first: Iterable[Message], second: Iterable[Message]) -> tuple[list[Message], int]:
    """(two exports of one conversation as one, each message once; how many stood in both).

    A message with a key of its own program is once. Another may have been said twice: it is there as often as in the
    export that has it more often. In order of time; where times are equal or unknown, in the order of the exports.
    """
    merged = list(first)
    there = Counter(one.key for one in merged)
    both = 0
    for one in second:
        if one.key and there[one.key] > 0:
            both += 1
            there[one.key] -= not one.sure
        else:
            merged.append(one)
    return times.timeline(merged, lambda one: one.when), both
