"""Where browsers went: Safari with its profiles and open tabs, Chrome, Firefox, and WebKit's own statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from amparo.identify.databases import Database
from amparo.identify.hosts import authority, is_address, normal_host
from amparo.identify.moments import apple, chrome, firefox
from amparo.identify.spyware.ios.messages import SHORTENERS
from amparo.identify.spyware.scan import Result, Scan, Tally
from amparo.words.times import Moment

_SECOND_LEVEL = {"co", "com", "org", "net", "gov", "ac", "edu", "gob", "or", "ne", "go"}


def safari(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Visits, and unencrypted pages that led to another site in less than a second."""
    database.require("history_visits", "id", "history_item", "visit_time")
    database.require("history_items", "id", "url")
    to = database.column_or_null("history_visits", "redirect_destination", "v.")
    came = database.column_or_null("history_visits", "redirect_source", "v.")
    query = (
        f"SELECT v.id, v.visit_time, i.url, {to}, {came} FROM history_visits v"  # noqa: S608
        " JOIN history_items i ON i.id = v.history_item"
    )
    # Redirects are few: only they are kept, and only their other ends are looked up again.
    visits: dict[int, _Visit] = {}
    pairs: set[tuple[int, int]] = set()
    match = scan.match
    for visit, time, url, destination, source in database.rows(query):
        tally.row(time)
        if type(url) is not str:
            continue
        if hits := match.url(url):
            yield from scan.known("site-contacted", hits, url, artefact, f"visit {visit}", apple(time))
        if destination is not None or source is not None:
            visits[visit] = _Visit(url, time)
            if type(destination) is int:
                pairs.add((visit, destination))
            if type(source) is int:
                pairs.add((source, visit))
    _complete(database, visits, {end for pair in pairs for end in pair} - set(visits))
    yield from _injections(scan, artefact, visits, pairs)


class _Visit(NamedTuple):
    url: str
    time: Any


def _complete(database: Database, visits: dict[int, _Visit], missing: set[int]) -> None:
    """Fetch the ends of redirects that name their partner while the partner does not name them."""
    query = (
        "SELECT v.id, v.visit_time, i.url FROM history_visits v JOIN history_items i ON i.id = v.history_item"
        " WHERE v.id = ?"
    )
    for number in sorted(missing):
        for visit, time, url in database.rows(query, number):
            if type(url) is str:
                visits[visit] = _Visit(url, time)


def _injections(
    scan: Scan, artefact: str, visits: dict[int, _Visit], pairs: set[tuple[int, int]]
) -> Iterator[Result]:
    for source, destination in sorted(pairs):
        here, there = visits.get(source), visits.get(destination)
        if here is None or there is None or here.url[:7].lower() != "http://":
            continue
        if type(here.time) not in (int, float) or type(there.time) not in (int, float):
            continue
        gap = there.time - here.time
        host = normal_host(authority(here.url))
        if not 0 <= gap < 1 or host in SHORTENERS or same_site(host, normal_host(authority(there.url))):
            continue
        yield scan.odd(
            "injected-redirect", f"{here.url} → {there.url}", artefact, f"visits {source} and {destination}",
            apple(here.time), milliseconds=round(gap * 1000),
        )  # fmt: skip


def same_site(one: str, other: str) -> bool:
    """Whether two hosts belong to one site, as well as it can be told without a list of public suffixes.

    Equal, one below the other, sub-domains of one registrable domain, or one name under two endings (example.org and
    example.net, www.example.org and www.example.net).
    """
    if not one or not other:
        return True
    if is_address(one) or is_address(other):
        return one == other
    if one == other or one.endswith("." + other) or other.endswith("." + one):
        return True
    (before, name, ending), (other_before, other_name, other_ending) = _parts(one), _parts(other)
    return name == other_name and (ending == other_ending or before == other_before)


def _parts(host: str) -> tuple[str, str, str]:
    """(sub-domain, registered name, ending) of a host; the ending has two labels in co.uk and the like."""
    labels = host.split(".")
    size = 2 if len(labels) >= 3 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 1
    if len(labels) <= size:
        return "", host, ""
    return ".".join(labels[: -size - 1]), labels[-size - 1], ".".join(labels[-size:])


def tabs(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Tabs open in Safari when the backup was made (BrowserState.db; SafariTabs.db since iOS 15)."""
    if not database.has("tabs") and database.has("bookmarks", "url"):
        for row, url in database.rows("SELECT ROWID, url FROM bookmarks WHERE url IS NOT NULL"):
            tally.row()
            if type(url) is str and (hits := scan.match.url(url)):
                yield from scan.known("site-contacted", hits, url, artefact, f"tab {row}")
        return
    database.require("tabs", "url")
    viewed = database.column_or_null("tabs", "last_viewed_time")
    for row, url, time in database.rows(f"SELECT ROWID, url, {viewed} FROM tabs"):  # noqa: S608
        tally.row(time)
        if type(url) is str and (hits := scan.match.url(url)):
            yield from scan.known("site-contacted", hits, url, artefact, f"tab {row}", apple(time))


def chrome_history(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Chrome on iOS."""
    database.require("visits", "url", "visit_time")
    database.require("urls", "id", "url")
    query = "SELECT v.ROWID, v.visit_time, u.url FROM visits v JOIN urls u ON u.id = v.url"
    yield from _visits(scan, database, artefact, tally, query, chrome)


def firefox_history(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Firefox on iOS, the older layout (browser.db)."""
    database.require("visits", "siteID", "date")
    database.require("history", "id", "url")
    query = "SELECT v.ROWID, v.date, h.url FROM visits v JOIN history h ON h.id = v.siteID"
    yield from _visits(scan, database, artefact, tally, query, firefox)


def _visits(
    scan: Scan,
    database: Database,
    artefact: str,
    tally: Tally,
    query: str,
    clock: Callable[[Any], Moment | None],
) -> Iterator[Result]:
    match = scan.match
    for row, time, url in database.rows(query):
        tally.row(time)
        if type(url) is str and (hits := match.url(url)):
            yield from scan.known("site-contacted", hits, url, artefact, f"visit {row}", clock(time))


def webkit(scan: Scan, database: Database, artefact: str, tally: Tally) -> Iterator[Result]:
    """Domains that WebKit observed for its protection against tracking (observations.db)."""
    database.require("ObservedDomains", "registrableDomain")
    for row, domain in database.rows("SELECT ROWID, registrableDomain FROM ObservedDomains"):
        tally.row()
        if type(domain) is str and (hits := scan.match.host(domain)):
            yield from scan.known("site-contacted", hits, domain, artefact, f"domain {row}")
