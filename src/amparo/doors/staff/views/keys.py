"""My security keys and my keyboard: additions for browsers that run scripts. Nothing here is needed to work."""

import json

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from amparo import seal
from amparo.desk import profile, security_keys
from amparo.desk.accounts import OpenStaff
from amparo.doors import headers
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


def place(request: HttpRequest) -> seal.Place | None:
    """Where this page is shown, for keys; None where browsers would refuse them."""
    try:
        return security_keys.place_of(request.get_host())
    except DisallowedHost:
        return None


@gate.page("own.password")
def keys(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """The keys of my account, and how to add or remove one."""
    return _show(request, staff)


@sensitive_post_parameters()
@gate.page("own.password", methods=("POST",))
def add(request: HttpRequest, staff: OpenStaff) -> Web:
    """A new key: the browser has asked it already, the password is asked for here."""
    form = forms.AddKey(request.POST)
    problems = form.problems()
    if not problems:
        try:
            security_keys.add(
                session=request.session, staff=staff, place=place(request), password=form.cleaned_data["password"],
                label=form.cleaned_data["label"], answer=request.POST.get("answer", ""))
            gate.notice(request, _("The key is in your account. From now on it can stand for the code."))
            return HttpResponseRedirect(reverse("staff:keys"))
        except AmparoError as error:
            problems = [gate.problem(error)]
    return _show(request, staff, adding=form, problems=problems)


@sensitive_post_parameters()
@gate.page("own.password", methods=("POST",))
def remove(request: HttpRequest, staff: OpenStaff) -> Web:
    """Forget a key. Codes are never removed, so nobody is left outside."""
    form = _removing(request, staff)
    problems = form.problems()
    if not problems:
        try:
            security_keys.remove(staff=staff, password=form.cleaned_data["password"], key=form.cleaned_data["key"])
            gate.notice(request, _("The key no longer opens your account. Your codes work as before."))
            return HttpResponseRedirect(reverse("staff:keys"))
        except AmparoError as error:
            problems = [gate.problem(error)]
    return _show(request, staff, removing=form, problems=problems)


def _listed(one: profile.KeyShown) -> str:
    return _("%(label)s, added on %(day)s, for %(place)s") % {
        "label": one.label, "day": labels.day(one.added), "place": one.place}


def _removing(request: HttpRequest, staff: OpenStaff) -> forms.RemoveKey:
    mine = profile.load(staff).security_keys
    return forms.RemoveKey(gate.posted(request), keys=[(one.id, _listed(one)) for one in mine], prefix="gone")


def _show(request: HttpRequest, staff: OpenStaff, *, adding: forms.AddKey | None = None,
          removing: forms.RemoveKey | None = None, problems: list[dict[str, str]] | None = None) -> HttpResponse:
    mine, here = profile.load(staff).security_keys, place(request)
    options = security_keys.begin_adding(session=request.session, staff=staff, place=here) if here else None
    gone = removing or forms.RemoveKey(keys=[(one.id, _listed(one)) for one in mine], prefix="gone")
    page = gate.show(request, "keys.html", {
        "keys": [_listed(one) for one in mine], "options": json.dumps(options) if options else "",
        "adding": adding or forms.AddKey(), "removing": gone, "problems": problems or [],
        "full": len(mine) >= seal.MOST_KEYS,
    }, 400 if problems else 200)
    if options:
        page.headers["Permissions-Policy"] = headers.permissions("publickey-credentials-create")
    return page


@gate.page("own.account", methods=("POST",))
def shortcuts(request: HttpRequest, staff: OpenStaff) -> Web:
    """Single letters on or off; remembered with the account, sealed."""
    on = request.POST.get("shortcuts") == "on"
    profile.set_shortcuts(staff=staff, on=on)
    request.session[gate.SHORTCUTS] = on
    gate.notice(request, _("Keyboard shortcuts are on.") if on else _("Keyboard shortcuts are off."))
    return HttpResponseRedirect(reverse("staff:account"))
