"""The blind index: which cases share an identifier, without saying which identifier.

Written from the sessions of those who read the case, looked up by whoever has the team's key. What it tells somebody
who has the table alone, and what it does not, stands in docs/threat-model.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from amparo import seal
from amparo.desk import site
from amparo.desk.identifiers import Identifier
from amparo.desk.records import Case, Mark
from amparo.desk.team_key import OpenKey

_One = TypeVar("_One")
_AT_ONCE = 500  # ids of one question to the database


def of(key: OpenKey, identifiers: Iterable[Identifier]) -> set[bytes]:
    """The marks of identifiers that are in their one form."""
    return {seal.blind_index(key.key, kind, value) for kind, value in identifiers}


def write(key: OpenKey, wanted: Mapping[UUID, Iterable[Identifier]]) -> None:
    """Make the marks of these cases those of these identifiers. Nothing for a generation that has passed."""
    marks = {case: of(key, found) for case, found in wanted.items()}
    with transaction.atomic():
        if key.generation != site.team_generation():
            return
        for some in _batches(list(marks)):
            there: dict[UUID, set[bytes]] = defaultdict(set)
            for case, mark in Mark.objects.filter(case_id__in=some).values_list("case_id", "mark"):
                there[case].add(bytes(mark))
            alive = set(Case.objects.filter(id__in=some).exclude(state="erasing").values_list("id", flat=True))
            for case in some:
                if gone := there[case] - marks[case]:
                    Mark.objects.filter(case_id=case, mark__in=gone).delete()
            Mark.objects.bulk_create([
                Mark(case_id=case, mark=mark) for case in some if case in alive for mark in marks[case] - there[case]
            ], ignore_conflicts=True)


def cases_with(key: OpenKey, identifiers: Iterable[Identifier]) -> set[UUID]:
    """The cases that carry any of these, those of colleagues included: ids only."""
    return set(Mark.objects.filter(mark__in=of(key, identifiers)).values_list("case_id", flat=True))


def how_often(marks: Iterable[bytes]) -> dict[bytes, int]:
    """In how many cases of the whole desk each of these stands."""
    found: dict[bytes, int] = {}
    for some in _batches(list(marks)):
        rows = Mark.objects.filter(mark__in=some).values_list("mark").annotate(count=Count("id"))
        found.update((bytes(mark), count) for mark, count in rows)
    return found


def _batches(everything: list[_One]) -> Iterable[list[_One]]:
    return (everything[at : at + _AT_ONCE] for at in range(0, len(everything), _AT_ONCE))
