"""Who may add and never read: the words of whoever filed for somebody else, their one page, and the owner's list."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amparo.desk import configuration, delegates, intake
from amparo.desk.errors import DeskError
from amparo.desk.returning import Access
from amparo.desk.uploads import SealedUpload
from amparo.doors import errors
from amparo.doors.reporter import pages, phrases
from amparo.doors.reporter.back import with_access
from amparo.doors.reporter.writing import take_form
from amparo.words.errors import AmparoError


@require_safe
def own_words(request: HttpRequest) -> HttpResponse:
    """The filer's own words, after those for the affected person; a reload shows them again."""
    words = intake.filer_words(request.session)
    draft = intake.draft_of(request.session)
    if words is None or draft is None:
        return redirect("done")
    return pages.show(request, "own_words.html", {
        "words": words, "language": draft.language, "digits": words[0].isdigit(),
    })


@take_form
def own_confirm(request: HttpRequest) -> HttpResponse:
    """Two of them typed again; it can be skipped."""
    words = intake.filer_words(request.session)
    draft = intake.draft_of(request.session)
    if words is None or draft is None:
        return redirect("done")
    places = intake.challenge(request.session, filer=True)
    problems, typed = [], [""] * len(places)
    if request.method == "POST":
        typed = [request.POST.get(f"word-{place}", "")[:60] for place in places]
        right = [words[place - 1] for place in places]
        if intake.confirm_filer(request.session, " ".join(right if request.POST.get("go") == "skip" else typed)):
            return redirect("done")
        problems = [{"field": f"word-{places[0]}", "says": _("These are not the words that were asked for."),
                     "advice": _("Look at what you wrote down. You can also see the words once more.")}]
    return pages.show(request, "confirm.html", {
        "asked": [{"place": place, "typed": text} for place, text in zip(places, typed, strict=True)],
        "language": draft.language, "errors": problems, "digits": words[0].isdigit(), "own": True,
    })


@take_form
def adding(request: HttpRequest) -> HttpResponse:
    """The one page of a delegate: a message, files, and nothing to read."""
    mine = delegates.adding_of(request.session)
    if mine is None:
        return errors.csrf_failure(request) if request.method == "POST" else redirect("back")
    text, added, sent = "", 0, False
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        text = request.POST.get("text", "")
        added, problems = _take(request, mine)
        if not text.strip() and not problems and not added:
            problems = [_row("text", _("There is nothing to send yet."), _("Write something, or choose a file."))]
        elif text.strip() and not problems:
            try:
                delegates.say(mine, text)
            except DeskError as error:
                if errors.disk_full(error) or error.code in errors.STATUS:
                    raise
                problems = [_row("text", *errors.told(error))]
        if not problems:
            request.session["said"] = added + 1
            return redirect("adding")
    else:
        text = request.session.pop("kept", "")
        said = request.session.pop("said", 0)
        sent, added = said > 0, max(said - 1, 0)
    return pages.show(request, "adding.html", {
        "text": text, "added": added, "sent": sent, "errors": problems,
        "max_upload": phrases.size(configuration.current().max_upload),
    })


def _row(field: str, says: str, advice: str) -> dict[str, str]:
    return {"field": field, "says": says, "advice": advice}


def _take(request: HttpRequest, mine: delegates.Adding) -> tuple[int, list[dict[str, str]]]:
    """(how many files were kept, what was refused in words)."""
    refused: list[AmparoError] = list(getattr(request, "upload_refusals", []))
    added = 0
    for upload in request.FILES.getlist("file"):
        try:
            delegates.attach(mine, cast(SealedUpload, upload))
            added += 1
        except AmparoError as error:
            if errors.disk_full(error):
                raise
            refused.append(error)
    return added, [_row("file", *errors.told(error)) for error in refused]


@take_form
@with_access
def names(request: HttpRequest, access: Access) -> HttpResponse:
    """Who may add to this report: the list, one more, one less. The words to hand over are shown until confirmed."""
    label, problems = "", []
    if request.method == "POST":
        go, label = request.POST.get("go", ""), request.POST.get("label", "")
        try:
            if go == "seen":
                delegates.forget_words(request.session)
            elif "revoke" in request.POST:
                delegates.revoke_by_owner(access, _uuid(request.POST["revoke"]))
            else:
                language = (translation.get_language() or "en").split("-")[0]
                delegates.name_by_owner(session=request.session, access=access, label=label, language=language)
            return redirect("names")
        except DeskError as error:
            if errors.disk_full(error) or (error.code in errors.STATUS and error.code != "not-found"):
                raise
            problems = [_row("label", *errors.told(error))]
    words = delegates.words_shown(request.session)
    return pages.show(request, "names.html", {
        "words": words, "digits": words is not None and words[0].isdigit(), "label": label, "errors": problems,
        "named": [{"id": one.id, "label": one.label or _("Whoever filed this report"), "own": bool(one.label),
                   "on": phrases.day(one.at.date()), "revoked": one.revoked}
                  for one in delegates.of_owner(access)],
    })


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
