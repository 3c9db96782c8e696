"""How much one colleague opens within an hour: a stolen session must not read the whole desk before anybody looks.

What was opened within the hour is kept sealed to the colleague, so that the table tells how much and not what, and the
same case twice counts once. It lies in the database: a restart forgets nothing. Index builds of the queue and of the
search hand out no page and are not counted here.

A case of which search shows a piece is counted as opened: fifty on a page, it would else be the way to read a desk. The
lines of the queue are not counted: they hold codes, days and names of waves, and no word of whoever reported.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import clock, configuration, second
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError
from amparo.desk.records import Setting

HOUR = dt.timedelta(hours=1)
_LABEL, _NAME = "opened", "opened:"


class BulkLimit(DeskError):
    """More within an hour than one colleague opens alone."""

    code = "bulk"
    advice = "Ask a colleague to approve; then it goes on for an hour. Or wait: the oldest leave the count."


_list = msgspec.msgpack.Decoder(dict[UUID, float])


def _opened(staff: OpenStaff) -> dict[UUID, float]:
    """What was opened within the hour, with its time in seconds since 1970."""
    row = Setting.objects.filter(name=_NAME + staff.id.hex).first()
    since = (clock.now() - HOUR).timestamp()
    try:
        raw = seal.open_to_self(staff.keys.kex.private, _LABEL, staff.id, bytes(row.value)) if row else b""
        return {one: at for one, at in _list.decode(raw).items() if at > since} if raw else {}
    except (seal.SealError, msgspec.DecodeError):
        return {}


def count(staff: OpenStaff, things: Collection[UUID], *, lifted: bool = False) -> None:
    """Count cases or originals that are about to be opened or exported. Raises BulkLimit; then nothing is counted.

    `lifted`: a colleague has approved just these.
    """
    if all(one in _opened(staff) for one in things):
        return
    with transaction.atomic():  # IMMEDIATE: two requests of one session do not count past each other
        known = _opened(staff)
        known |= dict.fromkeys(set(things) - set(known), clock.now().timestamp())
        limit = configuration.current().bulk_per_hour
        if len(known) > limit and not lifted and not second.lifted(staff):
            raise BulkLimit(
                "Within an hour one colleague opens at most %(count)d cases and files alone.", count=limit
            )
        _keep(staff, known)


def pieces(staff: OpenStaff, cases: Sequence[UUID]) -> frozenset[UUID]:
    """Count the cases of which a piece may be shown now: what was opened already, and as many more as there is room.

    Half of the number of an hour is for pieces at most: whoever searches a lot can still open the urgent case.
    """
    with transaction.atomic():
        known = _opened(staff)
        room = pieces_an_hour() - len(known)
        fresh = [one for one in cases if one not in known]
        if len(fresh) > room and not second.lifted(staff):
            fresh = fresh[: max(0, room)]
        if fresh:
            _keep(staff, known | dict.fromkeys(fresh, clock.now().timestamp()))
    return frozenset(fresh) | (known.keys() & set(cases))


def pieces_an_hour() -> int:
    """Of how many cases one colleague is shown pieces within an hour, without a second person."""
    return configuration.current().bulk_per_hour // 2


def _keep(staff: OpenStaff, known: dict[UUID, float]) -> None:
    body = seal.seal_to_self(staff.keys.kex.public, _LABEL, staff.id, msgspec.msgpack.encode(known))
    Setting.objects.update_or_create(name=_NAME + staff.id.hex, defaults={"value": body})
