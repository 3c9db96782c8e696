"""Colleagues: who they are, a lead's signature, leaving."""

import datetime as dt
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Count, Q

from amparo import seal
from amparo.desk import (
    accounts,
    clock,
    custody,
    directory,
    membership,
    opening,
    policy,
    searchpart,
    shredding,
    site,
    team_key,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.records import Case, CaseEpoch, Grant, HandedOver, QueueSheet, Staff, TeamKey


class FingerprintDiffers(DeskError):
    code = "fingerprint"
    advice = "Do not sign. Compare it with your colleague again, by voice or in person."


class Colleague(msgspec.Struct, frozen=True):
    """One line of the list of people."""

    id: UUID
    pseudonym: str
    role: str
    state: str  # invited, unsigned, active, locked, away, removed
    fingerprint: str  # to compare aloud before signing; "" before an invitation was accepted
    proven: bool  # a chain of signatures leads to the founding lead
    root: bool
    answers_as: str
    invited_until: dt.datetime | None
    cases: int
    hidden: bool = False


def fingerprint_of(row: Staff) -> str:
    """A colleague's keys as eight groups of digits; "" before there are any."""
    if not row.kex_public or not row.sign_public:
        return ""
    return directory.key_fingerprint(bytes(row.kex_public), bytes(row.sign_public))


def own_fingerprint(staff: OpenStaff) -> str:
    """My own, from the keys that are open, not from the table."""
    return directory.key_fingerprint(staff.keys.kex.public, staff.keys.sign.public)


def colleagues(*, staff: OpenStaff) -> tuple[Colleague, ...]:
    """Everyone, by pseudonym. Needs people.see."""
    policy.require(staff.role, "none", "people.see")
    proven = directory.everyone()
    rows, hidden = Staff.objects.annotate(held=Count("grants")).order_by("pseudonym"), site.hidden_ids()
    return tuple(
        Colleague(
            row.id, row.pseudonym, row.role, row.state, fingerprint_of(row), row.id in proven,
            row.id in proven and proven[row.id].root, row.answers_as, row.invited_until, row.held,
            directory.hides(row, hidden),
        )
        for row in rows
    )


def _row(staff_id: UUID) -> Staff:
    row = Staff.objects.filter(id=staff_id).first()
    if row is None:
        raise NotFound("There is no such colleague.", advice="Go back to the list.")
    return row


def sign_colleague(*, lead: OpenStaff, staff_id: UUID, fingerprint: str) -> int:
    """Vouch for a colleague's key, after comparing `fingerprint` (as shown) with them in another way.

    Gives back the cases they had before a new start; the number of these.
    """
    policy.require(lead.role, "none", "people.sign")
    with transaction.atomic():
        row = _row(staff_id)
        if row.state != "unsigned":
            raise DeskError("This account does not wait for a signature.", advice="Go back to the list.", code="state")
        if fingerprint_of(row) != " ".join(fingerprint.split()):
            raise FingerprintDiffers("This fingerprint is not that of the account.")
        row.state, row.signed_by_id = "active", lead.id
        row.directory_signature = seal.sign_entry(lead.keys.sign.private, directory.entry_of(row))
        row.save(update_fields=["state", "signed_by", "directory_signature"])
        site.write_active(without=str(row.id), line=directory.active_line(row))
        team_key.keep(lead)
        custody.record(custody.entry("signed", item=row.id, actor_kind="staff", actor=lead.id))
        return _give_back(lead, row)


def _give_back(lead: OpenStaff, row: Staff) -> int:
    """After a new key: the cases whose grant was for the old one, where this lead can open them."""
    people = directory.everyone()
    given = 0
    for stale in Grant.objects.filter(staff=row, kind="staff").select_related("case"):
        mine = Grant.objects.filter(case=stale.case, kind="staff", staff_id=lead.id).first()
        if mine is None or stale.case.state == "erasing":
            continue
        opened = opening.open_grant(lead.id, lead.keys.kex.private, stale.case, mine, people)
        if row.id in opened.epoch.reader_ids:
            try:
                membership.give(staff=lead, opened=opened, colleague=people[row.id])
            except (membership.Excluded, membership.Conflicted):
                stale.delete()  # of the old key; nothing takes its place
                continue
            given += 1
    return given


def withdraw_invitation(*, lead: OpenStaff, staff_id: UUID) -> None:
    """Delete an invitation that was not accepted."""
    policy.require(lead.role, "none", "people.invite")
    with transaction.atomic():
        row = _row(staff_id)
        if row.state != "invited":
            raise DeskError("This invitation was accepted already.", advice="Go back to the list.", code="state")
        if Grant.objects.filter(staff=row).exists():
            row.state = "removed"
            row.invitation = row.invited_until = None
            row.save()
        else:
            row.delete()


def reset_account(*, lead: OpenStaff, staff_id: UUID) -> str:
    """Forgotten password: a new invitation for the same colleague. A new key; signing it gives the cases back.

    What they wrote with the old key reads "origin not proven" afterwards.
    """
    policy.require(lead.role, "none", "people.sign")
    secret = seal.new_cookie()
    with transaction.atomic():
        row = _row(staff_id)
        if row.id == lead.id or row.signed_by_id == row.id or row.state not in ("active", "unsigned"):
            raise DeskError("This account can't be started anew.", advice="Ask another lead.", code="state")
        _vouch_for_colleagues(lead, row)
        _vouch_for_epochs(lead, row)
        _clear(row)
        row.state, row.invitation = "invited", seal.session_id(secret)
        row.invited_until = clock.now() + dt.timedelta(days=accounts.INVITATION_DAYS)
        row.signed_by_id, row.directory_signature = None, None
        row.kex_public = row.sign_public = None
        row.save()
        custody.record(custody.entry("invited", item=row.id, actor_kind="staff", actor=lead.id, detail=("again",)))
    shredding.finish()
    return secret


def _vouch_for_colleagues(lead: OpenStaff, row: Staff) -> None:
    """Sign anew whom this lead had signed, while that still counts."""
    for signed in Staff.objects.filter(signed_by=row).exclude(id=row.id):
        if signed.id in directory.everyone():
            signed.directory_signature = seal.sign_entry(lead.keys.sign.private, directory.entry_of(signed))
            signed.signed_by_id = lead.id
            signed.save(update_fields=["signed_by", "directory_signature"])


def _vouch_for_epochs(lead: OpenStaff, row: Staff) -> None:
    """Sign anew what this colleague signed about a case's keys, proven as it stands now: their old key goes, and a
    case whose keys nobody vouches for opens to nobody. Only where the lead reads the case and read it then."""
    people = directory.everyone()
    signed = Q(epochs__signer=row.id) | Q(epochs__added__gt=b"")
    cases = Case.objects.filter(signed, grants__staff_id=lead.id, grants__kind="staff").distinct()
    for case in cases:
        try:
            readers = directory.epoch_of(case, people).readers_by_epoch
        except seal.Tampered:
            continue
        for epoch in CaseEpoch.objects.filter(case=case):
            if epoch.signer == row.id and lead.id in readers.get(epoch.epoch - 1, ()):
                stated = directory.epoch_bytes(
                    case.id, epoch.epoch, epoch.staff_public, epoch.dialogue_public, epoch.readers
                )
                epoch.signer, epoch.signature = lead.id, seal.sign(lead.keys.sign.private, stated)
            if epoch.added and lead.id in _first_readers(epoch):
                added = msgspec.msgpack.decode(bytes(epoch.added), type=list[tuple[UUID, UUID, bytes]])
                epoch.added = msgspec.msgpack.encode([
                    (who, lead.id, seal.sign(lead.keys.sign.private, directory.added_bytes(case.id, epoch.epoch, who)))
                    if by == row.id and who in readers.get(epoch.epoch, ()) else (who, by, signature)
                    for who, by, signature in added
                ])
            epoch.save(update_fields=["signer", "signature", "added"])


def _first_readers(epoch: CaseEpoch) -> set[UUID]:
    """Those signed with the epoch itself."""
    raw = bytes(epoch.readers)
    return {UUID(bytes=raw[at : at + 16]) for at in range(0, len(raw), 16)}


def _clear(row: Staff) -> None:
    """Everything with which the account can be opened."""
    site.write_active(without=str(row.id))
    TeamKey.objects.filter(staff=row).delete()
    QueueSheet.objects.filter(staff=row).delete()  # sealed to a key that may be in other hands soon
    searchpart.forget_all([row.id])
    row.login = row.kdf = row.auth = row.keys = row.second_factor = row.profile = None
    row.demo_link = row.demo_keys = row.invitation = row.invited_until = None
    row.generation += 1


def remove_staff(*, lead: OpenStaff, staff_id: UUID) -> int:
    """End a colleague's access and re-key every case they could open; the number of cases re-keyed here.

    The account ends at once; then each case in a transaction of its own. Cases that this lead can't open wait
    for a colleague who can (rekey_waiting).
    """
    policy.require(lead.role, "none", "people.remove")
    with transaction.atomic():
        row = _row(staff_id)
        if row.id == lead.id or row.signed_by_id == row.id:
            raise DeskError(
                "The founding lead's account, and your own, can't be removed here.", code="state",
                advice="Another lead can remove yours; the founding lead anchors everybody's signature.",
            )
        _vouch_for_colleagues(lead, row)
        _clear(row)
        HandedOver.objects.filter(giver=row).delete()
        row.state = "removed"
        row.save()
        team_key.renew(lead=lead)
        custody.record(custody.entry("removed", item=row.id, actor_kind="staff", actor=lead.id))
    return rekey_waiting(staff=lead)


def rekey_waiting(*, staff: OpenStaff) -> int:
    """Re-key those of my cases that a removed colleague still has a grant of; how many."""
    mine = Grant.objects.filter(kind="staff", staff_id=staff.id).values("case_id")
    stale = Grant.objects.filter(kind="staff", staff__state="removed", case_id__in=mine)
    done = 0
    for case_id in list(stale.values_list("case_id", flat=True).distinct()):
        with transaction.atomic():
            gone = set(
                Grant.objects.filter(kind="staff", case_id=case_id, staff__state="removed")
                .values_list("staff_id", flat=True)
            )
            if not gone:
                continue
            opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
            membership.rekey(staff=staff, opened=opened, without=gone)
        done += 1
    if done:
        shredding.finish()
    return done
