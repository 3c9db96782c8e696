"""Signal: what its own programs and the tool people use write, as plain text.

Three forms, each established from its source:

- **main.jsonl**, Signal Desktop's plaintext export ("export chats", since 2025): one JSON object a line, the frames of
  Signal's backup format (signalapp/libsignal rust/message-backup/src/proto/backup.proto and src/json/exporter.rs;
  signalapp/Signal-Desktop ts/services/backups/index: a folder `signal-backup-…` with main.jsonl, metadata.json and
  files/). 64-bit numbers are strings. The exporter leaves out disappearing messages and pictures to be viewed once;
  that is always told. A sent file lies in files/ under SHA-256(plaintextHash ‖ localKey).
- **signal-export** (carderne/signal-export, sigexport/models.py and main.py): a folder for each chat with data.json
  (one JSON object a line) and chat.md. Its times are the clock of the computer that ran the tool, without a zone.
- **XML of Signal Android** ("plaintext backup" until 2021) and of SMS Backup & Restore: `sms_backups`.

Not read: the encrypted backup of Signal Android (no key comes with it), and the HTML page of signal-export.
"""

import base64
import binascii
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import msgspec

from amparo.gather import limits, lines
from amparo.words.messages import Attachment, Gap, Kind, Message, Origin
from amparo.words.times import UNKNOWN_ZONE, Moment, Precision, TimeUnclear, zone_of

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DELETED = "(This message was deleted)"
_MD_START = re.compile(r"\[(\d{4}-\d\d-\d\d)(?:,? )(\d\d:\d\d)(:\d\d)?\] ([^:\n]{1,200}): ?(.*)", re.DOTALL)
_MD_LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\(\.?/?([^()\n]{1,300})\)")
_MD_MISSING = re.compile(r"\((media|attachment) not exported\)")


def moment_of(milliseconds: Any) -> Moment | None:
    """A time in milliseconds since 1970, as a number or a string of one; None where it is none."""
    try:
        return Moment(_EPOCH + dt.timedelta(milliseconds=int(milliseconds)), Precision.SECOND, "UTC")
    except (ValueError, TypeError, OverflowError):
        return None


def _objects(stream: BinaryIO, file: str) -> Iterator[tuple[Origin, dict[str, Any]] | Gap]:
    decoder = msgspec.json.Decoder(dict[str, Any])
    for line in lines.read(stream, "utf-8-sig"):
        if not line.text.strip():
            continue
        place = Origin(file, line.number)
        if line.cut:
            yield Gap("long-line", 1, place, line.text[:120])
            continue
        try:
            yield place, decoder.decode(line.text.encode("utf-8", "surrogatepass"))
        except (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError):
            yield Gap("entry-not-understood", 1, place, line.text[:120])


def _in(value: Any, *path: str) -> Any:
    """What lies at a path of names, or None; whatever is there is not trusted to be an object."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _list(value: Any) -> list[Any]:
    return value[: limits.ATTACHMENTS] if isinstance(value, list) else []


# --- Signal Desktop's own export ---------------------------------------------------------------------------------

_TITLED = ("standardMessage", "contactMessage", "stickerMessage", "remoteDeletedMessage", "adminDeletedMessage",
           "updateMessage", "paymentNotification", "giftBadge", "viewOnceMessage", "directStoryReplyMessage", "poll")


class _Desktop:
    def __init__(self, file: str, there: frozenset[str]) -> None:
        self.file = file
        self.there = {name.rpartition("/")[2].partition(".")[0] for name in there}
        self.people: dict[str, str] = {}
        self.chats: dict[str, str] = {}
        self.me = ""

    def run(self, stream: BinaryIO) -> Iterator[Message | Gap]:
        yield Gap("signal-leaves-out")
        for found in _objects(stream, self.file):
            if isinstance(found, Gap):
                yield found
                continue
            place, row = found
            if isinstance(account := row.get("account"), dict):
                self.me = " ".join(filter(None, (_text(account.get("givenName")), _text(account.get("familyName")))))
            elif isinstance(person := row.get("recipient"), dict):
                if len(self.people) < limits.NAMES:
                    self.people[_text(person.get("id"))] = self._name(person)[: limits.NAME]
            elif isinstance(chat := row.get("chat"), dict):
                if len(self.chats) < limits.NAMES:
                    self.chats[_text(chat.get("id"))] = self.people.get(_text(chat.get("recipientId")), "")
            elif isinstance(item := row.get("chatItem"), dict):
                yield from self._item(place, item)

    def _name(self, person: dict[str, Any]) -> str:
        if "self" in person:
            return self.me or "self"
        if isinstance(contact := person.get("contact"), dict):
            nick = contact.get("nickname")
            pairs = ((_in(nick, "given"), _in(nick, "family")),
                     (contact.get("systemGivenName"), contact.get("systemFamilyName")),
                     (contact.get("profileGivenName"), contact.get("profileFamilyName")))
            for pair in pairs:
                if name := " ".join(filter(None, map(_text, pair))):
                    return name
            number = _text(contact.get("e164"))
            return _text(contact.get("username")) or ("+" + number.lstrip("+") if number else "")
        title = _in(person, "group", "snapshot", "title")
        return _text(_in(title, "title") or title) or ("Signal" if "releaseNotes" in person else "")

    def _item(self, place: Origin, item: dict[str, Any]) -> Iterator[Message | Gap]:
        sort = next((name for name in _TITLED if name in item), "")
        body = item.get(sort) if sort else None
        kind, text, attached = Kind.MESSAGE, "", ()  # type: tuple[Kind, str, tuple[Attachment, ...]]
        if sort == "standardMessage":
            text = _text(_in(body, "text", "body"))
            attached = tuple(self._file(one) for one in _list(_in(body, "attachments")))
            if quoted := _text(_in(body, "quote", "text", "body")):
                text = "> " + quoted[:500].replace("\n", "\n> ") + "\n" + text
        elif sort in ("remoteDeletedMessage", "adminDeletedMessage"):
            kind = Kind.DELETED
        elif sort == "updateMessage":
            kind, text = Kind.SYSTEM, self._update(body)
        elif sort == "stickerMessage":
            text = _text(_in(body, "sticker", "emoji"))
            attached = (Attachment("sticker"),)
        elif sort == "poll":
            options = [_text(_in(one, "option")) for one in _list(_in(body, "options"))]
            text = "\n- ".join([_text(_in(body, "question")), *options])
        elif sort == "directStoryReplyMessage":
            text = _text(_in(body, "textReply", "text", "body")) or _text(_in(body, "emoji"))
        elif sort == "viewOnceMessage":
            attached = (Attachment("view once"),)
        else:
            text = sort
            yield Gap("kind-not-known", 1, place, sort or ", ".join(list(item)[:6]))
        if _list(item.get("revisions")) and kind is Kind.MESSAGE:
            kind = Kind.EDITED
        when = moment_of(item.get("dateSent"))
        if when is None:
            yield Gap("time-not-understood", 1, place, _text(item.get("dateSent"))[:60])
        if len(text) > limits.TEXT:
            yield Gap("long-text", 1, place)
        author = _text(item.get("authorId"))
        chat = _text(item.get("chatId"))
        yield Message(
            origin=place, sender=self.people.get(author, author), text=text[: limits.TEXT], when=when,
            written=_text(item.get("dateSent"))[:60], kind=kind, attachments=attached,
            chat=self.chats.get(chat, chat),
            # Signal itself knows a message by its author and the millisecond of sending
            key="\0".join(("signal", chat, author, _text(item.get("dateSent")))), sure=when is not None,
        )

    def _update(self, body: Any) -> str:
        if not isinstance(body, dict) or not body:
            return ""
        name = next(iter(body))
        sort = _text(_in(body, name, "type") or _in(body, name, "state"))
        return f"{name}: {sort}" if sort else name

    def _file(self, one: Any) -> Attachment:
        pointer, info = _in(one, "pointer"), _in(one, "pointer", "locatorInfo")
        size = _in(info, "size")
        return Attachment(
            _text(_in(pointer, "fileName"))[: limits.NAME], _text(_in(pointer, "contentType"))[:100],
            size if isinstance(size, int) and size >= 0 else None, _stored(info) in self.there,
        )


def _stored(info: Any) -> str:
    try:
        parts = [base64.b64decode(_in(info, name) or "", validate=True) for name in ("plaintextHash", "localKey")]
    except (binascii.Error, TypeError, ValueError):
        return "?"
    return hashlib.sha256(b"".join(parts)).hexdigest() if all(parts) else "?"


def desktop(
    opener: Callable[[], BinaryIO], file: str, *, there: frozenset[str] = frozenset(), zone: str = "",
) -> Iterator[Message | Gap]:
    """Signal Desktop's main.jsonl. Times are UTC."""
    with opener() as stream:
        yield from _Desktop(file, there).run(stream)


# --- signal-export -------------------------------------------------------------------------------------------------

def _local(text: str, zone: str) -> Moment | None:
    try:
        at = dt.datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return Moment(at.astimezone(dt.UTC), Precision.SECOND, "UTC")
        return Moment(at.replace(tzinfo=zone_of(zone or UNKNOWN_ZONE)), Precision.SECOND, zone or UNKNOWN_ZONE)
    except (ValueError, TimeUnclear, OverflowError):
        return None


def tool_json(
    opener: Callable[[], BinaryIO], file: str, *, there: frozenset[str] = frozenset(), zone: str = "",
) -> Iterator[Message | Gap]:
    """A data.json of signal-export. The chat's name is the folder's."""
    chat = file.rpartition("/")[0].rpartition("/")[2]
    with opener() as stream:
        for found in _objects(stream, file):
            if isinstance(found, Gap):
                yield found
                continue
            place, row = found
            when = _local(_text(row.get("date")), zone)
            if when is None:
                yield Gap("time-not-understood", 1, place, _text(row.get("date"))[:60])
            text = _text(row.get("body")).removesuffix("  ")
            if quote := _text(row.get("quote")).strip():
                text = f"{quote}\n{text}"
            if len(text) > limits.TEXT:
                yield Gap("long-text", 1, place)
            attached = tuple(_exported(one, file, there) for one in _list(row.get("attachments")))
            kind = Kind.DELETED if row.get("deleted") else Kind.SYSTEM if row.get("call") else Kind.MESSAGE
            sender = _text(row.get("sender"))[: limits.NAME]
            written = _text(row.get("date"))[:60]
            yield Message(
                origin=place, sender=sender, text=text[: limits.TEXT], when=when, written=written, kind=kind,
                attachments=attached, chat=chat, key="\0".join((chat, sender, written, text)),
            )


def _exported(one: Any, file: str, there: frozenset[str]) -> Attachment:
    name = _text(_in(one, "name"))[: limits.NAME]
    path = _text(_in(one, "path")).replace("%20", " ")
    return Attachment(name, there=bool(path) and f"{file.rpartition('/')[0]}/{path}".lstrip("/") in there)


def tool_markdown(
    opener: Callable[[], BinaryIO], file: str, *, there: frozenset[str] = frozenset(), zone: str = "",
) -> Iterator[Message | Gap]:
    """A chat.md of signal-export: `[2024-03-02 18:04:05] Name: text`, continued until the next such line."""
    chat = file.rpartition("/")[0].rpartition("/")[2]
    begun: tuple[int, re.Match[str]] | None = None
    parts: list[str] = []
    length = 0
    with opener() as stream:
        for line in lines.read(stream, "utf-8-sig"):
            place = Origin(file, line.number)
            if line.cut:
                yield Gap("long-line", 1, place)
            if found := _MD_START.match(line.text):
                if begun is not None:
                    yield from _markdown(file, chat, begun, parts, there, zone)
                begun, parts, length = (line.number, found), [found[5]], len(found[5])
            elif begun is None:
                if line.text.strip():
                    yield Gap("line-before-first", 1, place, line.text[:120])
            elif length <= limits.TEXT:
                parts.append(line.text)
                length += len(line.text) + 1
    if begun is not None:
        yield from _markdown(file, chat, begun, parts, there, zone)


def _markdown(file: str, chat: str, begun: tuple[int, re.Match[str]], parts: list[str], there: frozenset[str],
              zone: str) -> Iterator[Message | Gap]:
    number, found = begun
    place = Origin(file, number)
    when = _local(f"{found[1]}T{found[2]}{found[3] or ''}", zone)
    if when is None:
        yield Gap("time-not-understood", 1, place, found[0][:60])
    elif not found[3]:
        when = msgspec.structs.replace(when, precision=Precision.MINUTE)
    text = "\n".join(part.removesuffix("  ") for part in parts)
    if len(text) > limits.TEXT:
        yield Gap("long-text", 1, place)
        text = text[: limits.TEXT]
    folder = file.rpartition("/")[0]
    attached = [
        Attachment(link[1][: limits.NAME], there=f"{folder}/{link[2].replace('%20', ' ')}".lstrip("/") in there)
        for link in _MD_LINK.finditer(text) if link[2].startswith(("media/", "../exported_stickers/"))
    ]
    attached += [Attachment() for _ in _MD_MISSING.finditer(text)]
    plain = _MD_MISSING.sub("", _MD_LINK.sub(lambda link: "" if link[2].startswith("media/") else link[0], text))
    deleted = plain.strip() == _DELETED
    sender = found[4]
    yield Message(
        origin=place, sender=sender, text=plain.strip("\n").rstrip(), when=when,
        written=f"{found[1]} {found[2]}{found[3] or ''}", kind=Kind.DELETED if deleted else Kind.MESSAGE,
        attachments=tuple(attached[: limits.ATTACHMENTS]), chat=chat,
        key="\0".join((chat, sender, f"{found[1]}T{found[2]}{found[3] or ''}", plain)),
    )
