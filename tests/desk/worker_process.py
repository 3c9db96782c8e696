"""A real worker process over the tests' own database: `python -m tests.desk.worker_process`."""

import os
import sys

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["AMPARO_TEST_DATABASE"]
django.setup()

from amparo.desk import examining, sandbox, workers  # noqa: E402 (the settings come first)

if len(sys.argv) > 1:  # a detector that takes its time, so that a test can act meanwhile
    sandbox.EXAMINE = "hostile:sleep"
    parsers, real = sys.argv[1], sandbox.run

    def slow(target: str, order: sandbox.Order | None, **more: object) -> sandbox.Outcome:
        return real(target, order, **{**more, "unsafe_search": (parsers,)})  # type: ignore[arg-type]

    examining.sandbox.run = slow  # type: ignore[assignment]
workers.run()
