"""Cases from a sheet: bring it, say what its columns are, see what would happen, let it happen, take it back."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.desk import importing
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.spreadsheets import SheetNotRead
from amparo.desk.uploads import FIELD, SealedUpload
from amparo.doors.staff import gate, labels
from amparo.doors.staff import imports as words
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


def _to(name: str, sheet: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"staff:{name}", kwargs={"sheet": sheet}))


@gate.page("import.run", methods=("GET", "POST"))
def imports(request: HttpRequest, staff: OpenStaff) -> Web:
    """My imports, and the form that brings another sheet."""
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        refused: list[AmparoError] = list(getattr(request, "upload_refusals", []))
        upload = request.FILES.get(FIELD)
        if isinstance(upload, SealedUpload) and not refused:
            return _to("import-map", importing.begin(staff=staff, upload=upload))
        missing = DeskError("No sheet was chosen.", advice="Choose an .xlsx or a CSV file first.", code="sheet-none")
        problems = [gate.problem(error, FIELD) for error in refused or [missing]]
    rows = [
        {"name": one.name, "day": labels.day(one.made_on), "state": _(words.STATES[one.state]),
         "url": reverse("staff:import-map" if one.account is None else "staff:import-account",
                        kwargs={"sheet": one.id})}
        for one in importing.mine(staff)
    ]
    return gate.show(request, "imports.html", {"rows": rows, "problems": problems}, 400 if problems else 200)


@gate.page("import.run", methods=("GET", "POST"))
def mapping(request: HttpRequest, staff: OpenStaff, sheet: UUID) -> Web:
    """What each column is. A sheet that cannot be read says why, and may be read in another way or thrown away."""
    known = importing.known(staff, sheet)
    if known.state != "uploaded":
        return _to("import-account", sheet)
    try:
        look = importing.look(staff, sheet)
    except SheetNotRead as error:
        return gate.show(request, "import_unread.html", {
            "name": known.name, "sheet": sheet, "problems": [gate.problem(error)]}, 400)
    part = request.POST.get("part", "")
    reading = words.Reading(look, request.POST if part == "reading" else None, initial={
        "sheet": look.mapping.sheet, "heading": look.mapping.heading, "encoding": look.choices.encoding,
        "separator": look.choices.separator})
    columns = words.Columns(look, request.POST if request.method == "POST" and part != "reading" else None)
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        form = reading if part == "reading" else columns
        if form.is_valid():
            try:
                return _said(request, staff, sheet, form)
            except AmparoError as error:
                problems = [gate.problem(error)]
        else:
            problems = form.problems()
    about = look.content.about
    return gate.show(request, "import_map.html", {
        "name": known.name, "sheet": sheet, "reading": reading, "form": columns, "problems": problems,
        "said": words.said(look.content.said),
        "rows": sum(row.number > look.mapping.heading for row in look.content.rows),
        "left_out": max(0, len(look.titles) - words.COLUMNS), "encoding": about.encoding,
        "plain": [columns["language"], columns["order"], columns["odd"]],
    }, 400 if problems else 200)


def _said(request: HttpRequest, staff: OpenStaff, sheet: UUID, form: "words.Reading | words.Columns") -> Web:
    if isinstance(form, words.Reading):
        importing.choose_reading(
            staff=staff, import_id=sheet, sheet=int(form.cleaned_data["sheet"]), heading=form.cleaned_data["heading"],
            choices=form.choices())
        return _to("import-map", sheet)
    importing.choose_mapping(staff=staff, import_id=sheet, mapping=form.mapping())
    if request.POST.get("next") == "again":
        gate.notice(request, _("Kept. Nothing is made yet."))
        return _to("import-map", sheet)
    importing.try_out(staff=staff, import_id=sheet)
    return _to("import-account", sheet)


@gate.page("import.run")
def account(request: HttpRequest, staff: OpenStaff, sheet: UUID) -> Web:
    """The dry run before, the progress meanwhile, the result after."""
    known = importing.known(staff, sheet)
    if known.account is None:
        return _to("import-map", sheet)
    if known.state in ("running", "undoing"):
        says = _("%(done)d of %(total)d rows") % {"done": known.done, "total": known.total}
        return gate.show(request, "import_progress.html", {
            "says": says, "done": known.done, "total": max(known.total, 1), "undoing": known.state == "undoing"})
    found = known.account
    everything = request.GET.get("rows") == "all"
    lines = found.lines if everything else found.odd
    page = _number(request.GET.get("page", ""))
    shown = lines[page * words.PAGE : (page + 1) * words.PAGE]
    return gate.show(request, "import_account.html", {
        "name": known.name, "sheet": sheet, "state": known.state, "dry": known.state in ("uploaded", "stopped"),
        "counts": words.counts(found, dry=known.state == "uploaded"), "said": words.said(found.said),
        "lines": [words.line(one, found.titles) for one in shown], "everything": everything,
        "newer": page - 1 if page else None, "older": page + 1 if (page + 1) * words.PAGE < len(lines) else None,
        "minutes": known.minutes_left, "dropped": found.dropped,
        "kept": found.kept, "made": found.counts.get("made", 0),
    })


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


@gate.page("import.run", methods=("POST",))
def run(request: HttpRequest, staff: OpenStaff, sheet: UUID) -> Web:
    """Make the cases."""
    importing.run(staff=staff, import_id=sheet)
    return _to("import-account", sheet)


@gate.page("import.run", methods=("POST",))
def undo(request: HttpRequest, staff: OpenStaff, sheet: UUID) -> Web:
    """Erase what was made and not touched."""
    importing.undo(staff=staff, import_id=sheet)
    return _to("import-account", sheet)


@gate.page("import.run", methods=("POST",))
def drop(request: HttpRequest, staff: OpenStaff, sheet: UUID) -> Web:
    """Throw the sheet away."""
    importing.drop(staff=staff, import_id=sheet)
    gate.notice(request, _("The sheet is thrown away. Cases that were made of it stay."))
    return HttpResponseRedirect(reverse("staff:imports"))


@gate.page("case.read")
def row(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponse:
    """The row that a case was made from, with what went into no field."""
    found = importing.row_of(staff, case)
    if found is None:
        raise NotFound("This case did not come from a sheet.", advice="Go back to the case.")
    values: dict[str, Any] = {
        "code": labels.case_code(case), "case_url": reverse("staff:case", kwargs={"case": case}), "row": found,
        "cells": list(found.cells.items()),
        "told": [{"title": title, "says": words.says(code), "value": value} for title, code, value in found.problems],
    }
    return gate.show(request, "imported_row.html", values)
