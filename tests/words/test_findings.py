"""A finding always carries its limit; its JSON is what the terminal promises."""

import json
from datetime import UTC, datetime

import msgspec
import pytest

from amparo.words.findings import LEVELS, Category, Finding, Knowledge, Level, NotChecked, Where
from amparo.words.times import Interval, Moment, Precision

PLAIN = {
    "detector": "spyware", "detector_version": "1", "code": "domain-contacted", "level": Level.HIGH,
    "category": Category.CONTACTED, "seen": "bad.example", "where": Where("a.db", "12", None),
    "says": "s", "matters": "m", "does_not_say": "d",
}


def test_a_finding_without_its_limit_is_refused() -> None:
    for empty in ("", "  "):
        with pytest.raises(ValueError):
            Finding(**{**PLAIN, "does_not_say": empty})


@pytest.mark.parametrize("when", [
    None, Moment(datetime(2024, 1, 1, tzinfo=UTC), Precision.MINUTE, "Europe/Madrid"),
    Interval(datetime(2024, 1, 1, tzinfo=UTC), None, Precision.DAY),
])
def test_findings_go_through_json_and_a_seal_unchanged(when) -> None:
    finding = Finding(**PLAIN, when=when, knowledge=(Knowledge("bad.example", "set"),), techniques=("T1",))
    for form in (msgspec.json, msgspec.msgpack):
        assert form.decode(form.encode(finding), type=Finding | NotChecked) == finding


def test_json_is_one_object_of_its_type() -> None:
    said = json.loads(msgspec.json.encode(Finding(**PLAIN)))
    assert said["type"] == "finding" and said["level"] == "high" and said["where"]["artefact"] == "a.db"
    assert json.loads(msgspec.json.encode(NotChecked("d", "p", "w"))) == {
        "type": "not-checked", "detector": "d", "part": "p", "why": "w",
    }


def test_levels_from_heaviest_to_lightest_and_frozen() -> None:
    assert [level.value for level in LEVELS] == ["high", "medium", "low", "info"]
    with pytest.raises(AttributeError):
        Finding(**PLAIN).level = Level.LOW
