"""Who has a case, what was seen in it, what is to be done: through the services that the pages use."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest

from amparo.desk import assigning, clock, directory, due, duties, profile, triaging
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import NotFound
from amparo.doors.machine import gate, showing


class Take(msgspec.Struct):
    over: bool = False  # also where a colleague has it


class Give(msgspec.Struct):
    to: str  # the colleague's pseudonym; "": nobody


class Triage(msgspec.Struct):
    threats: list[str]
    needs: list[str]
    level: str = ""
    refuted: list[str] = []
    why: str = ""
    state: str = ""
    take: bool = False
    version: int | None = None


class Task(msgspec.Struct):
    text: str
    due: str = ""  # as desk.due reads it, in the colleague's own zone
    who: str = ""  # pseudonym; "": whoever comes


class End(msgspec.Struct):
    state: str  # done, dropped, open
    outcome: str = ""


def colleague(name: str) -> UUID:
    """The id of who is called so. Raises NotFound."""
    wanted = " ".join(name.split()).casefold()
    for one in directory.everyone().values():
        if one.active and one.pseudonym.casefold() == wanted:
            return one.id
    raise NotFound("There is no colleague of this name.", advice="Take the name from the members of the case.")


@gate.page("case.assign", methods=("POST",))
def take(request: HttpRequest, staff: OpenStaff, case: UUID) -> gate.Answer:
    """I take care of it from now on."""
    assigning.take(staff=staff, case_id=case, over=gate.given(request, Take).over)
    return {"code": showing.code(case)}


@gate.page("case.assign", methods=("POST",))
def give(request: HttpRequest, staff: OpenStaff, case: UUID) -> gate.Answer:
    """A colleague takes care of it; or nobody, if it was mine."""
    to = gate.given(request, Give).to
    if to.strip():
        assigning.give(staff=staff, case_id=case, to=colleague(to))
    else:
        assigning.let_go(staff=staff, case_id=case)
    return {"code": showing.code(case)}


@gate.page("case.triage", methods=("POST",))
def triage(request: HttpRequest, staff: OpenStaff, case: UUID) -> gate.Answer:
    """Threats and needs as they are to stand from now on; a level only ever raised, a fact refuted with a reason."""
    typed = gate.given(request, Triage)
    triaging.triage(
        staff=staff, case_id=case, threats=typed.threats, needs=typed.needs, level=typed.level, refuted=typed.refuted,
        why=typed.why, state=typed.state, take=typed.take, version=typed.version,
    )
    return {"code": showing.code(case)}


@gate.page("case.task", methods=("POST",))
def task(request: HttpRequest, staff: OpenStaff, case: UUID) -> gate.Answer:
    """Something to be done."""
    typed = gate.given(request, Task)
    at = due.read(typed.due, profile.zone_named(profile.load(staff).zone), clock.now())
    made = duties.add(
        staff=staff, case_id=case, text=typed.text, due=at, who=colleague(typed.who) if typed.who.strip() else None
    )
    return {"code": showing.code(case), "task": str(made), "due": at.isoformat() if at else ""}


@gate.page("case.task", methods=("POST",))
def end(request: HttpRequest, staff: OpenStaff, case: UUID, task: UUID) -> gate.Answer:
    """Done, dropped, or to be done after all."""
    typed = gate.given(request, End)
    duties.end(staff=staff, case_id=case, task=task, state=typed.state, outcome=typed.outcome)
    return {"code": showing.code(case)}


@gate.page("queue.see")
def tasks(request: HttpRequest, staff: OpenStaff) -> gate.Answer:
    """My open tasks over all cases, what is due first on top."""
    return {"rows": [
        {"case": str(one.case), "code": showing.code(one.case), **duty(one.duty)} for one in duties.mine(staff)
    ]}


def duty(one: Any) -> dict[str, Any]:
    """A task as JSON."""
    return {"task": str(one.task), "text": one.text, "due": one.due.isoformat() if one.due else "", "state": one.state}
