"""Consent written down: kept signed and sealed, taken back by a newer one, and asked for before anything leaves."""

import datetime as dt
from uuid import UUID

import pyrage
import pytest

from amparo.desk import (
    agreements,
    casework,
    clock,
    configuration,
    custody,
    exporting,
    reading,
    retaining,
    returning,
    second,
)
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotFound
from amparo.desk.exporting import Way
from amparo.desk.records import Item, LogEntry
from tests.desk import people
from tests.desk.test_exporting import checked, opened

WORDS = "Her aunt agrees that the school is told."


def young(text: str = "At school they say my name.", **more: object) -> UUID:
    words, _ = people.report(text, under_18=["yes"], **more)  # type: ignore[arg-type]
    return returning.open_receipt(" ".join(words)).case


def agree(desk: people.Desk, case: UUID, *, given: bool = True, who: str = "Wren") -> UUID:
    return agreements.record(
        staff=desk.team[who], case_id=case, by="trusted-adult", way="call", on=clock.today(), given=given, text=WORDS
    )


def approve(desk: people.Desk, case: UUID, act: str = "export") -> None:
    asked = second.ask(staff=desk.lead, case_id=case, act=act, why="the school must know")
    second.answer(staff=desk.team["Swift"], case_id=case, request=asked, approve=True)


def test_who_how_and_when_are_kept_and_the_newest_counts(desk: people.Desk) -> None:
    case = young()
    assert not agreements.page(desk.lead, case).stands
    agree(desk, case)
    agree(desk, case, given=False, who="Swift")
    page = agreements.page(desk.lead, case)
    newest, first = page.records
    assert (first.by, first.way, first.on, first.given, first.text, first.who, first.proven, first.stands) == (
        "trusted-adult", "call", clock.today(), True, WORDS, "Wren", True, False)
    assert (newest.given, newest.who, newest.stands, page.stands) == (False, "Swift", True, False)
    agree(desk, case)
    assert agreements.page(desk.lead, case).stands


def test_the_database_tells_neither_who_nor_what_was_answered(desk: people.Desk) -> None:
    case = young()
    yes, no = agree(desk, case), agree(desk, case, given=False)
    entries = [line.entry for line in custody.lines(case=case) if line.entry.action == "agreed"]
    assert {(one.item, one.detail) for one in entries} == {(yes, ()), (no, ())}
    bodies = b"".join(bytes(one) for one in Item.objects.filter(case_id=case).values_list("body", flat=True))
    bodies += b"".join(bytes(one) for one in LogEntry.objects.values_list("body", flat=True))
    assert WORDS.encode() not in bodies and b"trusted-adult" not in bodies


@pytest.mark.parametrize(("wrong", "error"), [
    ({"by": "neighbour"}, DeskError), ({"way": "dream"}, DeskError), ({"on": dt.date(2999, 1, 1)}, DeskError),
    ({"version": 77}, ChangedMeanwhile),
])
def test_what_is_no_answer_is_refused(desk: people.Desk, wrong: dict[str, object], error: type[Exception]) -> None:
    case = young()
    with pytest.raises(error):
        agreements.record(**{  # type: ignore[arg-type]
            "staff": desk.lead, "case_id": case, "by": "own", "way": "call", "on": clock.today(), "given": True, **wrong
        })
    assert agreements.page(desk.lead, case).records == ()


def test_whoever_does_not_read_the_case_writes_and_sees_nothing(desk: people.Desk) -> None:
    case = young()
    late = people.join(desk, "Late")
    with pytest.raises(NotFound):
        agreements.record(staff=late, case_id=case, by="own", way="call", on=clock.today(), given=True)
    with pytest.raises(NotFound):
        agreements.page(late, case)


@pytest.mark.parametrize("whole", [True, False])
def test_nothing_of_somebody_under_18_leaves_without_both(desk: people.Desk, whole: bool) -> None:
    case, key = young(), pyrage.x25519.Identity.generate()
    way = Way(recipient=str(key.to_public()))

    def leave() -> exporting.Export:
        return exporting.one(staff=desk.lead, case_id=case, whole=whole, originals=False, way=way)

    approve(desk, case)
    with pytest.raises(agreements.NobodyAgreed):  # a second person alone is not enough
        leave()
    agree(desk, case, given=False)
    with pytest.raises(agreements.NobodyAgreed):
        leave()
    agree(desk, case)
    assert b"At school" in b"\n".join(checked(opened(leave(), key)).values()), "the approval was not used up before"
    with pytest.raises(second.NeedsSecond):  # consent alone is not enough
        leave()


def test_of_the_whole_desk_only_those_leave_for_whom_somebody_agreed(desk: people.Desk) -> None:
    agreed, silent = young("First of two."), young("Second of two.")
    agree(desk, agreed)
    key = pyrage.x25519.Identity.generate()
    asked = second.ask_desk(staff=desk.lead, act="export", why="the desk moves")
    second.answer_desk(staff=desk.team["Wren"], request=asked, approve=True)
    found = checked(opened(exporting.everything(
        staff=desk.lead, originals=False, way=Way(recipient=str(key.to_public()))), key))
    assert f"cases/{agreed}/case.json" in found and f"cases/{silent}/case.json" not in found
    assert f"{silent},{exporting.NOBODY_AGREED}" in found["NOT-EXPORTED.csv"].decode()
    assert b"Second of two." not in b"\n".join(found.values())


def test_an_original_of_somebody_under_18_is_taken_with_a_second_person_and_once(desk: people.Desk) -> None:
    case = young(files=(("school.txt", b"their words"),))
    item = reading.case_page(desk.lead, case).evidence[0].item
    with pytest.raises(second.NeedsSecond):
        reading.original(desk.lead, case, item)
    assert "viewed" not in [line.entry.action for line in custody.lines(case=case)]
    approve(desk, case, "original")
    reader, _size, _type = reading.original(desk.lead, case, item)
    with reader:
        assert reader.read() == b"their words"
    with pytest.raises(second.NeedsSecond):
        reading.original(desk.lead, case, item)


def test_an_adults_case_leaves_as_before(desk: people.Desk) -> None:
    words, _ = people.report("I am forty.", files=(("a.txt", b"mine"),))
    case = returning.open_receipt(" ".join(words)).case
    key = pyrage.x25519.Identity.generate()
    exporting.one(staff=desk.lead, case_id=case, whole=True, originals=False, way=Way(recipient=str(key.to_public())))
    reader, _size, _type = reading.original(desk.lead, case, reading.case_page(desk.lead, case).evidence[0].item)
    with reader:
        assert reader.read() == b"mine"


def grown(**more: object) -> UUID:
    """A report in which nothing is said of an age."""
    words, _ = people.report("At school they say my name.", **more)  # type: ignore[arg-type]
    return returning.open_receipt(" ".join(words)).case


def mark(desk: people.Desk, case: UUID) -> None:
    agreements.mark_young(staff=desk.team["Wren"], case_id=case, why="The teacher said that she is fifteen.")


def test_an_age_that_is_learned_later_protects_from_then_on(desk: people.Desk) -> None:
    case = grown(consents=("publish-story", "statistics"))
    way = Way(recipient=str(pyrage.x25519.Identity.generate().to_public()))
    before = reading.case_page(desk.lead, case)
    assert not before.minor and dict(before.consents)["publish-story"]
    agree(desk, case)
    mark(desk, case)
    after = reading.case_page(desk.lead, case)
    assert after.minor and not dict(after.consents)["publish-story"] and dict(after.consents)["statistics"]
    days = configuration.current().minor_retention_days
    assert after.retention_on == clock.today() + dt.timedelta(days=days) < before.retention_on
    with pytest.raises(DeskError, match="under 18"):
        casework.set_retention(staff=desk.lead, case_id=case, day=before.retention_on, why="as before")
    approve(desk, case)
    with pytest.raises(agreements.NobodyAgreed):  # it was agreed for somebody grown up
        exporting.one(staff=desk.lead, case_id=case, whole=True, originals=False, way=way)
    agree(desk, case)
    exporting.one(staff=desk.lead, case_id=case, whole=True, originals=False, way=way)
    mark(desk, case)  # once is enough
    assert agreements.page(desk.lead, case).stands


def test_marking_needs_a_reason_and_holds_a_leads_veto(desk: people.Desk) -> None:
    case = grown()
    with pytest.raises(DeskError, match="no reason"):
        agreements.mark_young(staff=desk.lead, case_id=case, why=" ")
    day = clock.today() + dt.timedelta(days=300)
    retaining.keep(staff=desk.lead, case_id=case, day=day, why="the trial")
    kept = reading.case_page(desk.lead, case).retention_on
    mark(desk, case)
    assert reading.case_page(desk.lead, case).retention_on == kept
