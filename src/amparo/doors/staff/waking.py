"""Alarms and the duty rota as values for templates: times in the reader's zone, codes in words."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from amparo.desk import clock, directory, policy, rota, waking
from amparo.desk.accounts import OpenStaff
from amparo.desk.records import Turn
from amparo.doors.staff import forms, labels

REASONS = {
    "danger": gettext_noop("A report says that somebody is in danger, or may be"),
    "raised": gettext_noop("A case was raised to “act now”"),
    "check-in": gettext_noop("A check-in was missed, or somebody asks for help there"),
    "test": gettext_noop("A test: nobody is in danger"),
    "unreadable": gettext_noop("Nobody can say where this alarm comes from. Tell a lead: somebody may have written "
                               "into the database."),
}
STEPS = (gettext_noop("first on duty"), gettext_noop("second on duty"), gettext_noop("every lead"))
PLACES = {"first": gettext_noop("first"), "second": gettext_noop("second")}
WHY_NOT = {
    "no-address": gettext_noop("has not said where to be pinged"),
    "no-answer": gettext_noop("the mail server did not answer"),
    "no-tls": gettext_noop("the mail server's certificate is not right"),
    "refused": gettext_noop("the mail server refused it"), "failed": gettext_noop("the way of sending failed"),
    "late": gettext_noop("nothing answered in time"),
}
TROUBLES = {"nobody": gettext_noop("Nobody"), "alone": gettext_noop("Only one person"),
            "twice": gettext_noop("Two people in one place")}
SOON = dt.timedelta(days=2)  # a gap that begins within this is told to leads on their queue


class Day(forms.forms.DateField):
    widget = forms.forms.DateInput(attrs={"type": "date", "dir": "ltr"}, format="%Y-%m-%d")


class Hour(forms.forms.TimeField):
    widget = forms.forms.TimeInput(attrs={"type": "time", "dir": "ltr"}, format="%H:%M")


class Plan(forms.Calm):
    who = forms.forms.ChoiceField(label=gettext_lazy("Who"))
    place = forms.forms.ChoiceField(
        label=gettext_lazy("In which place"), widget=forms.forms.RadioSelect,
        choices=[("first", gettext_lazy("first: is pinged at once")),
                 ("second", gettext_lazy("second: is pinged when the first does not answer"))])
    day = Day(label=gettext_lazy("Day on which it begins"))
    begins = Hour(label=gettext_lazy("From"))
    ends = Hour(label=gettext_lazy("To"), help_text=gettext_lazy("An earlier hour is one of the next day."))
    days = forms.forms.IntegerField(
        label=gettext_lazy("On how many days in a row"), initial=1, min_value=1, max_value=7)
    weeks = forms.forms.IntegerField(
        label=gettext_lazy("For how many weeks"), initial=1, min_value=1, max_value=rota.MOST_WEEKS)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = [("", "—"), *people]


class Break(forms.Calm):
    day = Day(label=gettext_lazy("I am away until this day"))
    hour = Hour(label=gettext_lazy("and this hour"))


class Where(forms.Calm):
    mail = forms.line(gettext_lazy("Mail address"), required=False, dir="ltr", type="email")
    command = forms.line(gettext_lazy("Address for the bridge of this desk"), gettext_lazy(
        "A number or a name, as whoever runs the machine told you."), required=False, dir="ltr")


def span(start: dt.datetime, end: dt.datetime) -> str:
    """From when to when, with the day's name, in the reader's zone."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    days = [formats.date_format(one, "D j M") for one in (first, last)]
    if first.date() == last.date():
        return f"{days[0]} {first:%H:%M}\u2013{last:%H:%M}"
    return f"{days[0]} {first:%H:%M} \u2013 {days[1]} {last:%H:%M}"


def trouble(one: rota.Trouble, names: dict[UUID, str]) -> str:
    """"Nobody: Sat 6 Mar 02:00–06:00", and who would have been there."""
    said = f"{_(TROUBLES[one.kind])}: {span(one.start, one.end)}"
    if one.away:
        said += " · " + _("away: %(who)s") % {"who": ", ".join(names.get(who, "?") for who in one.away)}
    return said


def change(one: rota.ClockChange) -> str:
    """What a clock change does to a turn."""
    told = {"when": span(one.start, one.end)}
    if one.kind == rota.LONGER:
        return _("The clocks go back in this turn, it is an hour longer: %(when)s.") % told
    return _("The clocks go forward in this turn, it is an hour shorter: %(when)s.") % told


def turn(row: Turn, staff: OpenStaff, names: dict[UUID, str], here: set[UUID]) -> dict[str, Any]:
    """A turn as a line of the plan."""
    now, can = clock.now(), policy.may(staff.role, "none", "rota.plan")
    return {
        "id": row.id, "when": span(row.starts_at, row.ends_at), "place": _(PLACES[row.place]),
        "who": _("you") if row.staff_id == staff.id else names.get(row.staff_id, "?"),
        "now": row.starts_at <= now < row.ends_at, "gone": row.staff_id not in here,
        "may": can or row.staff_id == staff.id,
    }


def alarm(one: waking.Seen, names: dict[UUID, str]) -> dict[str, Any]:
    """An alarm with its night told line by line."""
    lines = [{"at": labels.moment(one.raised_at), "text": _("The alarm was raised.")}]
    lines += [{"at": labels.moment(rung.at), "text": _rung(rung, names)} for rung in one.rung]
    by = names.get(one.acknowledged_by, "?") if one.acknowledged_by else ""
    if one.acknowledged_at:
        lines.append({"at": labels.moment(one.acknowledged_at), "text": _("%(who)s looks at it.") % {"who": by}})
    return {
        "id": one.id, "reason": _(REASONS.get(one.kind, REASONS["unreadable"])), "lines": lines,
        "open": one.acknowledged_at is None, "test": one.kind == waking.TEST, "proven": one.proven, "by": by,
        "code": labels.case_code(one.case) if one.case else "",
        "url": reverse("staff:check-ins" if one.kind == waking.CHECK_IN else "staff:case",
                       kwargs={"case": one.case}) if one.case else "",
        "elsewhere": one.proven and one.case is None and one.kind != waking.TEST,
        "press": reverse("staff:alarm-ack", kwargs={"alarm": one.id}),
    }


def _rung(one: waking.Rung, names: dict[UUID, str]) -> str:
    step = _(STEPS[one.step])
    if one.who is None:
        return _("Nobody could be pinged at this step (%(step)s).") % {"step": step}
    told = {"who": names.get(one.who, "?"), "step": step, "why": _(WHY_NOT.get(one.code, WHY_NOT["failed"]))}
    if one.code:
        return _("%(who)s could not be pinged (%(step)s): %(why)s.") % told
    said = _("%(who)s was pinged (%(step)s).") % told
    again = ngettext("Once more since.", "%(count)d times more since.", one.times - 1) % {"count": one.times - 1}
    return f"{said} {again}" if one.times > 1 else said


def names() -> dict[UUID, str]:
    """Pseudonyms of everybody who ever worked here."""
    return {one.id: one.pseudonym for one in directory.everyone().values()}


def lines(staff: OpenStaff, *, queue: bool = False) -> list[dict[str, str]]:
    """What stands above every page of who may be needed: open alarms, pings that could not be sent; on the queue of
    a lead also where nobody will be on duty soon."""
    found = []
    sees = policy.may(staff.role, "none", "alarm.see")
    if sees and (count := waking.open_count(staff.id)):
        found.append({"url": reverse("staff:alarms"), "text": ngettext(
            "%(count)d alarm waits. Look now.", "%(count)d alarms wait. Look now.", count) % {"count": count}})
    if (sees or policy.may(staff.role, "none", "settings.see")) and waking.unsent():
        found.append({"url": reverse("staff:alarms") if sees else "", "text": _(
            "A ping could not be sent. Call the colleague who is on duty, and have whoever runs the machine look at "
            "the mail server.")})
    if queue and policy.may(staff.role, "none", "rota.plan"):
        now = clock.now()
        gaps = [one for one in rota.load(now, now + SOON).troubles if one.kind == rota.NOBODY]
        found += [{"url": reverse("staff:rota"), "text": trouble(one, names())} for one in gaps[:3]]
    return found
