"""Security keys (WebAuthn level 2) as a second factor: what is kept of one, and how its answers are checked.

A key never opens anything alone: the password opens the colleague's private keys, this only guards the login. Answers
are parsed and verified by `fido2`, imported where a key is used: it takes a fifth of a second, and most of what runs
never meets one.
"""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from amparo.seal.encoding import canonical, split_canonical
from amparo.seal.errors import SealError
from amparo.seal.keys import Veiled

MOST_KEYS: Final = 8
MOST_ANSWER: Final = 16_000  # characters of a browser's answer
MOST_ID: Final = 1023  # bytes (WebAuthn 4, credential id)
MOST_PUBLIC: Final = 1200
ALGORITHMS: Final = (-7, -8, -257)  # ES256, EdDSA, RS256: what keys on sale can do
TRANSPORTS: Final = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal")
MINUTES: Final = 2
CHALLENGE_SIZE: Final = 32


class KeyRefused(SealError):
    """The answer of a security key does not fit: another challenge, page, account, or an altered one."""

    code = "seal.security-key"
    advice = "Use the code of your authenticator, or a recovery code. If it happens again, remove this key."


class KeyCopied(SealError):
    """The key's counter went back: what answered may be a copy of it."""

    code = "seal.key-copied"
    advice = "Sign in with a code, remove this key from your account, and tell a lead."


class Place(msgspec.Struct, frozen=True):
    """Where a key is used: the name it is bound to (relying party id) and the origins that may ask for it."""

    name: str
    origins: frozenset[str]


class SecurityKey(Veiled, frozen=True):
    """One registered key. `public` is its COSE key (RFC 9052); `count` the last counter it told, or 0."""

    id: bytes
    public: bytes
    count: int
    label: str
    added: str  # day, 2026-05-31
    place: str  # the name it is bound to
    transports: tuple[str, ...] = ()


def encode_key(key: SecurityKey) -> bytes:
    """A key as it lies inside the sealed second factor."""
    return canonical(
        "security-key", key.id, key.public, key.count, key.label, key.added, key.place, *key.transports
    )


def decode_key(data: bytes) -> SecurityKey:
    """The same back; ValueError for anything else."""
    id_, public, count, label, added, place, *transports = split_canonical("security-key", data)
    return SecurityKey(
        id_, public, int.from_bytes(count, "big"), label.decode(), added.decode(), place.decode(),
        tuple(one.decode() for one in transports),
    )


def new_challenge() -> bytes:
    """32 random bytes; the caller sees to it that they are used once."""
    return secrets.token_bytes(CHALLENGE_SIZE)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _known(ids: Sequence[tuple[bytes, tuple[str, ...]]]) -> list[dict[str, Any]]:
    return [{"type": "public-key", "id": _text(one), "transports": list(transports)} for one, transports in ids]


def creation_options(place: Place, challenge: bytes, known: Sequence[bytes]) -> dict[str, Any]:
    """What a browser is asked when a key is added. Nothing in it names the colleague: keys are lost and seized."""
    return {
        "challenge": _text(challenge), "rp": {"id": place.name, "name": "Desk"},
        "user": {"id": _text(secrets.token_bytes(16)), "name": "desk", "displayName": "desk"},
        "pubKeyCredParams": [{"type": "public-key", "alg": one} for one in ALGORITHMS],
        "excludeCredentials": _known([(one, ()) for one in known]), "timeout": MINUTES * 60_000, "attestation": "none",
        "authenticatorSelection": {
            "residentKey": "discouraged", "requireResidentKey": False, "userVerification": "discouraged",
        },
    }


def request_options(place: Place, challenge: bytes, keys: Sequence[SecurityKey]) -> dict[str, Any]:
    """What a browser is asked at the second step. The password was given: no PIN is asked for."""
    here = [(key.id, key.transports) for key in keys if key.place == place.name]
    return {
        "challenge": _text(challenge), "rpId": place.name, "allowCredentials": _known(here),
        "timeout": MINUTES * 60_000, "userVerification": "discouraged",
    }


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever a parser stumbles over in an answer is one refusal, without a word of the answer."""
    try:
        yield
    except SealError:
        raise
    except Exception:
        raise KeyRefused("This answer of a security key was not accepted.") from None


def _server(place: Place) -> Any:
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialRpEntity

    entity = PublicKeyCredentialRpEntity(name="Desk", id=place.name)
    return Fido2Server(entity, verify_origin=lambda origin: origin in place.origins)


def _state(challenge: bytes) -> dict[str, Any]:
    return {"challenge": _text(challenge), "user_verification": None}


def _told(answer: str) -> dict[str, Any]:
    if len(answer) > MOST_ANSWER:
        raise ValueError("too long")
    told = json.loads(answer)
    if not isinstance(told, dict):
        raise TypeError("no object")
    return told


def _no_frame(client_data: Any) -> None:
    if client_data.cross_origin:
        raise ValueError("asked for inside another page")


def new_key(place: Place, challenge: bytes, answer: str, *, label: str, added: str) -> SecurityKey:
    """The key that answered `creation_options`, after all checks of WebAuthn 7.1. Raises KeyRefused."""
    with _refusing():
        from cryptography.exceptions import InvalidSignature
        from fido2 import cbor
        from fido2.webauthn import RegistrationResponse

        told = _told(answer)
        found: Any = RegistrationResponse.from_dict(told)
        _no_frame(found.response.client_data)
        data: Any = _server(place).register_complete(_state(challenge), found)
        made = data.credential_data
        public = bytes(cbor.encode(dict(made.public_key)))
        if made.public_key.get(3) not in ALGORITHMS or not 0 < len(made.credential_id) <= MOST_ID:
            raise ValueError("not one of ours")
        if len(public) > MOST_PUBLIC:
            raise ValueError("too large")
        try:
            made.public_key.verify(b"", b"")  # a key that can't check anything must not be kept
        except InvalidSignature:
            pass
        else:
            raise ValueError("signs anything")
        ways = told["response"].get("transports", ())
        transports = tuple(one for one in TRANSPORTS if isinstance(ways, list) and one in ways)
        return SecurityKey(bytes(made.credential_id), public, int(data.counter), label, added, place.name, transports)


def check_key(place: Place, challenge: bytes, keys: Sequence[SecurityKey], answer: str) -> SecurityKey:
    """The one of `keys` that answered `request_options`, with its new counter (WebAuthn 7.2).

    Raises KeyRefused; KeyCopied where a counter did not go up.
    """
    with _refusing():
        from fido2 import cbor
        from fido2.cose import CoseKey
        from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticationResponse

        found: Any = AuthenticationResponse.from_dict(_told(answer))
        _no_frame(found.response.client_data)
        here = {key.id: key for key in keys if key.place == place.name}
        parse: Any = cbor.decode  # of what we wrote ourselves, inside the seal
        given: Any = [
            AttestedCredentialData.create(Aaguid.NONE, key.id, CoseKey.parse(parse(key.public)))
            for key in here.values()
        ]
        used: Any = _server(place).authenticate_complete(_state(challenge), given, found)
        key = here[bytes(used.credential_id)]
        count = int(found.response.authenticator_data.counter)
        if (count or key.count) and count <= key.count:
            raise KeyCopied("This security key counts backwards: there may be a copy of it.")
        return msgspec.structs.replace(key, count=count)
