"""Playbooks of a case: begin one, keep the outcomes of its steps, go on by an answer."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amparo.desk import walks
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels, walking, working
from amparo.doors.staff.views import referring
from amparo.doors.staff.views.assigning import uuid_of
from amparo.mitigate import ways
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
STATES = {"open": gettext_noop("still to be done"), "done": gettext_noop("done"),
          "dropped": gettext_noop("not needed here")}


def _to(case: UUID, walk: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("staff:walk", kwargs={"case": case, "walk": walk}))


@gate.page("case.task", methods=("GET", "POST"))
def of_case(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """The playbooks of this case, and all that can be begun; a POST begins one."""
    if request.method == "POST":
        walk = walks.start(staff=staff, case_id=case, book=request.POST.get("book", ""), language=walking.language())
        gate.notice(request, _("The playbook is begun. Its steps are tasks of the case."))
        return _to(case, walk)
    standing = walks.of_case(staff, case)
    groups = walking.offered(standing)
    lines = [walking.line(one, case) for one in reversed(standing.walks)]
    return gate.show(request, "case/playbooks.html", {
        "code": labels.case_code(case), "case_url": reverse("staff:case", kwargs={"case": case}),
        "running": [one for one in lines if one["open"]], "ended": [one for one in lines if not one["open"]],
        "groups": groups, "first": groups[0]["ours"]})


@gate.page("case.task", methods=("GET", "POST"))
def walk(request: HttpRequest, staff: OpenStaff, case: UUID, walk: UUID) -> Web:
    """Where one stands; a POST keeps outcomes, and goes on where an answer was pressed."""
    if request.method != "POST":
        return _show(request, staff, case, walk, {})
    if request.POST.get("go") == "give-up":
        walks.give_up(staff=staff, case_id=case, walk=walk)
        gate.notice(request, _("Given up. Its tasks stay as they are."))
        return HttpResponseRedirect(reverse("staff:case-playbooks", kwargs={"case": case}))
    rows = zip(*(request.POST.getlist(name) for name in ("task", "state", "outcome")), strict=False)
    given = {task: (state, outcome) for raw, state, outcome in rows if (task := uuid_of(raw)) is not None}
    pressed = request.POST.get("go", "")
    try:
        walks.go_on(staff=staff, case_id=case, walk=walk, at=request.POST.get("at", ""), outcomes=given,
                    choice=int(pressed) if pressed.isdecimal() and len(pressed) < 3 else None,
                    language=walking.language())
    except AmparoError as error:
        status = gate.STATUS.get(error.code, 400)
        return _show(request, staff, case, walk, given, [gate.problem(error)], status)
    gate.notice(request, _("Kept.") if pressed == "keep" else _("Kept, and on."))
    return _to(case, walk)


def _show(request: HttpRequest, staff: OpenStaff, case: UUID, walk: UUID, given: dict[UUID, tuple[str, str]],
          problems: list[dict[str, str]] | None = None, status: int = 200) -> HttpResponse:
    standing = walks.of_case(staff, case)
    walked = standing.find(walk)
    book, node = walks.book_of(walked, walking.language())
    service = ways.service_of(walked.node)
    tasks = [_task(standing, task, case, staff, given, book.title) for task in walked.tasks if task in standing.duties]
    return gate.show(request, "case/walk.html", {
        "book": book, "node": node, "at": walked.node, "open": walked.open, "place": walking.place(book, walked.node),
        "service": service if service != "desk" else "", "known": referring.known(service) if service else [],
        "stale": walked.open and (node is None or walked.version != book.version),
        "tasks": [one for one in tasks if one["id"] in walked.here],
        "before": [one for one in tasks if one["id"] not in walked.here],
        "trail": walking.trail(walked, book, standing, staff), "problems": problems or [],
        "code": labels.case_code(case), "case_url": reverse("staff:case", kwargs={"case": case}),
        "list_url": reverse("staff:case-playbooks", kwargs={"case": case})}, status)


def _task(standing: walks.Standing, task: UUID, case: UUID, staff: OpenStaff, given: dict[UUID, tuple[str, str]],
          title: str) -> dict[str, Any]:
    """One step: as it stands, or as it was just filled in and refused. Its playbook is named above all of them."""
    told = working.duty(standing.duties[task], case, staff, standing.names)
    state, outcome = given.get(task, (told["state"], told["outcome"]))
    return {**told, "text": told["text"].removesuffix(f" ({title})"), "state": state, "outcome": outcome,
            "states": [(code, _(label), code == state) for code, label in STATES.items()],
            "label": _(STATES[told["state"]])}
