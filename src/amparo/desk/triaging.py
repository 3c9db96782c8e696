"""Triage: what a colleague saw in a report, how soon somebody must look, what would help. One signed writing.

A level is raised with a reason by any colleague of the case. It is lowered only by refuting a fact it rests on, with
a name and a reason: silence, or a colleague's other opinion, never lowers (mitigate.urgencies).
"""

from collections.abc import Collection
from uuid import UUID

from amparo.desk import assigning, casework, changing, clock, custody, payloads, waking, writing
from amparo.desk.accounts import OpenStaff
from amparo.desk.casework import WhyMissing
from amparo.desk.errors import DeskError
from amparo.desk.working import RAISED
from amparo.words import questionnaires
from amparo.words import threats as kinds
from amparo.words.risk import Priority

NEEDS = (
    "safety", "account", "device", "evidence", "platform", "legal", "money", "wellbeing", "travel", "training",
    "other-desk", "nothing",
)


def triage(
    *, staff: OpenStaff, case_id: UUID, threats: Collection[str], needs: Collection[str], level: str = "",
    refuted: Collection[str] = (), why: str = "", state: str = "", take: bool = False, version: int | None = None,
) -> None:
    """Write the triage; with `state` set the case's next state, with `take` take care of it: all or nothing.

    `level`: what it is raised to, or "". `refuted`: question codes that do not hold, or working.RAISED.
    """
    if set(threats) - set(kinds.CODES) or set(needs) - set(NEEDS) or (level and level not in tuple(Priority)):
        raise DeskError("This choice is not on the list.", advice="Choose again from the list.", code="choice")
    asked = questionnaires.load("report")
    if any(fact != RAISED and asked.question(fact) is None for fact in refuted):
        raise DeskError("This is no question of the report.", advice="Choose again from the list.", code="choice")
    if refuted and not why.strip():
        raise WhyMissing("You ticked an answer as not true, without saying how you know. "
                         "Say why, or take the tick off.")
    if level and not why.strip():
        raise WhyMissing("You raised the urgency without a reason. Say why, or leave it as it is.")
    with changing.change(staff, case_id, "case.triage", version) as opened:
        written = payloads.Triage(
            at=clock.now(), threats=tuple(sorted(set(threats), key=kinds.CODES.index)),
            needs=tuple(one for one in NEEDS if one in needs), level=level, refuted=tuple(sorted(set(refuted))),
            why=why.strip(),
        )
        writing.write_item(case=opened.case, payload=written, author=staff.author(), epoch=opened.epoch)
        change = ("raised", level.lower()) if level else ("refuted",) if refuted else ()
        custody.record(custody.entry("triaged", case=case_id, actor_kind="staff", actor=staff.id, detail=change))
        if level == Priority.P0:
            waking.wake_safely(waking.RAISED, case_id)
        if take:
            assigning.take_in(staff, opened)
        if state and state != opened.case.state:
            casework.set_state(staff=staff, case_id=case_id, state=state, why=why)
