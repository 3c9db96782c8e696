"""A parser that runs an attacker's code: it reaches no socket, no second key, no file outside its private memory.

Each kind of wall is tried by itself, then as an account without any power, then where no namespaces may be made.
What this machine lacks is skipped, and the skip says so loudly.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from amparo.desk import sandbox

PARSERS = str(Path(__file__).parent / "parsers")
LOUD = (
    "LOUD: not tried here, this machine raises no {} walls; "
    "evidence would be examined behind weaker ones or not at all"
)
QUICK = sandbox.Limits(memory=512 << 20, private=16 << 20, cpu=1, wall=3.0)


@pytest.fixture(params=sandbox.LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    outcome = sandbox.run("amparo.desk.exam_child:probe", None, level=request.param)
    if outcome.code != "done":
        pytest.skip(LOUD.format(request.param))
    return str(request.param)


def order(**options: object) -> sandbox.Order:
    return sandbox.Order(
        key=b"k" * 32, case=uuid.uuid4(), item=uuid.uuid4(), kind="file", epoch=1, schema=1, body=b"",
        sealed_size=0, options=options,  # type: ignore[arg-type]
    )


def attack(name: str, level: str | None = None, **options: object) -> sandbox.Outcome:
    return sandbox.run(
        f"hostile:{name}", order(**options), level=level, limits=QUICK, unsafe_search=(PARSERS,)
    )


def test_nothing_is_reached(level: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    laid = {"secret": data / "secret", "sealed": data / "sealed", "database": data / "desk.sqlite3"}
    for path in laid.values():
        path.write_bytes(b"second key")
    writable = [str(tmp_path / "out"), f"/tmp/amparo-attack-{os.getpid()}", str(Path(sandbox.__file__).parent / "x")]
    # an inheritable descriptor of the parent, as a careless library might leave one
    leaked = os.open(laid["secret"], os.O_RDONLY)
    os.set_inheritable(leaked, True)
    blob = os.open(laid["sealed"], os.O_RDONLY)
    os.environ["AMPARO_CANARY"] = "second key"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        outcome = sandbox.run(
            "hostile:everything",
            order(
                parent=os.getpid(), port=listener.getsockname()[1], data=str(data), blob=blob,
                writable=tuple(writable), **{name: str(path) for name, path in laid.items()},
            ),
            level=level, limits=QUICK, unsafe_search=(PARSERS,), blob=blob, hidden=(str(data),),
        )
        with pytest.raises(TimeoutError):
            listener.accept()
    del os.environ["AMPARO_CANARY"]
    os.close(leaked)
    os.close(blob)

    assert outcome.code == "done"
    tried = {said.part: said.why for said in outcome.not_checked}
    assert len(tried) > 60, "the attack did not run to its end"
    assert {part for part, why in tried.items() if why == "reached"} == set()
    assert all(path.read_bytes() == b"second key" for path in laid.values())
    assert not any(Path(path).exists() for path in writable)


def test_the_private_folder_is_small_and_never_executed(level: str) -> None:
    tried = {said.part: said.why for said in attack("private_folder", level).not_checked}
    assert (tried["private file"] == "reached") == (level == "namespaces")
    assert tried["private code"].startswith("refused")
    assert tried["fill it"].startswith("refused")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("loop", "timeout"), ("sleep", "timeout"), ("memory", "memory"), ("crash", "crashed"),
        ("flood", "malformed"), ("garbage", "malformed"), ("huge_frame", "malformed"),
        ("long_text", "malformed"), ("prints", "done"), ("stays", "crashed"), ("ignores_signals", "timeout"),
    ],
)
def test_each_ends_with_a_code(name: str, code: str, level: str) -> None:
    began = time.monotonic()
    outcome = attack(name, level)
    assert outcome.code == code
    assert time.monotonic() - began < 8
    if code != "done":
        assert outcome.not_checked[-1].why.startswith("not checked: ")


def test_no_child_is_left(level: str) -> None:
    attack("stays", level)
    assert _children_of(os.getpid()) == []


def test_a_killed_worker_takes_its_child_along(level: str) -> None:
    code = (
        "from amparo.desk import sandbox; import sys\n"
        "sys.stdout.write('ready\\n'); sys.stdout.flush()\n"
        f"sandbox.run('hostile:sleep', None, level={level!r}, unsafe_search=({PARSERS!r},))\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    worker.stdout.readline()
    left: list[int] = []
    until = time.monotonic() + 5
    wanted = 2 if level == "namespaces" else 1
    while len(left) < wanted and time.monotonic() < until:
        left = _below(worker.pid)
        time.sleep(0.02)
    assert len(left) == wanted
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    until = time.monotonic() + 3
    while any(_alive(pid) for pid in left) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(_alive(pid) for pid in left)


def test_a_data_folder_among_the_program_files_stays_out_of_reach(level: str, tmp_path: Path) -> None:
    """An admin put the data folder beneath a folder that the child may read."""
    data = tmp_path / "program" / "data"
    data.mkdir(parents=True)
    secret = data / "secret"
    secret.write_bytes(b"second key")
    outcome = sandbox.run(
        "hostile:everything",
        order(
            parent=os.getpid(), port=9, data=str(data), blob=200, writable=(str(data / "out"),),
            secret=str(secret), sealed=str(secret), database=str(secret),
        ),
        level=level, limits=QUICK, unsafe_search=(PARSERS,), readable=(str(tmp_path),), hidden=(str(data),),
    )
    assert outcome.code == "done" and outcome.level == ("seccomp" if level == "landlock" else level)
    reached = {said.part for said in outcome.not_checked if said.why == "reached"}
    # behind full walls the folder can be listed, but it is another, empty one
    assert reached <= ({"list the data folder"} if level == "namespaces" else set())


def test_without_walls_nothing_is_examined() -> None:
    outcome = attack("everything", "")
    assert outcome.code == "no-private-memory"
    assert [said.why for said in outcome.not_checked] == ["not checked: no private memory"]
    assert outcome.findings == ()


def test_as_an_account_without_power() -> None:
    """The desk runs as an ordinary account; as root this test becomes one."""
    said = _elsewhere("nobody")
    if said is None:
        pytest.skip(LOUD.format("unprivileged"))
    assert said["level"] in sandbox.LEVELS
    assert said["reached"] == []
    assert said["tried"] > 60


def test_where_no_namespaces_may_be_made() -> None:
    """The kernel refuses user namespaces: seccomp and Landlock stand alone, and the desk says so."""
    said = _elsewhere("no-namespaces")
    if said is None:
        pytest.skip(LOUD.format("namespace (the refusal itself could not be staged)"))
    assert said["level"] in ("landlock", "seccomp")
    assert said["reached"] == []
    assert "not checked" in said["says"]


def _elsewhere(how: str) -> dict[str, object] | None:
    """Runs the attack from another process that first gives up power; None where that cannot be staged."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "parsers" / "elsewhere.py"), how, PARSERS],
        capture_output=True, timeout=60, check=False,
    )
    if done.returncode == 77:
        return None
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def _below(pid: int) -> list[int]:
    found = []
    for child in _children_of(pid):
        found += [child, *_below(child)]
    return found


def _children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_filter_is_on(level: str) -> None:
    """The kernel itself says so: Seccomp mode 2, no new privileges, no capability."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(39, 0, 0, 0, 0) in (0, 1)  # PR_GET_NO_NEW_PRIVS of the worker is its own affair
    code = (
        "from amparo.desk import sandbox\n"
        f"sandbox.run('hostile:sleep', None, level={level!r}, unsafe_search=({PARSERS!r},))\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code])
    try:
        until = time.monotonic() + 5
        status: dict[str, str] = {}
        while status.get("Seccomp") != "2" and time.monotonic() < until:
            time.sleep(0.02)
            below = _below(worker.pid)
            if below:
                try:
                    lines = Path(f"/proc/{below[-1]}/status").read_text().splitlines()
                except OSError:
                    continue
                status = {line.partition(":")[0]: line.partition(":")[2].strip() for line in lines}
        assert status.get("Seccomp") == "2"
        assert status["NoNewPrivs"] == "1"
        assert {status[name] for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")} == {"0" * 16}
    finally:
        worker.kill()
        worker.wait()


def test_the_same_code_reaches_it_all_without_walls(tmp_path: Path) -> None:
    """A positive control with the harmless attempts: the report "reached" is one that can appear."""
    code = (
        f"import sys, os; sys.path.insert(0, {PARSERS!r})\n"
        "import hostile, socket\n"
        "said = []\n"
        "hostile._try('socket', lambda: socket.socket().close(), said.append)\n"
        "hostile._try('socketpair', socket.socketpair, said.append)\n"
        "hostile._try('read', hostile._read('/etc/passwd'), said.append)\n"
        "hostile._try('list', lambda: os.listdir('/proc'), said.append)\n"
        f"hostile._try('write', lambda: hostile._write({str(tmp_path / 'x')!r}), said.append)\n"
        "hostile._try('fork', hostile._fork, said.append)\n"
        "print(sum(one.why == 'reached' for one in said))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(done.stdout) == 6
