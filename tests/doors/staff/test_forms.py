"""The forms of the staff door: what they accept, and how they say what is wrong."""

import pytest

from amparo.doors.staff import forms
from amparo.words.times import Interval, Moment, Precision


def event(**given: str) -> forms.Event:
    return forms.Event({"venue": "offline", "text": "A break-in", **given}, auto_id="event_%s")


@pytest.mark.parametrize(("told", "precision"), [
    ("2026", Precision.YEAR), ("2026-03", Precision.MONTH), ("2026-03-09", Precision.DAY),
    ("2026-03-09 18:30", Precision.MINUTE), ("٢٠٢٦-٠٣", Precision.MONTH),
])
def test_a_date_keeps_the_precision_in_which_it_was_told(told: str, precision: Precision) -> None:
    form = event(start=told)
    assert form.is_valid(), form.errors
    when = form.when()
    assert isinstance(when, Moment) and when.precision is precision and when.zone == "unknown"


def test_an_end_makes_an_interval_of_the_coarser_precision() -> None:
    form = event(start="2026-03-09", end="2026-04")
    assert form.is_valid()
    when = form.when()
    assert isinstance(when, Interval) and when.precision is Precision.MONTH
    assert when.start is not None and when.start.day == 9


@pytest.mark.parametrize("told", ["yesterday", "2026-13", "2026-02-30", "<script>", "9" * 30])
def test_an_unreadable_date_is_told_beside_its_field(told: str) -> None:
    form = event(start=told)
    assert not form.is_valid()
    assert [problem["field"] for problem in form.problems()] == ["event_start"]
    assert form["start"].value() == told  # what was typed is shown again


def test_an_end_before_the_start_is_refused() -> None:
    form = event(start="2026-03-09", end="2026-03-08")
    assert not form.is_valid() and "end" in form.errors


def test_a_decision_needs_its_reason_and_nothing_is_chosen_beforehand() -> None:
    blank = forms.Decide(auto_id="d_%s")
    assert "checked" not in str(blank["verdict"])
    form = forms.Decide({"verdict": "accepted", "why": "   "}, auto_id="d_%s")
    assert not form.is_valid()
    assert form.problems()[0]["field"] == "d_why"


@pytest.mark.parametrize("verdict", ["", "maybe", "accept"])
def test_only_what_is_offered_is_a_verdict(verdict: str) -> None:
    assert not forms.Decide({"verdict": verdict, "why": "because"}).is_valid()
    for offered in ("accepted", "rejected", "undecided"):  # the last: a specialist must look first
        assert forms.Decide({"verdict": offered, "why": "because"}).is_valid()


def test_passwords_must_agree_and_are_never_shown_again() -> None:
    form = forms.Join({"login": "alondra", "password": "one two three four", "again": "one two three five"})
    assert not form.is_valid() and "again" in form.errors
    assert "one two" not in str(form["password"]) + str(form["again"])


def test_a_password_keeps_its_spaces() -> None:
    form = forms.SignIn({"login": "x", "password": "  six words with spaces around it "})
    assert form.is_valid() and form.cleaned_data["password"].startswith("  six")


@pytest.mark.parametrize("form", [forms.Kept, forms.RemoveMember, forms.SignColleague, forms.RemoveColleague])
def test_what_cannot_be_undone_needs_a_tick(form: type[forms.Calm]) -> None:
    assert not form({"code": "123456"}).is_valid()


def test_a_state_must_be_one_of_those_offered() -> None:
    offered = [("closed", "closed")]
    assert forms.State({"state": "closed", "why": "done"}, states=offered).is_valid()
    assert not forms.State({"state": "erasing", "why": "done"}, states=offered).is_valid()


@pytest.mark.parametrize("day", ["31.05.2027", "2027-02-30", "soon"])
def test_a_retention_day_is_a_real_day(day: str) -> None:
    assert not forms.Retention({"day": day, "why": "x"}).is_valid()
