"""What the run by keyboard must notice, shown without a browser: a request elsewhere, a wrong pair, a wrong report."""

import pytest
from access.keys import Slow, Watch, pairs, report_of, stories
from access.pages import SCRIPT

from access import keyboard

DESK = "http://127.0.0.1:8080"
LEFT, RIGHT = "ac4260e3-cd49-fcf8-bd00-b847a30bea3a", "e0db15fe-7ceb-f63b-bf6f-c5510f09b1c4"


def watched(*asked: tuple[str, str]) -> Watch:
    watch = Watch(DESK)
    for address, kind in asked:
        watch.saw(address, kind)
    return watch


def test_the_one_script_and_pages_of_the_desk_are_well() -> None:
    watched((f"{DESK}/staff/", "document"), (DESK + SCRIPT, "script")).check(scripts_run=True)
    watched((f"{DESK}/staff/", "document")).check(scripts_run=False)


@pytest.mark.parametrize("address", [
    "http://127.0.0.1:80801/x.css", "http://127.0.0.1:8081/x.css", "https://127.0.0.1:8080/x.css",
    "http://127.0.0.1:8080.example.org/x.css", "http://127.0.0.1:8080@example.org/x.css", "ws://127.0.0.1:8080/x",
])
def test_a_request_elsewhere_is_noticed(address: str) -> None:
    watch = watched((DESK + SCRIPT, "script"), (address, "stylesheet"))
    with pytest.raises(Slow, match="asked elsewhere"):
        watch.check(scripts_run=True)


@pytest.mark.parametrize(("fetched", "run"), [
    ((f"{DESK}/static/other.js",), True), ((DESK + SCRIPT, f"{DESK}/static/other.js"), True),
    ((f"{DESK}{SCRIPT}?x",), True), ((), True), ((DESK + SCRIPT,), False),
])
def test_another_script_or_none_or_one_where_none_runs_is_noticed(fetched: tuple[str, ...], run: bool) -> None:
    watch = watched(*((address, "script") for address in fetched))
    with pytest.raises(Slow, match="scripts fetched"):
        watch.check(scripts_run=run)


def test_links_of_doubles_name_two_cases_in_any_order() -> None:
    there, back = f"/staff/case/{LEFT}/twins/{RIGHT}/", f"/staff/case/{RIGHT}/twins/{LEFT}/"
    assert pairs([there]) == pairs([back]) == [frozenset({LEFT, RIGHT})]
    assert pairs([]) == []
    with pytest.raises(Slow):
        pairs([f"/staff/case/{LEFT}/"])


def test_each_report_of_the_demonstration_is_told_from_every_other() -> None:
    """The two that tell one event begin with the same words, and must not be taken for one another."""
    told = stories()
    assert set(told) >= keyboard.TWINS and set(keyboard.LIFE) <= set(told)
    one, other = (told[name] for name in sorted(keyboard.TWINS))
    assert one[:60] == other[:60]
    for name, story in told.items():
        assert report_of(f"Triage of AC42-60E3 {story} What it is", told) == name
    for text in (f"{one} {other}", one[:-20], ""):
        with pytest.raises(Slow):
            report_of(text, told)
