"""Vetting of a report: a list of checks, and one more."""

from uuid import UUID

from django import forms as web
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from amparo.desk import vetting
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.doors.staff.views import cases
from amparo.words.errors import AmparoError

METHODS = {
    "known-to-us": gettext_noop("We know the person"), "reference": gettext_noop("Somebody we trust knows the person"),
    "document": gettext_noop("A document was seen (not kept)"),
    "call-back": gettext_noop("We called back by a way we knew before"),
    "public-work": gettext_noop("Public work that fits"), "not-possible": gettext_noop("No check was possible"),
}
OUTCOMES = {"confirmed": gettext_noop("Confirmed"), "doubtful": gettext_noop("Doubtful"),
            "not-confirmed": gettext_noop("Not confirmed")}


class Vetted(forms.Calm):
    method = web.ChoiceField(label=gettext_lazy("How it was checked"), widget=web.RadioSelect)
    day = web.DateField(
        label=gettext_lazy("On which day"), help_text=gettext_lazy("Year, month and day, like 2027-05-31."),
        input_formats=["%Y-%m-%d"], widget=web.DateInput(attrs={"type": "date", "dir": "ltr"}),
        error_messages={"invalid": gettext_lazy("This date could not be read. Write it like 2027-05-31.")})
    outcome = web.ChoiceField(label=gettext_lazy("What came of it"), widget=web.RadioSelect)
    text = forms.text_area(gettext_lazy("In a few words"), gettext_lazy(
        "Without names of those who vouched, unless they agreed."), required=False, rows=3)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = [  # type: ignore[attr-defined]
            (code, _(METHODS[code])) for code in vetting.METHODS]
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (code, _(OUTCOMES[code])) for code in vetting.OUTCOMES]


def outcome(code: str) -> str:
    """The outcome of a check in words."""
    return _(OUTCOMES[code]) if code in OUTCOMES else code


@gate.page("case.vet", methods=("GET", "POST"))
def of_case(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponse | HttpResponseRedirect:
    """The checks of a case; a POST writes one more down."""
    form = Vetted(gate.posted(request))
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        problems, status = form.problems(), 400
        if form.is_valid():
            given = form.cleaned_data
            try:
                vetting.record(staff=staff, case_id=case, method=given["method"], on=given["day"],
                               outcome=given["outcome"], text=given["text"], version=cases.version(request))
                gate.notice(request, _("The check is written down."))
                return HttpResponseRedirect(reverse("staff:vetting", kwargs={"case": case}))
            except AmparoError as error:
                problems, status = [gate.problem(error)], gate.STATUS.get(error.code, 400)
    page = vetting.page(staff, case)
    checks = [{"method": _(METHODS.get(one.method, one.method)), "outcome": outcome(one.outcome), "text": one.text,
               "on": labels.day(one.on), "who": one.who or _("unknown"), "proven": one.proven} for one in page.checks]
    return gate.show(request, "case/vetting.html", {
        "form": form, "checks": checks, "version": page.version, "waiting": page.state == "awaiting-vetting",
        "problems": problems, "code": labels.case_code(case),
        "case_url": reverse("staff:case", kwargs={"case": case})}, status)
