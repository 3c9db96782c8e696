"""Prepared replies: chosen, read, changed, and sent by a person. Nothing goes without the press of that person."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amparo.desk import clock, reading, replies
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels, showing, working
from amparo.doors.staff.views import cases
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
GAP = re.compile(r"\[[^\]\n]{3,}\]")  # what a prepared text leaves to be written
RIGHT_TO_LEFT = ("ar",)
PURPOSES = {
    "received": gettext_noop("We received it"), "safety": gettext_noop("Questions about safety"),
    "one-fact": gettext_noop("Ask for one fact"), "out-of-mandate": gettext_noop("Out of mandate, with other ways"),
    "follow-up": gettext_noop("Follow up"), "waiting-partner": gettext_noop("We wait for somebody else"),
    "cannot-verify": gettext_noop("We read it, but cannot verify it"), "closing": gettext_noop("Closing"),
}


def purpose(one: replies.Prepared) -> str:
    return _(PURPOSES[one.code]) if one.code in PURPOSES else one.purpose


def gap_left(text: str) -> bool:
    """Whether a gap of a prepared text is still to be filled."""
    return bool(GAP.search(text))


def gap_problem(field: str) -> dict[str, str]:
    return {"field": field, "says": _("There is still a gap in square brackets."),
            "advice": _("Write there what you want to say, or take it out.")}


def words(one: replies.Prepared, language: str) -> dict[str, Any]:
    """A reply in a language, with English beside it and what is known of its review."""
    text, spoken = one.text(language)
    return {"text": text, "language": spoken, "label": labels.language(spoken),
            "dir": "rtl" if spoken in RIGHT_TO_LEFT else "ltr", "missing": spoken != language,
            "wanted": labels.language(language), "english": one.text("en")[0] if spoken != "en" else "",
            "reviewed_by": one.reviewed_by.get(spoken, "")}


def begins(one: replies.Prepared, language: str) -> dict[str, str]:
    """The first lines of a reply, in the reporter's language where there is one."""
    text, spoken = one.text(language)
    return {"text": Truncator(" ".join(text.split())).words(24), "language": spoken,
            "dir": "rtl" if spoken in RIGHT_TO_LEFT else "ltr"}


@gate.page("case.reply", methods=("GET", "POST"))
def prepared(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """The list, or one of them in the reporter's language, ready to be changed and sent."""
    page = reading.case_page(staff, case)
    one = replies.prepared((request.POST if request.method == "POST" else request.GET).get("reply", ""))
    shown = words(one, page.language) if one else None
    form = forms.Reply(gate.posted(request), initial={"text": shown["text"] if shown else ""})
    form.fields["text"].widget.attrs["rows"] = 14
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        problems = form.problems() or ([gap_problem("id_text")] if gap_left(form.cleaned_data["text"]) else [])
        if not problems:
            try:
                taken = cases.send(
                    staff, case, form.cleaned_data, language=page.language, version=cases.version(request)
                )
                gate.notice(request, cases.sent(taken, case))
                return cases.back(case, "dialogue")
            except AmparoError as error:
                problems, status = [gate.problem(error, "id_text")], gate.STATUS.get(error.code, 400)
        status = max(status, 400)
    here = reverse("staff:prepared", kwargs={"case": case})
    return gate.show(request, "case/prepared.html", {
        "code": labels.case_code(case), "case_url": reverse("staff:case", kwargs={"case": case}), "here_url": here,
        "replies": [{"url": f"{here}?reply={each.code}", "label": purpose(each), "here": each == one,
                     "begins": begins(each, page.language)} for each in replies.load().replies],
        "told_on": labels.told_on(page.opened_on, clock.today()),
        "told": [answer.text for answer in page.answers if answer.code == "what-happened"],
        "last": next((showing.line(line, staff) for line in reversed(page.dialogue)), None),
        "shown": shown, "form": form.of(working.nobody(page)) if one or request.method == "POST" else None,
        "problems": problems,
        "reply": one.code if one else "", "version": page.version,
        "next_url": reverse("staff:next", kwargs={"case": case}),
        "checked_on": labels.day(replies.load().checked_on)}, status)
