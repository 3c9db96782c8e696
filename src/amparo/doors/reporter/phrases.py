"""Codes of the desk in plain words, marked for translation."""

import datetime as dt
from typing import Any

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from amparo.desk.intake import Readers

ROLES: dict[str, tuple[str, str]] = {
    "handler": (gettext_noop("handler"), gettext_noop("reads reports and answers them")),
    "lead": (gettext_noop("lead of the desk"), gettext_noop("reads, answers, and decides who works here")),
    "intake": (gettext_noop("intake"), gettext_noop("sorts what arrives")),
    "evidence": (gettext_noop("evidence"), gettext_noop("examines files")),
}
"""Code of a role -> its name and what it does."""

STATES: dict[str, tuple[str, str]] = {
    "received": (gettext_noop("It has arrived."), gettext_noop("Nobody has answered yet.")),
    "with-us": (gettext_noop("It is with us."),
                gettext_noop("Read below what the desk wrote. You can answer when you like.")),
    "waiting-for-you": (gettext_noop("We asked you something."),
                        gettext_noop("Our question is below. Answer when you can.")),
    "closed": (gettext_noop("It is closed."), gettext_noop("You can still write here.")),
    "withdrawn": (gettext_noop("You have taken it back."), gettext_noop("It is going to be erased.")),
}
"""What a reporter learns of the state of the case, and what it means for them."""


def readers(found: Readers) -> dict[str, Any]:
    """Readers as the templates show them: numbers and roles, never names."""
    return {
        "count": found.count,
        "roles": [
            {"count": number, "name": role_name(code), "does": _(ROLES[code][1]) if code in ROLES else ""}
            for code, number in found.roles.items() if number
        ],
        "recovery_hands": found.recovery_hands,
    }


def role_name(code: str) -> str:
    """A role in the reader's language; an unknown one by its code."""
    return _(ROLES[code][0]) if code in ROLES else code


def size(count: int) -> str:
    """Bytes in words, rounded so that a limit is never promised too high."""
    if count < 1000:
        return ngettext("%(n)s byte", "%(n)s bytes", count) % {"n": count}
    for unit, factor in ((_("%(n)s GB"), 1_000_000_000), (_("%(n)s MB"), 1_000_000), (_("%(n)s kB"), 1000)):
        if count >= factor:
            tenths = count * 10 // factor
            shown = tenths // 10 if tenths >= 100 or tenths % 10 == 0 else tenths / 10
            return unit % {"n": formats.localize(shown, use_l10n=True)}
    return str(count)


def moment(at: dt.datetime) -> str:
    """A time with its zone, always UTC: the server does not know where the reader is, and must not."""
    at = at.astimezone(dt.UTC) if timezone.is_aware(at) else at.replace(tzinfo=dt.UTC)
    return _("%(day)s, %(time)s UTC") % {"day": day(at.date()), "time": f"{at:%H:%M}"}


def day(on: dt.date) -> str:
    """A day in the reader's language."""
    # English month names first would read as American; the other languages have one order only.
    return formats.date_format(on, "j F Y" if translation.get_language() in ("en", None) else "DATE_FORMAT")
