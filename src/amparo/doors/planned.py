"""The form of a check-in plan, the same at each door: what is asked, what was filled in, what it comes to."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from amparo.desk import checkplans
from amparo.desk.checkplans import Plan

NAMES = ("in", "every", "days", "grace", "otherwise", "word", *(
    f"{name}-{number}" for number in range(1, checkplans.CONTACTS + 1) for name in ("who", "how", "say", "never")))
TIMES = 12  # times of a try-out that are written out
_PERSON = (
    ("who", "line", gettext_noop("Who is called"),
     gettext_noop("A name that the desk may use, and who they are to you.")),
    ("how", "line", gettext_noop("How"), gettext_noop("A number, or another way that a person can use at night.")),
    ("say", "text", gettext_noop("What may be said to them"), ""),
    ("never", "text", gettext_noop("What must not be said to them"), ""),
)
_AFTER = (
    ("otherwise", "text", gettext_noop("What is done if nobody answers"),
     gettext_noop("Police are called only if you write it here.")),
    ("word", "line", gettext_noop("A word that means: I am being forced"), gettext_noop(
        "Typed beside “I am well”, it wakes the desk at once, and the page looks as always. Choose one that you would "
        "not write by accident. You can leave it out.")),
)
_WHEN = (
    ("in", gettext_noop("In how many hours is the first time?"), gettext_noop("For example 6, or 1.5.")),
    ("every", gettext_noop("And after that"), ""),
    ("days", gettext_noop("For how long, if it is more than once"), ""),
    ("grace", gettext_noop("How long the desk waits after each time"), ""),
)
Moment = Callable[[dt.datetime], str]


def filled(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the fields of a plan, and nothing else of the form."""
    return {name: form[name] for name in (*NAMES, "begins") if form.get(name)}


def groups(form: Mapping[str, str], wrong: str = "", error: str = "") -> list[dict[str, Any]]:
    """The fields under their headings; what was filled in stands there again."""
    def field(name: str, kind: str, label: str, help_text: str) -> dict[str, Any]:
        value = form.get(name, "")
        return {"name": name, "kind": kind, "label": _(label), "help": _(help_text) if help_text else "",
                "value": value, "error": error if name == wrong else "",
                "options": [(str(code), text, str(code) == value) for code, text in _options(name)]}

    found = [{"heading": _("When"), "fields": [
        field(name, "line" if name == "in" else "choice", label, help_text) for name, label, help_text in _WHEN]}]
    for number in range(1, checkplans.CONTACTS + 1):
        found.append({"heading": _("Person %(number)s") % {"number": number}, "fields": [
            field(f"{name}-{number}", kind, label, help_text) for name, kind, label, help_text in _PERSON]})
    found.append({"heading": _("If nobody answers"), "fields": [field(*one) for one in _AFTER]})
    return found


def _options(name: str) -> list[tuple[int, str]]:
    if name == "every":
        return [(one, _hours(one)) for one in checkplans.EVERY]
    if name == "days":
        return [(one, ngettext("%(n)s day", "%(n)s days", one) % {"n": one}) for one in checkplans.DAYS]
    if name == "grace":
        return [(one, minutes(one)) for one in checkplans.GRACE]
    return []


def _hours(number: int) -> str:
    if not number:
        return _("nothing more: once only")
    return ngettext("every %(n)s hour", "every %(n)s hours", number) % {"n": number}


def minutes(number: int) -> str:
    """"30 minutes", "2 hours"."""
    if number % 60 == 0:
        return ngettext("%(n)s hour", "%(n)s hours", number // 60) % {"n": number // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": number}


def tried(plan: Plan, now: dt.datetime, moment: Moment) -> dict[str, Any]:
    """A try-out as values for a template: what would happen, when, with which words."""
    every = checkplans.times(plan.first, plan.hours, plan.until)
    return {
        "plan": plan, "first": moment(plan.first), "away": away(plan.first - now), "grace": minutes(plan.grace),
        "rings": moment(plan.first + dt.timedelta(minutes=plan.grace)), "begins": plan.first.isoformat(),
        "times": [moment(one) for one in every[:TIMES]], "more": max(0, len(every) - TIMES),
    }


def away(span: dt.timedelta) -> str:
    """"in 5 h 30 min": how far a time is, in no zone at all."""
    whole = max(0, round(span.total_seconds() / 60))
    return _("in %(hours)s h %(minutes)s min") % {"hours": whole // 60, "minutes": whole % 60}
