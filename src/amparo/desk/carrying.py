"""Reports that somebody carried here as a file: opened as far as the desk can, and stored as a case like any other.

The desk holds the key of the wrapping alone. What lies inside was sealed on the reporter's own machine to the readers
of the desk's card; nothing of it is read here.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

import msgspec
from django.db import IntegrityError, transaction

from amparo import seal
from amparo.desk import (
    blobs,
    clock,
    configuration,
    custody,
    directory,
    policy,
    site,
    uploads,
    waking,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, DiskFull, TooLarge
from amparo.desk.records import Blob, Case, CaseEpoch, Grant, Item, ItemKey, LogEntry, Staff
from amparo.desk.uploads import SealedUpload
from amparo.share import carried

PIECE = 524_288
CARRIED = "carried"  # Case.exam_code: the files wait until a reader asks for their examination


class NotTaken(DeskError):
    code = "not-taken"
    advice = "Nothing was stored. Have it sealed again, to a new card of this desk."


@uploads.staff_target("staff:carried")
def _brought(staff: OpenStaff, kwargs: dict[str, object]) -> uploads.Target:
    policy.require(staff.role, "none", "intake.write")
    return uploads.Target(uuid4(), 1)


class Taken(msgspec.Struct, frozen=True):
    """The case, and whether it was here already."""

    case: UUID
    before: bool = False


def take_in_upload(*, upload: SealedUpload, staff: OpenStaff | None = None) -> Taken:
    """The same from an upload, which was sealed once more on its way in; the upload itself is dropped afterwards."""
    with upload.part.open("rb") as below:
        reader = blobs.BlobReader(upload.data_key, upload.context, below, upload.facts.sealed_size)
        return take_in(below=reader, size=upload.facts.size, staff=staff)  # type: ignore[arg-type]


def take_in_stream(*, read: Callable[[int], bytes], size: int, staff: OpenStaff) -> Taken:
    """The same from `size` bytes that can be read once: kept, sealed as they are, until it is stored or refused."""
    if size > configuration.current().max_upload:
        raise TooLarge("This file is larger than this desk takes.", advice="Have it sealed again in two parts.")
    blobs.require_room(size)
    name, part = blobs.new_part()
    try:
        with blobs.open_part(part) as out:
            left = size
            while left and (some := read(min(left, PIECE))):
                _all(out.write, some)
                left -= len(some)
        with part.open("rb") as below:
            return take_in(below=below, size=size - left, staff=staff)
    finally:
        blobs.remove(name)


def take_in(*, below: BinaryIO, size: int, staff: OpenStaff | None = None) -> Taken:
    """Store the report of a carried file of `size` bytes. The same file twice makes one case.

    `staff`: the colleague who brings it; anyone may, like a report. Raises seal.NotCarried for a file that was changed,
    cut or made for another desk, NotTaken for one that can't be stored; then nothing of it is.
    """
    if staff is not None:
        policy.require(staff.role, "none", "intake.write")
    found = carried.open_carried(site.carrier_private(), site.desk_id(), below, size)
    if Case.objects.filter(id=found.manifest.case).exclude(state="erasing").exists():
        return Taken(found.manifest.case, before=True)
    _never_erased(found.manifest.case)
    blobs.require_room(sum(piece.size for piece in found.manifest.files))
    parts: list[tuple[str, Path]] = []
    try:
        for piece in found.manifest.files:
            parts.append(blobs.new_part())
            with blobs.open_part(parts[-1][1]) as out:
                for some in found.sealed_file(piece):
                    _all(out.write, some)
                blobs.keep(out)
        with transaction.atomic():  # IMMEDIATE: of two equal requests the second waits here, then finds the case
            if Case.objects.filter(id=found.manifest.case).exists():
                _drop(parts)
                return Taken(found.manifest.case, before=True)
            _never_erased(found.manifest.case)
            _store(found.manifest, [name for name, _ in parts], staff)
            for _, part in parts:
                blobs.settle(part)
    except BaseException as error:
        _drop(parts)
        if isinstance(error, IntegrityError):
            raise NotTaken("This report can't stand beside one that is here already.") from None
        if isinstance(error, OSError) and blobs.is_full(error):
            raise DiskFull("This desk has no room for this report now.") from None
        raise
    return Taken(found.manifest.case)


def _all(write: Callable[[bytes], int], data: bytes) -> None:
    """All of it: a raw file may write less than it was given."""
    view = memoryview(data)
    while view:
        view = view[write(view) :]  # type: ignore[arg-type]


def _drop(parts: list[tuple[str, Path]]) -> None:
    for name, _ in parts:
        blobs.remove(name)


def _never_erased(case: UUID) -> None:
    """An erased report stays erased: the custody log knows its id, and nothing else of it."""
    erasing = Case.objects.filter(id=case, state="erasing").exists()
    if erasing or LogEntry.objects.filter(case=case).exists():
        raise NotTaken("This report was here before and was erased.", advice="Nothing was stored. Make a new report.")


def _store(found: carried.Manifest, names: list[str], staff: OpenStaff | None) -> None:
    settings, now = configuration.current(), clock.now()
    given = _still_right(found)
    days = settings.minor_retention_days if found.minor else settings.retention_days
    case = Case(
        id=found.case, opened_on=now.date(), changed=writing.next_change(),
        retention_on=now.date() + dt.timedelta(days=days), lookup=seal.lookup(found.lookup_seed, site.pepper()),
        reporter_wrap=found.wrap, reporter_kex=found.reporter_kex, reporter_sign=found.reporter_sign,
        exam_code=CARRIED if found.files else "",  # nobody can lease what nobody here could open
    )
    case.save(force_insert=True)
    readers = seal.reader_bytes(found.reader_ids())
    stated = seal.epoch_bytes(found.case, 1, found.staff_public, found.dialogue_public, readers)
    CaseEpoch.objects.create(
        case=case, epoch=1, staff_public=found.staff_public, dialogue_public=found.dialogue_public, readers=readers,
        signer_kind="reporter", signature=found.epoch_signature, mac=site.epoch_mac(stated),
    )
    grants = [Grant(case=case, epoch=1, kind="staff", staff_id=one.who, sealed=one.sealed) for one in given]
    grants.append(Grant(case=case, epoch=1, kind="reporter", sealed=found.reporter_grant))
    recovery = site.recovery_public()
    if recovery and found.recovery and found.recovery[0] == recovery:
        grants.append(Grant(case=case, epoch=1, kind="recovery", sealed=found.recovery[1]))
    Grant.objects.bulk_create(grants)
    items = [
        Item(id=one.id, case=case, sequence=number, kind=one.kind, channel=one.channel, written_epoch=1, body=one.body)
        for number, one in enumerate(found.writings, 1)
    ]
    Item.objects.bulk_create(items)
    ItemKey.objects.bulk_create([ItemKey(item_id=one.id, epoch=1, sealed=one.sealed_key) for one in found.writings])
    Blob.objects.bulk_create([
        Blob(id=piece.item, item_id=piece.item, name=name, size=piece.size, sha256=piece.sha256)
        for piece, name in zip(found.files, names, strict=True)
    ])
    custody.record(*_leaves(found, staff))
    if found.presses:
        waking.wake_safely(waking.DANGER, case.id)


def _still_right(found: carried.Manifest) -> list[carried.Given]:
    """The grants to keep: of colleagues who work here with the key that was on the card.

    Those of colleagues who were removed since are kept, too: that is what makes the next reader who signs in give the
    case new keys (people.rekey_waiting). Raises NotTaken where nobody who is left could read it.
    """
    people = directory.everyone()
    works = [
        one for one in found.readers
        if (who := people.get(one.who)) is not None and who.active and who.role in policy.CASE_ROLES
        and who.kex_public == one.kex_public
    ]
    if not works:
        raise NotTaken("None of those to whom this report was sealed works here with the same keys now.")
    gone = set(Staff.objects.filter(
        id__in=[one.who for one in found.readers], state="removed").values_list("id", flat=True))
    return [*works, *(one for one in found.readers if one.who in gone and one not in works)]


def _leaves(found: carried.Manifest, staff: OpenStaff | None) -> list[seal.CustodyEntry]:
    """How it came and when it was taken in; then what was collected, as for a report that was sent here."""
    kind, who = ("reporter", None) if staff is None else ("staff", staff.id)
    answers = next(one for one in found.writings if one.kind == "answers" and one.channel == "staff")
    leaves = [
        custody.entry("carried", case=found.case, actor_kind=kind, actor=who),
        custody.entry("collected", case=found.case, item=answers.id, actor_kind="reporter", detail=("answers",)),
    ]
    leaves += [
        custody.entry(
            "collected", case=found.case, item=piece.item, actor_kind="reporter", ciphertext_sha256=piece.sha256,
            commitment=piece.commitment, detail=("file",),
        )
        for piece in found.files
    ]
    return leaves
