"""Loading a queue of 100,000 open cases with 40 changed since, and how fast its first build goes.

The cases that did not change are rows with a grant and a line in the sealed sheet, nothing more: a load opens
none of them, so their content would cost nothing (a test shows that it is not opened). The 40 that changed are
real sealed reports with messages, opened and weighed anew in each round. The build is timed on real reports and
told per case. Run by `python3 run.py bench intake`.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

GOAL_MS = 300.0


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--cases", type=int, default=100_000)
    asked.add_argument("--changed", type=int, default=40)
    asked.add_argument("--rounds", type=int, default=9)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        os.environ["AMPARO_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.desk.settings"
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import django

        django.setup()
        return measure(given.cases, given.changed, given.rounds)


def measure(cases: int, changed: int, rounds: int) -> int:
    from amparo.desk import founding, queue, writing
    from amparo.desk.records import Case, Grant
    from tests.desk import people

    founding.migrate()
    tempfile.tempdir = None
    desk = people.found()
    lead = desk.lead
    real = max(changed, 200)
    for number in range(real):
        people.report(f"Report {number}. They wait before the house.", danger=["yes" if number % 7 == 0 else "no"])
    ids = list(Case.objects.values_list("id", flat=True)[:changed])

    started = time.process_time()
    queue.build(lead)
    per_case = (time.process_time() - started) / real * 1000
    whole = per_case * cases / 1000
    print(f"first build: {per_case:.2f} CPU ms a case, {whole:.0f} s for {cases:,} (in the background)")

    template = queue.load(lead).rows
    like = Case.objects.first()
    assert like is not None
    made = [uuid.uuid4() for _ in range(cases - real)]
    for start in range(0, len(made), 2000):
        some = made[start : start + 2000]
        Case.objects.bulk_create([
            Case(id=one, opened_on=like.opened_on, retention_on=like.retention_on, changed=1, lookup=os.urandom(32),
                 reporter_kex=b"", reporter_sign=b"") for one in some
        ])
        Grant.objects.bulk_create([
            Grant(case_id=one, epoch=1, kind="staff", staff_id=lead.id, sealed=os.urandom(180)) for one in some
        ])
    sheet = template.sheet
    known = sheet.everything()
    some_kinds = list(known.values())
    known.update((one, some_kinds[n % len(some_kinds)]) for n, one in enumerate(made))
    sheet.seen = max(Case.objects.values_list("changed", flat=True))
    queue._save(lead, sheet, known, None)

    walls, cpus = [], []
    for _ in range(rounds):
        for case in Case.objects.filter(id__in=ids):
            writing.touch(case)
        wall, cpu = time.perf_counter(), time.process_time()
        page = queue.load(lead)
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
        assert len(page.rows) == cases and not page.building
    quiet = []
    for _ in range(rounds):
        wall = time.perf_counter()
        queue.load(lead)
        quiet.append((time.perf_counter() - wall) * 1000)
    size = len(queue.QueueSheet.objects.get(staff_id=lead.id).body) / 1e6
    print(f"sheet of {cases:,} cases: {size:.1f} MB")
    print(f"load, nothing changed: {statistics.median(quiet):.0f} ms (median of {rounds})")
    print(f"load, {changed} changed: {statistics.median(walls):.0f} ms wall, {statistics.median(cpus):.0f} ms CPU"
          f" (median of {rounds}; worst {max(walls):.0f})")
    print(f"memory of the process at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    good = statistics.median(walls) < GOAL_MS
    print(f"goal: under {GOAL_MS:.0f} ms: {'met' if good else 'MISSED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
