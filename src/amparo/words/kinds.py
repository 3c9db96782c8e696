"""Kinds of sealed items.

The kind stands in clear beside the item, so it is structural and tells nothing of a story.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What an item is. The codes are bound into the seal of each item and never change."""

    OPENING = "opening"
    ANSWERS = "answers"
    CONSENT = "consent"
    FILE = "file"
    MESSAGE = "message"
    NOTE = "note"
    FINDING = "finding"
    EXAM = "exam"
    DECISION = "decision"
    STATE = "state"
    RESULT = "result"
    DEVICE_CONSENT = "device-consent"
    EVENT = "event"
    PREVIEW = "preview"
    WITHDRAWAL = "withdrawal"


KINDS: tuple[str, ...] = tuple(kind.value for kind in Kind)

MEANS: dict[str, str] = {
    "opening": "Facts of filing: language, exclusions, whether the report may be seen again",
    "answers": "The answers of a questionnaire",
    "consent": "What the reporter allows, purpose by purpose",
    "file": "A file of evidence",
    "message": "A message between the desk and the reporter",
    "note": "A private note of the desk",
    "finding": "Something a detector saw",
    "exam": "An examination: what was read, by which version, and what was not checked",
    "decision": "A person's decision about a finding, with the reason",
    "state": "A change of state of the case, with the reason",
    "result": "A sealed result made elsewhere, instead of raw evidence",
    "device-consent": "The consent of the person who uses a device",
    "event": "Something that happened, online or offline",
    "preview": "A rendered copy of a file, without its hidden data",
    "withdrawal": "The reporter takes the report back",
}
"""What each kind is, as English message ids."""
