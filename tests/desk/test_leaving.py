"""Handing every case away and bringing a colleague back: whole, resumable, and never a case without a reader."""

from uuid import UUID

import pytest

from amparo.desk import (
    bringing_back,
    casework,
    conflicts,
    custody,
    directory,
    leaving,
    locking,
    membership,
    people,
    queue,
    reading,
    search,
    team_key,
)
from amparo.desk.errors import DeskError, NotAllowedHere, NotFound
from amparo.desk.payloads import Exclusion
from amparo.desk.records import (
    Case,
    Grant,
    HandedOver,
    Letter,
    QueueSheet,
    SearchSheet,
    Setting,
    Staff,
    TeamKey,
)
from tests.desk import people as made


def filed(text: str, **more: object) -> UUID:
    before = set(Case.objects.values_list("id", flat=True))
    made.report(text, **more)  # type: ignore[arg-type]
    (case,) = set(Case.objects.values_list("id", flat=True)) - before
    return case


def leave(desk: made.Desk, name: str = "Wren", to: UUID = leaving.LEADS) -> None:
    leaving.begin(staff=desk.team[name], to=to)
    leaving.run(desk.team[name])


def readers(case: UUID) -> set[str]:
    return set(Grant.objects.filter(case_id=case, kind="staff").values_list("staff__pseudonym", flat=True))


def test_everything_goes_to_the_chosen_colleague_and_the_account_is_empty(desk: made.Desk) -> None:
    cases = [filed(f"report {number}", excluded=Exclusion(pseudonyms=("Swift",)) if number == 0 else Exclusion())
             for number in range(4)]
    only = filed("for her and the lead", excluded=Exclusion(pseudonyms=("Swift",)))
    casework.remove_colleague(staff=desk.team["Wren"], case_id=cases[3], colleague=desk.team["Swift"].id)
    queue.load(desk.team["Wren"])
    team_key.keep(desk.lead)
    search.find(desk.team["Wren"], "report")
    assert SearchSheet.objects.filter(staff_id=desk.team["Wren"].id).exists()
    swift = desk.team["Swift"]
    planned = {one.case: (one.what, one.holder) for one in leaving.plan(desk.team["Wren"], swift.id)}
    assert planned == {
        cases[0]: ("held", "Heron"), cases[1]: ("held", "Swift"), cases[2]: ("held", "Swift"),
        cases[3]: ("given", "Swift"), only: ("held", "Heron"),
    }
    leave(desk, to=swift.id)
    wren = Staff.objects.get(pseudonym="Wren")
    assert wren.state == "away" and not Grant.objects.filter(staff=wren).exists()
    assert not SearchSheet.objects.filter(staff=wren).exists() and not TeamKey.objects.filter(staff=wren).exists()
    assert not QueueSheet.objects.filter(staff=wren).exists() and not Letter.objects.filter(to=wren).exists()
    assert readers(cases[3]) == {"Heron", "Swift"} and readers(cases[0]) == {"Heron"}
    assert {row.case_id: row.holder.pseudonym for row in HandedOver.objects.all()} == {
        case: name for case, (_what, name) in planned.items()}
    assert [one for one in reading.case_page(swift, cases[3]).timeline if one.what == "member-removed"][-1].value \
        == "Wren"
    acts = [line.entry.action for line in custody.lines()]
    assert acts.count("handed-over") == 5 and acts.count("away") == 1


def test_new_reports_are_not_sealed_to_somebody_away(desk: made.Desk) -> None:
    leave(desk)
    case = filed("while she travels")
    assert readers(case) == {"Heron", "Swift"}
    assert not directory.everyone()[desk.team["Wren"].id].active
    with pytest.raises(NotFound):
        casework.add_colleague(staff=desk.lead, case_id=case, colleague=desk.team["Wren"].id)


def test_a_case_that_nobody_else_may_read_keeps_its_reader_and_is_told(desk: made.Desk) -> None:
    alone = filed("about the others", excluded=Exclusion(roles=("lead",), pseudonyms=("Swift",)))
    other = filed("for all")
    assert {one.case: one.what for one in leaving.plan(desk.team["Wren"])} == {alone: "kept", other: "held"}
    leave(desk)
    assert readers(alone) == {"Wren"} and Staff.objects.get(pseudonym="Wren").state == "away"
    assert {one.case: one.what for one in leaving.result(desk.team["Wren"].id)} == {alone: "kept", other: "given"}
    with pytest.raises(NotFound):
        reading.case_page(desk.team["Wren"], alone)
    bringing_back.bring_back(staff=desk.lead, who=desk.team["Wren"].id)
    assert reading.case_page(desk.team["Wren"], alone).answers


def test_nobody_receives_what_a_reporter_or_a_conflict_keeps_from_them(desk: made.Desk) -> None:
    made.join(desk, "Crane")
    case = filed("x", excluded=Exclusion(roles=("lead",)))
    for name in ("Crane",):
        if name in readers(case):
            casework.remove_colleague(staff=desk.team["Wren"], case_id=case, colleague=desk.team[name].id)
    conflicts.declare(staff=desk.team["Wren"], case_id=case, who=desk.team["Swift"].id, why="cousins")
    (one,) = leaving.plan(desk.team["Wren"], desk.team["Swift"].id)
    assert (one.what, one.holder) == ("given", "Crane")
    leave(desk, to=desk.team["Swift"].id)
    assert readers(case) == {"Crane"}


def test_it_goes_on_where_it_was_interrupted(desk: made.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        filed(f"report {number}", excluded=Exclusion(pseudonyms=("Swift",)))
    real, calls = membership.note, []

    def dies(*args: object) -> None:
        calls.append(args)
        if len(calls) == 4:
            raise RuntimeError("killed here")
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(membership, "note", dies)
    wren = desk.team["Wren"]
    leaving.begin(staff=wren)
    with pytest.raises(RuntimeError):
        leaving.run(wren)
    progress = leaving.under_way(wren.id)
    assert progress and (progress.done, progress.total) == (3, 6)
    assert Staff.objects.get(id=wren.id).state == "active"
    assert all("Heron" in readers(case) for case in Case.objects.values_list("id", flat=True))
    filed("came meanwhile")
    leaving.run(wren)
    assert leaving.under_way(wren.id) is None and Staff.objects.get(id=wren.id).state == "away"
    assert not Grant.objects.filter(staff_id=wren.id).exists() and HandedOver.objects.count() == 7
    assert not Setting.objects.filter(name__startswith="leaving:").exists()


def test_a_lead_brings_back_what_still_makes_sense(desk: made.Desk) -> None:
    good, barred, erased, hers = (filed(f"report {number}") for number in range(4))
    wren = desk.team["Wren"]
    casework.remove_colleague(staff=wren, case_id=hers, colleague=desk.lead.id)
    leave(desk, to=desk.team["Swift"].id)
    conflicts.declare(staff=desk.lead, case_id=barred, who=wren.id, why="found out meanwhile")
    casework.shred_case(staff=desk.lead, case_id=erased, why="asked for")
    (away,) = bringing_back.away(desk.lead)
    assert (away.pseudonym, away.cases) == ("Wren", 3)
    found = bringing_back.bring_back(staff=desk.lead, who=wren.id)
    assert (found.back, found.refused, found.erased, found.waiting) == (1, (barred,), 1, 1)
    assert reading.case_page(wren, good).answers
    for case in (barred, hers):
        with pytest.raises(NotFound):
            reading.case_page(wren, case)
    assert bringing_back.give_waiting(desk.team["Swift"]) == (1, ())  # at their next sign-in
    assert reading.case_page(wren, hers).answers and not HandedOver.objects.exists()
    assert directory.everyone()[wren.id].active and len(queue.load(wren).rows) == 2


def test_a_handler_brings_nobody_back_while_a_lead_is_at_work(desk: made.Desk) -> None:
    leave(desk)
    with pytest.raises(NotAllowedHere):
        bringing_back.bring_back(staff=desk.team["Swift"], who=desk.team["Wren"].id)
    with pytest.raises(NotFound):
        bringing_back.bring_back(staff=desk.lead, who=desk.team["Swift"].id)


def test_the_only_lead_is_brought_back_by_two_handlers(desk: made.Desk) -> None:
    desk.team["Heron"] = desk.lead
    case = filed("one")
    assert bringing_back.helpers(desk.lead) == bringing_back.Helpers((), ("Swift", "Wren"), 2)
    assert bringing_back.helpers(desk.team["Wren"]) == bringing_back.Helpers(("Heron",), ("Swift",), 1)
    leave(desk, "Heron")
    assert {one.pseudonym for one in directory.case_people()} == {"Wren", "Swift"}
    first = bringing_back.bring_back(staff=desk.team["Wren"], who=desk.lead.id)
    assert not first.agreed and not bringing_back.bring_back(staff=desk.team["Wren"], who=desk.lead.id).agreed
    assert Staff.objects.get(id=desk.lead.id).state == "away"
    assert bringing_back.bring_back(staff=desk.team["Swift"], who=desk.lead.id).back == 1
    assert reading.case_page(desk.lead, case).answers


def test_who_is_alone_is_told_that_nobody_can_bring_them_back(desk: made.Desk) -> None:
    people.remove_staff(lead=desk.lead, staff_id=desk.team["Swift"].id)
    assert bringing_back.helpers(desk.lead) == bringing_back.Helpers((), ("Wren",), 1)
    people.remove_staff(lead=desk.lead, staff_id=desk.team["Wren"].id)
    assert bringing_back.helpers(desk.lead) == bringing_back.Helpers((), (), 0)


def test_nobody_is_chosen_who_cannot_take_cases(desk: made.Desk) -> None:
    auditor = made.join(desk, "Crane", role="auditor")
    for who in (auditor.id, desk.team["Wren"].id, UUID(int=5)):
        with pytest.raises(DeskError):
            leaving.begin(staff=desk.team["Wren"], to=who)


def test_a_lock_of_somebody_away_is_lifted_to_away(desk: made.Desk) -> None:
    leave(desk)
    who = desk.team["Wren"].id
    locking.lock(staff=desk.team["Swift"], who=who, why="the account signs in at night")
    assert bringing_back.away(desk.lead) == ()
    assert locking.lift(staff=desk.lead, who=who)
    assert Staff.objects.get(id=who).state == "away" and not directory.everyone()[who].active


def test_removing_somebody_away_forgets_what_they_handed_over(desk: made.Desk) -> None:
    filed("one")
    leave(desk)
    people.remove_staff(lead=desk.lead, staff_id=desk.team["Wren"].id)
    assert not HandedOver.objects.exists() and bringing_back.away(desk.lead) == ()
