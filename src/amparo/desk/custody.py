"""The custody log in SQL: what was done to which case and item, by whom, as leaves of a Merkle tree.

Appended in the transaction of the act itself. A leaf holds ids, codes and hashes; a colleague stands in it
as a random id, a reporter as the case, and times that could point to an anonymous person are cut to the day.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db import connection

from amparo import seal
from amparo.desk import clock
from amparo.desk.errors import NotFound
from amparo.desk.records import LogEntry

ACTIONS = (
    "collected", "examined", "viewed", "decided", "exported", "destroyed", "granted", "revoked", "re-keyed",
    "consented", "withdrawn", "withdrawal-undone", "state", "retention", "leased", "words-changed",
    "signed-in", "founded", "invited", "accepted", "signed", "removed", "password-changed", "demo-opened",
    "taken-down", "imported", "receipt-made", "delegated", "delegate-revoked", "vetted", "assigned", "task", "waved",
    "triaged", "compared", "masked", "unmasked", "identity-asked", "identity-shown", "asked", "approved", "refused",
    "handed-over", "returned", "locked", "unlocked", "away", "conflict", "complained", "announced", "kept",
    "hidden", "listed", "walked", "check-in", "key-added", "key-removed", "key-doubtful",
    "alarm", "pinged", "not-pinged", "nobody-there", "acknowledged", "rota",
    "stated", "assessed", "agreed",
    "carried", "card-made", "cards-printed",
)
# An exam follows a filing within seconds: its hour would tell the reporter's.
_BY_DAY = ("reporter", "delegate", "worker")
_ACTS_BY_DAY = ("alarm", "pinged", "not-pinged", "nobody-there")  # so does an alarm; their order tells the night


class SqlStore:
    """seal's LogStore over two tables, by plain SQL (an ORM row costs ten times an insert)."""

    def size(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COALESCE(MAX([index]) + 1, 0) FROM desk_logentry")
            return int(cursor.fetchone()[0])

    def append(self, index: int, body: bytes, nodes: list[tuple[int, int, bytes]]) -> None:
        about = seal.CustodyEntry.decode(body)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO desk_logentry ([index], body, [case], item) VALUES (%s, %s, %s, %s)",
                [index, body, about.case.hex if about.case else None, about.item.hex if about.item else None],
            )
            cursor.executemany(
                "INSERT INTO desk_lognode (level, [index], hash) VALUES (%s, %s, %s)", [list(n) for n in nodes]
            )

    def entry(self, index: int) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT body FROM desk_logentry WHERE [index] = %s", [index])
            found = cursor.fetchone()
        if found is None:
            raise NotFound("The log has no such entry.")
        return bytes(found[0])

    def node(self, level: int, index: int) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT hash FROM desk_lognode WHERE level = %s AND [index] = %s", [level, index])
            found = cursor.fetchone()
        if found is None:
            raise NotFound("The log has a gap.")
        return bytes(found[0])


def log() -> seal.MerkleLog:
    """The site's log."""
    return seal.MerkleLog(SqlStore())


def entry(
    action: str, *, case: UUID | None = None, item: UUID | None = None, actor_kind: str,
    actor: UUID | None = None, ciphertext_sha256: bytes | None = None, commitment: bytes | None = None,
    detail: tuple[str, ...] = (),
) -> seal.CustodyEntry:
    """An entry stamped now; by the day where the actor is a reporter."""
    if action not in ACTIONS:
        raise ValueError(f"no custody action {action}")
    moment = clock.now()
    if actor_kind in _BY_DAY or action in _ACTS_BY_DAY:
        moment = dt.datetime.combine(moment.date(), dt.time(), dt.UTC)
    return seal.CustodyEntry(
        action, case, item, actor_kind, actor, int(moment.timestamp()), ciphertext_sha256, commitment, detail
    )


def by_day(entry: seal.CustodyEntry) -> bool:
    """Whether only the day of this entry is told."""
    return entry.actor_kind in _BY_DAY or entry.action in _ACTS_BY_DAY


def record(*entries: seal.CustodyEntry) -> int:
    """Append within the caller's transaction; the index of the first."""
    return log().append_many([one.encode() for one in entries])


def decode(row: LogEntry) -> seal.CustodyEntry:
    """The entry in a row of the log."""
    return seal.CustodyEntry.decode(bytes(row.body))


class LogLine(msgspec.Struct, frozen=True):
    index: int
    entry: seal.CustodyEntry


def lines(*, newest: int = 200, case: UUID | None = None) -> tuple[LogLine, ...]:
    """The newest entries, newest first; of one case only, if given."""
    rows = LogEntry.objects.order_by("-index")
    if case is not None:
        rows = rows.filter(case=case)
    return tuple(LogLine(row.index, seal.CustodyEntry.decode(bytes(row.body))) for row in rows[:newest])


def places(action: str, items: Iterable[UUID]) -> dict[UUID, int]:
    """The first entry of this action about each item, by its index."""
    found: dict[UUID, int] = {}
    for row in LogEntry.objects.filter(item__in=list(items)).order_by("-index"):
        if seal.CustodyEntry.decode(bytes(row.body)).action == action and row.item:
            found[row.item] = row.index
    return found


def head() -> tuple[int, bytes]:
    """(number of entries, tree head)."""
    tree = log()
    return tree.store.size(), tree.root()
