"""Kinds of perpetrator. "unknown" stands until a person changes it with a reason.

*Foreign* is a claim of attribution: it stays "unattributed" until there is evidence and a second person
agrees.
"""

from enum import StrEnum
from uuid import UUID

import msgspec

from amparo.words.codes import CodeList, load
from amparo.words.errors import AmparoError

KINDS: CodeList = load("perpetrators")
DEFAULT = "unknown"


class AttributionRefused(AmparoError):
    """A claim about who did it that does not carry what it needs."""

    code = "attribution-refused"
    advice = "Leave it at “unknown”, or add what is missing."


class EvidenceLevel(StrEnum):
    """What a claim rests on, weakest first. Own scale; none of them is a verdict."""

    NONE = "none"
    STATED = "stated"
    INDICATED = "indicated"
    DOCUMENTED = "documented"
    ESTABLISHED = "established"


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """Who is said to have done it. Any kind but "unknown" needs a reason."""

    kind: str = DEFAULT
    evidence_level: EvidenceLevel = EvidenceLevel.NONE
    reason: str = ""
    evidence: tuple[UUID, ...] = ()
    by: UUID | None = None

    def __post_init__(self) -> None:
        KINDS.get(self.kind)
        if self.kind != DEFAULT and not self.reason.strip():
            raise AttributionRefused("Naming a kind of perpetrator needs a reason.")
        if self.kind == DEFAULT and self.evidence_level is not EvidenceLevel.NONE:
            raise AttributionRefused("An unknown perpetrator has no level of evidence.")


UNATTRIBUTED = "unattributed"
FOREIGN = "foreign"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Whether manipulation is said to come from abroad.

    "foreign" needs at least one piece of evidence, a reason, an author and a second person who is somebody
    else.
    """

    claim: str = UNATTRIBUTED
    reason: str = ""
    evidence: tuple[UUID, ...] = ()
    by: UUID | None = None
    seconded_by: UUID | None = None

    def __post_init__(self) -> None:
        if self.claim == UNATTRIBUTED:
            return
        if self.claim != FOREIGN:
            raise AttributionRefused(f"“{self.claim}” is not a claim of origin.")
        if not self.reason.strip() or not self.evidence:
            raise AttributionRefused("Saying that it comes from abroad needs a reason and evidence.")
        if self.by is None or self.seconded_by is None or self.by == self.seconded_by:
            raise AttributionRefused("Saying that it comes from abroad needs a second person.")


def changed(before: Attribution, *, kind: str, reason: str, by: UUID | None = None,
            evidence_level: EvidenceLevel = EvidenceLevel.STATED,
            evidence: tuple[UUID, ...] = ()) -> Attribution:
    """A new attribution. Going back to "unknown" needs a reason too: something was believed before."""
    if kind != before.kind and not reason.strip():
        raise AttributionRefused("Changing the kind of perpetrator needs a reason.")
    level = EvidenceLevel.NONE if kind == DEFAULT else evidence_level
    return Attribution(kind=kind, evidence_level=level, reason=reason, evidence=evidence, by=by)
