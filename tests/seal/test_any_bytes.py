"""Whatever bytes stand where sealed ones should: one of our errors in words, nothing else, and nothing opens."""

import io
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo import seal
from amparo.seal import boxes
from amparo.seal.fileformat import HEADER_SIZE, Header

KEY, PAIR, WHO = bytes(range(32)), seal.kex_pair(b"\7" * 32), UUID(int=5)
CTX = seal.Context(UUID(int=1), UUID(int=2), "file", 1)
STAFF = seal.new_staff_keys()
# Bytes that begin like the real thing reach deeper than noise does.
HEADS = st.sampled_from([b"", b"\x01", b"\x01\x01", b"AMPF\x01", b"AMPF\x01\x01\x10", b"-----BEGIN AGE", b"\0\5"])
NOISE = st.builds(bytes.__add__, HEADS, st.binary(max_size=400))

OPENERS = {
    "record": lambda data: boxes.open_record(KEY, b"", data),
    "envelope": lambda data: boxes.open_envelope(PAIR.private, b"", data),
    "body": lambda data: seal.open_item_with_key(KEY, CTX, data, None),
    "item": lambda data: seal.open_item(PAIR.private, CTX, 1, data, data, None),
    "grant": lambda data: seal.open_grant(PAIR.private, data, WHO, 1, seal.Grantee("staff", WHO)),
    "dialogue grant": lambda data: seal.open_dialogue_grant(
        PAIR.private, data, WHO, 1, seal.Grantee("reporter", WHO)
    ),
    "lease": lambda data: seal.open_lease(PAIR.private, data, CTX, WHO, "examine"),
    "sheet": lambda data: seal.open_to_self(PAIR.private, "queue", WHO, data),
    "session": lambda data: seal.open_session("cookie", data),
    "staff keys": lambda data: seal.unwrap_staff(KEY, data, WHO),
    "second factor": lambda data: seal.open_second_factor(STAFF, data, WHO),
    "reporter": lambda data: seal.unwrap_reporter(KEY, data, WHO),
    "file": lambda data: seal.FileOpener(KEY, CTX, io.BytesIO(data), len(data)).read(),
    "custody entry": seal.CustodyEntry.decode,
    "recovery share": lambda data: seal.join_recovery([(data, "a"), (data, "b")]),
}


@pytest.mark.parametrize("name", OPENERS)
@given(data=NOISE)
def test_noise_is_refused_in_words(name: str, data: bytes) -> None:
    with pytest.raises(seal.SealError) as refused:
        OPENERS[name](data)
    assert refused.value.says and refused.value.advice
    assert refused.value.__cause__ is None and refused.value.__suppress_context__ | (
        refused.value.__context__ is None
    )


@given(alg=st.integers(0, 255), log2=st.integers(0, 255), body=st.binary(max_size=300))
def test_headers_that_name_this_place_but_nothing_else_right(alg: int, log2: int, body: bytes) -> None:
    header = Header(alg, log2, CTX.case.bytes, CTX.item.bytes, 1, bytes(32), bytes(7)).encode()
    assert len(header) == HEADER_SIZE
    with pytest.raises(seal.Tampered):
        seal.FileOpener(KEY, CTX, io.BytesIO(header + body), HEADER_SIZE + len(body)).read()


@given(data=st.binary(max_size=200))
def test_sealed_by_the_right_key_but_not_what_it_should_be(data: bytes) -> None:
    """A colleague with the keys writes nonsense inside a right seal: still an error in words."""
    with pytest.raises(seal.SealError):
        seal.open_item_with_key(KEY, CTX, boxes.seal_record(KEY, CTX.aad(), data), None)
    grantee = seal.Grantee("staff", WHO)
    from amparo.seal.grants import BOTH, grant_info

    sealed = boxes.seal_envelope(PAIR.public, grant_info(WHO, 1, BOTH, grantee), data)
    with pytest.raises(seal.SealError):
        seal.open_grant(PAIR.private, sealed, WHO, 1, grantee)
    if len(data) != 32:
        odd = seal.seal_data_key(PAIR.public, data, CTX.case, CTX.item, CTX.kind, 1)
        with pytest.raises(seal.SealError):
            seal.open_data_key(PAIR.private, odd, CTX.case, CTX.item, CTX.kind, 1)


def test_rows_may_come_as_memoryviews() -> None:
    """Some databases hand out views instead of bytes."""
    channels, author = seal.new_channel_keys(), seal.Author("staff", WHO, STAFF.sign.private)
    item = seal.seal_item(channels.staff.public, CTX, 1, b"text", author)
    written = seal.open_item(
        channels.staff.private, CTX, 1, memoryview(item.body), memoryview(item.sealed_key),  # type: ignore[arg-type]
        lambda kind, who: memoryview(STAFF.sign.public),  # type: ignore[return-value,arg-type]
    )
    assert written.payload == b"text" and written.proven
    grantee = seal.Grantee("staff", WHO)
    sealed = memoryview(seal.grant(channels, WHO, 1, grantee, PAIR.public))
    assert seal.open_grant(PAIR.private, sealed, WHO, 1, grantee) == channels  # type: ignore[arg-type]
    session = memoryview(seal.seal_session("cookie", b"draft"))
    assert seal.open_session("cookie", session) == b"draft"  # type: ignore[arg-type]
    assert seal.leaf_hash(memoryview(b"x")) == seal.leaf_hash(b"x")  # type: ignore[arg-type]
