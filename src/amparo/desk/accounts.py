"""Staff accounts: founding, invitations, login in two steps, passwords."""

from uuid import UUID

import msgspec
from django.contrib.sessions.backends.base import SessionBase

from amparo import seal


class OpenStaff(msgspec.Struct, frozen=True):
    """A colleague whose keys are open in this session. `role` is "unsigned" until a lead has signed."""

    id: UUID
    pseudonym: str
    role: str
    keys: seal.StaffKeys


class PendingLogin(msgspec.Struct, frozen=True):
    """The password was right; the keys are still closed."""

    staff: UUID
    needs_set_up: bool  # no second factor yet: only the set-up page may be shown


class SecondFactorSetUp(msgspec.Struct, frozen=True):
    """Shown once, until confirmed with a code."""

    secret: bytes
    uri: str
    recovery_codes: tuple[str, ...]


class Founded(msgspec.Struct, frozen=True):
    staff: UUID
    fingerprint: str  # of the founding lead's signing key: to be compared and kept on paper
    set_up: SecondFactorSetUp


def found_desk(*, pseudonym: str, login: str, password: str) -> Founded:
    """Create the first lead, whose key anchors the directory, with a second factor. Once only."""
    raise NotImplementedError


def invite(*, lead: OpenStaff, pseudonym: str, role: str, answers_as: str = "any") -> str:
    """A one-time invitation secret, good for seven days."""
    raise NotImplementedError


def invitation_good(secret: str) -> bool:
    """Whether this invitation can still be accepted."""
    raise NotImplementedError


def accept_invitation(*, secret: str, login: str, password: str) -> UUID:
    """Choose login name and password; keys are made. The account waits for a lead's signature."""
    raise NotImplementedError


def login_password(*, session: SessionBase, login: str, password: str) -> PendingLogin:
    """First step. Raises WrongLogin, at equal cost for unknown names and wrong passwords."""
    raise NotImplementedError


def pending_of(session: SessionBase) -> PendingLogin | None:
    """The first step that this session made, or None."""
    raise NotImplementedError


def begin_second_factor(*, session: SessionBase) -> SecondFactorSetUp:
    """For a pending login without a second factor; the same one again on reload."""
    raise NotImplementedError


def finish_second_factor(*, session: SessionBase, code: str) -> OpenStaff:
    """Confirm the set-up with a first code; the session opens."""
    raise NotImplementedError


def login_totp(*, session: SessionBase, code: str) -> OpenStaff:
    """Second step with the six digits; each code works once."""
    raise NotImplementedError


def login_recovery_code(*, session: SessionBase, code: str) -> OpenStaff:
    """Second step with a recovery code; it is used up."""
    raise NotImplementedError


def open_staff(session: SessionBase) -> OpenStaff | None:
    """The colleague of an open session, or None (not logged in, pending, removed, ended elsewhere)."""
    raise NotImplementedError


def logout(session: SessionBase) -> None:
    """End the session; its row is deleted."""
    raise NotImplementedError


def change_password(*, session: SessionBase, staff: OpenStaff, old: str, new: str) -> None:
    """Keeps the keys; ends all other sessions of this colleague."""
    raise NotImplementedError


def make_demo_link(*, staff: OpenStaff) -> str:
    """Demo mode only: a one-time secret that opens a session as this colleague."""
    raise NotImplementedError


def open_demo_link(*, session: SessionBase, secret: str) -> OpenStaff:
    """Demo mode only (POST): use the one-time secret; it is deleted."""
    raise NotImplementedError
