"""Padding, so that a size tells little: at least 256 bytes, then Padme (Nikitin et al., PoPETs 2019).

Padme lets a length of L bytes leak O(log log L) bits and grows it by at most 12 %.
"""

from typing import Final

FLOOR: Final = 256
MARK: Final = b"\x80"


def padded_size(size: int) -> int:
    """The size after padding, in bytes, of `size` bytes before (one byte marks where the text ends)."""
    need = size + 1
    if need <= FLOOR:
        return FLOOR
    exponent = need.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (need + mask) & ~mask


def pad(data: bytes) -> bytes:
    """The data, 0x80, and zeros up to the padded size (ISO/IEC 7816-4)."""
    return (data + MARK).ljust(padded_size(len(data)), b"\0")


def unpad(data: bytes) -> bytes:
    """The data without its padding; ValueError when it was not padded by `pad`."""
    end = len(data.rstrip(b"\0")) - 1
    if end < 0 or data[end] != MARK[0] or len(data) != padded_size(end):
        raise ValueError("not padded")
    return data[:end]
