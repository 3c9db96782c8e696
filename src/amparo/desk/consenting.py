"""Which consents stand: the newest statement that the reporter signed, and none where it was taken out."""

from collections.abc import Iterable
from uuid import UUID

from amparo import seal
from amparo.desk import clock, payloads
from amparo.desk.opening import Read
from amparo.desk.records import LogEntry

NONE = payloads.Consent(at=clock.now(), purposes=())


def newest(reads: Iterable[Read]) -> tuple[payloads.Consent, UUID | None]:
    """The statement with the latest signed time, and its item; the order of rows is nobody's word."""
    found: tuple[payloads.Consent, UUID | None] = (NONE, None)
    for one in reads:
        if isinstance(one.payload, payloads.Consent) and one.proven and (
            found[1] is None or one.payload.at > found[0].at
        ):
            found = (one.payload, one.item.id)
    return found


def standing(case_id: UUID, reads: Iterable[Read]) -> payloads.Consent:
    """The newest statement, if it is the one that the custody log names last; else nothing is consented.

    So a row taken out of the database does not bring an older consent back.
    """
    statement, item = newest(reads)
    for row in LogEntry.objects.filter(case=case_id).order_by("-index"):
        entry = seal.CustodyEntry.decode(bytes(row.body))
        if entry.action == "consented" and entry.actor_kind == "reporter":
            return statement if entry.item == item else NONE
    return statement
