"""Masks of a case: covering words, showing them once, taking a cover off. Each with its reason, signed and logged.

What a mask covers stands only inside the seal; the custody log has the mask's id. How text is covered: masking.py.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID, uuid4

import msgspec

from amparo.desk import clock, custody, masking, opening, payloads, policy, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.casework import WhyMissing
from amparo.desk.changing import change
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.folding import fold
from amparo.desk.opening import OpenCase, Read
from amparo.desk.records import Item

LONGEST = 1_000
SHOWN = "mask"  # the act of a Request that tells who saw what a mask covers


class MaskTooShort(DeskError):
    code = "mask-short"
    advice = "Give at least two letters or digits; one alone would cover half of the case."


class Deed(msgspec.Struct, frozen=True):
    """Who did something about a mask, when and why. `who`: a pseudonym, or "?" where nothing proves it."""

    who: str
    at: dt.datetime
    why: str


class MaskLine(msgspec.Struct, frozen=True):
    """One mask of a case, without what it covers."""

    mask: UUID
    made: Deed
    proven: bool
    shown: tuple[Deed, ...]
    off: Deed | None = None  # taken off: covers nothing any more


def mask(*, staff: OpenStaff, case_id: UUID, text: str, why: str, version: int | None = None) -> int:
    """Cover `text` wherever it stands in the case, now and later. How many writings it stands in now."""
    text = text.strip()
    if len(fold(text).replace(" ", "")) < masking.SHORTEST or len(text) > LONGEST:
        raise MaskTooShort("This is too short or too long to be covered.")
    _needs(why)
    with change(staff, case_id, "case.mask", version) as opened:
        # Looked for in what is covered already, so that a mask over a mask counts nothing twice.
        rows = Item.objects.filter(case=opened.case).exclude(kind="mask").select_related("key")
        places = _places(opening.read_items(opened, rows)[0], masking.Cover([text]))
        made = payloads.Mask(at=clock.now(), mask=uuid4(), text=text, why=why.strip())
        _write(staff, opened, made)
        _log(staff, opened, "masked", made.mask)
    return places


def unmask(*, staff: OpenStaff, case_id: UUID, mask: UUID, why: str, version: int | None = None) -> None:
    """Take a mask off. It stays in the list, with both reasons."""
    _needs(why)
    with change(staff, case_id, "case.mask", version) as opened:
        _standing(opened, mask)
        _write(staff, opened, payloads.Mask(at=clock.now(), mask=mask, text="", why=why.strip(), off=True))
        _log(staff, opened, "unmasked", mask)


def show(*, staff: OpenStaff, case_id: UUID, mask: UUID, why: str) -> str:
    """What a mask covers, for one page. Who asked and why is written into the case, and "viewed" into the log."""
    _needs(why)
    with change(staff, case_id, "case.mask", None) as opened:
        found = _standing(opened, mask)
        _write(staff, opened, payloads.Request(
            at=clock.now(), request=mask, act=SHOWN, why=why.strip(), answer="used"
        ))
        _log(staff, opened, "viewed", mask, (SHOWN,))
    return found.text


def of(staff: OpenStaff, case_id: UUID) -> tuple[tuple[MaskLine, ...], int]:
    """(the masks of a case, oldest first, those taken off included; the case's version)."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.mask")
    rows = Item.objects.filter(case=opened.case, kind__in=("mask", "request")).select_related("key")
    reads, _bad = opening.read_items(opened, rows.order_by("sequence"))  # reasons may hold masked words, too
    lines: dict[UUID, MaskLine] = {}
    for one in reads:
        payload = one.payload
        if isinstance(payload, payloads.Mask) and not payload.off:
            lines.setdefault(payload.mask, MaskLine(payload.mask, _deed(opened, one, payload.why), one.proven, ()))
        elif isinstance(payload, payloads.Mask) and one.proven and payload.mask in lines:
            line = lines[payload.mask]
            lines[payload.mask] = msgspec.structs.replace(line, off=_deed(opened, one, payload.why))
        elif isinstance(payload, payloads.Request) and payload.act == SHOWN and payload.request in lines:
            line = lines[payload.request]
            shown = (*line.shown, _deed(opened, one, payload.why))
            lines[payload.request] = msgspec.structs.replace(line, shown=shown)
    return tuple(lines.values()), opened.case.version


def _deed(opened: OpenCase, read: Read, why: str) -> Deed:
    person = opened.people.get(read.author_id) if read.proven and read.author_kind == "staff" else None
    assert read.payload is not None
    return Deed(person.pseudonym if person else "?", read.payload.at, why)


def _standing(opened: OpenCase, mask: UUID) -> payloads.Mask:
    written = [
        (one.payload, one.proven) for one in opening.read_masks(opened) if isinstance(one.payload, payloads.Mask)
    ]
    found = masking.standing(written).get(mask)
    if found is None:
        raise NotFound("There is no such mask, or it was taken off.", advice="Open the list of masks again.")
    return found


def _places(reads: Iterable[Read], cover: masking.Cover) -> int:
    return sum(
        cover.raw(one.raw) != one.raw if one.payload is None else cover.payload(one.payload) != one.payload
        for one in reads
    )


def _write(staff: OpenStaff, opened: OpenCase, payload: payloads.Mask | payloads.Request) -> None:
    writing.write_item(case=opened.case, payload=payload, author=staff.author(), epoch=opened.epoch)


def _log(staff: OpenStaff, opened: OpenCase, action: str, mask: UUID, detail: tuple[str, ...] = ()) -> None:
    custody.record(custody.entry(
        action, case=opened.case.id, item=mask, actor_kind="staff", actor=staff.id, detail=detail
    ))


def _needs(why: str) -> None:
    if not why.strip():
        raise WhyMissing("There is no reason.")
