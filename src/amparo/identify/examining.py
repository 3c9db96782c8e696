"""One exam: open the evidence, let each detector that recognises it look, and sum up honestly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from amparo.identify.detectors import Detector, Examined, broken, chosen, detectors
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.trees import Budget, SingleFile, Tree, open_tree
from amparo.identify.trees.archives import private_copy
from amparo.identify.trees.naming import shown
from amparo.words.errors import AmparoError
from amparo.words.findings import LEVELS, Finding, Level, NotChecked

ABSENT = "absent: "
"""Begins the reason of a part that belongs to an app which is not on the phone: nothing failed."""
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
_DEPTH = 2
_MOST_INNER = 40


class Summary(msgspec.Struct, frozen=True):
    """What an exam covered. `failed` counts the parts not checked, leaving out apps that are not on the phone."""

    says: str
    findings: int
    by_level: dict[str, int]
    not_checked: int
    failed: int
    examined: tuple[Examined, ...]
    indicators: int
    knowledge_digest: str
    detectors: dict[str, str]

    @property
    def rows(self) -> int:
        """Rows read over all parts."""
        return sum(part.rows for part in self.examined)

    @property
    def first_day(self) -> str:
        """The first day covered, "" when no part has times."""
        return min((part.first.at.date().isoformat() for part in self.examined if part.first), default="")

    @property
    def last_day(self) -> str:
        """The last day covered, "" when no part has times."""
        return max((part.last.at.date().isoformat() for part in self.examined if part.last), default="")


class Exam(Iterator[Finding | NotChecked]):
    """Iterate for the results; `summary()` afterwards (or at any time, for what was seen so far)."""

    def __init__(
        self,
        results: Iterator[Finding | NotChecked | Examined],
        knowledge: KnowledgeBase,
        names: dict[str, str],
    ):
        self._results, self._knowledge, self._names = results, knowledge, names
        self._examined: list[Examined] = []
        self._levels = dict.fromkeys((level.value for level in LEVELS), 0)
        self._not_checked = self._failed = 0
        self.now = ""

    def __iter__(self) -> Exam:
        return self

    def __next__(self) -> Finding | NotChecked:
        for result in self._results:
            if isinstance(result, Examined):
                self._examined.append(result)
                self.now = result.part
                continue
            if isinstance(result, Finding):
                self._levels[Level(result.level).value] += 1
            else:
                self._not_checked += 1
                self._failed += not result.why.startswith(ABSENT)
            return result
        raise StopIteration

    def summary(self) -> Summary:
        """Coverage, counts, and the sentence that must stand below every result."""
        found = sum(self._levels.values())
        parts = tuple(self._examined)
        return Summary(
            says=_says(found, self._levels, self._failed, parts), findings=found, by_level=dict(self._levels),
            not_checked=self._not_checked, failed=self._failed, examined=parts,
            indicators=self._knowledge.indicators, knowledge_digest=self._knowledge.digest, detectors=self._names,
        )  # fmt: skip


def _says(found: int, levels: dict[str, int], failed: int, parts: tuple[Examined, ...]) -> str:
    if not parts:
        return "Nothing could be examined. This says nothing about the phone."
    if levels["high"] or levels["medium"] or levels["low"]:
        first = f"{_count(found, 'finding')}. Each is a lead for a person to judge, not proof."
    elif found:
        first = (
            f"No known trace found; this is not proof of absence. {_count(found, 'remark')} for information."
        )
    else:
        first = "No known trace found; this is not proof of absence."
    if failed:
        first += f" {_count(failed, 'part')} could not be checked."
    return first


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def examine(source: Path | BinaryIO, name: str, knowledge: KnowledgeBase, only: str | None = None) -> Exam:
    """Examine one path or seekable stream with every detector that recognises it.

    `name` is shown in places only. Raises NoSuchDetector at once; whatever the evidence does is told as NotChecked.
    The same evidence and knowledge give the same results in the same order.
    """
    used = chosen(only)
    versions = {found: detector.DETECTOR.version for found, detector in used.items()}
    return Exam(_run(source, name, knowledge, used), knowledge, versions)


def device_evidence(source: Path | BinaryIO, name: str) -> bool:
    """Whether this is a copy of a person's device, or holds one in an archive inside; by names only, cheaply.

    What cannot be opened is no device: nothing of it will be examined either.
    """
    readers = [detector for detector in detectors().values() if detector.DETECTOR.device]
    try:
        tree = open_tree(source, name)
    except AmparoError:
        return False
    try:
        return _holds_device(tree, readers, 0)
    finally:
        tree.close()


def _holds_device(tree: Tree, readers: list[Detector], depth: int) -> bool:
    if any(detector.recognises(tree) for detector in readers):
        return True
    if depth >= _DEPTH:
        return False
    for name in _inner(tree)[:_MOST_INNER]:
        try:
            inner = _open_inner(tree, name)
        except AmparoError:
            continue
        try:
            if _holds_device(inner, readers, depth + 1):
                return True
        finally:
            inner.close()
    return False


def _run(
    source: Path | BinaryIO, name: str, knowledge: KnowledgeBase, used: dict[str, Detector]
) -> Iterator[Finding | NotChecked | Examined]:
    for failed, why in broken().items():
        yield NotChecked(failed, shown(name), f"The detector did not run: {why}.")
    try:
        tree = open_tree(source, name)
    except AmparoError as error:
        yield NotChecked("archive", shown(name), reason(error))
        return
    try:
        yield from _look(tree, knowledge, used, 0)
    finally:
        tree.close()


def _look(
    tree: Tree, knowledge: KnowledgeBase, used: dict[str, Detector], depth: int
) -> Iterator[Finding | NotChecked | Examined]:
    for problem in tree.problems:
        yield NotChecked("archive", problem.part, problem.why)
    seen = False
    for detector in used.values():
        if detector.recognises(tree):
            seen = True
            yield from _guard(tree, detector, knowledge)
    if seen:
        return
    inner = _inner(tree)
    for count, name in enumerate(inner):
        if depth >= _DEPTH or count >= _MOST_INNER:
            why = (
                f"archives inside archives are opened to a depth of {_DEPTH} and up to {_MOST_INNER} of them"
            )
            yield NotChecked("archive", shown(name), f"It was not opened: {why}.")
            continue
        yield from _look_inside(tree, name, knowledge, used, depth)
    if not inner:
        why = "Nothing here is an acquisition that is understood: an iOS backup or an androidqf folder or archive."
        yield NotChecked("archive", shown(tree.name), why)


def _inner(tree: Tree) -> list[str]:
    """Archives inside; a tree that is one file itself was already tried."""
    if isinstance(tree, SingleFile):
        return []
    return [name for name in tree.names() if name.lower().endswith(_ARCHIVES)]


def _open_inner(tree: Tree, name: str) -> Tree:
    place = tree.place(name)
    if place is not None:
        return open_tree(place, name)
    budget = getattr(tree, "budget", None) or Budget(tree.size(name))
    with tree.open(name) as stream:
        return open_tree(private_copy(stream, budget), name, budget)


def _look_inside(
    tree: Tree, name: str, knowledge: KnowledgeBase, used: dict[str, Detector], depth: int
) -> Iterator[Finding | NotChecked | Examined]:
    try:
        inner = _open_inner(tree, name)
    except AmparoError as error:
        yield NotChecked("archive", shown(name), reason(error))
        return
    try:
        yield from _look(inner, knowledge, used, depth + 1)
    finally:
        inner.close()


def _guard(
    tree: Tree, detector: Detector, knowledge: KnowledgeBase
) -> Iterator[Finding | NotChecked | Examined]:
    """A detector that breaks is itself a part not checked: what it found before stands."""
    name = detector.DETECTOR.name
    try:
        yield from detector.identify(tree, knowledge)
    except AmparoError as error:
        yield NotChecked(name, shown(tree.name), reason(error))
    except (
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        RecursionError,
        MemoryError,
        OSError,
        EOFError,
    ) as error:
        yield NotChecked(
            name, shown(tree.name), f"not understood: the rest could not be read ({type(error).__name__})."
        )


def reason(error: AmparoError) -> str:
    prefix = {"encrypted": "encrypted: ", "too-large": "too large: ", "unreadable": "damaged: ",
              "not-understood": "not understood: "}.get(error.code, "")  # fmt: skip
    return f"{prefix}{error.says} {error.advice}".strip()
