"""One thing to do next, short enough to be read under stress."""

from datetime import date

import msgspec


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step of first aid. `stage` is safety, stop, evidence, fix or prevent, and steps keep that order.

    `unreviewed` is True until a person who knows the language and the field has signed `reviewed_by`; the
    page must show it. `language` is the language of the text.
    """

    code: str
    text: str
    stage: str
    threat: str
    language: str
    source: str
    checked_on: date
    reviewed_by: str = ""
    unreviewed: bool = True


STAGES: tuple[str, ...] = ("safety", "stop", "evidence", "fix", "prevent")
"""Physical safety first, then stop the harm, keep the evidence, mend, prevent."""
