"""What a detector is, and which ones are installed.

Detectors are found through the entry-point group `amparo.detectors`, the built-in ones too. Each is a module with a
`DETECTOR` manifest and a function `identify(evidence, knowledge)`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

import msgspec

from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.trees import Tree
from amparo.words.errors import AmparoError
from amparo.words.findings import Finding, NotChecked
from amparo.words.times import Moment

GROUP = "amparo.detectors"
_BUILT_IN = {"spyware": "amparo.identify.spyware"}


class Manifest(msgspec.Struct, frozen=True):
    """What a detector reads, what it can and cannot show, and what it costs, in sentences for a person.

    `device` says that what it reads is a person's device, which is examined only with that person's consent."""

    name: str
    version: str
    reads: tuple[str, ...]
    can_show: str
    cannot_show: str
    cost: str
    device: bool = False


class Examined(msgspec.Struct, frozen=True):
    """Coverage of one part: how many rows were read, and the first and last time among them (UTC)."""

    detector: str
    part: str
    rows: int
    first: Moment | None = None
    last: Moment | None = None


class Check(msgspec.Struct, frozen=True):
    """A detector measured on the set it ships with: plants found of all plants, look-alikes wrongly reported."""

    detector: str
    kind: str
    plants: int
    found: int
    lookalikes: int
    false: int


Result = Finding | NotChecked | Examined


@runtime_checkable
class Detector(Protocol):
    """A module (or object) that is a detector. Pure: no network, no clock, no global state."""

    DETECTOR: Manifest

    def recognises(self, evidence: Tree) -> bool:
        """Whether there is anything here for this detector; cheap, by names only."""
        ...

    def identify(self, evidence: Tree, knowledge: KnowledgeBase) -> Iterator[Result]:
        """Findings, parts not checked, and the coverage of those that were."""
        ...


class NoSuchDetector(AmparoError):
    """A name that no installed detector bears."""

    code = "no-such-detector"


def detectors() -> dict[str, Detector]:
    """Every installed detector by name. One that cannot be loaded is left out here and told by `broken()`."""
    found, _ = _load()
    return dict(found)


def broken() -> dict[str, str]:
    """Detectors that are registered but could not be loaded, with the reason."""
    _, problems = _load()
    return dict(problems)


@lru_cache(maxsize=1)
def _load() -> tuple[dict[str, Detector], dict[str, str]]:
    registered: dict[str, Callable[[], object]] = {
        name: partial(importlib.import_module, module) for name, module in _BUILT_IN.items()
    }
    for entry in entry_points(group=GROUP):
        registered.setdefault(entry.name, entry.load)
    found: dict[str, Detector] = {}
    problems: dict[str, str] = {}
    for name, load in sorted(registered.items()):
        try:
            module = load()
        except Exception as error:  # a foreign plug-in may fail in any way; the others must still run
            problems[name] = f"it could not be loaded ({type(error).__name__})"
            continue
        if isinstance(module, Detector):
            found[name] = module
        else:
            problems[name] = "it has no DETECTOR manifest or no identify function"
    return found, problems


def chosen(only: str | None) -> dict[str, Detector]:
    """All detectors, or the one named; NoSuchDetector otherwise."""
    found = detectors()
    if only is None:
        return found
    if only not in found:
        names = ", ".join(sorted(found))
        raise NoSuchDetector(f"There is no detector named “{only}”.", advice=f"Choose one of: {names}.")
    return {only: found[only]}
