"""Shared by all readers: builds findings, counts rows, and turns every failure into a part not checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from amparo.identify.detectors import Examined
from amparo.identify.examining import ABSENT, reason
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware.matcher import Hits, Matcher
from amparo.identify.spyware.messages import Candidate, candidates
from amparo.identify.spyware.oddities import ODD
from amparo.identify.spyware.phrases import KNOWN, NATURES, WEBSITE
from amparo.identify.trees.naming import shown
from amparo.words.errors import AmparoError
from amparo.words.findings import LEVELS, Finding, Knowledge, Level, NotChecked, Where
from amparo.words.times import Moment

NAME, VERSION = "spyware", "1"
_MOST_ALIKE = 200
_BREAKS = (
    ValueError, TypeError, LookupError, ArithmeticError, RecursionError, MemoryError, OSError, EOFError,
    AttributeError, AssertionError,
)  # fmt: skip
Result = Finding | NotChecked | Examined


class Tally:
    """Rows read in one part, and the first and last raw time among them."""

    def __init__(self, clock: Callable[[Any], Moment | None] | None = None):
        self.rows = 0
        self._first: float | None = None
        self._last: float | None = None
        self._clock = clock

    def row(self, when: Any = None) -> None:
        """Count one row; `when` is the raw value of its time column."""
        self.rows += 1
        # Zero and negative values are how phones write "never".
        if (type(when) is int or type(when) is float) and when > 0:
            if self._first is None or when < self._first:
                self._first = when
            if self._last is None or when > self._last:
                self._last = when

    def examined(self, part: str) -> Examined:
        clock = self._clock or (lambda _: None)
        return Examined(NAME, part, self.rows, clock(self._first), clock(self._last))


class Scan:
    """One exam of one acquisition."""

    def __init__(self, knowledge: KnowledgeBase):
        self.match = Matcher(knowledge)
        self.alike: Counter[tuple[str, ...]] = Counter()

    def known(
        self, what: str, hits: Hits, seen: str, artefact: str, row: Any = None, when: Moment | None = None,
        pointer: str | None = None,
    ) -> Iterator[Finding]:  # fmt: skip
        """A finding for indicators that matched; after 200 alike in one artefact only counted."""
        key = (what, artefact, *dict.fromkeys(hit.value for hit in hits))
        self.alike[key] += 1
        if self.alike[key] > _MOST_ALIKE:
            return
        phrase = KNOWN[what]
        natures = [hit.nature if hit.nature in NATURES else "spyware" for hit in hits]
        website = all(hit.role == "website" for hit in hits)
        level = min((NATURES[nature][2] for nature in natures), key=LEVELS.index)
        heaviest = next(nature for nature in natures if NATURES[nature][2] == level)
        word, described, _ = NATURES[heaviest]
        if website:
            level = LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)]
        about = ", ".join(dict.fromkeys(hit.about for hit in hits))
        yield Finding(
            detector=NAME, detector_version=VERSION, code=f"{word}-{what}", level=level, category=phrase.category,
            seen=shown(seen), where=_where(artefact, row, pointer), when=when,
            says=phrase.says.format(described=described.format(about=shown(about))), matters=phrase.matters,
            does_not_say=phrase.does_not_say + (WEBSITE if website else ""), knowledge=self.match.cite(hits),
            techniques=phrase.techniques, playbook=_playbook(word),
        )  # fmt: skip

    def odd(
        self, code: str, seen: str, artefact: str, row: Any = None, when: Moment | None = None,
        pointer: str | None = None, level: Level | None = None, **fields: object,
    ) -> Finding:  # fmt: skip
        """A finding of a heuristic; `fields` fill the sentence."""
        phrase = ODD[code]
        rule = Knowledge(
            f"rule: {phrase.rule}", "amparo/heuristics", "Amparo", "Apache-2.0", f"version {VERSION}"
        )
        filled = {name: shown(str(value), 200) for name, value in fields.items()}
        return Finding(
            detector=NAME, detector_version=VERSION, code=code, level=level or phrase.level,
            category=phrase.category, seen=shown(seen), where=_where(artefact, row, pointer), when=when,
            says=phrase.says.format(**filled), matters=phrase.matters, does_not_say=phrase.does_not_say,
            knowledge=(rule,), techniques=phrase.techniques, playbook="spyware",
        )  # fmt: skip

    def texts(self, text: str, artefact: str, row: Any, when: Moment | None) -> Iterator[Finding]:
        """Findings for every known link, domain or mailbox in a message."""
        yield from self.links(candidates(text), artefact, row, when)

    def links(
        self, found: list[Candidate], artefact: str, row: Any, when: Moment | None
    ) -> Iterator[Finding]:
        """The same, for candidates that were already taken out of the message."""
        for seen, hits in self.match.among(found):
            what = "mailbox-seen" if all(hit.kind == "email" for hit in hits) else "link-received"
            yield from self.known(what, hits, seen, artefact, row, when)

    def many_alike(self) -> Iterator[NotChecked]:
        """What was only counted because the same indicator matched in very many rows."""
        for (_, artefact, *values), count in self.alike.items():
            if count > _MOST_ALIKE:
                more = count - _MOST_ALIKE
                why = f"{more} further rows that match “{shown(values[0])}” were counted and not listed."
                yield NotChecked(NAME, shown(artefact), why)

    def part(self, name: str, tally: Tally, work: Callable[[], Iterator[Result]]) -> Iterator[Result]:
        """Run one part. Its findings stand even if it breaks; then it is also not checked, with the reason."""
        try:
            yield from work()
        except AmparoError as error:
            after = f" {tally.rows} rows were read before that." if tally.rows else ""
            if tally.rows:
                yield tally.examined(name)
            yield NotChecked(NAME, name, reason(error) + after)
            return
        except _BREAKS as error:
            if tally.rows:
                yield tally.examined(name)
            why = f"not understood: the content has a form that is not known here ({type(error).__name__})."
            yield NotChecked(NAME, name, why)
            return
        if tally.rows:
            yield tally.examined(name)
        else:
            yield NotChecked(NAME, name, "empty: it was opened, but no row was in it, so it shows nothing.")


def absent(part: str, why: str) -> NotChecked:
    """A part of an app that is not on the phone: told, but not a failure."""
    return NotChecked(NAME, part, ABSENT + why)


def not_checked(part: str, why: str) -> NotChecked:
    """A part that should be there and could not be examined."""
    return NotChecked(NAME, part, why)


def _where(artefact: str, row: Any, pointer: str | None) -> Where:
    return Where(shown(artefact), None if row is None else shown(str(row)), pointer and shown(pointer))


def _playbook(word: str) -> str:
    return {"stalkerware": "stalkerware", "watchware": "stalkerware", "phishing": "phishing"}.get(
        word, "spyware"
    )
