"""A case page of the desk as values for templates: labels in the reader's language, addresses, nothing else."""

import functools
import unicodedata
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import clock, policy
from amparo.desk.accounts import OpenStaff
from amparo.desk.pages import CasePage, Entry, EvidenceCard, FindingCard, Line
from amparo.doors.staff import forms, labels, unchecked, working
from amparo.words import questionnaires
from amparo.words.consents import PURPOSES
from amparo.words.kinds import MEANS

ACTIONS = {
    "reply": "case.reply", "note": "case.note", "decide": "case.decide", "state": "case.state",
    "retention": "case.retention", "members": "case.members", "device": "case.consent", "exam": "case.exam",
    "event": "case.event", "original": "evidence.original", "erase": "case.shred", "add": "case.add",
    "vet": "case.vet", "receipt": "case.receipt", "delegate": "case.delegate",
    "mask": "case.mask", "export": "case.export", "twin": "case.twin",
}
STORY = "what-happened"
FIRST_REASONS = 3
HARD_TO_READ = ("intimate-image", "synthetic-media", "gendered-disinformation")  # the reporter's words, behind a veil
EXAMINABLE = ("none", "waiting-for-worker", "needs-handler", "failed", "needs-device-consent")


def allowed(staff: OpenStaff) -> dict[str, bool]:
    """What this colleague may do in a case that is granted to them."""
    return {name: policy.may(staff.role, "granted", action) for name, action in ACTIONS.items()}


def links(case: UUID) -> dict[str, str]:
    """Where the forms of a case go."""
    names = ("case", "reply", "note", "state", "retention", "event", "members", "erase", "masks")
    found = {name: reverse(f"staff:{name}", kwargs={"case": case}) for name in names}
    found["export"] = reverse("staff:export", kwargs={"case": case})
    return {**found, "row": reverse("staff:imported-row", kwargs={"case": case})}


def case(page: CasePage, staff: OpenStaff, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """The values of case.html. `given` holds forms that came back with errors, by name."""
    bound = given or {}
    return {
        "case": _facts(page, staff, bound), "can": allowed(staff), "links": links(page.case),
        "forms": {
            "reply": (bound.get("reply") or forms.Reply(auto_id="reply_%s")).of(working.mine_to_take(page, staff)),
            "note": bound.get("note") or forms.Note(auto_id="note_%s"),
            "event": bound.get("event") or forms.Event(auto_id="event_%s"),
            "state": bound.get("state") or forms.State(auto_id="state_%s", states=states(page.state)),
            "retention": bound.get("retention") or forms.Retention(
                auto_id="retention_%s", initial={"day": page.retention_on}),
            "task": bound.get("task") or working.Task(auto_id="task_%s"),
            "member": bound.get("member") or forms.Member(auto_id="member_%s", colleagues=colleagues(page)),
        },
    }


def states(current: str) -> list[tuple[str, str]]:
    """The states a colleague may set, without the one that stands."""
    return [(code, labels.state(code)) for code in labels.SETTABLE if code != current]


def colleagues(page: CasePage) -> list[tuple[str, str]]:
    """Whom one may add."""
    return [(str(member.staff_id), f"{member.pseudonym} · {labels.role(member.role)}") for member in page.addable]


def _facts(page: CasePage, staff: OpenStaff, bound: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": page.case, "code": labels.case_code(page.case), "version": page.version,
        "state_label": labels.state(page.state), "language_label": labels.language(page.language),
        "age": labels.age(page.opened_on, clock.today()), "opened_label": labels.day(page.opened_on),
        "retention_label": labels.day(page.retention_on), "renewed": page.epoch - 1,
        "withdrawn": _withdrawn(page), "minor": page.minor,
        "vetted": labels.vetted(page.vetted) if page.vetted else "",
        "gender": {"woman": _("asks for a woman"), "man": _("asks for a man")}.get(page.gender, ""),
        "level": labels.weight(page.level), "level_label": labels.level(page.level) if page.level else "",
        "notices": labels.notices(code for code in page.notices if code != "withdrawn"),
        "unreadable": [{"kind": _kind(row.kind), "item": row.item} for row in page.unreadable],
        "why": _why(page), "timeline": [_entry(entry) for entry in page.timeline],
        "story": next((one.text for one in page.answers if one.code == STORY), ""),
        "veil": veil(page),
        "told": [_(one.question) for one in page.answers if one.question and (one.text or one.values)],
        "told_on": labels.told_on(page.opened_on, clock.today()),
        "answers": [answer(one.code, one.question, one.values, one.text)
                    for one in page.answers if one.code != STORY or not one.text],
        "evidence": [piece(card, page) for card in page.evidence],
        "findings": [finding(card, page, bound) for card in page.findings],
        "gaps": unchecked.gaps(page.not_checked),
        "dialogue": [line(one, staff) for one in page.dialogue], "notes": [line(one, staff) for one in page.notes],
        "members": [_member(member, page, staff) for member in page.members], "addable": bool(page.addable),
        "consents": [{"label": _(_PURPOSES.get(code, code)), "given": on} for code, on in page.consents],
        "work": working.facts(page, staff),
        "undecided": sum(card.verdict not in labels.VERDICTS for card in page.findings),
        "came": next((_came(one, page) for one in page.timeline if one.proven and (
            one.kind == "taken-down" or (one.kind == "opening" and one.value == "carrier"))), ""),
        "imported": any(entry.kind == "imported" for entry in page.timeline),
        "agreed": any(on for _code, on in page.consents), "no_findings": _no_findings(page),
    }


def veil(page: CasePage) -> str:
    """What is said before words that may be hard to read; "" where they stand open."""
    chosen = {code for one in page.answers if one.code == "threats" for code in one.values}
    about = [code for code in HARD_TO_READ if code in chosen | set(page.work.seen.threats)]
    if not about:
        return ""
    return _("May be hard to read (%(about)s). Show it") % {"about": ", ".join(map(working.threat, about))}


_PURPOSES = {purpose.code: purpose.says for purpose in PURPOSES}


def _kind(code: str) -> str:
    return _(MEANS[code]) if code in MEANS else code


def _no_findings(page: CasePage) -> str:
    """What an empty list of findings means; silence must never read as safety."""
    if not page.evidence:
        return _("No files were sent, so there was nothing to examine.")
    if any(card.exam == "done" for card in page.evidence):
        return _("No known trace was found in what was examined. This is not proof of absence.")
    if all(card.exam == "nothing-read" for card in page.evidence):
        return _("No detector of this desk reads these files. Nothing was examined.")
    return _("Nothing has been examined yet.")


def _withdrawn(page: CasePage) -> str:
    if page.grace_until is None:
        return ""
    until = labels.moment(page.grace_until)
    left = page.grace_until - clock.now()
    hours = max(0, int(left.total_seconds() // 3600))
    return _("It is erased for good at %(until)s, in about %(hours)d hours, unless the reporter changes their mind. "
             "Do not copy anything out of it.") % {"until": until, "hours": hours}


def _why(page: CasePage) -> dict[str, Any]:
    """The heading of the queue, every reason, and what would change it."""
    changes = dict.fromkeys(page.would_change)
    today = clock.today()
    reasons = [labels.reason(reason.says, page.opened_on, today) for reason in page.why if reason.says]
    return {"code": page.heading, "label": labels.why(page.heading),
            "reasons": reasons[:FIRST_REASONS], "more": reasons[FIRST_REASONS:],
            "changes": [_(change) for change in changes if change]}


def _who(name: str, *, proven: bool = True) -> str:
    known = {"reporter": _("the reporter"), "worker": _("the desk's examination"),
             "delegate": _("somebody who may add"), "?": _("unknown")}
    return known.get(name, name)


def _entry(entry: Entry) -> dict[str, Any]:
    who = _who(entry.who) if entry.who else ""
    if who and not entry.proven:
        who = _("%(who)s, origin not proven") % {"who": who}
    head, text = _told(entry)
    return {"when": labels.when(entry.when), "venue": entry.venue, "venue_label": labels.venue(entry.venue),
            "head": head, "text": text, "who": who,
            "mark": labels.decision(entry.value) if entry.kind == "finding" else ""}


def _came(entry: Entry, page: CasePage) -> str:
    if entry.kind == "opening":
        return _("Sealed elsewhere and carried here as a file; taken in on %(day)s. What it says of times is by the "
                 "clock of the machine that sealed it.") % {"day": page.opened_on.isoformat()}
    return _("%(way)s, written down by %(who)s") % {"way": labels.way(entry.value), "who": _who(entry.who)}


def _told(entry: Entry) -> tuple[str, str]:
    """What happened at the desk in our words, and what a person wrote in theirs."""
    if entry.kind == "event":
        return "", entry.text
    if entry.kind == "finding":
        return _(entry.text), ""
    if entry.kind == "statement":
        return labels.happened(entry.value), entry.text
    if entry.kind == "consent":
        return labels.entry("consent"), ", ".join(labels.consents(entry.text.split(", "))) or _("none")
    if entry.kind == "file":
        return labels.entry("file"), visible(entry.text)
    if entry.kind == "taken-down":
        return f"{labels.entry(entry.kind)}: {labels.way(entry.value)}", ""
    if entry.kind == "state":
        value = labels.state(entry.value) if entry.what == "state" else entry.value
        if entry.what in ("retention", "kept"):
            value = labels.day(date.fromisoformat(entry.value))
        return f"{labels.entry(entry.what)}: {value}" if value else labels.entry(entry.what), entry.text
    return labels.entry(entry.kind), entry.text


@functools.cache
def _options() -> dict[str, dict[str, str]]:
    """Option codes of the report's questionnaire with their texts."""
    loaded = questionnaires.load("report")
    return {question.code: {option.code: option.text for option in question.options} for question in loaded.questions}


def answer(code: str, question: str, values: tuple[str, ...], text: str) -> dict[str, Any]:
    """One answer; options are shown in words, typed text as it was typed."""
    options = _options().get(code, {})
    shown = [_(options[value]) if value in options else value for value in values]
    if text and text not in shown:
        shown.append(text)
    return {"question": _(question) if question else code, "values": shown, "typed": bool(text)}


def _copies(card: EvidenceCard, page: CasePage) -> dict[str, list[dict[str, str]]]:
    """The rendered copies of a file, pictures apart from texts; and why there is none."""
    found: dict[str, list[dict[str, str]]] = {"pictures": [], "texts": [], "unshown": [], "talks": []}
    place = {"image": "pictures", "text": "texts", "email": "texts"}
    for copy in card.previews:
        url = reverse("staff:copy", kwargs={"case": page.case, "item": copy.item})
        found[place.get(copy.kind, "unshown")].append({"url": url, "says": told(copy.says)})
        if copy.conversation is not None:  # the newest reading counts
            talk = reverse("staff:conversation", kwargs={"case": page.case, "item": copy.conversation})
            found["talks"] = [{"url": talk, "says": ngettext(
                "Read the conversation (%(count)d message)", "Read the conversation (%(count)d messages)", copy.messages
            ) % {"count": copy.messages}}]
    return found


def told(sentence: str) -> str:
    """A sentence of ours in the reader's language; nothing stays nothing (gettext answers "" with its header)."""
    return _(sentence) if sentence else ""


def visible(name: str, most: int = 200) -> str:
    """A text of strangers with its unseen signs written out: one that turns it around would hide the true ending."""
    return "".join(f"[U+{ord(sign):04X}]" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign
                   for sign in name[:most])


def piece(card: EvidenceCard, page: CasePage) -> dict[str, Any]:
    """One file of evidence."""
    here = {"case": page.case, "item": card.item}
    startable = card.exam in EXAMINABLE and (card.device_consent or not card.device) and not card.lost
    allowed_to = dict(page.consents).get("examine", False)
    address = reverse("staff:piece", kwargs=here)
    return {
        "item": card.item, "name": visible(card.name) or _("a file without a name"), "size": labels.size(card.size),
        "received": labels.moment(card.received_on), "sha256": card.sha256, "custody": card.custody_index,
        "exam": labels.exam(card.exam), "lost": card.lost, "proven": card.proven, "page": address,
        **_copies(card, page),
        "needs_consent": card.device and not card.device_consent, "device": card.device,
        "can_examine": startable and allowed_to, "can_copy": not allowed_to and not card.lost and not card.previews,
        "consent_url": reverse("staff:device-consent", kwargs=here), "exam_url": reverse("staff:exam", kwargs=here),
        "original_url": reverse("staff:original", kwargs=here),
        "form": forms.DeviceConsent(auto_id=f"device-{card.item.hex[:8]}_%s"),
    }


def finding(card: FindingCard, page: CasePage, bound: dict[str, Any] | None = None) -> dict[str, Any]:
    """One finding."""
    bound = bound or {}
    seen = card.finding
    where = " · ".join(visible(part) for part in (seen.where.artefact, seen.where.row, seen.where.pointer) if part)
    knowledge = []
    for known in seen.knowledge:
        names = ", ".join(known.collections or (known.collection,))
        about = [part for part in (known.maintainer, known.licence, known.digest[:12]) if part]
        knowledge.append(visible(f"{known.indicator} — {names}" + (f" ({', '.join(about)})" if about else ""), 1000))
    failed = bound.get("decide")
    form = failed if failed is not None and bound.get("finding") == card.item else forms.Decide(
        auto_id=f"decide-{card.item.hex[:8]}_%s")
    verdict = card.verdict if card.verdict in labels.VERDICTS else None
    return {
        "item": card.item, "level": str(seen.level), "level_label": labels.level(seen.level),
        "category_label": labels.category(seen.category), "says": told(seen.says), "matters": told(seen.matters),
        "does_not_say": told(seen.does_not_say), "seen": visible(seen.seen, 1000), "where": where,
        "when": labels.when(seen.when) if seen.when else "", "knowledge": knowledge,
        "detector": f"{seen.detector} {seen.detector_version}", "proven": card.proven, "verdict": verdict,
        "verdict_label": labels.verdict(verdict) if verdict else "", "verdict_why": card.verdict_why,
        "decided": _decided(card, verdict),
        "told": card.told, "form": form,
        "url": reverse("staff:decide", kwargs={"case": page.case, "finding": card.item}),
    }


def _decided(card: FindingCard, verdict: str | None) -> str:
    if verdict:
        return _("%(verdict)s by %(who)s") % {"verdict": labels.verdict(verdict), "who": card.by}
    return _("a specialist must look, says %(who)s") % {"who": card.by} if card.verdict == "undecided" else ""


def line(one: Line, staff: OpenStaff) -> dict[str, Any]:
    """One line of the dialogue, or one note. What the desk said in fixed sentences is translated line by line."""
    text = _(labels.LINES[one.kind]) if one.kind in labels.LINES else one.text
    if one.kind == "result":
        text = "\n".join(_(part) if part.strip() else part for part in text.split("\n"))
    side = {"reporter": "you", "delegate": "you", "?": "odd"}.get(one.who, "desk")
    return {"who": _("you") if one.who == staff.pseudonym else _who(one.who), "text": text,
            "at": labels.moment(one.at), "proven": one.proven, "side": side, "kind": one.kind}


def _member(member: Any, page: CasePage, staff: OpenStaff) -> dict[str, Any]:
    removable = len(page.members) > 1 and policy.may(staff.role, "granted", "case.members")
    url = reverse("staff:member-remove", kwargs={"case": page.case, "colleague": member.staff_id})
    return {"pseudonym": member.pseudonym, "role_label": labels.role(member.role),
            "remove_url": url if removable else ""}
