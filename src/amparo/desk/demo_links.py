"""One-time sign-in links, in demo mode only: `serve` and `doctor` refuse a desk that holds such rows.

The secret in the link wraps the demo handler's private keys; using it deletes them. The page that uses it
asks for a click (POST), so that a browser that fetches links ahead does not burn it.
"""

import msgspec
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from amparo import seal
from amparo.desk import accounts, configuration
from amparo.desk.errors import Expired, NotAllowedHere
from amparo.desk.records import Staff


def _require_demo() -> None:
    if not configuration.current().demo:
        raise NotAllowedHere("This desk is not a demonstration.")


def make(*, staff: accounts.OpenStaff) -> str:
    """A one-time secret that opens a session as this colleague."""
    _require_demo()
    secret = seal.new_cookie()
    Staff.objects.filter(id=staff.id).update(
        demo_link=seal.session_id(secret),
        demo_keys=seal.seal_session(secret, msgspec.json.encode(staff.keys)),
    )
    return secret


def good(secret: str) -> bool:
    """Whether the link can still be used."""
    return configuration.current().demo and Staff.objects.filter(demo_link=seal.session_id(secret)).exists()


def use(*, session: SessionBase, secret: str) -> accounts.OpenStaff:
    """Open the session; the secret opens nothing from now on."""
    _require_demo()
    with transaction.atomic():
        row = Staff.objects.filter(demo_link=seal.session_id(secret)).first()
        if row is None or row.demo_keys is None:
            raise Expired("This link was used already.", advice="Start the demonstration again for a new one.")
        keys = msgspec.json.decode(seal.open_session(secret, bytes(row.demo_keys)), type=seal.StaffKeys)
        Staff.objects.filter(id=row.id).update(demo_link=None, demo_keys=None)
    return accounts.open_session(session, row, keys, "demo-opened")


def left() -> int:
    """How many such rows there are: none, outside a demonstration."""
    return Staff.objects.exclude(demo_link=None, demo_keys=None).count()
