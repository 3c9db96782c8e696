"""Coming back: wrong words, withdrawal and its undoing, new words, consents."""

import datetime as dt

import pytest

from amparo import seal
from amparo.desk import clock, queue, reading, returning, throttle
from amparo.desk.errors import DeskError
from amparo.desk.records import Case, Item
from tests.desk import people


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "LONGEST", 0.0)


def refusal(text: str) -> tuple[object, ...]:
    with pytest.raises(returning.WrongReceipt) as caught:
        returning.open_receipt(text)
    return (caught.value.says, caught.value.advice, caught.value.code, caught.value.unknown)


def test_wrong_withdrawn_and_expired_are_told_alike(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    withdrawn, _ = people.report("one")
    expired, _ = people.report("two")
    erased, _ = people.report("three")
    access = returning.open_receipt(" ".join(withdrawn))
    returning.withdraw(access)
    Case.objects.filter(id=returning.open_receipt(" ".join(expired)).case).update(
        retention_on=clock.today() - dt.timedelta(days=1)
    )
    Case.objects.filter(id=returning.open_receipt(" ".join(erased)).case).update(state="erasing")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(hours=25))
    wrong = refusal("abandon ability able about above absent absorb abstract absurd")
    assert wrong == refusal(" ".join(withdrawn)) == refusal(" ".join(expired)) == refusal(" ".join(erased))
    assert returning.access_of(_session_with(access)) is None


def _session_with(access: returning.Access) -> object:
    one = people.session()
    returning.keep_access(one, access)
    return one


def test_words_in_no_list_are_named_whatever_exists(desk: people.Desk) -> None:
    words, _ = people.report("one")
    assert refusal(" ".join(("blorp", *words[1:])))[3] == ("blorp",)
    assert refusal("blorp " * 9)[3] == ("blorp",) * 9


def test_right_and_wrong_derive_once_and_unwrap_once(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    words, _ = people.report("one")
    seen: list[str] = []
    for name in ("derive_receipt", "unwrap_reporter", "dummy_open"):
        real = getattr(seal, name)
        monkeypatch.setattr(
            seal, name, lambda *a, real=real, name=name: (seen.append(name), real(*a))[1]
        )
    returning.open_receipt(" ".join(words))
    assert seen == ["derive_receipt", "unwrap_reporter"]
    seen.clear()
    refusal("abandon ability able about above absent absorb abstract absurd")
    assert seen == ["derive_receipt", "dummy_open"]


def test_however_it_was_written_down(desk: people.Desk) -> None:
    words, _ = people.report("uno", language="es")
    digits, _ = people.report("واحد", language="ar")
    returning.open_receipt("-".join(words).upper())
    returning.open_receipt("  ".join(words))
    assert len(digits) == 10
    arabic = "".join(chr(0x0660 + int(c)) for c in "".join(digits))
    returning.open_receipt(arabic)


def test_withdrawal_tells_the_handler_and_can_be_undone(desk: people.Desk) -> None:
    words, _ = people.report("one")
    access = returning.open_receipt(" ".join(words))
    until = returning.withdraw(access)
    assert dt.timedelta(hours=23) < until - clock.now() <= dt.timedelta(hours=24)
    assert returning.withdraw(access) == until
    row = queue.load(desk.lead).rows[0]
    assert (row.state, row.waiting) == ("withdrawn", "withdrawn")
    page = reading.case_page(desk.lead, row.case)
    assert "withdrawn" in page.notices and page.grace_until == until
    assert returning.status(access).state == "withdrawn"
    returning.undo_withdrawal(returning.open_receipt(" ".join(words)))
    assert returning.status(access).state == "received"
    assert queue.load(desk.lead).rows[0].state == "open"


def test_new_words_replace_the_old_ones(desk: people.Desk) -> None:
    words, _ = people.report("one")
    access = returning.open_receipt(" ".join(words))
    session = _session_with(access)
    fresh = returning.new_words(session, access, "fr")
    assert returning.new_words(session, access, "fr") == fresh == returning.words_shown(session)
    refusal(" ".join(words))
    assert returning.open_receipt(" ".join(fresh)).keys == access.keys
    returning.forget_new_words(session)
    assert returning.words_shown(session) is None


def test_consents_follow_the_reporter(desk: people.Desk) -> None:
    words, _ = people.report("one", consents=("examine",))
    access = returning.open_receipt(" ".join(words))
    assert returning.consents(access) == ("examine",)
    assert returning.set_consents(access, ["statistics", "un-public-name", "nonsense"]) == ("statistics",)
    assert queue.load(desk.lead).rows[0].consents == ("statistics",)


def test_a_minor_can_never_turn_publication_on(desk: people.Desk) -> None:
    words, _ = people.report("one", under_18=["yes"])
    access = returning.open_receipt(" ".join(words))
    assert returning.set_consents(access, ["publish-story", "examine"]) == ("examine",)


def test_empty_and_endless_messages_are_refused(desk: people.Desk) -> None:
    words, _ = people.report("one")
    access = returning.open_receipt(" ".join(words))
    for text in ("", "  \n ", "x" * 20_001):
        with pytest.raises(DeskError):
            returning.say(access, text)
    assert returning.dialogue(access) == ()


def test_the_reporter_reads_no_note_and_no_answer_of_the_staff_channel(desk: people.Desk) -> None:
    """What the receipt opens is the dialogue: a phone forced out of a hand shows nothing else."""
    words, _ = people.report("one")
    access = returning.open_receipt(" ".join(words))
    from amparo.desk.returning import _dialogue_key, case_of

    case = case_of(access)
    pair = _dialogue_key(access, case)
    for item in Item.objects.filter(case=case, channel="staff").select_related("key"):
        with pytest.raises(seal.SealError):
            seal.open_data_key(pair.private, bytes(item.key.sealed), case.id, item.id, item.kind, item.key.epoch)
