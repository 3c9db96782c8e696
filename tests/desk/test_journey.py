"""J1 and the heart of J2 through the services: report, read, answer, receipt."""

import pytest

from amparo.desk import casework, intake, queue, reading, returning
from amparo.desk.errors import NotFound
from amparo.desk.payloads import Exclusion
from tests.desk import people

STORY = "A man in a grey car waits before my house each morning."


def test_a_report_reaches_a_handler_and_the_answer_its_reporter(desk: people.Desk) -> None:
    words, session = people.report(
        STORY, files=(("photo of car.jpg", b"\xff\xd8" + b"x" * 200_000),), danger=["yes"],
        consents=("keep-for-court",),
    )
    assert len(words) == 9

    wren = desk.team["Wren"]
    page = queue.load(wren)
    assert not page.building and len(page.rows) == 1
    row = page.rows[0]
    assert row.why == "life" and row.new and row.language == "en" and row.consents == ("keep-for-court",)

    case = reading.case_page(wren, row.case)
    assert [a.text for a in case.answers if a.code == "what-happened"] == [STORY]
    assert [a.values for a in case.answers if a.code == "danger"] == [("yes",)]
    (file,) = case.evidence
    assert (file.name, file.size, file.proven, file.lost) == ("photo of car.jpg", 200_002, True, False)
    assert not case.unreadable and case.notices == ()
    reader, size, _ = reading.original(wren, row.case, file.item)
    with reader:
        assert size == 200_002 and reader.read() == b"\xff\xd8" + b"x" * 200_000

    casework.reply(staff=wren, case_id=row.case, text="Is there a place where you can sleep tonight?")
    casework.note(staff=wren, case_id=row.case, text="Call the trusted contact.")

    access = returning.open_receipt(" ".join(words))
    (line,) = returning.dialogue(access)
    assert (line.who, line.text, line.proven) == ("desk", "Is there a place where you can sleep tonight?", True)
    returning.say(access, "Yes, with a friend.")
    assert [one.who for one in reading.case_page(desk.lead, row.case).dialogue] == ["Wren", "reporter"]
    assert [one.text for one in reading.case_page(desk.lead, row.case).notes] == ["Call the trusted contact."]
    assert queue.load(wren).rows[0].waiting == "reporter-wrote"
    assert returning.earlier(access) is None


def test_sending_twice_gives_the_same_words(desk: people.Desk) -> None:
    words, session = people.report()
    draft = intake.draft_of(session)
    assert draft is not None and draft.sent and draft.receipt == words
    assert intake.send(session) == words
    assert len(queue.load(desk.lead).rows) == 1


def test_two_sends_at_once_agree(desk: people.Desk) -> None:
    """Both requests read the session before either wrote: the second finds the first one's words."""
    from amparo.desk.records import Case
    from amparo.desk.sessions import SessionStore

    one = people.session()
    intake.begin(one, "en")
    one.save()
    first, second = SessionStore(one.session_key), SessionStore(one.session_key)
    assert intake.draft_of(first) and intake.draft_of(second)
    words = intake.send(first)
    assert intake.send(second) == words
    assert Case.objects.count() == 1
    returning.open_receipt(" ".join(words))


def test_the_receipt_is_confirmed_and_leaves_the_session(desk: people.Desk) -> None:
    words, session = people.report(STORY, danger=["yes"])
    places = intake.challenge(session)
    assert len(places) == 2 and intake.challenge(session) == places
    assert not intake.confirm(session, "wrong words")
    cookie = session.session_key
    assert intake.confirm(session, " ".join(words[p - 1] for p in places).upper())
    assert session.session_key != cookie
    session = people.again(session)
    draft = intake.draft_of(session)
    assert draft is not None and draft.confirmed
    assert draft.receipt is None and draft.reporter_keys is None and draft.channel_keys is None
    assert draft.answers == {"danger": ["yes"], "see-again": ["no"]}
    assert STORY not in str(dict(session.items())) and words[0] not in str(dict(session.items()))


def test_hidden_and_forged_answers_are_dropped(desk: people.Desk) -> None:
    people.report(STORY, threats=["smear"], exposed=["home"])
    page = reading.case_page(desk.lead, queue.load(desk.lead).rows[0].case)
    assert "exposed" not in {a.code for a in page.answers}


def test_an_answer_that_needs_a_consent_of_its_own_is_not_sent_without_it(desk: people.Desk) -> None:
    people.report(STORY, grounds=["religion"])
    people.report(STORY, grounds=["religion"], consents=("grounds",))
    told = [
        {a.code for a in reading.case_page(desk.lead, row.case).answers} for row in queue.load(desk.lead).rows
    ]
    assert sorted("grounds" in codes for codes in told) == [False, True]


def test_somebody_under_18_is_kept_shorter_and_never_published(desk: people.Desk) -> None:
    people.report(STORY, under_18=["yes"], consents=("publish-story", "un-public-name", "examine"))
    page = reading.case_page(desk.lead, queue.load(desk.lead).rows[0].case)
    assert page.minor and (page.retention_on - page.opened_on).days == 90
    assert {code for code, given in page.consents if given} == {"examine"}


def test_what_was_chosen_to_be_seen_again_is_seen_again(desk: people.Desk) -> None:
    words, _ = people.report(STORY, see_again=True)
    answers = returning.earlier(returning.open_receipt(" ".join(words)))
    assert answers is not None and answers["what-happened"] == [STORY]


def test_an_excluded_colleague_finds_no_case(desk: people.Desk) -> None:
    people.report(STORY, excluded=Exclusion(pseudonyms=("wren",)))
    assert queue.load(desk.team["Wren"]).rows == ()
    (row,) = queue.load(desk.team["Swift"]).rows
    with pytest.raises(NotFound):
        reading.case_page(desk.team["Wren"], row.case)
    with pytest.raises(NotFound):
        casework.reply(staff=desk.team["Wren"], case_id=row.case, text="hello")


def test_lead_only_and_roles(desk: people.Desk) -> None:
    assert intake.readers(Exclusion(lead_only=True)).roles == {"lead": 1}
    assert intake.readers(Exclusion(roles=("lead",))).roles == {"handler": 2}
    assert intake.readers().count == 3 and intake.readers().recovery_hands == 0
    from amparo.desk.filing import NobodyReads

    with pytest.raises(NobodyReads):
        people.report(STORY, excluded=Exclusion(roles=("lead", "handler")))


def test_a_file_added_later_is_evidence_of_the_same_case(desk: people.Desk) -> None:
    words, _ = people.report(STORY)
    session = people.session()
    returning.keep_access(session, returning.open_receipt(" ".join(words)))
    session = people.again(session)
    intake.attach(session, people.upload(session, "later.txt", b"more"))
    page = reading.case_page(desk.lead, queue.load(desk.lead).rows[0].case)
    assert [(card.name, card.size, card.proven) for card in page.evidence] == [("later.txt", 4, True)]


def test_readers_are_told_without_names(desk: people.Desk) -> None:
    seen = intake.readers()
    assert seen.roles == {"handler": 2, "lead": 1}
    assert set(seen.pseudonyms) == {"Heron", "Swift", "Wren"}
