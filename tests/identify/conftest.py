"""Shared by the tests of detectors: the shipped indicators, and walls against the network."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from amparo.identify import knowledge
from amparo.identify.knowledge import KnowledgeBase


@pytest.fixture(scope="session")
def base() -> KnowledgeBase:
    """The indicators that ship with Amparo."""
    return knowledge.load_shipped()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test of this room runs without sockets: a detector that tried one would fail."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a detector tried to use the network")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    yield


@pytest.fixture
def small(tmp_path: Path) -> KnowledgeBase:
    """A base of one collection with made-up values, so that a test states exactly what is known."""
    folder = tmp_path / "small"
    folder.mkdir()
    patterns = [
        "[domain-name:value='evil.example']", "[domain-name:value='a.b.deep.example']",
        "[domain-name:value='www.andropwn.example']", "[ipv4-addr:value='178.63.71.15']",
        "[process:name='averylongprocessname']", "[process:name='bh']", "[file:path='/private/var/tmp/hooker']",
        "[file:path='/data/local/tmp/wd/']", "[file:path='Library/Preferences/odd.plist']", "[file:name='odd.js']",
        "[email-addr:value='Bad.Person@Example.org']", "[app:id='qx.Stalker.App']",
        "[configuration-profile:id='ABCD-1']", "[android-property:name='sys.odd']",
        "[url:value='https://host.example/kit/x']",
        "[app:cert.sha1='0011223344556677889900112233445566778899']",
        "[file:hashes.'SHA-256'='" + "ab" * 32 + "']", "[file:hashes.sha256='" + "cd" * 32 + "']",
    ]  # fmt: skip
    write_stix(folder / "small.stix2", patterns)
    return knowledge.load_only(folder)


def write_stix(path: Path, patterns: list[str], about: str = "Odd") -> None:
    """A minimal bundle in which each pattern indicates one malware."""
    import json

    objects: list[dict[str, object]] = [{"type": "malware", "id": "malware--1", "name": about}]
    for number, pattern in enumerate(patterns):
        objects.append({"type": "indicator", "id": f"indicator--{number}", "pattern": pattern,
                        "modified": "2026-05-01T00:00:00Z"})  # fmt: skip
        objects.append({"type": "relationship", "id": f"relationship--{number}", "source_ref": f"indicator--{number}",
                        "target_ref": "malware--1"})  # fmt: skip
    path.write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}), "utf-8")
