"""Every playbook walked in Chromium with scripts off, at the desk and in the hand-out with the network cut."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page

from access import journeys
from access.chromium import ChromiumHand

LANGUAGES = ("en", "es", "fr", "ar")
MOST = 16  # presses: no playbook is longer
TOUCHED = "#main > div .ways a"  # answers of a page of a playbook; an end has none


class Astray(AssertionError):
    """A way that does not lead to an end, or a page that reached out."""


def at_the_desk(hands: dict[str, ChromiumHand], origin: str) -> Iterator[str]:
    """A line for each language: every playbook walked by its first answers, and by its last, to an end."""
    for language, hand in hands.items():
        hand.open(f"{origin}/{language}/help/", "helps")
        begins, pressed = hand.links(".ways a"), 0
        if len(begins) < 20:
            raise Astray(f"{language}: only {len(begins)} playbooks are listed")
        for number, begin in enumerate(begins):
            for which in (":first-child", ":last-child"):
                hand.open(begin, "help-step" if number == 0 else "")
                for _ in range(MOST):
                    if not hand.has(TOUCHED):
                        break
                    hand.press(f"#main > div .ways li{which} a", "help-end" if number == 0 else "")
                    pressed += 1
                if hand.has(TOUCHED) or not hand.has(f'.ways a[href="/{language}/write/"]'):
                    raise Astray(f"{language}: {begin} came to no end after {MOST} presses")
        hand.open(begins[0].rsplit("/", 2)[0] + "/", "help-whole")
        kept = [one["name"] for one in hand.context.cookies()]
        if hand.outside or hand.failed or kept:
            raise Astray(f"{language}: asked for {hand.outside + hand.failed}, kept {kept}")
        yield f"{language}: {len(begins)} playbooks, {pressed} answers pressed, no cookie, nothing from elsewhere"


def with_a_case(hand: ChromiumHand, link: str) -> Iterator[str]:
    """A colleague begins one with a case, and works it through to an end, without scripts; once more in Arabic."""
    journeys.sign_in(hand, link)
    case = hand.links(".queue .row > a")[0].split("#")[0]
    hand.open(f"{case}playbooks/", "case-playbooks")
    hand.press("form:has(input[value='doxing']) button", "walk")
    here, pressed = hand.address(), 0
    while hand.has("button[name='go'][value='0']"):
        if hand.has("input[name='outcome']"):
            hand.fill("input[name='outcome']", "She asked her sister.")
        hand.press("button[name='go'][value='0']", f"walk-{pressed}")
        pressed += 1
        if pressed > MOST:
            raise Astray("a playbook with a case came to no end")
    if not pressed or "She asked her sister." not in hand.text("main"):
        hand.unfold("main details summary")
        if "She asked her sister." not in hand.text("main"):
            raise Astray("an outcome that was typed is not shown at the end")
    yield f"with a case: {pressed} answers pressed to an end, outcomes kept"
    hand.open(f"{case}playbooks/")
    hand.press("footer button[name='language'][value='ar']", "case-playbooks-ar")
    hand.unfold("main details:has(form) > summary")
    hand.press("form:has(input[value='stalkerware']) button", "walk-ar")
    hand.press("button[name='go'][value='1']", "walk-ar-steps")
    hand.open(here, "walk-ar-ended")
    yield "the same pages in Arabic"


def without_network(browser: Browser) -> Iterator[str]:
    """The same in the one file of all languages, opened from the disk."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "steps.html"
        made = subprocess.run([Path(sys.executable).parent / "amparo", "pack", "--out", file], check=True, cwd=folder,
                              env={**os.environ, "AMPARO_DATA": f"{folder}/data"}, capture_output=True, text=True)
        yield made.stdout.strip().split(": ", 1)[1]
        faulty = Path(folder) / "faulty.html"
        faulty.write_text('<h1 id="x">x</h1><img src="http://127.0.0.1:9/x.png">')
        page, asked = _opened(browser, faulty)
        if not any("x.png" in one for one in asked):
            raise Astray("a page that reaches out was not noticed, so the rest would show nothing")
        page.context.close()
        page, asked = _opened(browser, file)
        for language in LANGUAGES:
            begins = [str(one.get_attribute("href")) for one in page.locator(f"section[id={language}] ul.w a").all()]
            if len(begins) < 20:
                raise Astray(f"the file lists only {len(begins)} playbooks in {language}")
            pressed = sum(_walked(page, language, begin) for begin in begins)
            yield f"{language}: {len(begins)} playbooks walked to an end from the disk, {pressed} links pressed"
        if asked != [file.as_uri()]:
            raise Astray(f"the file asked for {[one for one in asked if one != file.as_uri()][:5]}")
        yield "0 requests but the file itself"
        page.context.close()


def _opened(browser: Browser, file: Path) -> tuple[Page, list[str]]:
    """A page with scripts off and the network cut, and what it asks for."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.set_offline(True)
    context.set_default_timeout(20_000)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(file.as_uri())
    return page, asked


def _walked(page: Page, language: str, begin: str) -> int:
    """From the list by first answers to an end and back to the list; how many links were pressed."""
    here, pressed = begin, 0
    page.locator(f"section[id={language}] ul.w a[href='{begin}']").click()
    while page.locator(f"{here} ul.w a").count():
        pressed += 1
        if pressed > MOST:
            raise Astray(f"{begin} came to no end in the file")
        if not page.locator(f"{here} h2").is_visible() or not page.url.endswith(here):
            raise Astray(f"{here} is not what is shown")
        answer = page.locator(f"{here} ul.w a").first
        there = str(answer.get_attribute("href"))
        answer.click()
        top = page.locator(f"{there} h2").bounding_box()
        if top is None or not -5 <= top["y"] <= 844:
            raise Astray(f"{there} is not in sight after its link was pressed: {top}")
        here = there
    page.locator(f"{here} a[href='#{language}']").click()
    return pressed + 2
