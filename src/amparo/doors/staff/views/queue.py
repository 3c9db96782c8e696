"""The queue: sorted by why, with the reason on each row."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import accounts, clock
from amparo.desk import queue as sheets
from amparo.doors.staff import gate, labels
from amparo.words.why import WHY, rank

SHOWN = 50  # rows of one reason on the first page; the rest is one link away
SHOWN_ALL = 500
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
    picked = _Picked(loaded.rows, state, why, words)
    counted = ngettext("%(count)d case", "%(count)d cases", picked.all) % {"count": picked.all}
    if picked.new:
        counted += " · " + ngettext("%(count)d new", "%(count)d new", picked.new) % {"count": picked.new}
    return gate.show(request, "queue.html", {
        "tabs": _tabs(picked, state), "groups": _groups(picked, state, why), "words": words, "counted": counted,
        "empty_heading": _("Nothing found") if words else _("Nothing waits here"),
        "empty_says": _("No case of yours carries these words in its number, reason or language.") if words
        else _("New reports stand here when you load this page again."),
    })


class _Picked:
    """One pass over the rows, which may be a hundred thousand: counts by state, and the first rows of each reason."""

    def __init__(self, rows: Sequence[sheets.QueueRow], state: str, why: str, words: str) -> None:
        self.all, self.new, self.open = len(rows), 0, 0
        self.states: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.first: dict[str, list[sheets.QueueRow]] = {}
        limit = SHOWN_ALL if why else SHOWN
        for row in rows:
            # A withdrawal stays in sight until its grace is over: somebody may want to say good-bye safely.
            is_open = row.state not in QUIET_STATES or row.waiting == "withdrawn"
            self.states[row.state] += 1
            self.new += row.new
            self.open += is_open
            wanted = is_open if not state else state == "all" or (row.new if state == "new" else row.state == state)
            if wanted and (not why or row.why == why) and (not words or _holds(row, words)):
                self.counts[row.why] += 1
                if self.counts[row.why] <= limit:
                    self.first.setdefault(row.why, []).append(row)


def _holds(row: sheets.QueueRow, words: str) -> bool:
    """Whether every word stands in what the row shows. Compared in memory, for this one page."""
    shown = f"{labels.case_code(row.case)} {row.case.hex} {_(row.reason)} {row.reason} " \
            f"{labels.language(row.language)} {row.language} {labels.state(row.state)} {labels.why(row.why)}".casefold()
    return all(word in shown for word in words.casefold().split())


def _tabs(picked: _Picked, state: str) -> list[dict[str, Any]]:
    home = reverse("staff:queue")
    kinds = [("", _("Open"), picked.open), ("new", _("New"), picked.new)]
    kinds += [(code, labels.state(code), picked.states[code])
              for code in labels.STATES if code != "open" and picked.states[code]]
    kinds.append(("all", _("All"), picked.all))
    return [{"url": f"{home}?state={code}" if code else home, "label": label, "count": count, "here": code == state}
            for code, label, count in kinds]


def _groups(picked: _Picked, state: str, why: str) -> list[dict[str, Any]]:
    """The rows under their reason, most pressing reason first; a reason nobody knows goes to the top."""
    today = clock.today()
    groups = []
    for code in sorted(picked.counts, key=lambda one: (rank(one), one)):
        count, rows = picked.counts[code], picked.first[code]
        group = {"code": code if code in WHY else "rest", "label": labels.why(code), "help": labels.why_help(code),
                 "count": count, "rows": [_row(row, today) for row in rows], "more": ""}
        if count > len(rows):
            group["more"] = f"{reverse('staff:queue')}?state={state}&why={code}" if not why else ""
            group["more_label"] = _("Show more of these (%(count)d in all)") % {"count": count}
        groups.append(group)
    return groups


def _row(row: sheets.QueueRow, today: Any) -> dict[str, Any]:
    return {
        "url": reverse("staff:case", kwargs={"case": row.case}), "code": labels.case_code(row.case),
        "reason": _(row.reason) if row.reason else _("No reason known yet"), "level": labels.weight(row.level),
        "level_label": labels.level(row.level) if row.level else "", "language_label": labels.language(row.language),
        "age": labels.age(row.day, today), "consents": labels.consents(row.consents),
        "state_label": labels.state(row.state), "new": row.new, "new_label": _("new"),
        "waiting": labels.waiting(row.waiting),
    }
