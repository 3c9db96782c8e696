"""Code lists hold what the requirements name."""

from datetime import date

import pytest

from amparo.words import codes
from amparo.words.acts import ACTS
from amparo.words.channels import CHANNELS, Channel
from amparo.words.codes import UnknownCode
from amparo.words.grounds import GROUNDS
from amparo.words.perpetrators import KINDS
from amparo.words.questionnaires import load
from amparo.words.reports import STATES
from amparo.words.rights import RIGHTS
from amparo.words.targets import NEEDS_PERSON, TARGETS
from amparo.words.venues import VENUES


@pytest.mark.parametrize("name", codes.names())
def test_lists_are_dated_sourced_and_unique(name: str) -> None:
    known = codes.load(name)
    assert known.source and known.requirement
    assert known.checked_on >= date(2026, 1, 1)
    assert len(set(known.codes)) == len(known)
    assert all(entry.name for entry in known)


def test_seven_act_types_of_the_declaration() -> None:
    assert set(ACTS.codes) == {
        "violence", "threats", "retaliation", "discrimination-de-facto", "discrimination-de-jure", "pressure",
        "other-arbitrary",
    }


def test_three_freedoms_of_sentence_4_1() -> None:
    assert {"expression", "association", "assembly"} <= set(RIGHTS.codes)


def test_grounds_are_the_seven_of_the_statement_and_those_added() -> None:
    statement = {"race", "religion", "ethnicity", "disability", "sexual-orientation", "socioeconomic",
                 "gender-identity"}
    added = {"language", "age", "caste", "migration", "indigenous", "other"}
    assert set(GROUNDS.codes) == statement | added


def test_perpetrator_kinds_hold_state_and_non_state() -> None:
    assert KINDS.codes[0] == "unknown"
    assert {"state-organ", "state-linked", "company", "armed-group", "private"} <= set(KINDS.codes)


def test_civic_space_and_organisation_need_no_person() -> None:
    assert set(TARGETS.codes) - NEEDS_PERSON == {"organisation", "civic-space"}


def test_off_platform_channels_are_there_and_an_unknown_platform_is_accepted() -> None:
    assert {"call", "letter", "in-person", "other"} <= set(CHANNELS.codes)
    assert Channel("other", "a board nobody has heard of").platform == "a board nobody has heard of"
    with pytest.raises(UnknownCode):
        Channel("telepathy")


def test_venues_and_states() -> None:
    assert set(VENUES) == {"online", "offline", "both"}
    assert {"awaiting-vetting", "out-of-mandate", "waiting-on-reporter", "waiting-on-partner"} <= set(STATES.codes)


@pytest.mark.parametrize(
    ("question", "name"),
    [("channels", "channels"), ("grounds", "grounds"), ("perpetrator", "perpetrators"), ("activity", "activities")],
)
def test_the_questionnaire_offers_exactly_the_list(question: str, name: str) -> None:
    asked = load("report").question(question)
    assert asked is not None
    assert {option.code: option.text for option in asked.options} == {e.code: e.name for e in codes.load(name)}
