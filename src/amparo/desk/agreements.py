"""Consent that a colleague wrote down: who agreed, or did not, how and on which day, that anything leaves this desk.

Any case may have such a record, so that its presence tells nothing of an age. For somebody under 18 nothing leaves
without one that says yes (second.use); a guardian is not asked where the guardian may be the danger.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec

from amparo import seal
from amparo.desk import clock, configuration, custody, membership, opening, payloads, policy, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError, WhyMissing
from amparo.desk.opening import OpenCase, Read
from amparo.desk.records import Case, Item, LogEntry
from amparo.desk.returning import tidy

BY = ("own", "guardian", "trusted-adult", "authority")
WAYS = ("in-person", "call", "writing", "message")
_ACTION = "agreed"
YOUNG = "minor"  # what of a StateChange


class NobodyAgreed(DeskError):
    """Nothing of somebody under 18 leaves without a record of consent."""

    code = "consent-missing"
    advice = (
        "Ask the person, or an adult they trust, and write their answer down on the page “Consent, written down” of "
        "the case."
    )


class Agreement(msgspec.Struct, frozen=True):
    """One record. `who`: the colleague who wrote it, "" where no signature proves it. `stands`: it decides now."""

    by: str
    way: str
    on: dt.date
    given: bool
    text: str
    who: str
    at: dt.datetime
    proven: bool
    stands: bool = False


class Agreements(msgspec.Struct, frozen=True):
    """All records of a case, newest first."""

    records: tuple[Agreement, ...]
    stands: bool
    version: int


def record(
    *, staff: OpenStaff, case_id: UUID, by: str, way: str, on: dt.date, given: bool, text: str = "",
    version: int | None = None,
) -> UUID:
    """Write an answer down, signed. `on`: the day on which it was given, not after today."""
    if by not in BY or way not in WAYS:
        raise DeskError("It is not said who agreed, or how.", advice="Choose one of the list.", code="choice")
    if on > clock.today():
        raise DeskError("This day has not come yet.", advice="Write the day on which the answer was given.", code="day")
    payload = payloads.Agreement(
        at=clock.now(), by=by, way=way, on=on, given=given, text=tidy(text) if text.strip() else ""
    )
    with change(staff, case_id, "case.consent", version) as opened:
        item = writing.write_item(case=opened.case, payload=payload, author=staff.author(), epoch=opened.epoch).item
        custody.record(custody.entry(_ACTION, case=case_id, item=item.id, actor_kind="staff", actor=staff.id))
        return item.id


def page(staff: OpenStaff, case_id: UUID) -> Agreements:
    """What was written down. Raises NotFound when this colleague has no key of the case."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.read")
    reads = _reads(opened, "agreement")
    decides = _deciding(opened, reads)
    found = []
    for one in reversed(reads):
        said = one.payload
        assert isinstance(said, payloads.Agreement)
        person = opened.people.get(one.author_id) if one.proven else None
        found.append(Agreement(
            said.by, said.way, said.on, said.given, said.text, person.pseudonym if person else "", said.at, one.proven,
            decides is not None and one.item.id == decides.item.id,
        ))
    return Agreements(tuple(found), _given(decides), opened.case.version)


def stands(opened: OpenCase) -> bool:
    """Whether the newest record says yes, and the custody log knows it as the newest."""
    return _given(_deciding(opened, _reads(opened, "agreement")))


def require(opened: OpenCase) -> None:
    """Raises NobodyAgreed unless a consent stands."""
    if not stands(opened):
        raise NobodyAgreed("Nobody's consent is written down that anything of this case may leave.")


def mark_young(*, staff: OpenStaff, case_id: UUID, why: str, version: int | None = None) -> None:
    """A colleague learned that the person is under 18. From now on what was agreed before counts no more.

    Kept no longer than the desk keeps those of people under 18, but for a lead's veto. It is not taken back.
    """
    from amparo.desk import retaining

    if not why.strip():
        raise WhyMissing("There is no reason.")
    with change(staff, case_id, "case.consent", version) as opened:
        if told(opened):
            return
        item = writing.write_item(
            case=opened.case, author=staff.author(), epoch=opened.epoch,
            payload=payloads.StateChange(at=clock.now(), what=YOUNG, value="", why=tidy(why)),
        ).item
        last = clock.today() + dt.timedelta(days=configuration.current().minor_retention_days)
        if last < opened.case.retention_on and retaining.kept_until(case_id) is None:
            Case.objects.filter(id=case_id).update(retention_on=last)
        custody.record(custody.entry(_ACTION, case=case_id, item=item.id, actor_kind="staff", actor=staff.id))


def marked(reads: Iterable[Read]) -> bool:
    """Whether a colleague of the case has marked the person as under 18."""
    return any(isinstance(one.payload, payloads.StateChange) and one.payload.what == YOUNG and one.proven
               for one in reads)


def told(opened: OpenCase) -> bool:
    """Whether the person is under 18, as they said when they filed or a colleague learned later."""
    filed = membership.filing_of(membership.record_of(opened))
    return bool(filed and filed.minor) or marked(_reads(opened, "state"))


def young(opened: OpenCase) -> bool:
    """The same, on the careful side: also where the filing is not proven, or what the log names does not stand here."""
    reads = [*membership.record_of(opened), *_reads(opened, "state", "agreement")]
    filed = membership.filing_of(reads)
    if filed is None or filed.minor or marked(reads):
        return True
    return bool(_named(opened) - {one.item.id for one in reads if one.proven})


def _named(opened: OpenCase) -> set[UUID | None]:
    rows = LogEntry.objects.filter(case=opened.case.id).values_list("body", flat=True)
    return {one.item for one in map(seal.CustodyEntry.decode, map(bytes, rows)) if one.action == _ACTION}


def _reads(opened: OpenCase, *kinds: str) -> list[Read]:
    rows = Item.objects.filter(case=opened.case, kind__in=kinds).select_related("key").order_by("sequence")
    return opening.read_items(opened, rows)[0]


def _deciding(opened: OpenCase, reads: Iterable[Read]) -> Read | None:
    """The record that the log names last, where a colleague of the case signed it.

    So a row taken out of the database, or one that does not open, never brings an older yes back.
    """
    for row in LogEntry.objects.filter(case=opened.case.id).order_by("-index"):
        entry = seal.CustodyEntry.decode(bytes(row.body))
        if entry.action == _ACTION:
            return next((one for one in reads if one.item.id == entry.item and one.proven), None)
    return None


def _given(read: Read | None) -> bool:
    return read is not None and isinstance(read.payload, payloads.Agreement) and read.payload.given
