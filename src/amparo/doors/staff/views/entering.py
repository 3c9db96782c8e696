"""Coming in and going out: password, second step, the demonstration's link, the language of the pages."""

import json
import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from amparo.desk import accounts, bringing_back, demo_links, leaving, people, security_keys
from amparo.desk.errors import Expired
from amparo.doors import headers
from amparo.doors.staff import forms, gate
from amparo.doors.staff.views import keys
from amparo.words.errors import AmparoError

log = logging.getLogger("amparo.doors")
Web = HttpResponse | HttpResponseRedirect


@sensitive_post_parameters()
@gate.open_to_all(methods=("GET", "POST"))
def sign_in(request: HttpRequest) -> Web:
    """Login name and password. The answer to an unknown name and to a wrong password is the same."""
    to = gate.safe_target(request.POST.get("to") or request.GET.get("to"))
    form = forms.SignIn(gate.posted(request))
    problems = []
    if request.method == "POST":
        if form.is_valid():
            try:
                with gate.same_language(request):
                    pending = accounts.login_password(session=request.session, login=form.cleaned_data["login"],
                                                      password=form.cleaned_data["password"])
                return gate.go("staff:set-up") if pending.needs_set_up else gate.go("staff:code", to)
            except AmparoError as error:
                problems = [gate.problem(error, "id_login")]
        else:
            problems = form.problems()
    elif accounts.open_staff(request.session) is not None:
        return HttpResponseRedirect(to)
    return gate.show(request, "sign_in.html", {"form": form, "to": to, "problems": problems},
                     400 if problems else 200)


@sensitive_post_parameters()
@gate.open_to_all(methods=("GET", "POST"))
def code(request: HttpRequest) -> Web:
    """The second step: six digits, or a recovery code."""
    to = request.POST.get("to") or request.GET.get("to")
    pending = accounts.pending_of(request.session)
    if pending is None:
        return gate.go("staff:sign-in") if request.method != "POST" else gate.signed_out(request)
    if pending.needs_set_up:
        return gate.go("staff:set-up")
    form = forms.Code(gate.posted(request))
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        if form.is_valid():
            given = "".join(form.cleaned_data["code"].split())
            enter = accounts.login_totp if len(given) == 6 and given.isdigit() else accounts.login_recovery_code
            try:
                with gate.same_language(request):
                    staff = enter(session=request.session, code=given)
                _take_over(staff)
                return HttpResponseRedirect(_onward(to, staff.role))
            except AmparoError as error:
                problems = [gate.problem(error, "id_code")]
        else:
            problems = form.problems()
    return _second_step(request, form, to, problems)


def _second_step(request: HttpRequest, form: forms.Code, to: str | None, problems: list[dict[str, str]]) -> Web:
    """The page with the field for a code; the button for a key only where this account has one for this address."""
    try:
        asked = security_keys.asked(session=request.session, place=keys.place(request))
    except Expired:
        return gate.signed_out(request)
    page = gate.show(request, "code.html", {
        "form": form, "to": to or "", "problems": problems, "options": json.dumps(asked) if asked else "",
    }, 400 if problems else 200)
    if asked:
        page.headers["Permissions-Policy"] = headers.permissions("publickey-credentials-get")
    return page


@sensitive_post_parameters()
@gate.open_to_all(methods=("POST",))
def key(request: HttpRequest) -> Web:
    """The second step with a security key; where it does not work, the field for the code is there at once."""
    pending = accounts.pending_of(request.session)
    if pending is None or pending.needs_set_up:
        return gate.signed_out(request)
    to = request.POST.get("to")
    try:
        with gate.same_language(request):
            staff = security_keys.login(session=request.session, place=keys.place(request),
                                        answer=request.POST.get("answer", ""))
    except AmparoError as error:
        return _second_step(request, forms.Code(), to, [gate.problem(error, "id_code")])
    _take_over(staff)
    return HttpResponseRedirect(_onward(to, staff.role))


def _take_over(staff: accounts.OpenStaff) -> None:
    """What waited for me: new keys where a colleague has left, cases of one who is back, my own hand-over.

    A failure keeps nobody out.
    """
    try:
        people.rekey_waiting(staff=staff)
        bringing_back.give_waiting(staff)
        leaving.go_on(staff)
    except AmparoError as error:
        log.warning("staff.rekey-waiting %s", error.code)


def _onward(to: str | None, role: str) -> str:
    """Where somebody goes after signing in: the page they asked for, else the first page of their role."""
    door = reverse("staff:queue")
    return target if (target := gate.safe_target(to)) != door else gate.home(role)


@sensitive_post_parameters()
@gate.page("own.account", methods=("GET", "POST"))
def again(request: HttpRequest, staff: accounts.OpenStaff) -> Web:
    """The password once more, before a page that changes who can read cases. Nothing of that page is kept here."""
    to = gate.safe_target(request.POST.get("to") or request.GET.get("to"), gate.home(staff.role))
    form = forms.Again(gate.posted(request))
    problems = []
    if request.method == "POST":
        if form.is_valid():
            try:
                accounts.confirm_password(session=request.session, staff=staff, password=form.cleaned_data["password"])
                return HttpResponseRedirect(to)
            except AmparoError as error:
                problems = [gate.problem(error, "id_password")]
        else:
            problems = form.problems()
    return gate.show(request, "again.html", {"form": form, "to": to, "problems": problems}, 400 if problems else 200)


@gate.open_to_all(methods=("GET", "POST"))
def demo_link(request: HttpRequest, secret: str) -> Web:
    """Demonstration only. A page with a button, so that a program that looks ahead does not use the link up."""
    if not demo_links.good(secret):
        return gate.show(request, "demo_closed.html", status=404)
    if request.method == "POST":
        with gate.same_language(request):
            staff = demo_links.use(session=request.session, secret=secret)
        return HttpResponseRedirect(gate.home(staff.role))
    return gate.show(request, "demo_link.html")


@gate.open_to_all(methods=("GET", "POST"))
def sign_out(request: HttpRequest) -> Web:
    """Ends the session at once; its row is deleted and the cookie with it."""
    if request.method == "POST":
        accounts.logout(request.session)
        response = gate.show(request, "signed_out.html")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
    return gate.show(request, "sign_out.html")


@gate.open_to_all(methods=("POST",))
def language(request: HttpRequest) -> Web:
    """The language of these pages, kept in the session only."""
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        request.session[gate.LANGUAGE] = chosen
    return HttpResponseRedirect(gate.safe_target(request.POST.get("to")))


