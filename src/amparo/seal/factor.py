"""The second factor: time codes (RFC 6238), recovery codes and security keys, sealed under a subkey of their owner."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from typing import Final
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from amparo.seal.boxes import ALTERED, open_record, seal_record
from amparo.seal.derive import subkey
from amparo.seal.encoding import canonical, split_canonical
from amparo.seal.errors import Tampered
from amparo.seal.keys import Veiled
from amparo.seal.padding import pad, unpad
from amparo.seal.security_keys import SecurityKey, decode_key, encode_key
from amparo.seal.staff import StaffKeys

STEP: Final = 30
DIGITS: Final = 6
SECRET_SIZE: Final = 20
CODES: Final = 10
CODE_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # no i, l, o, 0, 1: they are mistaken for each other
CODE_GROUPS: Final = 4
CODE_GROUP: Final = 4


class SecondFactor(Veiled, frozen=True):
    """A time-code secret (20 bytes), the hashes of the recovery codes not used yet, and security keys.

    Secret and codes are always there: no key, and no script, is ever the only way in.
    """

    secret: bytes
    code_hashes: tuple[bytes, ...]
    security_keys: tuple[SecurityKey, ...] = ()


def new_totp_secret() -> bytes:
    """20 random bytes (RFC 4226 recommends 160 bits)."""
    return secrets.token_bytes(SECRET_SIZE)


def totp_text(secret: bytes) -> str:
    """The secret as people type it into an app: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))


def totp_of(secret: bytes) -> TOTP:
    """The generator: SHA-1, six digits, 30 seconds, what every app can do."""
    return TOTP(secret, DIGITS, SHA1(), STEP)  # noqa: S303 - HMAC-SHA-1 is what RFC 6238 and every app use


def totp_uri(secret: bytes, name: str, issuer: str) -> str:
    """The otpauth:// address that an app reads from a QR code."""
    return totp_of(secret).get_provisioning_uri(name, issuer)


def totp_code(secret: bytes, at: float) -> str:
    """The code at a moment (seconds since 1970)."""
    return totp_of(secret).generate(int(at)).decode()


def typed_digits(text: str) -> str:
    """The digits of a typed code, of whatever script, without spaces; empty if anything else stands there."""
    digits = ""
    for char in text[:64]:
        category = unicodedata.category(char)
        if category == "Nd":
            digits += str(unicodedata.decimal(char))
        elif category not in ("Zs", "Pd", "Cf"):
            return ""
    return digits


def totp_step(secret: bytes, code: str, at: float, window: int = 1) -> int | None:
    """The time step a code belongs to, within `window` steps of a moment, or None.

    Keep the step and refuse it (and earlier ones) next time, so that no code works twice.
    """
    typed, found = typed_digits(code).encode(), None
    now = int(at) // STEP
    for step in range(max(0, now - window), now + window + 1):
        if hmac.compare_digest(totp_of(secret).generate(step * STEP), typed):
            found = step
    return found


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of sixteen letters and digits (79 bits each), each good for one login."""
    def group() -> str:
        return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_GROUP))

    return tuple("-".join(group() for _ in range(CODE_GROUPS)) for _ in range(CODES))


def recovery_code_hash(code: str) -> bytes:
    """The hash kept of a recovery code, however it was typed; 79 random bits need no slow hash."""
    folded = unicodedata.normalize("NFKD", code[:200]).casefold()
    plain = "".join(c for c in folded if c.isascii() and c.isalnum())
    return hashlib.sha256(canonical("recovery-code", plain)).digest()


def use_recovery_code(factor: SecondFactor, code: str) -> SecondFactor | None:
    """The second factor without the code that was used, or None when it is not one of its codes."""
    used = recovery_code_hash(code)
    left = tuple(h for h in factor.code_hashes if not hmac.compare_digest(h, used))
    return msgspec.structs.replace(factor, code_hashes=left) if len(left) < len(factor.code_hashes) else None


def factor_key(keys_or_kek: StaffKeys | bytes) -> bytes:
    """A subkey of the colleague's own keys (it survives a change of password) or of a plain key."""
    if isinstance(keys_or_kek, StaffKeys):
        return subkey(keys_or_kek.kex.private + keys_or_kek.sign.private, canonical("second-factor-keys"))
    return subkey(keys_or_kek, canonical("second-factor-kek"))


def seal_second_factor(keys_or_kek: StaffKeys | bytes, factor: SecondFactor, staff_id: UUID) -> bytes:
    """The second factor, padded and sealed, bound to the colleague."""
    if factor.security_keys:
        keys = (encode_key(key) for key in factor.security_keys)
        codes = canonical("recovery-codes", *factor.code_hashes)
        plain = canonical("second-factor-plain-keys", factor.secret, codes, *keys)
    else:
        plain = canonical("second-factor-plain", factor.secret, *factor.code_hashes)
    return seal_record(factor_key(keys_or_kek), canonical("second-factor", staff_id), pad(plain))


def open_second_factor(keys_or_kek: StaffKeys | bytes, sealed: bytes, staff_id: UUID) -> SecondFactor:
    """The second factor; Tampered with another key, another colleague's row, or an altered one."""
    try:
        plain = unpad(open_record(factor_key(keys_or_kek), canonical("second-factor", staff_id), sealed))
        return _read(plain)
    except ValueError:
        raise Tampered(ALTERED) from None


def _read(plain: bytes) -> SecondFactor:
    """Either form; ValueError for anything else."""
    try:
        secret, *hashes = split_canonical("second-factor-plain", plain)
    except ValueError:
        secret, codes, *keys = split_canonical("second-factor-plain-keys", plain)
        hashes = split_canonical("recovery-codes", codes)
        return SecondFactor(secret, tuple(hashes), tuple(decode_key(one) for one in keys))
    return SecondFactor(secret, tuple(hashes))
