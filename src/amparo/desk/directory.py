"""Whose key is whose: colleagues, workers and epochs, verified up to the founding lead's fingerprint.

Everything that is sealed to a person or believed because of a signature goes through here. A row that
somebody with the database wrote has no chain of signatures to the anchor, so it gets nothing and proves
nothing.
"""

import functools
from collections.abc import Callable
from uuid import UUID

import msgspec

from amparo import seal
from amparo.desk import policy, site
from amparo.desk.records import Case, CaseEpoch, Staff, Worker

MOST_STEPS = 16  # of a chain of signatures
WORKER = "worker"


class Colleague(msgspec.Struct, frozen=True):
    """A colleague whose entry a chain of leads has signed."""

    id: UUID
    pseudonym: str
    role: str
    kex_public: bytes
    sign_public: bytes
    active: bool
    root: bool
    answers_as: str


def key_fingerprint(kex_public: bytes, sign_public: bytes) -> str:
    """What two people compare aloud: covers both keys."""
    return seal.fingerprint(bytes(sign_public) + bytes(kex_public))


def entry_of(row: "Staff | _Row") -> seal.DirectoryEntry:
    """The entry that a lead signs for this row, as the row tells it."""
    return seal.DirectoryEntry(
        row.id, row.pseudonym, row.role, bytes(row.kex_public or b""), bytes(row.sign_public or b"")
    )


@functools.lru_cache(maxsize=4096)
def _signed(lead_public: bytes, entry: seal.DirectoryEntry, signature: bytes) -> bool:
    """Public values only; a wrong signature is remembered as such, too."""
    return seal.verify_entry(lead_public, entry, signature)


class _Row(msgspec.Struct, frozen=True):
    """The columns of a colleague's row that the directory needs (a whole row costs three times as much)."""

    id: UUID
    pseudonym: str
    role: str
    state: str
    kex_public: bytes | None
    sign_public: bytes | None
    signed_by_id: UUID | None
    directory_signature: bytes
    answers_as: str


def everyone() -> dict[UUID, Colleague]:
    """All colleagues with a proven entry, former ones included (their writings stay theirs)."""
    signed = Staff.objects.exclude(directory_signature=None).values_list(*_Row.__struct_fields__)
    return dict(_proven(tuple(_Row(*row) for row in signed), site.root_fingerprint()))


@functools.lru_cache(maxsize=8)
def _proven(found: tuple[_Row, ...], anchor: str | None) -> dict[UUID, Colleague]:
    """The same for exactly these rows: public values only, so that remembering them costs nobody anything."""
    rows = {row.id: row for row in found}
    proven: dict[UUID, bool] = {}

    def prove(row: _Row | None, steps: int) -> bool:
        if row is None or steps > MOST_STEPS or not row.sign_public or not row.kex_public:
            return False
        if row.id in proven:
            return proven[row.id]
        if row.signed_by_id == row.id:
            signer: _Row | None = row
            trusted = (
                anchor is not None and row.role == "lead"
                and key_fingerprint(row.kex_public, row.sign_public) == anchor
            )
        else:
            signer = rows.get(row.signed_by_id) if row.signed_by_id else None
            # A lead who left vouches for nobody: whom they had signed was signed again when they left.
            trusted = (
                signer is not None and signer.role == "lead" and signer.state == "active"
                and prove(signer, steps + 1)
            )
        proven[row.id] = bool(
            trusted and signer is not None and signer.sign_public
            and _signed(bytes(signer.sign_public), entry_of(row), bytes(row.directory_signature))
        )
        return proven[row.id]

    return {
        row.id: Colleague(
            row.id, row.pseudonym, row.role, bytes(row.kex_public or b""), bytes(row.sign_public or b""),
            row.state == "active", row.signed_by_id == row.id, row.answers_as,
        )
        for row in rows.values() if prove(row, 0)
    }


def case_people() -> list[Colleague]:
    """Active colleagues whose role works on cases, by pseudonym."""
    found = (c for c in everyone().values() if c.active and c.role in policy.CASE_ROLES)
    return sorted(found, key=lambda c: c.pseudonym)


def worker_key(worker_id: UUID) -> bytes | None:
    """A worker's signing key, if this site started it; kept after the worker is gone."""
    row = Worker.objects.filter(id=worker_id).first()
    if row is None:
        return None
    card = seal.WorkerCard(row.id, bytes(row.kex_public), bytes(row.sign_public))
    return card.sign_public if seal.worker_mac(site.worker_secret(), card) == bytes(row.mac) else None


def reporter_key(case: Case) -> bytes | None:
    """The reporter's signing key, if the row's keys are those that the case id itself names."""
    kex, sign = bytes(case.reporter_kex), bytes(case.reporter_sign)
    return sign if seal.case_id_for(kex, sign) == case.id else None


def verifier(case: Case, people: dict[UUID, Colleague] | None = None) -> Callable[[str, UUID], bytes | None]:
    """Answers with the public key that an author of this case must have signed with."""
    known = everyone() if people is None else people
    workers: dict[UUID, bytes | None] = {}

    def key_of(kind: str, author: UUID) -> bytes | None:
        if kind == "reporter":
            return reporter_key(case) if author == case.id else None
        if kind == "staff":
            colleague = known.get(author)
            return colleague.sign_public if colleague else None
        if kind == WORKER:
            if author not in workers:
                workers[author] = worker_key(author)
            return workers[author]
        return None

    return key_of


def epoch_bytes(case_id: UUID, epoch: int, staff_public: bytes, dialogue_public: bytes) -> bytes:
    """What is signed when an epoch begins. Fixed widths, so that no two epochs read alike."""
    return (
        b"amparo/epoch/v1\0" + case_id.bytes + epoch.to_bytes(4, "big") + bytes(staff_public)
        + bytes(dialogue_public)
    )


@functools.lru_cache(maxsize=65536)
def _epoch_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    return seal.verify(public, message, signature)


def epoch_of(case: Case, people: dict[UUID, Colleague] | None = None) -> CaseEpoch:
    """The case's present epoch, with its public keys proven: to be used before anything is sealed to them.

    Raises seal.Tampered when they are not the reporter's (epoch 1) or a colleague's (later ones).
    """
    return proven_epoch(case, CaseEpoch.objects.filter(case=case, epoch=case.epoch).first(), people)


def proven_epoch(
    case: Case, row: CaseEpoch | None, people: dict[UUID, Colleague] | None = None
) -> CaseEpoch:
    """The same for a row that was read already."""
    if row is not None and row.epoch == case.epoch:
        public: bytes | None = None
        if row.signer_kind == "reporter" and row.epoch == 1:
            public = reporter_key(case)
        elif row.signer_kind == "staff" and row.signer and row.epoch > 1:
            colleague = (everyone() if people is None else people).get(row.signer)
            public = colleague.sign_public if colleague else None
        message = epoch_bytes(case.id, row.epoch, row.staff_public, row.dialogue_public)
        if public and _epoch_signed(public, message, bytes(row.signature)):
            return row
    raise seal.Tampered("The keys of this case were changed by somebody who may not.")
