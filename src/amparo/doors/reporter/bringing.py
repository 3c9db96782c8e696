"""Bringing a sealed report that somebody else made: no account and no draft, one file, one answer."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from amparo.desk import carrying, configuration
from amparo.desk.uploads import SealedUpload
from amparo.doors import errors
from amparo.doors.reporter import pages, phrases
from amparo.doors.reporter.writing import take_form
from amparo.words.errors import AmparoError

_SAID = "brought"


@take_form
def bring(request: HttpRequest) -> HttpResponse:
    """Whoever holds a file learns that it is here, and nothing of what is in it."""
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        problems = [_row(*errors.told(error)) for error in getattr(request, "upload_refusals", [])]
        for upload in request.FILES.getlist("file")[:1]:
            try:
                taken = carrying.take_in_upload(upload=cast(SealedUpload, upload))
                request.session[_SAID] = "before" if taken.before else "now"
                return redirect("bring")
            except AmparoError as error:
                if errors.disk_full(error) or error.code in errors.STATUS:
                    raise
                problems.append(_row(*errors.told(error)))
        if not problems:
            problems = [_row(_("There is no file yet."), _("Choose the file whose name ends with .amparo."))]
    return pages.show(request, "bring.html", {
        "said": request.session.pop(_SAID, ""), "errors": problems,
        "most": phrases.size(configuration.current().max_upload),
    })


def _row(says: str, advice: str) -> dict[str, str]:
    return {"field": "file", "says": says, "advice": advice}
