"""No task may leave a word of a case in the job table, whatever happens in it."""

import importlib
import pkgutil
from uuid import UUID, uuid4

import pytest
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

import amparo
from amparo.desk import clock, tasks, workers
from amparo.desk.records import Lease, Worker
from amparo.words.errors import AmparoError
from tests.desk import people

CANARY = "Zapotillo-canary-4711"


def every_task() -> dict[str, Task]:
    found: dict[str, Task] = {}
    for module in pkgutil.walk_packages(amparo.__path__, "amparo."):
        if module.name.endswith("__main__"):
            continue
        loaded = importlib.import_module(module.name)
        found |= {one.module_path: one for one in vars(loaded).values() if isinstance(one, Task)}
    return found


def test_every_task_is_made_by_the_one_decorator() -> None:
    found = every_task()
    assert "amparo.desk.tasks.work_lease" in found
    assert [path for path, one in found.items() if not getattr(one.func, "coded", False)] == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyError(CANARY), "keyerror"),
        (ValueError(CANARY), "valueerror"),
        (SystemExit(CANARY), "systemexit"),
        (KeyboardInterrupt(CANARY), "keyboardinterrupt"),
        (MemoryError(CANARY), "memoryerror"),
        (workers.Stopping(CANARY), "stopping"),
        (AmparoError(CANARY, code="seal.tampered"), "seal.tampered"),
        (AmparoError("x", code=f"odd code {CANARY} " * 9), None),
    ],
)
def test_any_end_is_a_code(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: str | None
) -> None:
    keys = workers.register()
    people.report("text", files=(("letter.txt", b"x"),), consents=("examine",))
    lease = Lease.objects.filter(purpose="examine").get()

    def fail(lease_id: UUID) -> None:
        raise error

    monkeypatch.setattr(workers, "carry_out", fail)
    jobs = workers._Jobs(keys.id)
    while jobs.next():
        pass
    row = DBTaskResult.objects.get(args_kwargs__args__0=str(lease.id))
    assert (row.status, row.return_value, row.traceback, row.exception_class_path) == ("SUCCESSFUL", None, "", "")
    lease.refresh_from_db()
    assert (lease.state, bytes(lease.sealed)) == ("needs-handler", b"")
    assert len(lease.code) <= 40 and (code is None or lease.code == code)
    if code is not None:
        assert CANARY.lower() not in str(list(DBTaskResult.objects.values())).lower() + lease.code


@pytest.mark.parametrize("argument", [CANARY, "", "../../etc", None, {"name": CANARY}, 7])
def test_what_is_no_id_is_refused_without_being_repeated(
    desk: people.Desk, argument: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasks.work_lease.call(argument) is None
    assert CANARY not in "".join(capsys.readouterr())


def test_a_lease_that_is_gone_is_no_error(desk: people.Desk) -> None:
    workers.register()
    assert tasks.work_lease.call(str(uuid4())) is None


def test_finished_jobs_and_jobs_of_the_dead_are_cleared(desk: people.Desk) -> None:
    keys = workers.register()
    people.report("text", files=(("letter.txt", b"x"),), consents=("examine",))
    assert DBTaskResult.objects.count() == 2
    Worker.objects.filter(id=keys.id).update(seen_at=clock.now() - 2 * workers.DEAD_AFTER)
    workers.bury()
    assert DBTaskResult.objects.count() == 0
    assert set(Lease.objects.values_list("state", "code")) == {("needs-handler", "worker-gone")}
