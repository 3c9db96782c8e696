"""A check-in plan as people write it: when, who is called, what may be said. Read from a form, tried before it counts.

Times are given as hours from now: the desk does not know the reporter's time zone, and must not ask for it.
"""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from amparo import seal
from amparo.desk import clock, site, waking
from amparo.desk.errors import DeskError

CONTACTS = 3
EVERY = (0, 1, 2, 3, 4, 6, 8, 12, 24)  # hours; 0: once
DAYS = (1, 2, 3, 5, 7, 14)
GRACE = (15, 30, 60, 120, 240)  # minutes
LATEST = dt.timedelta(days=14)  # the first time
JITTER = dt.timedelta(minutes=5)
LONGEST_LINE, LONGEST_TEXT, SHORTEST_WORD = 200, 2000, 3


class BadPlan(DeskError):
    """Something in the form. `field` is its name there."""

    code = "plan"
    advice = "Correct it, and look at the try-out again."

    def __init__(self, field: str, says: str, *, advice: str | None = None, **params: object) -> None:
        super().__init__(says, advice=advice, **params)
        self.field = field


class HalfFilled(BadPlan):
    advice = "Fill it in, or empty all four fields of this person."


class NobodyAwake(DeskError):
    """The rota does not cover a time."""

    code = "nobody-awake"
    advice = "Choose another time, or ask the desk to have somebody on duty then."


class Contact(msgspec.Struct, frozen=True):
    """Somebody who is called, in this order."""

    who: str
    how: str
    say: str
    never: str  # what must not be said to them


class Protocol(msgspec.Struct, frozen=True):
    """What lies under the second lock. `word` means "I am forced"."""

    contacts: tuple[Contact, ...]
    otherwise: str  # what is done if nobody answers
    word: str = ""

    def forced(self, typed: str) -> bool:
        """Whether the agreed word is what was typed, or stands in it."""
        wanted, given = _folded(self.word), _folded(typed)
        return bool(wanted) and f" {wanted} " in f" {given} "


class Plan(msgspec.Struct, frozen=True):
    """A plan that nobody has switched on yet. Times in UTC."""

    protocol: Protocol
    first: dt.datetime
    hours: int
    until: dt.datetime | None
    grace: int


def _folded(text: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text.casefold()).split())


def read(form: Mapping[str, str]) -> Plan:
    """The plan of a filled form. Raises BadPlan, and NobodyAwake where the rota has a gap at one of its times."""
    contacts = tuple(one for number in range(1, CONTACTS + 1) if (one := _contact(form, number)) is not None)
    if not contacts:
        raise BadPlan("who-1", "Nobody is named who is called.", advice="Name at least one person.")
    otherwise = _text(form, "otherwise", LONGEST_TEXT)
    if not otherwise:
        raise BadPlan("otherwise", "It is not said what is done if nobody answers.", advice="Write it in a few words.")
    word = _text(form, "word", LONGEST_LINE)
    if word and len(_folded(word)) < SHORTEST_WORD:
        raise BadPlan("word", "This word is too short.", advice="Choose a word that you do not write by accident.")
    first, hours = _first(form), _number(form, "every", EVERY)
    days, grace = _number(form, "days", DAYS), _number(form, "grace", GRACE)
    if hours and grace >= hours * 60:
        raise BadPlan("grace", "The wait is as long as the time between two check-ins.", advice="Choose a shorter one.")
    plan = Plan(Protocol(contacts, otherwise, word), first, hours,
                first + dt.timedelta(days=days) if hours else None, grace)
    require_awake(times(plan.first, plan.hours, plan.until), plan.grace)
    return plan


def _contact(form: Mapping[str, str], number: int) -> Contact | None:
    who, how = (_text(form, f"{name}-{number}", LONGEST_LINE) for name in ("who", "how"))
    say, never = (_text(form, f"{name}-{number}", LONGEST_TEXT) for name in ("say", "never"))
    if not (who or how or say or never):
        return None
    if not who:
        raise HalfFilled(f"who-{number}", "It is not said who this person is.")
    if not how:
        raise HalfFilled(f"how-{number}", "It is not said how this person is reached.")
    if not say:
        raise HalfFilled(f"say-{number}", "It is not said what this person may be told.")
    return Contact(who, how, say, never)


def _text(form: Mapping[str, str], name: str, longest: int) -> str:
    text = form.get(name, "").replace("\r\n", "\n").strip()
    if len(text) > longest:
        raise BadPlan(name, "This text is longer than %(limit)s characters.", advice="Make it shorter.", limit=longest)
    return text


def _number(form: Mapping[str, str], name: str, known: tuple[int, ...]) -> int:
    raw = form.get(name, "")
    if not raw.isdecimal() or len(raw) > 4 or int(raw) not in known:
        raise BadPlan(name, "Nothing is chosen here.", advice="Choose one.")
    return int(raw)


def _first(form: Mapping[str, str]) -> dt.datetime:
    """The moment that the try-out showed, where it was shown; else so many hours from now."""
    now = clock.now().replace(second=0, microsecond=0)
    first = in_hours(form.get("in", ""), now)
    shown = form.get("begins", "")
    if shown:
        try:
            first = dt.datetime.fromisoformat(shown).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            first = None
    if first is None or not now < first <= now + LATEST:
        raise BadPlan("in", "The first time is not understood, is over, or is too far away.",
                      advice="Write in how many hours it is, between a quarter of an hour and 14 days.")
    return first


def in_hours(raw: str, now: dt.datetime) -> dt.datetime | None:
    """So many hours from now ("6", "1.5", "1,5"), in any digits; None where it is no such number."""
    raw = raw.strip().replace(",", ".").replace("\u066b", ".")
    try:
        hours = float(raw)
    except ValueError:
        return None
    return now + dt.timedelta(hours=hours) if 0.2 <= hours <= 24 * 14 else None


def times(first: dt.datetime, hours: int, until: dt.datetime | None) -> tuple[dt.datetime, ...]:
    """Every time of a plan."""
    if not hours or until is None:
        return (first,)
    count = int((until - first) / dt.timedelta(hours=hours)) + 1
    return tuple(first + dt.timedelta(hours=hours * number) for number in range(count))


def later(first: dt.datetime, hours: int, until: dt.datetime | None, than: dt.datetime) -> dt.datetime | None:
    """The next time after this moment; None where the plan is at its end."""
    return next((one for one in times(first, hours, until) if one > than), None)


def uncovered(due: dt.datetime, grace: int) -> bool:
    """Whether nobody would be woken if this time were missed."""
    rings = due + dt.timedelta(minutes=grace)
    return not (waking.covered(rings) and waking.covered(rings + JITTER))


def require_awake(dues: tuple[dt.datetime, ...], grace: int) -> None:
    """Raises NobodyAwake for the first time that the rota does not cover."""
    for due in dues:
        if uncovered(due, grace):
            raise NobodyAwake("Nobody is awake at this desk if the time of %(when)s is missed.",
                              when=f"{due:%Y-%m-%d %H:%M} UTC")


def close_up(case: UUID, plan: UUID, protocol: Protocol) -> bytes:
    """The protocol under the second lock."""
    return seal.seal_protocol(_secret(), case, plan, msgspec.msgpack.encode(protocol))


def open_up(case: UUID, plan: UUID, sealed: bytes) -> Protocol:
    """The protocol; who may see it now, `checkins` decides. Raises seal.Tampered."""
    try:
        return msgspec.msgpack.decode(seal.open_protocol(_secret(), case, plan, sealed), type=Protocol)
    except msgspec.DecodeError:
        raise seal.Tampered("This protocol is not what it says.") from None


def _secret() -> bytes:
    return site.keyed_hash("check-in", "protocol")
