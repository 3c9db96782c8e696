"""Staff accounts: founding, invitations, login in two steps, passwords.

The desk holds no password: one Argon2id call gives the key around the colleague's private keys and the
verifier of the login. Between password and second factor the keys stay sealed. Nobody is locked out by
somebody else's wrong tries: everyone waits a little instead.
"""

import datetime as dt
import hmac
import unicodedata
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction

from amparo import seal
from amparo.desk import clock, configuration, custody, directory, policy, sessions, shredding, site, throttle
from amparo.desk.errors import DeskError, Expired
from amparo.desk.records import Staff
from amparo.words.errors import AmparoError

INVITATION_DAYS = 7
PENDING_MINUTES = 10
FRESH_MINUTES = 15
SIGNS_IN = ("active", "unsigned", "away")
MOST_TRIES = 10  # wrong codes on one password step; then the password is asked again
_STAFF, _PENDING = "staff", "pending"


class WrongLogin(DeskError):
    code = "wrong-login"
    advice = "Check both and try again. A lead of your desk can give you a new start if you forgot them."


class WrongCode(DeskError):
    code = "wrong-code"
    advice = "Wait for the next code of your app, or use one of your recovery codes."


class OpenStaff(msgspec.Struct, frozen=True):
    """A colleague whose keys are open in this session. `role` is "unsigned" until a lead has signed."""

    id: UUID
    pseudonym: str
    role: str
    keys: seal.StaffKeys
    generation: int = 0  # of the account when the session opened

    def author(self) -> seal.Author:
        """The colleague as a writer."""
        return seal.Author("staff", self.id, self.keys.sign.private)


class PendingLogin(msgspec.Struct, frozen=True):
    """The password was right; the keys are still closed."""

    staff: UUID
    needs_set_up: bool  # no second factor yet: only the set-up page may be shown


class SecondFactorSetUp(msgspec.Struct, frozen=True):
    """Shown once, until confirmed with a code."""

    secret: bytes
    uri: str
    recovery_codes: tuple[str, ...]

    def __repr__(self) -> str:
        return "<SecondFactorSetUp: secret>"


class Founded(msgspec.Struct, frozen=True):
    staff: UUID
    fingerprint: str  # of the founding lead's keys: to be compared and kept on paper
    set_up: SecondFactorSetUp


def _derive(password: str, params: seal.KdfParameters) -> seal.StaffRoot:
    with seal.kdf_gate(site.gate_folder(), configuration.current().kdf_slots):
        return seal.derive_staff(password, params)


def login_hash(login: str) -> bytes:
    """What stands in the database for a login name, however it was typed."""
    return site.keyed_hash("login", unicodedata.normalize("NFKC", login).strip().casefold())


def _protect(row: Staff, password: str, keys: seal.StaffKeys, factor: seal.SecondFactor | None) -> None:
    """Put keys and second factor under a new password."""
    params = seal.new_kdf()
    root = _derive(password, params)
    row.kdf = msgspec.msgpack.encode(params)
    row.auth = seal.auth_digest(root.auth)
    row.keys = seal.wrap_staff(root.kek, keys, row.id)
    row.kex_public, row.sign_public = keys.kex.public, keys.sign.public
    if factor is not None:
        row.second_factor = seal.seal_second_factor(root.kek, factor, row.id)


def _new_factor(pseudonym: str) -> tuple[seal.SecondFactor, SecondFactorSetUp]:
    secret, codes = seal.new_totp_secret(), seal.new_recovery_codes()
    factor = seal.SecondFactor(secret, tuple(seal.recovery_code_hash(code) for code in codes))
    return factor, SecondFactorSetUp(secret, seal.totp_uri(secret, pseudonym, "Desk"), codes)


def check_pseudonym(pseudonym: str) -> str:
    """The pseudonym, tidied. Raises DeskError when it can't be used."""
    tidy = " ".join(unicodedata.normalize("NFKC", pseudonym).split())
    if not 2 <= len(tidy) <= 40 or any(unicodedata.category(c)[0] == "C" for c in tidy):
        raise DeskError("A pseudonym has 2 to 40 characters.", advice="Choose another.", code="pseudonym")
    if any(one.casefold() == tidy.casefold() for one in Staff.objects.values_list("pseudonym", flat=True)):
        raise DeskError("There is a colleague of this name already.", advice="Choose another.", code="pseudonym")
    return tidy


def found_desk(*, pseudonym: str, login: str, password: str) -> Founded:
    """Create the first lead, whose key anchors the directory, with a second factor. Once only."""
    seal.check_password_strength(password)
    keys = seal.new_staff_keys()
    row = Staff(id=uuid4(), login=login_hash(login), pseudonym=check_pseudonym(pseudonym), role="lead")
    factor, set_up = _new_factor(row.pseudonym)
    _protect(row, password, keys, factor)
    row.state, row.signed_by_id = "active", row.id
    row.directory_signature = seal.sign_entry(keys.sign.private, directory.entry_of(row))
    fingerprint = directory.key_fingerprint(keys.kex.public, keys.sign.public)
    with transaction.atomic():
        if site.root_fingerprint() is not None:
            raise DeskError("This desk is founded already.", advice="Sign in, and invite colleagues.", code="founded")
        row.save(force_insert=True)
        custody.record(custody.entry("founded", actor_kind="staff", actor=row.id))
        site.write_anchor(fingerprint)
        site.write_active(without=str(row.id), line=directory.active_line(row))
    return Founded(row.id, fingerprint, set_up)


def invite(
    *, lead: OpenStaff, pseudonym: str, role: str, answers_as: str = "any", hidden: bool = False
) -> str:
    """A one-time invitation secret, good for seven days. `hidden`: see hiding."""
    from amparo.desk import hiding

    policy.require(lead.role, "none", "people.invite")
    if hidden:
        policy.require(lead.role, "none", "people.hide")
    if role not in policy.given(configuration.current().roles) or answers_as not in ("any", "woman", "man"):
        raise DeskError("There is no such role.", advice="Choose one from the list.", code="role")
    secret = seal.new_cookie()
    with transaction.atomic():
        row = Staff.objects.create(
            pseudonym=check_pseudonym(pseudonym), role=role, answers_as=answers_as, hidden=hidden,
            invitation=seal.session_id(secret), invited_until=clock.now() + dt.timedelta(days=INVITATION_DAYS),
        )
        if hidden:
            hiding.keep(row.id, True)
        custody.record(custody.entry("invited", item=row.id, actor_kind="staff", actor=lead.id))
    return secret


def _invited(secret: str) -> Staff | None:
    return Staff.objects.filter(
        invitation=seal.session_id(secret), state="invited", invited_until__gt=clock.now()
    ).first()


def invitation_good(secret: str) -> bool:
    """Whether this invitation can still be accepted."""
    return _invited(secret) is not None


def accept_invitation(*, secret: str, login: str, password: str) -> UUID:
    """Choose login name and password; keys are made. The account waits for a lead's signature."""
    seal.check_password_strength(password)
    if not login.strip():
        raise DeskError("There is no login name.", advice="Choose one that only you know.", code="login")
    row = _invited(secret)
    if row is None:
        raise Expired("This invitation is used up or too old.", advice="Ask the lead for a new one.")
    row.login = login_hash(login)
    _protect(row, password, seal.new_staff_keys(), None)
    try:
        with transaction.atomic():
            if _invited(secret) is None:
                raise Expired("This invitation is used up or too old.", advice="Ask the lead for a new one.")
            row.state, row.invitation, row.invited_until = "unsigned", None, None
            row.save()
            custody.record(custody.entry("accepted", item=row.id, actor_kind="staff", actor=row.id))
    except IntegrityError:
        raise DeskError("This login name can't be used.", advice="Choose another.", code="login") from None
    return row.id


def check_password(login: bytes, password: str) -> tuple[Staff, seal.StaffRoot]:
    """One Argon2id whether the name exists or not; WrongLogin for either mistake."""
    throttle.pause("login", rate=2.0, burst=20)
    throttle.pause("login:" + site.keyed_hash("bucket", login.hex()).hex()[:32], rate=0.2, burst=8)
    row = Staff.objects.filter(login=login, state__in=SIGNS_IN).first()
    if row is not None and row.kdf and row.auth:
        params = msgspec.msgpack.decode(bytes(row.kdf), type=seal.KdfParameters)
        expected = bytes(row.auth)
    else:
        params = msgspec.structs.replace(seal.new_kdf(), salt=login[:16])
        expected = site.keyed_hash("nobody", login.hex())
    root = _derive(password, params)
    if not hmac.compare_digest(seal.auth_digest(root.auth), expected) or row is None:
        raise WrongLogin("The login name or the password is not right.")
    return row, root


def login_password(*, session: SessionBase, login: str, password: str) -> PendingLogin:
    """First step. Raises WrongLogin, at equal cost for unknown names and wrong passwords."""
    row, root = check_password(login_hash(login), password)
    session.flush()
    session[_PENDING] = {
        "staff": str(row.id), "generation": row.generation, "kek": root.kek.hex(), "tries": 0,
        "until": (clock.now() + dt.timedelta(minutes=PENDING_MINUTES)).timestamp(),
    }
    sessions.limit(session, PENDING_MINUTES / 60)
    session.cycle_key()
    return PendingLogin(row.id, row.second_factor is None)


def _pending(session: SessionBase) -> tuple[Staff, dict[str, Any]] | None:
    held: Any = session.get(_PENDING)
    if not held or held["until"] < clock.now().timestamp():
        return None
    row = Staff.objects.filter(
        id=held["staff"], generation=held["generation"], state__in=SIGNS_IN
    ).first()
    return (row, held) if row else None


def require_pending(session: SessionBase) -> tuple[Staff, dict[str, Any]]:
    found = _pending(session)
    if found is None:
        raise Expired("The first step of signing in is too long ago.", advice="Type your password again.")
    return found


def pending_of(session: SessionBase) -> PendingLogin | None:
    """The first step that this session made, or None."""
    found = _pending(session)
    return PendingLogin(found[0].id, found[0].second_factor is None) if found else None


def begin_second_factor(*, session: SessionBase) -> SecondFactorSetUp:
    """For a pending login without a second factor; the same one again on reload."""
    row, held = require_pending(session)
    if row.second_factor is not None:
        raise WrongCode("You have a second factor already.", advice="Type the code of your app.")
    if "set_up" not in held:
        held["set_up"] = msgspec.to_builtins(_new_factor(row.pseudonym)[1])
        session[_PENDING] = held
    return msgspec.convert(held["set_up"], SecondFactorSetUp)


def finish_second_factor(*, session: SessionBase, code: str) -> OpenStaff:
    """Confirm the set-up with a first code; the session opens."""
    row, held = require_pending(session)
    set_up = begin_second_factor(session=session)
    step = seal.totp_step(set_up.secret, code, clock.now().timestamp())
    if step is None:
        count_try(session, held)
    hashes = tuple(seal.recovery_code_hash(one) for one in set_up.recovery_codes)
    factor = seal.seal_second_factor(bytes.fromhex(held["kek"]), seal.SecondFactor(set_up.secret, hashes), row.id)
    changed = Staff.objects.filter(id=row.id, second_factor=None).update(second_factor=factor, totp_used=step)
    if not changed:
        raise WrongCode("You have a second factor already.", advice="Type the code of your app.")
    return open_pending(session, row, held)


def count_try(session: SessionBase, held: dict[str, Any], wrong: AmparoError | None = None) -> None:
    """A wrong code (or `wrong`): wait, and after some of them ask for the password again. Always raises."""
    throttle.pause("code:" + site.keyed_hash("bucket", held["staff"]).hex()[:32], rate=0.2, burst=5)
    held["tries"] += 1
    session[_PENDING] = held
    if held["tries"] >= MOST_TRIES:
        session.flush()
        raise Expired("Too many wrong codes in a row.", advice="Type your password again.")
    raise wrong or WrongCode("This code is not right, or it was used before.")


def login_totp(*, session: SessionBase, code: str) -> OpenStaff:
    """Second step with the six digits; each code works once."""
    row, held = require_pending(session)
    if row.second_factor is None:
        raise WrongCode("You have no second factor yet.", advice="Set it up first.")
    factor = seal.open_second_factor(bytes.fromhex(held["kek"]), bytes(row.second_factor), row.id)
    step = seal.totp_step(factor.secret, code, clock.now().timestamp())
    # The database remembers the last step used: no code works twice, in whichever process it is tried.
    if step is None or not Staff.objects.filter(id=row.id, totp_used__lt=step).update(totp_used=step):
        count_try(session, held)
    return open_pending(session, row, held)


def login_recovery_code(*, session: SessionBase, code: str) -> OpenStaff:
    """Second step with a recovery code; it is used up."""
    row, held = require_pending(session)
    kek = bytes.fromhex(held["kek"])
    with transaction.atomic():
        row = Staff.objects.get(id=row.id)
        left = None
        if row.second_factor is not None:
            left = seal.use_recovery_code(seal.open_second_factor(kek, bytes(row.second_factor), row.id), code)
        if left is not None:
            Staff.objects.filter(id=row.id).update(second_factor=seal.seal_second_factor(kek, left, row.id))
    if left is None:
        count_try(session, held)
    return open_pending(session, row, held)


def open_pending(session: SessionBase, row: Staff, held: dict[str, Any]) -> OpenStaff:
    keys = seal.unwrap_staff(bytes.fromhex(held["kek"]), bytes(row.keys or b""), row.id)
    return open_session(session, row, keys, "signed-in")


def open_session(session: SessionBase, row: Staff, keys: seal.StaffKeys, action: str) -> OpenStaff:
    """Put a colleague's open keys into a fresh session."""
    session.flush()
    session[_STAFF] = {
        "id": str(row.id), "generation": row.generation, "keys": msgspec.to_builtins(keys),
        "fresh": clock.now().timestamp(),
    }
    sessions.limit(session, configuration.current().staff_hours)
    session.cycle_key()
    with transaction.atomic():
        custody.record(custody.entry(action, actor_kind="staff", actor=row.id))
    return OpenStaff(row.id, row.pseudonym, _role(row), keys, row.generation)


def _role(row: Staff) -> str:
    """The role that a chain of leads has signed, where desk.toml still has it; never just what the row says."""
    proven = directory.everyone().get(row.id)
    if proven is not None and row.state == proven.state == policy.AWAY:
        return policy.AWAY
    if proven is None or not proven.active:
        return "unsigned"
    return proven.role if proven.role in policy.given(configuration.current().roles) else "switched-off"


def open_staff(session: SessionBase) -> OpenStaff | None:
    """The colleague of an open session, or None (not logged in, pending, removed, ended elsewhere)."""
    held: Any = session.get(_STAFF)
    if not held:
        return None
    row = Staff.objects.filter(
        id=held["id"], generation=held["generation"], state__in=SIGNS_IN
    ).first()
    if row is None:
        return None
    keys = msgspec.convert(held["keys"], seal.StaffKeys)
    return OpenStaff(row.id, row.pseudonym, _role(row), keys, row.generation)


def stands(staff: OpenStaff) -> bool:
    """Whether the session may go on: to be asked between the parts of whatever lasts longer than a moment."""
    return Staff.objects.filter(id=staff.id, generation=staff.generation, state__in=("active", "unsigned")).exists()


def logout(session: SessionBase) -> None:
    """End the session; its row is deleted."""
    session.flush()
    shredding.checkpoint()


def is_fresh(session: SessionBase) -> bool:
    """Whether the password was given within the last quarter of an hour."""
    held: Any = session.get(_STAFF)
    return bool(held) and clock.now().timestamp() - held["fresh"] < FRESH_MINUTES * 60


def confirm_password(*, session: SessionBase, staff: OpenStaff, password: str) -> None:
    """Ask for the password once more. Raises WrongLogin."""
    row = Staff.objects.get(id=staff.id)
    check_password(bytes(row.login or b""), password)
    session[_STAFF] = {**session[_STAFF], "fresh": clock.now().timestamp()}


def change_password(*, session: SessionBase, staff: OpenStaff, old: str, new: str) -> None:
    """Keeps the keys; ends all other sessions of this colleague."""
    policy.require(staff.role, "none", "own.password")
    seal.check_password_strength(new)
    row = Staff.objects.get(id=staff.id)
    row, root = check_password(bytes(row.login or b""), old)
    factor = None
    if row.second_factor is not None:
        factor = seal.open_second_factor(root.kek, bytes(row.second_factor), row.id)
    _protect(row, new, staff.keys, factor)
    row.generation += 1
    with transaction.atomic():
        row.save(update_fields=["kdf", "auth", "keys", "second_factor", "generation"])
        custody.record(custody.entry("password-changed", actor_kind="staff", actor=row.id))
    session[_STAFF] = {**session[_STAFF], "generation": row.generation, "fresh": clock.now().timestamp()}
    session.cycle_key()
    shredding.finish()
