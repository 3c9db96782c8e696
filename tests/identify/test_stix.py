"""The pattern reader: what is understood, what is counted, and that nothing aborts a load."""

import json

import pytest

from amparo.identify.stix import NotStix, read_bundle, read_pattern


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("[domain-name:value='a.example']", [("host", "a.example")]),
        ("[domain-name:value = 'a.example']", [("host", "a.example")]),
        ("[file:hashes.'SHA-256'='ab']", [("hash", "ab")]),
        ("[file:hashes.sha256='ab']", [("hash", "ab")]),
        ("[url:value='https://a.example/?x=1&y=[2]']", [("url", "https://a.example/?x=1&y=[2]")]),
        (r"[process:name='it\'s \\ odd']", [("process", r"it's \ odd")]),
        ("[file:name='a' OR file:name='b']", [("filename", "a"), ("filename", "b")]),
        ("[file:name='a'] OR [app:id='b.c']", [("filename", "a"), ("app", "b.c")]),
        ("[app:cert.sha1='AB']", [("cert", "AB")]),
        ("[file:name='a' AND file:name='b']", None),
        ("[file:name LIKE 'a%']", None),
        ("[file:name!='a']", None),
        ("[x-odd:thing='a']", None),
        ("[file:name='a'", None),
        ("file:name='a'", None),
        ("[file:name='a' OR ]", None),
        ("", None),
        ("[]", None),
        ("[file:name='a\\']", None),
    ],
)
def test_patterns(pattern: str, found: list[tuple[str, str]] | None) -> None:
    assert read_pattern(pattern) == found


def test_long_hostile_patterns_take_no_long_time() -> None:
    import time

    started = time.process_time()
    for pattern in (" " * 500_000, "[" * 500_000, "[" + " " * 500_000 + "]", "[a:b" + "''" * 200_000 + "]",
                    "[file:name='a'" + " " * 500_000 + "]x", "[" + "'" * 500_000 + "]"):  # fmt: skip
        read_pattern(pattern)
    assert time.process_time() - started < 5


def bundle(*objects: object) -> bytes:
    return json.dumps({"type": "bundle", "objects": list(objects)}).encode()


GOOD = {
    "type": "indicator",
    "id": "indicator--1",
    "pattern": "[file:name='a']",
    "modified": "2026-01-02T00:00:00Z",
}


def test_5_an_equals_sign_in_one_value_leaves_all_others_loaded() -> None:
    odd = {"type": "indicator", "id": "indicator--2", "pattern": "[url:value='https://a.example/?k=v']"}
    read = read_bundle(bundle(odd, GOOD))
    assert [entry.value for entry in read.entries] == ["https://a.example/?k=v", "a"]
    assert (read.dated, read.not_understood) == ("2026-01-02", 0)


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "indicator", "id": "indicator--2", "pattern": 5},
        {"type": "indicator", "id": "indicator--2", "pattern": "[[[["},
        {"type": "indicator", "id": "indicator--2"},
        {"type": "indicator", "id": ["x"], "pattern": "[file:name='b']"},
        "not an object",
        None,
    ],
)
def test_one_bad_indicator_is_skipped_and_counted(bad: object) -> None:
    read = read_bundle(bundle(bad, GOOD))
    assert [entry.value for entry in read.entries] == ["a"] and read.not_understood == 1


def test_revoked_indicators_are_left_out() -> None:
    assert not read_bundle(bundle(GOOD | {"revoked": True})).entries


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"objects": 5}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_bundle_is_told(data: bytes) -> None:
    with pytest.raises(NotStix):
        read_bundle(data)
