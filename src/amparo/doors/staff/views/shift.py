"""The end of a shift: a hand-over written from open ticks, kept as its writer leaves it; and what I looked at."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import handing, queue, swapping
from amparo.desk.accounts import OpenStaff
from amparo.desk.sheet import Sheet
from amparo.doors.staff import gate, labels, narrowing, walking, working
from amparo.doors.staff.views.assigning import uuid_of
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
MOST_LINES = 120


@gate.page("shift.hand-over", methods=("GET", "POST"))
def shift(request: HttpRequest, staff: OpenStaff) -> Web:
    """Each proposed line can be changed or left out before it is kept."""
    if request.method != "POST":
        drafts = sorted(handing.draft(staff), key=lambda one: not one.acts)  # what I touched, then the others
        shown, stands = drafts[:MOST_LINES], handing.stands(staff, [one.row.case for one in drafts[:MOST_LINES]])
        lines = [_line(one, stand, proposal(one, stand)) for one, stand in (
            (one, stands.get(one.row.case, handing.Stand())) for one in shown)]
        return _show(request, staff, lines, "", unshown=max(0, len(drafts) - MOST_LINES))
    texts, cases = request.POST.getlist("text"), request.POST.getlist("case")
    chosen, words = set(request.POST.getlist("keep")), request.POST.get("words", "")
    typed = {case: text for raw, text in zip(cases, texts, strict=False) if (case := uuid_of(raw)) is not None}
    try:
        kept = handing.keep(
            staff=staff, lines={case: text for case, text in typed.items() if str(case) in chosen}, text=words
        )
    except AmparoError as error:
        drafts = {one.row.case: one for one in handing.draft(staff)}
        stands = handing.stands(staff, list(drafts.keys() & typed.keys()))
        lines = [_line(drafts[case], stands.get(case, handing.Stand()), text, str(case) in chosen)
                 for case, text in typed.items() if case in drafts]
        return _show(request, staff, lines, words, problems=[gate.problem(error, "words")],
                     status=gate.STATUS.get(error.code, 400))
    said = ngettext("Handed over: %(count)d line.", "Handed over: %(count)d lines.", kept) % {"count": kept}
    mine = queue.load(staff).rows.of(staff.id)
    held = len(mine.where(lambda kind: kind.state not in narrowing.QUIET_STATES).places)
    if not held:
        gate.notice(request, f"{said} {_('Your shift is over; rest well.')}")
        return HttpResponseRedirect(reverse("staff:queue"))
    still = ngettext(
        "You still have %(count)d case: give it to a colleague, let it go, or keep it on purpose.",
        "You still have %(count)d cases: give each to a colleague, let it go, or keep it on purpose.", held)
    gate.notice(request, f"{said} {still % {'count': held}}")
    return HttpResponseRedirect(reverse("staff:queue") + "?who=mine")


def proposal(one: handing.Draft, stand: handing.Stand) -> str:
    """What could be said of a case, in the language of who writes it: what it is about, who has it, what is to be
    done until when. It names colleagues, and nobody else."""
    row = one.row
    about = [_(row.reason) if row.reason else "", ", ".join(working.threat(code) for code in stand.threats)]
    parts = [_("%(who)s has it") % {"who": stand.who} if stand.who else _("nobody has it"),
             _("not answered yet") if one.unanswered else "",
             labels.level(row.level) if row.level in handing.URGENT else "", labels.state(row.state),
             labels.waiting(row.waiting) if row.waiting else ""]
    said = " · ".join(part for part in (*about, *parts) if part)
    said += "".join(f"\n{line}" for line in walking.handed(stand.walks))
    for task in stand.tasks:
        until = _(" (until %(time)s)") % {"time": labels.moment(task.due)} if task.due else ""
        what = f"{task.text} ({task.who})" if task.who else task.text
        said += "\n" + _("To do: %(task)s%(until)s") % {"task": what, "until": until}
    if one.acts:
        done = ", ".join(f"{labels.act(code)} × {count}" if count > 1 else labels.act(code)
                         for code, count in one.acts.items())
        said += "\n" + _("This shift: %(done)s") % {"done": done}
    return said


def _line(one: handing.Draft, stand: handing.Stand, text: str, kept: bool | None = None) -> dict[str, Any]:
    """A line of the page. Ticked beforehand only where I did something in this shift: whoever reads it trusts that
    somebody has looked, and lines that nobody touched bury those that somebody wrote."""
    touched = bool(one.acts) or stand.wrote
    return {"touched": touched, "kept": touched if kept is None else kept, "case": one.row.case,
            "code": labels.case_code(one.row.case), "text": text,
            "url": reverse("staff:case", kwargs={"case": one.row.case})}


def _show(request: HttpRequest, staff: OpenStaff, lines: list[dict[str, Any]], words: str, *, unshown: int = 0,
          problems: list[dict[str, str]] | None = None, status: int = 200) -> HttpResponse:
    return gate.show(request, "shift.html", {
        "lines": [one for one in lines if one["touched"] or one["kept"]],
        "others": [one for one in lines if not (one["touched"] or one["kept"])], "words": words, "unshown": unshown,
        "problems": problems or [], "seen": (seen := handing.exposure(staff)), "weights": _weights(seen),
        "since": labels.moment(handing.began(staff))}, status)


def _weights(seen: handing.Exposure) -> list[dict[str, Any]]:
    """The cases whose pictures I saw, with who could look in my place."""
    return [{"code": labels.case_code(one.case), "pictures": one.pictures, "minutes": one.minutes,
             "url": reverse("staff:swap", kwargs={"case": one.case}),
             "case_url": reverse("staff:case", kwargs={"case": one.case}),
             "colleagues": [(str(who), name) for who, name in one.colleagues]} for one in seen.cases]


@gate.page("case.assign", methods=("POST",))
def swap(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """A colleague looks at the pictures in my place."""
    to = uuid_of(request.POST.get("to-colleague", ""))
    if to is None:
        return gate.refused(request, 400, _("No colleague was chosen."), _("Go back and choose one."))
    swapping.swap(staff=staff, case_id=case, to=to, text=_(
        "Please look at the pictures of this case in place of %(who)s, and describe what is needed in words.")
        % {"who": staff.pseudonym})
    gate.notice(request, _("Your colleague has it as a task. Take a break now, if you can."))
    return HttpResponseRedirect(reverse("staff:shift") + "#seen")


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
