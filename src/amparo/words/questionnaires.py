"""Questionnaires as data.

One question a page, everything skippable, conditions that the server evaluates itself.

What a browser sends is never believed: an answer to a question that is not visible is dropped, an option that
does not exist is refused with a sentence, and a condition looks only at answers of visible questions. Texts
are English message ids; the doors translate them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal
from uuid import UUID

import msgspec

from amparo.words.conditions import Condition, QuestionnaireBroken, condition
from amparo.words.errors import AmparoError
from amparo.words.times import TimeUnclear, told

MAX_TEXT = 20_000
"""Characters a free text may have unless the desk sets another bound."""
MAX_CHAIN = 64
"""How long a chain of questions that depend on one another may be."""

Answers = dict[str, list[str]]
_LONE = re.compile("[\x00\ud800-\udfff]")


class Option(msgspec.Struct, frozen=True):
    """One choice. `alone` means that it excludes the others ("none of these")."""

    code: str
    text: str
    help: str = ""
    alone: bool = False


YES_NO = (Option("yes", "Yes"), Option("no", "No"), Option("unsure", "I do not know"))


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `options` are filled for one, many and yesno alike; `default` is a code, or empty.

    `consent` is a purpose of words.consents without which the answer is not kept (see Questionnaire.kept).
    `page` is the name of its page, one question each.
    """

    code: str
    kind: Literal["text", "one", "many", "yesno", "files", "date"]
    text: str
    help: str = ""
    options: tuple[Option, ...] = ()
    show_if: Condition | None = None
    page: str = ""
    default: str = ""
    consent: str = ""
    max_length: int | None = None
    requirement: tuple[str, ...] = ()

    def option(self, code: str) -> Option | None:
        """The option with this code, or None."""
        return next((option for option in self.options if option.code == code), None)


class Problem(msgspec.Struct, frozen=True):
    """Why an answer was not taken. `says` and `advice` may hold %(name)s places filled from `params`."""

    question: str
    code: str
    says: str
    advice: str
    params: dict[str, str] = {}


class Checked(msgspec.Struct, frozen=True):
    """What is left of raw input: clean answers, and the problems to show (typed text stays with the caller)."""

    answers: Answers
    problems: tuple[Problem, ...] = ()


class AnswersRefused(AmparoError):
    """Some answers could not be taken; `problems` says which and why. Nothing else was lost."""

    code = "answers-refused"
    advice = "Change this answer, or leave it empty."

    def __init__(self, problems: tuple[Problem, ...]):
        super().__init__("One of your answers needs a change.")
        self.problems = problems


_TOO_LONG = ("This text is longer than %(limit)s characters.",
             "Shorten it, or send the rest as a file or a second message.")
_NO_OPTION = ("This answer is not one of the choices.", "Choose from the list, or skip the question.")
_ONE_ONLY = ("Only one answer fits here.", "Choose one, or skip the question.")
_ALONE = ("These answers do not fit together.", "Choose either that one alone, or the others.")
_NO_FILE = ("This file is not part of your report.", "Add the file again, or skip the question.")

MESSAGES: tuple[str, ...] = tuple(
    text for pair in (_TOO_LONG, _NO_OPTION, _ONE_ONLY, _ALONE, _NO_FILE) for text in pair
) + ("One of your answers needs a change.", AnswersRefused.advice,
     "This date could not be read.", "There is no such date.", TimeUnclear.advice)


class Questionnaire(msgspec.Struct, frozen=True, kw_only=True):
    """An ordered list of questions. A question may depend only on questions before it."""

    name: str
    version: int
    source: str
    checked_on: str
    questions: tuple[Question, ...]

    def question(self, code: str) -> Question | None:
        """The question with this code, or None."""
        return next((question for question in self.questions if question.code == code), None)

    def visible(self, answers: Mapping[str, Sequence[str]]) -> tuple[Question, ...]:
        """The questions to ask, given these answers. Answers to hidden questions count for nothing."""
        seen: list[Question] = []
        counted: dict[str, Sequence[str]] = {}
        for question in self.questions:
            if question.show_if is None or question.show_if.holds(counted):
                seen.append(question)
                if question.code in answers:
                    counted[question.code] = answers[question.code]
        return tuple(seen)

    def after(self, code: str, answers: Mapping[str, Sequence[str]]) -> Question | None:
        """The next visible question after this one; None at the end (or when the code is unknown)."""
        order = {question.code: place for place, question in enumerate(self.questions)}
        here = order.get(code, len(order))
        return next((question for question in self.visible(answers) if order[question.code] > here), None)

    def before(self, code: str, answers: Mapping[str, Sequence[str]]) -> Question | None:
        """The visible question before this one; None at the beginning."""
        order = {question.code: place for place, question in enumerate(self.questions)}
        here = order.get(code, 0)
        return next((q for q in reversed(self.visible(answers)) if order[q.code] < here), None)

    def check(self, raw: Mapping[str, Sequence[str]], *, limit: int = MAX_TEXT) -> Checked:
        """Clean answers and problems. `limit` is the bound of free texts in characters."""
        answers: Answers = {}
        problems: list[Problem] = []
        for question in self.questions:
            if question.show_if is not None and not question.show_if.holds(answers):
                continue
            values = [tidy(value) for value in raw.get(question.code, ())]
            values = list(dict.fromkeys(value for value in values if value.strip()))
            if not values:
                continue
            problem = _problem(question, values, limit)
            if problem is None:
                answers[question.code] = _ordered(question, values)
            else:
                problems.append(problem)
        return Checked(answers, tuple(problems))

    def clean(self, raw: Mapping[str, Sequence[str]], *, limit: int = MAX_TEXT) -> Answers:
        """Clean answers; AnswersRefused with every problem when one cannot be taken."""
        checked = self.check(raw, limit=limit)
        if checked.problems:
            raise AnswersRefused(checked.problems)
        return checked.answers

    def kept(self, answers: Mapping[str, Sequence[str]], consents: Sequence[str]) -> Answers:
        """The answers that may be sent.

        Those whose own consent is missing are left out (and must be said so).
        """
        gone = set(self.without_consent(answers, consents))
        return {code: list(values) for code, values in answers.items() if code not in gone}

    def without_consent(
        self, answers: Mapping[str, Sequence[str]], consents: Sequence[str]
    ) -> tuple[str, ...]:
        """Codes of answered questions that will not be kept because their consent is missing."""
        return tuple(question.code for question in self.questions
                     if question.consent and question.code in answers and question.consent not in consents)

    def texts(self) -> tuple[str, ...]:
        """Every text of this questionnaire, once, in order."""
        found: dict[str, None] = {}
        for question in self.questions:
            of_options = (text for option in question.options for text in (option.text, option.help))
            found |= dict.fromkeys(text for text in (question.text, question.help, *of_options) if text)
        return tuple(found)


def tidy(text: str) -> str:
    """Text as typed, with one kind of line end; what no encoding can carry becomes U+FFFD."""
    return _LONE.sub("�", text.replace("\r\n", "\n").replace("\r", "\n"))


def _problem(question: Question, values: list[str], limit: int) -> Problem | None:
    if question.kind not in ("many", "files") and len(values) > 1:
        return Problem(question.code, "one-only", *_ONE_ONLY)
    if question.kind == "text":
        bound = limit if question.max_length is None else min(limit, question.max_length)
        if len(values[0]) > bound:
            return Problem(question.code, "too-long", *_TOO_LONG, {"limit": str(bound)})
    elif question.kind == "date":
        try:
            told(values[0])
        except TimeUnclear as unclear:
            return Problem(question.code, "date", unclear.says, unclear.advice)
    elif question.kind == "files":
        if not all(_is_uuid(value) for value in values):
            return Problem(question.code, "file", *_NO_FILE)
    else:
        chosen = [question.option(value) for value in values]
        if None in chosen:
            return Problem(question.code, "option", *_NO_OPTION)
        if len(chosen) > 1 and any(option is not None and option.alone for option in chosen):
            return Problem(question.code, "alone", *_ALONE)
    return None


def _ordered(question: Question, values: list[str]) -> list[str]:
    if question.kind != "many":
        return values
    return [option.code for option in question.options if option.code in values]


def _is_uuid(text: str) -> bool:
    try:
        known = UUID(text)
    except ValueError:
        return False
    return text in (str(known), known.hex)  # UUID() also reads braces and prefixes: one file has one name


class _RawQuestion(Question, frozen=True, kw_only=True):
    show_if: object = None  # type: ignore[assignment]  # becomes a Condition once its depth is bounded


class _RawQuestionnaire(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    version: int
    source: str
    checked_on: str
    questions: tuple[_RawQuestion, ...]


def read(data: bytes) -> Questionnaire:
    """A questionnaire from JSON.

    QuestionnaireBroken says what is wrong with it, in a sentence for its author.
    """
    try:
        raw = msgspec.json.decode(data, type=_RawQuestionnaire, strict=True)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as wrong:
        detail = "it is nested too deeply" if isinstance(wrong, RecursionError) else str(wrong)
        raise QuestionnaireBroken(f"This questionnaire cannot be read: {detail}.") from None
    return Questionnaire(name=raw.name, version=raw.version, source=raw.source, checked_on=raw.checked_on,
                         questions=_questions(raw.questions))


def _questions(raw: tuple[_RawQuestion, ...]) -> tuple[Question, ...]:
    known: dict[str, Question] = {}
    chain: dict[str, int] = {}
    for item in raw:
        if item.code in known:
            raise QuestionnaireBroken(f"Two questions have the code “{item.code}”.")
        shown = None if item.show_if is None else condition(item.show_if)
        chain[item.code] = 1
        for code, values in () if shown is None else shown.asks():
            if code not in known:
                raise QuestionnaireBroken(f"“{item.code}” depends on “{code}”, which is not asked before it.")
            if unknown := [value for value in values if known[code].option(value) is None]:
                raise QuestionnaireBroken(
                    f"“{item.code}” asks for “{unknown[0]}”, which “{code}” does not offer."
                )
            chain[item.code] = max(chain[item.code], chain[code] + 1)
        if chain[item.code] > MAX_CHAIN:
            raise QuestionnaireBroken(f"“{item.code}” hangs on more than {MAX_CHAIN} questions in a row.")
        known[item.code] = _question(item, shown)
    return tuple(known.values())


def _question(item: _RawQuestion, shown: Condition | None) -> Question:
    options = item.options or (YES_NO if item.kind == "yesno" else ())
    codes = [option.code for option in options]
    if (item.kind in ("one", "many")) != bool(item.options) and item.kind != "yesno":
        raise QuestionnaireBroken(f"“{item.code}” has options and kind that do not fit together.")
    if len(set(codes)) != len(codes):
        raise QuestionnaireBroken(f"“{item.code}” has the same option twice.")
    if item.default and item.default not in codes:
        raise QuestionnaireBroken(f"“{item.code}” has a default that it does not offer.")
    return Question(
        code=item.code, kind=item.kind, text=item.text, help=item.help, options=options, show_if=shown,
        page=item.page or item.code, default=item.default, consent=item.consent,
        max_length=item.max_length, requirement=item.requirement,
    )


@cache
def load(name: str = "report") -> Questionnaire:
    """A packaged questionnaire, words/data/<name>.json. QuestionnaireBroken when there is none."""
    place = files("amparo.words").joinpath("data", f"{name}.json")
    if not re.fullmatch(r"[a-z][a-z-]*", name) or not place.is_file():
        raise QuestionnaireBroken(f"There is no questionnaire “{name}”.")
    return read(place.read_bytes())


def all_texts() -> tuple[str, ...]:
    """Every English message id of this room that a person may read, once: for extraction into catalogues."""
    from amparo.words import codes, consents, kinds, risk, threats, why

    found = dict.fromkeys(load("report").texts())
    found |= dict.fromkeys(MESSAGES)
    found |= dict.fromkeys(consents.all_texts())
    for name in codes.names():
        found |= dict.fromkeys(t for entry in codes.load(name) for t in (entry.name, entry.definition) if t)
    for item in threats.TAXONOMY:
        found |= dict.fromkeys(t for t in (item.name, item.plain, item.definition) if t)
    found |= dict.fromkeys((*why.WHY_TEXTS.values(), *kinds.MEANS.values(), *risk.PRIORITY_TEXTS.values()))
    return tuple(found)
