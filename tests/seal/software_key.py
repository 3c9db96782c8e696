"""A security key in software, for tests: it answers as an honest one would, and as a dishonest one could.

Written from WebAuthn level 2 (6.1 authenticator data, 6.5 attestation, 5.8.1 client data) and RFC 9052 for the COSE
key, without the library that the desk checks with.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "https://desk.example"


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def plain(data: str) -> bytes:
    return urlsafe_b64decode(data + "=" * (-len(data) % 4))


def cbor(value: Any) -> bytes:
    """As much of RFC 8949 as an authenticator needs."""
    def head(kind: int, number: int) -> bytes:
        if number < 24:
            return bytes([kind << 5 | number])
        size = 1 if number < 256 else 2
        return bytes([kind << 5 | 23 + size]) + number.to_bytes(size, "big")

    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(cbor(name) + cbor(one) for name, one in value.items())


@dataclass
class SoftwareKey:
    """One key pair bound to one name. `count` goes up with each answer; None for a key that does not count."""

    name: str = "desk.example"
    count: int | None = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def cose(self) -> dict[int, Any]:
        numbers = self.private.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}

    def _data(self, flags: int, name: str | None) -> bytes:
        if self.count is not None:
            self.count += 1
        bound = hashlib.sha256((name or self.name).encode()).digest()
        return bound + bytes([flags]) + (self.count or 0).to_bytes(4, "big")

    def create(self, options: dict[str, Any], *, origin: str = ORIGIN, **other: Any) -> str:
        """The answer to a page that adds this key. `other`: challenge, kind, name, cose, cross."""
        client = self._client("webauthn.create", options, origin, other)
        data = self._data(0x41, other.get("name")) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id
        data += cbor(other.get("cose", self.cose()))
        told = {"clientDataJSON": text(client), "transports": ["usb", "nfc", "x" * 9], "attestationObject": text(
            cbor({"fmt": "none", "attStmt": {}, "authData": data}))}
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": told})

    def get(self, options: dict[str, Any], *, origin: str = ORIGIN, **other: Any) -> str:
        """The answer at the second step. `other`: challenge, kind, name, flags, id, signature, cross."""
        client = self._client("webauthn.get", options, origin, other)
        data = self._data(other.get("flags", 0x01), other.get("name"))
        signed = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        id_ = other.get("id", self.id)
        told = {"clientDataJSON": text(client), "authenticatorData": text(data),
                "signature": text(other.get("signature", signed))}
        return json.dumps({"id": text(id_), "rawId": text(id_), "type": "public-key", "response": told})

    @staticmethod
    def _client(kind: str, options: dict[str, Any], origin: str, other: dict[str, Any]) -> bytes:
        return json.dumps({
            "type": other.get("kind", kind), "challenge": other.get("challenge", options["challenge"]),
            "origin": origin, "crossOrigin": other.get("cross", False)}).encode()
