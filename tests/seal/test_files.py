"""Files: any size in any pieces, read anywhere, and no chunk that is not exactly where it was written."""

import hashlib
import io
import os
import random
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo import seal
from amparo.seal import files
from amparo.seal.fileformat import HEADER_SIZE, TAG_SIZE, chunk_nonce, file_cipher, read_header

KEY = seal.new_data_key()
CTX = seal.Context(uuid4(), uuid4(), "file", 1)
CHUNK = 4096
SEALED_CHUNK = CHUNK + TAG_SIZE


def sealed(plain: bytes, chunk: int = CHUNK, pieces: int = 5000, alg: int | None = None) -> bytes:
    out: list[bytes] = []
    sealer = files.FileSealer(KEY, CTX, out.append, chunk, unsafe_alg=alg)
    for at in range(0, len(plain), pieces):
        sealer.update(plain[at : at + pieces])
    facts = sealer.finish()
    whole = b"".join(out)
    assert facts.size == len(plain) and facts.sha256 == hashlib.sha256(plain).digest()
    assert facts.sealed_size == len(whole) == seal.sealed_size_of(len(plain), chunk)
    assert facts.sealed_sha256 == hashlib.sha256(whole).digest()
    return whole


def read(data: bytes, key: bytes = KEY, ctx: seal.Context = CTX, size: int | None = None) -> bytes:
    return seal.FileOpener(key, ctx, io.BytesIO(data), len(data) if size is None else size).read()


def refused(data: bytes, **more: object) -> None:
    with pytest.raises(seal.Tampered):
        read(data, **more)  # type: ignore[arg-type]


PLAIN = random.Random(7).randbytes(5 * CHUNK + 100)
WHOLE = sealed(PLAIN)
HEAD, CHUNKS = WHOLE[:HEADER_SIZE], [
    WHOLE[at : at + SEALED_CHUNK] for at in range(HEADER_SIZE, len(WHOLE), SEALED_CHUNK)
]


@pytest.mark.parametrize("alg", [1, 2])
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
def test_sizes_around_a_chunk(size: int, alg: int) -> None:
    plain = os.urandom(size)
    assert read(sealed(plain, alg=alg)) == plain


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=9000), max_size=8), st.sampled_from([bytes, bytearray, memoryview]))
def test_any_pieces_of_any_type(pieces: list[bytes], kind: type) -> None:
    out: list[bytes] = []
    sealer = seal.FileSealer(KEY, CTX, out.append, CHUNK)
    for piece in pieces:
        given_piece = kind(piece)
        sealer.update(given_piece)
        if kind is bytearray:
            given_piece[:] = bytes(len(given_piece))  # the caller may reuse a buffer at once
    facts = sealer.finish()
    assert read(b"".join(out)) == b"".join(pieces)
    assert facts.sha256 == hashlib.sha256(b"".join(pieces)).digest()


def test_a_default_chunk_is_64_kib_and_a_big_file_round_trips() -> None:
    plain = random.Random(3).randbytes(3_000_001)
    whole = sealed(plain, 65536, 1 << 20)
    assert whole[6] == 16 and read(whole) == plain


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(PLAIN) + 50), st.integers(0, 9000)), max_size=12))
def test_seeking_reads_the_same_as_in_clear(steps: list[tuple[int, int]]) -> None:
    opened = io.BufferedReader(seal.FileOpener(KEY, CTX, io.BytesIO(WHOLE), len(WHOLE)))
    clear = io.BytesIO(PLAIN)
    for at, count in steps:
        assert opened.seek(at) == clear.seek(at)
        assert opened.read(count) == clear.read(count)
        assert opened.tell() == clear.tell()


def test_it_is_a_file_like_any_other() -> None:
    opened = seal.FileOpener(KEY, CTX, io.BytesIO(WHOLE), len(WHOLE))
    assert opened.readable() and opened.seekable() and not opened.writable()
    assert opened.size == len(PLAIN)
    assert opened.seek(-10, io.SEEK_END) == len(PLAIN) - 10 and opened.read() == PLAIN[-10:]
    assert opened.read(1) == b""
    opened.seek(5)
    assert opened.seek(-5, io.SEEK_CUR) == 0
    with pytest.raises(ValueError):
        opened.seek(-1)
    opened.close()
    with pytest.raises(ValueError):
        opened.read(1)


def test_every_bit_of_the_header_is_bound() -> None:
    for at in range(HEADER_SIZE):
        for bit in range(8):
            bad = bytearray(WHOLE)
            bad[at] ^= 1 << bit
            refused(bytes(bad))


def test_a_thousand_flips_of_the_body() -> None:
    for at in random.Random(11).sample(range(HEADER_SIZE, len(WHOLE)), 1000):
        bad = bytearray(WHOLE)
        bad[at] ^= 1 << (at % 8)
        refused(bytes(bad))


def test_flips_in_the_middle_never_show_the_chunk() -> None:
    bad = bytearray(WHOLE)
    bad[HEADER_SIZE + 2 * SEALED_CHUNK + 9] ^= 1
    opened = seal.FileOpener(KEY, CTX, io.BytesIO(bytes(bad)), len(bad))
    assert opened.read(CHUNK) == PLAIN[:CHUNK]  # what is whole can be read
    opened.seek(2 * CHUNK + 50)
    with pytest.raises(seal.Tampered):
        opened.read(1)


def rearranged(*chunks: bytes) -> bytes:
    return HEAD + b"".join(chunks)


C = CHUNKS
ATTACKS = {
    "dropped first": rearranged(*C[1:]),
    "dropped middle": rearranged(*C[:2], *C[3:]),
    "dropped last": rearranged(*C[:-1]),
    "doubled first": rearranged(C[0], *C),
    "doubled middle": rearranged(*C[:3], C[2], *C[3:]),
    "doubled last": rearranged(*C, C[-1]),
    "swapped neighbours": rearranged(C[1], C[0], *C[2:]),
    "swapped far": rearranged(C[3], C[1], C[2], C[0], *C[4:]),
    "inserted zeros": rearranged(*C[:2], bytes(SEALED_CHUNK), *C[2:]),
    "inserted from another file": rearranged(C[0], sealed(PLAIN)[HEADER_SIZE:][:SEALED_CHUNK], *C[1:]),
    "replaced from another file": rearranged(sealed(PLAIN)[HEADER_SIZE:][:SEALED_CHUNK], *C[1:]),
    "appended byte": WHOLE + b"\0",
    "appended tag": WHOLE + bytes(16),
    "appended chunk": WHOLE + bytes(SEALED_CHUNK),
    "appended file": WHOLE + WHOLE,
    "cut one byte": WHOLE[:-1],
    "cut in the last tag": WHOLE[:-17],
    "cut to the header": WHOLE[:HEADER_SIZE],
    "cut in the header": WHOLE[:40],
    "empty": b"",
    "another file's header": sealed(PLAIN)[:HEADER_SIZE] + WHOLE[HEADER_SIZE:],
    "another file's body": HEAD + sealed(PLAIN)[HEADER_SIZE:],
}


@pytest.mark.parametrize("name", ATTACKS)
def test_rearranged_files_are_refused(name: str) -> None:
    """Refused with the size they now have, and with the size the desk wrote down."""
    refused(ATTACKS[name])
    refused(ATTACKS[name], size=len(WHOLE)) if len(ATTACKS[name]) != len(WHOLE) else None


def test_any_cut_is_refused() -> None:
    for size in [*range(0, len(WHOLE), 97), *range(HEADER_SIZE, len(WHOLE), SEALED_CHUNK)]:
        refused(WHOLE[:size])


def test_a_file_that_grew_or_shrank_under_the_same_row_is_refused() -> None:
    for size in (0, len(WHOLE) - 1, len(WHOLE) + 1, len(WHOLE) - SEALED_CHUNK):
        refused(WHOLE, size=size)


def test_an_empty_last_chunk_is_refused() -> None:
    """Whoever holds the key could write one plaintext in two forms; there is only one."""
    whole = sealed(PLAIN[:CHUNK])
    header = read_header(whole[:HEADER_SIZE], CTX)
    cipher = file_cipher(KEY, header, CTX)
    first = cipher.encrypt(chunk_nonce(header.prefix, 0, False), PLAIN[:CHUNK], None)
    empty = cipher.encrypt(chunk_nonce(header.prefix, 1, True), b"", None)
    second = cipher.encrypt(chunk_nonce(header.prefix, 1, True), b"x", None)
    assert read(whole[:HEADER_SIZE] + first + second) == PLAIN[:CHUNK] + b"x"  # the tools above are right
    refused(whole[:HEADER_SIZE] + first + empty)


@pytest.mark.parametrize(
    "change", [{"case": uuid4()}, {"item": uuid4()}, {"kind": "preview"}, {"epoch": 2}, {"schema": 2}],
    ids=lambda change: next(iter(change)),
)
def test_a_moved_file_is_refused(change: dict[str, object]) -> None:
    ctx = msgspec.structs.replace(CTX, **change)
    refused(WHOLE, ctx=ctx)
    refused(sealed(b""), ctx=ctx)


def test_another_key_is_refused() -> None:
    refused(WHOLE, key=seal.new_data_key())
    refused(sealed(b""), key=seal.new_data_key())


def test_two_seals_of_one_file_share_nothing() -> None:
    other = sealed(PLAIN)
    assert other[HEADER_SIZE:] != WHOLE[HEADER_SIZE:] and other[47:] != WHOLE[47:]


def test_nothing_more_after_finish_and_after_abandon() -> None:
    sealer = seal.FileSealer(KEY, CTX, lambda data: None)
    sealer.update(b"x")
    sealer.finish()
    other = seal.FileSealer(KEY, CTX, lambda data: None)
    other.update(bytearray(b"secret"))
    other.abandon()
    assert b"secret" not in bytes(other._own)
    for done in (sealer, other):
        with pytest.raises(seal.SealError):
            done.update(b"y")
        with pytest.raises(seal.SealError):
            done.finish()


def test_a_full_disk_comes_through_and_ends_the_file() -> None:
    def full(data: bytes) -> None:
        raise OSError(28, "No space left on device")

    sealer = seal.FileSealer(KEY, CTX, full, CHUNK)
    with pytest.raises(OSError):
        sealer.update(PLAIN * 4)
    with pytest.raises(seal.SealError):
        sealer.finish()
    small = seal.FileSealer(KEY, CTX, full, CHUNK)
    small.update(b"x")
    with pytest.raises(OSError):
        small.finish()
    with pytest.raises(seal.SealError):
        small.update(b"y")


@pytest.mark.parametrize("chunk", [0, 1, 1000, 4095, 2048, 1 << 23])
def test_odd_chunks_are_refused(chunk: int) -> None:
    with pytest.raises(ValueError):
        seal.FileSealer(KEY, CTX, lambda data: None, chunk)


def test_a_file_that_reads_short_is_read_to_its_end() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 7) if size and size > 0 else 7)

    assert seal.FileOpener(KEY, CTX, Slow(WHOLE), len(WHOLE)).read() == PLAIN


@pytest.mark.parametrize("patience", [0.0, 0.002])
@pytest.mark.parametrize("alone", [0, 1, 3, 1024])
def test_busy_cores_change_nothing(monkeypatch: pytest.MonkeyPatch, patience: float, alone: int) -> None:
    """Whether another thread hashes, this one, or both in turn: the same bytes, the same hashes, nothing empty."""
    monkeypatch.setattr(files, "PATIENCE", patience)
    monkeypatch.setattr(files, "ALONE", alone)
    plain = random.Random(5).randbytes(60 * CHUNK + 5)
    assert read(sealed(plain)) == plain
    pieces: list[bytes] = []
    sealer = seal.FileSealer(KEY, CTX, pieces.append, CHUNK)
    sealer.update(plain)
    sealer.finish()
    assert all(pieces)


def test_a_forked_child_seals_too() -> None:
    sealed(PLAIN)  # makes the hashing threads in the parent
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if read(sealed(PLAIN)) == PLAIN else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
