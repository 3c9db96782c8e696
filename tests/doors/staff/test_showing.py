"""Codes into words, and names that try to deceive."""

import datetime as dt
from uuid import UUID

import pytest
from django.utils import translation

from amparo.desk import custody, examining, policy
from amparo.desk.records.cases import STATES
from amparo.doors.staff import labels, showing
from amparo.words.consents import CODES
from amparo.words.findings import Category, Level
from amparo.words.kinds import KINDS
from amparo.words.risk import PRIORITIES
from amparo.words.times import Interval, Moment, Precision
from amparo.words.why import WHY


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def test_every_code_of_the_desk_has_words() -> None:
    """A code that is added elsewhere must be given words here."""
    assert set(STATES) == set(labels.STATES)
    assert set(WHY) == set(labels.WHY)
    assert set(CODES) == set(labels.CONSENTS)
    assert {str(level) for level in Level} == set(labels.LEVELS)
    assert {str(one) for one in PRIORITIES} == set(labels.PRIORITIES)
    assert set(examining.SAYS) <= set(labels.EXAMS)
    assert {str(category) for category in Category} == set(labels.CATEGORIES)
    assert set(custody.ACTIONS) == set(labels.ACTS)
    assert {*policy.ROLES, policy.AWAY} == set(labels.ROLES)


def test_every_kind_of_writing_has_words_on_the_timeline() -> None:
    """Whatever stands there by its kind; the others have a place of their own on the page."""
    elsewhere = {"answers", "note", "finding", "exam", "decision", "event", "preview", "conversation"}
    assert set(KINDS) - elsewhere <= set(labels.ENTRIES)


def test_states_that_the_house_sets_itself_are_not_offered() -> None:
    offered = {code for code, _label in showing.states("open")}
    assert "withdrawn" not in offered and "erasing" not in offered and "open" not in offered
    assert {"awaiting-vetting", "out-of-mandate", "waiting-on-reporter", "waiting-on-partner"} <= offered


def test_a_name_that_turns_the_text_around_shows_its_true_ending() -> None:
    shown = showing.visible("invoice\u202efdp.exe")
    assert shown == "invoice[U+202E]fdp.exe"
    assert showing.visible("صورة.png") == "صورة.png"
    assert "\n" not in showing.visible("a\nb") and "\x00" not in showing.visible("a\x00b")


def test_a_long_name_stays_short() -> None:
    assert len(showing.visible("x" * 5000)) == 200


def test_case_code() -> None:
    assert labels.case_code(UUID("1234abcd-0000-0000-0000-000000000000")) == "1234-ABCD"


@pytest.mark.parametrize(("days", "shown"), [(0, "today"), (1, "1 day ago"), (30, "30 days ago"), (-1, "today")])
def test_age(days: int, shown: str) -> None:
    today = dt.date(2026, 5, 31)
    assert labels.age(today - dt.timedelta(days=days), today) == shown


@pytest.mark.parametrize(("count", "shown"), [(1, "1 byte"), (999, "999 bytes"), (1_500, "1.5 kB"),
                                              (2_000_000_000, "2.0 GB")])
def test_size(count: int, shown: str) -> None:
    assert labels.size(count) == shown


def test_times_are_cut_to_what_is_known() -> None:
    at = dt.datetime(2026, 3, 9, 18, 30, tzinfo=dt.UTC)
    assert labels.when(Moment(at, Precision.MONTH)) == "2026-03"
    assert labels.when(Interval(at, at, Precision.MONTH)) == "2026-03"
    assert labels.when(None) == "time not known"
