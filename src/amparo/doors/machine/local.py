"""Which requests are this door's: those whose connection is a Unix socket, and none else.

The connection itself is asked, which gunicorn hands over as an object. No header, address or port that a stranger
could send has a say. A request over a network goes on as if this door did not exist; one over the socket sees this
door alone, without sessions by cookie, uploads or pages.
"""

import logging
import os
import socket
import struct
from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.urls import Resolver404, resolve

from amparo.desk import quiet
from amparo.doors.machine import gate
from amparo.words.errors import AmparoError

log = logging.getLogger("amparo.doors")
CONNECTION = "gunicorn.socket"
ADDRESSES = "amparo.doors.machine.urls"


def over_local_socket(request: HttpRequest) -> bool:
    """Whether the connection is a Unix socket whose other end is this account, or root."""
    line = request.META.get(CONNECTION)
    if not isinstance(line, socket.socket) or line.family != socket.AF_UNIX:
        return False
    if not hasattr(socket, "SO_PEERCRED"):  # not Linux: the mode of the folder must do
        return True
    raw = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", raw)[1] in (os.geteuid(), 0)


class LocalDoorMiddleware:
    """Outermost: a request over the socket never reaches what serves browsers, and the other way round."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not over_local_socket(request):
            return self.get_response(request)
        answer = _answer(request)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Content-Length"] = str(len(answer.content))
        return answer


def _answer(request: HttpRequest) -> HttpResponse:
    """The view's answer; every error in the one shape, none with a trace."""
    try:
        match = resolve(request.path_info, urlconf=ADDRESSES)
        answer: HttpResponse = match.func(request, **match.kwargs)
        return answer
    except Resolver404:
        return gate.error(404, "no-address", "There is no such address.", "Is this program older than the desk?")
    except AmparoError as error:
        return gate.told(error)
    except (RequestDataTooBig, UnreadablePostError):
        return gate.error(413, "too-large", "This is more than the desk takes at once.", "Send it in two parts.")
    except Exception as error:
        log.error("machine.%s %s", type(error).__name__, quiet.places(error.__traceback__))
        if isinstance(error, OperationalError) and "full" in str(error):
            return gate.error(507, "disk-full", "This desk has no room left to store anything.", "Nothing was stored.")
        return gate.error(500, "fault", "Something went wrong on the desk's side.", "Look again before you repeat it.")
