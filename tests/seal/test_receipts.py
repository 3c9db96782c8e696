"""Receipts: uniform, read however they were written down, and derivable anywhere."""

import random
import unicodedata
from collections import Counter
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo import seal
from amparo.seal import receipts

LANGUAGES = ("en", "es", "fr")
DESK = b"desk of QX"


def chi_square(counts: Counter[str], kinds: int) -> float:
    total = sum(counts.values())
    return sum((counts.get(str(n), 0) - total / kinds) ** 2 for n in range(kinds)) / (total / kinds)


def spread(language: str, receipts_made: int) -> tuple[float, int]:
    """Chi-square of all positions together, and degrees of freedom."""
    if language == "ar":
        counts = Counter(str(int(g)) for _ in range(receipts_made) for g in seal.new_receipt(language))
        return chi_square(counts, 1000), 999
    place = {word: str(n) for n, word in enumerate(receipts.words_of(language))}
    counts = Counter(place[w] for _ in range(receipts_made) for w in seal.new_receipt(language))
    return chi_square(counts, 2048), 2047


def within(value: float, freedom: int) -> bool:
    """Within six standard deviations of what a uniform choice gives (wrongly red once in 10^8 runs)."""
    return abs(value - freedom) < 6 * (2 * freedom) ** 0.5


@pytest.mark.parametrize("language", [*LANGUAGES, "ar"])
def test_receipts_are_uniform(language: str) -> None:
    assert within(*spread(language, 4000))


@pytest.mark.long
@pytest.mark.parametrize("language", [*LANGUAGES, "ar"])
def test_a_hundred_thousand_receipts_are_uniform(language: str) -> None:
    assert within(*spread(language, 100_000))


def test_the_uniformity_test_would_see_a_bias() -> None:
    """A byte modulo 1000 (digits) or a missing word (lists) is far outside."""
    chooser = random.Random(2)
    skewed = Counter(str(chooser.getrandbits(10) % 1000) for _ in range(40_000))
    assert not within(chi_square(skewed, 1000), 999)
    missing = Counter(str(chooser.randrange(2047)) for _ in range(1_000_000))
    assert not within(chi_square(missing, 2048), 2047)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_stay_distinct_when_folded(language: str) -> None:
    words = receipts.words_of(language)
    assert len(words) == len(set(words)) == len({receipts.fold(w) for w in words}) == 2048
    assert all(receipts.fold(w).isascii() and receipts.fold(w).isalpha() for w in words)


def test_a_word_in_two_lists_is_one_word() -> None:
    """The canonical form needs no language: equal folded words give equal receipts."""
    shared = set(map(receipts.fold, receipts.words_of("en"))) & set(map(receipts.fold, receipts.words_of("fr")))
    assert shared
    word = sorted(shared)[0]
    assert seal.normalise_receipt(" ".join([word] * 9)).well_formed


@pytest.mark.parametrize("language", ["ar", "fa", "hi", "zh-hans", "", "pt_BR"])
def test_languages_without_a_list_get_ten_groups_of_digits(language: str) -> None:
    receipt = seal.new_receipt(language)
    assert len(receipt) == 10 and all(len(g) == 3 and g.isascii() and g.isdecimal() for g in receipt)


@pytest.mark.parametrize("language", ["en", "EN", "es-MX", "fr_FR"])
def test_languages_with_a_list_get_nine_words(language: str) -> None:
    assert len(seal.new_receipt(language)) == 9


JOINERS = [" ", "  ", "\n", "\t", "-", " - ", ",", ", ", "،", "، ", "、", ";", " / ", "\u00a0", "\u2003", "\u3000", "_",
           "\u2010", "\u2013", " \u2022 ", "\r\n", "|", "\u200f \u200e", "... "]
DRESS = {
    "as shown": lambda w: w, "upper": str.upper, "capital": str.capitalize,
    "decomposed": lambda w: unicodedata.normalize("NFD", w), "without accents": receipts.fold,
    "full width": lambda w: "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in w),
    "soft hyphen": lambda w: w[:2] + "\u00ad" + w[2:], "zero width": lambda w: "\u200b" + w + "\ufeff",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dress", DRESS)
def test_words_are_read_however_written(language: str, dress: str) -> None:
    for joiner in JOINERS:
        receipt = seal.new_receipt(language)
        plain = "-".join(map(receipts.fold, receipt))
        text = joiner.join(DRESS[dress](w) for w in receipt)
        read = seal.normalise_receipt(f"  {text}{joiner}")
        assert read.canonical == plain and read.well_formed and not read.unknown


def test_numbered_lines_are_read() -> None:
    receipt = seal.new_receipt("es")
    text = "\n".join(f"{n}. {word}" for n, word in enumerate(receipt, 1))
    assert seal.normalise_receipt(text).canonical == "-".join(map(receipts.fold, receipt))


ZEROS = {
    "ascii": "0", "arabic-indic": "٠", "persian": "۰", "devanagari": "०", "bengali": "০", "thai": "๐",
    "burmese": "၀", "khmer": "០", "full width": "０", "nko": "߀", "adlam": "\U0001e950",
}


@pytest.mark.parametrize("script", ZEROS)
@pytest.mark.parametrize("joiner", ["", " ", "-", "،", "\n", "\u200f"])
def test_digits_of_every_script_are_read(script: str, joiner: str) -> None:
    receipt = seal.new_receipt("ar")
    text = joiner.join("".join(chr(ord(ZEROS[script]) + int(d)) for d in group) for group in receipt)
    read = seal.normalise_receipt(text)
    assert read.canonical == "-".join(receipt) and read.well_formed and not read.unknown


def test_other_groupings_of_the_digits_are_read() -> None:
    receipt = "".join(seal.new_receipt("ar"))
    for size in (1, 2, 4, 5, 6, 10, 30):
        text = " ".join(receipt[n : n + size] for n in range(0, 30, size))
        assert seal.normalise_receipt(text).canonical.replace("-", "") == receipt


@pytest.mark.parametrize("text", ["", " ", "-", "\u200f", "one", "abandon " * 8, "abandon " * 10, "1" * 29, "1" * 31,
                                  "١٢٣", "🙂" * 9, "abandon " * 8 + "abandn", "\0" * 50, "x" * 100_000])
def test_what_is_no_receipt_is_not_well_formed(text: str) -> None:
    assert not seal.normalise_receipt(text).well_formed


def test_unknown_words_are_told_and_shown_as_typed() -> None:
    read = seal.normalise_receipt("abandon Abilty able ABOUT about above absent abzorb abstract")
    assert read.unknown == ("Abilty", "abzorb")
    assert seal.normalise_receipt("abandon zz\u202eyy").unknown == ("zzyy",)


@given(st.text(max_size=300))
def test_reading_never_fails_and_settles(text: str) -> None:
    read = seal.normalise_receipt(text)
    again = seal.normalise_receipt(read.canonical)
    if read.well_formed:
        assert again == read
    assert not any(unicodedata.category(c) == "Cf" for word in read.unknown for c in word)


def test_derivation_depends_on_words_and_desk() -> None:
    one = seal.derive_receipt("a-b", DESK)
    assert seal.derive_receipt("a-b", DESK) == one
    assert len({one.wrap, one.lookup_seed, *[
        part for keys in (seal.derive_receipt("a-c", DESK), seal.derive_receipt("a-b", b"other"))
        for part in (keys.wrap, keys.lookup_seed)
    ]}) == 6


def test_the_pepper_changes_the_lookup_and_nothing_else() -> None:
    keys = seal.derive_receipt("a-b", DESK)
    assert seal.lookup(keys.lookup_seed, b"p" * 32) != seal.lookup(keys.lookup_seed, b"q" * 32)
    reporter, case = seal.new_reporter_keys(), uuid4()
    # No pepper in this line: a laptop that never saw the desk makes the same row.
    assert seal.unwrap_reporter(keys.wrap, seal.wrap_reporter(keys.wrap, reporter, case), case) == reporter


def test_a_wrapped_row_is_bound_to_receipt_and_case() -> None:
    keys, reporter, case = seal.derive_receipt("a-b", DESK), seal.new_reporter_keys(), uuid4()
    row = seal.wrap_reporter(keys.wrap, reporter, case)
    for wrap, place, data in (
        (b"x" * 32, case, row), (keys.wrap, uuid4(), row), (keys.wrap, case, row[:-1] + bytes([row[-1] ^ 1])),
        (keys.wrap, case, b""),
    ):
        with pytest.raises(seal.Tampered):
            seal.unwrap_reporter(wrap, data, place)


def test_one_kdf_a_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, real = [], receipts.argon2id

    def counted(*args: object, **cost: object) -> bytes:
        calls.append(cost)
        return real(*args, **cost)  # type: ignore[arg-type]

    monkeypatch.setattr(receipts, "argon2id", counted)
    seal.dummy_open(seal.derive_receipt("a-b", DESK).wrap)
    assert calls == [{"t": 2, "m_kib": 19 * 1024, "p": 1}]


def test_a_dummy_costs_what_a_right_row_costs() -> None:
    """Both within a tenth of the KDF, so the whole differs by well under 2 % (measured over HTTP elsewhere)."""
    import time

    keys, reporter, case = seal.derive_receipt("a-b", DESK), seal.new_reporter_keys(), uuid4()
    row, channels = seal.wrap_reporter(keys.wrap, reporter, case), seal.new_channel_keys()
    grantee = seal.Grantee("reporter", case)
    granted = seal.grant_dialogue(channels, case, 1, grantee, reporter.kex.public)
    seal.dummy_open(keys.wrap)

    def cpu(right: bool) -> float:
        began = time.process_time()
        for _ in range(50):
            if right:
                opened = seal.unwrap_reporter(keys.wrap, row, case)
                seal.open_dialogue_grant(opened.kex.private, granted, case, 1, grantee)
            else:
                seal.dummy_open(keys.wrap)
        return (time.process_time() - began) / 50

    began = time.process_time()
    seal.derive_receipt("a-b", DESK)
    kdf = time.process_time() - began
    differences = [abs(cpu(True) - cpu(False)) for _ in range(5)]
    assert sorted(differences)[2] < kdf * 0.02
