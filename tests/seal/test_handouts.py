"""Hand-outs: what is signed is checked, by whoever was given it, and nothing changed passes."""

import random

import pytest

from amparo import seal

BODY = "<!doctype html>\n<p>Go to people you trust.</p>\n<p dir=rtl>اذهبوا إلى من تثقون بهم.</p>\n".encode()


def test_a_signed_file_names_its_key_and_a_browser_shows_nothing_of_it() -> None:
    key = seal.new_sign_pair()
    signed = seal.sign_handout(key, BODY)
    assert signed.startswith(BODY) and seal.check_handout(signed) == key.public
    last = signed[len(BODY):]
    assert last.startswith(b"<!--") and last.endswith(b"-->\n") and last.count(b"\n") == 1


def test_every_flipped_byte_and_every_cut_is_refused() -> None:
    signed = seal.sign_handout(seal.new_sign_pair(), BODY)
    for place in range(len(signed)):
        for bit in (1, 0x20):  # 0x20: the case of a letter, also of one of the signature
            changed = bytearray(signed)
            changed[place] ^= bit
            with pytest.raises(seal.Tampered):
                seal.check_handout(bytes(changed))
        with pytest.raises(seal.Tampered):
            seal.check_handout(signed[:place])
    for more in (b"\n", b" ", b"<p>and call this number</p>", signed):
        with pytest.raises(seal.Tampered):
            seal.check_handout(signed + more)


def test_a_part_taken_out_or_put_in_is_refused() -> None:
    signed = seal.sign_handout(seal.new_sign_pair(), BODY * 50)
    chance = random.Random(4)
    for _ in range(500):
        start, end = sorted(chance.sample(range(len(signed) + 1), 2))
        for changed in (signed[:start] + signed[end:], signed[:start] + b"x" + signed[start:]):
            with pytest.raises(seal.Tampered):
                seal.check_handout(changed)


def test_a_file_signed_twice_is_the_last_signers() -> None:
    first, second = seal.new_sign_pair(), seal.new_sign_pair()
    assert seal.check_handout(seal.sign_handout(second, seal.sign_handout(first, BODY))) == second.public


def test_a_signature_of_another_kind_does_not_fit() -> None:
    key = seal.new_sign_pair()
    forged = BODY + (f"<!-- amparo hand-out, signed: v1 {key.public.hex()} "
                     f"{seal.sign(key.private, BODY).hex()} -->\n").encode()
    with pytest.raises(seal.Tampered, match="changed"):
        seal.check_handout(forged)
    with pytest.raises(seal.Tampered, match="no signature"):
        seal.check_handout(BODY)
