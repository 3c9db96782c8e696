"""The queue: sorted by why, with the reason on each row."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import accounts, clock
from amparo.desk import queue as sheets
from amparo.doors.staff import gate, labels
from amparo.doors.staff.views import erasing
from amparo.words.why import WHY, rank

SHOWN = 50  # rows of one reason on the first page; the rest is one link away
SHOWN_ALL = 500
NUMBER = re.compile("[0-9a-f-]+")  # what a part of a case's number may look like
QUIET_STATES = ("closed", "out-of-mandate", "withdrawn", "erasing")  # not among the open ones


@gate.page("queue.see")
def queue(request: HttpRequest, staff: accounts.OpenStaff) -> HttpResponse:
    """My cases. `state` and `why` in the address narrow the list; both are codes, never words of a case."""
    return _page(request, staff, request.GET.get("state", ""), request.GET.get("why", ""))


@gate.page("queue.see", methods=("GET", "POST"))
def find(request: HttpRequest, staff: accounts.OpenStaff) -> HttpResponse | HttpResponseRedirect:
    """Search by POST, so that what was looked for stands in no address, history or log."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("staff:queue"))
    return _page(request, staff, "all", "", words=request.POST.get("words", "").strip())


def _page(request: HttpRequest, staff: accounts.OpenStaff, state: str, why: str, words: str = "") -> HttpResponse:
    loaded = sheets.load(staff)
    if loaded.building:
        done, total = loaded.progress
        says = _("%(done)d of %(total)d cases read") % {"done": done, "total": total}
        return gate.show(request, "progress.html", {"done": done, "total": max(total, 1), "says": says})
    rows = loaded.rows
    chosen = rows.where(lambda kind: _in_state(kind, state) and (not why or kind.why == why))
    if words:
        chosen = _found(chosen, words)
    new = rows.count(lambda kind: kind.new)
    counted = ngettext("%(count)d case", "%(count)d cases", len(rows)) % {"count": len(rows)}
    if new:
        counted += " · " + ngettext("%(count)d new", "%(count)d new", new) % {"count": new}
    return gate.show(request, "queue.html", {
        "tabs": _tabs(rows, state, new), "groups": _groups(chosen, state, why), "words": words, "counted": counted,
        "erasing_line": erasing.line(staff),
        "empty_heading": _("Nothing found") if words else _("Nothing waits here"),
        "empty_says": _("No case of yours carries these words in its number, reason or language.") if words
        else _("New reports stand here when you load this page again."),
    })


def _in_state(kind: sheets.Kind, state: str) -> bool:
    if not state:
        # A withdrawal stays in sight until its grace is over: somebody may want to say good-bye safely.
        return kind.state not in QUIET_STATES or kind.waiting == "withdrawn"
    return state == "all" or (kind.new if state == "new" else kind.state == state)


def _of_state(code: str) -> Callable[[sheets.Kind], bool]:
    return lambda kind: kind.state == code


def _of_why(code: str) -> Callable[[sheets.Kind], bool]:
    return lambda kind: kind.why == code


def _found(rows: sheets.Rows, words: str) -> sheets.Rows:
    """The rows that show every word. What many rows share is compared once; numbers of cases only where they may be."""
    wanted = words.casefold().split()
    numbers = [word for word in wanted if NUMBER.fullmatch(word)]

    def left(kind: sheets.Kind) -> list[str]:
        shown = f"{_(kind.reason)} {kind.reason} {labels.language(kind.language)} {kind.language} " \
                f"{labels.state(kind.state)} {labels.why(kind.why)}".casefold()
        return [word for word in wanted if word not in shown]

    good = rows.where(lambda kind: not left(kind))
    maybe = rows.where(lambda kind: 0 < len(left(kind)) == sum(word in numbers for word in left(kind)))
    if not numbers:
        return good
    sheet, places = rows.sheet, list(good.places)
    parts = [[word.replace("-", "") for word in left(kind)] for kind in sheet.kinds]
    for place in maybe.places:
        number = sheet.ids[16 * place : 16 * place + 16].hex()
        if all(part in number for part in parts[sheet.kind_of[place]]):
            places.append(place)
    return sheets.Rows(sheet, sorted(places))


def matching(staff: accounts.OpenStaff, words: str) -> list[dict[str, Any]]:
    """The first of my cases whose number, reason, language or state say these words."""
    return [_row(row, clock.today()) for row in _found(sheets.load(staff).rows, words)[:SHOWN]]


def _tabs(rows: sheets.Rows, state: str, new: int) -> list[dict[str, Any]]:
    home = reverse("staff:queue")
    present = {kind.state for kind in rows.sheet.kinds}
    kinds = [("", _("Open"), rows.count(lambda kind: _in_state(kind, ""))), ("new", _("New"), new)]
    for code in labels.STATES:
        if code != "open" and code in present and (count := rows.count(_of_state(code))):
            kinds.append((code, labels.state(code), count))
    kinds.append(("all", _("All"), len(rows)))
    return [{"url": f"{home}?state={code}" if code else home, "label": label, "count": count, "here": code == state}
            for code, label, count in kinds]


def _groups(rows: sheets.Rows, state: str, why: str) -> list[dict[str, Any]]:
    """The rows under their reason, most pressing reason first; a reason nobody knows goes to the top."""
    today, limit = clock.today(), SHOWN_ALL if why else SHOWN
    groups = []
    for code in sorted({kind.why for kind in rows.sheet.kinds}, key=lambda one: (rank(one), one)):
        mine = rows.where(_of_why(code))
        if not len(mine):
            continue
        group = {"code": code if code in WHY else "rest", "label": labels.why(code), "help": labels.why_help(code),
                 "count": len(mine), "rows": [_row(row, today) for row in mine[:limit]], "more": ""}
        if len(mine) > limit:
            group["more"] = f"{reverse('staff:queue')}?state={state}&why={code}" if not why else ""
            group["more_label"] = _("Show more of these (%(count)d in all)") % {"count": len(mine)}
        groups.append(group)
    return groups


def _row(row: sheets.QueueRow, today: Any) -> dict[str, Any]:
    return {
        "url": reverse("staff:case", kwargs={"case": row.case}), "code": labels.case_code(row.case),
        "reason": _(row.reason) if row.reason else _("No reason known yet"), "level": labels.weight(row.level),
        "level_label": labels.level(row.level) if row.level else "", "language_label": labels.language(row.language),
        "age": labels.age(row.day, today), "consents": labels.consents(row.consents),
        "state_label": labels.state(row.state), "new": row.new, "new_label": _("new"),
        "overdue": row.new and row.state == "open" and labels.overdue(row.level, row.day, today),
        "waiting": labels.waiting(row.waiting),
    }
