"""Coming back with the words: read answers, write, add, change, take back."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amparo import seal
from amparo.desk import configuration, delegates, returning
from amparo.desk.errors import DeskError
from amparo.desk.returning import Access, Line
from amparo.doors import errors
from amparo.doors.reporter import asked, pages, phrases
from amparo.doors.reporter.writing import attach_all, take_form
from amparo.words import consents

P = ParamSpec("P")
MAX_RECEIPT = 1000
"""Characters read of typed words: nine words are at most 100."""


def with_access(
    view: Callable[Concatenate[HttpRequest, Access, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Gives the view what the words opened; without it the page that asks for them, typed text kept."""

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        access = returning.access_of(request.session)
        if access is not None:
            return view(request, access, *args, **kwargs)
        if request.method == "POST":
            return errors.csrf_failure(request)
        return redirect("back")

    return inner


@take_form
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the words. They travel by POST only: never in an address, which a history would keep."""
    kept = request.POST.get("text", "") if request.method == "POST" else ""
    typed, problem = "", None
    if request.method == "POST" and (typed := request.POST.get("words", "")[:MAX_RECEIPT]).strip():
        try:
            opened = delegates.open_words(typed)
        except seal.WrongReceipt as wrong:
            says, advice = errors.told(wrong)
            problem = {"field": "words", "says": says, "advice": advice}
            return _ask(request, typed, kept, problem, mark=True)
        if isinstance(opened, Access):
            returning.keep_access(request.session, opened)
        else:
            delegates.keep(request.session, opened)
        if kept:
            request.session["kept"] = kept
        return redirect("talk" if isinstance(opened, Access) else "adding")
    if request.method == "POST" and not kept:
        problem = {"field": "words", "says": _("No words were typed."),
                   "advice": _("Type the words you were given, in their order.")}
    return _ask(request, typed, kept, problem)


def _ask(
    request: HttpRequest, typed: str, kept: str, problem: dict[str, str] | None, *, mark: bool = False,
) -> HttpResponse:
    # Marking looks at the lists alone, never at what exists here: it tells a stranger nothing.
    words = [
        {"text": word, "unknown": bool(seal.normalise_receipt(word).unknown)} for word in typed.split() if mark
    ]
    return pages.show(request, "back.html", {
        "typed": typed, "kept": kept, "errors": [problem] if problem else [],
        "marked": words if any(word["unknown"] for word in words) else [],
    })


@take_form
@with_access
def talk(request: HttpRequest, access: Access) -> HttpResponse:
    """The dialogue; and a form to write and to add files."""
    text, added = "", 0
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        text = request.POST.get("text", "")
        problems = attach_all(request)
        added = sum(bool(getattr(upload, "attached", False)) for upload in request.FILES.getlist("file"))
        if not text.strip() and not problems and added <= 0:
            problems = [{"field": "text", "says": _("There is nothing to send yet."),
                         "advice": _("Write something, or choose a file.")}]
        elif not problems:
            if text.strip():
                try:
                    returning.say(access, text)
                except DeskError as error:
                    if errors.disk_full(error) or error.code in errors.STATUS:
                        raise
                    says, advice = errors.told(error)
                    problems = [{"field": "text", "says": says, "advice": advice}]
            if not problems:
                request.session["said"] = max(added, 0) + 1
                return redirect("talk")
    else:
        text = request.session.pop("kept", "")
    said = request.session.pop("said", 0) if request.method != "POST" else 0
    frame = returning.status(access)
    lines = returning.dialogue(access)
    code = frame.state
    if code == "with-us" and not any(line.who == "desk" for line in lines):
        code = "received"  # the reporter's own messages are no sign that anybody read them
    state = phrases.STATES.get(code, phrases.STATES["with-us"])
    return pages.show(request, "talk.html", {
        "lines": [_line(line) for line in lines],
        "state": {"says": _(state[0]), "means": _(state[1])},
        "withdrawn_until": phrases.moment(frame.withdrawn_until) if frame.withdrawn_until else "",
        "retention": phrases.day(frame.retention_on), "see_again": frame.see_again,
        "said": said, "text": text,
        "added": added if problems else said - 1, "errors": problems,
        "max_upload": phrases.size(configuration.current().max_upload),
    })


def _line(line: Line) -> dict[str, object]:
    return {
        "who": line.who, "text": line.text, "at": phrases.moment(line.at), "iso": line.at.isoformat(),
        "proven": line.proven, "kind": line.kind, "does_not_say": line.does_not_say,
    }


@take_form
@with_access
def choices(request: HttpRequest, access: Access) -> HttpResponse:
    """Change what we may do."""
    minor = returning.status(access).minor
    stored = False
    if request.method == "POST":
        returning.set_consents(access, consents.given(request.POST.getlist("may"), minor=minor))
        stored = True
    given = returning.consents(access)
    return pages.show(request, "my_choices.html", {
        "purposes": asked.purposes(given, {"under-18": ["yes"]} if minor else {}), "stored": stored,
    })


@take_form
@with_access
def new_words(request: HttpRequest, access: Access) -> HttpResponse:
    """New words; the old ones open nothing from then on."""
    if request.method == "POST" and request.POST.get("go") == "new":
        language = (translation.get_language() or "en").split("-")[0]
        returning.new_words(request.session, access, language)
        return redirect("new-words")
    if request.method == "POST":
        returning.forget_new_words(request.session)
        return redirect("talk")
    made = returning.words_shown(request.session)
    return pages.show(request, "new_words.html", {"words": made, "digits": made is not None and made[0].isdigit()})


@take_form
@with_access
def withdraw(request: HttpRequest, access: Access) -> HttpResponse:
    """Take everything back, with a day to think again; or undo it."""
    if request.method == "POST":
        if request.POST.get("go") == "undo":
            returning.undo_withdrawal(access)
        else:
            returning.withdraw(access)
        return redirect("talk")
    frame = returning.status(access)
    return pages.show(request, "withdraw.html", {
        "until": phrases.moment(frame.withdrawn_until) if frame.withdrawn_until else "",
    })


@require_safe
@with_access
def earlier(request: HttpRequest, access: Access) -> HttpResponse:
    """What was reported, only where that was chosen at filing."""
    answers = returning.earlier(access)
    return pages.show(request, "earlier.html", {"rows": None if answers is None else asked.in_words(answers)})


@take_form
def close(request: HttpRequest) -> HttpResponse:
    """Close the pages: the session ends, the words stay good."""
    returning.leave(request.session)
    return pages.show(request, "closed.html", {"has_access": False, "has_draft": False})
