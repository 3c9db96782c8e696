"""Lock out: one page, one confirmation, no password asked again. And lifting a lock."""

from typing import Any
from uuid import UUID

from django import forms as fields
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.desk import locking, policy
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError


class LockOut(forms.Calm):
    colleague = fields.ChoiceField(label=gettext_lazy("Who"), widget=fields.RadioSelect)
    why = forms.text_area(gettext_lazy("Why"), gettext_lazy(
        "Your colleagues read it. No details that must not be known."), rows=2)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].choices = people  # type: ignore[attr-defined]


@gate.page("people.lock", methods=("GET", "POST"))
def lock(request: HttpRequest, staff: OpenStaff) -> HttpResponse | HttpResponseRedirect:
    """Who is locked out, and the form that locks somebody out at once."""
    people = locking.lockable(staff)
    form = LockOut(gate.posted(request), people=[(str(one.id), _line(one)) for one in people])
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                locking.lock(staff=staff, who=UUID(form.cleaned_data["colleague"]), why=form.cleaned_data["why"])
                gate.notice(request, _("Locked out. Their sessions have ended, and their password opens nothing."))
                return HttpResponseRedirect(reverse("staff:lock"))
            except AmparoError as error:
                problems, status = [gate.problem(error)], gate.STATUS.get(error.code, 400)
        else:
            problems, status = form.problems(), 400
    return gate.show(request, "lock.html", {
        "form": form, "problems": problems, "locked": [_locked(one) for one in locking.locked(staff)],
        "anybody": bool(people), "travel": policy.may(staff.role, gate.NONE, "own.travel"),
        "can_return": policy.may(staff.role, gate.NONE, "people.return")}, status)


def _line(one: locking.Person) -> str:
    says = f"{one.pseudonym} · {labels.role(one.role)}"
    if one.wished:
        says += " · " + _("%(name)s has asked for this; your word is the second") % {"name": one.wished}
    return says


def _locked(one: locking.Locked) -> dict[str, Any]:
    return {"pseudonym": one.pseudonym, "by": one.by, "at": labels.moment(one.at), "why": one.why,
            "agreed": ", ".join(one.agreed), "mine": one.mine,
            "lift_url": reverse("staff:lift", kwargs={"colleague": one.id}) if one.liftable else ""}


@gate.page("people.lock", methods=("POST",))
def lift(request: HttpRequest, staff: OpenStaff, colleague: UUID) -> HttpResponseRedirect:
    """Lift a lock, or say that it should be lifted."""
    done = locking.lift(staff=staff, who=colleague)
    gate.notice(request, _("The lock is lifted. Everything is as it was before.") if done else
                _("Your word is kept. A second colleague must say so, too."))
    return HttpResponseRedirect(reverse("staff:lock"))
