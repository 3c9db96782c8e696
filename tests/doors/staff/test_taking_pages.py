"""A call becomes a case through the pages: nothing pre-ticked, words until confirmed, nothing typed is lost."""

import re
import time
from uuid import UUID

import pytest
from django.test import Client

from amparo.desk import custody, reading, returning
from amparo.desk.records import Case
from tests.doors import seeded

pytestmark = pytest.mark.django_db
STORY = "She says: two men wait at the gate."
WORD = re.compile(r"<li><span>(\S+?) ")


def form_of(client: Client) -> str:
    found = re.search(r'name="form" value="([0-9a-f-]{36})"', client.get("/staff/new/").content.decode())
    assert found
    return found[1]


def take(client: Client, **more: object):
    return client.post("/staff/new/", {"form": form_of(client), "way": "call", "text": STORY, "language": "es", **more})


def test_a_call_becomes_a_case_and_its_words_are_read_out(seeded_desk: seeded.Desk) -> None:
    client = seeded_desk.client("handler:granted")
    page = client.get("/staff/new/").content.decode()
    # nothing is ticked beforehand but that whoever wrote it down goes on with it
    assert re.findall(r'name="(\w+)" value="\w+"[^>]* checked', page) == ["mine"] and page.count("<script") == 1
    begun = time.perf_counter()
    answer = take(client)
    took = time.perf_counter() - begun
    assert answer.status_code == 302, answer.content.decode()
    where = answer.headers["Location"]
    shown = client.get(where).content.decode()
    words = WORD.findall(shown)
    assert len(words) == 9 and 'lang="es"' in shown and WORD.findall(client.get(where).content.decode()) == words
    access = returning.open_receipt(" ".join(words))
    assert f"{access.case}" not in where
    places = [int(place) for place in re.findall(r'name="word-(\d)"', shown)]
    wrong = client.post(where, {f"word-{place}": "x" for place in places})
    assert wrong.status_code == 400 and "not the words" in wrong.content.decode()
    assert WORD.findall(wrong.content.decode()) == words
    right = client.post(where, {f"word-{place}": words[place - 1] for place in places})
    case = client.get(client.get(right.headers["Location"]).headers["Location"]).content.decode()
    assert STORY in case and "is a case now" in case and not any(word in case for word in words if len(word) > 6)
    assert client.get(where).status_code == 302
    assert took < 5
    print(f"filing by hand through HTTP: {took * 1000:.0f} ms of server time, Argon2id included")


def test_whoever_wrote_it_down_has_it_unless_they_untick(seeded_desk: seeded.Desk) -> None:
    client = seeded_desk.client("handler:granted")
    for more, said in (({"mine": "yes"}, "You have this case."), ({}, "Nobody has this case yet.")):
        where = take(client, **more).headers["Location"]
        case = client.get(client.post(where, {"go": "sure"}).headers["Location"]).headers["Location"]
        assert said in client.get(case).content.decode()


def test_the_caller_is_told_where_the_words_are_used(seeded_desk: seeded.Desk) -> None:
    client = seeded_desk.client("handler:granted")
    where = take(client).headers["Location"]
    shown = client.get(where).content.decode()
    assert '<bdi dir="ltr">http://testserver/</bdi>' in shown
    button = re.search(r'<bdi lang="es">(.+?)</bdi>', shown)
    assert button and button[1] in Client().get("/es/").content.decode()
    case = client.get(client.post(where, {"go": "sure"}).headers["Location"]).headers["Location"]
    assert "http://testserver/" in client.get(f"{case}receipt/").content.decode()  # also when she calls again


def test_danger_is_asked_first_and_a_taken_account_is_urgent(seeded_desk: seeded.Desk) -> None:
    client = seeded_desk.client("handler:granted")
    page = client.get("/staff/new/").content.decode()
    names = list(dict.fromkeys(re.findall(r'name="(\w+)"', page[page.index('name="form"') + 11:])))
    assert names[0] == "danger" and names.index("account") < names.index("threats")
    where = take(client, account="out").headers["Location"]
    case = client.get(client.post(where, {"go": "sure"}).headers["Location"]).headers["Location"]
    told = client.get(case).content.decode()
    assert "Locked out of an account" in told and "answer within two hours" in told
    assert "Somebody got into an account, or tries to" in told


def test_the_case_says_how_it_came_and_who_wrote_it_down(seeded_desk: seeded.Desk) -> None:
    client = seeded_desk.client("handler:granted")
    where = take(client, way="paper").headers["Location"]
    case = client.get(client.post(where, {"go": "sure"}).headers["Location"]).headers["Location"]
    told = client.get(case).content.decode()
    assert "On paper, written down by handler granted" in told
    assert "written down by" not in client.get(f"/staff/case/{seeded_desk.case}/").content.decode()


def test_a_double_post_makes_one_case(seeded_desk: seeded.Desk) -> None:
    client = seeded_desk.client("handler:granted")
    before, form = Case.objects.count(), form_of(client)
    given = {"form": form, "way": "paper", "text": STORY, "language": "en"}
    first, second = client.post("/staff/new/", given), client.post("/staff/new/", given)
    assert first.headers["Location"] == second.headers["Location"] and Case.objects.count() == before + 1


def test_what_was_typed_is_shown_again(seeded_desk: seeded.Desk) -> None:
    client = seeded_desk.client("handler:granted")
    missing = take(client, way="", identity="Her cousin has the number", threats=["doxing"])
    told = missing.content.decode()
    assert missing.status_code == 400 and STORY in told and "Her cousin" in told and 'value="doxing"' in told
    assert re.search(r'value="doxing"[^>]*checked', told)
    nobody = take(client, excluded=["lead granted", "handler granted", "handler excluded", "lead excluded",
                                    "handler none", "lead none", "pending"])
    assert nobody.status_code == 400 and STORY in nobody.content.decode()
    assert "nobody at this desk could read" in nobody.content.decode()
    ended = Client().post("/staff/new/", {"text": STORY, "identity": "Her cousin has the number", "way": "call"})
    told = ended.content.decode()
    assert ended.status_code == 403 and STORY in told and "Her cousin" in told


def test_words_of_another_session_are_not_shown(seeded_desk: seeded.Desk) -> None:
    where = take(seeded_desk.client("handler:granted")).headers["Location"]
    assert seeded_desk.client("lead:granted").get(where).status_code == 404


def test_intake_files_and_is_led_on_without_the_case(seeded_desk: seeded.Desk) -> None:
    client = seeded_desk.client("intake")
    assert 'href="/staff/new/"' in client.get("/staff/account/").content.decode()
    where = take(client).headers["Location"]
    done = client.post(where, {"go": "sure"})
    on = client.get(done.headers["Location"])
    assert on.headers["Location"] == "/staff/new/" and "You hold no key" in client.get("/staff/new/").content.decode()
    case = UUID(next(str(line.entry.case) for line in custody.lines() if line.entry.action == "taken-down"))
    assert reading.relation(seeded_desk.staff["intake"], case) == "none"
    assert client.get(f"/staff/case/{case}/").status_code == 404


def test_words_made_later(seeded_desk: seeded.Desk) -> None:
    client = seeded_desk.client("handler:granted")
    on = client.get(take(client, later=["yes"]).headers["Location"])
    case = on.headers["Location"].split("/")[3]
    page = client.get(f"/staff/case/{case}/receipt/").content.decode()
    slip = re.search(r'name="form" value="([0-9a-f-]{36})"', page)
    assert slip
    answer = client.post(f"/staff/case/{case}/receipt/", {"form": slip[1]})
    words = WORD.findall(client.get(answer.headers["Location"]).content.decode())
    assert str(returning.open_receipt(" ".join(words)).case) == case
    assert "has her words already" in client.get(f"/staff/case/{case}/receipt/").content.decode()


def test_a_check_is_written_down_and_stands_as_a_tag(seeded_desk: seeded.Desk) -> None:
    client, case = seeded_desk.client("handler:granted"), seeded_desk.case
    refused = client.post(f"/staff/case/{case}/vetting/", {"text": "Her editor knows her.", "day": "2999-01-01",
                                                            "method": "reference", "outcome": "confirmed"})
    assert refused.status_code == 400 and "Her editor knows her." in refused.content.decode()
    kept = client.post(f"/staff/case/{case}/vetting/", {"text": "Her editor knows her.", "day": "2024-05-31",
                                                         "method": "reference", "outcome": "confirmed"})
    assert kept.status_code == 302
    page = client.get(f"/staff/case/{case}/vetting/").content.decode()
    assert "Somebody we trust knows the person" in page and "handler granted" in page and "Her editor" in page
    assert "vetted: confirmed" in client.get(f"/staff/case/{case}/").content.decode()
