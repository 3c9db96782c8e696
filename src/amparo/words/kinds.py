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
    TAKEN_DOWN = "taken-down"
    UNCLAIMED = "unclaimed"
    IMPORTED = "imported"
    CONVERSATION = "conversation"
    IDENTITY = "identity"
    VETTING = "vetting"
    DELEGATE = "delegate"
    TRIAGE = "triage"
    ASSIGNMENT = "assignment"
    TASK = "task"
    HAND_OVER = "hand-over"
    WAVE = "wave"
    TWIN = "twin"
    MASK = "mask"
    REQUEST = "request"
    CONFLICT = "conflict"
    STATEMENT = "statement"
    ASSESSMENT = "assessment"
    WALK = "walk"
    AGREEMENT = "agreement"
    CHECK_IN = "check-in"


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
    "taken-down": "A report that a colleague wrote down: by which way it came, and who wrote it",
    "unclaimed": "The keys of a report that has no receipt yet",
    "imported": "The row of a sheet from which a case was made",
    "conversation": "Messages read from a chat export or a mailbox",
    "identity": "Who the person is or how to reach them, kept apart from the report",
    "vetting": "How, by whom and when it was checked who somebody is",
    "delegate": "Somebody who may add to the report and never read it",
    "triage": "What a colleague saw in the report: kinds of threat, how urgent, what helps",
    "assignment": "Who takes care of the case",
    "task": "Something to be done, and whether it was done",
    "hand-over": "What the next shift must know of the case",
    "wave": "Many reports of one campaign",
    "twin": "Two reports compared: the same, or not",
    "mask": "Words that are covered wherever the case is shown",
    "agreement": "A consent that a colleague wrote down: who agreed or did not, how, on which day",
    "request": "Something for which a second person is asked, and the answer",
    "conflict": "A colleague who must not read this case, and why",
    "statement": "What a colleague adds to the escalation watch, or refutes there",
    "assessment": "A level of the escalation watch that a colleague has signed",
    "check-in": "A check-in plan, and what was pressed or done there",
    "walk": "Where the work stands in a playbook, and which answers led there",
}
"""What each kind is, as English message ids."""
