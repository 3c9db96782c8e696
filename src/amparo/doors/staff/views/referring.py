"""Who helps outside the desk, by what is needed, as desk.toml names them; and where nobody is named. No case in it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from amparo.desk.accounts import OpenStaff
from amparo.desk.configuration import REFERRED
from amparo.doors.offered import referrals
from amparo.doors.staff import gate, labels
from amparo.doors.staff.views.playbooks import language
from amparo.mitigate import playbook, ways


def known(service: str) -> list[dict[str, Any]]:
    """Those who help with this; none for a code that is no service."""
    return [{**one, "checked": labels.day(one["checked_on"])} for one in referrals(service, language())]


@gate.page("playbooks.see")
def every(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """All kinds of help, each with whom this desk knows."""
    return gate.show(request, "referrals.html", {"services": [
        {"code": code, "label": _(playbook.SERVICES[code]), "means": _(ways.MEANS[code]), "known": known(code)}
        for code in REFERRED]})
