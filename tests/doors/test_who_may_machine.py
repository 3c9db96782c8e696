"""Every address of the machine door x actor x method, over a Unix socket; and that none of them exists without one."""

import json
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from amparo.desk import locking
from amparo.doors.machine.local import ADDRESSES, CONNECTION
from tests.doors import seeded
from tests.doors.test_who_may import ACTORS, HOLDERS, KEYLESS, METHODS, TABLE, members, walk

pytestmark = pytest.mark.django_db
VIEWS = dict(walk(get_resolver(ADDRESSES).url_patterns))
SHAPE = {"error", "says", "advice"}


@pytest.fixture(scope="module")
def line() -> Iterator[socket.socket]:
    """One end of a connected Unix socket: what gunicorn hands over with a request that came by it."""
    one, other = socket.socketpair(socket.AF_UNIX)
    yield one
    one.close()
    other.close()


def ask(line: socket.socket | None, method: str, where: str, secret: str = "", body: Any = None) -> Any:
    more: dict[str, Any] = {CONNECTION: line} if line is not None else {}
    if secret:
        more["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    data = json.dumps(body) if body is not None else ""
    return Client(raise_request_exception=False).generic(method, where, data, "application/json", **more)


def allowed(view: str, method: str) -> dict[str, int]:
    entry = TABLE["machine"][view]
    entry = {**TABLE["machine-shapes"].get(entry.get("shape", ""), {}), **entry}
    row = entry[method if method in ("GET", "POST") else "other"]
    found: dict[str, int] = {}
    for status, names in row.items():
        for actor in (one for name in names for one in members(name)):
            assert actor not in found, f"{view} {method}: {actor} stands twice"
            found[actor] = int(status)
    return found


def address(view: str, desk: seeded.Desk) -> str:
    converters = VIEWS[view].pattern.converters
    return reverse(view, urlconf=ADDRESSES, kwargs=dict.fromkeys(converters, desk.case))  # a task is no secret: any id


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    assert set(TABLE["machine"]) == set(VIEWS)


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_who_may(view: str, seeded_desk: seeded.Desk, line: socket.socket) -> None:
    where, wrong = address(view, seeded_desk), []
    for actor in ACTORS:
        for method in METHODS:
            with transaction.atomic():
                answer = ask(line, method, where, seeded_desk.cookies.get(actor, ""))
                transaction.set_rollback(True)
            expected = allowed(view, method)
            assert set(expected) == set(ACTORS), f"{view} {method}"
            if answer.status_code != expected[actor]:
                wrong.append(f"{actor} {method}: {answer.status_code}, not {expected[actor]}")
            elif answer.status_code != 200 and method != "HEAD":
                assert set(answer.json()) == SHAPE and all(answer.json().values()), f"{actor} {method}"
            assert answer["Content-Type"] == "application/json" and not answer.cookies
    assert not wrong, f"{view}: " + "; ".join(wrong)


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_without_the_socket_the_address_does_not_exist(view: str, seeded_desk: seeded.Desk) -> None:
    with socket.socketpair(socket.AF_UNIX)[0] as closed, socket.socket(socket.AF_INET) as network:
        for given in (None, network, "unix", closed.fileno()):
            answer = ask(given, "GET", address(view, seeded_desk), seeded_desk.cookies["lead:granted"])  # type: ignore[arg-type]
            assert answer.status_code == 404 and not answer["Content-Type"].startswith("application/json")


def test_no_page_of_the_other_doors_answers_over_the_socket(seeded_desk: seeded.Desk, line: socket.socket) -> None:
    for where in ("/", "/staff/", "/en/", "/healthz", "/static/staff.css", "/demo/"):
        answer = ask(line, "GET", where, seeded_desk.cookies["lead:granted"])
        assert answer.status_code == 404 and answer.json()["error"] == "no-address"


def test_a_cookie_opens_nothing_here(seeded_desk: seeded.Desk, line: socket.socket) -> None:
    answer = seeded_desk.client("lead:granted").get("/queue", **{CONNECTION: line})  # type: ignore[arg-type]
    assert answer.status_code == 401


def test_a_case_not_granted_answers_like_one_that_is_not_there(
    seeded_desk: seeded.Desk, line: socket.socket
) -> None:
    for view in sorted(name for name in VIEWS if VIEWS[name].pattern.converters):
        where = address(view, seeded_desk)
        absent = where.replace(str(seeded_desk.case), str(uuid.uuid4()))
        for actor in (*KEYLESS, "auditor"):
            bodies = [ask(line, "GET", place, seeded_desk.cookies[actor]).content for place in (where, absent)]
            assert bodies[0] == bodies[1], f"{view} {actor}"
        statuses = {allowed(view, method)[actor] for method in METHODS for actor in ACTORS if actor not in HOLDERS}
        assert statuses <= {401, 404}, view


def test_a_case_is_shown_whole(seeded_desk: seeded.Desk, line: socket.socket) -> None:
    said = ask(line, "GET", f"/case/{seeded_desk.case}", seeded_desk.cookies["handler:granted"]).json()
    assert [one["texts"] for one in said["answers"] if one["code"] == "what-happened"] == [
        ["Somebody waits in front of the door."]
    ]
    assert [one["texts"] for one in said["answers"] if one["code"] == "danger"] == [["Yes"]]
    assert said["findings"][0]["finding"]["does_not_say"] == "It does not show that it was opened."
    assert said["evidence"][0]["name"] == "photo of the gate.txt" and said["evidence"][0]["exam"] == "done"
    assert (said["consents"][0]["code"], said["consents"][0]["given"]) == ("examine", True)
    assert said["why"] and said["not_checked"] and said["members"]


@pytest.mark.parametrize("body", ["[]", "nonsense", '{"text": 5}', '{"text": null}', "\xff"])
def test_what_is_not_understood_is_told_without_quoting_it(
    seeded_desk: seeded.Desk, line: socket.socket, body: str
) -> None:
    answer = Client().generic(
        "POST", f"/case/{seeded_desk.case}/note", body, "application/json",
        HTTP_AUTHORIZATION=f"Bearer {seeded_desk.cookies['lead:granted']}", **{CONNECTION: line},  # type: ignore[arg-type]
    )
    assert answer.status_code == 400 and answer.json()["error"] == "not-understood"
    assert "nonsense" not in answer.content.decode()


def test_a_writing_made_from_an_older_version_is_refused(seeded_desk: seeded.Desk, line: socket.socket) -> None:
    secret, where = seeded_desk.cookies["handler:granted"], f"/case/{seeded_desk.case}"
    version = ask(line, "GET", where, secret).json()["version"]
    with transaction.atomic():
        assert ask(line, "POST", f"{where}/note", secret, {"text": "one", "version": version}).status_code == 200
        late = ask(line, "POST", f"{where}/reply", secret, {"text": "two", "version": version})
        assert late.status_code == 409 and late.json()["error"] == "changed"
        shown = ask(line, "GET", where, secret).json()
        assert [one["text"] for one in shown["notes"]] == ["one"] and shown["dialogue"] == []
        transaction.set_rollback(True)


def test_wrong_codes_are_counted_also_here(seeded_desk: seeded.Desk, line: socket.socket) -> None:
    name = {"login": "handler none", "password": seeded.PASSWORD}
    with transaction.atomic():
        secret = ask(line, "POST", "/login", body=name).json()["session"]
        for _ in range(9):
            answer = ask(line, "POST", "/code", secret, {"code": "not a code"})
            assert answer.status_code == 400 and answer.json()["error"] == "wrong-code"
        assert ask(line, "POST", "/code", secret, {"code": "not a code"}).status_code == 401
        assert ask(line, "POST", "/code", secret, {"code": "not a code"}).json()["error"] == "expired"
        wrong = ask(line, "POST", "/login", body={**name, "password": "wrong"})
        unknown = ask(line, "POST", "/login", body={**name, "login": "nobody of this name"})
        assert wrong.status_code == unknown.status_code == 400 and wrong.content == unknown.content
        transaction.set_rollback(True)


def test_a_colleague_who_is_locked_out_is_out_here_at_once(seeded_desk: seeded.Desk, line: socket.socket) -> None:
    secret, where = seeded_desk.cookies["handler:granted"], f"/case/{seeded_desk.case}"
    with transaction.atomic():
        assert ask(line, "GET", where, secret).status_code == 200
        locking.lock(
            staff=seeded_desk.staff["lead:granted"], who=seeded_desk.staff["handler:granted"].id, why="arrested"
        )
        for method, place in (("GET", where), ("GET", "/queue"), ("GET", "/me"), ("POST", f"{where}/note")):
            answer = ask(line, method, place, secret, {"text": "one"})
            assert answer.status_code == 401 and set(answer.json()) == SHAPE
        again = {"login": "handler granted", "password": seeded.PASSWORD}
        assert ask(line, "POST", "/login", body=again).status_code == 400
        transaction.set_rollback(True)
