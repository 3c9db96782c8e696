"""A conversation of the desk as values for its page: times as they can be read, names and texts that hide nothing."""

import unicodedata
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from amparo.desk.conversations import PAGE, Page
from amparo.doors.staff import labels
from amparo.words import times
from amparo.words.messages import GAPS, Attachment, Gap, Kind, Message, Origin

FORMS = {
    "whatsapp": gettext_noop("a chat exported from WhatsApp"), "signal": gettext_noop("chats exported from Signal"),
    "signal-export": gettext_noop("chats of Signal, taken out with signal-export"),
    "signal-markdown": gettext_noop("chats of Signal, taken out with signal-export"),
    "sms": gettext_noop("short messages of an Android phone"), "mailbox": gettext_noop("a mailbox"),
    "mail": gettext_noop("a mail"),
}
ORDERS = {"dmy": gettext_noop("day, month, year"), "mdy": gettext_noop("month, day, year"),
          "ymd": gettext_noop("year, month, day")}
DECIDED = {
    "order": gettext_noop("The dates could be read in two ways. They are read as %(order)s, because the messages then "
                          "stand in the order of time."),
    "open": gettext_noop("The dates can be read in two ways, and nothing in the file decides. They are shown as "
                         "%(order)s. Ask the person before you rely on a date."),
    "other": gettext_noop("The dates are shown as you chose: %(order)s."),
}
KINDS = {
    Kind.SYSTEM: gettext_noop("written by the program"),
    Kind.DELETED: gettext_noop("deleted; the text is not in the file"),
    Kind.EDITED: gettext_noop("edited; only the last text is in the file"),
}
UNITS = {"line": gettext_noop("line %(place)d"), "row": gettext_noop("row %(place)d"),
         "message": gettext_noop("message %(place)d")}
# joiners of letters, and marks that only settle the direction of what stands beside them
_HARMLESS = "\u200c\u200d\u200e\u200f\u061c"


def readable(text: str, most: int, *, line: bool = False) -> str:
    """A stranger's text in which nothing is hidden: signs that turn it around or cannot be seen are written out.

    Joiners stay, because Persian, Hindi and emoji need them; in a `line` (a name) marks and line ends do not.
    """
    kept = "\u200c\u200d" if line else _HARMLESS + "\n\t"
    return "".join(
        f"[U+{ord(sign):04X}]" if sign not in kept and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else sign for sign in text[:most]
    )


def page(found: Page, other: bool) -> dict[str, Any]:
    """The values of case/conversation.html. `other`: dates are read the other way."""
    summary = found.summary
    here = reverse("staff:conversation", kwargs={"case": found.case, "item": found.item})
    choosable = len(summary.orders) > 1
    other = other and choosable
    way = "&read=other" if other else ""
    return {
        "name": readable(found.name, 200, line=True) or _("a file without a name"),
        "form": _(FORMS[summary.form]) if summary.form in FORMS else "",
        "counts": _counts(found, other), "chats": [readable(chat, 200, line=True) for chat in summary.chats],
        "says": _(found.says) if found.says else "", "proven": found.proven, "missing": found.missing,
        "zone": summary.zone == "unknown", "dates": _dates(found, other) if choosable else "",
        "turn_url": (here if other else f"{here}?read=other") if choosable else "",
        "turn": _order(summary.orders[0] if other else summary.orders[1]) if choosable else "",
        "left": _left(found), "gaps": [_gap(gap) for gap in summary.gaps if gap.code != "more-messages"],
        "messages": [_message(one, other, bool(len(summary.chats) > 1)) for one in found.messages],
        "pages": _("Page %(number)d of %(pages)d") % {"number": found.number, "pages": found.pages},
        "earlier": f"{here}?page={found.number - 1}{way}" if found.number > 1 else "",
        "later": f"{here}?page={found.number + 1}{way}" if found.number < found.pages else "",
        "start": (found.number - 1) * PAGE + 1,
        "piece_url": reverse("staff:piece", kwargs={"case": found.case, "item": found.of}),
        "case_url": reverse("staff:case", kwargs={"case": found.case}), "code": labels.case_code(found.case),
    }


def _counts(found: Page, other: bool) -> str:
    summary = found.summary
    parts = [
        ngettext("%(count)d message", "%(count)d messages", summary.messages) % {"count": summary.messages},
        ngettext("%(count)d person", "%(count)d people", summary.people) % {"count": summary.people},
    ]
    if summary.first is not None and summary.last is not None and not other:
        first, last = (labels.when(times.Moment(one.at, times.Precision.DAY, one.zone))
                       for one in (summary.first, summary.last))
        parts.append(first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last})
    if summary.attachments:
        sent = ngettext("%(count)d file sent", "%(count)d files sent", summary.attachments)
        parts.append(sent % {"count": summary.attachments} + " " + ngettext(
            "(%(count)d of them in the export)", "(%(count)d of them in the export)", summary.there
        ) % {"count": summary.there})
    return ", ".join(parts)


def _order(code: str) -> str:
    return _(ORDERS[code]) if code in ORDERS else code


def _dates(found: Page, other: bool) -> str:
    orders = found.summary.orders
    decided = "other" if other else found.summary.decided if found.summary.decided in DECIDED else "open"
    return _(DECIDED[decided]) % {"order": _order(orders[1] if other else orders[0])}


def _left(found: Page) -> str:
    left = found.summary.messages - found.summary.kept
    if left <= 0 or found.code != "done":
        return ""
    return ngettext(
        "Only the first %(kept)d are shown. %(count)d more stands in the file: get the original to read it.",
        "Only the first %(kept)d are shown. %(count)d more stand in the file: get the original to read them.", left,
    ) % {"kept": found.summary.kept, "count": left}


def _gap(gap: Gap) -> dict[str, Any]:
    return {"says": _(GAPS[gap.code]) if gap.code in GAPS else readable(gap.code, 60, line=True), "count": gap.count,
            "where": _place(gap.origin) if gap.origin else "", "text": readable(gap.text, 120, line=True)}


def _place(origin: Origin) -> str:
    place = _(UNITS.get(origin.unit, UNITS["line"])) % {"place": origin.place}
    return _("%(place)s, inside it %(inside)s") % {"place": place, "inside": readable(origin.inside, 40, line=True)} \
        if origin.inside else place


def _message(one: Message, other: bool, chats: bool) -> dict[str, Any]:
    when = one.otherwise if other and one.otherwise is not None else one.when
    return {
        "sender": readable(one.sender, 200, line=True), "to": readable(one.to, 1_000, line=True),
        "chat": readable(one.chat, 200, line=True) if chats else "",
        "subject": readable(one.subject, 1_000, line=True), "text": readable(one.text, 20_000),
        "when": labels.when(when) if when is not None else "",
        "written": readable(one.written, 60, line=True) if when is None else "",
        "kind": _(KINDS[one.kind]) if one.kind in KINDS else "", "system": one.kind is Kind.SYSTEM,
        "files": [_file(file) for file in one.attachments], "place": _place(one.origin),
    }


def _file(file: Attachment) -> dict[str, str]:
    facts = [labels.size(file.size)] if file.size is not None else []
    facts += [readable(file.media_type, 100, line=True)] if file.media_type else []
    facts.append(_("in the export") if file.there else _("not in the export"))
    return {"name": readable(file.name, 200, line=True) or _("a file whose name is not told"),
            "facts": ", ".join(facts)}
