"""Every page of the staff door that a coordinator reaches: a Monday told by what is seen and pressed, scripts off."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from access.journeys import Hand, Stuck, need

OF_DESK = (
    "new", "tasks", "alarms", "rota", "account/pings", "shift", "twins", "erased", "requests", "requests/ask",
    "crossing", "back", "lock", "roles", "log", "log/acts", "desk", "people", "people/invite", "import",
    "export", "account", "account/keys", "account/password", "playbooks", "hand-out",
)
OF_CASE = (
    "triage", "watch", "playbooks", "prepared", "twins", "delegates", "vetting", "receipt", "evidence", "masks",
    "files", "second", "identity", "conflict", "keep", "export", "erase",
)
SHEET = "Date,What happened,Language\n2026-05-02,Strangers asked neighbours where she lives,en\n2026-05-03,,es\n"


@dataclass
class Round:
    """One walk through the staff door: where each page stands, to be opened again in another language."""

    hand: Hand
    staff: str  # the queue's address
    places: dict[str, str] = field(default_factory=dict)

    def open(self, address: str, name: str) -> None:
        self.hand.open(address, f"staff-{name}")
        self.places[name] = address

    def follow(self, selector: str, name: str) -> None:
        """Opens the first link that the selector finds on the page that is open."""
        need(self.hand, selector, f"no way to {name}")
        self.open(self.hand.links(selector)[0], name)

    def press(self, selector: str, name: str) -> None:
        need(self.hand, selector, f"nothing to press for {name}")
        self.hand.press(selector, f"staff-{name}" if name else "")


def pages_of_desk(walk: Round) -> None:
    for page in OF_DESK:
        walk.open(f"{walk.staff}{page}/", page.replace("/", "-"))
    walk.open(f"{walk.staff}numbers/", "numbers-refused")  # of other roles than this one


def pages_of_case(walk: Round, case: str) -> None:
    """All that belongs to one case; `case` is its address."""
    for page in OF_CASE:
        walk.open(f"{case}{page}/", f"case-{page}")


def actions_of_a_row(walk: Round) -> None:
    """Each action of a row leads where it says, from the queue, a narrowed queue and without scripts."""
    hand = walk.hand
    for place in (walk.staff, walk.staff + "?who=nobody"):
        hand.open(place)
        case = hand.links(".queue .row > a")[0]
        for selector, end in ((".queue p a", "triage/"), (".queue p a + a", "prepared/")):
            if hand.links(selector)[0] != case + end:
                raise Stuck(f"on {place} an action of the row leads to {hand.links(selector)[0]}, not {case}{end}")
        walk.press(".queue .row button", "")
        if hand.has(f"main .queue button[formaction*='{case.split('/')[-2]}']") or "/staff/" not in hand.address():
            raise Stuck(f"Take on {place} did not take the case: {hand.address()}")


def campaign(walk: Round) -> None:
    hand = walk.hand
    hand.open(walk.staff)
    for place in (1, 2, 3):
        hand.tick(f".queue .row:nth-child({place}) input")
    hand.unfold(".many summary")
    hand.fill("#title", "The bridge")
    walk.press("button[value='wave']", "wave")
    walk.places["wave"] = hand.address()
    walk.follow("main a[href$='/reply/']", "wave-reply")
    walk.follow("main nav .tabs a", "wave-reply-text")


def doubles(walk: Round) -> None:
    walk.hand.open(f"{walk.staff}twins/")
    walk.follow(".rows .row a", "twin")


def found(walk: Round) -> None:
    """A search, which stands in no address."""
    walk.hand.open(walk.staff)
    walk.hand.fill("#find", "phone")
    walk.press("form.find button", "found")


def by_telephone(walk: Round) -> None:
    """A report that is taken down, with the words to read out."""
    hand = walk.hand
    hand.open(f"{walk.staff}new/")
    walk.press("main form button", "new-wrong")
    hand.tick("main input[name='way']")
    hand.fill("main textarea[name='text']", "She was followed from the market to the bus, twice this week.")
    walk.press("main form.stack button", "words")
    walk.press("button[value='sure']", "taken-down")
    walk.places["taken-down"] = hand.address()
    hand.open(f"{hand.address()}masks/")
    hand.fill("main input[name='text']", "market")
    hand.fill("main input[name='why']", "It tells where she shops.")
    walk.press("main form.stack button", "covered")
    hand.unfold("article.card details summary")
    hand.fill("article.card form input[name='why']", "To answer her question.")
    walk.press("article.card form button", "cover-shown")


def sheet(walk: Round, folder: Path) -> None:
    """Cases from a sheet: its columns, what would happen, what happened, and the row a case was made from."""
    hand = walk.hand
    path = folder / "register.csv"
    path.write_text(SHEET, encoding="utf-8")
    hand.open(f"{walk.staff}import/")
    hand.attach("#file", path)
    walk.press("main form[enctype] button", "import-columns")
    walk.press("main button[value='try']", "import-columns-wrong")
    hand.tick("main input[name='odd']")
    walk.press("main button[value='try']", "import-account")
    account = hand.address()
    walk.press("form[action$='/run/'] button", "import-running")
    until = time.monotonic() + 60
    while not hand.has("form[action$='/undo/']"):
        if time.monotonic() > until:
            raise Stuck(f"the cases of the sheet were not made: {hand.text('main')[:200]}")
        time.sleep(0.5)
        hand.open(account)
    walk.open(f"{account}?rows=all", "import-done")
    case = hand.links(".rows .row a")[0]
    walk.open(f"{case}row/", "import-row")


def pieces(walk: Round, cases: list[str]) -> None:
    """The evidence's own pages, on the first cases that hold each kind."""
    hand = walk.hand
    wanted = {"piece": "#evidence a[href*='/evidence/']:not([href$='/evidence/'])",
              "conversation": "a[href*='/conversation/']", "original": "a[href$='/original/']"}
    for case in cases:
        hand.open(case)
        here = {name: hand.links(selector)[0] for name, selector in wanted.items() if hand.has(selector)}
        for name, address in here.items():
            walk.open(address, name)
            del wanted[name]
        if not wanted:
            return
    raise Stuck(f"no case shows {sorted(wanted)}")


def colleagues(walk: Round, case: str) -> str:
    """What is done about colleagues, each up to the press; returns the address of an invitation."""
    hand = walk.hand
    for name in ("remove", "new-keys"):
        hand.open(f"{walk.staff}people/")
        walk.follow(f"main a[href$='/{name}/']", f"people-{name}")
    hand.open(case)
    walk.follow("#members a[href$='/remove/']", "member-remove")
    hand.open(f"{walk.staff}people/invite/")
    hand.fill("main input[name='pseudonym']", "Juniper")
    if hand.has("main input[name='role']"):
        hand.tick("main input[name='role']")
    walk.press("main form.stack button", "invited")
    return hand.text("code.secret").strip()


def joining(newcomer: Hand, staff: str, link: str) -> None:
    """The door before it opens: the invitation up to the recovery codes, and signing in."""
    newcomer.open(link, "staff-join")
    newcomer.fill("input[name='login']", "juniper")
    for part in ("password", "again"):
        newcomer.fill(f"input[name='{part}']", "seven lanterns walk behind the quiet mill")
    newcomer.press("main form button", "staff-set-up")
    newcomer.press("main a.button", "staff-codes")
    need(newcomer, ".codes li", "no recovery codes")
    newcomer.press("main form button", "staff-codes-wrong")
    newcomer.open(f"{staff}in/", "staff-sign-in")
    newcomer.press("main form button", "staff-sign-in-wrong")


def again(walk: Round, language: str) -> None:
    """Every page that has an address, once more, in the language that was chosen meanwhile."""
    for name, address in walk.places.items():
        walk.hand.open(address, f"staff-{language}-{name}")
