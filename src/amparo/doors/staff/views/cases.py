"""The case page and what colleagues write to it. A form that fails comes back on the page, with what was typed."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.desk import assigning, casework, duties, reading
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels, showing
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


@gate.page("case.read")
def case(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponse:
    """Everything of one case on one page: timeline, evidence, findings, dialogue, notes, record."""
    return gate.show(request, "case.html", showing.case(reading.case_page(staff, case), staff))


def again(request: HttpRequest, staff: OpenStaff, case: UUID, problems: list[dict[str, str]], status: int,
          **bound: Any) -> HttpResponse:
    """The case page with a form that failed: the error on top, the text where it was typed."""
    page = reading.case_page(staff, case)
    return gate.show(request, "case.html", {**showing.case(page, staff, bound), "problems": problems}, status)


def version(request: HttpRequest) -> int | None:
    """The version of the case that the form was made from."""
    raw = request.POST.get("version", "")
    return int(raw) if raw.isdecimal() and len(raw) < 12 else None


def write(request: HttpRequest, staff: OpenStaff, case: UUID, form: forms.Calm, act: Callable[[dict[str, Any]], Any],
          done: str, place: str, **bound: Any) -> Web:
    """Check a form, call the desk once, and go back to the case; or show the page again with the text kept.

    `place` is the section of the case page to return to.
    """
    if not form.is_valid():
        return again(request, staff, case, form.problems(), 400, **bound)
    try:
        act(form.cleaned_data)
    except AmparoError as error:
        status = gate.STATUS.get(error.code, 400)
        return again(request, staff, case, [gate.problem(error, _first(form))], status, **bound)
    gate.notice(request, done)
    return back(case, place)


def back(case: UUID, place: str) -> HttpResponseRedirect:
    """To a section of the case page."""
    return HttpResponseRedirect(reverse("staff:case", kwargs={"case": case}) + f"#{place}")


def _first(form: forms.Calm) -> str:
    return next(iter(form)).auto_id


@gate.page("case.reply", methods=("POST",))
def reply(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """Write to the reporter. Nothing else in this house sends them anything."""
    form = forms.Reply(request.POST, auto_id="reply_%s")
    taken = False

    def act(given: dict[str, Any]) -> None:
        nonlocal taken
        taken = send(staff, case, given, version=version(request))

    answer = write(request, staff, case, form, act, "", "dialogue", reply=form)
    if isinstance(answer, HttpResponseRedirect):
        gate.notice(request, sent(taken, case))
    return answer


def send(staff: OpenStaff, case: UUID, given: Mapping[str, Any], *, language: str = "", version: int | None = None,
         ) -> bool:
    """All or nothing: the answer, the state, and who takes care of it from now on. True where that is new: me."""
    with transaction.atomic():
        casework.reply(staff=staff, case_id=case, text=given["text"], language=language, version=version)
        if given["wait"]:
            casework.set_state(staff=staff, case_id=case, state="waiting-on-reporter")
        return bool(given["take"]) and assigning.take_if_free(staff=staff, case_id=case)


def sent(taken: bool, case: UUID) -> str:
    """What is said after sending."""
    says = _("Sent. The reporter reads it when they come back with their words.")
    return f"{says} {_('You have case %(code)s.') % {'code': labels.case_code(case)}}" if taken else says


@gate.page("case.note", methods=("POST",))
def note(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """A private note."""
    form = forms.Note(request.POST, auto_id="note_%s")
    return write(request, staff, case, form, lambda given: casework.note(
        staff=staff, case_id=case, text=given["text"], version=version(request),
    ), _("The note is kept."), "notes", note=form)


@gate.page("case.decide", methods=("POST",))
def decide(request: HttpRequest, staff: OpenStaff, case: UUID, finding: UUID) -> Web:
    """Accept or reject what a detector saw, with the reason; or leave it to a specialist, with a task."""
    form = forms.Decide(request.POST, auto_id=f"decide-{finding.hex[:8]}_%s")
    done = _("Your decision is recorded. Nothing was sent to the reporter.")
    if request.POST.get("act") == "tell":
        done = _("Your decision is recorded, and the reporter reads it when they come back with their words.")

    def act(given: dict[str, Any]) -> None:
        with transaction.atomic():  # both or neither
            casework.decide_finding(
                staff=staff, case_id=case, finding=finding, verdict=given["verdict"], why=given["why"],
                tell=given["tell"] or None, version=version(request))
            if given["verdict"] == "undecided":
                task = _("A specialist must look at a finding: %(why)s") % {"why": given["why"]}
                duties.add(staff=staff, case_id=case, text=task, due=None, who=None)

    return write(request, staff, case, form, act, done, "notice", decide=form, finding=finding)


@gate.page("case.state", methods=("POST",))
def state(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """A new state, with the reason."""
    form = forms.State(request.POST, auto_id="state_%s", states=showing.states(""))
    return write(request, staff, case, form, lambda given: casework.set_state(
        staff=staff, case_id=case, state=given["state"], why=given["why"], version=version(request),
    ), _("The state is changed."), "record", state=form)


@gate.page("case.retention", methods=("POST",))
def retention(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """How long the case is kept, with the reason."""
    form = forms.Retention(request.POST, auto_id="retention_%s")
    return write(request, staff, case, form, lambda given: casework.set_retention(
        staff=staff, case_id=case, day=given["day"], why=given["why"], version=version(request),
    ), _("The date is changed."), "record", retention=form)


@gate.page("case.event", methods=("POST",))
def event(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """Something that happened, on- or offline, with the time as exactly as it is known."""
    form = forms.Event(request.POST, auto_id="event_%s")
    return write(request, staff, case, form, lambda given: casework.record_event(
        staff=staff, case_id=case, text=given["text"], when=form.when(), venue=given["venue"],
        version=version(request),
    ), _("The event is on the timeline."), "timeline", event=form)


@gate.page("case.shred", methods=("GET", "POST"), fresh=True)
def erase(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """Destroy the keys of a case, then everything in it. Asks for the password, a reason and a tick."""
    form = forms.Erase(gate.posted(request))
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                gone = casework.shred_case(staff=staff, case_id=case, why=form.cleaned_data["why"],
                                           version=version(request))
                gate.notice(request, _("The case is erased.") if gone else _("The case is being erased."))
                return HttpResponseRedirect(reverse("staff:queue"))
            except AmparoError as error:
                problems, status = [gate.problem(error)], gate.STATUS.get(error.code, 400)
        else:
            problems, status = form.problems(), 400
    page = reading.case_page(staff, case)
    return gate.show(request, "case/erase.html", {
        "form": form, "code": labels.case_code(case), "version": page.version, "problems": problems,
        "case_url": reverse("staff:case", kwargs={"case": case})}, status)
