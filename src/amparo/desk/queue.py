"""The queue: one sealed sheet a colleague, so that a thousand cases open in the blink that one does."""

import datetime as dt
from uuid import UUID

import msgspec

from amparo.desk.accounts import OpenStaff


class QueueRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One case in the queue, most pressing first. Texts are message ids; nothing here names a person."""

    case: UUID
    version: int
    why: str  # words.why.WHY
    rank: int
    reason: str
    level: str
    language: str
    day: dt.date  # opened on
    consents: tuple[str, ...]
    waiting: str  # "", "reporter-wrote", "no-worker", "needs-handler", "findings", "withdrawn", "unreadable"
    state: str
    new: bool  # nobody of the desk has written yet


class QueuePage(msgspec.Struct, frozen=True):
    rows: tuple[QueueRow, ...]
    building: bool
    progress: tuple[int, int]  # cases read, cases in all


def load(staff: OpenStaff) -> QueuePage:
    """My queue. When more than a few hundred cases are new to the sheet, it is built in the background."""
    raise NotImplementedError
