"""Prepared replies as data (replies.toml): where a person's own words begin. Nothing here sends anything."""

import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files

import msgspec

OTHERWISE = "en"  # the text shown where a language has none


class Prepared(msgspec.Struct, frozen=True):
    """One reply. `purpose` is an English message id; `reviewed_by` "" where nobody has read that language."""

    code: str
    purpose: str
    texts: dict[str, str]
    reviewed_by: dict[str, str]

    def text(self, language: str) -> tuple[str, str]:
        """(text, the language it is in): English where there is none in the one asked for."""
        spoken = language if language in self.texts else OTHERWISE
        return self.texts[spoken].strip(), spoken


class _File(msgspec.Struct, frozen=True):
    version: int
    source: str
    checked_on: dt.date
    replies: tuple[Prepared, ...]


@cache
def load() -> _File:
    """The packaged replies."""
    return msgspec.convert(
        tomllib.loads(files("amparo.desk").joinpath("replies.toml").read_text(encoding="utf-8")), _File
    )


def prepared(code: str) -> Prepared | None:
    """The reply of this code."""
    return next((one for one in load().replies if one.code == code), None)
