"""Key derivation: HKDF-SHA256 (RFC 5869) for keys from keys, Argon2id (RFC 9106) for keys from people."""

from typing import Final

import argon2.low_level
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_SIZE: Final = 32
SALT_SIZE: Final = 16


def subkey(key: bytes, info: bytes, salt: bytes = b"", size: int = KEY_SIZE) -> bytes:
    """`size` bytes from a uniform key of at least 16 bytes, for the purpose that `info` names."""
    return HKDF(algorithm=SHA256(), length=size, salt=salt or None, info=info).derive(key)


def argon2id(secret: bytes, salt: bytes, *, t: int, m_kib: int, p: int) -> bytes:
    """32 bytes of Argon2id version 1.3: t passes over m_kib KiB with p lanes."""
    return argon2.low_level.hash_secret_raw(
        secret, salt, time_cost=t, memory_cost=m_kib, parallelism=p, hash_len=KEY_SIZE,
        type=argon2.low_level.Type.ID, version=0x13,
    )
