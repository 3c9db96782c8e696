"""Times of tasks as people type them, across the days on which clocks change."""

import datetime as dt
import zoneinfo

import pytest

from amparo.desk import due

UTC = dt.UTC
BERLIN, BOGOTA = zoneinfo.ZoneInfo("Europe/Berlin"), zoneinfo.ZoneInfo("America/Bogota")
NOW = dt.datetime(2026, 11, 25, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(("told", "zone", "moment"), [
    ("+2h", BERLIN, dt.datetime(2026, 11, 25, 16, 0, tzinfo=UTC)),
    ("+ 30 m", BOGOTA, dt.datetime(2026, 11, 25, 14, 30, tzinfo=UTC)),
    ("+3d", UTC, dt.datetime(2026, 11, 28, 14, 0, tzinfo=UTC)),
    ("17:30", BERLIN, dt.datetime(2026, 11, 25, 16, 30, tzinfo=UTC)),
    ("9:05", BOGOTA, dt.datetime(2026, 11, 25, 14, 5, tzinfo=UTC)),
    ("08:00", BERLIN, dt.datetime(2026, 11, 26, 7, 0, tzinfo=UTC)),  # has passed today
    ("2027-07-01", BERLIN, dt.datetime(2027, 7, 1, 21, 59, tzinfo=UTC)),
    ("2027-07-01 00:00", BERLIN, dt.datetime(2027, 6, 30, 22, 0, tzinfo=UTC)),
    ("2027-07-01T09:15", BOGOTA, dt.datetime(2027, 7, 1, 14, 15, tzinfo=UTC)),
    ("٢٠٢٧-٠٧-٠١ ٠٩:١٥", BOGOTA, dt.datetime(2027, 7, 1, 14, 15, tzinfo=UTC)),
    ("friday 12:00", BERLIN, dt.datetime(2026, 11, 27, 11, 0, tzinfo=UTC)),
    ("Viernes a las 12:00", BERLIN, dt.datetime(2026, 11, 27, 11, 0, tzinfo=UTC)),
    ("vendredi à 12h", BERLIN, dt.datetime(2026, 11, 27, 11, 0, tzinfo=UTC)),
    ("vendredi 12 h 30", BERLIN, dt.datetime(2026, 11, 27, 11, 30, tzinfo=UTC)),
    ("الجمعة الساعة ١٢:٠٠", BERLIN, dt.datetime(2026, 11, 27, 11, 0, tzinfo=UTC)),
    ("Wednesday 17:00", BERLIN, dt.datetime(2026, 11, 25, 16, 0, tzinfo=UTC)),  # today, not passed
    ("miércoles 9:00", BERLIN, dt.datetime(2026, 12, 2, 8, 0, tzinfo=UTC)),  # has passed today
    ("sábado", BERLIN, dt.datetime(2026, 11, 28, 22, 59, tzinfo=UTC)),
    ("tomorrow 9:00", BOGOTA, dt.datetime(2026, 11, 26, 14, 0, tzinfo=UTC)),
    ("mañana, 9:00", BOGOTA, dt.datetime(2026, 11, 26, 14, 0, tzinfo=UTC)),
    ("demain 9h", BOGOTA, dt.datetime(2026, 11, 26, 14, 0, tzinfo=UTC)),
    ("غدًا 9:00", BOGOTA, dt.datetime(2026, 11, 26, 14, 0, tzinfo=UTC)),
    ("aujourd’hui 17h30", BERLIN, dt.datetime(2026, 11, 25, 16, 30, tzinfo=UTC)),
    ("today at 5 pm", BERLIN, dt.datetime(2026, 11, 25, 16, 0, tzinfo=UTC)),
    ("tomorrow 12am", BERLIN, dt.datetime(2026, 11, 25, 23, 0, tzinfo=UTC)),
    ("in 2 hours", BERLIN, dt.datetime(2026, 11, 25, 16, 0, tzinfo=UTC)),
    ("en 2 horas", BERLIN, dt.datetime(2026, 11, 25, 16, 0, tzinfo=UTC)),
    ("dans une heure", BERLIN, dt.datetime(2026, 11, 25, 15, 0, tzinfo=UTC)),
    ("بعد ساعتين", BERLIN, dt.datetime(2026, 11, 25, 16, 0, tzinfo=UTC)),
    ("بعد ٣ أيام", BERLIN, dt.datetime(2026, 11, 28, 14, 0, tzinfo=UTC)),
    ("2026-10-25 02:30", BERLIN, dt.datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice: the first
])
def test_times_are_read_in_the_handlers_zone(told: str, zone: dt.tzinfo, moment: dt.datetime) -> None:
    assert due.read(told, zone, NOW) == moment


def test_no_time_is_no_time() -> None:
    assert due.read("  ", BERLIN, NOW) is None


@pytest.mark.parametrize("told", [
    "2026-03-29 02:30", "soon", "25:00", "12:61", "2026-02-30", "+2w", "0000-01-01", "12", "next friday", "friday soon",
    "today 9:00", "tomorrow 25:00", "friday 13 pm", "in hours", "in 2 fridays", "9:00 friday", "manana manana",
    "in 9999 days",
])
def test_what_never_comes_or_cannot_be_read_is_refused_with_advice(told: str) -> None:
    with pytest.raises(due.DueUnclear) as error:
        due.read(told, BERLIN, NOW)
    assert "17:30" in error.value.advice


def test_tomorrow_over_the_change_of_clocks_keeps_the_clock_time() -> None:
    evening = dt.datetime(2026, 3, 28, 20, 0, tzinfo=UTC)  # 21:00 in Berlin, before the clocks go forward
    assert due.read("09:00", BERLIN, evening) == dt.datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    with pytest.raises(due.DueUnclear):
        due.read("02:30", BERLIN, evening)
