"""What one colleague keeps for themselves: a time zone, which hand-overs were read. Sealed to their own key."""

import datetime as dt
import zoneinfo
from uuid import UUID

import msgspec
from django.db import transaction

from amparo import seal
from amparo.desk import clock, configuration, policy
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError
from amparo.desk.records import Staff

_LABEL = "profile"
_KEPT = dt.timedelta(days=30)  # how long it is remembered that a hand-over was read; the queue shows them shorter


class KeyShown(msgspec.Struct, frozen=True):
    """A security key as my account lists it. Only a list: what signs in is sealed in the second factor."""

    id: str  # hexadecimal
    label: str
    added: dt.date
    place: str  # the address it is bound to


class Profile(msgspec.Struct, frozen=True):
    """Fields that are not known stay out: a newer desk may have written more."""

    zone: str = ""  # "": the desk's
    read: dict[UUID, dt.datetime] = {}  # hand-over -> when it was marked as read
    shift_from: dt.datetime | None = None  # when my last shift ended
    shortcuts: bool = True  # single letters do something, where the browser runs scripts
    security_keys: tuple[KeyShown, ...] = ()


def load(staff: OpenStaff) -> Profile:
    """My profile; an empty one where there is none, or where it is not as I sealed it."""
    raw = Staff.objects.filter(id=staff.id).values_list("profile", flat=True).first()
    if not raw:
        return Profile()
    try:
        return msgspec.msgpack.decode(
            seal.open_to_self(staff.keys.kex.private, _LABEL, staff.id, bytes(raw)), type=Profile
        )
    except (seal.SealError, msgspec.DecodeError):
        return Profile()


def _keep(staff: OpenStaff, profile: Profile) -> None:
    body = seal.seal_to_self(staff.keys.kex.public, _LABEL, staff.id, msgspec.msgpack.encode(profile))
    Staff.objects.filter(id=staff.id).update(profile=body)


def zone_named(name: str) -> dt.tzinfo:
    """A zone by its name; the desk's for "" and for names that are not known any more."""
    known = name if name in configuration.zones() else configuration.current().zone
    return dt.UTC if known == "UTC" else zoneinfo.ZoneInfo(known)


def set_zone(*, staff: OpenStaff, zone: str) -> None:
    """Times are shown and read in this zone from now on; "" for the desk's."""
    policy.require(staff.role, "none", "own.account")
    if zone and zone not in configuration.zones():
        raise DeskError("There is no such time zone.", advice="Choose one from the list.", code="zone")
    with transaction.atomic():
        _keep(staff, msgspec.structs.replace(load(staff), zone=zone))


def mark_read(*, staff: OpenStaff, shifts: tuple[UUID, ...]) -> None:
    """I have read these hand-overs."""
    now = clock.now()
    with transaction.atomic():
        before = load(staff)
        read = {one: at for one, at in before.read.items() if at > now - _KEPT}
        _keep(staff, msgspec.structs.replace(before, read=read | dict.fromkeys(shifts, now)))


def end_shift(*, staff: OpenStaff) -> None:
    """My shift is over; the next one begins here."""
    with transaction.atomic():
        _keep(staff, msgspec.structs.replace(load(staff), shift_from=clock.now()))


def set_shortcuts(*, staff: OpenStaff, on: bool) -> None:
    """Whether single letters do something on my pages."""
    policy.require(staff.role, "none", "own.account")
    with transaction.atomic():
        _keep(staff, msgspec.structs.replace(load(staff), shortcuts=on))


def set_security_keys(*, staff: OpenStaff, keys: tuple[KeyShown, ...]) -> None:
    """The list that my account shows; to be called where the second factor changes, in its transaction."""
    _keep(staff, msgspec.structs.replace(load(staff), security_keys=keys))
