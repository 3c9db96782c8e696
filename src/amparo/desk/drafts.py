"""Drafts: a report before it is sent, kept only inside the sealed session."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib.sessions.backends.base import SessionBase

from amparo import seal
from amparo.desk.payloads import Exclusion

KEY = "draft"
RECEIPT = "receipt"
FILER = "filer"  # the words of who filed for somebody else: they only add


class DraftFile(msgspec.Struct, frozen=True):
    """A sealed file of the draft, as the reporter sees it. `size` is of the plaintext, in bytes."""

    id: UUID
    name: str
    size: int
    type: str


class Draft(msgspec.Struct, kw_only=True):
    """A case that exists only in its reporter's session. `files` and `receipt` are filled in when read."""

    case: UUID
    reporter_keys: seal.ReporterKeys | None  # None once the receipt was confirmed
    channel_keys: seal.ChannelKeys | None
    answers: dict[str, list[str]] = {}
    files: list[DraftFile] = []
    consents: list[str] = []
    excluded: Exclusion = Exclusion()
    see_again: bool = False
    language: str = "en"
    receipt: tuple[str, ...] | None = None
    sent: bool = False
    confirmed: bool = False

    def __repr__(self) -> str:
        return f"<Draft: {len(self.answers)} answers, {len(self.files)} files, sent={self.sent}>"


def stored_draft(session: SessionBase) -> Draft | None:
    """The session's draft as stored: with the receipt, without its files (those are rows)."""
    raw: Any = session.get(KEY)
    if raw is None:
        return None
    draft = msgspec.convert(raw, Draft)
    words = session.get(RECEIPT)
    draft.receipt = tuple(words) if words and not draft.confirmed else None
    return draft


def store(session: SessionBase, draft: Draft) -> None:
    """Keep the draft in the session; files and receipt have places of their own."""
    raw = msgspec.to_builtins(draft)
    raw["files"], raw["receipt"] = [], None
    session[KEY] = raw
