"""The translations: which texts there are, and the catalogues made of them.

    python locale/catalogues.py update     add new texts to every .po, mark those that are gone, write the .mo
    python locale/catalogues.py missing    list what is not translated yet

Texts come from the pages of the doors (templates and Python), from the room of words (questionnaire, consents,
code lists), from the reasons of urgency, and from the sentences of errors that a person may meet. First-aid
steps are data of their own, written once per language, and are not here.
"""

import ast
import builtins
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src" / "amparo"
LANGUAGES = ("es", "fr", "ar")
ROOMS = ("doors/reporter", "doors/public")
STAFF = "doors/staff"
FILES = ("doors/errors.py", "doors/planned.py")
ERRORS_OF = (
    "desk/accounts.py", "desk/adopting.py", "desk/bringing_back.py", "desk/bulk.py", "desk/conflicts.py",
    "desk/agreements.py", "desk/wishes.py", "desk/handouts.py", "desk/walks.py", "seal/handouts.py",
    "desk/checkins.py", "desk/checkplans.py", "desk/protocols.py",
    "desk/identities.py", "desk/leaving.py",
    "desk/locking.py", "desk/second.py", "desk/blobs.py", "desk/casework.py", "desk/demo_links.py",
    "desk/assigning.py", "desk/due.py", "desk/duties.py", "desk/handing.py", "desk/profile.py",
    "desk/security_keys.py", "desk/hiding.py", "desk/speaking.py", "desk/escalating.py", "desk/statements.py",
    "desk/triaging.py", "desk/waves.py", "desk/rota.py", "desk/pinged_at.py", "desk/waking.py", "desk/swapping.py",
    "desk/conversations.py",
    "desk/directory.py", "desk/drafts.py", "desk/errors.py", "desk/filing.py", "desk/intake.py", "desk/masks.py",
    "desk/membership.py", "desk/opening.py", "desk/people.py", "desk/policy.py", "desk/reading.py",
    "desk/retaining.py", "desk/returning.py", "desk/sessions.py", "desk/throttle.py",
    "desk/delegates.py", "desk/taking.py", "desk/uploads.py", "desk/vetting.py",
    "desk/watching.py", "desk/writing.py", "seal/errors.py", "seal/gate.py", "seal/receipts.py",
    "words/errors.py", "seal/leaving.py", "desk/exporting.py", "desk/search.py", "desk/duplicates.py",
    "seal/security_keys.py",
    "desk/import_runs.py", "desk/importing.py", "desk/spreadsheets.py", "gather/markup.py", "gather/separated.py",
    "gather/tables.py", "gather/workbooks.py", "gather/worksheets.py",
    "desk/changing.py", "desk/custody.py", "desk/exam_rendering.py", "desk/letters.py", "desk/site.py",
    "gather/archives.py", "gather/conversations.py", "gather/limits.py",
    "seal/blind.py", "seal/boxes.py", "seal/context.py", "seal/files.py", "seal/staff.py",
    "words/codes.py", "words/escalation.py", "words/times.py", "mitigate/escalation.py", "mitigate/urgencies.py",
    "desk/configuration.py", "desk/tasks.py", "seal/custody.py", "seal/grants.py", "seal/keys.py",
    "desk/cards.py", "desk/carrying.py", "desk/paper_cards.py", "seal/carrier.py",
    "doors/staff/views/importing.py", "doors/staff/views/second.py", "doors/staff/views/waves.py",
)
"""Modules whose errors reach a page: their sentences are constants, translated when they are shown.

Those that speak in a terminal only (demo, doctor, serving, the ceremony of the recovery key) stay in English.
"""

KEYWORDS = {
    "_": None, "gettext": None, "gettext_noop": None, "gettext_lazy": None, "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}
PLURALS = {
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
}
Message = str | tuple[str, ...]


def _python(code: bytes) -> Iterator[Message]:
    for _line, name, message, _comments in extract_python(io.BytesIO(code), KEYWORDS, (), {}):
        if name in ("pgettext", "npgettext"):
            raise ValueError("contexts are not used in these texts")
        if name == "ngettext" and isinstance(message, tuple):
            yield (message[0], message[1])
        else:
            yield message[0] if isinstance(message, tuple) else message


def _template(path: Path) -> Iterator[Message]:
    from django.utils.translation.template import templatize

    yield from _python(templatize(path.read_text(encoding="utf-8"), origin=path.name).encode())


def _sentences(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.JoinedStr):
            return
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            sentence = part.value
            if sentence.endswith((".", "?")) and " " in sentence and "_" not in sentence:  # "_": for authors
                yield sentence


def _errors(path: Path) -> Iterator[str]:
    """Sentences inside calls of error classes, and the advice that classes carry."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                named = isinstance(part, ast.Assign) and getattr(part.targets[0], "id", "") in ("advice", "says")
                if named and isinstance(part, ast.Assign):
                    yield from _sentences(part.value)
        elif isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if (called[:1].isupper() and not hasattr(builtins, called)) or called == "__init__":
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    yield from _sentences(argument)


def texts(*, staff: bool = True) -> tuple[Message, ...]:
    """Every message id, once, in a stable order; without those of staff pages alone if so asked.

    A pair is a singular with its plural.
    """
    if not settings.configured:
        settings.configure(USE_I18N=True)
    from amparo import mitigate
    from amparo.gather import tables
    from amparo.mitigate import escalation
    from amparo.share import casebook
    from amparo.words import messages, questionnaires

    found: dict[Message, None] = {}
    for room in (*ROOMS, STAFF) if staff else ROOMS:
        for path in sorted((SOURCE / room).rglob("*")):
            if path.suffix == ".html":
                found |= dict.fromkeys(_template(path))
            elif path.suffix == ".py":
                found |= dict.fromkeys(_python(path.read_bytes()))
    for name in FILES:
        found |= dict.fromkeys(_python((SOURCE / name).read_bytes()))
    for name in ERRORS_OF:
        if (SOURCE / name).is_file():
            found |= dict.fromkeys(_errors(SOURCE / name))
    found |= dict.fromkeys((*questionnaires.all_texts(), *mitigate.all_texts()))
    if staff:
        found |= dict.fromkeys((*messages.GAPS.values(), *escalation.all_texts()))
        found |= dict.fromkeys((*tables.NOTES.values(), *tables.SAID.values(), *casebook.PROBLEMS.values()))
    return tuple(message for message in found if message and message != "")


def place(language: str, ending: str = "po") -> Path:
    """The file of a language's catalogue."""
    return HERE / language / "LC_MESSAGES" / f"django.{ending}"


def load(language: str) -> Catalog:
    """The catalogue of a language, empty where there is none yet."""
    path = place(language)
    if not path.is_file():
        return Catalog(locale=language, domain="django", project="Amparo")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def compiled(catalog: Catalog) -> bytes:
    """The bytes of the .mo file."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def updated(language: str, given: dict[Message, str | tuple[str, ...]] | None = None) -> Catalog:
    """The catalogue with exactly today's texts; translations that are known stay, `given` ones are put in."""
    old = load(language)
    new = Catalog(
        locale=language, domain="django", project="Amparo", fuzzy=False, charset="utf-8",
        version="1", msgid_bugs_address="see SECURITY.md", last_translator="nobody yet", language_team="Amparo",
        header_comment=f"# Amparo, {language}. Who reviewed these texts stands in locale/reviewed.toml.",
    )
    new.mime_headers = [*new.mime_headers, ("Plural-Forms", PLURALS[language])]  # as in Django's own catalogues
    new.creation_date = new.revision_date = old.creation_date
    for message in texts():
        key = message if isinstance(message, str) else message[0]
        known = (given or {}).get(message) or (old[key].string if old[key] is not None else "")
        flags = ("python-format",) if "%(" in key else ()
        new.add(message, known, flags=flags)
    return new


def write(language: str, catalog: Catalog) -> None:
    """Write .po and .mo."""
    place(language).parent.mkdir(parents=True, exist_ok=True)
    with place(language).open("wb") as file:
        write_po(file, catalog, width=110, sort_output=False, no_location=True)
    place(language, "mo").write_bytes(compiled(catalog))


def missing(catalog: Catalog) -> list[Message]:
    """Message ids without a translation."""
    empty = []
    for message in catalog:
        parts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and not all(parts):
            empty.append(message.id)
    return empty


def main(arguments: list[str]) -> int:
    """The command line above."""
    for language in LANGUAGES:
        catalog = updated(language)
        if arguments == ["update"]:
            write(language, catalog)
        lacking = missing(catalog)
        sys.stdout.write(f"{language}: {len(catalog)} texts, {len(lacking)} not translated\n")
        if arguments == ["missing"]:
            for message in lacking:
                sys.stdout.write(f"    {message}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
