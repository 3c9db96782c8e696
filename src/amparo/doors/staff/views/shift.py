"""The end of a shift: a hand-over written from open ticks, kept as its writer leaves it; and what I looked at."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import handing
from amparo.desk.accounts import OpenStaff
from amparo.desk.sheet import Sheet
from amparo.doors.staff import gate, labels
from amparo.doors.staff.views.assigning import uuid_of
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
MOST_LINES = 120


@gate.page("shift.hand-over", methods=("GET", "POST"))
def shift(request: HttpRequest, staff: OpenStaff) -> Web:
    """Each proposed line can be changed or left out before it is kept."""
    if request.method != "POST":
        drafts = handing.draft(staff)
        lines = [_line(one, proposal(one), kept=True) for one in drafts[:MOST_LINES]]
        return _show(request, staff, lines, "", more=max(0, len(drafts) - MOST_LINES))
    texts, cases = request.POST.getlist("text"), request.POST.getlist("case")
    chosen, words = set(request.POST.getlist("keep")), request.POST.get("words", "")
    typed = {case: text for raw, text in zip(cases, texts, strict=False) if (case := uuid_of(raw)) is not None}
    try:
        kept = handing.keep(
            staff=staff, lines={case: text for case, text in typed.items() if str(case) in chosen}, text=words
        )
    except AmparoError as error:
        drafts = {one.row.case: one for one in handing.draft(staff)}
        lines = [_line(drafts[case], text, kept=str(case) in chosen) for case, text in typed.items() if case in drafts]
        return _show(request, staff, lines, words, problems=[gate.problem(error, "words")],
                     status=gate.STATUS.get(error.code, 400))
    said = ngettext("Handed over: %(count)d line. Your shift is over; rest well.",
                    "Handed over: %(count)d lines. Your shift is over; rest well.", kept)
    gate.notice(request, said % {"count": kept})
    return HttpResponseRedirect(reverse("staff:queue"))


def proposal(one: handing.Draft) -> str:
    """What could be said of a case, in the language of who writes it. It names nobody."""
    row = one.row
    parts = [_("mine") if one.mine else "", _("not answered yet") if one.unanswered else "",
             labels.level(row.level) if row.level in handing.URGENT else "", labels.state(row.state),
             labels.waiting(row.waiting) if row.waiting else ""]
    said = ", ".join(part for part in parts if part) + "."
    for duty in one.duties:
        until = _(" (until %(time)s)") % {"time": labels.moment(duty.due)} if duty.due else ""
        said += "\n" + _("To do: %(task)s%(until)s") % {"task": duty.text, "until": until}
    if one.acts:
        done = ", ".join(f"{labels.act(code)} × {count}" if count > 1 else labels.act(code)
                         for code, count in one.acts.items())
        said += "\n" + _("This shift: %(done)s") % {"done": done}
    return said


def _line(one: handing.Draft, text: str, *, kept: bool) -> dict[str, Any]:
    return {"case": one.row.case, "code": labels.case_code(one.row.case), "text": text, "kept": kept,
            "url": reverse("staff:case", kwargs={"case": one.row.case})}


def _show(request: HttpRequest, staff: OpenStaff, lines: list[dict[str, Any]], words: str, *, more: int = 0,
          problems: list[dict[str, str]] | None = None, status: int = 200) -> HttpResponse:
    return gate.show(request, "shift.html", {
        "lines": lines, "words": words, "more": more, "problems": problems or [], "seen": handing.exposure(staff),
        "since": labels.moment(handing.began(staff))}, status)


@gate.page("shift.hand-over", methods=("POST",))
def read(request: HttpRequest, staff: OpenStaff) -> Web:
    """I have read what was handed over; it leaves the top of my queue."""
    ids = tuple(one for raw in request.POST.getlist("note") if (one := uuid_of(raw)) is not None)
    handing.mark_read(staff=staff, ids=ids)
    return HttpResponseRedirect(reverse("staff:queue"))


def top(staff: OpenStaff, sheet: Sheet) -> list[dict[str, Any]]:
    """What stands on top of the queue; a line never outlives its case."""
    return [{"id": one.id, "who": one.who, "at": labels.moment(one.at), "text": one.text,
             "code": labels.case_code(one.case) if one.case else "",
             "url": reverse("staff:case", kwargs={"case": one.case}) if one.case else ""}
            for one in handing.waiting(staff, sheet.notes) if one.case is None or sheet.find(one.case) >= 0]
