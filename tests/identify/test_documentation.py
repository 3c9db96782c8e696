"""docs/identify.md says what the program does: figures, options, exit status, example."""

import io
import re
from pathlib import Path

from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware import specimens
from amparo.identify.spyware.specimens.measuring import measure


def page(root: Path) -> str:
    return (root / "docs" / "identify.md").read_text("utf-8")


def test_the_figures_are_those_that_are_measured(root: Path, base: KnowledgeBase) -> None:
    text = page(root)
    for check in measure(base):
        precision, recall = check.found / (check.found + check.false), check.found / check.plants
        line = (
            f"{check.detector}, {check.kind}: precision {precision:.3f}, recall {recall:.3f} "
            f"({check.found} of {check.plants} plants, {check.false} of {check.lookalikes} look-alikes)"
        )
        assert line in text


def test_every_option_is_documented_and_no_other(root: Path) -> None:
    import typer
    from typer.main import get_command

    from amparo.cli import identify

    app = typer.Typer()
    app.callback()(lambda: None)
    identify.register(app)
    command = get_command(app).commands["identify"]  # type: ignore[attr-defined]
    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert options - {"--help"} == set(re.findall(r"--[a-z][a-z-]+", page(root))) - {"--full"}


def test_every_part_that_is_examined_is_named(root: Path, base: KnowledgeBase) -> None:
    from amparo.identify.spyware.android import PARTS as ANDROID
    from amparo.identify.spyware.ios import PARTS as IOS

    text = page(root).lower()
    for part in [*IOS, *ANDROID]:
        words = part.name.lower().removeprefix("message ").split()
        assert any(word.rstrip("s") in text for word in words), part.name


def test_the_example_of_the_package_runs(base: KnowledgeBase, tmp_path: Path) -> None:
    import contextlib
    import os

    import amparo.identify

    example = re.search(r"\n\n((?:    .*\n|\n)+)", amparo.identify.__doc__ or "")
    assert example
    code = "\n".join(line.removeprefix("    ") for line in example[1].splitlines())
    (tmp_path / "backup.zip").write_bytes(specimens.demo_clean())
    printed = io.StringIO()
    here = os.getcwd()
    os.chdir(tmp_path)
    try:
        with contextlib.redirect_stdout(printed):
            exec(code, {})
    finally:
        os.chdir(here)
    assert "not proof of absence" in printed.getvalue()
