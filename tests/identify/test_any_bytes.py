"""Parsers meet anything: whatever the bytes are, an exam ends with results and sentences, never with an error."""

import io
import json
import plistlib
import random
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.identify import examine
from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware import specimens
from amparo.identify.spyware.ios.backup import strings
from amparo.identify.spyware.ios.files import archived
from amparo.identify.spyware.ios.messages import attributed
from amparo.identify.stix import read_pattern
from amparo.words.findings import Finding, NotChecked

_SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


def ends(data: bytes, base: KnowledgeBase) -> list[Finding | NotChecked]:
    exam = examine(io.BytesIO(data), "any.zip", base)
    found = list(exam)
    assert exam.summary().says
    for one in found:
        if isinstance(one, NotChecked):
            assert one.why
    return found


@given(
    st.binary(max_size=2000),
    st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"SQLite format 3\x00", b"bplist00"]),
)
@_SLOW
def test_any_bytes_as_evidence(base: KnowledgeBase, data: bytes, head: bytes) -> None:
    assert ends(head + data, base)


@pytest.mark.parametrize("make", [specimens.demo_ios, specimens.demo_android])
def test_flipped_acquisitions(base: KnowledgeBase, make: Any) -> None:
    """Each member spoiled by itself: the zip stays whole, so that the parsers behind it are met."""
    chance = random.Random(11)
    whole = zipfile.ZipFile(io.BytesIO(make()))
    members = {name: whole.read(name) for name in whole.namelist()}
    for _ in range(60):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in members.items():
                spoiled = bytearray(data)
                for _ in range(chance.choice((0, 1, 5, 50))):
                    if spoiled:
                        spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
                archive.writestr(
                    name,
                    bytes(
                        spoiled[
                            : chance.choice((len(spoiled), len(spoiled), chance.randrange(len(spoiled) + 1)))
                        ]
                    ),
                )
        ends(file.getvalue(), base)


@given(json_values, json_values)
@_SLOW
def test_any_json_in_an_acquisition(base: KnowledgeBase, one: Any, other: Any) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in (
            "packages.json",
            "files.json",
            "mounts.json",
            "root_binaries.json",
            "acquisition.json",
            "processes.json",
        ):
            archive.writestr(name, json.dumps([one, {"path": other, "name": one, "files": [other]}]))
        archive.writestr("getprop.txt", f"[{one}]: [{other}]\n[")
        archive.writestr("settings_global.txt", f"{one}={other}")
        archive.writestr(
            "dumpsys.txt", f"DUMP OF SERVICE accessibility:\n{one}\nDUMP OF SERVICE appops:\n{other}"
        )
    ends(file.getvalue(), base)


plist_values = st.recursive(
    st.booleans()
    | st.integers(-(2**31), 2**31)
    | st.text(st.characters(codec="ascii", min_codepoint=32), max_size=12)
    | st.binary(max_size=12)
    | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Applications",
                    "iTunesMetadata",
                    "netUsageBaseline",
                    "BundleId",
                    "a:",
                    "mailto:x",
                    "ProfileEvents",
                    "PayloadContent",
                    "LookupDate",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=20,
)


@given(plist_values)
@_SLOW
def test_any_property_list_in_a_backup(base: KnowledgeBase, value: Any) -> None:
    from tests.identify.test_ios import stored

    profiles = "SysSharedContainerDomain-systemgroup.com.apple.configurationprofiles"
    data = plistlib.dumps(value, fmt=plistlib.FMT_BINARY)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Info.plist", data)
        archive.writestr("Manifest.db", b"")
        for domain, path in (
            ("HomeDomain", "Library/Preferences/com.apple.identityservices.idstatuscache.plist"),
            ("HomeDomain", "Library/Preferences/com.apple.osanalytics.addaily.plist"),
            ("RootDomain", "Library/Caches/locationd/clients.plist"),
            (profiles, "Library/ConfigurationProfiles/MCProfileEvents.plist"),
        ):
            archive.writestr(stored(domain, path), data)
    found = ends(file.getvalue(), base)
    assert not [one for one in found if isinstance(one, NotChecked) and "internal" in one.why]


@given(st.binary(max_size=300))
def test_small_readers(data: bytes) -> None:
    assert isinstance(attributed(b"NSString" + data), str)
    assert isinstance(archived(data), dict) and isinstance(archived(b"bplist00" + data), dict)


@given(st.text(max_size=60))
def test_any_pattern(text: str) -> None:
    read_pattern(text)
    read_pattern(f"[{text}]")


def test_a_property_list_that_holds_itself_ends() -> None:
    loop: list[Any] = ["x"]
    loop.append(loop)
    assert list(strings({"a": loop})).count("x") == 1
