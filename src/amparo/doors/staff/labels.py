"""Codes into words a person reads. Texts of the vocabulary are English message ids, translated here."""

import re
import uuid
from collections.abc import Iterable
from datetime import date, datetime

from django.utils import formats, timezone
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from amparo.mitigate import urgencies
from amparo.words import escalation, times

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d))?")
ROLES = {
    "handler": gettext_noop("handler"), "lead": gettext_noop("lead"), "intake": gettext_noop("intake"),
    "evidence": gettext_noop("evidence"), "auditor": gettext_noop("auditor"), "analyst": gettext_noop("analyst"),
    "admin": gettext_noop("administrator"), "outside": gettext_noop("outside contact"),
    "unsigned": gettext_noop("not yet signed by a lead"), "switched-off": gettext_noop("role switched off"),
    "away": gettext_noop("travel profile"),
}
STATES = {
    "open": gettext_noop("open"), "awaiting-vetting": gettext_noop("awaiting vetting"),
    "out-of-mandate": gettext_noop("out of mandate"),
    "waiting-on-reporter": gettext_noop("waiting on the reporter"),
    "waiting-on-partner": gettext_noop("waiting on a partner"), "closed": gettext_noop("closed"),
    "withdrawn": gettext_noop("withdrawn"), "erasing": gettext_noop("being erased"),
}
SETTABLE = ("open", "awaiting-vetting", "out-of-mandate", "waiting-on-reporter", "waiting-on-partner", "closed")
STAFF_STATES = {
    "invited": gettext_noop("invited"), "unsigned": gettext_noop("waits for a signature"),
    "active": gettext_noop("active"), "locked": gettext_noop("locked out"),
    "away": gettext_noop("travel profile"), "removed": gettext_noop("removed"),
}
LEVELS = {"high": gettext_noop("high"), "medium": gettext_noop("medium"), "low": gettext_noop("low"),
          "info": gettext_noop("for information")}
PRIORITIES = {"P0": gettext_noop("act now"), "P1": gettext_noop("answer within two hours"),
              "P2": gettext_noop("answer within a day"), "P3": gettext_noop("answer within three days")}
CATEGORIES = {
    "contacted": gettext_noop("reached out"), "received": gettext_noop("arrived on the device"),
    "installed": gettext_noop("was installed"), "ran": gettext_noop("ran"), "setting": gettext_noop("a setting"),
}
VENUES = {"online": gettext_noop("online"), "offline": gettext_noop("offline"), "both": gettext_noop("on- and offline"),
          "desk": gettext_noop("at the desk")}
FIRST_ANSWER = {"P0": 0, "P1": 0, "P2": 1, "P3": 3}  # days after the opening on which an answer is still in time
VERDICTS = {"accepted": gettext_noop("accepted"), "rejected": gettext_noop("rejected")}
WHY = {
    "life": (gettext_noop("Danger to life"), gettext_noop("Someone may be hurt. Read these first.")),
    "time-bound": (gettext_noop("Bound to a time"),
                   gettext_noop("A date or an hour decides whether help still helps.")),
    "spreading": (gettext_noop("Spreading"), gettext_noop("It grows while nobody acts.")),
    "skill": (gettext_noop("Needs a special skill"), gettext_noop("Somebody who knows this kind of attack must look.")),
    "rest": (gettext_noop("Others"), gettext_noop("In the order in which they came.")),
}
VETTED = {"confirmed": gettext_noop("vetted: confirmed"), "doubtful": gettext_noop("vetted: doubtful"),
          "not-confirmed": gettext_noop("vetted: not confirmed")}
LANGUAGES = {"en": "English", "es": "español", "fr": "français", "ar": "العربية"}
CONSENTS = {
    "examine": gettext_noop("examine"), "keep-for-court": gettext_noop("keep for a court"),
    "share-indicators": gettext_noop("share traces"), "statistics": gettext_noop("count"),
    "mechanisms": gettext_noop("ask funds"), "platform-notices": gettext_noop("write to platforms"),
    "un-confidential": gettext_noop("UN, confidential"), "un-public-name": gettext_noop("UN, with name"),
    "diplomatic": gettext_noop("embassies"), "publish-story": gettext_noop("publish"),
    "grounds": gettext_noop("keep the grounds"), "contact-again": gettext_noop("ask again later"),
}


def _of(table: dict[str, str], code: str) -> str:
    return _(table[code]) if code in table else code


def role(code: str) -> str:
    if code == "away":  # whoever looks over the shoulder of a travel profile reads an ordinary word
        return _("colleague")
    return _of(ROLES, code)


def state(code: str) -> str:
    return _of(STATES, code)


def staff_state(code: str) -> str:
    return _of(STAFF_STATES, code)


def level(code: str) -> str:
    """The weight of a finding, or the priority of a case."""
    return _of(PRIORITIES, code) if code in PRIORITIES else _of(LEVELS, code)


def weight(code: str) -> str:
    """Which of the three marks a level or priority is drawn with."""
    return {"P0": "high", "P1": "medium", "P2": "low", "P3": "info"}.get(code, code)


def category(code: str) -> str:
    return _of(CATEGORIES, code)


def venue(code: str) -> str:
    return _of(VENUES, code)


def verdict(code: str) -> str:
    return _of(VERDICTS, code)


def decision(code: str) -> str:
    """What stands beside a finding on the timeline."""
    return verdict(code) if code in VERDICTS else _("not decided")


def overdue(level_code: str, opened: date, today: date) -> bool:
    """Whether the first answer is late. Reports carry the day only, so hours count as the day of opening."""
    return (today - opened).days > FIRST_ANSWER.get(level_code, 3)


def why(code: str) -> str:
    return _(WHY[code][0]) if code in WHY else code


def why_help(code: str) -> str:
    return _(WHY[code][1]) if code in WHY else ""


def language(code: str) -> str:
    return LANGUAGES.get(code, code)


def vetted(code: str) -> str:
    """The outcome of the newest check, as a tag."""
    return _of(VETTED, code)


def consents(codes: Iterable[str]) -> list[str]:
    return [_of(CONSENTS, code) for code in codes]


def case_code(case: uuid.UUID) -> str:
    """The case as people call it on the telephone: eight signs of its id, in two groups."""
    sign = case.hex[:8].upper()
    return f"{sign[:4]}-{sign[4:]}"


def age(day: date, today: date) -> str:
    """How long ago, in days: reports of anonymous people carry the day only."""
    days = (today - day).days
    if days <= 0:
        return _("today")
    return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}


def day(value: date) -> str:
    """A day, the same way on every page of the desk; unmistakable between British and American readers."""
    return formats.date_format(value, "j F Y" if get_language() == "en" else "DATE_FORMAT")


def reason(says: str, told: date, today: date) -> str:
    """A reason in the reader's language. What counts days from the telling says so once a day has passed."""
    if today <= told or says not in urgencies.counted():
        return _(says)
    return _("%(reason)s, as told on %(day)s: it may be today, or over") % {
        "reason": _(says), "day": formats.date_format(told, "l")}


def told_on(value: date, today: date) -> str:
    """When it was told, beside today: "tomorrow" in a story of Monday is over on Wednesday."""
    if value >= today:
        return _("told today, %(day)s") % {"day": weekday(value)}
    return _("told on %(day)s (%(age)s); today is %(today)s") % {
        "day": weekday(value), "age": age(value, today), "today": weekday(today)}


def weekday(value: date) -> str:
    """A day with its name."""
    return f"{formats.date_format(value, 'l')}, {day(value)}"


def moment(at: datetime | None) -> str:
    """A time of a writing at the desk."""
    if at is None:
        return ""
    local = timezone.localtime(at) if timezone.is_aware(at) else at
    return f"{day(local)}, {local:%H:%M} {local.tzname() or ''}".strip()


def when(value: times.When | None) -> str:
    """A time of the story, cut to what is known."""
    if value is None:
        return _("time not known")
    start, _dash, end = times.written(value).partition(" – ")
    text = start if start == end or not end else f"{start} – {end}"
    return _DAY.sub(lambda found: day(date.fromisoformat(found[1])) + (f", {found[2]}" if found[2] else ""), text)


def size(count: int) -> str:
    """Bytes in the unit people use, decimal."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if count >= unit:
            return f"{formats.number_format(count / unit, 1)} {name}"
    return ngettext("%(count)d byte", "%(count)d bytes", count) % {"count": count}


WAITING = {
    "reporter-wrote": gettext_noop("the reporter wrote"), "no-worker": gettext_noop("no worker was running"),
    "carried": gettext_noop("files to examine"),
    "needs-handler": gettext_noop("examination needs a handler"),
    "findings": gettext_noop("findings wait for a decision"),
    "withdrawn": gettext_noop("withdrawn by the reporter"), "unreadable": gettext_noop("something cannot be opened"),
}
EXAMS = {
    "waiting-for-worker": gettext_noop("waits: no worker is running"), "waiting": gettext_noop("waits for a worker"),
    "running": gettext_noop("is being examined now"), "done": gettext_noop("examined"),
    "needs-handler": gettext_noop("stopped in the middle; start it again from here"),
    "needs-device-consent": gettext_noop("not examined: the person who uses the device has not agreed yet"),
    "nothing-read": gettext_noop("not examined: no detector of this desk reads this file"),
    "failed": gettext_noop("not checked: the examination failed"), "none": gettext_noop("not examined"),
}
NOTICES = {
    "filing-not-proven": gettext_noop("The record of this report's filing is not proven to be the reporter's. "
                                      "Treat everything in it with care."),
    "carried": gettext_noop("The files came by a carrier, sealed: start their examination below, one by one."),
    "no-worker": gettext_noop("No worker was running: files stay sealed and unexamined. Tell whoever runs this desk, "
                              "then start the examination here."),
    "rekey-waiting": gettext_noop("A colleague has left the desk. This case gets new keys when one of its members "
                                  "signs in the next time."),
    "stranger-granted": gettext_noop("Somebody holds a key of this case whom no member has added. Do not write here; "
                                     "tell a lead at once."),
    "withdrawn": gettext_noop("The reporter has withdrawn this report."),
    "identity": gettext_noop("An identity is kept apart from this case. It has a page of its own, under Record."),
}
ENTRIES = {
    "opening": gettext_noop("Report filed"), "file": gettext_noop("File received"), "told": gettext_noop("As reported"),
    "message": gettext_noop("Message in the dialogue"), "result": gettext_noop("The reporter was told a finding"),
    "device-consent": gettext_noop("The person who uses the device agreed"), "consent": gettext_noop("Consents"),
    "withdrawal": gettext_noop("Withdrawal by the reporter"), "state": gettext_noop("State"),
    "retention": gettext_noop("Kept until"), "kept": gettext_noop("Kept against erasing until"),
    "triage": gettext_noop("Triage"), "assignment": gettext_noop("Who takes care of it"), "task": gettext_noop("Task"),
    "wave": gettext_noop("Campaign"), "hand-over": gettext_noop("Handed over"),
    "member-added": gettext_noop("Colleague added"), "vetting": gettext_noop("Vetting"),
    "taken-down": gettext_noop("Written down by a colleague"), "imported": gettext_noop("Imported from a sheet"),
    "unclaimed": gettext_noop("No words were given yet"),
    "delegate": gettext_noop("Who may add"), "identity": gettext_noop("Who the person is, kept apart"),
    "member-removed": gettext_noop("Colleague removed"), "answers": gettext_noop("Answers"),
    "conflict": gettext_noop("Conflict of interest"),
    "statement": gettext_noop("Escalation watch"), "assessment": gettext_noop("Level signed"),
    "twin": gettext_noop("Compared with another report"), "mask": gettext_noop("Words covered"),
    "request": gettext_noop("A second person"), "walk": gettext_noop("Playbook"),
    "agreement": gettext_noop("Consent, written down"),
    "minor": gettext_noop("Marked as under 18"),
    "check-in": gettext_noop("check-in plan"),
}
WAYS = {"call": gettext_noop("A call"), "in-person": gettext_noop("In person"), "paper": gettext_noop("On paper"),
        "messenger": gettext_noop("A messenger or chat"), "mail": gettext_noop("A mail"),
        "import": gettext_noop("From a sheet")}
LINES = {
    "withdrawal": gettext_noop("The reporter has withdrawn this report."),
    "withdrawal-undone": gettext_noop("The reporter lets this report stand after all."),
}


def way(code: str) -> str:
    """How a report came that a colleague wrote down."""
    return _of(WAYS, code)


def entry(code: str) -> str:
    return _of(ENTRIES, code)


def happened(code: str) -> str:
    """The kind of an event of the escalation watch."""
    for codes in (escalation.ONLINE, escalation.OFFLINE):
        if code in codes:
            return _(codes.get(code).name)
    return code


def waiting(code: str) -> str:
    return _of(WAITING, code)


def exam(code: str) -> str:
    return _of(EXAMS, code)


def notices(codes: Iterable[str]) -> list[str]:
    return [_of(NOTICES, code) for code in codes]


STARTED = {
    "": gettext_noop("The examination is on its way to a worker."),
    "queued": gettext_noop("The examination is on its way to a worker."),
    "copy": gettext_noop("The copy is being made. Load this page again in a moment."),
    "no-worker": gettext_noop("No worker is running. The file stays sealed and is not examined."),
    "needs-device-consent": gettext_noop("The person who uses this device has to agree first."),
}


def exam_started(code: str) -> str:
    return _of(STARTED, code) if code in STARTED else _(STARTED["queued"])


ACTS = {
    "collected": gettext_noop("collected"), "examined": gettext_noop("examined"), "viewed": gettext_noop("viewed"),
    "decided": gettext_noop("decided on a finding"), "exported": gettext_noop("exported"),
    "destroyed": gettext_noop("destroyed"), "granted": gettext_noop("given to a colleague"),
    "revoked": gettext_noop("taken from a colleague"), "re-keyed": gettext_noop("new keys"),
    "consented": gettext_noop("consent recorded"), "withdrawn": gettext_noop("withdrawn"),
    "withdrawal-undone": gettext_noop("withdrawal undone"), "state": gettext_noop("state changed"),
    "retention": gettext_noop("date of keeping changed"), "leased": gettext_noop("leased to a worker"),
    "words-changed": gettext_noop("receipt changed"), "signed-in": gettext_noop("signed in"),
    "founded": gettext_noop("desk founded"), "invited": gettext_noop("invited a colleague"),
    "accepted": gettext_noop("invitation accepted"), "signed": gettext_noop("key signed"),
    "removed": gettext_noop("colleague removed"), "password-changed": gettext_noop("password changed"),
    "demo-opened": gettext_noop("demonstration link used"),
    "taken-down": gettext_noop("report written down by a colleague"), "imported": gettext_noop("imported"),
    "receipt-made": gettext_noop("receipt made"), "delegated": gettext_noop("delegate named"),
    "delegate-revoked": gettext_noop("delegate revoked"), "vetted": gettext_noop("vetting recorded"),
    "triaged": gettext_noop("triage written"), "stated": gettext_noop("escalation watch written"),
    "assessed": gettext_noop("level signed"),
    "agreed": gettext_noop("consent written down"),
    "assigned": gettext_noop("assigned"), "task": gettext_noop("task"), "waved": gettext_noop("put into a wave"),
    "compared": gettext_noop("compared with another report"), "masked": gettext_noop("words masked"),
    "unmasked": gettext_noop("mask taken off"), "identity-asked": gettext_noop("asked for an identity"),
    "identity-shown": gettext_noop("identity shown"), "asked": gettext_noop("asked for a second person"),
    "approved": gettext_noop("approved by a second person"), "refused": gettext_noop("refused by a second person"),
    "handed-over": gettext_noop("all cases handed to a colleague"), "returned": gettext_noop("cases returned"),
    "locked": gettext_noop("colleague locked out"), "unlocked": gettext_noop("lock lifted"),
    "away": gettext_noop("travel profile"), "conflict": gettext_noop("conflict of interest"),
    "complained": gettext_noop("complaint about this desk"), "announced": gettext_noop("erasing announced"),
    "kept": gettext_noop("kept against erasing"), "hidden": gettext_noop("pseudonym hidden from reporters"),
    "listed": gettext_noop("pseudonym shown to reporters"), "walked": gettext_noop("playbook worked with"),
    "check-in": gettext_noop("check-in plan"),
    "key-added": gettext_noop("security key added"),
    "key-removed": gettext_noop("security key removed"),
    "key-doubtful": gettext_noop("security key refused: there may be a copy of it"),
    "alarm": gettext_noop("alarm raised"), "pinged": gettext_noop("ping sent"),
    "not-pinged": gettext_noop("ping could not be sent"), "nobody-there": gettext_noop("nobody to ping at this step"),
    "acknowledged": gettext_noop("alarm acknowledged"), "rota": gettext_noop("duty rota changed"),
    "carried": gettext_noop("came by a carrier"), "card-made": gettext_noop("card of this desk signed"),
    "cards-printed": gettext_noop("cards with words printed"),
}
ACTORS = {"reporter": gettext_noop("the reporter"), "staff": gettext_noop("colleague"),
          "worker": gettext_noop("a worker"), "desk": gettext_noop("the desk"), "recovery": gettext_noop("recovery")}


def act(code: str) -> str:
    return _of(ACTS, code)


def actor(code: str) -> str:
    return _of(ACTORS, code)
