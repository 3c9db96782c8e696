"""Who watches the desk: complaints that no handler reads, and the chain of acts for those outside of it.

A complaint is sealed to each colleague in the role of auditor or outside contact, and to nobody else. The custody log
counts it, so that whoever deletes the letter cannot delete that there was one.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import clock, custody, directory, letters, policy, throttle
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError
from amparo.desk.records import LogEntry

LONGEST = 20_000  # characters of one complaint
CHUNK = 1_000  # entries read at once for an export
RECENT_DAYS = 30
# Acts that open or move content, or decide over colleagues: what an auditor looks at first.
WATCHED = (
    "viewed", "exported", "unmasked", "identity-asked", "identity-shown", "destroyed", "granted", "revoked",
    "handed-over", "locked", "conflict", "kept",
)


class NobodyWatches(DeskError):
    """There is no auditor and no outside contact whose key a lead has signed."""

    code = "nobody-watches"
    advice = "Copy your text. The page says whom else you can tell."


class Complaint(DeskError):
    """A complaint that cannot be taken as it is."""

    code = "complaint"


def watchers() -> tuple[directory.Colleague, ...]:
    """Those who read complaints."""
    people = directory.everyone().values()
    return tuple(one for one in people if one.active and policy.may(one.role, "none", "complaints.read"))


def complain(*, text: str, language: str) -> int:
    """Seal a complaint to each watcher; how many there are. Nobody signs it, and only its day is kept."""
    typed = text.strip()
    if not typed:
        raise Complaint("Nothing is written yet.", advice="A few words are enough.")
    if len(typed) > LONGEST:
        raise Complaint("This is longer than this page takes.", advice="Send it in two parts.")
    readers = watchers()
    if not readers:
        raise NobodyWatches("Nobody is named at this desk to read complaints.")
    throttle.pause("complaint", rate=0.5, burst=20)
    day = dt.datetime.combine(clock.today(), dt.time(), dt.UTC)
    with transaction.atomic():
        letters.write(
            staff=None, to=[one.id for one in readers], kind=letters.COMPLAINT, text=typed, at=day,
            facts={"language": language},
        )
        custody.record(custody.entry("complained", actor_kind="reporter"))
    return len(readers)


class Complaints(msgspec.Struct, frozen=True):
    """What lies here for one reader, and how many the log counts since this reader was made one."""

    letters: tuple[letters.Letter, ...]
    counted: int


def complaints(staff: OpenStaff) -> Complaints:
    """My complaints, oldest first. Needs complaints.read."""
    policy.require(staff.role, "none", "complaints.read")
    since = _signed_at(staff.id)
    counted = sum(1 for _, entry in entries(since) if entry.action == "complained")
    return Complaints(letters.read(staff, letters.COMPLAINT), counted)


def _signed_at(staff_id: UUID) -> int:
    """Where in the log this colleague's key was last signed: earlier complaints were not sealed to it."""
    for row in LogEntry.objects.filter(item=staff_id).order_by("-index"):
        if seal.CustodyEntry.decode(bytes(row.body)).action == "signed":
            return row.index
    return 0


def entries(start: int = 0) -> Iterator[tuple[int, seal.CustodyEntry]]:
    """The log from an index on, a thousand rows in memory at most."""
    at = start
    while rows := list(LogEntry.objects.filter(index__gte=at).order_by("index")[:CHUNK]):
        for row in rows:
            yield row.index, seal.CustodyEntry.decode(bytes(row.body))
        at = rows[-1].index + 1


class Acts(msgspec.Struct, frozen=True):
    """What one colleague did in the last thirty days, by act."""

    actor: UUID
    counts: dict[str, int]


def acts(staff: OpenStaff) -> tuple[Acts, ...]:
    """Watched acts of each colleague in the last thirty days, busiest first. Needs log.see."""
    policy.require(staff.role, "none", "log.see")
    since = (clock.now() - dt.timedelta(days=RECENT_DAYS)).timestamp()
    found: dict[UUID, Counter[str]] = {}
    for row in LogEntry.objects.order_by("-index").iterator(CHUNK):
        entry = seal.CustodyEntry.decode(bytes(row.body))
        if entry.at < since - 86_400:  # entries of reporters are cut to the day, so one day more is looked at
            break
        if entry.at >= since and entry.actor is not None and entry.actor_kind == "staff" and entry.action in WATCHED:
            found.setdefault(entry.actor, Counter())[entry.action] += 1
    ordered = sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))
    return tuple(Acts(actor, dict(counts)) for actor, counts in ordered)


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the export: the leaf itself, and its parts for those who only read."""

    index: int
    leaf: str  # hexadecimal, the canonical bytes that are hashed
    action: str
    at: str
    actor_kind: str
    actor: UUID | None = None
    case: UUID | None = None
    item: UUID | None = None
    detail: tuple[str, ...] = ()


def export(staff: OpenStaff) -> Iterator[bytes]:
    """The chain as JSON lines: a head, every entry, and last the number of entries with the tree's root.

    Ids, codes and hashes only. `amparo verify-log FILE` computes the root again, without the desk.
    """
    policy.require(staff.role, "none", "log.export")
    size, root = custody.head()
    with transaction.atomic():
        custody.record(custody.entry("exported", actor_kind="staff", actor=staff.id, detail=("log",)))
    return _lines(size, root)


def _lines(size: int, root: bytes) -> Iterator[bytes]:
    yield msgspec.json.encode({"format": "amparo-custody-log", "version": 1, "entries": size}) + b"\n"
    for index, entry in entries():
        if index >= size:
            break
        at = dt.datetime.fromtimestamp(entry.at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield msgspec.json.encode(_Line(
            index, entry.encode().hex(), entry.action, at, entry.actor_kind, entry.actor, entry.case, entry.item,
            entry.detail,
        )) + b"\n"
    yield msgspec.json.encode({"entries": size, "root": root.hex()}) + b"\n"
