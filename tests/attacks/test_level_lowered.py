"""Somebody wants a case to look calmer than it is, without signing why: rows taken out, planted, altered, new keys."""

import datetime as dt
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from amparo import seal
from amparo.desk import clock, escalating, payloads, queue, reading, returning
from amparo.desk import people as desk_people
from amparo.desk.records import Item
from amparo.words.risk import PRIORITIES
from tests.attacks.test_insider_with_the_database import plant
from tests.desk import conftest as given
from tests.desk import people

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def case(desk: people.Desk) -> UUID:
    """Act now by two ways, with one event that was refuted; Wren signed it."""
    words, _ = people.report("They write at night.", threats=["doxing", "harassment"], exposed=["home"],
                             earlier_offline=["yes"], danger=["no"])
    case = returning.open_receipt(" ".join(words)).case
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    assault = escalating.add(staff=wren, case_id=case, what="event", kind="assault")
    escalating.add(staff=swift, case_id=case, what="event", kind="threat", marks=["dated"])
    escalating.refute(staff=swift, case_id=case, of=f"s:{assault}", why="It was somebody else, in another town.")
    escalating.sign(staff=wren, case_id=case, level="P0", again=clock.now() + dt.timedelta(hours=12), task="Look")
    return case


def level(desk: people.Desk, case: UUID) -> str:
    return escalating.page(desk.lead, case).watch.level.value


def test_no_row_and_no_pair_of_rows_taken_out_lowers_it(desk: people.Desk, case: UUID) -> None:
    """While one assessment is left; taking a refutation out can only raise."""
    rows = list(Item.objects.filter(case=case).order_by("sequence").values_list("id", "kind"))
    assert len(rows) >= 8
    with transaction.atomic():  # the control: what nobody has signed yet is lost with its row
        Item.objects.filter(case=case, kind__in=("statement", "assessment")).delete()
        assert level(desk, case) != "P0"
        transaction.set_rollback(True)
    assessment = next(id_ for id_, kind in rows if kind == "assessment")
    for first, _ in rows:
        for second, _ in rows:
            with transaction.atomic():
                Item.objects.filter(id__in={first, second} - {assessment}).delete()
                assert level(desk, case) == "P0"
                transaction.set_rollback(True)


def test_a_planted_refutation_counts_nothing_and_a_planted_event_only_raises(desk: people.Desk, case: UUID) -> None:
    stranger = seal.Author("staff", uuid4(), seal.new_sign_pair().private)
    for of in [*escalating.page(desk.lead, case).sources]:
        plant(case, payloads.Statement(at=clock.now(), what="refute", of=of, text="all is well"), stranger)
    assert level(desk, case) == "P0"
    calm = returning.open_receipt(" ".join(people.report("A smear.", danger=["no"])[0])).case
    before = level(desk, calm)
    plant(calm, payloads.Statement(at=clock.now(), what="event", kind="assault"), stranger)
    page = escalating.page(desk.lead, calm)
    assert PRIORITIES.index(page.watch.level) < PRIORITIES.index(before)  # type: ignore[arg-type]
    (planted,) = [one for one in page.sources.values() if not one.proven]
    assert planted.who is None
    escalating.refute(staff=desk.lead, case_id=calm, of=planted.said.id, why="Nobody of us wrote this.")
    assert level(desk, calm) == before


def test_a_planted_assessment_takes_nothing_away(desk: people.Desk, case: UUID) -> None:
    stranger = seal.Author("staff", uuid4(), seal.new_sign_pair().private)
    empty = escalating.escalation.watch((), now=clock.now())
    plant(case, payloads.Assessment(at=clock.now(), watch=empty, again=clock.now(), task=uuid4()), stranger)
    Item.objects.filter(case=case, kind__in=("statement", "answers")).delete()
    page = escalating.page(desk.lead, case)
    assert page.watch.level == "P0" and page.watch.exposure == "unknown"
    assert page.signed is not None and page.signed.by == desk.team["Wren"].id


def test_new_keys_for_who_wrote_and_who_signed_lower_nothing(desk: people.Desk, case: UUID) -> None:
    """A lead resets two accounts, and nothing of theirs is proven any more: what they refuted counts again."""
    for name in ("Wren", "Swift"):
        desk_people.reset_account(lead=desk.lead, staff_id=desk.team[name].id)
    page = escalating.page(desk.lead, case)
    assert page.watch.level == "P0" and page.signed is None
    assert {one.proven for one in page.sources.values() if one.sort == "colleague"} == {False}
    assert "assault" in {reason.code for reason in page.watch.reasons}
    assert reading.case_page(desk.lead, case).level == "P0" == queue.load(desk.lead).rows[0].level


def test_an_altered_row_is_told_and_lowers_nothing(desk: people.Desk, case: UUID) -> None:
    for item in Item.objects.filter(case=case, kind="statement"):
        body = bytearray(item.body)
        body[-1] ^= 1
        Item.objects.filter(id=item.id).update(body=bytes(body))
    page = escalating.page(desk.lead, case)
    assert page.watch.level == "P0" and page.watch.uncertain and page.unreadable == 3


def test_an_answer_taken_back_under_pressure_stays(desk: people.Desk) -> None:
    """The attacker sits beside the reporter and has the report withdrawn: the level stays, and says that it was."""
    words, _ = people.report("He knows my door.", home_known=["yes"], dated_threat=["yes"])
    access = returning.open_receipt(" ".join(words))
    returning.withdraw(access)
    page = escalating.page(desk.lead, access.case)
    assert page.watch.level == "P0" and page.watch.uncertain and page.watch.taken_back
