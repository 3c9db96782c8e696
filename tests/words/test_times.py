"""Times keep what is known and stand in one order, online and offline."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.words.times import (
    Interval,
    Moment,
    Precision,
    TimeUnclear,
    bounds,
    surely_before,
    timeline,
    told,
    written,
)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_day_is_as_long_as_its_zone_says() -> None:
    first, last = bounds(Moment(at(2024, 5, 31, 22), Precision.DAY, "Europe/Madrid"))  # 1 June in Madrid
    assert first == at(2024, 5, 31, 22)
    assert last == at(2024, 6, 1, 22) - timedelta(microseconds=1)


def test_a_wall_clock_without_zone_may_mean_any_place_on_earth() -> None:
    first, last = bounds(told("2024-05-31 12:00"))
    assert first == at(2024, 5, 30, 22)  # in UTC+14
    assert last == at(2024, 6, 1, 0, 0, 59, 999999)  # in UTC-12


@pytest.mark.parametrize(("precision", "first", "last"), [
    (Precision.YEAR, at(2024, 1, 1), at(2025, 1, 1)),
    (Precision.MONTH, at(2024, 12, 1), at(2025, 1, 1)),
    (Precision.DAY, at(2024, 12, 31), at(2025, 1, 1)),
    (Precision.HOUR, at(2024, 12, 31, 23), at(2025, 1, 1)),
    (Precision.MINUTE, at(2024, 12, 31, 23, 59), at(2025, 1, 1)),
])
def test_bounds_by_precision(precision, first, last) -> None:
    moment = Moment(at(2024, 12, 31, 23, 59, 30), precision)
    assert bounds(moment) == (first, last - timedelta(microseconds=1))


def test_one_timeline_of_phone_posts_and_a_break_in() -> None:
    message = Moment(at(2024, 3, 10, 8, 30, 5))
    break_in = told("2024-03", "UTC")
    wave = Interval(at(2024, 3, 10), at(2024, 3, 12), Precision.DAY)
    call = Moment(at(2024, 3, 11, 9), Precision.MINUTE)
    someday = Moment(at(1, 1, 2), Precision.UNKNOWN)
    ended = Interval(None, at(2024, 2, 1), Precision.DAY)
    assert timeline([call, None, message, someday, wave, break_in, ended], lambda when: when) == [
        ended, break_in, wave, message, call, None, someday,
    ]


def test_surely_before_only_when_they_cannot_overlap() -> None:
    march, april = told("2024-03", "UTC"), told("2024-04", "UTC")
    assert surely_before(march, april) and not surely_before(april, march)
    assert not surely_before(march, told("2024-03-31", "UTC"))
    assert not surely_before(told("2024-03"), told("2024-04"))  # without zones the months may touch
    assert not surely_before(None, march) and not surely_before(march, None)


def test_open_interval_reaches_as_far_as_time() -> None:
    going_on = Interval(at(2024, 1, 1), None)
    assert not surely_before(going_on, Moment(at(2999, 1, 1)))
    assert surely_before(Moment(at(2023, 1, 1)), going_on)


@pytest.mark.parametrize(("text", "precision", "shown"), [
    ("2024", Precision.YEAR, "2024"),
    ("2024-05", Precision.MONTH, "2024-05"),
    ("2024/5/31", Precision.DAY, "2024-05-31"),
    ("٢٠٢٤-٠٥-٣١", Precision.DAY, "2024-05-31"),
    (" 2024-05-31T18:30 ", Precision.MINUTE, "2024-05-31 18:30"),
])
def test_dates_as_people_write_them(text, precision, shown) -> None:
    moment = told(text)
    assert moment.precision is precision
    assert written(moment) == shown


@pytest.mark.parametrize("text", [
    "", "yesterday", "31-05-2024", "2024-02-30", "2024-13", "0000", "2024-05-31 25:00", "²⁰²⁴",
])
def test_what_is_no_date_is_told_with_advice(text: str) -> None:
    with pytest.raises(TimeUnclear) as told_so:
        told(text)
    assert "2024-05" in told_so.value.advice


def test_naive_times_and_unknown_zones_are_refused() -> None:
    with pytest.raises(TimeUnclear):
        Moment(datetime(2024, 1, 1))
    with pytest.raises(TimeUnclear):
        Moment(at(2024, 1, 1), zone="Moon/Base")
    with pytest.raises(TimeUnclear):
        Moment(at(2024, 1, 1), zone="../../etc/passwd")
    with pytest.raises(TimeUnclear):
        Interval(at(2024, 1, 2), at(2024, 1, 1))


def test_times_go_through_a_seal_unchanged() -> None:
    for when in (told("2024-05"), Interval(at(2024, 1, 1), None, Precision.DAY, "+05:30")):
        packed = msgspec.msgpack.encode(when)
        back = msgspec.msgpack.decode(packed, type=Moment | Interval)
        assert back == when and bounds(back) == bounds(when)


aware = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]))


@given(aware, st.sampled_from(Precision), st.sampled_from(["UTC", "unknown", "Asia/Kathmandu", "-11:00"]))
def test_every_moment_lies_within_its_bounds(value, precision, zone) -> None:
    first, last = bounds(Moment(value, precision, zone))
    assert first <= value.astimezone(UTC) <= last if 2 < value.year < 9998 else first <= last


@given(aware, aware, st.sampled_from(Precision))
def test_surely_before_is_never_true_both_ways(one, two, precision) -> None:
    a, b = Moment(one, precision), Moment(two, precision)
    assert not (surely_before(a, b) and surely_before(b, a))


@given(st.text(max_size=30))
def test_told_never_fails_otherwise(text: str) -> None:
    try:
        assert isinstance(told(text), Moment)
    except TimeUnclear:
        pass
