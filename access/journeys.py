"""J1 and the heart of J2, told in what a person sees and presses. Any browser with a `Hand` can make them."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

MOST_PAGES = 60  # a journey that asks more questions than this goes in a circle

# What this invented person answers; every other question is skipped, as a person under stress would.
ANSWERS: dict[str, list[str]] = {
    "danger": ["no"],
    "threats": ["doxing", "spyware"],
    "exposed": ["home"],
    "soon": ["hearing"],
    "target": ["me"],
    "channels": ["messenger"],
    "device-use": ["yes"],
    "device-owner": ["me"],
    "nexus": ["likely"],
    "activity": ["documenting"],
    "under-18": ["no"],
    "grounds": ["ethnicity"],
    "perpetrator": ["unknown"],
    "want": ["advice"],
    "back": ["days"],
    "see-again": ["no"],
}
STORY = {
    "en": "Since Monday strangers in Qumra know where I live. My phone warms up at night. Mark {mark}.",
    "ar": "منذ يوم الاثنين يعرف غرباء أين أسكن. هاتفي يسخن ليلاً. {mark}",
}
ANSWER = "We read it today. Please use another phone for now, and do not delete anything. Reference {mark}."


class Stuck(Exception):
    """The journey could not go on; the text says where and what the page showed."""


class Hand(Protocol):
    """What a person does with a browser. Selectors are CSS; `name` keeps the page that comes under that name."""

    name: str

    def open(self, address: str, name: str = "") -> None: ...
    def address(self) -> str: ...
    def has(self, selector: str) -> bool: ...
    def text(self, selector: str = "body") -> str: ...
    def texts(self, selector: str) -> list[str]: ...
    def links(self, selector: str) -> list[str]: ...
    def names(self, selector: str) -> list[str]: ...
    def fill(self, selector: str, text: str) -> None: ...
    def tick(self, selector: str) -> None: ...
    def attach(self, selector: str, path: Path) -> None: ...
    def press(self, selector: str, name: str = "") -> None: ...
    def unfold(self, selector: str) -> None: ...


@dataclass
class Report:
    """What the invented person keeps: the receipt on paper, the mark in the story, and what they noticed."""

    language: str
    mark: str
    receipt: tuple[str, ...] = ()
    readers: str = ""
    questions: int = 0
    noticed: list[str] = field(default_factory=list)


def need(hand: Hand, selector: str, what: str) -> None:
    if not hand.has(selector):
        shown = " ".join(hand.text("main" if hand.has("main") else "body").split())[:300]
        raise Stuck(f"{what}: nothing like {selector!r} on {hand.address()}. The page says: {shown}")


def report(hand: Hand, origin: str, language: str, mark: str, evidence: Path | None) -> Report:
    """J1, steps 1 to 5: from the first page to the receipt and the first-aid list."""
    kept = Report(language, mark)
    hand.open(f"{origin}/{language}/", "start")
    need(hand, "a[href='/leave/']", "no way to leave the page")
    ways = hand.links("main .ways a")
    if len(ways) != 3:
        kept.noticed.append(f"the first page offers {len(ways)} ways, not three")
    for page in ("first", "about", "traces"):
        hand.open(f"{origin}/{language}/{page}/", page)
    hand.open(f"{origin}/{language}/back/", "back-empty")
    hand.fill("#words", "abandon abandon abandon notaword")
    hand.press("main form button", "back-wrong")
    need(hand, "mark", "words that are in no list are not marked")
    hand.open(f"{origin}/{language}/", "")
    hand.press(f"main .ways a[href='/{language}/write/']", "write")
    hand.press("main form button", "")
    _questions(hand, kept, evidence)
    need(hand, "form[action$='/send/'] button", "nothing to send with")
    hand.press("form[action$='/send/'] button", "receipt")
    need(hand, ".receipt li", "no receipt")
    kept.receipt = tuple(text.strip() for text in hand.texts(".receipt li"))
    if len(kept.receipt) not in (9, 10):
        kept.noticed.append(f"the receipt has {len(kept.receipt)} parts")
    hand.press("main a.button", "confirm")
    for name in hand.names("main input[name^='word-']"):
        hand.fill(f"input[name='{name}']", kept.receipt[int(name.removeprefix("word-")) - 1])
    hand.press("main form button[value='on']", "done")
    if not re.search(r"/done/$", hand.address()):
        raise Stuck(f"the receipt was not confirmed: {hand.address()}: {hand.text('main')[:300]}")
    if language == "en" and not hand.has("main ol li"):
        kept.noticed.append("no first-aid list after sending, though the answers tell of doxing")
    return kept


def _questions(hand: Hand, kept: Report, evidence: Path | None) -> None:
    attached = False
    for _ in range(MOST_PAGES):
        path = hand.address().split("?")[0]
        if path.endswith("/check/"):
            hand.open(hand.address(), "check")
            return
        need(hand, "a[href='/leave/']", "no way to leave")
        need(hand, "a[href*='/write/delete/']", "no way to delete the draft")
        if path.endswith("/files/"):
            if evidence and not attached:
                hand.attach("#file", evidence)
                hand.press("main form[enctype] button[value='add']", "files")
                attached = True
            else:
                hand.press("main form[enctype] button[value='on']")
        elif path.endswith("/readers/"):
            hand.open(hand.address(), "readers")
            kept.readers = " ".join(hand.text("main").split())
            hand.press("main form button[value='on']")
        elif path.endswith("/choices/"):
            hand.open(hand.address(), "choices")
            if hand.has("main input:checked"):
                kept.noticed.append("a consent is ticked before anyone agreed")
            if hand.has("main input[value='examine']"):
                hand.tick("main input[value='examine']")
            hand.press("main form button")
        elif re.search(r"/write/\d+/$", path):
            kept.questions += 1
            hand.open(hand.address(), f"question-{kept.questions:02d}")
            _answer(hand, kept)
        else:
            raise Stuck(f"an unknown page of the report: {path}: {hand.text('main')[:200]}")
    raise Stuck(f"more than {MOST_PAGES} pages: the report goes in a circle")


def _answer(hand: Hand, kept: Report) -> None:
    answered = False
    if hand.has("main input:checked"):
        kept.noticed.append(f"something is ticked beforehand on {hand.address()}")
    if hand.has("textarea[name='what-happened']"):
        hand.fill("textarea[name='what-happened']", STORY[kept.language].format(mark=kept.mark))
        answered = True
    for code, values in ANSWERS.items():
        for value in values:
            selector = f"input[name='{code}'][value='{value}']"
            if hand.has(selector):
                hand.tick(selector)
                answered = True
    hand.press(f"main form button[value='{'on' if answered else 'skip'}']")


def come_back(hand: Hand, origin: str, kept: Report, expected: str, name: str = "") -> str:
    """J1, step 6: type the receipt, read. Returns what the page shows; `expected` must stand in it."""
    hand.open(f"{origin}/{kept.language}/back/")
    hand.fill("#words", " ".join(kept.receipt))
    hand.press("main form button", name)
    need(hand, "textarea[name='text']", "the receipt did not open the messages")
    shown = hand.text("main")
    if kept.mark in shown.replace(ANSWER.format(mark=kept.mark), ""):
        kept.noticed.append("what was reported is shown again although that was not chosen")
    if expected and expected not in shown:
        raise Stuck(f"the desk's answer is not on the page: {' '.join(shown.split())[:300]}")
    return shown


def after_reading(hand: Hand, origin: str, kept: Report) -> None:
    """The rest of step 6: writes back, looks at consents, new words and withdrawal, then closes."""
    hand.fill("textarea[name='text']", "Thank you. / شكراً")
    hand.press("main form[enctype] button", "talk-said")
    for page in ("choices", "words", "take"):
        hand.open(f"{origin}/{kept.language}/back/{page}/", f"back-{page}")
    hand.open(f"{origin}/{kept.language}/back/close/", "back-close")


def sign_in(hand: Hand, link: str) -> None:
    """J2: the handler's one-time link, then the queue."""
    hand.open(link, "staff-link")
    need(hand, "main form button", "the handler's link offers no sign-in")
    hand.press("main form button", "staff-queue")
    need(hand, ".rows .row a", "the queue is empty")


def find_case(hand: Hand, mark: str, most: int = 60) -> str:
    """Opens cases from the top until the story with `mark` is read; returns the case's address."""
    addresses = list(dict.fromkeys(hand.links(".rows .row > a")))
    for address in addresses[:most]:
        hand.open(address)
        if mark in hand.text("main"):
            return address
    raise Stuck(f"none of the first {min(len(addresses), most)} cases of the queue tells the story with {mark}")


def find_finding(hand: Hand, origin: str, most: int = 60) -> str:
    """The first case of the queue that holds a finding nobody has decided on; its address."""
    hand.open(f"{origin}/staff/")
    addresses = list(dict.fromkeys(hand.links(".rows .row > a")))
    for address in addresses[:most]:
        hand.open(address)
        if hand.has("article.finding form"):
            return address
    raise Stuck(f"none of the first {min(len(addresses), most)} cases holds a finding to decide on")


def accept_finding(hand: Hand) -> str:
    """Accepts the first finding of the page that is open; returns what it says it does not mean."""
    need(hand, "article.finding h4 + p", "the finding does not say what it does not mean")
    says = hand.text("article.finding h4 + p")
    if hand.has("article.finding details:not([open]) summary"):
        hand.unfold("article.finding details summary")
    hand.tick("article.finding form input[type='radio'][value^='accept']")
    if hand.has("article.finding form textarea"):
        hand.fill("article.finding form textarea", "Looked at the row with the reporter's own words beside it.")
    hand.press("article.finding form button", "staff-decided")
    need(hand, "article.finding .verdict, article.finding .decided", "the decision is not shown")
    return says


def answer(hand: Hand, mark: str) -> str:
    """Answers the reporter on the case page that is open."""
    text = ANSWER.format(mark=mark)
    need(hand, "#dialogue textarea", "no field to answer the reporter")
    hand.fill("#dialogue textarea", text)
    hand.press("#dialogue form button", "staff-answered")
    if text not in hand.text("#dialogue"):
        raise Stuck("the answer is not shown in the dialogue after it was sent")
    return text


def demo_pages(hand: Hand, origin: str) -> None:
    """The strip "do this next", and a made-up phone that is examined on the spot."""
    hand.open(f"{origin}/demo/", "strip")
    if len(hand.texts("main ol > li")) < 6:
        raise Stuck(f"the strip has {len(hand.texts('main ol > li'))} steps, not six")
    hand.open(f"{origin}/demo/phone/", "phone")
    need(hand, "main form button", "no made-up phone to examine")
    hand.press("main form button", "phone-examined")
