"""A desk of its own for tests of the terminal: `python -m tests.cli.served FOLDER` fills it and prints what it made.

A lead and two handlers, each with recovery codes; two reports, one of them with signs that attack a terminal. `Served`
starts it with `amparo serve`, and runs commands against it.
"""

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
AMPARO = [sys.executable, "-c", "from amparo.cli import main; main()"]
HOSTILE = (
    "They wait at the gate.\x1b[2J\x1b]0;owned\x07\x1b[8mhidden\x1b[0m \u202eevil\u202c \x9b31m \r\n"
    "second\x08\x08 line \u2066x\u2069 می\u200cخواهم"
)


def environment(folder: Path, memory: Path | None) -> dict[str, str]:
    """What a command of this desk sees; `memory`: its XDG_RUNTIME_DIR."""
    hidden = ("AMPARO", "DJANGO", "XDG_RUNTIME", "SQLITE_TMP")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    clean.pop("TMPDIR", None)
    clean |= {"AMPARO_DATA": str(folder), "COLUMNS": "200", "PYTHONUTF8": "1"}
    return clean | ({"XDG_RUNTIME_DIR": str(memory)} if memory else {})


@dataclasses.dataclass
class Served:
    """A desk that is being served."""

    folder: Path
    made: dict[str, Any]
    memory: Path | None
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def make(cls, folder: Path, memory: Path | None) -> "Served":
        done = subprocess.run(
            [sys.executable, "-m", "tests.cli.served", str(folder)], cwd=ROOT, capture_output=True, text=True,
            env=environment(folder, None), timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return cls(folder, json.loads(done.stdout.splitlines()[-1]), memory)

    def start(self) -> "Served":
        with socket.socket() as line:
            line.bind(("127.0.0.1", 0))
            self.port = int(line.getsockname()[1])
        self.process = subprocess.Popen(
            [*AMPARO, "serve", "--port", str(self.port), "--processes", "1"], env=environment(self.folder, None),
            stdout=subprocess.DEVNULL, start_new_session=True,
        )
        path, until = self.folder / "local" / "desk.sock", time.monotonic() + 30
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                if path.is_socket() and path.stat().st_mode & 0o777 == 0o600:
                    return self
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError("the desk does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
            self.process = None

    def run(self, *arguments: str, typed: str = "", memory: bool = True) -> "subprocess.CompletedProcess[str]":
        """One command without a terminal, with what is typed on its input."""
        return subprocess.run(
            [*AMPARO, *arguments], env=environment(self.folder, self.memory if memory else None), input=typed,
            capture_output=True, text=True, timeout=90, start_new_session=True, cwd=self.folder.parent,
        )

    def code(self, who: str = "Wren") -> str:
        """One of this colleague's recovery codes, not used before."""
        codes: list[str] = self.made["codes"][who]
        return codes.pop()

    def credentials(self, who: str = "Wren") -> str:
        """What a colleague types to sign in."""
        return f"login of {who}\n{self.made['password']}\n{self.code(who)}\n"


def private_memory(base: Path) -> Path | None:
    """A folder of mode 0700 in memory, where this machine has one."""
    try:
        folder = Path("/dev/shm") / f"amparo-test-{os.getpid()}-{base.name}"
        folder.mkdir(mode=0o700)
    except OSError:
        return None
    return folder


def main(folder: str) -> None:
    """Fill the desk in AMPARO_DATA."""
    from amparo.desk import serving

    serving.set_up(Path(folder))
    from amparo import seal
    from amparo.desk import founding

    founding.migrate()
    real = seal.new_kdf
    seal.new_kdf = lambda: seal.KdfParameters(real().salt, 1, 64, 1)  # made-up passwords
    from amparo.desk.records import Case
    from tests.desk import laptop, people

    desk = people.found()
    for name in ("Wren", "Swift"):
        people.join(desk, name)
    people.report(HOSTILE, danger=["yes"])
    first = Case.objects.get().id
    people.report("Nothing is pressing here.")
    second = Case.objects.exclude(id=first).get().id
    print(json.dumps({
        "password": people.PASSWORD, "card": laptop.card_of(desk), "first": str(first), "second": str(second),
        "codes": {name: list(factor.recovery_codes) for name, factor in desk.factors.items()},
    }))


if __name__ == "__main__":
    main(sys.argv[1])
