"""A report from its first answer to its receipt (J1)."""

from collections.abc import Mapping, Sequence

import msgspec
from django.contrib.sessions.backends.base import SessionBase

from amparo.desk.drafts import Draft, DraftFile
from amparo.desk.payloads import Exclusion
from amparo.desk.uploads import SealedUpload


class Readers(msgspec.Struct, frozen=True):
    """Who will be able to read a report sent now: numbers and roles, never names."""

    count: int
    roles: dict[str, int]
    pseudonyms: tuple[str, ...]  # that the desk publishes, all of them: for choosing whom to exclude
    recovery_hands: int  # 0: no recovery key exists
    answer_as: dict[str, int]  # how many answer as "woman", "man", "any"


def draft_of(session: SessionBase) -> Draft | None:
    """The session's draft with its files and receipt, or None."""
    raise NotImplementedError


def begin(session: SessionBase, language: str) -> Draft:
    """A new draft with fresh keys, kept in the session; the draft that is there, if one is."""
    raise NotImplementedError


def keep(session: SessionBase, draft: Draft) -> None:
    """Keep a changed draft. Answers are cleaned by the questionnaire first: hidden ones are dropped."""
    raise NotImplementedError


def answer(session: SessionBase, raw: Mapping[str, Sequence[str]]) -> Draft:
    """Put the fields of one page into the draft (multi-valued form data) and clean all of it."""
    raise NotImplementedError


def attach(session: SessionBase, upload: SealedUpload) -> DraftFile:
    """Make a finished upload part of the draft (or, from a returning session, of the case).

    Call it in the view that answers the upload; what is not attached when the request ends is deleted.
    """
    raise NotImplementedError


def detach(session: SessionBase, file: object) -> None:
    """Shred one file of the draft by its id. Unknown ids change nothing."""
    raise NotImplementedError


def discard(session: SessionBase) -> None:
    """Shred the draft: files, keys and answers; nothing remains but the empty session."""
    raise NotImplementedError


def readers(excluded: Exclusion) -> Readers:
    """Who would read a report sent now with these exclusions."""
    raise NotImplementedError


def send(session: SessionBase, draft: Draft) -> tuple[str, ...]:
    """Seal and file the report; the receipt's words. Sending twice gives the same words."""
    raise NotImplementedError


def challenge(session: SessionBase) -> tuple[int, ...]:
    """Which words (1-based places) the reporter types again to confirm; constant for one receipt."""
    raise NotImplementedError


def confirm(session: SessionBase, text: str) -> bool:
    """True when the words asked for by `challenge` were typed, in order; the receipt and keys are then wiped.

    The choices (not the texts) stay in the session for the first-aid page, until it ends.
    """
    raise NotImplementedError
