"""Steps for whoever needs them now: the playbooks, one page at a time, each choice a plain link.

Nobody is asked who they are, no session begins, and nothing of a way is kept: where somebody stands is in the address
alone, as a mark (mitigate.ways) that a history does not betray at a glance.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amparo.desk import intake
from amparo.doors.offered import referrals
from amparo.doors.reporter import asked, pages
from amparo.doors.reporter.front import numbers_whole
from amparo.mitigate import playbook, ways
from amparo.mitigate.playbook import Node, Playbook


def _language() -> str:
    return (translation.get_language() or "en").split("-")[0]


def _book(mark: str) -> Playbook:
    book = ways.book_at(mark, _language())
    if book is None:
        raise Http404
    return book


def _at(book: Playbook, place: str) -> str:
    return reverse("help-step", kwargs={"book": ways.mark(book.code), "step": ways.mark(book.code, place)})


def offered(codes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Playbooks as links to their first page."""
    books = [book for code in codes if (book := playbook.load(code, _language())) is not None]
    return [{"title": book.title, "about": book.about, "language": book.language, "url": _at(book, book.start.id)}
            for book in books]


@require_safe
def helps(request: HttpRequest) -> HttpResponse:
    """All playbooks, by what happened."""
    groups = [{"heading": _(heading), "books": offered(codes)} for heading, codes in ways.GROUPS]
    return pages.show(request, "helps.html", {"groups": groups})


@require_safe
def step(request: HttpRequest, book: str, step: str) -> HttpResponse:
    """One page of a playbook, or its end."""
    found = _book(book)
    place = ways.place_at(found, step)
    if place is None:
        raise Http404
    node = found.node(place)
    values = _frame(found)
    if node is None:
        return pages.show(request, "help_end.html", {**values, **_end(request, place)})
    return pages.show(request, "help_step.html", {
        **values, "node": node, "first": node.id == found.start.id,
        "choices": [{"text": one.text, "url": _at(found, one.to)} for one in node.choices],
    })


@require_safe
def whole(request: HttpRequest, book: str) -> HttpResponse:
    """A whole playbook on one page, to print."""
    found = _book(book)
    return pages.show(request, "help_whole.html", {
        **_frame(found), "nodes": [_on_paper(found, number, node) for number, node in enumerate(found.nodes, 1)],
    })


def _on_paper(book: Playbook, number: int, node: Node) -> dict[str, Any]:
    """A page with its choices told by number: paper has no links."""
    numbers = {one.id: place for place, one in enumerate(book.nodes, 1)}
    return {"node": node, "number": number, "anchor": ways.mark(book.code, node.id), "choices": [
        {"text": one.text, "number": numbers.get(one.to), "anchor": ways.mark(book.code, one.to),
         "help": _(playbook.SERVICES[one.service]) if one.service else ""} for one in node.choices]}


def _frame(book: Playbook) -> dict[str, Any]:
    return {
        "book": book, "begin": _at(book, book.start.id), "unreviewed": book.unreviewed,
        "whole": reverse("help-whole", kwargs={"book": ways.mark(book.code)}),
    }


def _end(request: HttpRequest, place: str) -> dict[str, Any]:
    """What an end says: resolved, or who can help."""
    service = ways.service_of(place)
    draft = intake.draft_of(request.session)
    going_on = asked.going_on(draft.answers) if draft is not None and not draft.sent else ""
    known = referrals(service, _language()) if service else []
    return {
        "referrals": [{**one, "parts": numbers_whole(one["reach"]["text"])} for one in known],
        "resolved": not service, "desk_itself": service == "desk", "going_on": going_on,
        "accounts": service == "accounts",
        "heading": _(playbook.SERVICES[service]) if service else _(ways.DONE),
        "says": _(ways.MEANS[service]) if service else _(ways.DONE_SAYS),
    }
