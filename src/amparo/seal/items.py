"""Items: one data key each, sealed to the case's channel; the body under the data key, signed inside."""

from typing import Final
from uuid import UUID

from nacl.utils import random as random_bytes

from amparo.seal.boxes import ALTERED, open_envelope, open_record, seal_envelope, seal_record
from amparo.seal.context import Author, Context, Verifier, Written
from amparo.seal.derive import subkey
from amparo.seal.encoding import canonical
from amparo.seal.errors import Tampered
from amparo.seal.frames import read_frame, write_frame
from amparo.seal.keys import Veiled
from amparo.seal.padding import pad, unpad

DATA_KEY_SIZE: Final = 32


class SealedItem(Veiled, frozen=True):
    """A sealed body, its data key sealed to the channel, and the data key (for whoever just wrote it)."""

    body: bytes
    sealed_key: bytes
    data_key: bytes


def new_data_key() -> bytes:
    """32 random bytes."""
    return random_bytes(DATA_KEY_SIZE)


def data_key_info(case: UUID, item: UUID, kind: str, key_epoch: int) -> bytes:
    """What a sealed data key is bound to; `key_epoch` is the epoch of the channel it is sealed to."""
    return canonical("data-key", case, item, kind, key_epoch)


def seal_data_key(
    channel_public: bytes, data_key: bytes, case: UUID, item: UUID, kind: str, key_epoch: int
) -> bytes:
    """A data key sealed to a channel. Anyone may; only those granted the channel can open it."""
    return seal_envelope(channel_public, data_key_info(case, item, kind, key_epoch), data_key)


def open_data_key(
    channel_private: bytes, sealed: bytes, case: UUID, item: UUID, kind: str, key_epoch: int
) -> bytes:
    """The data key; Tampered if it was sealed to another channel, case, item, kind or epoch."""
    key = open_envelope(channel_private, data_key_info(case, item, kind, key_epoch), sealed)
    if len(key) != DATA_KEY_SIZE:
        raise Tampered(ALTERED)
    return key


def body_key(data_key: bytes) -> bytes:
    """The key of an item's body; a file of the same item has its own (fileformat)."""
    return subkey(data_key, canonical("body"))


def seal_item_with_key(data_key: bytes, ctx: Context, payload: bytes, author: Author) -> bytes:
    """A body: the signed frame, padded, as a record bound to its context."""
    aad = ctx.aad()
    return seal_record(body_key(data_key), aad, pad(write_frame(aad, payload, author)))


def open_item_with_key(
    data_key: bytes, ctx: Context, body: bytes, verifier: Verifier | None
) -> Written:
    """The writing in a body; Tampered if it stands anywhere else than where it was written."""
    aad = ctx.aad()
    try:
        frame = unpad(open_record(body_key(data_key), aad, body))
    except ValueError:
        raise Tampered(ALTERED) from None
    return read_frame(aad, frame, verifier)


def seal_item(
    channel_public: bytes, ctx: Context, key_epoch: int, payload: bytes, author: Author,
    data_key: bytes | None = None,
) -> SealedItem:
    """Seal a payload to a channel, under a fresh data key unless one is given."""
    key = new_data_key() if data_key is None else data_key
    body = seal_item_with_key(key, ctx, payload, author)
    return SealedItem(body, seal_data_key(channel_public, key, ctx.case, ctx.item, ctx.kind, key_epoch), key)


def open_item(
    channel_private: bytes, ctx: Context, key_epoch: int, body: bytes, sealed_key: bytes,
    verifier: Verifier | None,
) -> Written:
    """Open a body with the channel's private half.

    Tampered for any altered byte or moved row. An author whose signature is missing, wrong or by a key
    that `verifier` does not know gives proven=False: show it as "origin not proven".
    """
    key = open_data_key(channel_private, sealed_key, ctx.case, ctx.item, ctx.kind, key_epoch)
    return open_item_with_key(key, ctx, body, verifier)
