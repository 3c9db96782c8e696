"""The page of the escalation watch of a case, and what colleagues add to it, refute and sign."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as web
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.desk import clock, due, escalating, queue
from amparo.desk.accounts import OpenStaff
from amparo.desk.escalating import WatchPage
from amparo.doors.staff import forms, gate, labels
from amparo.doors.staff import watch as showing
from amparo.doors.staff.views import cases
from amparo.doors.staff.views.assigning import uuid_of
from amparo.words import escalation as said
from amparo.words import perpetrators
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
SOON = {"P0": "+12h", "P1": "+1d", "P2": "+7d", "P3": "+30d"}  # proposed, by level


def _day(label: Any, help_text: Any = "", *, required: bool = True) -> web.DateField:
    return web.DateField(
        label=label, help_text=help_text, required=required, input_formats=["%Y-%m-%d"],
        widget=web.DateInput(attrs={"type": "date", "dir": "ltr"}),
        error_messages={"invalid": gettext_lazy("This date could not be read. Write it like 2027-05-31.")})


class Event(forms.Calm):
    kind = web.ChoiceField(label=gettext_lazy("What happened"), widget=web.Select)
    marks = web.MultipleChoiceField(label=gettext_lazy("What belongs to it"), required=False,
                                    widget=web.CheckboxSelectMultiple)
    day = _day(gettext_lazy("On which day"), gettext_lazy("Year, month and day, like 2027-05-31."))
    by = web.ChoiceField(label=gettext_lazy("Who was behind it"), required=False, widget=web.Select)
    text = forms.line(gettext_lazy("In a few words, if you like"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = {
            "kind": [("", _("Choose")), (_("Online"), [(one.code, _(one.name)) for one in said.ONLINE]),
                     (_("Offline"), [(one.code, _(one.name)) for one in said.OFFLINE])],
            "marks": [(one.code, _(one.name)) for one in said.MARKS],
            "by": [(code, showing.by(code)) for code in perpetrators.KINDS.codes],
        }
        for field, rows in choices.items():
            self.fields[field].choices = rows  # type: ignore[attr-defined]


class Weighed(forms.Calm):
    """An entry of the timeline gets a kind."""

    kind = web.ChoiceField(label=gettext_lazy("What happened"), widget=web.Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Event().fields["kind"].choices  # type: ignore[attr-defined]


class Answer(forms.Calm):
    question = web.ChoiceField(label=gettext_lazy("Question"), choices=[(code, code) for code in said.QUESTIONS.codes])
    value = web.CharField(label=gettext_lazy("Answer"))


class Ahead(forms.Calm):
    kind = web.ChoiceField(label=gettext_lazy("What comes"), widget=web.Select)
    day = _day(gettext_lazy("On which day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")), *((one.code, _(one.name)) for one in said.AHEAD)]


class Capacity(forms.Calm):
    kind = web.ChoiceField(
        label=gettext_lazy("What protects"), choices=[(code, code) for code in said.CAPACITIES.codes])


class Sign(forms.Calm):
    due = forms.line(gettext_lazy("Look at it again by"), gettext_lazy(
        "+2h, +3d, 17:30, 2027-05-31 or 2027-05-31 17:30; at most 90 days."), dir="ltr")
    text = forms.text_area(gettext_lazy("What you decided, if you like"), required=False, rows=2)


class Along(forms.Calm):
    words = forms.line(gettext_lazy("Code of the other case"), gettext_lazy(
        "Eight signs, like 1A2B-3C4D. You must be able to read it."), dir="ltr")


@gate.page("case.watch")
def watch(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponse:
    """The level with its reasons, what is not known, everything that was said, and the forms to add to it."""
    return _show(request, staff, escalating.page(staff, case))


def _show(request: HttpRequest, staff: OpenStaff, page: WatchPage, problems: list[dict[str, str]] | None = None,
          status: int = 200, **bound: forms.Calm) -> HttpResponse:
    made = {
        "event": bound.get("event") or Event(auto_id="event_%s", initial={"day": showing.today().isoformat()}),
        "ahead": bound.get("ahead") or Ahead(auto_id="ahead_%s"),
        "sign": bound.get("sign") or Sign(auto_id="sign_%s", initial={"due": SOON[page.watch.level]}),
        "along": bound.get("along") or Along(auto_id="along_%s"),
        "weighed": Weighed(auto_id="weighed_%s"), "refute": bound.get("refute") or showing.Refute(auto_id="refute_%s"),
    }
    return gate.show(request, "case/watch.html", {
        **showing.values(page, staff), "forms": made, "chosen": request.POST.get("of", ""),
        "problems": problems or []}, status)


def _write(request: HttpRequest, staff: OpenStaff, case: UUID, form: forms.Calm, act: Callable[[dict[str, Any]], Any],
           done: str, place: str, as_: str) -> Web:
    """Check a form, call the desk once, and go back to the page; or show it again with what was typed."""
    problems, status = form.problems(), 400
    if not problems:
        try:
            act(form.cleaned_data)
        except AmparoError as error:
            problems = [gate.problem(error, next(iter(form)).auto_id)]
            status = gate.STATUS.get(error.code, 400)
        else:
            gate.notice(request, done)
            return HttpResponseRedirect(reverse("staff:watch", kwargs={"case": case}) + f"#{place}")
    return _show(request, staff, escalating.page(staff, case), problems, status, **{as_: form})


@gate.page("case.watch", methods=("POST",))
def add(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """One statement; `what` says which form it comes from."""
    version, what = cases.version(request), request.POST.get("what", "")

    def keep(**given: Any) -> Any:
        return escalating.add(staff=staff, case_id=case, version=version, **given)

    if what == "answer":
        return _write(request, staff, case, Answer(request.POST), lambda given: keep(
            what=what, kind=given["question"], value=given["value"]), _("The answer is kept."), "not-known", what)
    if what == "capacity":
        return _write(request, staff, case, Capacity(request.POST), lambda given: keep(
            what=what, kind=given["kind"]), _("It is kept."), "capacities", what)
    if what == "ahead":
        return _write(request, staff, case, Ahead(request.POST, auto_id="ahead_%s"), lambda given: keep(
            what=what, kind=given["kind"], on=given["day"]), _("The date is kept."), "said", what)
    if what == "weighed":
        return _write(request, staff, case, Weighed(request.POST, auto_id="weighed_%s"), lambda given: keep(
            what="event", kind=given["kind"], timeline=uuid_of(request.POST.get("timeline", "")),
            on=_day_of(staff, case, request.POST.get("timeline", ""))), _("The event is kept."), "said", what)
    return _write(request, staff, case, Event(request.POST, auto_id="event_%s"), lambda given: keep(
        what="event", kind=given["kind"], marks=given["marks"], by=given["by"] or perpetrators.DEFAULT,
        on=given["day"], text=given["text"]), _("The event is kept."), "said", "event")


def _day_of(staff: OpenStaff, case: UUID, item: str) -> Any:
    """The first day that an entry of the timeline can mean; None where it says none."""
    when = next((event.when for one, event in escalating.page(staff, case).timeline if one == uuid_of(item)), None)
    start = getattr(when, "at", None) or getattr(when, "start", None)
    return start.date() if start else None


@gate.page("case.watch", methods=("POST",))
def refute(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """A statement does not hold: signed, with the reason."""
    of = request.POST.get("of", "")[:200]
    form = showing.Refute(request.POST, auto_id="refute_%s")
    if not of:
        problem = {"field": "said", "says": _("Nothing is chosen."), "advice": _("Choose in the list what is not so.")}
        return _show(request, staff, escalating.page(staff, case), [problem], 400, refute=form)
    return _write(request, staff, case, form, lambda given: escalating.refute(
        staff=staff, case_id=case, of=of, why=given["why"], version=cases.version(request)),
        _("It is signed with your name."), "level", "refute")


@gate.page("case.watch", methods=("POST",))
def sign(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """I have read it, and say when somebody looks again."""
    def act(given: dict[str, Any]) -> None:
        again = due.read(given["due"], timezone.get_current_timezone(), clock.now())
        assert again is not None  # the form asks for it
        escalating.sign(
            staff=staff, case_id=case, level=request.POST.get("level", ""), again=again, text=given["text"],
            task=_("Look at the level of the escalation watch again"), version=cases.version(request))

    return _write(request, staff, case, Sign(request.POST, auto_id="sign_%s"), act,
                  _("The level is signed. The time to look again stands among the tasks."), "signed", "sign")


@gate.page("case.watch", methods=("POST",))
def along(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """To another case of mine, found by its code."""
    form = Along(request.POST, auto_id="along_%s")
    problems = form.problems()
    if not problems:
        wanted = form.cleaned_data["words"].replace("-", "").replace(" ", "").lower()
        whole = len(wanted) >= 8
        found = [row.case for row in queue.load(staff).rows if whole and row.case.hex.startswith(wanted)]
        if len(found) == 1 and found[0] != case:
            return HttpResponseRedirect(reverse("staff:watch-other", kwargs={"case": case, "other": found[0]}))
        problems = [{"field": "along_words", "says": _("No other case of yours has this code."),
                     "advice": _("Copy the code from the queue, or from the top of the other case.")}]
    return _show(request, staff, escalating.page(staff, case), problems, 400, along=form)


@gate.page("case.watch", methods=("GET", "POST"))
def other(request: HttpRequest, staff: OpenStaff, case: UUID, other: UUID) -> Web:
    """Statements of another case about the same person or organisation, to take along."""
    offered = escalating.elsewhere(staff, case, other)
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        chosen = request.POST.getlist("said")
        try:
            taken = escalating.take_along(staff=staff, case_id=case, other=other, ids=chosen,
                                          version=cases.version(request)) if chosen else 0
        except AmparoError as error:
            problems, status = [gate.problem(error, "said")], gate.STATUS.get(error.code, 400)
        else:
            if taken:
                gate.notice(request, ngettext("%(count)d statement is taken along.",
                                              "%(count)d statements are taken along.", taken) % {"count": taken})
                return HttpResponseRedirect(reverse("staff:watch", kwargs={"case": case}) + "#said")
            problems, status = [{"field": "said", "says": _("Nothing is ticked."),
                                 "advice": _("Tick what belongs to this case, too.")}], 400
    page = escalating.page(staff, case)
    return gate.show(request, "case/watch_other.html", {
        "code": labels.case_code(case), "other_code": labels.case_code(other), "version": page.version,
        "rows": [{"id": one.said.id, "what": showing.what(one.said), "text": one.text,
                  "ticked": one.said.id in request.POST.getlist("said")} for one in offered],
        "problems": problems, "other_url": reverse("staff:case", kwargs={"case": other}),
        "watch_url": reverse("staff:watch", kwargs={"case": case})}, status)
