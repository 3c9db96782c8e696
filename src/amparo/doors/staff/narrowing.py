"""What narrows the queue: codes and ids in the address, and the links that add or take one away."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.desk import clock, speaking
from amparo.desk import queue as sheets
from amparo.desk.sheet import ENDED
from amparo.doors.staff import labels
from amparo.words.risk import PRIORITIES

QUIET_STATES = ENDED  # not among the open ones


class Narrowed(msgspec.Struct, frozen=True):
    """What is asked for. "" asks for nothing, but for `state`: the open ones."""

    state: str = ""
    why: str = ""
    who: str = ""  # mine, nobody
    late: str = ""  # yes
    level: str = ""
    lang: str = ""
    triage: str = ""  # none
    wave: str = ""


def read(query: Mapping[str, str]) -> Narrowed:
    """From the address. What is not known there is left out."""
    return Narrowed(**{name: str(query.get(name, ""))[:64] for name in Narrowed.__struct_fields__})


def address(narrowed: Narrowed, **change: str) -> str:
    """The queue, narrowed so."""
    wanted = msgspec.structs.asdict(msgspec.structs.replace(narrowed, **change))
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{reverse('staff:queue')}?{query}" if query else reverse("staff:queue")


def in_state(kind: sheets.Kind, state: str) -> bool:
    """Whether a row belongs under this heading of the queue."""
    if not state:
        # A withdrawal stays in sight until its grace is over: somebody may want to say good-bye safely.
        return kind.state not in QUIET_STATES or kind.waiting == "withdrawn"
    return state == "all" or (kind.new if state == "new" else kind.state == state)


def choose(rows: sheets.Rows, narrowed: Narrowed, me: UUID) -> sheets.Rows:
    """The rows asked for, in the queue's order."""
    chosen = rows.where(lambda kind: (
        in_state(kind, narrowed.state) and narrowed.why in ("", kind.why) and narrowed.level in ("", kind.level)
        and narrowed.lang in ("", kind.language) and not (narrowed.triage and kind.triaged)
    ))
    if narrowed.who:
        chosen = chosen.of(me if narrowed.who == "mine" else None)
    if narrowed.wave:
        chosen = chosen.in_wave(_uuid(narrowed.wave))
    return late(chosen) if narrowed.late else chosen


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def late(rows: sheets.Rows) -> sheets.Rows:
    """Rows whose task or first answer is overdue."""
    today = clock.today()
    tasks = rows.due_before(clock.now())
    days = {level: labels.FIRST_ANSWER.get(level, 3) for level in {kind.level for kind in rows.sheet.kinds}}
    unanswered = rows.where(lambda kind: kind.waits).older_than(
        lambda kind: today.toordinal() - days[kind.level]
    )
    return sheets.Rows(rows.sheet, sorted({*tasks.places, *unanswered.places}))


def tabs(rows: sheets.Rows, narrowed: Narrowed, new: int) -> list[dict[str, Any]]:
    """The states, with how many stand in each."""
    present = {kind.state for kind in rows.sheet.kinds}
    kinds = [("", _("Open"), rows.count(lambda kind: in_state(kind, ""))), ("new", _("New"), new)]
    for code in labels.STATES:
        if code != "open" and code in present:
            count = rows.count(lambda kind, code=code: kind.state == code)
            if count:
                kinds.append((code, labels.state(code), count))
    kinds.append(("all", _("All"), len(rows)))
    return [{"url": address(narrowed, state=code, why=""), "label": label, "count": count,
             "here": code == narrowed.state} for code, label, count in kinds]


def more(rows: sheets.Rows, narrowed: Narrowed, me: UUID) -> list[dict[str, Any]]:
    """What else narrows; pressing one that is on takes it away."""
    here = rows.where(lambda kind: in_state(kind, narrowed.state))
    links = [
        ("who", "mine", _("Mine"), len(here.of(me))), ("who", "nobody", _("Nobody's"), len(here.of(None))),
        ("late", "yes", _("Overdue"), len(late(here))),
        ("triage", "none", _("Not triaged"), here.count(lambda kind: not kind.triaged)),
    ]
    for level in PRIORITIES:
        links.append(("level", level.value, labels.level(level.value),
                      here.count(lambda kind, level=level: kind.level == level.value)))
    for number, (wave, title) in enumerate(rows.sheet.waves):
        if number:
            links.append(("wave", str(wave), title, len(here.in_wave(wave))))
    return _links(narrowed, links)


def languages(rows: sheets.Rows, narrowed: Narrowed, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """The same for the languages of the reports, with who said to read each; nothing where all are in one."""
    told = speaking.everyone()

    def named(code: str) -> str:
        who = sorted(names[one] for one, said in told.items() if one in names and code in said.languages)
        return f"{labels.language(code)} ({', '.join(who)})" if who else labels.language(code)

    here = rows.where(lambda kind: in_state(kind, narrowed.state))
    codes = sorted({kind.language for kind in rows.sheet.kinds if kind.language})
    return _links(narrowed, [
        ("lang", code, named(code), here.count(lambda kind, code=code: kind.language == code))
        for code in codes
    ]) if len(codes) > 1 else []


def _links(narrowed: Narrowed, links: list[tuple[str, str, str, int]]) -> list[dict[str, Any]]:
    return [
        {"url": address(narrowed, **{name: "" if on else code}), "label": label, "count": count, "here": on}
        for name, code, label, count in links
        for on in [getattr(narrowed, name) == code] if count or on
    ]
