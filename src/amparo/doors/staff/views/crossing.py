"""Before a border or an arrest: everything handed away in one step. The empty account; and bringing it back."""

from collections import Counter
from typing import Any
from uuid import UUID

from django import forms as fields
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.desk import bringing_back, leaving, new_keys, policy
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
LEFT = "staff-left"  # in the session that handed everything away: it may read the list, once more, and no other may


class Cross(forms.Calm):
    to = fields.ChoiceField(label=gettext_lazy("Who takes your cases"), widget=fields.RadioSelect)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = people  # type: ignore[attr-defined]


@gate.page("own.travel", methods=("GET", "POST"))
def crossing(request: HttpRequest, staff: OpenStaff) -> Web:
    """Says what would become of each case, does it in one step, and shows how far it is."""
    here = reverse("staff:crossing")
    under_way = leaving.under_way(staff.id)
    if under_way is not None:
        leaving.go_on(staff)
        return gate.show(request, "crossing_progress.html", {"done": under_way.done, "total": max(1, under_way.total)})
    back, takers = bringing_back.helpers(staff), leaving.takers(staff)
    people = [(str(one.id), f"{one.pseudonym} · {labels.role(one.role)}") for one in takers]
    if back.leads:
        people.insert(0, (str(leaving.LEADS), _("the leads of this desk")))
    elif not people:
        people = [(str(leaving.LEADS), _("nobody: your cases stay closed"))]
    form = Cross(gate.posted(request), people=people)
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        if form.is_valid():
            try:
                leaving.begin(staff=staff, to=UUID(form.cleaned_data["to"]))
                request.session[LEFT] = str(staff.id)
                request.session.save()  # before the work: it goes on also if this answer never arrives
                leaving.go_on(staff)
                return HttpResponseRedirect(here)
            except AmparoError as error:
                problems = [gate.problem(error, "id_to")]
        else:
            problems = form.problems()
    return gate.show(request, "crossing.html", {
        "form": form, "problems": problems, "back": _back(back, staff), **_plan(leaving.plan(staff)),
    }, 400 if problems else 200)


def _back(found: bringing_back.Helpers, staff: OpenStaff) -> dict[str, str]:
    """Who brings one back, said before one leaves; `warn` where it is not sure that somebody can."""
    if found.leads:
        return {"says": _("One of these leads brings you back: %(names)s.") % {"names": ", ".join(found.leads)}}
    lead = _("No other lead is at work. It is safer to ask a second lead into this desk before you go (People, Invite "
             "a colleague).") if staff.role == "lead" else _("No lead is at work at this desk. Tell whoever runs it.")
    if found.needed == 2:
        says = _("Two of these colleagues together bring you back: %(names)s.")
    elif found.needed == 1:
        says = _("Only %(names)s can bring you back. If that colleague is gone, nobody can.")
    else:
        return {"warn": lead, "says": _(
            "Nobody can bring you back: no other colleague of this desk may. Your account stays empty for good, and "
            "cases that nobody else reads stay closed. Before you go, a colleague has to be invited and signed.")}
    return {"warn": lead, "says": says % {"names": ", ".join(found.others)}}


def _plan(found: tuple[leaving.Destiny, ...]) -> dict[str, Any]:
    """Numbers, and by name only those that nobody else may read."""
    counted = Counter(one.what for one in found)
    moving = counted[leaving.GIVEN] + counted[leaving.HELD]
    return {
        "counted": ngettext("%(count)d case", "%(count)d cases", len(found)) % {"count": len(found)},
        "moving": ngettext("%(count)d case goes to colleagues", "%(count)d cases go to colleagues", moving)
        % {"count": moving},
        "kept": [labels.case_code(one.case) for one in found if one.what == leaving.KEPT],
    }


@gate.page("own.account")
def rest(request: HttpRequest, staff: OpenStaff) -> Web:
    """An empty queue. Only the session that has just handed everything away also reads where it went."""
    if staff.role != policy.AWAY:
        return HttpResponseRedirect(gate.home(staff.role))
    after: dict[str, Any] = {}
    if request.session.get(LEFT) == str(staff.id):
        found = leaving.result(staff.id)
        given = Counter(one.holder for one in found if one.what != leaving.KEPT)
        after = {"after": True, "kept": [labels.case_code(one.case) for one in found if one.what == leaving.KEPT],
                 "given": [{"who": who, "counted": ngettext("%(count)d case", "%(count)d cases", count)
                            % {"count": count}} for who, count in sorted(given.items())]}
    counted = ngettext("%(count)d case", "%(count)d cases", 0) % {"count": 0}
    return gate.show(request, "rest.html", {"counted": counted, **after})


@gate.page("people.return", methods=("GET", "POST"), fresh=True)
def bring_back(request: HttpRequest, staff: OpenStaff) -> Web:
    """Who is away; and giving an account, and its cases, back.

    Asks the password again: it opens every case of that account to whoever holds its password, and waits well for a
    minute. Handing over (above) does not: it only takes away, and there may be no minute.
    """
    done: dict[str, Any] | None = None
    if request.method == "POST" and "give" in request.POST:
        back, refused = bringing_back.give_waiting(staff, _uuid(request.POST["give"]))
        done = _done(back, refused)
    elif request.method == "POST":
        found = bringing_back.bring_back(staff=staff, who=_uuid(request.POST.get("who", "")))
        done = _done(found.back, found.refused)
        done.update({"agreed": found.agreed, "erased": found.erased, "waiting": found.waiting})
    people = [{"id": one.id, "pseudonym": one.pseudonym, "since": labels.moment(one.since), "agreed":
               ", ".join(one.agreed), "cases": ngettext("%(count)d case", "%(count)d cases", one.cases)
               % {"count": one.cases}} for one in bringing_back.away(staff)]
    waits = [{"id": one.who, "pseudonym": one.pseudonym, "codes": [labels.case_code(case) for case in one.cases]}
             for one in new_keys.waits(staff)]
    return gate.show(request, "bring_back.html", {"people": people, "done": done, "waits": waits})


def _done(back: int, refused: tuple[UUID, ...]) -> dict[str, Any]:
    return {
        "agreed": True, "refused": [labels.case_code(one) for one in refused],
        "back": ngettext("%(count)d case is back.", "%(count)d cases are back.", back) % {"count": back},
    }


def keys_line(staff: OpenStaff) -> dict[str, Any] | None:
    """The line above the queue after new keys: cases of mine that wait for somebody, and who waits for me."""
    mine, waits = new_keys.waiting_for_others(staff), new_keys.waits(staff)
    if not mine and not waits:
        return None
    return {"names": ", ".join(one.pseudonym for one in waits), "mine": ngettext(
        "%(count)d case of yours waits until a colleague who reads it gives it back: it happens when they sign in.",
        "%(count)d cases of yours wait until colleagues who read them give them back: it happens when they sign in.",
        mine) % {"count": mine} if mine else ""}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
