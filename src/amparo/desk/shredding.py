"""Destroying: keys first, then ciphertext, then the traces in the write-ahead log.

A deleted row stays readable in the database's log until that is checkpointed; a long reader can hold that
up, and waiting for it would stall everybody. So it is tried without waiting, and repeated by `tend`; until
it succeeded, pages say "being erased".
"""

import logging
from uuid import UUID

from django.db import OperationalError, connection, transaction

from amparo.desk import blobs, custody, founding, searchpart, writing
from amparo.desk.records import (
    Blob,
    Case,
    CaseEpoch,
    Delegate,
    Grant,
    ImportedRow,
    Item,
    ItemKey,
    Lease,
    QueueSheet,
    Setting,
)

log = logging.getLogger("amparo.desk.shredding")
_WAITING, _READERS = "erasing", "read:"


def checkpoint() -> bool:
    """Move the write-ahead log into the database and cut it to nothing; False when a reader held it up."""
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        before = int(cursor.fetchone()[0])
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = int(cursor.fetchone()[0])
        except OperationalError:
            busy = 1
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {before}")
    if busy == 0:
        Setting.objects.filter(name=_WAITING).delete()
    return busy == 0


def waiting() -> bool:
    """Whether something was shredded whose traces may still stand in the log."""
    return Setting.objects.filter(name=_WAITING).exists()


def finish() -> bool:
    """After a shred: checkpoint now, or note that `tend` has to."""
    if checkpoint():
        return True
    Setting.objects.update_or_create(name=_WAITING, defaults={"value": b"1"})
    return False


def shred_item(item: Item, *, actor_kind: str, actor: UUID | None) -> None:
    """Destroy one item: its key, its body, its blob. Call finish() after the caller's transaction."""
    names = list(Blob.objects.filter(item=item).values_list("name", flat=True))
    with transaction.atomic():
        ItemKey.objects.filter(item=item).delete()
        custody.record(custody.entry(
            "destroyed", case=item.case_id, item=item.id, actor_kind=actor_kind, actor=actor, detail=(item.kind,)
        ))
        item.delete()
        searchpart.forget(item.case_id)
    for name in names:
        blobs.remove(name)


def shred_case(
    case_id: UUID, *, actor_kind: str, actor: UUID | None, reason: str, version: int | None = None
) -> bool:
    """Destroy a case. True when nothing of it is left on the disk; False: `tend` will finish it.

    `reason` is a code: withdrawn, retention, decided, import-undone. With `version`, only if nobody
    wrote to the case since then.
    """
    try:
        _shred_keys(case_id, actor_kind, actor, reason, version)
    except OperationalError as error:
        if "full" not in str(error):
            raise
        founding.free_reserve()  # deleting writes: on a full disk the ballast makes room for it
        _shred_keys(case_id, actor_kind, actor, reason, version)
    return finish_case(case_id)


def shred_cases(case_ids: list[UUID], *, actor_kind: str, actor: UUID | None, reason: str, version: int) -> None:
    """Destroy those of some cases that still have this version, with two checkpoints for all of them."""
    with transaction.atomic():  # IMMEDIATE: nobody writes to one of them between the look and the shredding
        for case_id in case_ids:
            _shred_keys(case_id, actor_kind, actor, reason, version)
    if finish():
        for case_id in case_ids:
            _remove_rows(case_id)
        finish()


def _shred_keys(case_id: UUID, actor_kind: str, actor: UUID | None, reason: str, version: int | None) -> None:
    with transaction.atomic():
        found = Case.objects.filter(id=case_id).exclude(state="erasing")
        if version is not None:
            found = found.filter(version=version)
        changed = found.update(state="erasing", reporter_wrap=None, lookup=None)
        if not changed:
            return
        _note_readers(case_id)
        # A sheet tells why, language and day of each case, and only its owner could take one out: built anew.
        QueueSheet.objects.filter(staff__grants__case_id=case_id).delete()
        searchpart.forget_erased(case_id)
        Grant.objects.filter(case_id=case_id).delete()
        Delegate.objects.filter(case_id=case_id).update(lookup=None, wrap=None, revoked=True)
        ImportedRow.objects.filter(case_id=case_id).delete()  # the same row may come again
        ItemKey.objects.filter(item__case_id=case_id).delete()
        Lease.objects.filter(item__case_id=case_id).delete()
        custody.record(custody.entry(
            "destroyed", case=case_id, actor_kind=actor_kind, actor=actor, detail=("case", reason)
        ))


def _note_readers(case_id: UUID) -> None:
    """Whose page says "being erased" until it is: their grants, which said so, are thrown away with the keys."""
    held = Grant.objects.filter(case_id=case_id, kind="staff").values_list("staff_id", flat=True)
    ids = b"".join(one.bytes for one in held if one)
    Setting.objects.update_or_create(name=_READERS + case_id.hex, defaults={"value": ids})


def unfinished(staff_id: UUID) -> tuple[UUID, ...]:
    """The cases that this colleague could read and that are being erased, until nothing of them is left."""
    rows = Setting.objects.filter(name__startswith=_READERS)
    return tuple(
        UUID(row.name.removeprefix(_READERS)) for row in rows
        if staff_id.bytes in (bytes(row.value)[at : at + 16] for at in range(0, len(row.value), 16))
    )


def finish_case(case_id: UUID) -> bool:
    """The second half, repeatable: checkpoint away the keys, then bodies, files and the case's row."""
    if Case.objects.filter(id=case_id).exclude(state="erasing").exists() or not finish():
        return False
    _remove_rows(case_id)
    return finish()


def _remove_rows(case_id: UUID) -> None:
    """The rows and files of a case whose keys are gone; another case stays as it is."""
    if not Case.objects.filter(id=case_id, state="erasing").exists():
        return
    names = list(Blob.objects.filter(item__case_id=case_id).values_list("name", flat=True))
    for name in names:
        blobs.remove(name)
    with transaction.atomic():
        Blob.objects.filter(item__case_id=case_id).delete()
        Item.objects.filter(case_id=case_id).delete()
        CaseEpoch.objects.filter(case_id=case_id).delete()
        writing.keep_change()
        Case.objects.filter(id=case_id, state="erasing").delete()
        Setting.objects.filter(name=_READERS + case_id.hex).delete()
