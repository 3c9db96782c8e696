"""Mail: one message (eml) or a mailbox (mbox) of any size, read as a stream.

Sources: RFC 5322 (messages), 2045-2049 and 2231 (MIME), 2047 (words in headers), 4155 (mbox); for the family of mbox
(mboxo, mboxrd, mboxcl, mboxcl2) Jonathan de Boyne Pollard's and Rahul Dhesi's descriptions as summed up in RFC 4155:
a line "From " that follows an empty line begins a message; ">From " in a body was quoted by the writer. mboxcl says
the length in Content-Length; it is believed only where a new message, or the end, really stands after that many bytes,
so that neither a "From " in a body nor a forged length can cut a message.
"""

import datetime as dt
import email.utils
import re
from collections.abc import Callable, Iterator
from email import policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message as Parsed
from email.parser import BytesParser
from typing import BinaryIO, NamedTuple

from amparo.gather import limits
from amparo.gather.pages import plain_text
from amparo.words.messages import Attachment, Gap, Message, Origin
from amparo.words.times import UNKNOWN_ZONE, Moment, Precision

_FIELDS = (b"\nfrom:", b"\nreceived:", b"\nsubject:", b"\nmessage-id:", b"\nreturn-path:", b"\ndate:", b"\nto:")
_FIELD = re.compile(rb"\A(?:>?From |[A-Za-z][A-Za-z0-9-]{1,60}:)")
_FROM = re.compile(rb"From \S{1,300}[ \t]{1,4}.{0,20}\d\d:\d\d")  # a sender and a time: not a sentence
_QUOTE = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADERS_END = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})\r?$", re.IGNORECASE | re.MULTILINE)
_BLOCK = 1 << 20
_LONGEST = 400  # bytes of a separator line
_HEADERS = 1 << 18  # bytes in which the headers of a mail must end
_PARSE_ERRORS = (MessageError, HeaderParseError, ValueError, LookupError, TypeError, AttributeError, RecursionError,
                 AssertionError, IndexError)


def is_mail(head: bytes) -> bool:
    """Whether this begins like one mail."""
    folded = b"\n" + head[:65536].replace(b"\r\n", b"\n").lower()
    top = folded.partition(b"\n\n")[0]
    return bool(_FIELD.match(head)) and sum(field in top for field in _FIELDS) >= 2


def is_mailbox(head: bytes) -> bool:
    """Whether this begins like a mailbox: a separator line, then a mail."""
    line, _, rest = head.partition(b"\n")
    return bool(_FROM.match(line)) and is_mail(rest)


class _Raw(NamedTuple):
    """One mail of a mailbox: the beginning of its bytes, its number, whether there was more."""

    data: bytes
    number: int
    cut: bool


class _Box:
    """Finds where mails begin, over a window that moves; holds one mail's beginning at most."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.window, self.at, self.over = stream, b"", 0, False
        self.before = b"\n\n"  # the last two bytes before `at`

    def fill(self, wanted: int) -> None:
        """At least `wanted` bytes from `at` on, unless the file ends."""
        have = len(self.window) - self.at
        if have >= wanted or self.over:
            return
        parts = [self.window[self.at :]]
        while have < wanted and not self.over:
            fresh = self.stream.read(_BLOCK)
            self.over = not fresh
            parts.append(fresh)
            have += len(fresh)
        self.window, self.at = b"".join(parts), 0

    def take(self, end: int) -> bytes:
        """The bytes up to `end`, which are passed."""
        taken = self.window[self.at : end]
        self.before = (self.before + taken[-2:])[-2:]
        self.at = end
        return taken

    def mails(self, keep: int) -> Iterator[_Raw]:
        """Every mail without its separator line; of those after the first `keep` only the number."""
        number = 0
        self.fill(_BLOCK + 2 * _LONGEST)
        while self.at < len(self.window):
            number += 1
            line = self.window.find(b"\n", self.at)
            self.take(line + 1 if line >= 0 else len(self.window))
            kept, cut, size = [], False, 0
            for piece in self._until_next(self._by_length()):
                room = limits.MAIL - size if number <= keep else 0
                cut = cut or len(piece) > room
                if room > 0:
                    kept.append(piece[:room])
                    size += len(kept[-1])
            yield _Raw(b"".join(kept), number, cut)
            self.fill(_BLOCK + 2 * _LONGEST)

    def _by_length(self) -> int | None:
        """Bytes of this mail by its own Content-Length, if a mail or the end stands right after them."""
        self.fill(_HEADERS)
        end = _HEADERS_END.search(self.window, self.at, self.at + _HEADERS)
        found = _LENGTH.search(self.window, self.at, end.end()) if end else None
        if end is None or found is None:
            return None
        size = end.end() - self.at + int(found[1])
        if size > limits.MAIL:
            return None
        self.fill(size + _LONGEST)
        if len(self.window) - self.at < size:
            return None
        after = self.window[self.at + size : self.at + size + _LONGEST].lstrip(b"\r\n")
        return size if not after or _FROM.match(after) else None

    def _until_next(self, size: int | None) -> Iterator[bytes]:
        if size is not None:
            yield self.take(min(self.at + size, len(self.window)))
            while self.window[self.at : self.at + 1] in (b"\r", b"\n"):
                self.take(self.at + 1)
            return
        while True:
            self.fill(_BLOCK + 2 * _LONGEST)
            found = self._next()
            if found is not None:
                yield self.take(found)
                return
            # what may be the beginning of a separator stays; the file's end has none
            yield self.take(max(self.at, len(self.window) - (0 if self.over else _LONGEST)))
            if self.over:
                return

    def _next(self) -> int | None:
        """Where the next mail begins: "From ", a sender and a time, after an empty line."""
        at = self.at
        while (at := self.window.find(b"From ", at)) >= 0:
            above = self.window[max(self.at, at - 3) : at]
            above = (self.before + above)[-3:] if len(above) < 3 else above
            if above.endswith((b"\n\n", b"\n\r\n")) and _FROM.match(self.window, at):
                return at
            at += 5
        return None


def mailbox(
    opener: Callable[[], BinaryIO], file: str, *, there: frozenset[str] = frozenset(), zone: str = "",
    keep: int = limits.MESSAGES,
) -> Iterator[Message | Gap]:
    """Every mail of an mbox, in its order; after the first `keep` they are only counted."""
    with opener() as stream:
        for raw in _Box(stream).mails(keep):
            place = Origin(file, raw.number, "message")
            if raw.number > keep:
                yield Gap("more-messages", 1, place)
                continue
            if raw.cut:
                yield Gap("mail-cut", 1, place)
            yield from _mail(_QUOTE.sub(rb"\1", raw.data) if b">From " in raw.data else raw.data, place)


def single(
    opener: Callable[[], BinaryIO], file: str, *, there: frozenset[str] = frozenset(), zone: str = "",
) -> Iterator[Message | Gap]:
    """One mail."""
    place = Origin(file, 1, "message")
    with opener() as stream:
        raw = stream.read(limits.MAIL)
        if stream.read(1):
            yield Gap("mail-cut", 1, place)
    yield from _mail(raw, place)


def _mail(raw: bytes, place: Origin) -> Iterator[Message | Gap]:
    try:
        parsed = BytesParser(policy=policy.compat32).parsebytes(raw)
        yield from list(_parsed(parsed, place, 0))
    except _PARSE_ERRORS:
        yield Gap("mail-not-understood", 1, place)
        yield Message(origin=place, text=raw[: limits.TEXT].decode("utf-8", "replace"))


def _parsed(mail: Parsed, place: Origin, depth: int) -> Iterator[Message | Gap]:
    plain, html, attached, inner, broken = _parts(mail)
    text = "\n".join(plain)
    if not text.strip() and html:
        text = plain_text("\n".join(html))
        yield Gap("only-html", 1, place)
    if broken:
        yield Gap("not-decoded", broken, place)
    if len(text) > limits.TEXT:
        yield Gap("long-text", 1, place)
    date = _header(mail, "Date")
    when = _when(date)
    if when is None:
        yield Gap("time-not-understood" if date else "undated", 1, place, date[:60])
    if mail.defects and any(type(one).__name__.startswith(("Missing", "FirstHeader")) for one in mail.defects):
        yield Gap("header-not-understood", 1, place)
    known = _header(mail, "Message-ID").strip()[:300]
    sender, subject = _header(mail, "From"), _header(mail, "Subject")
    yield Message(
        origin=place, sender=sender[: limits.NAME], text=text[: limits.TEXT].rstrip(), when=when, written=date[:60],
        attachments=tuple(attached), subject=subject[:1_000],
        to=", ".join(filter(None, (_header(mail, name) for name in ("To", "Cc"))))[:1_000],
        # the same id with another text is another mail: an id is a claim of whoever wrote it
        key="\0".join((known, sender, date, text[:2_000])), sure=bool(known),
    )
    if inner and depth >= limits.NESTED:
        yield Gap("deep", len(inner), place)
        return
    for number, one in enumerate(inner, 1):
        inside = f"{place.inside}.{number}" if place.inside else str(number)
        yield from _parsed(one, Origin(place.file, place.place, place.unit, inside), depth + 1)


def _parts(mail: Parsed) -> tuple[list[str], list[str], list[Attachment], list[Parsed], int]:
    """(plain texts, web pages, attachments, messages inside, parts whose signs were damaged)."""
    plain: list[str] = []
    html: list[str] = []
    attached: list[Attachment] = []
    inner: list[Parsed] = []
    broken = 0
    waiting: list[Parsed] = [mail]
    seen = 0
    while waiting and seen < 2_000:
        part = waiting.pop()
        seen += 1
        sort = part.get_content_type()
        content = part.get_payload()
        if sort == "message/rfc822" and isinstance(content, list):
            inner += [one for one in content if isinstance(one, Parsed)]
            attached.append(Attachment(_filename(part) or "message", sort))
        elif part.is_multipart() and isinstance(content, list):
            waiting += [one for one in reversed(content) if isinstance(one, Parsed)]
        elif sort in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
            text, damaged = _body(part)
            broken += damaged
            (plain if sort == "text/plain" else html).append(text)
        else:
            attached.append(Attachment(_filename(part)[: limits.NAME], sort[:100], _size(part), True))
    return plain, html, attached[: limits.ATTACHMENTS], inner[: limits.ATTACHMENTS], broken


def _body(part: Parsed) -> tuple[str, bool]:
    raw = part.get_payload(decode=True)
    raw = raw if isinstance(raw, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        if charset in ("idna", "punycode"):
            continue  # no mail is written in these, and their time grows with the square of the length
        try:
            return raw.decode(charset).replace("\r\n", "\n"), False
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("utf-8", "replace").replace("\r\n", "\n"), True


def _size(part: Parsed) -> int | None:
    raw = part.get_payload(decode=True)
    return len(raw) if isinstance(raw, bytes) else None


def _filename(part: Parsed) -> str:
    return _decoded(part.get_filename() or "")


def _header(mail: Parsed, name: str) -> str:
    for key, value in mail.raw_items():  # as they stand: the parser's own view replaces what is not ASCII
        if key.lower() == name.lower():
            return _decoded(str(value))
    return ""


def _decoded(value: str) -> str:
    """Words of RFC 2047 made readable; bytes that no header may hold read as UTF-8, else as they came."""
    value = " ".join(value[:8_000].split())
    if any("\udc80" <= sign <= "\udcff" for sign in value):
        value = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError, HeaderParseError, AssertionError):
        return value


def _when(date: str) -> Moment | None:
    """The time with the zone that the mail names; "-0000" means that it names none (RFC 5322, 3.3)."""
    try:
        at = email.utils.parsedate_to_datetime(date)
        if at.tzinfo is None:
            return Moment(at.replace(tzinfo=dt.UTC), Precision.SECOND, UNKNOWN_ZONE)
        minutes = int((at.utcoffset() or dt.timedelta()).total_seconds() // 60)
        if abs(minutes) >= 24 * 60:
            return None
        zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "UTC"
        return Moment(at, Precision.SECOND, zone)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
