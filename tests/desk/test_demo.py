"""The demonstration as a stranger starts it: one command, three links, nothing left behind."""

import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from amparo.desk import demo_reports, sandbox
from amparo.words import questionnaires
from amparo.words.threats import TAXONOMY
from tests.cli.served import private_memory

AMPARO = [sys.executable, "-c", "from amparo.cli import main; main()"]
READY, STOPPED = 60.0, 5.0  # seconds, on two cores


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def amparo(*arguments: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*AMPARO, *arguments], capture_output=True, text=True, env=env, timeout=60)


class Demo:
    """A running demonstration and what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AMPARO", "DJANGO"))}
        environment.pop("TMPDIR", None)
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*AMPARO, "demo", "--port", str(self.port), "--folder", str(folder)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=folder.parent,
        )
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("Stop with Ctrl-C"):
                break
        self.took, self.printed = time.monotonic() - self.began, "".join(lines)

    def stop(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)
        return time.monotonic() - began

    def left(self) -> list[int]:
        """Processes that still have this folder in their environment."""
        mark, found = str(self.folder).encode(), []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if mark in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found


class Browser:
    """Cookies and forms without scripts, over the standard library."""

    def __init__(self, port: int) -> None:
        self.at = f"http://127.0.0.1:{port}"
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(jar), urllib.request.ProxyHandler({})
        )

    def get(self, path: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(path if path.startswith("http") else self.at + path))

    def post(self, path: str, page: str, **fields: str) -> tuple[int, str]:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None, "a form without a token"
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token.group(1), **fields}).encode()
        address = path if path.startswith("http") else self.at + path
        return self._open(urllib.request.Request(address, data, {"Origin": self.at, "Referer": address}))

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("demonstration") / "demo")
    yield running
    if running.process.poll() is None:
        running.stop()


def links(demo: Demo) -> dict[str, str]:
    return dict(re.findall(r"^  (as a defender|as a handler|check a phone here) +(\S+)$", demo.printed, re.MULTILINE))


def test_it_is_ready_in_time_and_tells_three_links_and_six_steps(demo: Demo) -> None:
    assert demo.process.poll() is None, demo.printed
    assert demo.took < READY
    assert set(links(demo)) == {"as a defender", "as a handler", "check a phone here"}
    assert len(re.findall(r"^  [1-6]\. ", demo.printed, re.MULTILINE)) == 6


def test_the_first_page_answers(demo: Demo) -> None:
    status, page = Browser(demo.port).get("/")
    assert status == 200 and "<script" not in page


def test_the_handlers_link_survives_a_prefetch_and_works_once(demo: Demo) -> None:
    link = links(demo)["as a handler"]
    early = Browser(demo.port)
    assert early.get(link)[0] == 200
    one = Browser(demo.port)
    status, page = one.get(link)
    assert status == 200
    status, page = one.post(link, page)
    assert status == 200 and "/staff/case/" in page
    assert page.count("/staff/case/") >= len(demo_reports.load())
    assert one.get("/staff/log/")[0] == 200
    facts = (demo.folder / "demo.json").read_text()
    phone = re.search(r'"phone_case":"([0-9a-f-]+)"', facts)
    danger = re.search(r'"danger_case":"([0-9a-f-]+)"', facts)
    assert phone and danger
    handed, _life, rows = page.partition('id="why-life"')
    assert "Handed over by the former shift" in handed and "Colibrí" in handed
    first = re.findall(r"/staff/case/([0-9a-f-]{36})/", rows)
    assert danger.group(1) in list(dict.fromkeys(first))[:3], "the danger report is not among the first three"
    status, case = one.get(f"/staff/case/{phone.group(1)}/")
    assert status == 200
    if sandbox.capabilities().level:
        assert "does not" in case.lower() and "spyware" in case.lower()
    late = Browser(demo.port)
    _, page = late.get(link)
    if "csrfmiddlewaretoken" in page:
        late.post(link, page)
    assert "/staff/case/" not in late.get("/staff/")[1], "the link let somebody in twice"


def test_the_receipt_opens_the_report(demo: Demo) -> None:
    receipt = re.search(r"receipt, to come back as its defender:\n +(.+)$", demo.printed, re.MULTILINE)
    assert receipt is not None
    one = Browser(demo.port)
    _, page = one.get("/en/")
    back = re.search(r'href="(/en/[^"]*back[^"]*)"', page)
    assert back is not None
    _, page = one.get(back.group(1))
    field = re.search(r'<(?:input|textarea)[^>]*name="(words|receipt|text)"', page)
    assert field is not None
    status, page = one.post(back.group(1), page, **{field.group(1): receipt.group(1)})
    assert status == 200 and "No report opens" not in page


def test_its_own_pages(demo: Demo) -> None:
    one = Browser(demo.port)
    status, page = one.get("/demo/")
    assert status == 200 and page.count("<li><h2>") == 6 and "<script" not in page
    status, page = one.get("/demo/phone/")
    assert status == 200
    status, page = one.post("/demo/phone/", page, phone="ios-backup")
    assert status == 200 and "What it does not mean" in page
    status, page = one.post("/demo/phone/", page, phone="ios-backup-clean")
    assert status == 200 and "not proof of absence" in page
    assert one.post("/demo/phone/", page, phone="../../etc/passwd")[0] == 200
    assert one.get("/demo/specimen/passwd/")[0] == 404


def test_a_handler_tries_the_terminal_with_a_secret_that_works_once(demo: Demo, tmp_path: Path) -> None:
    memory = private_memory(tmp_path)
    if memory is None:
        pytest.skip("this machine has no private memory to keep a session in")
    told = re.search(r"amparo login --demo (\S+)", demo.printed)
    assert told and f"AMPARO_DATA={demo.folder}" in demo.printed
    env = {**os.environ, "AMPARO_DATA": str(demo.folder), "XDG_RUNTIME_DIR": str(memory)}
    try:
        entered = amparo("login", "--demo", told[1], env=env)
        assert entered.returncode == 0 and "Signed in as Colibrí." in entered.stderr, entered.stderr
        queue = amparo("queue", env=env)
        assert queue.returncode == 0 and queue.stdout.strip().startswith("DANGER TO LIFE"), queue.stderr
        shown = amparo("case", "show", "1", env=env)
        assert shown.returncode == 0 and "WHY IT STANDS THERE" in shown.stdout
        assert amparo("logout", env=env).returncode == 0
        again = amparo("login", "--demo", told[1], env=env)
        assert again.returncode == 2 and "used already" in again.stderr
    finally:
        shutil.rmtree(memory)


def test_a_real_desk_is_never_served_from_it(demo: Demo) -> None:
    environment = dict(os.environ, AMPARO_DATA=str(demo.folder))
    done = amparo("serve", "--port", str(free_port()), env=environment)
    assert done.returncode == 2 and "demonstration" in done.stderr and "Traceback" not in done.stderr


def test_a_port_in_use_is_one_sentence(demo: Demo, tmp_path: Path) -> None:
    done = amparo("demo", "--port", str(demo.port), "--folder", str(tmp_path / "other"))
    assert done.returncode == 2 and done.stderr.startswith(f"Port {demo.port} is in use")
    assert not (tmp_path / "other").exists()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    for more in ([], ["--fresh"]):
        done = amparo("demo", "--port", str(free_port()), "--folder", str(tmp_path), *more)
        assert done.returncode == 2 and "holds something else" in done.stderr
        assert (tmp_path / "letter.txt").read_text() == "mine"


def test_an_interrupt_stops_everything_and_a_second_start_is_quick(demo: Demo) -> None:
    assert len(demo.left()) >= 4, "web, worker and tend should be running"
    assert demo.stop() < STOPPED
    assert demo.process.returncode == 0
    assert demo.left() == []
    again = Demo(demo.folder)
    try:
        assert again.process.poll() is None, again.printed
        assert "receipt" in again.printed and Browser(again.port).get("/")[0] == 200
        again.process.kill()  # even then nothing may stay
        again.process.wait()
        until = time.monotonic() + STOPPED
        while again.left() and time.monotonic() < until:
            time.sleep(0.1)
        assert again.left() == []
    finally:
        again.process.kill()
        again.process.communicate()


def test_the_reports_are_fictional_whole_and_varied() -> None:
    reports, asked = demo_reports.load(), questionnaires.load("report")
    assert 38 <= len(reports) <= 46
    assert len({one.name for one in reports}) == len(reports)
    assert {one.language for one in reports} == {"en", "es", "fr", "ar"}
    assert {one.case for one in reports if one.case} == {threat.demo_case for threat in TAXONOMY}
    assert sorted(one.twin for one in reports if one.twin) == ["phish", "phish"]
    from datetime import date

    from amparo import mitigate

    urgent = 0
    for one in reports:
        given = one.given(date(2026, 11, 23))
        checked = asked.check(given)
        assert not checked.problems and set(checked.answers) == set(given), one.name
        urgent += mitigate.urgency(checked.answers).why == "life"
        codes = set(re.findall(r"\bQ[A-Z]\b", one.text))
        assert codes <= {"QX", "QY", "QZ"}
    assert urgent == 3
