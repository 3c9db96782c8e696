"""The history that one case of the demonstration gets."""

from amparo.desk import demo_seeding, escalating, queue
from amparo.desk.demo_reports import load
from tests.desk import people


def test_the_history_of_the_demonstration_is_act_now_and_waits_for_a_signature(desk: people.Desk) -> None:
    """A public address, an earlier break-in and a dated threat: told one by one, they add up."""
    report = next(one for one in load() if one.name == "doxing-home")
    case, _words = demo_seeding.file_one(report)
    before = escalating.page(desk.lead, case).watch
    demo_seeding._history(desk.lead, case)
    page = escalating.page(desk.lead, case)
    assert (before.level, page.watch.level) == ("P1", "P0")
    assert [one.code for one in page.watch.reasons if one.level == "P0"] == ["home-dated", "dated-after-attack"]
    assert page.signed is None and page.watch.capacities == ("lawyer",)
    assert queue.load(desk.lead).rows[0].level == "P0"
