"""What colleagues have agreed about a case: who has it, what is to be done, what was seen, what is handed over.

Folded from the case's own signed items, in their order, so that nobody's write is ever lost to another's: two
colleagues who write at once leave two items. Only what a colleague of the case has signed counts.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec

from amparo.desk import payloads
from amparo.desk.opening import Read
from amparo.mitigate import Refuted
from amparo.words.risk import PRIORITIES, Priority

KINDS = ("triage", "assignment", "task", "wave", "hand-over")
RAISED = "raised"  # refuted as a fact: the level that a colleague raised falls back to what the answers say


class Duty(msgspec.Struct, frozen=True):
    """One task as it stands. `by` wrote it first, `ended_by` ticked or dropped it last."""

    task: UUID
    text: str
    due: dt.datetime | None
    who: UUID | None
    state: str  # open, done, dropped
    outcome: str
    by: UUID
    at: dt.datetime
    ended_by: UUID | None = None


class Handed(msgspec.Struct, frozen=True):
    """A line of a hand-over note about this case."""

    shift: UUID
    by: UUID
    at: dt.datetime
    text: str


class Seen(msgspec.Struct, frozen=True):
    """What triage added to the answers. `by` and `why` are of the raising."""

    threats: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    level: str = ""
    by: UUID | None = None
    why: str = ""
    refuted: tuple[Refuted, ...] = ()
    times: int = 0  # how often somebody triaged it


class Working(msgspec.Struct, frozen=True):
    """How the work on a case stands."""

    who: UUID | None = None
    duties: tuple[Duty, ...] = ()
    waves: dict[UUID, str] = {}
    handed: tuple[Handed, ...] = ()
    seen: Seen = Seen()

    @property
    def open_duties(self) -> tuple[Duty, ...]:
        """What is still to be done: what is due first on top, what has no time last."""
        last = dt.datetime.max.replace(tzinfo=dt.UTC)
        return tuple(sorted((one for one in self.duties if one.state == "open"), key=lambda one: one.due or last))


def fold(reads: Iterable[Read]) -> Working:
    """The state of the work from opened items in their order."""
    who: UUID | None = None
    duties: dict[UUID, Duty] = {}
    waves: dict[UUID, str] = {}
    handed: list[Handed] = []
    triage = _Triages()
    for one in reads:
        payload = one.payload
        if isinstance(payload, payloads.Answers) and one.proven and one.item.channel == "staff":
            triage.answered(payload.answers)
        if not one.proven or one.author_kind != "staff":
            continue
        if isinstance(payload, payloads.Assignment):
            who = payload.who
        elif isinstance(payload, payloads.Task):
            duties[payload.task] = _duty(duties.get(payload.task), payload, one.author_id)
        elif isinstance(payload, payloads.Wave):
            if payload.out:
                waves.pop(payload.wave, None)
            else:
                waves[payload.wave] = payload.title
        elif isinstance(payload, payloads.HandOver):
            handed.append(Handed(payload.shift, one.author_id, payload.at, payload.text))
        elif isinstance(payload, payloads.Triage):
            triage.add(payload, one.author_id)
    return Working(who, tuple(duties.values()), waves, tuple(handed), triage.seen())


def _duty(before: Duty | None, task: payloads.Task, author: UUID) -> Duty:
    ended = author if task.state != "open" else None
    first = (before.by, before.at) if before else (author, task.at)
    return Duty(task.task, task.text, task.due, task.who, task.state, task.outcome, *first, ended)


class _Triages:
    """Triages one after another. A refuted fact counts again when the reporter answers it differently afterwards."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        self.refuted: dict[str, Refuted] = {}
        self.threats: tuple[str, ...] = ()
        self.needs: tuple[str, ...] = ()
        self.level, self.why, self.times = "", "", 0
        self.by: UUID | None = None

    def answered(self, answers: dict[str, list[str]]) -> None:
        for fact in [one for one in self.refuted if answers.get(one, []) != self.answers.get(one, [])]:
            if answers.get(fact):
                del self.refuted[fact]
        self.answers = answers

    def add(self, one: payloads.Triage, author: UUID) -> None:
        self.times += 1
        self.threats, self.needs = one.threats, one.needs
        for fact in one.refuted if one.why.strip() else ():
            if fact == RAISED:
                self.level, self.by, self.why = "", None, ""
            else:
                self.refuted[fact] = Refuted(fact, author, one.why)
        higher = one.level in tuple(Priority) and (
            not self.level or PRIORITIES.index(Priority(one.level)) < PRIORITIES.index(Priority(self.level))
        )
        if higher:
            self.level, self.by, self.why = one.level, author, one.why

    def seen(self) -> Seen:
        return Seen(
            self.threats, self.needs, self.level, self.by, self.why, tuple(self.refuted.values()), self.times
        )
