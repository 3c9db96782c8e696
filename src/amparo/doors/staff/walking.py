"""Playbooks of a case as values for templates: what is proposed, where each stands, which answers led there."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from amparo.desk.accounts import OpenStaff
from amparo.desk.walks import Standing, Walked
from amparo.doors.staff import labels, working
from amparo.mitigate import playbook, ways
from amparo.mitigate.playbook import HELP, RESOLVED, Node, Playbook


def language() -> str:
    """The language of this page, for the playbooks' texts."""
    return (translation.get_language() or "en").split("-")[0]


def place(book: Playbook | None, node: str) -> str:
    """Where a walk stands, in words."""
    if not node:
        return _("given up")
    if node == RESOLVED:
        return _("end of these steps")
    if node.startswith(HELP):
        service = ways.service_of(node)
        return _(playbook.SERVICES[service]) if service else node
    found = book.node(node) if book else None
    return found.title if found else _("a page that is not there any more")


def offered(standing: Standing) -> list[dict[str, Any]]:
    """The playbooks of the case's threats first, then the others by what happened."""
    first = playbook.for_threats(standing.threats)
    groups = [(_("For what this case is about"), first)] if first else []
    groups += [(_(heading), tuple(code for code in codes if code not in first)) for heading, codes in ways.GROUPS]
    return [{"heading": heading, "ours": codes == first, "books": [
        {"code": code, "title": book.title, "about": book.about, "language": book.language,
         "url": reverse("staff:playbook", kwargs={"book": ways.mark(code)})}
        for code in codes if (book := playbook.load(code, language())) is not None]}
        for heading, codes in groups if codes]


def line(one: Walked, case: UUID) -> dict[str, Any]:
    """One walk as a line of the list."""
    book = playbook.load(one.book, language())
    return {"title": book.title if book else one.book, "place": place(book, one.node), "open": one.open,
            "at": labels.moment(one.trail[-1].at),
            "url": reverse("staff:walk", kwargs={"case": case, "walk": one.walk})}


def trail(one: Walked, book: Playbook, standing: Standing, staff: OpenStaff) -> list[dict[str, str]]:
    """Every move with the answer that led there, where the playbook still says the same."""
    rows: list[dict[str, str]] = []
    before: Node | None = None
    for step in one.trail:
        told = ""
        if before is not None and step.choice is not None and one.version == book.version:
            told = before.choices[step.choice].text if step.choice < len(before.choices) else ""
        rows.append({"answer": told, "place": place(book, step.node), "at": labels.moment(step.at),
                     "who": working.name_of(step.by, staff, standing.names)})
        before = book.node(step.node)
    return rows


def handed(walks: Iterable[tuple[str, str]]) -> list[str]:
    """Lines of a hand-over: which playbooks are under way, and where."""
    found = []
    for code, node in walks:
        book = playbook.load(code, language())
        found.append(_("Playbook: %(title)s, at “%(page)s”") % {
            "title": book.title if book else code, "page": place(book, node)})
    return found
