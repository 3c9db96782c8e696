"""A real worker process: leases, exams, previews, death and idempotence."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from amparo import seal
from amparo.desk import casework, clock, examining, queue, reading, sandbox, workers
from amparo.desk.records import Case, Item, Lease, LogEntry, Worker
from amparo.identify.spyware import specimens
from tests.desk import people

PARSERS = str(Path(__file__).parents[1] / "attacks" / "parsers")
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(autouse=True)
def walls() -> None:
    if not sandbox.capabilities().level:
        pytest.skip("LOUD: this machine raises no walls, so no evidence is examined on it")


@pytest.fixture
def start(desk: people.Desk) -> Iterator[Start]:
    """Starts worker processes on the tests' database and waits for their sign of life."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> "subprocess.Popen[bytes]":
        before = Worker.objects.count()
        environment = dict(os.environ, AMPARO_TEST_DATABASE=str(connection.settings_dict["NAME"]))
        environment.pop("TMPDIR", None)
        one = subprocess.Popen(
            [sys.executable, "-m", "tests.desk.worker_process", *arguments], env=environment,
            cwd=Path(__file__).parents[2],
        )
        running.append(one)
        until(lambda: Worker.objects.count() > before)
        return one

    yield begin
    for one in running:
        one.kill()
        one.wait()


def until(true: Callable[[], bool], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def over() -> bool:
    return Lease.objects.exists() and not Lease.objects.filter(state__in=("waiting", "running")).exists()


def handed_in(*files: tuple[str, bytes], **answers: list[str]) -> None:
    told = {"threats": ["spyware"], "device_owner": ["me"]} | answers
    people.report("My phone is hot.", files=files, consents=("examine",), **told)


def page(desk: people.Desk, case: UUID) -> reading.CasePage:
    return reading.case_page(desk.lead, case)


def only_case() -> UUID:
    return Case.objects.get().id


def test_a_phone_is_examined_and_what_is_found_is_signed(desk: people.Desk, start: Start) -> None:
    start()
    handed_in(("backup.zip", specimens.demo_ios()))
    until(over)
    seen = page(desk, only_case())
    assert len(seen.findings) >= 3 and all(card.proven for card in seen.findings)
    assert [card.exam for card in seen.evidence] == ["done"]
    assert set(Item.objects.filter(kind__in=("finding", "exam", "preview")).values_list("channel", flat=True)) == {
        "staff"
    }
    assert set(Lease.objects.values_list("sealed", flat=True)) == {b""}
    times = [*Lease.objects.values_list("start_by", flat=True)]
    for row in DBTaskResult.objects.values_list("enqueued_at", "started_at", "finished_at"):
        times += [moment for moment in row if moment is not None]
    assert {moment.time() for moment in times} == {dt.time()}, "the hour of a report stands in clear"
    entries = [seal.CustodyEntry.decode(bytes(row.body)) for row in LogEntry.objects.all()]
    (examined,) = [one for one in entries if one.action == "examined"]
    assert examined.actor_kind == "worker" and examined.actor == Worker.objects.get().id
    assert {code.split(":")[0] for code in examined.detail} == {"version", "indicators", "outcome"}


def test_the_job_table_holds_ids_only(desk: people.Desk, start: Start) -> None:
    start()
    handed_in(("secret name.zip", specimens.demo_ios()))
    until(over)
    rows = list(DBTaskResult.objects.all())
    assert rows
    for row in rows:
        assert row.args_kwargs["kwargs"] == {}
        assert [str(UUID(argument)) for argument in row.args_kwargs["args"]] == row.args_kwargs["args"]
        assert (row.return_value, row.traceback, row.exception_class_path) == (None, "", "")


def test_a_phone_of_somebody_else_waits_for_that_person(desk: people.Desk, start: Start) -> None:
    start()
    handed_in(("backup.zip", specimens.demo_ios()), device_owner=["someone-else"], device_agrees=["unsure"])
    until(over)
    case = only_case()
    (card,) = page(desk, case).evidence
    assert card.exam == "needs-device-consent" and page(desk, case).findings == ()
    casework.record_device_consent(staff=desk.lead, case_id=case, files=(card.item,), how="told me on the phone")
    assert casework.request_exam(staff=desk.lead, case_id=case, file=card.item) == "queued"
    until(over)
    assert len(page(desk, case).findings) >= 3
    assert [one.exam for one in page(desk, case).evidence] == ["done"]


def test_without_the_consent_nothing_is_leased(desk: people.Desk, start: Start) -> None:
    start()
    people.report("text", files=(("backup.zip", specimens.demo_ios()),), consents=("statistics",))
    assert not Lease.objects.exists() and not DBTaskResult.objects.exists()
    assert [card.exam for card in page(desk, only_case()).evidence] == ["none"]


def test_no_worker_at_sending_is_seen_and_mended_by_a_handler(desk: people.Desk, start: Start) -> None:
    handed_in(("backup.zip", specimens.demo_ios()))
    assert not Lease.objects.exists()
    assert Case.objects.get().exam_code == "no-worker"
    start()
    (card,) = page(desk, only_case()).evidence
    casework.request_exam(staff=desk.lead, case_id=only_case(), file=card.item)
    until(over)
    assert page(desk, only_case()).findings


def test_a_strangers_worker_gets_no_lease(desk: people.Desk) -> None:
    keys = seal.new_worker_keys()
    Worker.objects.create(
        id=keys.id, kex_public=keys.kex.public, sign_public=keys.sign.public,
        mac=seal.worker_mac(b"another site's secret, not ours...", keys), seen_at=clock.now(),
    )
    assert workers.live() == []
    handed_in(("backup.zip", specimens.demo_ios()))
    assert not Lease.objects.exists()


def test_two_workers_examine_once(desk: people.Desk, start: Start) -> None:
    start()
    start()
    handed_in(("backup.zip", specimens.demo_ios()), ("letter.txt", b"hello"))
    assert Lease.objects.filter(purpose="examine").count() >= 2
    until(lambda: over() and not DBTaskResult.objects.ready().exists() and not DBTaskResult.objects.running().exists())
    assert Item.objects.filter(kind="exam").count() == 2
    assert Item.objects.filter(kind="preview").count() == 2
    done = sorted(Lease.objects.values_list("purpose", "state"))
    assert done == [("examine", "done")] * 2 + [("preview", "done")] * 2


def test_a_changed_file_is_told_as_that(desk: people.Desk, start: Start) -> None:
    from amparo.desk import blobs
    from amparo.desk.records import Blob

    handed_in(("backup.zip", specimens.demo_ios()))
    path = blobs.path_of(Blob.objects.get().name)
    raw = bytearray(path.read_bytes())
    raw[-40] ^= 1
    path.chmod(0o600)
    path.write_bytes(raw)
    start()
    (item,) = Item.objects.filter(kind="file")
    casework.request_exam(staff=desk.lead, case_id=only_case(), file=item.id)
    until(over)
    assert Lease.objects.get(purpose="examine").code == "tampered"
    assert "not checked: the sealed file was changed" in {gap.why for gap in page(desk, only_case()).not_checked}


def test_a_worker_killed_in_the_middle_leaves_a_task_for_a_handler(desk: people.Desk, start: Start) -> None:
    victim = start(PARSERS)
    handed_in(("backup.zip", specimens.demo_ios()))
    until(lambda: Lease.objects.filter(state="running").exists())
    until(lambda: len(_below(victim.pid)) > 0)
    children = _below(victim.pid)
    victim.kill()
    victim.wait()
    until(lambda: not any(_alive(pid) for pid in children), 5)
    assert workers.bury() == 0, "a worker that was alive a moment ago is not buried yet"
    Worker.objects.update(seen_at=clock.now() - dt.timedelta(minutes=5))
    assert workers.bury() > 0
    assert set(Lease.objects.values_list("state", "code", "sealed")) == {("needs-handler", "worker-gone", b"")}
    assert not DBTaskResult.objects.exists()
    assert [card.exam for card in page(desk, only_case()).evidence] == ["needs-handler"]
    start()
    (item,) = Item.objects.filter(kind="file")
    casework.request_exam(staff=desk.lead, case_id=only_case(), file=item.id)
    until(over)
    assert Item.objects.filter(kind="exam").count() == 1 and page(desk, only_case()).findings


def test_a_stopped_worker_ends_at_once_and_says_what_it_left(desk: people.Desk, start: Start) -> None:
    one = start(PARSERS)
    handed_in(("backup.zip", specimens.demo_ios()))
    until(lambda: Lease.objects.filter(state="running").exists())
    began = time.monotonic()
    one.send_signal(signal.SIGTERM)
    assert one.wait(5) == 0
    assert time.monotonic() - began < 5
    assert not _below(one.pid)
    assert set(Lease.objects.values_list("state", flat=True)) == {"needs-handler"}
    assert set(Lease.objects.values_list("sealed", flat=True)) == {b""}
    assert workers.live() == []


def test_a_late_lease_is_not_started(desk: people.Desk, start: Start) -> None:
    keys = workers.register()
    handed_in(("letter.txt", b"hello"))
    lease = Lease.objects.filter(purpose="examine").get()
    Lease.objects.update(start_by=clock.now() - dt.timedelta(seconds=1))
    assert workers.claim(lease.id, keys.id, "v") is None
    lease.refresh_from_db()
    assert (lease.state, lease.code, bytes(lease.sealed)) == ("needs-handler", "late", b"")


def test_what_was_done_at_this_version_is_not_done_again(desk: people.Desk) -> None:
    keys = workers.register()
    handed_in(("letter.txt", b"hello"))
    first = Lease.objects.filter(purpose="examine").get()
    Lease.objects.filter(id=first.id).update(state="done", code="done", detector_version="v1", sealed=b"")
    again = Lease.objects.create(
        item_id=first.item_id, worker_id=keys.id, purpose="examine", sealed=b"x",
        start_by=clock.now() + dt.timedelta(minutes=1),
    )
    assert workers.claim(again.id, keys.id, "v1") is None
    assert not Lease.objects.filter(id=again.id).exists()
    newer = Lease.objects.create(
        item_id=first.item_id, worker_id=keys.id, purpose="examine", sealed=b"x",
        start_by=clock.now() + dt.timedelta(minutes=1),
    )
    assert workers.claim(newer.id, keys.id, "v2") is not None


def test_another_workers_lease_is_of_no_use(desk: people.Desk) -> None:
    keys = workers.register()
    handed_in(("letter.txt", b"hello"))
    lease = Lease.objects.filter(purpose="examine").get()
    stranger = seal.new_worker_keys()
    assert workers.claim(lease.id, stranger.id, "v") is None
    item = Item.objects.get(id=lease.item_id)
    context = seal.Context(item.case_id, item.id, item.kind, item.written_epoch, item.schema)
    with pytest.raises(seal.Tampered):
        seal.open_lease(stranger.kex.private, bytes(lease.sealed), context, stranger.id, "examine")
    with pytest.raises(seal.Tampered):  # nor is a lease for a preview one for an exam
        seal.open_lease(keys.kex.private, bytes(lease.sealed), context, keys.id, "preview")


def test_the_process_is_closed_to_the_outside(desk: people.Desk, start: Start) -> None:
    one = start()
    limits = Path(f"/proc/{one.pid}/limits").read_text()
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
    assert workers.is_card(Worker.objects.get())


def _below(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found += [int(entry.name), *_below(int(entry.name))]
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_queue_knows_what_waits(desk: people.Desk) -> None:
    workers.register()
    handed_in(("letter.txt", b"hello"))
    (item,) = Item.objects.filter(kind="file")
    assert examining.states([item.id]) == {item.id: "waiting"}
    Lease.objects.update(start_by=clock.now() - dt.timedelta(seconds=1))
    assert examining.states([item.id]) == {item.id: "needs-handler"}
    assert queue.load(desk.lead).rows
