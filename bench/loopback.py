"""A real desk on loopback for benches: founded, served by `amparo serve` in a process of its own, taken down again."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FOUND = """
LOGIN = %r
import os, tempfile
from amparo.desk import founding
import django
founding.prepare()
django.setup()
founding.migrate()
from tests.desk import people
desk = people.found(login=LOGIN)
for name in ("Wren", "Swift"):
    people.join(desk, name)
for one in desk.factors.values():
    print(one.secret.hex())
"""


class Desk:
    """Where it listens, and the processes that serve it."""

    def __init__(self, port: int, folder: Path, process: subprocess.Popen[bytes], secrets: list[str]) -> None:
        self.port, self.folder, self.process = port, folder, process
        self.secrets = secrets  # second factors of the lead, Wren and Swift, in hex
        self.secret = secrets[0]

    def processes(self) -> list[int]:
        """The serving process and its children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def memory(self, field: str) -> float:
        """MiB of all processes together; field: VmRSS (now) or VmHWM (the most since clear_peaks)."""
        total = 0
        for pid in self.processes():
            total += int(re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])  # type: ignore[index]
        return total / 1024

    def clear_peaks(self) -> None:
        """Let VmHWM begin again at what is used now."""
        for pid in self.processes():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def cpu(self) -> float:
        """CPU seconds used so far."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def desk(
    extra: str = "", processes: int = 2, threads: int = 8, *, place: str = "/dev/shm", login: str = "lead-login-name",
    behind: tuple[str, ...] = (), said: IO[bytes] | int = subprocess.DEVNULL,
) -> Iterator[Desk]:
    """A founded desk with a lead and two handlers. Its folder lies in memory, so that the disk is not measured.

    `behind`: a command that starts the server (its {data} is the data folder); `said`: where the server's output goes.
    """
    root = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory(prefix="amparo-bench-", dir=place) as folder:
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        (data / "desk.toml").write_text("reserve = 1000000\n" + extra)
        surroundings = {**os.environ, "AMPARO_DATA": str(data), "DJANGO_SETTINGS_MODULE": "amparo.desk.settings"}
        founded = subprocess.run(
            [sys.executable, "-c", FOUND % login], check=True, env=surroundings, cwd=root, stdout=subprocess.PIPE,
        )
        with socket.socket() as line:
            line.bind(("127.0.0.1", 0))
            port = line.getsockname()[1]
        command = [sys.executable, "-c", "from amparo.cli import main; main()", "serve", "--port", str(port),
                   "--processes", str(processes), "--threads", str(threads)]
        around = [part.replace("{data}", str(data)) for part in behind]
        process = subprocess.Popen([*around, *command], env=surroundings, cwd=root, stdout=said, stderr=said)
        try:
            until = time.monotonic() + 60
            while Visitor(port).status("/healthz") != 200:
                if time.monotonic() > until:
                    raise SystemExit("The desk did not answer within a minute.")
                time.sleep(0.2)
            yield Desk(port, data, process, founded.stdout.decode().split()[-3:])
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


class Visitor:
    """One browser's worth of a client: a connection, a cookie, and the token of the last form."""

    def __init__(self, port: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.cookie, self.token, self.page = "", "", ""

    def _ask(self, method: str, address: str, body: object = None, headers: dict[str, str] | None = None) -> int:
        sent = {"Cookie": self.cookie, **(headers or {})} if self.cookie else (headers or {})
        self.line.request(method, address, body=body, headers=sent)  # type: ignore[arg-type]
        answer = self.line.getresponse()
        self.page = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.cookie = value.split(";", 1)[0]
        if found := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page):
            self.token = found[1]
        return answer.status

    def status(self, address: str) -> int:
        """The status of a GET; 0 while nobody listens."""
        try:
            return self._ask("GET", address)
        except OSError:
            self.line.close()
            return 0

    def get(self, address: str) -> str:
        """A page that must be there."""
        if (status := self._ask("GET", address)) != 200:
            raise SystemExit(f"GET {address}: {status}")
        return self.page

    def post(self, address: str, **fields: str) -> None:
        """A form that must lead on."""
        from urllib.parse import urlencode

        body = urlencode({"csrfmiddlewaretoken": self.token, **{k.replace("_", "-"): v for k, v in fields.items()}})
        status = self._ask("POST", address, body, {"Content-Type": "application/x-www-form-urlencoded"})
        if status not in (301, 302, 303):
            raise SystemExit(f"POST {address}: {status}")

    def upload(
        self, address: str, pieces: Iterator[bytes], size: int, name: str = "large.bin", to: str = ""
    ) -> int:
        """A multipart form with one file, streamed; the status. `to`: what the file is for, where a form says so."""
        edge = "amparo-bench-edge-71d3"
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{self.token}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="to"\r\n\r\n{to}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{edge}--\r\n".encode()

        def body() -> Iterator[bytes]:
            yield head
            yield from pieces
            yield tail

        length = str(len(head) + size + len(tail))
        kind = f"multipart/form-data; boundary={edge}"
        return self._ask("POST", address, body(), {"Content-Type": kind, "Content-Length": length})

    def draft(self, text: str) -> None:
        """From the page before the questions to the page where everything is checked."""
        self.get("/en/write/")
        self.post("/en/write/begin/")
        self.get("/en/write/2/")
        self.post("/en/write/2/", what_happened=text, go="end")
        self.get("/en/write/check/")

    def send(self) -> None:
        """Send, and read the words."""
        self.post("/en/write/send/")
        if "<ol" not in self.get("/en/write/words/"):
            raise SystemExit("no receipt on the page")
