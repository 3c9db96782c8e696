"""The messages of a chat export or a mailbox, in their order, two hundred on a page."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from amparo.desk import conversations
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import conversing, gate


@gate.page("evidence.preview")
def conversation(request: HttpRequest, staff: OpenStaff, case: UUID, item: UUID) -> HttpResponse:
    """One page of it. `page` is its number; `read=other` shows the dates in the other order that is possible."""
    raw = request.GET.get("page", "1")
    number = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 6 else 1
    found = conversations.page(staff, case, item, number)
    return gate.show(request, "case/conversation.html",
                     conversing.page(found, request.GET.get("read") == "other"))
