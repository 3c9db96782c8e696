"""Import of a sheet of 10,000 rows: read behind walls, tried out, made into sealed cases; beside rows in clear SQLite.

Each row becomes a case of its own with keys, grants to a desk of five, signed and sealed items and custody entries, in
transactions of twenty that reach the disk. The same rows in one clear table, in the same transactions, are the other
side. Growth: a quarter of the rows first. Run by `python3 run.py bench desk`.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KINDS = ("harassment", "doxing; harassment", "phishing", "vigilancia", "suplantación", "مراقبة")


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=10_000)
    asked.add_argument("--one", action="store_true", help="measure only this number, in this process")
    given = asked.parse_args()
    if not given.one:
        print("rows     read+try s  run s   rows/s   clear SQLite s  times  data MB  peak memory MB", flush=True)
        codes = [  # a process each, so that the peak of memory is its own
            subprocess.run([sys.executable, __file__, "--one", "--rows", str(rows)]).returncode
            for rows in (given.rows // 4, given.rows)
        ]
        return max(codes)
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        os.environ["AMPARO_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.desk.settings"
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import django

        django.setup()
        return measure(given.rows, Path(folder))


def sheet(rows: int) -> bytes:
    """A register as a helpline may have it; a row of about 400 letters."""
    lines = ["What happened,Type,Date,Urgent,Name,Phone,Ref,Remarks"]
    for n in range(rows):
        story = f"Case {n}: messages came at night from number {n * 7919 % 100_000}; they know the way to school. " * 2
        lines.append(
            f'"{story}",{KINDS[n % len(KINDS)]},2024-{n % 12 + 1:02d}-{n % 28 + 1:02d},{"yes" if n % 9 == 0 else "no"},'
            f'Person Q{n},+99 555 {n:06d},R-{n},"called back twice; wants no police"'
        )
    return "\n".join(lines).encode()


def measure(rows: int, folder: Path) -> int:
    from amparo.desk import founding, import_runs, importing, sandbox
    from amparo.desk.records import Case, Import, ImportedRow
    from tests.desk import people, sheets

    if not sandbox.capabilities().level:
        print("This machine raises no walls, so no sheet is read on it.")
        return 1
    founding.migrate()
    tempfile.tempdir = None
    desk = people.found()
    for name in ("Wren", "Swift", "Finch", "Robin"):
        people.join(desk, name)
    wren = desk.team["Wren"]
    content = sheet(rows)
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is that of the passwords
    began = time.perf_counter()
    one = sheets.mapped(wren, content)
    tried = time.perf_counter() - began
    dry = importing.known(wren, one).account
    Import.objects.filter(id=one).update(state="running")
    before = used(folder)
    began = time.perf_counter()
    import_runs.work(wren, one)
    ran = time.perf_counter() - began
    done = importing.known(wren, one).account
    assert dry is not None and done is not None and dry.counts == done.counts
    assert Case.objects.count() == rows == ImportedRow.objects.count(), "every row once"
    clear = in_clear(folder / "clear.sqlite3", content)
    peak = most_memory()
    print(
        f"{rows:<8,} {tried:>9.1f} {ran:>7.1f} {rows / ran:>8.0f} {clear:>15.2f} {ran / clear:>6.0f} "
        f"{(used(folder) - before) / 1e6:>8.0f} {peak:>14.0f}   load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return 0


def most_memory() -> float:
    """Peak of this process since it was reset, in MB."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def used(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("desk.sqlite3*"))


def in_clear(place: Path, content: bytes) -> float:
    """Seconds for the same rows in one table, in the same transactions, with the same care for the disk."""
    import csv
    import io

    from amparo.desk.import_runs import BATCH

    database = sqlite3.connect(place, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE cases (a, b, c, d, e, f, g, h)")
    rows = list(csv.reader(io.StringIO(content.decode())))[1:]
    began = time.perf_counter()
    for start in range(0, len(rows), BATCH):
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows[start : start + BATCH])
        database.execute("COMMIT")
    taken = time.perf_counter() - began
    database.close()
    return taken


if __name__ == "__main__":
    sys.exit(main())
