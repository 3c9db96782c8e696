"""A desk of many invented cases for benches, and the same texts in clear SQLite beside it.

The cases are real ones: own keys, sealed items, grants, entries in the custody log, filed through the desk's own path
for reports that a colleague writes down (no receipt, so no Argon2id for each). Only the disk is not waited for.
"""

import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

LETTERS = 1_500  # of one case, about
TOLD_TWICE = 100  # one case in so many is an edited copy of an earlier one
SHARED = 200  # one case in so many carries the number of an earlier one
MB = 1_048_576


class Told(NamedTuple):
    """One invented report."""

    text: str
    number: str  # telephone number in it
    twin_of: int  # place of the report that it repeats, -1 for none


class Measured(NamedTuple):
    """Seconds, and bytes of memory above what the process held before."""

    seconds: float
    memory: int
    result: Any


def words(count: int) -> list[str]:
    """Invented words, some with accents and in other scripts, the most frequent first."""
    chance = random.Random(1)
    scripts = ("bcdfglmnprstvz aeiou", "бвгдклмнрст аеиоу", "كتبسرنملده اويى")
    made: dict[str, None] = {}
    while len(made) < count:
        heads, tails = scripts[min(2, int(chance.expovariate(1.6)))].split()
        word = "".join(chance.choice(heads) + chance.choice(tails) for _ in range(chance.randint(1, 4)))
        made.setdefault(word + ("é" if chance.random() < 0.05 else ""))
    return list(made)


def told(count: int) -> Iterator[Told]:
    """`count` reports of about LETTERS letters, the same ones in each run."""
    chance = random.Random(2)
    vocabulary = words(30_000)
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]
    made: list[Told] = []
    for place in range(count):
        number = f"+380 {chance.randint(10**8, 10**9 - 1)}"
        if place % SHARED == SHARED - 1:
            number = made[chance.randrange(place)].number
        if place % TOLD_TWICE == TOLD_TWICE - 1:
            twin = chance.randrange(place)
            body = [chance.choice(vocabulary) if chance.random() < 0.08 else word
                    for word in made[twin].text.rpartition(" Call ")[0].split()]
        else:
            twin = -1
            body = chance.choices(vocabulary, weights, k=LETTERS // 7)
        one = Told(f"{' '.join(body)} Call {number} or write to box{place}@mail{place % 50}.example", number, twin)
        made.append(one)
        yield one


@contextmanager
def desk(folder: str) -> Iterator[Any]:
    """A founded desk in `folder`; gives its opened lead."""
    os.environ["AMPARO_DATA"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.desk.settings"
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import django

    django.setup()
    from django.db import connection

    from amparo.desk import founding
    from tests.desk import people

    founding.migrate()
    tempfile.tempdir = None
    lead = people.found().lead
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    yield lead
    connection.close()


def file(lead: Any, reports: list[Told], done: int, total: int) -> list[Any]:
    """Seal these reports into the desk, a hundred in a transaction; says how far it is. Their case ids."""
    from django.db import transaction

    from amparo import seal
    from amparo.desk import clock, drafts, filing, payloads

    begun, made = time.monotonic(), []
    for start in range(0, len(reports), 100):
        with transaction.atomic():
            for one in reports[start : start + 100]:
                keys = seal.new_reporter_keys()
                draft = drafts.Draft(
                    case=seal.case_id_for(keys.kex.public, keys.sign.public), reporter_keys=keys,
                    channel_keys=seal.new_channel_keys(), answers={"what-happened": [one.text]},
                )
                made.append(draft.case)
                filing.file_written_down(draft, staff=lead, beside=(payloads.TakenDown(at=clock.now(), way="call"),))
        if (start + 100) % 2_500 == 0:
            print(f"  {done + start + 100:,} of {total:,} cases sealed, {time.monotonic() - begun:.0f} s", flush=True)
    return made


def clear(path: str) -> sqlite3.Connection:
    """The same in clear: full text by FTS5 (accents folded), identifiers in an indexed table."""
    store = sqlite3.connect(path)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=OFF")
    store.execute("CREATE VIRTUAL TABLE told USING fts5(text, tokenize='unicode61 remove_diacritics 2')")
    store.execute("CREATE TABLE identifier (kind TEXT, value TEXT, place INTEGER)")
    store.execute("CREATE INDEX by_value ON identifier (kind, value)")
    return store


def fill(store: sqlite3.Connection, reports: list[Told], at: int) -> None:
    """Put reports into the clear store, from place `at`."""
    from amparo.desk import identifiers

    with store:
        store.executemany("INSERT INTO told (rowid, text) VALUES (?, ?)",
                          [(at + place, one.text) for place, one in enumerate(reports)])
        store.executemany("INSERT INTO identifier VALUES (?, ?, ?)", [
            (kind, value, at + place) for place, one in enumerate(reports)
            for kind, value in identifiers.find([one.text])])


def _memory(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


def measure(act: Callable[[], Any], rounds: int = 1) -> Measured:
    """The quickest of `rounds`, and the most memory that one of them took on top (Linux; else 0)."""
    times, result, most = [], None, 0
    for _ in range(rounds):
        result = None
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            pass
        before = _memory("VmRSS")
        begun = time.perf_counter()
        result = act()
        times.append(time.perf_counter() - begun)
        most = max(most, _memory("VmHWM") - before)
    return Measured(min(times), most, result)


def table(head: str, rows: list[tuple[str, dict[int, Measured], Measured | None]], sizes: tuple[int, ...]) -> None:
    """Times at each size, growth between the first and the last, memory, and the same in clear beside it."""
    small, large = sizes[0], sizes[-1]
    print(f"\n{head}")
    print(f"{'':34}{small:>10,} {large:>10,}  growth   memory | in clear   memory   ratio")
    for name, sealed, plain in rows:
        first, last = sealed[small], sealed[large]
        growth = last.seconds / first.seconds if first.seconds else 0.0
        line = f"{name:34}{_time(first.seconds):>10} {_time(last.seconds):>10} {growth:6.1f}x"
        line += f" {last.memory / MB:6.0f} MB"
        if plain is not None:
            ratio = last.seconds / plain.seconds if plain.seconds else 0.0
            line += f" | {_time(plain.seconds):>8} {plain.memory / MB:5.0f} MB {ratio:6.1f}x"
        print(line)


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else (
        f"{seconds * 1000:.2f} ms")
