"""Errors as calm pages: what happened, what to do next, and the typed text still there.

An error is the moment when a person under stress loses a page of writing. So every error page that answers a
form carries what was typed, in a form that goes on from there.
"""

import errno
import logging
import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import REASON_BAD_ORIGIN, REASON_BAD_REFERER, REASON_NO_REFERER
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amparo.doors.offered import NAMES
from amparo.doors.reporter import pages, phrases
from amparo.words.errors import AmparoError

log = logging.getLogger("amparo.doors")

STATUS: dict[str, int] = {
    "disk-full": 507, "busy": 503, "too-large": 413, "not-allowed": 403, "expired": 403, "not-found": 404,
}
"""Codes of AmparoError that have a status of their own; any other is 400."""

NEVER_KEPT = frozenset({"csrfmiddlewaretoken", "password", "again", "current", "code", "secret", "passphrase", "login"})
"""Fields that are not shown again. Passwords and codes are typed anew."""

STAFF = "/staff/"
STAFF_TYPED = frozenset({"text", "why", "tell", "words", "start", "end", "identity", "label"})
"""Of a colleague's form only what was written is shown, to be copied: half a form must not be sent again."""

MAX_KEPT = 200
_A_CODE = re.compile(r"[a-z0-9-]{0,40}")
"""What looks like the code of a choice goes along unseen: it would only puzzle whoever reads it."""
_SAYS: dict[int, tuple[str, str]] = {
    400: (gettext_noop("This page did not understand what the browser sent."),
          gettext_noop("Go back to the page before, and try once more.")),
    403: (gettext_noop("This page is not open to you."),
          gettext_noop("Nothing was changed. Go back to the start page.")),
    404: (gettext_noop("There is no page at this address."),
          gettext_noop("Perhaps a letter is missing. Go back to the start page.")),
    413: (gettext_noop("What you sent is larger than this desk can take at once."),
          gettext_noop("Go back with the button of your browser: your text is probably still there. "
                       "Shorten it, or send it in two parts.")),
    500: (gettext_noop("Something went wrong on our side. It is not your fault."),
          gettext_noop("Try again in a few minutes.")),
    503: (gettext_noop("Many people are using this desk at this moment."),
          gettext_noop("Wait a minute and try again. Your text is still here.")),
    507: (gettext_noop("This desk has no room left to store anything at this moment."),
          gettext_noop("Nothing was stored just now. Your text is still here: try again in a few minutes, "
                       "and copy it to a safe place if you can.")),
}


_TOO_LARGE = gettext_noop("This file is larger than %(limit)s, the most that this desk takes.")


def disk_full(error: BaseException | None) -> bool:
    """Whether this error, or one it came from, says that the disk is full."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(error, OperationalError) and "full" in str(error):
            return True
        if getattr(error, "code", None) == "disk-full":
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


def kept_fields(request: HttpRequest) -> list[dict[str, Any]]:
    """What was typed, as name and value, from the request's own body. Files are not among it."""
    if request.method != "POST":
        return []
    try:
        posted = request.POST
    except (RequestDataTooBig, TooManyFieldsSent):
        raise
    except Exception:  # a body that cannot be read has nothing to keep
        return []
    rows = []
    staff = request.path.startswith(STAFF)
    for name, values in posted.lists():
        if name in NEVER_KEPT or len(name) > 100 or (staff and name not in STAFF_TYPED):
            continue
        rows += [
            {"name": name, "value": value, "long": len(value) > 60 or "\n" in value,
             "hidden": bool(_A_CODE.fullmatch(value))}
            for value in values
        ]
    return rows[:MAX_KEPT]


def _language_from_path(request: HttpRequest) -> None:
    """Errors raised before the language was set still answer in the language of the address."""
    code = request.path.split("/", 2)[1] if request.path.count("/") > 1 else ""
    if code in NAMES:
        translation.activate(code)
    elif translation.get_language() is None:
        translation.activate("en")


def from_elsewhere(request: HttpRequest) -> bool:
    """Whether another site sent this form. Our strict cookie then stays at home, in the browser.

    The answer must not set a new one (it would take the place of a draft that is open here), nor show a
    stranger's text as if it had been typed. `Origin` tells where `Sec-Fetch-Site` is not sent.
    """
    if request.method in ("GET", "HEAD") or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return False
    origin = request.headers.get("Origin", "")
    foreign = bool(origin) and urlsplit(origin).netloc != request.META.get("HTTP_HOST", "")
    return foreign or request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def page(
    request: HttpRequest, status: int, says: str = "", advice: str = "", *, kept: list[dict[str, Any]] | None = None,
    go: str = "", page_number: str = "",
) -> HttpResponse:
    """One error page. `says` and `advice` are already in the reader's language; empty ones are chosen by status."""
    _language_from_path(request)
    kept = [] if from_elsewhere(request) else kept
    if status < 500 and status != 403 and all(row["hidden"] for row in kept or []):
        kept = []  # nothing was written, and the same choice would be refused again
    default_says, default_advice = _SAYS.get(status, _SAYS[500])
    values = {
        "status": status, "says": says or _(default_says), "advice": advice or _(default_advice),
        "kept": kept or [], "go": go, "page_number": page_number, "only_read": request.path.startswith(STAFF),
        "files_lost": bool(getattr(request, "upload_refusals", None) or getattr(request, "sealed_uploads", None)),
    }
    try:
        token: dict[str, Any] = {}
        if kept and not request.path.startswith(STAFF):
            from django.middleware.csrf import get_token

            token = {"token": get_token(request)}
        if values["only_read"]:
            token["home"] = STAFF
        response = pages.show(request, "error.html", {**values, **token}, status=status, careful=True)
    except Exception:
        log.exception("the error page itself failed")
        text = f"{values['says']} {values['advice']}"
        response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    if status == 503:
        response.headers["Retry-After"] = "60"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, and 413 where the form was larger than the desk reads."""
    too_much = isinstance(exception, (RequestDataTooBig, TooManyFieldsSent))
    return page(request, 413 if too_much else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what is not there and what one may not know of."""
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 507 when the disk is full, also when that shows only while the session is written."""
    status = 507 if disk_full(sys.exc_info()[1]) else 500
    return page(request, status, kept=kept_fields(request), go=request.path)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose session is over: everything typed is shown again, with a way to go on.

    The body of the request is the only place where the text still is, so it is read from there.
    """
    _language_from_path(request)
    try:
        kept = kept_fields(request)
    except (RequestDataTooBig, TooManyFieldsSent):
        return page(request, 413)
    origins = (REASON_BAD_ORIGIN, REASON_BAD_REFERER, REASON_NO_REFERER)
    hidden_origin = any(reason.startswith(known.partition("%")[0]) for known in origins)
    if hidden_origin:
        says = _("Your browser does not tell this page that the form came from here, so the form was not accepted.")
        advice = _("Reload the start page and try again. If it happens again, use Tor Browser or another browser.")
    else:
        says = _("This page was open for too long, or your browser does not keep our one cookie.")
        advice = _("What you typed is still here, and nothing was sent.")
    go, number = request.path, ""
    try:
        match = resolve(request.path)
    except Resolver404:
        match = None
    if match is not None and match.url_name == "question":
        go, number = _address("resume"), str(match.kwargs.get("number", ""))
    elif match is not None and match.url_name in ("talk", "again", "adding"):
        go = _address("back")
    elif match is not None and match.url_name in STARTS_ANEW:
        go = _address("write")
    return page(request, 403, says, advice, kept=kept, go=go, page_number=number)


STARTS_ANEW = frozenset({"files", "readers", "choices", "check", "send", "begin"})
"""Pages whose form means nothing once the draft is gone: their way on is the first page."""


def _address(name: str) -> str:
    from django.urls import reverse

    return reverse(name)


def told(error: AmparoError) -> tuple[str, str]:
    """What an error says and advises, in the reader's language, with its parameters filled in."""
    filled = dict(getattr(error, "params", None) or {})
    says = error.says
    if error.code == "too-large" and isinstance(filled.get("limit"), int):
        says, filled["limit"] = _TOO_LARGE, phrases.size(filled["limit"])
    try:
        return (_(says) % filled, _(error.advice) % filled) if filled else (_(says), _(error.advice))
    except (KeyError, TypeError, ValueError):
        return error.says, error.advice


class CalmErrorsMiddleware:
    """Turns an AmparoError or a full disk that a view let through into its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Staff pages have their own shape of errors; a full disk is told the same to everyone."""
        if disk_full(exception):
            return page(request, 507, kept=kept_fields(request), go=request.path)
        if isinstance(exception, AmparoError):
            says, advice = told(exception)
            status = STATUS.get(exception.code, 400)
            return page(request, status, says, advice, kept=kept_fields(request), go=request.path)
        return None
