"""Printed cards: valid before there is a report, used once, ended by themselves, known to their holder alone."""

import datetime as dt
import uuid

import pytest

from amparo import seal
from amparo.desk import (
    clock,
    configuration,
    custody,
    delegates,
    paper_cards,
    queue,
    returning,
    taking,
    tend,
)
from amparo.desk.errors import NotAllowedHere
from amparo.desk.records import Case, PaperCard
from tests.desk import people


def printed(desk: people.Desk, count: int = 2, language: str = "en") -> list[tuple[str, ...]]:
    return paper_cards.issue(staff=desk.team["Wren"], count=count, language=language, days=30)


def entered(desk: people.Desk, card: str, form: uuid.UUID | None = None, session: object = None) -> uuid.UUID:
    told = taking.Told(way="paper", text="Written by hand.", danger="yes", card=card)
    return taking.take_down(
        session=session or people.session(), staff=desk.team["Swift"], told=told,  # type: ignore[arg-type]
        form=form or uuid.uuid4())


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
def test_what_is_entered_under_a_card_opens_with_its_words(desk: people.Desk, language: str) -> None:
    words, other = printed(desk, language=language)
    with pytest.raises(paper_cards.NothingYet, match="not entered here yet"):
        delegates.open_words(" ".join(words))
    session, form = people.session(), uuid.uuid4()
    case = entered(desk, " - ".join(words).upper(), form, session)
    assert taking.slip_of(session, form).words is None, "no other words are made"  # type: ignore[union-attr]
    opened = delegates.open_words(" ".join(words))
    assert isinstance(opened, returning.Access) and opened.case == case
    assert entered(desk, " ".join(words), form, session) == case, "the same form again is the same case"
    assert [row.case for row in queue.load(desk.lead).rows] == [case]
    assert PaperCard.objects.count() == 1
    with pytest.raises(paper_cards.NothingYet):
        delegates.open_words(" ".join(other))


def test_a_card_is_used_once(desk: people.Desk) -> None:
    words, _ = printed(desk)
    entered(desk, " ".join(words))
    with pytest.raises(paper_cards.NoCard, match="already"):
        entered(desk, " ".join(words))
    assert Case.objects.count() == 1
    keys = returning.derive(words)
    with pytest.raises(paper_cards.NoCard):
        paper_cards.use(keys)


@pytest.mark.parametrize("typed", ["qqqq " * 9, "abandon ability able about above absent absorb abstract absurd", "x"])
def test_other_words_are_no_card_and_nothing_is_filed(desk: people.Desk, typed: str) -> None:
    printed(desk)
    session, form = people.session(), uuid.uuid4()
    with pytest.raises(paper_cards.NoCard):
        entered(desk, typed, form, session)
    assert not Case.objects.exists() and taking.slip_of(session, form) is None
    entered(desk, "", form, session)
    assert taking.slip_of(session, form).words, "without a card words are made"  # type: ignore[union-attr]


def test_an_unused_card_ends(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    words, _ = printed(desk)
    late = clock.today() + dt.timedelta(days=31)
    monkeypatch.setattr(clock, "today", lambda: late)
    with pytest.raises(paper_cards.NoCard, match="No card"):
        entered(desk, " ".join(words))
    with pytest.raises(seal.WrongReceipt, match="No report opens"):
        delegates.open_words(" ".join(words))
    assert paper_cards.forget() == 2 and not PaperCard.objects.exists() and paper_cards in vars(tend).values()


def test_the_desk_keeps_no_word_of_them(desk: people.Desk) -> None:
    cards = printed(desk, 5, "es")
    held = b"".join(one.read_bytes() for one in configuration.data_folder().rglob("*") if one.is_file())
    for words in cards:
        assert " ".join(words).encode() not in held and "-".join(words).encode() not in held
        assert returning.derive(words).lookup_seed not in held
    entry = custody.lines(newest=1)[0].entry
    assert entry.action == "cards-printed" and entry.detail[0] == "5" and entry.actor == desk.team["Wren"].id


@pytest.mark.parametrize(("count", "days"), [(0, 30), (25, 30), (1, 31)])
def test_no_more_than_can_be_printed(desk: people.Desk, count: int, days: int) -> None:
    with pytest.raises(paper_cards.NoCard):
        paper_cards.issue(staff=desk.lead, count=count, language="en", days=days)
    assert not PaperCard.objects.exists()


def test_only_who_writes_reports_down_prints_them(desk: people.Desk) -> None:
    auditor = people.join(desk, "Owl", "auditor")
    with pytest.raises(NotAllowedHere):
        paper_cards.issue(staff=auditor, count=1, language="en", days=30)
