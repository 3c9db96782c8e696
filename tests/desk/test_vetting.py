"""Vetting: method, person and date, signed; a code in the log and nothing more."""

import datetime as dt
from uuid import UUID

import pytest

from amparo.desk import clock, custody, reading, returning, vetting
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotFound
from tests.desk import people


@pytest.fixture
def case(desk: people.Desk) -> UUID:
    words, _ = people.report()
    return returning.open_receipt(" ".join(words)).case


def test_a_check_keeps_method_person_and_day(desk: people.Desk, case: UUID) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    day = clock.today() - dt.timedelta(days=2)
    vetting.record(staff=wren, case_id=case, method="reference", on=day, outcome="doubtful", text="A friend hesitates.")
    vetting.record(staff=swift, case_id=case, method="call-back", on=clock.today(), outcome="confirmed")
    newest, first = vetting.page(desk.lead, case).checks
    assert (first.method, first.on, first.outcome, first.text, first.who, first.proven) == (
        "reference", day, "doubtful", "A friend hesitates.", "Wren", True)
    assert (newest.who, newest.outcome) == ("Swift", "confirmed")
    assert reading.case_page(wren, case).vetted == "confirmed"
    logged = [line.entry for line in custody.lines(case=case) if line.entry.action == "vetted"]
    assert [(entry.actor, entry.detail) for entry in logged] == [
        (swift.id, ()), (wren.id, ())]  # how and with what outcome only the seal tells


@pytest.mark.parametrize(("wrong", "error"), [
    ({"method": "lie-detector"}, DeskError), ({"outcome": "trustworthy"}, DeskError),
    ({"on": dt.date(2999, 1, 1)}, DeskError), ({"version": 77}, ChangedMeanwhile),
])
def test_what_is_no_check_is_refused(
    desk: people.Desk, case: UUID, wrong: dict[str, object], error: type[Exception]
) -> None:
    told: dict[str, object] = {"method": "document", "on": clock.today(), "outcome": "confirmed", **wrong}
    with pytest.raises(error):
        vetting.record(staff=desk.lead, case_id=case, **told)  # type: ignore[arg-type]
    assert vetting.page(desk.lead, case).checks == () and reading.case_page(desk.lead, case).vetted == ""


def test_without_a_key_of_the_case_nothing_is_read_or_written(desk: people.Desk, case: UUID) -> None:
    late = people.join(desk, "Robin")
    for act in (lambda: vetting.page(late, case), lambda: vetting.record(
            staff=late, case_id=case, method="document", on=clock.today(), outcome="confirmed")):
        with pytest.raises(NotFound):
            act()
