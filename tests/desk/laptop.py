"""A laptop that never saw the desk: the package without `desk` and `doors`, no Django, no data folder."""

import datetime as dt
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

from amparo import seal
from amparo.desk import cards
from amparo.share import carried
from tests.desk import people

SOURCE = Path(__file__).resolve().parents[2] / "src" / "amparo"
_NO_DJANGO = """
import os, sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("django", "gunicorn", "sqlite3", "_sqlite3"):
            raise ImportError(name + " is not on this laptop")
def watch(event, what):
    if event == "socket.__new__":
        raise RuntimeError("this laptop has no network")
    if event == "open" and isinstance(what[2], int) and what[2] & (os.O_WRONLY | os.O_RDWR):
        if not isinstance(what[0], int) and not str(what[0]).endswith(".amparo"):
            raise RuntimeError("this is written, too: " + str(what[0]))
sys.meta_path.insert(0, Without())
sys.addaudithook(watch)
"""


def bare(folder: Path) -> Path:
    """A folder with the libraries and the terminal program alone."""
    shutil.copytree(SOURCE, folder / "lib" / "amparo", ignore=shutil.ignore_patterns("desk", "doors", "__pycache__"))
    assert not (folder / "lib" / "amparo" / "desk").exists()
    return folder


def run(folder: Path, *arguments: str, typed: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """`amparo ...` there, in a process without Django, databases and network, that writes the sealed file alone."""
    hidden = ("AMPARO", "DJANGO", "PYTHON", "TMPDIR", "SQLITE")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    clean |= {"PYTHONPATH": str(folder / "lib"), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    clean |= {"TMPDIR": str(folder / "no-such-folder")}
    code = f"{_NO_DJANGO}\nfrom amparo.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=clean, cwd=folder, input=typed, capture_output=True, timeout=120
    )


def card_of(desk: people.Desk, days: int = 90) -> str:
    return cards.make(lead=desk.lead, address="https://desk.example", days=days)


def sealed(
    text: str = "They wait at my gate.", *, card: str, files: tuple[tuple[str, bytes], ...] = (),
    purposes: tuple[str, ...] = (), excluded: carried.writings.Exclusion = carried.writings.Exclusion(),
    **answers: list[str],
) -> tuple[bytes, tuple[str, ...]]:
    """(a carried file, its words), made in this process."""
    out = io.BytesIO()
    told = carried.Told(
        answers={"what-happened": [text]} | {code.replace("_", "-"): values for code, values in answers.items()},
        purposes=purposes, excluded=excluded,
    )
    now = dt.datetime.now(dt.UTC)
    made = carried.seal_report(
        seal.read_card(card, now.date()), told,
        [carried.File(name, "text/plain", io.BytesIO(content)) for name, content in files], now=now, write=out.write,
    )
    assert made.size == len(out.getvalue())
    return out.getvalue(), made.words
