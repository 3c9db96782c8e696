"""What a file is, by its content; a name proves nothing."""

import re

from amparo.gather import archives, lines, mail, whatsapp

FORMS = ("whatsapp", "signal", "signal-export", "signal-markdown", "sms", "mailbox", "mail")
ZIP = "zip"
_FRAME = re.compile(rb'\A\s*\{"(?:version|account|recipient|chat|chatItem|backupTimeMs|header)"')
_MARKDOWN = re.compile(r"\[\d{4}-\d\d-\d\d,? \d\d:\d\d(?::\d\d)?\] [^:\n]{1,200}: ")


def recognise(name: str, head: bytes) -> str:
    """One of FORMS, "zip" for an archive that may hold some, or "" for none. `head`: the first 64 KiB.

    `name` is not used: it is there so that every reader's way to be chosen is the same.
    """
    head = head[: 1 << 16]
    if archives.is_zip(head):
        return ZIP
    if not head.strip():
        return ""
    if mail.is_mailbox(head):
        return "mailbox"
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if bare.startswith(b"{"):
        line = bare.split(b"\n", 1)[0]
        if _FRAME.match(bare) and (b'"mediaRootBackupKey"' in line or b'"chatItem"' in head or b'"recipient"' in head):
            return "signal"
        return "signal-export" if all(f'"{key}":'.encode() in line for key in ("date", "sender", "body")) else ""
    if bare.startswith(b"<") and b"<smses" in bare[:4_000]:
        return "sms"
    if mail.is_mail(head):
        return "mail"
    text = head.decode(lines.encoding_of(head), "replace").replace("\r\n", "\n")
    # signal-export ends every text with two spaces; an iPhone of the same date form marks its own words with U+200E
    if _MARKDOWN.match(text.lstrip("\ufeff")) and "  \n" in text and "\u200e" not in text:
        return "signal-markdown"
    return "whatsapp" if whatsapp.looks_like(head) else ""
