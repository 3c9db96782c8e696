"""`amparo seal` on a bare laptop and `amparo case take-in` at a served desk; what both refuse, and how they say it."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from amparo import seal
from tests.cli.served import AMPARO, Served, environment
from tests.desk import laptop
from tests.seal.test_cards import LEAD
from tests.seal.test_cards import card as a_card


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import datetime as dt

    folder = laptop.bare(tmp_path_factory.mktemp("laptop"))
    today = dt.datetime.now(dt.UTC).date()
    for name, made, days in (("DESK", today, 30), ("OLD", today - dt.timedelta(days=60), 30)):
        last = (made + dt.timedelta(days=days)).isoformat()
        one = a_card(made=made.isoformat(), last=last, most=2_000_000)
        (folder / f"{name}.card").write_text(seal.sign_card(LEAD.sign.private, one))
    return folder


def test_take_in_over_the_socket(served: Served, tmp_path: Path) -> None:
    bare, card = laptop.bare(tmp_path), tmp_path / "DESK.card"
    card.write_text(served.made["card"])
    (bare / "big.bin").write_bytes(os.urandom(3_000_000))
    done = laptop.run(bare, "seal", "--to", "DESK.card", "--out", "r.amparo", "big.bin", typed=b"They came back.")
    assert done.returncode == 0, done.stderr.decode()
    assert served.run("login", typed=served.credentials()).returncode == 0
    first = served.run("case", "take-in", str(bare / "r.amparo"))
    assert first.returncode == 0 and "is taken in" in first.stdout, first.stderr
    code = first.stdout.split()[0]
    assert "taken in before" in served.run("case", "take-in", str(bare / "r.amparo")).stdout
    shown = served.run("case", "show", code)
    assert "They came back." in shown.stdout and "big.bin" in shown.stdout
    (bare / "cut.amparo").write_bytes((bare / "r.amparo").read_bytes()[:-1])
    refusals = (("cut.amparo", "changed or cut"), ("DESK.card", "no file of a carried report"), ("none", "be read"))
    for name, part in refusals:
        refused = served.run("case", "take-in", str(bare / name))
        assert refused.returncode == 2 and part in refused.stderr, refused.stderr
    left = [one for one in (served.folder / "sealed").rglob("*") if one.is_file()]
    assert len(left) == 1 and left[0].stat().st_size > 3_000_000
    served.run("logout")
    assert served.run("case", "take-in", str(bare / "r.amparo")).returncode == 2, "signed out"


REFUSED = [
    (("--to", "OLD.card"), "ended on"),
    (("--to", "none.card"), "can't be read"),
    (("--to", "lib/amparo/__init__.py"), "no card of a desk"),
    (("--to", "DESK.card", "--fingerprint", "00000 00000"), "signed by somebody else"),
    (("--to", "DESK.card", "--without", "Nobody"), "Nobody on this card"),
    (("--to", "DESK.card", "--leads-only"), "nobody at this desk could read"),
    (("--to", "DESK.card", "--allow", "everything"), "nothing that can be allowed"),
    (("--to", "DESK.card", "lib"), "no file that can be read"),
    (("--to", "DESK.card", "large.bin"), "more than the 2,000,000 bytes"),
    (("--to", "DESK.card", "--out", "there.amparo"), "is there already"),
    (("--to", "DESK.card", "--out", "no/such/folder.amparo"), "can't be written"),
]


@pytest.mark.parametrize(("arguments", "says"), REFUSED, ids=lambda one: str(one)[-30:])
def test_a_refusal_is_a_sentence_and_nothing_is_written(away: Path, arguments: tuple[str, ...], says: str) -> None:
    (away / "large.bin").write_bytes(bytes(2_000_000))
    (away / "there.amparo").write_bytes(b"there")
    before = {path: path.stat().st_size for path in away.iterdir()}
    done = laptop.run(away, "seal", *arguments, typed=b"A story.")
    assert done.returncode == 2 and says in done.stderr.decode() and not done.stdout, done.stderr.decode()
    assert {path: path.stat().st_size for path in away.iterdir()} == before


@pytest.mark.parametrize("story", [b"", b"  \n ", b"x" * 20_001])
def test_no_story_and_one_that_is_too_long(away: Path, story: bytes) -> None:
    done = laptop.run(away, "seal", "--to", "DESK.card", typed=story)
    assert done.returncode == 2 and not done.stdout and not list(away.glob("report-*")), done.stderr.decode()


def test_in_arabic_the_words_are_numbers_and_the_card_may_come_from_its_codes(away: Path) -> None:
    scanned = "\n".join(reversed((away / "DESK.card").read_text().splitlines()))
    (away / "scanned.txt").write_text(f"1:\n{scanned}\nend")
    done = laptop.run(away, "seal", "--to", "scanned.txt", "--language", "ar", typed="ثلاث رسائل اليوم".encode())
    assert done.returncode == 0, done.stderr.decode()
    assert len(done.stdout.split()) == 10 and all(one.isdigit() for one in done.stdout.split())
    made, = away.glob("report-*.amparo")
    assert made.stat().st_mode & 0o777 == 0o600
    made.unlink()


def test_a_person_at_the_terminal_is_asked(away: Path) -> None:
    master, slave = pty.openpty()
    clean = environment(away, None) | {"PYTHONPATH": str(away / "lib")}
    with subprocess.Popen([*AMPARO, "seal", "--to", "DESK.card", "--out", "asked.amparo"], env=clean, cwd=away,
                          stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        os.close(slave)
        os.write(master, b"y\nThey broke the door.\nTwo men.\n.\ny\nn\ny\n")
        words, said = running.communicate(timeout=60)
    os.close(master)
    assert running.returncode == 0 and sys.executable, said.decode()
    asked = said.decode()
    for part in ("that the desk told you", "What happened?", "in danger right now?", "under 18?", "traces of attack"):
        assert part in asked
    assert len(words.split()) == 9 and (away / "asked.amparo").stat().st_size > 65_536
    (away / "asked.amparo").unlink()
