"""Parsers behind walls.

Enters: one item's data key and context, its sealed file as a descriptor. Leaves: bounded typed messages and a coded
outcome. Must never know: a second key, the network, the data folder, any other process. Where no walls can be
raised nothing is examined, and that is said.
"""

import contextlib
import functools
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from amparo.desk.sandbox.wire import Ended, Frames, Malformed, Order, Piece, Rendering, Walls, frame
from amparo.words.findings import Finding, NotChecked
from amparo.words.messages import Message, Summary

LEVELS = ("namespaces", "landlock", "seccomp")
EXAMINE = "amparo.desk.exam_child:examine"
RENDER = "amparo.desk.exam_child:render"
TABULATE = "amparo.desk.exam_child:tabulate"
GATHER = "amparo.desk.exam_child:gather"

WHY = {
    "timeout": "not checked: it took longer than allowed",
    "memory": "not checked: it needed more memory than allowed",
    "crashed": "not checked: the examining program ended early; the file may be made to break it",
    "malformed": "not checked: the examining program gave no proper answer; the file may be made to break it",
    "no-private-memory": "not checked: no private memory",
    "tampered": "not checked: the sealed file was changed",
    "nothing-read": "not checked: no detector of this desk reads this file",
    "needs-device-consent": "not checked: the person who uses this device has not agreed yet",
}

__all__ = [
    "EXAMINE", "GATHER", "LEVELS", "RENDER", "TABULATE", "WHY", "Capabilities", "Ended", "Limits", "Order", "Outcome",
    "Piece", "Rendering", "capabilities", "run",
]


class Limits(msgspec.Struct, frozen=True):
    """Sizes in bytes, `cpu` in seconds of processor time, `wall` in seconds of the clock."""

    memory: int
    private: int
    cpu: int
    wall: float

    @classmethod
    def for_size(cls, size: int) -> "Limits":
        """In proportion to the evidence: `size` in bytes. A floor for small files, a ceiling for the machine."""
        half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
        memory = min(max(half, 1 << 30), (2 << 30) + 2 * size)  # of addresses, most of them never filled
        private = min(half, (256 << 20) + 12 * size)  # a phone's backup unpacks to some ten times its size
        cpu = min(3 * 3600, 60 + size // (1 << 20))
        return cls(memory=memory, private=private, cpu=cpu, wall=30.0 + 2.0 * cpu)


class Outcome(msgspec.Struct, frozen=True):
    """What one child brought home. `code`: "done", or a key of WHY; then `not_checked` says so as well."""

    code: str
    level: str
    seconds: float
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    rendering: Rendering | None = None
    said: tuple[Message, ...] = ()
    heard: Summary | None = None
    ended: Ended | None = None
    pieces: tuple[Piece, ...] = ()


class Capabilities(msgspec.Struct, frozen=True):
    """Which walls this machine lets this account raise. `level` is empty where there are none."""

    level: str
    refused: dict[str, str]

    @property
    def says(self) -> str:
        """One sentence for `amparo doctor`."""
        if self.level == "namespaces":
            return "Evidence is examined behind full walls: own namespaces, private memory, a short list of calls."
        if self.level:
            return (
                f"This account may not make namespaces: evidence is examined behind {self.level} walls only; "
                "what needs a temporary file is reported as not checked."
            )
        return "No walls can be raised here: no evidence is examined (not checked: no private memory)."


def _readable(search: Sequence[str]) -> tuple[str, ...]:
    """Program files only: the interpreter's library, the packages it imports, shared libraries."""
    system = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
    own = (os.path.join(sys.base_prefix, "lib"), os.path.join(sys.prefix, "lib"), _package_root(), *search)
    return tuple(path for path in (*own, *system) if os.path.exists(path))


def _package_root() -> str:
    import amparo

    return str(Path(amparo.__file__).resolve().parent)


def _lies_in(path: str, folders: Sequence[str]) -> bool:
    return any(os.path.commonpath([path, os.path.realpath(folder)]) == os.path.realpath(folder) for folder in folders)


@functools.cache
def capabilities() -> Capabilities:
    """Raises each kind of wall once, best first, in a child that examines nothing. Cached for the process."""
    refused: dict[str, str] = {}
    for level in LEVELS:
        outcome = run("amparo.desk.exam_child:probe", None, level=level)
        if outcome.code == "done":
            return Capabilities(level, refused)
        refused[level] = outcome.code
    return Capabilities("", refused)


def run(
    target: str,
    order: Order | None,
    *,
    blob: int = -1,
    limits: Limits | None = None,
    level: str | None = None,
    readable: Sequence[str] = (),
    hidden: Sequence[str] = (),
    unsafe_search: Sequence[str] = (),
) -> Outcome:
    """Runs `target` ("module:function") on one item behind walls, and waits for it.

    `blob` is a descriptor of the sealed file opened for reading; `readable` are further folders of knowledge;
    `hidden` are folders (the data folder) to cover where they lie beneath a readable one; `unsafe_search` adds
    import folders and is for tests of hostile parsers. Never raises for what the child does: see Outcome.code.
    """
    began = time.monotonic()
    limits = limits or Limits.for_size(0)
    level = capabilities().level if level is None else level
    if not level:
        return _ended("no-private-memory", "", began, Frames())
    program, covered = _readable((*unsafe_search, *readable)), tuple(os.path.realpath(path) for path in hidden)
    if level == "landlock" and any(_lies_in(path, program) for path in covered):
        level = "seccomp"  # Landlock can take nothing out of a folder it lets read: then nothing is opened at all
    walls = Walls(
        level=level, target=target, search=tuple(unsafe_search), readable=program, hidden=covered, blob=blob,
        memory=limits.memory,
        private=limits.private, seconds=limits.cpu, parent=os.getpid(),
    )
    question = frame(walls) + (frame(order) if order is not None else b"")
    child = subprocess.Popen(
        [sys.executable, "-I", "-B", "-X", "utf8", "-m", "amparo.desk.exam_child"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/",
        close_fds=True, pass_fds=(blob,) if blob >= 0 else (), start_new_session=True, bufsize=0,
    )
    frames = Frames()
    try:
        code = _converse(child, question, frames, began + limits.wall)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        status = child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
    if not code:
        code = _code(status, frames)
    return _ended(code, level, began, frames)


def _converse(child: "subprocess.Popen[bytes]", question: bytes, frames: Frames, until: float) -> str:
    """Feeds the order and reads the answer until the child closes it. Returns a code, or "" to judge by status."""
    assert child.stdin is not None and child.stdout is not None
    rest = memoryview(question)
    os.set_blocking(child.stdin.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdin, selectors.EVENT_WRITE)
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            left = until - time.monotonic()
            if left <= 0:
                return "timeout"
            for key, _ in selector.select(left):
                if key.fileobj is child.stdin:
                    try:
                        rest = rest[os.write(child.stdin.fileno(), rest[:65536]) :]
                    except BrokenPipeError:
                        rest = rest[len(rest) :]
                    if not rest:
                        selector.unregister(child.stdin)
                        child.stdin.close()
                    continue
                piece = os.read(child.stdout.fileno(), 1 << 20)
                if not piece:
                    return _wait(child, until)
                try:
                    frames.feed(piece)
                except Malformed:
                    return "malformed"


def _wait(child: "subprocess.Popen[bytes]", until: float) -> str:
    # a child that closed its answer but lives on is given one second, not the rest of its time
    try:
        child.wait(min(1.0, max(0.0, until - time.monotonic())))
    except subprocess.TimeoutExpired:
        return "crashed"
    return ""


def _code(status: int, frames: Frames) -> str:
    from amparo.desk.exam_child import EXIT_NO_WALLS, EXIT_OUT_OF_MEMORY

    if status == EXIT_NO_WALLS:
        return "no-private-memory"
    if status == EXIT_OUT_OF_MEMORY:
        return "memory"
    if status in (128 + signal.SIGXCPU, -signal.SIGXCPU, 128 + signal.SIGKILL, -signal.SIGKILL):
        return "timeout"
    if status != 0:
        return "crashed"
    if frames.ended is None or not frames.clean:
        return "malformed"
    return frames.ended.code


def _ended(code: str, level: str, began: float, frames: Frames) -> Outcome:
    not_checked = list(frames.not_checked)
    if code != "done" and not (code == "nothing-read" and not_checked):  # the detectors said it more exactly
        not_checked.append(NotChecked("sandbox", "the whole file", WHY.get(code, WHY["crashed"])))
    return Outcome(
        code=code if code in WHY or code == "done" else "crashed",
        level=level, seconds=round(time.monotonic() - began, 3), findings=tuple(frames.findings),
        not_checked=tuple(not_checked), rendering=frames.rendering, said=tuple(frames.said), heard=frames.heard,
        ended=frames.ended, pieces=tuple(frames.pieces),
    )
