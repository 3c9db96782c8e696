"""The questionnaire as pages: which come, in which order, with which texts, and what a form sent back.

The browser is never believed: which questions there are follows from the kept answers alone (words.questionnaires).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.desk.drafts import Draft
from amparo.words import consents, questionnaires
from amparo.words.questionnaires import Problem, Question, Questionnaire

Answers = Mapping[str, Sequence[str]]
LAST_STEPS = ("readers", "choices", "check")
"""What follows the questions: who reads, what we may do, check it."""

REFUSED = "-"
"""Value of "I would rather not answer": a radio button cannot be unchosen without a script."""


@dataclass
class Choice:
    """One option of a question, in the reader's language."""

    value: str
    text: str
    help: str = ""
    chosen: bool = False


@dataclass
class Field:
    """One question as a form field, in the reader's language."""

    code: str
    kind: str
    text: str
    help: str
    value: str = ""
    options: list[Choice] = field(default_factory=list)
    error: str = ""
    keep: Choice | None = None

    @property
    def id(self) -> str:
        """The HTML id of the field."""
        return f"q-{self.code}"

    @property
    def described(self) -> str:
        """The ids that describe it, for aria-describedby."""
        parts = [f"{self.id}-help"] if self.help else []
        return " ".join([*parts, *([f"{self.id}-error"] if self.error else [])])


@dataclass
class Step:
    """One page on the way to sending: its address, and its questions where it has some."""

    name: str
    href: str
    questions: tuple[Question, ...] = ()
    number: int = 0


def questionnaire() -> Questionnaire:
    """The questions of a report."""
    return questionnaires.load("report")


def _pages() -> list[str]:
    return list(dict.fromkeys(question.page for question in questionnaire().questions))


def number_of(page: str) -> int:
    """The number of a page in its address: fixed, whatever is visible."""
    return _pages().index(page) + 1


def steps(answers: Answers) -> list[Step]:
    """Every step that comes for these answers, in order."""
    found: dict[str, list[Question]] = {}
    for question in questionnaire().visible(answers):
        found.setdefault(question.page, []).append(question)
    way = []
    for page, questions in found.items():
        if any(question.kind == "files" for question in questions):
            way.append(Step("files", reverse("files"), tuple(questions)))
        else:
            number = number_of(page)
            way.append(Step(page, reverse("question", args=[number]), tuple(questions), number))
    if not any(step.name == "files" for step in way):
        way.append(Step("files", reverse("files")))
    return way + [Step(name, reverse(name)) for name in LAST_STEPS]


def at(way: Sequence[Step], name: str) -> int | None:
    """The place of a step by its name, or by its page number as text."""
    return next(
        (i for i, step in enumerate(way) if step.name == name or (step.number and str(step.number) == name)), None
    )


def onward(answers: Answers, name: str, *, checking: bool) -> str:
    """The address after this step; the check page where the reporter came from there."""
    if checking:
        return reverse("check")
    way = steps(answers)
    place = at(way, name)
    if place is None:  # its question is no longer asked: the first one that comes after it
        known = _pages()
        later = {*(known[known.index(name) + 1:] if name in known else ()), "files", *LAST_STEPS}
        return next((step.href for step in way if step.name in later), way[0].href)
    return way[min(place + 1, len(way) - 1)].href


def backward(answers: Answers, name: str) -> str:
    """The address before this step; the page before the questions for the first one."""
    way = steps(answers)
    place = at(way, name)
    return reverse("write") if not place else way[place - 1].href


def ending(answers: Answers, step: Step) -> str:
    """Where "Enough" leads: to the files, and from there past the other questions; who is past the files, goes on."""
    way = [one.name for one in steps(answers)]
    if step.name in way and way.index(step.name) > way.index("files"):
        return reverse("readers")
    return f"{reverse('files')}?end={step.number}"


def going_on(answers: Answers) -> str:
    """Where a draft goes on: after the last question that was answered."""
    way = steps(answers)
    answered = [i for i, step in enumerate(way) if any(question.code in answers for question in step.questions)]
    return way[answered[-1] + 1 if answered else 0].href


@dataclass
class Files:
    """The ways from the page of files: in its order, from the check page, or from "Enough" on some page."""

    query: str
    onward: str
    back: str
    next: str

    @classmethod
    def of(cls, request: HttpRequest, answers: Answers) -> "Files":
        """The ways for this request; an `end` that is no page of this report counts for nothing."""
        if "check" in request.GET:
            return cls("?check=1", reverse("check"), reverse("check"), back_to_check())
        way = steps(answers)
        from_page = at(way, request.GET.get("end", ""))
        if from_page is not None and way[from_page].number:
            here = way[from_page]
            return cls(f"?end={here.number}", reverse("readers"), here.href, _next_is("readers"))
        return cls("", onward(answers, "files", checking=False), backward(answers, "files"),
                   next_words(answers, "files"))


def place_words(answers: Answers, name: str, *, checking: bool = False) -> dict[str, Any]:
    """Where one is, in words: never a countdown, and no total that would daunt."""
    number = (at(steps(answers), name) or 0) + 1
    told = {
        "files": _("Files. You can go on without any."),
        "readers": _("The last three pages. First: who reads it."),
        "choices": _("The last three pages. Second: what this desk may do."),
        "check": _("The last page: check and send."),
    }
    words = told.get(name) or _("Page %(number)s. You can skip any question, or stop here and go to the end.")
    if checking and name != "check":
        words = _("You are changing one answer.")
    return {"number": number, "words": words % {"number": number}}


def back_to_check() -> str:
    """The line "what happens next" for whoever came from the check page."""
    return _("What happens next: back to the page where you check everything.")


def next_words(answers: Answers, name: str) -> str:
    """The line "what happens next"."""
    way = steps(answers)
    place = at(way, name)
    return _next_is(way[min((place or 0) + 1, len(way) - 1)].name)


def _next_is(following: str) -> str:
    told = {
        "files": _("What happens next: you can add files, if you like."),
        "readers": _("What happens next: you see who will read it, and can leave people out."),
        "choices": _("What happens next: you decide what we may do with it."),
        "check": _("What happens next: you see everything once more. Nothing is sent before that."),
    }
    return told.get(following) or _("What happens next: another question. Nothing is sent yet.")


def fields(step: Step, answers: Answers, given: Sequence[str], problems: Sequence[Problem] = ()) -> list[Field]:
    """The form fields of a step. `answers` may hold what was just typed, also where it was refused."""
    wrong = {problem.question: problem for problem in problems}
    made = []
    for question in step.questions:
        if question.kind == "files":
            continue
        values = list(answers.get(question.code, ()))
        one = Field(question.code, question.kind, _(question.text), _(question.help) if question.help else "",
                    value=values[0] if values else "")
        one.options = [
            Choice(option.code, _(option.text), _(option.help) if option.help else "", option.code in values)
            for option in question.options
        ]
        if question.kind in ("one", "yesno"):
            one.options.append(Choice(REFUSED, _("I would rather not answer"), chosen=REFUSED in values))
        if question.consent:
            purpose = next(item for item in consents.PURPOSES if item.code == question.consent)
            one.keep = Choice(purpose.code, _(purpose.says), _(purpose.help), purpose.code in given)
        if question.code in wrong:
            one.error = " ".join(problem_words(wrong[question.code]))
        made.append(one)
    return made


def problem_words(problem: Problem) -> tuple[str, str]:
    """A problem in the reader's language: what it is, and what to do."""
    says, advice = _(problem.says), _(problem.advice)
    return (says % problem.params, advice % problem.params) if problem.params else (says, advice)


def error_list(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Problems for the summary above the form, each leading to its field."""
    rows = []
    for problem in problems:
        says, advice = problem_words(problem)
        question = questionnaire().question(problem.question)
        first = "-1" if question is not None and question.options else ""
        rows.append({"field": f"q-{problem.question}{first}", "says": says, "advice": advice})
    return rows


def posted(request: HttpRequest, questions: Sequence[Question]) -> dict[str, list[str]]:
    """The fields of these questions from a form, every other field ignored. Nothing chosen is an empty list."""
    return {
        question.code: [value for value in request.POST.getlist(question.code) if value != REFUSED]
        for question in questions if question.kind != "files"
    }


def is_minor(answers: Answers) -> bool:
    """Whether the reporter said to be under 18."""
    return "yes" in answers.get("under-18", ())


FAR = ("un-confidential", "un-public-name", "diplomatic", "publish-story")
"""Purposes that reach beyond helpers: folded away, so that nobody under stress must weigh them first."""


def purposes(given: Sequence[str], answers: Answers, *, grounds: bool = True) -> dict[str, Any]:
    """The consents to offer, in the reader's language; nothing is chosen unless the reporter chose it.

    Those that reach far come apart. Without `grounds`, that answer was not given: there is nothing to ask about.
    """
    says = {purpose.code: _(purpose.says) for purpose in consents.PURPOSES}
    rows = [
        {"code": purpose.code, "says": _(purpose.says), "help": _(purpose.help) if purpose.help else "",
         "needs": says[purpose.needs] if purpose.needs else "", "chosen": purpose.code in given}
        for purpose in consents.offered(minor=is_minor(answers)) if grounds or purpose.code != "grounds"
    ]
    far = [row for row in rows if row["code"] in FAR]
    return {"near": [row for row in rows if row["code"] not in FAR], "far": far,
            "stories": any(row["code"] == "publish-story" for row in far),
            "open": any(row["chosen"] for row in far)}


def summary(draft: Draft) -> list[dict[str, Any]]:
    """The answers as rows for the check page: question, answers in words, and where to change them."""
    rows = []
    for step in steps(draft.answers):
        for question in step.questions:
            if question.kind == "files":
                names = [file.name for file in draft.files]
                rows.append({"text": _("Files"), "values": names or [_("none")], "typed": bool(names),
                             "add": not names, "href": step.href + "?check=1"})
                continue
            values = draft.answers.get(question.code, [])
            named = [_(o.text) for o in question.options if o.code in values] if question.options else list(values)
            unkept = bool(values) and bool(question.consent) and question.consent not in draft.consents
            rows.append({"text": _(question.text), "values": named, "typed": not question.options,
                         "unkept": unkept, "href": step.href + "?check=1", "answered": bool(values)})
    return rows


def in_words(answers: Answers) -> list[dict[str, Any]]:
    """Sent answers as rows, for the reporter who chose to see them again."""
    rows = []
    for question in questionnaire().questions:
        values = answers.get(question.code, ())
        if values and question.kind != "files":
            named = [_(o.text) for o in question.options if o.code in values] if question.options else list(values)
            rows.append({"text": _(question.text), "values": named, "typed": not question.options})
    return rows
