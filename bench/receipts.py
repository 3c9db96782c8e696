"""Can right be told from wrong by the work done? CPU up to the first byte, interleaved pairs in random order.

A right receipt beside a wrong one (through the service, and over the page), an unknown login name beside a wrong
password. Passwords and receipts cost here what they cost at a desk. Run by `python3 run.py bench receipts`.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

GOAL = 0.02


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--pairs", type=int, default=200)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        os.environ["AMPARO_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.desk.settings"
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import django

        django.setup()
        return measure(given.pairs)


def measure(pairs: int) -> int:
    from django.conf import settings

    from amparo.desk import founding, throttle
    from tests.attacks import test_telling_by_time as told
    from tests.desk import people

    settings.ALLOWED_HOSTS.append("testserver")
    founding.migrate()
    tempfile.tempdir = None
    throttle.LONGEST = 0.0  # the same wait for everybody says nothing about the work
    people.found()
    missed = 0
    for one in told.MEASURES:
        found = one(pairs)
        good = abs(found - 1) < GOAL
        missed += not good
        name = one.__name__.replace("_", " ")
        print(f"{name}: {found:.4f} ({pairs} pairs; goal within {GOAL:.0%}: {'met' if good else 'MISSED'})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
