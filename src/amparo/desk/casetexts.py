"""The texts of a case that people wrote or sent, for search and for comparing: covered, and without what we wrote."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from amparo.desk import masking, payloads
from amparo.desk.examining import read_exam, read_finding
from amparo.desk.opening import Read
from amparo.words.findings import Finding

KINDS = (
    "answers", "message", "note", "event", "file", "result", "decision", "state", "task", "hand-over", "imported",
    "vetting", "wave", "finding", "exam", "conversation", "statement",
    "agreement",
    "mask",  # so that the reader of many has them at hand
)
ACCOUNT = ("answers", "imported")
EXAMINED = "examined · examinado · examiné · مفحوص"  # one line for colleagues of all languages, as sheets have none
LONGEST = 100_000  # letters of one case


def told(reads: Iterable[Read]) -> list[str]:
    """All texts, the account first, then in the order in which they were written; LONGEST letters at most."""
    everything = list(reads)
    found = account(everything)
    left = LONGEST - sum(map(len, found))
    for one in everything:
        for text in () if one.item.kind in ACCOUNT else _texts(one):
            if left <= 0:
                return found
            if text.strip():
                found.append(text[:left])
                left -= len(text)
    return found


def account(reads: Iterable[Read]) -> list[str]:
    """What was told when the report came: what makes two reports alike, whatever was said since."""
    found: list[str] = []
    left = LONGEST
    for one in reads:
        for text in _texts(one) if one.item.kind in ACCOUNT else ():
            if text.strip() and left > 0:
                found.append(text[:left])
                left -= len(text)
    return found


def _texts(one: Read) -> Iterator[str]:
    payload = one.payload
    if isinstance(payload, payloads.Answers):
        if one.item.channel == "staff" and one.proven:
            yield from masking.typed(payload)
    elif isinstance(payload, payloads.Message | payloads.Note | payloads.Event | payloads.HandOver | payloads.Vetting
                    | payloads.Statement | payloads.Agreement):
        yield payload.text
    elif isinstance(payload, payloads.FileMeta):
        yield payload.name
    elif isinstance(payload, payloads.Result):
        yield payload.text
    elif isinstance(payload, payloads.Decision | payloads.StateChange):
        yield payload.why
    elif isinstance(payload, payloads.Task):
        yield from (payload.text, payload.outcome)
    elif isinstance(payload, payloads.Imported):
        yield from payload.cells.values()
    elif isinstance(payload, payloads.Wave):
        yield payload.title
    elif one.item.kind == "finding" and one.proven:
        try:
            yield from _of_finding(read_finding(one.raw).finding)
        except msgspec.DecodeError:
            return
    elif one.item.kind == "exam" and one.proven:
        try:
            exam = read_exam(one.raw)
        except msgspec.DecodeError:
            return
        if exam.code == "done":
            yield f"{EXAMINED} ({exam.detected})" if exam.detected else EXAMINED
    elif one.item.kind == "conversation" and one.proven:
        try:
            yield from _strings(msgspec.msgpack.decode(one.raw))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return


def _of_finding(finding: Finding) -> Iterator[str]:
    """What was seen, what it says, and the sets that know it: "Pegasus" stands in the name of a set alone."""
    yield from (finding.seen, finding.says)
    yield from dict.fromkeys(
        name for known in finding.knowledge for name in (known.collection, *known.collections) if name
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in masking.RAW_CODES:
                yield from _strings(one)
