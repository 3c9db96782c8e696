"""The fictional reports of the demonstration, as data (demo_data/reports.toml)."""

import datetime as dt
from functools import cache
from importlib.resources import files

import msgspec

# What a person answers who is in no danger now: silence would be a doubt of its own (mitigate).
CALM = {
    "danger": ["no"], "dated-threat": ["no"], "earlier-offline": ["no"], "soon": ["none"], "target": ["me"],
}


class DemoReport(msgspec.Struct, frozen=True, kw_only=True):
    """One fictional report. `case` names the demo case of a threat (words.threats); `twin` marks near duplicates."""

    name: str
    language: str
    ago: int
    text: str
    consents: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    answers: dict[str, list[str]] = {}
    case: str = ""
    twin: str = ""
    bare: bool = False

    def given(self, today: dt.date) -> dict[str, list[str]]:
        """Its answers as the questionnaire takes them."""
        told = {} if self.bare else dict(CALM)
        told["when"] = [(today - dt.timedelta(days=self.ago)).isoformat()]
        return told | self.answers | {"what-happened": [self.text.strip()]}


class _File(msgspec.Struct, frozen=True):
    reports: tuple[DemoReport, ...]


@cache
def load() -> tuple[DemoReport, ...]:
    """All of them, in the order of the file."""
    raw = files("amparo.desk").joinpath("demo_data", "reports.toml").read_bytes()
    return msgspec.toml.decode(raw, type=_File).reports
