"""Drafts: a report before it is sent, kept only inside the sealed session."""

from uuid import UUID

import msgspec

from amparo import seal
from amparo.desk.payloads import Exclusion


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
