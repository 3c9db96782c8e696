#!/usr/bin/env python3
"""The one way in: set up, try, test and measure Amparo. Standard library only.

    python3 run.py demo      a fictional desk on this machine, to click through
    python3 run.py test      lint, import contracts, types, tests
    python3 run.py setup     only make .venv (everything, tests included)
    python3 run.py bench X   one benchmark (without a name: lists them)
    python3 run.py access    the journeys in a real browser without scripts, and axe
    python3 run.py lint      lint, import contracts and types, without the tests

What follows a command is handed on: `python3 run.py demo --port 8123`, `python3 run.py test -k receipts`.
Nothing outside this folder is changed; delete `.venv` to begin anew.
"""

import sys

OLDEST = (3, 11)


def _older_python():
    """Old interpreters stop here, before any newer syntax or module is met."""
    import os
    import shutil

    for minor in range(OLDEST[1] + 4, OLDEST[1] - 1, -1):
        newer = shutil.which("python3.%d" % minor)
        if newer and not os.environ.get("AMPARO_RUN_AGAIN"):
            os.environ["AMPARO_RUN_AGAIN"] = "1"
            os.execv(newer, [newer] + sys.argv)
    sys.exit(
        "This is Python %d.%d; Amparo needs 3.11 or newer. Install python3.11 (or newer) and run the same "
        "command with it." % sys.version_info[:2]
    )


if sys.version_info < OLDEST:
    _older_python()

import contextlib  # noqa: E402  (the version check above must come first)
import hashlib  # noqa: E402
import os  # noqa: E402
import subprocess  # noqa: E402
import tomllib  # noqa: E402
from pathlib import Path  # noqa: E402

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
UV = BIN / ("uv.exe" if os.name == "nt" else "uv")
STAMP = VENV / "amparo.stamp"
RUNTIME, DEV, INSTALLER = "requirements.txt", "requirements-dev.txt", "requirements-uv.txt"
LIBRARIES = ("words", "seal", "gather", "identify", "mitigate", "share")


class Stopped(Exception):
    """Told in one sentence, with what to do next."""


def environment():
    """The child's environment: uv learns of a company's or school's certificates from pip's setting."""
    env = dict(os.environ, PYTHONUTF8="1")
    env.pop("PYTHONPATH", None)
    if "SSL_CERT_FILE" not in env:
        if env.get("PIP_CERT"):
            env["SSL_CERT_FILE"] = env["PIP_CERT"]
        else:
            env.setdefault("UV_SYSTEM_CERTS", "true")
    env.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    return env


def quiet(*command):
    """Runs a step and keeps its output: (worked, output)."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=HERE, env=environment(), text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    return done.returncode == 0, done.stdout


def digest(names):
    """What .venv was made from: interpreter, place, requirement files, and how Amparo itself is installed."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    installed = [project["build-system"], project["project"], project["tool"]["flit"]]
    total = hashlib.sha256(repr((sys.version_info[:3], str(HERE), installed)).encode())
    for name in names:
        total.update((HERE / name).read_bytes())
    return total.hexdigest()


def stamps():
    """One line a set: what .venv holds when it is up to date."""
    return "runtime " + digest([RUNTIME, INSTALLER]), "dev " + digest([RUNTIME, DEV, INSTALLER])


def make_venv():
    if PYTHON.exists() and quiet(PYTHON, "-c", "import pip")[0]:
        return
    print("Making .venv ...", flush=True)
    worked, output = quiet(sys.executable, "-m", "venv", "--clear", VENV)
    if worked:
        return
    if "ensurepip" in output or "No module named" in output:
        raise Stopped(
            "This Python comes without the venv module. Install it (Debian and Ubuntu: "
            "`sudo apt install python3-venv`) and run the same command again."
        )
    raise Stopped(f"The folder .venv could not be made ({last_line(output)}). Check that this folder can be "
                  "written to and that the disk has room (about 500 MB), then run the same command again.")


def last_line(output):
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


def install(names):
    """Hashed requirements by uv; by pip when uv is missing or fails (same file, same hashes)."""
    wanted = [part for name in names for part in ("-r", name)]
    uv_works, told = UV.exists(), ""
    if not uv_works:
        uv_works, told = quiet(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", INSTALLER)
    if uv_works:
        worked, told = quiet(UV, "pip", "install", "--python", PYTHON, "--require-hashes", *wanted)
        if worked:
            return
        print("uv could not install them; trying pip ...", flush=True)
    worked, told = quiet(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", *wanted)
    if not worked:
        raise Stopped(explain(told))


def explain(output):
    lower = output.lower()
    if "do not match the hashes" in lower or "hash mismatch" in lower:
        return ("A downloaded package is not the one Amparo was tested with (its hash differs), so nothing of it "
                "was installed. Try again later or from another network; if it stays, report it (SECURITY.md).")
    if "no space left" in lower:
        return "The disk is full. Make about 500 MB of room and run the same command again."
    if "certificate" in lower:
        return ("The package index's certificate was not accepted. If your network has a certificate of its own, "
                "name its file: `PIP_CERT=/path/to/ca.pem python3 run.py ...`.")
    network = ("connection", "resolve", "timed out", "timeout", "unreachable", "no matching distribution", "proxy")
    if any(word in lower for word in network):
        return ("The packages could not be fetched: no way to the package index. The first run needs the network, "
                "later runs need none. Connect and run the same command again.")
    return f"The packages could not be installed: {last_line(output)}"


def install_itself():
    """Editable, offline: flit_core is in the hashed set, so nothing is fetched to build."""
    worked = False
    if UV.exists():
        worked, _ = quiet(UV, "pip", "install", "--python", PYTHON, "--offline", "--no-build-isolation",
                          "--no-deps", "-e", ".")
    if not worked:
        worked, told = quiet(PYTHON, "-m", "pip", "install", "-q", "--no-index", "--no-build-isolation",
                             "--no-deps", "-e", ".")
        if not worked:
            raise Stopped(f"Amparo itself could not be installed into .venv: {last_line(told)}")


@contextlib.contextmanager
def one_at_a_time():
    """Two commands started at once must not install into the same .venv."""
    try:
        import fcntl
    except ImportError:  # not a POSIX system: go without
        yield
        return
    with open(HERE / ".setup.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ready(dev):
    """Brings .venv up to date; does nothing when the stamp says that it is."""
    runtime, full = stamps()

    def fresh():
        found = STAMP.read_text().splitlines() if STAMP.exists() else []
        return full in found or (not dev and runtime in found)

    if fresh() and PYTHON.exists():
        return
    with one_at_a_time():
        if fresh() and PYTHON.exists():
            return
        make_venv()
        print("Installing the pinned parts (the first time takes a minute or so) ...", flush=True)
        install([DEV] if dev else [RUNTIME])
        install_itself()
        STAMP.write_text("\n".join([runtime, full] if dev else [runtime]) + "\n")


def step(name, *command):
    print(f"-- {name}", flush=True)
    return subprocess.run([str(part) for part in command], cwd=HERE, env=environment()).returncode


def hand_over(*command):
    """Becomes the program, so that an interrupt reaches it and its exit status is ours."""
    command = [str(part) for part in command]
    sys.stdout.flush()
    if os.name == "nt":
        sys.exit(subprocess.run(command, env=environment()).returncode)
    os.execve(command[0], command, environment())


def lint():
    """Names of the checks that failed."""
    checks = (
        ("ruff", (PYTHON, "-m", "ruff", "check", ".")),
        ("import contracts", (BIN / "lint-imports", "--no-cache")),
        ("types", (PYTHON, "-m", "mypy", *(f"src/amparo/{room}" for room in LIBRARIES))),
    )
    return [name for name, command in checks if step(name, *command) != 0]


def test(extra):
    ready(dev=True)
    failed = lint() if not extra else []  # with arguments: someone is working on these tests alone
    if failed:
        print(f"run.py test: {', '.join(failed)} failed; the tests run all the same.", flush=True)
    # Everything: a process for each core (at most four), whole files to one of them, for what a file sets up is dear.
    many = [] if extra else ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"]
    code = step("tests", PYTHON, "-m", "pytest", *many, *extra)
    if failed:
        print(f"run.py test: failed: {', '.join(failed + (['tests'] if code else []))}.", flush=True)
    sys.exit(code or (1 if failed else 0))


def bench(extra):
    """`bench NAME` runs bench/NAME.py and bench/NAME_*.py, one after the other."""
    place = HERE / "bench"
    alone = [path for path in sorted(place.glob("*.py")) if "__main__" in path.read_text(encoding="utf-8")]
    known = sorted({path.stem.split("_")[0] for path in alone})
    if not extra or extra[0] not in known:
        raise Stopped(f"Name one benchmark: python3 run.py bench {' | '.join(known) or '(none yet)'}.")
    ready(dev=False)
    name, rest = extra[0], extra[1:]
    scripts = [path for path in alone if path.stem.split("_")[0] == name]
    codes = [step(script.stem, PYTHON, script, *rest) for script in scripts]
    sys.exit(max(codes))


def main(arguments):
    command, extra = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if command == "demo":
        ready(dev=False)
        hand_over(BIN / "amparo", "demo", *extra)
    elif command == "test":
        test(extra)
    elif command == "setup":
        ready(dev=True)
        print("Ready. Next: python3 run.py demo")
    elif command == "bench":
        bench(extra)
    elif command == "access":
        ready(dev=True)
        os.chdir(HERE)
        hand_over(PYTHON, "-m", "access", *extra)
    elif command == "lint":
        ready(dev=True)
        sys.exit(1 if lint() else 0)
    elif command in ("help", "-h", "--help"):
        print(__doc__.strip())
    else:
        raise Stopped(f"There is no command {command!r}. Say one of: demo, test, setup, bench, access, lint.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Stopped as error:
        sys.exit(f"run.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
