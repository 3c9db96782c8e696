"""The recovery key: any two of three hands, never one, never a mixture. And the blind index."""

from itertools import combinations, permutations

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo import seal
from amparo.seal import recovery

PHRASES = ("first hand's words", "second hand's words", "third hand's words")


@pytest.fixture(scope="module")
def made() -> seal.Recovery:
    return seal.new_recovery(PHRASES)


@pytest.fixture(scope="module")
def texts(made: seal.Recovery) -> list[bytes]:
    return [pyrage.passphrase.decrypt(s, p) for s, p in zip(made.shares, PHRASES, strict=True)]


class Light:
    """The same files without age's deliberate second of work, so that every combination can be tried."""

    DecryptError = pyrage.DecryptError

    class passphrase:
        @staticmethod
        def decrypt(share: bytes, passphrase: str) -> bytes:
            return share


def test_two_real_share_files_make_the_key(made: seal.Recovery) -> None:
    pair = seal.join_recovery([(made.shares[2], PHRASES[2]), (made.shares[0], PHRASES[0])])
    assert pair.public == made.public
    assert made.shares[0].startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    channels, grantee = seal.new_channel_keys(), seal.Grantee("recovery", seal.case_id_for(b"", b""))
    sealed = seal.grant(channels, grantee.id, 1, grantee, made.public)
    assert seal.open_grant(pair.private, sealed, grantee.id, 1, grantee) == channels


def test_a_wrong_passphrase_and_a_file_that_is_none(made: seal.Recovery) -> None:
    for bad in ((made.shares[1], "wrong"), (b"no share", PHRASES[1])):
        with pytest.raises(seal.RecoveryRefused) as refused:
            seal.join_recovery([bad, bad])
        assert refused.value.advice


def test_any_two_of_three_and_all_three(
    made: seal.Recovery, texts: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "pyrage", Light)
    for chosen in [*permutations(range(3), 2), (0, 1, 2)]:
        assert seal.join_recovery([(texts[n], "") for n in chosen]).public == made.public


def test_one_hand_is_never_enough(texts: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "pyrage", Light)
    for text in texts:
        for shares in ([], [(text, "")], [(text, ""), (text, "")], [(text, "")] * 3):
            with pytest.raises(seal.RecoveryRefused):
                seal.join_recovery(shares)


def test_mixed_and_altered_shares_are_refused(texts: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    other_pair = seal.new_kex_pair()
    pieces = recovery.split_key(other_pair.private, b"1" * 32, b"2" * 32)
    other = [recovery.share_text(b"o" * 16, hand, other_pair.public, pieces) for hand in (1, 2, 3)]
    monkeypatch.setattr(recovery, "pyrage", Light)
    for mine, theirs in permutations(range(3), 2):
        with pytest.raises(seal.RecoveryRefused):
            seal.join_recovery([(texts[mine], ""), (other[theirs], "")])
    for at in range(len(texts[0])):
        bad = bytearray(texts[0])
        bad[at] ^= 1
        with pytest.raises(seal.RecoveryRefused):
            seal.join_recovery([(bytes(bad), ""), (texts[1], "")])


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_one_hand_fits_every_key(private: bytes, first: bytes, second: bytes) -> None:
    """What one hand holds is possible under any other key too: so it tells nothing."""
    pieces = recovery.split_key(private, first, second)
    other = seal.new_kex_pair().private
    for missing in range(3):
        held = [pieces[n] for n in range(3) if n != missing]
        last = bytes(a ^ b ^ c for a, b, c in zip(other, *held, strict=True))
        whole = [*held[:missing], last, *held[missing:]]
        assert recovery.xor(*whole) == other
    for _ in combinations(range(3), 2):
        assert recovery.xor(*pieces) == private


@pytest.mark.parametrize("phrases", [(), ("a",), ("a", "b"), ("a", "a", "b"), ("a", "b", ""), ("a", "b", "c", "d")])
def test_three_different_passphrases_are_asked_for(phrases: tuple[str, ...]) -> None:
    with pytest.raises(seal.RecoveryRefused):
        seal.new_recovery(phrases)
