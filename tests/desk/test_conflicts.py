"""A conflict of interest that shows later: out for good, by every way in."""

from uuid import UUID

import pytest

from amparo import seal
from amparo.desk import (
    accounts,
    casework,
    conflicts,
    custody,
    membership,
    opening,
    payloads,
    people,
    reading,
    second,
)
from amparo.desk.errors import DeskError, NotFound
from amparo.desk.records import Case, Grant
from tests.attacks.test_insider_with_the_database import plant
from tests.desk import people as made
from tests.desk.test_second import configure


@pytest.fixture
def case(desk: made.Desk) -> UUID:
    made.report("Her cousin works with us.")
    return Case.objects.get().id


def against(desk: made.Desk, case: UUID, name: str = "Wren", by: str = "Swift") -> None:
    conflicts.declare(staff=desk.team[by], case_id=case, who=desk.team[name].id, why="They are cousins.")


def test_the_case_gets_new_keys_and_they_open_nothing(desk: made.Desk, case: UUID) -> None:
    wren = desk.team["Wren"]
    old = opening.for_staff(wren.id, wren.keys.kex.private, case)
    against(desk, case)
    with pytest.raises(NotFound):
        reading.case_page(wren, case)
    casework.note(staff=desk.lead, case_id=case, text="after")
    row = Case.objects.get()
    assert row.epoch == 2
    for item in row.items.select_related("key"):
        with pytest.raises(seal.SealError):
            opening.data_key(old, item)
    assert conflicts.declared(desk.lead, case)[0][:3] == ("Wren", "They are cousins.", "Swift")
    assert [(one.entry.action, one.entry.item) for one in custody.lines(case=case) if one.entry.action == "conflict"] \
        == [("conflict", wren.id)]


def test_nobody_gives_it_to_them_again(desk: made.Desk, case: UUID) -> None:
    against(desk, case)
    assert "Wren" not in {one.pseudonym for one in reading.case_page(desk.lead, case).addable}
    with pytest.raises(membership.Conflicted):
        casework.add_colleague(staff=desk.lead, case_id=case, colleague=desk.team["Wren"].id)


def test_somebody_who_does_not_read_it_is_kept_out_beforehand(desk: made.Desk, case: UUID) -> None:
    crane = made.join(desk, "Crane")
    against(desk, case, "Crane")
    assert Case.objects.get().epoch == 1  # nobody had keys to lose
    with pytest.raises(membership.Conflicted):
        casework.add_colleague(staff=desk.lead, case_id=case, colleague=crane.id)


def test_new_keys_for_an_account_do_not_bring_the_case_back(desk: made.Desk, case: UUID) -> None:
    made.report("another")
    against(desk, case)
    wren = desk.team["Wren"]
    secret = people.reset_account(lead=desk.lead, staff_id=wren.id)
    accounts.accept_invitation(secret=secret, login="wren again", password=made.PASSWORD)
    session = made.session()
    accounts.login_password(session=session, login="wren again", password=made.PASSWORD)
    set_up = accounts.begin_second_factor(session=session)
    fresh = accounts.finish_second_factor(session=session, code=made.code_of(set_up.secret))
    given = people.sign_colleague(lead=desk.lead, staff_id=wren.id, fingerprint=people.own_fingerprint(fresh))
    assert given == 1
    assert not Grant.objects.filter(case_id=case, staff_id=wren.id).exists()


def test_a_grant_row_left_in_the_table_gets_no_place_in_the_next_epoch(desk: made.Desk, case: UUID) -> None:
    stale = Grant.objects.get(case_id=case, staff_id=desk.team["Wren"].id)
    against(desk, case)
    stale.pk, stale.epoch = None, 2
    stale.save(force_insert=True)
    made.join(desk, "Crane")
    casework.add_colleague(staff=desk.lead, case_id=case, colleague=desk.team["Crane"].id)
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=desk.team["Crane"].id)
    assert not Grant.objects.filter(case_id=case, staff_id=desk.team["Wren"].id).exists()


def test_naming_oneself(desk: made.Desk, case: UUID) -> None:
    against(desk, case, "Swift", by="Swift")
    with pytest.raises(NotFound):
        reading.case_page(desk.team["Swift"], case)


def test_the_last_reader_cannot_leave_the_case_alone(desk: made.Desk, case: UUID) -> None:
    against(desk, case)
    conflicts.declare(staff=desk.team["Swift"], case_id=case, who=desk.lead.id, why="She is the aunt.")
    with pytest.raises(DeskError, match="Nobody would be left"):
        against(desk, case, "Swift", by="Swift")


def test_nobody_makes_themselves_the_only_reader_where_two_are_asked_for(desk: made.Desk, case: UUID) -> None:
    configure("second_person = true")
    against(desk, case)
    for why in ("first try", "again"):
        with pytest.raises(second.NeedsSecond):
            conflicts.declare(staff=desk.team["Swift"], case_id=case, who=desk.lead.id, why=why)
    assert Case.objects.get().epoch == 2
    request = second.ask(staff=desk.team["Swift"], case_id=case, act="conflict", why="She is the aunt.")
    second.answer(staff=desk.lead, case_id=case, request=request, approve=True)
    conflicts.declare(staff=desk.team["Swift"], case_id=case, who=desk.lead.id, why="She is the aunt.")
    assert [one.pseudonym for one in reading.case_page(desk.team["Swift"], case).members] == ["Swift"]


def test_a_conflict_that_a_stranger_writes_keeps_nobody_out(desk: made.Desk, case: UUID) -> None:
    from amparo.desk import clock

    plant(case, payloads.Conflict(at=clock.now(), who=desk.lead.id, why="x"),
          seal.Author("staff", desk.team["Wren"].id, seal.new_sign_pair().private))
    crane = made.join(desk, "Crane")
    casework.add_colleague(staff=desk.lead, case_id=case, colleague=crane.id)
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=crane.id)
    assert reading.case_page(desk.lead, case).case == case
