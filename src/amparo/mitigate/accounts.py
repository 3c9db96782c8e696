"""What to do about an account, service by service: locked out, somebody else is in, how to harden it.

Names, pages and what could be checked stand once in accounts/services.toml; the words in accounts/<language>.toml.
Services change their pages without telling anybody, so each list carries the day on which its sources were read, and
each line that rests on none of them says so.
"""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from amparo.mitigate.steps import LANGUAGES, spoken
from amparo.words.errors import AmparoError

SECTIONS: dict[str, str] = {
    "locked": "You cannot get in",
    "intruder": "Somebody else is in",
    "harden": "So that it does not happen",
    "proof": "What is asked as proof",
    "avoid": "Better not",
}
"""Sections of a list in their order, with their headings as English message ids."""


class AccountsBroken(AmparoError):
    """A list of accounts that cannot be used. It is for its author, never for a reporter."""

    code = "accounts-broken"
    advice = "Mend the file in mitigate/accounts."


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service without words. `checked_on` is None where none of its own pages could be read."""

    name: str
    read: tuple[str, ...]
    unread: tuple[str, ...]
    unchecked: tuple[str, ...]
    checked_on: date | None = None


class Common(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for every account: before anything else, and better not."""

    before: tuple[str, ...]
    avoid: tuple[str, ...]


class Line(msgspec.Struct, frozen=True):
    """One piece of advice, and whether a page of the service that was read says so."""

    text: str
    checked: bool


class List(msgspec.Struct, frozen=True, kw_only=True):
    """The list of one service in one language: section -> lines."""

    code: str
    service: Service
    language: str
    reviewed_by: str
    common: Common
    sections: dict[str, tuple[Line, ...]]

    @property
    def unreviewed(self) -> bool:
        """True until a person who knows the field has signed these words."""
        return not self.reviewed_by.strip()


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All lists of one language."""

    language: str
    reviewed_by: str
    common: Common
    services: dict[str, dict[str, tuple[str, ...]]]


def _text(name: str) -> str:
    return files("amparo.mitigate").joinpath("accounts", name).read_text(encoding="utf-8")


def services(text: str) -> dict[str, Service]:
    """Services from their file's text; AccountsBroken when a day and the pages that were read contradict."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
        found = msgspec.convert(raw["services"], dict[str, Service])
    except (tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as wrong:
        raise AccountsBroken(f"The services cannot be read: {wrong}.") from None
    for code, service in found.items():
        if (service.checked_on is None) != (not service.read):
            raise AccountsBroken(f"{code}: a day of checking and pages that were read belong together.")
    return found


def words(text: str, of: dict[str, Service], language: str) -> Words:
    """The words of one language; AccountsBroken when they do not fit the services."""
    try:
        found = msgspec.convert(tomllib.loads(text), Words)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise AccountsBroken(f"{language}: the words cannot be read: {wrong}.") from None
    if found.language != language or list(found.services) != list(of):
        raise AccountsBroken(f"{language}: the services are not those of services.toml, in their order.")
    for code, sections in found.services.items():
        if list(sections) != list(SECTIONS) or not all(sections.values()):
            raise AccountsBroken(f"{language}/{code}: each section must be there, in order, with a line.")
        places = {f"{name}.{number}" for name, lines in sections.items() for number in range(1, len(lines) + 1)}
        if gone := set(of[code].unchecked) - places:
            raise AccountsBroken(f"{language}/{code}: there is no line “{min(gone)}”.")
    return found


@cache
def _services() -> dict[str, Service]:
    return services(_text("services.toml"))


@cache
def _words(language: str) -> Words:
    return words(_text(f"{language}.toml"), _services(), language)


def codes() -> tuple[str, ...]:
    """Codes of the services, in the order in which they are offered."""
    return tuple(_services())


def load(code: str, language: str) -> List | None:
    """The list of a service in this language, in English where we have none; None for an unknown code."""
    service = _services().get(code)
    if service is None:
        return None
    said = _words(spoken(language))
    return List(code=code, service=service, language=said.language, reviewed_by=said.reviewed_by, common=said.common,
                sections={name: tuple(Line(line, f"{name}.{number}" not in service.unchecked)
                                      for number, line in enumerate(lines, 1))
                          for name, lines in said.services[code].items()})


def all_texts() -> tuple[str, ...]:
    """Every English message id of this file, for translation."""
    return tuple(SECTIONS.values())


__all__ = ["LANGUAGES", "SECTIONS", "AccountsBroken", "List", "all_texts", "codes", "load", "services", "words"]
