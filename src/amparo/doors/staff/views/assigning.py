"""One press: take a case, give it, let it go, go on to the next."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.desk import assigning, directory, queue, wishes
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import gate, labels
from amparo.doors.staff.narrowing import QUIET_STATES
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect


def uuid_of(text: str) -> UUID | None:
    """An id that a form sent; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _back(request: HttpRequest, case: UUID) -> HttpResponseRedirect:
    """To the row that was pressed, or to the case."""
    to = gate.safe_target(request.POST.get("to"), reverse("staff:case", kwargs={"case": case}))
    on_queue = to.split("?")[0] == reverse("staff:queue")
    return HttpResponseRedirect(f"{to}#r{labels.case_code(case)}" if on_queue else f"{to}#working")


def _tell(request: HttpRequest, error: AmparoError) -> None:
    gate.notice(request, " ".join(gate.told(error)))


def _sure(request: HttpRequest) -> bool:
    return request.POST.get("sure") == "yes"


def _once_more(request: HttpRequest, case: UUID, error: wishes.AsksForAnother) -> HttpResponse:
    """The reporter's wish, and the same button once more."""
    kept = [(name, request.POST[name]) for name in ("over", "to-colleague", "to") if name in request.POST]
    return gate.show(request, "case/wish.html", {
        "says": gate.told(error)[0], "kept": kept, "code": labels.case_code(case),
        "case_url": reverse("staff:case", kwargs={"case": case})}, 409)


@gate.page("case.assign", methods=("POST",))
def take(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """I take care of it; whoever was a moment late is told who has it."""
    try:
        assigning.take(staff=staff, case_id=case, over=request.POST.get("over") == "yes", sure=_sure(request))
        gate.notice(request, _("You have case %(code)s.") % {"code": labels.case_code(case)})
    except wishes.AsksForAnother as error:
        return _once_more(request, case, error)
    except assigning.HasIt as error:
        _tell(request, error)
    return _back(request, case)


@gate.page("case.assign", methods=("POST",))
def give(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """A colleague who reads the case has it from now on."""
    to = uuid_of(request.POST.get("to-colleague", ""))
    if to is None:
        return gate.refused(request, 400, _("No colleague was chosen."), _("Go back and choose one."))
    try:
        assigning.give(staff=staff, case_id=case, to=to, sure=_sure(request))
    except wishes.AsksForAnother as error:
        return _once_more(request, case, error)
    person = directory.everyone().get(to)
    gate.notice(request, _("%(who)s has case %(code)s now, and sees it among theirs.") % {
        "who": person.pseudonym if person else "", "code": labels.case_code(case)})
    return _back(request, case)


@gate.page("case.assign", methods=("POST",))
def let_go(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """Nobody has it."""
    try:
        assigning.let_go(staff=staff, case_id=case)
        gate.notice(request, _("Nobody has this case now."))
    except AmparoError as error:
        if error.code != "not-yours":
            raise
        _tell(request, error)
    return _back(request, case)


def following(staff: OpenStaff, case: UUID, *, untriaged: bool) -> UUID | None:
    """The next open case below this one in the queue, from the top again at its end; None where no other is left."""
    rows = queue.load(staff).rows.where(
        lambda kind: kind.state not in QUIET_STATES and not (untriaged and kind.triaged)
    )
    sheet, here = rows.sheet, rows.sheet.find(case)
    places = [place for place in rows.places if place != here]
    if not places:
        return None
    # A triage moves its row down behind those that nobody has read: the next one is below its place of before.
    rank, *rest = sheet.key(here) if here >= 0 else (-1, 0, b"")
    before = (queue.unread(rank) if untriaged and here >= 0 else rank, *rest)
    return sheet.case(next((place for place in places if sheet.key(place) > before), places[0]))


def go_on(request: HttpRequest, to: UUID | None, *, triage: bool, kept: UUID | None = None) -> HttpResponseRedirect:
    """To that case, or back to the queue with a word that none is left. `kept` is the case one comes from."""
    if to is None:
        none = _("No other case waits for triage.") if triage else _("No other open case is left.")
        gate.notice(request, f"{request.session.get(gate.NOTICE, '')} {none}".strip())
        return HttpResponseRedirect(reverse("staff:queue"))
    address = reverse("staff:triage" if triage else "staff:case", kwargs={"case": to})
    return HttpResponseRedirect(f"{address}?kept={kept}" if kept else address)


@gate.page("case.read")
def next_case(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """On to the next; `to=triage` in the address: to the next that nobody has triaged."""
    triage = request.GET.get("to") == "triage"
    return go_on(request, following(staff, case, untriaged=triage), triage=triage)
