"""Records: round trips, every flip, every move, and who wrote."""

import random
import uuid
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo import seal
from amparo.seal import boxes
from amparo.seal.encoding import canonical, split_canonical

REPORTER = seal.new_reporter_keys()
CHANNELS = seal.new_channel_keys()
CASE = seal.case_id_for(REPORTER.kex.public, REPORTER.sign.public)
ITEM = uuid4()
CTX = seal.Context(CASE, ITEM, "answers", 1)
AUTHOR = seal.Author("reporter", CASE, REPORTER.sign.private)


def who(kind: str, author: UUID) -> bytes | None:
    return REPORTER.sign.public if (kind, author) == ("reporter", CASE) else None


def sealed(payload: bytes = b"what happened", author: seal.Author = AUTHOR) -> seal.SealedItem:
    return seal.seal_item(CHANNELS.staff.public, CTX, 1, payload, author)


def opened(
    item: seal.SealedItem, ctx: seal.Context = CTX, key_epoch: int = 1, private: bytes = CHANNELS.staff.private
) -> seal.Written:
    return seal.open_item(private, ctx, key_epoch, item.body, item.sealed_key, who)


@given(st.binary(max_size=5000))
def test_round_trip(payload: bytes) -> None:
    written = opened(sealed(payload))
    assert written == seal.Written(payload, "reporter", CASE, True)


@given(st.lists(st.binary(max_size=40), max_size=6), st.lists(st.binary(max_size=40), max_size=6))
def test_canonical_is_never_ambiguous(one: list[bytes], other: list[bytes]) -> None:
    assert (canonical("x", *one) == canonical("x", *other)) == (one == other)
    assert split_canonical("x", canonical("x", *one)) == one


@given(st.binary(max_size=200))
def test_split_accepts_only_what_canonical_writes(data: bytes) -> None:
    try:
        parts = split_canonical("x", data)
    except ValueError:
        return
    assert canonical("x", *parts) == data


def test_canonical_refuses_what_has_no_form() -> None:
    for bad in (-1, 2**64):
        with pytest.raises(ValueError):
            canonical("x", bad)
    with pytest.raises(TypeError):
        canonical("x", True)


@given(st.integers(0, 200_000))
def test_padding(size: int) -> None:
    padded = seal.pad(b"\x80" * size)
    assert seal.unpad(padded) == b"\x80" * size
    assert len(padded) == seal.padded_size(size) >= 256
    assert len(padded) <= max(256, (size + 1) * 1.12)  # Padme's promise: at most 12 % more


@pytest.mark.parametrize("bad", [b"", b"\x00" * 256, b"\x80", b"a" * 256, b"\x80" + b"\0" * 256])
def test_what_was_not_padded_is_refused(bad: bytes) -> None:
    with pytest.raises(ValueError):
        seal.unpad(bad)


def test_sizes_do_not_tell_small_texts_apart() -> None:
    assert len({len(sealed(b"x" * n).body) for n in range(0, 160, 8)}) == 1


def test_every_bit_flip_of_a_small_item_is_refused() -> None:
    item = sealed()
    for field in ("body", "sealed_key"):
        good = getattr(item, field)
        for at in range(len(good)):
            for bit in range(8):
                bad = bytearray(good)
                bad[at] ^= 1 << bit
                with pytest.raises(seal.Tampered):
                    opened(msgspec.structs.replace(item, **{field: bytes(bad)}))


def test_a_thousand_flips_of_a_long_item_are_refused() -> None:
    item = sealed(random.Random(1).randbytes(60_000))
    for at in [*range(26), *random.Random(2).sample(range(26, len(item.body)), 1000)]:
        bad = bytearray(item.body)
        bad[at] ^= 1 << (at % 8)
        with pytest.raises(seal.Tampered):
            opened(msgspec.structs.replace(item, body=bytes(bad)))


@pytest.mark.parametrize("size", [0, 1, 2, 26, 41, 42, 100])
def test_cut_or_lengthened_items_are_refused(size: int) -> None:
    item = sealed()
    for bad in (item.body[:size], item.body + bytes(size or 1)):
        with pytest.raises(seal.Tampered):
            opened(msgspec.structs.replace(item, body=bad))
    for bad in (item.sealed_key[:size], item.sealed_key + bytes(size or 1)):
        if bad != item.sealed_key:
            with pytest.raises(seal.Tampered):
                opened(msgspec.structs.replace(item, sealed_key=bad))


MOVES = {
    "another item": {"item": uuid4()},
    "another case": {"case": uuid4()},
    "another kind": {"kind": "note"},
    "another epoch of writing": {"epoch": 2},
    "another schema": {"schema": 2},
}


@pytest.mark.parametrize("move", MOVES)
def test_a_moved_row_is_refused(move: str) -> None:
    item, ctx = sealed(), msgspec.structs.replace(CTX, **MOVES[move])
    with pytest.raises(seal.Tampered):
        opened(item, ctx)
    with pytest.raises(seal.Tampered):  # also by whoever holds the data key
        seal.open_item_with_key(item.data_key, ctx, item.body, who)


def test_a_row_moved_to_another_key_epoch_or_channel_is_refused() -> None:
    item = sealed()
    with pytest.raises(seal.Tampered):
        opened(item, key_epoch=2)
    with pytest.raises(seal.Tampered):
        opened(item, private=CHANNELS.dialogue.private)
    with pytest.raises(seal.Tampered):
        opened(item, private=seal.new_channel_keys().staff.private)


def test_bodies_and_keys_swapped_between_two_items_are_refused() -> None:
    item, other_ctx = sealed(), msgspec.structs.replace(CTX, item=uuid4())
    other = seal.seal_item(CHANNELS.staff.public, other_ctx, 1, b"other", AUTHOR)
    for ctx in (CTX, other_ctx):
        for body, key in ((item.body, other.sealed_key), (other.body, item.sealed_key)):
            with pytest.raises(seal.Tampered):
                seal.open_item(CHANNELS.staff.private, ctx, 1, body, key, who)


def test_a_rekey_keeps_bodies_and_closes_the_old_epoch() -> None:
    item, newer = sealed(), seal.new_channel_keys()
    key = seal.open_data_key(CHANNELS.staff.private, item.sealed_key, CASE, ITEM, "answers", 1)
    resealed = seal.seal_data_key(newer.staff.public, key, CASE, ITEM, "answers", 2)
    written = seal.open_item(newer.staff.private, CTX, 2, item.body, resealed, who)
    assert written.payload == b"what happened" and written.proven
    with pytest.raises(seal.Tampered):
        seal.open_item(CHANNELS.staff.private, CTX, 2, item.body, resealed, who)


STRANGER = seal.new_sign_pair()
UNPROVEN = {
    "unsigned": seal.UNSIGNED,
    "a stranger under his own id": seal.Author("staff", uuid4(), STRANGER.private),
    "a stranger under the reporter's id": seal.Author("reporter", CASE, STRANGER.private),
    "the reporter's key under staff": seal.Author("staff", CASE, REPORTER.sign.private),
    "a known name without a key": seal.Author("reporter", CASE, None),
}


@pytest.mark.parametrize("name", UNPROVEN)
def test_a_validly_sealed_row_of_a_stranger_reads_not_proven(name: str) -> None:
    written = opened(sealed(b"you are safe, come to the gate", UNPROVEN[name]))
    assert written.payload == b"you are safe, come to the gate"
    assert written.proven is False


def test_a_signature_does_not_move_to_another_place() -> None:
    """Someone with a data key (a former reader) puts a signed frame into another item of theirs."""
    item = sealed()
    frame = seal.unpad(boxes.open_record(seal_body_key(item.data_key), CTX.aad(), item.body))
    elsewhere = msgspec.structs.replace(CTX, item=uuid4())
    key = seal.new_data_key()
    body = boxes.seal_record(seal_body_key(key), elsewhere.aad(), seal.pad(frame))
    written = seal.open_item_with_key(key, elsewhere, body, who)
    assert written.payload == b"what happened" and written.proven is False


def seal_body_key(data_key: bytes) -> bytes:
    from amparo.seal.items import body_key

    return body_key(data_key)


def test_a_verifier_with_a_broken_key_proves_nothing() -> None:
    item = sealed()
    written = seal.open_item_with_key(item.data_key, CTX, item.body, lambda kind, author: b"short")
    assert written.proven is False


def test_unknown_algorithms_are_refused() -> None:
    item = sealed()
    for byte in (0, 2, 3, 255):  # 2 is reserved for MLKEM768-X25519, which 1.0 does not write
        with pytest.raises(seal.Tampered):
            opened(msgspec.structs.replace(item, sealed_key=bytes((byte,)) + item.sealed_key[1:]))


def test_sealing_to_no_key_is_an_error_in_words() -> None:
    for bad in (b"", b"x" * 31, bytes(32)):  # 32 zeros: a point of low order
        with pytest.raises(seal.SealError) as refused:
            seal.seal_item(bad, CTX, 1, b"x", AUTHOR)
        assert refused.value.says and refused.value.advice


def test_nothing_secret_shows_itself() -> None:
    item = sealed()
    root = seal.StaffRoot(b"k" * 32, b"a" * 32)
    keys, worker = seal.new_staff_keys(), seal.new_worker_keys()
    pairs = {
        CHANNELS: CHANNELS.staff.private, CHANNELS.staff: CHANNELS.staff.private, keys: keys.kex.private,
        REPORTER: REPORTER.sign.private, AUTHOR: REPORTER.sign.private, item: item.data_key, root: root.kek,
        worker: worker.sign.private, seal.ReceiptKeys(b"s" * 32, b"w" * 32): b"w" * 32,
        seal.SecondFactor(b"t" * 20, ()): b"t" * 20,
    }
    for value, secret in pairs.items():
        shown = repr(value) + str(value) + "".join(map(repr, value.__rich_repr__()))
        assert repr(secret)[2:-1] not in shown and secret.hex() not in shown
    assert b"what happened" not in repr(opened(item)).encode()


def test_structs_survive_a_sealed_session() -> None:
    for value in (REPORTER, CHANNELS, CTX, AUTHOR):
        packed = msgspec.msgpack.encode(value)
        assert msgspec.msgpack.decode(packed, type=type(value)) == value


def test_case_ids_certify_the_reporters_keys() -> None:
    other = seal.new_reporter_keys()
    assert seal.case_id_for(REPORTER.kex.public, REPORTER.sign.public) == CASE
    assert seal.case_id_for(other.kex.public, REPORTER.sign.public) != CASE
    assert seal.case_id_for(REPORTER.kex.public, other.sign.public) != CASE
    assert isinstance(CASE, uuid.UUID)


def test_the_example_of_the_package_runs() -> None:
    import doctest

    outcome = doctest.testmod(seal)
    assert outcome.attempted > 10 and outcome.failed == 0
