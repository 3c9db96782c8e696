"""Check-ins on the reporter's page: tried before they count, pressed without scripts, never shown again in full.

Who is called stands on no page once a plan is switched on: somebody may force her to open it.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amparo.desk import checkins, checkplans, clock, returning, waking
from amparo.desk.errors import DeskError
from amparo.desk.returning import Access
from amparo.doors import errors, planned
from amparo.doors.reporter import pages, phrases
from amparo.doors.reporter.back import with_access
from amparo.doors.reporter.writing import take_form

PRESSED = "pressed"
SAID = {
    "on": gettext_noop("It is switched on."), "well": gettext_noop("It is noted: you are well."),
    "early": gettext_noop("It is noted. It is too early to count for the next time, which stays as it is."),
    "help": gettext_noop("The desk is being woken. If you can, call somebody near you, too."),
    "paused": gettext_noop("It waits for you. The next time stands below."), "ended": gettext_noop("It is ended."),
}


@take_form
@with_access
def times(request: HttpRequest, access: Access) -> HttpResponse:
    """The plan that runs with its buttons, or the form of one."""
    standing = checkins.of_reporter(access)
    if request.method == "POST":
        go = request.POST.get("go", "")
        if go in checkins.PRESSES:
            return _press(request, access, go)
        return _plan(request, access, go)
    said = SAID.get(request.session.pop(PRESSED, ""), "")
    if standing is None or standing.due is None or "new" in request.GET:
        return _form(request, access, {}, said=said)
    return _running(request, access, said=said)


def _running(
    request: HttpRequest, access: Access, *, said: str = "", problem: dict[str, str] | None = None,
) -> HttpResponse:
    standing = checkins.of_reporter(access)
    if standing is None or standing.due is None:
        return _form(request, access, {}, said=said, problem=problem)
    now, rings = clock.now(), standing.rings()
    assert rings is not None
    return pages.show(request, "times.html", {
        "said": _(said) if said else "", "errors": [problem] if problem else [],
        "due": phrases.moment(standing.due), "away": planned.away(standing.due - now), "over": now >= standing.due,
        "missed": now >= rings, "rings": phrases.moment(rings), "iso": standing.due.isoformat(),
        "uncovered": checkplans.uncovered(standing.due, standing.grace) and now < standing.due,
        "by_desk": standing.by == "staff", "unwatched": checkins.watched(access.case, standing.plan) is None,
    })


def _press(request: HttpRequest, access: Access, go: str) -> HttpResponse:
    before = checkins.of_reporter(access)
    hours = request.POST.get("hours", "").strip().replace(",", ".")
    try:
        checkins.press(access, go, due=request.POST.get("due", ""), word=request.POST.get("word", "")[:500],
                       hours=float(hours) if hours.replace(".", "", 1).isdecimal() and len(hours) < 6 else 0)
    except DeskError as error:
        if errors.disk_full(error) or error.code in errors.STATUS:
            raise
        says, advice = errors.told(error)
        field = "hours" if go == checkins.PAUSED else ""
        return _running(request, access, problem={"field": field, "says": says, "advice": advice})
    after = checkins.of_reporter(access)
    same = before is not None and after is not None and before.due == after.due and before.due is not None
    early = same and before is not None and before.due is not None and before.due > clock.now()
    request.session[PRESSED] = "early" if go == checkins.WELL and early else go
    return redirect("times")


def _plan(request: HttpRequest, access: Access, go: str) -> HttpResponse:
    """Try it out, go back to change it, or switch it on as it was tried."""
    given = planned.filled(request.POST.dict())
    if go == "edit":
        given.pop("begins", None)
        return _form(request, access, given)
    try:
        plan = checkplans.read(given)
        if go == "on" and request.POST.get("agree") == "yes":
            checkins.begin(access, plan)
            request.session[PRESSED] = "on"
            return redirect("times")
    except DeskError as error:
        if errors.disk_full(error) or error.code in errors.STATUS:
            raise
        says, advice = errors.told(error)
        given.pop("begins", None)
        problem = {"field": getattr(error, "field", "in"), "says": says, "advice": advice}
        return _form(request, access, given, problem=problem)
    problems = []
    if go == "on":
        problems = [{"field": "agree", "says": _("You have not agreed yet."),
                     "advice": _("Tick the box if this is what you want, or change it.")}]
    return pages.show(request, "times_try.html", {
        **planned.tried(plan, clock.now(), phrases.moment), "errors": problems,
        "kept": [(name, value) for name, value in given.items() if name != "begins"],
    })


def _form(
    request: HttpRequest, access: Access, given: dict[str, str], *, said: str = "",
    problem: dict[str, str] | None = None,
) -> HttpResponse:
    standing = checkins.of_reporter(access)
    wrong = problem or {}
    values: dict[str, Any] = {
        "said": _(said) if said else "", "errors": [problem] if problem else [],
        "groups": planned.groups(given, wrong.get("field", ""), wrong.get("says", "")),
        "possible": waking.standing().known, "withdrawn": returning.case_of(access).withdrawn_at is not None,
        "replaces": standing is not None and standing.due is not None,
    }
    return pages.show(request, "times_form.html", values)
