"""How urgent a case is: the rules of amparo.mitigate over what was opened in this session."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from amparo import mitigate
from amparo.desk import examining, payloads
from amparo.desk.opening import Read
from amparo.words.findings import Finding, Verdict
from amparo.words.risk import Urgency


class Judged(msgspec.Struct, frozen=True):
    """A finding with what people decided about it last."""

    read: Read
    found: examining.FindingItem
    verdict: str | None
    why: str
    by: UUID | None


def judged(reads: Iterable[Read]) -> list[Judged]:
    """The findings among opened items, in order, each with its newest proven decision."""
    everything = list(reads)
    decided: dict[UUID, tuple[payloads.Decision, UUID]] = {}
    for one in everything:
        if isinstance(one.payload, payloads.Decision) and one.proven and one.author_kind == "staff":
            decided[one.payload.finding] = (one.payload, one.author_id)
    found = []
    for one in everything:
        if one.item.kind != "finding":
            continue
        try:
            seen = examining.read_finding(one.raw)
        except msgspec.DecodeError:
            continue  # reading.case_page names it as unreadable
        decision, by = decided.get(one.item.id, (None, None))
        found.append(Judged(
            one, seen, decision.verdict if decision else None, decision.why if decision else "", by
        ))
    return found


def weigh(answers: Mapping[str, list[str]], findings: Iterable[Judged]) -> Urgency:
    """The urgency from the answers and the findings that no person rejected and a worker of ours has signed."""
    kept: list[Finding] = [
        one.found.finding for one in findings if one.verdict != Verdict.REJECTED and one.read.proven
    ]
    return mitigate.urgency(answers, kept)
