"""Reports that may be told twice: the list, and two of them side by side for a person to say what they are."""

from typing import Any
from uuid import UUID

from django import forms as fields
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.desk import duplicates
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.doors.staff.views import cases
from amparo.words.errors import AmparoError

SHOWN = 100
VERDICTS = {
    "same": gettext_lazy("The same: one event, told twice"),
    "related": gettext_lazy("Related: the same people or the same campaign, and two events"),
    "different": gettext_lazy("Different: they only look alike"),
}
SHORT = {"same": gettext_lazy("the same"), "related": gettext_lazy("related"), "different": gettext_lazy("different")}
KINDS = {
    "phone": gettext_lazy("telephone number"), "email": gettext_lazy("e-mail address"), "url": gettext_lazy("link"),
    "domain": gettext_lazy("domain"), "handle": gettext_lazy("account"), "hash": gettext_lazy("hash of a file"),
}


class Say(forms.Calm):
    verdict = fields.ChoiceField(label=gettext_lazy("What are they to one another?"), choices=list(VERDICTS.items()),
                                 widget=fields.RadioSelect)
    why = forms.text_area(gettext_lazy("Why (needed)"),
                          gettext_lazy("A few words are enough. They stand in both cases."), rows=3)
    close = fields.ChoiceField(label=gettext_lazy("If they are the same"), required=False, widget=fields.RadioSelect)

    def __init__(self, *args: Any, left: UUID, right: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        close = [(str(one), _("Close case %(code)s") % {"code": labels.case_code(one)}) for one in (left, right)]
        self.fields["close"].choices = [("none", _("Leave both open")), *close]  # type: ignore[attr-defined]


class Back(forms.Calm):
    why = forms.line(gettext_lazy("Why"))


@gate.page("queue.see")
def proposed(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """The pairs that somebody should compare."""
    found = duplicates.proposals(staff)
    return gate.show(request, "twins.html", {
        "pairs": [_proposal(one) for one in found[:SHOWN]],
        "counted": ngettext("%(count)d pair", "%(count)d pairs", len(found)) % {"count": len(found)}})


def _proposal(one: duplicates.Proposal) -> dict[str, Any]:
    signs = []
    if one.alike >= duplicates.likeness.ALIKE:
        signs.append(_("their texts are nearly alike (%(percent)d of 100 pairs of words)")
                     % {"percent": round(100 * one.alike)})
    if one.shared:
        signs.append(ngettext("they share %(count)d rare number, address or account",
                              "they share %(count)d rare numbers, addresses or accounts", one.shared)
                     % {"count": one.shared})
    return {"url": reverse("staff:twin", kwargs={"case": one.case, "other": one.other}),
            "left": labels.case_code(one.case), "right": labels.case_code(one.other),
            "signs": signs or [_("they name the same domain, in words that are partly alike")]}


@gate.page("case.twin", methods=("GET", "POST"))
def compare(request: HttpRequest, staff: OpenStaff, case: UUID, other: UUID) -> HttpResponse | HttpResponseRedirect:
    """Side by side; a person says what they are, or takes back what was said."""
    pair = duplicates.side_by_side(staff, case, other)
    back = request.method == "POST" and "back" in request.POST
    say = Say(None if back else gate.posted(request), left=case, right=other)
    undo = Back(request.POST if back else None, auto_id="back_%s")
    problems, status = [], 200
    if request.method == "POST":
        form = undo if back else say
        if form.is_valid():
            try:
                _act(request, staff, case, other, form.cleaned_data, back)
                return HttpResponseRedirect(reverse("staff:twins"))
            except AmparoError as error:
                problems, status = [gate.problem(error)], gate.STATUS.get(error.code, 400)
        else:
            problems, status = form.problems(), 400
    return gate.show(request, "case/twin.html", {
        "sides": [_side(pair.left), _side(pair.right)], "form": say, "undo": undo, "problems": problems,
        "shared": [{"kind": KINDS[kind], "value": value} for kind, value in pair.shared],
        "percent": round(100 * pair.alike), "version": pair.left.version, "other_version": pair.right.version,
        "said": {"verdict": SHORT.get(pair.said.verdict, pair.said.verdict), "who": pair.said.who,
                 "at": labels.moment(pair.said.at), "why": pair.said.why} if pair.said else None}, status)


def _act(request: HttpRequest, staff: OpenStaff, case: UUID, other: UUID, given: dict[str, Any], back: bool) -> None:
    if back:
        duplicates.take_back(staff=staff, case_id=case, other=other, why=given["why"], version=cases.version(request))
        gate.notice(request, _("Taken back. The pair is open again; states that were set stay as they are."))
        return
    raw = request.POST.get("other_version", "")
    duplicates.say(
        staff=staff, case_id=case, other=other, verdict=given["verdict"], why=given["why"],
        close=UUID(given["close"]) if given["close"] not in ("", "none") else None,
        version=cases.version(request), other_version=int(raw) if raw.isdecimal() and len(raw) < 12 else None)
    gate.notice(request, _("Noted in both cases. Nothing was merged."))


def _side(side: duplicates.Side) -> dict[str, Any]:
    return {"code": labels.case_code(side.case), "url": reverse("staff:case", kwargs={"case": side.case}),
            "state_label": labels.state(side.state), "opened": labels.day(side.opened_on), "texts": side.texts}


@gate.page("case.twin")
def of_case(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponse:
    """What was said of this case beside others, and what is proposed."""
    proposed_here = [one for one in duplicates.proposals(staff) if case in (one.case, one.other)]
    return gate.show(request, "case/twins.html", {
        "code": labels.case_code(case), "case_url": reverse("staff:case", kwargs={"case": case}),
        "pairs": [_proposal(one) for one in proposed_here],
        "said": [{"code": labels.case_code(one.other), "verdict": SHORT.get(one.verdict, one.verdict), "who": one.who,
                  "url": reverse("staff:twin", kwargs={"case": case, "other": one.other}),
                  "at": labels.moment(one.at), "why": one.why} for one in duplicates.linked(staff, case)]})
