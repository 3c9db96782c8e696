"""For those who watch the desk: complaints, acts by colleague, and the chain to take along. No content of a case."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import letters, policy, watching
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels
from amparo.doors.staff.views.log import names


@gate.page("complaints.read")
def complaints(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """Every complaint that was sealed to me, newest first; and whether as many lie here as the log counts."""
    found = watching.complaints(staff)
    missing = found.counted - len(found.letters)
    return gate.show(request, "complaints.html", {
        "counted": ngettext("%(count)d complaint", "%(count)d complaints", len(found.letters))
        % {"count": len(found.letters)},
        "missing": ngettext(
            "The custody log counts %(count)d complaint more than lies here. Somebody with the database took it out: "
            "tell the outside contact and compare the root of the log.",
            "The custody log counts %(count)d complaints more than lie here. Somebody with the database took them out: "
            "tell the outside contact and compare the root of the log.", missing) % {"count": missing}
        if missing > 0 else "",
        "rows": [_row(one) for one in reversed(found.letters)],
    })


def _row(one: letters.Letter) -> dict[str, object]:
    broken = one.kind == "unreadable"
    return {"id": one.id, "day": labels.day(one.at.date()), "text": one.text, "broken": broken, "read": one.read,
            "language": one.facts.get("language", ""), "language_label": labels.language(one.facts.get("language", "")),
            "url": reverse("staff:complaint-read", kwargs={"letter": one.id})}


@gate.page("complaints.read", methods=("POST",))
def mark_read(request: HttpRequest, staff: OpenStaff, letter: UUID) -> HttpResponseRedirect:
    """I have read it; it stays."""
    letters.mark_read(staff=staff, letter=letter)
    gate.notice(request, _("Marked as read. It stays here."))
    return HttpResponseRedirect(reverse("staff:complaints"))


@gate.page("log.see")
def acts(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """Who did how much of what in the last thirty days: numbers of acts, never a judgement on a person."""
    found, known = watching.acts(staff), names(staff)
    present = [act for act in watching.WATCHED if any(one.counts.get(act) for one in found)]
    most = max((sum(one.counts.values()) for one in found), default=0)
    return gate.show(request, "acts.html", {
        "days": watching.RECENT_DAYS, "heads": [labels.act(act) for act in present],
        "rows": [{
            "who": known.get(one.actor) or one.actor.hex[:6], "cells": [one.counts.get(act, 0) for act in present],
            "sum": sum(one.counts.values()), "most": most,
        } for one in found],
        "can_export": policy.may(staff.role, gate.NONE, "log.export"),
    })


@gate.page("log.export", methods=("POST",), fresh=True)
def export(request: HttpRequest, staff: OpenStaff) -> StreamingHttpResponse:
    """The chain as a file: ids, codes and hashes."""
    answer = StreamingHttpResponse(watching.export(staff), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = 'attachment; filename="custody-log.jsonl"'
    return answer
