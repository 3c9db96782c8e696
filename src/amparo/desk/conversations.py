"""Conversations: the messages of a chat export or a mailbox, kept like a copy of the file they were read from.

A worker writes them, signed, to the staff channel: one head with what the file held, and parts with the messages.
Both are opened for one page and forgotten with it; words that are masked in the case are covered here as everywhere.
"""

import datetime as dt
from typing import TypeVar
from uuid import UUID, uuid4

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import bulk, clock, custody, opening, payloads, policy, sandbox, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotFound
from amparo.desk.opening import OpenCase, Read
from amparo.desk.records import Case, CaseEpoch
from amparo.gather.recognising import FORMS, ZIP
from amparo.words.errors import AmparoError
from amparo.words.messages import Message, Summary

PAGE = 200  # messages on one page
PART = 5 * PAGE  # messages in one item: a page never needs two
Sort = TypeVar("Sort")
_SILENT = ("nothing-read", "needs-device-consent")  # no conversation at all


class Head(msgspec.Struct, frozen=True, tag="conversation", tag_field="is"):
    """Payload of the "conversation" item that has an address: `code` "done", or a key of sandbox.WHY."""

    at: dt.datetime
    of: UUID
    code: str
    summary: Summary
    parts: tuple[UUID, ...] = ()


class Part(msgspec.Struct, frozen=True, tag="conversation-part", tag_field="is"):
    """Payload of the items that hold the messages, in order."""

    of: UUID  # the head
    number: int
    messages: tuple[Message, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a conversation. `name`: the file's; `number` of `pages`; `missing`: this part cannot be opened."""

    case: UUID
    item: UUID
    of: UUID
    name: str
    code: str
    says: str
    summary: Summary
    messages: tuple[Message, ...]
    number: int
    pages: int
    proven: bool
    missing: bool


def in_it(outcome: sandbox.Outcome) -> bool:
    """Whether the copy's child saw a chat, a mailbox, or an archive that may hold one."""
    return outcome.code == "done" and outcome.ended is not None and outcome.ended.detected in (*FORMS, ZIP)


def write(*, case: Case, of: UUID, outcome: sandbox.Outcome, author: seal.Author, epoch: CaseEpoch) -> UUID | None:
    """Write what a child read, also where it ended early; the head's id, or None where there is no conversation.

    Runs inside the transaction of the preview.
    """
    if outcome.code in _SILENT:
        return None
    head = uuid4()
    parts = []
    for number, start in enumerate(range(0, len(outcome.said), PART)):
        part = Part(head, number, outcome.said[start : start + PART])
        parts.append(writing.write_item(
            case=case, payload=msgspec.msgpack.encode(part), kind="conversation", author=author, epoch=epoch,
        ).item.id)
    summary = outcome.heard or Summary("", len(outcome.said))
    # a captured child may say any number; how many can be shown is counted here
    summary = msgspec.structs.replace(summary, kept=len(outcome.said))
    made = Head(clock.now(), of, outcome.code, summary, tuple(parts))
    writing.write_item(
        case=case, payload=msgspec.msgpack.encode(made), kind="conversation", author=author, item_id=head, epoch=epoch,
    )
    return head


def read_head(raw: bytes) -> Head:
    """The head in an opened item. Errors: msgspec.DecodeError."""
    return _decoded(raw, Head)


def read_part(raw: bytes) -> Part:
    """The part in an opened item. Errors: msgspec.DecodeError."""
    return _decoded(raw, Part)


def _decoded(raw: bytes, sort: type[Sort]) -> Sort:
    try:
        return msgspec.msgpack.decode(raw, type=sort)
    except AmparoError:  # a zone that is none
        raise msgspec.DecodeError("not a conversation") from None


def page(staff: OpenStaff, case_id: UUID, item: UUID, number: int = 1) -> Page:
    """One page. Writes "viewed" to the custody log.

    Errors: NotFound where there is no such conversation, or no such page.
    """
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "evidence.preview")
    read = opening.read_one(opened, item, "conversation")
    try:
        head = read_head(read.raw)
    except msgspec.DecodeError:
        raise NotFound("This is not a conversation of the case.", advice="Open the case again.") from None
    pages = max(1, -(-head.summary.kept // PAGE))
    if not 1 <= number <= pages:
        raise NotFound("This conversation has no such page.", advice="Open it again from the case.")
    bulk.count(staff, (case_id,))
    start = (number - 1) * PAGE
    part = _part(opened, head, item, start // PART, read)
    inside = start % PART
    with transaction.atomic():
        custody.record(custody.entry(
            "viewed", case=case_id, item=item, actor_kind="staff", actor=staff.id, detail=("conversation",)
        ))
    return Page(
        case=case_id, item=item, of=head.of, name=_name(opened, head.of), code=head.code,
        says="" if head.code == "done" else sandbox.WHY.get(head.code, ""), summary=head.summary,
        messages=part.messages[inside : inside + PAGE] if part else (), number=number, pages=pages,
        proven=read.proven, missing=part is None and bool(head.summary.kept),
    )


def _part(opened: OpenCase, head: Head, item: UUID, number: int, read: Read) -> Part | None:
    """The part, if it is this head's own and as well proven as the head is."""
    if number >= len(head.parts):
        return None
    try:
        found = opening.read_one(opened, head.parts[number], "conversation")
        part = read_part(found.raw)
    except (NotFound, seal.SealError, msgspec.DecodeError):
        return None
    same = (part.of, part.number) == (item, number) and found.author_id == read.author_id
    return part if same and found.proven == read.proven else None


def _name(opened: OpenCase, file: UUID) -> str:
    try:
        payload = opening.read_one(opened, file, "file").payload
    except (NotFound, seal.SealError):
        return ""
    return payload.name if isinstance(payload, payloads.FileMeta) else ""
