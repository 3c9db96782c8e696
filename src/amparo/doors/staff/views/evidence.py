"""Evidence: rendered copies, consent for a device, examination, and the original after a warning."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.desk import casework, reading
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels, showing
from amparo.doors.staff.views import cases
from amparo.words.errors import AmparoError

DRAWN = ("image/png", "image/jpeg", "image/webp")  # what a worker renders; nothing else is shown as a picture


def _card(staff: OpenStaff, case: UUID, item: UUID) -> tuple[dict[str, Any], reading.CasePage]:
    page = reading.case_page(staff, case)
    for card in page.evidence:
        if card.item == item:
            return showing.piece(card, page), page
    raise Http404


@gate.page("evidence.preview")
def piece(request: HttpRequest, staff: OpenStaff, case: UUID, item: UUID) -> HttpResponse:
    """One piece of evidence: its seal, and its rendered copies, blurred until asked otherwise."""
    found, _page = _card(staff, case, item)
    return gate.show(request, "case/piece.html", {
        "piece": found, "case_url": reverse("staff:case", kwargs={"case": case}), "code": labels.case_code(case),
        "clear": request.GET.get("clear") == "1", "can_original": showing.allowed(staff)["original"]})


@gate.page("evidence.preview")
def copy(request: HttpRequest, staff: OpenStaff, case: UUID, item: UUID) -> HttpResponse:
    """A rendered copy. Only pictures the desk drew itself are shown as such; anything else as plain text, on a page
    with a way back."""
    body, media_type = reading.preview(staff, case, item, clear=request.GET.get("clear") == "1")
    if media_type not in DRAWN:
        return gate.show(request, "case/text.html", {
            "text": body.decode("utf-8", "replace"), "case_url": reverse("staff:case", kwargs={"case": case}),
            "code": labels.case_code(case)})
    answer = HttpResponse(body, content_type=media_type)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer.headers["Content-Disposition"] = "inline"
    return answer


@gate.page("evidence.original", methods=("GET", "POST"))
def original(request: HttpRequest, staff: OpenStaff, case: UUID, item: UUID) -> HttpResponseBase:
    """The warning first; then the sealed bytes, opened while they are sent, under a neutral name."""
    if request.method != "POST":
        found, _page = _card(staff, case, item)
        return gate.show(request, "case/original.html", {
            "piece": found, "case_url": reverse("staff:case", kwargs={"case": case}),
            "code": labels.case_code(case)})
    file, size, _kind = reading.original(staff, case, item)
    answer = FileResponse(file, as_attachment=True, filename=f"evidence-{item.hex[:8]}.bin",
                          content_type="application/octet-stream")
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return answer


@gate.page("case.consent", methods=("POST",))
def device_consent(request: HttpRequest, staff: OpenStaff, case: UUID, item: UUID) -> HttpResponse:
    """Record that the person who uses a device agrees to its examination."""
    form = forms.DeviceConsent(request.POST, auto_id=f"device-{item.hex[:8]}_%s")
    return cases.write(request, staff, case, form, lambda given: casework.record_device_consent(
        staff=staff, case_id=case, files=(item,), how=given["text"], version=cases.version(request),
    ), _("The consent is recorded. You can examine the device now."), f"piece-{item}", device=form, piece=item)


@gate.page("case.exam", methods=("POST",))
def exam(request: HttpRequest, staff: OpenStaff, case: UUID, item: UUID) -> HttpResponse:
    """Lease this one file to a worker, from this open session."""
    try:
        code = casework.request_exam(staff=staff, case_id=case, file=item, version=cases.version(request))
    except AmparoError as error:
        return cases.again(request, staff, case, [gate.problem(error, f"piece-{item}")],
                           gate.STATUS.get(error.code, 400))
    gate.notice(request, labels.exam_started(code))
    return cases.back(case, f"piece-{item}")
