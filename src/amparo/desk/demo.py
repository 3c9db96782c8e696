"""The demonstration: one command, a desk of its own, nothing left running afterwards.

Everything lies in one folder that says so itself; the folder of a real desk is never touched. Web, worker and tend
are separate processes, as on a real machine, and end with this one.
"""

import http.client
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from types import FrameType
from uuid import UUID

import msgspec

from amparo.desk import configuration
from amparo.desk.errors import DeskError

MARK = "amparo-demo"
FACTS = "demo.json"
PASSWORD = "a quiet river under seven stones"  # noqa: S105 (printed; it opens nothing but this fictional desk)
READY_WITHIN = 60.0  # seconds
STOP_WITHIN = 4.0
EXAMS_WITHIN = 25.0


class DemoError(DeskError):
    code = "demo"


class Facts(msgspec.Struct):
    """What the demonstration remembers between starts, and what its page shows."""

    lead: UUID
    danger_case: UUID
    phone_case: UUID
    receipt: tuple[str, ...]
    address: str = ""
    sign_in: str = ""
    terminal: str = ""  # the one-time secret of `amparo login --demo`
    phones: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True):
    """One step of "do this next"."""

    title: str
    text: str
    link: str = ""


class Strip(msgspec.Struct, frozen=True):
    """Three doors and six steps. `links`: (what, address)."""

    links: tuple[tuple[str, str], ...]
    receipt: str
    password: str  # of the handler of the link: some pages ask for it again
    steps: tuple[Step, ...]


def strip() -> Strip | None:
    """The facts for the page /demo/ and for the terminal; None where this desk is no demonstration."""
    if not configuration.current().demo:
        return None
    try:
        facts = msgspec.json.decode((configuration.data_folder() / FACTS).read_bytes(), type=Facts)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return _strip(facts)


def _strip(facts: Facts) -> Strip:
    at = facts.address
    staff = f"{at}/staff/"
    return Strip(
        links=(
            ("as a defender", f"{at}/"),
            ("as a handler", f"{at}/staff/in/demo/{facts.sign_in}/"),
            ("check a phone here", f"{at}/demo/phone/"),
        ),
        receipt=" ".join(facts.receipt),
        password=PASSWORD,
        steps=(
            Step("The danger report on top", "Open “as a handler” (the link works once). The reports on top stand "
                 "there because a life may be in danger; each row says why in one line. Open the first.", staff),
            Step("The phone finding, and what it does not mean", "Open the case of the journalist's phone. A worker "
                 "without network has examined the backup. Read what was found, and what that does not say.",
                 f"{staff}case/{facts.phone_case}/"),
            Step("Answer it", "Accept or reject the finding with a reason, tell the reporter in your words, and write "
                 "a message. Nothing reaches the reporter before a person decided.",
                 f"{staff}case/{facts.phone_case}/"),
            Step("The receipt", "Open “as a defender” in another browser or a private window, choose “Come back to my "
                 "report” and type the receipt shown here.", f"{at}/"),
            Step("Come back as the defender", "Read the desk's answer, write back, change a consent, or withdraw. "
                 "What was reported stays hidden unless that was chosen at filing.", f"{at}/"),
            Step("The audit log", "As the handler again: every act stands in a log that cannot be rewritten unseen, "
                 "without a name and without a word of the case.", f"{staff}log/"),
        ),
    )


def run(*, port: int, fresh: bool, folder: Path, say: Callable[[str], None] = print) -> None:
    """Set up if needed, start, tell, wait, stop. Returns when interrupted; raises DemoError with what to do."""
    from amparo.desk import serving

    began = time.monotonic()
    folder = folder.resolve()
    serving.require_port("127.0.0.1", port)
    _own_folder(folder, fresh)
    parts = _Parts(folder)
    before = {number: signal.signal(number, parts.told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        facts = _start(parts, folder, port, say)
        say(_told(_strip(facts), folder, time.monotonic() - began, facts.terminal))
        parts.watch()
    except _Told:
        pass
    finally:
        for number in before:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave a part behind
        parts.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
        say("The demonstration has stopped. Start it again with the same command; --fresh begins anew.")


def _own_folder(folder: Path, fresh: bool) -> None:
    """Only a folder that says it is the demonstration's is used or emptied."""
    ours = (folder / MARK).exists()
    if folder.exists() and any(folder.iterdir()) and not ours:
        raise DemoError(
            "The folder %(folder)s holds something else.", folder=folder,
            advice="Name an empty one: amparo demo --folder DIR.",
        )
    if ours and (fresh or not (folder / FACTS).exists()):  # the second: an interrupted first start
        shutil.rmtree(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / MARK).write_text("This folder belongs to `amparo demo` and may be deleted.\n")
        (folder / "desk.toml").write_bytes(files("amparo.desk").joinpath("demo_data", "desk.toml").read_bytes())
    except OSError as error:
        raise DemoError(
            "The folder %(folder)s can't be written to (%(why)s).", folder=folder, why=error.strerror,
            advice="Name another: amparo demo --folder DIR.",
        ) from None


def _start(parts: "_Parts", folder: Path, port: int, say: Callable[[str], None]) -> Facts:
    from amparo.desk import founding, serving

    serving.set_up(folder)
    founding.migrate()
    founding.sweep_at_start()  # here and not in the web process, which starts while reports are being sealed
    parts.start("web", str(port))
    parts.start("worker")
    from amparo.desk import demo_evidence, demo_seeding, workers

    stored = folder / FACTS
    progress = _Progress(say)
    if stored.exists():
        facts = msgspec.json.decode(stored.read_bytes(), type=Facts)
    else:
        demo_seeding.hasten()
        lead = demo_seeding.staff(progress)
        parts.wait(lambda: bool(workers.live()), "The worker did not start.")
        seeded = demo_seeding.reports(lead, progress)
        phones = demo_evidence.lay_out(folder / "phones")
        demo_seeding.wait_for_exams(seeded.phone_case, progress, EXAMS_WITHIN)
        facts = Facts(
            seeded.lead, seeded.danger_case, seeded.phone_case, seeded.receipt, phones=tuple(map(str, phones))
        )
    parts.start("tend")
    facts.address = f"http://127.0.0.1:{port}"
    facts.sign_in = demo_seeding.sign_in_link(facts.lead)
    facts.terminal = demo_seeding.terminal_secret()
    parts.wait(lambda: _answers(port), "The web process did not start.")
    descriptor = os.open(stored, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(facts))
    return facts


def _answers(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _told(strip: Strip, folder: Path, seconds: float, terminal: str) -> str:
    lines = ["", f"The demonstration is ready (after {seconds:.0f} s). Everything in it is fictional.", ""]
    width = max(len(what) for what, _ in strip.links)
    lines += [f"  {what.ljust(width)}  {address}" for what, address in strip.links]
    lines += ["", f"  One report's receipt, to come back as its defender:\n    {strip.receipt}"]
    if strip.password:
        lines += ["", f"  Where a page asks for the handler's password again:\n    {strip.password}"]
    lines += ["", "Do this next:"]
    lines += [f"  {number}. {step.title}. {step.text}" for number, step in enumerate(strip.steps, 1)]
    lines += [
        "", f"The same strip as a page: {strip.links[0][1]}demo/",
        f"Phones to try in a terminal: amparo identify {folder}/phones/*.zip",
        "Cases in a terminal, as a handler (the secret works once, and here alone; a real desk wants a code):",
        f"  export AMPARO_DATA={shlex.quote(str(folder))}",
        f"  amparo login --demo {terminal}",
        "  amparo queue",
        "Stop with Ctrl-C. Not audited: do not use it for real cases yet.", "",
    ]
    return "\n".join(lines)


class _Told(BaseException):
    """The terminal said stop."""


class _Progress:
    """One line a stage in a pipe; the same line counting up on a terminal."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._stage, self._terminal = say, "", sys.stdout.isatty()

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._terminal:
            print(f"\r  {what}: {done} of {total}  ", end="\n" if done >= total else "", flush=True)  # noqa: T201
        elif what != self._stage:
            self._say(f"  {what} ...")
        self._stage = what


class _Parts:
    """The child processes: started in sessions of their own, so that one place decides when they end."""

    def __init__(self, folder: Path) -> None:
        from amparo.desk.demo_parts import PARENT

        self._environment = dict(os.environ, AMPARO_DATA=str(folder), PYTHONUTF8="1", **{PARENT: str(os.getpid())})
        self._environment.pop("TMPDIR", None)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def told(self, number: int, frame: FrameType | None) -> None:
        raise _Told

    def start(self, name: str, *arguments: str) -> None:
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", "amparo.desk.demo_parts", name, *arguments],
            env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True,
        )

    def wait(self, ready: Callable[[], bool], otherwise: str) -> None:
        """Until `ready`, while every part lives. Errors: DemoError."""
        until = time.monotonic() + READY_WITHIN
        while not ready():
            self._check()
            if time.monotonic() > until:
                raise DemoError(otherwise, advice="Try again with --fresh; “amparo doctor” may say why.")
            time.sleep(0.1)

    def _check(self) -> None:
        for name, part in self._running.items():
            if part.poll() is not None:
                raise DemoError(
                    "The part “%(part)s” of the demonstration ended by itself.", part=name,
                    advice="Try again with --fresh; if it stays, please report it with what was printed above.",
                )

    def watch(self) -> None:
        """Until somebody says stop, or a part ends by itself."""
        while True:
            self._check()
            time.sleep(0.5)

    def stop(self) -> None:
        """End every part: first asked, then made to."""
        for part in self._running.values():
            if part.poll() is None:
                part.terminate()
        until = time.monotonic() + STOP_WITHIN
        for part in self._running.values():
            try:
                part.wait(max(0.05, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
        for part in self._running.values():
            try:
                os.killpg(part.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
            finally:
                part.wait()
