"""Check, send, keep the words, first steps."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amparo import mitigate
from amparo.desk import intake
from amparo.desk.drafts import Draft
from amparo.doors.reporter import asked, helping, pages, phrases
from amparo.doors.reporter.writing import take_form, with_draft
from amparo.mitigate import playbook
from amparo.words import consents


@require_safe
@with_draft
def check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Everything once more, each with a way to change it."""
    rows = asked.summary(draft)
    return pages.show(request, "check.html", {
        "rows": rows, "skipped": [row for row in rows if not row["values"]],
        "others": _choices(draft),
        "back": asked.backward(draft.answers, "check"),
        "place": asked.place_words(draft.answers, "check"),
        "empty": not draft.answers and not draft.files,
    })


def _choices(draft: Draft) -> list[dict[str, Any]]:
    """Who reads and what we may do, as rows like those of the answers."""
    who = intake.readers(draft.excluded)
    out = [phrases.role_name(code) for code in draft.excluded.roles] + list(draft.excluded.pseudonyms)
    if draft.excluded.lead_only:
        out.append(_("everyone but whoever leads this desk"))
    stand = consents.given(draft.consents, minor=asked.is_minor(draft.answers))
    says = {purpose.code: _(purpose.says) for purpose in consents.PURPOSES}
    return [
        {"text": _("How many people can read it"), "values": [str(who.count)], "href": reverse("readers") + "?check=1"},
        {"text": _("Left out"), "values": out or [_("nobody")], "href": reverse("readers") + "?check=1"},
        {"text": _("What we may do"), "values": [says[code] for code in stand] or [_("only read it and answer you")],
         "href": reverse("choices") + "?check=1"},
    ]


@require_http_methods(["POST", "GET"])
@with_draft
def send(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Seal and file the report, then show the words. Pressing twice sends once."""
    if request.method != "POST":
        return redirect("check")
    draft.language = (translation.get_language() or "en").split("-")[0]
    intake.send(request.session, draft)
    return redirect("words")


def _sent(request: HttpRequest) -> Draft | None:
    draft = intake.draft_of(request.session)
    return draft if draft is not None and draft.sent else None


@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """The receipt, until it is confirmed: a reload shows it again."""
    draft = _sent(request)
    if draft is None:
        return redirect("write")
    if draft.confirmed or draft.receipt is None:
        return redirect("done")
    return pages.show(request, "words.html", {
        "words": draft.receipt, "language": draft.language, "digits": draft.receipt[0].isdigit(),
        "other": intake.filer_words(request.session) is not None,
    })


@take_form
def confirm(request: HttpRequest) -> HttpResponse:
    """Two words typed again, so that both sides know that they were written down. It can be skipped."""
    draft = _sent(request)
    if draft is None:
        return redirect("write")
    if draft.confirmed or draft.receipt is None:
        return redirect("done")
    places = intake.challenge(request.session)
    problems, typed = [], [""] * len(places)
    if request.method == "POST":
        typed = [request.POST.get(f"word-{place}", "")[:60] for place in places]
        if request.POST.get("go") == "skip":
            intake.confirm(request.session, " ".join(draft.receipt[place - 1] for place in places))
            return redirect("done")
        if intake.confirm(request.session, " ".join(typed)):
            return redirect("done")
        problems = [{"field": f"word-{places[0]}", "says": _("These are not the words that were asked for."),
                     "advice": _("Look at what you wrote down. You can also see the words once more.")}]
    return pages.show(request, "confirm.html", {
        "asked": [{"place": place, "typed": text} for place, text in zip(places, typed, strict=True)],
        "language": draft.language, "errors": problems, "digits": draft.receipt[0].isdigit(),
    })


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """It has arrived: what happens next, when, and what one can do meanwhile."""
    draft = _sent(request)
    if draft is None:
        return redirect("back")
    if not draft.confirmed:
        return redirect("words")
    if intake.filer_words(request.session) is not None:
        return redirect("own-words")
    code = (translation.get_language() or "en").split("-")[0]
    threats = tuple(draft.answers.get("threats", ()))
    steps = mitigate.first_aid(draft.answers, threats, code)
    return pages.show(request, "done.html", {
        "steps": steps, "books": helping.offered(playbook.for_threats(threats)),
        "unreviewed": any(step.unreviewed for step in steps),
    })
