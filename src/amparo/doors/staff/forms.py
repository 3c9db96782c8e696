"""The forms of the staff door. Labels and help say what happens; nothing is chosen beforehand where it matters."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.words import times
from amparo.words.errors import AmparoError

LONGEST_TEXT = 20_000
LONGEST_LINE = 1_000


class Calm(forms.Form):
    """A form whose errors are told by the server, in one place and beside the field."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if "required" in field.error_messages:
                field.error_messages["required"] = _("“%(label)s” is still empty.") % {"label": field.label or ""}

    def problems(self) -> list[dict[str, str]]:
        """What is wrong, with the id of the field: rows of the error summary."""
        found = []
        for name, errors in self.errors.items():
            place = self[name].auto_id if name in self.fields else ""
            found += [{"field": place, "says": str(error)} for error in errors]
        return found


def text_area(label: Any, help_text: Any = "", *, required: bool = True, rows: int = 5) -> forms.CharField:
    """A field for free text in any script and direction."""
    widget = forms.Textarea(attrs={"dir": "auto", "rows": rows})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=LONGEST_TEXT, widget=widget)


def line(label: Any, help_text: Any = "", *, required: bool = True, **attrs: Any) -> forms.CharField:
    """A field for one line of text."""
    widget = forms.TextInput(attrs={"dir": "auto", "autocomplete": "off", **attrs})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=LONGEST_LINE, widget=widget)


def secret(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    """A password field; never filled in again after an error, and never stripped."""
    widget = forms.PasswordInput(attrs={"dir": "auto", "autocomplete": autocomplete}, render_value=False)
    return forms.CharField(label=label, help_text=help_text, strip=False, max_length=LONGEST_LINE, widget=widget)


def tick(label: Any) -> forms.MultipleChoiceField:
    """One box that must be ticked, shown as a group of one so that its error has a place."""
    return forms.MultipleChoiceField(label=_("Please confirm"), choices=[("yes", label)],
                                     widget=forms.CheckboxSelectMultiple)


class SignIn(Calm):
    login = line(_("Login name"), autocomplete="username", autocapitalize="none", spellcheck="false", dir="auto")
    password = secret(_("Password"), "current-password")


class Code(Calm):
    code = line(_("Code"), _("Six digits from your authenticator."), autocomplete="one-time-code", dir="ltr")


class AddKey(Calm):
    label = line(_("Name of the key"), _("So that you know which one it is, like “blue key on my ring”."))
    password = secret(_("Your password"), "current-password")


class RemoveKey(Calm):
    key = forms.ChoiceField(label=_("Which key"), widget=forms.RadioSelect)
    password = secret(_("Your password"), "current-password")

    def __init__(self, *args: Any, keys: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = list(keys)  # type: ignore[attr-defined]


class NewPassword(Calm):
    """A password chosen twice, alike."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", gettext("The two passwords differ."))
        return given


class Join(NewPassword):
    login = line(_("Login name"), _("Only you know it; it is not your pseudonym. It is never stored in clear."),
                 autocomplete="username", autocapitalize="none", spellcheck="false")
    password = secret(_("Password"), "new-password", _("At least 14 characters, or six words."))
    again = secret(_("The same password again"), "new-password")


class Kept(Calm):
    kept = tick(_("I have written the ten codes down"))
    code = line(_("Code"), _("The six digits that your authenticator shows now."), autocomplete="one-time-code",
                dir="ltr")


class Again(Calm):
    password = secret(_("Password"), "current-password")


class Password(NewPassword):
    current = secret(_("Password until now"), "current-password")
    password = secret(_("New password"), "new-password", _("At least 14 characters, or six words."))
    again = secret(_("The new password again"), "new-password")


class Reply(Calm):
    text = text_area(_("Your answer to the reporter"),
                     _("In the reporter's language. They read it as an answer of the desk; "
                       "colleagues see your pseudonym."), rows=7)
    wait = forms.MultipleChoiceField(label=_("Afterwards"), choices=[("yes", _("Then wait for the reporter"))],
                                     required=False, widget=forms.CheckboxSelectMultiple)
    take = forms.MultipleChoiceField(label=_("Nobody has this case yet"), initial=["yes"], required=False,
                                     choices=[("yes", _("I take care of this case"))],
                                     widget=forms.CheckboxSelectMultiple)

    def of(self, nobody: bool) -> "Reply":
        """The same form; whoever answers is asked to take the case only where nobody has it."""
        if not nobody:
            self.fields.pop("take", None)
        return self


class Note(Calm):
    text = text_area(_("New note, for colleagues"), _("Only the people of this case read it, never the reporter."))


class Decide(Calm):
    verdict = forms.ChoiceField(
        label=_("Your decision"), widget=forms.RadioSelect,
        choices=[("accepted", _("Accept: it is what it says")), ("rejected", _("Reject: it is something else")),
                 ("undecided", _("Not yet: a specialist must look (makes a task in this case)"))])
    why = text_area(_("Why"), _("Never sent. A colleague or a court may read it later."), rows=3)
    tell = text_area(_("Tell the reporter, too"),
                     _("Only of what you accepted. They read the finding, its limit, and what you write here."),
                     required=False, rows=3)

    def clean(self) -> dict[str, Any]:
        """What goes out is said by the button alone, and the button must fit what is written."""
        given = super().clean() or {}
        if self.data.get("act") != "tell":
            if given.get("tell"):
                self.add_error("tell", gettext("Here stands a text for the reporter, and you pressed the button that "
                                               "sends nothing. Empty this field, or press the other button."))
        elif given.get("verdict") not in (None, "accepted"):
            self.add_error("tell", gettext("Only a finding that you accept is told to the reporter."))
        elif not given.get("tell"):
            self.add_error("tell", gettext("There is nothing to send yet: write what the reporter should read."))
        return given


class State(Calm):
    state = forms.ChoiceField(label=_("New state"), widget=forms.Select, help_text=_(
        "Awaiting vetting: somebody still checks whether the report is what it says. Out of mandate: this desk "
        "cannot help; tell the reporter who can."))
    why = text_area(_("Why"), _("Stays in the timeline."), rows=3)

    def __init__(self, *args: Any, states: Iterable[tuple[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("Choose")), *states]  # type: ignore[attr-defined]


class Retention(Calm):
    day = forms.DateField(label=_("Keep until"), help_text=_("Year, month and day, like 2027-05-31."),
                          input_formats=["%Y-%m-%d"], widget=forms.DateInput(attrs={"type": "date", "dir": "ltr"}),
                          error_messages={"invalid": _("This date could not be read. Write it like 2027-05-31.")})
    why = text_area(_("Why"), _("Stays in the timeline."), rows=3)


def _told(text: str) -> times.Moment:
    try:
        return times.told(text)
    except AmparoError as error:
        raise forms.ValidationError(f"{gettext(error.says)} {gettext(error.advice)}") from None


class Erase(Calm):
    why = text_area(_("Why"), _("For yourself: read it once more before you go on. It is erased too."), rows=3)
    sure = tick(_("Yes, erase this case for good"))


class Event(Calm):
    venue = forms.ChoiceField(label=_("Where it happened"), widget=forms.RadioSelect, choices=[
        ("online", _("Online")), ("offline", _("Offline")), ("both", _("Both"))])
    text = text_area(_("What happened"), rows=3)
    start = line(_("When"), _("As exactly as you know it: 2026-05-31 18:30, 2026-05-31, 2026-05 or 2026."), dir="ltr")
    end = line(_("Until (if it lasted)"), required=False, dir="ltr")

    def clean_start(self) -> times.Moment:
        return _told(self.cleaned_data["start"])

    def clean_end(self) -> times.Moment | None:
        return _told(self.cleaned_data["end"]) if self.cleaned_data["end"] else None

    def when(self) -> times.When:
        """The time of the event; an interval where an end was told. Call after is_valid()."""
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        if end is None:
            return start
        coarser = max(start.precision, end.precision, key=list(times.Precision).index)
        return times.Interval(start.at, end.at, coarser, start.zone)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("start") and given.get("end") and given["end"].at < given["start"].at:
            self.add_error("end", gettext("The end lies before the beginning."))
        return given


class DeviceConsent(Calm):
    text = text_area(_("How the consent was given"),
                     _("Who asked, by which way, on which day. No names are needed."), rows=3)
    agreed = tick(_("The person who uses this device agrees that it is examined"))


class Member(Calm):
    colleague = forms.ChoiceField(label=_("Colleague"), widget=forms.Select)

    def __init__(self, *args: Any, colleagues: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].choices = [("", _("Choose")), *colleagues]  # type: ignore[attr-defined]


class RemoveMember(Calm):
    sure = tick(_("Yes, remove this colleague and start a new epoch"))


class Noted(Calm):
    """A root of the custody log that somebody wrote down earlier."""

    entries = forms.IntegerField(label=_("Number of entries you noted"), required=False, min_value=1,
                                 widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric"}))
    root = line(_("Root you noted"), required=False, dir="ltr")

    def clean_root(self) -> str:
        return "".join(self.cleaned_data["root"].split()).lower()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (given.get("entries") is None) != (not given.get("root")) and not self.errors:
            self.add_error("root", gettext("Give both, the number and the root, or neither."))
        return given


class Invite(Calm):
    pseudonym = line(_("Pseudonym"), _("Up to 40 letters."))
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    answers_as = forms.ChoiceField(
        label=_("Reporters who ask for a woman or a man to answer"), required=False, widget=forms.Select,
        help_text=_("Shown to reporters only as a number, never with a name."),
        choices=[("any", _("not said")), ("woman", _("a woman")), ("man", _("a man"))])

    hidden = forms.MultipleChoiceField(
        label=_("Reporters"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[("yes", _("Do not show this pseudonym to reporters"))],
        help_text=_("They still see how many people read, and in which role. Whoever knows the pseudonym can still "
                    "leave it out."))

    def __init__(self, *args: Any, roles: Iterable[tuple[str, Any]] = (), may_hide: bool = False, **kwargs: Any,
                 ) -> None:
        super().__init__(*args, **kwargs)
        if not may_hide:
            del self.fields["hidden"]
        self.fields["role"].choices = list(roles)  # type: ignore[attr-defined]


class SignColleague(Calm):
    compared = tick(_("I compared every group with my colleague, by voice or in person"))


class NewKeys(Calm):
    sure = tick(_("Yes, make a new invitation; the old password and keys stop working"))


class RemoveColleague(Calm):
    sure = tick(_("Yes, remove this colleague from the desk"))
