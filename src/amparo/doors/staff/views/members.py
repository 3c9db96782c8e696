"""Who can read a case: add a colleague, or remove one, which starts a new epoch of keys."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.desk import casework, reading
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels, showing
from amparo.doors.staff.views import cases
from amparo.words.errors import AmparoError


@gate.page("case.members", methods=("POST",))
def add(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponse | HttpResponseRedirect:
    """Give a colleague the keys of this case."""
    page = reading.case_page(staff, case)
    form = forms.Member(request.POST, auto_id="member_%s", colleagues=showing.colleagues(page))
    return cases.write(request, staff, case, form, lambda given: casework.add_colleague(
        staff=staff, case_id=case, colleague=UUID(given["colleague"]), version=cases.version(request),
    ), _("Your colleague can read this case now."), "members", member=form)


@gate.page("case.members", methods=("GET", "POST"), fresh=True)
def remove(request: HttpRequest, staff: OpenStaff, case: UUID, colleague: UUID) -> HttpResponse | HttpResponseRedirect:
    """Asks first, says what it can and cannot do, then re-keys the case."""
    page = reading.case_page(staff, case)
    member = next((one for one in page.members if one.staff_id == colleague), None)
    if member is None:
        raise Http404
    form = forms.RemoveMember(gate.posted(request))
    problems = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                casework.remove_colleague(staff=staff, case_id=case, colleague=colleague,
                                          version=cases.version(request))
                gate.notice(request, _("Removed. The case has new keys."))
                if colleague == staff.id:
                    return HttpResponseRedirect(reverse("staff:queue"))
                return cases.back(case, "members")
            except AmparoError as error:
                problems, status = [gate.problem(error)], gate.STATUS.get(error.code, 400)
        else:
            problems, status = form.problems(), 400
    return gate.show(request, "case/remove.html", {
        "form": form, "member": member, "code": labels.case_code(case), "version": page.version,
        "case_url": reverse("staff:case", kwargs={"case": case}), "problems": problems}, status)
