"""Pages that ask nothing and keep nothing: no session begins here."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amparo.desk import configuration, intake
from amparo.desk.payloads import Exclusion
from amparo.doors.offered import leave_url, said
from amparo.doors.reporter import asked, pages, phrases


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The start page; in the disguised skin a page about gardens, with a link that leads in."""
    if configuration.current().skin == "garden":
        return pages.show(request, "garden.html")
    return pages.show(request, "start.html")


@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """The start page, whatever the skin."""
    return pages.show(request, "start.html")


@require_safe
def danger(request: HttpRequest) -> HttpResponse:
    """Guidance and hours before any question; from within a report it leads on to the next question."""
    draft = intake.draft_of(request.session) if "on" in request.GET else None
    onward = asked.onward(draft.answers, "danger", checking=False) if draft is not None and not draft.sent else ""
    return pages.show(request, "danger.html", {
        "emergency": said(configuration.current().emergency, translation.get_language() or "en"), "onward": onward,
    })


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who runs this desk, and who reads."""
    who = phrases.readers(intake.readers(Exclusion()))
    return pages.show(request, "about.html", {"readers": who, "unsaid": _("not said by those who run it")})


@require_safe
def traces(request: HttpRequest) -> HttpResponse:
    """What stays on the device and what the network sees, said honestly."""
    return pages.show(request, "traces.html", {"leave_host": urlsplit(leave_url()).hostname or ""})
