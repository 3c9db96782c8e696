"""Archives made to fill disks, to point elsewhere, to lie or to break: a sentence answers each, none is followed."""

import gzip
import io
import os
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from amparo.identify import examine, knowledge, open_tree
from amparo.identify.trees import Budget, Locked, TooLarge, Unreadable, read_small
from amparo.identify.trees.naming import shown
from amparo.words.findings import NotChecked

MIB = 1024 * 1024


def zipped(fill: Callable[[zipfile.ZipFile], None]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        fill(archive)
    return file


def told(file: io.BytesIO | Path, name: str = "evidence") -> list[NotChecked]:
    """What an exam says was not checked; nothing else may come of these."""
    results = list(examine(file, name, knowledge.load_shipped()))
    assert all(isinstance(result, NotChecked) for result in results)
    assert all(result.why and "Traceback" not in result.why for result in results)
    return [result for result in results if isinstance(result, NotChecked)]


def test_a_zip_bomb_is_stopped_by_what_it_unpacks_to() -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        archive.writestr("files.json", b"\0" * (300 * MIB))
        archive.writestr("packages.json", "[]")

    bomb = zipped(fill)
    tree = open_tree(bomb, "bomb.zip")
    with pytest.raises(TooLarge) as refused:
        read_small(tree, "files.json", 1 << 40)
    assert "far more than its size justifies" in refused.value.says
    tracemalloc.start()
    assert any("too large" in one.why for one in told(bomb))
    assert tracemalloc.get_traced_memory()[1] < 200 * MIB
    tracemalloc.stop()


def test_members_that_overlap_or_lie_about_their_size_are_counted_as_they_are_read() -> None:
    file = zipped(lambda archive: archive.writestr("a.bin", b"\0" * (100 * MIB)))
    data = bytearray(file.getvalue())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)  # the directory now says: 10 bytes
    tree = open_tree(io.BytesIO(bytes(data)), "lie.zip")
    with pytest.raises((Unreadable, TooLarge)):
        if len(read_small(tree, "a.bin")) > 10:
            raise AssertionError("more bytes came than were declared")
        raise Unreadable("only the declared bytes came")


def test_archives_in_archives_share_one_budget_and_end_at_a_depth() -> None:
    inner = zipped(lambda archive: archive.writestr("zeros", b"\0" * (90 * MIB))).getvalue()
    for _ in range(6):
        inner = zipped(
            lambda archive, data=inner: [archive.writestr(f"{n}.zip", data) for n in range(3)]
        ).getvalue()  # type: ignore[misc]
    results = told(io.BytesIO(inner))
    assert any("depth" in one.why for one in results) and len(results) < 200


def test_a_gzip_bomb_is_stopped() -> None:
    bomb = io.BytesIO(gzip.compress(b"\0" * (400 * MIB), 9))
    with pytest.raises(TooLarge):
        open_tree(bomb, "bomb.tar.gz")
    assert [one.why[:9] for one in told(bomb)] == ["too large"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../../x", "C:\\x", "..\\..\\x", "\\\\host\\x", "a\x00b"]
)
def test_names_that_point_outside_are_refused_and_told(name: str) -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        entry = zipfile.ZipInfo("x" * len(name))
        archive.writestr(entry, "x")

    data = zipped(fill).getvalue().replace(b"x" * len(name), name.encode())
    tree = open_tree(io.BytesIO(data), "traversal.zip")
    assert not list(tree.names())
    assert len(tree.problems) == 1 and ("outside" in tree.problems[0].why or "NUL" in tree.problems[0].why)


def test_links_in_a_zip_are_not_followed() -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        link = zipfile.ZipInfo("files.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    tree = open_tree(zipped(fill), "link.zip")
    assert not list(tree.names()) and "link" in tree.problems[0].why


def test_links_and_devices_in_a_tar_are_not_followed() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for kind, target in ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "real.txt"), (tarfile.CHRTYPE, ""),
                             (tarfile.FIFOTYPE, "")):  # fmt: skip
            entry = tarfile.TarInfo(f"odd{kind.decode()}")
            entry.type, entry.linkname = kind, target
            archive.addfile(entry)
        real = tarfile.TarInfo("real.txt")
        real.size = 2
        archive.addfile(real, io.BytesIO(b"ok"))
    tree = open_tree(file, "links.tar")
    assert list(tree.names()) == ["real.txt"] and len(tree.problems) == 4
    assert read_small(tree, "real.txt") == b"ok"


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s", "utf-8")
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "files.json").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "pipe")
    tree = open_tree(folder, "evidence")
    assert not list(tree.names())
    assert sorted(one.part for one in tree.problems) == ["files.json", "pipe", "up"]


def test_a_file_swapped_for_a_link_after_listing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s", "utf-8")
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "a.txt").write_text("a", "utf-8")
    tree = open_tree(folder, "evidence")
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(Unreadable):
        tree.open("a.txt")


def test_two_files_of_one_name_are_both_refused() -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        archive.writestr("packages.json", "[]")
        with pytest.warns(UserWarning):
            archive.writestr("packages.json", "[1]")
        archive.writestr("a/./b.txt", "1")
        archive.writestr("a/b.txt", "2")

    tree = open_tree(zipped(fill), "twice.zip")
    assert not list(tree.names()) and len(tree.problems) == 4
    assert all("more than one file of this name" in one.why for one in tree.problems)


def test_members_behind_a_password_are_told() -> None:
    data = bytearray(zipped(lambda archive: archive.writestr("files.json", "[]")).getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        data[at + offset] |= 1
    tree = open_tree(io.BytesIO(bytes(data)), "locked.zip")
    assert not list(tree.names()) and tree.problems[0].why.startswith("encrypted")


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_truncated_archives_are_told(keep: float) -> None:
    whole = zipped(
        lambda archive: [archive.writestr(f"{n}.json", os.urandom(5000)) for n in range(20)]
    ).getvalue()  # type: ignore[func-returns-value]
    assert any("damaged or cut short" in one.why for one in told(io.BytesIO(whole[: int(len(whole) * keep)])))


def test_a_truncated_tar_gz_gives_what_came_before_the_cut() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for number in range(20):
            entry = tarfile.TarInfo(f"{number}.bin")
            entry.size = 20_000
            archive.addfile(entry, io.BytesIO(os.urandom(20_000)))
    tree = open_tree(io.BytesIO(file.getvalue()[:200_000]), "cut.tar.gz")
    assert 5 <= len(tree.names()) < 20
    assert any("cut short" in one.why for one in tree.problems)
    assert read_small(tree, "0.bin")


def test_flipped_bytes_are_noticed() -> None:
    data = bytearray(zipped(lambda archive: archive.writestr("a.bin", os.urandom(50_000))).getvalue())
    data[20_000] ^= 0xFF
    tree = open_tree(io.BytesIO(bytes(data)), "flipped.zip")
    with pytest.raises(Unreadable):
        read_small(tree, "a.bin")


def test_names_that_turn_the_direction_or_are_no_utf_8_are_shown_harmlessly(tmp_path: Path) -> None:
    turned = "invoice\u202egnp.exe"
    tree = open_tree(zipped(lambda archive: archive.writestr(turned, "x")), "bidi.zip")
    assert list(tree.names()) == [turned] and shown(turned) == "invoice\\u202egnp.exe"
    odd = os.fsencode(tmp_path) + b"/bad\xff\x1b[2Jname"
    with open(odd, "wb") as stream:
        stream.write(b"x")
    folder = open_tree(tmp_path, "folder")
    (name,) = folder.names()
    assert read_small(folder, name) == b"x"
    assert "\x1b" not in shown(name) and shown(name).encode("utf-8")


def test_empty_and_foreign_files_are_told(tmp_path: Path) -> None:
    for data in (
        b"",
        b"hello",
        b"PK\x03\x04",
        b"PK\x05\x06" + b"\0" * 18,
        b"\x1f\x8b",
        b"BZh91AY",
        b"\0" * 600,
    ):
        assert told(io.BytesIO(data))
    with pytest.raises(Locked):
        open_tree(io.BytesIO(b"age-encryption.org/v1\n-> X25519 x\n"), "x.age")
    assert told(io.BytesIO(b"age-encryption.org/v1\n"))[0].why.startswith("encrypted")


def test_a_budget_is_in_proportion_to_the_size() -> None:
    assert Budget(0).limit == 64 * MIB
    assert Budget(1 << 30).limit == 64 * MIB + 40 * (1 << 30)


def test_a_file_of_5_gib_in_a_folder_is_not_read_into_memory(tmp_path: Path) -> None:
    with (tmp_path / "files.json").open("wb") as stream:
        stream.truncate(5 * 1024 * MIB)
    (tmp_path / "packages.json").write_text("[]", "utf-8")
    tracemalloc.start()
    results = told(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert any(one.part == "files" for one in results)
    assert peak < 100 * MIB
