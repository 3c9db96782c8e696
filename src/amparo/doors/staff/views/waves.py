"""Many cases at once: one campaign, one colleague, one state; and one reply to many, sent by a person."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.desk import replies, waves
from amparo.desk.accounts import OpenStaff
from amparo.desk.errors import DeskError
from amparo.doors.staff import gate, labels, working
from amparo.doors.staff.views import prepared
from amparo.doors.staff.views.assigning import uuid_of
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


def _chosen(request: HttpRequest) -> list[UUID]:
    return [case for raw in request.POST.getlist("case") if (case := uuid_of(raw)) is not None]


def _tell(request: HttpRequest, done: waves.Done) -> None:
    """How many it worked for, and for which it did not, with the reason of each."""
    said = ngettext("Done for %(count)d case.", "Done for %(count)d cases.", len(done.good)) % {"count": len(done.good)}
    for case, error in done.failed[:20]:
        said += f" {labels.case_code(case)}: {gate.told(error)[0]}"
    if len(done.failed) > 20:
        said += " " + _("And %(count)d more were left as they were.") % {"count": len(done.failed) - 20}
    gate.notice(request, said)


@gate.page("queue.see", methods=("POST",))
def many(request: HttpRequest, staff: OpenStaff) -> Web:
    """What was chosen on the queue, done to each ticked case."""
    act, cases = request.POST.get("act", ""), _chosen(request)
    to = gate.safe_target(request.POST.get("to"))
    if act == "wave":
        wave, done = waves.gather(staff=staff, cases=cases, title=request.POST.get("title", ""))
        if done.good:
            to = reverse("staff:wave", kwargs={"wave": wave})
    elif act == "join":
        done = waves.put(staff=staff, wave=_id(request, "wave"), cases=cases)
    elif act == "give":
        done = waves.assign(staff=staff, cases=cases, to=_id(request, "to-colleague"))
    elif act == "state":
        done = waves.set_state(staff=staff, cases=cases, state=request.POST.get("state", ""),
                               why=request.POST.get("why", ""))
    else:
        raise DeskError("It was not said what to do.", advice="Go back and press one of the buttons.", code="choice")
    _tell(request, done)
    return HttpResponseRedirect(to)


def _id(request: HttpRequest, name: str) -> UUID:
    found = uuid_of(request.POST.get(name, ""))
    if found is None:
        raise DeskError("Nothing was chosen from the list.", advice="Go back and choose from the list.", code="choice")
    return found


@gate.page("queue.see", methods=("GET", "POST"))
def wave(request: HttpRequest, staff: OpenStaff, wave: UUID) -> Web:
    """The campaign: its cases and its numbers. Ticked cases can be taken out of it."""
    if request.method == "POST":
        _tell(request, waves.take_out(staff=staff, wave=wave, cases=_chosen(request)))
        return HttpResponseRedirect(reverse("staff:wave", kwargs={"wave": wave}))
    page = waves.page(staff, wave)
    return gate.show(request, "wave.html", {
        "title_text": page.title, "rows": [_row(row) for row in page.rows], "count": len(page.rows),
        "first": labels.day(page.first), "last": labels.day(page.last),
        "numbers": [
            {"label": _("What it is"), "rows": [(working.threat(code), n) for code, n in page.threats.items()]},
            {"label": _("How soon"), "rows": [(labels.level(code), n) for code, n in sorted(page.levels.items())]},
            {"label": _("State"), "rows": [(labels.state(code), n) for code, n in page.states.items()]},
            {"label": _("Language"), "rows": [(labels.language(code), n) for code, n in page.languages.items()]},
        ],
        "reply_url": reverse("staff:wave-reply", kwargs={"wave": wave}),
        "queue_url": f"{reverse('staff:queue')}?wave={wave}&state=all"})


def _row(row: Any) -> dict[str, Any]:
    return {"case": row.case, "code": labels.case_code(row.case), "reason": _(row.reason) if row.reason else "",
            "level": labels.weight(row.level), "level_label": labels.level(row.level), "day": labels.day(row.day),
            "state": labels.state(row.state), "language": labels.language(row.language), "lang": row.language,
            "url": reverse("staff:case", kwargs={"case": row.case})}


@gate.page("queue.see", methods=("GET", "POST"))
def reply(request: HttpRequest, staff: OpenStaff, wave: UUID) -> Web:
    """One reply for many, in each reporter's language; every text and every receiver is seen before it is sent."""
    page = waves.page(staff, wave)
    data = request.POST if request.method == "POST" else request.GET
    one = replies.prepared(data.get("reply", ""))
    typed = dict(zip(data.getlist("language"), data.getlist("text"), strict=False))
    chosen = set(_chosen(request)) if request.method == "POST" else {row.case for row in page.rows}
    languages = list(dict.fromkeys(row.language for row in page.rows))
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        needed = {row.language for row in page.rows if row.case in chosen}
        if any(prepared.gap_left(text) for code, text in typed.items() if code in needed):
            problems, status = [prepared.gap_problem("")], 400
        elif request.POST.get("sure") != "yes":
            problems, status = [{"field": "sure", "says": _("Please confirm that you have read every text."),
                                 "advice": ""}], 400
        else:
            try:
                _tell(request, waves.send(staff=staff, wave=wave, cases=chosen, texts=typed))
                return HttpResponseRedirect(reverse("staff:wave", kwargs={"wave": wave}))
            except AmparoError as error:
                problems, status = [gate.problem(error)], gate.STATUS.get(error.code, 400)
    here = reverse("staff:wave-reply", kwargs={"wave": wave})
    texts = []
    for code in languages:
        shown = prepared.words(one, code) if one else {"text": "", "dir": "auto", "reviewed_by": "", "missing": False}
        # A text in another language than the reporter's is never proposed to many at once.
        proposed = "" if shown["missing"] else shown["text"]
        texts.append({**shown, "code": code, "name": labels.language(code), "text": typed.get(code, proposed),
                      "rows": [{**_row(row), "chosen": row.case in chosen} for row in page.rows
                               if row.language == code]})
    return gate.show(request, "wave_reply.html", {
        "texts": texts if one or typed else [], "problems": problems, "reply": one.code if one else "",
        "replies": [{"url": f"{here}?reply={each.code}", "label": prepared.purpose(each), "here": each == one}
                    for each in replies.load().replies],
        "title_text": page.title, "wave_url": reverse("staff:wave", kwargs={"wave": wave})}, status)
