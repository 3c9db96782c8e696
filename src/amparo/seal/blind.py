"""The blind index: exact identifiers found again without storing them. Never for names or free text.

It tells whoever holds the table which rows share a value and how often; without the key, not which value.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from amparo.seal.encoding import canonical
from amparo.seal.errors import SealError

SIZE: Final = 16
PORTS: Final = {"http": 80, "https": 443}


class NotAnIdentifier(SealError):
    """A value that is not an identifier of that kind."""

    code = "seal.identifier"
    advice = "Check how it is written; a phone number needs its country code."


def plain(value: str) -> str:
    """NFKC, no invisible characters, no spaces around; defanged dots and schemes made whole."""
    text = unicodedata.normalize("NFKC", value)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc")).strip()
    text = re.sub(r"\[\.\]|\(\.\)|\{\.\}", ".", text)
    text = re.sub(r"\[@\]|\[at\]", "@", text, flags=re.IGNORECASE)
    return re.sub(r"^h(?:xx|tt)p(s?)(?:\[:\]|:)//", r"http\1://", text, flags=re.IGNORECASE)


def phone(value: str) -> str:
    """Digits of every script, with the country code; "00" or "+" in front are the same, "(0)" is left out."""
    text = re.sub(r"\(\s*0\s*\)", "", plain(value))
    digits = "".join(str(unicodedata.decimal(c)) for c in text if unicodedata.category(c) == "Nd")
    return digits.removeprefix("00") if not text.startswith("+") else digits


def domain(value: str) -> str:
    """Lower case, ASCII (IDNA), no dot at the end."""
    host = plain(value).rstrip(".").casefold()
    try:
        return host.encode("ascii").decode() if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return ""


def email(value: str) -> str:
    """The local part without case, the domain as a domain; tags and dots in the local part count."""
    local, at, host = plain(value).rpartition("@")
    return f"{local.casefold()}@{domain(host)}" if at and local and domain(host) else ""


def handle(value: str) -> str:
    """Without case and without the @ in front; name the platform in the value if it matters."""
    return plain(value).lstrip("@").casefold()


def digest(value: str) -> str:
    """Hexadecimal without case."""
    text = plain(value).casefold()
    return text if re.fullmatch(r"[0-9a-f]{32,128}", text) else ""


def url(value: str) -> str:
    """Scheme and host without case, no default port, no fragment, no user; path and query as they are."""
    try:
        parts = urlsplit(plain(value))
        port = parts.port
    except ValueError:
        return ""
    scheme, host = parts.scheme.casefold(), domain(parts.hostname or "")
    if not scheme or not host:
        return ""
    shown = f":{port}" if port and port != PORTS.get(scheme) else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{host}{shown}{parts.path or '/'}{query}"


NORMALISERS: Final[dict[str, Callable[[str], str]]] = {
    "phone": phone, "email": email, "handle": handle, "domain": domain, "hash": digest, "url": url,
}


def normalise_identifier(kind: str, value: str) -> str:
    """The one form of an identifier; NotAnIdentifier when there is none."""
    if kind not in NORMALISERS:
        raise NotAnIdentifier("There is no index for this kind of identifier.")
    normal = NORMALISERS[kind](value)
    if not normal:
        raise NotAnIdentifier("This does not look like an identifier of this kind.")
    return normal


def blind_index(key: bytes, kind: str, value: str) -> bytes:
    """16 bytes, equal for equal identifiers of a kind: HMAC-SHA256 under the team's index key, cut."""
    message = canonical("blind-index", kind, normalise_identifier(kind, value))
    return hmac.new(key, message, hashlib.sha256).digest()[:SIZE]
