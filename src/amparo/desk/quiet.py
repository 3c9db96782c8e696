"""Logs and error reports that carry codes and places in our code, never a text, an address or a value.

Messages of other packages are written for developers and quote what they met (a key, a path, a row), so
only our own loggers may print their message, and those print codes.
"""

import logging
import traceback
from types import TracebackType

from django.views.debug import ExceptionReporter


def places(trace: TracebackType | None, deepest: int = 6) -> str:
    """Where an error passed: `file:line` of the last frames, without source lines or values."""
    frames = traceback.extract_tb(trace)[-deepest:]
    return " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))


class QuietFormatter(logging.Formatter):
    """`time level logger code`, and for an error its class and places."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [self.formatTime(record), record.levelname, record.name]
        if record.name.split(".", 1)[0] == "amparo":
            parts.append(record.getMessage())
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, trace = record.exc_info
            parts.append(str(getattr(error, "code", "") or kind.__name__))
            parts.append(places(trace))
        return " ".join(parts)


class CodesOnlyReporter(ExceptionReporter):
    """Django's error report, cut down to the class and the places of an error."""

    def get_traceback_text(self) -> str:
        name = self.exc_type.__name__ if self.exc_type else "error"
        return f"{name} at {places(self.tb)}"

    def get_traceback_html(self) -> str:
        return self.get_traceback_text()
