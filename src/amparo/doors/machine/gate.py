"""Who comes in by the machine door: the same questions in the same order as on the staff door.

Signed in? Second factor done? Allowed by role and relation to the case? Right method? Only then does the view run.
"""

import functools
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, JsonResponse

from amparo.desk import accounts, policy, reading
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError, NotAllowedHere, NotFound
from amparo.desk.opening import NO_CASE
from amparo.desk.sessions import SessionStore
from amparo.words.errors import AmparoError

Answer = dict[str, Any]
View = Callable[..., Answer]
Given = TypeVar("Given", bound=msgspec.Struct)
STATUS = {"disk-full": 507, "busy": 503, "not-allowed": 403, "too-large": 413, "expired": 401, "changed": 409,
          "not-found": 404, "signed-out": 401, "method": 405, "bulk": 429, "second-person": 403}
SCHEME = "Bearer "
LONGEST_SECRET = 100
NONE = "none"


class SignedOut(DeskError):
    code = "signed-out"
    advice = "Sign in again: amparo login"


class NotUnderstood(DeskError):
    code = "not-understood"
    advice = "The program and the desk may be of different versions: install the same one on both sides."


class WrongMethod(DeskError):
    code = "method"
    advice = "Use the one that the address is for."


def error(status: int, code: str, says: str, advice: str) -> JsonResponse:
    """The one shape of every error of this door."""
    return JsonResponse({"error": code, "says": says, "advice": advice}, status=status)


def told(failed: AmparoError) -> JsonResponse:
    """An error of the desk, its gaps filled."""
    gaps = getattr(failed, "params", None) or {}
    says, advice = (text % gaps if gaps else text for text in (failed.says, failed.advice))
    return error(STATUS.get(failed.code, 400), failed.code, says, advice)


def given(request: HttpRequest, shape: type[Given]) -> Given:
    """The body as this shape. Raises NotUnderstood, which quotes nothing of it."""
    try:
        return msgspec.json.decode(request.body or b"{}", type=shape)
    except msgspec.DecodeError:
        raise NotUnderstood("The desk does not understand this request.") from None


def session_of(request: HttpRequest) -> SessionStore:
    """The session whose secret the header carries; an empty one where it carries none. Cookies are not read."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    secret = header.removeprefix(SCHEME) if header.startswith(SCHEME) else ""
    return SessionStore(secret if 0 < len(secret) <= LONGEST_SECRET else None)


def page(action: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], Callable[..., JsonResponse]]:
    """A view for signed-in staff who may do `action`; it gets (request, staff, **kwargs) and returns a dict."""
    def dress(view: View) -> Callable[..., JsonResponse]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> JsonResponse:
            staff = signed_in(session_of(request))
            case = kwargs.get("case")
            relation = reading.relation(staff, case) if isinstance(case, uuid.UUID) else NONE
            if not policy.may(staff.role, relation, action):
                if isinstance(case, uuid.UUID) and relation == NONE:
                    raise NotFound(NO_CASE)
                raise NotAllowedHere("Your role here does not allow this.")
            _right_method(request, methods)
            return JsonResponse(view(request, staff, **kwargs))
        guarded.action = action  # type: ignore[attr-defined]
        return guarded
    return dress


def signed_in(session: SessionStore) -> OpenStaff:
    """The colleague of this session. Raises SignedOut, also between the two steps."""
    staff = accounts.open_staff(session)
    if staff is None:
        raise SignedOut("You are not signed in, or your session has ended.")
    return staff


def open_to_all(view: View) -> Callable[..., JsonResponse]:
    """A view of signing in and out (POST): it gets (request, session), and the session is kept as it leaves it."""
    @functools.wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> JsonResponse:
        _right_method(request, ("POST",))
        session = session_of(request)
        try:
            return JsonResponse(view(request, session, **kwargs))
        finally:
            if session.modified and not session.is_empty():
                try:
                    session.save()
                except UpdateError:
                    session.flush()  # ended elsewhere meanwhile: never brought back to life
    return guarded


def _right_method(request: HttpRequest, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise WrongMethod("This address is not for that method.")
