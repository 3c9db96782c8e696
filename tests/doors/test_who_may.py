"""Every address of the house x actor x method, against the table in who_may.toml.

The addresses are read from the URL map, so a new view without an entry fails here. The actors are one open session
for each role, with and without a key of the case, excluded by the reporter, between the two steps of signing in,
and reporters. Requests are real; each is undone afterwards.
"""

import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from amparo.mitigate import ways
from tests.doors import seeded

pytestmark = pytest.mark.django_db  # makes the test database; the seeded desk holds one transaction around all
TABLE = tomllib.loads((Path(__file__).parent / "who_may.toml").read_text())
OUT = ("anonymous", "draft", "reporter")
HALF = ("pending", "set-up")
HOLDERS = ("handler:granted", "lead:granted")
KEYLESS = ("handler:none", "handler:excluded", "lead:none", "lead:excluded")
APART = (*seeded.OTHERS, "unsigned")
ACTORS = (*OUT, *HALF, *HOLDERS, *KEYLESS, *APART)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def walk(patterns: list[Any], space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every named address of the URL map, with its namespace."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, inside)
        else:
            yield f"{space}{pattern.name}" if pattern.name else f"unnamed {pattern.pattern}", pattern


VIEWS = dict(walk(get_resolver().url_patterns))


def allowed(view: str, method: str) -> dict[str, int]:
    """Expected status by actor for one method of one view."""
    entry = TABLE["views"][view]
    entry = {**TABLE["shapes"].get(entry.get("shape", ""), {}), **entry}
    names = {"HEAD": ("HEAD", "GET"), "GET": ("GET",), "POST": ("POST",)}.get(method, ("other",))
    row: dict[str, list[str]] = next((entry[name] for name in names if name in entry), {})
    found: dict[str, int] = {}
    for status, names in row.items():
        for name in names:
            for actor in members(name):
                assert actor not in found, f"{view} {method}: {actor} stands twice"
                found[actor] = int(status)
    return found


def members(name: str) -> tuple[str, ...]:
    """The actors of a group."""
    but = {"@everybody": "", "@no-draft": "draft", "@no-receipt": "reporter"}
    if name in but:
        return tuple(actor for actor in ACTORS if actor != but[name])
    return tuple(TABLE["groups"][name[1:]]) if name.startswith("@") else (name,)


def address(view: str, desk: seeded.Desk) -> str:
    """The view's address, filled with the ids of the seeded desk."""
    samples: dict[str, Any] = {
        "case": desk.case, "finding": desk.finding,
        "item": {"staff:copy": desk.copy, "staff:conversation": desk.conversation}.get(view, desk.item),
        "task": desk.task, "wave": desk.wave, "alarm": uuid.UUID(int=3),
        "walk": desk.walk,
        "number": 1, "name": "ios-backup", "mask": uuid.UUID(int=1), "secret": desk.invitation,
        "asked": uuid.UUID(int=1), "slip": uuid.UUID(int=1), "delegate": uuid.UUID(int=1), "other": uuid.UUID(int=2),
        "letter": uuid.UUID(int=9), "sheet": desk.sheet,
        "language": "es", "book": ways.mark("doxing"), "step": ways.mark("doxing", "start"),
        "form": ways.mark("ready", "check-up"), "account": ways.mark("account", "google"),
        "colleague": desk.staff["handler:granted" if view == "staff:member-remove" else "unsigned"].id,
    }
    converters = VIEWS[view].pattern.converters
    with translation.override("en"):
        return reverse(view, kwargs={name: samples[name] for name in converters})


def test_every_view_has_an_entry_and_every_entry_a_view() -> None:
    assert set(TABLE["views"]) == set(VIEWS)


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_actor_and_method_has_an_entry(view: str) -> None:
    for method in METHODS:
        assert set(allowed(view, method)) == set(ACTORS), f"{view} {method}"


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_who_may(view: str, seeded_desk: seeded.Desk) -> None:
    desk = seeded_desk
    where = address(view, desk)
    wrong = []
    for actor in ACTORS:
        client = desk.client(actor)
        for method in METHODS:
            with transaction.atomic():
                answer = client.generic(method, where)
                if answer.streaming:
                    b"".join(answer)
                transaction.set_rollback(True)
            client.cookies.clear()
            if actor in desk.cookies:
                client.cookies["s"] = desk.cookies[actor]
            expected = allowed(view, method)[actor]
            if answer.status_code != expected:
                wrong.append(f"{actor} {method}: {answer.status_code}, not {expected}")
    assert not wrong, f"{view}: " + "; ".join(wrong)


@pytest.mark.parametrize("view", sorted(name for name in VIEWS if "<uuid:case>" in str(VIEWS[name].pattern)))
def test_the_table_itself_opens_no_case_without_a_key(view: str) -> None:
    """Whatever somebody writes into the table: only holders of a key get past the door of a case."""
    for method in METHODS:
        for actor, status in allowed(view, method).items():
            assert actor in HOLDERS or status in (302, 403, 404), f"{view} {method} {actor}"


@pytest.mark.parametrize("view", sorted(name for name in VIEWS if "<uuid:case>" in str(VIEWS[name].pattern)))
def test_a_case_not_granted_answers_like_one_that_is_not_there(view: str, seeded_desk: seeded.Desk) -> None:
    desk = seeded_desk
    where = address(view, desk)
    absent = where.replace(str(desk.case), str(uuid.uuid4()))
    for actor in (*KEYLESS, "auditor"):
        with transaction.atomic():
            bodies = []
            for place in (where, absent):
                answer = desk.client(actor).get(place)
                token = answer.content.split(b'name="csrfmiddlewaretoken" value="')
                shown = token[0] + b"".join(part.partition(b'"')[2] for part in token[1:])
                bodies.append((answer.status_code, shown.replace(place.encode(), b"")))
            transaction.set_rollback(True)
        assert bodies[0] == bodies[1], actor
