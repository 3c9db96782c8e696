"""A hand in Chromium with scripts switched off: it keeps every page that came, and every request that went out."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Request, Response, sync_playwright

from access.pages import Seen

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]


def program() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program(), args=FLAGS)
        try:
            yield opened
        finally:
            opened.close()


class ChromiumHand:
    """What a person does: open, read, fill, press. See access.journeys.Hand."""

    name = "Chromium"

    def __init__(self, opened: Browser, origin: str, prefix: str):
        self.context = opened.new_context(java_script_enabled=False, viewport={"width": 1024, "height": 900})
        self.context.set_default_timeout(30_000)
        self._page = self.context.new_page()
        self._origin = origin
        self._prefix = prefix
        self.pages: list[Seen] = []
        self.outside: list[str] = []
        self.failed: list[str] = []
        self._last: Response | None = None
        self.context.on("request", self._went_out)
        self._page.on("response", self._came)

    def _went_out(self, request: Request) -> None:
        if not request.url.startswith(self._origin + "/"):
            self.outside.append(request.url)

    def _came(self, response: Response) -> None:
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
            self._last = response
        if response.status >= 400 and not response.request.is_navigation_request():
            self.failed.append(f"{response.status} {response.url}")

    def _settled(self, name: str) -> None:
        self._page.wait_for_load_state("load")
        last = self._last
        if last is None or (name and any(seen.name == f"{self._prefix}-{name}" for seen in self.pages)):
            return
        if "text/html" in last.headers.get("content-type", "") and name:
            self.pages.append(Seen(f"{self._prefix}-{name}", last.url, last.status, last.all_headers(), last.body()))

    # -- Hand ---------------------------------------------------------------------------------------------------

    def open(self, address: str, name: str = "") -> None:
        self._page.goto(address)
        self._settled(name)

    def address(self) -> str:
        return self._page.url

    def has(self, selector: str) -> bool:
        return self._page.locator(selector).count() > 0

    def text(self, selector: str = "body") -> str:
        return self._page.locator(selector).first.inner_text()

    def texts(self, selector: str) -> list[str]:
        return self._page.locator(selector).all_inner_texts()

    def links(self, selector: str) -> list[str]:
        found = [part.get_attribute("href") or "" for part in self._page.locator(selector).all()]
        return [urljoin(self.address(), href) for href in found]

    def names(self, selector: str) -> list[str]:
        return [part.get_attribute("name") or "" for part in self._page.locator(selector).all()]

    def fill(self, selector: str, text: str) -> None:
        self._page.locator(selector).first.fill(text)

    def tick(self, selector: str) -> None:
        self._page.locator(selector).first.check()

    def attach(self, selector: str, path: Path) -> None:
        self._page.locator(selector).first.set_input_files(path)

    def press(self, selector: str, name: str = "") -> None:
        self._last = None
        with self._page.expect_navigation(wait_until="load"):
            self._page.locator(selector).first.click()
        self._settled(name)

    def unfold(self, selector: str) -> None:
        self._page.locator(selector).first.click()
