"""Hidden colleagues: counted, never shown, and still left out by whoever knows the name."""

import pytest

from amparo.desk import accounts, directory, filing, hiding, intake, people, reading
from amparo.desk.errors import DeskError, NotAllowedHere, NotFound
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case, Staff
from tests.desk import people as made


def test_a_hidden_colleague_counts_and_is_not_named(desk: made.Desk) -> None:
    before = intake.readers()
    assert before.count == 3 and set(before.pseudonyms) == {"Heron", "Wren", "Swift"}
    assert hiding.set_hidden(lead=desk.lead, staff_id=desk.team["Wren"].id, hidden=True)
    after = intake.readers()
    assert after.count == 3 and after.roles == before.roles and after.answer_as == before.answer_as
    assert set(after.pseudonyms) == {"Heron", "Swift"}
    assert not hiding.set_hidden(lead=desk.lead, staff_id=desk.team["Wren"].id, hidden=True)  # it stood so already
    assert hiding.set_hidden(lead=desk.lead, staff_id=desk.team["Wren"].id, hidden=False)
    assert "Wren" in intake.readers().pseudonyms


def test_hidden_from_the_invitation_on(desk: made.Desk) -> None:
    secret = accounts.invite(lead=desk.lead, pseudonym="Owl", role="handler", hidden=True)
    who = accounts.accept_invitation(secret=secret, login="owl", password=made.PASSWORD)
    row = next(one for one in people.colleagues(staff=desk.lead) if one.id == who)
    assert row.hidden
    people.sign_colleague(lead=desk.lead, staff_id=who, fingerprint=row.fingerprint)
    assert directory.everyone()[who].active  # the lead's signature stands beside the mark, not under it
    assert "Owl" not in intake.readers().pseudonyms and intake.readers().count == 4


@pytest.mark.parametrize("typed", ["Wren", "wren", " WREN "])
def test_the_exclusion_by_name_works_for_whoever_knows_the_name(desk: made.Desk, typed: str) -> None:
    hiding.set_hidden(lead=desk.lead, staff_id=desk.team["Wren"].id, hidden=True)
    made.report("about Wren", excluded=Exclusion(pseudonyms=hiding.typed_names(typed)))
    case = Case.objects.get().id
    assert reading.relation(desk.team["Wren"], case) == "none"
    assert reading.relation(desk.team["Swift"], case) == "granted"


def test_role_and_lead_only_keep_hidden_colleagues_out_too(desk: made.Desk) -> None:
    hiding.set_hidden(lead=desk.lead, staff_id=desk.team["Wren"].id, hidden=True)
    assert intake.readers(Exclusion(roles=("handler",))).count == 1
    assert intake.readers(Exclusion(lead_only=True)).count == 1
    hiding.set_hidden(lead=desk.lead, staff_id=desk.lead.id, hidden=True)
    with pytest.raises(filing.NobodyReads):
        made.report("for nobody", excluded=Exclusion(roles=("handler", "lead")))


def test_only_leads_hide_and_what_is_not_there_is_told(desk: made.Desk) -> None:
    made.join(desk, "Owl", role="admin")
    for who in (desk.team["Wren"], desk.team["Owl"]):
        with pytest.raises(NotAllowedHere):
            hiding.set_hidden(lead=who, staff_id=desk.team["Swift"].id, hidden=True)
    with pytest.raises(NotAllowedHere):  # an administrator invites, but not into hiding
        accounts.invite(lead=desk.team["Owl"], pseudonym="Finch", role="handler", hidden=True)
    assert not Staff.objects.filter(pseudonym="Finch").exists()
    with pytest.raises(NotFound):
        hiding.set_hidden(lead=desk.lead, staff_id=Case().id, hidden=True)
    people.remove_staff(lead=desk.lead, staff_id=desk.team["Swift"].id)
    with pytest.raises(DeskError):
        hiding.set_hidden(lead=desk.lead, staff_id=desk.team["Swift"].id, hidden=True)


def test_a_typed_line_is_parted_and_bounded() -> None:
    assert hiding.typed_names("Wren,  Night   Owl ؛ سنونو، Wren,,") == ("Wren", "Night Owl", "سنونو")
    assert hiding.typed_names("") == () and hiding.typed_names(" , ;") == ()
    assert hiding.typed_names("\uff37ren") == ("Wren",)  # as pseudonyms are folded when they are chosen
    many = hiding.typed_names(",".join(f"name {n} {'x' * 99}" for n in range(99)))
    assert len(many) <= hiding.MOST and all(len(one) <= hiding.LONGEST for one in many)
