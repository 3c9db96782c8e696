"""XML of SMS Backup & Restore, which Signal Android wrote as its plaintext backup.

`<smses count="…">` with `<sms address date type body contact_name …/>` and `<mms>` with parts. `date` is in
milliseconds since 1970 (UTC); `type` 1 was received, 2 was sent. Sources: Signal Android's own XmlBackup.java and
XmlBackupWriter.java (org.thoughtcrime.securesms.database), and the published form of SMS Backup & Restore.
Both write signs beyond the first plane as two surrogate references, which is not XML; they are put together first.
Entities that a file declares itself are refused.
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from amparo.gather import limits
from amparo.gather.signal_exports import moment_of
from amparo.words.messages import Attachment, Gap, Kind, Message, Origin

_PAIR = re.compile(rb"&#(55[2-9]\d\d|56[0-2]\d\d|563[01]\d);&#(5[67]\d{3});")
_LONE = re.compile(rb"&#(5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]);")
# a reference that may go on in the next block, and before it the first of two that are one sign
_OPEN_END = re.compile(rb"(?:&#(?:5529[6-9]|55[3-9]\d\d|56[0-2]\d\d|563[01]\d);)?(?:&(?:#\d{0,7})?)?\Z")
_BLOCK = 1 << 16
_STUCK = 8 << 20  # bytes in one tag: a picture inside an mms is larger, and is left to the file itself


def _mended(block: bytes) -> bytes:
    def pair(found: re.Match[bytes]) -> bytes:
        high, low = int(found[1]), int(found[2])
        if 0xD800 <= high < 0xDC00 <= low < 0xE000:
            return b"&#%d;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        return b"&#65533;"

    return _LONE.sub(b"&#65533;", _PAIR.sub(pair, block))


class _Stop(Exception):
    """Raised inside the parser, and caught here."""


class _Collector:
    def __init__(self, file: str) -> None:
        self.file, self.row = file, 0
        self.out: list[Message | Gap] = []
        self.mms: dict[str, str] | None = None
        self.parts: list[dict[str, str]] = []
        self.moved = 0

    def begin(self, name: str, given: dict[str, str]) -> None:
        self.moved = 0
        if name in ("sms", "mms"):
            self.row += 1
        if name == "sms":
            self.out += self._message(given, given.get("body", ""), ())
        elif name == "mms":
            self.mms, self.parts = given, []
        elif name == "part" and self.mms is not None and len(self.parts) < limits.ATTACHMENTS:
            self.parts.append({key: value[: limits.TEXT + 1] for key, value in given.items() if key != "data"}
                              | {"has": "1" if given.get("data") else ""})

    def end(self, name: str) -> None:
        if name != "mms" or self.mms is None:
            return
        texts, attached = [], []
        for part in self.parts:
            sort = part.get("ct", "")
            if sort == "text/plain":
                texts.append(_told(part.get("text")))
            elif sort != "application/smil":
                called = _told(part.get("name")) or _told(part.get("cl")) or _told(part.get("fn"))
                attached.append(Attachment(called[: limits.NAME], sort[:100], None, bool(part["has"])))
        self.out += self._message(self.mms, "\n".join(texts), tuple(attached))
        self.mms, self.parts = None, []

    def _message(self, given: dict[str, str], text: str, attached: tuple[Attachment, ...]) -> Iterator[Message | Gap]:
        place = Origin(self.file, self.row, "row")
        when = moment_of(given.get("date"))
        if when is None:
            yield Gap("time-not-understood", 1, place, given.get("date", "")[:60])
        if len(text) > limits.TEXT:
            yield Gap("long-text", 1, place)
        address = given.get("address", "")
        who = _told(given.get("contact_name")) or address
        sent = (given.get("type") or given.get("msg_box")) == "2"
        yield Message(
            origin=place, sender="Me" if sent else who[: limits.NAME], text=text[: limits.TEXT], when=when,
            written=given.get("readable_date", given.get("date", ""))[:60], kind=Kind.MESSAGE, attachments=attached,
            to=who[: limits.NAME] if sent else "", chat=who[: limits.NAME],
            key="\0".join((address, given.get("date", ""), "2" if sent else "1", text)),
        )


def _told(value: str | None) -> str:
    return "" if value in (None, "null", "(Unknown)") else str(value)


def read(
    opener: Callable[[], BinaryIO], file: str, *, there: frozenset[str] = frozenset(), zone: str = "",
) -> Iterator[Message | Gap]:
    """The messages of such a file, in its order."""
    parser = expat.ParserCreate(namespace_separator=None)
    parser.buffer_text = True
    collector = _Collector(file)
    parser.StartElementHandler, parser.EndElementHandler = collector.begin, collector.end

    def refuse(*_given: object) -> None:
        raise _Stop

    parser.EntityDeclHandler = refuse
    rest, over = b"", False
    with opener() as stream:
        while not over:
            fresh = stream.read(_BLOCK)
            over = not fresh
            block, rest = rest + fresh, b""
            if not over and (open_end := _OPEN_END.search(block, max(0, len(block) - 20))):
                block, rest = block[: open_end.start()], block[open_end.start() :]
            collector.moved += len(block)
            try:
                parser.Parse(_mended(block), over)
                ended = "long-line" if collector.moved > _STUCK else ""
            except (expat.ExpatError, _Stop, ValueError):
                ended = "cut-short"
            yield from collector.out
            collector.out = []
            if ended:
                yield Gap(ended, 1, Origin(file, collector.row, "row"))
                return
