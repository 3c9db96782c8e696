"""What colleagues say of themselves for one another: languages they read, whether they answer as woman or man.

Nobody has to say anything; what was said is taken back by saying nothing. It stands in the site folder, a line each:
the database alone does not tell who of the desk reads Arabic. No reporter sees it, and it decides nothing: it helps a
person who gives a case away.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F

from amparo.desk import directory, policy, site
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError
from amparo.desk.records import Grant

LANGUAGES: tuple[str, ...] = tuple(code for code, _ in settings.LANGUAGES)
AS = ("woman", "man")
_NONE = "-"


class Told(msgspec.Struct, frozen=True):
    """`languages`: codes of the desk's languages; `answers_as`: one of AS, or ""."""

    languages: tuple[str, ...] = ()
    answers_as: str = ""


def everyone() -> dict[UUID, Told]:
    """What colleagues who work here now have told; nobody who told nothing."""
    people = directory.everyone()
    return {one: told for one, told in _kept().items() if one in people and people[one].active}


def mine(staff: OpenStaff) -> Told:
    """What I have told."""
    return _kept().get(staff.id, Told())


def tell(*, staff: OpenStaff, languages: tuple[str, ...], answers_as: str) -> None:
    """Say it to my colleagues from now on; with nothing of both, take it back."""
    policy.require(staff.role, "none", "own.account")
    if set(languages) - set(LANGUAGES) or answers_as not in ("", *AS):
        raise DeskError("This choice is not on the list.", advice="Choose again from the list.", code="choice")
    told = Told(tuple(one for one in LANGUAGES if one in languages), answers_as)
    with transaction.atomic():
        kept = {one: said for one, said in _kept().items() if one != staff.id}
        _write({**kept, staff.id: told} if told != Told() else kept)


def forget(staff_id: UUID) -> None:
    """Whoever leaves the desk leaves no line here."""
    kept = _kept()
    if kept.pop(staff_id, None) is not None:
        _write(kept)


def unread(cases: Mapping[UUID, str]) -> set[UUID]:
    """Those of the cases (each with its language) that no reader has said they can read; none where nobody told."""
    told = everyone()
    if not any(one.languages for one in told.values()):
        return set()
    left = {case for case, language in cases.items() if language}
    readers = Grant.objects.filter(kind="staff", case_id__in=left, staff_id__in=told, epoch=F("case__epoch"))
    for case, who in readers.values_list("case_id", "staff_id"):
        if cases[case] in told[who].languages:
            left.discard(case)
    return left


def _kept() -> dict[UUID, Told]:
    found = {}
    for line in site.told_lines():
        who, languages, answers_as = line.split(" ")
        found[UUID(who)] = Told(
            tuple(languages.split(",")) if languages != _NONE else (), answers_as if answers_as != _NONE else ""
        )
    return found


def _write(kept: Mapping[UUID, Told]) -> None:
    site.write_told(
        f"{who} {','.join(one.languages) or _NONE} {one.answers_as or _NONE}" for who, one in kept.items()
    )
