"""A Monday morning by keyboard alone: every report of the demonstration triaged, no mouse, no address typed.

Signs in with the demonstration's link, then counts each key. What must hold: the three reports in which a life is in
danger stand among the first five rows, with their reason; every report is triaged with at most MOST keys; doubles are
proposed and none is merged.
"""

import re
import statistics
import tomllib
from importlib.resources import files

from playwright.sync_api import Browser, Page

MOST = 25  # keys for one report
LIFE = ("danger-home", "danger-detention", "danger-dated")
TOLD = ".problems, [role=alert]"
NEED = 3  # Tabs from "What would help" to "evidence kept", ticked on every third report


class Slow(AssertionError):
    """A figure or an order that must hold does not."""


class Keys:
    """The keyboard, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def go(self, key: str) -> None:
        """A key that leads to another page."""
        with self.page.expect_navigation(wait_until="load"):
            self.press(key)

    def spent(self) -> int:
        """Keys since the last time."""
        spent, self.count = self.count, 0
        return spent


def stories() -> dict[str, str]:
    """The beginning of what each report of the demonstration tells, by its name."""
    told = tomllib.loads(files("amparo.desk").joinpath("demo_data", "reports.toml").read_text(encoding="utf-8"))
    found = {}
    for one in told["reports"]:
        answers = one["answers"]
        text = answers.get("what-happened") or one.get("text") or one.get("what-happened") or ""
        found[one["name"]] = " ".join((text[0] if isinstance(text, list) else text).split())[:60]
    return found


def run(browser: Browser, link: str) -> str:
    """The whole run; the sentence to print. Raises Slow."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(link)
    page.locator("main button").first.focus()
    keys = Keys(page)
    keys.go("Enter")
    scripts = page.locator("script").count()
    if scripts != 1:
        raise Slow(f"{scripts} script elements on the queue, not one")
    queue = page.url
    rows = page.locator("[data-row]").count()
    first = [" ".join(text.split()) for text in page.locator("[data-row] .reason").all_inner_texts()[:5]]
    order = re.findall(r"/staff/case/([0-9a-f-]{36})/\"", page.locator("main").inner_html())
    top = list(dict.fromkeys(order))[:5]
    keys.spent()
    keys.press("j")
    keys.go("t")
    spent, seen = triage(keys, rows, stories())
    places = {name: place for name in LIFE for place, case in enumerate(top, 1) if seen.get(case) == name}
    if set(places) != set(LIFE):
        raise Slow(f"among the first five rows stand only {sorted(places)} of those in danger; first reasons: {first}")
    if max(spent) > MOST:
        raise Slow(f"one report took {max(spent)} keys")
    page.goto(queue + "?triage=none")
    left = page.locator("[data-row]").count()
    page.goto(queue)
    after = page.locator("[data-row]").count()
    page.goto(queue + "twins/")
    pairs = page.locator("main .rows > li, main ol > li, main ul.twins > li").count()
    doubles = page.locator(".count").first.inner_text()
    context.close()
    if left or after != rows:
        raise Slow(f"{left} reports are not triaged; {after} cases where there were {rows}")
    if not pairs:
        raise Slow("no doubles are proposed")
    return (f"{rows} reports, {statistics.median(spent):.0f} keys in the middle, {max(spent)} at most; in danger at "
            f"places {sorted(places.values())}; doubles: {doubles}; none merged, {after} cases as before")


def triage(keys: Keys, rows: int, told: dict[str, str]) -> tuple[list[int], dict[str, str]]:
    """(keys of each report, which report each case is) until no case is left to triage."""
    page, spent, seen = keys.page, [], {}
    while len(spent) < rows + 5 and "/triage/" in page.url:
        case = page.url.split("/case/")[1].split("/")[0]
        text = " ".join(page.locator("main").inner_text().split())
        seen[case] = next((name for name, story in told.items() if story and story in text), "")
        if page.locator("input[name=threats]:checked").count() == 0:
            keys.press("h", "Shift+Tab", "Space")  # "Something else", the last before what would help
        if len(spent) % 3 == 0:
            keys.press("h", *["Tab"] * NEED, "Space")
        keep = "a" if seen[case] in LIFE else "s"
        keys.go(keep)
        if page.locator(TOLD).count() and case in page.url:  # an examination ended meanwhile: look, and keep it again
            keys.go(keep)
        if page.locator(TOLD).count() and case in page.url:
            raise Slow(f"a report could not be kept: {page.locator(TOLD).first.inner_text()[:200]}")
        spent.append(keys.spent())
    return spent, seen
