"""The running desk, reached over its local socket; and the secret of the session, kept in memory only.

The socket lies in the desk's data folder (AMPARO_DATA, else ./data), or where AMPARO_SOCKET says: a socket forwarded by
ssh, for instance.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import socket
import stat
from pathlib import Path
from typing import Any, BinaryIO

from amparo.cli.telling import visible
from amparo.words.errors import AmparoError

LONGEST_ADDRESS = 100  # bytes: the system takes 107 as the address of a socket
PATIENCE = 60.0  # seconds: a throttled sign-in waits, a large queue is read
IN_MEMORY = ("tmpfs", "ramfs")


class NotRunning(AmparoError):
    code = "not-running"
    advice = "Start it with: amparo serve (or name its data folder in AMPARO_DATA)"


class NotSignedIn(AmparoError):
    code = "signed-out"
    advice = "Sign in with: amparo login"


class Refused(AmparoError):
    """What the desk said no to, in its own words."""


def socket_path() -> Path:
    """Where the desk listens."""
    if told := os.environ.get("AMPARO_SOCKET"):
        return Path(told)
    return Path(os.environ.get("AMPARO_DATA", "data")) / "local" / "desk.sock"


class _Line(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("desk", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        if len(os.fsencode(str(self._path))) <= LONGEST_ADDRESS:
            self.sock.connect(str(self._path))
            return
        folder = os.open(self._path.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock.connect(f"/proc/self/fd/{folder}/{self._path.name}")
        finally:
            os.close(folder)


class Desk:
    """The desk as one signed-in colleague sees it. `secret` is the session's; "" before signing in."""

    def __init__(self, secret: str = "") -> None:
        self.path = socket_path()
        self.secret = secret

    def ask(self, address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer of one address: read (GET), or written to (POST) where there is a body.

        Raises NotRunning, NotSignedIn, or Refused with the desk's code, sentence and advice.
        """
        if body is None:
            return self._exchange("GET", address, None, {})
        return self._exchange("POST", address, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def bring(self, address: str, file: BinaryIO) -> dict[str, Any]:
        """The answer to a whole file, sent as it is, some of it at a time. The same errors."""
        size = os.fstat(file.fileno()).st_size
        return self._exchange(
            "POST", address, file, {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        )

    def _exchange(
        self, method: str, address: str, sent: bytes | BinaryIO | None, headers: dict[str, str]
    ) -> dict[str, Any]:
        self.require_ours()
        line = _Line(self.path)
        headers |= {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        try:
            line.request(method, f"/{address}", sent, headers)
            answer = line.getresponse()
            status, raw = answer.status, answer.read()
        except (ConnectionError, FileNotFoundError):
            raise NotRunning("The desk is not running here.") from None
        except TimeoutError:
            raise AmparoError("The desk did not answer in time.", code="slow",
                              advice="Look whether it was done before you repeat it.") from None
        except (OSError, http.client.HTTPException):
            raise NotRunning("The desk cannot be reached here.") from None
        finally:
            line.close()
        try:
            said = json.loads(raw)
        except ValueError:
            said = None
        if not isinstance(said, dict) or (status != 200 and not {"error", "says", "advice"} <= said.keys()):
            raise AmparoError("What answers at this socket is not a desk of this version.", code="stranger",
                              advice="Look at AMPARO_DATA and AMPARO_SOCKET; install one version on both sides.")
        if status != 200:
            kind = NotSignedIn if said["error"] == "signed-out" else Refused
            raise kind(visible(said["says"]), advice=visible(said["advice"]), code=str(said["error"]))
        return said

    def require_ours(self) -> None:
        """That a socket is there, and this account's or root's: a password goes to no other. Raises NotRunning."""
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise NotRunning("The desk is not running here.") from None
        except PermissionError:
            raise AmparoError("This account may not reach the desk's socket.", code="not-ours",
                              advice="Use the account that the desk runs as.") from None
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid not in (os.getuid(), 0):
            raise AmparoError(f"{self.path} is no socket of this account's desk.", code="not-ours",
                              advice="Look at AMPARO_SOCKET and AMPARO_DATA; do not type a password.")


class Kept:
    """What is remembered between two commands: the session's secret, and which case had which number.

    Only in a file of mode 0600 in memory ($XDG_RUNTIME_DIR, when that is a tmpfs): nothing of it meets a disk.
    """

    def __init__(self) -> None:
        name = hashlib.sha256(os.fsencode(str(socket_path().resolve()))).hexdigest()[:16]
        folder = _private_memory()
        self.path = folder / "amparo" / f"{name}.json" if folder else None
        self.secret = ""
        self.listed: list[str] = []  # cases in the order in which the last list showed them
        self.versions: dict[str, int] = {}  # the version of a case that was shown last
        self.tasks: dict[str, list[str]] = {}  # its open tasks as they were numbered then

    def load(self) -> Kept:
        """What an earlier command left, if anything."""
        if self.path is not None:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                held = json.loads(self.path.read_bytes())
                self.secret, self.listed = str(held["secret"]), [str(one) for one in held["listed"]]
                self.versions = {str(case): int(version) for case, version in held["versions"].items()}
                self.tasks = {str(case): [str(one) for one in shown] for case, shown in held["tasks"].items()}
        return self

    def save(self) -> None:
        """Write it, or nothing where there is no private memory or no session."""
        if self.path is None or not self.secret:
            return
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = self.path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({
                "secret": self.secret, "listed": self.listed, "versions": self.versions, "tasks": self.tasks,
            }, file)
        fresh.replace(self.path)

    def forget(self) -> None:
        """Remove the file."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        self.secret, self.listed, self.versions, self.tasks = "", [], {}, {}


def _private_memory() -> Path | None:
    """$XDG_RUNTIME_DIR, where it is this account's alone and in memory."""
    told = os.environ.get("XDG_RUNTIME_DIR")
    if not told:
        return None
    folder = Path(told).resolve()
    try:
        found = folder.stat()
        mounts = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        return None
    kinds = {Path(parts[1].replace("\\040", " ")): parts[2] for parts in map(str.split, mounts) if len(parts) > 2}
    nearest = next((one for one in (folder, *folder.parents) if one in kinds), None)
    return folder if nearest is not None and kinds[nearest] in IN_MEMORY else None
