"""Hosts and addresses as browsers read them: the one form under which evidence and indicators are compared.

Source of the rules: the WHATWG URL standard, section "host parsing" (https://url.spec.whatwg.org/), cut to what a
history or a message can hold.
"""

import ipaddress
import re
import unicodedata
from urllib.parse import unquote

_PLAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
_LABEL = re.compile(r"[a-z0-9_-]+")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_AUTHORITY = re.compile(r"[^/?#\\]*")
_STRIPPED = str.maketrans("", "", "\t\n\r")


def authority(url: str) -> str:
    """The part between "//" and the path, without user name and password; the whole text where there is no "//"."""
    rest = url.partition("://")[2] or url.removeprefix("//")
    found = _AUTHORITY.match(rest)
    named = found[0] if found else ""
    return named.rpartition("@")[2] if "@" in named else named


def normal_host(host: str) -> str:
    """A host in its one form: no port, no trailing dot, lower case, IDNA, one leading `www.` label dropped.

    An IP address comes back in its canonical text (so 0x7f.1 and 127.0.0.1 are one). "" when it is no host.
    """
    if len(host) > 1000:
        return ""
    text = host.lower()
    if _PLAIN.fullmatch(text) is None:
        text = text.translate(_STRIPPED).strip()
    if text.startswith("["):
        inside, closed, _ = text[1:].partition("]")
        return _address(inside) if closed else ""
    text = text.partition(":")[0] if text.count(":") <= 1 else _address(text)
    if ":" in text:
        return text
    if "%" in text:
        text = unquote(text, errors="replace").lower()
    if not text.isascii():
        text = _ascii(text)
    text = text.rstrip(".")
    if text.startswith("www.") and text.count(".") > 1:
        text = text[4:]
    # A single label is a host too (an intranet name), as is a lone number (an address in disguise).
    if not _PLAIN.fullmatch(text) and not _LABEL.fullmatch(text):
        return ""
    last = text.rpartition(".")[2]
    if last[:1].isdigit() and _NUMBER.fullmatch(last):
        return _disguised(text)
    return text


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return ""


def _disguised(text: str) -> str:
    """IPv4 in any spelling a browser accepts: 1 to 4 parts, each decimal, octal (0…) or hexadecimal (0x…)."""
    parts = text.split(".")
    if len(parts) > 4:
        return ""
    values = []
    for part in parts:
        if not _NUMBER.fullmatch(part) or len(part) > 20:
            return ""
        try:
            base = 16 if part.startswith("0x") else 8 if part.startswith("0") and len(part) > 1 else 10
            values.append(int(part[2:] or "0", 16) if base == 16 else int(part, base))
        except ValueError:
            return ""
    *head, tail = values
    if any(value > 255 for value in head) or tail >= 256 ** (5 - len(values)):
        return ""
    number = tail
    for index, value in enumerate(head):
        number += value * 256 ** (3 - index)
    return str(ipaddress.IPv4Address(number))


def _ascii(text: str) -> str:
    folded = (
        unicodedata.normalize("NFKC", text).lower().replace("。", ".").replace("．", ".").replace("｡", ".")
    )
    labels = []
    for label in folded.split("."):
        if not label.isascii():
            try:
                label = "xn--" + label.encode("punycode").decode("ascii")
            except UnicodeError:
                return ""
        labels.append(label)
    return ".".join(labels)


def is_address(host: str) -> bool:
    """Whether a normal host is an IP address."""
    return ":" in host or (host.replace(".", "").isdigit() and host.count(".") == 3)


def parents(host: str) -> list[str]:
    """The host and its parent domains, longest first, down to two labels: a.b.c gives a.b.c, b.c."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]
