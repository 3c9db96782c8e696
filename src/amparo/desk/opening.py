"""Opening a case: from a grant to readable payloads, each verified where it stands."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from uuid import UUID

import msgspec

from amparo import seal
from amparo.desk import directory, masking, payloads
from amparo.desk.errors import NotFound
from amparo.desk.records import Case, CaseEpoch, Grant, Item

NO_CASE = "There is no such case, or it is not yours."


# Who may have written what: a registered key of the wrong sort of author proves nothing.
AUTHORS = {
    "opening": ("reporter",), "answers": ("reporter",), "consent": ("reporter",), "withdrawal": ("reporter",),
    "file": ("reporter", "staff", "delegate"), "message": ("reporter", "staff", "delegate"),
    "note": ("staff",), "decision": ("staff",),
    "state": ("staff",), "device-consent": ("staff",), "event": ("staff",), "result": ("staff",),
    "finding": ("worker",), "exam": ("worker",), "preview": ("worker",), "conversation": ("worker",),
    "taken-down": ("staff",), "unclaimed": ("staff",), "imported": ("staff",), "identity": ("staff", "reporter"),
    "vetting": ("staff",), "delegate": ("staff", "reporter"), "assignment": ("staff",), "task": ("staff",),
    "triage": ("staff",), "hand-over": ("staff",), "wave": ("staff",), "twin": ("staff",), "mask": ("staff",),
    "request": ("staff",), "conflict": ("staff",), "statement": ("staff",), "assessment": ("staff",),
    "walk": ("staff",), "agreement": ("staff",),
    "check-in": ("reporter", "staff"),
}


class OpenCase(msgspec.Struct, frozen=True):
    """A case whose keys are open in this request. Never stored."""

    case: Case
    epoch: CaseEpoch
    keys: seal.ChannelKeys
    people: dict[UUID, directory.Colleague]

    def private(self, channel: str) -> bytes:
        """The private half of "staff" or "dialogue"."""
        return (self.keys.staff if channel == "staff" else self.keys.dialogue).private


class Read(msgspec.Struct, frozen=True):
    """One opened item. `payload` is None when it is another room's kind (finding, exam, preview): see `raw`."""

    item: Item
    payload: payloads.AnyPayload | None
    raw: bytes
    author_kind: str
    author_id: UUID
    proven: bool


def for_staff(staff_id: UUID, kex_private: bytes, case_id: UUID) -> OpenCase:
    """Open a case with a colleague's key. Raises NotFound without a grant, seal.Tampered on swapped keys."""
    grant = (
        Grant.objects.select_related("case")
        .filter(case_id=case_id, kind="staff", staff_id=staff_id).exclude(case__state="erasing").first()
    )
    if grant is None or grant.epoch != grant.case.epoch:
        raise NotFound(NO_CASE)
    return open_grant(staff_id, kex_private, grant.case, grant, directory.everyone())


def open_grant(
    staff_id: UUID, kex_private: bytes, case: Case, grant: Grant, people: dict[UUID, directory.Colleague],
    epochs: list[CaseEpoch] | None = None,
) -> OpenCase:
    """The same from rows already read (the queue opens many). `epochs`: the case's, not proven yet."""
    grantee = seal.Grantee("staff", staff_id)
    keys = seal.open_grant(kex_private, bytes(grant.sealed), case.id, grant.epoch, grantee)
    epoch = (
        directory.epoch_of(case, people) if epochs is None else directory.proven_epoch(case, epochs, people)
    )
    same = (bytes(epoch.staff_public), bytes(epoch.dialogue_public)) == (keys.staff.public, keys.dialogue.public)
    if not same:
        raise seal.Tampered("The keys that you were given for this case are not the case's keys.")
    me = people.get(staff_id)
    if me is None or not me.active:  # locked out while the request was on its way: also within its transaction
        raise NotFound(NO_CASE)
    return OpenCase(case, epoch, keys, people)


def data_key(opened: OpenCase, item: Item) -> bytes:
    """An item's data key. Raises NotFound when it was shredded, seal.Tampered when it was moved."""
    key = getattr(item, "key", None)
    if key is None:
        raise NotFound("This was erased.")
    return seal.open_data_key(
        opened.private(item.channel), bytes(key.sealed), opened.case.id, item.id, item.kind, key.epoch
    )


def context(item: Item) -> seal.Context:
    """What the item's body is bound to."""
    return seal.Context(item.case_id, item.id, item.kind, item.written_epoch, item.schema)


def read_item(private: bytes, case: Case, item: Item, verifier: Callable[..., seal.Verifier]) -> Read:
    """Open one item with its channel's private half; `verifier` is directory.verifier of the case.

    Nothing is covered: for a reporter's own dialogue, and for the masks themselves. Whatever staff see comes from
    `read_items` or `read_one`. Raises seal.Tampered, or NotFound when shredded.
    """
    key = getattr(item, "key", None)
    if key is None:
        raise NotFound("This was erased.")
    written = seal.open_item(
        private, context(item), key.epoch, bytes(item.body), bytes(key.sealed),
        verifier(item.written_epoch, item.kind, item.sequence),
    )
    payload = None
    if item.kind in payloads.OWN_KINDS:
        try:
            payload = payloads.decode(written.payload)
        except msgspec.DecodeError:
            raise seal.Tampered("This writing is not of the kind that it says.") from None
        if payloads.KIND_OF[type(payload)] != item.kind:
            raise seal.Tampered("This writing is not of the kind that it says.")
    proven = written.proven and written.author_kind in AUTHORS.get(item.kind, ())
    return Read(item, payload, written.payload, written.author_kind, written.author_id, proven)


def read_items(
    opened: OpenCase, items: Iterable[Item], masks: Iterable[Item] | None = None, *, covered: bool = True
) -> tuple[list[Read], list[tuple[Item, str]]]:
    """(what could be read, [(item, code)] of what could not): nothing is dropped in silence.

    What is masked in the case is covered in every text. `masks`: the case's items of that kind, where they are read
    already (for many cases at once). `covered=False`: as written, only for what is written again, never to be shown.
    """
    verifier = directory.verifier(opened.case, opened.people, opened.epoch)
    cover = _cover(opened, verifier, masks)
    good, bad = [], []
    for item in items:
        if item.channel not in ("staff", "dialogue"):
            bad.append((item, "seal.tampered"))
            continue
        try:
            read = read_item(opened.private(item.channel), opened.case, item, verifier)
            good.append(_covered(cover, read) if covered else read)
        except (seal.SealError, NotFound) as error:
            bad.append((item, error.code))
    return _after_revoking(good), bad


def _after_revoking(reads: list[Read]) -> list[Read]:
    """What a delegate wrote after a proven revocation is not proven, whatever the table of delegates says."""
    ended = {
        one.payload.who: one.item.sequence for one in reads
        if isinstance(one.payload, payloads.Delegate) and one.payload.revoked and one.proven
    }
    return [
        msgspec.structs.replace(one, proven=False)
        if one.author_kind == "delegate" and one.item.sequence > ended.get(one.author_id, one.item.sequence) else one
        for one in reads
    ] if ended else reads


def read_one(opened: OpenCase, item_id: UUID, kind: str) -> Read:
    """One item of this case and kind, covered. Raises NotFound, or seal.Tampered when it can't be opened."""
    item = Item.objects.filter(id=item_id, case=opened.case, kind=kind).select_related("key").first()
    if item is None:
        raise NotFound("This is not part of the case.", advice="Open the case again.")
    verifier = directory.verifier(opened.case, opened.people, opened.epoch)
    read = read_item(opened.private(item.channel), opened.case, item, verifier)
    return _covered(_cover(opened, verifier, None), read)


def read_masks(opened: OpenCase, rows: Iterable[Item] | None = None) -> list[Read]:
    """The masks of a case as they were written, in order: their text is in the clear here."""
    return _masks(opened, directory.verifier(opened.case, opened.people, opened.epoch), rows)


def _masks(
    opened: OpenCase, verifier: Callable[..., seal.Verifier], rows: Iterable[Item] | None
) -> list[Read]:
    if rows is None:
        rows = Item.objects.filter(case=opened.case, kind="mask").select_related("key").order_by("sequence")
    found = []
    for item in rows:
        with suppress(seal.SealError, NotFound):  # told as unreadable by whoever reads the case's items
            found.append(read_item(opened.private("staff"), opened.case, item, verifier))
    return found


def _cover(
    opened: OpenCase, verifier: Callable[..., seal.Verifier], rows: Iterable[Item] | None
) -> masking.Cover:
    written = [
        (one.payload, one.proven) for one in _masks(opened, verifier, rows) if isinstance(one.payload, payloads.Mask)
    ]
    return masking.Cover(one.text for one in masking.standing(written).values())


def _covered(cover: masking.Cover, read: Read) -> Read:
    if isinstance(read.payload, payloads.Mask):
        payload = msgspec.structs.replace(read.payload, text=masking.BLOCK, why=cover.text(read.payload.why))
        return msgspec.structs.replace(read, payload=payload, raw=b"")
    if not cover:
        return read
    if read.payload is None:
        return msgspec.structs.replace(read, raw=cover.raw(read.raw))
    return msgspec.structs.replace(read, payload=cover.payload(read.payload), raw=b"")
