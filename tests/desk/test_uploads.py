"""Uploads over HTTP: nothing is sealed before the checks, nothing stays that no page adopted, text survives."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from amparo.desk import blobs, clock, configuration, intake, site, tend
from amparo.desk.records import Blob
from amparo.desk.sessions import SessionStore
from tests.desk import people

BIG = 3_000_000


@pytest.fixture
def client(desk: people.Desk) -> Iterator[Client]:
    with override_settings(
        ROOT_URLCONF="tests.desk.upload_pages", CSRF_FAILURE_VIEW="tests.desk.upload_pages.csrf_failure"
    ):
        yield Client(enforce_csrf_checks=True, raise_request_exception=False)


def token_of(client: Client) -> str:
    return client.get("/").content.decode()


def session_of(client: Client) -> SessionStore:
    return SessionStore(client.cookies["s"].value)


def files_of(client: Client) -> list[tuple[str, int]]:
    draft = intake.draft_of(session_of(client))
    assert draft is not None
    return [(file.name, file.size) for file in draft.files]


def on_disk() -> list[Path]:
    return [p for p in site.sealed_folder().rglob("*") if p.is_file()]


def file(size: int = BIG, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, os.urandom(size), "image/jpeg")


def send(client: Client, token: str, **more: object):
    return client.post("/", {"csrfmiddlewaretoken": token, "text": "my words", **more})


def test_a_file_is_sealed_and_adopted(client: Client) -> None:
    answer = send(client, token_of(client), file=file())
    assert (answer.status_code, answer.content.decode()) == (200, "('my words', [])")
    assert files_of(client) == [("photo.jpg", BIG)]
    (sealed,) = on_disk()
    assert sealed.suffix != blobs.PART and sealed.stat().st_size == Blob.objects.get().size > BIG
    assert sealed.stat().st_mode & 0o077 == 0


def test_a_redirect_keeps_the_file(client: Client) -> None:
    assert send(client, token_of(client), file=file(), redirect="1").status_code == 302
    assert files_of(client) == [("photo.jpg", BIG)]


@pytest.mark.parametrize("more", [{"fail": "1"}, {"crash": "1"}, {"ignore": "1"}])
def test_what_no_page_adopted_is_deleted(client: Client, more: dict[str, str]) -> None:
    send(client, token_of(client), file=file(), **more)
    assert on_disk() == [] and Blob.objects.count() == 0


def test_a_wrong_token_seals_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A good cookie with a wrong token: not one byte is sealed, and the page still has the text."""
    token_of(client)
    opened: list[object] = []
    monkeypatch.setattr(blobs, "open_part", lambda path: opened.append(path))
    answer = send(client, "x" * 64, file=file())
    assert (answer.status_code, answer.content) == (403, b"forged: my words")
    answer = client.post("/", {"text": "my words", "file": file()})
    assert answer.status_code == 403 and opened == [] and on_disk() == []


def test_a_token_after_the_file_is_too_late(client: Client) -> None:
    token = token_of(client)
    answer = client.post("/", {"text": "my words", "file": file(), "csrfmiddlewaretoken": token})
    assert answer.status_code == 200 and answer.content.decode() == "('my words', ['expired'])"
    assert on_disk() == []


def test_without_a_draft_nothing_is_taken(client: Client) -> None:
    token = token_of(client)
    session = session_of(client)
    del session["draft"]
    session.save()
    assert send(client, token, file=file()).content.decode() == "('my words', ['not-allowed'])"
    assert on_disk() == []


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = configuration.Configuration(max_upload=1_000_000, max_draft=1_500_000, reserve=0)
    monkeypatch.setattr(configuration, "current", lambda: settings)


def test_a_file_over_the_cap_leaves_the_page_and_its_text(client: Client, small: None) -> None:
    answer = send(client, token_of(client), file=file(1_200_000))
    assert answer.content.decode() == "('my words', ['too-large'])"
    assert on_disk() == [] and files_of(client) == []


def test_text_after_a_refused_file_survives(client: Client, small: None) -> None:
    token = token_of(client)
    answer = client.post("/", {"csrfmiddlewaretoken": token, "file": file(1_200_000), "text": "my words"})
    assert answer.content.decode() == "('my words', ['too-large'])"


def test_all_files_together_have_a_limit(client: Client, small: None) -> None:
    token = token_of(client)
    send(client, token, file=file(900_000))
    assert send(client, token, file=file(900_000)).content.decode() == "('my words', ['too-large'])"
    assert files_of(client) == [("photo.jpg", 900_000)] and len(on_disk()) == 1


def test_files_of_one_form_are_measured_one_by_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five good files are announced as one large form; none of them is refused for that."""
    settings = configuration.Configuration(max_upload=1_000_000, max_draft=9_000_000, reserve=0)
    monkeypatch.setattr(configuration, "current", lambda: settings)
    several = [file(900_000) for _ in range(5)]
    client.post("/", {"csrfmiddlewaretoken": token_of(client), "file": several, "text": "my words"})
    assert [size for _, size in files_of(client)] == [900_000] * 5


def test_an_announced_giant_is_refused_before_its_first_byte(
    client: Client, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(blobs, "open_part", lambda path: opened.append(path))
    assert send(client, token_of(client), file=file(4_500_000)).content.decode() == "('my words', ['too-large'])"
    assert opened == []


def test_a_disk_that_fills_while_the_file_arrives(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from amparo.desk.uploads import Incoming

    real = Incoming.write

    def full(self: Incoming, sealed: bytes) -> None:
        if self.size > 1_000_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, sealed)

    monkeypatch.setattr(Incoming, "write", full)
    assert send(client, token_of(client), file=file()).content.decode() == "('my words', ['disk-full'])"
    assert on_disk() == []


def test_no_room_at_all(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = configuration.Configuration(reserve=1 << 60)
    monkeypatch.setattr(configuration, "current", lambda: settings)
    assert send(client, token_of(client), file=file()).content.decode() == "('my words', ['disk-full'])"


def body_of(token: str, name: bytes, content: bytes, *, cut: int = 0) -> bytes:
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n' + token.encode() + b"\r\n"
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nmy words\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n'
        b"Content-Type: text/plain\r\n\r\n" + content + b"\r\n--b--\r\n"
    )
    return parts[:-cut] if cut else parts


def raw(client: Client, body: bytes):
    return client.post("/", body, content_type="multipart/form-data; boundary=b")


@pytest.mark.parametrize(("sent", "kept"), [
    (b"\xff\xfe name.txt", "�� name.txt"),
    ("photo\u202egpj.exe".encode(), "photo_gpj.exe"),
    (b"../../etc/passwd", "passwd"),
    (b"C:\\\\temp\\\\x.txt", "x.txt"),
    (b"x" * 300 + b".jpeg", "x" * 115 + ".jpeg"),
    ("صورة.jpg".encode(), "صورة.jpg"),
])
def test_names_that_lie(client: Client, sent: bytes, kept: str) -> None:
    assert raw(client, body_of(token_of(client), sent, b"x")).status_code == 200
    assert files_of(client) == [(kept, 1)]


def test_an_empty_file_is_a_file(client: Client) -> None:
    raw(client, body_of(token_of(client), b"empty.txt", b""))
    assert files_of(client) == [("empty.txt", 0)]


def test_no_file_chosen(client: Client) -> None:
    assert raw(client, body_of(token_of(client), b"", b"")).content.decode() == "('my words', [])"
    assert files_of(client) == []


def test_a_form_cut_off_leaves_nothing(client: Client) -> None:
    answer = raw(client, body_of(token_of(client), b"a.txt", b"x" * 500_000, cut=200_000))
    assert answer.status_code == 400 and on_disk() == []


def test_a_length_that_lies_leaves_nothing(client: Client) -> None:
    body = body_of(token_of(client), b"a.txt", b"x" * 500_000)
    short = client.generic(
        "POST", "/", body, content_type="multipart/form-data; boundary=b", CONTENT_LENGTH="1000"
    )
    assert short.status_code == 400 and [p for p in on_disk() if p.suffix == blobs.PART] == []


def test_ten_thousand_parts(client: Client) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n'
    assert raw(client, part * 10_000 + b"--b--\r\n").status_code == 400


def test_too_much_text(client: Client) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"y" * 2_100_000 + b"\r\n--b--\r\n"
    assert raw(client, body).status_code == 400


def test_a_long_upload_keeps_its_session_alive(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime as dt

    from amparo.desk import uploads

    token = token_of(client)
    monkeypatch.setattr(uploads, "TOUCH_EVERY", 0.0)
    start, steps = clock.now(), [0]

    def slow() -> dt.datetime:  # each look at the clock finds three minutes gone
        steps[0] += 1
        return start + dt.timedelta(minutes=3 * steps[0])

    monkeypatch.setattr(clock, "now", slow)
    assert send(client, token, file=file(8_000_000)).status_code == 200
    assert steps[0] > 10  # more than the fifteen minutes that a session may rest
    assert files_of(client) == [("photo.jpg", 8_000_000)]


def test_no_plaintext_touches_the_disk(client: Client) -> None:
    marker = b"plaintext-canary-" * 100_000
    send(client, token_of(client), file=SimpleUploadedFile("a.txt", marker))
    for path in configuration.data_folder().rglob("*"):
        if path.is_file():
            assert b"plaintext-canary-" not in path.read_bytes(), path
    assert tend.tend_once().parts == 0
