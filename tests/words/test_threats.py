"""The taxonomy stays complete: every threat noun of the statement has what requirement 1.2a asks for."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from amparo.words import acts, rights
from amparo.words.codes import UnknownCode
from amparo.words.questionnaires import load
from amparo.words.threats import CODES, TAXONOMY, THE_TAXONOMY, threat, with_parents

HERE = Path(__file__).parent

# The nouns of requirement 1.2a, each with the code that carries it. Written from the requirement, not from the data.
NOUNS = {
    "surveillance": "surveillance", "spyware": "spyware", "censorship": "censorship", "shutdown": "shutdown",
    "harassment": "harassment", "smear": "smear", "disinformation": "disinformation",
    "FIMI": "foreign-manipulation", "gendered disinformation": "gendered-disinformation", "doxing": "doxing",
    "phishing": "phishing", "account attack": "account-attack", "impersonation": "impersonation",
    "intimate-image abuse": "intimate-image", "synthetic media": "synthetic-media",
    "malicious mass-reporting": "malicious-reporting", "legal harassment": "legal-harassment",
}
# Stable codes promised to the other rooms.
PROMISED = {*NOUNS.values(), "stalkerware", "offline-attack", "other"}


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_every_threat_noun_is_carried(noun: str) -> None:
    item = threat(NOUNS[noun])
    assert item.definition and item.playbook and item.demo_case
    assert "1.2a" in item.requirement
    assert item.huridocs.entity in ("Event", "Act")
    assert item.misp or THE_TAXONOMY.no_mapping["misp"]
    assert item.disarm or THE_TAXONOMY.no_mapping["disarm"]


def test_codes_are_the_promised_ones_and_unique() -> None:
    assert set(CODES) == PROMISED
    assert len(CODES) == len(set(CODES))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in CODES)


def test_definitions_and_demo_cases_are_not_shared() -> None:
    for field in ("definition", "name", "demo_case"):
        values = [getattr(item, field) for item in TAXONOMY]
        assert len(values) == len(set(values)), field


@pytest.mark.parametrize("item", TAXONOMY, ids=lambda item: item.code)
def test_entry_is_dated_sourced_and_points_to_known_codes(item) -> None:
    assert item.source
    assert date(2026, 1, 1) <= item.checked_on
    assert item.parent is None or item.parent in CODES
    assert set(item.acts) <= set(acts.ACTS.codes)
    assert set(item.rights) <= set(rights.RIGHTS.codes)
    assert item.demo_case[:2] in ("qx", "qy", "qz")


@pytest.mark.parametrize("item", TAXONOMY, ids=lambda item: item.code)
def test_misp_tags_exist(item) -> None:
    known = json.loads((HERE / "misp_machine_tags.json").read_text())["taxonomies"]
    for tag in item.misp:
        namespace, rest = tag.split(":", 1)
        predicate, _, value = rest.partition("=")
        assert predicate in known[namespace], tag
        assert value.strip('"') in known[namespace][predicate] if value else not known[namespace][predicate], tag


@pytest.mark.parametrize("item", TAXONOMY, ids=lambda item: item.code)
def test_disarm_techniques_exist(item) -> None:
    known = {line for line in (HERE / "disarm_ids.txt").read_text().splitlines() if not line.startswith("#")}
    assert len(known) == 298
    assert set(item.disarm) <= known


def test_every_empty_disarm_mapping_is_one_we_meant() -> None:
    assert {item.code for item in TAXONOMY if not item.disarm} == {
        "spyware", "stalkerware", "surveillance", "phishing", "legal-harassment", "other",
    }


def test_parents_form_no_circle() -> None:
    for item in TAXONOMY:
        seen, here = set(), item
        while here.parent is not None:
            assert here.code not in seen
            seen.add(here.code)
            here = threat(here.parent)


def test_with_parents_adds_the_wider_kind() -> None:
    assert set(with_parents(("shutdown", "stalkerware"))) == {
        "shutdown", "censorship", "stalkerware", "surveillance",
    }


def test_unknown_code_is_told_in_a_sentence() -> None:
    with pytest.raises(UnknownCode) as told:
        threat("witchcraft")
    assert "witchcraft" in told.value.says and told.value.advice


def test_reporter_is_asked_for_every_threat_that_has_plain_words() -> None:
    asked = load("report").question("threats")
    assert asked is not None
    assert {option.code: option.text for option in asked.options} == {
        item.code: item.plain for item in TAXONOMY if item.plain
    }
    # Attribution to a foreign State is an analyst's claim: nobody is asked to make it at the door.
    assert [item.code for item in TAXONOMY if not item.plain] == ["foreign-manipulation"]
