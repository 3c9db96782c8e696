"""Consent of the person, or of an adult for them, written down; and for somebody under 18 what comes before it."""

from uuid import UUID

from django import forms as web
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from amparo.desk import agreements, duties, reading
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.doors.staff.views import cases
from amparo.words.errors import AmparoError

BY = {
    "own": gettext_noop("The person"), "guardian": gettext_noop("A parent or guardian"),
    "trusted-adult": gettext_noop("Another adult whom the person trusts"),
    "authority": gettext_noop("An office or court that decides for the person"),
}
WAYS = {"in-person": gettext_noop("In person"), "call": gettext_noop("On a call"),
        "writing": gettext_noop("In writing"), "message": gettext_noop("In a message, also here in the dialogue")}
STEPS = (
    gettext_noop("Ask whether an adult at home is part of the danger. Until this is known, call and tell no adult."),
    gettext_noop("Ask which adult the person trusts, and whether that adult may know."),
    gettext_noop("Ask a service for the protection of children how it is done here, without telling who it is about."),
    gettext_noop("Ask for consent before anything leaves this desk, and write the answer down."),
)
"""Tasks for a case of somebody under 18, in the order in which they are done."""


class Written(forms.Calm):
    by = web.ChoiceField(label=gettext_lazy("Who was asked"), widget=web.RadioSelect, help_text=gettext_lazy(
        "Where a parent or guardian may be the danger, ask the person and an adult they trust."))
    given = web.ChoiceField(label=gettext_lazy("The answer"), widget=web.RadioSelect, choices=[
        ("yes", gettext_lazy("Agrees that what is described below leaves this desk")),
        ("no", gettext_lazy("Does not agree, or has taken it back"))])
    way = web.ChoiceField(label=gettext_lazy("How it was said"), widget=web.RadioSelect)
    day = web.DateField(
        label=gettext_lazy("On which day"), help_text=gettext_lazy("Year, month and day, like 2027-05-31."),
        input_formats=["%Y-%m-%d"], widget=web.DateInput(attrs={"type": "date", "dir": "ltr"}),
        error_messages={"invalid": gettext_lazy("This date could not be read. Write it like 2027-05-31.")})
    text = forms.text_area(gettext_lazy("What may go to whom"), gettext_lazy(
        "What was asked and answered, in a few words. Without names, unless they are needed."), rows=3)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["by"].choices = [(code, _(BY[code])) for code in agreements.BY]  # type: ignore[attr-defined]
        self.fields["way"].choices = [(code, _(WAYS[code])) for code in agreements.WAYS]  # type: ignore[attr-defined]


class Young(forms.Calm):
    why = forms.text_area(gettext_lazy("How you know it"), gettext_lazy("Stays in the timeline."), rows=2)


def _mark(request: HttpRequest, staff: OpenStaff, case: UUID, form: Young) -> tuple[list[dict[str, str]], int]:
    """What is wrong, and the status; nothing wrong: the person is marked as under 18."""
    if not form.is_valid():
        return form.problems(), 400
    try:
        agreements.mark_young(staff=staff, case_id=case, why=form.cleaned_data["why"], version=cases.version(request))
    except AmparoError as error:
        return [gate.problem(error)], gate.STATUS.get(error.code, 400)
    return [], 200


@gate.page("case.consent", methods=("GET", "POST"))
def of_case(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponse | HttpResponseRedirect:
    """What was agreed; a POST writes one more answer down, or makes the tasks that protect somebody under 18."""
    here = reverse("staff:agreements", kwargs={"case": case})
    if request.POST.get("steps") == "make":
        with transaction.atomic():
            for step in STEPS:
                duties.add(staff=staff, case_id=case, text=_(step), due=None, who=None)
        gate.notice(request, _("The steps are tasks of this case now."))
        return HttpResponseRedirect(here)
    marking = request.POST.get("young") == "mark"
    young = Young(request.POST if marking else None, auto_id="young_%s")
    form = Written(None if marking else gate.posted(request))
    problems: list[dict[str, str]] = []
    status = 200
    if marking:
        problems, status = _mark(request, staff, case, young)
        if not problems:
            gate.notice(request, _("Marked as under 18. Nothing leaves without consent and a second person."))
            return HttpResponseRedirect(here)
    elif request.method == "POST":
        problems, status = form.problems(), 400
        if form.is_valid():
            given = form.cleaned_data
            try:
                agreements.record(
                    staff=staff, case_id=case, by=given["by"], way=given["way"], on=given["day"],
                    given=given["given"] == "yes", text=given["text"], version=cases.version(request))
                gate.notice(request, _("The answer is written down."))
                return HttpResponseRedirect(here)
            except AmparoError as error:
                problems, status = [gate.problem(error)], gate.STATUS.get(error.code, 400)
    page, shown = agreements.page(staff, case), reading.case_page(staff, case)
    open_tasks = {one.text for one in shown.work.duties}
    return gate.show(request, "case/agreements.html", {
        "form": form, "young": young, "problems": problems,
        "version": page.version, "minor": shown.minor, "stands": page.stands,
        "records": [{
            "by": _(BY.get(one.by, one.by)), "way": _(WAYS.get(one.way, one.way)), "on": labels.day(one.on),
            "given": one.given, "text": one.text, "who": one.who or _("unknown"), "at": labels.moment(one.at),
            "proven": one.proven, "stands": one.stands} for one in page.records],
        "steps": [] if open_tasks >= {_(step) for step in STEPS} else [_(step) for step in STEPS],
        "code": labels.case_code(case), "case_url": reverse("staff:case", kwargs={"case": case})}, status)
