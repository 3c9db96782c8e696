"""`amparo identify`: examine files, folders and archives for traces of spyware."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amparo.words.errors import AmparoError

if TYPE_CHECKING:
    from amparo.identify import Exam, Examined, Summary
    from amparo.identify.knowledge import KnowledgeBase
    from amparo.words.findings import Finding, NotChecked

FOUND, WRONG_USAGE, NOT_CHECKED, NOTHING_READ = 1, 2, 3, 4
_LEVELS = ("high", "medium", "low", "info")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("identify")(identify)


def identify(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH...", help="Files, folders or archives.")
    ] = None,
    only: Annotated[str | None, typer.Option(metavar="NAME", help="Use only this detector.")] = None,
    knowledge: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Folder of more indicators; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    fail_on: Annotated[
        str | None,
        typer.Option(metavar="LEVEL", help="Leave with 1 at this level or above (high medium low info)."),
    ] = None,
    list_detectors: Annotated[
        bool, typer.Option("--list", help="List the detectors and the indicator sets.")
    ] = False,
    self_check: Annotated[
        bool,
        typer.Option("--self-check", help="Measure the detectors on the generated set that ships with them."),
    ] = False,
) -> None:
    """Examine what was copied from a phone.

    Leaves with 0 examined (whatever was found), 2 wrong usage, 3 something could not be checked,
    4 nothing could be read; with --fail-on LEVEL, 1 when something of that level was found.
    Nothing is ever sent anywhere.
    """
    if fail_on is not None and fail_on not in _LEVELS:
        raise AmparoError(f"There is no level “{fail_on}”.", advice="Choose high, medium, low or info.")
    base = _load(knowledge or [])
    if list_detectors or self_check:
        _list(base) if list_detectors else _self_check(base, only)
        return
    if not paths:
        raise AmparoError("Nothing was given to examine.", advice="Name a backup, a folder or an archive.")
    for path in paths:
        if not path.exists():
            raise AmparoError(
                f"There is nothing at {_plain(str(path))}.", advice="Check the spelling of the path."
            )
    status = _examine(paths, only, base, as_json, fail_on)
    if status:
        raise typer.Exit(status)


def _load(folders: list[Path]) -> KnowledgeBase:
    from amparo.identify import knowledge

    base = knowledge.load(folders) if folders else knowledge.load_shipped()
    for problem in base.problems:
        print(f"Left out: {_plain(problem)}", file=sys.stderr)
    return base


def _examine(
    paths: list[Path], only: str | None, base: KnowledgeBase, as_json: bool, fail_on: str | None
) -> int:
    from amparo.identify import examine
    from amparo.words.findings import Finding

    reached = False
    summaries = []
    for path in paths:
        exam = examine(path, path.name or str(path), base, only)
        if len(paths) > 1 and not as_json:
            print(f"== {_plain(str(path))} ==\n")
        with _Progress(as_json) as progress:
            for result in progress.watch(exam):
                if isinstance(result, Finding):
                    reached |= fail_on is not None and _LEVELS.index(result.level.value) <= _LEVELS.index(
                        fail_on
                    )
                progress.clear()
                print(_json_line(result) if as_json else _text(result))
        summaries.append(exam.summary())
        if not as_json:
            print(_block(summaries[-1]) + ("\n" if len(paths) > 1 else ""))
    if as_json:
        print(_dumps(_total(summaries, base)))
    else:
        print(_closing(base))
    if reached:
        return FOUND
    if not any(summary.examined for summary in summaries):
        return NOTHING_READ
    if any(summary.failed or not summary.examined for summary in summaries):
        return NOT_CHECKED
    return 0


class _Progress:
    """A line on the terminal that says which part was read last; nothing in a pipe."""

    def __init__(self, as_json: bool):
        self._status: Any = None
        if sys.stderr.isatty() and sys.stdout.isatty() and not as_json:
            from rich.console import Console

            self._status = Console(stderr=True).status("Reading…")

    def __enter__(self) -> _Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def watch(self, exam: Exam) -> Iterator[Finding | NotChecked]:
        """The results of an exam; the line is renewed at each."""
        for result in exam:
            if self._status:
                self._status.update(f"Read: {_plain(exam.now)}")
            yield result

    def clear(self) -> None:
        """rich moves the line by itself; here for the reader of the loop."""


def _plain(text: str) -> str:
    from amparo.identify.trees.naming import shown

    return shown(text, 2000)


def _dumps(value: object) -> str:
    import json

    # ASCII only: whatever stands in evidence cannot move the cursor of a terminal.
    return json.dumps(value, ensure_ascii=True)


def _json_line(result: Finding | NotChecked) -> str:
    import msgspec

    from amparo.words.findings import Finding

    plain = msgspec.to_builtins(result)
    if isinstance(result, Finding):
        first, *others = plain["knowledge"] or [{}]
        plain["knowledge"] = first | ({"also": others} if others else {})
        plain = {"type": plain.pop("type", "finding"), **plain}
    return _dumps(plain)


def _total(summaries: list[Summary], base: KnowledgeBase) -> dict[str, object]:
    examined = [part for summary in summaries for part in summary.examined]
    return {
        "type": "summary",
        "examined": {
            "sources": len(summaries),
            "rows": sum(part.rows for part in examined),
            "first": min((summary.first_day for summary in summaries if summary.first_day), default=None),
            "last": max((summary.last_day for summary in summaries if summary.last_day), default=None),
            "parts": [
                {
                    "detector": part.detector,
                    "part": part.part,
                    "rows": part.rows,
                    "first": part.first and part.first.at.isoformat(),
                    "last": part.last and part.last.at.isoformat(),
                }
                for part in examined
            ],
        },
        "findings": sum(summary.findings for summary in summaries),
        "by_level": {level: sum(summary.by_level[level] for summary in summaries) for level in _LEVELS},
        "not_checked": sum(summary.not_checked for summary in summaries),
        "says": " ".join(dict.fromkeys(summary.says for summary in summaries)),
        "knowledge": {
            "indicators": base.indicators,
            "not_understood": base.not_understood,
            "digest": base.digest,
            "old": [found.name for found in _old(base)],
        },
    }


def _old(base: KnowledgeBase) -> list[Any]:
    from datetime import UTC, datetime

    return list(base.older_than(datetime.now(UTC).date()))


def _text(result: Finding | NotChecked) -> str:
    from amparo.words.findings import Finding
    from amparo.words.times import written

    if not isinstance(result, Finding):
        return f"[not checked] {_plain(result.part)}\n  {_plain(result.why)}\n"
    place = result.where.artefact + (f", {result.where.row}" if result.where.row else "")
    lines = [
        f"[{result.level.value}] {result.category.value}: {result.seen}",
        f"  Where: {place}" + (f"   When: {written(result.when)}" if result.when else ""),
        f"  {result.says}",
        f"  Why it matters: {result.matters}",
        f"  What it does not mean: {result.does_not_say}",
    ]
    lines += [
        f"  Indicator: {known.collection}, {known.maintainer}, {known.licence}" for known in result.knowledge
    ]
    return "\n".join(map(_plain, lines)) + "\n"


def _block(summary: Summary) -> str:
    """What was looked at in one path, and the sentence that sums it up."""
    covered = f", from {summary.first_day} to {summary.last_day} only" if summary.first_day else ""
    parts = len(summary.examined)
    lines = [f"Looked at {summary.rows} rows in {parts} {'part' if parts == 1 else 'parts'}{covered}."]
    lines += [f"  {_plain(part.part)}: {part.rows}{_days(part)}" for part in summary.examined]
    return "\n".join([*lines, summary.says])


def _closing(base: KnowledgeBase) -> str:
    lines = [f"Compared with {base.indicators} indicators (digest {base.digest[:16]})."]
    old = _old(base)
    if old:
        lines.append(f"{len(old)} of {len(base.collections)} indicator sets are old (more than 90 days).")
    return "\n".join(lines)


def _days(part: Examined) -> str:
    if part.first is None or part.last is None:
        return ""
    return f", {part.first.at.date()} to {part.last.at.date()}"


def _list(base: KnowledgeBase) -> None:
    from amparo.identify import detectors

    for name, detector in detectors().items():
        manifest = detector.DETECTOR
        print(f"{name}, version {manifest.version}")
        for label, text in (
            ("Reads", "; ".join(manifest.reads)),
            ("Can show", manifest.can_show),
            ("Cannot show", manifest.cannot_show),
            ("Costs", manifest.cost),
        ):
            print(f"  {label}: {text}")
    old = {found.name for found in _old(base)}
    print("\nIndicator sets")
    for found in base.collections.values():
        age = ", old" if found.name in old else ""
        changed = ", changed" if found.changed else ""
        print(
            f"  {found.name}: {found.indicators} indicators, {found.maintainer}, {found.licence}{changed}, "
            f"{found.dated or 'no date'}{age}, digest {found.digest[:16]}"
        )
    print(f"  Together {base.indicators} indicators; {base.not_understood} entries were not understood.")


def _self_check(base: KnowledgeBase, only: str | None) -> None:
    from amparo.identify.detectors import chosen

    print("Measured on generated acquisitions with planted traces and look-alikes, not on real phones.")
    for name, detector in chosen(only).items():
        measure = getattr(detector, "self_check", None)
        if measure is None:
            print(f"{name}: ships without a set to measure it on.")
            continue
        for check in measure(base):
            found = check.found
            precision = found / (found + check.false) if found + check.false else 0.0
            recall = found / check.plants if check.plants else 0.0
            print(
                f"{name}, {check.kind}: precision {precision:.3f}, recall {recall:.3f} "
                f"({found} of {check.plants} plants, {check.false} of {check.lookalikes} look-alikes)"
            )
