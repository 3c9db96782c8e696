"""`amparo pack`: a file is made on the desk's machine and checked on any other."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).parent / "amparo"


def run(folder: Path, *arguments: str, data: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AMPARO", "DJANGO"))}
    if data:
        environment["AMPARO_DATA"] = str(folder / "data")
    return subprocess.run([PROGRAM, "pack", *arguments], cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with steps-es.html, and the number of its key."""
    folder = tmp_path_factory.mktemp("pack")
    done = run(folder, "--language", "es")
    assert done.returncode == 0, done.stderr
    number = re.search(r"key: ((?:\d{5} ?){8})", done.stdout)
    assert number and "bytes" in done.stdout
    return folder, number[1].strip()


def test_a_file_is_checked_where_there_is_no_desk(made: tuple[Path, str], tmp_path: Path) -> None:
    folder, number = made
    file = folder / "steps-es.html"
    assert 100_000 < file.stat().st_size < 600_000 and 'lang="es"' in file.read_text(encoding="utf-8")[:100]
    checked = run(tmp_path, "--check", str(file), "--by", number, data=False)
    assert (checked.returncode, checked.stdout) == (0, "Unchanged, and signed by the key whose number you gave.\n")
    assert number in run(tmp_path, "--check", str(file), data=False).stdout
    assert list(tmp_path.iterdir()) == [], "checking makes nothing"


def test_a_changed_file_and_another_key_are_refused(made: tuple[Path, str], tmp_path: Path) -> None:
    folder, number = made
    content = bytearray((folder / "steps-es.html").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "changed.html").write_bytes(content)
    refused = run(tmp_path, "--check", "changed.html", "--by", number, data=False)
    assert refused.returncode == 1 and "was changed" in refused.stdout and "Do not use it" in refused.stdout
    other = run(tmp_path, "--check", str(folder / "steps-es.html"), "--by", number[:-1] + "x", data=False)
    assert other.returncode == 1 and "another key" in other.stdout


def test_the_key_stays_and_all_languages_fit_in_one_file(made: tuple[Path, str]) -> None:
    folder, number = made
    done = run(folder, "--out", "everything.html")
    assert done.returncode == 0 and number in done.stdout
    text = (folder / "everything.html").read_text(encoding="utf-8")
    assert all(f'<main lang="{one}"' in text for one in ("en", "es", "fr", "ar"))
    assert "ملف" in text or "هذا" in text


@pytest.mark.parametrize(("arguments", "says"), [
    (("--language", "xx"), "no hand-out in this language"), (("--out", "nowhere/x.html"), "can't be written"),
    (("--check", "nothing.html"), "can't be read"),
])
def test_what_cannot_be_done_is_told_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr
