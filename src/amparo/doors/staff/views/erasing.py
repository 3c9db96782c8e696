"""What will be erased, told before anything is: the list, a lead's veto, and the word that the clock is right."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.desk import clock, configuration, policy, reading, retaining
from amparo.desk.accounts import OpenStaff
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError

Web = HttpResponse | HttpResponseRedirect
QUIET = timedelta(hours=2)  # without a pass of tend: nothing is erased, and the page says so


class Keep(forms.Retention):
    """A lead's veto: the same two fields, with what they mean here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].label = gettext_lazy("Do not erase before this day has passed")
        self.fields["why"].help_text = gettext_lazy("Stays in the timeline. A court or a colleague may ask later.")


@gate.page("retention.see")
def coming(request: HttpRequest, staff: OpenStaff) -> HttpResponse:
    """My cases whose day comes near, by day: why, what happens, what may be done."""
    found = retaining.coming(staff)
    retaining.seen(staff=staff, cases=[row.case for row in found.rows])
    desk = configuration.current()
    return gate.show(request, "to_be_erased.html", {
        "days": _by_day(staff, found), "counted": ngettext("%(count)d case", "%(count)d cases", len(found.rows))
        % {"count": len(found.rows)}, "notice_days": desk.retention_notice_days, "ahead": retaining.AHEAD,
        "later": found.more, "others": found.others, "erasing": [labels.case_code(one) for one in found.erasing],
        "traces": found.traces, "jump": _jump(found.jump),
        "may_date": policy.may(staff.role, gate.NONE, "retention.date"),
        "asleep": _asleep(found.looked), "backup_days": desk.backup_days,
    })


def _by_day(staff: OpenStaff, found: retaining.Coverage) -> list[dict[str, Any]]:
    days: dict[Any, list[dict[str, Any]]] = {}
    for row in found.rows:
        days.setdefault(row.on, []).append(_row(staff, row))
    return [{"label": labels.day(day), "rows": rows} for day, rows in days.items()]


def _row(staff: OpenStaff, row: retaining.Coming) -> dict[str, Any]:
    backups = configuration.current().backup_days
    here = {"case": row.case}
    case_page = reverse("staff:case", kwargs=here)
    withdrawn = row.why == "withdrawn"
    return {
        "code": labels.case_code(row.case), "url": case_page,
        "reason": _(row.row.reason) if row.row and row.row.reason else _("No reason known yet"),
        "level": labels.weight(row.row.level) if row.row else "",
        "level_label": labels.level(row.row.level) if row.row and row.row.level else "",
        "state_label": labels.state(row.row.state) if row.row else "",
        "why": WHY[row.why], "hour": labels.moment(row.at), "kept": row.kept, "withdrawn": withdrawn,
        "since": labels.day(row.told.since.date()) if row.told else "", "told": row.told is not None,
        "seen": labels.day(row.told.seen.date()) if row.told and row.told.seen else "",
        "backups": labels.day(row.on + timedelta(days=backups)) if backups else "",
        "longer": "" if withdrawn or not policy.may(staff.role, "granted", "case.retention") else f"{case_page}#record",
        "keep": "" if withdrawn or not policy.may(staff.role, "granted", "case.keep")
        else reverse("staff:keep", kwargs=here),
    }


WHY = {
    "retention": gettext_lazy("Its day comes: it was to be kept this long and no longer."),
    "minor": gettext_lazy("Its day comes: reports of people under 18 are kept for a shorter time."),
    "withdrawn": gettext_lazy("The reporter has withdrawn it. Only the reporter can change that."),
}


def _jump(jump: clock.Jump | None) -> dict[str, str] | None:
    if jump is None:
        return None
    return {"before": labels.day(jump.before.date()), "landed": labels.day(jump.landed.date()),
            "today": labels.day(clock.today())}


def _asleep(looked: datetime | None) -> str:
    """When tend last ran, if that is too long ago."""
    if looked is None:
        return _("never")
    return labels.moment(looked) if clock.now() - looked > QUIET else ""


@gate.page("retention.date", methods=("POST",))
def date(request: HttpRequest, staff: OpenStaff) -> Web:
    """A colleague says that today is the day that the desk's clock shows."""
    retaining.accept_clock(staff=staff)
    gate.notice(request, _("Noted. Each case stands on the list for the full time again before it is erased."))
    return HttpResponseRedirect(reverse("staff:to-be-erased"))


@gate.page("case.keep", methods=("GET", "POST"))
def keep(request: HttpRequest, staff: OpenStaff, case: UUID) -> Web:
    """A lead keeps a case against erasing, until a day, with the reason."""
    form = Keep(gate.posted(request))
    problems: list[dict[str, str]] = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                raw = request.POST.get("version", "")
                retaining.keep(staff=staff, case_id=case, day=form.cleaned_data["day"], why=form.cleaned_data["why"],
                               version=int(raw) if raw.isdecimal() and len(raw) < 12 else None)
                gate.notice(request, _("The case is kept. The timeline says until when, why, and by whom."))
                return HttpResponseRedirect(reverse("staff:to-be-erased"))
            except AmparoError as error:
                problems, status = [gate.problem(error, "id_day")], gate.STATUS.get(error.code, 400)
        else:
            problems, status = form.problems(), 400
    page = reading.case_page(staff, case)
    return gate.show(request, "case/keep.html", {
        "form": form, "code": labels.case_code(case), "version": page.version, "problems": problems,
        "minor": page.minor, "minor_days": configuration.current().minor_retention_days,
        "until": labels.day(page.retention_on), "case_url": reverse("staff:case", kwargs={"case": case})}, status)


def line(staff: OpenStaff) -> dict[str, Any] | None:
    """The line above the queue; None where nothing is near."""
    soon = retaining.soon(staff)
    if soon is None:
        return None
    first, last = labels.day(soon.first), labels.day(soon.last)
    if not soon.count:
        says = ""
    elif first == last:
        says = ngettext("%(count)d case is erased on %(first)s; look before.",
                        "%(count)d cases are erased on %(first)s; look before.", soon.count)
    else:
        says = ngettext("%(count)d case is erased between %(first)s and %(last)s; look before.",
                        "%(count)d cases are erased between %(first)s and %(last)s; look before.", soon.count)
    return {"says": says % {"count": soon.count, "first": first, "last": last}, "held": soon.held,
            "erasing": [labels.case_code(one) for one in soon.erasing], "traces": soon.traces}
