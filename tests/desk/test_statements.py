"""Answers told version after version become statements that nothing but a refutation takes away."""

import datetime as dt
import random
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from amparo.desk import escalating, payloads, statements
from amparo.desk.opening import Read
from amparo.words import escalation as said
from amparo.words import questionnaires
from amparo.words.risk import PRIORITIES

NOW = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)
CASE = uuid4()


def version(proven: bool = True, **answers: list[str]) -> Read:
    told = {code.replace("_", "-"): values for code, values in answers.items()}
    item: Any = SimpleNamespace(id=uuid4(), kind="answers", channel="staff")
    return Read(item, payloads.Answers(at=NOW, answers=told), b"", "reporter", CASE, proven)


def told(*reads: Read) -> statements.Told:
    return statements.told(CASE, reads)


def test_an_answer_that_is_gone_is_withdrawn_and_one_that_comes_back_is_said_anew() -> None:
    first, none, again = version(home_known=["yes"]), version(home_known=["no"]), version(home_known=["yes"])
    assert list(told(first).sources) == ["a:home-known:yes:1"]
    after = told(first, none)
    assert set(after.sources) == {"a:home-known:yes:1", "a:home-known:no:1", "w:a:home-known:yes:1"}
    assert {one.said.id for one in told(first, none, again).sources.values() if isinstance(one.said, said.Answer)} == {
        "a:home-known:yes:1", "a:home-known:no:1", "a:home-known:yes:2"}
    assert told(version(False, home_known=["yes"])).sources == {}


def test_ids_are_made_of_what_is_said() -> None:
    """So that a refutation stays with it, whatever row it lies in."""
    one, other = version(danger=["yes"], exposed=["home"]), version(danger=["yes"], exposed=["home"])
    assert list(told(one).sources) == list(told(other).sources) == list(told(one, other).sources)


def test_every_answer_that_means_something_is_asked_by_the_report() -> None:
    asked = questionnaires.load("report")
    for code, value in (*statements._EVENTS, *statements._ANSWERS, *(("soon", one) for one in statements._AHEAD)):
        question = asked.question(code)
        assert question is not None, code
        assert value in {one.code for one in question.options} or question.kind == "yesno", (code, value)
    assert all(asked.question(code) is not None for code in statements._ASKED)


def test_the_day_of_an_event_is_the_first_that_was_told() -> None:
    (event,) = told(version(threats=["doxing"], when=["2026-03"], perpetrator=["private"])).statements
    assert isinstance(event, said.Event)
    assert (event.at, event.by, event.kind) == (dt.date(2026, 3, 1), "private", "doxing")
    (event,) = told(version(threats=["doxing"], when=["once upon a time"])).statements
    assert event.at == NOW.date()


def test_no_change_of_answers_ever_lowers() -> None:
    """Six hundred reporters who change their answers at random, and take some back."""
    asked = questionnaires.load("report")
    codes = ("danger", "home-known", "dated-threat", "earlier-offline", "dependants", "soon", "threats", "exposed",
             "perpetrator", "under-18", "device-use", "they-know", "access")
    choices = {code: [one.code for one in question.options] or ["yes", "no", "unsure"]
               for code in codes if (question := asked.question(code)) is not None}
    chance, moved = random.Random(4), 0
    for _ in range(600):
        reads: list[Read] = []
        before = len(PRIORITIES)
        for _version in range(4):
            given = {code: [chance.choice(values)] for code, values in choices.items() if chance.random() < 0.25}
            reads.append(version(**given))
            level = PRIORITIES.index(escalating.assess(told(*reads), NOW).level)
            assert level <= before, given
            moved += level < before
            before = level
    assert moved > 900  # the levels do move: up


def test_the_next_day_on_which_a_level_may_change_by_itself() -> None:
    soon = told(version(soon=["hearing"]))
    assert soon.turns(NOW.date()) == NOW.date() + dt.timedelta(days=4)  # the day after the three
    assert soon.turns(NOW.date() + dt.timedelta(days=9)) is None
    assert told(version(danger=["yes"])).turns(NOW.date()) is None
