"""One indicator and one collection of them, in the forms under which evidence is compared."""

import re
from collections.abc import Callable

import msgspec

from amparo.identify.hosts import is_address, normal_host


class Collection(msgspec.Struct, frozen=True):
    """One published set. `dated` is an ISO day or "" where unknown; `digest` is SHA-256 of the file as it lies."""

    name: str
    maintainer: str
    licence: str
    source: str
    dated: str
    kind: str  # spyware, stalkerware, watchware, phishing, forensic-tool
    digest: str
    indicators: int = 0
    not_understood: int = 0
    changed: bool = False


class Indicator(msgspec.Struct, frozen=True):
    """`value` as published; `about` is the program or campaign; `role` tells a vendor's website from a control server;
    `nature` is the kind of program: spyware, stalkerware, watchware, phishing, forensic-tool."""

    kind: str
    value: str
    about: str
    collection: str
    role: str = ""
    nature: str = "spyware"


_HEX = re.compile(r"[0-9a-f]+")
_HASH_LENGTHS = {32, 40, 64}


def host_form(value: str) -> str:
    """The key of a host indicator, "" when it is none."""
    return normal_host(value)


def path_form(value: str) -> str:
    """Absolute or relative path without doubled or final slashes; /private/var and /var are one on Apple's systems."""
    parts = [part for part in value.strip().split("/") if part not in ("", ".")]
    if ".." in parts or not parts:
        return ""
    if (
        value.startswith("/")
        and parts[0] == "private"
        and len(parts) > 1
        and parts[1] in ("var", "tmp", "etc")
    ):
        parts = parts[1:]
    return ("/" if value.lstrip().startswith("/") else "") + "/".join(parts)


def hex_form(value: str) -> str:
    """Hash or certificate digest: lower-case hex without separators, "" when the length fits no known digest."""
    plain = value.strip().replace(":", "").replace(" ", "").lower()
    return plain if len(plain) in _HASH_LENGTHS and _HEX.fullmatch(plain) else ""


def url_form(value: str) -> str:
    """host/path of a URL that names more than a host, "" otherwise. The query is dropped."""
    text = value.strip()
    scheme, parted, rest = text.partition("://")
    rest = rest if parted else scheme
    host, slash, path = rest.partition("/")
    host = normal_host(host.rpartition("@")[2])
    path = re.split(r"[?#]", path, maxsplit=1)[0].strip("/")
    return f"{host}/{path}" if host and slash and path else ""


FORMS: dict[str, Callable[[str], str]] = {
    "host": host_form,
    "ip": host_form,
    "url": url_form,
    "process": lambda value: value.strip().rpartition("/")[2],
    "path": path_form,
    "filename": lambda value: value.strip().rpartition("/")[2],
    "email": lambda value: value.strip().casefold(),
    "app": lambda value: value.strip().casefold(),
    "cert": hex_form,
    "hash": hex_form,
    "profile": lambda value: value.strip().casefold(),
    "property": lambda value: value.strip(),
}
"""For each kind of indicator, the function that gives its key ("" when the value cannot be used)."""


def keyed(kind: str, value: str) -> tuple[str, str] | None:
    """(kind, key) of a published value; None when it is not usable. A host that is an address becomes an `ip`, a
    "domain" with a path becomes a `url`."""
    if len(value) > 4096:
        return None
    if kind in ("host", "url") and "/" in value.strip():
        key = url_form(value)
        if key:
            return "url", key
        value = value.partition("://")[2].partition("/")[0] or value.partition("/")[0]
        kind = "host"
    if kind == "url":
        kind = "host"
    form = FORMS.get(kind)
    key = form(value) if form else ""
    if not key:
        return None
    if kind in ("host", "ip"):
        if is_address(key):
            return "ip", key
        if kind == "ip":
            return None
    return kind, key
