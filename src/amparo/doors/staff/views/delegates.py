"""Who may add to a case, named and revoked by a colleague for an owner who asked."""

import uuid
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.desk import delegates
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


class Named(forms.Calm):
    label = forms.line(gettext_lazy("What the owner calls this person"),
                       gettext_lazy("Not a name: “her sister”, “the lawyer”. The owner sees it, too."), maxlength="80")


@gate.page("case.delegate", methods=("GET", "POST"))
def of_case(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """The list; a POST names one more, and leads to the words to read out."""
    form = Named(gate.posted(request))
    try:
        slip = UUID(request.POST.get("form", ""))
    except ValueError:
        slip = uuid.uuid4()
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        problems, status = form.problems(), 400
        if form.is_valid():
            language = (translation.get_language() or "en").split("-")[0]
            try:
                delegates.name_by_staff(session=request.session, staff=staff, case_id=case, form=slip,
                                        label=form.cleaned_data["label"], language=language)
                return HttpResponseRedirect(reverse("staff:words-out", kwargs={"slip": slip}))
            except AmparoError as error:
                problems, status = [gate.problem(error, form["label"].auto_id)], gate.STATUS.get(error.code, 400)
    named = [{"label": one.label or _("Whoever filed this report"), "own": bool(one.label),
              "by": _("the reporter") if one.by == "reporter" else one.by, "at": labels.moment(one.at),
              "revoked": one.revoked,
              "url": reverse("staff:delegate-revoke", kwargs={"case": case, "delegate": one.id})}
             for one in delegates.of_case(staff, case)]
    return gate.show(request, "case/delegates.html", {
        "form": form, "slip": slip, "named": named, "problems": problems, "code": labels.case_code(case),
        "case_url": reverse("staff:case", kwargs={"case": case})}, status)


@gate.page("case.delegate", methods=("POST",))
def revoke(request: HttpRequest, staff: OpenStaff, case: UUID, delegate: UUID) -> Web:
    """Their words open nothing from now on."""
    delegates.revoke_by_staff(staff=staff, case_id=case, who=delegate)
    gate.notice(request, _("Taken back. Their words open nothing any more."))
    return HttpResponseRedirect(reverse("staff:delegates", kwargs={"case": case}))
