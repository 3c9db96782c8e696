"""What the child behind the walls brings home for honest files, at each kind of wall this machine has."""

import io
import itertools
import os
import uuid

import msgspec
import pytest
from PIL import Image

from amparo import seal
from amparo.desk import sandbox
from amparo.identify.spyware import specimens
from amparo.words.findings import Finding


@pytest.fixture(params=sandbox.LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    if sandbox.run("amparo.desk.exam_child:probe", None, level=request.param).code != "done":
        pytest.skip(f"LOUD: this machine raises no {request.param} walls")
    return str(request.param)


@pytest.fixture
def best() -> str:
    able = sandbox.capabilities().level
    if not able:
        pytest.skip("LOUD: this machine raises no walls, so no evidence is examined on it")
    return able


def look(
    target: str, data: bytes, level: str, *, change: int | None = None, name: str = "file", **options: object
) -> sandbox.Outcome:
    """Seal `data` in memory and hand it to a child; `change` flips one byte of the sealed file."""
    key, case, item = seal.new_data_key(), uuid.uuid4(), uuid.uuid4()
    context = seal.Context(case, item, "file", 1)
    body = seal.seal_item_with_key(key, context, msgspec.msgpack.encode({"is": "file", "name": name}), seal.UNSIGNED)
    sealed = io.BytesIO()
    sealer = seal.FileSealer(key, context, sealed.write)
    sealer.update(data)
    facts = sealer.finish()
    raw = bytearray(sealed.getvalue())
    if change is not None:
        raw[change] ^= 1
    held = os.memfd_create("sealed")
    try:
        os.write(held, raw)
        order = sandbox.Order(
            key=key, case=case, item=item, kind="file", epoch=1, schema=1, body=body,
            sealed_size=facts.sealed_size, options=options,  # type: ignore[arg-type]
        )
        return sandbox.run(target, order, blob=held, level=level, limits=sandbox.Limits.for_size(len(data)))
    finally:
        os.close(held)


def picture(size: tuple[int, int], kind: str = "JPEG") -> bytes:
    hidden = Image.Exif()
    hidden[0x013B] = "canary owner"
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, exif=hidden)
    return out.getvalue()


def test_a_phone_with_traces(level: str) -> None:
    outcome = look(sandbox.EXAMINE, specimens.demo_ios(), level, device_consent=True)
    assert outcome.code == "done" and outcome.level == level
    assert len(outcome.findings) >= 3
    assert all(isinstance(finding, Finding) and finding.does_not_say for finding in outcome.findings)
    assert outcome.ended is not None
    assert outcome.ended.indicators > 10_000 and len(outcome.ended.digest) == 64 and outcome.ended.coverage


def test_an_android_archive_with_traces(level: str) -> None:
    outcome = look(sandbox.EXAMINE, specimens.demo_android(), level, device_consent=True)
    assert outcome.code == "done" and "stalkerware-app-installed" in {one.code for one in outcome.findings}


def test_an_everyday_phone_is_silent_and_says_what_silence_means(level: str) -> None:
    outcome = look(sandbox.EXAMINE, specimens.demo_clean(), level, device_consent=True)
    assert outcome.code == "done" and outcome.findings == ()
    assert outcome.ended is not None and "not proof of absence" in outcome.ended.says


@pytest.mark.parametrize("phone", [specimens.demo_ios, specimens.demo_android])
def test_a_phone_stays_sealed_without_its_users_consent(phone: object, level: str) -> None:
    outcome = look(sandbox.EXAMINE, phone(), level, name="holiday.jpg")  # type: ignore[operator]
    assert outcome.code == "needs-device-consent"
    assert outcome.findings == ()
    assert "has not agreed" in outcome.not_checked[-1].why


def test_what_no_detector_reads_is_not_checked(best: str) -> None:
    outcome = look(sandbox.EXAMINE, b"just a letter\n", best)
    assert outcome.code == "nothing-read" and outcome.findings == () and outcome.not_checked


def test_a_changed_file_is_refused(best: str) -> None:
    for target in (sandbox.EXAMINE, sandbox.RENDER):
        outcome = look(target, b"x" * 200_000, best, change=70_000)
        assert outcome.code == "tampered"
        assert outcome.not_checked[-1].why == "not checked: the sealed file was changed"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_drawn_anew_without_what_hides_in_it(kind: str, level: str) -> None:
    data = picture((2000, 1500), kind)
    assert b"canary owner" in data
    made = look(sandbox.RENDER, data, level).rendering
    assert made is not None and made.kind == "image"
    assert b"canary" not in made.data + made.blurred
    seen, blurred = Image.open(io.BytesIO(made.data)), Image.open(io.BytesIO(made.blurred))
    assert seen.size == (1400, 1050) and not seen.getexif()
    assert max(blurred.size) == 480


def test_blurring_leaves_no_detail(best: str) -> None:
    """A page of fine black lines on white: in the blurred copy no neighbour differs by more than a little."""
    page = Image.new("L", (1000, 1000), 255)
    for x in range(0, 1000, 8):
        page.paste(0, (x, 0, x + 4, 1000))
    out = io.BytesIO()
    page.save(out, "PNG")
    made = look(sandbox.RENDER, out.getvalue(), best).rendering
    assert made is not None
    row = [Image.open(io.BytesIO(made.blurred)).convert("L").getpixel((x, 240)) for x in range(480)]
    assert max(abs(a - b) for a, b in itertools.pairwise(row)) < 12


def test_a_picture_that_claims_to_be_huge_is_not_opened(best: str) -> None:
    out = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(out, "PNG")
    made = look(sandbox.RENDER, out.getvalue(), best).rendering
    assert made is not None and made.kind == "none" and "larger than any camera's" in made.says


def test_a_broken_picture_is_said_to_be_broken(best: str) -> None:
    made = look(sandbox.RENDER, picture((800, 600))[:4000], best).rendering
    assert made is not None and made.kind == "none" and made.says


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("كلمة".encode(), "كلمة"),
        ("\ufeffaccent é".encode(), "accent é"),
        ("wide é".encode("utf-16"), "wide é"),
        (b"old \xe9", "old é"),
        ("pay \u202egnp.exe".encode(), "pay ⟨U+202E⟩gnp.exe"),
        (b"a\x1b[31mred" + b"." * 200, "a⟨U+001B⟩[31mred" + "." * 200),
    ],
)
def test_text_is_shown_and_cannot_play_tricks(data: bytes, text: str, best: str) -> None:
    made = look(sandbox.RENDER, data, best).rendering
    assert made is not None and (made.kind, made.text) == ("text", text)


def test_long_text_is_cut_at_4000(best: str) -> None:
    made = look(sandbox.RENDER, ("é" * 50_000).encode(), best).rendering
    assert made is not None and made.text == "é" * 4_000


def test_an_email_shows_its_headers_and_beginning(best: str) -> None:
    mail = (
        b"Received: from a.example by b.example\r\nFrom: =?utf-8?q?Jos=C3=A9?= <jose@radio.example>\r\n"
        b"Subject: =?utf-8?b?Y2Fmw6k=?=\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>hello"
    )
    made = look(sandbox.RENDER, mail, best).rendering
    assert made is not None and made.kind == "email"
    told = dict(made.headers)
    assert told["Subject"] == "café" and told["From"].startswith("José") and "a.example" in told["Received"]
    assert "<script>" not in made.text


def test_other_files_say_that_they_cannot_be_shown(best: str) -> None:
    made = look(sandbox.RENDER, bytes(range(256)) * 40, best).rendering
    assert made is not None and made.kind == "none" and "cannot be shown here" in made.says
    empty = look(sandbox.RENDER, b"", best).rendering
    assert empty is not None and empty.says == "The file is empty."
