"""Taking cases along: one for its owner, one whole, or the whole desk. Asks for the password, and how to encrypt."""

from typing import Any
from uuid import UUID

from django import forms as fields
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.desk import exporting
from amparo.desk.accounts import OpenStaff
from amparo.desk.exporting import Export, Way
from amparo.doors.staff import forms, gate, labels
from amparo.words.errors import AmparoError


class Take(forms.Calm):
    """How an export is encrypted, and whether originals go along."""

    way = fields.ChoiceField(label=gettext_lazy("How it is encrypted"), widget=fields.RadioSelect, choices=[
        ("passphrase", gettext_lazy("With a passphrase")),
        ("recipient", gettext_lazy("To the age recipient of whoever will read it"))])
    passphrase = forms.secret(gettext_lazy("Passphrase"), "new-password", gettext_lazy(
        "At least 14 characters, or six words. Tell it by another way than the file; nobody can find it again."))
    again = forms.secret(gettext_lazy("The same passphrase again"), "new-password")
    recipient = forms.line(gettext_lazy("Recipient"), gettext_lazy("One line that begins with “age1”."),
                           required=False, dir="ltr", spellcheck="false")
    originals = fields.MultipleChoiceField(
        label=gettext_lazy("Files"), required=False, widget=fields.CheckboxSelectMultiple,
        help_text=gettext_lazy("Originals hold everything that is hidden in them; words that are covered here are "
                               "not covered in them."),
        choices=[("yes", gettext_lazy("Take the original files along"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passphrase"].required = self.fields["again"].required = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("way") == "passphrase":
            if not given.get("passphrase"):
                self.add_error("passphrase", _("The passphrase is still empty."))
            elif given.get("passphrase") != given.get("again"):
                self.add_error("again", _("The two passphrases differ."))
        elif given.get("way") == "recipient" and not given.get("recipient"):
            self.add_error("recipient", _("The recipient is still empty."))
        return given

    def chosen(self) -> Way:
        """Call after is_valid()."""
        given = self.cleaned_data
        if given["way"] == "passphrase":
            return Way(passphrase=given["passphrase"])
        return Way(recipient=given["recipient"])


class TakeCase(Take):
    what = fields.ChoiceField(label=gettext_lazy("What is taken"), widget=fields.RadioSelect, choices=[
        ("owner", gettext_lazy("What is the reporter's: the report, the dialogue, the files, what was told; no note "
                               "and no name of this desk")),
        ("whole", gettext_lazy("The whole case, with notes, findings and the names of colleagues"))])
    field_order = ("what", "way", "passphrase", "again", "recipient", "originals")


def sent(export: Export) -> StreamingHttpResponse:
    """The file, made while it is sent. Its name says nothing of what is in it."""
    answer = StreamingHttpResponse(export.pieces, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{export.name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return answer


@gate.page("case.export", methods=("GET", "POST"), fresh=True)
def one(request: HttpRequest, staff: OpenStaff, case: UUID) -> HttpResponseBase:
    """Take one case along."""
    form = TakeCase(gate.posted(request))
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        if form.is_valid():
            try:
                return sent(exporting.one(
                    staff=staff, case_id=case, whole=form.cleaned_data["what"] == "whole",
                    originals=bool(form.cleaned_data["originals"]), way=form.chosen()))
            except AmparoError as error:
                problems = [gate.problem(error)]
        else:
            problems = form.problems()
    return gate.show(request, "export.html", {
        "form": form, "problems": problems, "code": labels.case_code(case),
        "case_url": reverse("staff:case", kwargs={"case": case})}, 400 if problems else 200)


@gate.page("desk.export", methods=("GET", "POST"), fresh=True)
def everything(request: HttpRequest, staff: OpenStaff) -> HttpResponseBase:
    """Take along every case that this lead can open."""
    form = Take(gate.posted(request))
    problems: list[dict[str, str]] = []
    if request.method == "POST":
        if form.is_valid():
            try:
                return sent(exporting.everything(
                    staff=staff, originals=bool(form.cleaned_data["originals"]), way=form.chosen()))
            except AmparoError as error:
                problems = [gate.problem(error)]
        else:
            problems = form.problems()
    return gate.show(request, "export.html", {"form": form, "problems": problems}, 400 if problems else 200)
