"""Terminal sessions as tests: each .txt beside this file holds commands, what they print, and how they leave.

    given backup.zip: an iOS backup with plants     makes a file or folder (see GIVEN)
    $ amparo identify backup.zip                    runs in a folder of its own; what follows is what it prints
    [leaves with 3]                                 the exit status, where it is not 0
    given a served desk: of Wren                    what follows asks this desk
    > the password                                  typed on the command's input

In what is run and typed, {password}, {code} (one that was not used), {first} and {second} (cases) are filled in.
The examples in docs/terminal.md are such sessions, too.

A line "…" stands for any lines, "…" inside a line for any text.
"""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from amparo.identify import knowledge
from amparo.identify.spyware import specimens
from tests.cli.served import Served, private_memory

HERE = Path(__file__).parent


def _encrypted(path: Path) -> None:
    import plistlib

    with zipfile.ZipFile(path, "w") as archive, zipfile.ZipFile(io.BytesIO(specimens.demo_clean())) as clean:
        archive.writestr("Info.plist", clean.read("Info.plist"))
        archive.writestr("Manifest.plist", plistlib.dumps({"IsEncrypted": True}))
        archive.writestr("Manifest.db", os.urandom(8192))


def _damaged(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive, zipfile.ZipFile(io.BytesIO(specimens.demo_ios())) as whole:
        for name in whole.namelist():
            data = whole.read(name)
            archive.writestr(
                name, data[:500] if name.endswith("3d0d7e5fb2ce288813306e4d4636395e047a3d28") else data
            )


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", b"\0" * (200 * 1024 * 1024))


def _indicators(path: Path) -> None:
    path.mkdir()
    (path / "domains.txt").write_text("photos.example.org\n", "utf-8")


GIVEN: dict[str, Callable[[Path], object]] = {
    "an iOS backup with plants": lambda path: path.write_bytes(specimens.demo_ios()),
    "an iOS backup of a clean phone": lambda path: path.write_bytes(specimens.demo_clean()),
    "a clean backup in a folder": lambda path: specimens.make_ios_backup(path, (), 8, 120),
    "an androidqf acquisition with plants": lambda path: path.write_bytes(specimens.demo_android()),
    "an encrypted iOS backup": _encrypted,
    "an iOS backup with a damaged database": _damaged,
    "a zip bomb": _bomb,
    "a cut zip": lambda path: path.write_bytes(specimens.demo_ios()[:9000]),
    "a letter": lambda path: path.write_text("hello\n", "utf-8"),
    "an empty file": lambda path: path.write_bytes(b""),
    "an empty folder": lambda path: path.mkdir(),
    "a folder with one indicator": _indicators,
}


def steps(text: str) -> list[tuple[str, list[str], int]]:
    """(command, expected lines, exit status), with `given` lines as commands of their own."""
    found: list[tuple[str, list[str], int]] = []
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if line.startswith(">") and found:
            command, lines, left_with = found[-1]
            found[-1] = f"{command}\n{line[2:]}", lines, left_with
            continue
        if line.startswith(("$ ", "given ")):
            found.append((line, [], 0))
        elif found and (left := re.fullmatch(r"\[leaves with (\d+)\]", line)):
            command, lines, _ = found[-1]
            found[-1] = command, lines, int(left[1])
        elif found:
            found[-1][1].append(line)
    return found


def fits(expected: list[str], printed: list[str]) -> bool:
    """Whether the printed lines fit the expected ones."""
    pattern = ""
    for line in expected:
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(piece) for piece in line.split("…")) + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def run(command: str, folder: Path, served: Served | None = None) -> tuple[list[str], int]:
    command, _, typed = command.partition("\n")
    if served is not None:
        command = command.format(**served.made)
        while "{code}" in typed:
            typed = typed.replace("{code}", served.code(), 1)
        typed = typed.format(**served.made)
    program, *arguments = shlex.split(command)
    assert program == "amparo"
    if served is not None:
        done = served.run(*arguments, typed=typed)
    else:
        done = subprocess.run(
            [sys.executable, "-c", "from amparo.cli import main; main()", *arguments],
            cwd=folder, capture_output=True, text=True, timeout=120, check=False, start_new_session=True, input=typed,
            env={**os.environ, "COLUMNS": "200", "PYTHONUTF8": "1"},
        )  # fmt: skip
    return (done.stderr + done.stdout).splitlines(), done.returncode


def documented(page: Path) -> str:
    """The sessions of a page of the documentation: its blocks of kind `console`."""
    return "\n".join(re.findall(r"^```console\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL))


DOCUMENTED = [HERE.parents[1] / "docs" / "terminal.md"]


@pytest.mark.parametrize("session", [*sorted(HERE.glob("*.txt")), *DOCUMENTED], ids=lambda path: path.stem)
def test_session(session: Path, tmp_path: Path) -> None:
    served: Served | None = None
    memory = private_memory(tmp_path)
    text = documented(session) if session in DOCUMENTED else session.read_text("utf-8")
    if session in DOCUMENTED:
        text = f"given a served desk: of Wren\n{text}"
    try:
        for command, expected, status in steps(text):
            while expected and not expected[-1].strip():
                expected.pop()
            if command.startswith("given a served desk"):
                if memory is None:
                    pytest.skip("this machine has no private memory to keep a session in")
                served = Served.make(tmp_path / "data", memory).start()
                continue
            if command.startswith("given "):
                name, _, kind = command.removeprefix("given ").partition(": ")
                GIVEN[kind](tmp_path / name)
                continue
            printed, left = run(command.removeprefix("$ "), tmp_path, served)
            while printed and not printed[-1].strip():
                printed.pop()
            shown = "\n".join(printed)
            assert fits(expected, printed), f"{command}\n--- printed\n{shown}\n--- expected\n" + "\n".join(
                expected
            )
            assert left == status, f"{command} left with {left}, not {status}\n{shown}"
    finally:
        if served is not None:
            served.stop()
        if memory is not None:
            shutil.rmtree(memory)


def test_a_session_that_does_not_fit_fails() -> None:
    assert fits(["a", "…", "c … e"], ["a", "x", "y", "c d e"])
    assert not fits(["a", "c"], ["a", "b"]) and not fits(["a"], ["a", "b"]) and not fits(["a", "b"], ["a"])
    assert steps("$ amparo x\nout\n[leaves with 3]\n") == [("$ amparo x", ["out"], 3)]
    assert steps("$ amparo x\n> one\n> two\nout\n") == [("$ amparo x\none\ntwo", ["out"], 0)]
    assert knowledge.load_shipped().indicators > 10_000
