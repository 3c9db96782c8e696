"""Workers: processes whose keys live in memory only, and who open nothing that was not leased to them.

A worker's row says its public keys, authenticated under the site's secret; a row written by somebody with the
database alone gets no lease. When a worker dies its keys are gone, and what was leased to it "needs a handler".
"""

import contextlib
import ctypes
import datetime as dt
import logging
import resource
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType
from uuid import UUID

from django.db import close_old_connections, connection, transaction
from django.db.utils import OperationalError
from django_tasks_db.management.commands.db_worker import Worker as JobRunner
from django_tasks_db.models import DBTaskResult

from amparo import seal
from amparo.desk import clock, examining, founding, site
from amparo.desk.records import Lease, Worker

BEAT = 5.0  # seconds between two signs of life
DEAD_AFTER = dt.timedelta(seconds=60)
_POLL = 0.25  # seconds

log = logging.getLogger("amparo.desk.workers")
_own: seal.WorkerKeys | None = None


class Stopping(BaseException):
    """Raised in the midst of an exam when the process is told to stop; its code is stored."""


def is_card(row: Worker) -> bool:
    """Whether this site's own secret stands behind the row's keys."""
    card = seal.WorkerCard(row.id, bytes(row.kex_public), bytes(row.sign_public))
    return seal.worker_mac(site.worker_secret(), card) == bytes(row.mac)


def live() -> list[Worker]:
    """Workers that gave a sign of life within the last minute and whose rows are this site's own."""
    rows = Worker.objects.filter(seen_at__gte=clock.now() - DEAD_AFTER).order_by("started_at")
    return [row for row in rows if is_card(row)]


def register() -> seal.WorkerKeys:
    """Make this process a worker: fresh keys in memory, a row with the public halves."""
    global _own
    keys = seal.new_worker_keys()
    Worker.objects.create(
        id=keys.id, kex_public=keys.kex.public, sign_public=keys.sign.public,
        mac=seal.worker_mac(site.worker_secret(), keys), seen_at=clock.now(),
    )
    _own = keys
    return keys


def beat(worker: UUID) -> bool:
    """A sign of life; False when the row is gone (the desk was set up anew)."""
    return Worker.objects.filter(id=worker).update(seen_at=clock.now()) == 1


def retire(worker: UUID) -> None:
    """The last act of a worker: what it did not start needs a handler, unless another worker has it too.

    The row stays, with no sign of life: its public key proves what the worker wrote.
    """
    with transaction.atomic():
        Worker.objects.filter(id=worker).update(seen_at=clock.now() - 2 * DEAD_AFTER)
        _give_up(worker, "worker-stopped")


def bury() -> int:
    """Leases of workers that died without a word, and leases nobody started in time. Returns how many.

    Idempotent; called by `tend` and by each worker at its start.
    """
    changed = 0
    with transaction.atomic():
        alive = {row.id for row in live()}
        pending = Lease.objects.filter(state__in=("waiting", "running"))
        for worker in pending.values_list("worker", flat=True).distinct():
            if worker not in alive:
                changed += _give_up(worker, "worker-gone")
        late = Lease.objects.filter(state="waiting", start_by__lt=clock.now())
        changed += examining.close(late, "needs-handler", "late")
        stale = clock.now() - dt.timedelta(hours=1)
        DBTaskResult.objects.finished().filter(finished_at__lt=stale).delete()
        known = {row.hex for row in alive}
        for queue in DBTaskResult.objects.values_list("queue_name", flat=True).distinct():
            if len(queue) == 32 and queue not in known:
                DBTaskResult.objects.filter(queue_name=queue).delete()
    return changed


def _give_up(worker: UUID, code: str) -> int:
    changed = 0
    for lease in Lease.objects.filter(worker_id=worker, state__in=("waiting", "running")):
        others = Lease.objects.filter(item_id=lease.item_id, purpose=lease.purpose).exclude(id=lease.id)
        if others.filter(state__in=("waiting", "running", "done")).exists():
            lease.delete()
        else:
            examining.close(Lease.objects.filter(id=lease.id), "needs-handler", code)
        changed += 1
    DBTaskResult.objects.filter(queue_name=worker.hex).delete()
    return changed


def claim(lease_id: UUID, worker: UUID, version: str) -> Lease | None:
    """Take a lease for this worker, unless it is late, taken by a living colleague, or done at this version."""
    now = clock.now()
    with transaction.atomic():
        lease = Lease.objects.filter(id=lease_id, worker_id=worker, state="waiting").first()
        if lease is None:
            return None
        if lease.start_by < now:
            examining.close(Lease.objects.filter(id=lease.id), "needs-handler", "late")
            return None
        alive = {row.id for row in live()}
        for other in Lease.objects.filter(item_id=lease.item_id, purpose=lease.purpose).exclude(id=lease.id):
            done = other.state == "done" and other.detector_version == version and other.code == "done"
            if done or (other.state == "running" and other.worker_id in alive):
                lease.delete()
                return None
        Lease.objects.filter(id=lease.id).update(state="running")
    return lease


def carry_out(lease_id: UUID) -> None:
    """One lease from claim to settlement, in the process that holds the keys."""
    if _own is None:
        return
    version = examining.version_now()
    lease = claim(lease_id, _own.id, version)
    if lease is None:
        return
    examining.run_lease(lease, _own, version)


def withdraw_from_the_outside() -> None:
    """No core dumps, no reading of this process by others of the same account, no temporary files in clear."""
    founding.refuse_temporary_files()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: /proc/<pid>/mem closes


class _Jobs(JobRunner):
    """The queue's own runner, without its signal handling and its polling under an exclusive lock."""

    def __init__(self, worker: UUID) -> None:
        super().__init__(
            queue_names=[worker.hex], interval=_POLL, batch=False, backend_name="default", startup_delay=False,
            max_tasks=None, worker_id=worker.hex, excluded_queue_names=[],
        )

    def next(self) -> bool:
        """Run one job if there is one."""
        waiting = DBTaskResult.objects.ready().filter(queue_name__in=self.queue_names)
        if not waiting.exists():
            return False
        with transaction.atomic():
            job = waiting.first()
            if job is None:
                return False
            job.claim(self.worker_id)
        self.run_task(job)
        # the hour of a job is the hour of a report: only its day stays, until `bury` clears the row
        day = dt.datetime.combine(clock.today(), dt.time(), dt.UTC)
        DBTaskResult.objects.filter(id=job.id).update(enqueued_at=day, started_at=day, finished_at=day)
        return True


@contextlib.contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()
        raise Stopping

    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _live_on(worker: UUID, stop: threading.Event) -> None:
    while not stop.wait(BEAT):
        try:
            if not beat(worker):
                log.error("worker.row-gone")
                stop.set()
        except OperationalError:
            log.warning("worker.beat-missed")  # a busy or full disk; the next beat tries again
        finally:
            close_old_connections()
    connection.close()


def run(stop: threading.Event | None = None, ready: threading.Event | None = None) -> None:
    """Work until `stop` is set or the process is told to end. Keys live and die in here."""
    global _own
    stop = stop or threading.Event()
    withdraw_from_the_outside()
    bury()
    keys = register()
    jobs = _Jobs(keys.id)
    heart = threading.Thread(target=_live_on, args=(keys.id, stop), name="heartbeat", daemon=True)
    heart.start()
    if ready is not None:
        ready.set()
    try:
        with _stopped_by_signals(stop):
            while not stop.is_set():
                try:
                    worked = jobs.next()
                except OperationalError:
                    log.warning("worker.database-busy")
                    worked = False
                close_old_connections()
                if not worked:
                    stop.wait(_POLL)
    except Stopping:
        pass
    finally:
        stop.set()
        _own = None
        heart.join(2)
        for _ in range(20):
            try:
                retire(keys.id)
                break
            except OperationalError:
                time.sleep(0.1)
        connection.close()
