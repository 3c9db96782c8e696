"""Security keys and shortcuts from a colleague's side: an addition, on pages that work without scripts."""

import html
import json
import re

import pytest
from django.test import Client

from amparo.doors.headers import CONTENT_SECURITY_POLICY, FIXED
from tests.doors.seeded import PASSWORD, Desk
from tests.seal.software_key import SoftwareKey

pytestmark = pytest.mark.django_db
HERE = {"headers": {"host": "localhost"}}
ORIGIN = "http://localhost"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amparo.desk.throttle.pause", lambda *args, **kwargs: None)


def options(page: str, ask: str) -> dict[str, object] | None:
    found = re.search(rf'<form [^>]*hidden data-ask="{ask}" data-options="([^"]+)"', page)
    return json.loads(html.unescape(found[1])) if found else None


def add(client: Client, key: SoftwareKey, **more: str):
    asked = options(client.get("/staff/account/keys/", **HERE).content.decode(), "create")
    assert asked is not None
    told = {"label": "blue key", "password": PASSWORD, "answer": key.create(asked, origin=ORIGIN), **more}
    return client.post("/staff/account/keys/add/", told, **HERE)


def test_from_adding_to_signing_in_to_removing(seeded_desk: Desk) -> None:
    client, key = seeded_desk.client("handler:none"), SoftwareKey("localhost")
    assert "There is none." in client.get("/staff/account/keys/", **HERE).content.decode()
    assert add(client, key).headers["Location"] == "/staff/account/keys/"
    page = client.get("/staff/account/keys/", **HERE).content.decode()
    assert "blue key, added on" in page and "for localhost" in page and "it can stand for the code" in page

    fresh = Client()
    fresh.post("/staff/in/", {"login": "handler none", "password": PASSWORD}, **HERE)
    second = fresh.get("/staff/in/code/?to=/staff/account/", **HERE)
    assert "publickey-credentials-get=(self)" in second.headers["Permissions-Policy"]
    assert 'name="code"' in second.content.decode()  # the way without scripts stands beside it
    asked = options(second.content.decode(), "get")
    assert asked is not None
    into = fresh.post("/staff/in/key/", {"answer": key.get(asked, origin=ORIGIN), "to": "/staff/account/"}, **HERE)
    assert into.headers["Location"] == "/staff/account/"
    assert fresh.get("/staff/", **HERE).status_code == 200

    one = re.search(r'name="gone-key" value="([0-9a-f]+)"', page)
    assert one
    wrong = client.post("/staff/account/keys/remove/", {"gone-key": one[1], "gone-password": "no, not at all"}, **HERE)
    assert wrong.status_code == 400
    gone = client.post("/staff/account/keys/remove/", {"gone-key": one[1], "gone-password": PASSWORD}, **HERE)
    assert gone.status_code == 302
    assert "Your codes work as before" in client.get("/staff/account/keys/", **HERE).content.decode()
    after = Client()
    after.post("/staff/in/", {"login": "handler none", "password": PASSWORD}, **HERE)
    assert options(after.get("/staff/in/code/", **HERE).content.decode(), "get") is None


def test_a_refused_key_leaves_the_field_for_the_code(seeded_desk: Desk) -> None:
    client, key = seeded_desk.client("lead:none"), SoftwareKey("localhost")
    assert add(client, key).status_code == 302
    fresh = Client()
    fresh.post("/staff/in/", {"login": "lead none", "password": PASSWORD}, **HERE)
    fresh.get("/staff/in/code/", **HERE)
    answer = fresh.post("/staff/in/key/", {"answer": "{}"}, **HERE)
    page = answer.content.decode()
    assert answer.status_code == 400 and 'name="code"' in page and "was not accepted" in page
    assert options(page, "get") is not None  # and a fresh question for the key


def test_somebody_without_keys_or_without_the_password_learns_of_none(seeded_desk: Desk) -> None:
    """The page of the second step stands behind the password, and shows a button only for the account's own keys."""
    assert add(seeded_desk.client("lead:excluded"), SoftwareKey("localhost")).status_code == 302
    for login in ("lead excluded", "nobody at all"):
        page = Client().post("/staff/in/", {"login": login, "password": "not the password at all"}, **HERE)
        assert page.status_code == 400 and b"data-ask" not in page.content
    page = seeded_desk.client("pending").get("/staff/in/code/", **HERE)
    assert b"data-ask" not in page.content and page.headers["Permissions-Policy"] == FIXED["Permissions-Policy"]
    assert Client().post("/staff/in/key/", {"answer": "{}"}, **HERE).status_code == 403


def test_where_browsers_refuse_keys_the_page_says_so(seeded_desk: Desk) -> None:
    page = seeded_desk.client("handler:granted").get("/staff/account/keys/", headers={"host": "127.0.0.1:8000"})
    assert options(page.content.decode(), "create") is None and "need https or localhost" in page.content.decode()
    assert page.headers["Permissions-Policy"] == FIXED["Permissions-Policy"]


@pytest.mark.parametrize("wrong", [{"label": ""}, {"password": "no, not at all"}, {"answer": ""}, {"answer": "[]"}])
def test_what_is_wrong_is_told_and_the_label_kept(seeded_desk: Desk, wrong: dict[str, str]) -> None:
    answer = add(seeded_desk.client("handler:granted"), SoftwareKey("localhost"), **wrong)
    page = answer.content.decode()
    assert answer.status_code == 400 and 'class="errors"' in page and PASSWORD not in page
    assert "label" in wrong or 'value="blue key"' in page


def test_shortcuts_are_switched_off_and_stay_off(seeded_desk: Desk) -> None:
    client = seeded_desk.client("handler:granted")
    queue = client.get("/staff/").content.decode()
    assert "<body class=\"staff\" data-shortcuts>" in queue and '<details id="shortcuts">' in queue
    client.post("/staff/account/shortcuts/", {"shortcuts": "off"})
    page = client.get("/staff/account/").content.decode()
    assert "data-shortcuts" not in page and "Keyboard shortcuts are off." in page and '<details id="shortcuts">' in page
    fresh = seeded_desk.client("handler:granted")  # another session's start: from the profile, not from this session
    session = fresh.session
    session.pop("staff-shortcuts")
    session.save()
    assert "data-shortcuts" not in fresh.get("/staff/").content.decode()
    fresh.post("/staff/account/shortcuts/", {"shortcuts": "on"})
    assert "data-shortcuts" in fresh.get("/staff/").content.decode()


def test_the_script_runs_on_staff_pages_and_nowhere_else(seeded_desk: Desk) -> None:
    for place in ("/staff/in/", "/staff/join/nothing/"):
        answer = Client().get(place)
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY + "; script-src 'self'"
        assert answer.content.count(b"<script") == 1 and b'src="/static/staff.js" defer></script>' in answer.content
        assert b"data-shortcuts" not in answer.content  # nobody is signed in: no letters
    for actor, places in (("anonymous", ("/", "/en/", "/en/about/", "/en/first/", "/en/back/")),
                          ("draft", ("/en/write/readers/", "/en/write/1/", "/en/write/files/")),
                          ("reporter", ("/en/back/talk/", "/en/back/choices/"))):
        for place in places:
            answer = seeded_desk.client(actor).get(place)
            assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
            assert b"<script" not in answer.content and b"staff.js" not in answer.content


def test_the_script_is_small_and_asks_nobody() -> None:
    answer = Client().get("/static/staff.js")
    script = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/javascript") and len(script.encode()) <= 5_000
    assert '"use strict";' in script
    for never in ("eval(", "Function(", "innerHTML", "outerHTML", "insertAdjacent", "document.write", "fetch(",
                  "XMLHttp", "WebSocket", "sendBeacon", "localStorage", "sessionStorage", "indexedDB", "cookie",
                  "import(", "http:", "https:", "setInterval", "setTimeout"):
        assert never not in script, never


def test_files_that_people_sent_are_no_scripts(seeded_desk: Desk) -> None:
    """`script-src 'self'` would run what this origin serves as a script: nothing but the static file may be one."""
    client = seeded_desk.client("handler:granted")
    for place in (f"/staff/case/{seeded_desk.case}/copy/{seeded_desk.copy}/", "/staff/", "/staff/set-up/picture.svg"):
        answer = client.get(place)
        assert "javascript" not in answer.headers["Content-Type"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
