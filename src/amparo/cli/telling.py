"""What stands on the terminal: a case and a queue in lines, with every unseen sign of a stranger's text made visible.

A text can hold sequences that move the cursor, rename the window, answer in the reader's name or turn the order of
letters round. None of them reaches the terminal: control and direction signs are written out, like [U+001B].
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from typing import Any

HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
JOINERS = "\u200c\u200d"  # Persian, Hindi and other scripts cannot be written without them; they move nothing
WIDTH = 100
LEVELS = {"P0": "act now", "P1": "answer within two hours", "P2": "answer within a day",
          "P3": "answer within three days"}


def visible(text: object) -> str:
    """One line: unseen signs and line ends written out."""
    return "".join(
        f"[U+{ord(sign):04X}]" if unicodedata.category(sign) in HIDDEN and sign not in JOINERS else sign
        for sign in str(text)
    )


def paragraphs(text: str, indent: str = "    ") -> Iterator[str]:
    """A longer text in lines, its own line ends kept."""
    for line in text.replace("\r\n", "\n").split("\n"):
        yield from textwrap.wrap(
            visible(line.replace("\t", "  ")), WIDTH, initial_indent=indent, subsequent_indent=indent
        ) or [""]


def words(code: object) -> str:
    """A code as words: "waiting-on-reporter"."""
    return visible(code).replace("-", " ")


def queue(said: dict[str, Any]) -> Iterator[str]:
    """The queue under its headings. The number before a row can be typed in place of its code."""
    if near := said.get("erased"):
        yield from _near(near)
    heading = ""
    for number, row in enumerate(said["rows"], 1):
        if row["heading"] != heading:
            heading = row["heading"]
            yield ""
            yield visible(heading).upper()
        level = LEVELS.get(row["level"], words(row["level"]))
        marks = [level, words(row["state"]), visible(row["language"]), visible(row["day"])]
        marks += ["new"] if row["new"] else []
        marks += [words(row["waiting"])] if row["waiting"] else []
        marks += [f"with {visible(row['who'])}"] if row["who"] else []
        marks += [f"due {visible(row['due'])}"] if row["due"] else []
        marks += [f"wave: {visible(row['wave'])}"] if row["wave"] else []
        yield f"{number:>4}  {visible(row['code'])}  {visible(row['reason']) or 'No reason known yet'}"
        yield f"      {' · '.join(one for one in marks if one)}"
    yield ""
    shown, chosen = len(said["rows"]), said["chosen"]
    yield f"{chosen} of {said['all']} cases" + (f", the first {shown} shown" if shown < chosen else "")


def _near(near: dict[str, Any]) -> Iterator[str]:
    count, first, last = near["count"], near["first"], near["last"]
    if count:
        when = f"on {first}" if first == last else f"between {first} and {last}"
        yield f"{count} {'case is' if count == 1 else 'cases are'} erased {when}; look before: amparo queue --erased"
    if near["held"]:
        yield "The clock of this machine jumped: nothing is erased by its day until somebody says that it is right."
    for code in near["erasing"]:
        yield f"{visible(code)} is being erased."


def erased(said: dict[str, Any]) -> Iterator[str]:
    """What will be erased, by day."""
    why = {"retention": "its day comes", "minor": "its day comes (under 18)", "withdrawn": "withdrawn by the reporter"}
    for number, row in enumerate(said["rows"], 1):
        yield f"{number:>4}  {visible(row['on'])}  {visible(row['code'])}  {visible(row['reason'])}"
        since = f"on the list since {visible(row['since'])}" if row["since"] else "not announced yet"
        marks = [why.get(row["why"], words(row["why"]))]
        marks += [since] if row["why"] != "withdrawn" else []
        marks += ["kept by a lead until its day"] if row["kept"] else []
        yield f"      {' · '.join(marks)}"
    if not said["rows"]:
        yield "Nothing is near its day."
    if said["jump"]:
        yield (f"The clock of this machine went from {said['jump']['before']} to {said['jump']['landed']}. Nothing is "
               "erased by its day until somebody says, in a browser, that the day is right.")
    for code in said["erasing"]:
        yield f"{visible(code)} is being erased: its keys are gone, the last traces are still being cleared."
    if said["others"]:
        yield f"{said['others']} more at this desk, of which you hold no key."
    yield "Erasing throws the keys away; nobody can undo it. A later day, or a lead's veto, is set in a browser."


def case(said: dict[str, Any]) -> Iterator[str]:
    """Everything of one case, in the order of the page."""
    yield f"Case {said['code']} · {words(said['state'])} · {visible(said['language'])} · since {said['opened_on']}"
    yield f"{said['heading_text']} · {LEVELS.get(said['level'], words(said['level']))} · {visible(said['reason'])}"
    yield f"Kept until {said['retention_on']}" + (" · under 18: never publish" if said["minor"] else "")
    if said.get("grace_until"):
        yield f"Withdrawn by the reporter: it is erased for good at {visible(said['grace_until'])}."
    for notice in said["notices"]:
        yield f"! {visible(notice['says'])}"
    for gap in said["unreadable"]:
        yield f"! A writing of this case ({words(gap['kind'])}) cannot be opened: altered, moved, or a stranger's."
    yield from _work(said["work"])
    yield from _section("Why it stands there", [[visible(one["says"])] for one in said["why"] if one["says"]])
    yield from _section("Report", [
        [visible(one["question"] or one["code"]), *_each(one["texts"])] for one in said["answers"]
    ])
    yield from _section("Findings", [list(_finding(one)) for one in said["findings"]],
                        "No finding. This is not proof of absence.")
    gaps = said["not_checked"]
    yield from _section("Not checked", [[f"{visible(one['part'])}: {visible(one['why'])}"] for one in gaps])
    yield from _section("Dialogue", [list(_line(one)) for one in said["dialogue"]])
    yield from _section("Notes", [list(_line(one)) for one in said["notes"]])
    yield from _section("Evidence", [list(_evidence(one)) for one in said["evidence"]])
    yield from _section("Timeline", [list(_entry(one)) for one in said["timeline"]])
    given = [visible(one["says"]) for one in said["consents"] if one["given"]]
    yield from _section("Agreed to", [[one] for one in given], "Nothing yet.")
    yield from _section("Members", [[f"{visible(one['pseudonym'])} · {words(one['role'])}"] for one in said["members"]])


def _work(work: dict[str, Any]) -> Iterator[str]:
    seen = work["seen"]
    about = [f"Taken care of by {visible(work['who'])}" if work["who"] else "Nobody takes care of it"]
    about += [f"Threats seen: {', '.join(map(words, seen['threats']))}"] if seen["threats"] else []
    about += [f"What would help: {', '.join(map(words, seen['needs']))}"] if seen["needs"] else []
    about += [f"Raised to {seen['level']} by {visible(seen['by'])}: {visible(seen['why'])}"] if seen["level"] else []
    about += [f"Does not hold, says {visible(one['by'])}: {words(one['fact'])} ({visible(one['why'])})"
              for one in seen["refuted"]]
    about += [f"Wave: {visible(one)}" for one in work["waves"]]
    yield from _section("Work", [[one] for one in about])
    yield from _section("Tasks", [[_task(number, one)] for number, one in enumerate(
        (one for one in work["tasks"] if one["state"] == "open"), 1)])
    yield from _section("Handed over", [
        [f"{visible(one['by'])} · {visible(one['at'])}", *paragraphs(one["text"])] for one in work["handed"]
    ])


def _task(number: int, one: dict[str, Any]) -> str:
    marks = [visible(one["text"])] + ([f"due {visible(one['due'])}"] if one["due"] else [])
    marks += [f"for {visible(one['who'])}"] if one.get("who") else []
    return f"{number}. {' · '.join(marks)}"


def tasks(said: dict[str, Any]) -> Iterator[str]:
    """My open tasks; the number stands for the task's case."""
    for number, row in enumerate(said["rows"], 1):
        due = f" · due {visible(row['due'])}" if row["due"] else ""
        yield f"{number:>4}  {visible(row['code'])}  {visible(row['text'])}{due}"
    if not said["rows"]:
        yield "No open task of yours."


ALARMS = {
    "danger": "a report says that somebody is in danger, or may be", "raised": "a case was raised to act now",
    "check-in": "a check-in was missed", "test": "a test: nobody is in danger",
    "": "nobody can say where this alarm comes from; tell a lead",
}


def shift(said: dict[str, Any], listed: list[str]) -> Iterator[str]:
    """What waits at the beginning of a shift. The numbers stand for the cases."""
    for row in said["alarms"]:
        where = f" · case {visible(row['code'])}" if row["code"] else ""
        sign, reason = visible(row["id"])[:8].upper(), ALARMS.get(row["kind"], ALARMS[""])
        yield f"ALARM {sign}  {reason}{where} · {visible(row['at'])}"
        yield f"      When you look at it: amparo shift ack {sign}"
    for row in said["rows"]:
        place = f"{listed.index(row['case']) + 1:>4}  {visible(row['code'])}  " if row["case"] else "      To all · "
        yield f"{place}{visible(row['who'])} · {visible(row['at'])}"
        yield from paragraphs(row["text"], "      ")
    if not said["rows"]:
        yield "Nobody left anything that you have not read."
    yield ""
    yield "MY TASKS"
    for row in said["tasks"]:
        due = f" · due {visible(row['due'])}" if row["due"] else ""
        yield f"{listed.index(row['case']) + 1:>4}  {visible(row['code'])}  {visible(row['text'])}{due}"
    if not said["tasks"]:
        yield "  None is open."
    seen = said["exposure"]
    yield ""
    minutes = f" (about {seen['minutes']} minutes)" if seen["minutes"] else ""
    yield (f"In seven days you opened {seen['pictures']} pictures without their veil{minutes}, {seen['copies']} other "
           f"copies, and {seen['originals']} originals. Only you are shown this.")


def proposed(row: dict[str, Any]) -> str:
    """A line of a hand-over made from open ticks; "" where only the writer knows what to say."""
    parts = [one["text"] + (f" (due {one['due']})" if one["due"] else "") for one in row["tasks"]]
    if row["unanswered"]:
        parts.insert(0, f"Not answered yet: {LEVELS.get(row['level'], row['level'])}")
    return "; ".join(parts)


def draft(said: dict[str, Any]) -> Iterator[str]:
    """The cases worth a line, with what would be proposed."""
    for row in said["rows"]:
        yield f"{visible(row['code'])}  {visible(proposed(row)) or visible(row['reason'])}"
    if not said["rows"]:
        yield "Nothing to hand over."


def _section(title: str, blocks: list[list[str]], empty: str = "") -> Iterator[str]:
    if not blocks and not empty:
        return
    yield ""
    yield title.upper()
    for block in blocks:
        yield f"  {block[0]}"
        yield from block[1:]
    if not blocks:
        yield f"  {empty}"


def _each(texts: list[str]) -> Iterator[str]:
    for text in texts:
        yield from paragraphs(text)


def _who(one: dict[str, Any]) -> str:
    known = {"reporter": "the reporter", "worker": "the desk's examination", "?": "unknown"}
    who = known.get(one["who"], visible(one["who"]))
    return who if one["proven"] else f"{who}, origin not proven"


def _line(one: dict[str, Any]) -> Iterator[str]:
    kind = "" if one["kind"] in ("message", "note") else f" · {words(one['kind'])}"
    yield f"{_who(one)} · {visible(one['at'])}{kind}"
    yield from paragraphs(one["text"])


def _finding(one: dict[str, Any]) -> Iterator[str]:
    seen = one["finding"]
    decided = f"{one['verdict']} by {visible(one['by'])}" if one["verdict"] else "not decided"
    yield f"{words(seen['level'])} · {visible(seen['says'])} · {decided}"
    yield f"    {visible(seen['seen'])}" + (f" · {visible(one['written'])}" if one["written"] else "")
    yield from paragraphs(seen["does_not_say"])
    if not one["proven"]:
        yield "    No worker of this desk has signed this finding."


def _evidence(one: dict[str, Any]) -> Iterator[str]:
    yield f"{visible(one['name']) or 'a file without a name'} · {one['size']} bytes · {words(one['exam'])}"
    if one["lost"]:
        yield "    The sealed file is missing or not as it was."


def _entry(one: dict[str, Any]) -> Iterator[str]:
    what = words(one["what"] or one["kind"])
    value = f": {words(one['value'])}" if one["value"] else ""
    yield f"{visible(one['written']) or 'time not known'} · {what}{value}" + (f" · {_who(one)}" if one["who"] else "")
    if one["text"]:
        yield from paragraphs(one["text"])
