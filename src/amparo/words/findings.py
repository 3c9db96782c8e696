"""What a detector says: a Finding with its place, its time, its meaning and what it does not mean.

Silence must never read as safety, so what was not examined is said with NotChecked. Both encode to the
objects that `amparo identify --json` prints, one a line (msgspec tags give the `type` field).
"""

from enum import StrEnum

import msgspec

from amparo.words.times import Interval, Moment


class Level(StrEnum):
    """How much a finding weighs. It is about the trace, never about the person."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


LEVELS: tuple[Level, ...] = tuple(Level)
"""From the heaviest to the lightest."""


class Category(StrEnum):
    """What the trace shows: something reached out, arrived, was put there, ran, or is a setting."""

    CONTACTED = "contacted"
    RECEIVED = "received"
    INSTALLED = "installed"
    RAN = "ran"
    SETTING = "setting"


class Knowledge(msgspec.Struct, frozen=True):
    """Which indicator or rule matched, who keeps it, under which licence, and the digest of the set.

    `collection` is the first set that holds the indicator; `collections` names all of them when one
    value stands in several.
    """

    indicator: str
    collection: str
    maintainer: str = ""
    licence: str = ""
    digest: str = ""
    source: str = ""
    collections: tuple[str, ...] = ()


class Where(msgspec.Struct, frozen=True):
    """The exact place: an artefact (a path inside the evidence), a row of it, or a JSON pointer."""

    artefact: str
    row: str | None = None
    pointer: str | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True, tag="finding"):
    """One thing that was seen.

    `seen` is the value found; `says`, `matters` and `does_not_say` are whole sentences for a handler.
    `does_not_say` is never empty: a reader must meet the limit beside the claim.
    """

    detector: str
    detector_version: str
    code: str
    level: Level
    category: Category
    seen: str
    where: Where
    when: Moment | Interval | None = None
    says: str
    matters: str
    does_not_say: str
    knowledge: tuple[Knowledge, ...] = ()
    techniques: tuple[str, ...] = ()
    playbook: str = ""

    def __post_init__(self) -> None:
        if not self.does_not_say.strip():
            raise ValueError("a finding must say what it does not mean")


class NotChecked(msgspec.Struct, frozen=True, tag="not-checked"):
    """A part of the evidence that was not examined, and why, in one sentence."""

    detector: str
    part: str
    why: str


class Verdict(StrEnum):
    """What a person decided about a finding. Nothing reaches a reporter before `accepted`."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"
