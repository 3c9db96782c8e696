"""What is wrong with one page: rules on its bytes, and axe in a second browser context that may run scripts.

axe cannot run where scripts are off. So the journey happens in a context without scripts; each page's exact bytes
and headers are then served again to a tester's context, where axe is evaluated under the page's own policy.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Route

LARGEST = 50_000  # bytes of one page
SCRIPT = "/static/staff.js"
NARROW = 320  # CSS pixels
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Seen:
    """One answer of the desk as the browser got it."""

    name: str
    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    wrong: list[str] = field(default_factory=list)


class _Marks(HTMLParser):
    """Finds what a page without scripts must not have."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.ours = 0  # the one file that pages of the staff door name
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts += 1
            self.ours += attrs == [("src", SCRIPT), ("defer", None)]
        for name, value in attrs:
            if name.startswith("on"):
                self.found.append(f"<{tag} {name}=...> runs a script")
            if name == "style":
                self.found.append(f"<{tag} style=...> is refused by the page's own policy")
            if name in ("src", "href", "action") and (value or "").lower().startswith(("javascript:", "data:")):
                self.found.append(f"<{tag} {name}={value!r:.30}>")
        if tag in ("iframe", "object", "embed", "base"):
            self.found.append(f"<{tag}> has no place here")


def by_its_bytes(page: Seen) -> list[str]:
    """Rules that need no browser: size, scripts, policy, language and direction."""
    marks = _Marks()
    text = page.body.decode("utf-8")
    marks.feed(text)
    wrong = list(marks.found)
    staff = urlsplit(page.url).path.startswith("/staff/")
    if marks.scripts != (1 if staff else 0) or marks.ours != marks.scripts:
        wrong.append(f"{marks.scripts} script elements, {marks.ours} of them ours")
    if staff and not re.search(r'<script src="/static/staff\.js" defer></script>', text):
        wrong.append("the script element holds something")
    if len(page.body) >= LARGEST:
        wrong.append(f"{len(page.body):,} bytes; the limit is {LARGEST:,}")
    policy = page.headers.get("content-security-policy", "")
    allowed = re.sub(r"; script-src 'self'(?=;|$)", "", policy) if staff else policy
    if "default-src 'none'" not in policy or "script-src" in allowed or "unsafe" in policy:
        wrong.append(f"its policy allows too much: {policy!r}")
    if page.headers.get("cache-control", "").find("no-store") < 0:
        wrong.append("may be kept in a cache")
    if not re.search(r"<html[^>]+lang=\"[a-z-]+\"[^>]+dir=\"(ltr|rtl)\"", text):
        wrong.append("no lang and dir on <html>")
    if "/ar/" in page.url and (share := arabic_share(text)) < 0.6:
        wrong.append(f"only {share:.0%} of the letters are Arabic: texts without a translation")
    return wrong


def arabic_share(text: str) -> float:
    """Share of Arabic letters among all letters of the visible text, marked foreign passages left out."""
    main = re.sub(r"(?s)^.*?<main|</main>.*$", "", text)
    main = re.sub(r"(?s)<(textarea|bdi|code)\b.*?</\1>|<[^>]*lang=\"(?!ar)[^>]*>[^<]*|<[^>]*>|&[a-z#0-9]+;", " ", main)
    letters = [letter for letter in main if letter.isalpha()]
    return sum("\u0600" <= letter <= "\u06ff" for letter in letters) / len(letters) if letters else 1.0


def axe_source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


class Tester:
    """Opens a page's own bytes again, with scripts allowed to the tester alone."""

    def __init__(self, context: BrowserContext, shots: Path):
        self._page = context.new_page()
        self._axe = axe_source()
        self._shots = shots
        self._shown: Seen | None = None
        self._page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        shown = self._shown
        if shown and route.request.is_navigation_request():
            dropped = ("content-length", "content-encoding", "set-cookie", "clear-site-data")
            kept = {name: value for name, value in shown.headers.items() if name not in dropped}
            route.fulfill(status=shown.status, headers=kept, body=shown.body)
        else:
            route.continue_()

    def look(self, page: Seen, cookies: list[dict[str, object]]) -> list[str]:
        """Violations that axe finds, and whether the page scrolls sideways at 320 px or with text of 200 %."""
        self._page.context.add_cookies(cookies)  # type: ignore[arg-type]
        self._shown = page
        self._page.set_viewport_size({"width": 1024, "height": 900})
        self._page.emulate_media(color_scheme="light")
        self._page.goto(page.url, wait_until="load")
        wrong: dict[str, str] = {}  # each violation once, with where it was met first
        for scheme in ("light", "dark"):
            self._page.emulate_media(color_scheme=scheme)
            for line in self._axe_says():
                wrong.setdefault(line, f"axe ({scheme}): {line}")
            self._picture(page, scheme)
        self._page.emulate_media(color_scheme="light")
        self._page.set_viewport_size({"width": NARROW, "height": 800})
        wide = self._width()
        if wide > NARROW:
            wrong.setdefault("wide", f"at {NARROW} px it is {wide} px wide: {self._too_wide()}")
        for line in self._axe_says():
            wrong.setdefault(line, f"axe ({NARROW} px): {line}")
        self._picture(page, f"{NARROW}px")
        self._page.set_viewport_size({"width": 640, "height": 800})
        self._page.evaluate("document.documentElement.style.fontSize = '200%'")
        wide = self._width()
        if wide > 640:
            wrong.setdefault("large", f"with text of 200 % it is {wide} px wide in 640: {self._too_wide()}")
        return list(wrong.values())

    def _width(self) -> int:
        return int(self._page.evaluate("document.documentElement.scrollWidth"))

    def _too_wide(self) -> str:
        return str(self._page.evaluate(
            "() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right >"
            " innerWidth + 1 || e.getBoundingClientRect().left < -1).slice(0, 3).map(e => e.tagName.toLowerCase() +"
            " (e.className ? '.' + e.className : '')).join(', ')"
        ))

    def _axe_says(self) -> list[str]:
        self._page.evaluate(self._axe)
        found = self._page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(r => r.violations)", RULES
        )
        return [
            f"{one['id']}: {one['help']} ({len(one['nodes'])}x, first: {one['nodes'][0]['html'][:90]})" for one in found
        ]

    def _picture(self, page: Seen, kind: str) -> None:
        self._page.screenshot(path=self._shots / f"{page.name}-{kind}.png", full_page=True, animations="disabled")
