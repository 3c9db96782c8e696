"""The same over a socket: what a browser really gets, cookies and headers included."""

import re

import httpx
import pytest
from pytest_django.live_server_helper import LiveServer

from tests.desk import people

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture
def browser(desk: people.Desk, live_server: LiveServer) -> httpx.Client:
    return httpx.Client(base_url=live_server.url, follow_redirects=True, trust_env=False, timeout=30)


def token(page: httpx.Response) -> str:
    return TOKEN.findall(page.text)[-1]


def test_the_way_of_a_browser_without_scripts(browser: httpx.Client) -> None:
    start = browser.get("/", headers={"accept-language": "es-GT,es;q=0.9"})
    assert start.url.path == "/es/" and "set-cookie" not in start.headers
    page = browser.get("/es/write/")
    assert re.fullmatch(r"s=[\w-]+; HttpOnly; Path=/; SameSite=Strict", page.headers["set-cookie"])
    page = browser.post("/es/write/begin/", data={"csrfmiddlewaretoken": token(page)})
    page = browser.post(
        page.url.path, data={"csrfmiddlewaretoken": token(page), "danger": "no", "go": "on"},
        headers={"origin": f"http://{page.url.netloc.decode()}", "referer": str(page.url)})
    page = browser.post(page.url.path, data={
        "csrfmiddlewaretoken": token(page), "what-happened": "Publicaron dónde vivo.", "go": "end"})
    assert page.url.path == "/es/write/files/"
    page = browser.post(
        page.url.path, data={"csrfmiddlewaretoken": token(page)},
        files=[("file", ("foto.jpg", b"\xff\xd8" + bytes(3_000_000), "image/jpeg"))])
    assert page.status_code == 200 and "foto.jpg" in page.text
    page = browser.get("/es/write/check/")
    page = browser.post("/es/write/send/", data={"csrfmiddlewaretoken": token(page)})
    words = re.findall(r"<li>([^<]+)</li>", page.text.split('class="receipt"')[1].split("</ol>")[0])
    assert len(words) == 9
    left = browser.get("/leave/", follow_redirects=False)
    assert left.status_code == 302 and not browser.cookies.get("s")
    page = browser.get("/es/back/")
    page = browser.post("/es/back/", data={"csrfmiddlewaretoken": token(page), "words": " ".join(words)})
    assert page.url.path == "/es/back/talk/" and "Publicaron" not in page.text


def test_a_form_from_another_site_is_refused(browser: httpx.Client) -> None:
    page = browser.get("/en/write/")
    refused = browser.post(
        "/en/write/begin/", data={"csrfmiddlewaretoken": token(page)}, headers={"origin": "https://evil.example"})
    assert refused.status_code == 403
