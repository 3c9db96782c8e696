"""What passes between the worker and its child: an order in, bounded typed messages out.

A captured parser writes whatever it likes into the answer; so each frame is decoded against these types, counted
and cut off. It can lie about its own item, and about nothing else.
"""

import struct
import uuid

import msgspec

from amparo.words import messages
from amparo.words.errors import AmparoError
from amparo.words.findings import Finding, NotChecked

FRAME_LIMIT = 12 << 20  # one rendered picture; findings are held to TEXT_LIMIT each
TEXT_LIMIT = 8_000  # characters of one string of a finding
FINDINGS_LIMIT = 5_000
SAID_LIMIT = 20_000  # messages of one conversation
SAID_TEXT = 20_000  # characters of one string of a message
SAID_PARTS = 200  # attachments of one message, messages of one frame
TOTAL_LIMIT = 48 << 20  # bytes of all frames of one exam
_HEADER = struct.Struct("=I")


class Walls(msgspec.Struct, frozen=True):
    """What the child needs before it may read the order. Sizes in bytes, `seconds` of CPU time."""

    level: str
    target: str
    search: tuple[str, ...]
    readable: tuple[str, ...]
    hidden: tuple[str, ...]
    blob: int  # descriptor of the sealed file, -1 for none
    memory: int
    private: int
    seconds: int
    parent: int
    preload: tuple[str, ...] = ()


class Order(msgspec.Struct, frozen=True):
    """One item's key and context. Never a second key."""

    key: bytes
    case: uuid.UUID
    item: uuid.UUID
    kind: str
    epoch: int
    schema: int
    body: bytes  # the item's sealed body
    sealed_size: int
    options: dict[str, bool | int | str | tuple[str, ...]] = {}


class Rendering(msgspec.Struct, frozen=True, tag="rendering"):
    """A copy made for staff to look at: a picture and its blurred form, or plain text."""

    kind: str  # image, text, email, none
    media_type: str = ""
    data: bytes = b""
    blurred: bytes = b""
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    says: str = ""


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """A part of something larger that was read (a sheet, a chat): bounded bytes, decoded by whoever asked for it."""

    kind: str
    data: bytes


class Said(msgspec.Struct, frozen=True, tag="said"):
    """Some messages of a conversation, in its order."""

    messages: tuple[messages.Message, ...]


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    """What a conversation held, after its last message."""

    summary: messages.Summary


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The child's last word. `code` is "done" or a reason; coverage and versions are short strings."""

    code: str
    detected: str = ""
    coverage: dict[str, int] = {}
    versions: dict[str, str] = {}
    indicators: int = 0
    digest: str = ""
    says: str = ""


Message = Finding | NotChecked | Rendering | Piece | Said | Heard | Ended

_encoder = msgspec.msgpack.Encoder()
_message = msgspec.msgpack.Decoder(Message)


def frame(value: msgspec.Struct) -> bytes:
    """One length-prefixed message."""
    body = _encoder.encode(value)
    return _HEADER.pack(len(body)) + body


class Malformed(Exception):
    """What came out of the child is not an answer."""


class Frames:
    """Collects frames out of arbitrary pieces. Errors: Malformed for size, count or shape."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._total = 0
        self.findings: list[Finding] = []
        self.not_checked: list[NotChecked] = []
        self.rendering: Rendering | None = None
        self.pieces: list[Piece] = []
        self.said: list[messages.Message] = []
        self.heard: messages.Summary | None = None
        self.ended: Ended | None = None

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes of the pipe."""
        self._total += len(piece)
        if self._total > TOTAL_LIMIT:
            raise Malformed("too much")
        self._rest += piece
        while len(self._rest) >= _HEADER.size:
            (length,) = _HEADER.unpack_from(self._rest)
            if length > FRAME_LIMIT:
                raise Malformed("frame")
            if len(self._rest) < _HEADER.size + length:
                return
            body = bytes(self._rest[_HEADER.size : _HEADER.size + length])
            del self._rest[: _HEADER.size + length]
            self._take(body)

    @property
    def clean(self) -> bool:
        """Whether nothing is left half-written."""
        return not self._rest

    def _take(self, body: bytes) -> None:
        if self.ended is not None:
            raise Malformed("after the end")
        try:
            message = _message.decode(body)
        except (msgspec.MsgspecError, AmparoError, ValueError, RecursionError, OverflowError):
            raise Malformed("shape") from None
        if isinstance(message, Said):
            if not _short(message, SAID_TEXT, SAID_PARTS):
                raise Malformed("long")
        elif not isinstance(message, Rendering) and not _short(message):
            raise Malformed("long")
        if isinstance(message, Finding):
            self.findings.append(message)
        elif isinstance(message, NotChecked):
            self.not_checked.append(message)
        elif isinstance(message, Rendering):
            if self.rendering is not None:
                raise Malformed("two renderings")
            self.rendering = message
        elif isinstance(message, Piece):
            self.pieces.append(message)
        elif isinstance(message, Said):
            self.said += message.messages
        elif isinstance(message, Heard):
            if self.heard is not None:
                raise Malformed("heard twice")
            self.heard = message.summary
        else:
            self.ended = message
        if len(self.said) > SAID_LIMIT:
            raise Malformed("too many messages")
        if len(self.findings) + len(self.not_checked) + len(self.pieces) > FINDINGS_LIMIT:
            raise Malformed("too many")


def _short(value: object, text: int = TEXT_LIMIT, parts: int = 64) -> bool:
    """Every string within `text` signs and every sequence within `parts` entries, all the way down."""
    if isinstance(value, str):
        return len(value) <= text
    if isinstance(value, msgspec.Struct):
        return all(_short(getattr(value, name), text, parts) for name in value.__struct_fields__)
    if isinstance(value, dict):
        return len(value) <= parts and all(_short(k, text, parts) and _short(v, text, parts) for k, v in value.items())
    if isinstance(value, (tuple, list)):
        return len(value) <= parts and all(_short(part, text, parts) for part in value)
    return True


def read_exactly(descriptor: int, length: int) -> bytes:
    """Reads `length` bytes without taking one more, so that the next reader finds its part whole."""
    import os

    out = bytearray()
    while len(out) < length:
        piece = os.read(descriptor, length - len(out))
        if not piece:
            raise EOFError
        out += piece
    return bytes(out)


def read_frame(descriptor: int) -> bytes:
    """The body of the next frame of a pipe, nothing beyond it."""
    (length,) = _HEADER.unpack(read_exactly(descriptor, _HEADER.size))
    return read_exactly(descriptor, length)
