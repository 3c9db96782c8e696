"""What staff write to a case: every call one transaction, signed, checked by policy.

`version` is the case version that the page showed; when given and no longer true, ChangedMeanwhile.
"""

import datetime as dt
from uuid import UUID

from amparo import seal
from amparo.desk import (
    clock,
    consenting,
    custody,
    membership,
    opening,
    payloads,
    policy,
    retaining,
    second,
    shredding,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change as _change
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotFound, WhyMissing
from amparo.desk.opening import OpenCase
from amparo.desk.records import Case, Grant, Item
from amparo.desk.records.cases import STATES
from amparo.desk.returning import tidy
from amparo.words import consents, reports
from amparo.words.findings import Verdict
from amparo.words.times import Interval, Moment
from amparo.words.venues import VENUES

__all__ = ["ChangedMeanwhile", "WhyMissing"]
_BY_HAND = tuple(state for state in STATES if state not in ("withdrawn", "erasing"))


def _write(staff: OpenStaff, opened: OpenCase, payload: payloads.AnyPayload, channel: str = "staff") -> UUID:
    return writing.write_item(
        case=opened.case, payload=payload, author=staff.author(), channel=channel, epoch=opened.epoch
    ).item.id


def reply(*, staff: OpenStaff, case_id: UUID, text: str, language: str = "", version: int | None = None) -> UUID:
    """Write to the reporter."""
    message = payloads.Message(at=clock.now(), text=tidy(text), language=language)
    with _change(staff, case_id, "case.reply", version) as opened:
        return _write(staff, opened, message, "dialogue")


def note(*, staff: OpenStaff, case_id: UUID, text: str, version: int | None = None) -> UUID:
    """A private note of the desk."""
    with _change(staff, case_id, "case.note", version) as opened:
        return _write(staff, opened, payloads.Note(at=clock.now(), text=tidy(text)))


def decide_finding(
    *, staff: OpenStaff, case_id: UUID, finding: UUID, verdict: str, why: str, tell: str | None = None,
    version: int | None = None,
) -> UUID:
    """Accept or reject a finding (words.findings.Verdict). `why` is required.

    With verdict "accepted" and a `tell` text, the reporter is told the finding, its limit, and that text.
    """
    from amparo.desk import examining

    if verdict not in tuple(Verdict):
        raise DeskError("A finding is accepted, rejected or left undecided.", advice="Choose one.", code="verdict")
    if not why.strip():
        raise WhyMissing("There is no reason.")
    with _change(staff, case_id, "case.decide", version) as opened:
        read = opening.read_one(opened, finding, "finding")
        decided = payloads.Decision(at=clock.now(), finding=finding, verdict=verdict, why=why.strip())
        item = _write(staff, opened, decided)
        custody.record(custody.entry(
            "decided", case=case_id, item=finding, actor_kind="staff", actor=staff.id, detail=(verdict,)
        ))
        if verdict == Verdict.ACCEPTED and tell and tell.strip():
            if not read.proven:
                raise seal.Tampered("No worker of this desk has signed this finding.")
            seen = examining.read_finding(read.raw).finding
            _write(staff, opened, payloads.Result(
                at=clock.now(), finding=finding, says=seen.says, does_not_say=seen.does_not_say, text=tidy(tell)
            ), "dialogue")
        return item


def set_state(*, staff: OpenStaff, case_id: UUID, state: str, why: str = "", version: int | None = None) -> None:
    """One of records.cases.STATES except withdrawn and erasing, which are not set by hand."""
    if state not in _BY_HAND:
        raise DeskError("There is no such state.", advice="Choose one from the list.", code="state")
    with _change(staff, case_id, "case.state", version) as opened:
        if opened.case.state == "withdrawn":
            raise DeskError(
                "The reporter has taken this report back.", code="withdrawn",
                advice="Only the reporter can let it stand after all.",
            )
        _write(staff, opened, payloads.StateChange(at=clock.now(), what="state", value=state, why=why.strip()))
        Case.objects.filter(id=case_id).update(state=state)
        custody.record(custody.entry("state", case=case_id, actor_kind="staff", actor=staff.id, detail=(state,)))


def set_retention(
    *, staff: OpenStaff, case_id: UUID, day: dt.date, why: str, version: int | None = None
) -> None:
    """Keep until `day` (after today; for a minor not later than the desk's limit; not against a lead's veto)."""
    if not why.strip():
        raise WhyMissing("There is no reason.")
    with _change(staff, case_id, "case.retention", version) as opened:
        retaining.check_day(staff=staff, opened=opened, day=day)
        retaining.moved(case_id=case_id, day=day)
        _write(staff, opened, payloads.StateChange(
            at=clock.now(), what="retention", value=day.isoformat(), why=why.strip()
        ))
        Case.objects.filter(id=case_id).update(retention_on=day)
        custody.record(custody.entry("retention", case=case_id, actor_kind="staff", actor=staff.id))


def add_colleague(*, staff: OpenStaff, case_id: UUID, colleague: UUID, version: int | None = None) -> None:
    """Give a colleague the case; refused for those the reporter excluded."""
    with _change(staff, case_id, "case.members", version) as opened:
        person = opened.people.get(colleague)
        if person is None or not person.active or person.role not in policy.MEMBER_ROLES:
            raise NotFound("No such colleague can be given cases.", advice="A lead must sign their account first.")
        if colleague in membership.readers_now(case_id):
            return
        membership.give(staff=staff, opened=opened, colleague=person)


def remove_colleague(*, staff: OpenStaff, case_id: UUID, colleague: UUID, version: int | None = None) -> None:
    """Take the case from a colleague: a new epoch."""
    with _change(staff, case_id, "case.members", version) as opened:
        if not Grant.objects.filter(case=opened.case, kind="staff", staff_id=colleague).exists():
            return
        second.use_for_only_reader(staff=staff, opened=opened, without=colleague)
        membership.rekey(staff=staff, opened=opened, without={colleague})
    shredding.finish()


def _standing_consents(opened: OpenCase) -> tuple[str, ...]:
    rows = Item.objects.filter(case=opened.case, kind="consent").select_related("key").order_by("sequence")
    return consenting.standing(opened.case.id, opening.read_items(opened, rows)[0]).purposes


def device_agreed(opened: OpenCase, file: UUID) -> bool:
    """Whether the person who uses the device is recorded to agree: in the answers, or by a colleague since."""
    rows = Item.objects.filter(case=opened.case, kind__in=("answers", "device-consent")).select_related("key")
    for read in opening.read_items(opened, rows)[0]:
        if not read.proven:
            continue
        if isinstance(read.payload, payloads.DeviceConsent) and file in read.payload.files:
            return True
        if isinstance(read.payload, payloads.Answers) and reports.device_consent(read.payload.answers):
            return True
    return False


def record_device_consent(
    *, staff: OpenStaff, case_id: UUID, files: tuple[UUID, ...], how: str, version: int | None = None
) -> UUID:
    """Record the consent of the person who uses the device; its files may then be examined (request_exam)."""
    if not how.strip():
        raise WhyMissing("It is not said how the person agreed.")
    with _change(staff, case_id, "case.consent", version) as opened:
        for file in files:
            opening.read_one(opened, file, "file")
        item = _write(staff, opened, payloads.DeviceConsent(at=clock.now(), files=files, how=how.strip()))
        custody.record(*(
            custody.entry("consented", case=case_id, item=file, actor_kind="staff", actor=staff.id, detail=("device",))
            for file in files
        ))
        return item


def request_exam(*, staff: OpenStaff, case_id: UUID, file: UUID, version: int | None = None) -> str:
    """Lease a file to the live workers from this open session; a code of examining.queue_exams.

    Without the consent "examine" only a copy to look at is drawn (code "copy"): a handler may read the original
    anyway, and the copy is the safer way; no detector runs.
    """
    from amparo.desk import examining

    with _change(staff, case_id, "case.exam", version) as opened:
        agreed = consents.covers(_standing_consents(opened), "examine")
        read = opening.read_one(opened, file, "file")
        key = opening.data_key(opened, read.item)
        queued = examining.queue_exams(
            case=opened.case, items=[read.item], data_keys={file: key}, device_consent=device_agreed(opened, file),
            purposes=examining.PURPOSES if agreed else (examining.PREVIEW,),
        )
        if agreed:
            Case.objects.filter(id=case_id).update(exam_code="no-worker" if not queued.workers else "")
        writing.touch(opened.case)
        custody.record(custody.entry(
            "leased", case=case_id, item=file, actor_kind="staff", actor=staff.id, detail=(queued.code,)
        ))
        return queued.code if agreed or not queued.workers else "copy"


def record_event(
    *, staff: OpenStaff, case_id: UUID, text: str, when: Moment | Interval | None, venue: str, act: str = "",
    version: int | None = None,
) -> UUID:
    """Put something that happened on the timeline. venue: online, offline, both."""
    if venue not in tuple(VENUES):
        raise DeskError("It happened online, offline, or both.", advice="Choose one.", code="venue")
    event = payloads.Event(at=clock.now(), text=tidy(text), when=when, venue=venue, act=act)
    with _change(staff, case_id, "case.event", version) as opened:
        return _write(staff, opened, event)


def shred_case(*, staff: OpenStaff, case_id: UUID, why: str, version: int | None = None) -> bool:
    """Destroy the case's keys now, then its rows and files. Lead only. False: `tend` finishes the erasing."""
    if not why.strip():
        raise WhyMissing("There is no reason.")
    with _change(staff, case_id, "case.shred", version) as opened:
        retaining.require_not_kept(case_id)
        second.use(staff=staff, opened=opened, act="shred")
    return shredding.shred_case(case_id, actor_kind="staff", actor=staff.id, reason="decided")
