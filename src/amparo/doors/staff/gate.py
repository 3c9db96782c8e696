"""Who comes in: every view of this door stands behind `page` or `open_to_all`, and both ask the policy first.

The order of the questions is the same everywhere: signed in? second factor done? allowed by role and relation to the
case? right method? Only then does the view run. What a person typed is shown again on every refusal, from the body of
that same request; it is stored nowhere.
"""

import functools
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import tzinfo
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from amparo.desk import accounts, configuration, policy, profile, reading, second
from amparo.doors import headers
from amparo.doors.staff import labels, waking
from amparo.words.errors import AmparoError

View = Callable[..., HttpResponseBase]
# What a person wrote; never a password, a code or a choice.
TYPED = ("text", "why", "tell", "words", "start", "end", "identity", "label", "outcome", "title", "due")
STATUS = {"disk-full": 507, "busy": 503, "not-allowed": 403, "too-large": 413, "expired": 403, "changed": 409,
          "not-found": 404, "bulk": 429, "second-person": 403, "second-colleague": 403, "own-request": 403,
          "consent-missing": 403}
NONE = "none"  # the relation to a case that is not asked about, or not granted
LANGUAGE = "staff-language"
ZONE = "staff-zone"
NOTICE = "staff-notice"
IN_SIGHT = 6  # entries of the menu; the others are one press away, so that the line holds at 1280 px
SHORTCUTS = "staff-shortcuts"
EARLIER = "staff-earlier"  # who was signed in before in this same browser session: nobody approves their own


def page(action: str, *, methods: tuple[str, ...] = ("GET",), fresh: bool = False) -> Callable[[View], View]:
    """A view for signed-in staff who may do `action`. The view gets (request, staff, **kwargs).

    Where the address names a case, the relation to that case counts, and a case that is not granted answers like one
    that does not exist. `fresh` asks for the password again before a GET; a POST that is no longer fresh is refused
    with its text shown, so that no body is ever kept for later.
    """
    def dress(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            with _spoken(request):
                staff = accounts.open_staff(request.session)
                if staff is None:
                    return _turned_away(request)
                request.staff = staff  # type: ignore[attr-defined]
                timezone.activate(_zone(request, staff))
                try:
                    case = kwargs.get("case")
                    relation = reading.relation(staff, case) if isinstance(case, uuid.UUID) else NONE
                    if not policy.may(staff.role, relation, action):
                        if staff.role == policy.AWAY and request.method in ("GET", "HEAD"):
                            return go("staff:rest")  # as if the desk were empty
                        if isinstance(case, uuid.UUID) and relation == NONE:
                            raise Http404
                        return refused(request, 403, _("This is not open to your role."),
                                       _("Ask a lead of the desk if you need it."))
                    if request.method not in _allowed(methods):
                        return HttpResponseNotAllowed(_allowed(methods))
                    if fresh and not accounts.is_fresh(request.session):
                        if request.method in ("GET", "HEAD"):
                            return go("staff:again", request.get_full_path())
                        return refused(request, 403, _("Please give your password once more first."),
                                       _("Open the page again and repeat this step."))
                    return view(request, staff, **kwargs)
                except AmparoError as error:
                    return failed(request, error)
                except Http404:
                    return refused(request, 404, _("This page does not exist, or it is not open to you."), "")
                finally:
                    timezone.deactivate()
        guarded.action = action  # type: ignore[attr-defined]
        return guarded
    return dress


def open_to_all(*, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A view for people who are not signed in (yet). The view gets (request, **kwargs)."""
    def dress(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if request.method not in _allowed(methods):
                return HttpResponseNotAllowed(_allowed(methods))
            with _spoken(request):
                try:
                    return view(request, **kwargs)
                except AmparoError as error:
                    return failed(request, error)
        return guarded
    return dress


def _allowed(methods: tuple[str, ...]) -> tuple[str, ...]:
    return (*methods, "HEAD") if "GET" in methods else methods


def _zone(request: HttpRequest, staff: accounts.OpenStaff) -> tzinfo:
    """The zone this colleague chose: opened once a session, every time on every page is shown in it."""
    if ZONE not in request.session:
        request.session[ZONE] = profile.load(staff).zone
    return profile.zone_named(request.session[ZONE])


def _spoken(request: HttpRequest) -> translation.override:
    """The language chosen for this session, else what the browser asks for."""
    chosen = request.session.get(LANGUAGE)
    known = dict(settings.LANGUAGES)
    return translation.override(chosen if chosen in known else translation.get_language_from_request(request))


@contextmanager
def same_language(request: HttpRequest) -> Iterator[None]:
    """Signing in begins a fresh session; the language that was chosen goes along, and who was signed in before."""
    chosen = request.session.get(LANGUAGE)
    before = accounts.open_staff(request.session)
    earlier = {*request.session.get(EARLIER, ()), *((str(before.id),) if before else ())}
    yield
    if earlier:
        request.session[EARLIER] = sorted(earlier)
    if chosen:
        request.session[LANGUAGE] = chosen


def go(name: str, to: str = "") -> HttpResponseRedirect:
    """On to another page of this door; `to` is where the way was meant to lead."""
    where = reverse(name)
    return HttpResponseRedirect(f"{where}?{urlencode({'to': to})}" if to and to != reverse("staff:queue") else where)


FIRST = (  # the first page of a role is the first of these that is open to it
    ("staff:queue", "queue.see"), ("staff:take-down", "intake.write"), ("staff:files", "files.list"),
    ("staff:complaints", "complaints.read"), ("staff:people", "people.see"), ("staff:log", "log.see"),
    ("staff:numbers", "numbers.see"),
)


def home(role: str) -> str:
    """The first page of a role: the queue for those who have one, else where its work is."""
    if role == policy.AWAY:
        return reverse("staff:rest")
    for name, action in FIRST:
        with suppress(NoReverseMatch):
            if policy.may(role, NONE, action):
                return reverse(name)
    return reverse("staff:account")


def _turned_away(request: HttpRequest) -> HttpResponseBase:
    """Not signed in, or not all the way: a page is led to the next step, a writing is shown again."""
    if request.method not in ("GET", "HEAD"):
        return signed_out(request)
    pending = accounts.pending_of(request.session)
    if pending is None:
        return go("staff:sign-in", request.get_full_path())
    return go("staff:set-up") if pending.needs_set_up else go("staff:code", request.get_full_path())


def signed_out(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a writing whose session has ended, or whose form is no longer valid (also CSRF_FAILURE_VIEW)."""
    return refused(request, 403, _("Your session has ended."), _("Sign in again, then open the page once more."),
                   heading=_("Please sign in again"))


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form sent, also when it sent nothing; None when the page is only asked for."""
    return request.POST if request.method == "POST" else None


def safe_target(given: str | None, otherwise: str = "") -> str:
    """A page of this door to go on to, never an address elsewhere."""
    door = reverse("staff:queue")
    if given and given.startswith(door) and url_has_allowed_host_and_scheme(given, allowed_hosts=None):
        return given
    return otherwise or door


def failed(request: HttpRequest, error: AmparoError) -> HttpResponse:
    """An error told plainly, with what was typed."""
    says, advice = told(error)
    return refused(request, STATUS.get(error.code, 400), says, advice, ask_url=_asking(error, request.path))


def _asking(error: AmparoError, to: str = "") -> str:
    """Where a colleague can be asked for what one may not do alone; "" where that is not the matter."""
    about = getattr(error, "params", None) or {}
    if error.code == "second-person" and "case" in about:
        return reverse("staff:second", kwargs={"case": about["case"]})
    if error.code == "bulk" or (error.code == "second-person" and "desk" in about):
        return reverse("staff:ask") + (f"?{urlencode({'to': to})}" if to else "")
    return ""


def told(error: AmparoError) -> tuple[str, str]:
    """The sentence and the advice of an error, translated."""
    params, said = getattr(error, "params", None) or {}, error.says
    if error.code == "too-large" and "%(limit)s bytes" in said:
        said = "This file is larger than %(limit)s, the most that this desk takes."  # marked in doors.errors
        params = {**params, "limit": labels.size(params["limit"])}
    says, advice = (translation.gettext(text) if text else "" for text in (said, error.advice))
    return (says % params, advice % params) if params else (says, advice)


def problem(error: AmparoError, field: str = "") -> dict[str, str]:
    """An error as a row of the error summary that stands on top of a form."""
    says, advice = told(error)
    return {"field": field, "says": says, "advice": advice, "ask_url": _asking(error)}


def refused(
    request: HttpRequest, status: int, says: str, advice: str, heading: str = "", ask_url: str = ""
) -> HttpResponse:
    """A page that says no, keeps the typed text and shows the way back."""
    typed = []
    if request.method == "POST":
        typed = [text for name in TYPED for text in request.POST.getlist(name) if text.strip()]
    return show(request, "refused.html", {"heading": heading or _("This did not work"), "says": says,
                                          "advice": advice, "typed": typed, "ask_url": ask_url}, status)


def notice(request: HttpRequest, text: str) -> None:
    """One sentence for the next page."""
    request.session[NOTICE] = text


def show(request: HttpRequest, template: str, values: Mapping[str, Any] | None = None, status: int = 200,
         ) -> HttpResponse:
    """A page of this door with its frame: who is signed in, the menu, the languages."""
    staff = getattr(request, "staff", None)
    frame: dict[str, Any] = {
        "who": None, "menu": [], "more": [], "here": request.path, "languages": settings.LANGUAGES,
        "demo": configuration.current().demo, "demo_url": "", "notice": "",
        "minutes": configuration.current().staff_idle_minutes, "home": reverse("staff:queue"),
    }
    if frame["demo"]:
        with suppress(NoReverseMatch):  # the demonstration's strip of next steps, where it is served
            frame["demo_url"] = reverse("demo")
    if staff is not None:
        frame["who"] = {"pseudonym": staff.pseudonym, "role_label": labels.role(staff.role)}
        menu = _menu(request, staff)
        frame["menu"], frame["more"] = menu[:IN_SIGHT], menu[IN_SIGHT:]
        frame["home"] = home(staff.role)
        if SHORTCUTS not in request.session:  # remembered for the session: a profile costs an opening
            request.session[SHORTCUTS] = profile.load(staff).shortcuts
        frame["shortcuts"], frame["keyboard"] = request.session[SHORTCUTS], staff.role != policy.AWAY
        if staff.role != policy.AWAY:
            frame["alarms"] = waking.lines(staff, queue=request.path == reverse("staff:queue"))
        if NOTICE in request.session:
            frame["notice"] = request.session.pop(NOTICE)
    page = render(request, f"staff/{template}", {**frame, **(values or {})}, status=status)
    page.headers["Content-Security-Policy"] = headers.WITH_OUR_SCRIPT
    page.headers["Content-Language"] = translation.get_language() or "en"
    return page


def _menu(request: HttpRequest, staff: accounts.OpenStaff) -> list[dict[str, Any]]:
    role = staff.role
    if role == policy.AWAY:
        return [{"url": reverse("staff:rest"), "label": _("Queue"), "here": request.path == reverse("staff:rest")}]
    # The work of each day first; Lock out among it, for the minute in which it is needed.
    entries = (("staff:queue", _("Queue"), "queue.see"), ("staff:files", _("Cases"), "files.list"),
               ("staff:my-tasks", _("My tasks"), "shift.hand-over"), ("staff:take-down", _("New case"), "intake.write"),
               ("staff:requests", _("Requests"), "requests.answer"),
               ("staff:shift", _("End my shift"), "shift.hand-over"),
               ("staff:lock", _("Lock out a colleague"), "people.lock"),
               ("staff:alarms", _("Alarms"), "alarm.see"), ("staff:rota", _("Duty rota"), "rota.own"),
               ("staff:complaints", _("Complaints"), "complaints.read"),
               ("staff:playbooks", _("Playbooks"), "playbooks.see"),
               ("staff:to-be-erased", _("To be erased"), "retention.see"), ("staff:imports", _("Import"), "import.run"),
               ("staff:people", _("People"), "people.see"), ("staff:log", _("Custody log"), "log.see"),
               ("staff:desk", _("This desk"), "settings.see"))
    counts = {"staff:requests": second.waiting_count(staff) if policy.may(role, NONE, "requests.answer") else 0}
    return [{"url": reverse(name), "label": label, "here": request.path == reverse(name), "count": counts.get(name, 0)}
            for name, label, action in entries if policy.may(role, NONE, action)]
