"""How the work on a case stands, as values for templates: who has it, what is to be done, what triage saw."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from amparo.desk import assigning, clock, directory, due, speaking, weighing, wishes
from amparo.desk.accounts import OpenStaff
from amparo.desk.pages import CasePage
from amparo.desk.working import Duty, Seen
from amparo.doors.staff import forms, labels
from amparo.words import questionnaires

NEEDS = {
    "safety": gettext_noop("a safe place, protection"), "account": gettext_noop("an account back or made safe"),
    "device": gettext_noop("a device checked"), "evidence": gettext_noop("evidence kept"),
    "platform": gettext_noop("a platform asked to act"), "legal": gettext_noop("a lawyer"),
    "money": gettext_noop("money, a fund"), "wellbeing": gettext_noop("somebody to talk to, care"),
    "travel": gettext_noop("help around a journey"), "training": gettext_noop("advice, training"),
    "other-desk": gettext_noop("another organisation"), "nothing": gettext_noop("nothing now: only to be recorded"),
}
THREATS = {
    "spyware": gettext_noop("Spyware"),
    "stalkerware": gettext_noop("Stalkerware"),
    "surveillance": gettext_noop("Surveillance"),
    "censorship": gettext_noop("Censorship"),
    "shutdown": gettext_noop("Internet shutdown"),
    "harassment": gettext_noop("Harassment"),
    "smear": gettext_noop("Smear campaign"),
    "disinformation": gettext_noop("Disinformation"),
    "foreign-manipulation": gettext_noop("Foreign information manipulation and interference"),
    "gendered-disinformation": gettext_noop("Gendered disinformation"),
    "doxing": gettext_noop("Doxing"),
    "phishing": gettext_noop("Phishing"),
    "account-attack": gettext_noop("Account attack"),
    "impersonation": gettext_noop("Impersonation"),
    "intimate-image": gettext_noop("Abuse of intimate images"),
    "synthetic-media": gettext_noop("Invented images, sound or video"),
    "malicious-reporting": gettext_noop("Malicious mass reporting"),
    "legal-harassment": gettext_noop("Legal harassment"),
    "offline-attack": gettext_noop("Attack in person"),
    "other": gettext_noop("Something else"),
}
AS = {"woman": gettext_noop("woman"), "man": gettext_noop("man")}
RAISED = gettext_noop("A colleague has raised it")
assert RAISED == weighing.RAISED_SAYS


class Task(forms.Calm):
    text = forms.line(gettext_lazy("What is to be done"))
    due = forms.line(
        gettext_lazy("Until"),
        gettext_lazy("Friday 12:00, tomorrow 9:00, in 2 hours, 17:30, +3d or 2027-05-31 17:30; or nothing."),
        required=False)
    who = forms.line(gettext_lazy("Who"), required=False)

    def clean_due(self) -> datetime | None:
        """The moment, read in my zone."""
        try:
            return due.read(self.cleaned_data["due"], timezone.get_current_timezone(), clock.now())
        except due.DueUnclear as error:
            raise ValidationError(f"{_(error.says)} {_(error.advice)}") from None


def need(code: str) -> str:
    return _(NEEDS[code]) if code in NEEDS else code


def threat(code: str) -> str:
    return _(THREATS[code]) if code in THREATS else code


def name_of(who: UUID | None, staff: OpenStaff, names: dict[UUID, str]) -> str:
    """A colleague's pseudonym; "you" for oneself, "" for nobody."""
    if who is None:
        return ""
    return _("you") if who == staff.id else names.get(who, _("somebody who has left"))


def told_of(name: str, told: speaking.Told | None) -> str:
    """A colleague where a case is given: the pseudonym, and what they chose to tell."""
    if told is None:
        return name
    languages = ", ".join(labels.language(code) for code in told.languages)
    return " · ".join(one for one in (name, languages, _(AS[told.answers_as]) if told.answers_as else "") if one)


def nobody(page: CasePage) -> bool:
    """Whether nobody who works here takes care of it."""
    return assigning.is_free(page.work.who, directory.everyone())


def mine_to_take(page: CasePage, staff: OpenStaff) -> bool:
    """Whether answering may make the case mine: nobody has it, and the reporter does not ask for somebody else."""
    me, told = directory.everyone().get(staff.id), speaking.everyone().get(staff.id)
    return nobody(page) and not wishes.against(page.gender, me, told)


def duty(one: Duty, case: UUID, staff: OpenStaff, names: dict[UUID, str]) -> dict[str, Any]:
    """One task as a line."""
    return {
        "id": one.task, "text": one.text, "due": labels.moment(one.due), "who": name_of(one.who, staff, names),
        "late": one.due is not None and one.state == "open" and one.due < clock.now(), "state": one.state,
        "outcome": one.outcome, "ended_by": name_of(one.ended_by, staff, names), "by": name_of(one.by, staff, names),
        "url": reverse("staff:task-end", kwargs={"case": case, "task": one.task}),
    }


def facts(page: CasePage, staff: OpenStaff) -> dict[str, Any]:
    """The section of the case page."""
    work = page.work
    names = {member.staff_id: member.pseudonym for member in (*page.members, *page.addable)}
    told = speaking.everyone()
    url = {name: reverse(f"staff:{name}", kwargs={"case": page.case})
           for name in ("take", "give", "let-go", "triage", "next", "task", "prepared")}
    me = directory.everyone().get(staff.id)
    return {
        "against": page.gender if wishes.against(page.gender, me, told.get(staff.id)) else "",
        "who": name_of(work.who, staff, names), "mine": work.who == staff.id, "nobody": work.who is None,
        "url": {name.replace("-", "_"): where for name, where in url.items()},
        "colleagues": [
            (str(one.staff_id), told_of(one.pseudonym, told.get(one.staff_id)))
            for one in page.members if one.staff_id != work.who],
        "people": [(str(one.staff_id), told_of(one.pseudonym, told.get(one.staff_id))) for one in page.members],
        "duties": [duty(one, page.case, staff, names) for one in work.open_duties],
        "ended": [duty(one, page.case, staff, names) for one in work.duties if one.state != "open"],
        "waves": [{"title": title, "url": reverse("staff:wave", kwargs={"wave": wave})}
                  for wave, title in work.waves.items()],
        "handed": [{"who": name_of(one.by, staff, names), "at": labels.moment(one.at), "text": one.text}
                   for one in work.handed[-3:]],
        **seen(work.seen, staff, names),
    }


def seen(one: Seen, staff: OpenStaff, names: dict[UUID, str]) -> dict[str, Any]:
    """What triage saw, in words."""
    return {
        "triaged": bool(one.times), "threats": [threat(code) for code in one.threats],
        "needs": [need(code) for code in one.needs],
        "raised": _("%(who)s raised it to “%(level)s”: %(why)s") % {
            "who": name_of(one.by, staff, names), "level": labels.level(one.level), "why": one.why,
        } if one.level else "",
        "refuted": [{"fact": fact(gone.fact), "who": name_of(gone.by, staff, names), "why": gone.why}
                    for gone in one.refuted],
    }


def fact(code: str) -> str:
    """A question of the report, as the reporter was asked it."""
    question = questionnaires.load("report").question(code)
    return _(question.text) if question else code
