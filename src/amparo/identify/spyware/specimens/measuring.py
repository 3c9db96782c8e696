"""How well the detector does on what is generated here: an honest figure about these sets and nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import BinaryIO

from amparo.identify.detectors import Check
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware.scan import NAME
from amparo.identify.spyware.specimens import android_plants, ios_plants, make_androidqf, make_ios_backup
from amparo.identify.spyware.specimens.plants import Plant
from amparo.identify.trees.naming import shown
from amparo.words.findings import Finding

_SEEDS = (1, 2, 3)
# Plants that have no value of their own to look for are known by the code of their finding.
_BY_CODE = {
    "process-deleted": "process-row-deleted",
    "process-orphan": "process-row-missing",
    "calendar": "calendar-invitation-quadream",
    "idstatus-nul": "address-with-nul",
    "mount": "system-writable",
}


def measure(knowledge: KnowledgeBase) -> tuple[Check, ...]:
    """Plants found and look-alikes reported, over three seeds of each kind of phone."""
    return (
        _one("iOS backup", knowledge, ios_plants, make_ios_backup),
        _one("androidqf", knowledge, android_plants, make_androidqf),
    )


def _one(
    kind: str,
    knowledge: KnowledgeBase,
    choose: Callable[[KnowledgeBase, int], tuple[Plant, ...]],
    make: Callable[[BinaryIO, Sequence[Plant], int], tuple[Plant, ...]],
) -> Check:
    from amparo.identify.examining import examine

    plants = found = lookalikes = false = 0
    for seed in _SEEDS:
        file = io.BytesIO()
        planted = make(file, choose(knowledge, seed), seed)
        findings = [one for one in examine(file, "specimen.zip", knowledge, NAME) if isinstance(one, Finding)]
        for plant in planted:
            seen = is_found(plant, findings)
            if plant.found:
                plants, found = plants + 1, found + seen
            else:
                lookalikes, false = lookalikes + 1, false + seen
    return Check(NAME, kind, plants, found, lookalikes, false)


def is_found(plant: Plant, findings: Sequence[Finding]) -> bool:
    """Whether any finding is about this plant."""
    if plant.found and plant.how in _BY_CODE:
        return any(finding.code == _BY_CODE[plant.how] for finding in findings)
    if plant.how == "calendar":
        return sum(finding.code == _BY_CODE["calendar"] for finding in findings) > 1
    value = plant.value.partition(":")[2] if plant.how == "path" else plant.value
    value = shown(value.replace("hxxp", "http").replace("[.]", ".")).casefold()
    return any(_about(value, finding) for finding in findings)


def _about(value: str, finding: Finding) -> bool:
    seen = finding.seen.casefold()
    if value == seen or value == (finding.where.row or "").casefold():
        return True
    # A message is longer than the link in it; a storage path is longer than the domain in it.
    pieces = set(value.replace("→", " ").split()) | set(value.split("/")[-1].split("_"))
    return seen in pieces or (" " not in value and value in seen.split())
