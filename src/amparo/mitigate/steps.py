"""First-aid steps fitted to the answers: at most seven, physical safety first.

Which step belongs to which threat, and when, stands once in first_aid/plan.toml; the words of each language stand in
first_aid/<language>.toml. A step nobody has reviewed says so (`unreviewed`), and the page shows it.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from amparo.words.conditions import Condition, condition
from amparo.words.steps import STAGES, Step

LANGUAGES: tuple[str, ...] = ("en", "es", "fr", "ar")
MOST_STEPS = 7
MOST_SAFETY = 4
"""So that something to stop the harm and something to keep stand beside the safety steps."""

SITUATIONS: frozenset[str] = frozenset({"danger", "exposed", "minor", "soon", "always"})
"""What the answers bring in by themselves, beside the threats."""


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the plan, without words."""

    code: str
    stage: str
    threats: tuple[str, ...]
    unless: tuple[str, ...]
    show_if: Condition | None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan: steps in order, and whose steps come first when there is not room for all."""

    version: int
    source: str
    checked_on: date
    order: tuple[str, ...]
    steps: tuple[Planned, ...]


class Words(msgspec.Struct, frozen=True):
    """One step's text in one language, and who reviewed it (empty: nobody yet)."""

    text: str
    reviewed_by: str = ""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """All texts of one language."""

    language: str
    checked_on: date
    steps: dict[str, Words]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("amparo.mitigate").joinpath("first_aid", name).read_text(encoding="utf-8"))


@cache
def plan() -> Plan:
    """The packaged plan."""
    raw = _read("plan.toml")
    steps = tuple(
        Planned(code=code, stage=item["stage"], threats=tuple(item["threats"]),
                unless=tuple(item.get("unless", ())),
                show_if=condition(item["show_if"]) if "show_if" in item else None)
        for code, item in raw["steps"].items()
    )
    return Plan(version=raw["version"], source=raw["source"], checked_on=raw["checked_on"],
                order=tuple(raw["order"]), steps=steps)


@cache
def catalogue(language: str) -> Catalogue:
    """The texts of one of LANGUAGES."""
    return msgspec.convert(_read(f"{language}.toml"), Catalogue)


def spoken(language: str) -> str:
    """The language we have for this tag ("ar-eg" gives "ar"); English when we have none."""
    first = language.lower().replace("_", "-").split("-")[0]
    return first if first in LANGUAGES else "en"


def reviewed(language: str) -> bool:
    """Whether a person has reviewed every step of this language."""
    return all(words.reviewed_by for words in catalogue(spoken(language)).steps.values())


def first_aid(
    answers: Mapping[str, Sequence[str]], threats: Iterable[str] = (), language: str = "en"
) -> tuple[Step, ...]:
    """At most seven steps in the order to do them: safety, stop, evidence, fix, prevent.

    `threats` are codes of the taxonomy; without any, those of the answers, else "other". When there is not room for
    all, the threats take turns in the order of the plan, so that each keeps its most important step.
    """
    named = tuple(threats) or tuple(answers.get("threats", ()))
    present = tuple(code for code in named if code in plan().order) or ("other",)
    facts: dict[str, Sequence[str]] = {**answers, "threats": present}
    fitting = [step for step in plan().steps if _fits(step, facts, present)]
    places = {step.code: place for place, step in enumerate(plan().steps)}
    chosen = _in_turns(fitting, present)
    chosen.sort(key=lambda step: (STAGES.index(step.stage), places[step.code]))
    return tuple(_say(step, present, spoken(language)) for step in chosen)


def _fits(step: Planned, facts: Mapping[str, Sequence[str]], present: Sequence[str]) -> bool:
    if not any(name in SITUATIONS or name in present for name in step.threats):
        return False
    if any(name in present for name in step.unless):
        return False
    return step.show_if is None or step.show_if.holds(facts)


def _in_turns(fitting: Sequence[Planned], present: Sequence[str]) -> list[Planned]:
    """Safety steps first up to their bound; then each threat in turn gives its next step."""
    safety = [step for step in fitting if step.stage == "safety"]
    safety.sort(key=lambda step: _turn(step, present))
    chosen = safety[:MOST_SAFETY]
    rest = sorted((step for step in fitting if step.stage != "safety"), key=_depth(fitting))
    turns = [name for name in plan().order if name in SITUATIONS or name in present]
    # The way back to our answer is worth the last place only: it never takes one from a threat.
    while len(chosen) < MOST_STEPS and rest:
        before = len(chosen)
        for name in turns:
            step = next((step for step in rest if name in step.threats), None)
            if step is None or (name == "always" and any("always" not in other.threats for other in rest)):
                continue
            if len(chosen) < MOST_STEPS:
                chosen.append(step)
                rest.remove(step)
        if len(chosen) == before:
            break
    for step in safety[MOST_SAFETY:]:
        if len(chosen) < MOST_STEPS:
            chosen.append(step)
    return chosen


def _depth(fitting: Sequence[Planned]) -> Callable[[Planned], tuple[int, int]]:
    """Key that puts the first step of every stage before the second of any: stop, keep, mend, then more."""
    return lambda step: (
        sum(other.stage == step.stage and bool(set(other.threats) & set(step.threats))
            for other in fitting[: fitting.index(step)]),
        STAGES.index(step.stage),
    )


def _turn(step: Planned, present: Sequence[str]) -> int:
    order = plan().order
    return min(order.index(name) for name in step.threats if name in SITUATIONS or name in present)


def _say(step: Planned, present: Sequence[str], language: str) -> Step:
    words = catalogue(language).steps[step.code]
    threat = next(name for name in step.threats if name in SITUATIONS or name in present)
    return Step(
        code=step.code, text=words.text, stage=step.stage, threat=threat, language=language,
        source=plan().source, checked_on=catalogue(language).checked_on,
        reviewed_by=words.reviewed_by, unreviewed=not words.reviewed_by,
    )
