"""What a reporter's own report is made of inside the seals: made at the desk, or on a laptop that never saw it.

The other kinds of writing are the desk's (desk.payloads). Everything here may have been written by a stranger's
program, so what nobody could show or compare is refused where it is read, and a file's name is made harmless there.
"""

import datetime as dt
import unicodedata
from functools import cache

import msgspec

from amparo.words import questionnaires

LONGEST_NAME = 120
FIRST_YEAR, LAST_YEAR = 2000, 2200  # times outside were written to break what computes with them
_UNSAFE = frozenset('/\\:*?"<>|\0')


@cache
def _choices() -> dict[str, frozenset[str]]:
    """The codes that may be chosen, for each question that offers some."""
    asked = questionnaires.load("report").questions
    return {one.code: frozenset(option.code for option in one.options) for one in asked if one.options}


class Exclusion(msgspec.Struct, frozen=True):
    """Whom the reporter keeps out, decided before anything is sealed."""

    roles: tuple[str, ...] = ()
    pseudonyms: tuple[str, ...] = ()
    lead_only: bool = False

    def covers(self, role: str, pseudonym: str) -> bool:
        """Whether a colleague of this role and pseudonym is kept out."""
        folded = {name.casefold() for name in self.pseudonyms}
        return role in self.roles or pseudonym.casefold() in folded or (self.lead_only and role != "lead")


class Payload(msgspec.Struct, frozen=True, kw_only=True, tag_field="is"):
    """Base: `at` is the exact time, with its zone, known only inside the seal."""

    at: dt.datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or not FIRST_YEAR <= self.at.year < LAST_YEAR:
            raise ValueError("a writing has a time with a zone")


class Opening(Payload, frozen=True, tag="opening"):
    """Facts of filing, signed by the reporter: what every later writing is measured against."""

    language: str
    excluded: Exclusion = Exclusion()
    minor: bool = False
    see_again: bool = False
    gender: str = "any"  # who should answer: "woman", "man", "any"
    way: str = ""  # "carrier": sealed elsewhere and brought as a file


class Answers(Payload, frozen=True, tag="answers"):
    """Answers as they were checked where they were given. A choice that is not offered is left out when read."""

    answers: dict[str, list[str]]
    questionnaire: str = "report"
    language: str = "en"

    def __post_init__(self) -> None:
        super().__post_init__()
        offered = _choices()
        msgspec.structs.force_setattr(self, "answers", {
            code: [value for value in values if value in offered[code]] if code in offered else values
            for code, values in self.answers.items()
        })


class Consent(Payload, frozen=True, tag="consent"):
    """On the dialogue channel, so that the reporter can change it; carries what that needs to know."""

    purposes: tuple[str, ...]
    minor: bool = False
    language: str = ""


class FileMeta(Payload, frozen=True, tag="file"):
    """A file's facts; its bytes lie in a blob under the same data key and the same context.

    `sealed_size`, `sealed_sha256` and `chunk` must agree with the blob on disk.
    """

    name: str
    size: int
    type: str
    sha256: bytes
    sealed_size: int
    sealed_sha256: bytes
    chunk: int
    salt: bytes  # of the commitment in the custody log

    def __post_init__(self) -> None:
        super().__post_init__()
        msgspec.structs.force_setattr(self, "name", clean_name(self.name))
        msgspec.structs.force_setattr(self, "type", clean_type(self.type))


def clean_name(name: str) -> str:
    """A file name as it may be shown and saved: no path, no control or direction-changing characters.

    Characters that reverse the text direction make “exe.jpg” of “gpj.exe”; each becomes “_”, as does
    what no file name may hold. The ending is kept when a long name is cut.
    """
    base = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    kept = "".join(
        "_" if c in _UNSAFE or unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") else c
        for c in base
    ).strip(" .")
    if len(kept) > LONGEST_NAME:
        stem, dot, ending = kept.rpartition(".")
        tail = dot + ending if dot and len(ending) <= 10 else ""
        kept = (stem or kept)[: LONGEST_NAME - len(tail)] + tail
    return kept or "file"


def clean_type(media_type: str | None) -> str:
    """A media type as sent, if it looks like one."""
    text = (media_type or "").split(";", 1)[0].strip().lower()
    good = 3 <= len(text) <= 100 and text.count("/") == 1 and text.replace("/", "").replace("-", "").replace(
        "+", "").replace(".", "").replace("_", "").isalnum() and text.isascii()
    return text if good else "application/octet-stream"
