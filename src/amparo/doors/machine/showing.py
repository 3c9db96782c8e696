"""A case and the queue as JSON: the desk's own values whole, so that nothing a page shows is left out.

Texts people wrote go out as they are, with every sign in them: whoever shows them must make unseen signs visible.
"""

from typing import Any
from uuid import UUID

import msgspec

from amparo.desk.directory import Colleague
from amparo.desk.pages import CasePage
from amparo.desk.queue import QueueRow
from amparo.words import questionnaires, times
from amparo.words.consents import PURPOSES
from amparo.words.why import WHY_TEXTS

NOTICES = {
    "filing-not-proven": "The record of this report's filing is not proven to be the reporter's. Take care.",
    "no-worker": "No worker was running: files stay sealed and unexamined.",
    "carried": "The files came by a carrier: they are examined once you ask for it in a browser.",
    "rekey-waiting": "A colleague has left. This case gets new keys when one of its members signs in the next time.",
    "stranger-granted": "Somebody holds a key of this case whom no member has added. Do not write here; tell a lead.",
    "withdrawn": "The reporter has withdrawn this report. Do not copy anything out of it.",
}
_PURPOSES = {purpose.code: purpose.says for purpose in PURPOSES}


def code(case: UUID) -> str:
    """The case as people call it: eight signs of its id, in two groups."""
    sign = case.hex[:8].upper()
    return f"{sign[:4]}-{sign[4:]}"


def row(one: QueueRow, people: dict[UUID, Colleague]) -> dict[str, Any]:
    """One row of the queue."""
    who = people.get(one.who) if one.who else None
    return {
        "case": str(one.case), "code": code(one.case), "day": one.day.isoformat(), "why": one.why,
        "heading": WHY_TEXTS.get(one.why, one.why), "reason": one.reason, "level": one.level,
        "language": one.language, "consents": list(one.consents), "waiting": one.waiting, "state": one.state,
        "new": one.new, "triaged": one.triaged, "who": who.pseudonym if who else "?" if one.who else "",
        "due": one.due.isoformat() if one.due else "", "wave": one.title,
    }


def case(page: CasePage) -> dict[str, Any]:
    """Everything of the case page. Times of the story are written out beside their parts; answers in words."""
    shown: dict[str, Any] = msgspec.to_builtins(page, str_keys=True)
    shown["code"] = code(page.case)
    shown["heading_text"] = WHY_TEXTS.get(page.heading, page.heading)
    shown["work"] = work(page)
    for entry, made in zip(page.timeline, shown["timeline"], strict=True):
        made["written"] = times.written(entry.when)
    for card, made in zip(page.findings, shown["findings"], strict=True):
        made["written"] = times.written(card.finding.when)
    asked = questionnaires.load("report")
    for answer, made in zip(page.answers, shown["answers"], strict=True):
        question = asked.question(answer.code)
        options = {option.code: option.text for option in question.options} if question else {}
        made["texts"] = [options.get(value, value) for value in answer.values] or [answer.text]
    shown["consents"] = [
        {"code": one, "says": _PURPOSES.get(one, one), "given": given} for one, given in page.consents
    ]
    shown["notices"] = [{"code": one, "says": NOTICES.get(one, one)} for one in page.notices]
    return shown


def work(page: CasePage) -> dict[str, Any]:
    """How the work on the case stands, with people by the names that its members have."""
    names = {one.staff_id: one.pseudonym for one in (*page.members, *page.addable)}

    def named(who: UUID | None) -> str:
        return names.get(who, "?") if who else ""

    now = page.work
    return {
        "who": named(now.who), "waves": list(now.waves.values()),
        "tasks": [
            {"task": str(one.task), "text": one.text, "due": one.due.isoformat() if one.due else "",
             "who": named(one.who), "state": one.state, "outcome": one.outcome, "by": named(one.by)}
            for one in (*now.open_duties, *(one for one in now.duties if one.state != "open"))
        ],
        "handed": [
            {"by": named(one.by), "at": one.at.isoformat(), "text": one.text} for one in now.handed
        ],
        "seen": {
            "threats": list(now.seen.threats), "needs": list(now.seen.needs), "level": now.seen.level,
            "why": now.seen.why, "by": named(now.seen.by), "times": now.seen.times,
            "refuted": [{"fact": one.fact, "by": named(one.by), "why": one.why} for one in now.seen.refuted],
        },
    }
