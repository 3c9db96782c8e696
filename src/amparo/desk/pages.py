"""What a case page is made of: values opened for one page and forgotten with it. Built in reading.py."""

import datetime as dt
from uuid import UUID

import msgspec

from amparo.desk.working import Working
from amparo.words.findings import Finding, NotChecked
from amparo.words.times import Interval, Moment


class WhyReason(msgspec.Struct, frozen=True):
    """One reason for the place in the queue. `says` is a message id."""

    code: str
    says: str
    facts: tuple[str, ...] = ()  # codes of the questions that it rests on


class Entry(msgspec.Struct, frozen=True):
    """One point of the timeline."""

    when: Moment | Interval | None
    kind: str
    venue: str  # online, offline, both, desk
    text: str
    item: UUID
    who: str  # pseudonym, "reporter", "worker" or "?"
    proven: bool
    what: str = ""  # of a "state": state, retention, kept, member-added, member-removed
    value: str = ""  # its code, day or pseudonym; of "taken-down": the way it came; of a finding: its verdict


class Answer(msgspec.Struct, frozen=True):
    """One question with its answer. `values` are option codes where there are options, else typed text."""

    code: str
    question: str
    values: tuple[str, ...]
    text: str


class Copy(msgspec.Struct, frozen=True):
    """A rendered copy of a file. kind: image, text, email, none; `says` may explain.

    `conversation`: the item with its messages, where it is a chat or a mailbox.
    """

    item: UUID
    kind: str
    says: str
    conversation: UUID | None = None
    messages: int = 0


class EvidenceCard(msgspec.Struct, frozen=True):
    """A file: sealed, perhaps examined."""

    item: UUID
    name: str
    size: int
    media_type: str
    sha256: str
    custody_index: int | None
    received_on: dt.datetime
    exam: str  # code: waiting-for-worker, waiting, running, done, needs-handler, needs-device-consent, failed, none
    previews: tuple[Copy, ...]
    device: bool
    device_consent: bool
    proven: bool
    lost: bool  # the sealed file is missing or not as it was: said, never skipped


class FindingCard(msgspec.Struct, frozen=True):
    item: UUID
    evidence: UUID | None
    finding: Finding
    verdict: str | None
    verdict_why: str
    by: str
    proven: bool
    told: bool = False  # the reporter was told it


class Line(msgspec.Struct, frozen=True):
    """One line of the dialogue or one note. `who`: pseudonym, "reporter" or "?"."""

    id: UUID
    who: str
    text: str
    at: dt.datetime
    proven: bool
    kind: str = "message"


class Member(msgspec.Struct, frozen=True):
    staff_id: UUID
    pseudonym: str
    role: str


class Unreadable(msgspec.Struct, frozen=True):
    """A row that could not be opened where it stands: altered, moved, or a stranger's."""

    item: UUID
    kind: str
    code: str


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one case that one colleague may read."""

    case: UUID
    version: int
    state: str
    epoch: int
    opened_on: dt.date
    retention_on: dt.date
    grace_until: dt.datetime | None
    language: str
    minor: bool
    gender: str
    level: str
    heading: str  # words.why code: the place in the queue
    reason: str  # the one line of the queue
    why: tuple[WhyReason, ...]
    would_change: tuple[str, ...]  # message ids: what would raise it
    timeline: tuple[Entry, ...]
    answers: tuple[Answer, ...]
    evidence: tuple[EvidenceCard, ...]
    findings: tuple[FindingCard, ...]
    not_checked: tuple[NotChecked, ...]
    dialogue: tuple[Line, ...]
    notes: tuple[Line, ...]
    members: tuple[Member, ...]
    addable: tuple[Member, ...]
    consents: tuple[tuple[str, bool], ...]
    unreadable: tuple[Unreadable, ...]
    work: Working  # who has it, what is to be done, what triage saw
    vetted: str  # the outcome of the newest check, "" where nobody checked
    notices: tuple[str, ...]  # codes: keys-not-proven, no-worker, member-removed-rekey-waiting, withdrawn
