"""The examiner of pages finds what it must find. (The browsers themselves run by `python3 run.py access`.)"""

import pytest
from access.pages import LARGEST, Seen, by_its_bytes

from access import journeys

GOOD_HEADERS = {
    "content-type": "text/html",
    "content-security-policy": "default-src 'none'; style-src 'self'",
    "cache-control": "no-store",
}
GOOD = b'<!doctype html><html lang="ar" dir="rtl"><head><title>x</title></head><body><main>y</main></body></html>'


def page(body: bytes = GOOD, **headers: str) -> Seen:
    return Seen("x", "http://127.0.0.1/x", 200, {**GOOD_HEADERS, **headers}, body)


def test_a_good_page_has_nothing_wrong() -> None:
    assert by_its_bytes(page()) == []


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        (GOOD.replace(b"<main>", b"<script src=x></script><main>"), "1 script"),
        (GOOD.replace(b"<main>", b'<main onclick="x()">'), "onclick"),
        (GOOD.replace(b"<main>", b'<main style="color:red">'), "style="),
        (GOOD.replace(b"y", b'<a href=" JavaScript:x()">y</a>'.replace(b" J", b"J")), "javascript"),
        (GOOD.replace(b"y", b"<iframe></iframe>"), "iframe"),
        (GOOD.replace(b"y", b"y" * LARGEST), "the limit is"),
        (GOOD.replace(b' dir="rtl"', b""), "no lang and dir"),
    ],
)
def test_each_fault_in_the_bytes_is_found(body: bytes, sign: str) -> None:
    assert sign.lower() in " ".join(by_its_bytes(page(body))).lower()


@pytest.mark.parametrize("policy", ["", "default-src 'self'", "default-src 'none'; script-src 'self'",
                                    "default-src 'none'; style-src 'unsafe-inline'"])
def test_a_policy_that_allows_too_much_is_found(policy: str) -> None:
    assert any("policy" in line for line in by_its_bytes(page(**{"content-security-policy": policy})))


OURS = b'<script src="/static/staff.js" defer></script></head>'
STAFF_POLICY = {"content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'"}


def staff_page(body: bytes, **headers: str) -> Seen:
    return Seen("x", "http://127.0.0.1/staff/x/", 200, {**GOOD_HEADERS, **headers}, body)


def test_pages_of_the_staff_door_hold_exactly_one_script_of_ours() -> None:
    good = GOOD.replace(b"</head>", OURS)
    assert by_its_bytes(staff_page(good, **STAFF_POLICY)) == []
    for bad in (GOOD, good.replace(b"staff.js", b"other.js"), good.replace(OURS, OURS * 2),
                good.replace(b" defer", b""),
                good.replace(b"defer>", b"defer>alert(1)"), good.replace(b"y", b"<script>alert(1)</script>"),
                good.replace(b' src="/static', b' src="https://elsewhere.example/static')):
        assert any("script" in line for line in by_its_bytes(staff_page(bad, **STAFF_POLICY))), bad
    reporter = by_its_bytes(page(good))  # the same bytes on a reporter's page: one script too many
    assert any("1 script elements" in line for line in reporter)


@pytest.mark.parametrize("policy", ["default-src 'none'; script-src 'self' 'unsafe-inline'",
                                    "default-src 'none'; script-src *", "default-src 'none'; script-src 'self' data:",
                                    "script-src 'self'"])
def test_a_policy_of_the_staff_door_that_allows_too_much_is_found(policy: str) -> None:
    seen = staff_page(GOOD.replace(b"</head>", OURS), **{"content-security-policy": policy})
    assert any("policy" in line for line in by_its_bytes(seen))


def test_an_arabic_page_that_speaks_english_is_found() -> None:
    english = Seen("x", "http://127.0.0.1/ar/", 200, GOOD_HEADERS, GOOD.replace(b"y", b"<p>You can tell us</p>"))
    arabic = Seen("x", "http://127.0.0.1/ar/", 200, GOOD_HEADERS, GOOD.replace(b"y", "يمكنك أن تخبرنا".encode()))
    assert any("Arabic" in line for line in by_its_bytes(english))
    assert by_its_bytes(arabic) == []


def test_a_page_that_may_be_cached_is_found() -> None:
    assert by_its_bytes(page(**{"cache-control": "max-age=60"})) == ["may be kept in a cache"]


def test_the_journey_answers_only_questions_that_exist() -> None:
    """A renamed question would silently be skipped, and the journey would show less than it says."""
    from amparo.words import questionnaires

    known = {question.code for question in questionnaires.load("report").questions}
    assert set(journeys.ANSWERS) <= known
    assert "what-happened" in known
