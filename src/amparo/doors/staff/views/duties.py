"""Tasks on a case page, and mine over all cases."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.desk import directory, duties
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels, working
from amparo.doors.staff.views import assigning, cases

Web = HttpResponse | HttpResponseRedirect


@gate.page("case.task", methods=("POST",))
def add(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """A new task. Its time is read in my zone."""
    form = working.Task(request.POST, auto_id="task_%s")

    def act(given: dict[str, Any]) -> None:
        duties.add(staff=staff, case_id=case, text=given["text"], due=given["due"], who=assigning.uuid_of(given["who"]))

    return cases.write(request, staff, case, form, act, _("The task is kept."), "working", task=form)


@gate.page("case.task", methods=("POST",))
def end(request: HttpRequest, staff: OpenStaff, case: UUID, task: UUID) -> Web:
    """Tick, drop, or take up again."""
    state = request.POST.get("state", "")
    duties.end(staff=staff, case_id=case, task=task, state=state, outcome=request.POST.get("outcome", ""))
    gate.notice(request, {"done": _("Done."), "dropped": _("Dropped.")}.get(state, _("The task is open again.")))
    to = gate.safe_target(request.POST.get("to"), reverse("staff:case", kwargs={"case": case}))
    return HttpResponseRedirect(to if request.POST.get("to") else f"{to}#working")


@gate.page("shift.hand-over")
def mine(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """My tasks over all my cases, what is due first on top."""
    names = {one.id: one.pseudonym for one in directory.everyone().values()}
    rows = [{**working.duty(one.duty, one.case, staff, names), "code": labels.case_code(one.case),
             "case_url": reverse("staff:case", kwargs={"case": one.case})} for one in duties.mine(staff)]
    return gate.show(request, "tasks.html", {"tasks": rows, "late": sum(row["late"] for row in rows),
                                             "zone": timezone.get_current_timezone_name()})
