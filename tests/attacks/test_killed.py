"""kill -9 in the middle of intake, upload, re-key and delete: nothing acknowledged is lost, nothing is half done."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.killing.host import KINDS

FEW, MANY = 4, 50


def killed(folder: Path, kind: str, kills: int, root: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.killing.host", str(folder), kind, str(kills), "20261123"],
        capture_output=True, text=True, cwd=root, timeout=1200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    print(found)
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(300)
def test_a_few_kills(kind: str, tmp_path: Path, root: Path) -> None:
    found = killed(tmp_path, kind, FEW, root)
    assert found["wrong"] == []
    assert found["acknowledged"], "nothing was finished between two kills: the test shows nothing"


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(1500)
def test_two_hundred_kills(kind: str, tmp_path: Path, root: Path) -> None:
    """Fifty of each kind: two hundred in all."""
    found = killed(tmp_path, kind, MANY, root)
    assert found["wrong"] == []
    assert found["acknowledged"]
