"""The forms and words of the import pages: what each column is, and what becomes of each row."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _

from amparo.desk.import_runs import Account, Line
from amparo.desk.importing import Look
from amparo.doors.staff import labels
from amparo.doors.staff.forms import Calm
from amparo.gather import separated, tables
from amparo.gather.tables import Choices
from amparo.share import casebook, spellings
from amparo.share.casebook import Mapping

COLUMNS = 150  # that the page offers; those after stay with the row
NOT_SAID = "-"
PAGE = 200  # rows of the account on one page
_ORDER = [("", _("not said: a day that could be a month is told")), ("dmy", _("day, month, year: 31/05/2024")),
          ("mdy", _("month, day, year: 05/31/2024"))]
_SEPARATORS = [("", _("as found")), (",", _("comma")), (";", _("semicolon")), ("\t", _("tab")), ("|", _("bar"))]
STATES = {
    "uploaded": gettext_noop("not run yet"), "running": gettext_noop("being made"), "stopped": gettext_noop("stopped"),
    "done": gettext_noop("done"), "undoing": gettext_noop("being taken back"), "undone": gettext_noop("taken back"),
}
OUTCOMES = {
    "made": gettext_noop("One case"), "known": gettext_noop("Not made: a case was made of this row before"),
    "again": gettext_noop("Not made: the same row stands above"),
    "left": gettext_noop("Left out because of a problem"),
}


def targets() -> list[tuple[str, Any]]:
    """What a column may be, for a select."""
    return [
        (casebook.RECORD, gettext("Keep with the case, in no field")),
        *((one.code, gettext(one.text)) for one in casebook.targets()),
        (casebook.LANGUAGE, gettext("The language of the report")),
        (casebook.IDENTITY, gettext("Who the person is or how to reach them: kept apart")),
        (casebook.LEAVE_OUT, gettext("Leave out: do not keep it at all")),
    ]


class Reading(Calm):
    """How the file is read."""

    sheet = forms.ChoiceField(label=_("Sheet"), widget=forms.Select)
    heading = forms.IntegerField(label=_("Row of the heading"), min_value=1, max_value=tables.MOST_ROWS,
                                 widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"}))
    encoding = forms.ChoiceField(label=_("How its letters are written"), required=False, widget=forms.Select)
    separator = forms.ChoiceField(label=_("What stands between the cells"), required=False, choices=_SEPARATORS)

    def __init__(self, look: Look, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about = look.content.about
        names = [(str(n), one.name or gettext("the only one")) for n, one in enumerate(about.sheets)]
        self.fields["sheet"].choices = names  # type: ignore[attr-defined]
        self.fields["encoding"].choices = [("", gettext("as found")), *((e, e) for e in separated.ENCODINGS)]  # type: ignore[attr-defined]
        if about.format != "csv":
            del self.fields["encoding"], self.fields["separator"]

    def choices(self) -> Choices:
        return Choices(self.cleaned_data.get("encoding", ""), self.cleaned_data.get("separator", ""))


class Columns(Calm):
    """What each column is, which code a text stands for, and what happens to rows with a problem."""

    order = forms.ChoiceField(label=_("How dates like 05/06/2024 are written in this sheet"), required=False,
                              choices=_ORDER, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language of the reports, where no column tells it"), widget=forms.Select)
    odd = forms.ChoiceField(
        label=_("Rows with a problem"), widget=forms.RadioSelect,
        help_text=_("Nothing is lost either way: the dry run lists each of them before anything is made."), choices=[
            ("make", _("Make them all the same; what fits no field stays with the case as it was")),
            ("leave", _("Leave them out; mend the sheet and bring it again: rows that were made are not made twice")),
        ])

    def __init__(self, look: Look, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.look = look
        mapping = look.mapping
        self.fields["language"].choices = [(code, labels.language(code)) for code in casebook.SPOKEN]  # type: ignore[attr-defined]
        self.initial |= {"order": mapping.order, "language": mapping.language, "odd": mapping.odd}
        offered = targets()
        self.names = list(look.titles[:COLUMNS])
        for column, title in enumerate(self.names):
            self.fields[f"column_{column}"] = forms.ChoiceField(label=title, choices=offered)
            self.initial[f"column_{column}"] = mapping.columns[column]
        self.values = _values(look)
        for place, (target, word, text) in enumerate(self.values):
            name = f"value_{place}"
            self.fields[name] = forms.ChoiceField(label=text, choices=_codes(target), required=False)
            self.initial[name] = mapping.values.get(target, {}).get(word, NOT_SAID)

    def columns(self) -> list[dict[str, Any]]:
        """The columns with what stands in them, for the page."""
        return [
            {"field": self[f"column_{column}"], "letter": tables.letters(column), "cells": [
                row.cells[column] for row in self.look.sample if column < len(row.cells) and row.cells[column].strip()
            ][:3]}
            for column in range(len(self.names))
        ]

    def texts(self) -> list[dict[str, Any]]:
        """Texts that stand for no code yet, under their question."""
        asked = {one.code: gettext(one.text) for one in casebook.targets()}
        return [
            {"field": self[f"value_{place}"], "question": asked.get(target, gettext("The language of the report"))}
            for place, (target, _word, _text) in enumerate(self.values)
        ]

    def mapping(self) -> Mapping:
        """What was said. Call after is_valid()."""
        given, before = self.cleaned_data, self.look.mapping
        values: dict[str, dict[str, str]] = {}
        for place, (target, word, _text) in enumerate(self.values):
            code = given.get(f"value_{place}") or NOT_SAID
            if code != NOT_SAID:
                values.setdefault(target, {})[word] = "" if code == "none" else code
        columns = [given[f"column_{column}"] for column in range(len(self.names))]
        return Mapping(
            sheet=before.sheet, heading=before.heading, order=given["order"], language=given["language"],
            odd=given["odd"], values=values,
            columns=(*columns, *(casebook.RECORD for _ in range(len(self.names), len(before.columns)))),
        )


def _values(look: Look) -> list[tuple[str, str, str]]:
    """(question, folded text, text): what has no code, and what was given one on this page."""
    found = {(target, word): word for target, words in look.mapping.values.items() for word in words}
    for target, texts in look.unknown.items():
        found |= {(target, spellings.folded(text)): text for text in texts}
    return [(target, word, text) for (target, word), text in sorted(found.items())]


def _codes(target: str) -> list[tuple[str, Any]]:
    question = next((one for one in casebook.targets() if one.code == target), None)
    options = [(one.code, gettext(one.text)) for one in question.options] if question else [
        (code, labels.language(code)) for code in casebook.SPOKEN
    ]
    return [(NOT_SAID, gettext("not said yet")), *options, ("none", gettext("none of these"))]


def said(marks: Iterable[tables.Said]) -> list[str]:
    """What is told of the whole file."""
    return [gettext(tables.SAID[one.code]) % {"value": one.value} for one in marks if one.code in tables.SAID]


def counts(account: Account, *, dry: bool) -> list[str]:
    """The numbers, most important first."""
    n = account.counts
    made = n.get("made", 0)
    found = [ngettext("%(n)d row becomes a case.", "%(n)d rows become a case each.", made) % {"n": made} if dry else
             ngettext("%(n)d row became a case.", "%(n)d rows became a case each.", made) % {"n": made}]
    known, again, left, odd = (n.get(code, 0) for code in ("known", "again", "left", "odd"))
    if known:
        found.append(ngettext("%(n)d row is not made again: it was imported before.",
                              "%(n)d rows are not made again: they were imported before.", known) % {"n": known})
    if again:
        found.append(ngettext("%(n)d row stands twice in this sheet and is made once.",
                              "%(n)d rows stand twice in this sheet and are made once.", again) % {"n": again})
    if left:
        found.append(ngettext("%(n)d row is left out because of a problem.",
                              "%(n)d rows are left out because of a problem.", left) % {"n": left})
    if odd:
        found.append(ngettext("%(n)d row has something that went into no field.",
                              "%(n)d rows have something that went into no field.", odd) % {"n": odd})
    return found


def says(code: str) -> str:
    """A problem in a sentence."""
    return gettext(casebook.PROBLEMS.get(code) or tables.NOTES.get(code) or "")


def line(one: Line, titles: tuple[str, ...]) -> dict[str, Any]:
    """A row of the account for the page."""
    return {
        "number": one.number, "outcome": gettext(OUTCOMES.get(one.outcome, "")), "like": one.like,
        "url": reverse("staff:case", kwargs={"case": one.case}) if one.case else "",
        "code": labels.case_code(one.case) if one.case else "",
        "problems": [
            {"title": titles[problem.column] if 0 <= problem.column < len(titles) else "", "says": says(problem.code),
             "value": problem.value, "grave": problem.grave} for problem in one.problems
        ],
    }
