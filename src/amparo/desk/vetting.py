"""Vetting: how somebody was checked, by whom and when. A record of the check, never a score of a person."""

import datetime as dt
from uuid import UUID

import msgspec

from amparo.desk import clock, custody, opening, payloads, policy, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError
from amparo.desk.opening import Read
from amparo.desk.records import Item
from amparo.desk.returning import tidy

METHODS = ("known-to-us", "reference", "document", "call-back", "public-work", "not-possible")
OUTCOMES = ("confirmed", "doubtful", "not-confirmed")


class Check(msgspec.Struct, frozen=True):
    """One check. `who` is "" where no signature proves it."""

    method: str
    on: dt.date
    outcome: str
    text: str
    who: str
    proven: bool


class Checks(msgspec.Struct, frozen=True):
    """All checks of a case, newest first."""

    checks: tuple[Check, ...]
    version: int
    state: str


def record(
    *, staff: OpenStaff, case_id: UUID, method: str, on: dt.date, outcome: str, text: str = "",
    version: int | None = None,
) -> UUID:
    """Write a check down, signed. `on`: the day it was done, not after today."""
    if method not in METHODS or outcome not in OUTCOMES:
        raise DeskError("It is not said how this was checked.", advice="Choose one of the list.", code="vetting")
    if on > clock.today():
        raise DeskError("This day has not come yet.", advice="Write the day on which it was checked.", code="day")
    payload = payloads.Vetting(
        at=clock.now(), method=method, on=on, outcome=outcome, text=tidy(text) if text.strip() else ""
    )
    with change(staff, case_id, "case.vet", version) as opened:
        item = writing.write_item(case=opened.case, payload=payload, author=staff.author(), epoch=opened.epoch).item
        custody.record(custody.entry(
            "vetted", case=case_id, item=item.id, actor_kind="staff", actor=staff.id
        ))
        return item.id


def page(staff: OpenStaff, case_id: UUID) -> Checks:
    """What was checked. Raises NotFound when this colleague has no key of the case."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.vet")
    rows = Item.objects.filter(case=opened.case, kind="vetting").select_related("key").order_by("-sequence")
    reads = opening.read_items(opened, rows)[0]
    return Checks(
        tuple(_check(opened, one) for one in reads if isinstance(one.payload, payloads.Vetting)),
        opened.case.version, opened.case.state,
    )


def _check(opened: opening.OpenCase, read: Read) -> Check:
    payload = read.payload
    assert isinstance(payload, payloads.Vetting)
    person = opened.people.get(read.author_id) if read.proven else None
    return Check(payload.method, payload.on, payload.outcome, payload.text, person.pseudonym if person else "",
                 read.proven)


def newest(reads: list[Read]) -> str:
    """The outcome of the newest proven check among what was read, or ""."""
    found = ""
    for one in reads:
        if one.proven and isinstance(one.payload, payloads.Vetting):
            found = one.payload.outcome
    return found
