"""Security keys of a colleague: added and removed in the account, used at the second step of signing in.

A key stands beside the authenticator and the recovery codes, never instead of them: both work without scripts, and
there is no way to remove them. What is checked with is sealed inside the second factor, so it needs the password; the
profile keeps a list to show. Challenges lie in the sealed session and are taken out before an answer is looked at.
"""

import datetime as dt
import ipaddress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from amparo import seal
from amparo.desk import accounts, clock, configuration, custody, policy, profile, sessions, shredding
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError
from amparo.desk.records import Staff

LONGEST_LABEL = 40
_ADDING, _ASKED = "security-key-adding", "security-key-asked"


def place_of(host: str) -> seal.Place | None:
    """Where keys work at this address of the desk (a Host header that Django accepted), or None where they can't.

    Browsers offer keys in a secure context and under a name: over https, on localhost, not under a bare number.
    Origins of desk.toml that carry the same name count too: with a proxy in front, its port is the one people see.
    """
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    try:
        ipaddress.ip_address(name)
        return None
    except ValueError:
        if not name:
            return None
    plain = name == "localhost" or name.endswith((".localhost", ".onion"))
    asked = {f"https://{host}", f"http://{host}", *configuration.current().origins}
    good = {
        one for one in asked
        if urlsplit(one).hostname == name and (one.startswith("https://") or (plain and one.startswith("http://")))
    }
    return seal.Place(name, frozenset(good))


def begin_adding(*, session: SessionBase, staff: OpenStaff, place: seal.Place) -> dict[str, Any]:
    """What the browser is asked for a new key. A reload, or a second window, asks the same."""
    policy.require(staff.role, "none", "own.password")
    challenge = bytes.fromhex(sessions.once(session, _ADDING, lambda: seal.new_challenge().hex()))
    known = [bytes.fromhex(one.id) for one in profile.load(staff).security_keys if one.place == place.name]
    return seal.creation_options(place, challenge, known)


def add(
    *, session: SessionBase, staff: OpenStaff, place: seal.Place | None, password: str, label: str, answer: str
) -> None:
    """Keep a new key. Raises WrongLogin, seal.KeyRefused, DeskError."""
    policy.require(staff.role, "none", "own.password")
    label = " ".join(label.split())[:LONGEST_LABEL]
    if not label:
        raise DeskError("The key has no name yet.", advice="Name it so that you know which one it is.", code="label")
    _row, root = accounts.check_password(bytes(Staff.objects.get(id=staff.id).login or b""), password)
    challenge = sessions.take(session, _ADDING)
    if challenge is None or place is None:
        raise seal.KeyRefused("This answer of a security key was not accepted.")
    made = seal.new_key(
        place, bytes.fromhex(challenge), answer, label=label, added=clock.now().date().isoformat()
    )
    with transaction.atomic():
        row, factor = _factor(staff, root.kek)
        if len(factor.security_keys) >= seal.MOST_KEYS:
            raise DeskError("There are as many keys as an account may have.", advice="Remove one first.", code="keys")
        if any(one.id == made.id for one in factor.security_keys):
            raise DeskError("This key is in your account already.", advice="Use another one.", code="keys")
        _keep(staff, row, root.kek, msgspec.structs.replace(factor, security_keys=(*factor.security_keys, made)))
        custody.record(custody.entry("key-added", actor_kind="staff", actor=staff.id))


def remove(*, staff: OpenStaff, password: str, key: str) -> None:
    """Forget a key, by its id in hexadecimal. The authenticator and the recovery codes stay."""
    policy.require(staff.role, "none", "own.password")
    _row, root = accounts.check_password(bytes(Staff.objects.get(id=staff.id).login or b""), password)
    with transaction.atomic():
        row, factor = _factor(staff, root.kek)
        left = tuple(one for one in factor.security_keys if one.id.hex() != key)
        if len(left) == len(factor.security_keys):
            raise DeskError("There is no such key in your account.", advice="Load the page again.", code="keys")
        _keep(staff, row, root.kek, msgspec.structs.replace(factor, security_keys=left))
        custody.record(custody.entry("key-removed", actor_kind="staff", actor=staff.id))
    shredding.finish()


def _factor(staff: OpenStaff, kek: bytes) -> tuple[Staff, seal.SecondFactor]:
    row = Staff.objects.get(id=staff.id)
    return row, seal.open_second_factor(kek, bytes(row.second_factor or b""), row.id)


def _keep(staff: OpenStaff, row: Staff, kek: bytes, factor: seal.SecondFactor) -> None:
    row.second_factor = seal.seal_second_factor(kek, factor, row.id)
    row.save(update_fields=["second_factor"])
    profile.set_security_keys(staff=staff, keys=tuple(
        profile.KeyShown(one.id.hex(), one.label, dt.date.fromisoformat(one.added), one.place)
        for one in factor.security_keys
    ))


def asked(*, session: SessionBase, place: seal.Place | None) -> dict[str, Any] | None:
    """What the browser is asked at the second step, or None where this account has no key for this address."""
    row, held = accounts.require_pending(session)
    if place is None or row.second_factor is None:
        return None
    factor = seal.open_second_factor(bytes.fromhex(held["kek"]), bytes(row.second_factor), row.id)
    if not any(one.place == place.name for one in factor.security_keys):
        return None
    challenge = bytes.fromhex(sessions.once(session, _ASKED, lambda: seal.new_challenge().hex()))
    return seal.request_options(place, challenge, factor.security_keys)


def login(*, session: SessionBase, place: seal.Place | None, answer: str) -> OpenStaff:
    """Second step with a security key. Raises Expired, seal.KeyRefused, seal.KeyCopied; each try counts like a code."""
    row, held = accounts.require_pending(session)
    challenge = sessions.take(session, _ASKED)
    kek = bytes.fromhex(held["kek"])
    wrong: seal.SealError | None = None
    with transaction.atomic():  # IMMEDIATE: of two answers at once the second one meets the new counter
        row = Staff.objects.get(id=row.id)
        factor = seal.open_second_factor(kek, bytes(row.second_factor or b""), row.id)
        try:
            if challenge is None or place is None:
                raise seal.KeyRefused("This answer of a security key was not accepted.")
            used = seal.check_key(place, bytes.fromhex(challenge), factor.security_keys, answer)
        except seal.SealError as error:
            wrong = error
            if isinstance(error, seal.KeyCopied):
                custody.record(custody.entry("key-doubtful", actor_kind="staff", actor=row.id))
        else:
            keys = tuple(used if one.id == used.id else one for one in factor.security_keys)
            row.second_factor = seal.seal_second_factor(
                kek, msgspec.structs.replace(factor, security_keys=keys), row.id
            )
            row.save(update_fields=["second_factor"])
    if wrong is not None:
        accounts.count_try(session, held, wrong)
    return accounts.open_pending(session, row, held)
