"""People by what they do, not by title; groups in which everyone consents for themselves."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

import msgspec

from amparo.words.codes import CodeList, load

ACTIVITIES: CodeList = load("activities")


class Nexus(StrEnum):
    """Whether the attack happened because of activity for rights ("as a consequence of", Declaration, art.

    12).
    """

    YES = "yes"
    LIKELY = "likely"
    UNCLEAR = "unclear"


class Peaceful(StrEnum):
    """The question of peaceful means. It is asked of everyone; no answer is no suspicion."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def nexus_of(answer: str | None) -> Nexus:
    """The nexus a reporter's answer supports. No answer, "no" and "unsure" are unclear: a person decides."""
    return Nexus(answer) if answer in ("yes", "likely") else Nexus.UNCLEAR


class Defender(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who acts for rights (Declaration, art.

    1): known by activity. There is no field for a title or a card.
    """

    activities: tuple[str, ...] = ()
    told: str = ""
    peaceful: Peaceful = Peaceful.UNKNOWN
    nexus: Nexus = Nexus.UNCLEAR
    minor: bool = False

    def __post_init__(self) -> None:
        for code in self.activities:
            ACTIVITIES.get(code)


class GroupMember(msgspec.Struct, frozen=True, kw_only=True):
    """One member of a group case.

    `alias` is what the group calls the person here; consents are the member's own.
    """

    id: UUID
    alias: str
    consents: tuple[str, ...] = ()
    part: tuple[UUID, ...] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Several people in one case. `part` of a member lists the items that tell of this member."""

    members: tuple[GroupMember, ...] = ()

    def visible_members(self, purpose: str) -> tuple[GroupMember, ...]:
        """The members who allowed this purpose."""
        return visible_members(self.members, purpose)

    def hidden_items(self, purpose: str) -> frozenset[UUID]:
        """The items to leave out for this purpose: they tell of somebody who did not allow it."""
        shown = {member.id for member in self.visible_members(purpose)}
        return frozenset(item for member in self.members if member.id not in shown for item in member.part)


def visible_members(members: Iterable[GroupMember], purpose: str) -> tuple[GroupMember, ...]:
    """The members who allowed this purpose. One refusal hides only that member."""
    return tuple(member for member in members if purpose in member.consents)
