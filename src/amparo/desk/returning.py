"""The reporter comes back with the receipt."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.contrib.sessions.backends.base import SessionBase

from amparo import seal


class Access(msgspec.Struct, frozen=True):
    """What a right receipt opens: the case and the reporter's own keys. Lives only in the sealed session."""

    case: UUID
    keys: seal.ReporterKeys


class Line(msgspec.Struct, frozen=True):
    """One line of the dialogue. `proven` False: the origin is not proven, and the page must say so."""

    id: UUID
    who: str  # "desk" or "you"
    text: str
    at: dt.datetime
    proven: bool
    kind: str = "message"  # message, result (a confirmed finding)
    does_not_say: str = ""


class Status(msgspec.Struct, frozen=True):
    """What the reporter may know of the case's frame."""

    state: str  # received, with-us, waiting-for-you, closed, withdrawn
    language: str
    withdrawn_until: dt.datetime | None
    retention_on: dt.date
    see_again: bool
    minor: bool


def open_receipt(text: str) -> Access:
    """The access behind a receipt, however it was typed.

    Raises seal.WrongReceipt (with `.unknown`: words that are in no list) at the cost of a right one; wrong,
    withdrawn and expired receipts are told alike.
    """
    raise NotImplementedError


def keep_access(session: SessionBase, access: Access) -> None:
    """Keep it in a session of its own (the cookie changes)."""
    raise NotImplementedError


def access_of(session: SessionBase) -> Access | None:
    """The session's access, while its case can still be opened."""
    raise NotImplementedError


def leave(session: SessionBase) -> None:
    """End the session; its row is deleted."""
    raise NotImplementedError


def status(access: Access) -> Status:
    """The frame of the case."""
    raise NotImplementedError


def dialogue(access: Access) -> tuple[Line, ...]:
    """Everything said on the dialogue channel, oldest first."""
    raise NotImplementedError


def say(access: Access, text: str) -> UUID:
    """Write to the desk."""
    raise NotImplementedError


def change_words(access: Access, language: str) -> tuple[str, ...]:
    """A new receipt; the old one opens nothing from now on."""
    raise NotImplementedError


def withdraw(access: Access) -> dt.datetime:
    """Take the report back; it is destroyed at the moment returned (24 hours), and the handlers are told."""
    raise NotImplementedError


def undo_withdrawal(access: Access) -> None:
    """Let the report stand after all, within the 24 hours."""
    raise NotImplementedError


def consents(access: Access) -> tuple[str, ...]:
    """The purposes that stand now."""
    raise NotImplementedError


def set_consents(access: Access, codes: Iterable[str]) -> tuple[str, ...]:
    """Replace the consents; what really stands is returned."""
    raise NotImplementedError


def earlier(access: Access) -> dict[str, list[str]] | None:
    """What was reported, only when that was chosen at filing."""
    raise NotImplementedError
