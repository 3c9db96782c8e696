"""Links, bare domains and e-mail addresses inside a text that a person wrote or received.

Only candidates come from here; whether one is known is for the exact matcher. Defanged forms (`hxxp`, `[.]`, `(.)`)
are read as links. A domain inside the path or query of another link is not a link.
"""

import re
from typing import NamedTuple

# Scripts written without spaces, or glued to Latin words: a sign of these ends a domain. Letters of other scripts do
# not, because "еvil.com" with a Cyrillic letter is another domain than "evil.com".
_GLUED = (
    "\u0590-\u08ff\u0e00-\u0fff\u1100-\u11ff\u3000-\u30ff\u3400-\u9fff\uac00-"
    "\ud7af\uf900-\ufaff\ufb1d-\ufefc\uff00-\uffef"
)
_LETTER = rf"[^\W{_GLUED}]"
_END = rf"[^\s<>\"'`{_GLUED}]"
_SCHEME = r"(?P<scheme>h[tx]{2}ps?://)"
_HOST = rf"{_LETTER}(?:{_LETTER}|-)*(?:\.(?:{_LETTER}|-)+)+"
_CANDIDATE = re.compile(
    rf"(?:{_SCHEME}(?P<link>[^\s<>\"'`]+))"
    rf"|(?<![\w.+@/-])(?P<mail>[\w.+-]{{1,64}}@{_HOST})"
    rf"|(?<!{_LETTER})(?<![.@/-])(?P<bare>{_HOST})(?P<rest>\.?(?::\d{{1,5}})?(?:[/?#]{_END}*)?)(?![\w@-]*@)",
    re.IGNORECASE,
)
_DEFANGED_DOT = re.compile(r"\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?", re.IGNORECASE)
_DEFANGED_SCHEME = re.compile(r"\b(h[tx]{2}ps?)\s?(?:\[:\]|\[://\]|\(:\))(?://)?", re.IGNORECASE)
_DEFANGED_AT = re.compile(r"\s?[\[(]\s?(?:@|at)\s?[\])]\s?", re.IGNORECASE)
_HOST_END = re.compile(rf"[/?#\\(){{}}|,;*{_GLUED}]")
_TRAILING = ".,;:!?)]}>»”’\"'…*_"
_LONGEST = 1_000_000


class Candidate(NamedTuple):
    """`kind` link, bare or email; `text` as it stands, refanged; `authority` the part that names the host."""

    kind: str
    text: str
    authority: str


def refang(text: str) -> str:
    """Defanged links as they were meant: hxxps://a[.]b becomes https://a.b. Other text is unchanged."""
    if "[" in text or "(" in text or "{" in text:
        text = _DEFANGED_SCHEME.sub(lambda found: found[1] + "://", text)
        text = _DEFANGED_DOT.sub(".", text)
        text = _DEFANGED_AT.sub("@", text)
    return text


def candidates(text: str) -> list[Candidate]:
    """Everything in the text that could name a host or a mailbox, in order."""
    # Most messages hold neither a dot inside a word nor a scheme: leave them early.
    if "." not in text and "dot" not in text.lower() and "://" not in text:
        return []
    found = []
    for match in _CANDIDATE.finditer(refang(text[:_LONGEST])):
        if link := match["link"]:
            link = link.rstrip(_TRAILING)
            scheme = match["scheme"].lower().replace("xx", "tt")
            rest = _HOST_END.split(link, maxsplit=1)[0]
            found.append(Candidate("link", scheme + link, rest.rpartition("@")[2]))
        elif mail := match["mail"]:
            found.append(Candidate("email", mail.rstrip("."), ""))
        else:
            rest = match["rest"].rstrip(_TRAILING)
            port = re.match(r"\.?(:\d{1,5})?", rest)
            found.append(Candidate("bare", match["bare"] + rest, match["bare"] + (port[0] if port else "")))
    return found
