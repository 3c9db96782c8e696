"""Colleagues: who they are, a lead's signature, leaving."""

import datetime as dt
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Count

from amparo import seal
from amparo.desk import (
    accounts,
    bringing_back,
    clock,
    custody,
    directory,
    membership,
    new_keys,
    opening,
    policy,
    searchpart,
    shredding,
    site,
    speaking,
    team_key,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.records import Grant, HandedOver, QueueSheet, Staff, TeamKey


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

    Gives back the cases they had before a new start, where this lead can open them; the number of these. The others
    wait for a colleague who can (bringing_back.give_waiting).
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
    return bringing_back.give_waiting(lead, row.id)[0]


def withdraw_invitation(*, lead: OpenStaff, staff_id: UUID) -> None:
    """Delete an invitation that was not accepted."""
    policy.require(lead.role, "none", "people.invite")
    with transaction.atomic():
        row = _row(staff_id)
        if row.state != "invited":
            raise DeskError("This invitation was accepted already.", advice="Go back to the list.", code="state")
        waiting = HandedOver.objects.filter(giver=row)
        if Grant.objects.filter(staff=row).exists() or waiting.exists():
            waiting.delete()
            row.state = "removed"
            row.invitation = row.invited_until = None
            row.save()
        else:
            row.delete()


def reset_account(*, lead: OpenStaff, staff_id: UUID) -> str:
    """Forgotten password: a new invitation for the same colleague. A new key; signing it gives the cases back.

    See new_keys for which cases come back by whom. What they wrote with the old key reads "origin not proven"
    afterwards.
    """
    policy.require(lead.role, "none", "people.sign")
    secret = seal.new_cookie()
    with transaction.atomic():
        row = _row(staff_id)
        if row.id == lead.id or row.signed_by_id == row.id or row.state not in ("active", "unsigned"):
            raise DeskError("This account can't be started anew.", advice="Ask another lead.", code="state")
        _not_below(lead, row)
        _vouch_for_colleagues(lead, row)
        new_keys.keep_words(lead, row)
        new_keys.let_wait(lead, row)
        _clear(row)
        row.state, row.invitation = "invited", seal.session_id(secret)
        row.invited_until = clock.now() + dt.timedelta(days=accounts.INVITATION_DAYS)
        row.signed_by_id, row.directory_signature = None, None
        row.kex_public = row.sign_public = None
        row.save()
        custody.record(custody.entry("invited", item=row.id, actor_kind="staff", actor=lead.id, detail=("again",)))
    shredding.finish()
    return secret


def _not_below(lead: OpenStaff, row: Staff) -> None:
    """Refuse where this lead's own entry hangs on the other's signature: it would go with it, and nobody vouches for
    themselves. The lead would lose the desk, and so would everybody whom they sign."""
    signers = dict(Staff.objects.values_list("id", "signed_by_id"))
    step: UUID | None = lead.id
    for _ in range(directory.MOST_STEPS):
        step = signers.get(step) if step else None
        if step == row.id:
            raise DeskError(
                "Your own account stands on this colleague's signature.", code="state",
                advice="The founding lead can do it, or a lead whom this colleague did not sign. "
                "If it presses, lock the account out now.",
            )


def _vouch_for_colleagues(lead: OpenStaff, row: Staff) -> None:
    """Sign anew whom this lead had signed, while that still counts."""
    for signed in Staff.objects.filter(signed_by=row).exclude(id=row.id):
        if signed.id in directory.everyone():
            signed.directory_signature = seal.sign_entry(lead.keys.sign.private, directory.entry_of(signed))
            signed.signed_by_id = lead.id
            signed.save(update_fields=["signed_by", "directory_signature"])


def _clear(row: Staff) -> None:
    """Everything with which the account can be opened."""
    site.write_active(without=str(row.id))
    speaking.forget(row.id)
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
        _not_below(lead, row)
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
