"""From a finished upload to a file of a draft, and from there to a file of a case."""

import contextlib
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, transaction

from amparo import seal
from amparo.desk import blobs, clock, custody, directory, drafts, opening, payloads, policy, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.drafts import Draft, DraftFile
from amparo.desk.errors import NotAllowedHere
from amparo.desk.records import Blob, Case, Item, ItemKey
from amparo.desk.uploads import SealedUpload


def meta_of(upload: SealedUpload) -> payloads.FileMeta:
    """What is known of the file, to be sealed beside it."""
    facts, file = upload.facts, upload.draft_file
    return payloads.FileMeta(
        at=clock.now(), name=file.name, size=facts.size, type=file.type, sha256=facts.sha256,
        sealed_size=facts.sealed_size, sealed_sha256=facts.sealed_sha256, chunk=facts.chunk,
        salt=seal.new_salt(),
    )


def collected(
    case: UUID, file: UUID, meta: payloads.FileMeta, author: seal.Author | None = None
) -> seal.CustodyEntry:
    """The custody entry of a file that arrived; from the reporter unless `author` is somebody else."""
    kind, who = ("reporter", None) if author is None or author.kind == "reporter" else (author.kind, author.id)
    return custody.entry(
        "collected", case=case, item=file, actor_kind=kind, actor=who, ciphertext_sha256=meta.sealed_sha256,
        commitment=seal.commit(meta.salt, meta.sha256), detail=("file",),
    )


def attach(session: SessionBase, upload: SealedUpload) -> DraftFile:
    """Adopt an upload into the session's draft, or into its open case."""
    from amparo.desk import returning

    if upload.attached:
        return upload.draft_file
    draft = drafts.stored_draft(session)
    if draft is not None and draft.case == upload.context.case and draft.channel_keys and draft.reporter_keys:
        author = seal.Author("reporter", draft.case, draft.reporter_keys.sign.private)
        with transaction.atomic():
            case = Case.objects.filter(id=draft.case).first()  # sent meanwhile, from another window
            if case is None:
                _attach_to_draft(draft, upload, author)
            else:
                attach_to_case(case, upload, author)
            blobs.settle(upload.part)
        return upload.draft_file
    access = returning.access_of(session)
    if access is None or access.case != upload.context.case:
        raise NotAllowedHere("This page takes no files.", advice="Start a report, or open yours with its words.")
    author = seal.Author("reporter", access.case, access.keys.sign.private)
    with transaction.atomic():
        attach_to_case(Case.objects.get(id=access.case), upload, author)
        blobs.settle(upload.part)
    return upload.draft_file


def add_evidence(*, staff: OpenStaff, case_id: UUID, upload: SealedUpload) -> DraftFile:
    """A colleague's finished upload becomes a file of the case, signed by them. One transaction."""
    if upload.attached:
        return upload.draft_file
    with transaction.atomic():
        opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
        policy.require(staff.role, "granted", "case.add")
        keep_in_case(opened.case, upload, staff.author())
    return upload.draft_file


def keep_in_case(case: Case, upload: SealedUpload, author: seal.Author) -> None:
    """The upload as a file of exactly the case that it was sealed for. Inside the caller's transaction."""
    if upload.attached:
        return
    if upload.context.case != case.id:
        raise NotAllowedHere("This file was sent for another case.", advice="Choose it once more there.")
    attach_to_case(case, upload, author)
    blobs.settle(upload.part)


def _blob(upload: SealedUpload) -> Blob:
    return Blob(
        id=upload.id, name=upload.part.name.removesuffix(blobs.PART), size=upload.facts.sealed_size,
        sha256=upload.facts.sealed_sha256,
    )


def _attach_to_draft(draft: Draft, upload: SealedUpload, author: seal.Author) -> None:
    assert draft.channel_keys is not None
    sealed = seal.seal_item(
        draft.channel_keys.staff.public, upload.context, 1, payloads.encode(meta_of(upload)), author,
        upload.data_key,
    )
    blob = _blob(upload)
    blob.draft, blob.draft_meta, blob.draft_key = draft.case, sealed.body, sealed.sealed_key
    blob.save(force_insert=True)
    upload.undo = lambda: detach(draft.case, upload.id)


def attach_to_case(case: Case, upload: SealedUpload, author: seal.Author) -> None:
    """The upload as a file of the case, by whoever brought it. Inside the caller's transaction; settle it after."""
    meta = meta_of(upload)
    written = writing.write_item(
        case=case, payload=meta, author=author, item_id=upload.id, data_key=upload.data_key,
        epoch=directory.epoch_of(case), written_epoch=upload.context.epoch,
    )
    blob = _blob(upload)
    blob.item = written.item
    blob.save(force_insert=True)
    custody.record(collected(case.id, upload.id, meta, author))
    upload.undo = lambda: take_back(upload)


def take_back(upload: SealedUpload) -> None:
    """The page that should have adopted the file failed: nothing of it stays."""
    with transaction.atomic():
        ItemKey.objects.filter(item_id=upload.id).delete()
        Item.objects.filter(id=upload.id).delete()
    blobs.remove(upload.part.name.removesuffix(blobs.PART))


def draft_files(draft: Draft) -> list[DraftFile]:
    """The draft's files, read with its own keys; a row that does not open is left out of the draft."""
    found: list[DraftFile] = []
    for blob, meta, _ in open_draft(draft):
        found.append(DraftFile(blob.id, meta.name, meta.size, meta.type))
    return found


def open_draft(draft: Draft) -> list[tuple[Blob, payloads.FileMeta, bytes]]:
    """(row, facts, data key) of each file of the draft, in order of arrival."""
    if draft.channel_keys is None or draft.reporter_keys is None:
        return []
    with connection.cursor() as cursor:  # asked by every page of the questionnaire, and mostly answered by "none"
        cursor.execute("SELECT 1 FROM desk_blob WHERE draft = %s LIMIT 1", [draft.case.hex])
        if cursor.fetchone() is None:
            return []
    own = draft.reporter_keys.sign.public
    opened = []
    for blob in Blob.objects.filter(draft=draft.case):
        context = seal.Context(draft.case, blob.id, "file", 1)
        with contextlib.suppress(seal.Tampered):  # somebody else's row under this draft: not the reporter's file
            key = seal.open_data_key(
                draft.channel_keys.staff.private, bytes(blob.draft_key or b""), draft.case, blob.id, "file", 1
            )
            written = seal.open_item_with_key(key, context, bytes(blob.draft_meta or b""), lambda *_: own)
            meta = payloads.decode(written.payload)
            if written.proven and isinstance(meta, payloads.FileMeta):
                opened.append((blob, meta, key))
    return sorted(opened, key=lambda one: one[1].at)


def detach(case: UUID, file: UUID) -> None:
    """Shred one file of an unsent draft."""
    with transaction.atomic():
        blob = Blob.objects.filter(id=file, draft=case).first()
        if blob is None:
            return
        name = blob.name
        blob.delete()
    blobs.remove(name)


def drop_draft(case: UUID) -> None:
    """Shred all files of an unsent draft: keys first, then bytes."""
    with transaction.atomic():
        names = list(Blob.objects.filter(draft=case).values_list("name", flat=True))
        Blob.objects.filter(draft=case).delete()
    for name in names:
        blobs.remove(name)
