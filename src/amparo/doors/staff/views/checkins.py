"""Check-ins of a case: a plan made with the person, and the protocol once its alarm rings."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amparo.desk import checkplans, clock, protocols, waking
from amparo.desk.accounts import OpenStaff
from amparo.desk.protocols import OTHERWISE, Done, View
from amparo.doors import planned
from amparo.doors.staff import gate, labels
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
LATE = 360  # seconds after time and grace: more than the minutes at random
WHAT = {
    "on": gettext_noop("switched on"), "well": gettext_noop("pressed “I am well”"),
    "help": gettext_noop("pressed “I need help now”"), "paused": gettext_noop("put off"),
    "ended": gettext_noop("ended"), "forced": gettext_noop("typed the word that means: I am being forced"),
    "opened": gettext_noop("opened the protocol"), "called": gettext_noop("wrote an outcome"),
    "closed": gettext_noop("ended the alarm"),
}


def _to(case: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("staff:check-ins", kwargs={"case": case}))


@gate.page("case.check-in", methods=("GET", "POST"))
def of_case(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """The plan of this case and what was done; a POST opens the protocol, notes, ends, or makes a plan."""
    if request.method != "POST":
        return _show(request, staff, case)
    go = request.POST.get("go", "")
    if go in ("try", "edit", "on"):
        return _plan(request, staff, case, go)
    try:
        if go == "open":
            protocols.open_protocol(staff=staff, case_id=case)
        elif go == "note":
            raw = request.POST.get("step", "")
            protocols.note(staff=staff, case_id=case, step=int(raw) if raw.isdecimal() and len(raw) < 4 else -1,
                           text=request.POST.get("outcome", ""))
            gate.notice(request, _("Kept."))
        elif go in ("close", "close-all"):
            protocols.close(staff=staff, case_id=case, why=request.POST.get("why", ""), go_on=go == "close")
            gate.notice(request, _("The alarm is ended, and the protocol is closed."))
        elif go == "end":
            protocols.end(staff=staff, case_id=case)
            gate.notice(request, _("The plan is ended."))
    except AmparoError as error:
        return _show(request, staff, case, problems=[gate.problem(error, "why" if go.startswith("close") else "")],
                     status=gate.STATUS.get(error.code, 400), typed=request.POST.dict())
    return _to(case)


def _plan(request: HttpRequest, staff: OpenStaff, case: UUID, go: str) -> Web:
    given = planned.filled(request.POST.dict())
    if go == "edit":
        given.pop("begins", None)
        return _show(request, staff, case, given=given)
    try:
        plan = checkplans.read(given)
        if go == "on" and request.POST.get("agree") == "yes":
            protocols.begin(staff=staff, case_id=case, plan=plan)
            gate.notice(request, _("It is switched on. The person presses on the page that their words open."))
            return _to(case)
    except AmparoError as error:
        given.pop("begins", None)
        field = getattr(error, "field", "in")
        return _show(request, staff, case, given=given, problems=[gate.problem(error, field)],
                     status=gate.STATUS.get(error.code, 400))
    problems = [] if go == "try" else [{"field": "agree", "says": _("The person has not agreed yet."),
                                        "advice": _("Tick the box if they have, or change it with them.")}]
    return gate.show(request, "case/checkin_try.html", {
        **_frame(case), **planned.tried(plan, clock.now(), labels.moment), "problems": problems,
        "kept": [(name, value) for name, value in given.items() if name != "begins"]}, 400 if problems else 200)


def _frame(case: UUID) -> dict[str, Any]:
    return {"code": labels.case_code(case), "case_url": reverse("staff:case", kwargs={"case": case})}


def _show(
    request: HttpRequest, staff: OpenStaff, case: UUID, *, given: dict[str, str] | None = None,
    problems: list[dict[str, str]] | None = None, status: int = 200, typed: dict[str, str] | None = None,
) -> HttpResponse:
    view, known = protocols.of_case(staff, case), waking.standing().known
    wrong = problems[0] if problems else {}
    return gate.show(request, "case/checkins.html", {
        **_frame(case), **_plan_of(view, typed or {}), "problems": problems or [], "possible": known,
        "editing": given is not None, "typed": typed or {},
        "groups": planned.groups(given or {}, wrong.get("field", ""), wrong.get("says", "")),
        "done": [_line(one, view, staff) for one in reversed(view.done)],
    }, status)


def _plan_of(view: View, typed: dict[str, str]) -> dict[str, Any]:
    standing = view.standing
    if standing is None:
        return {"standing": None, "alarm": view.alarm is not None, "steps": [], "running": False, "lost": True,
                "sound": True, "newest": False, "firm": view.firm,
                "raised": labels.moment(view.raised_at) if view.raised_at else ""}
    now, rings = clock.now(), standing.rings()
    late = (view.raised_at - rings).total_seconds() if view.raised_at and rings and not view.firm else 0.0
    return {
        "standing": standing, "running": standing.due is not None, "alarm": view.alarm is not None,
        "due": labels.moment(standing.due) if standing.due else "", "grace": planned.minutes(standing.grace),
        "rings": labels.moment(rings) if rings else "", "firm": view.firm, "newest": view.newest,
        "late": planned.minutes(round(late / 60)) if late > LATE else "", "jumped": clock.jumped() is not None,
        "early": late < 0, "sound": view.sound,
        "unwatched": standing.due is not None and not view.watched,
        "gap": bool(standing.due and now < standing.due and checkplans.uncovered(standing.due, standing.grace)),
        "open": view.protocol is not None, "steps": _steps(view, typed),
        "raised": labels.moment(view.raised_at) if view.raised_at else "",
    }


def _steps(view: View, typed: dict[str, str]) -> list[dict[str, Any]]:
    """The protocol as steps, each with what came of it so far."""
    if view.protocol is None:
        return []
    steps: list[dict[str, Any]] = [
        {"step": number, "who": one.who, "how": one.how, "say": one.say, "never": one.never, "text": ""}
        for number, one in enumerate(view.protocol.contacts)]
    steps.append({"step": OTHERWISE, "who": "", "text": view.protocol.otherwise})
    for one in steps:
        one["outcomes"] = [
            {"text": done.text, "at": labels.moment(done.at), "who": view.names.get(done.who, "?") if done.who else ""}
            for done in view.done if done.what == "called" and done.alarm == view.alarm and done.step == one["step"]]
        one["typed"] = typed.get("outcome", "") if typed.get("step") == str(one["step"]) else ""
    return steps


def _line(one: Done, view: View, staff: OpenStaff) -> dict[str, str]:
    who = _("the person") if one.who is None else _("you") if one.who == staff.id else view.names.get(one.who, "?")
    return {"who": who, "what": _(WHAT.get(one.what, "")) or one.what, "at": labels.moment(one.at),
            "text": one.text if one.what == "closed" else ""}
