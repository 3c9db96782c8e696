"""What staff write to a case: every call one transaction, signed, checked by policy.

`version` is the case version that the page showed; when given and no longer true, ChangedMeanwhile.
"""

import datetime as dt
from uuid import UUID

from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import ChangedMeanwhile
from amparo.words.times import Interval, Moment

__all__ = ["ChangedMeanwhile"]


def reply(*, staff: OpenStaff, case_id: UUID, text: str, language: str = "", version: int | None = None) -> UUID:
    """Write to the reporter."""
    raise NotImplementedError


def note(*, staff: OpenStaff, case_id: UUID, text: str, version: int | None = None) -> UUID:
    """A private note of the desk."""
    raise NotImplementedError


def decide_finding(
    *, staff: OpenStaff, case_id: UUID, finding: UUID, verdict: str, why: str, tell: str | None = None,
    version: int | None = None,
) -> UUID:
    """Accept or reject a finding (words.findings.Verdict). `why` is required.

    With verdict "accepted" and a `tell` text, the reporter is told the finding, its limit, and that text.
    """
    raise NotImplementedError


def set_state(*, staff: OpenStaff, case_id: UUID, state: str, why: str = "", version: int | None = None) -> None:
    """One of records.cases.STATES except withdrawn and erasing."""
    raise NotImplementedError


def set_retention(
    *, staff: OpenStaff, case_id: UUID, day: dt.date, why: str, version: int | None = None
) -> None:
    """Keep until `day` (after today; for a minor not later than the desk's limit)."""
    raise NotImplementedError


def add_colleague(*, staff: OpenStaff, case_id: UUID, colleague: UUID, version: int | None = None) -> None:
    """Give a colleague the case; refused for those the reporter excluded."""
    raise NotImplementedError


def remove_colleague(*, staff: OpenStaff, case_id: UUID, colleague: UUID, version: int | None = None) -> None:
    """Take the case from a colleague: a new epoch."""
    raise NotImplementedError


def record_device_consent(
    *, staff: OpenStaff, case_id: UUID, files: tuple[UUID, ...], how: str, version: int | None = None
) -> UUID:
    """Record the consent of the person who uses the device; its files may then be examined."""
    raise NotImplementedError


def request_exam(*, staff: OpenStaff, case_id: UUID, file: UUID, version: int | None = None) -> str:
    """Lease a file to the live workers from this open session; a code of examining.queue_exams."""
    raise NotImplementedError


def record_event(
    *, staff: OpenStaff, case_id: UUID, text: str, when: Moment | Interval | None, venue: str, act: str = "",
    version: int | None = None,
) -> UUID:
    """Put something that happened on the timeline. venue: online, offline, both."""
    raise NotImplementedError


def shred_case(*, staff: OpenStaff, case_id: UUID, why: str, version: int | None = None) -> None:
    """Destroy the case's keys now, then its rows and files. Lead only."""
    raise NotImplementedError
