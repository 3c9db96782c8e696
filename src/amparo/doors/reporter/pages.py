"""What every page of the reporter's door carries: language, way out, skin, and what is said honestly."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import formats, translation

from amparo.desk import clock, configuration, delegates, intake, profile, returning, waking
from amparo.doors.offered import NAMES, languages, said

_KEPT = re.compile(r"(?:^|&)(on|check|end)=([0-9]{1,3})(?=&|$)")
"""What of a query a change of language keeps: three names, where their value is a small number."""

_STATIC = Path(__file__).resolve().parents[1] / "static"


@cache
def _stylesheet_version() -> str:
    return hashlib.sha256((_STATIC / "amparo.css").read_bytes()).hexdigest()[:10]


@cache
def reviewers() -> dict[str, str]:
    """Language -> who reviewed its texts ("" while nobody has), from locale/reviewed.toml."""
    for folder in settings.LOCALE_PATHS:
        path = Path(folder) / "reviewed.toml"
        if path.is_file():
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            return {
                code: "" if entry.get("reviewed_by", "nobody yet") == "nobody yet" else entry["reviewed_by"]
                for code, entry in table.items()
                if isinstance(entry, dict)
            }
    return {}


def language_links(request: HttpRequest) -> list[dict[str, str]]:
    """This same page in the other languages. A page that only takes a form leads to the start instead."""
    here = translation.get_language() or "en"
    parts = request.path.split("/", 2)
    rest = parts[2] if len(parts) == 3 and parts[1] in NAMES else ""
    # Where one came from (filing, checking, "Enough") stays; nothing else of a query is ever repeated.
    flags = dict(_KEPT.findall(request.META.get("QUERY_STRING", "")))  # request.GET may be what was refused
    kept = "?" + "&".join(f"{name}={value}" for name, value in flags.items()) if rest and flags else ""
    return [
        {"code": code, "name": NAMES[code], "dir": "rtl" if translation.get_language_info(code)["bidi"] else "ltr",
         "href": f"/{code}/{rest}{kept}"}
        for code in languages() if code != here
    ]


def awake() -> dict[str, Any]:
    """Whether somebody can be woken now, or from when on, in the desk's own zone. Asked only where a page says it."""
    now = clock.now()
    found, zone = waking.standing(now), configuration.current().zone
    since = ""
    if found.since is not None:
        local = found.since.astimezone(profile.zone_named(zone))
        same_day = local.date() == now.astimezone(local.tzinfo).date()
        since = local.strftime("%H:%M") if same_day else f"{formats.date_format(local, 'l j F')}, {local:%H:%M}"
    return {"known": found.known, "awake": found.awake, "since": since, "zone": zone}


def context(request: HttpRequest, *, careful: bool = False) -> dict[str, Any]:
    """What base.html needs. `careful` leaves the session alone, for error pages: it may be what is broken."""
    desk = configuration.current()
    code = (translation.get_language() or "en").split("-")[0]
    draft = access = adding = None
    if not careful and hasattr(request, "session"):
        draft, access = intake.draft_of(request.session), returning.access_of(request.session)
        adding = delegates.adding_of(request.session)
    return {
        "desk": desk,
        "path": request.path,
        "hours": said(desk.hours, code),
        "awake": awake,
        "garden": desk.skin == "garden",
        "code": code,
        "dir": "rtl" if translation.get_language_bidi() else "ltr",
        "stylesheet": f"{settings.STATIC_URL}amparo.css?v={_stylesheet_version()}",
        "language_links": language_links(request),
        "home": f"/{code}/door/" if desk.skin == "garden" else f"/{code}/",
        "has_draft": draft is not None and not draft.sent,
        "has_access": access is not None or adding is not None,
        "reviewed": bool(reviewers().get(code, "")),
    }


def show(
    request: HttpRequest, template: str, values: Mapping[str, Any] | None = None, *, status: int = 200,
    careful: bool = False,
) -> HttpResponse:
    """A page of reporter/templates."""
    filled = {**context(request, careful=careful), **(values or {})}
    html = render_to_string(f"reporter/{template}", filled, request=None if careful else request)
    return HttpResponse(html, status=status)
