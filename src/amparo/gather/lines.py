"""Lines of a text file, one at a time, whatever the file does: no line is longer in memory than limits.LINE."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from amparo.gather import limits

_BLOCK = 1 << 16


class Line(NamedTuple):
    """One line without its end. `cut`: it went on. `damaged`: signs of it could not be decoded."""

    number: int
    text: str
    cut: bool = False
    damaged: bool = False


def encoding_of(head: bytes) -> str:
    """By its byte order mark, by zeros in every second place, else UTF-8, or what Windows wrote before it.

    The last only where more signs are broken as UTF-8 than are whole.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = head[:4096]
    if len(sample) >= 16 and sample[1::2].count(0) * 2 > len(sample) * 0.7 and not sample[::2].count(0):
        return "utf-16-le"
    text = head.decode("utf-8-sig", "replace")
    broken = text.count("\ufffd")
    # a few damaged bytes must not turn a whole file of another script into nonsense
    return "utf-8-sig" if broken <= sum(sign > "\x7f" for sign in text) - broken + 1 else "cp1252"


def _raw(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Lines as bytes, ends taken off, each at most limits.LINE long; the rest of a longer one is passed over."""
    kept, cut = bytearray(), False
    while block := stream.read(_BLOCK):
        start = 0
        while True:
            found = block.find(b"\n", start)
            piece = block[start : found if found >= 0 else len(block)]
            room = limits.LINE - len(kept)
            cut = cut or len(piece) > room
            kept += piece[:room]
            if found < 0:
                break
            yield bytes(kept), cut
            kept, cut = bytearray(), False
            start = found + 1
    if kept:
        yield bytes(kept), cut


def read(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    """The lines of a stream that stands at its beginning."""
    if encoding.startswith("utf-16"):
        yield from _wide(stream, encoding)
        return
    for number, (raw, cut) in enumerate(_raw(stream), 1):
        text, damaged = _decoded(raw, "utf-8" if encoding == "utf-8-sig" else encoding, cut)
        if number == 1:
            text = text.removeprefix("\ufeff")
        yield Line(number, text.removesuffix("\r"), cut, damaged)


def _decoded(raw: bytes, encoding: str, cut: bool) -> tuple[str, bool]:
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError:
        text = raw.decode(encoding, "replace")
        if cut and text.endswith("\ufffd") and text.count("\ufffd") == 1:
            return text[:-1], False  # our own cut went through a sign
        return text, True


def _wide(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    """UTF-16, decoded piece by piece: its line ends are two bytes wide and must not be found between two signs."""
    import codecs

    decoder = codecs.getincrementaldecoder(encoding)("replace")
    most = limits.LINE // 2
    kept, cut, number, over = "", False, 0, False
    while not over:
        block = stream.read(_BLOCK)
        over = not block
        try:
            text = decoder.decode(block, over)
        except UnicodeError:  # no byte order mark where one must stand
            text = block.decode("utf-16-le", "replace")
            decoder = codecs.getincrementaldecoder("utf-16-le")("replace")
        *whole, rest = text.split("\n")
        for piece in whole:
            number += 1
            line = (kept + piece[: most + 1])[: most + 1]
            yield Line(number, line[:most].removesuffix("\r"), cut or len(line) > most, "\ufffd" in line)
            kept, cut = "", False
        cut = cut or len(kept) + len(rest) > most
        kept = (kept + rest[: most + 1])[:most]
    if kept:
        yield Line(number + 1, kept.removesuffix("\r"), cut, "\ufffd" in kept)
