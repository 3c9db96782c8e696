"""Names found in evidence: which are refused, and how any of them is shown without harm."""

import re
import unicodedata

# C0, DEL, C1, bidirectional controls, line and paragraph separators, zero-width signs, byte order mark, surrogates.
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_DRIVE = re.compile(r"^[A-Za-z]:")


def shown(text: str, limit: int = 500) -> str:
    """Text from evidence, safe to print: signs that move the cursor or turn the direction are written out.

    Longer texts are cut to `limit` signs, with "…" at the end.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return _HARMFUL.sub(lambda sign: f"\\u{ord(sign[0]):04x}", cut)


def why_refused(name: str) -> str | None:
    """Why a member's name is refused, or None when it may be read."""
    if not name:
        return "it has no name"
    if "\x00" in name:
        return "its name holds a NUL sign"
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        return "its name points outside the archive"
    parts = re.split(r"[/\\]", name)
    if ".." in parts:
        return "its name points outside the archive"
    return None


def one_form(name: str) -> str:
    """The form under which two names count as the same: one file must not hide behind another's name."""
    parts = (part for part in name.split("/") if part not in ("", "."))
    return unicodedata.normalize("NFC", "/".join(parts))
