"""How urgent a report is, from rules that are data (rules/urgency.toml), with every reason told.

Two promises. A missing, skipped or withdrawn answer never lowers: what was once said stays a reason until a person
refutes the fact, with a name and a why. And silence is no safety: an unanswered question that could raise the level
makes the result uncertain and is named.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

import msgspec

from amparo.words import questionnaires, why
from amparo.words.conditions import Condition, condition
from amparo.words.errors import AmparoError
from amparo.words.findings import Finding
from amparo.words.risk import PRIORITIES, Priority, Reason, Urgency


class RefutationRefused(AmparoError):
    """A fact can only be refuted by a person who says why."""

    code = "refutation-refused"
    advice = "Write in one sentence how you know that it is not so."


class Refuted(msgspec.Struct, frozen=True):
    """A person's signed statement that a fact does not hold. `fact` is a question code, `by` who says so."""

    fact: str
    by: UUID
    why: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise RefutationRefused("Refuting a fact needs a reason.")


class Rule(msgspec.Struct, frozen=True):
    """One rule. `facts` are the questions its condition looks at."""

    code: str
    level: Priority
    why: str
    says: str
    when: Condition

    @property
    def facts(self) -> tuple[str, ...]:
        """Codes of the questions the condition looks at, once each."""
        return tuple(dict.fromkeys(code for code, _ in self.when.asks()))


class Rules(msgspec.Struct, frozen=True):
    """The whole rule file."""

    version: int
    source: str
    checked_on: date
    reviewed_by: str
    safety: tuple[str, ...]
    silence: Rule
    nothing: Rule
    rules: tuple[Rule, ...]


_NEVER = Condition()


@cache
def load() -> Rules:
    """The packaged rules. Order in the file breaks ties between reasons of the same place and level."""
    raw = tomllib.loads(files("amparo.mitigate").joinpath("rules", "urgency.toml").read_text(encoding="utf-8"))
    made = {name: _rule(raw[name]) for name in ("silence", "nothing")}
    return Rules(version=raw["version"], source=raw["source"], checked_on=raw["checked_on"],
                 reviewed_by=raw["reviewed_by"], safety=tuple(raw["safety"]), **made,
                 rules=tuple(_rule(item) for item in raw["rules"]))


def _rule(raw: Mapping[str, Any]) -> Rule:
    if raw["why"] not in why.WHY:
        raise ValueError(f"rule {raw['code']}: no such place in the queue")
    return Rule(raw["code"], Priority(raw["level"]), raw["why"], raw["says"],
                condition(raw["when"]) if "when" in raw else _NEVER)


def counted() -> frozenset[str]:
    """What the rules say that counts days from the telling: read days later, it may be today, or over."""
    return frozenset(rule.says for rule in load().rules if {"soon", "dated-threat"} & set(rule.facts))


def all_texts() -> tuple[str, ...]:
    """Every English message id of the rules, for translation."""
    rules = load()
    return tuple(dict.fromkeys(rule.says for rule in (*rules.rules, rules.silence, rules.nothing)))


def urgency(
    answers: Mapping[str, Sequence[str]],
    findings: Iterable[Finding] = (),
    *,
    before: Urgency | None = None,
    refuted: Iterable[Refuted] = (),
) -> Urgency:
    """How soon a person must look, where in the queue, and why.

    `answers` are cleaned answers of the report questionnaire; `findings` those that no person rejected; `before` the
    last result for this case, whose reasons stay unless one of their facts is in `refuted`. The queue place and the
    level are those of the most pressing reason: life first, then by level.
    """
    rules = load()
    gone = {item.fact for item in refuted}
    facts = {code: tuple(values) for code, values in answers.items() if code not in gone}
    if levels := tuple(dict.fromkeys(finding.level.value for finding in findings)):
        facts["finding-level"] = levels
    held = [(rule, _resting_on(rule, facts)) for rule in rules.rules if rule.when.holds(facts)]
    doubts = _doubts(facts, gone)
    silent = bool(doubts & set(rules.safety))
    found = held + _carried(before, gone, {rule.code for rule, _ in held}, rules)
    if not found:
        found = [(rules.silence if silent else rules.nothing, ())]
    found.sort(key=lambda pair: _press(pair[0]))  # stable: the order of the file decides between equals
    level = min((rule.level for rule, _ in found), key=PRIORITIES.index)
    could = [rule for rule in rules.rules
             if PRIORITIES.index(rule.level) < PRIORITIES.index(level) and _could(rule, facts, doubts)]
    return Urgency(
        why=found[0][0].why, level=level, uncertain=bool(could) or silent,
        reasons=tuple(Reason(rule.code, rule.says, resting) for rule, resting in found),
        would_change=tuple(dict.fromkeys(rule.says for rule in could)),
    )


def _press(rule: Rule) -> tuple[int, int]:
    return why.rank(rule.why), PRIORITIES.index(rule.level)


def _doubts(facts: Mapping[str, Sequence[str]], gone: set[str]) -> set[str]:
    """Visible questions of the report that are unanswered or answered with "I do not know"."""
    asked = questionnaires.load("report").visible(facts)
    return {question.code for question in asked
            if question.code not in gone and tuple(facts.get(question.code, ())) in ((), ("unsure",))}


# What happened is told by the reporter, so a silence about it is no doubt about safety by itself.
_TOLD = frozenset({"threats", "perpetrator", "finding-level"})


def _could(rule: Rule, facts: Mapping[str, Sequence[str]], doubts: set[str]) -> bool:
    """Whether the rule would hold if every doubt about its facts were answered in its favour."""
    wanted: dict[str, tuple[str, ...]] = {code: tuple(values) for code, values in facts.items()}
    for code, values in rule.when.asks():
        if code in doubts and code not in _TOLD:
            wanted[code] = (*wanted.get(code, ()), *values)
    return not rule.when.holds(facts) and rule.when.holds(wanted)


Held = tuple[Rule, tuple[str, ...]]


def _resting_on(rule: Rule, facts: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The questions whose answers made the rule hold."""
    return tuple(dict.fromkeys(
        code for code, values in rule.when.asks() if any(value in values for value in facts.get(code, ()))
    ))


def _carried(before: Urgency | None, gone: set[str], held: set[str], rules: Rules) -> list[Held]:
    """Earlier reasons that nobody refuted. They stay even if the answer they rested on is gone."""
    if before is None:
        return []
    known = {rule.code: rule for rule in rules.rules}
    kept: list[Held] = []
    for reason in before.reasons:
        if reason.code in held or not reason.facts:
            continue
        rest = tuple(fact for fact in reason.facts if fact not in gone)
        rule = known.get(reason.code)
        if rule is None:
            # The rule is no longer in the file; what it said still stands until a person refutes it.
            if rest == reason.facts:
                kept.append((Rule(reason.code, before.level, before.why, reason.says, _NEVER), rest))
        elif rule.when.holds({code: values for code, values in rule.when.asks() if code in rest}):
            kept.append((rule, rest))
    return kept
