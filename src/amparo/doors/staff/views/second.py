"""A second person: what waits for my answer, what this case has asked, and asking."""

from typing import Any
from uuid import UUID

from django import forms as fields
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from amparo.desk import configuration, policy
from amparo.desk import second as seconds
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
ACTS = {
    "identity": gettext_noop("see the identity that is kept apart"), "export": gettext_noop("export"),
    "shred": gettext_noop("erase the case"), "keep": gettext_noop("keep the case against erasing"),
    "conflict": gettext_noop("take the case from all others"),
    "original": gettext_noop("take the original of a file, where the person is under 18"),
    "bulk": gettext_noop("open more than one colleague may within an hour"),
}
STATES = {
    "waiting": gettext_noop("waits for an answer"), "approved": gettext_noop("approved"),
    "refused": gettext_noop("refused"), "used": gettext_noop("done"), "expired": gettext_noop("too old: ask again"),
}


class Ask(forms.Calm):
    act = fields.ChoiceField(label=gettext_lazy("What for"), widget=fields.RadioSelect)
    why = forms.text_area(gettext_lazy("Why"), gettext_lazy("Whoever answers reads it. It stays in the history."),
                          rows=3)

    def __init__(self, *args: Any, acts: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["act"].choices = [(act, _(ACTS[act])) for act in acts]  # type: ignore[attr-defined]


def line(one: seconds.Asked, staff: OpenStaff) -> dict[str, Any]:
    """One request for a page. Only somebody else's that waits can be answered."""
    url = ""
    if one.state == "waiting" and one.by != staff.id:
        url = reverse("staff:answer", kwargs={"case": one.case, "asked": one.request}) if one.case else reverse(
            "staff:answer-desk", kwargs={"asked": one.request})
    answered = one.answer
    return {
        "act": _(ACTS[one.act]) if one.act in ACTS else one.act, "who": one.who, "at": labels.moment(one.at),
        "why": one.why, "state": _(STATES[one.state]), "url": url, "id": one.request.hex[:8],
        "case": labels.case_code(one.case) if one.case else "",
        "case_url": reverse("staff:case", kwargs={"case": one.case}) if one.case else "",
        "answered": answered.who if answered else "", "words": answered.words if answered else "",
        "answered_at": labels.moment(answered.at) if answered else "", "used_at": labels.moment(one.used_at),
    }


@gate.page("requests.answer")
def requests(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """What waits for my answer."""
    return gate.show(request, "requests.html", {
        "asked": [line(one, staff) for one in seconds.waiting(staff)],
        "second_person": configuration.current().second_person})


@gate.page("queue.see", methods=("GET", "POST"))
def ask(request: HttpRequest, staff: OpenStaff) -> Web:
    """Ask all colleagues for more than one may do alone. Where the way was meant to lead is kept in the address."""
    acts = [act for act, action in seconds.DESK_ACTS.items() if policy.may(staff.role, gate.NONE, action)]
    to = gate.safe_target(request.POST.get("to") or request.GET.get("to"))
    form = Ask(gate.posted(request), acts=acts)
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        if form.is_valid():
            try:
                seconds.ask_desk(staff=staff, act=form.cleaned_data["act"], why=form.cleaned_data["why"])
                return gate.show(request, "asked.html", {"to": to})
            except AmparoError as error:
                problems = [gate.problem(error, "id_why")]
        else:
            problems = form.problems()
    return gate.show(request, "ask.html", {"form": form, "problems": problems, "to": to}, 400 if problems else 200)


def _said(request: HttpRequest) -> tuple[bool, str, list[UUID]]:
    """(approve, words, who else was signed in in this browser session)."""
    verdict = request.POST.get("answer", "")
    if verdict not in ("approve", "refuse"):
        raise seconds.WhyMissing("There is no answer.", advice="Approve or refuse.")
    beside = [UUID(one) for one in request.session.get(gate.EARLIER, ())]
    return verdict == "approve", request.POST.get("words", ""), beside


@gate.page("requests.answer", methods=("POST",))
def answer_desk(request: HttpRequest, staff: OpenStaff, asked: UUID) -> Web:
    """Answer what was asked of all colleagues."""
    approve, words, beside = _said(request)
    seconds.answer_desk(staff=staff, request=asked, approve=approve, words=words, beside=beside)
    gate.notice(request, _("Your answer is sent."))
    return HttpResponseRedirect(reverse("staff:requests"))


@gate.page("case.read", methods=("GET", "POST"))
def second(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """What was asked in this case, and a form to ask."""
    acts = [act for act, action in seconds.ACTION.items()
            if act != "identity" and policy.may(staff.role, "granted", action)]
    form = Ask(gate.posted(request), acts=acts)
    problems: list[dict[str, str]] = []
    here = reverse("staff:second", kwargs={"case": case})
    if request.method == "POST":
        if form.is_valid():
            try:
                seconds.ask(staff=staff, case_id=case, act=form.cleaned_data["act"], why=form.cleaned_data["why"])
                gate.notice(request, _("Asked. The other readers of this case see it under “Requests”."))
                return HttpResponseRedirect(here)
            except AmparoError as error:
                problems = [gate.problem(error, "id_why")]
        else:
            problems = form.problems()
    return gate.show(request, "case/second.html", {
        "form": form, "problems": problems, "code": labels.case_code(case),
        "asked": [line(one, staff) for one in reversed(seconds.of_case(staff, case))],
        "second_person": configuration.current().second_person,
        "case_url": reverse("staff:case", kwargs={"case": case})}, 400 if problems else 200)


@gate.page("case.read", methods=("POST",))
def answer(request: HttpRequest, staff: OpenStaff, case: UUID, asked: UUID) -> Web:
    """Answer what was asked in a case."""
    approve, words, beside = _said(request)
    seconds.answer(staff=staff, case_id=case, request=asked, approve=approve, words=words, beside=beside)
    gate.notice(request, _("Your answer is kept in the case."))
    return HttpResponseRedirect(reverse("staff:requests"))
