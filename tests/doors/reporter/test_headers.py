"""The same strict headers on every answer of every door."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from amparo.doors.headers import FIXED
from tests.desk import people
from tests.doors.reporter.conftest import Configure

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FILLED = {"<int:": "1", "<uuid:": "00000000-0000-0000-0000-000000000000", "<str:": "x", "<slug:": "x"}


def addresses() -> list[str]:
    """Every address of the URL map, arguments filled with something."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> list[str]:
        found = []
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                found += walk(pattern.url_patterns, route)
            else:
                found.append("/" + fill(route))
        return found

    return walk(get_resolver().url_patterns, "")


def fill(route: str) -> str:
    """A route with its arguments filled in."""
    while "<" in route:
        start = route.index("<")
        end = route.index(">", start)
        kind = route[start:end].split(":")[0] + ":"
        route = route[:start] + FILLED.get(kind, "x") + route[end + 1:]
    return route


def check(response: object, path: str) -> None:
    """Every fixed header, and nothing kept."""
    headers = response.headers  # type: ignore[attr-defined]
    for name in FIXED:
        assert headers.get(name), (path, name)
    policy = headers["Content-Security-Policy"]
    if "/staff" in path:  # one file of ours, on the pages of the staff door; what it hands out stays in a sandbox
        assert policy in (CSP, CSP + "; script-src 'self'") or "sandbox" in policy, path
    else:
        assert policy == CSP or ("sandbox" in policy and "script-src" not in policy), path
    granted = re.findall(r"([a-z-]+)=\(self\)", headers["Permissions-Policy"])
    assert not granted, path
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), path
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store", path
    for never in ("Server", "X-Powered-By", "Access-Control-Allow-Origin"):
        assert never not in headers, path


def test_every_address_by_every_method(desk: people.Desk) -> None:
    paths = addresses()
    assert len(paths) > 20 and any(path.startswith("/staff") for path in paths)
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for path in paths:
        for method in ("get", "head", "post", "put", "delete", "options"):
            response = getattr(client, method)(path)
            check(response, f"{method} {path}")
            assert response.status_code < 500, f"{method} {path}"


ODD = ["/nothing", "/en/nothing/", "/static/nothing.css", "/en/write/999/", "/%00", "/en/..%2f"]


@pytest.mark.parametrize("path", ODD)
def test_what_does_not_exist(desk: people.Desk, path: str) -> None:
    response = Client(raise_request_exception=False).get(path)
    check(response, path)
    assert response.status_code in (302, 404) or path == "/en/write/999/"


def test_static_files_may_be_kept_and_nothing_else(desk: people.Desk) -> None:
    response = Client().get("/static/amparo.css")
    assert response.status_code == 200
    assert "no-store" not in response.headers.get("Cache-Control", "")
    for name in FIXED:
        assert response.headers.get(name)


def test_a_strange_host_and_a_broken_body(desk: people.Desk) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strange = client.get("/en/", headers={"host": "evil.example"})
    assert strange.status_code == 400
    check(strange, "strange host")
    broken = client.post("/en/back/", data=b"--x\r\nContent-", content_type="multipart/form-data; boundary=x")
    assert broken.status_code in (400, 403)
    check(broken, "broken body")
    lying = client.generic(
        "POST", "/en/back/", b"a=1", content_type="multipart/form-data; boundary=\r\nx", CONTENT_LENGTH="999999",
    )
    assert lying.status_code in (400, 403)
    check(lying, "lying length")


def test_a_failure_of_ours(desk: people.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from amparo.doors.reporter import front

    def fails(*_: object) -> None:
        raise RuntimeError("secret of a case")

    monkeypatch.setattr(front.phrases, "readers", fails)
    response = Client(raise_request_exception=False).get("/ar/about/")
    assert response.status_code == 500
    check(response, "500")
    page = response.content.decode()
    assert "secret" not in page and "Traceback" not in page and "ليس الخطأ منكم" in page


def test_hsts_and_onion_location(desk: people.Desk, configure: Configure) -> None:
    configure('onion = "abcdefghijklmnop.onion"')
    plain = Client().get("/en/first/")
    assert plain.headers["Onion-Location"] == "http://abcdefghijklmnop.onion/en/first/"
    assert "Strict-Transport-Security" not in plain.headers
    safe = Client().get("/en/first/", secure=True)
    assert safe.headers["Strict-Transport-Security"]
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["abcdefghijklmnop.onion", "testserver"]
    onion = Client().get("/en/first/", headers={"host": "abcdefghijklmnop.onion"}, secure=True)
    assert onion.status_code == 200
    assert "Onion-Location" not in onion.headers and "Strict-Transport-Security" not in onion.headers


def test_a_large_form_is_told_so(desk: people.Desk) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    body = b"words=" + b"x" * 3_000_000
    response = client.generic("POST", "/en/back/", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413
    check(response, "413")
    assert b"larger than this desk can take" in response.content
