"""Playbooks at the staff door: all of them, each to read and print, and the hand-out for a shutdown. No case in it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from amparo.desk import handouts
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels
from amparo.mitigate import playbook, ways
from amparo.mitigate.playbook import LANGUAGES, Node, Playbook

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


def language() -> str:
    """The language of this page, for the playbooks' texts."""
    return (translation.get_language() or "en").split("-")[0]


@gate.page("playbooks.see")
def every(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """All playbooks, by what happened."""
    groups = [{"heading": _(heading), "books": [
        {"title": book.title, "about": book.about, "language": book.language, "unreviewed": book.unreviewed,
         "url": reverse("staff:playbook", kwargs={"book": ways.mark(code)})}
        for code in codes if (book := playbook.load(code, language())) is not None]} for heading, codes in ways.GROUPS]
    return gate.show(request, "playbooks.html", {"groups": groups})


@gate.page("playbooks.see")
def whole(request: HttpRequest, staff: OpenStaff, book: str) -> HttpResponse:
    """A whole playbook on one page, to read and to print."""
    found = ways.book_at(book, language())
    if found is None:
        raise Http404
    numbers = {node.id: place for place, node in enumerate(found.nodes, 1)}
    return gate.show(request, "playbook.html", {
        "book": found, "nodes": [_told(node, numbers, found) for node in found.nodes],
        "checked": labels.day(found.checked_on)})


def _told(node: Node, numbers: dict[str, int], book: Playbook) -> dict[str, Any]:
    return {"node": node, "number": numbers[node.id], "anchor": ways.mark(book.code, node.id), "choices": [
        {"text": one.text, "number": numbers.get(one.to), "anchor": ways.mark(book.code, one.to),
         "help": _(playbook.SERVICES[one.service]) if one.service else ""} for one in node.choices]}


@gate.page("playbooks.see")
def handout(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """What the hand-out is, and its files with their sizes."""
    files = [{"label": labels.language(one) if one != handouts.ALL else _("All languages in one file"), "code": one,
              "size": labels.size(len(handouts.made(one))),
              "url": reverse("staff:hand-out-file", kwargs={"language": one})} for one in (*LANGUAGES, handouts.ALL)]
    return gate.show(request, "hand_out.html", {"files": files, "number": handouts.number()})


@gate.page("playbooks.see")
def file(request: HttpRequest, staff: OpenStaff, language: str) -> HttpResponse:
    """One file, made now."""
    answer = HttpResponse(handouts.made(language), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{handouts.file_name(language)}"'
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer
