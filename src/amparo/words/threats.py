"""The misuse taxonomy: one list of stable codes for what technology is misused for against defenders.

Definitions are our own. Foreign vocabularies are mapped by identifier only (MISP machine tags, DISARM
technique ids), HURIDOCS by entity and kind of act in our own words, because their texts are the work of
others.
"""

from datetime import date

import msgspec

from amparo.words.codes import UnknownCode, read_toml


class HuridocsMap(msgspec.Struct, frozen=True):
    """Which HURIDOCS entity this becomes on export, and the kind of act in our own words."""

    entity: str
    act: str


class Threat(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of misuse.

    `disarm` are candidate techniques; those of intent need an analyst before they are used.

    `plain` is how a reporter is asked; empty where only an analyst may say so. `acts` and `rights` are the
    codes of words.acts and words.rights it usually touches: a suggestion, never an answer.
    """

    code: str
    name: str
    plain: str = ""
    definition: str
    misp: tuple[str, ...] = ()
    disarm: tuple[str, ...] = ()
    huridocs: HuridocsMap
    acts: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    playbook: str
    demo_case: str
    parent: str | None = None
    requirement: tuple[str, ...]
    source: str
    checked_on: date


class Taxonomy(msgspec.Struct, frozen=True, kw_only=True):
    """The whole list with its version; a code is never taken away nor given a new meaning."""

    version: int
    checked_on: date
    source: str
    no_mapping: dict[str, str]
    threats: tuple[Threat, ...]


def _load() -> Taxonomy:
    return msgspec.convert(read_toml("threats.toml"), Taxonomy)


THE_TAXONOMY: Taxonomy = _load()
TAXONOMY: tuple[Threat, ...] = THE_TAXONOMY.threats
CODES: tuple[str, ...] = tuple(item.code for item in TAXONOMY)


def threat(code: str) -> Threat:
    """The threat with this code; UnknownCode when there is none."""
    for item in TAXONOMY:
        if item.code == code:
            return item
    raise UnknownCode(f"“{code}” is not a kind of threat we know.", advice="See `amparo taxonomy list`.")


def with_parents(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes and everything they are a part of, in the order of the taxonomy."""
    wanted = set(codes)
    for code in codes:
        parent = threat(code).parent
        while parent is not None:
            wanted.add(parent)
            parent = threat(parent).parent
    return tuple(item.code for item in TAXONOMY if item.code in wanted)
