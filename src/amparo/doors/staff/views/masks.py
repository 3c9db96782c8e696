"""Words of a case that are covered: cover some, see the list, show one once, take one off. Each asks why."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.desk import masking, masks
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.doors.staff.views import cases
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


class Cover(forms.Calm):
    text = forms.line(gettext_lazy("Words to cover"),
                      gettext_lazy("As they stand in the case: a name, a number, an address. Capitals, accents and "
                                   "spaces make no difference."))
    why = forms.line(gettext_lazy("Why"), gettext_lazy("Without repeating the words themselves."))


class Why(forms.Calm):
    why = forms.line(gettext_lazy("Why"), gettext_lazy("Without repeating the words themselves."))


@gate.page("case.mask", methods=("GET", "POST"))
def of_case(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """The list, and the form that covers more."""
    form = Cover(gate.posted(request))
    if request.method != "POST":
        return _show(request, staff, case, form)
    if not form.is_valid():
        return _show(request, staff, case, form, problems=form.problems(), status=400)
    given = form.cleaned_data
    try:
        places = masks.mask(staff=staff, case_id=case, text=given["text"], why=given["why"],
                            version=cases.version(request))
    except AmparoError as error:
        return _failed(request, staff, case, form, error)
    gate.notice(request, ngettext(
        "Covered. These words stood in %(count)d writing of this case.",
        "Covered. These words stood in %(count)d writings of this case.", places) % {"count": places}
        if places else _("Kept, but these words stand nowhere in this case now. Check how they are written there."))
    return HttpResponseRedirect(reverse("staff:masks", kwargs={"case": case}))


@gate.page("case.mask", methods=("POST",))
def show(request: HttpRequest, staff: OpenStaff, case: UUID, mask: UUID) -> Web:
    """What one mask covers, on this page alone."""
    return _about(request, staff, case, mask, lambda why: {
        "mask": mask, "text": masks.show(staff=staff, case_id=case, mask=mask, why=why)})


@gate.page("case.mask", methods=("POST",))
def off(request: HttpRequest, staff: OpenStaff, case: UUID, mask: UUID) -> Web:
    """Take a mask off."""
    def act(why: str) -> None:
        masks.unmask(staff=staff, case_id=case, mask=mask, why=why, version=cases.version(request))
        gate.notice(request, _("The words are readable again."))

    return _about(request, staff, case, mask, act)


def _about(request: HttpRequest, staff: OpenStaff, case: UUID, mask: UUID,
           act: Callable[[str], dict[str, Any] | None]) -> Web:
    form = Why(request.POST, auto_id=f"mask-{mask.hex[:8]}_%s")
    if not form.is_valid():
        return _show(request, staff, case, Cover(), problems=form.problems(), status=400, failed={mask: form})
    try:
        shown = act(form.cleaned_data["why"])
    except AmparoError as error:
        return _failed(request, staff, case, Cover(), error)
    if shown is None:
        return HttpResponseRedirect(reverse("staff:masks", kwargs={"case": case}))
    return _show(request, staff, case, Cover(), shown=shown)


def _failed(request: HttpRequest, staff: OpenStaff, case: UUID, form: Cover, error: AmparoError) -> HttpResponse:
    return _show(request, staff, case, form, problems=[gate.problem(error)],
                 status=gate.STATUS.get(error.code, 400))


def _show(request: HttpRequest, staff: OpenStaff, case: UUID, form: Cover, *,
          problems: list[dict[str, str]] | None = None, status: int = 200, shown: dict[str, Any] | None = None,
          failed: dict[UUID, Why] | None = None) -> HttpResponse:
    lines, version = masks.of(staff, case)
    return gate.show(request, "case/masks.html", {
        "form": form, "problems": problems or [], "version": version, "signs": masking.BLOCK,
        "masks": [_line(case, line, shown or {}, failed or {}) for line in lines if line.off is None],
        "gone": [_line(case, line, {}, {}) for line in lines if line.off is not None],
        "code": labels.case_code(case), "case_url": reverse("staff:case", kwargs={"case": case}),
        "masks_url": reverse("staff:masks", kwargs={"case": case})}, status)


def _line(case: UUID, line: masks.MaskLine, shown: dict[str, Any], failed: dict[UUID, Why]) -> dict[str, Any]:
    here = {"case": case, "mask": line.mask}
    return {
        "number": line.mask.hex[:6], "made": _deed(line.made), "proven": line.proven,
        "shown": [_deed(one) for one in line.shown], "off": _deed(line.off) if line.off else None,
        "text": shown["text"] if shown.get("mask") == line.mask else "",
        "show_url": reverse("staff:mask-show", kwargs=here), "off_url": reverse("staff:mask-off", kwargs=here),
        "form": failed.get(line.mask) or Why(auto_id=f"mask-{line.mask.hex[:8]}_%s"),
    }


def _deed(deed: masks.Deed) -> dict[str, str]:
    return {"who": _("unknown") if deed.who == "?" else deed.who, "at": labels.moment(deed.at), "why": deed.why}
