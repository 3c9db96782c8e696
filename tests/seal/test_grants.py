"""Grants, leases, sheets, sessions and the directory: opened by the right one, by nobody else."""

from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo import seal

CASE, CHANNELS = uuid4(), seal.new_channel_keys()
ANA, BEN = seal.new_staff_keys(), seal.new_staff_keys()
ANA_ID, BEN_ID = uuid4(), uuid4()
TO_ANA = seal.Grantee("staff", ANA_ID)
SEALED = seal.grant(CHANNELS, CASE, 1, TO_ANA, ANA.kex.public)


def test_staff_and_recovery_open_both_channels() -> None:
    assert seal.open_grant(ANA.kex.private, SEALED, CASE, 1, TO_ANA) == CHANNELS
    key, grantee = seal.new_kex_pair(), seal.Grantee("recovery", uuid4())
    sealed = seal.grant(CHANNELS, CASE, 1, grantee, key.public)
    assert seal.open_grant(key.private, sealed, CASE, 1, grantee) == CHANNELS


def test_the_reporter_opens_the_dialogue_only() -> None:
    reporter, grantee = seal.new_reporter_keys(), seal.Grantee("reporter", CASE)
    sealed = seal.grant_dialogue(CHANNELS, CASE, 1, grantee, reporter.kex.public)
    assert seal.open_dialogue_grant(reporter.kex.private, sealed, CASE, 1, grantee) == CHANNELS.dialogue
    with pytest.raises(seal.NotAllowed):
        seal.open_grant(reporter.kex.private, sealed, CASE, 1, grantee)
    with pytest.raises(seal.SealError):
        seal.grant(CHANNELS, CASE, 1, grantee, reporter.kex.public)


WRONG = {
    "another's key": (BEN.kex.private, CASE, 1, TO_ANA),
    "another case": (ANA.kex.private, uuid4(), 1, TO_ANA),
    "another epoch": (ANA.kex.private, CASE, 2, TO_ANA),
    "another colleague": (ANA.kex.private, CASE, 1, seal.Grantee("staff", BEN_ID)),
    "another kind of grantee": (ANA.kex.private, CASE, 1, seal.Grantee("recovery", ANA_ID)),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_grantee_is_refused(name: str) -> None:
    private, case, epoch, grantee = WRONG[name]
    with pytest.raises(seal.NotAllowed):
        seal.open_grant(private, SEALED, case, epoch, grantee)


def test_every_flip_of_a_grant_is_refused() -> None:
    for at in range(len(SEALED)):
        for bit in range(8):
            bad = bytearray(SEALED)
            bad[at] ^= 1 << bit
            with pytest.raises(seal.NotAllowed):
                seal.open_grant(ANA.kex.private, bytes(bad), CASE, 1, TO_ANA)


def test_a_grant_tells_who_gave_it() -> None:
    giver = seal.Author("staff", BEN_ID, BEN.sign.private)
    sealed = seal.grant(CHANNELS, CASE, 1, TO_ANA, ANA.kex.public, giver)
    known = {("staff", BEN_ID): BEN.sign.public}
    opened = seal.read_grant(ANA.kex.private, sealed, CASE, 1, TO_ANA, lambda k, i: known.get((k, i)))
    assert opened.keys == CHANNELS and opened.proven and opened.author_id == BEN_ID
    unknown = seal.read_grant(ANA.kex.private, sealed, CASE, 1, TO_ANA, lambda k, i: None)
    assert not unknown.proven
    forged = seal.grant(seal.new_channel_keys(), CASE, 1, TO_ANA, ANA.kex.public)
    assert not seal.read_grant(ANA.kex.private, forged, CASE, 1, TO_ANA, lambda k, i: known.get((k, i))).proven


def test_a_grantee_of_no_kind_is_refused() -> None:
    with pytest.raises(seal.SealError):
        seal.Grantee("admin", ANA_ID)  # type: ignore[arg-type]


def test_leases() -> None:
    worker, key = seal.new_worker_keys(), seal.new_data_key()
    ctx = seal.Context(CASE, uuid4(), "file", 1)
    sealed = seal.seal_lease(worker.kex.public, key, ctx, worker.id, "examine", b"name")
    assert seal.open_lease(worker.kex.private, sealed, ctx, worker.id, "examine") == (key, b"name")
    other = seal.new_worker_keys()
    moved = msgspec.structs.replace(ctx, item=uuid4())
    for private, place, who, purpose in (
        (other.kex.private, ctx, worker.id, "examine"), (worker.kex.private, moved, worker.id, "examine"),
        (worker.kex.private, ctx, other.id, "examine"), (worker.kex.private, ctx, worker.id, "preview"),
    ):
        with pytest.raises(seal.Tampered):
            seal.open_lease(private, sealed, place, who, purpose)
    assert seal.worker_mac(b"s" * 32, worker) != seal.worker_mac(b"t" * 32, worker)
    stolen = seal.WorkerCard(worker.id, other.kex.public, worker.sign.public)
    assert seal.worker_mac(b"s" * 32, worker) != seal.worker_mac(b"s" * 32, stolen)


@given(st.binary(max_size=3000))
def test_sheets(text: bytes) -> None:
    sealed = seal.seal_to_self(ANA.kex.public, "queue", ANA_ID, text)
    assert seal.open_to_self(ANA.kex.private, "queue", ANA_ID, sealed) == text
    for private, label, owner in (
        (BEN.kex.private, "queue", ANA_ID), (ANA.kex.private, "profile", ANA_ID),
        (ANA.kex.private, "queue", BEN_ID),
    ):
        with pytest.raises(seal.Tampered):
            seal.open_to_self(private, label, owner, sealed)


@given(st.binary(max_size=3000))
def test_sessions(text: bytes) -> None:
    cookie, other = seal.new_cookie(), seal.new_cookie()
    sealed = seal.seal_session(cookie, text)
    assert seal.open_session(cookie, sealed) == text
    assert len(seal.session_id(cookie)) == 32 != len({seal.session_id(cookie), seal.session_id(other)})
    assert cookie.encode() not in sealed and seal.session_id(cookie) != cookie.encode()
    with pytest.raises(seal.Tampered):
        seal.open_session(other, sealed)
    with pytest.raises(seal.Tampered):
        seal.open_session(cookie, seal.seal_session(other, text))


@pytest.mark.parametrize("cookie", ["", "x", "é\udcff", "a" * 10_000])
def test_a_cookie_that_nobody_made_opens_nothing(cookie: str) -> None:
    assert len(seal.session_id(cookie)) == 32
    with pytest.raises(seal.Tampered):
        seal.open_session(cookie, seal.seal_session(seal.new_cookie(), b"x"))


def test_the_directory_binds_every_field() -> None:
    lead, entry = seal.new_sign_pair(), seal.DirectoryEntry(ANA_ID, "Jacaranda", "handler", b"k" * 32, b"s" * 32)
    signature = seal.sign_entry(lead.private, entry)
    assert seal.verify_entry(lead.public, entry, signature)
    assert not seal.verify_entry(seal.new_sign_pair().public, entry, signature)
    for change in (
        {"staff": BEN_ID}, {"pseudonym": "Ceiba"}, {"role": "lead"}, {"kex_public": b"x" * 32},
        {"sign_public": b"x" * 32},
    ):
        assert not seal.verify_entry(lead.public, msgspec.structs.replace(entry, **change), signature)


def test_fingerprints_are_eight_groups_of_five_digits() -> None:
    shown = {seal.fingerprint(seal.new_kex_pair().public) for _ in range(50)}
    assert len(shown) == 50
    assert all(len(g) == 5 and g.isdecimal() for text in shown for g in text.split(" "))
    assert all(len(text.split(" ")) == 8 for text in shown)
