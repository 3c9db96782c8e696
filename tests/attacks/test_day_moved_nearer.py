"""A colleague cannot erase a report alone, so she moves its last day to tomorrow and waits for the desk to do it."""

import pytest

from amparo.desk import casework, retaining, second, tend
from amparo.desk.records import Case
from tests.desk import conftest as given
from tests.desk import people
from tests.desk.test_retaining import DAY, days
from tests.desk.test_second import configure
from tests.desk.test_tend import Clock

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_report_of_today_stands_on_the_list_for_the_full_time(desk: people.Desk, hand: Clock) -> None:
    configure("second_person = true")
    people.report("It was her own cousin at the desk.")
    case = Case.objects.get().id
    Case.objects.update(opened_on=hand.at.date())
    with pytest.raises(second.NeedsSecond):
        casework.shred_case(staff=desk.lead, case_id=case, why="asked for")
    casework.set_retention(
        staff=desk.team["Swift"], case_id=case, day=hand.at.date() + DAY, why="a mistake of hers")
    tend.tend_once()
    (row,) = retaining.coming(desk.lead).rows
    assert row.on == hand.at.date() + 14 * DAY
    days(hand, 13.5)
    assert Case.objects.exists(), "a lead who is away for a week still finds it"
    days(hand, 1)
    assert not Case.objects.exists()
