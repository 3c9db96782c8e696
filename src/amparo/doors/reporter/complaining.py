"""A complaint about the desk itself: reaches an auditor and an outside contact, never those it is about."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from amparo.desk import configuration, watching
from amparo.desk.errors import DeskError
from amparo.doors import errors
from amparo.doors.offered import said
from amparo.doors.reporter import pages
from amparo.doors.reporter.writing import take_form

_SENT = "word-sent"


@take_form
def complain(request: HttpRequest) -> HttpResponse:
    """One field, no question. Who reads it is said first."""
    code = (translation.get_language() or "en").split("-")[0]
    problems: list[dict[str, str]] = []
    text = ""
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            watching.complain(text=text, language=code)
            request.session[_SENT] = True
            return redirect("complain")
        except DeskError as error:
            if errors.disk_full(error) or error.code in errors.STATUS:
                raise
            says, advice = errors.told(error)
            problems = [{"field": "text", "says": says, "advice": advice}]
    sent = bool(request.session.pop(_SENT, False))
    return pages.show(request, "complain.html", {
        "readers": len(watching.watchers()), "sent": sent, "text": text, "errors": problems,
        "outside": said(configuration.current().outside_contact, code),
    })
