"""What is kept apart from a case: the identity of a person, and a colleague with a conflict of interest."""

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms as fields
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.desk import configuration, conflicts, identities, reading
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.doors.staff.views import cases
from amparo.doors.staff.views.second import line
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


class AskIdentity(forms.Calm):
    why = forms.text_area(gettext_lazy("Why you need to know"), gettext_lazy(
        "Every reader of this case sees who asked, when and why, for as long as the case is kept."), rows=3)


@gate.page("case.read", methods=("GET", "POST"))
def identity(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """The history for every reader; asking with a reason; and the identity itself, once, in the answer to a form."""
    form = AskIdentity(gate.posted(request) if "show" not in request.POST else None)
    problems: list[dict[str, str]] = []
    shown: tuple[identities.Shown, ...] = ()
    status = 200
    if request.method == "POST":
        try:
            if "show" in request.POST:
                shown = identities.show(staff=staff, case_id=case, request=_uuid(request.POST["show"]))
            elif form.is_valid():
                shown = identities.ask(staff=staff, case_id=case, why=form.cleaned_data["why"])
                if not shown:
                    gate.notice(request, _("Asked. Another reader of this case must approve; then it opens here."))
                    return HttpResponseRedirect(reverse("staff:identity", kwargs={"case": case}))
            else:
                problems, status = form.problems(), 400
        except AmparoError as error:
            problems, status = [gate.problem(error, "id_why")], gate.STATUS.get(error.code, 400)
    kept = identities.page(staff, case)
    return gate.show(request, "case/identity.html", {
        "form": form, "problems": problems, "there": kept.there, "mine": kept.mine or "",
        "shown": [{"text": one.text, "by": _("the reporter") if one.by == "reporter" else one.by,
                   "at": labels.moment(one.at)} for one in shown],
        "history": [line(one, staff) for one in reversed(kept.history)], "code": labels.case_code(case),
        "second_person": configuration.current().second_person,
        "case_url": reverse("staff:case", kwargs={"case": case})}, status)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


class Conflict(forms.Calm):
    colleague = fields.ChoiceField(label=gettext_lazy("Who must not read this case"), widget=fields.RadioSelect)
    why = forms.text_area(gettext_lazy("Why"), gettext_lazy(
        "The other readers of this case see it. Write no more than they need."), rows=3)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].choices = people  # type: ignore[attr-defined]


@gate.page("case.conflict", methods=("GET", "POST"))
def conflict(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """A colleague must not read this case any more, and is never added again."""
    people = conflicts.people_of(staff, case)
    form = Conflict(gate.posted(request), people=[_choice(one, staff) for one in people])
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            who = UUID(form.cleaned_data["colleague"])
            try:
                conflicts.declare(staff=staff, case_id=case, who=who, why=form.cleaned_data["why"],
                                  version=cases.version(request))
                gate.notice(request, _("Recorded. The case is closed to them for good."))
                if who == staff.id:
                    return HttpResponseRedirect(reverse("staff:queue"))
                return cases.back(case, "members")
            except AmparoError as error:
                problems, status = [gate.problem(error, "id_why")], gate.STATUS.get(error.code, 400)
        else:
            problems, status = form.problems(), 400
    return gate.show(request, "case/conflict.html", {
        "form": form, "problems": problems, "code": labels.case_code(case),
        "version": reading.version_of(case), "declared": [_declared(one) for one in conflicts.declared(staff, case)],
        "case_url": reverse("staff:case", kwargs={"case": case})}, status)


def _choice(one: tuple[UUID, str, str, bool], staff: OpenStaff) -> tuple[str, str]:
    who, pseudonym, role, reads = one
    name = _("%(name)s (you)") % {"name": pseudonym} if who == staff.id else pseudonym
    return str(who), f"{name} · {labels.role(role)} · {_('reads it now') if reads else _('does not read it now')}"


def _declared(one: tuple[str, str, str, str]) -> dict[str, str]:
    whom, why, by, at = one
    return {"who": whom, "why": why, "by": by, "at": labels.moment(dt.datetime.fromisoformat(at))}
