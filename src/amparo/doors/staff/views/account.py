"""My own account: my fingerprint, my password."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from amparo.desk import accounts, clock, configuration, hiding, people, policy, profile, speaking
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError


@gate.page("own.account")
def account(request: HttpRequest, staff: accounts.OpenStaff) -> HttpResponse:
    """Who I am at this desk, and whether a lead has signed my key."""
    chosen = profile.load(staff).zone
    return gate.show(request, "account.html", {
        "fingerprint": people.own_fingerprint(staff), "unsigned": staff.role == "unsigned",
        "travel": policy.may(staff.role, gate.NONE, "own.travel"),
        "pinged": policy.may(staff.role, gate.NONE, "rota.own"),
        "switched_off": staff.role == "switched-off", "hidden": hiding.is_hidden(staff),
        "zones": _zones(chosen), "zone": chosen,
        "told": speaking.mine(staff), "readable": settings.LANGUAGES,
        "desk_zone": configuration.current().zone, "now": labels.moment(clock.now())})


def _zones(chosen: str) -> list[dict[str, Any]]:
    """The zones in groups: those that are likely first, each once; then the others by the part of the world."""
    first = dict.fromkeys(one for one in (configuration.current().zone, chosen, "UTC") if one)
    groups: dict[str, list[str]] = {_("Likely here"): list(first)}
    for name in sorted(configuration.zones() - first.keys()):
        area, slash, _place = name.partition("/")
        groups.setdefault(area if slash else _("Others"), []).append(name)
    return [{"label": label, "names": names} for label, names in groups.items()]


@gate.page("own.account", methods=("POST",))
def zone(request: HttpRequest, staff: accounts.OpenStaff) -> HttpResponse | HttpResponseRedirect:
    """The zone in which times are shown and read from now on."""
    chosen = request.POST.get("zone", "")
    profile.set_zone(staff=staff, zone=chosen)
    request.session[gate.ZONE] = chosen
    gate.notice(request, _("Your time zone is kept. Every time is shown in it."))
    return HttpResponseRedirect(reverse("staff:account"))


@gate.page("own.account", methods=("POST",))
def told(request: HttpRequest, staff: accounts.OpenStaff) -> HttpResponse | HttpResponseRedirect:
    """What I tell my colleagues of myself, or no longer."""
    speaking.tell(staff=staff, languages=tuple(request.POST.getlist("speaks")),
                  answers_as=request.POST.get("answers-as", ""))
    gate.notice(request, _("What your colleagues see of you is kept."))
    return HttpResponseRedirect(reverse("staff:account") + "#told")


@sensitive_post_parameters()
@gate.page("own.password", methods=("GET", "POST"))
def password(request: HttpRequest, staff: accounts.OpenStaff) -> HttpResponse | HttpResponseRedirect:
    """A new password for the same keys."""
    form = forms.Password(gate.posted(request))
    problems = []
    if request.method == "POST":
        if form.is_valid():
            try:
                accounts.change_password(session=request.session, staff=staff, old=form.cleaned_data["current"],
                                         new=form.cleaned_data["password"])
                gate.notice(request, _("Your password is changed. Your other sessions have ended."))
                return HttpResponseRedirect(reverse("staff:account"))
            except AmparoError as error:
                problems = [gate.problem(error, "id_current" if error.code == "wrong-login" else "id_password")]
        else:
            problems = form.problems()
    return gate.show(request, "password.html", {"form": form, "problems": problems}, 400 if problems else 200)
