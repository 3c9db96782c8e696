"""The custody log without content, and what this desk has decided about itself."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from amparo.desk import configuration, custody, people, pinged_at, policy
from amparo.desk.accounts import OpenStaff
from amparo.doors.offered import said
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError

PAGE = 100


@gate.page("log.see")
def log(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """The newest entries, a hundred on a page."""
    return _show(request, staff, None)


@gate.page("log.see", methods=("GET", "POST"))
def verify(request: HttpRequest, staff: OpenStaff) -> HttpResponse | HttpResponseRedirect:
    """Compute every leaf and node of the log again, and compare; also with a root that was noted earlier."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("staff:log"))
    form = forms.Noted(request.POST)
    if not form.is_valid():
        return _show(request, staff, None, form)
    if not custody.log().audit():
        return _show(request, staff, _("The log is not what it was: an entry was changed or taken out. Take this "
                                       "desk offline and tell the other leads."))
    count, _root = custody.head()
    says = ngettext("%(count)d entry was computed again: it is the same log, nothing is missing in between.",
                    "%(count)d entries were computed again: it is the same log, nothing is missing in between.",
                    count) % {"count": count}
    noted, root = form.cleaned_data["entries"], form.cleaned_data["root"]
    if noted is None:
        return _show(request, staff, says)
    if noted > count:
        return _show(request, staff, _("The log is shorter than what you noted: entries were taken out at its end. "
                                       "Take this desk offline and tell the other leads."))
    if custody.log().root(noted).hex() != root:
        return _show(request, staff, _("The log does not begin with what you noted. If you typed it right, the log was "
                                       "rewritten: take this desk offline and tell the other leads."))
    return _show(request, staff, says + " " + _("It begins with exactly what you noted."))


def _show(request: HttpRequest, staff: OpenStaff, verified: str | None,
          form: forms.Noted | None = None) -> HttpResponse:
    raw = request.GET.get("page", "0")
    number = int(raw) if raw.isdecimal() and len(raw) < 6 else 0
    size, root = custody.head()
    known = names(staff)
    try:
        entries = [row(line, known) for line in custody.lines(newest=(number + 1) * PAGE)[number * PAGE:]]
        shown = _("Newest first. Times of reporters are cut to the day.")
    except AmparoError:
        entries, shown = [], _("An entry of this log cannot be read: it was changed. Verify the log.")
    problems = form.problems() if form is not None else []
    return gate.show(request, "log.html", {
        "counted": ngettext("%(count)d entry", "%(count)d entries", size) % {"count": size},
        "root": " ".join(root.hex()[n : n + 8] for n in range(0, 64, 8)), "verified": verified,
        "entries": entries, "shown": shown, "form": form or forms.Noted(), "problems": problems,
        "newer": number - 1 if number else None, "older": number + 1 if size > (number + 1) * PAGE else None,
    }, 400 if problems else 200)


def names(staff: OpenStaff) -> dict[Any, str]:
    """Pseudonyms by id, for those who may see the people; an auditor reads ids."""
    if not policy.may(staff.role, gate.NONE, "people.see"):
        return {}
    return {person.id: person.pseudonym for person in people.colleagues(staff=staff)}


def row(line: custody.LogLine, names: dict[Any, str]) -> dict[str, Any]:
    """One entry of the log for a page."""
    entry = line.entry
    who = names.get(entry.actor) or labels.actor(entry.actor_kind)
    if entry.actor is not None and entry.actor not in names and entry.actor_kind == "staff":
        who = f"{who} {entry.actor.hex[:6]}"
    at = dt.datetime.fromtimestamp(entry.at, dt.UTC)
    day_only = custody.by_day(entry)
    known = {one.hex: name for one, name in names.items()}  # whom a ping was for stands in the detail
    return {"index": line.index, "at": at.strftime("%Y-%m-%d" if day_only else "%Y-%m-%d %H:%M"),
            "action": labels.act(entry.action), "who": who,
            "detail": ", ".join(known.get(one, one) for one in entry.detail),
            "case": labels.case_code(entry.case) if entry.case else ""}


@gate.page("settings.see")
def desk(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """The configuration in force, to read."""
    now = configuration.current()
    yes_no = {True: _("yes"), False: _("no")}
    facts = [
        (_("Name"), now.name), (_("Legal form"), now.legal_form or "—"), (_("Country"), now.country or "—"),
        (_("Run by a State body"), yes_no[now.state_body]),
        (_("Languages"), ", ".join(labels.language(code) for code in now.languages)),
        (_("Hours"), said(now.hours, get_language() or "en")["text"] or "—"),
        (_("Leaving leads to"), now.leave_url), (_("Skin of the reporters' pages"), now.skin),
        (_("Reports are kept"), _days(now.retention_days)),
        (_("Reports of people under 18 are kept"), _days(now.minor_retention_days)),
        (_("Largest file"), labels.size(now.max_upload)), (_("All files of one report"), labels.size(now.max_draft)),
        (_("Hands that hold the recovery key"), str(now.recovery_hands) if now.recovery_hands else _("there is none")),
        (_("Colleagues are pinged by"), ", ".join(pinged_at.ways()) or "—"),
        (_("Roles besides handler and lead"), ", ".join(labels.role(role) for role in now.roles) or _("none")),
        (_("Cookies over https only"), yes_no[now.https]), (_("Demonstration"), yes_no[now.demo]),
    ]
    return gate.show(request, "desk.html", {
        "facts": [{"label": label, "value": value} for label, value in facts],
        "may_card": policy.may(staff.role, gate.NONE, "desk.card"),
        "may_export": policy.may(staff.role, gate.NONE, "desk.export")})


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
