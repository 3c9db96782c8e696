"""Delegates: named and revoked by the owner or for her; they add, and what they add says so."""

from uuid import uuid4

import pytest

from amparo import seal
from amparo.desk import (
    blobs,
    custody,
    delegates,
    drafts,
    intake,
    queue,
    reading,
    returning,
    shredding,
    taking,
    uploads,
)
from amparo.desk.errors import DeskError, Expired, NotFound
from amparo.desk.records import Case, Delegate
from amparo.desk.sessions import SessionStore
from tests.desk import people

HERS = {"target": ["someone-else"], "they_know": ["yes"]}


def behalf() -> tuple[returning.Access, delegates.Adding, SessionStore]:
    """A report filed for somebody else: its owner, its filer, the session it was filed in."""
    words, one = people.report("They burnt her car.", **HERS)
    filer = intake.filer_words(one)
    assert filer is not None and filer != words
    adding = delegates.open_words(" ".join(filer))
    assert isinstance(adding, delegates.Adding)
    return returning.open_receipt(" ".join(words)), adding, one


def named(access: returning.Access, label: str = "my sister") -> delegates.Adding:
    words = delegates.name_by_owner(session=people.session(), access=access, label=label, language="en")
    adding = delegates.open_words(" ".join(words))
    assert isinstance(adding, delegates.Adding)
    return adding


def file_for(adding: delegates.Adding, content: bytes = b"a picture") -> uploads.SealedUpload:
    """A finished upload as the handler makes it for a delegate."""
    _, part = blobs.new_part()
    context, key = seal.Context(adding.case, uuid4(), "file", 1), seal.new_data_key()
    with blobs.open_part(part) as out:
        sealer = seal.FileSealer(key, context, out.write)
        sealer.update(content)
        facts = sealer.finish()
    file = drafts.DraftFile(context.item, "gate.jpg", facts.size, "image/jpeg")
    return uploads.SealedUpload(context=context, data_key=key, facts=facts, part=part, file=file)


def test_a_report_for_somebody_else_has_two_sets_of_words(desk: people.Desk) -> None:
    access, adding, one = behalf()
    assert adding.case == access.case and Delegate.objects.count() == 1
    again = intake.send(people.again(one))
    assert returning.open_receipt(" ".join(again)).case == access.case and Delegate.objects.count() == 1
    (found,) = delegates.of_owner(access)
    assert (found.label, found.by, found.revoked) == ("", "reporter", False)
    assert next(line.entry.action for line in custody.lines(case=access.case)) == "delegated"


@pytest.mark.parametrize("target", [["me"], ["me", "someone-else"], ["group"], []])
def test_who_reports_for_herself_has_one(desk: people.Desk, target: list[str]) -> None:
    _, one = people.report("They followed me.", target=target)
    assert intake.filer_words(one) is None and not Delegate.objects.exists()


def test_the_two_are_confirmed_apart(desk: people.Desk) -> None:
    _, _, one = behalf()
    hers, theirs = intake.send(one), intake.filer_words(one)
    assert theirs is not None
    assert intake.confirm(one, " ".join(hers[place - 1] for place in intake.challenge(one)))
    one = people.again(one)
    assert intake.filer_words(one) == theirs
    assert not intake.confirm_filer(one, "not these")
    assert intake.confirm_filer(one, " ".join(theirs[place - 1] for place in intake.challenge(one, filer=True)))
    kept = str(dict(people.again(one).items()))
    assert not any(word in kept for word in (*hers, *theirs) if len(word) > 5)
    assert intake.begin(one, "en").case != hers and intake.filer_words(one) is None


def test_what_is_added_is_proven_and_told_from_the_owners(desk: people.Desk) -> None:
    access, adding, _ = behalf()
    delegates.say(adding, "The plate was QX 12.")
    delegates.attach(adding, file_for(adding))
    page = reading.case_page(desk.team["Wren"], access.case)
    (line,) = page.dialogue
    assert (line.text, line.who, line.proven) == ("The plate was QX 12.", "delegate", True)
    (card,) = page.evidence
    assert card.proven and card.name == "gate.jpg" and not page.unreadable
    assert reading.original(desk.team["Wren"], access.case, card.item)[0].read() == b"a picture"
    (told,) = returning.dialogue(access)
    assert (told.who, told.proven) == ("other", True)
    assert queue.load(desk.team["Wren"]).rows[0].waiting == "reporter-wrote"
    (entry,) = [line.entry for line in custody.lines(case=access.case)
                if line.entry.item == card.item and line.entry.action == "collected"]
    assert (entry.actor_kind, entry.actor) == ("delegate", adding.id)
    assert entry.at % 86_400 == 0, "an hour would point to a connection"


def test_after_revoking_the_words_open_nothing_and_nothing_more_is_proven(desk: people.Desk) -> None:
    access, adding, one = behalf()
    words = intake.filer_words(one)
    held = people.session()
    delegates.keep(held, adding)
    delegates.say(adding, "Before.")
    delegates.revoke_by_owner(access, adding.id)
    with pytest.raises(returning.WrongReceipt):
        delegates.open_words(" ".join(words or ()))
    assert delegates.adding_of(people.again(held)) is None
    upload = file_for(adding)
    for act in (lambda: delegates.say(adding, "After."), lambda: delegates.attach(adding, upload)):
        with pytest.raises(Expired):
            act()
    upload.discard()
    delegates.revoke_by_owner(access, adding.id)
    row = Delegate.objects.get()
    assert row.wrap is None and row.lookup is None
    (line,) = reading.case_page(desk.team["Wren"], access.case).dialogue
    assert line.text == "Before." and line.proven
    assert [found.revoked for found in delegates.of_owner(access)] == [True]
    assert [e.entry.action for e in custody.lines(case=access.case)].count("delegate-revoked") == 1


def test_an_owner_names_sees_and_revokes(desk: people.Desk) -> None:
    words, _ = people.report("They followed me.")
    access = returning.open_receipt(" ".join(words))
    one = people.session()
    handed = delegates.name_by_owner(session=one, access=access, label=" my\nsister ", language="es")
    assert delegates.name_by_owner(session=people.again(one), access=access, label="my sister", language="es") == handed
    assert Delegate.objects.count() == 1 and delegates.words_shown(one) == handed
    (found,) = delegates.of_owner(access)
    assert found.label == "my sister" and not found.revoked
    delegates.forget_words(one)
    assert delegates.words_shown(people.again(one)) is None
    for wrong in ("  ", "x" * 81):
        with pytest.raises(DeskError):
            delegates.name_by_owner(session=people.session(), access=access, label=wrong, language="es")
    with pytest.raises(NotFound):
        delegates.revoke_by_owner(access, uuid4())


def test_only_so_many(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    words, _ = people.report()
    access = returning.open_receipt(" ".join(words))
    monkeypatch.setattr(delegates, "MOST", 1)
    first = named(access)
    with pytest.raises(delegates.TooMany):
        named(access, "a second")
    delegates.revoke_by_owner(access, first.id)
    assert named(access, "a second").case == access.case


def test_staff_do_it_for_an_owner_who_asked(desk: people.Desk) -> None:
    words, _ = people.report()
    access, wren = returning.open_receipt(" ".join(words)), desk.team["Wren"]
    one, form = people.session(), uuid4()
    delegates.name_by_staff(session=one, staff=wren, case_id=access.case, label="her lawyer", language="en", form=form)
    slip = taking.slip_of(one, form)
    assert slip is not None and slip.words and slip.of == "delegate"
    adding = delegates.open_words(" ".join(slip.words))
    assert isinstance(adding, delegates.Adding)
    delegates.say(adding, "I have the papers.")
    (line,) = reading.case_page(desk.lead, access.case).dialogue
    assert line.who == "delegate" and line.proven
    assert [(found.label, found.by) for found in delegates.of_case(desk.lead, access.case)] == [("her lawyer", "Wren")]
    assert [found.label for found in delegates.of_owner(access)] == ["her lawyer"]
    delegates.revoke_by_staff(staff=desk.team["Swift"], case_id=access.case, who=adding.id)
    assert delegates.adding_of(people.session()) is None
    late = people.join(desk, "Robin")
    with pytest.raises(NotFound):
        delegates.of_case(late, access.case)


def test_the_words_of_one_who_adds_are_no_receipt(desk: people.Desk) -> None:
    _, _, one = behalf()
    with pytest.raises(returning.WrongReceipt):
        returning.open_receipt(" ".join(intake.filer_words(one) or ()))


def test_erased_withdrawn_and_expired_reports_take_nothing_more(desk: people.Desk) -> None:
    access, adding, one = behalf()
    words = " ".join(intake.filer_words(one) or ())
    Case.objects.filter(id=access.case).update(retention_on="2001-01-01")
    with pytest.raises(returning.WrongReceipt):
        delegates.open_words(words)
    with pytest.raises(Expired):
        delegates.say(adding, "Still there?")
    assert shredding.shred_case(access.case, actor_kind="staff", actor=desk.lead.id, reason="decided")
    assert not Delegate.objects.exists()


def test_a_delegates_writings_survive_new_keys_and_the_namers_leaving(desk: people.Desk) -> None:
    from amparo.desk import casework

    words, _ = people.report()
    case, wren = returning.open_receipt(" ".join(words)).case, desk.team["Wren"]
    one, form = people.session(), uuid4()
    delegates.name_by_staff(session=one, staff=wren, case_id=case, label="her lawyer", language="en", form=form)
    adding = delegates.open_words(" ".join(taking.slip_of(one, form).words or ()))  # type: ignore[union-attr]
    assert isinstance(adding, delegates.Adding)
    delegates.say(adding, "Before the new keys.")
    casework.remove_colleague(staff=desk.lead, case_id=case, colleague=wren.id)
    delegates.say(adding, "And after.")
    assert [line.proven for line in reading.case_page(desk.lead, case).dialogue] == [True, True]
