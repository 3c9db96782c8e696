"""The escalation watch: statements about one person or organisation -> an ordered level, with every reason shown.

Three promises. A level is no probability and no score of anybody: it says how soon a person must act, and which
statements say so. Only a refutation signed by a person lowers it; what is withdrawn, skipped or gone stays a reason and
makes the level uncertain. The second scale, what happens if we err, neither moves the first nor is moved by it.

Rules are data (rules/escalation.toml). A person signs a level and sets when it is looked at again; nothing here does.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files

import msgspec

from amparo.words.conditions import Condition, condition
from amparo.words.errors import AmparoError
from amparo.words.escalation import (
    EXPOSURES,
    OFFLINE,
    ONLINE,
    QUESTIONS,
    UNKNOWN_EXPOSURE,
    Ahead,
    Answer,
    Capacity,
    Event,
    Refutation,
    Skipped,
    Statement,
    Traced,
    Withdrawal,
)
from amparo.words.risk import PRIORITIES, Priority

AHEAD_DAYS = 3
"""How many days before its day something ahead begins to weigh."""

# Happened to the person, in her own place or body; what reached a colleague, a letter box or a phone is no such thing.
_IN_PERSON = frozenset(OFFLINE.codes) - {"colleague-attacked", "call", "letter", "summons"}
_GATHERED = frozenset({"event", "mark", "home", "dated", "threatened", "offline", "moved", "by", "ahead", "finding"})
_EARLIEST, _LATEST = timedelta(hours=-12), timedelta(hours=14)  # of the inhabited world's clocks, from UTC


class RulesBroken(AmparoError):
    """A rule file that cannot be used. It is for its author, never for a handler."""

    code = "rules-broken"
    advice = "Mend the rule file."


class Ground(msgspec.Struct, frozen=True):
    """One fact and the statement (`of`) that gives it."""

    fact: str
    value: str
    of: str


class WatchReason(msgspec.Struct, frozen=True):
    """Why the level is at least `level`. `says` is an English message id, `rests` names statements."""

    code: str
    level: Priority
    says: str
    rests: tuple[str, ...]


class Fall(msgspec.Struct, frozen=True):
    """What would lower it: if a person refuted the statement `of`, the level would be `to`."""

    of: str
    to: Priority


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """The level now, its reasons with the most pressing first, and what would change it.

    `could_be` is the level if every question without a clear answer were answered yes; `would_raise` names those
    questions. `exposure` is one of EXPOSURES, or "unknown". `unclear` are statements dated later than now,
    `taken_back` those withdrawn that still count. `grounds` is what the next assessment needs when a statement is gone.
    """

    level: Priority
    could_be: Priority
    uncertain: bool
    exposure: str
    reasons: tuple[WatchReason, ...]
    would_raise: tuple[str, ...]
    would_lower: tuple[Fall, ...]
    capacities: tuple[str, ...]
    unclear: tuple[str, ...]
    taken_back: tuple[str, ...]
    grounds: tuple[Ground, ...]
    rules_version: int


class Rule(msgspec.Struct, frozen=True):
    """One rule of the file."""

    code: str
    level: Priority
    says: str
    when: Condition


class Rules(msgspec.Struct, frozen=True):
    """The whole rule file. `safety` are the questions whose silence leaves a doubt about life or freedom."""

    version: int
    source: str
    checked_on: date
    reviewed_by: str
    safety: tuple[str, ...]
    rules: tuple[Rule, ...]


@cache
def load() -> Rules:
    """The packaged rules."""
    return read(files("amparo.mitigate").joinpath("rules", "escalation.toml").read_text(encoding="utf-8"))


def read(text: str) -> Rules:
    """Rules from a file's text; RulesBroken with every fault: a code twice, an unknown fact, two that contradict."""
    raw = tomllib.loads(text)
    rules = tuple(Rule(one["code"], Priority(one["level"]), one["says"], condition(one["when"]))
                  for one in raw["rules"])
    if faults := [*_faults(rules), *(f"“{code}” is no question." for code in raw["safety"] if code not in QUESTIONS)]:
        raise RulesBroken("\n".join(faults))
    return Rules(version=raw["version"], source=raw["source"], checked_on=raw["checked_on"],
                 reviewed_by=raw["reviewed_by"], safety=tuple(raw["safety"]), rules=rules)


def _faults(rules: Sequence[Rule]) -> Iterator[str]:
    codes = [rule.code for rule in rules]
    yield from (f"The rule “{code}” stands twice." for code in dict.fromkeys(codes) if codes.count(code) > 1)
    same: dict[Condition, Rule] = {}
    for rule in rules:
        first = same.setdefault(rule.when, rule)
        if first.level != rule.level:
            yield f"“{first.code}” and “{rule.code}” give two levels for the same facts."
        for fact, _ in rule.when.asks():
            if fact not in _GATHERED and fact not in QUESTIONS:
                yield f"“{rule.code}” looks at “{fact}”, which nobody gathers."
        if _negates(rule.when):
            yield f"“{rule.code}” holds when something is missing: what is not known must not decide."


def _negates(when: Condition) -> bool:
    return when.none is not None or any(_negates(part) for part in (*when.every, *when.some))


def all_texts() -> tuple[str, ...]:
    """Every English message id of the rules, for translation."""
    return tuple(dict.fromkeys(rule.says for rule in load().rules))


def watch(
    said: Iterable[Statement], *, now: date | datetime, before: Watch | None = None, falls: bool = True,
) -> Watch:
    """The level `now` from everything said so far, in the order in which it was said.

    `before` is the last assessment of the same watch: its grounds stay where a statement is gone without a person
    having refuted it. A day without an hour is the whole day, anywhere in the world. Without `falls`,
    `would_lower` stays empty: it costs as much as all the rest again for each statement, and a queue needs it not.
    """
    statements = tuple(said)
    return _watch(statements, now, before, refuted=_refuted(statements), falls=falls)


def _watch(
    statements: tuple[Statement, ...], now: date | datetime, before: Watch | None, *, refuted: set[str], falls: bool,
) -> Watch:
    rules = load()
    standing = tuple(one for one in statements if one.id not in refuted)
    present = {one.id for one in statements}
    carried = tuple(ground for ground in (before.grounds if before else ())
                    if ground.of not in present and ground.of not in refuted)
    grounds = tuple(dict.fromkeys((*_grounds(standing, now), *carried)))
    facts = _by_fact(grounds)
    held = [rule for rule in rules.rules if rule.when.holds(facts)]
    held.sort(key=lambda rule: PRIORITIES.index(rule.level))  # stable: the order of the file decides between equals
    level = held[0].level if held else Priority.P3
    reasons = tuple(WatchReason(rule.code, rule.level, rule.says, _rests(rule, grounds)) for rule in held)
    taken_back = {one.of for one in standing if isinstance(one, Withdrawal)}
    doubtful = _open(standing, carried, taken_back)
    could_be = _level(facts, doubtful)
    unsafe = _level(facts, doubtful & {*rules.safety, *_taken_or_skipped(standing, taken_back)})
    gone = taken_back | {ground.of for ground in carried}
    return Watch(
        level=level, could_be=could_be,
        uncertain=_above(unsafe, level) or any(gone & {*reason.rests} for reason in reasons if reason.level == level),
        exposure=_exposure(standing, before, present, refuted), reasons=reasons,
        would_raise=_raising(facts, doubtful, level, could_be),
        would_lower=_falls(statements, now, before, refuted, level, reasons) if falls else (),
        capacities=tuple(dict.fromkeys(one.kind for one in standing if isinstance(one, Capacity))),
        unclear=tuple(one.id for one in standing if isinstance(one, Event) and _later(one.at, now)),
        taken_back=tuple(one.id for one in standing if one.id in taken_back), grounds=grounds,
        rules_version=rules.version,
    )


def _level(facts: Mapping[str, Sequence[str]], yes: Iterable[str] = ()) -> Priority:
    """The level of these facts, with these questions answered yes."""
    wanted = _answered(facts, yes)
    return min((rule.level for rule in load().rules if rule.when.holds(wanted)),
               key=PRIORITIES.index, default=Priority.P3)


def _raising(
    facts: Mapping[str, Sequence[str]], doubtful: set[str], level: Priority, could_be: Priority,
) -> tuple[str, ...]:
    """Questions whose yes raises the level, alone or together with the others."""
    return tuple(code for code in QUESTIONS.codes if code in doubtful and (
        _above(_level(facts, {code}), level) or _above(could_be, _level(facts, doubtful - {code}))))


def _above(level: Priority, other: Priority) -> bool:
    """Whether `level` is more urgent than `other`."""
    return PRIORITIES.index(level) < PRIORITIES.index(other)


def _refuted(statements: Sequence[Statement]) -> set[str]:
    """Ids that a person refuted. A refutation that was itself refuted later counts no more."""
    gone: set[str] = set()
    for one in reversed(statements):
        if isinstance(one, Refutation) and one.id not in gone:
            gone.add(one.of)
    return gone


def _grounds(standing: Sequence[Statement], now: date | datetime) -> Iterator[Ground]:
    for one in standing:
        match one:
            case Event():
                yield from _of_event(one)
            case Answer(question="exposure"):
                pass
            case Answer(value="yes"):
                yield from _of_answer(one)
            case Ahead() if _near(one, now):
                yield Ground("ahead", one.kind, one.id)
            case Traced() if one.state != "rejected":
                yield Ground("finding", one.level, one.id)
    yield from _moves([one for one in standing if isinstance(one, Event)])


def _of_event(one: Event) -> Iterator[Ground]:
    yield Ground("event", one.kind, one.id)
    yield Ground("by", one.by, one.id)
    yield from (Ground("mark", mark, one.id) for mark in one.marks)
    if "home-address" in one.marks:
        yield Ground("home", "yes", one.id)
    if "dated" in one.marks:
        yield Ground("dated", "yes", one.id)
    if one.kind in ("threat", "threat-in-person") or {"dated", "weapon"} & set(one.marks):
        yield Ground("threatened", "yes", one.id)
    if one.kind in _IN_PERSON:
        yield Ground("offline", "yes", one.id)
    if one.kind == "spyware-trace":
        strength = {"strong": "high", "weak": "low"}
        yield Ground("finding", next((strength[mark] for mark in one.marks if mark in strength), "medium"), one.id)


_MEANS = {"home-known": "home", "dated-threat": "dated", "earlier-offline": "offline"}


def _of_answer(one: Answer) -> Iterator[Ground]:
    yield Ground(one.question, one.value, one.id)
    if one.question in _MEANS:
        yield Ground(_MEANS[one.question], "yes", one.id)
        if one.question == "dated-threat":
            yield Ground("threatened", "yes", one.id)


def _moves(events: Sequence[Event]) -> Iterator[Ground]:
    """Steps from one kind of harm to a worse one, in the order in which they happened."""
    online = [one for one in events if one.kind in ONLINE]
    steps = (
        ("to-threat", [one for one in online if one.kind in ("insult", "flood", "smear")], ("threat",), ()),
        ("to-home", [one for one in events if one.kind == "threat"], (), ("home-address",)),
        ("to-offline", online, tuple(_IN_PERSON), ()),
    )
    for name, earlier, kinds, marks in steps:
        for first in earlier:
            for then in events:
                if (then.kind in kinds or set(marks) & set(then.marks)) and _day(first.at) < _day(then.at):
                    yield Ground("moved", name, first.id)
                    yield Ground("moved", name, then.id)


def _open(standing: Sequence[Statement], carried: Sequence[Ground], taken_back: set[str]) -> set[str]:
    """Questions without one clear answer: never asked, unsure, skipped, withdrawn, or answered with yes and no."""
    answers: dict[str, set[str]] = {}
    for one in standing:
        if isinstance(one, Answer):
            answers.setdefault(one.question, set()).add(one.value)
    unclear = _taken_or_skipped(standing, taken_back) | {ground.fact for ground in carried}
    return {code for code in QUESTIONS.codes
            if code != "exposure" and (code in unclear or answers.get(code, set()) not in ({"yes"}, {"no"}))}


def _taken_or_skipped(standing: Sequence[Statement], taken_back: set[str]) -> set[str]:
    return ({one.question for one in standing if isinstance(one, Skipped)}
            | {one.question for one in standing if isinstance(one, Answer) and one.id in taken_back})


def _answered(facts: Mapping[str, Sequence[str]], questions: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The facts as they would be if these questions were answered yes."""
    wanted = {fact: tuple(values) for fact, values in facts.items()}
    grounds = (ground for code in questions
               for ground in _of_answer(Answer(id="", at=date.min, question=code, value="yes")))
    for ground in grounds:
        wanted[ground.fact] = (*wanted.get(ground.fact, ()), ground.value)
    return wanted


def _by_fact(grounds: Iterable[Ground]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for ground in grounds:
        found[ground.fact] = (*found.get(ground.fact, ()), ground.value)
    return found


def _rests(rule: Rule, grounds: Iterable[Ground]) -> tuple[str, ...]:
    looked = [*rule.when.asks()]
    return tuple(dict.fromkeys(
        ground.of for ground in grounds
        if any(ground.fact == fact and ground.value in values for fact, values in looked)))


def _falls(
    statements: tuple[Statement, ...], now: date | datetime, before: Watch | None, refuted: set[str],
    level: Priority, reasons: Sequence[WatchReason],
) -> tuple[Fall, ...]:
    """Each statement whose refutation alone would lower the level, and to what."""
    found = []
    for of in dict.fromkeys(of for reason in reasons if reason.level == level for of in reason.rests):
        to = _watch(statements, now, before, refuted=refuted | {of}, falls=False).level
        if _above(level, to):
            found.append(Fall(of, to))
    return tuple(found)


def _exposure(
    standing: Sequence[Statement], before: Watch | None, present: set[str], refuted: set[str],
) -> str:
    """The heaviest that was said and not refuted; unknown, never none, where nobody said anything."""
    said = [one.value for one in standing if isinstance(one, Answer) and one.question == "exposure"]
    if not said and before is not None and not refuted - present:
        return before.exposure
    return max(said, key=EXPOSURES.codes.index, default=UNKNOWN_EXPOSURE)


def _day(at: date | datetime) -> date:
    """The day by the clock it was told in."""
    return at.date() if isinstance(at, datetime) else at


def _days(now: date | datetime) -> tuple[date, date]:
    """The earliest and the latest day that it may be now, somewhere."""
    if not isinstance(now, datetime):
        return now, now
    utc = now.astimezone(UTC)
    return (utc + _EARLIEST).date(), (utc + _LATEST).date()


def _near(one: Ahead, now: date | datetime) -> bool:
    """Within the days before and on its day; an attacker who is free again stays so after it."""
    earliest, latest = _days(now)
    return (earliest <= one.on or one.kind == "release-of-attacker") and one.on <= latest + timedelta(days=AHEAD_DAYS)


def _later(at: date | datetime, now: date | datetime) -> bool:
    """Whether it is dated after now on every clock."""
    if isinstance(at, datetime) and isinstance(now, datetime):
        return at.astimezone(UTC) > now.astimezone(UTC)
    return _day(at) > _days(now)[1]

