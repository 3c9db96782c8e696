"""Writing a report: one question a page, files, readers, consents. Nothing leaves the draft here."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amparo.desk import configuration, hiding, intake
from amparo.desk.drafts import Draft
from amparo.desk.payloads import Exclusion
from amparo.desk.uploads import SealedUpload
from amparo.doors import errors
from amparo.doors.reporter import asked, pages, phrases
from amparo.words import consents, questionnaires
from amparo.words.errors import AmparoError

P = ParamSpec("P")
take_form = require_http_methods(["GET", "HEAD", "POST"])


def with_draft(
    view: Callable[Concatenate[HttpRequest, Draft, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Gives the view the session's draft; without one the page before the questions says why there is none."""

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        draft = intake.draft_of(request.session)
        if draft is None:
            if request.method == "POST":  # the session is new but valid: show what was typed, with a way on
                return errors.csrf_failure(request)
            return pages.show(request, "write.html", {"gone": True})
        if draft.sent:
            return redirect("done" if draft.confirmed else "words")
        return view(request, draft, *args, **kwargs)

    return inner


def _now(request: HttpRequest, draft: Draft) -> Draft:
    """The draft as it is kept after a change."""
    return intake.draft_of(request.session) or draft


def _checking(request: HttpRequest) -> bool:
    return "check" in request.GET


def _language() -> str:
    return (translation.get_language() or "en").split("-")[0]


@require_safe
def write(request: HttpRequest) -> HttpResponse:
    """Before the questions: what will be asked, and what not."""
    draft = intake.draft_of(request.session)
    if draft is not None and draft.sent and not draft.confirmed:
        return redirect("words")
    if intake.filer_words(request.session) is not None and draft is not None and draft.sent:
        return redirect("own-words")
    return pages.show(request, "write.html")


@take_form
def begin(request: HttpRequest) -> HttpResponse:
    """A draft, kept only in the sealed session."""
    if request.method != "POST":  # a change of language after an error leads here
        return redirect("write")
    draft = intake.begin(request.session, _language())
    if draft.sent:
        return redirect("words")
    return redirect(asked.steps(draft.answers)[0].href)


@take_form
def resume(request: HttpRequest) -> HttpResponse:
    """A new draft from the text that an expired form still held."""
    if request.method != "POST":
        return redirect("write")
    draft = intake.draft_of(request.session)
    if draft is None or draft.sent:
        draft = intake.begin(request.session, _language())
    raw = {code: values for code, values in asked.posted(request, asked.questionnaire().questions).items() if values}
    intake.answer(request.session, raw)
    way = asked.steps(_now(request, draft).answers)
    return redirect(way[asked.at(way, request.POST.get("page_number", "")) or 0].href)


@take_form
@with_draft
def question(request: HttpRequest, draft: Draft, number: int) -> HttpResponse:
    """One page of questions."""
    way = asked.steps(draft.answers)
    place = asked.at(way, str(number))
    if place is None:
        return redirect(way[0].href)
    step = way[place]
    problems: tuple[questionnaires.Problem, ...] = ()
    shown: dict[str, list[str]] = dict(draft.answers)
    if request.method == "POST":
        raw = asked.posted(request, step.questions)
        shown = {**draft.answers, **raw}
        problems = tuple(
            p for p in asked.questionnaire().check(shown).problems if p.question in {q.code for q in step.questions}
        )
        go = request.POST.get("go", "on")
        if go != "on":  # skipping never fails: what can be kept is kept
            raw = {code: values for code, values in raw.items() if code not in {p.question for p in problems}}
        if not problems or go != "on":
            return _kept(request, draft, step, raw, go)
    return pages.show(request, "question.html", {
        "fields": asked.fields(step, shown, draft.consents, problems),
        "errors": asked.error_list(problems),
        "place": asked.place_words(draft.answers, step.name, checking=_checking(request)),
        "next": asked.back_to_check() if _checking(request) else asked.next_words(draft.answers, step.name),
        "back": reverse("check") if _checking(request) else asked.backward(draft.answers, step.name),
        "checking": _checking(request),
    })


def _kept(request: HttpRequest, draft: Draft, step: asked.Step, raw: dict[str, list[str]], go: str) -> HttpResponse:
    """Keep the answers of a page and go on."""
    draft.language = _language()
    for one in step.questions:
        if one.consent:
            wanted = [code for code in draft.consents if code != one.consent]
            draft.consents = [*wanted, one.consent] if request.POST.get("keep") == one.consent else wanted
    intake.keep(request.session, draft)
    intake.answer(request.session, raw, [one.code for one in step.questions])
    draft = _now(request, draft)
    if "yes" in raw.get("danger", ()):
        return redirect(reverse("danger") + "?on=1")
    if go == "end" and not _checking(request):
        return redirect(asked.ending(draft.answers, step))
    return redirect(asked.onward(draft.answers, step.name, checking=_checking(request)))


@take_form
@with_draft
def files(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Add and remove files. They arrive sealed; here only their names pass by.

    "Continue" (`?go=on`) takes what was chosen along, and goes on with nothing chosen, too.
    """
    step = next(one for one in asked.steps(draft.answers) if one.name == "files")
    way = asked.Files.of(request, draft.answers)
    query = way.query
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        if removed := request.POST.get("remove", ""):
            found = next((file.id for file in draft.files if str(file.id) == removed), None)
            if found is not None:
                intake.detach(request.session, found)
            return redirect(reverse("files") + query)
        problems = attach_all(request)
        draft = _now(request, draft)
        if not problems and request.GET.get("go") == "on":
            return redirect(way.onward)
        if not problems and not request.FILES.getlist("file"):
            problems = [{
                "field": "file", "says": _("No file was chosen."), "advice": _("Choose one, or go on without."),
            }]
    desk = configuration.current()
    asked_here = next((one for one in step.questions if one.kind == "files"), None)
    return pages.show(request, "files.html", {
        "heading": _(asked_here.text) if asked_here else _("Do you want to add files?"),
        "help": _(asked_here.help) if asked_here and asked_here.help else "",
        "files": [{"id": file.id, "name": file.name, "size": phrases.size(file.size)} for file in draft.files],
        "max_upload": phrases.size(desk.max_upload), "max_draft": phrases.size(desk.max_draft),
        "errors": problems, "query": query, "onward": query + ("&" if query else "?") + "go=on",
        "place": asked.place_words(draft.answers, "files", checking=_checking(request)),
        "next": way.next, "back": way.back,
    })


def attach_all(request: HttpRequest) -> list[dict[str, str]]:
    """Attach every finished upload of this request to the draft or the case; what was refused, in words."""
    refused: list[AmparoError] = list(getattr(request, "upload_refusals", []))
    for upload in request.FILES.getlist("file"):
        try:
            intake.attach(request.session, cast(SealedUpload, upload))
        except AmparoError as error:
            if errors.disk_full(error):
                raise
            refused.append(error)
    rows = []
    for one in refused:
        says, advice = errors.told(one)
        rows.append({"field": "file", "says": says, "advice": advice})
    return rows


@take_form
@with_draft
def readers(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Who will read, as numbers and roles; and whom to leave out before anything is sealed."""
    problems: list[dict[str, str]] = []
    everyone = intake.readers(Exclusion())
    excluded = draft.excluded
    if request.method == "POST":
        excluded = Exclusion(
            roles=tuple(code for code in everyone.roles if code in request.POST.getlist("roles")),
            pseudonyms=(
                *(name for name in everyone.pseudonyms if name in request.POST.getlist("people")),
                *(name for name in hiding.typed_names(request.POST.get("others", ""))
                  if name not in everyone.pseudonyms),
            ),
            lead_only=request.POST.get("lead_only") == "yes",
        )
        if intake.readers(excluded).count == 0:
            problems = [{"field": "role-1", "says": _("Then nobody at this desk could read your report."),
                         "advice": _("Leave at least one person in, or write to another desk.")}]
        else:
            draft.excluded = excluded
            intake.keep(request.session, draft)
            if request.POST.get("go", "on") == "on":
                return redirect(asked.onward(draft.answers, "readers", checking=_checking(request)))
    desk = configuration.current()
    return pages.show(request, "readers.html", {
        "readers": phrases.readers(intake.readers(draft.excluded)),
        "choice": {
            "roles": [{"code": code, "name": phrases.role_name(code), "chosen": code in excluded.roles}
                      for code in everyone.roles],
            "people": [{"name": name, "chosen": name in excluded.pseudonyms} for name in everyone.pseudonyms],
            "others": ", ".join(name for name in excluded.pseudonyms if name not in everyone.pseudonyms),
            "lead_only": excluded.lead_only,
        },
        "retention": desk.minor_retention_days if asked.is_minor(draft.answers) else desk.retention_days,
        **_around(request, draft, "readers"), "errors": problems,
    })


@take_form
@with_draft
def choices(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Consent, purpose by purpose; everything is off until it is turned on."""
    if request.method == "POST":
        draft.consents = list(consents.given(request.POST.getlist("may"), minor=asked.is_minor(draft.answers)))
        intake.keep(request.session, draft)
        return redirect(asked.onward(draft.answers, "choices", checking=_checking(request)))
    return pages.show(request, "choices.html", {
        "purposes": asked.purposes(draft.consents, draft.answers, grounds="grounds" in draft.answers),
        "minor": asked.is_minor(draft.answers),
        **_around(request, draft, "choices"),
    })


def _around(request: HttpRequest, draft: Draft, name: str) -> dict[str, Any]:
    """Back, progress and what happens next."""
    return {
        "back": reverse("check") if _checking(request) else asked.backward(draft.answers, name),
        "place": asked.place_words(draft.answers, name, checking=_checking(request)),
        "next": asked.next_words(draft.answers, name),
    }


@take_form
def delete(request: HttpRequest) -> HttpResponse:
    """Stop, and delete the draft."""
    draft = intake.draft_of(request.session)
    if request.method == "POST":
        if draft is not None and not draft.sent:
            intake.discard(request.session)
        return pages.show(request, "deleted.html", {"has_draft": False})
    if draft is None or draft.sent:
        return pages.show(request, "deleted.html", {"has_draft": False})
    here = request.GET.get("at", "")
    if not re.fullmatch(rf"/{_language()}/write/[a-z0-9/]{{0,20}}", here):
        here = asked.steps(draft.answers)[0].href
    return pages.show(request, "delete.html", {"back": here})
