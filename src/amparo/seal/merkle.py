"""The Merkle log of RFC 6962 (section 2.1) over a small Store: the same log lives in SQL or in memory."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
Node = tuple[int, int, bytes]
"""(level, index at that level, hash) of a complete subtree of 2^level leaves."""


class LogStore(Protocol):
    """Where a log is kept. `append` is one step: the entry and its nodes, or nothing."""

    def size(self) -> int:
        """How many entries there are."""
        ...

    def append(self, index: int, body: bytes, nodes: list[Node]) -> None:
        """Keep entry `index` (= size) and the subtrees it completes."""
        ...

    def entry(self, index: int) -> bytes:
        """The body of an entry."""
        ...

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree."""
        ...


class MemoryStore:
    """A log in memory, for tests and for verifying."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.nodes: dict[tuple[int, int], bytes] = {}

    def size(self) -> int:
        """How many entries there are."""
        return len(self.bodies)

    def append(self, index: int, body: bytes, nodes: list[Node]) -> None:
        """Keep an entry and the subtrees it completes."""
        if index != len(self.bodies):
            raise ValueError("a log only grows at its end")
        self.bodies.append(body)
        self.nodes.update({(level, number): value for level, number, value in nodes})

    def entry(self, index: int) -> bytes:
        """The body of an entry."""
        return self.bodies[index]

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree."""
        return self.nodes[level, index]


def leaf_hash(body: bytes) -> bytes:
    """SHA-256(0x00 | entry)."""
    return hashlib.sha256(b"\x00" + bytes(body)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 | left | right)."""
    return hashlib.sha256(b"\x01" + bytes(left) + bytes(right)).digest()


def split_point(size: int) -> int:
    """The largest power of two smaller than a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)


class MerkleLog:
    """An append-only log: `append` returns the entry's index, proofs are lists of 32-byte hashes."""

    def __init__(self, store: LogStore) -> None:
        self.store = store

    def append(self, body: bytes) -> int:
        """Add one entry; its index."""
        return self.append_many([body])

    def append_many(self, bodies: Iterable[bytes]) -> int:
        """Add entries in order; the index of the first of them."""
        first = index = self.store.size()
        fresh: dict[int, bytes] = {}  # the newest complete left sibling of each level, made in this batch
        for body in bodies:
            value, level, number = leaf_hash(body), 0, index
            nodes: list[Node] = [(0, index, value)]
            while number & 1:
                left = fresh.get(level) or self.store.node(level, number - 1)
                value, level, number = node_hash(left, value), level + 1, number >> 1
                nodes.append((level, number, value))
            fresh[level] = value
            for lower in range(level):
                fresh.pop(lower, None)
            self.store.append(index, body, nodes)
            index += 1
        return first

    def root(self, size: int | None = None) -> bytes:
        """The tree head of the first `size` entries (all of them if not given)."""
        whole = self.store.size()
        wanted = whole if size is None else size
        if not 0 <= wanted <= whole:
            raise ValueError("the log was never that long")
        return self.subtree(0, wanted)

    def subtree(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]), where `start` is a multiple of the least power of two >= end - start."""
        if start == end:
            return EMPTY_ROOT
        value, at = None, end
        while at > start:  # complete subtrees from the right edge to the left
            level = ((at - start) & -(at - start)).bit_length() - 1
            at -= 1 << level
            left = self.store.node(level, at >> level)
            value = left if value is None else node_hash(left, value)
        assert value is not None
        return value

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The audit path of an entry in the tree of the first `size` entries (PATH in RFC 6962)."""
        if not 0 <= index < size <= self.store.size():
            raise ValueError("no such entry in a log of that size")
        proof, start, end = [], 0, size
        while end - start > 1:
            middle = start + split_point(end - start)
            if index < middle:
                proof.append(self.subtree(middle, end))
                end = middle
            else:
                proof.append(self.subtree(start, middle))
                start = middle
        return proof[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `old` entries is the beginning of that of `new` (SUBPROOF)."""
        if not 0 < old <= new <= self.store.size():
            raise ValueError("no such sizes in this log")
        proof, start, end, whole = [], 0, new, True
        while old != end:
            middle = start + split_point(end - start)
            if old <= middle:
                proof.append(self.subtree(middle, end))
                end = middle
            else:
                proof.append(self.subtree(start, middle))
                start, whole = middle, False
        if not whole:
            proof.append(self.subtree(start, end))
        return proof[::-1]

    def audit(self) -> bool:
        """Whether every kept subtree hash is what the entries give: reads the whole log."""
        edge: list[tuple[int, int, bytes]] = []
        for index in range(self.store.size()):
            value, level, number = leaf_hash(self.store.entry(index)), 0, index
            if self.store.node(0, index) != value:
                return False
            while edge and edge[-1][0] == level:
                value, level, number = node_hash(edge.pop()[2], value), level + 1, number >> 1
                if self.store.node(level, number) != value:
                    return False
            edge.append((level, number, value))
        return True


def well_formed(*hashes: bytes) -> bool:
    """Whether each is exactly 32 bytes."""
    return all(isinstance(value, bytes) and len(value) == HASH_SIZE for value in hashes)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` in the tree of that size and root (RFC 9162, 2.1.3.2).

    Degenerate input is refused, never vacuously true: an index outside the tree, an empty tree, hashes that
    are not 32 bytes, proofs too short or too long.
    """
    if not 0 <= index < size or not well_formed(leaf, root, *proof):
        return False
    number, last, value = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            value = node_hash(step, value)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            value = node_hash(value, step)
        number, last = number >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Whether the tree of `old` entries is the beginning of that of `new` (RFC 9162, 2.1.4.2).

    An empty old tree proves nothing and is refused.
    """
    if not 0 < old <= new or not well_formed(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:  # a complete old tree is its own first step
        path.insert(0, old_root)
    if not path:
        return False
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    first = second = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            second = node_hash(second, step)
        number, last = number >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
