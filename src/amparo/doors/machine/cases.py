"""The queue, one case, and what is written to it, through the services that the pages use."""

import re
from uuid import UUID

import msgspec
from django.db import transaction
from django.http import HttpRequest

from amparo.desk import casework, directory, reading, retaining
from amparo.desk import queue as sheets
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import Busy, DeskError, NotFound
from amparo.desk.records import Grant
from amparo.desk.records.cases import STATES
from amparo.doors.machine import gate, showing
from amparo.words.why import WHY

QUIET_STATES = ("closed", "out-of-mandate", "withdrawn", "erasing")  # not among the open ones
SHOWN = 500  # rows of one answer
SIGNS = re.compile("[0-9a-f]{4,32}")


class Text(msgspec.Struct):
    text: str
    version: int | None = None


class Reply(msgspec.Struct):
    text: str
    language: str = ""
    wait: bool = False  # also set the state "waiting on the reporter"
    version: int | None = None


class State(msgspec.Struct):
    state: str
    why: str = ""
    version: int | None = None


class Find(msgspec.Struct):
    code: str


def _rows(staff: OpenStaff) -> sheets.Rows:
    loaded = sheets.load(staff)
    if loaded.building:
        done, total = loaded.progress
        raise Busy("Your queue is being read for the first time: %(done)d of %(total)d cases.", done=done, total=total,
                   advice="Ask again in a moment.")
    return loaded.rows


@gate.page("queue.see")
def queue(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """My cases, most pressing first. `why` and `state` (codes) narrow them, `mine` to those that I take care of."""
    why, state = request.GET.get("why", ""), request.GET.get("state", "")
    if why and why not in WHY:
        raise DeskError("There is no such reason.", code="why", advice=f"Choose one of: {', '.join(WHY)}.")
    if state and state not in (*STATES, "new", "all"):
        known = ", ".join(("new", "all", *STATES))
        raise DeskError("There is no such state.", code="state", advice=f"Choose one of: {known}.")

    def holds(kind: sheets.Kind) -> bool:
        if why and kind.why != why:
            return False
        if not state:
            return kind.state not in QUIET_STATES or kind.waiting == "withdrawn"
        return state == "all" or (kind.new if state == "new" else kind.state == state)

    rows = _rows(staff)
    chosen = rows.where(holds)
    if request.GET.get("mine"):
        chosen = chosen.of(staff.id)
    people = directory.everyone()
    soon = retaining.soon(staff)
    return {
        "rows": [showing.row(one, people) for one in chosen[:SHOWN]], "chosen": len(chosen), "all": len(rows),
        "erased": None if soon is None else {
            "count": soon.count, "first": soon.first.isoformat(), "last": soon.last.isoformat(), "held": soon.held,
            "erasing": [showing.code(one) for one in soon.erasing],
        },
    }


@gate.page("queue.see", methods=("POST",))
def find(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """Those of my cases whose code begins like this: {"found": [{"case", "code"}]}. By POST, as every search."""
    begins = gate.given(request, Find).code.strip().lower().replace("-", "")
    if not SIGNS.fullmatch(begins):
        raise DeskError("A case's code has four or more of the signs 0-9 and A-F.", code="code",
                        advice="Take it from the list: amparo queue")
    mine = Grant.objects.filter(kind="staff", staff_id=staff.id).exclude(case__state="erasing")
    found = sorted(one for one in mine.values_list("case_id", flat=True) if one.hex.startswith(begins))
    if not found:
        raise NotFound("No case of yours begins with these signs.", advice="Take the code from the list: amparo queue")
    return {"found": [{"case": str(one), "code": showing.code(one)} for one in found[:20]]}


@gate.page("retention.see")
def erased(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """What will be erased, by day, and what holds it up."""
    found = retaining.coming(staff)
    retaining.seen(staff=staff, cases=[row.case for row in found.rows])
    return {
        "rows": [{
            "case": str(row.case), "code": showing.code(row.case), "why": row.why, "on": row.on.isoformat(),
            "at": row.at.isoformat() if row.at else "", "kept": row.kept,
            "since": row.told.since.date().isoformat() if row.told else "",
            "reason": row.row.reason if row.row else "",
        } for row in found.rows],
        "more": found.more, "others": found.others, "erasing": [showing.code(one) for one in found.erasing],
        "traces": found.traces,
        "jump": None if found.jump is None else
        {"before": found.jump.before.date().isoformat(), "landed": found.jump.landed.date().isoformat()},
    }


@gate.page("case.read")
def show(request: HttpRequest, staff: OpenStaff, case: UUID) -> gate.Answer:
    """Everything of one case."""
    return showing.case(reading.case_page(staff, case))


@gate.page("case.note", methods=("POST",))
def note(request: HttpRequest, staff: OpenStaff, case: UUID) -> gate.Answer:
    """A private note."""
    typed = gate.given(request, Text)
    casework.note(staff=staff, case_id=case, text=typed.text, version=typed.version)
    return {"code": showing.code(case)}


@gate.page("case.reply", methods=("POST",))
def reply(request: HttpRequest, staff: OpenStaff, case: UUID) -> gate.Answer:
    """Write to the reporter. Nothing else in this house sends them anything."""
    typed = gate.given(request, Reply)
    with transaction.atomic():  # both or neither
        casework.reply(staff=staff, case_id=case, text=typed.text, language=typed.language, version=typed.version)
        if typed.wait:
            casework.set_state(staff=staff, case_id=case, state="waiting-on-reporter")
    return {"code": showing.code(case)}


@gate.page("case.state", methods=("POST",))
def state(request: HttpRequest, staff: OpenStaff, case: UUID) -> gate.Answer:
    """A new state, with the reason."""
    typed = gate.given(request, State)
    casework.set_state(staff=staff, case_id=case, state=typed.state, why=typed.why, version=typed.version)
    return {"code": showing.code(case)}
