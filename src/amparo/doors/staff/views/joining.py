"""Joining the desk: an invitation, a password, an authenticator, ten recovery codes."""

import io

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.debug import sensitive_post_parameters

from amparo.desk import accounts
from amparo.doors.staff import forms, gate
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


@sensitive_post_parameters()
@gate.open_to_all(methods=("GET", "POST"))
def join(request: HttpRequest, secret: str) -> Web:
    """Choose a login name and a password; the keys are made here. Then the second factor, in the same visit."""
    if not accounts.invitation_good(secret):
        return gate.show(request, "join_closed.html", status=404)
    form = forms.Join(gate.posted(request))
    problems = []
    if request.method == "POST":
        if form.is_valid():
            login, password = form.cleaned_data["login"], form.cleaned_data["password"]
            try:
                accounts.accept_invitation(secret=secret, login=login, password=password)
                with gate.same_language(request):
                    accounts.login_password(session=request.session, login=login, password=password)
                return gate.go("staff:set-up")
            except AmparoError as error:
                problems = [gate.problem(error, "id_login" if error.code == "login" else "id_password")]
        else:
            problems = form.problems()
    return gate.show(request, "join.html", {"form": form, "problems": problems}, 400 if problems else 200)


def _begun(request: HttpRequest) -> accounts.SecondFactorSetUp | None:
    pending = accounts.pending_of(request.session)
    if pending is None or not pending.needs_set_up:
        return None
    return accounts.begin_second_factor(session=request.session)


@gate.open_to_all(methods=("GET",))
def set_up(request: HttpRequest) -> Web:
    """The secret of the authenticator, as a picture and in letters."""
    begun = _begun(request)
    if begun is None:
        return gate.go("staff:sign-in")
    return gate.show(request, "set_up.html", {"secret": _spaced(begun.uri)})


@gate.open_to_all(methods=("GET",))
def picture(request: HttpRequest) -> HttpResponse:
    """The same secret as a QR code, from an address of our own, because pages may not carry data inside."""
    begun = _begun(request)
    if begun is None:
        return gate.show(request, "join_closed.html", status=404)
    drawn = io.BytesIO()
    segno.make(begun.uri, error="m", micro=False).save(drawn, kind="svg", scale=6, border=4, dark="#000",
                                                      light="#fff", xmldecl=True)
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


@sensitive_post_parameters()
@gate.open_to_all(methods=("GET", "POST"))
def codes(request: HttpRequest) -> Web:
    """Ten recovery codes; the first code of the authenticator ends the set-up and opens the session."""
    begun = _begun(request)
    if begun is None:
        return gate.go("staff:sign-in") if request.method != "POST" else gate.signed_out(request)
    form = forms.Kept(gate.posted(request))
    problems = []
    if request.method == "POST":
        if form.is_valid():
            try:
                given = "".join(form.cleaned_data["code"].split())
                with gate.same_language(request):
                    staff = accounts.finish_second_factor(session=request.session, code=given)
                return HttpResponseRedirect(gate.home(staff.role))
            except AmparoError as error:
                problems = [gate.problem(error, "id_code")]
        else:
            problems = form.problems()
    return gate.show(request, "codes.html", {"form": form, "codes": begun.recovery_codes, "problems": problems},
                     400 if problems else 200)


def _spaced(uri: str) -> str:
    """The secret of an otpauth address in groups of four, for typing."""
    secret = uri.partition("secret=")[2].partition("&")[0]
    return " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
