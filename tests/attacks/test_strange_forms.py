"""Multipart bodies as no browser sends them: each is answered by a page, and nothing of them stays on the disk."""

import re
from collections.abc import Callable

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from amparo.desk import site
from amparo.desk.records import Blob
from tests.desk import people as desks
from tests.doors.reporter import conftest as ground

configure, desk = ground.configure, ground.desk
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
Post = Callable[..., HttpResponseBase]
PATH = "/en/write/files/"


def field(name: bytes, value: bytes) -> bytes:
    return b'--B\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n"


def file(content: bytes = b"hello " * 100, name: bytes = b"a.txt", at: bytes = b"file") -> bytes:
    return (b'--B\r\nContent-Disposition: form-data; name="' + at + b'"; filename="' + name
            + b'"\r\nContent-Type: text/plain\r\n\r\n' + content + b"\r\n")


@pytest.fixture
def writing(desk: desks.Desk) -> tuple[Post, bytes]:
    """A browser in the middle of a report, and the token of its page."""
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    page = browser.get("/en/write/")
    browser.post("/en/write/begin/", {"csrfmiddlewaretoken": TOKEN.findall(page.content.decode())[-1]})
    token = TOKEN.findall(browser.get(PATH).content.decode())[-1].encode()

    def post(body: bytes, kind: str = "multipart/form-data; boundary=B", **more: str) -> HttpResponseBase:
        return browser.generic("POST", PATH, body, content_type=kind, **more)  # type: ignore[arg-type]

    return post, token


def stored() -> list[str]:
    return [path.name for path in site.sealed_folder().glob("*/*")]


END = b"--B--\r\n"
STRANGE: dict[str, Callable[[bytes], bytes]] = {
    "no token": lambda t: file() + END,
    "the file before the token": lambda t: file() + field(b"csrfmiddlewaretoken", t) + END,
    "a wrong token": lambda t: field(b"csrfmiddlewaretoken", b"x" * 64) + file() + END,
    "a good token, then a wrong one": lambda t: (
        field(b"csrfmiddlewaretoken", t) + file() + field(b"csrfmiddlewaretoken", b"x" * 64) + END),
    "cut off": lambda t: field(b"csrfmiddlewaretoken", t) + file()[:-50],
    "ten thousand parts": lambda t: field(b"csrfmiddlewaretoken", t) + file() + field(b"a", b"b") * 10_000 + END,
    "a name of two million": lambda t: field(b"csrfmiddlewaretoken", t) + field(b"n" * 2_000_000, b"b") + file() + END,
    "text of three million": lambda t: field(b"csrfmiddlewaretoken", t) + file() + field(b"a", b"b" * 3_000_000) + END,
    "another field": lambda t: field(b"csrfmiddlewaretoken", t) + file(at=b"picture") + END,
    "a hundred files": lambda t: field(b"csrfmiddlewaretoken", t) + file() * 100 + END,
}


@pytest.mark.parametrize("what", STRANGE)
def test_a_strange_form_leaves_nothing(writing: tuple[Post, bytes], what: str) -> None:
    post, token = writing
    answer = post(STRANGE[what](token))
    assert answer.status_code in (200, 400, 403, 413), answer.status_code
    assert b"Traceback" not in answer.content and not stored() and not Blob.objects.exists()  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=C",
    "multipart/form-data; boundary=" + "x" * 5000, "text/xml",
])
def test_a_wrong_boundary_leaves_nothing(writing: tuple[Post, bytes], kind: str) -> None:
    post, token = writing
    answer = post(field(b"csrfmiddlewaretoken", token) + file() + END, kind)
    assert answer.status_code in (400, 403, 413) and not stored()


def test_names_in_a_form_are_shown_tamed(writing: tuple[Post, bytes]) -> None:
    post, token = writing
    name = '..\\..\\<img src=x onerror=1>\u202egpj.exe'.encode()
    answer = post(field(b"csrfmiddlewaretoken", token) + file(name=name) + file(name=b"\xff\xfe.txt") + END)
    shown = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 200 and "<img" not in shown and "\u202e" not in shown and ".." not in shown
    assert Blob.objects.count() == 2 and not [one for one in stored() if one.endswith(".part")]
