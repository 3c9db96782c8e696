"""The end and the beginning of a shift: what could be told to the next one, what colleagues left."""

from uuid import UUID

import msgspec
from django.http import HttpRequest

from amparo.desk import directory, handing, queue, waking
from amparo.desk.accounts import OpenStaff
from amparo.doors.machine import gate, showing
from amparo.doors.machine.working import duty


class HandOver(msgspec.Struct):
    lines: dict[UUID, str]
    text: str = ""


class Acknowledged(msgspec.Struct):
    alarm: UUID


class Read(msgspec.Struct):
    ids: list[UUID]


@gate.page("shift.hand-over", methods=("GET", "POST"))
def hand_over(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """GET: the cases worth a line, with what is open in them. POST: the lines as their writer left them."""
    if request.method == "POST":
        typed = gate.given(request, HandOver)
        return {"kept": handing.keep(staff=staff, lines=typed.lines, text=typed.text)}
    people = directory.everyone()
    return {"rows": [
        {**showing.row(one.row, people), "tasks": [duty(task) for task in one.duties], "mine": one.mine,
         "unanswered": one.unanswered, "acts": one.acts}
        for one in handing.draft(staff)
    ]}


@gate.page("shift.hand-over")
def waiting(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """What colleagues left for me and I have not marked as read; and what I looked at in the last seven days."""
    seen = handing.exposure(staff)
    return {
        "rows": [
            {"id": str(one.id), "who": one.who, "at": one.at.isoformat(), "text": one.text,
             "case": str(one.case) if one.case else "", "code": showing.code(one.case) if one.case else ""}
            for one in handing.waiting(staff, queue.load(staff).rows.sheet.notes)
        ],
        "alarms": [_alarm(one) for one in waking.alarms(staff) if one.acknowledged_at is None],
        "exposure": {"pictures": seen.pictures, "minutes": seen.minutes, "copies": seen.copies,
                     "originals": seen.originals},
    }


def _alarm(one: waking.Seen) -> dict[str, object]:
    return {"id": str(one.id), "kind": one.kind, "at": one.raised_at.isoformat(timespec="minutes"),
            "case": str(one.case or ""), "code": showing.code(one.case) if one.case else ""}


@gate.page("alarm.see", methods=("POST",))
def acknowledge(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """I look at it now; the pings end. `first`: whether no colleague was faster."""
    return {"first": waking.acknowledge(staff=staff, alarm=gate.given(request, Acknowledged).alarm)}


@gate.page("shift.hand-over", methods=("POST",))
def read(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """I have read these."""
    handing.mark_read(staff=staff, ids=tuple(gate.given(request, Read).ids))
    return {"read": True}
