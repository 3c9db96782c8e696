"""A report as it is told, and the case it grows into."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from amparo.words.acts import ACTS
from amparo.words.channels import CHANNELS, Channel
from amparo.words.codes import CodeList, load
from amparo.words.consents import given
from amparo.words.evidence import Evidence, SealedResult
from amparo.words.grounds import GROUNDS
from amparo.words.people import Defender, Group, Peaceful, nexus_of
from amparo.words.perpetrators import DEFAULT, Attribution, EvidenceLevel, Origin
from amparo.words.rights import RIGHTS
from amparo.words.targets import NEEDS_PERSON, TARGETS
from amparo.words.threats import threat
from amparo.words.times import TimeUnclear, When, told
from amparo.words.venues import Venue

STATES: CodeList = load("states")
"""States of a case, the waiting ones among them."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, in codes and in the reporter's own words.

    `grounds` are grounds of the attack, never traits of the person. `defender` is None where nobody has to be
    named (an organisation, civic space). `result` is a sealed result made elsewhere; raw evidence may be
    absent.
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


def device_consent(answers: Mapping[str, Sequence[str]]) -> bool:
    """Whether the answers record that the person who uses the device agrees to its examination.

    True when only the reporter uses it (the purpose "examine" is then that person's own consent), or when the
    others who use it agree. Skipped or unsure is False: the device stays sealed until a consent is recorded.
    """
    owner = tuple(answers.get("device-owner", ()))
    if owner in (("me",), ("work",)):
        return True
    return owner != () and tuple(answers.get("device-agrees", ())) == ("yes",)


def is_minor(answers: Mapping[str, Sequence[str]]) -> bool:
    """Whether the reporter said to be under 18: no publication, shorter retention."""
    return "yes" in answers.get("under-18", ())


def minor_possible(answers: Mapping[str, Sequence[str]]) -> bool:
    """Under 18, or unsure: ask a person before anything is published."""
    return bool({"yes", "unsure"} & set(answers.get("under-18", ())))


def for_somebody_else(answers: Mapping[str, Sequence[str]]) -> bool:
    """Whether the reporter tells of somebody else's case and not of their own."""
    target = set(answers.get("target", ()))
    return "someone-else" in target and "me" not in target


def sees_again(answers: Mapping[str, Sequence[str]]) -> bool:
    """Whether the reporter chose to see the report again. Only a plain yes counts."""
    return tuple(answers.get("see-again", ())) == ("yes",)


_TARGETS = {"me": "person", "someone-else": "person", "group": "group", "organisation": "organisation",
            "civic-space": "civic-space"}


def from_answers(report_id: UUID, answers: Mapping[str, Sequence[str]], *, language: str = "en",
                 consents: Sequence[str] = (), evidence: Sequence[Evidence] = ()) -> Report:
    """The report that cleaned answers tell (words/data/report.json).

    A perpetrator named without a reason stays "unknown". The venue follows from the channels; it is None when
    they do not say it. Acts and rights are left to a person.
    """
    def chosen(code: str) -> tuple[str, ...]:
        return tuple(answers.get(code, ()))

    def one(code: str) -> str:
        return next(iter(chosen(code)), "")

    channels = tuple(Channel(code, one("platform")) for code in chosen("channels"))
    kind, because = one("perpetrator") or DEFAULT, one("perpetrator-why")
    known = kind != DEFAULT and because.strip() != ""
    targets = tuple(dict.fromkeys(_TARGETS[code] for code in chosen("target")))
    minor = is_minor(answers)
    defender = None
    if not targets or NEEDS_PERSON & set(targets):
        defender = Defender(activities=chosen("activity"), peaceful=_peaceful(one("peaceful")),
                            nexus=nexus_of(one("nexus")), minor=minor)
    return Report(
        id=report_id, language=language, told=one("what-happened"), threats=chosen("threats"), targets=targets,
        venue=venue_of(channels), channels=channels, when=_when(one("when")),
        grounds=chosen("grounds") if "grounds" in consents else (),
        perpetrator=Attribution(kind=kind, evidence_level=EvidenceLevel.STATED, reason=because) if known
        else Attribution(),
        defender=defender, minor=minor, consents=given(consents, minor=minor), evidence=tuple(evidence),
    )


def venue_of(channels: Sequence[Channel]) -> Venue | None:
    """Online, offline or both, as far as the channels say it."""
    venues = (CHANNELS.get(channel.code).maps.get("venue") for channel in channels)
    found = {Venue(venue) for venue in venues if venue is not None}
    return Venue.BOTH if len(found) == 2 else next(iter(found), None)


def _peaceful(answer: str) -> Peaceful:
    return Peaceful(answer) if answer in ("yes", "no") else Peaceful.UNKNOWN


def _when(text: str) -> When | None:
    try:
        return told(text) if text else None
    except TimeUnclear:
        return None
