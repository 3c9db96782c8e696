"""A browser that somebody else used before, links from other sites, and one visitor who wants the desk to stop."""

import contextlib
import re
import threading

import pytest
from django.test import Client

from amparo.desk import accounts, blobs, throttle
from amparo.desk.records import Bucket, SessionRow
from tests.desk import people as desks
from tests.doors.reporter import conftest as ground

configure, desk = ground.configure, ground.desk
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def token(page: bytes) -> str:
    return TOKEN.findall(page.decode())[-1]


def test_a_draft_begins_under_a_new_cookie(desk: desks.Desk) -> None:
    """A café: the one before noted the cookie of /en/write/ and left the page open."""
    browser = Client(enforce_csrf_checks=True)
    page = browser.get("/en/write/")
    noted = browser.cookies["s"].value
    browser.post("/en/write/begin/", {"csrfmiddlewaretoken": token(page.content)})
    page = browser.get("/en/write/2/")
    browser.post("/en/write/2/", {
        "csrfmiddlewaretoken": token(page.content), "what-happened": "My brother hides me.", "go": "on"})
    thief = Client()
    thief.cookies["s"] = noted
    assert b"My brother hides me." not in thief.get("/en/write/2/").content


@pytest.mark.parametrize("path", ["/en/write/", "/en/back/", "/staff/in/"])
def test_a_link_from_elsewhere_does_not_end_a_draft(desk: desks.Desk, path: str) -> None:
    page = Client().get(path, headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"})
    assert "s" not in page.cookies


@pytest.mark.parametrize("path", ["/en/write/2/", "/en/back/talk/", "/staff/in/"])
def test_a_form_from_elsewhere_does_not_end_a_draft(desk: desks.Desk, path: str) -> None:
    """A page of a stranger sends a form by itself, in the foreground: the cookie stays at home, ours comes back."""
    page = Client(enforce_csrf_checks=True).post(
        path, {"what-happened": "x", "text": "x", "csrfmiddlewaretoken": "y" * 32},
        headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "origin": "https://evil.example"})
    assert page.status_code == 403 and "s" not in page.cookies


def test_a_language_that_is_none_is_not_kept(desk: desks.Desk) -> None:
    browser = Client(enforce_csrf_checks=True)
    page = browser.get("/staff/in/")
    browser.post("/staff/language/", {"csrfmiddlewaretoken": token(page.content), "language": "x" * 1_500_000})
    assert max(len(bytes(row.body)) for row in SessionRow.objects.all()) < 100_000


@pytest.mark.parametrize("path", ["/en/%0d%0aSet-Cookie:%20s=x/", "/%0aX: y"])
def test_an_address_with_line_ends_is_a_plain_404(desk: desks.Desk, configure: ground.Configure, path: str) -> None:
    configure('onion = "http://abc.onion"')
    assert Client(raise_request_exception=False).get(path).status_code in (400, 404)


@pytest.mark.parametrize("path", ["/en/%0d%0aSet-Cookie:%20s=x/", "/%0aX: y", "/en/\u202e/"])
def test_an_address_cannot_write_headers(desk: desks.Desk, configure: ground.Configure, path: str) -> None:
    configure('onion = "http://abc.onion"')
    answer = Client(raise_request_exception=False).get(path)
    assert "s" not in answer.cookies and "X" not in answer.headers


def test_waiting_for_a_guess_does_not_take_every_thread(desk: desks.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes with eight threads each: whoever guesses on forty lines makes every page wait with them."""
    monkeypatch.setattr(throttle, "take", lambda *_, **__: throttle.LONGEST)
    lock, now, most = threading.Lock(), 0, 0

    def sleep(seconds: float) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(2.0)
        with lock:
            now -= 1

    monkeypatch.setattr(throttle.time, "sleep", sleep)

    def guess() -> None:
        with contextlib.suppress(Exception):  # told to come back later: the right answer
            throttle.pause("receipt", rate=5.0, burst=40)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most <= 4


def test_names_that_reverse_or_break_out_are_tamed() -> None:
    for name in ("../../etc/passwd", "a\r\nX: y", "exe\u202egpj.jpg", '"><script>.png', "\udcff.txt", "x" * 5000):
        made = blobs.clean_name(name)
        assert not set(made) & set('/\\"<>\r\n\u202e') and len(made) <= 120


def test_throttle_rows_hold_no_name(desk: desks.Desk) -> None:
    with pytest.raises(accounts.WrongLogin):
        accounts.login_password(session=desks.session(), login="A Real Name", password="x" * 30)
    assert all("real" not in row.name.lower() for row in Bucket.objects.all())
