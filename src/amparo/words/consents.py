"""Consent, purpose by purpose.

Every purpose is off until the reporter turns it on, and each can be taken back.
"""

from collections.abc import Iterable

import msgspec


class Purpose(msgspec.Struct, frozen=True):
    """One thing the desk may do only when asked.

    `says` is the line beside the box, `help` what it means and its risk.

    `needs` names a purpose without which this one makes no sense; `minors` is False where it is never offered
    to somebody under 18.
    """

    code: str
    says: str
    help: str = ""
    needs: str | None = None
    minors: bool = True


PURPOSES: tuple[Purpose, ...] = (
    Purpose("examine", "Examine my files for traces of attack",
            "A program on this desk looks for known traces. A person checks what it found before you hear of it."),
    Purpose("keep-for-court", "Keep my evidence so that a court can trust it",
            "We may keep the sealed originals longer. A record shows who opened them and when."),
    Purpose("share-indicators", "Share the attacker's technical traces with other protection desks",
            "Only the attacker's addresses, domains and file marks. Nothing that says who you are."),
    Purpose("statistics", "Count my case in numbers that protect everyone",
            "Only in totals from which nobody can be picked out."),
    Purpose("mechanisms", "Ask emergency funds and protection programmes for support",
            "First without your identity. We ask you again before anyone learns who you are."),
    Purpose("platform-notices", "Write to the platform or company about the attack",
            "We ask you first. The company may tell the attacker that someone complained."),
    Purpose("un-confidential", "Send my case to United Nations experts, without making my name public",
            "The experts may ask the government about the case. We agree on every line with you first."),
    Purpose("un-public-name", "Let the United Nations use my name in public reports",
            "Public reports stay public. It may protect you, and it may expose you.",
            needs="un-confidential", minors=False),
    Purpose("diplomatic", "Tell embassies that protect defenders",
            "Only the part you choose. Diplomats may raise it with the government."),
    Purpose("publish-story", "Publish my story",
            "With your name, another name or no name, as you choose later. We ask you again before it is published.",
            minors=False),
    Purpose("grounds", "Keep my answer on why I was attacked",
            "For example because of religion, ethnicity or gender. "
            "Without this we do not keep it, and we never guess it."),
    Purpose("contact-again", "Ask me later how I am",
            "We may leave a message for you here in some weeks. We never write to you elsewhere."),
)

CODES: tuple[str, ...] = tuple(purpose.code for purpose in PURPOSES)


def offered(*, minor: bool = False) -> tuple[Purpose, ...]:
    """The purposes to show. Somebody under 18 is never asked about publication."""
    return tuple(purpose for purpose in PURPOSES if purpose.minors or not minor)


def given(raw: Iterable[str], *, minor: bool = False) -> tuple[str, ...]:
    """The consents that really stand, in our order.

    Unknown codes give nothing, nor does a purpose that is not offered, nor one whose `needs` is not given.
    """
    wanted = set(raw)
    return tuple(
        purpose.code for purpose in offered(minor=minor)
        if purpose.code in wanted and (purpose.needs is None or purpose.needs in wanted)
    )


def covers(given_codes: Iterable[str], purpose: str) -> bool:
    """Whether this purpose was allowed. Anything not asked about is not allowed."""
    return purpose in CODES and purpose in set(given_codes)


def all_texts() -> tuple[str, ...]:
    """Every text of this module that a reporter may read, for translation."""
    return tuple(text for purpose in PURPOSES for text in (purpose.says, purpose.help) if text)
