"""Whoever comes by a link from another site keeps the draft or session that is open in this browser.

Our cookie is SameSite=Strict, so such a visit carries none; an answer that set a new one would take the place of the
cookie that is there, and a draft with its files' keys would be gone. Any page could do that to a person. So such a
visit gets a page that leads on by itself: the next request comes from us and carries the cookie.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation


class ArrivingMiddleware:
    """Outside the session's middleware: sees which cookies an answer would set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = settings.SESSION_COOKIE_NAME
        response = self.get_response(request)
        from_elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site" and name not in request.COOKIES
        if request.method not in ("GET", "HEAD") or not from_elsewhere or name not in response.cookies:
            return response
        request.session.delete(request.session.session_key)
        return lead_on(request)


def lead_on(request: HttpRequest) -> HttpResponse:
    """A page without a form: one link to the same address, which is also followed by itself."""
    code = translation.get_language_from_request(request, check_path=True)
    with translation.override(code):
        text = render_to_string("public/arriving.html", {
            "code": code, "dir": "rtl" if translation.get_language_bidi() else "ltr", "path": request.path,
        })
    return HttpResponse(text)
