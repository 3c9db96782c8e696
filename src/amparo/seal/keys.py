"""Key pairs: X25519 to seal to, Ed25519 to sign with. A key never shows itself in a repr or a traceback."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from amparo.seal.encoding import canonical
from amparo.seal.errors import SealError


class Veiled(msgspec.Struct, frozen=True):
    """A value with secrets in it: its repr (and rich's) names the type and nothing else."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: secret>"

    def __rich_repr__(self) -> Any:
        yield "secret"


class KeyPair(Veiled, frozen=True):
    """A public and a private key of 32 bytes each (for Ed25519 the private half is the seed)."""

    public: bytes
    private: bytes

    def __post_init__(self) -> None:
        if len(self.public) != 32 or len(self.private) != 32:
            raise SealError("A key does not have the size of a key.", code="seal.key-size")

    def __repr__(self) -> str:
        return f"<KeyPair {fingerprint(self.public)}: secret>"


class ReporterKeys(Veiled, frozen=True):
    """What a receipt opens: the key to read with and the key to sign with."""

    kex: KeyPair
    sign: KeyPair


class ChannelKeys(Veiled, frozen=True):
    """The two channels of one epoch of a case.

    `staff`: answers, files, findings, notes, read by staff only. `dialogue`: messages, and what the
    reporter chose to see again, read by staff and reporter.
    """

    staff: KeyPair
    dialogue: KeyPair


def kex_pair(private: bytes) -> KeyPair:
    """The X25519 pair of a private half of 32 bytes."""
    return KeyPair(X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw(), private)


def sign_pair(seed: bytes) -> KeyPair:
    """The Ed25519 pair of a seed of 32 bytes."""
    return KeyPair(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw(), seed)


def new_kex_pair() -> KeyPair:
    """A fresh X25519 pair."""
    return kex_pair(X25519PrivateKey.generate().private_bytes_raw())


def new_sign_pair() -> KeyPair:
    """A fresh Ed25519 pair; `private` is the seed."""
    return sign_pair(Ed25519PrivateKey.generate().private_bytes_raw())


def new_reporter_keys() -> ReporterKeys:
    """The keys of one report, made at its first answer."""
    return ReporterKeys(new_kex_pair(), new_sign_pair())


def new_channel_keys() -> ChannelKeys:
    """The channel keys of a new epoch."""
    return ChannelKeys(new_kex_pair(), new_kex_pair())


def sign(private: bytes, message: bytes) -> bytes:
    """The Ed25519 signature (64 bytes, RFC 8032) of a message under a seed."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is right; a malformed key or signature is simply not right."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def fingerprint(public: bytes) -> str:
    """Eight groups of five digits (about 132 bits) to compare a public key aloud, in any language."""
    digest = hashlib.sha256(canonical("fingerprint", public)).digest() + hashlib.sha256(
        canonical("fingerprint/more", public)
    ).digest()
    return " ".join(f"{int.from_bytes(digest[n : n + 8], 'big') % 100_000:05d}" for n in range(0, 64, 8))


def case_id_for(kex_public: bytes, sign_public: bytes) -> UUID:
    """The id of a case: the first 16 bytes of a hash of the reporter's public keys.

    So whoever holds a case id can check which keys are the reporter's, without trusting the desk's table.
    """
    return UUID(bytes=hashlib.sha256(canonical("case", kex_public, sign_public)).digest()[:16])
