"""`amparo migrate | found | serve | worker | tend | doctor | recovery-key` as an admin types them."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from amparo import seal

AMPARO = [sys.executable, "-c", "from amparo.cli import main; main()"]
PASSWORD = "eleven brass bells over the quiet harbour"


def environment(data: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AMPARO", "DJANGO"))}
    clean.pop("TMPDIR", None)
    return clean | {"AMPARO_DATA": str(data)}


def amparo(data: Path, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    """One command in a session of its own (no terminal), with what is typed on its input."""
    return subprocess.run(
        [*AMPARO, *arguments], env=environment(data), input=typed, capture_output=True, text=True, timeout=90,
        start_new_session=True, cwd=data.parent,
    )


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk") / "data"
    done = amparo(folder, "migrate")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def founded(data: Path) -> str:
    done = amparo(data, "found", typed=f"Heron\nmy login\nweak\nweak\n{PASSWORD}\n{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stderr
    return done.stdout


def sentence(done: "subprocess.CompletedProcess[str]") -> str:
    """The one line that an error is."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def test_founding_shows_what_must_be_kept_on_paper(founded: str) -> None:
    assert "otpauth://totp/" in founded and "fingerprint" in founded
    codes = [line.strip() for line in founded.splitlines() if line.startswith("  ") and "otpauth" not in line]
    assert len(codes) == 11  # ten recovery codes and the fingerprint
    assert PASSWORD not in founded


def test_a_desk_is_founded_once(data: Path, founded: str) -> None:
    assert "founded already" in sentence(amparo(data, "found", typed="x\ny\n"))


def test_nothing_runs_before_migrate(tmp_path: Path) -> None:
    for command in (("serve", "--port", str(free_port())), ("worker",), ("tend", "--once"), ("found",)):
        assert "amparo migrate" in sentence(amparo(tmp_path / "data", *command))


def test_a_data_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert "can't be used" in sentence(amparo(tmp_path / "data", "migrate"))


def test_a_broken_configuration_names_the_line(data: Path, founded: str) -> None:
    (data / "desk.toml").write_text("retention_days = 0\n")
    try:
        assert "retention_days" in sentence(amparo(data, "serve", "--port", str(free_port())))
    finally:
        (data / "desk.toml").unlink()


def test_a_port_in_use(data: Path, founded: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "is in use" in sentence(amparo(data, "serve", "--port", str(taken.getsockname()[1])))


def test_an_address_this_machine_does_not_have(data: Path, founded: str) -> None:
    assert "no address" in sentence(amparo(data, "serve", "--host", "192.0.2.1"))


def test_it_serves_and_leaves_no_trace_of_who_came(data: Path, founded: str) -> None:
    port = free_port()
    process = subprocess.Popen(
        [*AMPARO, "serve", "--port", str(port), "--processes", "1"], env=environment(data), cwd=data.parent,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        until = time.monotonic() + 30
        while True:
            try:
                with opener.open(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert time.monotonic() < until and process.poll() is None
                time.sleep(0.1)
        with opener.open(f"http://127.0.0.1:{port}/en/?canary-of-an-address", timeout=10) as answer:
            assert answer.status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "canary" not in printed and "127.0.0.1 - -" not in printed and "GET" not in printed
    assert not list(Path.home().glob(".gunicorn*")) and not (Path.home() / "gunicorn.ctl").exists()


def test_the_worker_says_behind_which_walls_it_works_and_ends_when_told(data: Path, founded: str) -> None:
    process = subprocess.Popen(
        [*AMPARO, "worker"], env=environment(data), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "walls" in line
    time.sleep(1.0)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0 and time.monotonic() - began < 5


def test_tend_once(data: Path, founded: str) -> None:
    done = amparo(data, "tend", "--once")
    assert done.returncode == 0 and "Erased cases: 0." in done.stdout


def test_doctor_speaks_in_sentences(data: Path, founded: str) -> None:
    done = amparo(data, "doctor")
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr
    assert "looked at." in done.stdout and len(done.stdout.splitlines()) > 5


def test_the_recovery_ceremony_needs_no_desk_and_two_of_three_open_it(tmp_path: Path, data: Path, founded: str) -> None:
    passphrases = [f"{word} passphrase of a person with a long memory" for word in ("first", "second", "third")]
    typed = "".join(f"{one}\n{one}\n" for one in passphrases)
    done = amparo(tmp_path / "no-desk-here", "recovery-key", "new", str(tmp_path / "stick"), typed=typed)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "no-desk-here").exists()
    shares = [(tmp_path / "stick" / f"recovery-share-{n}.age").read_bytes() for n in (1, 2, 3)]
    pair = seal.join_recovery([(shares[0], passphrases[0]), (shares[2], passphrases[2])])
    public = tmp_path / "stick" / "recovery.pub"
    assert pair.public.hex() == public.read_text().strip()
    again = amparo(tmp_path / "no-desk-here", "recovery-key", "new", str(tmp_path / "stick"), typed=typed)
    assert "not empty" in sentence(again)
    assert amparo(data, "recovery-key", "install", str(public)).returncode == 0
    assert (data / "site" / "recovery.pub").read_text() == public.read_text()
    assert "already" in sentence(amparo(data, "recovery-key", "install", str(public)))
    (tmp_path / "letter").write_text("hello")
    assert "no recovery.pub" in sentence(amparo(data, "recovery-key", "install", str(tmp_path / "letter")))
