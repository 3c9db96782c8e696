"""Triage of one case on one page, with one press; and on to the next."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms as web
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.desk import reading, triaging
from amparo.desk.accounts import OpenStaff
from amparo.desk.pages import CasePage
from amparo.desk.working import RAISED
from amparo.doors.staff import forms, gate, labels, showing, working
from amparo.doors.staff.views import assigning, cases
from amparo.words import threats as kinds
from amparo.words.errors import AmparoError
from amparo.words.risk import PRIORITIES, Priority

Web = HttpResponse | HttpResponseRedirect
Choices = Iterable[tuple[str, str]]


class Triage(forms.Calm):
    threats = web.MultipleChoiceField(
        label=gettext_lazy("What it is"), widget=web.CheckboxSelectMultiple(attrs={"data-key": "w"}),
        help_text=gettext_lazy("Ticked is what the reporter said. Add what you see, take off what it is not."))
    needs = web.MultipleChoiceField(
        label=gettext_lazy("What would help"), required=False,
        help_text=gettext_lazy("Ticked is what the reporter asked for; a safe place where a life may be in danger."),
        widget=web.CheckboxSelectMultiple(attrs={"data-key": "h"}))
    refuted = web.MultipleChoiceField(
        label=gettext_lazy("Which answer is wrong"), required=False, widget=web.CheckboxSelectMultiple,
        help_text=gettext_lazy("Leave all of these empty unless you know that one is wrong, for instance because the "
                               "reporter told you. A tick says: not true. It is signed with your name, and may lower "
                               "the urgency."))
    level = web.ChoiceField(
        label=gettext_lazy("How soon"), required=False, widget=web.RadioSelect,
        help_text=gettext_lazy("Raise it when you know more than the answers say. Your other opinion never lowers it."))
    why = forms.text_area(
        gettext_lazy("Why"), gettext_lazy("Needed when you raise it, or say that an answer is wrong."),
        required=False, rows=2)
    state = web.ChoiceField(label=gettext_lazy("State afterwards"), required=False, widget=web.Select)

    def __init__(self, *args: Any, page: CasePage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Choices] = {
            "threats": [(code, working.threat(code)) for code in kinds.CODES],
            "needs": [(code, working.need(code)) for code in triaging.NEEDS],
            "level": [("", _("as it is: %(level)s") % {"level": labels.level(page.level)}), *_higher(page)],
            "refuted": _facts(page), "state": [("", _("stays as it is")), *showing.states("")],
        }
        for name, rows in choices.items():
            self.fields[name].choices = list(rows)  # type: ignore[attr-defined]
        for name, key in (("threats", "w"), ("needs", "h")):
            self.fields[name].key = key  # type: ignore[attr-defined]
        for name in ("level", "refuted"):
            if not choices[name] or (name == "level" and page.level == Priority.P0):
                del self.fields[name]


def _higher(page: CasePage) -> Choices:
    here = PRIORITIES.index(Priority(page.level)) if page.level in tuple(Priority) else 0
    return [(level.value, labels.level(level.value)) for level in PRIORITIES[:here]]


def _facts(page: CasePage) -> Choices:
    """The answers that the level rests on, with what was answered."""
    told = {one.code: one for one in page.answers}
    rows: dict[str, str] = {}
    for reason in page.why:
        for code in reason.facts:
            if code == RAISED:
                rows[code] = _("Not needed any more: the raising by a colleague")
            elif code in told:
                shown = showing.answer(code, told[code].question, told[code].values, told[code].text)
                rows[code] = _("Not true: %(question)s %(answer)s") % {
                    "question": shown["question"], "answer": ", ".join(shown["values"])}
    return list(rows.items())


@gate.page("case.triage", methods=("GET", "POST"))
def triage(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """What the report says beside the few questions that a colleague answers."""
    page = reading.case_page(staff, case)
    if request.method != "POST":
        return _show(request, staff, page, _form(page))
    form = Triage(request.POST, page=page)
    if not form.is_valid():
        return _show(request, staff, page, form, form.problems(), 400)
    given, then = form.cleaned_data, request.POST.get("then", "next")
    on = assigning.following(staff, case, untriaged=True)
    try:
        triaging.triage(
            staff=staff, case_id=case, threats=given["threats"], needs=given["needs"], level=given.get("level", ""),
            refuted=given.get("refuted", ()), why=given["why"], state=given["state"], take=then == "take",
            version=cases.version(request),
        )
    except AmparoError as error:
        status = gate.STATUS.get(error.code, 400)
        return _show(request, staff, reading.case_page(staff, case), form, [gate.problem(error, "id_why")], status)
    kept = (_("Triage of case %(code)s is kept, and you have the case.") if then == "take"
            else _("Triage of case %(code)s is kept."))
    gate.notice(request, kept % {"code": labels.case_code(case)})
    if then == "open":
        return cases.back(case, "working")
    return assigning.go_on(request, on, triage=True, kept=case)


def _form(page: CasePage) -> Triage:
    """What the reporter said is proposed; what a colleague kept before stands again."""
    seen = page.work.seen
    said = next((one.values for one in page.answers if one.code == "threats"), ())
    proposed = seen.threats if seen.times else said
    needs = seen.needs if seen.times else _asked_for(page)
    return Triage(page=page, initial={"threats": proposed, "needs": needs, "level": ""})


WANTED = {"advice": "training", "check-device": "device", "keep-evidence": "evidence", "legal": "legal",
          "money": "money", "company": "platform", "talk": "wellbeing", "record": "nothing"}
"""What a reporter asks for, as what would help."""


def _asked_for(page: CasePage) -> list[str]:
    """What would help, as far as the report says it; where a life may be in danger, first a safe place."""
    wanted = next((one.values for one in page.answers if one.code == "want"), ())
    found = [WANTED[code] for code in wanted if code in WANTED]
    if len(found) > 1 and "nothing" in found:
        found.remove("nothing")
    return (["safety"] if page.level == Priority.P0 else []) + found


def _show(request: HttpRequest, staff: OpenStaff, page: CasePage, form: Triage,
          problems: list[dict[str, str]] | None = None, status: int = 200) -> HttpResponse:
    shown = showing.case(page, staff)["case"]
    return gate.show(request, "case/triage.html", {
        "case": shown, "form": form, "kept": _kept(request), "problems": problems or [],
        # what somebody began to write there is never folded away
        "otherwise": bool(form.is_bound and form.data.get("refuted")),
        "case_url": reverse("staff:case", kwargs={"case": page.case}),
        "skip_url": reverse("staff:next", kwargs={"case": page.case}) + "?to=triage"}, status)


def _kept(request: HttpRequest) -> dict[str, str]:
    """The case whose triage was kept a moment ago: a wrong press is one click away from being mended."""
    try:
        case = UUID(request.GET.get("kept", ""))
    except ValueError:
        return {}
    return {"code": labels.case_code(case), "url": reverse("staff:triage", kwargs={"case": case})}
