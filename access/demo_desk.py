"""Starts `amparo demo` in a fresh folder on a free port and reads the links it prints."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE = 180  # seconds until the demo must answer


class NotStarted(Exception):
    """The demo did not come up; the text is its own last words."""


class DemoDesk:
    """A running demo. `origin` is its address, `links` what it printed (defender, handler)."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="amparo-access-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = self.folder / "demo.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "DemoDesk":
        program = Path(sys.executable).parent / "amparo"
        environment = dict(os.environ, AMPARO_DEMO=str(self.folder / "demo"), PYTHONUNBUFFERED="1")
        environment.pop("AMPARO_DATA", None)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, "demo", "--fresh", "--port", str(self.port)],
                cwd=self.folder, env=environment, stdout=log, stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self._process is not None
            if self._process.poll() is not None:
                raise NotStarted(self.said()[-1500:])
            try:
                with urllib.request.urlopen(f"{self.origin}/healthz", timeout=5) as answer:
                    if answer.status == 200 and self.links():
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.3)
        raise NotStarted(f"no answer and no links within {PATIENCE} s. It said: {self.said()[-1500:]}")

    def said(self) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return re.sub(r"\x1b\[[0-9;]*m", "", text)

    def links(self) -> dict[str, str]:
        """Links by audience; empty until the demo has printed the handler's one-time link."""
        found = re.findall(rf"{re.escape(self.origin)}\S*", self.said())
        staff = [link for link in found if "/staff/" in link]
        return {"handler": staff[0], "defender": f"{self.origin}/en/"} if staff else {}

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
