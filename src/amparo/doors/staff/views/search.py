"""Search in the texts of my cases, by POST alone: what was looked for stands in no address, history or log."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.desk import bulk
from amparo.desk import search as searching
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels
from amparo.doors.staff.views import queue
from amparo.words.errors import AmparoError

HOW = {
    "identifier": gettext_lazy("carries this number, address or account"),
    "phrase": gettext_lazy("the words stand together"),
    "word": gettext_lazy("the word stands in it"),
    "words": gettext_lazy("all words stand in it"),
}


@gate.page("queue.see", methods=("GET", "POST"))
def search(request: HttpRequest, staff: OpenStaff) -> HttpResponse | HttpResponseRedirect:
    """What was found, fifty a page, with the place marked; nothing of it is kept."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("staff:queue"))
    words = request.POST.get("words", "").strip()[: searching.LONGEST]
    raw = request.POST.get("page", "0")
    page = int(raw) if raw.isdecimal() and len(raw) < 5 else 0
    frame: dict[str, Any] = {"words": words, "problems": [], "hits": [], "by_code": []}
    try:
        found = searching.find(staff, words, page)
    except AmparoError as error:
        return gate.show(request, "search.html", {**frame, "problems": [gate.problem(error, "find")]}, 400)
    if found.building is not None:
        done, total = found.building
        says = _("%(done)d of %(total)d cases read") % {"done": done, "total": total}
        return gate.show(request, "search.html", {**frame, "building": {"done": done, "total": total, "says": says}})
    elsewhere = ngettext(
        "%(count)d case of colleagues, which you cannot read, carries it too.",
        "%(count)d cases of colleagues, which you cannot read, carry it too.", found.elsewhere,
    ) % {"count": found.elsewhere} if found.elsewhere else ""
    return gate.show(request, "search.html", {
        **frame, "hits": [_hit(one) for one in found.hits], "elsewhere": elsewhere,
        "withheld": _withheld(found.withheld) if found.withheld else "",
        "by_code": queue.matching(staff, words) if page == 0 else [],
        "counted": ngettext("%(count)d case", "%(count)d cases", found.total) % {"count": found.total},
        "newer": found.page - 1 if found.page else None,
        "older": found.page + 1 if found.total > (found.page + 1) * searching.ON_A_PAGE else None,
    })


def _withheld(count: int) -> str:
    """Why some rows stand without their piece, and what can be done."""
    says = _("Search shows pieces of the texts of at most %(most)d cases an hour; the rest of your number is kept for "
             "opening cases.") % {"most": bulk.pieces_an_hour()}
    without = ngettext("%(count)d case here is listed without its piece: it was found all the same.",
                       "%(count)d cases here are listed without their pieces: they were found all the same.",
                       count) % {"count": count}
    return f"{says} {without}"


def _hit(hit: searching.Hit) -> dict[str, Any]:
    return {
        "url": reverse("staff:case", kwargs={"case": hit.case}), "code": labels.case_code(hit.case),
        "how": HOW[hit.how], "day": labels.day(hit.day), "state_label": labels.state(hit.state),
        "snippet": [{"text": text, "marked": marked} for text, marked in hit.snippet],
    }
