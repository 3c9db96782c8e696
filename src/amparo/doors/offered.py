"""What this desk offers, as its configuration says: languages, hours, emergency guidance, the way out."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from amparo.desk import clock, configuration

# Each language in its own script: who does not read the page must still find theirs.
NAMES: dict[str, str] = {"en": "English", "es": "Español", "fr": "Français", "ar": "العربية"}
NEUTRAL_PAGE = "https://www.wikipedia.org/"
"""Where "Leave this page" goes while a desk has chosen nothing else."""


def languages() -> tuple[str, ...]:
    """The languages this desk offers, among those there are catalogues for; never empty."""
    chosen = tuple(code for code in configuration.current().languages if code in NAMES)
    return chosen or ("en",)


def leave_url() -> str:
    """The neutral page, only ever by http or https."""
    chosen = str(configuration.current().leave_url or "")
    return chosen if chosen.startswith(("https://", "http://")) else NEUTRAL_PAGE


def said(written: str | Mapping[str, str], code: str) -> dict[str, str]:
    """What the desk wrote, in this language or else in another: `text`, and its `language` ("" where unknown)."""
    if isinstance(written, str):
        return {"language": "", "text": written.strip()}
    kept = {language: text.strip() for language, text in written.items() if text.strip()}
    language = code if code in kept else "en" if "en" in kept else next(iter(kept), "")
    return {"language": language, "text": kept.get(language, "")}


OLD = dt.timedelta(days=365)
"""After so long an entry says that it may have changed."""


def referrals(service: str, code: str) -> list[dict[str, Any]]:
    """Who helps with this outside the desk, as desk.toml says: never anybody whom the desk has not named itself."""
    today = clock.today()
    return [
        {"name": said(one.name, code), "reach": said(one.reach, code), "checked_on": one.checked_on,
         "old": today - one.checked_on > OLD}
        for one in configuration.current().referrals if one.service == service
    ]
