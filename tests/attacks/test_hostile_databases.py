"""SQLite files that are traps: schemas that run for ever or lie about their kind; torn files; logs that do not fit."""

import io
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from amparo.identify.databases import Database, NotUnderstood, apply_wal, open_database
from amparo.identify.trees import SingleFile, TooLarge, Unreadable, open_tree
from amparo.words.errors import AmparoError

ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n AS text, n AS date FROM r"


def image(script: str, fill: Callable[[sqlite3.Connection], None] = lambda _: None) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.executescript(script)
    fill(connection)
    connection.commit()
    return connection.serialize()


def opened(data: bytes) -> Database:
    return open_database(SingleFile(io.BytesIO(data), "x.db"), "x.db")


def test_a_view_in_the_place_of_a_table_is_refused() -> None:
    with opened(image(f"CREATE VIEW message AS {ENDLESS};")) as database:
        with pytest.raises(NotUnderstood, match="not a plain table"):
            database.require("message", "text")
        with pytest.raises(AmparoError):
            list(database.rows("SELECT text FROM message"))


def test_an_endless_query_is_stopped_in_proportion_to_the_size() -> None:
    with opened(
        image(
            "CREATE TABLE t (a);",
            lambda c: c.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(300)]),
        )
    ) as database:
        started = time.process_time()
        with pytest.raises(Unreadable, match="far more steps"):
            # 300^6 rows: no scan of ours is like this, but it shows that the limit holds.
            list(
                database.rows(
                    "SELECT a.a FROM t a, t b, t c, t d, t e, t f WHERE a.a + b.a + c.a + d.a + e.a + f.a < 0"
                )
            )
        assert time.process_time() - started < 5


def test_virtual_tables_functions_and_writing_are_refused() -> None:
    with opened(image("CREATE VIRTUAL TABLE message USING fts4(text); CREATE TABLE t (a);")) as database:
        assert not database.has("message")
        for query in ("SELECT text FROM message", "SELECT load_extension('x')", "DELETE FROM t", "PRAGMA user_version",
                      "SELECT randomblob(1000000000)", "ATTACH 'x' AS y"):  # fmt: skip
            with pytest.raises(AmparoError):
                list(database.rows(query))


def test_a_generated_column_that_calls_a_function_is_refused() -> None:
    with opened(image("CREATE TABLE message (text AS (hex(zeroblob(1000000))), date);")) as database:
        with pytest.raises(AmparoError):
            list(database.rows("SELECT text FROM message"))
            database.require("message", "text")
            raise Unreadable("no row, nothing called")


def test_text_that_is_no_utf_8_and_values_of_odd_types_are_read() -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO message VALUES (CAST(x'ff00fe41' AS TEXT), 'soon')")
        connection.execute("INSERT INTO message VALUES (x'00', 1e308)")

    with opened(image("CREATE TABLE message (text, date);", fill)) as database:
        first, second = database.rows("SELECT text, date FROM message")
    assert first[0].endswith("A") and first[1] == "soon" and second == (b"\x00", 1e308)


@pytest.mark.parametrize("cut", [1, 15, 99, 100, 512, 4095, 4096, 6000])
def test_cut_files_are_told(cut: int) -> None:
    data = image(
        "CREATE TABLE t (a);", lambda c: c.executemany("INSERT INTO t VALUES (?)", [("x" * 900,)] * 60)
    )[:cut]
    with pytest.raises(AmparoError):
        with opened(data) as database:
            database.require("t", "a")
            list(database.rows("SELECT a FROM t"))


def test_random_damage_never_escapes_as_anything_but_a_sentence() -> None:
    import random

    whole = image(
        "CREATE TABLE t (a, b);",
        lambda c: c.executemany("INSERT INTO t VALUES (?, ?)", [(n, "x" * n) for n in range(400)]),
    )
    chance = random.Random(4)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 30)):
            data[chance.randrange(16, len(data))] = chance.randrange(256)
        try:
            with opened(bytes(data)) as database:
                database.require("t", "a", "b")
                for row in database.rows("SELECT a, b FROM t"):
                    assert len(row) == 2
        except AmparoError as error:
            assert error.says and error.advice


def test_a_page_that_points_to_itself_ends() -> None:
    data = bytearray(
        image(
            "CREATE TABLE t (a);", lambda c: c.executemany("INSERT INTO t VALUES (?)", [("x" * 900,)] * 2000)
        )
    )
    root = 4096  # page 2, the root of t, is an interior page by now
    assert data[root] == 5
    cells = int.from_bytes(data[root + 3 : root + 5], "big")
    for cell in range(cells):
        at = int.from_bytes(data[root + 12 + 2 * cell : root + 14 + 2 * cell], "big")
        data[root + at : root + at + 4] = (2).to_bytes(4, "big")
    started = time.process_time()
    with pytest.raises(AmparoError):
        with opened(bytes(data)) as database:
            list(database.rows("SELECT a FROM t"))
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "data", [b"", b"SQLite format 3", b"hello", os.urandom(5000), b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_what_is_no_database_is_told(data: bytes) -> None:
    with pytest.raises(AmparoError):
        with opened(data) as database:
            database.require("t")


def wal_pair(folder: Path, rows: int) -> tuple[bytes, bytes]:
    """A database and its log, with `rows` only in the log."""
    connection = sqlite3.connect(folder / "x.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("CREATE TABLE t (a)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO t VALUES (?)", [("y" * 100,)] * rows)
    connection.execute("COMMIT")
    pair = (folder / "x.db").read_bytes(), (folder / "x.db-wal").read_bytes()
    connection.close()
    return pair


def counted(folder: Path, database: bytes, log: bytes) -> int:
    copy = folder / "copy"
    copy.mkdir(exist_ok=True)
    (copy / "x.db").write_bytes(database)
    (copy / "x.db-wal").write_bytes(log)
    before = sorted(copy.iterdir()), database, log
    with open_database(open_tree(copy, "copy"), "x.db", "x.db-wal") as opened_one:
        rows = sum(1 for _ in opened_one.rows("SELECT a FROM t"))
    assert (sorted(copy.iterdir()), (copy / "x.db").read_bytes(), (copy / "x.db-wal").read_bytes()) == before
    return rows


def test_rows_that_stand_only_in_the_log_are_read_and_nothing_is_written(tmp_path: Path) -> None:
    database, log = wal_pair(tmp_path, 500)
    assert counted(tmp_path, database, b"") == 0
    assert counted(tmp_path, database, log) == 500


def test_a_log_that_is_cut_or_foreign_changes_nothing_half_way(tmp_path: Path) -> None:
    database, log = wal_pair(tmp_path, 500)
    assert counted(tmp_path, database, log[:-10]) == 0  # one transaction: all or nothing
    assert counted(tmp_path, database, os.urandom(len(log))) == 0
    flipped = bytearray(log)
    flipped[5000] ^= 1
    assert counted(tmp_path, database, bytes(flipped)) == 0


def test_a_log_cannot_make_the_image_grow_without_bound(tmp_path: Path) -> None:
    database, log = wal_pair(tmp_path, 5)
    image_of = bytearray(database)
    lie = bytearray(log)
    lie[32 + 4 : 32 + 8] = (0x7FFFFFFF).to_bytes(4, "big")
    apply_wal(image_of, lie)
    assert len(image_of) <= len(database) + len(log)


def test_a_database_too_large_for_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from amparo.identify import databases

    monkeypatch.setattr(databases, "_MOST_IN_MEMORY", 1000)
    with pytest.raises(TooLarge):
        opened(image("CREATE TABLE t (a);"))


def test_many_pages_are_not_spilled_to_a_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with opened(
        image(
            "CREATE TABLE t (a);",
            lambda c: c.executemany("INSERT INTO t VALUES (?)", [(os.urandom(50).hex(),)] * 60_000),
        )
    ) as database:
        rows = database.rows("SELECT a FROM t ORDER BY a")
        next(rows)
        assert not list(tmp_path.iterdir())
        open_files = {
            os.readlink(f"/proc/self/fd/{one}")
            for one in os.listdir("/proc/self/fd")
            if os.path.exists(f"/proc/self/fd/{one}")
        }
        assert not any("etilqs" in one for one in open_files)
