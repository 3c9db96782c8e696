"""For leads: colleagues and their fingerprints; and the custody log, which shows no content."""

import re

import pytest

from amparo.desk import accounts, configuration, policy
from amparo.desk.records import LogEntry, Staff
from tests.desk import people
from tests.doors.seeded import Desk

pytestmark = pytest.mark.django_db


def test_an_invitation_is_shown_once_as_a_whole_address(seeded_desk: Desk) -> None:
    lead = seeded_desk.client("lead:granted")
    answer = lead.post("/staff/people/invite/", {"pseudonym": "Plover", "role": "handler", "answers_as": "woman"})
    found = re.search(r"http://testserver(/staff/join/[^<\s]+/)", answer.content.decode())
    assert found and accounts.invitation_good(found[1].split("/")[3])
    listed = lead.get("/staff/people/").content.decode()
    assert "Plover" in listed and found[1] not in listed


@pytest.mark.parametrize("name", ["handler granted", "x", "a" * 41, "‮evil"])
def test_a_pseudonym_that_cannot_be_used_is_told_and_kept(seeded_desk: Desk, name: str) -> None:
    answer = seeded_desk.client("lead:granted").post("/staff/people/invite/", {"pseudonym": name, "role": "handler"})
    assert answer.status_code == 400 and name in answer.content.decode()


@pytest.mark.parametrize("used", [(), ("auditor",), ("outside", "intake", "analyst")])
def test_only_roles_that_the_desk_uses_are_offered_and_taken(seeded_desk: Desk, used: tuple[str, ...]) -> None:
    lead, before = seeded_desk.client("lead:granted"), configuration.current().roles
    people.use_roles(*used)
    try:
        page = lead.get("/staff/people/invite/").content.decode()
        assert set(re.findall(r'name="role" value="([\w-]+)"', page)) == {"handler", "lead", *used}
        for role in (*policy.OPTIONAL_ROLES, *policy.STANDINGS):
            answer = lead.post("/staff/people/invite/", {"pseudonym": f"Owl {role}", "role": role,
                                                             "answers_as": "any"})
            assert answer.status_code == (200 if role in used else 400), role
    finally:
        people.use_roles(*before)


def test_a_signature_needs_the_fingerprint_that_was_shown(seeded_desk: Desk) -> None:
    lead, who = seeded_desk.client("lead:granted"), seeded_desk.staff["unsigned"].id
    place = f"/staff/people/{who}/sign/"
    fingerprint = re.search(r'name="fingerprint" value="([\d ]+)"', lead.get(place).content.decode())
    assert fingerprint and len(fingerprint[1].split()) == 8
    forged = lead.post(place, {"compared": "yes", "fingerprint": "00000 " * 8})
    assert forged.status_code == 400 and Staff.objects.get(id=who).state == "unsigned"
    assert lead.post(place, {"fingerprint": fingerprint[1]}).status_code == 400  # not ticked
    assert lead.post(place, {"compared": "yes", "fingerprint": fingerprint[1]}).status_code == 302
    assert seeded_desk.client("unsigned").get("/staff/").status_code == 200  # the queue opens with the next page


def test_a_colleague_sees_the_same_fingerprint_as_the_lead(seeded_desk: Desk) -> None:
    lead = seeded_desk.client("lead:granted").get(f"/staff/people/{seeded_desk.staff['unsigned'].id}/sign/")
    own = seeded_desk.client("unsigned").get("/staff/account/").content.decode()
    shown = re.search(r'class="fingerprint large" dir="ltr">([\d ]+)<', lead.content.decode())
    assert shown and shown[1] in own


def test_the_founding_lead_and_oneself_cannot_be_removed_here(seeded_desk: Desk) -> None:
    founder = seeded_desk.staff["lead:granted"].id
    other = seeded_desk.client("lead:none")
    listed = other.get("/staff/people/").content.decode()
    for ends in ("remove", "new-keys", "sign", "withdraw"):  # no link that ends it
        assert f"/staff/people/{founder}/{ends}/" not in listed
    assert other.post(f"/staff/people/{founder}/remove/", {"sure": "yes"}).status_code == 400
    assert Staff.objects.get(id=founder).state == "active"


def test_the_log_shows_acts_and_no_content(seeded_desk: Desk) -> None:
    page = seeded_desk.client("auditor").get("/staff/log/").content.decode()
    assert "collected" in page and "examined" in page and "key signed" in page
    for secret in ("photo of the gate", "waits in front", "bait.example", "handler granted"):
        assert secret not in page
    assert "handler granted" in seeded_desk.client("lead:granted").get("/staff/log/").content.decode()


def test_verifying_notices_one_changed_entry(seeded_desk: Desk) -> None:
    auditor = seeded_desk.client("auditor")
    assert "it is the same log" in auditor.post("/staff/log/verify/").content.decode()
    row = LogEntry.objects.order_by("index").first()
    assert row is not None
    body = bytearray(row.body)
    body[-1] ^= 1
    LogEntry.objects.filter(index=row.index).update(body=bytes(body))
    answer = auditor.post("/staff/log/verify/").content.decode()
    assert "not what it was" in answer and "it is the same log" not in answer


def test_a_root_that_was_noted_shows_what_came_after_it(seeded_desk: Desk) -> None:
    auditor = seeded_desk.client("auditor")
    page = auditor.get("/staff/log/").content.decode()
    root = re.search(r'class="fingerprint" dir="ltr">([0-9a-f ]+)<', page)
    count = LogEntry.objects.count()
    assert root
    seeded_desk.client("lead:granted").post(f"/staff/case/{seeded_desk.case}/state/", {"state": "closed", "why": "x"})
    noted = {"entries": str(count), "root": root[1].upper()}
    assert "exactly what you noted" in auditor.post("/staff/log/verify/", noted).content.decode()
    other = {"entries": str(count), "root": "00" * 32}
    assert "does not begin with" in auditor.post("/staff/log/verify/", other).content.decode()
    longer = {"entries": str(count + 10_000), "root": root[1]}
    assert "shorter than what you noted" in auditor.post("/staff/log/verify/", longer).content.decode()
    assert auditor.post("/staff/log/verify/", {"entries": "ten"}).status_code == 400
    assert auditor.post("/staff/log/verify/", {"entries": "10"}).status_code == 400


@pytest.mark.parametrize("page", ["1", "-1", "99999", "x", "9" * 40])
def test_any_page_number_of_the_log_is_answered(seeded_desk: Desk, page: str) -> None:
    assert seeded_desk.client("auditor").get("/staff/log/", {"page": page}).status_code == 200


def test_settings_are_for_reading(seeded_desk: Desk) -> None:
    page = seeded_desk.client("admin").get("/staff/desk/").content.decode()
    sent = set(re.findall(r'<form[^>]* action="([^"]+)"', page))
    assert "desk.toml" in page and sent == {"/staff/out/", "/staff/language/"}


def test_each_role_begins_where_it_has_work(seeded_desk: Desk) -> None:
    for actor, first in (("handler:none", "/staff/"), ("admin", "/staff/people/"), ("auditor", "/staff/complaints/"),
                         ("analyst", "/staff/numbers/"), ("unsigned", "/staff/account/")):
        page = seeded_desk.client(actor).get("/staff/account/").content.decode()
        assert f'class="brand"><a href="{first}"' in page, actor
