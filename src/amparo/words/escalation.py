"""What is said, over time, about one person or organisation under attack: events, answers, dates ahead, and who took
what back. The escalation watch (mitigate.escalation) reads it and gives a level with its reasons.

A statement is never changed: a person refutes it with a reason, the reporter withdraws it, a question is skipped.
"""

from datetime import date, datetime

import msgspec

from amparo.words.codes import CodeList, load
from amparo.words.errors import AmparoError

ONLINE: CodeList = load("online-events")
OFFLINE: CodeList = load("offline-events")
MARKS: CodeList = load("event-marks")
AHEAD: CodeList = load("dates-ahead")
CAPACITIES: CodeList = load("capacities")
QUESTIONS: CodeList = load("watch-questions")
EXPOSURES: CodeList = load("exposures")

UNKNOWN_EXPOSURE = "unknown"
"""Nobody answered what happens to the person if this becomes known. It is never read as "nothing"."""


class StatementRefused(AmparoError):
    """A statement that cannot be kept as it is."""

    code = "statement-refused"
    advice = "Complete it, or leave it out; nothing else was lost."


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is unique within one watch; `at` is when it happened or was said, a day where no hour is known."""

    id: str
    at: date | datetime


class Event(_Said, frozen=True, kw_only=True, tag="event"):
    """Something that happened. `kind` is one of ONLINE or OFFLINE, `marks` of MARKS, `by` of words.perpetrators."""

    kind: str
    marks: tuple[str, ...] = ()
    by: str = "unknown"

    def __post_init__(self) -> None:
        if self.kind not in ONLINE and self.kind not in OFFLINE:
            raise StatementRefused(f"“{self.kind}” is no kind of event.")
        for mark in self.marks:
            MARKS.get(mark)


class Answer(_Said, frozen=True, kw_only=True, tag="answer"):
    """A standing question and its answer: yes, no or unsure; for `exposure` one of EXPOSURES."""

    question: str
    value: str

    def __post_init__(self) -> None:
        QUESTIONS.get(self.question)
        if self.value not in (EXPOSURES.codes if self.question == "exposure" else ("yes", "no", "unsure")):
            raise StatementRefused(f"“{self.value}” is no answer to “{self.question}”.")


class Ahead(_Said, frozen=True, kw_only=True, tag="ahead"):
    """Something dated that comes. It weighs in the three days before, and on the day."""

    kind: str
    on: date

    def __post_init__(self) -> None:
        AHEAD.get(self.kind)


class Capacity(_Said, frozen=True, kw_only=True, tag="capacity"):
    """Something that protects. It is shown beside the level and never lowers it."""

    kind: str

    def __post_init__(self) -> None:
        CAPACITIES.get(self.kind)


class Traced(_Said, frozen=True, kw_only=True, tag="finding"):
    """A finding of an examination. `state`: open, accepted or rejected (a person's decision)."""

    level: str
    state: str = "open"

    def __post_init__(self) -> None:
        if self.level not in ("high", "medium", "low", "info") or self.state not in ("open", "accepted", "rejected"):
            raise StatementRefused("A finding has a level and a state of the lists.")


class Refutation(_Said, frozen=True, kw_only=True, tag="refute"):
    """A person signs that a statement does not hold. Nothing else lowers a level."""

    of: str
    by: str
    why: str

    def __post_init__(self) -> None:
        if not self.by.strip() or not self.why.strip():
            raise StatementRefused("Refuting needs a person and a reason.",
                                   advice="Write in one sentence how you know that it is not so.")


class Withdrawal(_Said, frozen=True, kw_only=True, tag="withdraw"):
    """The reporter takes a statement back. It never lowers; it makes the level uncertain."""

    of: str


class Skipped(_Said, frozen=True, kw_only=True, tag="skip"):
    """A question that was asked and not answered. It never lowers; it makes the level uncertain."""

    question: str

    def __post_init__(self) -> None:
        QUESTIONS.get(self.question)


Statement = Event | Answer | Ahead | Capacity | Traced | Refutation | Withdrawal | Skipped
