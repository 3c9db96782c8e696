"""Sealed sessions: the cookie is the key, the row is ciphertext keyed by the cookie's hash.

A session holds what must never be readable on a seized disk: drafts, receipts, opened keys. It holds no
address and no browser's name, it is never cached, and it ends by itself.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction

from amparo import seal
from amparo.desk import clock, configuration
from amparo.desk.records import SessionRow

REPORTER_HOURS = 24  # a slow upload keeps its session alive, up to this
_TOUCH_EVERY = dt.timedelta(seconds=60)
_ENDS = "_ends"


class SessionStore(SessionBase):
    """Django's session interface over sealed rows. Values must be what JSON can hold."""

    def load(self) -> dict[str, Any]:
        found = self._stored(touch=True)
        if found is None:
            self._session_key = None
            return {}
        return found

    def _stored(self, *, touch: bool) -> dict[str, Any] | None:
        key = self.session_key
        if not key:
            return None
        row = SessionRow.objects.filter(id=seal.session_id(key)).first()
        now = clock.now()
        if row is None or now >= row.idle_until or now >= row.ends_at:
            return None
        try:
            data: dict[str, Any] = msgspec.json.decode(seal.open_session(key, bytes(row.body)))
        except (seal.Tampered, msgspec.DecodeError):
            return None  # an altered row is no session
        fresh = min(now + idle(data), row.ends_at)
        if touch and fresh - row.idle_until > _TOUCH_EVERY:
            SessionRow.objects.filter(id=row.id).update(idle_until=fresh)
        return data

    def peek(self) -> dict[str, Any] | None:
        """The stored data as it is now, without replacing what this request holds."""
        return self._stored(touch=False)

    def touch(self) -> None:
        """Keep the session alive during a long upload."""
        if self.session_key:
            now = clock.now()
            SessionRow.objects.filter(id=seal.session_id(self.session_key), ends_at__gt=now).update(
                idle_until=now + idle(self._session)
            )

    def exists(self, session_key: str) -> bool:
        return SessionRow.objects.filter(id=seal.session_id(session_key)).exists()

    def _get_new_session_key(self) -> str:
        return seal.new_cookie()

    def create(self) -> None:
        while True:
            self._session_key = seal.new_cookie()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)
        now = clock.now()
        ends = data.setdefault(_ENDS, (now + dt.timedelta(hours=REPORTER_HOURS)).timestamp())
        ends_at = dt.datetime.fromtimestamp(ends, dt.UTC)
        values = {
            "body": seal.seal_session(self.session_key, msgspec.json.encode(data)),
            "idle_until": min(now + idle(data), ends_at),
            "ends_at": ends_at,
        }
        id_ = seal.session_id(self.session_key)
        if must_create:
            try:
                with transaction.atomic():
                    SessionRow.objects.create(id=id_, **values)
            except IntegrityError:
                raise CreateError from None
        elif not SessionRow.objects.filter(id=id_).update(**values):
            raise UpdateError  # ended meanwhile (logout elsewhere, expiry): never brought back to life
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            SessionRow.objects.filter(id=seal.session_id(key)).delete()

    @classmethod
    def clear_expired(cls) -> int:
        """Delete sessions that ended; how many."""
        now = clock.now()
        gone, _ = SessionRow.objects.filter(idle_until__lte=now).delete()
        more, _ = SessionRow.objects.filter(ends_at__lte=now).delete()
        return gone + more


def idle(data: dict[str, Any]) -> dt.timedelta:
    """How long a session may rest: staff (also while signing in) and reporters differ."""
    settings = configuration.current()
    staff = "staff" in data or "pending" in data
    return dt.timedelta(minutes=settings.staff_idle_minutes if staff else settings.reporter_idle_minutes)


def limit(session: SessionBase, hours: float) -> None:
    """The session ends `hours` from now, whatever happens in it."""
    session[_ENDS] = (clock.now() + dt.timedelta(hours=hours)).timestamp()


def once(session: SessionBase, name: str, make: Callable[[], Any]) -> Any:
    """The stored value under `name`, made and stored if there is none: equal for concurrent requests."""
    if session.session_key is None:
        session.create()
    with transaction.atomic():  # IMMEDIATE: the second request waits here, then finds the first one's value
        stored = session.peek() if isinstance(session, SessionStore) else None
        if stored is not None and name in stored:
            session[name] = stored[name]
        else:
            session[name] = make()
            session.save()
    return session[name]
