"""A stolen session works on while a colleague locks its owner out, at a desk that `amparo serve` serves.

Two real server processes on loopback. The thief holds one connection open and asks on it without a pause, and takes
an original and an export at once; within a second nothing of it succeeds and nothing more of the files comes.
"""

import contextlib
import http.client
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bench.loopback import Desk, Visitor, desk

from amparo import seal
from tests.desk.people import PASSWORD

SIZE = 80 << 20
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def sign_in(served: Desk, name: str) -> Visitor:
    secret = served.secrets[1 + ("Wren", "Swift").index(name)]
    one = Visitor(served.port)
    one.get("/staff/in/")
    one.post("/staff/in/", login=f"login of {name}", password=PASSWORD)
    one.get("/staff/in/code/")
    one.post("/staff/in/code/", code=seal.totp_code(bytes.fromhex(secret), time.time() + 30))
    return one


def report(port: int) -> None:
    one = Visitor(port)
    one.draft("They wait at my gate.")
    one.get("/en/write/files/")
    one.upload("/en/write/files/", (os.urandom(1 << 20) for _ in range(SIZE >> 20)), SIZE)
    assert "large.bin" in one.page
    one.get("/en/write/check/")
    one.send()


class Session(threading.Thread):
    """Asks for a page on one connection again and again; (begun, ended, status) of each answer."""

    def __init__(self, visitor: Visitor, page: str) -> None:
        super().__init__(daemon=True)
        self.visitor, self.page = visitor, page
        self.answers: list[tuple[float, float, int]] = []
        self.lines: set[tuple[str, int]] = set()
        self.over = threading.Event()

    def run(self) -> None:
        line = self.visitor.line
        while not self.over.is_set():
            begun = time.monotonic()
            try:
                line.request("GET", self.page, headers={"Cookie": self.visitor.cookie})
                if line.sock is not None:
                    self.lines.add(line.sock.getsockname())
                answer = line.getresponse()
                answer.read()
                self.answers.append((begun, time.monotonic(), answer.status))
            except (OSError, http.client.HTTPException):  # closed at the other end: a new connection, the same cookie
                line.close()
                self.answers.append((begun, time.monotonic(), 0))
            time.sleep(0.005)


class Download(threading.Thread):
    """Takes a file as slowly as a bad line, and as fast as it comes once `hurry` is set.

    What its own system has received is the thief's already, so that holds little.
    """

    def __init__(self, visitor: Visitor, page: str, fields: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.page, self.hurry = page, threading.Event()
        self.got, self.status, self.last, self.ended = 0, 0, 0.0, 0.0
        self.line = http.client.HTTPConnection("127.0.0.1", visitor.line.port, timeout=60)
        self.line.sock = socket.socket()
        self.line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)
        self.line.sock.connect(("127.0.0.1", visitor.line.port))
        self.cookie = visitor.cookie
        self.body = urlencode({"csrfmiddlewaretoken": visitor.token, **fields})

    def run(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.line.request("POST", self.page, self.body, {"Cookie": self.cookie, **FORM})
            answer = self.line.getresponse()
            self.status = answer.status
            while piece := answer.read1(65536):
                self.got += len(piece)
                self.last = time.monotonic()
                if not self.hurry.is_set():
                    time.sleep(0.05)
        self.ended = time.monotonic()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Desk]:
    with desk("kdf_slots = 2\n", place=str(tmp_path)) as one:
        yield one


@pytest.mark.timeout(180)
def test_nothing_succeeds_a_second_after_the_lock(served: Desk) -> None:
    report(served.port)
    stolen, friend = sign_in(served, "Swift"), sign_in(served, "Wren")
    stolen.line.close()  # idle while the other signed in: the desk has closed it
    while 'href="/staff/case/' not in stolen.get("/staff/"):
        time.sleep(0.2)
    case = re.findall(r'href="(/staff/case/[0-9a-f-]+/)', stolen.page)[0]
    original = re.findall(rf'{case}evidence/[0-9a-f-]+/original/', stolen.get(case))[0]
    stolen.get(original)
    downloads = [Download(stolen, original, {}), Download(stolen, original, {})]
    stolen.get(f"{case}export/")
    downloads.append(Download(stolen, f"{case}export/", {
        "what": "whole", "way": "recipient", "recipient": seal.new_age_key()[1], "originals": "yes"}))
    session = Session(stolen, case)
    for one in (session, *downloads):
        one.start()
    until = time.monotonic() + 30
    while len(session.answers) < 50 or not all(one.got > 1_000_000 for one in downloads):
        assert time.monotonic() < until, [(one.page, one.status, one.got) for one in downloads]
        time.sleep(0.1)

    friend.line.close()
    friend.get("/staff/lock/")
    colleague = re.findall(r'value="([0-9a-f-]{36})"[^>]*>\s*(?:<[^>]*>\s*)*Swift', friend.page)[0]
    sent = time.monotonic()
    friend.post("/staff/lock/", colleague=colleague, why="Her computer was taken.")
    locked = time.monotonic()
    for download in downloads[1:]:
        download.hurry.set()  # what lies in the sockets may be read as fast as one can; the first stays slow
    time.sleep(1.0)
    come = [download.got for download in downloads]
    time.sleep(1.0)
    session.over.set()
    for one in (session, *downloads):
        one.join(20)

    before = [status for _, ended, status in session.answers if ended < sent]
    assert len(before) >= 49 and set(before) == {200}, "the thief was really in"
    assert len(session.lines) == 1, "on one connection all the time"
    last = max(begun for begun, _, status in session.answers if status == 200)
    after = [status for begun, _, status in session.answers if begun > locked]
    assert len(after) > 20 and set(after) == {302}
    for download, had in zip(downloads, come, strict=True):
        assert download.status == 200 and 0 < had == download.got < SIZE, download.page
        assert download.ended - locked < 1, (download.page, download.ended - locked)
    cut = [f"{one.got / 1e6:.1f} MB, the last {1000 * (one.last - locked):+.0f} ms" for one in downloads]
    print(f"of {len(session.answers)} requests on one connection the last that succeeded began "
          f"{1000 * (last - locked):+.0f} ms after the lock's answer, which took {1000 * (locked - sent):.0f} ms; "
          f"of {SIZE / 1e6:.0f} MB a slow reader got {cut[0]}, two quick ones {cut[1]} and {cut[2]} after it")
    assert Visitor(served.port).status("/healthz") == 200
