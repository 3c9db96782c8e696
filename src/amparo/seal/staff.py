"""Staff keys: one Argon2id call gives both the login verifier and the key around the private keys."""

import hashlib
import re
import unicodedata
from itertools import pairwise
from typing import Final
from uuid import UUID

import msgspec
from nacl.utils import random as random_bytes

from amparo.seal.boxes import ALTERED, open_record, seal_record
from amparo.seal.derive import SALT_SIZE, argon2id, subkey
from amparo.seal.encoding import canonical, split_canonical
from amparo.seal.errors import SealError, Tampered
from amparo.seal.keys import KeyPair, Veiled, kex_pair, new_kex_pair, new_sign_pair, sign_pair

MOST_M_KIB: Final = 1024 * 1024
MOST_T: Final = 16
MOST_P: Final = 16
LONGEST_PASSWORD: Final = 1_000
FEWEST_CHARACTERS: Final = 14
FEWEST_WORDS: Final = 6
FEWEST_KINDS: Final = 6


class WeakPassword(SealError):
    """A password that a thief of the database could guess."""

    code = "seal.weak-password"
    advice = "Take six or more words that do not belong together, or at least 14 varied characters."


class KdfParameters(msgspec.Struct, frozen=True):
    """Argon2id's salt and cost (passes, KiB, lanes), kept beside what was made with them."""

    salt: bytes
    t: int
    m_kib: int
    p: int

    def __post_init__(self) -> None:
        # The row may have been written by someone else: no cost that stops the desk, none that is no cost.
        sane = 1 <= self.t <= MOST_T and 1 <= self.p <= MOST_P and 8 * self.p <= self.m_kib <= MOST_M_KIB
        if not sane or len(self.salt) < SALT_SIZE:
            raise SealError("The stored settings of this sign-in are not usable.", code="seal.kdf")


class StaffRoot(Veiled, frozen=True):
    """From one password: the key-encryption key, and the verifier whose digest the desk keeps."""

    kek: bytes
    auth: bytes


class StaffKeys(Veiled, frozen=True):
    """A colleague's private keys, and the team's index key once it was given to them."""

    kex: KeyPair
    sign: KeyPair
    index_key: bytes | None = None


def new_kdf() -> KdfParameters:
    """A fresh salt with t=3, 64 MiB, p=4 (RFC 9106, second recommended option)."""
    return KdfParameters(random_bytes(SALT_SIZE), 3, 64 * 1024, 4)


def password_bytes(password: str) -> bytes:
    """The password as RFC 8265 (OpaqueString) prepares it: other spaces as a space, then NFC."""
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password[:LONGEST_PASSWORD])
    return unicodedata.normalize("NFC", spaced).encode("utf-8", "surrogatepass")


def derive_staff(password: str, params: KdfParameters) -> StaffRoot:
    """Exactly one Argon2id call; HKDF makes the two keys from it, neither tells the other."""
    root = argon2id(
        password_bytes(password), params.salt, t=params.t, m_kib=params.m_kib, p=params.p
    )
    return StaffRoot(subkey(root, canonical("staff-kek")), subkey(root, canonical("staff-auth")))


def auth_digest(auth: bytes) -> bytes:
    """What the desk keeps to recognise a login: 32 bytes that do not give back the verifier."""
    return hashlib.sha256(canonical("staff-auth-digest", auth)).digest()


def new_staff_keys() -> StaffKeys:
    """Fresh keys of a colleague."""
    return StaffKeys(new_kex_pair(), new_sign_pair())


def wrap_staff(kek: bytes, keys: StaffKeys, staff_id: UUID) -> bytes:
    """The private keys under the key-encryption key, bound to the colleague."""
    plain = canonical("staff-keys-plain", keys.kex.private, keys.sign.private, keys.index_key or b"")
    return seal_record(kek, canonical("staff-keys", staff_id), plain)


def unwrap_staff(kek: bytes, sealed: bytes, staff_id: UUID) -> StaffKeys:
    """The keys; Tampered with another password's key, another colleague's row, or an altered one."""
    try:
        parts = split_canonical(
            "staff-keys-plain", open_record(kek, canonical("staff-keys", staff_id), sealed)
        )
        kex, seed, index = parts
        if len(kex) != 32 or len(seed) != 32 or len(index) not in (0, 32):
            raise ValueError("sizes")
    except ValueError:
        raise Tampered(ALTERED) from None
    return StaffKeys(kex_pair(kex), sign_pair(seed), index or None)


def check_password_strength(password: str) -> None:
    """WeakPassword unless it has six different words of three letters, or 14 varied characters.

    A rule of thumb, not a measure: nobody can tell from a password how it was chosen.
    """
    said = [w.casefold() for w in re.split(r"[\W_]+", password) if len(w) >= 3]
    words = set(said)
    if len(words) >= FEWEST_WORDS:
        return
    if len(password) < FEWEST_CHARACTERS:
        raise WeakPassword("This password is too short.")
    folded = password.casefold()
    steps = {ord(b) - ord(a) for a, b in pairwise(folded)}
    repeats = len(said) > 2 and 2 * len(words) <= len(said)
    if repeats or len(set(folded)) < FEWEST_KINDS or len(steps) <= 3:
        raise WeakPassword("This password repeats itself or counts up, so it is easy to guess.")
