"""How urgent a case is: the rules of amparo.mitigate over what was opened in this session."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from amparo import mitigate
from amparo.desk import examining, payloads
from amparo.desk.opening import Read
from amparo.desk.working import Seen
from amparo.words import why as places
from amparo.words.findings import Finding, Verdict
from amparo.words.risk import PRIORITIES, Priority, Reason, Urgency


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


RAISED_SAYS = "A colleague has raised it"
_RAISED_TO = {Priority.P0: "life", Priority.P1: "time-bound"}  # the place that a raised level has at the least


def weigh(answers: Mapping[str, list[str]], findings: Iterable[Judged], seen: Seen | None = None) -> Urgency:
    """The urgency from the answers, the findings that no person rejected and a worker of ours has signed, and what
    colleagues saw: kinds of threat they added, a level they raised, facts they refuted with their names."""
    kept: list[Finding] = [
        one.found.finding for one in findings if one.verdict != Verdict.REJECTED and one.read.proven
    ]
    if seen is None:
        return mitigate.urgency(answers, kept)
    return _raised(mitigate.urgency(told(answers, seen), kept, refuted=seen.refuted), seen.level)


def told(answers: Mapping[str, list[str]], seen: Seen) -> dict[str, list[str]]:
    """The answers, with the kinds of threat that colleagues added; without any where somebody refuted them."""
    wanted = dict(answers)
    if "threats" in {one.fact for one in seen.refuted}:
        wanted["threats"] = []
    elif seen.threats:
        wanted["threats"] = list(dict.fromkeys((*answers.get("threats", ()), *seen.threats)))
    return wanted


def _raised(weighed: Urgency, level: str) -> Urgency:
    """Never lower than what a colleague raised it to; never lowered by it."""
    if level not in tuple(Priority) or PRIORITIES.index(Priority(level)) >= PRIORITIES.index(weighed.level):
        return weighed
    to = Priority(level)
    place = min(weighed.why, _RAISED_TO.get(to, weighed.why), key=places.rank)
    reasons = (Reason("raised", RAISED_SAYS, ("raised",)), *weighed.reasons)
    return msgspec.structs.replace(weighed, why=place, level=to, reasons=reasons)
