"""Background work. A job's row holds ids only, whatever happens to the job.

The task table keeps arguments, return values and tracebacks in clear, and a traceback quotes what it met. So every
task is made by `coded`: it takes ids, returns nothing, and turns any end into a code on its lease.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django_tasks import task
from django_tasks.base import Task

from amparo.desk.records import Lease
from amparo.words.errors import AmparoError

log = logging.getLogger("amparo.desk.tasks")


class BadArguments(AmparoError):
    """A task was given something else than ids."""

    code = "bad-arguments"


def code_of(error: BaseException) -> str:
    """A stable code for an error: its own, or its class; never its text."""
    code = error.code if isinstance(error, AmparoError) else type(error).__name__.lower()
    return "".join(c for c in code if c.isascii() and (c.isalnum() or c in "-._"))[:40] or "failed"


def coded(work: Callable[[UUID], object]) -> "Task[Any, None]":
    """The one way to make a task: one id in, nothing out, every end a code."""

    @functools.wraps(work)
    def run(identifier: str) -> None:
        code = ""
        try:
            work(_id(identifier))
        except BaseException as error:  # the table would keep the text of anything that leaves here
            code = code_of(error)
        if code:
            _note(identifier, code)

    run.coded = True  # type: ignore[attr-defined]
    made: Task[Any, None] = task(run)
    return made


def _id(identifier: object) -> UUID:
    try:
        return UUID(str(identifier))
    except ValueError:
        raise BadArguments("A task takes one id.") from None


def _note(identifier: str, code: str) -> None:
    try:
        from amparo.desk import examining

        examining.close(
            Lease.objects.filter(id=_id(identifier), state__in=("waiting", "running")), "needs-handler", code
        )
    except BaseException as error:
        log.error("task.note %s", code_of(error))
    log.error("task.ended %s", code)


@coded
def work_lease(lease: UUID) -> None:
    """Carry out one lease that is addressed to this process."""
    from amparo.desk import workers

    workers.carry_out(lease)


def enqueue_lease(lease: Lease) -> None:
    """Put a lease into its worker's own queue (the worker's id names it)."""
    work_lease.using(queue_name=lease.worker_id.hex).enqueue(str(lease.id))
