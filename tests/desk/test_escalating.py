"""The escalation watch of a case: what raises it, what alone lowers it, and what it leaves in the clear: nothing."""

import datetime as dt
from uuid import UUID

import pytest

from amparo.desk import (
    casework,
    clock,
    configuration,
    custody,
    duties,
    escalating,
    masks,
    queue,
    reading,
    returning,
    statements,
    triaging,
    waking,
)
from amparo.desk.errors import ChangedMeanwhile, DeskError, NotAllowedHere, NotFound
from amparo.desk.records import Item
from amparo.words.errors import AmparoError
from amparo.words.risk import Priority
from tests.desk import people

CALM = {"danger": ["no"], "home_known": ["no"], "dated_threat": ["no"], "earlier_offline": ["no"], "soon": ["none"]}


def filed(**answers: list[str]) -> UUID:
    words, _ = people.report("They write at night.", **{**CALM, **answers})
    return returning.open_receipt(" ".join(words)).case


def tomorrow() -> dt.datetime:
    return clock.now() + dt.timedelta(days=1)


def level(desk: people.Desk, case: UUID, who: str = "Wren") -> Priority:
    return escalating.page(desk.team[who], case).watch.level


def test_address_and_dated_threat_alone_are_act_now_in_the_page_the_case_and_the_queue(desk: people.Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    case, calm = filed(threats=["doxing"], exposed=["home"]), filed()
    assert level(desk, case) == "P1"
    assert [row.case for row in queue.load(swift).rows][-1] == calm
    escalating.add(staff=wren, case_id=case, what="event", kind="threat", marks=["dated"])
    page = escalating.page(swift, case)
    assert page.watch.level == "P0"
    first = page.watch.reasons[0]
    assert first.code == "home-dated"
    rests = [page.sources[of] for of in first.rests]
    assert [(one.sort, one.question or one.who) for one in rests] == [("report", "exposed"), ("colleague", wren.id)]
    assert {fall.of: fall.to for fall in page.watch.would_lower}[rests[0].said.id] == "P1"
    assert reading.case_page(swift, case).level == "P0"
    top = queue.load(swift).rows[0]
    assert (top.case, top.level, top.why, top.reason) == (case, "P0", "life", first.says)
    assert queue.load(swift).rows[1].level == "P3"  # the calm one stays where it was


def test_only_a_signed_refutation_lowers(desk: people.Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    case = filed(threats=["doxing"], exposed=["home"])
    threat = escalating.add(staff=wren, case_id=case, what="event", kind="threat", marks=["dated"])
    for question in ("dated-threat", "danger-now", "home-known"):
        escalating.add(staff=swift, case_id=case, what="answer", kind=question, value="no")
    escalating.add(staff=swift, case_id=case, what="capacity", kind="safe-house")
    masks.mask(staff=swift, case_id=case, text="doxing", why="not for the copy")
    triaging.triage(staff=swift, case_id=case, threats=["smear"], needs=["nothing"], level="P2", why="I think so")
    assert level(desk, case) == "P0"
    escalating.refute(staff=swift, case_id=case, of=f"s:{threat}", why="It was a quote from a film.")
    assert level(desk, case) == "P1" and queue.load(wren).rows[0].level != "P0"
    gone = next(one for one in escalating.page(wren, case).sources.values() if one.text.startswith("It was a quote"))
    assert gone.who == swift.id
    # who knows better takes the refutation back, signed as well
    escalating.refute(staff=wren, case_id=case, of=gone.said.id, why="No film has these words.")
    assert level(desk, case) == "P0"


def test_a_refutation_needs_a_reason_and_something_that_was_said(desk: people.Desk) -> None:
    case, wren = filed(danger=["yes"]), desk.team["Wren"]
    with pytest.raises(DeskError, match="no reason"):
        escalating.refute(staff=wren, case_id=case, of="a:danger:yes:1", why="  ")
    with pytest.raises(NotFound):
        escalating.refute(staff=wren, case_id=case, of="a:home-known:yes:1", why="no")
    assert level(desk, case) == "P0"


def test_what_is_deleted_from_the_database_lowers_nothing_that_was_signed(desk: people.Desk) -> None:
    wren = desk.team["Wren"]
    case = filed(threats=["doxing"], exposed=["home"])
    escalating.add(staff=wren, case_id=case, what="event", kind="threat", marks=["dated"])
    escalating.add(staff=wren, case_id=case, what="answer", kind="exposure", value="violent")
    escalating.sign(staff=wren, case_id=case, level="P0", again=tomorrow(), task="Look again")
    Item.objects.filter(case=case, kind__in=("statement", "answers")).delete()
    page = escalating.page(wren, case)
    assert page.watch.level == "P0" and page.watch.uncertain and not page.current
    assert page.watch.exposure == "violent"
    of = next(one for one in page.watch.reasons[0].rests if one not in page.sources)
    escalating.refute(staff=wren, case_id=case, of=of, why="Seen again: it was an old address.")
    assert level(desk, case) != "P0"  # a person can still refute what is gone


def test_a_withdrawn_report_stays_where_it_was_and_says_so(desk: people.Desk) -> None:
    words, _ = people.report("They know my door.", **{**CALM, "home_known": ["yes"], "dated_threat": ["yes"]})
    access = returning.open_receipt(" ".join(words))
    before = escalating.page(desk.team["Wren"], access.case).watch
    returning.withdraw(access)
    after = escalating.page(desk.team["Wren"], access.case).watch
    assert (before.level, before.uncertain, before.taken_back) == ("P0", False, ())
    assert (after.level, after.uncertain) == ("P0", True)
    assert set(after.taken_back) >= {"a:home-known:yes:1", "a:dated-threat:yes:1"}
    returning.undo_withdrawal(access)
    assert escalating.page(desk.team["Wren"], access.case).watch == before


def test_a_fact_refuted_in_triage_is_refuted_here(desk: people.Desk) -> None:
    case, wren = filed(home_known=["yes"], dated_threat=["yes"]), desk.team["Wren"]
    assert level(desk, case) == "P0"
    triaging.triage(staff=wren, case_id=case, threats=["harassment"], needs=[], refuted=["home-known"],
                    why="She moved years ago; they wrote to the old street.")
    assert level(desk, case) == "P1"


def test_unsure_and_unasked_raise_the_doubt_and_not_the_level(desk: people.Desk) -> None:
    case = filed(home_known=["unsure"], dated_threat=["yes"], soon=["detention"])
    page = escalating.page(desk.team["Wren"], case)
    assert (page.watch.level, page.watch.could_be, page.watch.uncertain) == ("P1", "P0", True)
    assert {"home-known", "danger-now"} <= set(page.watch.would_raise)
    assert page.watch.exposure == "unknown"


def test_exposure_moves_no_level_and_no_level_moves_it(desk: people.Desk) -> None:
    case, wren = filed(), desk.team["Wren"]
    before = level(desk, case)
    escalating.add(staff=wren, case_id=case, what="answer", kind="exposure", value="violent")
    page = escalating.page(wren, case)
    assert page.watch.exposure == "violent" and page.watch.level == before
    escalating.add(staff=wren, case_id=case, what="event", kind="assault")
    page = escalating.page(wren, case)
    assert page.watch.exposure == "violent" and page.watch.level == "P0"


def test_a_person_signs_the_level_and_the_day_stands_as_a_task(desk: people.Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    case = filed(threats=["doxing"], exposed=["home"])
    again = tomorrow()
    escalating.sign(staff=wren, case_id=case, level="P1", again=again, task="Look at the level again", text="Calm.")
    page = escalating.page(swift, case)
    assert page.signed and page.signed.by == wren.id and page.signed.payload.watch.level == "P1" and page.current
    (due,) = duties.mine(wren)
    assert (due.duty.text, due.duty.due, due.duty.who) == ("Look at the level again", again, wren.id)
    assert queue.load(swift).rows[0].due == again.replace(second=0, microsecond=0)
    escalating.add(staff=swift, case_id=case, what="event", kind="followed")
    assert not escalating.page(wren, case).current
    escalating.sign(staff=swift, case_id=case, level="P1", again=again, task="Once more")
    open_now = reading.case_page(wren, case).work.open_duties
    assert [(one.text, one.who) for one in open_now] == [("Once more", swift.id)]
    assert [entry.entry.action for entry in custody.lines(case=case)].count("assessed") == 2


def test_what_is_signed_is_what_was_read(desk: people.Desk) -> None:
    wren, swift = desk.team["Wren"], desk.team["Swift"]
    case = filed(threats=["doxing"], exposed=["home"])
    read = escalating.page(wren, case)
    escalating.add(staff=swift, case_id=case, what="event", kind="threat", marks=["dated"])
    with pytest.raises(escalating.LevelChanged):
        escalating.sign(staff=wren, case_id=case, level=read.watch.level, again=tomorrow(), task="Look")
    with pytest.raises(ChangedMeanwhile):
        escalating.add(staff=wren, case_id=case, what="event", kind="visit", version=read.version)
    assert escalating.page(wren, case).signed is None


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_level_is_looked_at_again_and_not_in_a_year(desk: people.Desk, days: int) -> None:
    case = filed()
    with pytest.raises(DeskError, match="90 days"):
        escalating.sign(staff=desk.lead, case_id=case, level=escalating.page(desk.lead, case).watch.level,
                        again=clock.now() + dt.timedelta(days=days), task="Look")


@pytest.mark.parametrize(("wrong", "error"), [
    ({"what": "refute", "kind": "threat"}, DeskError), ({"what": "event", "kind": "mood"}, AmparoError),
    ({"what": "event", "kind": "threat", "marks": ["loud"]}, AmparoError),
    ({"what": "event", "kind": "threat", "by": "the neighbours"}, AmparoError),
    ({"what": "answer", "kind": "own-fear", "value": "perhaps"}, AmparoError),
    ({"what": "ahead", "kind": "hearing"}, DeskError), ({"what": "capacity", "kind": "luck"}, AmparoError),
    ({"what": "event", "kind": "threat", "on": dt.date(2999, 1, 1)}, DeskError),
    ({"what": "event", "kind": "threat", "timeline": UUID(int=5)}, NotFound),
])
def test_what_is_no_statement_is_refused_and_leaves_nothing(
    desk: people.Desk, wrong: dict[str, object], error: type[Exception],
) -> None:
    case = filed()
    with pytest.raises(error):
        escalating.add(staff=desk.lead, case_id=case, **wrong)  # type: ignore[arg-type]
    assert not Item.objects.filter(case=case, kind="statement").exists()


def test_without_a_key_nothing_is_read_or_written(desk: people.Desk) -> None:
    case = filed(danger=["yes"])
    late = people.join(desk, "Robin")
    mine = filed()
    for act in (
        lambda: escalating.page(late, case),
        lambda: escalating.add(staff=late, case_id=case, what="event", kind="threat"),
        lambda: escalating.refute(staff=late, case_id=case, of="a:danger:yes:1", why="no"),
        lambda: escalating.sign(staff=late, case_id=case, level="P0", again=tomorrow(), task="x"),
        lambda: escalating.take_along(staff=late, case_id=mine, other=case, ids=["a:danger:yes:1"]),
        lambda: escalating.elsewhere(late, mine, case),
    ):
        with pytest.raises((NotFound, NotAllowedHere)):
            act()
    assert level(desk, case) == "P0" and level(desk, mine) == "P3"


def test_two_reports_about_one_organisation_add_up_with_their_origin(desk: people.Desk) -> None:
    """Neither alone is act now: the address is told in one, the dated threat in the other."""
    wren = desk.team["Wren"]
    first, second = filed(threats=["doxing"], exposed=["home"]), filed(dated_threat=["yes"])
    assert (level(desk, first), level(desk, second)) == ("P1", "P1")
    offered = {one.said.id for one in escalating.elsewhere(wren, first, second)}
    assert "a:dated-threat:yes:1" in offered
    assert escalating.take_along(staff=wren, case_id=first, other=second, ids=["a:dated-threat:yes:1"]) == 1
    page = escalating.page(wren, first)
    assert page.watch.level == "P0"
    (copied,) = [one for one in page.sources.values() if one.case]
    assert (copied.case, copied.origin, copied.who) == (second, "a:dated-threat:yes:1", wren.id)
    assert "a:dated-threat:yes:1" not in {one.said.id for one in escalating.elsewhere(wren, first, second)}
    assert level(desk, second) == "P1"
    with pytest.raises(NotFound):
        escalating.elsewhere(wren, first, first)


def test_what_raises_the_level_wakes_and_nothing_else_does(desk: people.Desk) -> None:
    case, wren, swift = filed(), desk.team["Wren"], desk.team["Swift"]

    def woken() -> list[tuple[str, UUID | None, bool]]:
        return [(one.kind, one.case, one.urgent) for one in reversed(waking.alarms(swift))]

    escalating.add(staff=wren, case_id=case, what="capacity", kind="lawyer")
    escalating.add(staff=wren, case_id=case, what="event", kind="insult")  # a day is soon enough
    assert woken() == []
    escalating.add(staff=wren, case_id=case, what="event", kind="doxing", marks=["home-address"])
    assert woken() == [(waking.RAISED, case, False)]
    escalating.add(staff=wren, case_id=case, what="event", kind="followed")
    threat = escalating.add(staff=wren, case_id=case, what="event", kind="threat", marks=["dated"])
    escalating.refute(staff=wren, case_id=case, of=f"s:{threat}", why="A misreading.")
    assert woken() == [(waking.RAISED, case, False), (waking.RAISED, case, True)]


def test_what_comes_near_raises_the_queue_though_nobody_writes(
    desk: people.Desk, monkeypatch: pytest.MonkeyPatch,
) -> None:
    wren = desk.team["Wren"]
    case = filed(threats=["harassment"])
    escalating.add(staff=wren, case_id=case, what="event", kind="threat")
    escalating.add(staff=wren, case_id=case, what="ahead", kind="hearing",
                   on=clock.today() + dt.timedelta(days=10))
    before = queue.load(wren).rows[0].level
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + dt.timedelta(days=8))
    monkeypatch.setattr(clock, "today", lambda: real().date() + dt.timedelta(days=8))
    after = queue.load(wren).rows[0]
    assert (before, after.level) == ("P2", "P1")
    assert "ahead" in after.reason
    monkeypatch.setattr(clock, "now", lambda: real() + dt.timedelta(days=14))
    monkeypatch.setattr(clock, "today", lambda: real().date() + dt.timedelta(days=14))
    assert queue.load(wren).rows[0].level == "P2"


def test_an_event_of_the_timeline_is_weighed_once(desk: people.Desk) -> None:
    wren = desk.team["Wren"]
    case = filed()
    item = casework.record_event(staff=wren, case_id=case, text="The lock was forced.", when=None, venue="offline")
    page = escalating.page(wren, case)
    assert [one for one, _ in page.timeline] == [item] and page.watch.level == "P3"
    escalating.add(staff=wren, case_id=case, what="event", kind="break-in", timeline=item)
    page = escalating.page(wren, case)
    assert page.timeline == () and page.watch.level == "P1"


def test_no_word_of_the_watch_lies_in_the_clear(desk: people.Desk) -> None:
    wren = desk.team["Wren"]
    case = filed(threats=["doxing"], exposed=["home"])
    threat = escalating.add(staff=wren, case_id=case, what="event", kind="threat", marks=["dated", "weapon"],
                            by="armed-group", text="canary-heron-seventeen")
    escalating.add(staff=wren, case_id=case, what="capacity", kind="safe-house")
    escalating.refute(staff=wren, case_id=case, of=f"s:{threat}", why="canary-swift-eighteen")
    escalating.sign(staff=wren, case_id=case, level="P1", again=tomorrow(), task="canary-wren-nineteen",
                    text="canary-robin-twenty")
    queue.load(wren)
    raw = b"".join(path.read_bytes() for path in configuration.data_folder().rglob("*") if path.is_file())
    assert b"statement" in raw  # the kind stands in clear, as that of every item
    for word in (b"canary-", b"armed-group", b"safe-house", b"weapon", b"home-dated", b"home-address"):
        assert word not in raw, word
    for one in custody.lines(case=case):
        assert one.entry.action not in ("stated", "assessed") or one.entry.detail == ()


def test_the_kinds_the_queue_reads_hold_all_that_decides_the_level(desk: people.Desk) -> None:
    """The queue opens fewer kinds than the page; a withdrawal makes uncertain and moves no level."""
    assert set(statements.KINDS) - set(queue._KINDS) == {"withdrawal"}
