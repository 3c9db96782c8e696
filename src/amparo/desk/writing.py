"""One way to put a sealed writing into a case, for reporters, staff and workers alike."""

from uuid import UUID, uuid4

import msgspec
from django.db import connection
from django.db.models import F, Max

from amparo import seal
from amparo.desk import directory, payloads
from amparo.desk.records import Case, CaseEpoch, Item, ItemKey, Setting

CHANNELS = ("staff", "dialogue")
_LAST = "last-change"


class WrittenItem(msgspec.Struct, frozen=True):
    """An item that was written, and its data key for whoever just wrote it."""

    item: Item
    data_key: bytes


def write_item(
    *, case: Case, payload: payloads.AnyPayload | bytes, author: seal.Author, channel: str = "staff",
    kind: str | None = None, item_id: UUID | None = None, data_key: bytes | None = None,
    epoch: CaseEpoch | None = None, written_epoch: int | None = None,
) -> WrittenItem:
    """Seal `payload` to the case's present epoch, as the next item of its sequence; raises the case's version.

    Needs no private key but the author's own. Must run inside the caller's transaction. `kind` is taken
    from the payload unless it is bytes. `epoch`: directory.epoch_of(case) if the caller has it already.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("write_item runs inside a transaction")
    kind = kind or payloads.KIND_OF[type(payload)]
    raw = payload if isinstance(payload, bytes) else payloads.encode(payload)
    proven = epoch or directory.epoch_of(case)
    public = bytes(proven.staff_public if channel == "staff" else proven.dialogue_public)
    written = written_epoch or proven.epoch
    context = seal.Context(case.id, item_id or uuid4(), kind, written)
    sealed = seal.seal_item(public, context, proven.epoch, raw, author, data_key)
    item = Item.objects.create(
        id=context.item, case=case, sequence=next_sequence(case), kind=kind, channel=channel,
        written_epoch=written, schema=context.schema, body=sealed.body,
    )
    ItemKey.objects.create(item=item, epoch=proven.epoch, sealed=sealed.sealed_key)
    touch(case)
    return WrittenItem(item, sealed.data_key)


def next_sequence(case: Case) -> int:
    """The next place in the case's order; safe because writers' transactions are IMMEDIATE."""
    last = Item.objects.filter(case=case).order_by("-sequence").values_list("sequence", flat=True).first()
    return (last or 0) + 1


def touch(case: Case) -> None:
    """Raise the case's version, and give it the newest place among all changes: queue sheets look for it."""
    case.changed = next_change()
    Case.objects.filter(id=case.id).update(version=F("version") + 1, changed=case.changed)
    case.version += 1


def next_change() -> int:
    """A number above every case's, erased ones too; safe because writers' transactions are IMMEDIATE."""
    return max(_last_change(), _kept_change()) + 1


def keep_change() -> None:
    """Before a case's row is deleted: the next change must not get its number again.

    The queue sheets of those who never read that case may have seen it, and would pass over the new report.
    """
    last = _last_change()
    if last > _kept_change():
        Setting.objects.update_or_create(name=_LAST, defaults={"value": str(last).encode()})


def _last_change() -> int:
    last: int | None = Case.objects.aggregate(last=Max("changed"))["last"]
    return last or 0


def _kept_change() -> int:
    kept = Setting.objects.filter(name=_LAST).values_list("value", flat=True).first()
    return int(bytes(kept)) if kept else 0
