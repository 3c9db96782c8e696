"""What the child does for an exam: is it a phone, may it be looked at, and then the detectors.

Runs behind the walls only. It knows the evidence and the indicators, never the case.
"""

import functools
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from amparo import seal
from amparo.desk.exam_child import Job, Send
from amparo.desk.sandbox.wire import FINDINGS_LIMIT, TEXT_LIMIT, Ended
from amparo.words.findings import Finding, NotChecked

if TYPE_CHECKING:
    from amparo.identify.knowledge import KnowledgeBase

_MORE = FINDINGS_LIMIT - 200  # what a single file may bring home before the rest is only counted
_NEEDED = (
    "yaml", "amparo.identify.databases", "amparo.identify.examining", "amparo.identify.knowledge",
    "amparo.identify.trees.archives", "amparo.identify.trees.folders",
)


class _Name(msgspec.Struct):
    """The one field of a file's sealed facts that an exam needs."""

    name: str = ""


def preload(level: str) -> None:
    """What reads program files, done before the walls. Indicators too where nothing can be opened behind them."""
    from amparo.identify import detectors, knowledge

    for name in _NEEDED:
        importlib.import_module(name)
    detectors()
    if level == "seccomp":
        knowledge.load_shipped()


def version(folders: tuple[str, ...] = ()) -> str:
    """Which detectors and which indicators an exam would use now, as one short code (for "done already").

    Read again when a file of the desk's own folders changed. Errors: NoKnowledge.
    """
    return _version(folders, tuple(sorted(_stamps(folders))))


def _stamps(folders: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    for folder in folders:
        for path in Path(folder).rglob("*"):
            found = path.stat()
            yield str(path), found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=1)
def _version(folders: tuple[str, ...], stamps: tuple[tuple[str, int, int], ...]) -> str:
    import hashlib

    from amparo.identify import detectors, knowledge

    parts = [f"{name} {found.DETECTOR.version}" for name, found in sorted(detectors().items())]
    base = knowledge.load([Path(folder) for folder in folders])
    parts.append(f"indicators {base.digest}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def examine(job: Job, send: Send) -> None:
    """Findings and gaps as they come, the coverage at the end. Whatever the evidence does is a code."""
    from amparo import identify

    try:
        name = msgspec.msgpack.decode(job.meta(), type=_Name).name or "the file"
        job.verify()
        evidence = job.open()
        if not job.options.get("device_consent") and identify.device_evidence(evidence, name):
            send(Ended("needs-device-consent", detected="device"))
            return
        evidence.seek(0)
        exam = identify.examine(evidence, name, _base(job, evidence, name))
        sent = left = 0
        for result in exam:
            if sent < _MORE:
                send(_short(result))
                sent += 1
            else:
                left += 1
        if left:
            why = f"{left} more results were counted but not kept: too many for one file."
            send(NotChecked("exam", "the rest", why))
    except seal.Tampered:
        send(Ended("tampered"))
        return
    summary = exam.summary()
    coverage = {part.part[:200]: part.rows for part in summary.examined[:60]}
    send(  # a file that nobody read must never look like one in which nothing was found
        Ended(
            "done" if summary.examined or summary.findings else "nothing-read",
            detected=",".join(sorted({part.detector for part in summary.examined})), coverage=coverage,
            versions=dict(list(summary.detectors.items())[:60]), indicators=summary.indicators,
            digest=summary.knowledge_digest, says=summary.says,
        )
    )


def _base(job: Job, evidence: BinaryIO, name: str) -> "KnowledgeBase":
    """The indicators; none where only phones are compared with any and this is no phone (it is said: 0 indicators)."""
    from amparo import identify
    from amparo.identify import knowledge

    only_devices = all(found.DETECTOR.device for found in identify.detectors().values())
    needed = not only_devices or identify.device_evidence(evidence, name)
    evidence.seek(0)
    if not needed:
        return knowledge.KnowledgeBase()
    folders = job.options.get("knowledge", ())
    if isinstance(folders, tuple) and folders:
        return knowledge.load([Path(folder) for folder in folders])
    return knowledge.load_shipped()


def _short(result: Finding | NotChecked) -> Finding | NotChecked:
    """Evidence decides how long a value is; the wire does not carry more than TEXT_LIMIT of it."""
    changed = {}
    for field in result.__struct_fields__:
        value = getattr(result, field)
        if isinstance(value, str) and len(value) > TEXT_LIMIT:
            changed[field] = value[: TEXT_LIMIT - 2] + " …"
    return msgspec.structs.replace(result, **changed) if changed else result
