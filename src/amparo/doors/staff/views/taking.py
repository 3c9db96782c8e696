"""A report that a colleague writes down, and words that are read out: one page each, under a minute together."""

import uuid
from typing import Any
from uuid import UUID

from django import forms as web
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from amparo.desk import assigning, configuration, policy, reading, taking
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.words import consents, questionnaires
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
LANGUAGES = (
    ("en", "English"), ("es", "español"), ("fr", "français"), ("ar", "العربية"), ("pt", "português"),
    ("ru", "русский"), ("uk", "українська"), ("fa", "فارسی"), ("tr", "Türkçe"), ("zh", "中文"),
    ("sw", "Kiswahili"), ("und", gettext_lazy("another language")),
)
BACK = gettext_noop("Come back to my report")  # as it stands on the first page of the reporter's door
FIRST = ("danger", "way", "text", "chat", "account", "language", "mine")  # the others are folded
BEHALF = {"knows": gettext_noop("The person knows of this report"),
          "does-not-know": gettext_noop("The person does not know"),
          "cannot-be-asked": gettext_noop("The person cannot be asked now")}


class TakeDown(forms.Calm):
    """One page. Only how it came and what happened are needed; nothing is ticked beforehand."""

    danger = web.ChoiceField(
        label=gettext_lazy("Is somebody in danger right now?"), required=False, widget=web.RadioSelect,
        help_text=gettext_lazy("Ask this first. If yes: a safe place comes before the report."),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))])
    way = web.ChoiceField(label=gettext_lazy("How it came"), widget=web.RadioSelect)
    text = forms.text_area(gettext_lazy("What happened"), gettext_lazy(
        "In the person's own words where you can. A chat may be pasted here as it is."), rows=7)
    chat = web.MultipleChoiceField(
        label=gettext_lazy("Pasted"), required=False, widget=web.CheckboxSelectMultiple,
        choices=[("yes", gettext_lazy("This is a pasted chat: seal it as evidence, too"))])
    language = web.ChoiceField(
        label=gettext_lazy("The person's language"), choices=LANGUAGES, widget=web.Select,
        help_text=gettext_lazy("Words to read out exist in English, Spanish and French; for others they are numbers."))
    account = web.ChoiceField(
        label=gettext_lazy("Did somebody get into an account, or try to?"), required=False, widget=web.RadioSelect,
        help_text=gettext_lazy("Ask: can you still get in? Whoever is locked out is answered sooner."),
        choices=[("out", gettext_lazy("Yes, and the person cannot get in any more")),
                 ("in", gettext_lazy("Yes, and the person can still get in")), ("none", gettext_lazy("No"))])
    threats = web.MultipleChoiceField(label=gettext_lazy("What is it about?"), required=False,
                                      widget=web.CheckboxSelectMultiple)
    behalf = web.ChoiceField(label=gettext_lazy("If somebody else than the affected person told it"),
                             required=False, widget=web.RadioSelect)
    minor = web.MultipleChoiceField(
        label=gettext_lazy("Age"), required=False, widget=web.CheckboxSelectMultiple,
        choices=[("yes", gettext_lazy("The person is under 18: nothing is published, and it is kept shorter"))])
    purposes = web.MultipleChoiceField(
        label=gettext_lazy("What the person allowed"), required=False, widget=web.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only what was said. Silence is a no; she can allow more later, with her words. "
                               "“I” and “my” in these sentences are the person, not you."))
    identity = forms.text_area(
        gettext_lazy("Who she is, or how to reach her"),
        gettext_lazy("Only if it is needed. Kept apart from the case: whoever wants to read it must say why."),
        required=False, rows=3)
    excluded = web.MultipleChoiceField(
        label=gettext_lazy("Colleagues who must not read it"), required=False, widget=web.CheckboxSelectMultiple,
        help_text=gettext_lazy("A conflict of interest. They are given no key, and nobody can add them later."))
    card = forms.line(gettext_lazy("Words of a printed card"), gettext_lazy(
        "If the person has a card of this desk: the report is filed under its words, and no others are made."),
        required=False, autocapitalize="none", spellcheck="false")
    later = web.MultipleChoiceField(
        label=gettext_lazy("Words"), required=False, widget=web.CheckboxSelectMultiple,
        choices=[("yes", gettext_lazy("Make no words now: the person cannot take them down (they can be made later)"))])

    mine = web.MultipleChoiceField(
        label=gettext_lazy("Who goes on with it"), required=False, widget=web.CheckboxSelectMultiple, initial=["yes"],
        choices=[("yes", gettext_lazy("I take care of this case"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = questionnaires.load("report").question("threats")
        offered: dict[str, list[tuple[str, str]]] = {
            "way": [(code, labels.way(code)) for code in taking.WAYS],
            "threats": [(one.code, _(one.text)) for one in (asked.options if asked else ())],
            "behalf": [(code, _(says)) for code, says in BEHALF.items()],
            "purposes": [(one.code, _(one.says)) for one in consents.PURPOSES],
            "excluded": [(name, name) for name in taking.colleagues()],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def told(self) -> taking.Told:
        """What was written. Call after is_valid()."""
        given = self.cleaned_data
        return taking.Told(
            way=given["way"], access={"out": "no", "in": "yes"}.get(given["account"], ""), text=given["text"],
            language=given["language"], danger=given["danger"],
            threats=tuple(given["threats"]), purposes=tuple(given["purposes"]), on_behalf=given["behalf"],
            minor=bool(given["minor"]), chat=bool(given["chat"]), identity=given["identity"],
            excluded=tuple(given["excluded"]), card=given["card"], words=not given["later"],
        )


@gate.page("intake.write", methods=("GET", "POST"))
def take_down(request: HttpRequest, staff: OpenStaff) -> Web:
    """The page, and the case that it makes; the same form sent twice makes one."""
    slip = _uuid(request.POST.get("form", "")) or uuid.uuid4()
    spoken = (translation.get_language() or "en").split("-")[0]
    form = TakeDown(gate.posted(request), initial={"language": spoken})
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        problems, status = form.problems(), 400
        if form.is_valid():
            try:
                case = taking.take_down(session=request.session, staff=staff, told=form.told(), form=slip)
                if form.cleaned_data["mine"]:
                    _take(staff, case)
                return HttpResponseRedirect(reverse("staff:words-out", kwargs={"slip": slip}))
            except AmparoError as error:
                place = form["card" if error.code == "paper-card" else "text"].auto_id
                problems, status = [gate.problem(error, place)], gate.STATUS.get(error.code, 400)
    return gate.show(request, "taking/new.html", {
        "form": form, "slip": slip, "problems": problems, "first": FIRST}, status)


def _take(staff: OpenStaff, case: UUID) -> None:
    """Whoever wrote it down goes on with it. Some may write and not read: then the others see it in their queue."""
    if reading.relation(staff, case) == "granted" and policy.may(staff.role, "granted", "case.assign"):
        assigning.take(staff=staff, case_id=case)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@gate.page("intake.write", methods=("GET", "POST"))
def words_out(request: HttpRequest, staff: OpenStaff, slip: UUID) -> Web:
    """Words to read out, on every reload until they are confirmed; then the way on."""
    found = taking.slip_of(request.session, slip)
    if found is None:
        raise Http404
    granted = reading.relation(staff, found.case) == "granted"
    if not found.words:
        return _after(request, staff, found, granted)
    places, problems, status = taking.challenge(found), [], 200
    typed = {place: request.POST.get(f"word-{place}", "")[:60] for place in places}
    if request.method == "POST":
        sure = request.POST.get("go") == "sure"
        if taking.confirm(request.session, slip, None if sure else " ".join(typed.values())):
            return HttpResponseRedirect(reverse("staff:words-out", kwargs={"slip": slip}))
        problems, status = [{
            "field": f"word-{places[0]}", "says": _("These are not the words that were asked for."),
            "advice": _("Read them out once more, slowly, and let the person read them back."),
        }], 400
    digits = found.words[0].isdigit()
    return gate.show(request, "taking/words.html", {
        "words": [{"word": word, "spelled": " ".join(word if digits else word.upper())} for word in found.words],
        "digits": digits, "language": found.language, "of": found.of, "problems": problems,
        "asked": [{"place": place, "typed": typed[place]} for place in places], **_where(request, found.language),
    }, status)


def _where(request: HttpRequest, language: str) -> dict[str, Any]:
    """Where the words are typed: the addresses of this desk, and the link to press, as the person reads it."""
    configured = configuration.current()
    shown = configured.origins or (request.build_absolute_uri("/"),)
    spoken = language if language in dict(settings.LANGUAGES) else translation.get_language() or "en"
    with translation.override(spoken):
        press = _(BACK)
    return {"places": dict.fromkeys(one.rstrip("/") + "/" for one in (*shown, configured.onion) if one),
            "spoken": spoken, "press": press, "press_here": _(BACK)}


def _after(request: HttpRequest, staff: OpenStaff, slip: taking.Slip, granted: bool) -> Web:
    """Nothing is left to read out: on to the case, or, for who may not read it, to the next report."""
    if slip.of == "delegate":
        return HttpResponseRedirect(reverse("staff:delegates", kwargs={"case": slip.case}))
    if granted:
        gate.notice(request, _("The report is a case now. You can add evidence below."))
        return HttpResponseRedirect(reverse("staff:case", kwargs={"case": slip.case}))
    gate.notice(request, _("The report is with the colleagues who work on cases: %(code)s. You hold no key of it.")
                % {"code": labels.case_code(slip.case)})
    return HttpResponseRedirect(reverse("staff:take-down"))


@gate.page("case.receipt", methods=("GET", "POST"))
def receipt(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """Words for a person whose report was taken down, or imported, without any."""
    slip = _uuid(request.POST.get("form", "")) or uuid.uuid4()
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        try:
            taking.make_receipt(session=request.session, staff=staff, case_id=case, form=slip)
            return HttpResponseRedirect(reverse("staff:words-out", kwargs={"slip": slip}))
        except AmparoError as error:
            problems, status = [gate.problem(error)], gate.STATUS.get(error.code, 400)
    return gate.show(request, "taking/receipt.html", {
        "code": labels.case_code(case), "case_url": reverse("staff:case", kwargs={"case": case}), "slip": slip,
        "unclaimed": taking.unclaimed(staff, case), "problems": problems,
        **_where(request, taking.language_of(staff, case))}, status)
