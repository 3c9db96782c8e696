"""Files made to hurt whoever parses them, through the real detectors and the real renderer behind the walls.

Each is answered by a code or a sentence, in bounded time, and this process goes on.
"""

import gzip
import io
import os
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image

from amparo.desk import sandbox
from amparo.identify.spyware import specimens
from tests.desk.test_sandbox import look

MIB = 1 << 20
GOOD_CODES = {"done", "memory", "timeout", "crashed", "nothing-read"}


@pytest.fixture(scope="module")
def best() -> str:
    able = sandbox.capabilities().level
    if not able:
        pytest.skip("LOUD: this machine raises no walls, so no evidence is examined on it")
    return able


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def png(width: int, height: int, rows: bytes) -> bytes:
    """A PNG that says its size as told and holds `rows` as its compressed data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def deep_mail(depth: int) -> bytes:
    """Parts within parts, each with a boundary of its own."""
    head = b"From: a@b.example\r\nSubject: deep\r\nDate: now\r\n"
    for level in range(depth):
        head += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    return head + b"Content-Type: text/plain\r\n\r\nhello\r\n"


def hostile() -> Iterator[tuple[str, bytes]]:
    zeros = zlib.compress(bytes(64 * MIB), 9)
    yield "a picture of four billion points in a few bytes", png(65_000, 65_000, zeros)
    yield "a picture just below the limit", png(8_900, 8_900, zeros)
    yield "a picture whose rows never come", png(5_000, 5_000, b"")
    yield "a picture that unpacks to more than it says", png(10, 10, zeros)
    yield "a gif of one frame that claims the sky", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0xF7, 0, 0) * 3
    yield "a tiff that points to itself", b"II*\0" + struct.pack("<IHHHII", 8, 1, 256, 4, 1, 5) + struct.pack("<I", 8)
    sizes = struct.pack("<IHHIIiiHHI", 100, 0, 0, 54, 40, -(2**31), 2**31 - 1, 1, 32, 0)
    yield "a bitmap with a negative size", b"BM" + sizes
    yield "a webp cut short", b"RIFF\xff\xff\xff\xffWEBPVP8X" + bytes(20)
    yield "a mail with parts a thousand deep", deep_mail(1_000)
    yield "a mail with a header of megabytes", b"From: " + b"a" * (4 * MIB) + b"\r\nSubject: x\r\nDate: y\r\n\r\n"
    many = b"".join(b"X-%d: y\r\n" % n for n in range(50_000))
    yield "a mail with fifty thousand headers", b"From: a\r\nDate: b\r\n" + many + b"\r\n"
    yield "a mail that declares an alphabet there is none of", (
        b"From: =?no-such?b?////?=\r\nSubject: x\r\nDate: y\r\n"
        b"Content-Type: text/plain; charset=\"../../etc\"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!"
    )
    yield "text of lone surrogates", b"\xed\xa0\x80 \xed\xb0\x80" * 100
    yield "text of direction marks only", ("\u202e\u2066" * 5_000).encode()
    yield "nothing", b""
    yield "256 megabytes of zeros in a gzip", gzip.compress(bytes(256 * MIB), 9)
    yield "a phone whose database is zeros", zipped(
        **{"Manifest.db": bytes(MIB), "Info.plist": b"bplist00" + b"\xff" * 64, "Manifest.plist": b"<plist>"}
    )
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 20) for n in range(1, 20))
    begin, end = b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a0 "ha">', b"]><plist><string>&a19;</string></plist>"
    laughs = begin + entities + end
    yield "a property list that laughs", zipped(
        **{"Manifest.plist": laughs, "Info.plist": laughs, "Manifest.db": b"SQLite format 3\0"}
    )
    yield "an archive with a name that climbs out", zipped(**{"..__..__..__tmp__climbed": b"x", "Manifest.db": b"x"})


@pytest.mark.parametrize(("name", "data"), list(hostile()), ids=lambda value: value if isinstance(value, str) else "")
def test_it_ends_with_a_code(name: str, data: bytes, best: str) -> None:
    for target in (sandbox.EXAMINE, sandbox.RENDER):
        began = time.monotonic()
        outcome = look(target, data, best, device_consent=True)
        assert time.monotonic() - began < 60, f"{name}: too long"
        assert outcome.code in GOOD_CODES, name
        if outcome.code == "done" and target == sandbox.RENDER:
            made = outcome.rendering
            assert made is not None, name
            assert made.data or made.text or made.headers or made.says, f"{name}: silence"
            assert "\u202e" not in made.text
        if outcome.code == "done" and target == sandbox.EXAMINE:
            assert outcome.not_checked or outcome.findings or outcome.ended, f"{name}: silence"
        if outcome.code != "done":
            assert outcome.not_checked, name
    assert not os.path.exists("/tmp/climbed")


@pytest.mark.parametrize("make", [specimens.demo_ios, specimens.demo_android], ids=["ios", "android"])
def test_a_phone_cut_or_changed_anywhere_never_reads_as_clean(make: object, best: str) -> None:
    """Sixteen cuts and changes, before sealing: the archive itself is hostile, the seal is right."""
    whole = make()  # type: ignore[operator]
    complete = len(look(sandbox.EXAMINE, whole, best, device_consent=True).findings)
    rolled = random.Random(7)
    for turn in range(16):
        at = len(whole) * (turn + 1) // 17
        if turn % 2:
            data = whole[:at]
        else:
            data = whole[:at] + rolled.randbytes(24) + whole[at + 24 :]
        outcome = look(sandbox.EXAMINE, data, best, device_consent=True)
        assert outcome.code in GOOD_CODES
        if len(outcome.findings) < complete:
            assert outcome.not_checked, f"turn {turn}: something is missing and nobody says so"


def test_a_picture_just_below_the_limit_is_shown_or_said(best: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8_000, 9_900), "red").save(out, "PNG")
    outcome = look(sandbox.RENDER, out.getvalue(), best)
    assert outcome.code == "done" and outcome.rendering is not None and outcome.rendering.kind == "image"
