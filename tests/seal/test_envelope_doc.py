"""docs/envelope-v1.md and the code say the same: labels, sizes, numbers. And secrets stay in this room."""

import ast
import re
from pathlib import Path

from amparo.seal import boxes, custody, factor, fileformat, receipts, staff
from amparo.seal.padding import padded_size

ROOT = Path(__file__).resolve().parents[2]
ROOM = ROOT / "src/amparo/seal"
DOC = (ROOT / "docs/envelope-v1.md").read_text(encoding="utf-8")


def labels_in_code() -> set[str]:
    """The first argument of every call of canonical and split_canonical."""
    found = set()
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if name not in ("canonical", "split_canonical"):
                continue
            first = node.args[0]  # type: ignore[attr-defined]
            if isinstance(first, ast.Constant):
                found.add(first.value)
            elif isinstance(first, ast.Name) and first.id == "LABEL":
                found.add(custody.LABEL)
            else:
                raise AssertionError(f"a label that no reader can look up, in {file.name}")
    return found


def labels_in_doc() -> set[str]:
    table = DOC.split("All labels:")[1].split("**HKDF")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {label for row in rows for label in re.findall(r"`([a-z/-]+)`", row)}


def test_every_label_is_specified_and_every_specified_label_is_used() -> None:
    assert labels_in_code() == labels_in_doc()


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    assert f"Header, {fileformat.HEADER_SIZE} bytes" in DOC and "86 header bytes" in DOC
    assert fileformat.MAGIC == b"AMPF\x01" and "`AMPF` 0x01" in DOC
    assert f"| 47 | {fileformat.SALT_SIZE} | salt" in DOC and f"| 79 | {fileformat.PREFIX_SIZE} | nonce" in DOC
    assert f"{fileformat.SMALLEST_CHUNK} to {fileformat.LARGEST_CHUNK}; 16" in DOC
    cost = f"t={receipts.KDF_T}, m={receipts.KDF_M_KIB:,} KiB, p={receipts.KDF_P}"
    assert cost in DOC
    new = staff.new_kdf()
    assert f"t={new.t}, m={new.m_kib:,} KiB, p={new.p}" in DOC
    assert f"`{factor.CODE_LETTERS}`" in DOC and len(factor.CODE_LETTERS) == 31
    assert f"`{custody.CODE.pattern}`" in DOC
    key, zero = bytes(32), b""
    assert len(boxes.seal_record(key, zero, zero)) == 42 and "42 bytes longer" in DOC
    from amparo.seal import new_kex_pair

    assert len(boxes.seal_envelope(new_kex_pair().public, zero, zero)) == 49 and "49 bytes longer" in DOC
    assert padded_size(255) == 256 < padded_size(256)


def test_the_page_keeps_its_promises_in_view() -> None:
    for sentence in ("opens in every later 1.x", "Not audited", "What is not protected", "origin not proven"):
        assert sentence in DOC


def test_no_other_room_reaches_into_this_one() -> None:
    """Other rooms use the names that `amparo.seal` offers, so that the inside can change."""
    outside = [f for f in (ROOT / "src/amparo").rglob("*.py") if ROOM not in f.parents]
    assert outside
    reaching = [f.name for f in outside if re.search(r"(from|import) amparo\.seal\.", f.read_text(encoding="utf-8"))]
    assert reaching == []


def test_nothing_is_offered_that_is_not_there() -> None:
    from amparo import seal

    assert len(seal.__all__) == len(set(seal.__all__))
    assert all(hasattr(seal, name) for name in seal.__all__)
