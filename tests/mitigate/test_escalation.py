"""The escalation watch: forty scenarios by another hand, and what must hold in all of them."""

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from amparo.mitigate import escalation
from amparo.mitigate.escalation import RulesBroken, Watch, read, watch
from amparo.words.errors import AmparoError
from amparo.words.escalation import (
    Ahead,
    Answer,
    Capacity,
    Event,
    Refutation,
    Skipped,
    Statement,
    StatementRefused,
    Traced,
    Withdrawal,
)
from amparo.words.risk import PRIORITIES, Priority

FOLDER = Path(__file__).parent / "escalation"
FILES = sorted(FOLDER.glob("*.toml"))
DIGEST = "54c5d3df489b9b560d2e03a1896ec58de60e73b587f1887bf9d7915d60c35c96"
DAY = date(2026, 3, 1)


def statements(raw: dict[str, Any], parts: dict[str, list[str]]) -> Iterator[Statement]:
    """The statements of one line. `parts` holds the ids that each line before was given, and gets this one's."""
    made = [*_statements(raw, parts)]
    parts[raw["id"]] = [one.id for one in made]
    yield from made


def _statements(raw: dict[str, Any], parts: dict[str, list[str]]) -> Iterator[Statement]:
    of = {"id": raw["id"], "at": raw["at"]}
    match raw:
        case {"event": kind}:
            yield Event(**of, kind=kind, marks=tuple(raw.get("marks", ())), by=raw.get("by", "unknown"))
        case {"answer": answers}:
            for question, value in answers.items():  # several in one line are several statements
                own = raw["id"] if len(answers) == 1 else f"{raw['id']}/{question}"
                yield Answer(id=own, at=raw["at"], question=question, value=value)
        case {"ahead": kind}:
            yield Ahead(**of, kind=kind, on=raw["on"])
        case {"capacity": kind}:
            yield Capacity(**of, kind=kind)
        case {"finding": level}:
            yield Traced(**of, level=level, state=raw.get("state", "open"))
        case {"refute": gone}:
            for each in parts[gone]:
                yield Refutation(id=f"{raw['id']}/{each}", at=raw["at"], of=each, by=raw["by"], why=raw["why"])
        case {"withdraw": gone}:
            for each in parts[gone]:
                yield Withdrawal(id=f"{raw['id']}/{each}", at=raw["at"], of=each)
        case {"skip": question}:
            yield Skipped(**of, question=question)
        case _:
            raise AssertionError(f"a statement nobody understands: {raw}")


def day(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at


def told_until(scenario: dict[str, Any], now: date | datetime) -> list[Statement]:
    parts: dict[str, list[str]] = {}
    return [one for raw in scenario["say"] if day(raw["at"]) <= day(now) for one in statements(raw, parts)]


def rank(level: Priority) -> int:
    return PRIORITIES.index(level)


def scenario(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_scenarios_are_those_that_were_fixed_before_the_rules() -> None:
    assert len(FILES) == 40
    assert hashlib.sha256(b"".join(path.read_bytes() for path in FILES)).hexdigest() == DIGEST


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_scenario_is_met(path: Path) -> None:
    told = scenario(path)
    before: Watch | None = None
    for expected in told["assess"]:
        found = watch(told_until(told, expected["at"]), now=expected["at"], before=before)
        where = f"{path.stem} on {expected['at']}: {expected.get('explains', '')}"
        rests = {of.split("/")[0] for reason in found.reasons for of in reason.rests}
        assert found.level == expected["level"], where
        assert found.exposure == expected.get("exposure", found.exposure), where
        assert found.uncertain == expected.get("uncertain", found.uncertain), where
        assert set(expected.get("because", ())) <= rests, where
        assert not set(expected.get("not", ())) & rests, where
        assert set(expected.get("would_change", ())) <= set(found.would_raise), where
        before = found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_change_of_level_is_explained(path: Path) -> None:
    """A rise names a statement said since; a fall names a refutation said since, or a date that is over."""
    told = scenario(path)
    before, known = None, set()
    for expected in told["assess"]:
        said = told_until(told, expected["at"])
        found = watch(said, now=expected["at"], before=before)
        new = {one.id for one in said} - known
        if before and rank(found.level) < rank(before.level):
            since = new | {one.id for one in said if isinstance(one, Ahead)}
            assert {of for reason in found.reasons if reason.level == found.level for of in reason.rests} & since
        if before and rank(found.level) > rank(before.level):
            lost = {of for reason in before.reasons if reason.level == before.level for of in reason.rests}
            refuted = {one.of for one in said if isinstance(one, Refutation) and one.id in new}
            over = {one.id for one in said if isinstance(one, Ahead) and one.on < day(expected["at"])}
            assert lost & (refuted | over)
        for fall in found.would_lower:
            gone = Refutation(id="x", at=expected["at"], of=fall.of, by="handler", why="seen with own eyes")
            assert watch([*said, gone], now=expected["at"], before=before).level == fall.to
            assert rank(fall.to) > rank(found.level)
        before, known = found, known | new


def without(said: list[Statement], answer: Answer, now: date | datetime) -> dict[str, list[Statement]]:
    rest = [one for one in said if one is not answer]
    skipped = Skipped(id="skipped", at=now, question=answer.question)
    return {
        "removed": rest, "skipped": [*rest, skipped], "asked again and skipped": [*said, skipped],
        "withdrawn": [*said, Withdrawal(id="withdrawn", at=now, of=answer.id)],
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_answer_that_is_gone_ever_lowers(path: Path) -> None:
    """Removed, skipped or withdrawn, each single answer of each assessment: the level stands, and doubt grows."""
    told, tried = scenario(path), 0
    for expected in told["assess"]:
        said = told_until(told, expected["at"])
        whole = watch(said, now=expected["at"])
        for answer in [one for one in said if isinstance(one, Answer)]:
            for way, left in without(said, answer, expected["at"]).items():
                after = watch(left, now=expected["at"], before=whole)
                assert rank(after.level) <= rank(whole.level), f"{answer.question} {way}"
                assert after.uncertain >= whole.uncertain, f"{answer.question} {way}"
                if answer.question != "exposure":
                    # Asked for the first time and not answered, it is still named: the level could be as high.
                    fresh = watch(left, now=expected["at"])
                    assert rank(fresh.could_be) <= rank(whole.level), f"{answer.question} {way}"
                else:
                    assert after.exposure == whole.exposure
                tried += 1
    assert tried or not any(isinstance(one, Answer) for one in told_until(told, date.max))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_withdrawn_or_lost_lowers_and_nothing_protective_does(path: Path) -> None:
    told = scenario(path)
    for expected in told["assess"]:
        now = expected["at"]
        said = told_until(told, now)
        whole = watch(said, now=now)
        refuted = {one.of for one in said if isinstance(one, Refutation)}
        for one in said:
            if isinstance(one, Refutation) or one.id in refuted:
                continue
            taken = watch([*said, Withdrawal(id="w", at=now, of=one.id)], now=now)
            lost = watch([other for other in said if other is not one], now=now, before=whole)
            assert rank(taken.level) <= rank(whole.level)
            assert rank(lost.level) <= rank(whole.level)
            if any(one.id in reason.rests for reason in whole.reasons if reason.level == whole.level):
                assert taken.uncertain
                assert lost.uncertain
        safe = watch([*said, Capacity(id="c", at=now, kind="safe-house")], now=now)
        assert safe.level == whole.level
        assert "safe-house" in safe.capacities
        exposed = watch([*said, Answer(id="e", at=now, question="exposure", value="violent")], now=now)
        assert (exposed.level, exposed.exposure) == (whole.level, "violent")


HOME = Event(id="home", at=DAY, kind="doxing", marks=("home-address",))
DATED = Event(id="dated", at=DAY, kind="threat", marks=("dated",))


def test_home_and_a_dated_threat_alone_is_act_now() -> None:
    found = watch([HOME, DATED], now=DAY)
    assert found.level == Priority.P0
    assert found.reasons[0].rests == ("home", "dated")
    assert {fall.of for fall in found.would_lower} == {"home", "dated"}


def test_a_refutation_can_itself_be_refuted() -> None:
    gone = Refutation(id="r1", at=DAY, of="home", by="a", why="the office, not the home")
    back = Refutation(id="r2", at=DAY, of="r1", by="b", why="both are in one building")
    assert watch([HOME, DATED, gone], now=DAY).level == Priority.P1
    assert watch([HOME, DATED, gone, back], now=DAY).level == Priority.P0


def test_a_refuted_statement_that_was_also_deleted_is_no_reason() -> None:
    before = watch([HOME, DATED], now=DAY)
    gone = Refutation(id="r", at=DAY, of="home", by="a", why="the office, not the home")
    assert watch([DATED], now=DAY, before=before).level == Priority.P0
    assert watch([DATED, gone], now=DAY, before=before).level == Priority.P1


def test_clocks_apart() -> None:
    """An event dated later than now counts and is named; a day ahead is the whole day, anywhere in the world."""
    later = Event(id="later", at=date(2027, 1, 1), kind="threat")
    found = watch([later], now=DAY)
    assert (found.level, found.unclear) == (Priority.P2, ("later",))
    hearing = Ahead(id="h", at=DAY, kind="hearing", on=date(2026, 3, 4))
    summons = Event(id="s", at=DAY, kind="summons")
    levels = {now: watch([hearing, summons], now=now).level for now in (
        datetime(2026, 2, 28, 9, tzinfo=UTC), datetime(2026, 2, 28, 11, tzinfo=UTC),
        datetime(2026, 3, 5, 11, tzinfo=UTC), datetime(2026, 3, 5, 13, tzinfo=UTC))}
    assert list(levels.values()) == [Priority.P2, Priority.P1, Priority.P1, Priority.P2]


def test_an_attacker_who_is_free_again_stays_so() -> None:
    freed = Ahead(id="f", at=DAY, kind="release-of-attacker", on=DAY)
    assert watch([freed], now=date(2026, 6, 1)).level == Priority.P1


def test_contradiction_leaves_a_doubt_and_the_yes() -> None:
    said: list[Statement] = [
        Answer(id="1", at=DAY, question="danger-now", value="yes"),
        Answer(id="2", at=DAY, question="danger-now", value="no")]
    assert watch(said, now=DAY).level == Priority.P0
    home = [Answer(id="1", at=DAY, question="home-known", value="yes"),
            Answer(id="2", at=DAY, question="home-known", value="no")]
    assert "home-known" not in watch(home[:1], now=DAY).would_raise
    assert watch(home, now=DAY).level == watch(home[:1], now=DAY).level


def test_unknown_exposure_is_never_none() -> None:
    assert watch([], now=DAY).exposure == "unknown"


RULE = '[[rules]]\ncode = "{}"\nlevel = "{}"\nsays = "x"\nwhen = {}\n'
HEAD = 'version = 1\nsource = "x"\nchecked_on = 2026-11-25\nreviewed_by = ""\nsafety = ["danger-now"]\n'
THREAT = '{ question = "event", is = ["threat"] }'


@pytest.mark.parametrize(("rules", "says"), [
    (RULE.format("a", "P1", THREAT) + RULE.format("b", "P2", THREAT), "“a” and “b” give two levels"),
    (RULE.format("a", "P1", THREAT) + RULE.format("a", "P1", '{ question = "mark" }'), "“a” stands twice"),
    (RULE.format("a", "P1", '{ question = "mood", is = ["bad"] }'), "“mood”, which nobody gathers"),
    (RULE.format("a", "P1", "{ not = " + THREAT + " }"), "something is missing"),
])
def test_contradictory_rules_are_named(rules: str, says: str) -> None:
    with pytest.raises(RulesBroken, match=says):
        read(HEAD + rules)


@pytest.mark.parametrize("make", [
    lambda: Event(id="1", at=DAY, kind="gossip"), lambda: Event(id="1", at=DAY, kind="threat", marks=("rude",)),
    lambda: Answer(id="1", at=DAY, question="danger-now", value="maybe"),
    lambda: Answer(id="1", at=DAY, question="mood", value="yes"),
    lambda: Refutation(id="1", at=DAY, of="2", by="a", why=" "), lambda: Traced(id="1", at=DAY, level="huge"),
])
def test_a_statement_nobody_could_read_is_refused(make: Any) -> None:
    with pytest.raises(AmparoError) as told:
        make()
    assert isinstance(told.value, StatementRefused) or told.value.code == "unknown-code"


def test_every_rule_can_hold() -> None:
    """No rule is dead: each is met when every fact it looks at is there, and each says something of its own."""
    for rule in escalation.load().rules:
        assert rule.when.holds(dict(_wanted(rule)))
    assert len(escalation.all_texts()) == len(escalation.load().rules)


def _wanted(rule: escalation.Rule) -> Iterator[tuple[str, tuple[str, ...]]]:
    facts: dict[str, tuple[str, ...]] = {}
    for fact, values in rule.when.asks():
        facts[fact] = (*facts.get(fact, ()), *values)
    yield from facts.items()
