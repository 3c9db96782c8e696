"""New keys for a colleague: which cases come back by whom, and none that somebody else reads is lost."""

from uuid import UUID

import pytest

from amparo.desk import (
    accounts,
    bringing_back,
    casework,
    leaving,
    membership,
    new_keys,
    people,
    reading,
    second,
)
from amparo.desk.errors import NotAllowedHere
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case, CaseEpoch, Grant, HandedOver, Staff
from tests.attacks.test_insider_with_the_database import granted
from tests.desk import people as made
from tests.desk.test_second import configure


def reset(desk: made.Desk, name: str = "Wren") -> made.SessionStore:
    """New keys for a colleague, accepted and not signed yet; their session."""
    secret = people.reset_account(lead=desk.lead, staff_id=desk.team[name].id)
    accounts.accept_invitation(secret=secret, login=f"{name} again", password=made.PASSWORD)
    session = made.session()
    accounts.login_password(session=session, login=f"{name} again", password=made.PASSWORD)
    set_up = accounts.begin_second_factor(session=session)
    accounts.finish_second_factor(session=session, code=made.code_of(set_up.secret))
    return session


def sign(desk: made.Desk, session: made.SessionStore) -> tuple[int, accounts.OpenStaff]:
    """How many cases came back at once, and the colleague."""
    fresh = accounts.open_staff(made.again(session))
    assert fresh is not None
    given = people.sign_colleague(lead=desk.lead, staff_id=fresh.id, fingerprint=people.own_fingerprint(fresh))
    opened = accounts.open_staff(made.again(session))
    assert opened is not None
    return given, opened


@pytest.fixture
def hers(desk: made.Desk) -> UUID:
    """A case that no lead reads."""
    made.report("About the lead.", excluded=Exclusion(roles=("lead",)))
    return Case.objects.get().id


def test_a_case_that_the_lead_does_not_read_comes_back_by_one_who_does(desk: made.Desk, hers: UUID) -> None:
    made.report("For all.")
    given, wren = sign(desk, reset(desk))
    assert given == 1
    assert not granted(wren, hers), "the lead cannot give what they do not read"
    assert new_keys.waiting_for_others(wren) == 1
    (waits,) = new_keys.waits(desk.team["Swift"])
    assert (waits.pseudonym, waits.cases) == ("Wren", (hers,))
    assert new_keys.waits(desk.lead) == () and new_keys.waits(wren) == ()
    assert bringing_back.give_waiting(desk.team["Swift"]) == (1, ())  # at their next sign-in
    assert granted(wren, hers)
    assert new_keys.waits(desk.team["Swift"]) == () and new_keys.waiting_for_others(wren) == 0


def test_a_case_whose_keys_she_signed_stays_open_to_its_readers(desk: made.Desk, hers: UUID) -> None:
    """Wren took Crane off and put Rail on: all later keys of the case hung on her signature alone."""
    swift, crane, rail = desk.team["Swift"], made.join(desk, "Crane"), made.join(desk, "Rail")
    casework.add_colleague(staff=desk.team["Wren"], case_id=hers, colleague=crane.id)
    casework.remove_colleague(staff=desk.team["Wren"], case_id=hers, colleague=crane.id)
    casework.add_colleague(staff=desk.team["Wren"], case_id=hers, colleague=rail.id)
    session = reset(desk)
    assert granted(swift, hers) and granted(rail, hers) and not granted(crane, hers), "before she is signed"
    _, wren = sign(desk, session)
    casework.note(staff=rail, case_id=hers, text="still here")
    assert reading.case_page(swift, hers).notes[-1].proven
    assert bringing_back.give_waiting(swift) == (1, ())
    assert granted(wren, hers)


def test_the_sites_word_is_good_for_what_she_signed_and_for_nothing_else(desk: made.Desk, hers: UUID) -> None:
    crane = made.join(desk, "Crane")
    casework.add_colleague(staff=desk.team["Wren"], case_id=hers, colleague=crane.id)
    casework.remove_colleague(staff=desk.team["Wren"], case_id=hers, colleague=crane.id)
    made.report("Another.", excluded=Exclusion(roles=("lead",)))
    other = Case.objects.exclude(id=hers).get()
    casework.remove_colleague(staff=desk.team["Swift"], case_id=other.id, colleague=desk.team["Wren"].id)
    reset(desk)
    word = bytes(CaseEpoch.objects.get(case_id=hers, epoch=2).signature)
    assert len(word) == 32 and granted(desk.team["Swift"], other.id)
    CaseEpoch.objects.filter(case=other, epoch=2).update(signature=word, signer=desk.team["Wren"].id)
    assert not granted(desk.team["Swift"], other.id)


def test_a_new_epoch_while_the_keys_are_being_made_leaves_her_a_reader(desk: made.Desk, hers: UUID) -> None:
    crane = made.join(desk, "Crane")
    casework.add_colleague(staff=desk.team["Swift"], case_id=hers, colleague=crane.id)
    session = reset(desk)
    casework.remove_colleague(staff=desk.team["Swift"], case_id=hers, colleague=crane.id)
    _, wren = sign(desk, session)
    assert bringing_back.give_waiting(desk.team["Swift"]) == (1, ())
    assert granted(wren, hers) and not granted(crane, hers)


def test_a_new_epoch_after_the_signature_gives_it_back_by_itself(desk: made.Desk, hers: UUID) -> None:
    crane = made.join(desk, "Crane")
    casework.add_colleague(staff=desk.team["Swift"], case_id=hers, colleague=crane.id)
    _, wren = sign(desk, reset(desk))
    casework.remove_colleague(staff=desk.team["Swift"], case_id=hers, colleague=crane.id)
    assert granted(wren, hers) and new_keys.waits(desk.team["Swift"]) == ()


def test_a_grant_of_the_old_key_counts_as_nobody(desk: made.Desk, hers: UUID) -> None:
    """Else who leaves, or becomes the only reader, would rely on a colleague who cannot open the case."""
    _, wren = sign(desk, reset(desk))
    swift = desk.team["Swift"]
    assert membership.readers_now(hers) == {swift.id}
    configure("second_person = true")
    with pytest.raises(second.NeedsSecond):
        casework.remove_colleague(staff=swift, case_id=hers, colleague=wren.id)
    assert [one.what for one in leaving.plan(swift)] == [leaving.GIVEN]
    casework.add_colleague(staff=swift, case_id=hers, colleague=wren.id)  # by hand, from the case
    assert granted(wren, hers) and not HandedOver.objects.exists()


def test_it_is_told_before_which_cases_need_whom_and_which_would_be_lost(desk: made.Desk, hers: UUID) -> None:
    made.report("For all.")
    made.report("For Wren alone.", excluded=Exclusion(roles=("lead",), pseudonyms=("Swift",)))
    alone = Case.objects.exclude(id=hers).exclude(grants__staff_id=desk.team["Swift"].id).get().id
    found = new_keys.ahead(desk.lead, desk.team["Wren"].id)
    assert (found.with_me, found.by_others, found.lost) == (1, {"Swift": 1}, (alone,))
    with pytest.raises(NotAllowedHere):
        new_keys.ahead(desk.team["Swift"], desk.team["Wren"].id)


def test_an_invitation_that_is_taken_back_is_a_removal(desk: made.Desk, hers: UUID) -> None:
    people.reset_account(lead=desk.lead, staff_id=desk.team["Wren"].id)
    people.withdraw_invitation(lead=desk.lead, staff_id=desk.team["Wren"].id)
    assert Staff.objects.get(pseudonym="Wren").state == "removed" and not HandedOver.objects.exists()
    assert people.rekey_waiting(staff=desk.team["Swift"]) == 1
    assert set(Grant.objects.filter(kind="staff").values_list("staff_id", flat=True)) == {desk.team["Swift"].id}
