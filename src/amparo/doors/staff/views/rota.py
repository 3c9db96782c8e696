"""The duty rota: who is awake when, where nobody is, and what a colleague or a lead may change in it."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import clock, directory, pinged_at, policy, rota, waking
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels
from amparo.doors.staff import waking as told
from amparo.doors.staff.views.assigning import uuid_of
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
SPAN = dt.timedelta(days=14)  # of one page
AHEAD = dt.timedelta(days=28)  # how far gaps are told
MOST_TOLD = 20
MOST_PAGES = 13


@gate.page("rota.own")
def show(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """Two weeks a page, from now on; gaps of four weeks."""
    return _show(request, staff)


def _people() -> list[tuple[str, str]]:
    return [(str(one.id), one.pseudonym) for one in directory.case_people()]


def _show(request: HttpRequest, staff: OpenStaff, problems: list[dict[str, str]] | None = None, *,
          plan: told.Plan | None = None, away: told.Break | None = None) -> HttpResponse:
    now, names = clock.now(), told.names()
    raw = request.GET.get("page", "0")
    page = min(int(raw), MOST_PAGES - 1) if raw.isdecimal() and len(raw) < 3 else 0
    start = now + page * SPAN
    planned, shown = rota.load(now, now + AHEAD), rota.load(start, start + SPAN)
    here = {one.id for one in directory.case_people()}
    said = [(one.kind, told.trouble(one, names)) for one in planned.troubles]
    unreached = [names.get(one, "?") for one in dict.fromkeys(row.staff_id for row in planned.turns)
                 if one in here and not pinged_at.reachable(one)]
    zone = timezone.get_current_timezone_name()
    return gate.show(request, "rota.html", {
        "turns": [told.turn(row, staff, names, here) for row in shown.turns], "way": bool(pinged_at.ways()),
        "from": labels.day(timezone.localtime(start).date()), "to": labels.day(timezone.localtime(start + SPAN).date()),
        "before": page - 1 if page else None,
        "after": page + 1 if planned.ends and planned.ends > start + SPAN and page + 1 < MOST_PAGES else None,
        "can_plan": policy.may(staff.role, gate.NONE, "rota.plan"),
        "gaps": [text for kind, text in said if kind == rota.NOBODY][:MOST_TOLD],
        "doubts": [text for kind, text in said if kind != rota.NOBODY][:MOST_TOLD],
        "awake": [names.get(one, "?") for one in rota.on_duty(now)], "covered": waking.covered(now),
        "ends": labels.moment(planned.ends), "unreached": unreached, "zone": zone, "people": _people(),
        "breaks": [told.span(one.starts_at, one.ends_at) for one in rota.breaks_of(staff.id)],
        "others_away": [f"{names.get(one.staff_id, '?')}: {told.span(one.starts_at, one.ends_at)}"
                        for one in planned.absences if one.staff_id != staff.id],
        "plan": (plan or told.Plan(people=_people(), auto_id="plan_%s"))
        if policy.may(staff.role, gate.NONE, "rota.plan") else None,
        "away": away or told.Break(auto_id="away_%s"), "problems": problems or [],
    }, 400 if problems else 200)


@gate.page("rota.plan", methods=("POST",))
def plan(request: HttpRequest, staff: OpenStaff) -> Web:
    """Turns, in my own zone."""
    form = told.Plan(request.POST, people=_people(), auto_id="plan_%s")
    if not form.is_valid():
        return _show(request, staff, form.problems(), plan=form)
    given: dict[str, Any] = form.cleaned_data
    start = dt.datetime.combine(given["day"], given["begins"])
    end = dt.datetime.combine(given["day"], given["ends"])
    if end <= start:
        end += dt.timedelta(days=1)
    try:
        made = rota.plan(staff=staff, who=UUID(given["who"]), place=given["place"], start=start, end=end,
                         zone=timezone.get_current_timezone(), days=given["days"], weeks=given["weeks"])
    except AmparoError as error:
        return _show(request, staff, [gate.problem(error, form["day"].auto_id)], plan=form)
    said = ngettext("%(count)d turn is planned.", "%(count)d turns are planned.", made.turns) % {"count": made.turns}
    gate.notice(request, " ".join((said, *(told.change(one) for one in made.changes))))
    return HttpResponseRedirect(reverse("staff:rota"))


def _no_turn(request: HttpRequest) -> HttpResponse:
    return gate.refused(request, 400, _("No turn was chosen."), _("Go back and choose one."))


@gate.page("rota.own", methods=("POST",))
def hand(request: HttpRequest, staff: OpenStaff) -> Web:
    """The turn is a colleague's from now on."""
    turn, to = uuid_of(request.POST.get("turn", "")), uuid_of(request.POST.get("to-colleague", ""))
    if turn is None:
        return _no_turn(request)
    if to is None:
        return gate.refused(request, 400, _("No colleague was chosen."), _("Go back and choose one."))
    rota.hand(staff=staff, turn=turn, to=to)
    gate.notice(request, _("The turn is handed on. Tell your colleague: nothing is sent to them."))
    return HttpResponseRedirect(reverse("staff:rota"))


@gate.page("rota.plan", methods=("POST",))
def drop(request: HttpRequest, staff: OpenStaff) -> Web:
    """The turn is out of the plan."""
    turn = uuid_of(request.POST.get("turn", ""))
    if turn is None:
        return _no_turn(request)
    rota.drop(staff=staff, turn=turn)
    gate.notice(request, _("The turn is taken out of the plan. Look whether a gap is left."))
    return HttpResponseRedirect(reverse("staff:rota"))


@gate.page("rota.own", methods=("POST",))
def away(request: HttpRequest, staff: OpenStaff) -> Web:
    """I am away until then. Leads are told which turns become gaps."""
    form = told.Break(request.POST, auto_id="away_%s")
    if not form.is_valid():
        return _show(request, staff, form.problems(), away=form)
    zone = timezone.get_current_timezone()
    until = dt.datetime.combine(form.cleaned_data["day"], form.cleaned_data["hour"], tzinfo=zone).astimezone(dt.UTC)
    said = _("%(who)s is away until %(until)s. Turns of theirs in that time have nobody: look at the duty rota.") % {
        "who": staff.pseudonym, "until": f"{labels.moment(until)} ({timezone.get_current_timezone_name()})"}
    try:
        touched = rota.away(staff=staff, until=until, tell=said)
    except AmparoError as error:
        return _show(request, staff, [gate.problem(error, form["day"].auto_id)], away=form)
    if touched:
        gate.notice(request, ngettext(
            "Your break is kept. %(count)d turn of yours lies in it; the leads are told. You can hand it on below.",
            "Your break is kept. %(count)d turns of yours lie in it; the leads are told. You can hand them on below.",
            len(touched)) % {"count": len(touched)})
    else:
        gate.notice(request, _("Your break is kept. No turn of yours lies in it."))
    return HttpResponseRedirect(reverse("staff:rota"))


@gate.page("rota.own", methods=("POST",))
def back(request: HttpRequest, staff: OpenStaff) -> Web:
    """I am here again."""
    rota.back(staff=staff)
    gate.notice(request, _("You are here again; your turns count."))
    return HttpResponseRedirect(reverse("staff:rota"))
