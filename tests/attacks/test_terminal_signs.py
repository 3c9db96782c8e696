"""A report whose text holds signs that move a cursor, rename a window or turn letters round: shown as text."""

import json
import unicodedata
from collections.abc import Iterator

import pytest

from amparo.cli import telling
from tests.cli.served import HOSTILE, Served, private_memory


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    base = tmp_path_factory.mktemp("signs")
    memory = private_memory(base)
    one = Served.make(base / "data", memory).start()
    yield one
    one.stop()
    if memory is not None:
        for path in memory.rglob("*.json"):
            path.unlink()


def moves(text: str) -> list[str]:
    """The signs of a text that a terminal acts on or that cannot be seen."""
    return [
        f"U+{ord(sign):04X}" for sign in text
        if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and sign != "\u200c"
    ]


def test_no_sign_of_a_stranger_reaches_the_terminal(served: Served) -> None:
    assert len(moves(HOSTILE)) > 10  # the control: they are in the report
    typed = served.credentials()
    code = served.made["first"][:8]
    done = served.run("case", "show", code, "--once", typed=typed, memory=False)
    assert done.returncode == 0, done.stderr
    assert moves(done.stdout) == [] and moves(done.stderr) == []
    assert "[U+001B]]0;owned[U+0007]" in done.stdout and "[U+202E]evil[U+202C]" in done.stdout
    assert "می‌خواهم" in done.stdout, "a script that needs its joiners stays readable"
    raw = served.run("case", "show", code, "--once", "--json", typed=served.credentials(), memory=False)
    assert raw.returncode == 0 and raw.stdout.isascii() and moves(raw.stdout) == []
    texts = [one["texts"] for one in json.loads(raw.stdout)["answers"] if one["code"] == "what-happened"]
    assert texts == [[HOSTILE.replace("\r\n", "\n")]]


def test_every_sign_of_unicode_is_shown_or_written_out() -> None:
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))
    for shown in (telling.visible(every), "\n".join(telling.paragraphs(every[:0x3000], ""))):
        assert set(moves(shown)) <= {"U+200D"}


def test_what_the_desk_says_in_an_error_is_made_visible_too() -> None:
    assert telling.visible("\x1b[31mred\r\n") == "[U+001B][31mred[U+000D][U+000A]"
