"""Prevention: few questions to somebody to whom nothing has happened, and a short plan of what to do.

Which questions there are, which steps, and which answer eases a step stands once in checkup/<form>.toml; the words of
each language stand in checkup/<language>/<form>.toml. Answers only ever take a step away or put it off: what is
skipped, hidden or not known leaves the plan as careful as it was. Nothing here is kept, and nobody is given a score.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from amparo.mitigate.steps import LANGUAGES, spoken
from amparo.words.conditions import Condition, condition
from amparo.words.errors import AmparoError
from amparo.words.questionnaires import Questionnaire
from amparo.words.questionnaires import read as questionnaire

FORMS: tuple[str, ...] = ("check-up", "travel", "event", "election")
MOST_QUESTIONS = 10
MOST_STEPS = 12
FRESH = timedelta(days=180)
"""How long what was checked is taken to hold; after that a page says that it may be outdated."""


class CheckupBroken(AmparoError):
    """A form of prevention that cannot be used. It is for its author, never for a reporter."""

    code = "checkup-broken"
    advice = "Mend the file in mitigate/checkup."


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """One step without words: when it is due, what makes it needless, what puts it off by one stage.

    `noticed`: somebody who looks into the person's phone or accounts would see that it was done.
    """

    code: str
    stage: str
    unless: Condition | None = None
    later: Condition | None = None
    noticed: bool = False


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """A form without words. `close` is the question whose "no" says that nobody close looks in; may be empty."""

    code: str
    version: int
    source: str
    checked_on: date
    stages: tuple[str, ...]
    close: str
    questions: dict[str, tuple[str, ...]]
    steps: tuple[Ruled, ...]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a question, and of each option."""

    text: str
    options: dict[str, str]
    help: str = ""


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a step: what to do, why, and what it does not do."""

    do: str
    why: str
    limits: str


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form in one language. `reviewed_by` is empty until a person who knows field and language has signed."""

    language: str
    checked_on: date
    reviewed_by: str
    title: str
    about: str
    stages: dict[str, str]
    questions: dict[str, Asked]
    steps: dict[str, Told]


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a person's plan."""

    code: str
    stage: str
    do: str
    why: str
    limits: str
    noticed: bool


class Part(msgspec.Struct, frozen=True):
    """The steps of one stage, with its heading."""

    code: str
    heading: str
    steps: tuple[Due, ...]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form in one language: rules, words, and its questions as a questionnaire that checks what is sent."""

    rules: Rules
    words: Words
    questions: Questionnaire

    @property
    def unreviewed(self) -> bool:
        """True until a person has signed these words: every page says so."""
        return not self.words.reviewed_by.strip()

    def plan(self, answers: Mapping[str, Sequence[str]]) -> tuple[Part, ...]:
        """The plan for cleaned answers, by stage; stages without a step are left out."""
        close = answers.get(self.rules.close, ()) if self.rules.close else ("no",)
        watched = "no" not in close
        due = [
            Due(code=step.code, stage=_when(step, self.rules.stages, answers), noticed=step.noticed and watched,
                **msgspec.structs.asdict(self.words.steps[step.code]))
            for step in self.rules.steps if step.unless is None or not step.unless.holds(answers)
        ]
        parts = (Part(stage, self.words.stages[stage], tuple(step for step in due if step.stage == stage))
                 for stage in self.rules.stages)
        return tuple(part for part in parts if part.steps)


def _when(step: Ruled, stages: Sequence[str], answers: Mapping[str, Sequence[str]]) -> str:
    if step.later is None or not step.later.holds(answers):
        return step.stage
    return stages[min(stages.index(step.stage) + 1, len(stages) - 1)]


def rules(text: str, code: str) -> Rules:
    """The rules of a form from its file's text; CheckupBroken says what is wrong."""
    try:
        raw = tomllib.loads(text)
        steps = tuple(Ruled(code=name, stage=item["stage"], noticed=item.get("noticed", False),
                            unless=_easing(item, "unless", code), later=_easing(item, "later", code))
                      for name, item in raw.pop("steps").items())
        found = msgspec.convert({**raw, "code": code, "steps": steps}, Rules)
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError, msgspec.ValidationError) as wrong:
        raise CheckupBroken(f"{code}: the rules cannot be read: {wrong}.") from None
    for said in _faults(found):
        raise CheckupBroken(f"{code}: {said}")
    return found


def _easing(item: Mapping[str, Any], name: str, code: str) -> Condition | None:
    if name not in item:
        return None
    made = condition(item[name])
    if _negates(made):
        raise CheckupBroken(f"{code}: “{name}” has a negation, which a skipped question would fulfil.")
    return made


def _negates(found: Condition) -> bool:
    """Whether something skipped could make it hold: a negation, or a question without a named answer."""
    if found.question:
        return not found.values
    return found.none is not None or any(_negates(part) for part in (*found.every, *found.some))


def _faults(found: Rules) -> Sequence[str]:
    said = []
    if len(found.questions) > MOST_QUESTIONS:
        said.append(f"{len(found.questions)} questions; {MOST_QUESTIONS} at most.")
    if len(found.steps) > MOST_STEPS:
        said.append(f"{len(found.steps)} steps; {MOST_STEPS} at most.")
    if found.close and "no" not in found.questions.get(found.close, ()):
        said.append(f"“{found.close}” is not a question that can be answered with no.")
    for step in found.steps:
        if step.stage not in found.stages:
            said.append(f"the step “{step.code}” has no stage of this form.")
        for easing in (step.unless, step.later):
            for question, values in () if easing is None else easing.asks():
                if not set(values) <= set(found.questions.get(question, ())):
                    said.append(f"the step “{step.code}” looks at an answer that nobody can give.")
    return said


def words(text: str, of: Rules, language: str) -> Words:
    """The words of a form in one language; CheckupBroken when they do not fit its rules."""
    name = f"{language}/{of.code}"
    try:
        found = msgspec.convert(tomllib.loads(text), Words)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise CheckupBroken(f"{name}: the words cannot be read: {wrong}.") from None
    shapes = (
        ("stages", list(found.stages), list(of.stages)),
        ("questions", list(found.questions), list(of.questions)),
        ("steps", list(found.steps), [step.code for step in of.steps]),
        *((f"options of “{code}”", list(asked.options), list(of.questions.get(code, ())))
          for code, asked in found.questions.items()),
    )
    for what, given, wanted in shapes:
        if given != wanted:
            raise CheckupBroken(f"{name}: the {what} are not those of the rules, in their order.")
    if found.language != language:
        raise CheckupBroken(f"{name}: the file says that its language is “{found.language}”.")
    return found


def _text(*path: str) -> str:
    return files("amparo.mitigate").joinpath("checkup", *path).read_text(encoding="utf-8")


@cache
def _load(code: str, language: str) -> Form:
    ruled = rules(_text(f"{code}.toml"), code)
    said = words(_text(language, f"{code}.toml"), ruled, language)
    asked = [
        {"code": name, "kind": "one", "text": one.text, "help": one.help, "page": name,
         "options": [{"code": option, "text": label} for option, label in one.options.items()]}
        for name, one in said.questions.items()
    ]
    raw = {"name": code, "version": ruled.version, "source": ruled.source,
           "checked_on": ruled.checked_on.isoformat(), "questions": asked}
    return Form(rules=ruled, words=said, questions=questionnaire(msgspec.json.encode(raw)))


def load(code: str, language: str) -> Form | None:
    """The packaged form in this language, in English where we have none; None for an unknown code."""
    return _load(code, spoken(language)) if code in FORMS else None


def outdated(checked_on: date, today: date) -> bool:
    """Whether what was checked on this day may no longer hold: more than 180 days ago."""
    return today - checked_on > FRESH


__all__ = ["FORMS", "LANGUAGES", "MOST_QUESTIONS", "MOST_STEPS", "CheckupBroken", "Form", "Part", "load", "outdated",
           "rules", "words"]
