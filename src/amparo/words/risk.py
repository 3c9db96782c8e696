"""How urgent a report is, with reasons. Never a score of a person, never a probability."""

from enum import StrEnum

import msgspec


class Priority(StrEnum):
    """P0 act now · P1 first answer within two hours · P2 within a day · P3 within three days."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


PRIORITIES: tuple[Priority, ...] = tuple(Priority)

PRIORITY_TEXTS: dict[str, str] = {
    "P0": "Act now",
    "P1": "Answer within two hours",
    "P2": "Answer within a day",
    "P3": "Answer within three days",
}


class Reason(msgspec.Struct, frozen=True):
    """Why the level is what it is.

    `says` is a short English message id; `facts` name the answers it rests on.
    """

    code: str
    says: str
    facts: tuple[str, ...] = ()


class Urgency(msgspec.Struct, frozen=True, kw_only=True):
    """The place in the queue (`why`, words.why), the level, and its reasons with the most pressing first.

    `uncertain` is True when a question that could raise the level has no answer; `would_change` lists, as
    message ids, what would raise it.
    """

    why: str
    level: Priority
    reasons: tuple[Reason, ...]
    uncertain: bool
    would_change: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The one line for the queue."""
        return self.reasons[0].says if self.reasons else ""
