"""Sealed sessions: the cookie is the secret, the table holds only a hash and ciphertext."""

import base64
import hashlib

from nacl.utils import random as random_bytes

from amparo.seal.boxes import ALTERED, open_record, seal_record
from amparo.seal.derive import subkey
from amparo.seal.encoding import canonical
from amparo.seal.errors import Tampered
from amparo.seal.padding import pad, unpad


def new_cookie() -> str:
    """32 random bytes as 43 characters that a cookie may hold."""
    return base64.urlsafe_b64encode(random_bytes(32)).rstrip(b"=").decode()


def session_id(cookie: str) -> bytes:
    """The 32 bytes under which the session's row is kept."""
    return hashlib.sha256(canonical("session-id", cookie.encode("utf-8", "surrogatepass"))).digest()


def session_key(cookie: str) -> bytes:
    """The key that only the bearer of the cookie can make."""
    return subkey(cookie.encode("utf-8", "surrogatepass"), canonical("session-key"))


def seal_session(cookie: str, data: bytes) -> bytes:
    """The session's bytes, padded and sealed."""
    return seal_record(session_key(cookie), canonical("session", session_id(cookie)), pad(data))


def open_session(cookie: str, sealed: bytes) -> bytes:
    """The session's bytes; Tampered when the row is another session's or was altered."""
    try:
        return unpad(open_record(session_key(cookie), canonical("session", session_id(cookie)), sealed))
    except ValueError:
        raise Tampered(ALTERED) from None
