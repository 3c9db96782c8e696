"""Who a person is, kept apart from the report: asked for with a reason, shown once; the history all may read."""

import datetime as dt
from uuid import UUID

import msgspec
from django.db import transaction

from amparo.desk import clock, configuration, opening, payloads, policy, second
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotFound
from amparo.desk.opening import OpenCase
from amparo.desk.records import Item


class Shown(msgspec.Struct, frozen=True):
    """An identity on its one page. Never stored."""

    text: str
    at: dt.datetime
    by: str  # the pseudonym of who wrote it down, "reporter" or "?"


class Kept(msgspec.Struct, frozen=True):
    """What every reader sees: that there is one, and who asked for it."""

    there: bool
    history: tuple[second.Asked, ...]
    mine: UUID | None  # an approved request of the reader, which opens it once


def kept_apart(case_id: UUID) -> bool:
    """Whether an identity is kept with this case: structure only."""
    return Item.objects.filter(case_id=case_id, kind="identity", key__isnull=False).exists()


def page(staff: OpenStaff, case_id: UUID) -> Kept:
    """The history of who asked for the identity, for every reader of the case."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.read")
    history = second.history(opened, ("identity",))
    mine = next((one.request for one in history if one.by == staff.id and one.state == "approved"), None)
    return Kept(kept_apart(case_id), history, mine)


def ask(*, staff: OpenStaff, case_id: UUID, why: str) -> tuple[Shown, ...]:
    """Ask with a reason. Where the desk asks for no second person, the answer; else (), until one approves."""
    if not kept_apart(case_id):
        raise NotFound("No identity is kept with this case.", advice="Ask the reporter, if you need to know.")
    with transaction.atomic():
        request = second.ask(staff=staff, case_id=case_id, act="identity", why=why)
        if configuration.current().second_person:
            return ()
        return show(staff=staff, case_id=case_id, request=request)


def show(*, staff: OpenStaff, case_id: UUID, request: UUID) -> tuple[Shown, ...]:
    """The identity, once for a request of one's own. Raises NeedsSecond before it is approved and after its use."""
    with transaction.atomic():
        opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
        policy.require(staff.role, "granted", "case.identity")
        asked = next((one for one in second.history(opened, ("identity",)) if one.request == request), None)
        good = ("approved",) if configuration.current().second_person else ("approved", "waiting")
        if asked is None or asked.by != staff.id or asked.state not in good:
            raise second.NeedsSecond(
                "This request does not open the identity.", advice="Ask again, with a reason, on this page."
            )
        second.write(staff, opened, payloads.Request(
            at=clock.now(), request=request, act="identity", why="", answer="used"
        ), "identity-shown")
        second.settle(request)
        return _texts(opened)


def _texts(opened: OpenCase) -> tuple[Shown, ...]:
    rows = Item.objects.filter(case=opened.case, kind="identity").select_related("key").order_by("sequence")
    found = []
    for one in opening.read_items(opened, rows)[0]:
        if isinstance(one.payload, payloads.Identity):
            by = "reporter" if one.author_kind == "reporter" else ""
            if one.author_id in opened.people:
                by = opened.people[one.author_id].pseudonym
            found.append(Shown(one.payload.text, one.payload.at, by if one.proven else "?"))
    return tuple(found)
