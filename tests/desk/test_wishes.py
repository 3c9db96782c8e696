"""Whom a reporter asks to be answered by: given or taken against it only by somebody who is sure."""

from uuid import UUID

import msgspec
import pytest

from amparo.desk import assigning, directory, reading, returning, speaking, triaging, waves, wishes
from tests.desk import people


def report(wish: str = "woman") -> UUID:
    words, _ = people.report("It is about pictures of me.", answered_by=[wish])
    return returning.open_receipt(" ".join(words)).case


def holder(desk: people.Desk, case: UUID) -> UUID | None:
    return reading.case_page(desk.lead, case).work.who


@pytest.mark.parametrize("wish", ["woman", "man"])
def test_a_wish_is_asked_about_before_the_case_is_given_to_somebody_else(desk: people.Desk, wish: str) -> None:
    case, wren, swift = report(wish), desk.team["Wren"], desk.team["Swift"]
    other = {"woman": "man", "man": "woman"}[wish]
    speaking.tell(staff=wren, languages=(), answers_as=wish)
    for answers_as in ("", other):  # who says nothing is not known to answer so
        speaking.tell(staff=swift, languages=(), answers_as=answers_as)
        with pytest.raises(wishes.AsksForAnother):
            assigning.give(staff=desk.lead, case_id=case, to=swift.id)
        with pytest.raises(wishes.AsksForAnother):
            assigning.take(staff=swift, case_id=case)
        assert holder(desk, case) is None
    assigning.give(staff=desk.lead, case_id=case, to=wren.id)
    assert holder(desk, case) == wren.id
    with pytest.raises(wishes.AsksForAnother):  # nor taken over from her
        assigning.take(staff=swift, case_id=case, over=True)
    assigning.give(staff=desk.lead, case_id=case, to=swift.id, sure=True)
    assert holder(desk, case) == swift.id


def test_neither_many_at_once_nor_a_triage_nor_an_answer_goes_round_it(desk: people.Desk) -> None:
    asking, other, swift = report(), report("any"), desk.team["Swift"]
    done = waves.assign(staff=desk.lead, cases=[asking, other], to=swift.id)
    assert done.good == (other,) and [(case, error.code) for case, error in done.failed] == [(asking, "asks-for")]
    with pytest.raises(wishes.AsksForAnother):
        triaging.triage(staff=swift, case_id=asking, threats=[], needs=[], take=True)
    assert not assigning.take_if_free(staff=swift, case_id=asking)
    assert holder(desk, asking) is None
    assert not reading.case_page(desk.lead, asking).work.seen.times, "nothing of a refused triage is kept"


def test_who_was_invited_as_a_woman_counts_until_she_says_otherwise(desk: people.Desk) -> None:
    person = directory.everyone()[desk.lead.id]
    woman = msgspec.structs.replace(person, answers_as="woman")
    assert person.answers_as == "any" and wishes.against("woman", person, None) and wishes.against("woman", None, None)
    assert not wishes.against("woman", woman, None) and not wishes.against("any", person, None)
    assert wishes.against("woman", woman, speaking.Told((), "man")), "the newest word counts"
