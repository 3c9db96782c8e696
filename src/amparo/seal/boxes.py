"""The two boxes everything stands in: a record under a secret key, and an envelope to a public key."""

from typing import Final

import nacl.bindings as sodium
import nacl.exceptions
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from nacl.utils import random as random_bytes

from amparo.seal.errors import NotAllowed, SealError, Tampered

RECORD_VERSION: Final = 1
RECORD_XCHACHA20: Final = 1
NONCE_SIZE: Final = 24
TAG_SIZE: Final = 16
RECORD_HEADER: Final = bytes((RECORD_VERSION, RECORD_XCHACHA20))

ENVELOPE_X25519: Final = 1
ENVELOPE_MLKEM768_X25519: Final = 2  # reserved: written by no 1.0 desk, refused by it
SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)

ALTERED: Final = "This sealed piece was altered, moved, or sealed for something else."


def seal_record(key: bytes, aad: bytes, plaintext: bytes) -> bytes:
    """`0x01 | alg | nonce(24) | XChaCha20-Poly1305-IETF(plaintext)`; not padded (see padding)."""
    return unsafe_seal_record(key, aad, plaintext, random_bytes(NONCE_SIZE))


def unsafe_seal_record(key: bytes, aad: bytes, plaintext: bytes, nonce: bytes) -> bytes:
    """The same with a nonce of the caller's choosing: for test vectors only, a nonce must never repeat."""
    box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, RECORD_HEADER + aad, nonce, key)
    return RECORD_HEADER + nonce + bytes(box)


def open_record(key: bytes, aad: bytes, record: bytes) -> bytes:
    """The plaintext of a record; Tampered when anything about it is not as it was sealed."""
    if len(record) < 2 + NONCE_SIZE + TAG_SIZE or bytes(record[:2]) != RECORD_HEADER:
        raise Tampered(ALTERED)
    nonce, box = bytes(record[2 : 2 + NONCE_SIZE]), bytes(record[2 + NONCE_SIZE :])
    try:
        return bytes(
            sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(box, RECORD_HEADER + aad, nonce, key)
        )
    except (nacl.exceptions.CryptoError, ValueError):
        raise Tampered(ALTERED) from None


def seal_envelope(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """`0x01 | HPKE base mode` (RFC 9180: enc(32) | ciphertext), X25519, HKDF-SHA256, ChaCha20-Poly1305.

    Anyone may seal; what it is bound to stands in `info`. SealError for a key that is no key.
    """
    try:
        sealed = SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)
    except ValueError:
        raise SealError("A key to seal to is not a usable key.", code="seal.public-key") from None
    return bytes((ENVELOPE_X25519,)) + sealed


def open_envelope(private: bytes, info: bytes, sealed: bytes) -> bytes:
    """The plaintext of an envelope; Tampered for the wrong key, the wrong info, or any other byte."""
    if len(sealed) < 1 + 32 + TAG_SIZE or sealed[0] != ENVELOPE_X25519:
        raise Tampered(ALTERED)
    try:
        return SUITE.decrypt(bytes(sealed[1:]), X25519PrivateKey.from_private_bytes(private), info)
    except (InvalidTag, ValueError):
        raise Tampered(ALTERED) from None


def open_grant_envelope(private: bytes, info: bytes, sealed: bytes) -> bytes:
    """As open_envelope, but says NotAllowed: a grant that does not open is access that was not given."""
    try:
        return open_envelope(private, info, sealed)
    except Tampered:
        raise NotAllowed("This key does not open this case.") from None
