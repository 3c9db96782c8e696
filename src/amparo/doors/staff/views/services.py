"""What to do about an account, service by service, for handlers: to read, to print, to pass on. No case in it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.desk import clock
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels
from amparo.doors.staff.views import playbooks
from amparo.mitigate import accounts, checkup, ways


def _at(code: str, language: str) -> str:
    return reverse("staff:service", kwargs={"account": ways.mark("account", code), "language": language})


@gate.page("playbooks.see")
def every(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """The services for which there is a list, with the day on which its sources were read."""
    language = playbooks.language()
    lists = [found for code in accounts.codes() if (found := accounts.load(code, language)) is not None]
    return gate.show(request, "services.html", {"services": [
        {"name": one.service.name, "url": _at(one.code, one.language), **_age(one)} for one in lists]})


@gate.page("playbooks.see")
def one(request: HttpRequest, staff: OpenStaff, account: str, language: str) -> HttpResponse:
    """One list in one language: a handler may need it in the reporter's."""
    code = next((code for code in accounts.codes() if ways.mark("account", code) == account), "")
    found = accounts.load(code, language) if language in accounts.LANGUAGES else None
    if found is None:
        raise Http404
    return gate.show(request, "service.html", {
        "found": found, **_age(found),
        "languages": [{"name": labels.language(other), "url": _at(code, other)}
                      for other in accounts.LANGUAGES if other != found.language],
        "sections": [{"heading": _(heading), "lines": found.sections[name], "avoid": name == "avoid"}
                     for name, heading in accounts.SECTIONS.items()],
    })


def _age(found: accounts.List) -> dict[str, Any]:
    day = found.service.checked_on
    return {"checked": labels.day(day) if day else "",
            "outdated": day is not None and checkup.outdated(day, clock.today())}
