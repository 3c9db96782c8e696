"""For colleagues who look after evidence: the cases to which they were added, and of each its files alone."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import evidence_only
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels, showing, unchecked
from amparo.doors.staff.views import log


@gate.page("files.list")
def files(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """The cases whose files I see."""
    rows = [{"code": labels.case_code(case), "url": reverse("staff:case-files", kwargs={"case": case}),
             "counted": ngettext("%(count)d file", "%(count)d files", count) % {"count": count}}
            for case, count in evidence_only.cases_with_evidence(staff)]
    return gate.show(request, "files.html", {"rows": rows})


@gate.page("evidence.see")
def case_files(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponse:
    """Files, findings, examinations and custody of one case."""
    page = evidence_only.evidence_page(staff, case)
    return gate.show(request, "case/files.html", {
        "code": labels.case_code(case), "pieces": [_piece(card, page) for card in page.evidence],
        "findings": [showing.finding(card, page) for card in page.findings],
        "gaps": unchecked.gaps(page.not_checked),
        "entries": [log.row(line, {}) for line in page.log], "can": {},
        "empty": _("No files were sent."), "case_url": reverse("staff:files")
        if staff.role == "evidence" else reverse("staff:case", kwargs={"case": case})})


def _piece(card: Any, page: Any) -> dict[str, Any]:
    """One file, without the ways to open it: names, sizes and sums say what it is."""
    kept = ("item", "name", "size", "received", "sha256", "custody", "exam", "lost", "proven", "device")
    shown = showing.piece(card, page)
    return {name: shown[name] for name in kept}
