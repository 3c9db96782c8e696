"""Coming in: two steps, an invitation, sessions that end, and what stays of what was typed."""

import re

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from amparo.desk import accounts, configuration, demo_links
from amparo.desk.records import SessionRow, Staff
from amparo.desk.sessions import SessionStore
from tests.doors.seeded import PASSWORD, TOKEN, Desk, totp

pytestmark = pytest.mark.django_db
SIGN_IN, CODE, QUEUE = "/staff/in/", "/staff/in/code/", "/staff/"


def masked(body: bytes) -> str:
    return TOKEN.sub("token", body.decode())


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong tries slow everybody down a little; not these tests."""
    monkeypatch.setattr("amparo.desk.throttle.pause", lambda *args, **kwargs: None)


def password_step(client: Client, login: str, password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"login": login, "password": password, **more})


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(seeded_desk: Desk) -> None:
    answers = [
        password_step(Client(), "handler granted", "not the password at all, no"),
        password_step(Client(), "handler nobody1", "not the password at all, no"),
    ]
    assert {answer.status_code for answer in answers} == {400}
    pages = [masked(answer.content).replace("handler granted", "X").replace("handler nobody1", "X")
             for answer in answers]
    assert pages[0] == pages[1]
    assert answers[0].headers == answers[1].headers
    assert "not the password at all" not in pages[0]


def test_the_password_alone_opens_nothing(seeded_desk: Desk) -> None:
    client = Client()
    assert password_step(client, "pending").headers["Location"] == CODE
    assert client.get(QUEUE).headers["Location"].startswith(CODE)
    assert client.get(f"/staff/case/{seeded_desk.case}/").status_code == 302
    assert client.post("/staff/people/invite/", {"pseudonym": "X", "role": "lead"}).status_code == 403


def test_a_colleague_without_a_second_factor_reaches_only_its_set_up(seeded_desk: Desk) -> None:
    client = seeded_desk.client("set-up")
    for place in (QUEUE, CODE, "/staff/account/", "/staff/log/", f"/staff/case/{seeded_desk.case}/"):
        assert client.get(place).headers["Location"] == "/staff/set-up/", place


def test_a_recovery_code_works_once_and_the_way_leads_where_it_was_meant(seeded_desk: Desk) -> None:
    client = Client()
    link = accounts.invite(lead=seeded_desk.staff["lead:granted"], pseudonym="Plover", role="handler")
    client.post(f"/staff/join/{link}/", {"login": "plover", "password": PASSWORD, "again": PASSWORD})
    page = client.get("/staff/set-up/codes/").content.decode()
    codes = re.findall(r"<li><code>([^<]+)</code></li>", page)
    assert len(codes) == 10
    secret = accounts.begin_second_factor(session=SessionStore(client.cookies["s"].value)).secret
    done = client.post("/staff/set-up/codes/", {"kept": "yes", "code": totp(secret)})
    assert done.headers["Location"] == "/staff/account/"  # not signed by a lead yet
    assert codes[0] not in client.get("/staff/account/").content.decode()

    for code, status in ((codes[0], 302), (codes[0], 400), (codes[1], 302)):
        fresh = Client()
        password_step(fresh, "plover", to="/staff/account/password/")
        answer = fresh.post(CODE, {"code": code, "to": "/staff/account/password/"})
        assert answer.status_code == status
        if status == 302:
            assert answer.headers["Location"] == "/staff/account/password/"


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example/staff/", "/en/", "javascript:x",
                                "/staff/\\elsewhere", "/staff//@elsewhere"])
def test_the_way_never_leads_out_of_the_house(seeded_desk: Desk, to: str) -> None:
    answer = seeded_desk.client("handler:granted").get(SIGN_IN, {"to": to})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/staff/") and "//e" not in answer.headers["Location"][1:]


def test_an_invitation_opens_once(seeded_desk: Desk) -> None:
    place = f"/staff/join/{seeded_desk.invitation}/"
    first = Client().post(place, {"login": "newcomer", "password": PASSWORD, "again": PASSWORD})
    assert first.headers["Location"] == "/staff/set-up/"
    again = Client().post(place, {"login": "somebody else", "password": PASSWORD, "again": PASSWORD})
    assert again.status_code == 404
    assert Client().get("/staff/join/made-up/").status_code == 404


@pytest.mark.parametrize("weak", ["xyzzy", "aaaaaaaaaaaaaaaaaaaa"])
def test_a_weak_password_is_refused_with_advice_and_the_name_is_kept(seeded_desk: Desk, weak: str) -> None:
    place = f"/staff/join/{seeded_desk.invitation}/"
    answer = Client().post(place, {"login": "newcomer", "password": weak, "again": weak})
    page = answer.content.decode()
    assert answer.status_code == 400 and 'value="newcomer"' in page and 'class="errors"' in page
    assert weak not in page
    assert Client().get(place).status_code == 200  # the invitation is not used up


def test_the_picture_of_the_secret_carries_no_script_and_no_outside_address(seeded_desk: Desk) -> None:
    answer = seeded_desk.client("set-up").get(reverse("staff:set-up-picture"))
    assert answer.headers["Content-Type"] == "image/svg+xml"
    body = answer.content.decode()
    assert "<path" in body and "script" not in body and "href" not in body
    assert answer.headers["Cache-Control"] == "no-store"


def test_signing_out_ends_the_session_at_once(seeded_desk: Desk) -> None:
    client = seeded_desk.client("handler:granted")
    before = SessionRow.objects.count()
    assert client.get("/staff/out/").status_code == 200  # asking is not leaving
    assert SessionRow.objects.count() == before
    client.post("/staff/out/")
    assert seeded_desk.client("handler:granted").get(QUEUE).status_code == 302


def test_what_was_typed_survives_the_end_of_a_session_and_is_stored_nowhere(seeded_desk: Desk) -> None:
    text = "Please go to your sister today and leave the telephone at home."
    client = Client()  # the session is gone
    answer = client.post(f"/staff/case/{seeded_desk.case}/reply/", {"text": text, "version": "1", "password": "geheim"})
    page = answer.content.decode()
    assert answer.status_code == 403 and text in page and "geheim" not in page
    if "s" in client.cookies:
        assert text not in str(dict(SessionStore(client.cookies["s"].value).items()))


def test_a_forged_form_is_refused_and_its_text_shown(seeded_desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["s"] = seeded_desk.cookies["handler:granted"]
    answer = client.post(f"/staff/case/{seeded_desk.case}/note/", {"text": "a private thought", "password": "geheim"})
    page = answer.content.decode()
    assert answer.status_code == 403 and "a private thought" in page and "geheim" not in page


def test_the_password_is_asked_again_only_on_a_page_and_no_body_is_kept(seeded_desk: Desk,
                                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amparo.desk.accounts.is_fresh", lambda session: False)
    client = seeded_desk.client("lead:granted")
    place = f"/staff/people/{seeded_desk.staff['unsigned'].id}/sign/"
    asked = client.get(place)
    assert asked.headers["Location"].startswith("/staff/in/again/?to=")
    refused = client.post(place, {"compared": "yes", "fingerprint": "x", "text": "typed before"})
    assert refused.status_code == 403 and b"typed before" in refused.content
    assert "typed before" not in str(dict(SessionStore(seeded_desk.cookies["lead:granted"]).items()))
    wrong = client.post("/staff/in/again/", {"password": "not this one, surely", "to": place})
    assert wrong.status_code == 400
    right = client.post("/staff/in/again/", {"password": PASSWORD, "to": place})
    assert right.headers["Location"] == place


def test_a_removed_colleague_is_out_with_the_next_request(seeded_desk: Desk) -> None:
    client = seeded_desk.client("handler:granted")
    assert client.get(QUEUE).status_code == 200
    lead = seeded_desk.client("lead:granted")
    gone = seeded_desk.staff["handler:granted"].id
    assert lead.post(f"/staff/people/{gone}/remove/", {"sure": "yes"}).status_code == 302
    assert client.get(QUEUE).status_code == 302
    assert client.get(f"/staff/case/{seeded_desk.case}/").status_code == 302
    assert Staff.objects.get(id=gone).state == "removed"
    assert seeded_desk.client("lead:granted").get(f"/staff/case/{seeded_desk.case}/").status_code == 200


def test_a_new_password_keeps_the_keys_and_ends_other_sessions(seeded_desk: Desk) -> None:
    other = SessionStore(seeded_desk.cookies["handler:granted"])
    twin = SessionStore()
    twin.update(dict(other.items()))
    twin.save()
    client, elsewhere = seeded_desk.client("handler:granted"), Client()
    elsewhere.cookies["s"] = str(twin.session_key)
    assert elsewhere.get(QUEUE).status_code == 200
    new = "eleven loud sparrows sleep under warm roofs"
    client.post("/staff/account/password/", {"current": PASSWORD, "password": new, "again": new})
    assert elsewhere.get(QUEUE).status_code == 302
    assert client.get(f"/staff/case/{seeded_desk.case}/").status_code == 200


def test_the_language_is_chosen_for_the_session_and_stays_after_signing_in(seeded_desk: Desk) -> None:
    client = Client()
    client.post("/staff/language/", {"language": "ar", "to": SIGN_IN})
    assert 'dir="rtl"' in client.get(SIGN_IN).content.decode()
    password_step(client, "pending")
    assert 'lang="ar"' in client.get(CODE).content.decode()
    client.post("/staff/language/", {"language": "<x>", "to": SIGN_IN})
    assert client.get(SIGN_IN).status_code == 200


def test_a_demonstration_link_survives_being_looked_at_and_opens_once(seeded_desk: Desk,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    demonstration = msgspec.structs.replace(configuration.current(), demo=True)
    monkeypatch.setattr(configuration, "current", lambda: demonstration)
    place = f"/staff/in/demo/{demo_links.make(staff=seeded_desk.staff['handler:granted'])}/"
    for _look in range(3):  # a browser that fetches links ahead burns nothing
        page = Client().get(place)
        assert page.status_code == 200 and b"invented" in page.content
    client = Client()
    assert client.post(place).headers["Location"] == QUEUE
    assert client.get(f"/staff/case/{seeded_desk.case}/").status_code == 200
    assert Client().post(place).status_code == 404 and Client().get(place).status_code == 404
