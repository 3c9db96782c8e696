"""Sealed sessions: the cookie is the key, the row is ciphertext keyed by the cookie's hash.

A session holds what must never be readable on a seized disk: drafts, receipts, opened keys. It holds no
address and no browser's name, it is never cached, and it ends by itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, connection, transaction

from amparo import seal
from amparo.desk import clock, configuration
from amparo.desk.records import SessionRow

REPORTER_HOURS = 24  # a slow upload keeps its session alive, up to this
_TOUCH_EVERY = 60.0  # seconds
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
        id_ = seal.session_id(key)
        with connection.cursor() as cursor:  # read on every request: the ORM would cost several times the query
            cursor.execute("SELECT body, idle_until, ends_at FROM desk_sessionrow WHERE id = %s", [id_])
            row = cursor.fetchone()
        now = clock.now().timestamp()
        if row is None or now >= row[1] or now >= row[2]:
            return None
        try:
            data: dict[str, Any] = msgspec.json.decode(seal.open_session(key, bytes(row[0])))
        except (seal.Tampered, msgspec.DecodeError):
            return None  # an altered row is no session
        fresh = min(now + idle(data), row[2])
        if touch and fresh - row[1] > _TOUCH_EVERY:
            with lightly():
                SessionRow.objects.filter(id=id_).update(idle_until=fresh)
        return data

    def peek(self) -> dict[str, Any] | None:
        """The stored data as it is now, without replacing what this request holds."""
        return self._stored(touch=False)

    def touch(self) -> None:
        """Keep the session alive during a long upload."""
        if self.session_key:
            now = clock.now().timestamp()
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
        now = clock.now().timestamp()
        ends = float(data.setdefault(_ENDS, now + REPORTER_HOURS * 3600))
        id_, body = seal.session_id(self.session_key), seal.seal_session(self.session_key, msgspec.json.encode(data))
        rest = min(now + idle(data), ends)
        with lightly(), connection.cursor() as cursor:
            if must_create:
                try:
                    with transaction.atomic():
                        SessionRow.objects.bulk_create([
                            SessionRow(id=id_, body=body, idle_until=rest, ends_at=ends)
                        ])
                except IntegrityError:
                    raise CreateError from None
                return None
            cursor.execute(
                "UPDATE desk_sessionrow SET body = %s, idle_until = %s, ends_at = %s WHERE id = %s",
                [body, rest, ends, id_],
            )
            if cursor.rowcount != 1:
                raise UpdateError  # ended meanwhile (logout elsewhere, expiry): never brought back to life
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            SessionRow.objects.filter(id=seal.session_id(key)).delete()

    @classmethod
    def clear_expired(cls) -> int:
        """Delete sessions that ended; how many."""
        now = clock.now().timestamp()
        gone, _ = SessionRow.objects.filter(idle_until__lte=now).delete()
        more, _ = SessionRow.objects.filter(ends_at__lte=now).delete()
        return gone + more


@contextmanager
def lightly() -> Iterator[None]:
    """Writes of a session do not wait for the disk: it survives a killed process, not a power cut.

    What is acknowledged (a report, a reply) is written fully, and with it all that was written before it.
    """
    if connection.in_atomic_block or connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")


def idle(data: dict[str, Any]) -> float:
    """Seconds a session may rest: staff (also while signing in) and reporters differ."""
    settings = configuration.current()
    staff = "staff" in data or "pending" in data
    return 60.0 * (settings.staff_idle_minutes if staff else settings.reporter_idle_minutes)


def limit(session: SessionBase, hours: float) -> None:
    """The session ends `hours` from now, whatever happens in it."""
    session[_ENDS] = clock.now().timestamp() + hours * 3600


def take(session: SessionBase, name: str) -> Any:
    """The stored value under `name`, taken out for good, or None: of two requests at once only one gets it."""
    with lightly(), transaction.atomic():  # IMMEDIATE, as in `once`
        held = session.pop(name, None)
        stored = session.peek() if isinstance(session, SessionStore) else {name: held}
        if held is None or stored is None or stored.get(name) != held:
            return None
        session.save()
    return held


def once(session: SessionBase, name: str, make: Callable[[], Any]) -> Any:
    """The stored value under `name`, made and stored if there is none: equal for concurrent requests."""
    if session.session_key is None:
        session.create()
    # IMMEDIATE: the second request waits here, then finds the first one's value
    with lightly(), transaction.atomic():
        stored = session.peek() if isinstance(session, SessionStore) else None
        if stored is not None and name in stored:
            session[name] = stored[name]
        else:
            session[name] = make()
            session.save()
    return session[name]
