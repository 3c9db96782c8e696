"""The canonical encoding: one byte string for one meaning, never two meanings for one byte string.

`canonical(label, *parts)` = u16 number of parts, then for the label and for each part its length as u32 and
its bytes. Numbers are big-endian. Every domain uses its own label and a fixed list of parts.
"""

from typing import Final
from uuid import UUID

Part = bytes | bytearray | memoryview | str | int | UUID

PREFIX: Final = "amparo/v1/"
U64_MAX: Final = 2**64 - 1


def part_bytes(part: Part) -> bytes:
    """One part: text as UTF-8, a number as u64, a UUID as its 16 bytes, bytes as they are."""
    if isinstance(part, UUID):
        return part.bytes
    if isinstance(part, bool):
        raise TypeError("a truth value has no canonical form")
    if isinstance(part, int):
        if not 0 <= part <= U64_MAX:
            raise ValueError("a number outside 0..2^64-1 has no canonical form")
        return part.to_bytes(8, "big")
    if isinstance(part, str):
        return part.encode("utf-8")
    return bytes(part)


def canonical(label: str, *parts: Part) -> bytes:
    """The canonical bytes of a label (without its prefix `amparo/v1/`) and its parts."""
    out = bytearray(len(parts).to_bytes(2, "big"))
    for value in (PREFIX + label, *parts):
        raw = part_bytes(value)
        out += len(raw).to_bytes(4, "big")
        out += raw
    return bytes(out)


def split_canonical(label: str, data: bytes) -> list[bytes]:
    """The parts of canonical bytes; ValueError when they are not exactly that encoding of that label."""
    if len(data) < 2:
        raise ValueError("too short")
    count, at, values = int.from_bytes(data[:2], "big"), 2, []
    for _ in range(count + 1):
        if at + 4 > len(data):
            raise ValueError("cut short")
        size = int.from_bytes(data[at : at + 4], "big")
        at += 4
        if at + size > len(data):
            raise ValueError("cut short")
        values.append(data[at : at + size])
        at += size
    if at != len(data):
        raise ValueError("bytes after the end")
    if values[0] != (PREFIX + label).encode():
        raise ValueError("another label")
    return values[1:]
