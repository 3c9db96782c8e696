"""Evidence.

What was handed in, as facts about it. The content stays sealed; a library gets it as an open file.
"""

from uuid import UUID

import msgspec

from amparo.words.times import When


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One item of evidence.

    `sha256` is of the plaintext (hex), `size` in bytes; `name` is as given, never trusted.

    `own_device` is whether it comes from the device of the person who reports; where it does not, it is not
    examined before the person who uses the device agreed (`device_consent`).
    """

    id: UUID
    name: str = ""
    media_type: str = ""
    size: int = 0
    sha256: str = ""
    received: When | None = None
    about: When | None = None
    own_device: bool | None = None
    device_consent: bool = False


class SealedResult(msgspec.Struct, frozen=True, kw_only=True):
    """A result made elsewhere (the defender's own computer, another desk) instead of raw evidence.

    `payload` is the result as it came, `made_by` the tool or desk as it names itself, `version` of that tool;
    `signature` and `signer` are empty when it came unsigned: the origin is then not proven.
    """

    payload: bytes
    media_type: str
    made_by: str
    version: str = ""
    made: When | None = None
    sha256_of_evidence: tuple[str, ...] = ()
    signer: str = ""
    signature: bytes = b""
