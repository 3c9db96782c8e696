"""`amparo taxonomy list`: the misuse taxonomy and the other code lists, for people and for programs."""

import json
from typing import Annotated, Any

import typer

app = typer.Typer(help="The codes this desk uses, with definitions and mappings.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    # With a single command typer would drop its name: `amparo taxonomy list` is what the documentation promises.
    pass


def _threats() -> list[dict[str, Any]]:
    import msgspec

    from amparo.words.threats import TAXONOMY

    rows: list[dict[str, Any]] = [{"type": "threat", **msgspec.to_builtins(item)} for item in TAXONOMY]
    return rows


def _lists() -> list[dict[str, Any]]:
    import msgspec

    from amparo.words import codes

    rows = []
    for name in codes.names():
        known = codes.load(name)
        for entry in known:
            row = {"type": name, **msgspec.to_builtins(entry), "requirement": list(known.requirement),
                   "source": known.source, "checked_on": known.checked_on.isoformat()}
            rows.append({key: value for key, value in row.items() if value not in ({}, "")})
    return rows


@app.command("list")
def list_codes(
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also acts, rights, grounds, channels and the other code lists.")
    ] = False,
) -> None:
    """Every kind of threat: code, meaning, mappings (MISP, DISARM, HURIDOCS), playbook and demo case."""
    rows = _threats() + (_lists() if everything else [])
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
        return
    last = "threat"
    for row in rows:
        if row["type"] != last:
            last = row["type"]
            typer.echo(f"\n[{last}]")
        typer.echo(f"{row['code']:<24} {row['name']}")
        if row.get("definition"):
            typer.echo(f"{'':<24} {row['definition']}")
        if row["type"] == "threat":
            disarm = (f"DISARM {code}" for code in row["disarm"])
            maps = [*row["misp"], *disarm, "HURIDOCS " + row["huridocs"]["entity"]]
            typer.echo(f"{'':<24} {'; '.join(maps)}")
