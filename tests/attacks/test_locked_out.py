"""A stolen session works on while a colleague locks its owner out: within a second nothing of it succeeds.

Real requests over real sockets, from many threads, with a download on its way and texts being sent.
"""

import contextlib
import re
import threading
import time
from uuid import UUID

import httpx
import pytest
from pytest_django.live_server_helper import LiveServer

from amparo.desk import accounts
from amparo.desk.records import Case, Item, Staff
from tests.desk import conftest as given
from tests.desk import people

cheap_passwords, ground, desk = given.cheap_passwords, given.ground, given.desk
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
SIZE = 40_000_000


def browser(live: LiveServer, team: people.Desk, name: str) -> httpx.Client:
    """Signed in as this colleague."""
    one = people.session()
    accounts.login_password(session=one, login=f"login of {name}", password=people.PASSWORD)
    accounts.login_recovery_code(session=one, code=team.factors[name].recovery_codes[0])
    one.save()
    return httpx.Client(base_url=live.url, cookies={"s": str(one.session_key)}, trust_env=False, timeout=30)


def token(client: httpx.Client, page: str) -> str:
    return TOKEN.findall(client.get(page).text)[-1]


class Thief(threading.Thread):
    """Asks for one page again and again; (begun, ended, status) of each answer."""

    def __init__(self, client: httpx.Client, method: str, page: str, data: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.client, self.method, self.page, self.data = client, method, page, data
        self.answers: list[tuple[float, float, int]] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            begun = time.monotonic()
            answer = self.client.request(self.method, self.page, data=self.data or None)
            self.answers.append((begun, time.monotonic(), answer.status_code))


class Download(threading.Thread):
    """Takes an original as slowly as a bad line; `got`: bytes that came."""

    def __init__(self, client: httpx.Client, page: str, data: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.client, self.page, self.data = client, page, data
        self.got, self.hurry = 0, threading.Event()

    def run(self) -> None:
        with contextlib.suppress(httpx.HTTPError), self.client.stream("POST", self.page, data=self.data) as answer:
            for piece in answer.iter_raw(65536):
                self.got += len(piece)
                if not self.hurry.is_set():
                    time.sleep(0.05)


@pytest.fixture
def case(desk: people.Desk) -> tuple[UUID, UUID]:
    people.report("They wait at my gate.", files=(("film.bin", bytes(SIZE)),))
    one = Case.objects.get()
    return one.id, Item.objects.get(case=one, kind="file").id


@pytest.mark.timeout(120)
def test_no_request_succeeds_and_no_download_goes_on(
    desk: people.Desk, case: tuple[UUID, UUID], live_server: LiveServer
) -> None:
    where = f"/staff/case/{case[0]}/"
    original = f"{where}evidence/{case[1]}/original/"
    stolen, friend = browser(live_server, desk, "Swift"), browser(live_server, desk, "Wren")
    key = {"csrfmiddlewaretoken": token(stolen, where)}
    thieves = [
        Thief(stolen, "GET", "/staff/", {}), Thief(stolen, "GET", where, {}),
        Thief(stolen, "POST", f"{where}note/", {**key, "text": "copied by a stranger"}),
        Thief(stolen, "POST", "/staff/find/", {**key, "words": "danger"}),
    ]
    download = Download(stolen, original, {"csrfmiddlewaretoken": token(stolen, original)})
    lock = {"csrfmiddlewaretoken": token(friend, "/staff/lock/"), "colleague": str(desk.team["Swift"].id),
            "why": "Her computer was taken."}
    for one in (*thieves, download):
        one.start()
    time.sleep(1.5)
    answer = friend.post("/staff/lock/", data=lock)
    locked = time.monotonic()
    assert answer.status_code == 302
    download.hurry.set()  # what lies in the sockets may be read as fast as one can
    time.sleep(1.0)
    come = download.got
    time.sleep(1.0)
    for thief in thieves:
        thief.over.set()
        thief.join(20)

    assert 0 < come == download.got < SIZE, "it was on its way, and within a second nothing more came"
    for thief in thieves:
        before = [status for begun, ended, status in thief.answers if ended < locked - 1]
        assert before and set(before) <= {200, 302}, f"{thief.page}: the thief was really in"
        after = [(begun, status) for begun, ended, status in thief.answers if begun >= locked]
        assert len(after) > 3, thief.page
        # a page leads to the sign-in, a writing is refused with its text: 302 of a note would be "saved"
        wanted = {302} if thief.method == "GET" else {403}
        assert {status for _, status in after} == wanted, thief.page
    notes = Item.objects.filter(case_id=case[0], kind="note").count()
    time.sleep(0.3)
    assert Item.objects.filter(case_id=case[0], kind="note").count() == notes
    assert stolen.get("/staff/", follow_redirects=True).url.path == "/staff/in/"


def test_a_request_that_was_let_in_before_the_lock_writes_nothing_after_it(
    desk: people.Desk, case: tuple[UUID, UUID]
) -> None:
    """The session was looked at, then the lock came, then the view ran: the desk asks again inside the transaction."""
    from amparo.desk import casework, locking
    from amparo.desk.errors import NotFound

    swift = desk.team["Swift"]
    locking.lock(staff=desk.team["Wren"], who=swift.id, why="taken")
    with pytest.raises(NotFound):
        casework.reply(staff=swift, case_id=case[0], text="Come to the bridge alone.")
    assert not Item.objects.filter(case_id=case[0], kind="message").exists()


def test_the_sign_in_of_a_locked_colleague_answers_like_a_wrong_one(
    desk: people.Desk, live_server: LiveServer
) -> None:
    from amparo.desk import locking

    pages = []
    locking.lock(staff=desk.team["Wren"], who=desk.team["Swift"].id, why="taken")
    for login in ("login of Swift", "somebody who never was"):
        client = httpx.Client(base_url=live_server.url, trust_env=False, timeout=30)
        key = token(client, "/staff/in/")
        answer = client.post("/staff/in/", data={
            "csrfmiddlewaretoken": key, "login": login, "password": people.PASSWORD})
        text = TOKEN.sub("", answer.text).replace(login, "")
        pages.append((answer.status_code, text, sorted(name for name in answer.headers if name != "date")))
    assert pages[0] == pages[1] and pages[0][0] == 400


def test_half_a_sign_in_ends_with_the_lock(desk: people.Desk) -> None:
    """The password was given before the lock, the code comes after it."""
    from amparo.desk import locking
    from amparo.desk.errors import Expired

    one = people.session()
    accounts.login_password(session=one, login="login of Swift", password=people.PASSWORD)
    locking.lock(staff=desk.team["Wren"], who=desk.team["Swift"].id, why="taken")
    with pytest.raises(Expired):
        accounts.login_totp(session=one, code=people.code_of(desk.factors["Swift"].secret, ahead=30))
    assert Staff.objects.get(pseudonym="Swift").state == "locked"
