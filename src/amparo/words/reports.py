"""A report as it is told, and the case it grows into."""

from uuid import UUID

import msgspec

from amparo.words.channels import Channel
from amparo.words.codes import CodeList, load
from amparo.words.evidence import Evidence, SealedResult
from amparo.words.grounds import GROUNDS
from amparo.words.acts import ACTS
from amparo.words.people import Defender, Group, Nexus, Peaceful, nexus_of
from amparo.words.perpetrators import Attribution, Origin
from amparo.words.rights import RIGHTS
from amparo.words.targets import TARGETS
from amparo.words.threats import threat
from amparo.words.times import TimeUnclear, When, told
from amparo.words.venues import Venue

STATES: CodeList = load("states")
"""States of a case, the waiting ones among them."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, in codes and in the reporter's own words.

    `grounds` are grounds of the attack, never traits of the person. `defender` is None where nobody has to be
    named (an organisation, civic space). `result` is a sealed result made elsewhere; raw evidence may be absent.
    """

    id: UUID
    language: str = "en"
    told: str = ""
    threats: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    venue: Venue | None = None
    channels: tuple[Channel, ...] = ()
    when: When | None = None
    grounds: tuple[str, ...] = ()
    perpetrator: Attribution = Attribution()
    origin: Origin = Origin()
    defender: Defender | None = None
    group: Group | None = None
    minor: bool = False
    consents: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    result: SealedResult | None = None

    def __post_init__(self) -> None:
        for code in self.threats:
            threat(code)
        for codes, known in (
            (self.acts, ACTS), (self.rights, RIGHTS), (self.targets, TARGETS), (self.grounds, GROUNDS),
        ):
            for code in codes:
                known.get(code)
