"""Doubles: what is proposed to whom, what a person says of a pair, and that nothing is merged."""

from uuid import UUID

import pytest

from amparo.desk import casework, custody, demo_reports, duplicates, masks, reading, returning, searchsheets
from amparo.desk.casework import WhyMissing
from amparo.desk.errors import ChangedMeanwhile, NotFound
from amparo.desk.payloads import Exclusion
from amparo.desk.records import Case
from tests.desk import people as desks
from tests.desk.test_search import file

STORY = "Three men in a grey car waited before our office on Tuesday and wrote down who came in and who left again"


def pairs(found: tuple[duplicates.Proposal, ...]) -> set[frozenset[UUID]]:
    return {frozenset((one.case, one.other)) for one in found}


def test_of_the_forty_demo_reports_two_are_proposed_and_none_is_merged(desk: desks.Desk) -> None:
    from amparo.desk import clock

    made: dict[str, UUID] = {}
    for report in demo_reports.load():
        given = {code.replace("-", "_"): values for code, values in report.given(clock.today()).items()}
        text = given.pop("what_happened")[0]
        words, _ = desks.report(text, consents=report.consents, language=report.language, **given)
        made[report.name] = returning.open_receipt(" ".join(words)).case
    found = duplicates.proposals(desk.lead)
    assert pairs(found) == {frozenset((made["phish-twin-1"], made["phish-twin-2"]))}
    assert Case.objects.filter(state="open").count() == len(made)
    assert duplicates.of(desk.lead) == {
        made["phish-twin-1"]: (made["phish-twin-2"],), made["phish-twin-2"]: (made["phish-twin-1"],)}


def test_a_rare_identifier_proposes_and_what_many_carry_does_not(desk: desks.Desk) -> None:
    first = file("He calls from +380 67 123 45 67, always at night.").case
    second = file("Somebody rings my mother. The number: 067 123 45 67").case
    for n in range(duplicates.RARE + 1):
        file(f"https://platform.example/help help@platform.example {n}")
    (found,) = duplicates.proposals(desk.lead)
    assert {found.case, found.other} == {first, second}
    assert found.shared == 1


def test_what_only_the_evidence_of_two_shares_is_a_campaign_and_no_double(desk: desks.Desk) -> None:
    first = file("Somebody wrote to me that my account ends today.").case
    second = file("I had a call about a parcel that I never ordered.").case
    for case in (first, second):  # as a mail or a chat in the evidence would: not told by the reporters themselves
        casework.note(staff=desk.lead, case_id=case, text="The sender is clerk@post-office.example.")
    assert duplicates.proposals(desk.lead) == ()
    third = file("The mail came from clerk@post-office.example and asked for my password.").case
    assert pairs(duplicates.proposals(desk.lead)) == {frozenset((third, first)), frozenset((third, second))}


def test_a_domain_alone_is_no_sign(desk: desks.Desk) -> None:
    file("The letters came through the forum at talk.example and were full of threats against the nurses.")
    file("My pictures stand on talk.example since yesterday, and nobody there answers when I ask for their deletion.")
    assert duplicates.proposals(desk.lead) == ()


def test_what_colleagues_cases_carry_counts_against_rareness(desk: desks.Desk) -> None:
    """Frequency is that of the whole desk, by marks: also of cases that I cannot read."""
    apart = Exclusion(pseudonyms=("Swift",))
    mine = [file(f"Report {n}: write to office@institute.example").case for n in range(2)]
    assert pairs(duplicates.proposals(desk.team["Swift"])) == {frozenset(mine)}
    for n in range(duplicates.RARE):
        file(f"More {n}: office@institute.example", excluded=apart)
    assert duplicates.proposals(desk.lead) == ()
    assert duplicates.proposals(desk.team["Swift"]) == ()


def test_a_pair_is_proposed_only_to_who_reads_both(desk: desks.Desk) -> None:
    one = file(STORY).case
    other = file(STORY + ".", excluded=Exclusion(pseudonyms=("Wren",))).case
    assert pairs(duplicates.proposals(desk.lead)) == {frozenset((one, other))}
    assert duplicates.proposals(desk.team["Wren"]) == ()
    assert duplicates.of(desk.team["Wren"]) == {}
    with pytest.raises(NotFound):
        duplicates.side_by_side(desk.team["Wren"], one, other)
    with pytest.raises(NotFound):
        duplicates.say(staff=desk.team["Wren"], case_id=one, other=other, verdict="same", why="x")
    assert reading.case_page(desk.lead, one).version == 1, "nothing was written into the one that is hers"


def test_who_lost_a_case_is_proposed_nothing_of_it(desk: desks.Desk) -> None:
    one, other = file(STORY).case, file(STORY + "!").case
    assert pairs(duplicates.proposals(desk.team["Wren"])) == {frozenset((one, other))}
    casework.remove_colleague(staff=desk.lead, case_id=other, colleague=desk.team["Wren"].id)
    assert duplicates.of(desk.team["Wren"]) == {}


@pytest.mark.parametrize("verdict", duplicates.VERDICTS)
def test_what_a_person_said_stands_in_both_and_is_not_asked_again(desk: desks.Desk, verdict: str) -> None:
    one, other = file(STORY).case, file(STORY + "!").case
    assert len(duplicates.proposals(desk.lead)) == 1
    duplicates.say(staff=desk.team["Wren"], case_id=one, other=other, verdict=verdict, why="I asked both")
    for case, to in ((one, other), (other, one)):
        (said,) = duplicates.linked(desk.lead, case)
        assert (said.other, said.verdict, said.why, said.who) == (to, verdict, "I asked both", "Wren")
        (line,) = [entry.entry for entry in custody.lines(case=case) if entry.entry.action == "compared"]
        # The log stands in clear: that she compared, neither with which case nor what she found.
        assert (line.item, line.actor, line.detail) == (None, desk.team["Wren"].id, ())
    assert duplicates.proposals(desk.lead) == ()
    assert set(Case.objects.values_list("state", flat=True)) == {"open"}
    with pytest.raises(WhyMissing):
        duplicates.take_back(staff=desk.lead, case_id=other, other=one, why=" ")
    duplicates.take_back(staff=desk.lead, case_id=other, other=one, why="it was another car")
    assert duplicates.linked(desk.lead, one) == duplicates.linked(desk.lead, other) == ()
    assert pairs(duplicates.proposals(desk.lead)) == {frozenset((one, other))}


def test_closing_one_of_two_is_a_persons_choice(desk: desks.Desk) -> None:
    one, other = file(STORY).case, file(STORY + "!").case
    with pytest.raises(duplicates.NoVerdict):
        duplicates.say(staff=desk.lead, case_id=one, other=other, verdict="related", why="x", close=other)
    with pytest.raises(duplicates.NoVerdict):
        duplicates.say(staff=desk.lead, case_id=one, other=other, verdict="merge", why="x")
    with pytest.raises(duplicates.NoVerdict):
        duplicates.say(staff=desk.lead, case_id=one, other=one, verdict="same", why="x")
    duplicates.say(staff=desk.lead, case_id=one, other=other, verdict="same", why="sent twice", close=other)
    states = dict(Case.objects.values_list("id", "state"))
    assert states == {one: "open", other: "closed"}
    assert len(reading.case_page(desk.lead, other).answers) == len(reading.case_page(desk.lead, one).answers)


def test_a_pair_that_changed_under_the_eyes_is_not_decided(desk: desks.Desk) -> None:
    one, other = file(STORY).case, file(STORY + "!").case
    pair = duplicates.side_by_side(desk.lead, one, other)
    casework.note(staff=desk.team["Wren"], case_id=other, text="news")
    with pytest.raises(ChangedMeanwhile):
        duplicates.say(staff=desk.lead, case_id=one, other=other, verdict="same", why="x",
                       version=pair.left.version, other_version=pair.right.version)
    assert duplicates.linked(desk.lead, one) == (), "both or neither"


def test_side_by_side_is_covered_and_masked_identifiers_are_not_shared(desk: desks.Desk) -> None:
    one = file(STORY + ". Anna Kovacs, +380671234567.").case
    other = file(STORY + ". Anna Kovacs, 067 123 45 67.").case
    assert ("phone", "671234567") in duplicates.side_by_side(desk.lead, one, other).shared
    for text in ("Anna Kovacs", "+380 67 123 45 67"):
        masks.mask(staff=desk.lead, case_id=one, text=text, why="asked for")
    pair = duplicates.side_by_side(desk.lead, one, other)
    assert pair.shared == ()
    assert "Kovacs" not in repr(pair.left)
    (left,) = duplicates.proposals(desk.lead)
    assert left.shared == 0


def test_a_crowd_is_compared_on_its_own_page_only(desk: desks.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    file(STORY)
    file(STORY + "!")
    monkeypatch.setattr(duplicates, "CHEAP", 1)
    assert duplicates.of(desk.lead) == {}
    assert len(duplicates.proposals(desk.lead)) == 1
    assert len(duplicates.of(desk.lead)) == 2
    assert searchsheets.read_head(desk.lead).compared > 0
