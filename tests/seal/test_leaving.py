"""Exports in the age format: piece by piece, whole or refused."""

import threading
from collections.abc import Iterator

import pyrage
import pytest

from amparo import seal


def test_what_was_encrypted_opens_with_the_format_alone() -> None:
    for size in (0, 1, 65_535, 65_536, 300_000):
        secret, recipient = seal.new_age_key()
        text = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        sealed = b"".join(seal.encrypted([text[:1000], b"", text[1000:]], recipient))
        assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(secret)]) == text


def test_no_more_than_a_little_is_read_ahead_and_closing_ends_it() -> None:
    read, closed = [0], threading.Event()

    def pieces() -> Iterator[bytes]:
        try:
            for _ in range(10_000):
                read[0] += 1
                yield b"x" * 65_536
        finally:
            closed.set()

    stream = seal.encrypted(pieces(), seal.new_age_key()[1])
    for _ in range(3):
        assert next(stream)
    assert read[0] < 200, "655 MB would have been held"
    stream.close()  # type: ignore[attr-defined]
    assert closed.wait(5)


def test_what_ends_in_an_error_is_no_whole_file() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x" * 200_000
        raise ValueError("the disk is gone")

    secret, recipient = seal.new_age_key()
    got = []
    with pytest.raises(seal.Interrupted):
        for piece in seal.encrypted(pieces(), recipient):
            got.append(piece)
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(b"".join(got), [pyrage.x25519.Identity.from_str(secret)])


@pytest.mark.parametrize("text", ["", "age1", "age1nonsense", "AGE-SECRET-KEY-1QQQ", "ssh-ed25519 AAAA", "x" * 10_000])
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(seal.NotARecipient):
        seal.check_recipient(text)


def test_a_passphrase_opens_the_key_that_lies_beside() -> None:
    sealed = seal.to_passphrase(b"AGE-SECRET-KEY", "six quiet herons")
    assert sealed.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    assert pyrage.passphrase.decrypt(sealed, "six quiet herons") == b"AGE-SECRET-KEY"
