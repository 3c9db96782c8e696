"""Evidence that a colleague puts into a case: what came by mail, on paper, on a phone that was held out."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import adopting, configuration
from amparo.desk.accounts import OpenStaff
from amparo.desk.uploads import SealedUpload
from amparo.doors.staff import gate, labels
from amparo.doors.staff.views import cases
from amparo.words.errors import AmparoError


@gate.page("case.add", methods=("GET", "POST"))
def add_evidence(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponse | HttpResponseRedirect:
    """One form, several files. They arrive sealed (desk.uploads decides before the first byte); here they are kept."""
    problems: list[dict[str, str]] = []
    added = 0
    if request.method == "POST":
        added, problems = _take(request, staff, case)
        if added and not problems:
            gate.notice(request, ngettext("%(count)d file was added. It is sealed, and signed by you.",
                                          "%(count)d files were added. They are sealed, and signed by you.", added)
                        % {"count": added})
            return cases.back(case, "evidence")
        if not problems:
            problems = [{"field": "file", "says": _("No file was chosen."), "advice": _("Choose one, or go back.")}]
    return gate.show(request, "case/add.html", {
        "case_url": reverse("staff:case", kwargs={"case": case}), "code": labels.case_code(case),
        "problems": problems, "added": added, "most": labels.size(configuration.current().max_upload),
    }, 200 if request.method != "POST" or added else 400)


def _take(request: HttpRequest, staff: OpenStaff, case: UUID) -> tuple[int, list[dict[str, str]]]:
    """(how many were kept, what was refused)."""
    arrived = request.FILES.getlist("file")  # reading the form is what refuses
    refused: list[AmparoError] = list(getattr(request, "upload_refusals", []))
    added = 0
    for upload in arrived:
        try:
            adopting.add_evidence(staff=staff, case_id=case, upload=cast(SealedUpload, upload))
            added += 1
        except AmparoError as error:
            refused.append(error)
    return added, [gate.problem(error, "file") for error in refused]
