"""The first reports of the morning by keyboard where no script runs: Tab, Space, Enter, arrows and letters, no more."""

from typing import Any

import msgspec
from playwright.sync_api import Browser

from access.keys import ROWS, Keys, Slow, Watch, report_of

WHY = "alone"  # typed where a report is raised; every letter counts
AGAIN = 3  # examinations of the fresh demonstration end one after another, each changes its case
NEXT, TAKE = "button[value=next]", "button[value=take]"


class Bare(msgspec.Struct):
    """What the part without scripts did. Lists go by report, in the queue's order."""

    cases: list[str]  # ids of all rows, before anything was done
    reasons: list[str]  # of the first five rows
    signing: int  # keys to sign in
    spent: list[int]
    seen: dict[str, str]  # which report each case is
    taken: str  # the case that was taken
    raised: str  # the case whose level was raised
    asked: int  # requests
    state: Any  # the browser's cookies, for the same colleague with scripts


def run(browser: Browser, link: str, origin: str, told: dict[str, str], most: int) -> Bare:
    """Signs in with the demonstration's link and triages the first rows until one could be raised. Raises Slow."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    context.set_default_timeout(20_000)
    watch = Watch(origin, context)
    keys = Keys(context.new_page(), origin)
    keys.page.goto(link)
    keys.to("main button")
    keys.go()
    signing, queue = keys.spent(), keys.page.url
    keys.press("j", "t")
    if keys.page.url != queue or keys.focused(f"{ROWS}, {ROWS} *") or keys.page.locator("body.lettered").count():
        raise Slow("a letter did something where scripts are off, so this part would show nothing")
    keys.spent()
    rows = keys.page.locator(ROWS)
    reasons = rows.locator("> a > bdi + bdi").all_inner_texts()[:5]
    cases = rows.locator("input[name=case]").evaluate_all("all => all.map(one => one.value)")
    keys.to('a[href^="#why-"]')
    keys.press("Enter")
    keys.to('.row a[href$="/triage/"]')
    keys.go()
    seen: dict[str, str] = {}
    spent: list[int] = []
    waiting = [(nothing, NEXT), (help_needed, NEXT), (nothing, TAKE), (higher, NEXT)]
    while waiting:
        fill, button = waiting[0]
        if fill is higher and not keys.page.locator("#id_level").count():
            fill = nothing  # it stands at the highest level already: the next one is raised
        else:
            waiting.pop(0)
        case = keys.case()
        seen[case] = report_of(keys.text(), told)
        keys.jump("triage")
        if not keys.page.locator("input[name=threats]:checked").count():
            something_else(keys)
        fill(keys)
        keep(keys, button, case)
        spent.append(keys.spent())
    if max(spent) > most:
        raise Slow(f"without scripts the reports took {spent} keys, the limit is {most}")
    watch.check(scripts_run=False)
    done = list(seen)
    result = Bare(cases, reasons, signing, spent, seen, done[2], done[-1], watch.asked, context.storage_state())
    context.close()
    return result


def something_else(keys: Keys) -> None:
    """The last box of what it is, just before what would help."""
    keys.jump("id_needs")
    keys.to("input[name=threats][value=other]", "Shift+Tab")
    keys.press("Space")


def nothing(keys: Keys) -> None:
    """What is proposed is right."""
    keys.jump("keep")


def help_needed(keys: Keys) -> None:
    """“Evidence kept”, the fourth thing that would help, and back to the link that leads past the others."""
    if not keys.focused("[name=threats]"):  # else what would help comes next
        keys.jump("id_needs")
    keys.to("input[name=needs][value=evidence]")
    keys.press("Space")
    keys.to('a[href="#keep"]', "Shift+Tab")
    keys.press("Enter")
    keys.page.locator("#keep:focus").wait_for(state="attached")


def higher(keys: Keys) -> None:
    """Raised to the highest level, and why."""
    keys.jump("id_level")
    keys.to("input[name=level]")
    keys.press("ArrowDown")
    keys.to("textarea[name=why]")
    keys.type(WHY)


def keep(keys: Keys, button: str, case: str) -> None:
    """To the button and press it; again when an examination ended meanwhile and the page says so."""
    keys.to(button)
    keys.go()
    for _ in range(AGAIN):
        if not (keys.told() and case in keys.page.url):
            break
        keys.jump("triage")
        keys.jump("keep")
        keys.to(button)
        keys.go()
    if keys.told() and case in keys.page.url:
        raise Slow(f"a report could not be kept without scripts: {keys.told()}")
    if "#" in keys.page.url:
        raise Slow(f"the next report opens in its middle, unread: {keys.page.url}")
