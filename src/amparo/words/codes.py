"""Code lists: stable codes with a name and a definition in our own plain English words.

A code never changes its meaning and is never used twice; a text may be improved. Names and definitions are
English message ids: the doors translate them with gettext, so nothing here depends on a language.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from amparo.words.errors import AmparoError


class UnknownCode(AmparoError):
    """A code that is in no list of ours."""

    code = "unknown-code"
    advice = "Choose one of the codes of the list."


class Entry(msgspec.Struct, frozen=True):
    """One code.

    `name` is a short label, `definition` one or two sentences; `maps` holds foreign vocabularies.
    """

    code: str
    name: str
    definition: str = ""
    maps: dict[str, str] = {}


class CodeList(msgspec.Struct, frozen=True):
    """An ordered list of entries with the source it was written from and the day that source was checked."""

    name: str
    source: str
    checked_on: date
    entries: tuple[Entry, ...]
    requirement: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in the order of the list."""
        return tuple(entry.code for entry in self.entries)

    def get(self, code: str) -> Entry:
        """The entry with this code; UnknownCode when there is none."""
        for entry in self.entries:
            if entry.code == code:
                return entry
        raise UnknownCode(f"“{code}” is not a code of the list “{self.name}”.")

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def read_toml(name: str) -> dict[str, Any]:
    """A packaged data file of this room as plain values."""
    return tomllib.loads(files("amparo.words").joinpath("data", name).read_text(encoding="utf-8"))


@cache
def _all() -> dict[str, CodeList]:
    raw = read_toml("lists.toml")
    return {name: msgspec.convert({"name": name, **body}, CodeList) for name, body in raw.items()}


def load(name: str) -> CodeList:
    """The code list of that name from data/lists.toml."""
    try:
        return _all()[name]
    except KeyError:
        raise UnknownCode(f"There is no code list “{name}”.") from None


def names() -> tuple[str, ...]:
    """The names of all code lists."""
    return tuple(_all())
