"""What is written inside the seals, kind by kind (words.kinds). Encoded as msgpack maps, tagged by kind.

A reader ignores fields it does not know, so that an older desk can read what a newer one wrote.
"""

import datetime as dt
from uuid import UUID

import msgspec

from amparo.mitigate.escalation import Watch
from amparo.words.times import Interval, Moment
from amparo.words.writings import Answers, Consent, FileMeta, Opening, Payload
from amparo.words.writings import Exclusion as Exclusion


class Message(Payload, tag="message"):
    text: str
    language: str = ""


class Note(Payload, tag="note"):
    text: str


class Decision(Payload, tag="decision"):
    finding: UUID
    verdict: str  # words.findings.Verdict
    why: str


class StateChange(Payload, tag="state"):
    """A change of the case's frame: its state, its retention day or its members."""

    what: str  # "state", "retention", "kept", "member-added", "member-removed"
    value: str
    why: str = ""
    who: UUID | None = None  # the colleague, where `what` is about a member


class Result(Payload, tag="result"):
    """A confirmed finding in words for the reporter, on the dialogue channel."""

    finding: UUID
    says: str
    does_not_say: str
    text: str = ""


class DeviceConsent(Payload, tag="device-consent"):
    """The consent of the person who uses a device, for these files."""

    files: tuple[UUID, ...]
    how: str


class Event(Payload, tag="event"):
    """Something that happened, online or offline, put on the timeline by a handler."""

    text: str
    when: Moment | Interval | None = None
    venue: str = "offline"
    act: str = ""


class Withdrawal(Payload, tag="withdrawal"):
    """The reporter takes the report back, or (undo) lets it stand after all."""

    undo: bool = False
    before: str = "open"


class TakenDown(Payload, tag="taken-down"):
    """A colleague wrote the report down: signed by them, since the reporter's own keys were made by the desk."""

    way: str  # words.channels of arrival: call, in-person, paper, messenger, mail, import
    on_behalf: str = ""  # "", "knows", "does-not-know", "cannot-be-asked": whether the person knows of the report
    heard_at: dt.datetime | None = None


class Unclaimed(Payload, tag="unclaimed"):
    """The reporter's private keys of a case without a receipt; shredded when a receipt is made."""

    kex_private: bytes
    sign_private: bytes


class Imported(Payload, tag="imported"):
    """The row a case was made from, as it stood: nothing of it is lost where no field took it."""

    sheet: str
    row: int
    digest: bytes  # of the row, keyed: the same row again makes no second case
    cells: dict[str, str]
    problems: tuple[tuple[str, str, str], ...] = ()  # column's title, code (share.casebook), value


class Identity(Payload, tag="identity"):
    """Who the person is or how to reach them: asked for with a reason, never shown with the case."""

    text: str


class Vetting(Payload, tag="vetting"):
    """How somebody was checked. The author is the colleague who did it."""

    method: str  # code: known-to-us, reference, document, call-back, public-work, not-possible
    on: dt.date
    outcome: str  # confirmed, doubtful, not-confirmed
    text: str = ""


class Delegate(Payload, tag="delegate"):
    """Somebody was named, or revoked, who may add and never read. On the dialogue channel: its owner sees it."""

    who: UUID
    label: str  # what its owner calls them: "my sister"
    revoked: bool = False


class Triage(Payload, tag="triage"):
    """What a colleague saw. `level` is "" or what it was raised to; `refuted` are facts that do not hold.

    Facts are question codes, or "raised": an earlier raising. Nothing else ever lowers.
    """

    threats: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # codes, desk.triaging.NEEDS
    level: str = ""
    refuted: tuple[str, ...] = ()
    why: str = ""  # required where a level or a refuted fact stands


class Assignment(Payload, tag="assignment"):
    """Who takes care of the case from now on; nobody where `who` is None."""

    who: UUID | None


class Task(Payload, tag="task"):
    """Something to be done; a later writing with the same `task` changes or ends it."""

    task: UUID
    text: str
    due: dt.datetime | None = None
    who: UUID | None = None
    state: str = "open"  # open, done, dropped
    outcome: str = ""


class HandOver(Payload, tag="hand-over"):
    """What the next shift must know of this case."""

    shift: UUID
    text: str


class Wave(Payload, tag="wave"):
    """This report belongs to a campaign; with `out`, it no longer does."""

    wave: UUID
    title: str
    out: bool = False


class Twin(Payload, tag="twin"):
    """A person compared this report with another. Nothing is moved: the two stay two cases."""

    other: UUID
    verdict: str  # same, related, different
    why: str


class Mask(Payload, tag="mask"):
    """`text` is covered wherever the case is shown or exported; with `off`, no longer."""

    mask: UUID
    text: str
    why: str
    off: bool = False


class Request(Payload, tag="request"):
    """A second person is asked (`answer` ""), or answers (approved, refused), or the thing was done (used)."""

    request: UUID
    act: str  # identity, export, shred, keep
    why: str
    answer: str = ""


class Conflict(Payload, tag="conflict"):
    """This colleague must not read the case any more, and is never added again."""

    who: UUID
    why: str


class Statement(Payload, tag="statement"):
    """What a colleague adds to the escalation watch (words.escalation); desk.statements makes it one."""

    what: str  # event, answer, ahead, capacity, finding, refute
    kind: str = ""  # of the event, the date ahead or the capacity; the question; the level of a finding
    value: str = ""  # of an answer; the state of a finding
    marks: tuple[str, ...] = ()
    by: str = "unknown"  # words.perpetrators
    on: dt.date | None = None  # the day of the event, or of what comes
    of: str = ""  # the statement that is refuted
    text: str = ""  # why it is refuted; of an event, a few words
    timeline: UUID | None = None  # the entry of the timeline that is weighed with it
    case: UUID | None = None  # the case that it was taken along from, where it is `origin`
    origin: str = ""


class Assessment(Payload, tag="assessment"):
    """A colleague signs the level of the escalation watch, and when it is looked at again (a task of the case)."""

    watch: Watch
    again: dt.datetime
    task: UUID
    text: str = ""


class Walk(Payload, tag="walk"):
    """A playbook of the case moves to a page or an end; with `node` "", it was given up there."""

    walk: UUID
    book: str  # code of the playbook
    version: int
    node: str  # id of the page, "resolved" or "help:SERVICE"
    choice: int | None = None  # place of the answer among those of the page before
    tasks: tuple[UUID, ...] = ()  # made of the steps of this page


class Agreement(Payload, tag="agreement"):
    """Somebody agreed, or did not, that anything of the case leaves the desk, as a colleague wrote it down."""

    by: str  # own, guardian, trusted-adult, authority
    way: str  # in-person, call, writing, message
    on: dt.date
    given: bool
    text: str = ""


class CheckIn(Payload, tag="check-in"):
    """One event of a check-in plan. `protocol` is sealed once more, under the site's secret (seal.protocols).

    On the dialogue: on, well, help, paused, ended, closed. For staff alone: forced, opened, called, closed with why.
    """

    plan: UUID
    what: str
    due: dt.datetime | None = None  # the time that is waited for from now on; None: the plan is at its end
    hours: int = 0  # between two times; 0: there is one only
    until: dt.datetime | None = None
    grace: int = 0  # minutes
    protocol: bytes = b""
    alarm: UUID | None = None
    step: int = 0
    text: str = ""


AnyPayload = (
    Opening | Answers | Consent | FileMeta | Message | Note | Decision | StateChange | Result | DeviceConsent
    | Event | Withdrawal | TakenDown | Unclaimed | Imported | Identity | Vetting | Delegate | Triage | Assignment | Task
    | HandOver | Wave | Twin | Mask | Request | Conflict | Statement | Assessment
    | Walk | Agreement | CheckIn
)
KIND_OF: dict[type, str] = {
    Opening: "opening", Answers: "answers", Consent: "consent", FileMeta: "file", Message: "message",
    Note: "note", Decision: "decision", StateChange: "state", Result: "result",
    DeviceConsent: "device-consent", Event: "event", Withdrawal: "withdrawal", TakenDown: "taken-down",
    Unclaimed: "unclaimed", Imported: "imported", Identity: "identity", Vetting: "vetting", Delegate: "delegate",
    Triage: "triage",
    Assignment: "assignment", Task: "task", HandOver: "hand-over", Wave: "wave", Twin: "twin", Mask: "mask",
    Request: "request", Conflict: "conflict", Statement: "statement", Assessment: "assessment",
    Walk: "walk", Agreement: "agreement",
    CheckIn: "check-in",
}
OWN_KINDS = frozenset(KIND_OF.values())  # findings, exams, previews and conversations are the worker's
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[AnyPayload] = msgspec.msgpack.Decoder(AnyPayload)


def encode(payload: AnyPayload) -> bytes:
    """Bytes to seal."""
    return _encoder.encode(payload)


def decode(raw: bytes) -> AnyPayload:
    """The payload of opened bytes; msgspec.DecodeError when they are none of these kinds."""
    return _decoder.decode(raw)
