"""What somebody who takes the disk would try: look for a word in everything, in every form it may have taken.

All canaries of a test share two stems, one plain and one outside ASCII; so a scan looks for the stems only, in
plain, folded, UTF-16, hex, base64 at three offsets, JSON- and URL-escaped forms, also inside gzip and zlib streams.
"""

import base64
import gzip
import json
import re
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PLAIN = "zqxcanary"
FAR = "цанарйкөώ"  # letters outside ASCII: JSON and URLs escape them
_STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_MOST = 64_000_000  # bytes taken out of one stream
_AHEAD = 8_000_000


def canary(number: int, kind: str = "word") -> str:
    """A word of this test and no other, holding both stems."""
    return f"{PLAIN}-{kind}-{number:04d} {FAR}{number:04d}"


def _base64_inner(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """What base64 makes of `raw` wherever it begins, without the letters that its neighbours have a part in."""
    for offset in range(3):
        usable = raw[(3 - offset) % 3 :]
        usable = usable[: len(usable) // 3 * 3]
        yield f"base64+{offset}", base64.b64encode(usable)
        yield f"base64url+{offset}", base64.urlsafe_b64encode(usable)


def forms(word: str) -> dict[str, bytes]:
    """Name of a form -> the bytes to look for."""
    raw = word.encode()
    found = {
        "plain": raw, "utf-16-le": word.encode("utf-16-le"), "utf-16-be": word.encode("utf-16-be"),
        "utf-32-le": word.encode("utf-32-le"), "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(),
        "reversed": word[::-1].encode(), "quoted-printable": b"".join(b"=%02X" % byte for byte in raw),
    }
    if not word.isascii():
        escaped = json.dumps(word)[1:-1]
        found["json"] = escaped.encode()
        found["JSON"] = escaped.upper().replace("\\U", "\\u").encode()
        found["url"] = urllib.parse.quote(word).encode()
        found["url-lower"] = urllib.parse.quote(word).lower().encode()
        found["xml"] = word.encode("ascii", "xmlcharrefreplace")
    found |= dict(_base64_inner(raw))
    return {name: pattern for name, pattern in found.items() if len(pattern) >= 6}


FORMS: dict[str, bytes] = {
    f"{name}/{'plain' if stem == PLAIN else 'far'}": pattern
    for stem in (PLAIN, FAR) for name, pattern in forms(stem).items()
}
FOLDED: dict[str, bytes] = {"folded/plain": PLAIN.casefold().encode(), "folded/far": FAR.casefold().encode()}


@dataclass(frozen=True)
class Hit:
    where: str
    form: str
    at: int


def scan_bytes(data: bytes, where: str, depth: int = 2) -> list[Hit]:
    """Every form found in `data`, also inside compressed streams (twice nested)."""
    hits = [Hit(where, name, at) for name, pattern in FORMS.items() if (at := data.find(pattern)) >= 0]
    lowered = data.lower()
    hits += [Hit(where, name, at) for name, pattern in FOLDED.items() if (at := lowered.find(pattern)) >= 0]
    folded = data.decode("utf-8", "ignore").casefold()
    hits += [Hit(where, "folded/text", at) for stem in (PLAIN, FAR) if (at := folded.find(stem.casefold())) >= 0]
    if depth:
        for found in _STREAM.finditer(data):
            inside = _unpacked(data[found.start() : found.start() + _AHEAD])
            if len(inside) >= 6:
                hits += scan_bytes(inside, f"{where} > stream at {found.start()}", depth - 1)
    return hits


def _unpacked(data: bytes) -> bytes:
    """What a stream at the beginning of `data` holds, as far as it can be read."""
    opener = zlib.decompressobj(47)  # gzip or zlib
    try:
        return opener.decompress(data, _MOST)
    except zlib.error:
        return b""


def scan(paths: Iterable[Path]) -> list[Hit]:
    """Every form found in any file below these paths: in its content and in its name."""
    hits: list[Hit] = []
    for top in paths:
        for path in (top, *sorted(top.rglob("*"))) if top.is_dir() else (top,):
            hits += scan_bytes(str(path.name).encode("utf-8", "surrogateescape"), f"name of {path}")
            if path.is_file() and not path.is_symlink():
                try:
                    content = path.read_bytes()
                except FileNotFoundError:  # another program's, gone since it was listed: nobody can seize it
                    continue
                hits += scan_bytes(content, str(path))
    return hits


def controls(word: str) -> dict[str, bytes]:
    """One example of each form around other bytes: a scan that misses one of them proves nothing."""
    raw = word.encode()
    examples = {f"base64+{n}": base64.b64encode(b"x" * n + raw + b"tail") for n in range(3)}
    examples |= {
        "plain": b"\0\1" + raw + b"\2", "upper": word.upper().encode(), "utf-16-le": word.encode("utf-16-le"),
        "utf-16-be": word.encode("utf-16-be"), "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(),
        "json": json.dumps({"a": word}).encode(), "url": urllib.parse.urlencode({"a": word}).encode(),
        "gzip": b"head" + gzip.compress(b"text " + raw), "zlib": b"head" + zlib.compress(b"text " + raw),
        "gzip of gzip": gzip.compress(gzip.compress(raw)),
        "gzip of base64": gzip.compress(base64.b64encode(b"xx" + raw)),
        "base64url": base64.urlsafe_b64encode(b"?" + raw),
    }
    return examples
