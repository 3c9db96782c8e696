"""Ways through the playbooks, for pages and prints: in which order they are offered, what an end means, addresses.

A browser keeps addresses and anchors, and “stalkerware” in its history could be read by the person it is about. So a
page is known by its mark. A mark is no secret: who has the playbooks can find what it stands for. It only cannot be
read in passing.
"""

import hashlib
from functools import cache

from amparo.mitigate.playbook import HELP, RESOLVED, SERVICES, Playbook, codes, load

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Body, home and people close to you", ("offline-attack", "surveillance", "stalkerware")),
    ("Accounts and messages", ("account-attack", "phishing", "impersonation", "account-suspended")),
    ("Phones, computers, memory cards", ("device-gone", "suspicious-device", "spyware")),
    ("What is said or shown about you", ("harassment", "doxing", "images", "smear", "disinformation")),
    ("Network, website, posts", ("shutdown", "content-removed", "website-attacked")),
    ("Police, courts, prison", ("legal-harassment", "colleague-arrested")),
    ("What is coming, and what has no name yet", ("travel", "other")),
)
"""Headings (English message ids) and the playbooks below each, in the order in which they are offered."""

MEANS: dict[str, str] = {
    "desk": "The people of this desk read what you write and answer you. They can also look with you for others "
            "who help.",
    "physical-security": "People who know about protection look with you at your home, your ways and your days: "
                         "what to change, where to be, who should know.",
    "medical": "A doctor or a clinic can treat injuries, and can write down what they see. Go soon, also when the "
               "injury seems small.",
    "psychosocial": "Somebody who listens and knows what such attacks do. You need no reason and no proof.",
    "survivor-support": "People who know violence at home and sexual violence. They believe you, need no proof, and "
                        "do nothing without you. Get in touch from a device that the person cannot reach.",
    "child-protection": "People who help children and young people. You may bring somebody you trust. They should "
                        "tell you before they speak with anybody else.",
    "legal": "A lawyer tells you what may be done, what you need not say or sign, and what has a deadline. Best one "
             "who has defended people like you.",
    "forensics": "People who examine devices look for traces without changing them. Until then, repair, update and "
                 "reset nothing.",
    "accounts": "People who know the ways to get accounts back and to make platforms look at a complaint. They "
                "never need your password.",
    "web-hosting": "People who keep websites of rights groups online: shielding them, moving them, bringing copies "
                   "back.",
    "circumvention": "People who know ways around blocking, and which of them are safe where you are.",
    "relocation": "Help to be somewhere safer for some days or months: a place, the journey, the papers, those who "
                  "depend on you.",
    "funding": "Emergency money for protection, a journey, a lawyer, a doctor or a new device. Some funds answer "
               "within days.",
    "advocacy": "Others speak up: organisations, embassies, experts of the United Nations. Publicity protects some "
                "people and endangers others; it is your choice.",
}
"""What each kind of help is, as English message ids."""

DONE = "You have come to the end of these steps."
DONE_SAYS = "You did something for your safety and that of others. If anything changes, you can begin again."


@cache
def mark(*parts: str) -> str:
    """Six characters that stand for a playbook, or for a page or an end of one; the same in each language."""
    return hashlib.sha256("\0".join(("amparo/way/v1", *parts)).encode()).hexdigest()[:6]


@cache
def _books() -> dict[str, str]:
    return {mark(code): code for code in codes()}


def book_at(found: str, language: str) -> Playbook | None:
    """The playbook with this mark, in this language or in English; None where there is none."""
    code = _books().get(found)
    return load(code, language) if code else None


def place_at(book: Playbook, found: str) -> str | None:
    """The id of the page of this playbook with this mark, or the end that one of its choices leads to; else None."""
    ids = {node.id for node in book.nodes} | {choice.to for node in book.nodes for choice in node.choices}
    return next((one for one in sorted(ids) if mark(book.code, one) == found), None)


def service_of(place: str) -> str:
    """The code of who can help, where this end leads to help; else empty."""
    service = place.removeprefix(HELP) if place.startswith(HELP) else ""
    return service if service in SERVICES else ""


def all_texts() -> tuple[str, ...]:
    """Every English message id of this file and of the kinds of help, for translation."""
    return (*(heading for heading, _codes in GROUPS), *SERVICES.values(), *MEANS.values(), DONE, DONE_SAYS)


__all__ = ["DONE", "DONE_SAYS", "GROUPS", "MEANS", "RESOLVED", "all_texts", "book_at", "mark", "place_at", "service_of"]
