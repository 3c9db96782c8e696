"""Paper for where no machine is: cards with words that are valid at once, and a form to fill in by hand."""

from typing import Any

import segno
from django import forms as fields
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.desk import configuration, paper_cards
from amparo.desk.accounts import OpenStaff
from amparo.doors import headers
from amparo.doors.staff import forms, gate
from amparo.words import consents, questionnaires
from amparo.words.errors import AmparoError

ASKED = ("danger", "what-happened", "when", "threats", "access", "under-18")  # of the questionnaire, in this order
ROOM = {"what-happened": 14, "when": 2}  # empty lines to write on


class Paper(forms.Calm):
    """What is printed. Cards are made when they are asked for; the form can be printed as often as one likes."""

    language = fields.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES, widget=fields.Select)
    count = fields.IntegerField(
        label=gettext_lazy("How many cards"), min_value=1, max_value=paper_cards.MOST,
        widget=fields.NumberInput(attrs={"dir": "ltr"}))
    days = fields.TypedChoiceField(
        label=gettext_lazy("How many days an unused card holds"), coerce=int, widget=fields.RadioSelect,
        choices=[(days, str(days)) for days in paper_cards.DAYS])
    address = forms.line(gettext_lazy("Address of this desk"), gettext_lazy(
        "As it is to stand on the cards. Leave it empty if a card must not say where it leads; then tell it by word of "
        "mouth."), required=False, dir="ltr", spellcheck="false")


@gate.page("intake.write", methods=("GET", "POST"))
def paper(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """Choose; then a page to print. The words of cards stand on that one answer and nowhere else."""
    spoken = (translation.get_language() or "en").split("-")[0]
    form = Paper(gate.posted(request), initial={"language": spoken, "count": 8, "address": _address()})
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        only_form = request.POST.get("go") == "form"
        if only_form and request.POST.get("language") in dict(settings.LANGUAGES):
            return _form(request, request.POST["language"])
        if form.is_valid():
            given = form.cleaned_data
            try:
                made = paper_cards.issue(
                    staff=staff, count=given["count"], language=given["language"], days=given["days"])
                return _cards(request, made, given["language"], given["address"].strip())
            except AmparoError as error:
                problems = [gate.problem(error)]
        else:
            problems = form.problems()
    return gate.show(request, "paper.html", {"form": form, "problems": problems}, 400 if problems else 200)


def _address() -> str:
    return headers.onion_address() or next(iter(configuration.current().origins), "")


def _cards(request: HttpRequest, made: list[tuple[str, ...]], language: str, address: str) -> HttpResponse:
    drawn = SafeString(
        segno.make(address, error="m", micro=False).svg_inline(scale=3, border=4, dark="#000", light="#fff")
    ) if address else ""
    with translation.override(language):
        return gate.show(request, "paper_cards.html", {
            "cards": made, "address": address, "drawn": drawn, "digits": made[0][0].isdigit(), "spoken": language})


def _form(request: HttpRequest, language: str) -> HttpResponse:
    asked = questionnaires.load("report")
    with translation.override(language):
        rows: list[dict[str, Any]] = []
        for code in ASKED:
            question = asked.question(code)
            if question is not None:
                rows.append({"text": _(question.text), "options": [_(one.text) for one in question.options],
                             "lines": range(ROOM.get(code, 0))})
        may = [_(one.says) for one in consents.offered()]
        return gate.show(request, "paper_form.html", {"rows": rows, "may": may, "words": range(1, 11)})
