"""A delegate tries to read: every reporter's address, every item, a row of their own making, another's, an old one."""

import copy
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from amparo import seal
from amparo.desk import (
    clock,
    delegates,
    directory,
    intake,
    opening,
    payloads,
    reading,
    returning,
    site,
    writing,
)
from amparo.desk.records import Case, Delegate, Item
from amparo.doors.reporter.urls import urlpatterns
from amparo.mitigate import ways
from tests.desk import people
from tests.desk.conftest import desk, ground  # noqa: F401  fixtures

SAMPLES = {"number": 1, "book": ways.mark("doxing"), "step": ways.mark("doxing", "start"),
           "account": ways.mark("account", "google"), "form": ways.mark("ready", "check-up")}
STORY, ANSWER, SAID = "They burnt her white car.", "We call the lawyer tonight.", "The plate was QX 12."


@pytest.fixture
def filed(desk: people.Desk) -> tuple[people.Desk, returning.Access, delegates.Adding, str]:  # noqa: F811
    words, one = people.report(STORY, target=["someone-else"], see_again=True)
    theirs = " ".join(intake.filer_words(one) or ())
    adding = delegates.open_words(theirs)
    assert isinstance(adding, delegates.Adding)
    access = returning.open_receipt(" ".join(words))
    from amparo.desk import casework

    casework.reply(staff=desk.team["Wren"], case_id=access.case, text=ANSWER)
    delegates.say(adding, SAID)
    return desk, access, adding, theirs


def test_no_address_of_the_door_shows_a_delegate_anything(filed) -> None:  # type: ignore[no-untyped-def]
    _, access, adding, theirs = filed
    browser = Client()
    entered = browser.post("/en/back/", {"words": theirs})
    assert (entered.status_code, entered.headers["Location"]) == (302, "/en/back/add/")
    with translation.override("en"):
        places = [reverse(one.name, kwargs={name: SAMPLES[name] for name in one.pattern.converters})
                  for one in urlpatterns]
    assert len(places) > 25
    for place in places:
        if place == "/en/back/close/":
            continue
        shown = browser.get(place, follow=True).content.decode()
        for secret in (STORY, ANSWER, SAID, str(access.case), access.case.hex):
            assert secret not in shown, place
    assert browser.get("/en/back/add/").status_code == 200, "none of it ended the session"
    for place in ("talk", "choices", "words", "take", "earlier", "names"):
        assert browser.get(f"/en/back/{place}/").status_code == 302
        browser.post(f"/en/back/{place}/", {"go": "new", "may": "statistics", "text": "x", "who": str(adding.id)})
    case = Case.objects.get(id=access.case)
    assert case.state != "withdrawn" and returning.consents(access) == ()
    assert not Delegate.objects.get(id=adding.id).revoked


def test_what_the_words_open_opens_no_item(filed) -> None:  # type: ignore[no-untyped-def]
    _, access, adding, theirs = filed
    keys = returning.read_words(theirs)[1]
    case = Case.objects.get(id=access.case)
    private = [adding.sign_private, keys.wrap, keys.lookup_seed]
    for item in Item.objects.filter(case=case).select_related("key"):
        for one in private:
            with pytest.raises(seal.SealError):
                seal.open_data_key(one, bytes(item.key.sealed), case.id, item.id, item.kind, item.key.epoch)
    for grant in case.grants.all():
        for one in private:
            with pytest.raises(seal.SealError):
                seal.open_dialogue_grant(one, bytes(grant.sealed), case.id, 1, seal.Grantee("reporter", case.id))
    with pytest.raises(seal.Tampered):
        seal.unwrap_reporter(keys.wrap, bytes(case.reporter_wrap or b""), case.id)


def _row(case: Case, **named: object) -> tuple[Delegate, seal.KeyPair]:
    """A row as somebody with the database alone would write it."""
    pair, who, words = seal.new_sign_pair(), uuid4(), returning.derive(seal.new_receipt("en"))
    row = Delegate(id=who, case=case, lookup=seal.lookup(words.lookup_seed, b"x" * 32), sign_public=pair.public,
                   wrap=seal.wrap_delegate(words.wrap, pair, who, case.id), named_by_kind="reporter", named_by=case.id,
                   signature=seal.sign(pair.private, seal.naming_bytes(who, case.id, pair.public)), mac=bytes(32))
    for name, value in named.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return row, pair


def _says(row: Delegate, private: bytes, case: Case) -> bool:
    """Whether what this delegate writes into the case is believed."""
    with transaction.atomic():
        item = writing.write_item(
            case=Case.objects.get(id=case.id), payload=payloads.Message(at=clock.now(), text="Close the case."),
            author=seal.Author("delegate", row.id, private), channel="dialogue").item
    return next(line.proven for line in reading.case_page(people_desk.lead, case.id).dialogue if line.id == item.id)


people_desk: people.Desk


def test_forged_rows_prove_nothing(filed) -> None:  # type: ignore[no-untyped-def]
    global people_desk
    people_desk, access, adding, _ = filed
    case, wren = Case.objects.get(id=access.case), people_desk.team["Wren"]
    row, pair = _row(case)
    assert not _says(row, pair.private, case), "signed by nobody of the case"
    row, pair = _row(case, named_by_kind="staff", named_by=wren.id)
    assert not _says(row, pair.private, case), "a colleague's name without her signature"
    row, pair = _row(case, named_by_kind="staff", named_by=wren.id)
    message = seal.naming_bytes(row.id, case.id, pair.public)
    row.signature = seal.sign(wren.keys.sign.private, message)
    row.save()
    assert not _says(row, pair.private, case), "a colleague's signature, but not made at this site"
    row.mac = site.epoch_mac(message)
    row.save()
    assert _says(row, pair.private, case), "and so it is the signature and the site together that count"
    late = people.join(people_desk, "Robin")
    row, pair = _row(case, named_by_kind="staff", named_by=late.id)
    message = seal.naming_bytes(row.id, case.id, pair.public)
    row.signature, row.mac = seal.sign(late.keys.sign.private, message), site.epoch_mac(message)
    row.save()
    assert not _says(row, pair.private, case), "somebody who never read the case names nobody"
    mine = Delegate.objects.get(id=adding.id)
    mine.sign_public = pair.public
    mine.save()
    assert not _says(mine, pair.private, case), "another key under a good signature"


def test_a_row_moved_to_another_case(filed) -> None:  # type: ignore[no-untyped-def]
    global people_desk
    people_desk, _, adding, theirs = filed
    other = Case.objects.get(id=returning.open_receipt(" ".join(people.report("Another story.")[0])).case)
    row = Delegate.objects.get(id=adding.id)
    row.case = other
    row.save()
    with pytest.raises(returning.WrongReceipt):
        delegates.open_words(theirs)
    assert not _says(row, adding.sign_private, other)


def test_an_old_row_put_back_after_revoking(filed) -> None:  # type: ignore[no-untyped-def]
    """The words open the page again (the limit of a table that somebody else writes), and nothing added is proven."""
    global people_desk
    people_desk, access, adding, theirs = filed
    old = copy.copy(Delegate.objects.get(id=adding.id))
    delegates.revoke_by_owner(access, adding.id)
    with pytest.raises(returning.WrongReceipt):
        delegates.open_words(theirs)
    old.save()
    back = delegates.open_words(theirs)
    assert isinstance(back, delegates.Adding)
    assert not _says(old, back.sign_private, Case.objects.get(id=access.case))
    before = [line.proven for line in reading.case_page(people_desk.lead, access.case).dialogue if line.text == SAID]
    assert before == [True]


def test_a_delegate_writes_no_answer_no_consent_and_no_withdrawal(filed) -> None:  # type: ignore[no-untyped-def]
    desk_, access, adding, _ = filed
    with transaction.atomic():
        for payload in (payloads.Consent(at=clock.now(), purposes=("publish-story",)),
                        payloads.Withdrawal(at=clock.now()), payloads.Delegate(at=clock.now(), who=uuid4(), label="me"),
                        payloads.Answers(at=clock.now(), answers={"danger": ["no"]})):
            writing.write_item(case=Case.objects.get(id=access.case), payload=payload, author=adding.author(),
                               channel="dialogue")
    opened = opening.for_staff(desk_.lead.id, desk_.lead.keys.kex.private, access.case)
    rows = Item.objects.filter(case_id=access.case, kind__in=("consent", "withdrawal", "delegate", "answers"))
    reads = opening.read_items(opened, rows.select_related("key"))[0]
    assert not any(one.proven for one in reads if one.author_kind == "delegate")
    assert returning.consents(access) == () and len(delegates.of_owner(access)) == 1
    assert directory.delegate_key(Case.objects.get(id=access.case), uuid4(), {}, {}) is None
