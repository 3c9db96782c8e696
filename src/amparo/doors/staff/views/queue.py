"""The queue: sorted by why, with the reason on each row."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import accounts, clock, directory, duplicates, speaking
from amparo.desk import queue as sheets
from amparo.doors.staff import gate, labels, narrowing, working
from amparo.doors.staff.views import crossing, erasing, shift
from amparo.words.why import WHY, rank

SHOWN = 50  # rows of one reason on the first page; the rest is one link away
SHOWN_ALL = 500
MOST_TWINS = 3
MOST_THREATS = 2
NUMBER = re.compile("[0-9a-f-]+")  # what a part of a case's number may look like


@gate.page("queue.see")
def queue(request: HttpRequest, staff: accounts.OpenStaff) -> HttpResponse:
    """My cases. What stands in the address narrows the list: codes and ids, never words of a case."""
    return _page(request, staff, narrowing.read(request.GET))


@gate.page("queue.see", methods=("GET", "POST"))
def find(request: HttpRequest, staff: accounts.OpenStaff) -> HttpResponse | HttpResponseRedirect:
    """Search by POST, so that what was looked for stands in no address, history or log."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("staff:queue"))
    return _page(request, staff, narrowing.Narrowed(state="all"), words=request.POST.get("words", "").strip())


def _page(request: HttpRequest, staff: accounts.OpenStaff, narrowed: narrowing.Narrowed, words: str = "",
          ) -> HttpResponse:
    loaded = sheets.load(staff)
    if loaded.building:
        done, total = loaded.progress
        says = _("%(done)d of %(total)d cases read") % {"done": done, "total": total}
        return gate.show(request, "progress.html", {"done": done, "total": max(total, 1), "says": says})
    rows = loaded.rows
    chosen = narrowing.choose(rows, narrowed, staff.id)
    if words:
        chosen = _found(chosen, words)
    new = rows.count(lambda kind: kind.new)
    counted = ngettext("%(count)d case", "%(count)d cases", len(rows)) % {"count": len(rows)}
    if new:
        counted += " · " + ngettext("%(count)d new", "%(count)d new", new) % {"count": new}
    people = {one.id: one.pseudonym for one in directory.case_people()}
    here = "../" * (request.path.count("/") - reverse("staff:queue").count("/"))
    shown = _Shown(staff, people, duplicates.of(staff), here)
    told = speaking.everyone()
    return gate.show(request, "queue.html", {
        "tabs": narrowing.tabs(rows, narrowed, new), "groups": _groups(chosen, narrowed, shown), "words": words,
        "narrow": narrowing.more(rows, narrowed, staff.id),
        "by_language": narrowing.languages(rows, narrowed, people), "spoken": narrowed.lang,
        "counted": counted, "erasing_line": erasing.line(staff),
        "keys_line": crossing.keys_line(staff),
        "handed": shift.top(staff, rows.sheet), "waves": [
            (wave, title) for number, (wave, title) in enumerate(rows.sheet.waves) if number],
        "colleagues": [(one, working.told_of(name, told.get(one)))
                       for one, name in sorted(people.items(), key=lambda one: one[1])], "me": staff.id,
        "states": [(code, labels.state(code)) for code in labels.SETTABLE],
        "to": narrowing.address(narrowed) if not words else reverse("staff:queue"),
        "empty_heading": _("Nothing found") if words else _("Nothing waits here"),
        "empty_says": _("No case of yours carries these words in its number, reason or language.") if words
        else _("New reports stand here when you load this page again."),
    })


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
    shown = _Shown(staff, {one.id: one.pseudonym for one in directory.case_people()}, {}, reverse("staff:queue"))
    return [_row(row, shown) for row in _found(sheets.load(staff).rows, words)[:SHOWN]]


class _Shown(msgspec.Struct):
    """What every row of one page needs."""

    staff: accounts.OpenStaff
    people: dict[UUID, str]
    twins: dict[UUID, tuple[UUID, ...]]
    here: str  # the way from the page to the queue's own address; what every row repeats must be short

    def near(self, address: str) -> str:
        return self.here + address.removeprefix(reverse("staff:queue"))


def _groups(rows: sheets.Rows, narrowed: narrowing.Narrowed, shown: _Shown) -> list[dict[str, Any]]:
    """The rows under their reason, most pressing reason first; a reason nobody knows goes to the top."""
    limit = SHOWN_ALL if narrowed.why else SHOWN
    groups = []
    for code in sorted({kind.why for kind in rows.sheet.kinds}, key=lambda one: (rank(one), one)):
        mine = rows.where(_of_why(code))
        if not len(mine):
            continue
        group = {"code": code if code in WHY else "rest", "label": labels.why(code), "help": labels.why_help(code),
                 "count": len(mine), "rows": _unread([_row(row, shown) for row in mine[:limit]]), "more": ""}
        if len(mine) > limit:
            group["more"] = narrowing.address(narrowed, why=code) if not narrowed.why else ""
            group["more_label"] = _("Show more of these (%(count)d in all)") % {"count": len(mine)}
        groups.append(group)
    return groups


def _unread(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, and which of them no reader of theirs has said to read."""
    alone = speaking.unread({row["case"]: row["language"] for row in rows})
    return [{**row, "unread": row["case"] in alone} for row in rows]


def _row(row: sheets.QueueRow, shown: _Shown) -> dict[str, Any]:
    now = clock.now()
    late = row.due is not None and row.due < now
    url = reverse("staff:case", kwargs={"case": row.case})
    return {
        "url": url, "near": shown.near(url), "code": labels.case_code(row.case), "case": row.case,
        "reason": labels.reason(row.reason, row.day, now.date()) if row.reason else _("No reason known yet"),
        "level": labels.weight(row.level),
        "level_label": labels.level(row.level) if row.level else "", "language": row.language,
        "language_label": labels.language(row.language),
        "age": labels.age(row.day, now.date()), "consents": labels.consents(row.consents),
        "state_label": labels.state(row.state) if row.state != "open" else "", "new": row.new, "new_label": _("new"),
        "overdue": late or (row.waits and labels.overdue(row.level, row.day, now.date())),
        "waiting": labels.waiting(row.waiting), "mine": row.who == shown.staff.id,
        "who": working.name_of(row.who, shown.staff, shown.people), "due": labels.moment(row.due),
        "wave": row.title,
        "wave_near": shown.near(reverse("staff:wave", kwargs={"wave": row.wave})) if row.wave else "",
        "twins": _twins(shown.twins.get(row.case, ())), "triaged": row.triaged, "raised": row.raised,
        "nobodys": row.who is None and row.level == "P0" and row.state not in narrowing.QUIET_STATES,
        "said": _said(row), "threats": _threats(row.threats),
    }


def _said(row: sheets.QueueRow) -> str:
    """What colleagues have done so far, where the row is not new any more."""
    if row.triaged and row.waits:
        return _("triaged, no answer yet")
    return _("triaged") if row.triaged else ""


def _threats(codes: tuple[str, ...]) -> str:
    """The first kinds of threat in words; how many more there are."""
    shown = [working.threat(code) for code in codes[:MOST_THREATS]]
    return " · ".join([*shown, f"+{len(codes) - MOST_THREATS}"] if len(codes) > MOST_THREATS else shown)


def _twins(cases: tuple[UUID, ...]) -> list[str]:
    """The numbers of the first few; how many more there are."""
    shown = [labels.case_code(one) for one in cases[:MOST_TWINS]]
    return [*shown, f"+{len(cases) - MOST_TWINS}"] if len(cases) > MOST_TWINS else shown
