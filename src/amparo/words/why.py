"""Why a case waits where it waits in the queue. The order is the order of the queue."""

from enum import StrEnum


class Why(StrEnum):
    """The reasons, most pressing first."""

    LIFE = "life"
    TIME_BOUND = "time-bound"
    SPREADING = "spreading"
    SKILL = "skill"
    REST = "rest"


WHY: tuple[str, ...] = tuple(why.value for why in Why)

WHY_TEXTS: dict[str, str] = {
    "life": "Danger to life",
    "time-bound": "Bound to a time",
    "spreading": "Spreading",
    "skill": "Needs a special skill",
    "rest": "Others",
}
"""Headings of the queue, as English message ids."""


def rank(why: str) -> int:
    """Place in the queue, 0 first. A code that is not known goes to the top: better read once too often."""
    return WHY.index(why) if why in WHY else 0
