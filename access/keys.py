"""The keyboard, counted; what the browser asks for meanwhile; and which report of the demonstration a page shows."""

import re
import tomllib
from importlib.resources import files
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request

from access.pages import SCRIPT

ROWS = ".queue .row"
TOLD = ".problems, [role=alert]"
CASE = re.compile(r"/staff/case/([0-9a-f-]{36})/")
PAIR = re.compile(r"/staff/case/([0-9a-f-]{36})/twins/([0-9a-f-]{36})/")
FARTHEST = 120  # Tabs until a thing counts as out of reach


class Slow(AssertionError):
    """A figure or an order that must hold does not."""


class Watch:
    """Every request of a browser, and which of them did not go to the desk."""

    def __init__(self, origin: str, context: BrowserContext | None = None) -> None:
        self.origin, self.asked, self.scripts = origin, 0, set[str]()
        self.outside: list[str] = []
        if context:
            context.on("request", self._went_out)
            context.on("page", lambda page: page.on("websocket", lambda one: self.saw(one.url, "websocket")))

    def _went_out(self, request: Request) -> None:
        self.saw(request.url, request.resource_type)

    def saw(self, address: str, kind: str) -> None:
        """One request. Another port or another beginning of the name is another place."""
        self.asked += 1
        parts = urlsplit(address)
        if f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.outside.append(address)
        if kind == "script":
            self.scripts.add(address)

    def check(self, *, scripts_run: bool) -> None:
        """Raises Slow unless every request went to the desk and only its one script was fetched."""
        if self.outside:
            raise Slow(f"asked elsewhere: {sorted(set(self.outside))[:5]}")
        expected = {self.origin + SCRIPT} if scripts_run else set[str]()
        if self.scripts != expected:
            raise Slow(f"scripts fetched: {sorted(self.scripts)}, and it must be {sorted(expected)}")


class Keys:
    """The keyboard of one page, counted. Each page it leads to must carry the desk's one script and no other."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin, self.count = page, origin, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def type(self, text: str) -> None:
        self.press(*text)

    def go(self, key: str = "Enter") -> None:
        """A key that leads to another page."""
        with self.page.expect_navigation(wait_until="load"):
            self.press(key)
        self.one_script()

    def to(self, selector: str, key: str = "Tab") -> None:
        """Tab, or another key, until the focus stands on it."""
        wanted = self.page.locator(f":is({selector}):focus")
        for _ in range(FARTHEST):
            self.press(key)
            if wanted.count():
                return
        raise Slow(f"{FARTHEST} times {key} does not lead to {selector} on {self.page.url}")

    def jump(self, target: str) -> None:
        """By Tab to the next link that leads to this place of the page, and Enter."""
        self.to(f'a[href="#{target}"]')
        self.press("Enter")
        self.page.locator(f"#{target}:focus").wait_for(state="attached")

    def focused(self, selector: str) -> bool:
        return self.page.locator(f":is({selector}):focus").count() > 0

    def one_script(self) -> None:
        found = self.page.locator("script").all()
        said = [(one.evaluate("one => one.src"), one.text_content()) for one in found]
        if said != [(self.origin + SCRIPT, "")]:
            raise Slow(f"the scripts of {self.page.url} are {said}")

    def case(self) -> str:
        """The id of the case whose page stands here."""
        found = CASE.search(self.page.url)
        if not found:
            raise Slow(f"no page of a case: {self.page.url}")
        return found[1]

    def text(self) -> str:
        """All words of the page, also those under a veil: a person opens it with one more press."""
        return plain(self.page.locator("main").text_content() or "")

    def told(self) -> str:
        """The problem that the page tells, or ""."""
        problem = self.page.locator(TOLD)
        return plain(problem.first.inner_text())[:200] if problem.count() else ""

    def spent(self) -> int:
        """Keys since the last time."""
        spent, self.count = self.count, 0
        return spent


def plain(text: str) -> str:
    return " ".join(text.split())


def stories() -> dict[str, str]:
    """What each report of the demonstration tells, whole (two of them begin with the same words), by its name."""
    told = tomllib.loads(files("amparo.desk").joinpath("demo_data", "reports.toml").read_text(encoding="utf-8"))
    return {one["name"]: plain(one["text"]) for one in told["reports"]}


def report_of(text: str, told: dict[str, str]) -> str:
    """The one report whose whole story stands in this text. Raises Slow when it is none or several."""
    found = [name for name, story in told.items() if story in text]
    if len(found) != 1:
        raise Slow(f"a page tells of {found or 'no report of the demonstration'}, not of one: {text[:80]!r}")
    return found[0]


def pairs(addresses: list[str]) -> list[frozenset[str]]:
    """The ids of two cases that each link to a comparison names. Raises Slow for another link."""
    found = []
    for address in addresses:
        ids = PAIR.search(address)
        if not ids:
            raise Slow(f"among the doubles stands a link elsewhere: {address}")
        found.append(frozenset(ids.groups()))
    return found
