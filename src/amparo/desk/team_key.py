"""The team's key: what the blind index is made with. One key for all who work on cases, sealed to each of them.

A lead makes it and signs each copy; a row that somebody with the database wrote opens nothing. When a colleague leaves,
a new generation begins and all marks of the old one are thrown away. Which generation counts stands in the site folder,
so that an old row put back, whose key a former colleague still has, is not used again.
"""

from uuid import UUID

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import directory, site
from amparo.desk.accounts import OpenStaff
from amparo.desk.records import Mark, TeamKey

_LABEL = "team-key"


class OpenKey(msgspec.Struct, frozen=True):
    """The key, open in this session."""

    generation: int
    key: bytes

    def __repr__(self) -> str:
        return f"<OpenKey of generation {self.generation}: secret>"


class _Copy(msgspec.Struct, frozen=True, array_like=True):
    generation: int
    key: bytes
    giver: UUID
    signature: bytes


def _stated(generation: int, key: bytes, reader: UUID) -> bytes:
    return b"amparo/team-key/v1\0" + site.desk_id() + generation.to_bytes(4, "big") + reader.bytes + key


def open_key(staff: OpenStaff) -> OpenKey | None:
    """My copy; None before a lead gave me one, and where it is not a lead's or not of the generation that counts."""
    row = TeamKey.objects.filter(staff_id=staff.id).first()
    counts = site.team_generation()
    if row is None or counts == 0:
        return None
    try:
        raw = seal.open_to_self(staff.keys.kex.private, _LABEL, staff.id, bytes(row.sealed))
        copy = msgspec.msgpack.decode(raw, type=_Copy)
    except (seal.SealError, msgspec.DecodeError):
        return None
    giver = directory.everyone().get(copy.giver)
    if giver is None or not giver.state or giver.role != "lead" or copy.generation != counts:
        return None
    if not seal.verify(giver.sign_public, _stated(copy.generation, copy.key, staff.id), copy.signature):
        return None
    return OpenKey(copy.generation, copy.key)


def keep(staff: OpenStaff) -> OpenKey | None:
    """My copy. A lead's session also sees to it that there is a key, and that each colleague on cases has it."""
    mine = open_key(staff)
    if staff.role != "lead":
        return mine
    people = directory.case_people()
    have = set(TeamKey.objects.filter(generation=site.team_generation()).values_list("staff_id", flat=True))
    if mine is None:
        others = any(one.role == "lead" and one.id != staff.id and one.id in have for one in people)
        return None if others else renew(lead=staff)  # another lead has it, and gives it when they come
    missing = [one for one in people if one.id not in have]
    if missing:
        with transaction.atomic():
            for colleague in missing:
                _give(staff, mine, colleague)
    return mine


def renew(*, lead: OpenStaff) -> OpenKey:
    """A new key for everybody who is here now. The marks of the old one go; sessions write them anew."""
    with transaction.atomic():
        fresh = OpenKey(site.team_generation() + 1, seal.new_data_key())
        site.write_team_generation(fresh.generation)
        TeamKey.objects.all().delete()
        Mark.objects.all().delete()
        for colleague in directory.case_people():
            _give(lead, fresh, colleague)
    return fresh


def _give(lead: OpenStaff, given: OpenKey, colleague: directory.Colleague) -> None:
    signature = seal.sign(lead.keys.sign.private, _stated(given.generation, given.key, colleague.id))
    raw = msgspec.msgpack.encode(_Copy(given.generation, given.key, lead.id, signature))
    TeamKey.objects.update_or_create(staff_id=colleague.id, defaults={
        "generation": given.generation, "sealed": seal.seal_to_self(colleague.kex_public, _LABEL, colleague.id, raw)})
