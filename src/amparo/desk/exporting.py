"""Cases that leave the desk: one for its owner, one whole, or the whole desk for the day you leave.

Always encrypted, in the age format; made while it is sent, so that nothing lies in clear on the disk and nothing large
in memory. Texts come from reading.case_page: what is covered there is covered here. Originals of files go along only
where that is asked for, and are never covered.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from amparo import seal
from amparo.desk import (
    accounts,
    agreements,
    blobs,
    clock,
    conversations,
    custody,
    opening,
    policy,
    reading,
    second,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, Expired, NotFound
from amparo.desk.pages import CasePage, EvidenceCard
from amparo.desk.records import Case, Grant, Item, LogEntry
from amparo.share import casefile, packing
from amparo.share.casefile import Answer, CaseFile, Document, File, Head, Leaf, Said
from amparo.words import consents as purposes
from amparo.words import questionnaires
from amparo.words.times import written

PIECE = 1 << 16
KEPT_BACK = ("preview", "identity", "unclaimed", "mask", "conflict", "check-in")
"""Kinds that leave in no export: an identity is asked for by itself, keys, covered words and contacts never leave."""
HERS = ("collected", "consented", "withdrawn", "withdrawal-undone", "words-changed", "examined")
FIRST = """This archive holds two parts, both in the age format (age-encryption.org).

1. key.age opens with the passphrase that was chosen for this export:
       age -d key.age > key.txt
2. export.zip.age opens with that key:
       age -d -i key.txt export.zip.age > export.zip
   Then delete key.txt, and unpack export.zip where nobody else reads along. It holds a READ-ME.txt.
"""


class Way(msgspec.Struct, frozen=True):
    """Whom it is encrypted to: a passphrase, or an age recipient. Exactly one is given."""

    passphrase: str = ""
    recipient: str = ""

    def __repr__(self) -> str:
        return "<Way>"


class NoWay(DeskError):
    code = "export-way"
    advice = "Choose a passphrase, or give the age recipient of whoever will read it."


class Export(msgspec.Struct, frozen=True):
    """A file to be sent as it is made. `name` says nothing of what is in it."""

    name: str
    pieces: Iterator[bytes]


UNDER_18 = "of somebody under 18: a second person must approve its export"
NOBODY_AGREED = "of somebody under 18: no consent is written down"


def permitted(staff: OpenStaff, case_ids: tuple[UUID, ...]) -> bool:
    """Whether these cases may leave now: by number within the hour, and by a second person where the desk asks for one.

    Uses an approval up; True where a second person approved many. Raises second.NeedsSecond or bulk.BulkLimit.
    """
    return second.allow(staff=staff, act="export", case_ids=case_ids)


def one(*, staff: OpenStaff, case_id: UUID, whole: bool, originals: bool, way: Way) -> Export:
    """One case: what is its owner's, or all of it."""
    _check(way)
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.export")
    permitted(staff, (opened.case.id,))
    _note(staff, (case_id,), "whole" if whole else "owner")
    return _sent(_documents(staff, ((case_id, ""),), whole, originals), way)


def everything(*, staff: OpenStaff, originals: bool, way: Way) -> Export:
    """Every case that this lead can open; those that they cannot are listed by number as not exported."""
    _check(way)
    policy.require(staff.role, "none", "desk.export")
    mine = set(
        Grant.objects.filter(kind="staff", staff_id=staff.id).exclude(case__state="erasing")
        .values_list("case_id", flat=True)
    )
    cases = tuple(sorted(mine))
    others = sorted(set(Case.objects.exclude(state="erasing").values_list("id", flat=True)) - mine)
    approved = permitted(staff, cases)
    _note(staff, cases, "desk")
    return _sent(_desk(staff, cases, others, originals, approved), way)


def _check(way: Way) -> None:
    if bool(way.passphrase) == bool(way.recipient):
        raise NoWay("It is not said to whom this export is encrypted.")
    if way.recipient:
        seal.check_recipient(way.recipient)
    else:
        seal.check_password_strength(way.passphrase)


def _note(staff: OpenStaff, case_ids: Iterable[UUID], what: str) -> None:
    """Before the first byte leaves: what was begun counts as exported, even if the line broke."""
    with transaction.atomic():
        custody.record(*(
            custody.entry("exported", case=case, actor_kind="staff", actor=staff.id, detail=(what,))
            for case in case_ids
        ))


def _sent(entries: Iterator[packing.Entry], way: Way) -> Export:
    day = clock.today().isoformat()
    if way.recipient:
        return Export(f"export-{day}.zip.age", seal.encrypted(_kept(entries), seal.check_recipient(way.recipient)))
    secret, recipient = seal.new_age_key()
    key = seal.to_passphrase(secret.encode() + b"\n", way.passphrase)
    inside = seal.encrypted(_kept(entries), recipient)
    parts: tuple[packing.Entry, ...] = (
        ("READ-ME-FIRST.txt", (FIRST.encode(),)), ("key.age", (key,)), ("export.zip.age", inside)
    )
    return Export(f"export-{day}.zip", packing.stored(parts))


def _kept(entries: Iterator[packing.Entry]) -> Iterator[bytes]:
    """The archive; its thread's connection is closed with it."""
    try:
        yield from packing.packed(entries)
    finally:
        connection.close()


def _desk(
    staff: OpenStaff, cases: tuple[UUID, ...], others: list[UUID], originals: bool, approved: bool
) -> Iterator[packing.Entry]:
    broken: list[tuple[UUID, str]] = []
    for case in cases:
        try:
            if why := _kept_here(opening.for_staff(staff.id, staff.keys.kex.private, case), approved):
                broken.append((case, why))
                continue
            yield from _documents(staff, ((case, f"cases/{case}/"),), True, originals)
        except (seal.SealError, NotFound) as error:
            broken.append((case, error.code))
    rows = [*((str(case), "no key of this case") for case in others), *((str(case), code) for case, code in broken)]
    yield packing.whole(Document("NOT-EXPORTED.csv", casefile.table(("case", "why"), rows)))
    told = (
        f"The whole desk as one lead could open it, on {clock.now():%Y-%m-%d %H:%M} UTC.\n\n"
        f"{len(cases) - len(broken)} cases are in cases/, each in a folder of its own with a READ-ME.txt.\n"
        f"{len(rows)} cases are not in it; NOT-EXPORTED.csv lists them.\n"
    )
    yield packing.whole(Document("READ-ME.txt", told.encode()))


def _kept_here(opened: opening.OpenCase, approved: bool) -> str:
    """Why a case stays behind when the whole desk leaves; "" where it goes along."""
    if not second.under_18(opened):
        return ""
    if not approved:
        return UNDER_18
    return "" if agreements.stands(opened) else NOBODY_AGREED


def _documents(
    staff: OpenStaff, cases: Iterable[tuple[UUID, str]], whole: bool, originals: bool
) -> Iterator[packing.Entry]:
    for case_id, folder in cases:
        if not accounts.stands(staff):
            raise Expired("Your session has ended.")
        opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
        page = reading.case_page(staff, case_id)
        file = _file(opened, page, whole, originals)
        for document in casefile.documents(file):
            yield packing.whole(document, folder)
        if whole:
            yield from _conversations(opened, folder)
        for one in file.files:
            if one.place:
                yield folder + one.place, _original(staff, opened, one.id)


def _conversations(opened: opening.OpenCase, folder: str) -> Iterator[packing.Entry]:
    """Chats and mailboxes that were read from files: a document for each item, one in memory at a time."""
    rows = Item.objects.filter(case=opened.case, kind="conversation").order_by("sequence")
    for item in rows.values_list("id", flat=True):
        try:
            read = opening.read_one(opened, item, "conversation")
        except (seal.SealError, NotFound):
            continue  # told among the gaps
        told: dict[str, Any] = {"id": str(item), "proven": read.proven}
        try:
            part = conversations.read_part(read.raw)
            told |= {"of": str(part.of), "part": part.number, "messages": msgspec.to_builtins(part.messages)}
        except msgspec.DecodeError:
            try:
                head = conversations.read_head(read.raw)
            except msgspec.DecodeError:
                continue
            told |= {"file": str(head.of), "code": head.code, "summary": msgspec.to_builtins(head.summary),
                     "parts": [str(one) for one in head.parts]}
        data = msgspec.json.format(msgspec.json.encode(told), indent=1)
        yield packing.whole(Document(f"conversations/{item}.json", data), folder)


def _original(staff: OpenStaff, opened: opening.OpenCase, item: UUID) -> Iterator[bytes]:
    read = opening.read_one(opened, item, "file")
    with blobs.open_blob(read.item, opening.data_key(opened, read.item)) as original:
        while piece := original.read(PIECE):
            if not accounts.stands(staff):
                raise Expired("Your session has ended.")
            yield piece


def _file(opened: opening.OpenCase, page: CasePage, whole: bool, originals: bool) -> CaseFile:
    """The opened case as values: all, or only what is its owner's."""
    leaves, head = _leaves(page.case, whole)
    gaps = [f"{one.kind}: {one.code}" for one in page.unreadable]
    if whole and Item.objects.filter(case_id=page.case, kind="identity").exists():
        gaps.append("who the person is: kept apart, asked for by itself")
    files = tuple(_card(opened, one, originals) for one in page.evidence)
    gaps += [f"the original of {one.name}" for one in files if not one.place]
    names = {"reporter": "reporter", "worker": "the desk"}
    messages = tuple(
        Said(one.who if whole else names.get(one.who, "the desk"), one.at, one.text, one.kind, one.proven)
        for one in page.dialogue
    )
    found = CaseFile(
        case=page.case, code=str(page.case), whole=whole, exported_at=clock.now(), opened_on=page.opened_on,
        language=page.language, answers=_answers(page), consents=_consents(page), messages=messages, files=files,
        leaves=leaves, head=head, gaps=tuple(gaps),
    )
    if not whole:
        return found
    return msgspec.structs.replace(
        found, state=page.state,
        notes=tuple(Said(one.who, one.at, one.text, one.kind, one.proven) for one in page.notes),
        findings=tuple({
            "says": one.finding.says, "does_not_say": one.finding.does_not_say, "level": str(one.finding.level.value),
            "when": written(one.finding.when), "verdict": one.verdict or "undecided", "why": one.verdict_why,
            "by": one.by, "file": str(one.evidence or ""), "told": one.told,
        } for one in page.findings),
        members=tuple(one.pseudonym for one in page.members), writings=_writings(opened),
    )


def _card(opened: opening.OpenCase, card: EvidenceCard, originals: bool) -> File:
    lost = card.lost or (originals and not _intact(opened, card.item))
    place = casefile.place_of(card.item, card.name) if originals and not lost else ""
    return File(card.item, card.name, card.size, card.media_type, card.sha256, place, lost)


def _intact(opened: opening.OpenCase, item: UUID) -> bool:
    """Reads an original once before it is promised: one that breaks off later would end the export of a whole desk."""
    try:
        read = opening.read_one(opened, item, "file")
        with blobs.open_blob(read.item, opening.data_key(opened, read.item)) as original:
            while original.read(1 << 20):
                pass
    except (seal.SealError, NotFound, OSError):
        return False
    return True


def _answers(page: CasePage) -> tuple[Answer, ...]:
    asked = questionnaires.load("report")
    found = []
    for one in page.answers:
        question = asked.question(one.code)
        options = {option.code: option.text for option in question.options} if question else {}
        text = one.text or ", ".join(options.get(code, code) for code in one.values)
        found.append(Answer(one.code, one.question, one.values, text))
    return tuple(found)


def _consents(page: CasePage) -> tuple[Answer, ...]:
    says = {one.code: one.says for one in purposes.PURPOSES}
    return tuple(
        Answer(code, says.get(code, code), ("yes" if given else "no",), "Yes" if given else "No")
        for code, given in page.consents
    )


def _writings(opened: opening.OpenCase) -> tuple[dict[str, Any], ...]:
    """Every other writing of the case as it was sealed, masks applied; for whoever goes on with the case elsewhere."""
    rows = Item.objects.filter(case=opened.case).exclude(kind__in=KEPT_BACK).select_related("key")
    found = []
    for read in opening.read_items(opened, rows.order_by("sequence"))[0]:
        if isinstance(read.payload, msgspec.Struct):
            told = msgspec.to_builtins(read.payload, builtin_types=(bytes, dt.datetime, dt.date))
            found.append({
                "kind": read.item.kind, "channel": read.item.channel, "by": _author(opened, read),
                "proven": read.proven, **_plain(told),
            })
    return tuple(found)


def _author(opened: opening.OpenCase, read: opening.Read) -> str:
    person = opened.people.get(read.author_id) if read.author_kind == "staff" else None
    return person.pseudonym if person else read.author_kind


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, dt.datetime | dt.date) else value


def _leaves(case: UUID, whole: bool) -> tuple[tuple[Leaf, ...], Head]:
    """The log's entries about a case, each with its proof; for the owner those that name no colleague."""
    log = custody.log()
    size = log.store.size()
    found = []
    for row in LogEntry.objects.filter(case=case, index__lt=size).order_by("index"):
        body = bytes(row.body)
        entry = seal.CustodyEntry.decode(body)
        if whole or (entry.action in HERS and entry.actor_kind != "staff"):
            day = dt.datetime.fromtimestamp(entry.at, dt.UTC).date().isoformat()
            proof = tuple(one.hex() for one in log.inclusion(row.index, size))
            found.append(Leaf(row.index, entry.action, day, body.hex(), proof))
    return tuple(found), Head(size, log.root(size).hex())


