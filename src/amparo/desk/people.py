"""Colleagues: who they are, a lead's signature, leaving."""

import datetime as dt
from uuid import UUID

import msgspec

from amparo.desk.accounts import OpenStaff


class Colleague(msgspec.Struct, frozen=True):
    """One line of the list of people."""

    id: UUID
    pseudonym: str
    role: str
    state: str  # invited, unsigned, active, removed
    fingerprint: str  # to compare aloud before signing; "" before an invitation was accepted
    proven: bool  # a chain of signatures leads to the founding lead
    root: bool
    answers_as: str
    invited_until: dt.datetime | None
    cases: int


def colleagues(*, staff: OpenStaff) -> tuple[Colleague, ...]:
    """Everyone, by pseudonym. Needs people.see."""
    raise NotImplementedError


def sign_colleague(*, lead: OpenStaff, staff_id: UUID, fingerprint: str) -> None:
    """Vouch for a colleague's key, after comparing `fingerprint` (as shown) with them in another way."""
    raise NotImplementedError


def withdraw_invitation(*, lead: OpenStaff, staff_id: UUID) -> None:
    """Delete an invitation that was not accepted."""
    raise NotImplementedError


def reset_account(*, lead: OpenStaff, staff_id: UUID) -> str:
    """Forgotten password: a new invitation for the same colleague. A new key; signing it gives the cases back."""
    raise NotImplementedError


def remove_staff(*, lead: OpenStaff, staff_id: UUID) -> int:
    """End a colleague's access and re-key every case they could open; the number of cases re-keyed."""
    raise NotImplementedError


def rekey_waiting(*, staff: OpenStaff) -> int:
    """Re-key those of my cases that a removed colleague still has a grant of; how many."""
    raise NotImplementedError
