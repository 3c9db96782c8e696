"""Words of other people's tables: which heading stands for which field, which text for which code."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

from amparo.words import questionnaires

_GAPS = re.compile(r"\W+")
_SPLIT = re.compile(r"[;,|/\n\u060c\u061b]")  # and the Arabic comma and semicolon


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("amparo.share").joinpath("data", "headings.toml").read_text(encoding="utf-8"))


def folded(text: str) -> str:
    """Text for comparing: without case, accents, Arabic vowel marks and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("\u0640", "")
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
    return _GAPS.sub(" ", kept).strip() or kept.strip()  # "?" alone says something, too


@cache
def headings() -> dict[str, str]:
    """Target by folded heading; the first to name a word keeps it."""
    found: dict[str, str] = {}
    for target, words in _data()["headings"].items():
        for word in words:
            found.setdefault(folded(word), target)
    for question in questionnaires.load("report").questions:
        found.setdefault(folded(question.code), question.code)
        found.setdefault(folded(question.text), question.code)
    return found


@cache
def codes(target: str) -> dict[str, str]:
    """Code by folded text for one question with choices, or for "language"."""
    found: dict[str, str] = {}
    question = questionnaires.load("report").question(target)
    options = question.options if question else ()
    for option in options:
        found[folded(option.code)] = found[folded(option.text)] = option.code
    kind = "yesno" if question is not None and question.kind == "yesno" else target
    known = {option.code for option in options} or set(_data()["values"].get(kind, {}))
    for code, words in _data()["values"].get(kind, {}).items():
        for word in words if code in known else ():
            found.setdefault(folded(word), code)
    return found


@cache
def months() -> dict[str, int]:
    """Number of the month by folded name."""
    found: dict[str, int] = {}
    for names in _data()["months"].values():
        for number, name in enumerate(names, start=1):
            found.setdefault(folded(name), number)
    return found


def parts(text: str) -> list[str]:
    """The values of a cell that holds several."""
    return [part.strip() for part in _SPLIT.split(text) if part.strip()]
