"""Indicator lists that are not STIX: lines of text, CSV with a header, and the stalkerware YAML."""

import csv
import io
from typing import Any

from amparo.identify.stix import Entry, Published

_STEMS = {"domains": "host", "ips": "ip", "emails": "email", "sha256": "hash", "samples": "hash", "hashes": "hash",
          "files": "filename", "processes": "process", "apps": "app", "urls": "url", "paths": "path"}  # fmt: skip
_COLUMNS = {"domain_name": "host", "domain": "host", "host": "host", "url": "url", "ip_address": "ip", "ip": "ip",
            "sha256": "hash", "sha1": "hash", "md5": "hash", "email": "email", "process": "process"}  # fmt: skip
# Column `Certificate` of samples.csv holds, among others, the public test key of Android: never an indicator.
_ABOUT = ("app", "description", "name", "campaign")
_TYPES = {"domain": "host", "ipv4": "ip", "ip": "ip", "url": "url", "email": "email", "sha256": "hash"}


def read_lines(text: str, stem: str) -> Published | None:
    """One value a line; the file's name tells the kind (domains.txt, v2_domains.txt, ips.txt …). None for others."""
    kind = _STEMS.get(stem.rpartition("_")[2].lower())
    if kind is None:
        return None
    lines = (line.strip() for line in text.splitlines())
    return Published([Entry(kind, line) for line in lines if line and not line.startswith("#")], "", 0)


def read_csv(text: str) -> Published | None:
    """CSV whose header names columns of indicators, or with the columns `type` and `indicator`. None for others."""
    rows = csv.reader(io.StringIO(text))
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        columns = [(index, _COLUMNS[name]) for index, name in enumerate(header) if name in _COLUMNS]
        typed = (
            (header.index("type"), header.index("indicator"))
            if {"type", "indicator"} <= set(header)
            else None
        )
        if not columns and typed is None:
            return None
        about_at = next((header.index(name) for name in _ABOUT if name in header), None)
        entries: list[Entry] = []
        unread = 0
        for row in rows:
            about = row[about_at].strip() if about_at is not None and about_at < len(row) else ""
            if typed is not None:
                kind = _TYPES.get(row[typed[0]].strip().lower()) if max(typed) < len(row) else None
                if kind is None:
                    unread += 1
                    continue
                entries.append(Entry(kind, row[typed[1]].strip(), about))
            entries.extend(
                Entry(kind, row[index].strip(), about)
                for index, kind in columns
                if index < len(row) and row[index].strip()
            )
    except csv.Error:
        return None
    return Published(entries, "", unread)


def read_yaml(text: str) -> Published | None:
    """A list of apps as Echap's stalkerware-indicators writes it (name, packages, certificates, websites, c2 …)."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        apps = yaml.load(text, Loader=loader)  # noqa: S506 - the safe loader, in C where there is one
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    if not isinstance(apps, list) or not any(isinstance(app, dict) and "name" in app for app in apps):
        return None
    entries: list[Entry] = []
    unread = 0
    for app in apps:
        if not isinstance(app, dict) or not isinstance(app.get("name"), str):
            unread += 1
            continue
        about = app["name"]
        nature = str(app.get("type", "")).strip().lower()
        given_control = app.get("c2")
        control: dict[Any, Any] = given_control if isinstance(given_control, dict) else {}
        for kind, values, role in (
            ("app", app.get("packages"), ""),
            ("app", app.get("ios_bundles"), ""),
            ("cert", app.get("certificates"), ""),
            ("host", app.get("websites"), "website"),
            ("host", app.get("distribution"), "website"),
            ("host", control.get("domains"), "control"),
            ("ip", control.get("ips"), "control"),
            ("ip", control.get("ip"), "control"),
        ):
            given = [values] if isinstance(values, str) else values if isinstance(values, list) else []
            # Only plain values: the text of a list that holds itself many times over has no end.
            plain = [value for value in given if isinstance(value, str | int)]
            unread += len(given) - len(plain)
            entries.extend(Entry(kind, str(value), about, role, nature) for value in plain)
        unread += len(app.get("certificate_organizations") or ()) + len(app.get("certificate_cname_re") or ())
    return Published(entries, "", unread)
