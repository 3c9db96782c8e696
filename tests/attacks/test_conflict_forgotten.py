"""A lead gives a colleague new keys: what hung on her signature (a conflict, keys of cases, colleagues) must stand."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from amparo import seal
from amparo.desk import casework, clock, conflicts, directory, membership, payloads, reading
from amparo.desk import people as desk_people
from amparo.desk.errors import DeskError
from amparo.desk.records import Case
from tests.attacks.test_insider_with_the_database import granted, plant
from tests.desk import conftest as given
from tests.desk import people

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


def test_whom_she_kept_out_stays_out(desk: people.Desk) -> None:
    people.report("Her cousin works with us.")
    case, wren, swift = Case.objects.get().id, desk.team["Wren"], desk.team["Swift"]
    conflicts.declare(staff=swift, case_id=case, who=wren.id, why="They are cousins.")
    desk_people.reset_account(lead=desk.lead, staff_id=swift.id)
    with pytest.raises(membership.Conflicted):
        casework.add_colleague(staff=desk.lead, case_id=case, colleague=wren.id)
    assert not granted(wren, case)


def test_a_conflict_that_nobody_signed_takes_the_case_from_nobody(desk: people.Desk) -> None:
    """Somebody with the database writes one about each reader; the next new epoch keeps them all the same."""
    people.report("Her cousin works with us.")
    case, wren, swift = Case.objects.get().id, desk.team["Wren"], desk.team["Swift"]
    for who in (desk.lead.id, wren.id):
        plant(case, payloads.Conflict(at=clock.now(), who=who, why="x"),
              seal.Author("staff", uuid4(), seal.new_sign_pair().private))
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=swift.id)
    assert granted(desk.lead, case) and granted(wren, case)


def test_new_keys_for_who_began_an_epoch_shut_nobody_out(desk: people.Desk) -> None:
    """A forgotten password must not close the cases from which that colleague once took somebody off."""
    people.report("Her cousin works with us.")
    case, swift = Case.objects.get().id, desk.team["Swift"]
    crane = people.join(desk, "Crane")
    casework.remove_colleague(staff=swift, case_id=case, colleague=desk.team["Wren"].id)
    casework.add_colleague(staff=swift, case_id=case, colleague=crane.id)
    desk_people.reset_account(lead=desk.lead, staff_id=swift.id)
    assert granted(desk.lead, case) and granted(crane, case)
    casework.note(staff=crane, case_id=case, text="still here")
    assert reading.case_page(desk.lead, case).notes[-1].proven


def test_new_keys_for_a_lead_shut_out_nobody_whom_that_lead_signed(desk: people.Desk) -> None:
    people.report("Her cousin works with us.")
    case = Case.objects.get().id
    other = people.join(desk, "Rook", "lead")
    signed_by_other = people.join(people.Desk(other, desk.lead_session, desk.founded), "Crane")
    casework.add_colleague(staff=desk.lead, case_id=case, colleague=signed_by_other.id)
    assert granted(signed_by_other, case)
    desk_people.reset_account(lead=desk.lead, staff_id=other.id)
    assert granted(signed_by_other, case)


@pytest.mark.parametrize("act", [desk_people.reset_account, desk_people.remove_staff])
def test_a_lead_does_not_cut_off_the_signature_that_they_stand_on(
    desk: people.Desk, act: Callable[..., object]
) -> None:
    """Rook signed Kite, who signed Gull: were Rook gone by her act, Gull and Kite would vouch for each other alone."""
    rook = people.join(desk, "Rook", "lead")
    kite = people.join(people.Desk(rook, desk.lead_session, desk.founded), "Kite", "lead")
    gull = people.join(people.Desk(kite, desk.lead_session, desk.founded), "Gull", "lead")
    for one in (kite, gull):
        with pytest.raises(DeskError, match="stands on this colleague's signature"):
            act(lead=one, staff_id=rook.id)
    known = directory.everyone()
    assert all(known[one.id].active for one in (rook, kite, gull))
    act(lead=desk.lead, staff_id=rook.id)
    known = directory.everyone()
    assert all(known[one.id].active for one in (kite, gull)) and rook.id not in [
        one.id for one in known.values() if one.active]
    act(lead=kite, staff_id=gull.id)  # whom one signed oneself
