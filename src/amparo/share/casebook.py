"""A table of cases becomes drafts of reports, by a mapping that a person confirmed.

What fits no field stays with the row, as it was; why it fitted none is said. The same function plans the dry run and
the real one.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from amparo.gather.tables import Note, Row, letters
from amparo.share import dates, spellings
from amparo.words import questionnaires
from amparo.words.questionnaires import Question, Questionnaire

RECORD, LEAVE_OUT, IDENTITY, LANGUAGE = "record", "leave-out", "identity", "language"
"""Targets beside the questions: kept with the row; not kept at all; who the person is; the report's language."""
ODD = ("make", "leave")
SPOKEN = ("en", "es", "fr", "ar")
_TOLD = ("formula", "merged", "hidden-row")  # worth saying; nothing is missing because of them

PROBLEMS = {
    "two-dates": "Two dates stand in one cell.",
    "date-order": "Either number could be the month. Say with the columns in which order this sheet writes dates.",
    "short-year": "The year has two digits only.",
    "date-unreadable": "This date could not be read.",
    "unknown-value": "This text stands for none of the choices.",
    "one-only": "Only one answer fits here, and the cell gives several.",
    "not-asked": "This belongs to a question that is not asked with the other answers of this row.",
    "too-long": "This text is longer than the field.",
    "no-heading": "This cell stands beyond the heading.",
    "nothing-told": "No field of the report took anything from this row.",
}
"""Why a value went into no field, as English message ids; beside those of gather.tables.NOTES."""


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of a sheet. `columns`: a target each, from the first column on.

    `values`: for a question, codes by folded text ("": none of them). `odd`: whether rows with a problem are made
    all the same ("make": the value stays with the row) or left out ("leave"); "" is not said yet.
    """

    sheet: int = 0
    heading: int = 1
    columns: tuple[str, ...] = ()
    order: str = ""
    language: str = "en"
    values: dict[str, dict[str, str]] = {}
    odd: str = ""


class Problem(msgspec.Struct, frozen=True, array_like=True):
    """What was met in one cell (`column` from 0; -1: the row). `code`: a key of PROBLEMS or of tables.NOTES."""

    column: int
    code: str
    value: str = ""

    @property
    def grave(self) -> bool:
        """Whether something of the row went into no field because of it."""
        return self.code not in _TOLD


class Planned(msgspec.Struct, frozen=True):
    """One row as the report that it would become. `content` is what makes two rows the same row."""

    number: int
    answers: dict[str, list[str]]
    language: str
    cells: dict[str, str]
    identity: str
    problems: tuple[Problem, ...]
    content: str

    @property
    def odd(self) -> bool:
        return any(one.grave for one in self.problems)


def asked() -> Questionnaire:
    return questionnaires.load("report")


def targets() -> tuple[Question, ...]:
    """The questions that a column may answer. Not files; and not what is kept only with the person's consent."""
    return tuple(one for one in asked().questions if one.kind != "files" and not one.consent)


def titles(heading: Sequence[str], width: int) -> tuple[str, ...]:
    """A name for each column, each once: its heading, or its letter."""
    found: list[str] = []
    for column in range(max(width, len(heading))):
        text = heading[column].strip() if column < len(heading) else ""
        name = " ".join(text.split())[:200] or letters(column)
        found.append(name if name not in found else f"{name} ({letters(column)})")
    return tuple(found)


def propose(heading: Sequence[str], width: int, *, sheet: int = 0, number: int = 1, language: str = "en") -> Mapping:
    """A first mapping from the words of the heading; a field that takes one text is proposed once."""
    known = spellings.headings()
    possible = {one.code for one in targets()} | {IDENTITY, LEAVE_OUT, LANGUAGE}
    chosen: list[str] = []
    for column in range(max(width, len(heading))):
        word = spellings.folded(heading[column]) if column < len(heading) else ""
        target = known.get(word, RECORD)
        again = target in chosen and target not in (IDENTITY, LEAVE_OUT)
        chosen.append(target if target in possible and not again else RECORD)
    return Mapping(sheet=sheet, heading=number, columns=tuple(chosen), language=language)


def plan(rows: Iterable[Row], mapping: Mapping) -> Iterator[Planned]:
    """Each row under the heading, in order. The rows must begin with the heading's or earlier."""
    heading: tuple[str, ...] = ()
    for row in rows:
        if row.number == mapping.heading:
            heading = row.cells
        elif row.number > mapping.heading:
            yield _Reading(row, titles(heading, max(len(row.cells), len(mapping.columns))), mapping).planned()


def unknown(rows: Iterable[Row], mapping: Mapping, most: int = 40) -> dict[str, list[str]]:
    """Texts that stand for none of the choices, by question, the first to come first: for a person to say."""
    found: dict[str, dict[str, str]] = {}
    for planned in plan(rows, mapping):
        for problem in planned.problems:
            if problem.code == "unknown-value" and problem.column < len(mapping.columns):
                texts = found.setdefault(mapping.columns[problem.column], {})
                if len(texts) < most:
                    texts.setdefault(spellings.folded(problem.value), problem.value)
    return {target: list(texts.values()) for target, texts in found.items()}


class _Reading:
    """One row being read."""

    def __init__(self, row: Row, names: tuple[str, ...], mapping: Mapping) -> None:
        self.row, self.names, self.mapping = row, names, mapping
        self.raw: dict[str, list[str]] = {}
        self.place: dict[str, int] = {}
        self.problems: list[Problem] = []
        self.language = mapping.language
        self.who: list[str] = []

    def planned(self) -> Planned:
        cells = self.row.cells
        for column, text in enumerate(cells):
            if text.strip():
                self._cell(column, text.strip())
        for note in self.row.notes:
            self._note(note)
        checked = asked().check(self.raw)
        for wrong in checked.problems:
            code = {"too-long": "too-long", "one-only": "one-only", "alone": "one-only"}.get(wrong.code, "not-asked")
            self._problem(self.place.get(wrong.question, -1), code)
        refused = {wrong.question for wrong in checked.problems}
        for code in self.raw:
            if code not in checked.answers and code not in refused:
                self._problem(self.place[code], "not-asked")
        if not checked.answers:
            self.problems.append(Problem(-1, "nothing-told"))
        kept = {
            self.names[column]: text for column, text in enumerate(cells)
            if text.strip() and self._target(column) not in (LEAVE_OUT, IDENTITY)
        }
        return Planned(
            self.row.number, checked.answers, self.language, kept, "\n".join(self.who), tuple(self.problems),
            self._content(),
        )

    def _target(self, column: int) -> str:
        return self.mapping.columns[column] if column < len(self.mapping.columns) else RECORD

    def _problem(self, column: int, code: str, value: str = "") -> None:
        text = self.row.cells[column] if 0 <= column < len(self.row.cells) else ""
        self.problems.append(Problem(column, code, (value or text)[:300]))

    def _cell(self, column: int, text: str) -> None:
        target = self._target(column)
        if column >= len(self.mapping.columns):
            self._problem(column, "no-heading")
        elif target == IDENTITY:
            self.who.append(f"{self.names[column]}: {text}")
        elif target == LANGUAGE:
            code = self._code(LANGUAGE, text)
            if code is None:
                self._problem(column, "unknown-value")
            self.language = code or self.language
        elif target not in (RECORD, LEAVE_OUT) and (question := asked().question(target)) is not None:
            self._answer(question, column, text)

    def _answer(self, question: Question, column: int, text: str) -> None:
        code = question.code
        if question.kind == "text":
            before = self.raw.get(code)
            joined = f"{before[0]}\n\n{self.names[column]}: {text}" if before else text
            self._take(question, column, [joined])
        elif question.kind == "date":
            try:
                day = dates.year_first(text, self.mapping.order)
            except dates.Unread as unread:
                self._problem(column, unread.code)
                return
            if self.raw.get(code, [day]) != [day]:
                self._problem(column, "two-dates")
                return
            self._take(question, column, [day])
        elif question.kind == "many":
            self._take(question, column, [*self.raw.get(code, ()), *self._several(question, column, text)])
        else:
            found = self._code(code, text)
            if found is None:
                self._problem(column, "unknown-value")
            elif self.raw.get(code, [found]) != [found]:
                self._problem(column, "one-only")
            elif found:
                self._take(question, column, [found])

    def _take(self, question: Question, column: int, values: list[str]) -> None:
        if values:
            self.raw[question.code] = values
            self.place[question.code] = column

    def _code(self, target: str, text: str) -> str | None:
        word = spellings.folded(text)
        said = self.mapping.values.get(target, {})
        return said[word] if word in said else spellings.codes(target).get(word)

    def _several(self, question: Question, column: int, text: str) -> list[str]:
        whole = self._code(question.code, text)
        if whole is not None:
            return [whole] if whole else []
        found = []
        for part in spellings.parts(text):
            code = self._code(question.code, part)
            if code is None:
                self._problem(column, "unknown-value", part)
            elif code:
                found.append(code)
        return found

    def _note(self, note: Note) -> None:
        target = self._target(note.column) if note.column >= 0 else ""
        grave = note.code not in _TOLD
        if grave and note.column >= 0 and target in (RECORD, LEAVE_OUT):
            return  # the cell is kept as it is, and no field waited for it
        self._problem(note.column, note.code, note.detail)

    def _content(self) -> str:
        """The row apart from its place, and apart from what a formula may work out anew tomorrow."""
        worked = {note.column for note in self.row.notes if note.code == "formula"}
        pairs = [
            (spellings.folded(self.names[column]), text.strip()) for column, text in enumerate(self.row.cells)
            if text.strip() and column not in worked
        ] or [("", text.strip()) for text in self.row.cells if text.strip()]
        return json.dumps(sorted(pairs), ensure_ascii=False, separators=(",", ":"))
