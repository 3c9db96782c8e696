"""Whose key is whose: colleagues, workers and epochs, verified up to the founding lead's fingerprint.

Everything that is sealed to a person or believed because of a signature goes through here. A row that
somebody with the database wrote has no chain of signatures to the anchor, so it gets nothing and proves
nothing.
"""

import functools
import hmac
from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec

from amparo import seal
from amparo.desk import policy, site
from amparo.desk.records import Case, CaseEpoch, Delegate, Staff, Worker
from amparo.seal import epoch_bytes as epoch_bytes
from amparo.seal import reader_bytes as reader_bytes

MOST_STEPS = 16  # of a chain of signatures
WORKER, DELEGATE = "worker", "delegate"
INTAKE, TAKEN = "intake", frozenset({"taken-down", "unclaimed", "identity", "file"})
_KEPT = 32  # bytes of a kept word; a signature has 64
STANDING = ("active", "locked", "away")  # they belong to the desk and vouch for others; only the active are given


class Colleague(msgspec.Struct, frozen=True):
    """A colleague whose entry a chain of leads has signed."""

    id: UUID
    pseudonym: str
    role: str
    kex_public: bytes
    sign_public: bytes
    active: bool  # works here now: may be given cases and open them
    root: bool
    answers_as: str
    state: str = "active"  # of STANDING, where the row and the site folder agree on it; else ""
    hidden: bool = False  # the pseudonym is not shown to reporters, as the site folder says


def key_fingerprint(kex_public: bytes, sign_public: bytes) -> str:
    """What two people compare aloud: covers both keys."""
    return seal.fingerprint(bytes(sign_public) + bytes(kex_public))


def entry_of(row: "Staff | _Row") -> seal.DirectoryEntry:
    """The entry that a lead signs for this row, as the row tells it."""
    return seal.DirectoryEntry(
        row.id, row.pseudonym, row.role, bytes(row.kex_public or b""), bytes(row.sign_public or b"")
    )


def active_line(row: "Staff | _Row", state: str = "active") -> str:
    """What stands in the site folder for a colleague who belongs to the desk, in a state of STANDING."""
    line = f"{row.id} {row.role} {key_fingerprint(row.kex_public or b'', row.sign_public or b'')}"
    return line if state == "active" else f"{line} {state}"


def hides(row: "Staff | _Row", hidden: frozenset[str] | None) -> bool:
    """Whether reporters are not shown this pseudonym; the row's own word only where the site folder has none yet."""
    return row.hidden if hidden is None else str(row.id) in hidden


def _stands(row: "_Row", lines: frozenset[str]) -> bool:
    """Whether the row's colleague belongs to the desk, able to work now or not."""
    return row.state in STANDING and any(active_line(row, state) in lines for state in STANDING)


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
    hidden: bool


def everyone() -> dict[UUID, Colleague]:
    """All colleagues with a proven entry, former ones included (their writings stay theirs)."""
    signed = Staff.objects.exclude(directory_signature=None).values_list(*_Row.__struct_fields__)
    return dict(_proven(tuple(_Row(*row) for row in signed), site.root_fingerprint(), site.active_lines(),
                        site.hidden_ids()))


@functools.lru_cache(maxsize=8)
def _proven(
    found: tuple[_Row, ...], anchor: str | None, active: frozenset[str], hidden: frozenset[str] | None
) -> dict[UUID, Colleague]:
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
            # A lead who left vouches for nobody: whom they had signed was signed again when they left. One who is
            # locked out or away vouches still, or whoever locks a lead out would close the desk.
            trusted = (
                signer is not None and signer.role == "lead" and _stands(signer, active)
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
            row.state == "active" and active_line(row) in active, row.signed_by_id == row.id, row.answers_as,
            row.state if row.state in STANDING and active_line(row, row.state) in active else "",
            hides(row, hidden),
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


def delegate_key(
    case: Case, who: UUID, readers: dict[int, frozenset[UUID]], people: dict[UUID, Colleague]
) -> tuple[bytes, int | None] | None:
    """(a delegate's signing key, the place in the case after which it proves nothing).

    None unless the reporter, or somebody who reads or read the case, signed for exactly this row at this site.
    """
    row = Delegate.objects.filter(id=who, case=case).first()
    if row is None:
        return None
    public: bytes | None = None
    if row.named_by_kind == "reporter" and row.named_by == case.id:
        public = reporter_key(case)
    elif row.named_by_kind == "staff" and any(row.named_by in one for one in readers.values()):
        namer = people.get(row.named_by)
        public = namer.sign_public if namer else None
    message = seal.naming_bytes(row.id, case.id, bytes(row.sign_public))
    ours = hmac.compare_digest(bytes(row.mac), site.epoch_mac(message))
    if public is None or not ours or not _epoch_signed(public, message, bytes(row.signature)):
        return None
    return bytes(row.sign_public), row.ended_after


def verifier(
    case: Case, people: dict[UUID, Colleague] | None = None, epoch: CaseEpoch | None = None
) -> Callable[..., seal.Verifier]:
    """For an epoch of writing (kind of item, place in the case): the public key that an author must have signed with.

    `epoch`: the case's proven present one, where it is at hand. Only who read the epoch of writing wrote for the
    desk in it; a colleague who was taken off the case proves nothing written after that. Whoever takes reports down
    without reading any ("intake") proves only what is written at taking down (`TAKEN`), in the first epoch.
    """
    readers = (epoch or epoch_of(case, people)).readers_by_epoch
    known = everyone() if people is None else people
    workers: dict[UUID, bytes | None] = {}
    delegates: dict[UUID, tuple[bytes, int | None] | None] = {}

    def key_of(written: int, item: str, place: int, kind: str, author: UUID) -> bytes | None:
        if kind == "reporter":
            return reporter_key(case) if author == case.id else None
        if kind == "staff":
            colleague = known.get(author)
            took = colleague is not None and colleague.role == INTAKE and written == 1 and item in TAKEN
            return colleague.sign_public if colleague and (took or author in readers.get(written, ())) else None
        if kind == WORKER:
            if author not in workers:
                workers[author] = worker_key(author)
            return workers[author]
        if kind == DELEGATE:
            if author not in delegates:
                delegates[author] = delegate_key(case, author, readers, known)
            public, ended = delegates[author] or (None, None)
            return public if ended is None or place <= ended else None
        return None

    return lambda written, item="", place=0: functools.partial(key_of, written, item, place)


def added_bytes(case_id: UUID, epoch: int, who: UUID) -> bytes:
    """What a reader of an epoch signs when giving it to one more colleague."""
    return b"amparo/epoch-reader/v1\0" + case_id.bytes + epoch.to_bytes(4, "big") + who.bytes


def kept_word(who: UUID, message: bytes) -> bytes:
    """The site's own word (32 bytes) that a colleague had signed this, in place of a signature whose key goes."""
    return site.epoch_mac(b"amparo/kept-word/v1\0" + who.bytes + message)


def _said(who: UUID, people: dict[UUID, Colleague], message: bytes, signature: bytes) -> bool:
    """Whether this colleague signed it: with the key that they have now, or before they got new ones."""
    known = people.get(who)
    if known is not None and _epoch_signed(known.sign_public, message, signature):
        return True
    return len(signature) == _KEPT and hmac.compare_digest(signature, kept_word(who, message))


@functools.lru_cache(maxsize=65536)
def _epoch_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    return seal.verify(public, message, signature)


def epoch_of(case: Case, people: dict[UUID, Colleague] | None = None) -> CaseEpoch:
    """The case's present epoch, with its public keys proven: to be used before anything is sealed to them.

    The row's `reader_ids` are the colleagues it was meant for, `readers_by_epoch` those of each epoch up to it.
    Raises seal.Tampered unless the reporter began the first epoch and a reader of the one before each other.
    """
    return proven_epoch(case, CaseEpoch.objects.filter(case=case), people)


def proven_epoch(
    case: Case, rows: Iterable[CaseEpoch], people: dict[UUID, Colleague] | None = None
) -> CaseEpoch:
    """The same for rows that were read already."""
    known = everyone() if people is None else people
    by_number = {row.epoch: row for row in rows}
    readers: set[UUID] = set()
    by_epoch: dict[int, frozenset[UUID]] = {}
    row: CaseEpoch | None = None
    for number in range(1, case.epoch + 1):
        row = by_number.get(number)
        message = b"" if row is None else epoch_bytes(
            case.id, number, row.staff_public, row.dialogue_public, row.readers
        )
        ours = row is not None and hmac.compare_digest(bytes(row.mac), site.epoch_mac(message))
        if row is None or not ours or not _begun(case, row, readers, known, message):
            raise seal.Tampered("The keys of this case were changed by somebody who may not.")
        readers = _readers(case, row, known)
        by_epoch[number] = frozenset(readers)
    if row is None:
        raise seal.Tampered("The keys of this case were changed by somebody who may not.")
    row.reader_ids, row.readers_by_epoch = frozenset(readers), by_epoch
    return row


def _begun(
    case: Case, row: CaseEpoch, before: set[UUID], people: dict[UUID, Colleague], message: bytes
) -> bool:
    """Whether somebody who may began this epoch: the reporter the first, a reader of the one before each other."""
    if row.epoch == 1:
        public = reporter_key(case) if row.signer_kind == "reporter" else None
        return public is not None and _epoch_signed(public, message, bytes(row.signature))
    may = row.signer_kind == "staff" and row.signer in before
    return may and _said(row.signer, people, message, bytes(row.signature))


def _readers(case: Case, row: CaseEpoch, people: dict[UUID, Colleague]) -> set[UUID]:
    """The readers signed with the epoch, and those whom a reader added since."""
    raw = bytes(row.readers)
    found = {UUID(bytes=raw[at : at + 16]) for at in range(0, len(raw) // 16 * 16, 16)}
    try:
        added = msgspec.msgpack.decode(bytes(row.added), type=list[tuple[UUID, UUID, bytes]]) if row.added else []
    except msgspec.DecodeError:
        added = []
    for who, by, signature in added:
        if by in found and _said(by, people, added_bytes(case.id, row.epoch, who), signature):
            found.add(who)
    return found
