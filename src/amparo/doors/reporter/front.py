"""Pages that ask nothing and keep nothing: no session begins here."""

import re
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amparo.desk import configuration, handouts, intake
from amparo.desk.payloads import Exclusion
from amparo.doors.offered import leave_url, said
from amparo.doors.reporter import asked, pages, phrases

_NUMBER = re.compile(r"([+(]?\d[\d ()/.\-\u2010-\u2013]{1,18}\d)")
"""A number to call, short enough never to be wider than the narrowest screen."""


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The start page; in the disguised skin a page about gardens, with a link that leads in."""
    if configuration.current().skin == "garden":
        return pages.show(request, "garden.html")
    return door(request)


@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """The start page, whatever the skin; who has a draft open finds the way on first."""
    return pages.show(request, "start.html", {"going_on": _going_on(request)})


def _going_on(request: HttpRequest) -> str:
    """Where the session's draft goes on, or nothing."""
    draft = intake.draft_of(request.session)
    return asked.going_on(draft.answers) if draft is not None and not draft.sent else ""


def numbers_whole(text: str) -> list[tuple[str, bool]]:
    """The text in parts, and whether a part is a number to call: that must stay on one line, read left to right."""
    return [(part, place % 2 == 1) for place, part in enumerate(_NUMBER.split(text)) if part]


@require_safe
def danger(request: HttpRequest) -> HttpResponse:
    """Guidance and hours before any question; from within a report it leads on to the next question."""
    emergency = said(configuration.current().emergency, translation.get_language() or "en")
    return pages.show(request, "danger.html", {
        "emergency": emergency, "parts": numbers_whole(emergency["text"]), "onward": _going_on(request),
    })


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who runs this desk, and who reads."""
    who = phrases.readers(intake.readers(Exclusion()))
    return pages.show(request, "about.html", {
        "readers": who, "number": handouts.number(), "unsaid": _("not said by those who run it"),
    })


@require_safe
def traces(request: HttpRequest) -> HttpResponse:
    """What stays on the device and what the network sees, said honestly."""
    return pages.show(request, "traces.html", {"leave_host": urlsplit(leave_url()).hostname or ""})
