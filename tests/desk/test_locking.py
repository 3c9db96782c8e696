"""Locking a colleague out and lifting the lock: at once, told, and nothing lost by it."""

import datetime as dt

import pytest

from amparo.desk import accounts, casework, clock, directory, locking, people, queue, reading, site, team_key
from amparo.desk.errors import DeskError, NotAllowedHere, NotFound
from amparo.desk.records import Case, Grant, QueueSheet, Staff
from tests.desk import people as made


@pytest.fixture
def five(desk: made.Desk) -> made.Desk:
    """Two leads, Heron and Egret, and three handlers: Wren, Swift, Crane."""
    made.join(desk, "Egret", role="lead")
    made.join(desk, "Crane")
    return desk


def out(desk: made.Desk, who: str, by: str = "Wren", why: str = "Her phone was taken at the gate.") -> None:
    locking.lock(staff=desk.team[by], who=desk.team[who].id, why=why)


def later(monkeypatch: pytest.MonkeyPatch, **more: float) -> None:
    moment = clock.now() + dt.timedelta(**more)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_locked_colleague_opens_nothing_and_signs_in_as_if_unknown(five: made.Desk) -> None:
    made.report("They wait at my gate.")
    case = Case.objects.get().id
    swift = five.team["Swift"]
    assert reading.case_page(swift, case).answers
    out(five, "Swift")
    with pytest.raises(NotFound):
        reading.case_page(swift, case)
    with pytest.raises(NotFound):
        casework.note(staff=swift, case_id=case, text="typed before")
    assert not accounts.stands(swift)
    told = []
    for login in ("login of Swift", "nobody of this name"):
        with pytest.raises(accounts.WrongLogin) as caught:
            accounts.login_password(session=made.session(), login=login, password=made.PASSWORD)
        told.append((caught.value.says, caught.value.advice))
    assert told[0] == told[1]


def test_lifting_gives_everything_back_without_new_keys(five: made.Desk) -> None:
    made.report("one")
    case = Case.objects.get()
    out(five, "Swift")
    made.report("two")
    casework.remove_colleague(staff=five.lead, case_id=case.id, colleague=five.team["Crane"].id)
    assert locking.lift(staff=five.lead, who=five.team["Swift"].id)
    swift = five.team["Swift"]
    assert reading.case_page(swift, case.id).epoch == 2  # of a re-key for another reason, which left the lock alone
    assert [row.case for row in queue.load(swift).rows] == [case.id]  # what came meanwhile was not sealed to them
    assert directory.everyone()[swift.id].active


def test_everybody_reads_who_locked_whom_and_why(five: made.Desk) -> None:
    out(five, "Swift")
    for reader in (five.lead, five.team["Egret"], five.team["Crane"], five.team["Wren"]):
        (one,) = locking.locked(reader)
        assert (one.pseudonym, one.by, one.why) == ("Swift", "Wren", "Her phone was taken at the gate.")
    assert b"phone" not in b"".join(bytes(row.body) for row in Staff.objects.get(pseudonym="Heron").letters.all())


@pytest.mark.parametrize("state", ["active", "away"])
def test_a_row_put_back_in_the_database_opens_nothing(five: made.Desk, state: str) -> None:
    """Somebody with the database alone sets the old state again: the site folder still says that it is locked."""
    made.report("one")
    swift = five.team["Swift"]
    generation = Staff.objects.get(id=swift.id).generation
    out(five, "Swift")
    Staff.objects.filter(id=swift.id).update(state=state, generation=generation)
    assert not directory.everyone()[swift.id].active
    with pytest.raises(NotFound):
        reading.case_page(swift, Case.objects.get().id)
    one = made.session()
    accounts.login_password(session=one, login="login of Swift", password=made.PASSWORD)
    opened = accounts.login_totp(session=one, code=made.code_of(five.factors["Swift"].secret, ahead=30))
    assert opened.role == "unsigned"


def test_a_locked_founding_lead_still_anchors_everybody(five: made.Desk) -> None:
    locking.lock(staff=five.team["Wren"], who=five.lead.id, why="Arrested this morning.")
    known = directory.everyone()
    assert {one.pseudonym for one in known.values() if one.active} == {"Egret", "Wren", "Swift", "Crane"}
    made.report("while the founder is out")
    assert len(queue.load(five.team["Crane"]).rows) == 1
    assert locking.lift(staff=five.team["Egret"], who=five.lead.id)
    assert {one.pseudonym for one in directory.case_people()} == {"Heron", "Egret", "Wren", "Swift", "Crane"}


def test_a_locked_lead_who_signed_others_vouches_still(five: made.Desk) -> None:
    five.lead, founder = five.team["Egret"], five.lead
    made.join(five, "Ibis")
    five.lead = founder
    out(five, "Egret")
    assert directory.everyone()[five.team["Ibis"].id].active


def test_the_index_of_identifiers_goes_on_while_the_lead_who_made_it_is_out(five: made.Desk) -> None:
    team_key.keep(five.lead)
    key = team_key.open_key(five.team["Wren"])
    assert key is not None
    locking.lock(staff=five.team["Wren"], who=five.lead.id, why="Arrested this morning.")
    assert team_key.open_key(five.team["Wren"]) == key
    assert team_key.keep(five.team["Egret"]) == key


def test_the_locker_takes_it_back_for_a_quarter_of_an_hour_and_no_longer(
    five: made.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    out(five, "Swift")
    assert locking.lift(staff=five.team["Wren"], who=five.team["Swift"].id)
    out(five, "Swift")
    later(monkeypatch, minutes=16)
    with pytest.raises(NotAllowedHere):
        locking.lift(staff=five.team["Wren"], who=five.team["Swift"].id)
    with pytest.raises(NotAllowedHere):
        locking.lift(staff=five.team["Crane"], who=five.team["Swift"].id)  # there are leads to ask
    assert locking.lift(staff=five.team["Egret"], who=five.team["Swift"].id)


def test_without_another_lead_two_colleagues_lift_it(desk: made.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made.join(desk, "Crane")
    who = desk.lead.id
    for name in ("Wren", "Swift"):  # the only lead: one colleague's word is not enough
        try:
            locking.lock(staff=desk.team[name], who=who, why="She does not answer.")
        except locking.SecondColleague:
            assert name == "Wren" and Staff.objects.get(id=who).state == "active"
    assert Staff.objects.get(id=who).state == "locked"
    later(monkeypatch, minutes=20)
    assert not locking.lift(staff=desk.team["Wren"], who=who)
    assert not locking.lift(staff=desk.team["Wren"], who=who), "one word counts once"
    with pytest.raises(NotAllowedHere):
        locking.lift(staff=desk.team["Swift"], who=who)  # who locked
    assert locking.lift(staff=desk.team["Crane"], who=who)
    assert directory.everyone()[who].active


def test_a_stolen_session_cannot_shut_the_desk(five: made.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    out(five, "Swift")
    out(five, "Egret")
    with pytest.raises(locking.SecondColleague):
        out(five, "Crane")
    assert Staff.objects.get(pseudonym="Crane").state == "active"
    with pytest.raises(locking.SecondColleague):
        out(five, "Crane")  # the same word again is no second one
    locking.lock(staff=five.lead, who=five.team["Crane"].id, why="I say so too.")
    assert Staff.objects.get(pseudonym="Crane").state == "locked"
    later(monkeypatch, hours=2)
    with pytest.raises(locking.SecondColleague, match="Nobody could lift"):
        locking.lock(staff=five.team["Wren"], who=five.lead.id, why="all alone now")


def test_the_second_of_two_who_lock_each_other_fails(five: made.Desk) -> None:
    out(five, "Swift")
    with pytest.raises(NotAllowedHere):
        out(five, "Wren", by="Swift")


def test_a_queue_that_is_being_built_stops(five: made.Desk) -> None:
    for number in range(3):
        made.report(f"report {number}")
    swift = five.team["Swift"]
    out(five, "Swift")
    queue.build(swift)
    assert queue._read(swift, QueueSheet.objects.filter(staff_id=swift.id).first()).everything() == {}
    queue.build(five.team["Crane"])
    assert len(queue.load(five.team["Crane"]).rows) == 3


def test_bad_wishes_are_told(five: made.Desk) -> None:
    with pytest.raises(DeskError, match="no reason"):
        out(five, "Swift", why="  ")
    with pytest.raises(DeskError, match="yourself"):
        out(five, "Wren")
    out(five, "Swift")
    with pytest.raises(DeskError, match="already"):
        out(five, "Swift", by="Crane")
    with pytest.raises(NotFound):
        locking.lift(staff=five.lead, who=five.team["Crane"].id)


def test_removing_is_the_stronger_act(five: made.Desk) -> None:
    made.report("one")
    out(five, "Swift")
    assert people.remove_staff(lead=five.lead, staff_id=five.team["Swift"].id) == 1
    assert Case.objects.get().epoch == 2 and not Grant.objects.filter(staff_id=five.team["Swift"].id).exists()
    assert not [line for line in site.active_lines() if line.startswith(str(five.team["Swift"].id))]


def test_a_case_whose_only_reader_at_work_leaves_is_not_left_to_a_locked_one(desk: made.Desk) -> None:
    made.report("one")
    case = Case.objects.get().id
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=desk.lead.id)
    out(desk, "Swift")
    with pytest.raises(DeskError, match="Nobody would be left"):
        casework.remove_colleague(staff=desk.team["Wren"], case_id=case, colleague=desk.team["Wren"].id)
