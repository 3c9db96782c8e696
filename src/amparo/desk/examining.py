"""Exams: who may grant one, who carries it out, and what is written down of it.

A grant is a lease: one item's data key, sealed to each living worker, good only for a start within minutes. It is
given when a report is sent with the consent "examine", or by a handler from an open session. What a worker finds is
written to the staff channel, signed by that worker; nothing of it goes to the dialogue with the reporter: a person
decides that, elsewhere.
"""

import datetime as dt
import functools
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from uuid import UUID, uuid4

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from amparo import seal
from amparo.desk import blobs, clock, configuration, custody, directory, sandbox, writing
from amparo.desk.records import Blob, Case, Item, Lease
from amparo.words.findings import Finding, NotChecked

EXAMINE, PREVIEW = "examine", "preview"
PURPOSES = (EXAMINE, PREVIEW)
KINDS = ("file",)  # what may be leased
KEPT = 300  # findings written one by one; the exam says how many there were
NOT_CHECKED_KEPT = 300
_ENDED = ("erasing",)
_DIGEST = re.compile(r"[0-9a-f]{64}")

SAYS = {
    "waiting": "waiting for a worker",
    "running": "being examined now",
    "done": "examined",
    "needs-device-consent": "sealed, not examined: the person who uses the device has not agreed yet",
    "nothing-read": "not examined: no detector of this desk reads this file",
    "needs-handler": "not examined: a handler must start it from an open session",
    "none": "sealed, not examined",
    "failed": "not checked: the examination ended early",
}


class LeaseExtra(msgspec.Struct, frozen=True):
    """What travels inside a lease beside the key."""

    device_consent: bool = False


class Queued(msgspec.Struct, frozen=True):
    """How many leases were written, for how many living workers. `code`: "queued" or "no-worker"."""

    leases: int
    workers: int
    code: str


class FindingItem(msgspec.Struct, frozen=True, tag="finding", tag_field="is"):
    """Payload of a "finding" item: what was seen in the item `of`, by the exam `exam`."""

    at: dt.datetime
    of: UUID
    exam: UUID
    finding: Finding


class ExamResult(msgspec.Struct, frozen=True, tag="exam", tag_field="is"):
    """Payload of an "exam" item. `code` is "done" or a key of sandbox.WHY; rows are counted in `coverage`."""

    at: dt.datetime
    of: UUID
    code: str
    says: str
    version: str
    level: str
    seconds: float
    findings: int = 0
    kept: int = 0
    detected: str = ""
    coverage: dict[str, int] = {}
    versions: dict[str, str] = {}
    indicators: int = 0
    digest: str = ""
    not_checked: tuple[NotChecked, ...] = ()


_encoder = msgspec.msgpack.Encoder()


def read_exam(payload: bytes) -> ExamResult:
    """The exam in an opened item. Errors: msgspec.DecodeError."""
    return msgspec.msgpack.decode(payload, type=ExamResult)


def read_finding(payload: bytes) -> FindingItem:
    """The finding in an opened item. Errors: msgspec.DecodeError."""
    return msgspec.msgpack.decode(payload, type=FindingItem)


def knowledge_folders() -> tuple[str, ...]:
    """The desk's own indicators, beside those that ship: the folder `knowledge` in the data folder, if there."""
    folder = configuration.data_folder() / "knowledge"
    return (str(folder),) if folder.is_dir() else ()


def queue_exams(
    *, case: Case, items: Sequence[Item], data_keys: Mapping[UUID, bytes], purposes: Iterable[str] = PURPOSES,
    device_consent: bool = False, minutes: int = 15,
) -> Queued:
    """Lease each file to every living worker. Runs inside the caller's transaction.

    The caller has checked the consent "examine" (or is a handler with an open case). `device_consent` only where
    the person who uses the device is recorded to have agreed; without it the child stops at a phone's data.
    """
    from amparo.desk import tasks, workers

    alive = workers.live()
    start_by = clock.now() + dt.timedelta(minutes=minutes)
    extra = msgspec.msgpack.encode(LeaseExtra(device_consent))
    leases = []
    for item in items:
        key = data_keys.get(item.id)
        if item.kind not in KINDS or key is None:
            continue
        context = seal.Context(case.id, item.id, item.kind, item.written_epoch, item.schema)
        for purpose in purposes:
            # what stands in the way of a new try; a finished exam stays until the new one is done
            Lease.objects.filter(item=item, purpose=purpose, state__in=("waiting", "needs-handler", "failed")).delete()
            for worker in alive:
                sealed = seal.seal_lease(bytes(worker.kex_public), key, context, worker.id, purpose, extra)
                leases.append(Lease(item=item, worker=worker, purpose=purpose, sealed=sealed, start_by=start_by))
    Lease.objects.bulk_create(leases)
    for lease in leases:
        tasks.enqueue_lease(lease)
    return Queued(len(leases), len(alive), "queued" if alive else "no-worker")


def states(items: Iterable[UUID]) -> dict[UUID, str]:
    """For each file: one of the keys of SAYS, from the leases alone (opens nothing)."""
    wanted = list(items)
    rank = ("running", "waiting", "done", "nothing-read", "needs-device-consent", "needs-handler", "failed", "none")
    found = dict.fromkeys(wanted, "none")
    now = clock.now()
    for lease in Lease.objects.filter(item_id__in=wanted, purpose=EXAMINE).only(
        "item_id", "state", "code", "start_by"
    ):
        state = lease.state
        if state == "waiting" and lease.start_by < now:
            state = "needs-handler"
        elif state == "done" and lease.code != "done":  # it ended, but nothing may read as "nothing was found"
            state = lease.code if lease.code in ("needs-device-consent", "nothing-read") else "failed"
        if rank.index(state) < rank.index(found[lease.item_id]):
            found[lease.item_id] = state
    return found


def version_now() -> str:
    """The short code of today's detectors and indicators; idempotence is by item and this."""
    from amparo.desk import exam_detectors

    return exam_detectors.version(knowledge_folders())


def run_lease(lease: Lease, worker: seal.WorkerKeys, version: str) -> str:
    """Open one claimed lease, run its child behind walls, write down what came of it. Returns the code."""
    from amparo.desk import conversations, previews

    item = Item.objects.select_related("case").get(id=lease.item_id)
    blob = Blob.objects.filter(item=item).first()
    context = seal.Context(item.case_id, item.id, item.kind, item.written_epoch, item.schema)
    key, raw = seal.open_lease(worker.kex.private, bytes(lease.sealed), context, worker.id, lease.purpose)
    extra = msgspec.msgpack.decode(raw, type=LeaseExtra)
    folders = knowledge_folders()
    order = sandbox.Order(
        key=key, case=item.case_id, item=item.id, kind=item.kind, epoch=item.written_epoch, schema=item.schema,
        body=bytes(item.body), sealed_size=blob.size if blob else 0,
        options={"device_consent": extra.device_consent, "knowledge": folders},
    )
    size = blob.size if blob else len(order.body)
    with ExitStack() as open_files:
        descriptor = -1
        if blob:
            descriptor = os.open(blobs.path_of(blob.name), os.O_RDONLY | os.O_CLOEXEC)
            open_files.callback(os.close, descriptor)
        run = functools.partial(
            sandbox.run, blob=descriptor, limits=sandbox.Limits.for_size(size), readable=folders,
            hidden=(str(configuration.data_folder()),),
        )
        outcome = run(sandbox.EXAMINE if lease.purpose == EXAMINE else sandbox.RENDER, order)
        # a child of its own: what breaks the reader of a chat leaves the copy that was drawn
        talk = run(sandbox.GATHER, order) if lease.purpose == PREVIEW and conversations.in_it(outcome) else None
    del key, order
    if lease.purpose == PREVIEW:
        return previews.record(lease=lease, outcome=outcome, worker=worker, version=version, talk=talk)
    return record(lease=lease, outcome=outcome, worker=worker, version=version)


def record(*, lease: Lease, outcome: sandbox.Outcome, worker: seal.WorkerKeys, version: str) -> str:
    """Write findings, exam and custody entry and settle the lease, in one transaction. Returns the code.

    What was shredded or withdrawn for good meanwhile gets nothing: code "gone".
    """
    author = seal.Author("worker", worker.id, worker.sign.private)
    now = clock.now()
    ended = outcome.ended
    with transaction.atomic():
        item = living_item(lease.item_id)
        if item is None:
            return "gone"
        case = item.case
        epoch = directory.epoch_of(case)
        exam = uuid4()
        kept = outcome.findings[:KEPT]
        for finding in kept:
            payload = _encoder.encode(FindingItem(now, item.id, exam, finding))
            writing.write_item(case=case, payload=payload, author=author, kind="finding", epoch=epoch)
        result = ExamResult(
            at=now, of=item.id, code=outcome.code,
            says=(ended.says if ended and outcome.code == "done" else sandbox.WHY.get(outcome.code, "")),
            version=version, level=outcome.level, seconds=outcome.seconds, findings=len(outcome.findings),
            kept=len(kept), detected=ended.detected if ended else "", coverage=ended.coverage if ended else {},
            versions=ended.versions if ended else {}, indicators=ended.indicators if ended else 0,
            digest=ended.digest if ended else "",
            not_checked=_not_checked(outcome.not_checked),
        )
        writing.write_item(
            case=case, payload=_encoder.encode(result), author=author, kind="exam", item_id=exam, epoch=epoch
        )
        blob = Blob.objects.filter(item=item).first()
        # only a digest: a captured child would send a name for the log
        digest = result.digest[:32] if result.indicators and _DIGEST.fullmatch(result.digest) else "none"
        custody.record(custody.entry(
            "examined", case=case.id, item=item.id, actor_kind="worker", actor=worker.id,
            ciphertext_sha256=bytes(blob.sha256) if blob else None,
            detail=(f"version:{version}", f"indicators:{digest}", f"outcome:{outcome.code}"),
        ))
        settle(lease, outcome.code, version)
    return outcome.code


def _not_checked(found: tuple[NotChecked, ...]) -> tuple[NotChecked, ...]:
    if len(found) <= NOT_CHECKED_KEPT:
        return found
    left = len(found) - NOT_CHECKED_KEPT
    return (*found[:NOT_CHECKED_KEPT], NotChecked("exam", "the rest", f"{left} more parts were not checked."))


def living_item(item_id: UUID) -> Item | None:
    """The item with its case, unless it was erased or its case is being erased."""
    item = Item.objects.select_related("case", "key").filter(id=item_id).exclude(case__state__in=_ENDED).first()
    return item if item is not None and hasattr(item, "key") else None


def settle(lease: Lease, code: str, version: str) -> None:
    """The lease is over: its sealed key is emptied, its siblings for other workers are deleted.

    Runs inside the transaction that writes what came of it, so that a kill leaves both or neither.
    """
    Lease.objects.filter(item_id=lease.item_id, purpose=lease.purpose).exclude(id=lease.id).delete()
    close(Lease.objects.filter(id=lease.id), "done", code, detector_version=version)


def close(leases: QuerySet[Lease], state: str, code: str, **more: str) -> int:
    """End these leases: their sealed keys go, and with them the hour of the report they came with.

    A lease's time stands in clear; beside a provider's log it would point to an anonymous person.
    """
    day = dt.datetime.combine(clock.today(), dt.time(), dt.UTC)
    return leases.update(state=state, code=code, sealed=b"", start_by=day, **more)
