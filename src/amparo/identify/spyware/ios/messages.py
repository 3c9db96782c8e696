"""What arrived by message: SMS and iMessage, WhatsApp, invitations in the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any

from amparo.identify.databases import Database
from amparo.identify.hosts import normal_host
from amparo.identify.moments import apple
from amparo.identify.spyware.messages import Candidate, candidates
from amparo.identify.spyware.scan import Result, Scan, Tally
from amparo.words.times import Moment

_APPLE_SAYS = ("ALERT: State-sponsored attackers may", "ALERT: Apple detected a targeted")
_WHATSAPP_OWN = {"mmg.whatsapp.net", "mmg-fna.whatsapp.net"}


def _shorteners() -> frozenset[str]:
    """Services that shorten links; data with its source in the file."""
    text = (resources.files("amparo.identify.spyware") / "shorteners.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


# Read when the module is loaded: an exam behind walls opens no file but the evidence.
SHORTENERS = _shorteners()


class Shortened:
    """Counts links whose destination is hidden; one remark for a whole database, so that it does not drown the rest."""

    def __init__(self) -> None:
        self._services: dict[str, int] = {}
        self._first: tuple[str, Any, Moment | None] | None = None

    def look(self, found: list[Candidate], row: Any, when: Any) -> None:
        """Note each shortened link among the candidates of a text."""
        for candidate in found:
            if candidate.kind != "email" and (host := normal_host(candidate.authority)) in SHORTENERS:
                if "/" not in candidate.text.removeprefix("https://").removeprefix("http://"):
                    continue
                self._services[host] = self._services.get(host, 0) + 1
                self._first = self._first or (candidate.text, row, apple(when))

    def found(self, scan: Scan, artefact: str) -> Iterator[Result]:
        """The one remark, when there was any."""
        if self._first is None:
            return
        seen, row, when = self._first
        services = ", ".join(sorted(self._services))
        count = sum(self._services.values())
        yield scan.odd("hidden-destination", seen, artefact, row, when, count=count, services=services)


def sms(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Messages (with or without a handle), their senders, and attachments."""
    database.require("message", "text", "date")
    body = database.column_or_null("message", "attributedBody")
    mine = database.column_or_null("message", "is_from_me")
    hidden = Shortened()
    # The archived body is read only where the text is missing: it is many times larger.
    query = (
        f"SELECT ROWID, text, date, {mine}, CASE WHEN text IS NULL OR text = '' THEN {body} END FROM message"  # noqa: S608
    )
    for row, text, date, from_me, archived in database.rows(query):
        tally.row(date)
        if type(text) is not str or not text:
            text = attributed(archived) if type(archived) is bytes else ""
        if not text:
            continue
        if text.startswith("ALERT") and text.startswith(_APPLE_SAYS) and from_me != 1:
            yield scan.odd("apple-threat-notification", text[:80], artefact, f"message {row}", apple(date))
        if found := candidates(text):
            yield from scan.links(found, artefact, f"message {row}", apple(date))
            hidden.look(found, f"message {row}", date)
    yield from hidden.found(scan, artefact)
    if database.has("handle", "id"):
        for row, address in database.rows("SELECT ROWID, id FROM handle"):
            if type(address) is str and (hits := scan.match.email(address)):
                yield from scan.known("mailbox-seen", hits, address, artefact, f"handle {row}")


def attachments(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Files that came with messages."""
    database.require("attachment", "filename")
    outgoing = database.column_or_null("attachment", "is_outgoing")
    created = database.column_or_null("attachment", "created_date")
    name = database.column_or_null("attachment", "transfer_name")
    query = f"SELECT ROWID, filename, {outgoing}, {created}, {name} FROM attachment"  # noqa: S608
    for row, path, sent, date, given in database.rows(query):
        tally.row(date)
        place = f"attachment {row}"
        path = path if type(path) is str else ""
        if not sent and path.startswith(("/var/tmp/", "/private/var/tmp/")) and path.endswith("-1"):  # noqa: S108
            yield scan.odd("attachment-in-temporary-folder", path, artefact, place, apple(date))
        hits = scan.match.path(path) if path else ()
        if hits:
            yield from scan.known("path-found", hits, path, artefact, place, apple(date))
            continue
        for value in (path, given):
            if type(value) is str and value and (hits := scan.match.filename(value)):
                yield from scan.known("file-name-found", hits, value, artefact, place, apple(date))
                break


def attributed(blob: bytes) -> str:
    """The text of an archived NSAttributedString (typedstream), best effort; "" when it is not understood.

    After the class name NSString come a few bytes and "+", then the length (one byte; 0x81 two bytes, 0x82 four bytes,
    little-endian) and the text in UTF-8.
    """
    start = blob.find(b"NSString")
    if start < 0:
        return ""
    plus = blob.find(b"+", start, start + 32)
    if plus < 0:
        return ""
    at = plus + 1
    mark = blob[at : at + 1]
    if mark == b"\x81":
        length, at = int.from_bytes(blob[at + 1 : at + 3], "little"), at + 3
    elif mark == b"\x82":
        length, at = int.from_bytes(blob[at + 1 : at + 5], "little"), at + 5
    else:
        length, at = int.from_bytes(mark, "little"), at + 1
    return blob[at : at + length].decode("utf-8", "replace")


def whatsapp(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """WhatsApp: texts, addresses of media, and previews of links."""
    database.require("ZWAMESSAGE", "Z_PK", "ZTEXT", "ZMESSAGEDATE")
    hidden = Shortened()
    for row, text, date in database.rows("SELECT Z_PK, ZTEXT, ZMESSAGEDATE FROM ZWAMESSAGE"):
        tally.row(date)
        if type(text) is str and (found := candidates(text)):
            yield from scan.links(found, artefact, f"ZWAMESSAGE {row}", apple(date))
            hidden.look(found, f"ZWAMESSAGE {row}", date)
    yield from hidden.found(scan, artefact)
    if database.has("ZWAMEDIAITEM", "ZMEDIAURL"):
        for row, url in database.rows("SELECT Z_PK, ZMEDIAURL FROM ZWAMEDIAITEM WHERE ZMEDIAURL IS NOT NULL"):
            tally.row()
            own = type(url) is not str or any(f"//{host}/" in url for host in _WHATSAPP_OWN)
            if not own and (hits := scan.match.url(url)):
                yield from scan.known("link-received", hits, url, artefact, f"ZWAMEDIAITEM {row}")
    columns = [
        name
        for name in ("ZCONTENT1", "ZCONTENT2", "ZMATCHEDTEXT", "ZSUMMARY", "ZTITLE")
        if database.has("ZWAMESSAGEDATAITEM", name)
    ]
    if columns:
        query = f"SELECT Z_PK, {', '.join(columns)} FROM ZWAMESSAGEDATAITEM"  # noqa: S608
        for row, *texts in database.rows(query):
            tally.row()
            for text in {text for text in texts if type(text) is str}:
                yield from scan.texts(text, artefact, f"ZWAMESSAGEDATAITEM {row}", None)


def calendar(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Entries, those who organised them, and those who were invited."""
    database.require("CalendarItem", "summary", "description")
    start = database.column_or_null("CalendarItem", "start_date")
    url = database.column_or_null("CalendarItem", "url")
    organizer = database.column_or_null("CalendarItem", "organizer_id")
    query = f"SELECT ROWID, summary, description, {url}, {start}, {organizer} FROM CalendarItem"  # noqa: S608
    dates: dict[Any, tuple[Any, Any]] = {}
    for row, summary, description, link, date, by in database.rows(query):
        tally.row(date)
        dates[by] = row, date
        place = f"CalendarItem {row}"
        if summary == "Meeting" and description == "Notes":
            yield scan.odd("calendar-invitation-quadream", "Meeting / Notes", artefact, place, apple(date))
        for text in (summary, description, link):
            if type(text) is str and "." in text:
                yield from scan.texts(text, artefact, place, apple(date))
    if database.has("Participant", "email"):
        for row, address in database.rows("SELECT ROWID, email FROM Participant WHERE email IS NOT NULL"):
            if type(address) is str and (hits := scan.match.email(address.removeprefix("mailto:"))):
                item, date = dates.get(row, (None, None))
                place = f"CalendarItem {item}" if item is not None else f"Participant {row}"
                yield from scan.known("mailbox-seen", hits, address, artefact, place, apple(date))
