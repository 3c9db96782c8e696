"""Covering words wherever a case is read: the one place through which opened writings pass (opening.read_items).

Text is compared without case, accents, unseen signs and spaces; numbers also without what people put between the
digits, addresses also percent-decoded. Each covered stretch becomes the same block, so that not even a length is
told. Covers more rather than less: a part of a longer word is covered as well.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from amparo.desk import payloads
from amparo.desk.folding import FORMS, fold
from amparo.words import questionnaires
from amparo.words.errors import AmparoError

BLOCK: Final = "█████"
SHORTEST: Final = 2  # letters of a mask, without spaces: one letter would cover a whole case
_LOOSE: Final = 6  # letters from which numbers are compared without their separators
_CUT: Final = 4  # letters of a mask at the end of a text that a machine may have cut there
_BETWEEN = re.compile(r"(?<=\d)[-.()/]+(?=\d)")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_FIELD = re.compile(r"[a-z][a-z_0-9]*")  # a key that is a field of ours in what workers write
_NAMED = ("coverage",)  # ... whose own keys are names out of the evidence
_DAY = re.compile(r"\d{4}(?:-\d{2}){0,2}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Fields that hold a code or a setting and no word of a person. All other texts are covered, those of new fields too.
CODES: Final[dict[type, tuple[str, ...]]] = {
    payloads.Opening: ("language", "excluded", "gender"),  # whom the reporter keeps out is never changed
    payloads.Answers: ("questionnaire", "language"),
    payloads.Consent: ("purposes", "language"),
    payloads.FileMeta: ("type",),
    payloads.Message: ("language",),
    payloads.Decision: ("verdict",),
    payloads.StateChange: ("what", "value"),
    payloads.Event: ("venue", "act", "when"),
    payloads.Withdrawal: ("before",),
    payloads.TakenDown: ("way", "on_behalf"),
    payloads.Identity: ("text",),  # kept apart and asked for with a reason: there it must be readable
    payloads.Vetting: ("method", "outcome"),
    payloads.Triage: ("threats", "needs", "level", "refuted"),
    payloads.Task: ("state",),
    payloads.Walk: ("book", "node"),
    payloads.Agreement: ("by", "way"),
    payloads.CheckIn: ("what",),
    payloads.Twin: ("verdict",),
    payloads.Request: ("act", "answer"),
    payloads.Statement: ("what", "kind", "value", "marks", "by", "of", "origin"),
    payloads.Assessment: ("watch",),
}
# The same for what workers write (finding, exam, preview, conversation), by the name of the field
RAW_CODES: Final = frozenset({
    "is", "type", "kind", "code", "level", "category", "detector", "detector_version", "version", "versions",
    "digest", "media_type", "techniques", "playbook", "zone", "precision", "licence", "language", "verdict",
    "unit", "orders", "decided", "form",
})


def _solid(text: str) -> str:
    return fold(text).replace(" ", "")


def _plain_percent(text: str) -> str:
    return _PERCENT.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace"), text)


def _loose(text: str) -> str:
    return _BETWEEN.sub("", _solid(_plain_percent(text)))


class Cover:
    """The masks of one case."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        wanted = list(texts)
        self._strict = {form for text in wanted if len(form := _solid(text)) >= SHORTEST}
        self._loose = {
            form for text in wanted
            if len(form := _loose(text)) >= (_LOOSE if any(sign.isdigit() for sign in form) else SHORTEST)
        }

    def __bool__(self) -> bool:
        return bool(self._strict)

    def text(self, text: str, *, cut: bool = False) -> str:
        """The text with every masked stretch as BLOCK. `cut`: it may have been cut off in the midst of one."""
        if not self._strict or not text or not (cut or self._touches(text)):
            return text
        ranges = _ranges(*_letters(text, loose=False), self._strict, cut)
        ranges += _ranges(*_letters(text, loose=True), self._loose, cut)
        return _covered(text, ranges) if ranges else text

    def _touches(self, text: str) -> bool:
        strict, loose = _solid(text), _loose(text)
        return any(one in strict for one in self._strict) or any(one in loose for one in self._loose)

    def payload(self, payload: payloads.AnyPayload) -> payloads.AnyPayload:
        """An opened writing with its texts covered."""
        if not self:
            return payload
        if isinstance(payload, payloads.Answers):
            return msgspec.structs.replace(payload, answers=self._answers(payload))
        kept = CODES.get(type(payload), ())
        changed = {
            name: self._value(getattr(payload, name), False)
            for name in payload.__struct_fields__ if name not in kept
        }
        return msgspec.structs.replace(payload, **changed)

    def raw(self, raw: bytes) -> bytes:
        """The same for what a worker wrote; nothing where it cannot be read."""
        if not self:
            return raw
        try:
            return msgspec.msgpack.encode(self._value(msgspec.msgpack.decode(raw), True))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return b""

    def _answers(self, payload: payloads.Answers) -> dict[str, list[str]]:
        options = _options(payload.questionnaire)
        return {
            code: [value if value in options.get(code, ()) or _UUID.fullmatch(value) else self.text(value)
                   for value in values]
            for code, values in payload.answers.items()
        }

    def _value(self, value: Any, cut: bool) -> Any:
        if isinstance(value, str):
            return value if _UUID.fullmatch(value) else self.text(value, cut=cut)
        if isinstance(value, list | tuple):
            return type(value)(self._value(one, cut) for one in value)
        if isinstance(value, Mapping):
            return self._map(value, cut)
        return value

    def _map(self, value: Mapping[Any, Any], cut: bool, names: bool = False) -> dict[Any, Any]:
        """`names`: the keys are words out of the evidence (or of a sheet), not fields of ours."""
        found: dict[Any, Any] = {}
        for key, one in value.items():
            field = cut and not names and isinstance(key, str) and _FIELD.fullmatch(key)
            name = key if field or not isinstance(key, str) else self.text(key)
            while name in found:  # two that look alike once covered stay two
                name = f"{name} ·"
            if field and key in RAW_CODES:
                found[name] = one
            elif field and key in _NAMED and isinstance(one, Mapping):
                found[name] = self._map(one, cut, names=True)
            else:
                found[name] = self._value(one, cut)
        return found


def typed(payload: payloads.Answers) -> list[str]:
    """The answers that a person typed, without codes of options, ids of files and days."""
    options = _options(payload.questionnaire)
    return [
        value for code, values in payload.answers.items() for value in values
        if value not in options.get(code, ()) and not _UUID.fullmatch(value) and not _DAY.fullmatch(value)
    ]


@functools.cache
def _options(questionnaire: str) -> dict[str, frozenset[str]]:
    try:
        asked = questionnaires.load(questionnaire)
    except (AmparoError, OSError, ValueError, KeyError):
        return {}
    return {one.code: frozenset(option.code for option in one.options) for one in asked.questions}


def _letters(text: str, *, loose: bool) -> tuple[str, list[tuple[int, int]]]:
    """The form of a text, and for each letter of it the stretch of the text that it stands for."""
    signs: list[str] = []
    spans: list[tuple[int, int]] = []

    def take(piece: str, start: int, end: int) -> None:
        for letter in piece.translate(FORMS):
            if letter != " ":
                signs.append(letter)
                spans.append((start, end))

    at = 0
    for run in _PERCENT.finditer(text) if loose else ():
        for place in range(at, run.start()):
            take(text[place], place, place + 1)
        take(_plain_percent(run[0]), run.start(), run.end())
        at = run.end()
    for place in range(at, len(text)):
        take(text[place], place, place + 1)
    form = "".join(signs)
    if not loose:
        return form, spans
    gone = {place for found in _BETWEEN.finditer(form) for place in range(*found.span())}
    kept = [place for place in range(len(form)) if place not in gone]
    return "".join(form[place] for place in kept), [spans[place] for place in kept]


def _ranges(form: str, spans: list[tuple[int, int]], wanted: set[str], cut: bool) -> list[tuple[int, int]]:
    found = []
    for one in wanted:
        at = form.find(one)
        while at >= 0:
            found.append((spans[at][0], spans[at + len(one) - 1][1]))
            at = form.find(one, at + 1)
        if cut:
            longest = next((n for n in range(len(one) - 1, _CUT - 1, -1) if form.endswith(one[:n])), 0)
            if longest:
                found.append((spans[len(form) - longest][0], spans[-1][1]))
    return found


def _covered(text: str, ranges: list[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in _merged(text, ranges):
        parts += [text[at:start], BLOCK]
        at = end
    return "".join([*parts, text[at:]])


def _merged(text: str, ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches that overlap or touch become one; accents and unseen signs behind a stretch belong to it."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        while end < len(text) and FORMS[ord(text[end])] == "":
            end += 1
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def standing(masks: Iterable[tuple[payloads.Mask, bool]]) -> dict[UUID, payloads.Mask]:
    """The masks that stand, by id, from (mask, whether its origin is proven) in order.

    One of unproven origin still covers, since a colleague with new keys proves nothing any more and what they covered
    must stay covered; but only a proven writing takes one off, and the list of masks tells the difference.
    """
    found: dict[UUID, payloads.Mask] = {}
    for one, proven in masks:
        if not one.off:
            found.setdefault(one.mask, one)
        elif proven:
            found.pop(one.mask, None)
    return found
