"""A report that came by a carrier, and the desk's card that such reports are sealed to."""

import datetime as dt
from typing import Any, cast

import segno
from django import forms as fields
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.desk import cards, carrying, clock, configuration, policy, reading
from amparo.desk.accounts import OpenStaff
from amparo.desk.uploads import SealedUpload
from amparo.doors import headers
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


class CardForm(forms.Calm):
    """How long the card holds, and where its reports are brought."""

    days = fields.TypedChoiceField(
        label=gettext_lazy("How many days it holds"), coerce=int, widget=fields.RadioSelect,
        help_text=gettext_lazy("Whoever leaves the desk in that time stays on the printed card. A shorter time is "
                               "safer; a longer one saves a journey."),
        choices=[(days, str(days)) for days in cards.DAYS])
    address = forms.line(gettext_lazy("Address of this desk"), gettext_lazy(
        "As it is to stand on the card. Leave it empty if the card must not say where it leads."),
        required=False, dir="ltr", spellcheck="false")


@gate.page("desk.card", methods=("GET", "POST"), fresh=True)
def card(request: HttpRequest, staff: OpenStaff) -> Web:
    """Sign a card: as a page to print, or as a file."""
    form = CardForm(gate.posted(request), initial={"address": _address()})
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        if form.is_valid():
            try:
                text = cards.make(lead=staff, address=form.cleaned_data["address"], days=form.cleaned_data["days"])
                if request.POST.get("go") == "file":
                    return _file(text)
                return _printed(request, staff, form, text)
            except AmparoError as error:
                problems = [gate.problem(error)]
        else:
            problems = form.problems()
    return gate.show(request, "card.html", {
        "form": form, "problems": problems, "fingerprint": cards.fingerprint(staff)}, 400 if problems else 200)


def _address() -> str:
    return headers.onion_address() or next(iter(configuration.current().origins), "")


def _file(text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = 'attachment; filename="DESK.card"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return answer


def _printed(request: HttpRequest, staff: OpenStaff, form: CardForm, text: str) -> HttpResponse:
    lines = text.splitlines()
    days, today = form.cleaned_data["days"], clock.today()
    return gate.show(request, "card_printed.html", {
        "codes": [{"number": number, "drawn": _drawn(line)} for number, line in enumerate(lines, 1)],
        "command": "amparo seal --to DESK.card FILE…",
        "name": configuration.current().name, "address": form.cleaned_data["address"], "days": days,
        "made": today, "last": today + dt.timedelta(days=days), "fingerprint": cards.fingerprint(staff),
    })


def _drawn(line: str) -> SafeString:
    """A code as a drawing inside the page: it holds capitals, digits and - : / alone."""
    return SafeString(segno.make(line, error="m", micro=False).svg_inline(scale=4, border=4, dark="#000", light="#fff"))


@gate.page("intake.write", methods=("GET", "POST"))
def carried(request: HttpRequest, staff: OpenStaff) -> Web:
    """Take a carried file in; on to the case where this colleague may read it."""
    problems: list[dict[str, str]] = []
    done: dict[str, Any] = {}
    if request.method == "POST":
        problems = [gate.problem(error, "file") for error in getattr(request, "upload_refusals", [])]
        for upload in request.FILES.getlist("file")[:1]:
            try:
                taken = carrying.take_in_upload(upload=cast(SealedUpload, upload), staff=staff)
            except AmparoError as error:
                problems.append(gate.problem(error, "file"))
                continue
            says = _("This file was taken in before: it is here, once.") if taken.before else _(
                "The report is taken in and sealed. Its words open it from now on.")
            if policy.may(staff.role, reading.relation(staff, taken.case), "case.read"):
                gate.notice(request, says)
                return HttpResponseRedirect(reverse("staff:case", kwargs={"case": taken.case}))
            done = {"says": says, "code": labels.case_code(taken.case)}
        if not problems and not done:
            problems = [{"field": "file", "says": _("No file was chosen."), "advice": _("Choose one, or go back.")}]
    return gate.show(request, "carried.html", {
        "problems": problems, "done": done, "most": labels.size(configuration.current().max_upload),
    }, 400 if problems else 200)
