"""The escalation watch as values for its page: the level with its reasons, what is not known, everything said."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from amparo.desk import clock
from amparo.desk.accounts import OpenStaff
from amparo.desk.escalating import WatchPage
from amparo.desk.statements import Source
from amparo.doors.staff import drawing, forms, labels, showing, working
from amparo.mitigate.escalation import WatchReason
from amparo.words import escalation as said
from amparo.words import perpetrators, questionnaires
from amparo.words.codes import CodeList

BY = {"unknown": gettext_noop("not known"), "near": gettext_noop("somebody close to the person")}
VALUES = {"yes": gettext_noop("yes"), "no": gettext_noop("no"), "unsure": gettext_noop("unsure")}
FINDINGS = {"open": gettext_noop("not decided"), "accepted": gettext_noop("accepted"),
            "rejected": gettext_noop("rejected")}
EXPOSURE = "exposure"


class Refute(forms.Calm):
    why = forms.text_area(gettext_lazy("How you know that it is not so"), gettext_lazy(
        "Signed with your name. Only this can lower the level."), rows=2)


def name(codes: CodeList, code: str) -> str:
    """The name of a code in the reader's language."""
    return _(codes.get(code).name) if code in codes else code


def by(code: str) -> str:
    """Who was behind it, as a colleague says it."""
    return _(BY[code]) if code in BY else name(perpetrators.KINDS, code)


def value(question: str, code: str) -> str:
    """An answer in words."""
    return name(said.EXPOSURES, code) if question == EXPOSURE else _(VALUES.get(code, code))


def exposure(code: str) -> str:
    """The second scale in words; what nobody said is never "nothing"."""
    return _("Not known") if code == said.UNKNOWN_EXPOSURE else name(said.EXPOSURES, code)


def what(one: said.Statement) -> str:
    """A statement in words."""
    match one:
        case said.Event():
            about = [*(name(said.MARKS, mark) for mark in one.marks), *([by(one.by)] if one.by != "unknown" else [])]
            return labels.happened(one.kind) + (f" ({', '.join(about)})" if about else "")
        case said.Answer():
            return f"{name(said.QUESTIONS, one.question)} {value(one.question, one.value)}"
        case said.Ahead():
            return _("%(what)s on %(day)s") % {"what": name(said.AHEAD, one.kind), "day": labels.day(one.on)}
        case said.Capacity():
            return name(said.CAPACITIES, one.kind)
        case said.Traced():
            return _("Finding (%(level)s, %(state)s)") % {
                "level": labels.level(one.level), "state": _(FINDINGS[one.state])}
    return ""


def anchor(of: str) -> str:
    """The place of a statement on the page; an id holds no word of a person."""
    return "s-" + of.replace(":", "-")


def values(page: WatchPage, staff: OpenStaff) -> dict[str, Any]:
    """What the page shows, but for its forms."""
    watch = page.watch
    falls = {fall.of: fall.to for fall in watch.would_lower}
    rows = [_row(of, source, page, staff) for of, source in page.sources.items()
            if not isinstance(source.said, said.Refutation | said.Withdrawal | said.Skipped)]
    rows.sort(key=lambda row: row["day"])
    for number, row in enumerate(rows, start=1):
        row["number"] = number
    numbers = {row["id"]: row for row in rows}
    lost = list(dict.fromkeys(ground.of for ground in watch.grounds if ground.of not in page.sources))
    return {
        "case": page.case, "code": labels.case_code(page.case), "version": page.version, "watch": {
            "code": watch.level.value, "level": labels.weight(watch.level), "level_label": labels.level(watch.level),
            "could_be": labels.level(watch.could_be) if watch.could_be != watch.level else "",
            "uncertain": watch.uncertain, "exposure": exposure(watch.exposure),
            "capacities": [name(said.CAPACITIES, code) for code in watch.capacities],
            "reasons": [_reason(one, numbers, falls) for one in watch.reasons if one.level == watch.level],
            "lesser": [_reason(one, numbers, {}) for one in watch.reasons if one.level != watch.level],
        },
        "told": {"level": labels.weight(page.told.level), "label": labels.level(page.told.level)},
        "raising": [_question(code, page) for code in watch.would_raise],
        "others": [_question(code, page) for code in said.QUESTIONS.codes
                   if code not in watch.would_raise and code != EXPOSURE],
        "exposures": [(code, name(said.EXPOSURES, code)) for code in said.EXPOSURES.codes],
        "capacities": [(one.code, _(one.name)) for one in said.CAPACITIES if one.code not in watch.capacities],
        "rows": rows, "picture": drawing.draw(
            [(row["number"], row["day"], row["lane"]) for row in rows if row["lane"]], clock.today()),
        "lost": [{"place": anchor(of), "id": of} for of in lost],
        "timeline": [{"item": item, "text": event.text, "when": labels.when(event.when),
                      "venue": labels.venue(event.venue)} for item, event in page.timeline],
        "unreadable": page.unreadable, "signed": _signed(page, staff), "current": page.current,
        "case_url": reverse("staff:case", kwargs={"case": page.case}),
        "triage_url": reverse("staff:triage", kwargs={"case": page.case}),
        "url": {key: reverse(f"staff:watch-{key}", kwargs={"case": page.case})
                for key in ("add", "refute", "sign", "along")},
    }


def _signed(page: WatchPage, staff: OpenStaff) -> dict[str, Any] | None:
    if page.signed is None:
        return None
    one = page.signed.payload
    return {"who": working.name_of(page.signed.by, staff, page.names), "at": labels.moment(one.at),
            "level_label": labels.level(one.watch.level), "again": labels.moment(one.again), "text": one.text,
            "late": one.again < clock.now()}


def _reason(one: WatchReason, rows: dict[str, dict[str, Any]], falls: dict[str, Any]) -> dict[str, Any]:
    return {"says": _(one.says), "level": labels.weight(one.level), "level_label": labels.level(one.level),
            "rests": [_rest(of, rows, falls) for of in one.rests]}


def _rest(of: str, rows: dict[str, dict[str, Any]], falls: dict[str, Any]) -> dict[str, Any]:
    """One statement that a reason rests on, and what would be without it."""
    row = rows.get(of)
    return {"place": anchor(of), "number": row["number"] if row else "",
            "what": row["what"] if row else _("Something that is not there any more"),
            "fall": labels.level(falls[of]) if of in falls else ""}


def _question(code: str, page: WatchPage) -> dict[str, Any]:
    """A standing question with what was answered so far."""
    answers = [one.said.value for of, one in page.sources.items() if isinstance(one.said, said.Answer)
               and one.said.question == code and of not in page.refuted]
    return {"code": code, "text": name(said.QUESTIONS, code),
            "so_far": ", ".join(_(VALUES.get(one, one)) for one in dict.fromkeys(answers))}


def _row(of: str, source: Source, page: WatchPage, staff: OpenStaff) -> dict[str, Any]:
    one = source.said
    day = one.on if isinstance(one, said.Ahead) else one.at.date() if isinstance(one.at, dt.datetime) else one.at
    refutation = next((other for other in reversed(page.sources.values()) if isinstance(other.said, said.Refutation)
                       and other.said.of == of and other.said.id not in page.refuted), None)
    lane = ""
    if isinstance(one, said.Event):
        lane = "online" if one.kind in said.ONLINE else "offline"
    elif isinstance(one, said.Ahead):
        lane = "ahead"
    return {
        "id": of, "place": anchor(of), "day": day, "day_label": labels.day(day), "lane": lane,
        "venue": labels.venue(lane) if lane in ("online", "offline") else _("ahead") if lane else "", "what": what(one),
        "text": showing.told(source.text) if source.sort == "finding" else source.text,
        "from": _from(source, page, staff), "link": _link(source, page),
        "unclear": of in page.watch.unclear, "taken_back": of in page.watch.taken_back,
        "report": source.sort == "report", "refuted": {
            "who": working.name_of(refutation.who, staff, page.names), "why": refutation.text,
            "id": refutation.said.id, "place": anchor(refutation.said.id), "back": refutation.sort == "colleague",
        } if refutation else None,
    }


def _from(source: Source, page: WatchPage, staff: OpenStaff) -> str:
    if source.case is not None:
        return _("taken along from case %(code)s by %(who)s") % {
            "code": labels.case_code(source.case), "who": working.name_of(source.who, staff, page.names)}
    if source.sort == "report":
        question = questionnaires.load("report").question(source.question)
        shown = showing.answer(source.question, question.text if question else "", (source.answer,), "")
        return _("the report: %(question)s %(answer)s") % {
            "question": shown["question"], "answer": ", ".join(_(VALUES.get(one, one)) for one in shown["values"])}
    if source.sort == "finding":
        return _("an examination of this desk")
    if not source.proven:
        return _("origin not proven")
    return working.name_of(source.who, staff, page.names)


def _link(source: Source, page: WatchPage) -> str:
    """Where the evidence itself stands."""
    case = reverse("staff:case", kwargs={"case": source.case or page.case})
    if source.case is not None:
        return case
    return {"report": f"{case}#answers", "finding": f"{case}#findings"}.get(
        source.sort, f"{case}#timeline" if source.timeline else "")


def today() -> dt.date:
    """The day in the colleague's zone."""
    return timezone.localdate(clock.now())
