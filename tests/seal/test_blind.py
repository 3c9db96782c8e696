"""The blind index: equal identifiers meet, others do not, and the key decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo import seal

KEY = b"i" * 32
SAME = {
    "phone": ["+999 12 345 67", "0099912 34567", "+999-12-345-67", "(+999) 1234567", "+٩٩٩١٢٣٤٥٦٧", "+999 (0) 1234567"],
    "email": ["ana@desk.qx", "Ana@DESK.QX", " ana@desk.qx. ", "ana[@]desk[.]qx", "ana[at]desk.qx", "ａｎａ@desk.qx"],
    "handle": ["@ana", "Ana", " @ANA ", "\u200eana"],
    "domain": ["evil.qx", "EVIL.QX.", "evil[.]qx", "evil(.)qx"],
    "hash": ["AB" * 32, "ab" * 32, " " + "aB" * 32],
    "url": ["https://evil.qx/", "HTTPS://EVIL.QX", "hxxps://evil[.]qx/", "https://evil.qx:443/#top", "https://u@evil.qx"],
}


@pytest.mark.parametrize("kind", SAME)
def test_ways_of_writing_one_identifier_meet(kind: str) -> None:
    assert len({seal.blind_index(KEY, kind, value) for value in SAME[kind]}) == 1


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [("email", "ana@a.qx", "ana+x@a.qx"), ("url", "https://e.qx/A", "https://e.qx/a"), ("phone", "+9991", "+9992"),
     ("url", "https://e.qx/", "http://e.qx/"), ("url", "https://e.qx:8443/", "https://e.qx/"),
     ("domain", "www.e.qx", "e.qx"), ("hash", "ab" * 16, "ab" * 20)],
)
def test_different_identifiers_do_not_meet(kind: str, one: str, other: str) -> None:
    assert seal.blind_index(KEY, kind, one) != seal.blind_index(KEY, kind, other)


def test_kind_and_key_separate() -> None:
    assert seal.blind_index(KEY, "domain", "e.qx") != seal.blind_index(KEY, "handle", "e.qx")
    assert seal.blind_index(KEY, "domain", "e.qx") != seal.blind_index(b"j" * 32, "domain", "e.qx")
    assert len(seal.blind_index(KEY, "domain", "e.qx")) == 16


@pytest.mark.parametrize(
    ("kind", "value"),
    [("name", "Ana"), ("phone", "no number"), ("email", "ana"), ("email", "@desk.qx"), ("domain", ""),
     ("hash", "xyz"), ("hash", "ab"), ("url", "evil.qx"), ("url", "https://"), ("url", "https://e.qx:x/"),
     ("handle", "@"), ("url", "https://[::1/")],
)
def test_what_is_no_identifier_is_told_in_words(kind: str, value: str) -> None:
    with pytest.raises(seal.SealError) as refused:
        seal.blind_index(KEY, kind, value)
    assert refused.value.says and refused.value.advice and (not value or value not in refused.value.says)


@given(st.sampled_from(sorted(SAME)), st.text(max_size=60))
def test_normalising_never_crashes_and_settles(kind: str, value: str) -> None:
    try:
        normal = seal.normalise_identifier(kind, value)
    except seal.SealError:
        return
    if kind != "phone":  # digits alone have lost the mark that they are international
        assert seal.normalise_identifier(kind, normal) == normal
