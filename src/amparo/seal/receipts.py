"""Receipts: the words a reporter keeps, and the keys made from them (on any laptop, without the desk)."""

import hashlib
import hmac
import secrets
import unicodedata
from functools import cache
from typing import Final
from uuid import UUID

from mnemonic import Mnemonic

from amparo.seal.boxes import ALTERED, open_record, seal_envelope, seal_record
from amparo.seal.derive import SALT_SIZE, argon2id, subkey
from amparo.seal.encoding import canonical
from amparo.seal.errors import SealError, Tampered
from amparo.seal.keys import ReporterKeys, Veiled, kex_pair, sign_pair

WORD_LISTS: Final = {"en": "english", "es": "spanish", "fr": "french"}
WORDS: Final = 9
GROUPS: Final = 10
GROUP_DIGITS: Final = 3
DIGITS: Final = GROUPS * GROUP_DIGITS
KDF_T: Final = 2
KDF_M_KIB: Final = 19 * 1024
KDF_P: Final = 1
LONGEST_TEXT: Final = 1_000
"""Characters looked at; nine words need 80. Bounds the cost of reading what a stranger typed."""
SHOWN_TOKEN: Final = 40


class ReceiptText(Veiled, frozen=True):
    """What was typed, read leniently.

    canonical: the bytes-to-be of the receipt, the same for every way of writing it down.
    unknown: the typed words that are in no list, whatever exists at the desk.
    well_formed: nine known words, or thirty digits.
    """

    canonical: str
    unknown: tuple[str, ...]
    well_formed: bool


class ReceiptKeys(Veiled, frozen=True):
    """What a receipt gives: the seed of the desk's lookup, and the key around the reporter's keys."""

    lookup_seed: bytes
    wrap: bytes


def fold(word: str) -> str:
    """A word without case, accents and invisible characters: NFKD, case folded, marks and format dropped."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    kept = (c for c in decomposed if unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf"))
    return "".join(kept).replace("\N{LATIN SMALL LETTER DOTLESS I}", "i").replace("\N{ARABIC TATWEEL}", "")


@cache
def words_of(language: str) -> tuple[str, ...]:
    """The 2,048 words of BIP-39 in a language, as they are shown (composed accents)."""
    listed = Mnemonic(WORD_LISTS[language]).wordlist
    return tuple(unicodedata.normalize("NFC", word) for word in listed)


@cache
def known_words() -> frozenset[str]:
    """Every folded word of every list."""
    return frozenset(fold(word) for language in WORD_LISTS for word in words_of(language))


def new_receipt(language: str) -> tuple[str, ...]:
    """Nine words (99 bits) in English, Spanish or French; else ten groups of three digits (99.6 bits)."""
    code = language.split("-")[0].split("_")[0].lower()
    if code in WORD_LISTS:
        listed = words_of(code)
        return tuple(secrets.choice(listed) for _ in range(WORDS))
    return tuple(f"{secrets.randbelow(1000):03d}" for _ in range(GROUPS))


def shown(token: str) -> str:
    """A typed word as it may be shown again: no invisible characters, not endless."""
    return "".join(c for c in token if unicodedata.category(c) != "Cf")[:SHOWN_TOKEN]


def typed_tokens(text: str) -> list[str]:
    """Runs of letters, marks, digits and invisible characters; everything else separates."""
    tokens, run = [], ""
    for char in text[:LONGEST_TEXT]:
        if unicodedata.category(char)[0] in "LMN" or unicodedata.category(char) == "Cf":
            run += char
        elif run:
            tokens.append(run)
            run = ""
    return [*tokens, run] if run else tokens


def ascii_digits(text: str) -> str:
    """The decimal digits of a text, of whatever script, as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) for c in text if unicodedata.category(c) == "Nd")


def normalise_receipt(text: str) -> ReceiptText:
    """Read a receipt however it was written down.

    Case, accents, hyphens, commas, any spaces and every digit script are accepted; in a receipt of words the
    numbers people put before them ("1. ...") are left out. Which words are unknown depends on the lists
    alone, never on what the desk holds.
    """
    tokens = [(token, fold(token)) for token in typed_tokens(text)]
    lettered = [(token, folded) for token, folded in tokens if folded and not ascii_digits(folded)]
    if not lettered:
        digits = ascii_digits("".join(folded for _, folded in tokens))
        stray = tuple(shown(t) for t, f in tokens if f and len(ascii_digits(f)) != len(f))
        groups = [digits[n : n + GROUP_DIGITS] for n in range(0, len(digits), GROUP_DIGITS)]
        return ReceiptText("-".join(groups), stray, len(digits) == DIGITS and not stray)
    counted = [f for _, f in tokens if f and len(ascii_digits(f)) == len(f) and len(f) <= 2]
    mixed = [(t, f) for t, f in tokens if f and f not in counted]
    known = known_words()
    unknown = tuple(shown(t) for t, f in mixed if f not in known)
    words = [f for _, f in mixed]
    return ReceiptText("-".join(words), unknown, len(words) == WORDS and not unknown)


def receipt_salt(desk_id: bytes) -> bytes:
    """The salt of a desk's receipts, from its public id: a laptop that knows the id needs nothing else."""
    return hashlib.sha256(canonical("receipt-salt", desk_id)).digest()[:SALT_SIZE]


def derive_receipt(canonical_text: str, desk_id: bytes) -> ReceiptKeys:
    """The keys of a receipt: one Argon2id (t=2, 19 MiB, p=1; about 20 ms), then HKDF."""
    root = argon2id(
        canonical_text.encode(), receipt_salt(desk_id), t=KDF_T, m_kib=KDF_M_KIB, p=KDF_P
    )
    return ReceiptKeys(
        subkey(root, canonical("receipt-lookup-seed")), subkey(root, canonical("receipt-wrap"))
    )


def lookup(lookup_seed: bytes, pepper: bytes) -> bytes:
    """The 32 bytes under which the desk finds the report; the pepper never leaves the server."""
    return hmac.new(pepper, canonical("receipt-lookup", lookup_seed), hashlib.sha256).digest()


def wrap_reporter(wrap: bytes, keys: ReporterKeys, case: UUID) -> bytes:
    """The reporter's private keys under the receipt, bound to the case."""
    return seal_record(wrap, canonical("reporter-wrap", case), keys.kex.private + keys.sign.private)


def unwrap_reporter(wrap: bytes, sealed: bytes, case: UUID) -> ReporterKeys:
    """The reporter's keys; Tampered when the row is another case's or was altered."""
    both = open_record(wrap, canonical("reporter-wrap", case), sealed)
    if len(both) != 64:
        raise Tampered(ALTERED)
    return ReporterKeys(kex_pair(both[:32]), sign_pair(both[32:]))


@cache
def dummy_row() -> tuple[bytes, UUID]:
    """A wrapped row of nobody's, made once a process, for wrong receipts to fail on."""
    nobody, key = UUID(int=0), secrets.token_bytes(32)
    return wrap_reporter(key, ReporterKeys(kex_pair(b"\1" * 32), sign_pair(b"\2" * 32)), nobody), nobody


def dummy_open(wrap: bytes) -> None:
    """Spend what a right receipt spends on opening its row and its grant, and open nothing.

    The envelope comes first: on some processors its vector instructions slow the next derivation by a third unless
    others follow (measured), and the next receipt's cost would tell that this one was wrong.
    """
    sealed, nobody = dummy_row()
    seal_envelope(kex_pair(wrap).public, canonical("dummy"), wrap)
    try:
        unwrap_reporter(wrap, sealed, nobody)
    except SealError:
        sign_pair(wrap)
