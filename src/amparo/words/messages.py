"""Messages as they were found: in a chat export, a mailbox, or pasted text.

Everything is kept as it was written: the sender's name, the text, the time before anyone read it. What could not be
understood is a `Gap`, never dropped.
"""

from enum import StrEnum

import msgspec

from amparo.words.times import Moment


class Kind(StrEnum):
    """What sort of line it is."""

    MESSAGE = "message"
    SYSTEM = "system"  # the program's own words: somebody joined, a call, a changed number
    DELETED = "deleted"  # something stood here and was deleted
    EDITED = "edited"  # the text is the last one; what stood here before is not in the export


class Attachment(msgspec.Struct, frozen=True):
    """A file sent with a message. `there`: its bytes are in the same export. `size` in bytes, where it is told."""

    name: str = ""
    media_type: str = ""
    size: int | None = None
    there: bool = False


class Origin(msgspec.Struct, frozen=True):
    """Where it stands: the file (inside the evidence), and the line, row or message of it, counted from 1.

    `inside` is set where a message lies in another one: "2" is the second message attached to that one.
    """

    file: str
    place: int
    unit: str = "line"  # line, row, message
    inside: str = ""


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message.

    `when` is None where no time was understood; `written` is the time as it stands there. `otherwise` is the other
    time that it can mean, where day and month can be read both ways. `key` is what makes it the same message in two
    exports of one kind (a Message-ID, or sender, time and text); "" where nothing does. `sure`: the key was given by
    the program that sent it, so that twice means the same message and not somebody who said a thing twice.
    """

    origin: Origin
    sender: str = ""
    text: str = ""
    when: Moment | None = None
    written: str = ""
    otherwise: Moment | None = None
    kind: Kind = Kind.MESSAGE
    attachments: tuple[Attachment, ...] = ()
    subject: str = ""
    to: str = ""
    chat: str = ""  # which conversation, where an export holds several
    key: str = ""
    sure: bool = False


class Gap(msgspec.Struct, frozen=True):
    """Something that was not understood, left out, or must be known before relying on this. `code` is one of GAPS.

    `count` is how often; `origin` the first place; `text` its beginning.
    """

    code: str
    count: int = 1
    origin: Origin | None = None
    text: str = ""


GAPS: dict[str, str] = {
    "line-before-first": "Lines before the first message belong to nobody",
    "time-not-understood": "Times that were not understood; they are shown as they are written",
    "calendar-not-known": "Dates of a calendar that is not read here; they are shown as they are written",
    "looks-like-a-start": "Lines inside messages that look like the start of another message, in another form",
    "out-of-order": "Messages that stand more than a day before the one above them",
    "long-line": "Lines that were longer than is read; the rest of them is left out",
    "long-text": "Texts that were cut because they are very long",
    "not-decoded": "Signs that could not be decoded",
    "entry-not-understood": "Entries that were not understood",
    "kind-not-known": "Messages of a kind that is not read here; they are named and stand in their place",
    "mail-not-understood": "Mails that could not be taken apart; their beginning is shown",
    "mail-cut": "Mails that were too large to be read whole; the rest of them is left out",
    "header-not-understood": "Header lines that were not understood",
    "only-html": "Mails without plain text; their web page was turned into text",
    "deep": "Messages inside messages, deeper than is read",
    "member-refused": "Files of the archive that were refused",
    "member-not-read": "Files of the archive that were not read, because there are very many",
    "too-large": "The archive unpacks to far more than its size justifies; reading stopped",
    "cut-short": "The file ends in the middle of an entry",
    "more-messages": "Messages beyond the number that is kept; they are counted, not shown",
    "more-gaps": "Other things that were not understood",
    "twice": "Messages that stand in the file twice; each is shown once",
    "signal-leaves-out": "Signal itself leaves disappearing messages and pictures to be viewed once out of its export",
    "undated": "Mails without a date",
}
"""What each code of a gap says, as English message ids."""


class Summary(msgspec.Struct, frozen=True):
    """What a file held. `messages` counts all, `kept` those that can be shown.

    `orders`: how dates can be read, the first is used; `decided` by what: "number", "form", "order", "given", "open",
    "none", or "" where the form leaves no doubt. `zone`: "told", "unknown", or "" where there are no times.
    """

    form: str
    messages: int = 0
    kept: int = 0
    people: int = 0
    first: Moment | None = None
    last: Moment | None = None
    orders: tuple[str, ...] = ()
    decided: str = ""
    zone: str = ""
    chats: tuple[str, ...] = ()
    attachments: int = 0
    there: int = 0
    gaps: tuple[Gap, ...] = ()
