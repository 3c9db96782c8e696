"""What the child does for a preview: a copy that a colleague may look at without opening the original.

Runs behind the walls only. A picture is decoded and drawn anew, so that nothing hidden in the file survives; text
is cut; of an e-mail the headers and the beginning are shown. The kind is told by content, never by name.
"""

import importlib
import io
import re
import unicodedata
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from typing import BinaryIO

from amparo import seal
from amparo.desk.exam_child import Job, Send
from amparo.desk.sandbox.wire import Ended, Rendering
from amparo.gather import recognise

PIXELS = 80_000_000  # more is a picture made to fill memory, not one taken by a camera
EDGE = 1400  # longest edge of the copy, in pixels
BLURRED_EDGE = 480
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
TEXT = 4_000  # characters
_LARGEST_TEXT = 20 << 20
_HEAD = 4 * TEXT + 4  # bytes that hold the characters to show in any encoding
_HEADERS = 40
_HEADER_TEXT = 1_000
_MAIL = re.compile(rb"\A(?:From |[A-Za-z][A-Za-z0-9-]{1,60}:[ \t])")
_MAIL_FIELDS = (b"\nfrom:", b"\nreceived:", b"\nsubject:", b"\nmessage-id:", b"\nreturn-path:", b"\ndate:")

CANNOT = "This kind of file cannot be shown here. Download the original after the warning."
TOO_LARGE = "This picture claims to be larger than any camera's. It was not opened."
BROKEN = "This picture is damaged or cut short. It was not shown."


def preload(level: str) -> None:
    """The picture decoders, loaded before the walls."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = PIXELS // 2  # Pillow refuses at twice this number
    for name in ("Jpeg", "Png", "Gif", "WebP", "Bmp", "Tiff", "Mpo"):
        importlib.import_module(f"PIL.{name}ImagePlugin")
    for name in ("PIL.ImageFilter", "PIL.ImageOps", "PIL.ImageSequence", "email.policy", "email.headerregistry"):
        importlib.import_module(name)
    Image.new("RGB", (1, 1)).save(io.BytesIO(), "JPEG")


def render(job: Job, send: Send) -> None:
    """One rendering and the end, which names the form of a chat or a mailbox. Whatever the file does is a code."""
    try:
        job.verify()
        form = recognise("", job.open().read(1 << 16))
        send(_render(job.open()))
    except seal.Tampered:
        send(Ended("tampered"))
        return
    except RecursionError:  # parts within parts, deeper than any person packs them
        send(Rendering("none", says=CANNOT))
    send(Ended("done", detected=form))


def _render(evidence: BinaryIO) -> Rendering:
    head = evidence.read(8192)
    evidence.seek(0)
    if _is_picture(head):
        return _picture(evidence)
    if not head:
        return Rendering("text", says="The file is empty.")
    if _is_mail(head):
        return _mail(evidence.read(_LARGEST_TEXT))
    text = _as_text(evidence.read(_HEAD))
    if text is not None:
        return Rendering("text", media_type="text/plain", text=text)
    return Rendering("none", says=CANNOT)


def _is_picture(head: bytes) -> bool:
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
    )


def _picture(evidence: BinaryIO) -> Rendering:
    from PIL import Image, ImageFilter, ImageOps

    try:
        with Image.open(evidence, formats=FORMATS) as found:
            width, height = found.size
            if width * height > PIXELS:
                return Rendering("none", says=TOO_LARGE)
            found.draft("RGB", (EDGE, EDGE))  # a large JPEG is decoded small
            upright = ImageOps.exif_transpose(found) or found
            upright.thumbnail((EDGE, EDGE))
            seen = upright.convert("RGBA")
        clean = Image.new("RGB", seen.size, "white")  # a new picture carries nothing of the old one's data
        clean.paste(seen, mask=seen.getchannel("A"))
        # sixteen points across, then drawn large: colours stay, no face, no letter
        blurred = clean.resize(_fit(clean.size, 16)).resize(_fit(clean.size, BLURRED_EDGE))
        blurred = blurred.filter(ImageFilter.GaussianBlur(14))
    except Image.DecompressionBombError:
        return Rendering("none", says=TOO_LARGE)
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, ArithmeticError):
        return Rendering("none", says=BROKEN)
    return Rendering("image", "image/jpeg", data=_jpeg(clean, 80), blurred=_jpeg(blurred, 60))


def _fit(size: tuple[int, int], edge: int) -> tuple[int, int]:
    scale = edge / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _jpeg(picture: object, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=False)  # type: ignore[attr-defined]
    return out.getvalue()


def _is_mail(head: bytes) -> bool:
    folded = b"\n" + head.replace(b"\r\n", b"\n").lower()
    return bool(_MAIL.match(head)) and sum(field in folded for field in _MAIL_FIELDS) >= 2


def _mail(raw: bytes) -> Rendering:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    headers: list[tuple[str, str]] = []
    for name, value in message.raw_items():
        if len(headers) >= _HEADERS:
            break
        headers.append((shown(str(name))[:100], shown(_decoded(str(value)))[:_HEADER_TEXT]))
    text = ""
    try:
        part = message.get_body(preferencelist=("plain",)) if isinstance(message, EmailMessage) else None
        content = part.get_content() if part is not None else ""
        text = shown(content)[:TEXT] if isinstance(content, str) else ""
    except (LookupError, ValueError, TypeError, AttributeError):
        text = ""  # a declared character set that is none, a broken transfer encoding: the headers still stand
    return Rendering("email", "message/rfc822", text=text, headers=tuple(headers))


def _decoded(value: str) -> str:
    """A header's encoded words (RFC 2047) made readable; as it came where they are broken."""
    value = " ".join(value.split())
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError, HeaderParseError):
        return value


def _as_text(head: bytes) -> str | None:
    """The beginning as text, or None when it is not text."""
    for encoding in _encodings(head):
        # where the file goes on, the cut may stand inside a character: up to three bytes are given up
        for cut in range(4 if len(head) == _HEAD else 1):
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            if _printable(text):
                return shown(text)[:TEXT]
            break
    return None


def _encodings(head: bytes) -> tuple[str, ...]:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    return ("utf-8-sig", "cp1252")


def _printable(text: str) -> bool:
    odd = sum(unicodedata.category(c) == "Cc" and c not in "\n\r\t\f" for c in text)
    return "\0" not in text and odd * 100 <= len(text)


def shown(text: str) -> str:
    """Text that cannot reverse or hide its neighbours: control and direction marks become visible."""
    out = []
    for c in text.replace("\r\n", "\n"):
        kind = unicodedata.category(c)
        if c in "\n\t":
            out.append(c)
        elif kind in ("Cc", "Cs") or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
            out.append(f"⟨U+{ord(c):04X}⟩")
        else:
            out.append(c)
    return "".join(out)
