"""Leases: one item's data key for one living worker, whose own keys never leave its memory."""

import hashlib
import hmac
from uuid import UUID, uuid4

import msgspec

from amparo.seal.boxes import ALTERED, open_envelope, seal_envelope
from amparo.seal.context import Context
from amparo.seal.encoding import canonical
from amparo.seal.errors import Tampered
from amparo.seal.items import DATA_KEY_SIZE
from amparo.seal.keys import KeyPair, Veiled, new_kex_pair, new_sign_pair


class WorkerCard(msgspec.Struct, frozen=True):
    """The public side of a worker, as its row tells it."""

    id: UUID
    kex_public: bytes
    sign_public: bytes


class WorkerKeys(Veiled, frozen=True):
    """A worker's keys, made at its start, kept in memory only."""

    id: UUID
    kex: KeyPair
    sign: KeyPair

    def card(self) -> WorkerCard:
        """What others may know of this worker."""
        return WorkerCard(self.id, self.kex.public, self.sign.public)


def new_worker_keys() -> WorkerKeys:
    """Keys for a worker that starts now."""
    return WorkerKeys(uuid4(), new_kex_pair(), new_sign_pair())


def lease_info(ctx: Context, worker_id: UUID, purpose: str) -> bytes:
    """What a lease is bound to."""
    return canonical("lease", worker_id, purpose, ctx.aad())


def seal_lease(
    worker_public: bytes, data_key: bytes, ctx: Context, worker_id: UUID, purpose: str,
    extra: bytes = b"",
) -> bytes:
    """One data key (and what the job needs beside it) for one worker and one purpose."""
    if len(data_key) != DATA_KEY_SIZE:
        raise ValueError("a data key has 32 bytes")
    return seal_envelope(worker_public, lease_info(ctx, worker_id, purpose), data_key + extra)


def open_lease(
    worker_private: bytes, sealed: bytes, ctx: Context, worker_id: UUID, purpose: str
) -> tuple[bytes, bytes]:
    """(data key, extra); Tampered for another worker, purpose or place."""
    opened = open_envelope(worker_private, lease_info(ctx, worker_id, purpose), sealed)
    if len(opened) < DATA_KEY_SIZE:
        raise Tampered(ALTERED)
    return opened[:DATA_KEY_SIZE], opened[DATA_KEY_SIZE:]


def worker_mac(site_secret: bytes, worker: WorkerKeys | WorkerCard) -> bytes:
    """32 bytes that only a process with the site's secret can make: a row without it gets no lease."""
    card = worker.card() if isinstance(worker, WorkerKeys) else worker
    message = canonical("worker", card.id, bytes(card.kex_public), bytes(card.sign_public))
    return hmac.new(site_secret, message, hashlib.sha256).digest()
