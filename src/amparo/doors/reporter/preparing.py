"""For whoever wants to be ready: a check-up, plans, and lists for accounts. Nothing is kept, no session begins.

What is answered is sent once and gone with the page that answers it. So the form carries no token, which would need a
session: there is nothing that a forged request could do or learn.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from amparo.desk import clock
from amparo.doors.reporter import asked, pages
from amparo.mitigate import accounts, checkup, ways
from amparo.mitigate.checkup import Form


def _language() -> str:
    return (translation.get_language() or "en").split("-")[0]


def mark(code: str) -> str:
    """What stands for a form in an address: a history must not tell that somebody plans a protest."""
    return ways.mark("ready", code)


def account_mark(code: str) -> str:
    """What stands for a service in an address."""
    return ways.mark("account", code)


def _form(found: str) -> Form:
    code = next((code for code in checkup.FORMS if mark(code) == found), "")
    form = checkup.load(code, _language())
    if form is None:
        raise Http404
    return form


def offered() -> list[dict[str, Any]]:
    """Every form as a link."""
    forms = [(code, form) for code in checkup.FORMS if (form := checkup.load(code, _language())) is not None]
    return [{"title": form.words.title, "about": form.words.about, "language": form.words.language,
             "url": reverse("ready-form", kwargs={"form": mark(code)})} for code, form in forms]


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The check-up and the plans."""
    return pages.show(request, "ready.html", {"forms": offered()})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, form: str) -> HttpResponse:
    """The questions on one page; sent, the plan. An answer that is none of the choices counts as skipped."""
    found = _form(form)
    frame = {"form": found, "language": found.words.language, "unreviewed": found.unreviewed,
             "outdated": checkup.outdated(found.words.checked_on, clock.today())}
    if request.method == "POST":
        checked = found.questions.check(asked.posted(request, found.questions.questions))
        parts = found.plan(checked.answers)
        return pages.show(request, "ready_plan.html", {
            **frame, "parts": parts, "skipped": len(checked.answers) < len(found.questions.questions),
            "noticed": any(step.noticed for part in parts for step in part.steps),
        })
    return pages.show(request, "ready_form.html", {**frame, "fields": _fields(found)})


def _fields(form: Form) -> list[asked.Field]:
    """The questions, nothing chosen beforehand. A radio button cannot be unchosen without a script: hence the last."""
    return [
        asked.Field(question.code, question.kind, question.text, question.help, options=[
            *(asked.Choice(option.code, option.text) for option in question.options),
            asked.Choice(asked.REFUSED, _("I would rather not answer")),
        ])
        for question in form.questions.questions
    ]


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """The services for which there is a list."""
    lists = [found for code in accounts.codes() if (found := accounts.load(code, _language())) is not None]
    return pages.show(request, "ready_services.html", {"services": [
        {"name": one.service.name, "url": reverse("ready-service", kwargs={"account": account_mark(one.code)})}
        for one in lists]})


@require_safe
def service(request: HttpRequest, account: str) -> HttpResponse:
    """What to do about an account with one service, to read and to print."""
    code = next((code for code in accounts.codes() if account_mark(code) == account), "")
    found = accounts.load(code, _language())
    if found is None:
        raise Http404
    day = found.service.checked_on
    return pages.show(request, "ready_service.html", {
        "found": found, "unreviewed": found.unreviewed, "language": found.language,
        "outdated": day is not None and checkup.outdated(day, clock.today()),
        "sections": [{"heading": _(heading), "lines": found.sections[name], "avoid": name == "avoid"}
                     for name, heading in accounts.SECTIONS.items()],
    })
