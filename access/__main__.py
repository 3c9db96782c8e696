"""`python3 run.py access`: the journeys with scripts off, in Chromium and Firefox, then each page through axe."""

import argparse
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import Error as Failed

from access import chromium, firefox, journeys, keyboard, playbooks, staff_pages
from access.chromium import ChromiumHand
from access.demo_desk import DemoDesk, NotStarted
from access.pages import Seen, Tester, by_its_bytes

HERE = Path(__file__).resolve().parent.parent
SHOTS = HERE / "shots"

FAULTY = b"""<!doctype html><html><head><title></title></head><body style="width:900px">
<img src="x.png"><input name="q"><p style="color:#bbb;background:#fff">pale</p>
<script>document.title = "ran"</script></body></html>"""


def main() -> int:
    options = argparse.ArgumentParser(prog="run.py access", description=__doc__)
    options.add_argument("--origin", help="a desk that runs already; with --link. Otherwise a fresh demo is started")
    options.add_argument("--link", help="the handler's one-time link of that desk")
    options.add_argument("--no-firefox", action="store_true", help="Chromium only")
    options.add_argument("--keyboard", action="store_true", help="only the Monday morning by keyboard, on a fresh demo")
    options.add_argument("--playbooks", action="store_true", help="only the playbooks, at a fresh demo and as a file")
    chosen = options.parse_args()
    if not chromium.program():
        print("access: Chromium is missing. Debian and Ubuntu: `sudo apt install chromium`, then run this again.")
        return 2
    SHOTS.mkdir(exist_ok=True)
    for old in SHOTS.glob("*.png"):
        old.unlink()
    try:
        if chosen.origin:
            return everything(chosen.origin.rstrip("/"), chosen.link or "", not chosen.no_firefox)
        if chosen.keyboard:
            return by_keyboard()
        if chosen.playbooks:
            return by_playbooks()
        print("Starting the demo in a fresh folder ...", flush=True)
        with DemoDesk() as desk:
            bad = everything(desk.origin, desk.links()["handler"], not chosen.no_firefox)
            troubles = [line for line in desk.said().splitlines() if " ERROR " in line]
            for line in troubles[-10:]:
                print(f"  the desk said: {line}")
        return bad or by_keyboard() or by_playbooks()
    except NotStarted as error:
        print(f"access: the demo did not start: {error}")
        return 2


def by_keyboard() -> int:
    """The Monday morning by keyboard, its first reports with scripts off, at a demonstration of its own."""
    print("J2 by keyboard alone, Chromium", flush=True)
    try:
        with DemoDesk() as desk, chromium.browser() as browser:
            for line in keyboard.run(browser, desk.links()["handler"], desk.origin):
                print(f"  ok    {line}", flush=True)
            return 0
    except (keyboard.Slow, Failed) as error:  # a browser's own timeout is a stumble of the run as well
        print(f"  WRONG {error}", flush=True)
        return 1


def by_playbooks() -> int:
    """Every playbook in four languages, its kinds of pages through axe; then the hand-out with the network cut."""
    print("Playbooks, Chromium, scripts off", flush=True)
    try:
        with DemoDesk() as desk, chromium.browser() as browser:
            hands = {one: ChromiumHand(browser, desk.origin, f"playbooks-{one}") for one in playbooks.LANGUAGES}
            for line in playbooks.at_the_desk(hands, desk.origin):
                print(f"  ok    {line}", flush=True)
            hands["staff"] = ChromiumHand(browser, desk.origin, "playbooks-staff")
            for line in playbooks.with_a_case(hands["staff"], desk.links()["handler"]):
                print(f"  ok    {line}", flush=True)
            tester, wrong = Tester(browser.new_context(bypass_csp=False), SHOTS), 0
            pages = [page for hand in hands.values() for page in hand.pages]
            cookies = hands["staff"].context.cookies()
            for page in pages:
                for fault in by_its_bytes(page) + tester.look(page, cookies if "/staff/" in page.url else []):
                    wrong += 1
                    print(f"  WRONG {page.name}: {fault}", flush=True)
            print(f"  {'WRONG' if wrong else 'ok   '} {len(pages)} pages through axe, largest "
                  f"{max(len(page.body) for page in pages):,} bytes", flush=True)
            print("The hand-out, opened from the disk, network cut, scripts off", flush=True)
            for line in playbooks.without_network(browser):
                print(f"  ok    {line}", flush=True)
            return 1 if wrong else 0
    except (playbooks.Astray, journeys.Stuck, Failed, subprocess.CalledProcessError) as error:
        print(f"  WRONG {error}", flush=True)
        return 1


class Account:
    """What was tried and what came of it, printed as it happens."""

    def __init__(self) -> None:
        self.bad = 0

    def step(self, what: str, work: Callable[[], object]) -> object:
        begun = time.monotonic()
        try:
            result = work()
        except (journeys.Stuck, firefox.FirefoxSaid, AssertionError) as error:
            self.fail(what, str(error))
            return None
        except Exception as error:  # a browser's own timeout is a stumble of the journey, not of this program
            self.fail(what, f"{type(error).__name__}: {str(error)[:400]}")
            return None
        print(f"  ok    {what} ({time.monotonic() - begun:.1f} s)", flush=True)
        return result or True

    def fail(self, what: str, why: str) -> None:
        self.bad += 1
        print(f"  WRONG {what}: {why}", flush=True)


def evidence_file() -> Path:
    """A harmless attachment: a small note. The demo's own cases hold the planted evidence."""
    path = Path(tempfile.mkdtemp(prefix="amparo-access-")) / "what I saw - ما رأيت.txt"
    path.write_text("A note about the evening of the third. Nothing here is real.\n", encoding="utf-8")
    return path


def everything(origin: str, link: str, with_firefox: bool) -> int:
    account = Account()
    evidence = evidence_file()
    pages: list[tuple[Seen, list[dict[str, object]]]] = []
    with chromium.browser() as browser:
        control(browser, account)
        staff = ChromiumHand(browser, origin, "en")
        hands = [staff]
        reports: list[journeys.Report] = []
        for language in ("en", "ar"):
            print(f"J1 in {language}, Chromium, scripts off", flush=True)
            hand = ChromiumHand(browser, origin, language)
            hands.append(hand)
            kept = account.step(
                "report to receipt",
                lambda: journeys.report(hand, origin, language, secrets.token_hex(4), evidence),  # noqa: B023
            )
            if isinstance(kept, journeys.Report):
                print(f"        {kept.questions} questions, {len(kept.receipt)} parts of the receipt", flush=True)
                reports.append(kept)
        visitor = ChromiumHand(browser, origin, "demo")
        hands.append(visitor)
        account.step("the demo's own pages", lambda: journeys.demo_pages(visitor, origin))
        print("J2, Chromium, scripts off", flush=True)
        if account.step("sign in by the demo link", lambda: journeys.sign_in(staff, link)):
            newcomer = ChromiumHand(browser, origin, "new")
            hands.append(newcomer)
            handler(account, staff, newcomer, origin, reports)
        for kept in reports:
            print(f"J1 in {kept.language}: coming back", flush=True)
            fresh = ChromiumHand(browser, origin, f"{kept.language}-later")
            hands.append(fresh)
            said = journeys.ANSWER.format(mark=kept.mark)
            if account.step("receipt opens the answer", lambda: journeys.come_back(fresh, origin, kept, said, "talk")):  # noqa: B023
                account.step("write back, consents, words, withdrawal, close",
                             lambda: journeys.after_reading(fresh, origin, kept))  # noqa: B023
            for line in kept.noticed:
                account.fail(f"J1 in {kept.language}", line)
        for one in hands:
            pages += [(page, one.context.cookies()) for page in one.pages]  # type: ignore[misc]
            account_for_requests(account, one)
        print(f"Each of {len(pages)} pages: its bytes, then axe (light, dark, 320 px, text 200 %)", flush=True)
        tester = Tester(browser.new_context(bypass_csp=False), SHOTS)
        for page, cookies in pages:
            wrong = by_its_bytes(page) + tester.look(page, cookies)
            expected = {"wrong": 400, "refused": 403}.get(page.name.rsplit("-", 1)[-1], 200)
            if page.status != expected and not (expected == 400 and page.status == 200):
                wrong.append(f"status {page.status}")
            for line in wrong:
                account.fail(f"{page.name} ({page.url.removeprefix(origin)})", line)
        largest = max((len(page.body) for page, _ in pages), default=0)
    account.step("leaving", lambda: leaving(origin))
    if with_firefox:
        in_firefox(account, origin, evidence)
    print(f"{len(pages)} pages, largest {largest:,} bytes; pictures in shots/. "
          + ("0 things wrong." if not account.bad else f"{account.bad} things wrong."), flush=True)
    return 1 if account.bad or not pages else 0


def control(browser: Browser, account: Account) -> None:
    """The examiner is examined first: a page full of faults must be found faulty, else 0 violations mean nothing."""
    faulty = Seen("control", "http://127.0.0.1:9/control", 200, {"content-type": "text/html"}, FAULTY)
    by_bytes = " ".join(by_its_bytes(faulty))
    by_axe = " ".join(Tester(browser.new_context(), Path(tempfile.mkdtemp())).look(faulty, []))
    for sign, said in (("1 script", by_bytes), ("style=", by_bytes), ("policy", by_bytes), ("image-alt", by_axe),
                       ("label", by_axe), ("color-contrast", by_axe), ("at 320 px it is", by_axe)):
        if sign not in said:
            account.fail("control page", f"a planted fault was not found: {sign!r}")


def handler(
    account: Account, staff: ChromiumHand, newcomer: ChromiumHand, origin: str, reports: list[journeys.Report]
) -> None:
    if account.step("a case with a finding", lambda: journeys.find_finding(staff, origin)):
        staff.open(staff.address(), "staff-case")
        account.step("accept the finding", lambda: journeys.accept_finding(staff))
    for kept in reports:
        staff.open(f"{origin}/staff/")
        if account.step(f"find the new report ({kept.language})", lambda: journeys.find_case(staff, kept.mark)):  # noqa: B023
            staff.open(staff.address(), f"staff-case-{kept.language}")
            account.step("answer it", lambda: journeys.answer(staff, kept.mark))  # noqa: B023
    print("The Monday desk, Chromium, scripts off", flush=True)
    walk = staff_pages.Round(staff, f"{origin}/staff/")
    staff.open(walk.staff)
    cases = list(dict.fromkeys(staff.links(".queue .row > a")))
    account.step("every page of the desk", lambda: staff_pages.pages_of_desk(walk))
    account.step("every page of a case", lambda: staff_pages.pages_of_case(walk, cases[0]))
    account.step("the actions of a row", lambda: staff_pages.actions_of_a_row(walk))
    account.step("a campaign and one reply for many", lambda: staff_pages.campaign(walk))
    account.step("possible doubles, a search", lambda: (staff_pages.doubles(walk), staff_pages.found(walk)))
    account.step("a report by telephone, words covered", lambda: staff_pages.by_telephone(walk))
    account.step("cases from a sheet", lambda: staff_pages.sheet(walk, Path(tempfile.mkdtemp(prefix="amparo-access-"))))
    account.step("pieces of evidence", lambda: staff_pages.pieces(walk, cases))
    invitation = account.step("colleagues", lambda: staff_pages.colleagues(walk, cases[0]))
    if isinstance(invitation, str):
        account.step("joining the desk", lambda: staff_pages.joining(newcomer, walk.staff, invitation))
    if account.step("the staff door in Arabic", lambda: in_arabic(staff, origin)):
        account.step("the same pages in Arabic", lambda: staff_pages.again(walk, "ar"))


def in_arabic(staff: ChromiumHand, origin: str) -> None:
    staff.open(f"{origin}/staff/")
    staff.press("footer button[name='language'][value='ar']", "staff-queue-ar")
    assert staff.has("html[dir='rtl']"), "the queue is not right to left after choosing Arabic"
    staff.press(".rows .row a", "staff-case-of-queue-ar")


def account_for_requests(account: Account, hand: ChromiumHand) -> None:
    for address in dict.fromkeys(hand.outside):
        account.fail("outside request", address)
    for line in dict.fromkeys(hand.failed):
        account.fail("missing part of a page", line)


def leaving(origin: str) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay())
    try:
        answer = opener.open(f"{origin}/leave/", timeout=10)
    except urllib.error.HTTPError as error:
        answer = error  # a redirect that is not followed is told as an error
    assert answer.status in (302, 303, 307), f"leaving answers {answer.status}"
    cleared = answer.headers.get("Clear-Site-Data", "")
    assert all(f'"{part}"' in cleared for part in ("cache", "cookies", "storage")), f"clears only {cleared!r}"


def in_firefox(account: Account, origin: str, evidence: Path) -> None:
    if not firefox.program():
        print("Firefox: not checked, it is missing (Debian: `sudo apt install firefox-esr`).", flush=True)
        return
    print("J1 in Firefox, scripts off", flush=True)
    try:
        hand = firefox.FirefoxHand(origin)
    except firefox.FirefoxSaid as error:
        account.fail("Firefox", str(error))
        return
    try:
        if not hand.scripts_are_off():
            account.fail("Firefox", "scripts still run, so the journey would show nothing")
            return
        kept = account.step(
            "report to receipt", lambda: journeys.report(hand, origin, "en", secrets.token_hex(4), evidence)
        )
        if isinstance(kept, journeys.Report):
            account.step("receipt opens the messages", lambda: journeys.come_back(hand, origin, kept, ""))
            for line in kept.noticed:
                account.fail("J1 in Firefox", line)
    finally:
        hand.close()


if __name__ == "__main__":
    sys.exit(main())
