"""The custody log: RFC 6962 against a word-for-word reference, every proof up to 64 leaves, and shredding."""

import hashlib
import json
import os
from base64 import b64decode
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo import seal
from amparo.seal.encoding import canonical, split_canonical
from amparo.seal.merkle import EMPTY_ROOT

MOST = 64
LEAVES = [f"entry {n}".encode() for n in range(MOST)]


def grown(count: int) -> seal.MerkleLog:
    log = seal.MerkleLog(seal.MemoryStore())
    for body in LEAVES[:count]:
        log.append(body)
    return log


LOG = grown(MOST)


def mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    n = len(leaves)
    if m == n:
        return [] if whole else [mth(leaves)]
    k = 1
    while 2 * k < n:
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


@pytest.mark.parametrize("size", range(MOST + 1))
def test_roots_and_inclusion_proofs(size: int) -> None:
    root = LOG.root(size)
    assert root == mth(LEAVES[:size])
    for index in range(size):
        proof = LOG.inclusion(index, size)
        assert proof == path(index, LEAVES[:size])
        assert seal.verify_inclusion(seal.leaf_hash(LEAVES[index]), index, size, proof, root)


@pytest.mark.parametrize("new", range(1, MOST + 1))
def test_consistency_proofs(new: int) -> None:
    for old in range(1, new + 1):
        proof = LOG.consistency(old, new)
        assert proof == subproof(old, LEAVES[:new], True)
        assert seal.verify_consistency(old, new, proof, LOG.root(old), LOG.root(new))


def spoiled(proof: list[bytes]) -> list[list[bytes]]:
    """Each way a proof can be wrong by one step."""
    wrong = [[*proof, bytes(32)], [bytes(32), *proof]]
    for at, step in enumerate(proof):
        flipped = bytes([step[0] ^ 1]) + step[1:]
        wrong += [[*proof[:at], *proof[at + 1 :]], [*proof[:at], flipped, *proof[at + 1 :]]]
        wrong += [[*proof[:at], step[:31], *proof[at + 1 :]], [*proof[:at], b"", *proof[at + 1 :]]]
    return wrong


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 31, 64])
def test_wrong_inclusion_proofs_are_refused(size: int) -> None:
    root = LOG.root(size)
    for index in range(size):
        leaf, proof = seal.leaf_hash(LEAVES[index]), LOG.inclusion(index, size)
        for bad in spoiled(proof):
            assert not seal.verify_inclusion(leaf, index, size, bad, root)
        for other in range(size):
            if other != index:
                assert not seal.verify_inclusion(leaf, other, size, proof, root)
                assert not seal.verify_inclusion(seal.leaf_hash(LEAVES[other]), index, size, proof, root)


@pytest.mark.parametrize("new", [1, 2, 3, 7, 8, 13, 31, 64])
def test_wrong_consistency_proofs_are_refused(new: int) -> None:
    for old in range(1, new + 1):
        roots, proof = (LOG.root(old), LOG.root(new)), LOG.consistency(old, new)
        for bad in spoiled(proof):
            assert not seal.verify_consistency(old, new, bad, *roots)
        for size in range(1, new):
            if size != old:
                assert not seal.verify_consistency(old, new, proof, LOG.root(size), roots[1])
                assert not seal.verify_consistency(size, new, proof, *roots)


DEGENERATE = {
    "an empty tree": (seal.leaf_hash(b""), 0, 0, [], EMPTY_ROOT),
    "an index at the size": (seal.leaf_hash(LEAVES[0]), 1, 1, [], LOG.root(1)),
    "an index below zero": (seal.leaf_hash(LEAVES[0]), -1, 1, [], LOG.root(1)),
    "an empty leaf": (b"", 0, 1, [], b""),
    "an empty root": (seal.leaf_hash(LEAVES[0]), 0, 1, [], b""),
    "a long root": (seal.leaf_hash(LEAVES[0]), 0, 1, [], LOG.root(1) + b"\0"),
    "empty steps": (seal.leaf_hash(LEAVES[0]), 0, 2, [b""], LOG.root(2)),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_inclusion_is_refused_not_vacuously_true(name: str) -> None:
    assert not seal.verify_inclusion(*DEGENERATE[name])


def test_degenerate_consistency_is_refused() -> None:
    root = LOG.root(4)
    assert not seal.verify_consistency(0, 4, [], EMPTY_ROOT, root)
    assert not seal.verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    assert not seal.verify_consistency(-1, 4, [], root, root)
    assert not seal.verify_consistency(5, 4, [], root, root)
    assert not seal.verify_consistency(4, 4, [], b"", b"")
    assert not seal.verify_consistency(4, 4, [root], root, root)
    assert not seal.verify_consistency(4, 4, [], LOG.root(3), root)
    assert not seal.verify_consistency(2, 4, [], LOG.root(2), root)


def test_a_log_asked_for_what_it_never_held() -> None:
    log = grown(5)
    for ask in (lambda: log.root(6), lambda: log.root(-1), lambda: log.inclusion(5, 5), lambda: log.inclusion(0, 6),
                lambda: log.inclusion(-1, 3), lambda: log.consistency(0, 3), lambda: log.consistency(4, 6)):
        with pytest.raises(ValueError):
            ask()


@given(st.lists(st.integers(1, 9), max_size=8))
def test_batches_give_the_same_log(batches: list[int]) -> None:
    log, written = seal.MerkleLog(seal.MemoryStore()), 0
    for count in batches:
        count = min(count, MOST - written)
        assert log.append_many(LEAVES[written : written + count]) == written
        written += count
    assert log.root() == mth(LEAVES[:written]) and log.audit()


def test_an_audit_sees_what_was_changed() -> None:
    for spoil in range(3):
        log = grown(11)
        store = log.store
        assert isinstance(store, seal.MemoryStore) and log.audit()
        if spoil == 0:
            store.bodies[4] = b"another story"
        elif spoil == 1:
            store.nodes[0, 4] = seal.leaf_hash(b"another story")
        else:
            store.nodes[2, 1] = bytes(32)
        assert not log.audit()


def shared() -> Path | None:
    """The shared reading beside the project, where there is one."""
    root = Path(__file__).resolve().parents[2]
    for place in (os.environ.get("AMPARO_SHARED"), root.parent / "shared", root / "shared"):
        if place and (Path(place) / "data/sharing/rfc6962/testdata/inclusion").is_dir():
            return Path(place) / "data/sharing/rfc6962/testdata/inclusion"
    return None


def test_the_shared_inclusion_vectors() -> None:
    folder = shared()
    if folder is None:
        pytest.skip("not checked: the shared RFC 6962 vectors are not here (set AMPARO_SHARED)")
    seen = {True: 0, False: 0}
    for file in sorted(folder.rglob("*.json")):
        v: dict[str, Any] = json.loads(file.read_text())
        proof = [b64decode(step or "") for step in v["proof"] or []]
        right = seal.verify_inclusion(
            b64decode(v["leafHash"] or ""), v["leafIdx"], v["treeSize"], proof, b64decode(v["root"] or "")
        )
        assert right is not v["wantErr"], file.name
        seen[right] += 1
    assert seen == {True: 6, False: 92}


ENTRY = seal.CustodyEntry(
    "sealed", uuid4(), uuid4(), "reporter", None, 1_790_000_000, b"h" * 32, b"c" * 32, ("file", "v:1.0")
)
CODES = st.from_regex(r"[a-z0-9][a-z0-9.:_+-]{0,20}", fullmatch=True)
HASHES = st.none() | st.binary(min_size=32, max_size=32)


@given(
    st.builds(
        seal.CustodyEntry, CODES, st.none() | st.uuids(), st.none() | st.uuids(), CODES, st.none() | st.uuids(),
        st.integers(0, 2**63), HASHES, HASHES, st.lists(CODES, max_size=4).map(tuple),
    )
)
def test_entries_round_trip(entry: seal.CustodyEntry) -> None:
    assert seal.CustodyEntry.decode(entry.encode()) == entry


@given(st.binary(max_size=200))
def test_what_is_no_entry_is_refused(data: bytes) -> None:
    with pytest.raises(seal.SealError):
        seal.CustodyEntry.decode(data)


def test_no_byte_of_an_entry_is_without_meaning() -> None:
    good = ENTRY.encode()
    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 1
        try:
            assert seal.CustodyEntry.decode(bytes(bad)) != ENTRY
        except seal.SealError:
            pass


@pytest.mark.parametrize("at", [b"\1", b"", bytes(9), b"\0" * 7])
def test_an_entry_has_one_form_only(at: bytes) -> None:
    """A time in fewer or more bytes would be the same entry with another leaf hash."""
    parts = split_canonical("custody-entry", ENTRY.encode())
    assert seal.CustodyEntry.decode(canonical("custody-entry", *parts)) == ENTRY
    parts[5] = at
    with pytest.raises(seal.SealError):
        seal.CustodyEntry.decode(canonical("custody-entry", *parts))


@pytest.mark.parametrize("field", ["action", "actor_kind"])
@pytest.mark.parametrize("text", ["", "Ana", "ana@desk", "two words", "línea", "x" * 65, "-", "a\n"])
def test_texts_of_a_case_have_no_place_in_a_leaf(field: str, text: str) -> None:
    values: dict[str, Any] = {"action": "read", "actor_kind": "staff", field: text}
    with pytest.raises(seal.SealError):
        seal.CustodyEntry(case=None, item=None, actor=None, at=0, **values)
    with pytest.raises(seal.SealError):
        seal.CustodyEntry("read", None, None, "staff", None, 0, None, None, (text,))
    with pytest.raises(seal.SealError):
        seal.CustodyEntry("read", None, None, "staff", None, 0, b"short")


def test_shredding_leaves_the_log_valid_and_tells_nothing() -> None:
    """Data key and salt are destroyed; the leaf still proves, and nobody can test a file against it."""
    digest = hashlib.sha256(b"the photograph").digest()
    salt = seal.new_salt()
    log = grown(6)
    entry = seal.CustodyEntry(
        "sealed", uuid4(), uuid4(), "reporter", None, 0, b"h" * 32, seal.commit(salt, digest)
    )
    index = log.append(entry.encode())
    before = log.root()
    assert seal.commit(salt, digest) == entry.commitment != seal.commit(salt, hashlib.sha256(b"x").digest())
    del salt
    log.append(seal.CustodyEntry("shredded", entry.case, entry.item, "staff", uuid4(), 1).encode())
    proof = log.inclusion(index, log.store.size())
    assert seal.verify_inclusion(seal.leaf_hash(entry.encode()), index, 8, proof, log.root())
    assert seal.verify_consistency(7, 8, log.consistency(7, 8), before, log.root())
    assert digest not in entry.encode() and seal.commit(seal.new_salt(), digest) != entry.commitment
