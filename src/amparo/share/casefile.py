"""One case as documents that open without Amparo: case.json, pages and tables to read, and how to check them.

docs/case-export.md describes the format. What is for the owner of a case holds what is hers: no notes of the desk, no
colleague's name, no other reader.
"""

import csv
import datetime as dt
import html
import io
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

FORMAT, VERSION = "amparo-case", 1
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Answer(msgspec.Struct, frozen=True):
    """One question. `codes`: the choices as codes; `text`: in words."""

    code: str
    question: str
    codes: tuple[str, ...]
    text: str


class Said(msgspec.Struct, frozen=True):
    """A message, note or result. `who`: "reporter", "the desk", or a pseudonym where the whole case is exported."""

    who: str
    at: dt.datetime
    text: str
    kind: str = "message"
    proven: bool = True


class File(msgspec.Struct, frozen=True):
    """A file of the case. `place`: where its original lies in the export, "" where it was not ticked or is lost."""

    id: UUID
    name: str
    size: int
    type: str
    sha256: str
    place: str = ""
    lost: bool = False


class Leaf(msgspec.Struct, frozen=True):
    """An entry of the custody log with the proof that it is in the tree (RFC 6962). Bytes as hex."""

    index: int
    action: str
    day: str
    body: str
    proof: tuple[str, ...]


class Head(msgspec.Struct, frozen=True):
    """The tree in which the proofs hold."""

    size: int
    root: str


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one case that may leave in this export, opened. `whole`: not only what is the owner's."""

    case: UUID
    code: str
    whole: bool
    exported_at: dt.datetime
    opened_on: dt.date
    language: str
    answers: tuple[Answer, ...]
    consents: tuple[Answer, ...]
    messages: tuple[Said, ...]
    files: tuple[File, ...]
    leaves: tuple[Leaf, ...]
    head: Head
    gaps: tuple[str, ...] = ()
    state: str = ""
    notes: tuple[Said, ...] = ()
    findings: tuple[dict[str, Any], ...] = ()
    members: tuple[str, ...] = ()
    writings: tuple[dict[str, Any], ...] = ()


class Document(msgspec.Struct, frozen=True):
    name: str
    data: bytes


def documents(case: CaseFile) -> tuple[Document, ...]:
    """The documents of one case, without its files."""
    return (
        Document("READ-ME.txt", _readme(case).encode()),
        Document("case.json", _json(case)),
        Document("case.html", _page(case).encode()),
        Document("messages.csv", table(
            ("when", "who", "kind", "text"), [(_when(one.at), one.who, one.kind, one.text) for one in case.messages])),
        Document("files.csv", table(
            ("name", "size in bytes", "type", "SHA-256", "original in this export"),
            [(one.name, str(one.size), one.type, one.sha256, one.place or "no") for one in case.files])),
        Document("custody.json", _custody(case)),
    )


def checksums(found: Sequence[tuple[str, str]]) -> Document:
    """The list that `sha256sum -c SHA256SUMS` checks, of (name, hex digest)."""
    return Document("SHA256SUMS", "".join(f"{digest}  {name}\n" for name, digest in found).encode())


def guarded(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula: an apostrophe stands before what begins like one."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A CSV file that opens with its letters right in spreadsheet programs, guarded cell by cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def place_of(file: UUID, name: str) -> str:
    """Where an original lies within the export of its case: apart from others of the same name, leading nowhere."""
    safe = "".join(sign if sign.isalnum() or sign in " ._-" else "_" for sign in name).strip(" .")[-100:] or "file"
    return f"files/{file.hex[:8]}-{safe}"


def _when(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _json(case: CaseFile) -> bytes:
    told: dict[str, Any] = {"format": FORMAT, "version": VERSION, **msgspec.to_builtins(case)}
    del told["leaves"], told["head"]  # in custody.json
    if not case.whole:
        for name in ("notes", "findings", "members", "writings", "state"):
            del told[name]
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _custody(case: CaseFile) -> bytes:
    told = {"log": msgspec.to_builtins(case.head), "entries": msgspec.to_builtins(case.leaves)}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _readme(case: CaseFile) -> str:
    lines = [
        f"Case {case.code}, exported on {_when(case.exported_at)}.", "",
        "This folder can be read without any special program:",
        "  case.html      the whole text, to open in a browser",
        "  messages.csv   what was written to and from the desk, for a spreadsheet program",
        "  files.csv      the files of the case, each with its SHA-256",
        "  case.json      the same for programs (docs/case-export.md of Amparo)",
        "  custody.json   entries of the desk's log about this case, each with the proof that it stands in the log",
        "  SHA256SUMS     `sha256sum -c SHA256SUMS` says whether anything was changed since the export", "",
        "Whoever has this folder can read all of it. Keep it encrypted, and delete what you do not need.",
    ]
    if any(one.place for one in case.files):
        lines += ["", "The files are the originals, with everything hidden in them (place, time, device). Words that",
                  "the desk covers in its texts are not covered in them."]
    if not case.whole:
        lines += ["", "This is the owner's part: no notes of the desk, no name of somebody who works there."]
    if case.gaps:
        lines += ["", "Not in this export:", *(f"  - {gap}" for gap in case.gaps)]
    return "\n".join(lines) + "\n"


def _page(case: CaseFile) -> str:
    parts = [f"<h1>Case {_e(case.code)}</h1>", f"<p>Exported on {_when(case.exported_at)}.</p>"]
    if case.gaps:
        parts += ["<h2>Not in this export</h2>", _list(case.gaps)]
    parts += ["<h2>Report</h2>", _told(case.answers), "<h2>Consents</h2>", _told(case.consents)]
    parts += ["<h2>Dialogue</h2>", _lines(case.messages)]
    if case.whole:
        parts += ["<h2>Notes of the desk</h2>", _lines(case.notes), "<h2>Findings</h2>"]
        parts.append(_list(tuple(f"{one.get('says', '')} ({one.get('verdict', '')})" for one in case.findings)))
        parts += ["<h2>Who reads it</h2>", _list(case.members)]
    parts += ["<h2>Files</h2>", _list(tuple(
        f"{one.name}, {one.size} bytes, SHA-256 {one.sha256}" + (f", {one.place}" if one.place else "")
        + (" (the sealed file is lost)" if one.lost else "") for one in case.files))]
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Case</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">'
        "<style>body{max-width:40rem;margin:2rem auto;font:1.1rem/1.5 sans-serif}.w{white-space:pre-wrap}</style>"
        "</head>"
    )
    return f"{head}<body>{''.join(parts)}</body></html>\n"


def _e(text: str) -> str:
    return html.escape(text)


def _list(texts: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li dir=auto>{_e(text)}</li>' for text in texts)}</ul>" if texts else "<p>None.</p>"


def _told(answers: Sequence[Answer]) -> str:
    rows = "".join(f'<dt>{_e(one.question)}</dt><dd dir="auto" class="w">{_e(one.text)}</dd>' for one in answers)
    return f"<dl>{rows}</dl>" if rows else "<p>None.</p>"


def _lines(lines: Sequence[Said]) -> str:
    rows = "".join(
        f'<h3>{_e(one.who)}, {_when(one.at)}{"" if one.proven else " (origin not proven)"}</h3>'
        f'<p dir="auto" class="w">{_e(one.text)}</p>' for one in lines
    )
    return rows or "<p>None.</p>"
