"""Security keys as a library: what is kept, what is asked, what is accepted; attacks stand in tests/attacks."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo import seal
from amparo.seal import factor as factors
from amparo.seal.encoding import canonical
from amparo.seal.padding import pad
from amparo.seal.security_keys import decode_key, encode_key
from tests.seal.software_key import ORIGIN, SoftwareKey, plain

PLACE = seal.Place("desk.example", frozenset({ORIGIN}))
WHO = UUID(int=7)
KEK = b"k" * 32


def added(key: SoftwareKey, place: seal.Place = PLACE) -> seal.SecurityKey:
    challenge = seal.new_challenge()
    answer = key.create(seal.creation_options(place, challenge, ()))
    return seal.new_key(place, challenge, answer, label="blue", added="2026-05-31")


def test_a_key_is_added_and_answers() -> None:
    key = SoftwareKey()
    kept = added(key)
    assert (kept.id, kept.label, kept.place, kept.count) == (key.id, "blue", "desk.example", 1)
    assert kept.transports == ("usb", "nfc")  # what is no known way is left out
    for count in (2, 3):
        challenge = seal.new_challenge()
        options = seal.request_options(PLACE, challenge, (kept,))
        assert [plain(one["id"]) for one in options["allowCredentials"]] == [key.id]
        kept = seal.check_key(PLACE, challenge, (kept,), key.get(options))
        assert kept.count == count


def test_a_key_without_a_counter_stays_at_nought() -> None:
    key = SoftwareKey(count=None)
    kept = added(key)
    for _ in range(2):
        challenge = seal.new_challenge()
        kept = seal.check_key(PLACE, challenge, (kept,), key.get(seal.request_options(PLACE, challenge, (kept,))))
        assert kept.count == 0


def test_what_a_browser_is_asked_names_nobody() -> None:
    options = seal.creation_options(PLACE, b"c" * 32, (b"known",))
    assert options["user"]["name"] == options["user"]["displayName"] == "desk"
    again = seal.creation_options(PLACE, b"c" * 32, (b"known",))
    assert options["user"]["id"] != again["user"]["id"]  # not even a number that stays the same
    assert options["attestation"] == "none" and options["authenticatorSelection"]["residentKey"] == "discouraged"
    assert options["authenticatorSelection"]["userVerification"] == "discouraged"


def test_a_key_of_another_name_is_not_even_asked() -> None:
    kept = added(SoftwareKey())
    onion = seal.Place("abc.onion", frozenset({"http://abc.onion"}))
    assert seal.request_options(onion, b"c" * 32, (kept,))["allowCredentials"] == []


def test_the_sealed_second_factor_carries_keys_and_old_ones_open() -> None:
    kept = (added(SoftwareKey()), added(SoftwareKey()))
    full = seal.SecondFactor(b"s" * 20, (b"h" * 32, b"g" * 32), kept)
    assert seal.open_second_factor(KEK, seal.seal_second_factor(KEK, full, WHO), WHO) == full
    old = seal.SecondFactor(b"s" * 20, (b"h" * 32,))
    body = canonical("second-factor-plain", b"s" * 20, b"h" * 32)  # as it was written before there were keys
    record = factors.seal_record(factors.factor_key(KEK), canonical("second-factor", WHO), pad(body))
    assert seal.open_second_factor(KEK, record, WHO) == old
    with pytest.raises(seal.Tampered):
        seal.open_second_factor(KEK, seal.seal_second_factor(KEK, full, WHO), UUID(int=8))


def test_a_used_recovery_code_leaves_the_keys() -> None:
    kept = (added(SoftwareKey()),)
    code = seal.new_recovery_codes()[0]
    left = seal.use_recovery_code(seal.SecondFactor(b"s" * 20, (seal.recovery_code_hash(code),), kept), code)
    assert left is not None and left.security_keys == kept and left.code_hashes == ()


def test_a_key_shows_nothing_of_itself_in_a_trace() -> None:
    kept = added(SoftwareKey())
    assert kept.id.hex() not in repr(kept) and "blue" not in repr(kept)
    assert decode_key(encode_key(kept)) == kept
    with pytest.raises(ValueError, match="label"):
        decode_key(canonical("another", b"x"))


@given(st.one_of(st.text(max_size=200), st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")),
                 st.dictionaries(st.sampled_from(["id", "rawId", "response", "type"]), st.text(max_size=8)).map(str)))
def test_any_answer_is_refused_calmly(answer: str) -> None:
    for ask in (lambda: seal.new_key(PLACE, b"c" * 32, answer, label="x", added="2026-05-31"),
                lambda: seal.check_key(PLACE, b"c" * 32, (), answer)):
        with pytest.raises(seal.KeyRefused) as refused:
            ask()
        assert refused.value.__cause__ is None and refused.value.advice


def test_an_answer_that_is_too_long_is_not_read() -> None:
    with pytest.raises(seal.KeyRefused):
        seal.new_key(PLACE, b"c" * 32, "[" * 50_000, label="x", added="2026-05-31")
