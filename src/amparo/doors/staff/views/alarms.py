"""Alarms that are sealed to me: see them, say that I look, try the way a ping takes to me."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.desk import clock, pinged_at, policy, rota, waking
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate
from amparo.doors.staff import waking as told
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


@gate.page("alarm.see")
def alarms(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """Open ones on top, each with its night told line by line; and who is on duty now."""
    names = told.names()
    found = [told.alarm(one, names) for one in waking.alarms(staff)]
    return gate.show(request, "alarms.html", {
        "waiting": [one for one in found if one["open"]], "past": [one for one in found if not one["open"]],
        "on_duty": [names.get(one, "?") for one in rota.on_duty(clock.now())],
        "way": bool(pinged_at.ways()), "mine": pinged_at.reachable(staff.id),
        "can_test": policy.may(staff.role, gate.NONE, "rota.plan"),
    })


@gate.page("alarm.see", methods=("POST",))
def acknowledge(request: HttpRequest, staff: OpenStaff, alarm: UUID) -> HttpResponseRedirect:
    """I look at it now; the pings end."""
    if waking.acknowledge(staff=staff, alarm=alarm):
        gate.notice(request, _("You have said that you look at it. No more pings go out for it."))
    else:
        gate.notice(request, _("A colleague was faster and looks at it."))
    return HttpResponseRedirect(reverse("staff:alarms"))


@gate.page("rota.plan", methods=("POST",))
def test(request: HttpRequest, staff: OpenStaff) -> HttpResponseRedirect:
    """An alarm for everybody on duty, to see whether they are reached."""
    waking.test(staff=staff)
    gate.notice(request, _("The test alarm is raised. Load this page again in a minute: it tells who was pinged."))
    return HttpResponseRedirect(reverse("staff:alarms"))


@gate.page("rota.own", methods=("GET", "POST"))
def pinged(request: HttpRequest, staff: OpenStaff) -> Web:
    """Where I am pinged. With “try it”, a test alarm goes to me alone."""
    kept, problems = pinged_at.of(staff.id), []
    form = told.Where(gate.posted(request), initial={"mail": kept.mail, "command": kept.command})
    if request.method == "POST" and form.is_valid():
        try:
            pinged_at.keep(staff=staff, **form.cleaned_data)
            if request.POST.get("try") == "yes":
                waking.test(staff=staff, only_me=True)
                gate.notice(request, _("Kept, and a test goes to you. It stands among the alarms until you press."))
            else:
                gate.notice(request, _("Where you are pinged is kept."))
            return HttpResponseRedirect(reverse("staff:pinged-at"))
        except AmparoError as error:
            problems = [gate.problem(error, form["mail"].auto_id)]
    elif request.method == "POST":
        problems = form.problems()
    return gate.show(request, "pinged_at.html", {
        "form": form, "problems": problems, "ways": pinged_at.ways()}, 400 if problems else 200)
