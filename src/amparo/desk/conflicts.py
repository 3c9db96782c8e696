"""A conflict of interest that shows later: a colleague must not read a case any more, and is never given it again.

The writing stays in the case, signed; a new epoch begins without them. What they saw before, they saw.
"""

from uuid import UUID

from amparo.desk import (
    clock,
    custody,
    membership,
    opening,
    payloads,
    policy,
    second,
    shredding,
    writing,
)
from amparo.desk.accounts import OpenStaff
from amparo.desk.changing import change
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.records import Grant


class WhyMissing(DeskError):
    code = "why-missing"
    advice = "Write in a few words why; it stays in the case."


def declare(*, staff: OpenStaff, case_id: UUID, who: UUID, why: str, version: int | None = None) -> None:
    """Keep a colleague, or oneself, out of this case from now on.

    Where the desk asks for a second person, nobody makes themselves the only reader alone: NeedsSecond.
    """
    if not why.strip():
        raise WhyMissing("There is no reason.")
    with change(staff, case_id, "case.conflict", version) as opened:
        person = opened.people.get(who)
        if person is None:
            raise NotFound("There is no such colleague.", advice="Go back to the case.")
        if who in membership.conflicted(opened):
            return
        held = set(Grant.objects.filter(case=opened.case, kind="staff").values_list("staff_id", flat=True))
        second.use_for_only_reader(staff=staff, opened=opened, without=who)
        writing.write_item(
            case=opened.case, payload=payloads.Conflict(at=clock.now(), who=who, why=why.strip()),
            author=staff.author(), epoch=opened.epoch,
        )
        custody.record(custody.entry("conflict", case=case_id, item=who, actor_kind="staff", actor=staff.id))
        if who in held:
            membership.rekey(staff=staff, opened=opened, without={who})
    shredding.finish()


def people_of(staff: OpenStaff, case_id: UUID) -> tuple[tuple[UUID, str, str, bool], ...]:
    """(id, pseudonym, role, whether they read it now) of everybody who could be given the case; oneself is first."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.conflict")
    held = set(Grant.objects.filter(case=opened.case, kind="staff").values_list("staff_id", flat=True))
    gone = membership.conflicted(opened)
    found = [
        (one.id, one.pseudonym, one.role, one.id in held) for one in opened.people.values()
        if one.state and one.role in policy.MEMBER_ROLES and one.id not in gone
    ]
    return tuple(sorted(found, key=lambda row: (row[0] != staff.id, not row[3], row[1])))


def declared(staff: OpenStaff, case_id: UUID) -> tuple[tuple[str, str, str, str], ...]:
    """(whom, why, by whom, when as ISO 8601) of every conflict of the case, oldest first."""
    opened = opening.for_staff(staff.id, staff.keys.kex.private, case_id)
    policy.require(staff.role, "granted", "case.conflict")

    def name(one: UUID) -> str:
        return opened.people[one].pseudonym if one in opened.people else "?"

    return tuple(
        (name(one.payload.who), one.payload.why, name(one.author_id), one.payload.at.isoformat())
        for one in membership.record_of(opened) if one.proven and isinstance(one.payload, payloads.Conflict)
    )
