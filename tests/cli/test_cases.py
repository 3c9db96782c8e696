"""`amparo login | queue | case` against a desk that is served: what is kept, where, and what is refused."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from amparo.cli import local_desk
from tests.cli.served import AMPARO, Served, private_memory


@pytest.fixture
def wren(served: Served) -> Iterator[Served]:
    """Wren is signed in."""
    done = served.run("login", typed=served.credentials())
    assert done.returncode == 0, done.stderr
    yield served
    served.run("logout")


def kept(served: Served) -> list[Path]:
    assert served.memory is not None
    return [path for path in served.memory.rglob("*") if path.is_file()]


def test_the_session_lies_in_memory_alone_and_goes_with_logout(served: Served) -> None:
    typed = served.credentials()
    done = served.run("login", typed=typed)
    assert done.returncode == 0 and served.made["password"] not in done.stderr + done.stdout
    path, = kept(served)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    secret = json.loads(path.read_bytes())["secret"]
    served.run("queue")
    written = b"".join(one.read_bytes() for one in served.folder.rglob("*") if one.is_file())
    assert len(secret) > 40 and secret.encode() not in written
    held = path.read_text()
    assert "wait at the gate" not in held and "Danger" not in held  # ids and numbers, no word of a case
    assert served.run("logout").returncode == 0 and kept(served) == []
    path.write_text(json.dumps({"secret": secret, "listed": [], "versions": {}, "tasks": {}}))
    assert served.run("queue").returncode == 2  # the desk has forgotten it, too
    assert kept(served) == []


def test_without_private_memory_nothing_is_kept_and_that_is_said(served: Served, tmp_path: Path) -> None:
    done = served.run("login", typed=served.credentials(), memory=False)
    assert done.returncode == 2 and "--once" in done.stderr and "Login name" not in done.stderr
    shared = private_memory(tmp_path)
    assert shared is not None
    shared.chmod(0o755)
    try:
        elsewhere = Served(served.folder, served.made, shared, served.port, served.process)
        assert "--once" in elsewhere.run("queue").stderr  # others can read that folder
    finally:
        shutil.rmtree(shared)
    tmp_path.chmod(0o700)
    on_disk = Served(served.folder, served.made, tmp_path, served.port, served.process)
    kinds = subprocess.run(["stat", "-f", "-c", "%T", str(tmp_path)], capture_output=True, text=True).stdout.strip()
    if kinds not in ("tmpfs", "ramfs"):
        assert "--once" in on_disk.run("queue").stderr and list(tmp_path.iterdir()) == []


def test_once_asks_each_time_and_leaves_no_session(served: Served) -> None:
    done = served.run("queue", "--once", "--json", typed=served.credentials("Swift"), memory=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert {row["case"] for row in said["rows"]} <= {served.made["first"], served.made["second"]} and said["rows"]
    assert kept(served) == []
    noted = served.run(
        "case", "note", served.made["second"], "--once", typed=served.credentials("Swift") + "a line\nand another\n",
        memory=False,
    )
    assert noted.returncode == 0, noted.stderr
    shown = served.run("case", "show", served.made["second"], "--once", typed=served.credentials("Swift"), memory=False)
    assert "    a line\n    and another" in shown.stdout and "Swift" in shown.stdout


def test_numbers_are_those_of_the_last_list(wren: Served) -> None:
    listed = json.loads(wren.run("queue", "--state", "all", "--json").stdout)["rows"]
    for number, row in enumerate(listed, 1):
        assert wren.run("case", "show", str(number)).stdout.startswith(f"Case {row['code']} ")
    assert wren.run("queue", "--why", "life").returncode == 0
    gone = wren.run("case", "show", "2")
    assert gone.returncode == 2 and "no number 2" in gone.stderr


def test_a_code_may_be_typed_in_any_way_and_must_be_clear(wren: Served) -> None:
    whole = wren.made["first"]
    code = f"{whole[:4]}-{whole[4:8]}".upper()
    for way in (code, code.lower(), whole[:8], whole, whole.replace("-", "").upper()):
        assert wren.run("case", "show", way).stdout.startswith(f"Case {code} "), way
    for wrong in ("g" * 8, "%2e%2e", "0" * 33, "a\x00b"[:1] + "/../me"):
        done = wren.run("case", "show", wrong)
        assert done.returncode == 2 and "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1


def test_what_changed_since_it_was_shown_is_not_answered_blindly(wren: Served) -> None:
    code = wren.made["second"][:8]
    assert wren.run("case", "show", code).returncode == 0
    other = wren.run("case", "note", code, "--once", typed=wren.credentials("Swift") + "meanwhile\n", memory=False)
    assert other.returncode == 0, other.stderr
    done = wren.run("case", "reply", code, typed="an answer to what I saw")
    assert done.returncode == 2 and f"amparo case show {code[:4]}-{code[4:]}".lower() in done.stderr.lower()
    shown = wren.run("case", "show", code)
    assert "an answer to what I saw" not in shown.stdout and "meanwhile" in shown.stdout
    assert wren.run("case", "reply", code, typed="an answer to all of it").returncode == 0
    assert "an answer to all of it" in wren.run("case", "show", code).stdout


def test_a_long_path_of_the_data_folder_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / ("a-long-name-of-a-folder-" * 4) / "data"
    folder.parent.mkdir()
    assert len(str(folder / "local" / "desk.sock")) > 107
    one = Served.make(folder, None).start()
    try:
        done = one.run("queue", "--once", typed=one.credentials(), memory=False)
        assert done.returncode == 0 and "DANGER TO LIFE" in done.stdout, done.stderr
    finally:
        one.stop()


@pytest.mark.parametrize("answer", [
    b"", b"nonsense", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    b"HTTP/1.1 500 x\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
])
def test_something_else_behind_the_socket_is_one_sentence(tmp_path: Path, answer: bytes) -> None:
    path = tmp_path / "x.sock"
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(path))
        stranger.listen()
        process = subprocess.Popen(
            [*AMPARO, "queue", "--once"], stderr=subprocess.PIPE, stdout=subprocess.PIPE,
            stdin=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "AMPARO_SOCKET": str(path)},
        )
        line, _ = stranger.accept()
        line.recv(65536)
        line.sendall(answer)
        line.close()
        _, said = process.communicate("me\n", timeout=30)
    assert process.returncode == 2 and len(said.splitlines()) == 1 and "Traceback" not in said
    assert "Login name" not in said, "no password is asked for by what is not a desk"


def test_a_socket_of_another_account_gets_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.sock"
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(path))
        monkeypatch.setenv("AMPARO_SOCKET", str(path))
        local_desk.Desk().require_ours()
        if os.geteuid() != 0:
            pytest.skip("only root can give a socket away")
        os.chown(path, 65534, 65534)
        with pytest.raises(local_desk.AmparoError) as refused:
            local_desk.Desk().require_ours()
        assert "do not type a password" in str(refused.value)
    (tmp_path / "file").write_text("no socket")
    monkeypatch.setenv("AMPARO_SOCKET", str(tmp_path / "file"))
    with pytest.raises(local_desk.AmparoError):
        local_desk.Desk().require_ours()


def test_help_of_these_commands_brings_in_no_network() -> None:
    code = (
        "import sys, json\nsys.argv = ['amparo', 'case', '--help']\nfrom amparo.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "show" in done.stdout and "reply" in done.stdout
    assert not set(json.loads(done.stdout.splitlines()[-1])) & {"http.client", "ssl", "django", "amparo.desk"}
