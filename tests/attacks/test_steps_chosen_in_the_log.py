"""Whoever takes the machine looks for what somebody read in the steps: no file and no line of the desk tells it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from amparo.mitigate import playbook, ways

AMPARO = [sys.executable, "-c", "from amparo.cli import main; main()"]
CANARY = "quartz-otter-lamp"  # in the query, the referrer and the name of the browser
BOOK = "stalkerware"


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AMPARO", "DJANGO", "SQLITE"))}
    kept.pop("TMPDIR", None)
    return {**kept, "AMPARO_DATA": str(folder), "PYTHONUTF8": "1"}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[httpx.Client, Path]]:
    """A desk that is being served, and the folder with all that it writes, its own words among it."""
    data = tmp_path / "data"
    done = subprocess.run([*AMPARO, "migrate"], env=environment(data), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = int(line.getsockname()[1])
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen([*AMPARO, "serve", "--port", str(port), "--processes", "1"], stdout=said,
                                   stderr=subprocess.STDOUT, env=environment(data), start_new_session=True)
    try:
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30, headers={
            "user-agent": CANARY, "referer": f"http://127.0.0.1:{port}/{CANARY}"})
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if client.get("/healthz").status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield client, tmp_path
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def marks() -> set[bytes]:
    """All by which a page of the playbook can be known."""
    book = playbook.load(BOOK, "en")
    assert book is not None
    return {BOOK.encode(), CANARY.encode(), ways.mark(BOOK).encode(),
            *(ways.mark(BOOK, node.id).encode() for node in book.nodes),
            *(ways.mark(BOOK, one.to).encode() for node in book.nodes for one in node.choices)}


def found(folder: Path) -> list[str]:
    """Files below the folder that hold one of the marks, in their content or their name."""
    wanted, told = marks(), []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes() + path.name.encode()
            told += [f"{path.name}: {one.decode()}" for one in wanted if one in content]
    return told


def test_nothing_that_the_desk_writes_tells_what_was_read(served: tuple[httpx.Client, Path]) -> None:
    client, folder = served
    here, seen = f"/es/help/{ways.mark(BOOK)}/{ways.mark(BOOK, 'start')}/", 0
    while True:
        page = client.get(f"{here}?{CANARY}=1")
        assert page.status_code == 200 and "set-cookie" not in page.headers
        seen += 1
        answers = re.findall(rf'href="(/es/help/{ways.mark(BOOK)}/\w+/)"', page.text.split('<ul class="ways">')[1])
        if answers[:1] in ([], [here]) or seen > 20 or "/es/write/" in page.text.split('<ul class="ways">')[1]:
            break
        here = answers[0]
    assert seen > 3, "somebody went on to an end"
    for method in ("HEAD", "POST", "PUT", "TRACE", "NONSENSE"):
        client.request(method, here)
    for odd in (here[:-1], f"{here}{CANARY}/", f"/{CANARY}{here}", here.replace("/es/", "/xx/"), f"{here}%00%ff"):
        client.get(odd, follow_redirects=True)
    client.get(here, headers={"host": f"{CANARY}.example"})
    with socket.create_connection(("127.0.0.1", client.base_url.port or 0), 10) as raw:
        raw.sendall(f"GET {here} HTTP/9.9\r\nHost: x\r\n{CANARY}\r\n\r\n".encode())
        raw.recv(1000)
    (folder / "data" / "desk.sqlite3").write_bytes(b"no database any more" * 1000)
    for name in ("desk.sqlite3-wal", "desk.sqlite3-shm"):
        (folder / "data" / name).unlink(missing_ok=True)
    broken = client.get(here, headers={"cookie": "s=" + "x" * 43})
    assert broken.status_code == 500, "an error that is written down"
    time.sleep(0.5)
    assert (folder / "said").read_bytes().count(b"\n") > 1, "the desk said that something failed"
    assert found(folder) == []


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    assert found(tmp_path) == []
    for number, one in enumerate(sorted(marks())):
        (tmp_path / f"{number}.log").write_bytes(b"GET /" + one + b"/ 200")
    assert len(found(tmp_path)) >= len(marks())
