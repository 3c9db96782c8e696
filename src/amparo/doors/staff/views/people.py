"""People of the desk, for leads: invite, compare a fingerprint and sign it, give new keys, remove."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import accounts, configuration, hiding, policy
from amparo.desk import new_keys as fresh_keys
from amparo.desk import people as desk_people
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


@gate.page("people.see")
def people(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """Everyone, by pseudonym, with the fingerprint of their key."""
    everyone = desk_people.colleagues(staff=staff)
    can = {name: policy.may(staff.role, gate.NONE, f"people.{name}") for name in ("invite", "sign", "remove", "hide")}
    active = sum(person.state == "active" for person in everyone)
    counted = ngettext("%(count)d active", "%(count)d active", active) % {"count": active}
    shown = sorted(everyone, key=lambda person: (_ORDER.get(person.state, 9), person.pseudonym.casefold()))
    return gate.show(request, "people.html", {
        "people": [_person(person, staff, can) for person in shown], "can": can, "counted": counted})


_ORDER = {"unsigned": 0, "locked": 1, "away": 1, "invited": 1, "active": 2, "removed": 3}


def _person(person: desk_people.Colleague, staff: OpenStaff, can: dict[str, bool]) -> dict[str, Any]:
    def to(name: str, when: bool) -> str:
        return reverse(f"staff:{name}", kwargs={"colleague": person.id}) if when else ""

    me = person.id == staff.id
    there = not me and not person.root
    ends = there and person.state in ("active", "unsigned")
    return {
        "pseudonym": person.pseudonym, "role_label": labels.role(person.role), "me": me,
        "state": person.state, "state_label": labels.staff_state(person.state), "fingerprint": person.fingerprint,
        "hidden": person.hidden, "hide_url": to("hide", can["hide"] and person.state != "removed"),
        "root": person.root, "doubtful": person.state == "active" and not person.proven,
        "cases": ngettext("%(count)d case", "%(count)d cases", person.cases) % {"count": person.cases}
        if person.cases else "",
        "until": labels.moment(person.invited_until) if person.state == "invited" else "",
        "sign_url": to("sign", can["sign"] and person.state == "unsigned"),
        "withdraw_url": to("withdraw-invitation", can["invite"] and person.state == "invited"),
        "new_keys_url": to("new-keys", can["sign"] and ends),
        "remove_url": to("remove", can["remove"] and (ends or (there and person.state in ("locked", "away")))),
    }


def _find(staff: OpenStaff, colleague: UUID) -> desk_people.Colleague:
    for person in desk_people.colleagues(staff=staff):
        if person.id == colleague:
            return person
    raise Http404


@gate.page("people.invite", methods=("GET", "POST"), fresh=True)
def invite(request: HttpRequest, staff: OpenStaff) -> Web:
    """A one-time address for a new colleague, shown once."""
    given = policy.given(configuration.current().roles)
    form = forms.Invite(gate.posted(request), roles=[(role, labels.role(role)) for role in given],
                        may_hide=policy.may(staff.role, gate.NONE, "people.hide"))
    problems = []
    if request.method == "POST":
        if form.is_valid():
            try:
                secret = accounts.invite(
                    lead=staff, pseudonym=form.cleaned_data["pseudonym"], role=form.cleaned_data["role"],
                    answers_as=form.cleaned_data["answers_as"], hidden=bool(form.cleaned_data.get("hidden")))
                return _invited(request, form.cleaned_data["pseudonym"], secret)
            except AmparoError as error:
                problems = [gate.problem(error, "id_pseudonym")]
        else:
            problems = form.problems()
    return gate.show(request, "invite.html", {"form": form, "problems": problems}, 400 if problems else 200)


def _invited(request: HttpRequest, pseudonym: str, secret: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("staff:join", kwargs={"secret": secret}))
    return gate.show(request, "invited.html", {"pseudonym": pseudonym, "link": link})


@gate.page("people.sign", methods=("GET", "POST"), fresh=True)
def sign(request: HttpRequest, staff: OpenStaff, colleague: UUID) -> Web:
    """Vouch for a colleague's key. The fingerprint that was on the page is the one that is signed, or none."""
    person = _find(staff, colleague)
    if not person.fingerprint:
        raise Http404
    form = forms.SignColleague(gate.posted(request))
    problems = []
    if request.method == "POST":
        if form.is_valid():
            try:
                desk_people.sign_colleague(lead=staff, staff_id=colleague,
                                           fingerprint=request.POST.get("fingerprint", ""))
                gate.notice(request, _("Signed. Your colleague can be given cases now.") + _still(colleague))
                return HttpResponseRedirect(reverse("staff:people"))
            except AmparoError as error:
                problems = [gate.problem(error)]
        else:
            problems = form.problems()
    return gate.show(request, "colleague_sign.html", {"person": person, "form": form, "problems": problems},
                     400 if problems else 200)


def _still(colleague: UUID) -> str:
    """After new keys: how many cases wait for somebody who reads them."""
    count = fresh_keys.waiting_for(colleague)
    return " " + ngettext(
        "%(count)d case still waits for a colleague who reads it: it comes back when they sign in.",
        "%(count)d cases still wait for a colleague who reads them: they come back when that colleague signs in.",
        count) % {"count": count} if count else ""


@gate.page("people.remove", methods=("GET", "POST"), fresh=True)
def remove(request: HttpRequest, staff: OpenStaff, colleague: UUID) -> Web:
    """End a colleague's access, everywhere at once."""
    person = _find(staff, colleague)
    form = forms.RemoveColleague(gate.posted(request))
    problems = []
    if request.method == "POST":
        if form.is_valid():
            try:
                count = desk_people.remove_staff(lead=staff, staff_id=colleague)
                gate.notice(request, ngettext("Removed. %(count)d case has new keys.",
                                              "Removed. %(count)d cases have new keys.", count) % {"count": count})
                return HttpResponseRedirect(reverse("staff:people"))
            except AmparoError as error:
                problems = [gate.problem(error)]
        else:
            problems = form.problems()
    return gate.show(request, "colleague_remove.html", {"person": person, "form": form, "problems": problems},
                     400 if problems else 200)


@gate.page("people.invite", methods=("POST",))
def withdraw(request: HttpRequest, staff: OpenStaff, colleague: UUID) -> Web:
    """Delete an invitation that nobody has used."""
    desk_people.withdraw_invitation(lead=staff, staff_id=colleague)
    gate.notice(request, _("The invitation no longer opens."))
    return HttpResponseRedirect(reverse("staff:people"))


@gate.page("people.hide", methods=("POST",))
def hide(request: HttpRequest, staff: OpenStaff, colleague: UUID) -> Web:
    """Leave a pseudonym out of what reporters see, or show it again."""
    hidden = request.POST.get("hidden") == "yes"
    changed = hiding.set_hidden(lead=staff, staff_id=colleague, hidden=hidden)
    if changed:
        gate.notice(request, _("Reporters are not shown this pseudonym any more. They still see how many people read, "
                               "and in which role.") if hidden else _("Reporters are shown this pseudonym."))
    return HttpResponseRedirect(reverse("staff:people"))


@gate.page("people.sign", methods=("GET", "POST"), fresh=True)
def new_keys(request: HttpRequest, staff: OpenStaff, colleague: UUID) -> Web:
    """For a forgotten password: a new invitation for the same colleague, with new keys."""
    person = _find(staff, colleague)
    form = forms.NewKeys(gate.posted(request))
    problems = []
    if request.method == "POST":
        if form.is_valid():
            try:
                return _invited(request, person.pseudonym, desk_people.reset_account(lead=staff, staff_id=colleague))
            except AmparoError as error:
                problems = [gate.problem(error)]
        else:
            problems = form.problems()
    return gate.show(request, "colleague_new_keys.html", {
        "person": person, "form": form, "problems": problems, **_ahead(fresh_keys.ahead(staff, colleague))},
        400 if problems else 200)


def _ahead(found: fresh_keys.Ahead) -> dict[str, Any]:
    """Which cases come back by whom, in numbers; those that would be lost, by their short names."""
    def counted(count: int) -> str:
        return ngettext("%(count)d case", "%(count)d cases", count) % {"count": count}

    return {"with_me": counted(found.with_me) if found.with_me else "",
            "by_others": [(who, counted(count)) for who, count in sorted(found.by_others.items())],
            "lost": [labels.case_code(one) for one in found.lost]}
