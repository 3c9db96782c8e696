"""A Monday morning by keyboard alone: every report of the demonstration triaged, no mouse, no address typed.

The first four reports are triaged with scripts off (access.unscripted), the others with the letters of the pages. j, k,
Enter, a, t and n are pressed and their effect is looked at. One address is opened with scripts on: the queue, since
the demonstration's link works once and the colleague is signed in already. All else is reached by keys.

What must hold: the three reports in which a life is in danger stand among the first five rows, with their reason;
every report is triaged with at most MOST keys; exactly the two reports that tell one event are proposed as doubles, and
they stay two; the only script is the desk's own, and nothing is asked elsewhere.
"""

import statistics

from playwright.sync_api import Browser

from access import unscripted
from access.keys import ROWS, Keys, Slow, Watch, pairs, plain, report_of, stories

MOST = 25  # keys for one report
LIFE = ("danger-home", "danger-detention", "danger-dated")
TWINS = frozenset({"phish-twin-1", "phish-twin-2"})
NEED = 3  # Tabs from the first thing that would help to "evidence kept", ticked on every third report
OPEN = "Triage"  # what the link of a row says until it is triaged
NOT_TRIAGED = 'nav a[href*="triage=none"]'
TAKE = 'button[formaction$="/take/"]'


def run(browser: Browser, link: str, origin: str) -> list[str]:
    """The whole run; the lines to print. Raises Slow."""
    told = stories()
    bare = unscripted.run(browser, link, origin, told, MOST)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, storage_state=bare.state)
    context.set_default_timeout(20_000)
    watch = Watch(origin, context)
    keys = Keys(context.new_page(), origin)
    keys.page.goto(f"{origin}/staff/")
    keys.one_script()
    taken = {bare.taken, letters(keys, len(bare.cases) - len(bare.spent))}
    moving = keys.spent()
    spent, seen, by_key = triage(keys, len(bare.cases), told)
    seen |= bare.seen
    taken |= by_key
    finished(keys, bare, told, seen, taken)
    keys.spent()
    signs = doubles(keys, seen, told)
    watch.check(scripts_run=True)
    context.close()
    places = danger(bare, seen)
    most = max(*spent, *bare.spent)
    if most > MOST:
        raise Slow(f"one report took {most} keys: {spent}")
    return [
        f"without scripts: {len(bare.spent)} reports, {', '.join(map(str, bare.spent))} keys (as proposed, a help "
        f"ticked, taken, raised with a reason typed); {bare.signing} to sign in",
        f"k goes a row back, a takes, Enter opens, n leads on from a case and past a triage: {moving} keys, those to "
        "“Not triaged” among them",
        f"with scripts: {len(spent)} reports, {statistics.median(spent):.0f} keys in the middle, {max(spent)} at most",
        *(f"in danger, place {place}: {name}, “{bare.reasons[place - 1]}”" for place, name in sorted(places.items())),
        f"doubles: 1 pair, {' and '.join(sorted(TWINS))}, {signs}; nothing merged, {len(bare.cases)} cases as before, "
        f"{len(taken)} taken",
        f"{bare.asked + watch.asked} requests, all to the desk; its one script, {next(iter(watch.scripts))}",
    ]


def letters(keys: Keys, left: int) -> str:
    """By keys to what nobody has triaged; each letter once, with its effect; ends on a triage page. The case taken."""
    page = keys.page
    keys.to(NOT_TRIAGED)
    keys.go()
    rows = page.locator(f"{ROWS} input[name=case]").evaluate_all("all => all.map(one => one.value)")
    if len(rows) != left:
        raise Slow(f"{len(rows)} rows are not triaged, and it must be {left}")

    def on(place: int) -> bool:
        return page.locator(f'{ROWS}:focus input[name=case][value="{rows[place]}"]').count() == 1

    keys.press("j", "j")
    if not on(1):
        raise Slow("j twice does not lead to the second row")
    keys.press("k")
    if not on(0):
        raise Slow("k does not lead a row back")
    keys.go("a")
    row = page.locator(ROWS).filter(has=page.locator(f'input[value="{rows[0]}"]'))
    if row.locator(TAKE).count() or not page.locator("#notice").filter(has_text="You have case").count():
        raise Slow("a on a row does not take the case")
    keys.press("j")
    if not on(0):
        raise Slow("j does not lead to the first row")
    keys.go()
    if not page.url.endswith(f"/staff/case/{rows[0]}/"):
        raise Slow(f"Enter on a row leads to {page.url}")
    keys.go("n")
    if not page.url.endswith(f"/staff/case/{rows[1]}/"):
        raise Slow(f"n on a case leads to {page.url}, not to the next of the queue")
    keys.go("t")
    if not page.url.endswith(f"/staff/case/{rows[1]}/triage/"):
        raise Slow(f"t on a case leads to {page.url}")
    keys.go("n")
    if not page.url.endswith(f"/staff/case/{rows[2]}/triage/"):
        raise Slow(f"n on a triage leads to {page.url}, not to the next that nobody has triaged")
    return rows[0]


def twice(keys: Keys, letter: str) -> None:
    """What is kept for good takes two presses: the first only brings the focus there."""
    keys.press(letter)
    if not keys.focused(f"button[data-key={letter}]"):
        raise Slow(f"one press of {letter} did not stop at its button")
    keys.go(letter)


def triage(keys: Keys, most: int, told: dict[str, str]) -> tuple[list[int], dict[str, str], set[str]]:
    """(keys of each report, which report each case is, the cases taken) until no case is left to triage."""
    page, spent, taken = keys.page, list[int](), set[str]()
    seen: dict[str, str] = {}
    while len(spent) < most and "/triage/" in page.url:
        case = keys.case()
        seen[case] = report_of(keys.text(), told)
        if page.locator("input[name=threats]:checked").count() == 0:
            keys.press("h")
            keys.to("input[name=threats][value=other]", "Shift+Tab")
            keys.press("Space")
        if len(spent) % 3 == 0:
            keys.press("h", *["Tab"] * NEED, "Space")
        letter = "s"
        # Whoever asks for a woman or a man is not taken by a colleague who has not said to answer as one.
        if len(spent) % 10 == 0 and "asks for a" not in keys.text():
            letter = "a"
            taken.add(case)
        twice(keys, letter)
        for _ in range(unscripted.AGAIN):
            if keys.told() and case in page.url:  # an examination ended meanwhile: look, and keep it again
                twice(keys, letter)
        if keys.told() and case in page.url:
            raise Slow(f"a report could not be kept: {keys.told()}")
        spent.append(keys.spent())
    return spent, seen, taken


def finished(keys: Keys, bare: unscripted.Bare, told: dict[str, str], seen: dict[str, str], taken: set[str]) -> None:
    """The last press led back to the queue: every case is there as before, triaged, and with those who took it."""
    page = keys.page
    if page.url.split("#")[0] != f"{keys.origin}/staff/":
        raise Slow(f"after the last report stands {page.url}, not the queue")
    ids = "all => all.map(one => one.closest('.row').querySelector('input[name=case]').value)"
    after = set(page.locator(f"{ROWS} input[name=case]").evaluate_all(ids))
    if after != set(bare.cases) or set(seen) != after or sorted(seen.values()) != sorted(told):
        raise Slow(f"{len(after)} cases where there were {len(bare.cases)}; "
                   f"{len(set(seen.values()))} reports of {len(told)}")
    says = [plain(one) for one in page.locator(f"{ROWS} [data-key=t]").all_inner_texts()]
    left = [one for one in says if one.split(" t")[0] == OPEN]
    if left or page.locator(NOT_TRIAGED).count():
        raise Slow(f"{len(left)} reports are not triaged")
    free = set(page.locator(f"{ROWS} {TAKE}").evaluate_all(ids))
    if after - free != taken:
        raise Slow(f"{len(after - free)} cases are taken, and it must be {len(taken)}")
    row = plain(page.locator(ROWS).filter(has=page.locator(f'input[value="{bare.raised}"]')).inner_text())
    if "act now" not in row or "raised by a colleague" not in row:
        raise Slow(f"the report that was raised does not stand at the highest level, as raised: {row}")


def danger(bare: unscripted.Bare, seen: dict[str, str]) -> dict[int, str]:
    """The place of each life in danger among the first five rows."""
    places = {place: seen[case] for place, case in enumerate(bare.cases[:5], 1) if seen[case] in LIFE}
    if set(places.values()) != set(LIFE):
        raise Slow(f"among the first five rows stand only {sorted(places.values())} of those in danger: {bare.reasons}")
    if not all(bare.reasons[place - 1].strip() for place in places):
        raise Slow(f"a life in danger stands without its reason: {bare.reasons}")
    return places


def doubles(keys: Keys, seen: dict[str, str], told: dict[str, str]) -> str:
    """By keys to the pairs proposed and into the only one: nobody has said anything, both keep their own words."""
    page = keys.page
    keys.to('a[href$="/staff/twins/"]')
    keys.go()
    links = page.locator("main .rows a")
    found = pairs(links.evaluate_all("all => all.map(one => one.getAttribute('href'))"))
    named = [frozenset(seen.get(one, one) for one in pair) for pair in found]
    if named != [TWINS]:
        raise Slow(f"proposed as doubles: {[sorted(one) for one in named]}, and it must be {sorted(TWINS)} alone")
    signs = plain(page.locator("main .rows .tags").first.inner_text())
    keys.to("main .rows a")
    keys.go()
    sides = page.locator("main .two > section")
    shown = {report_of(plain(one), told) for one in sides.all_inner_texts()}
    cases = set(sides.locator("h2 a").evaluate_all("all => all.map(one => one.getAttribute('href').split('/')[3])"))
    if sides.count() != 2 or shown != TWINS or cases != found[0]:
        raise Slow(f"side by side stand {sorted(shown)}")
    if page.locator("button[name=back]").count():
        raise Slow("somebody, or something, has decided already what the two reports are to one another")
    return signs
