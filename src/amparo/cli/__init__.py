"""The same libraries from a terminal.

What enters: arguments and files. What leaves: text or JSON lines, and an exit status that a script can trust. What
this room must never know: keys of a desk; the commands that run the desk only start it, and those that work on cases
ask it over its local socket, show the answer and keep none of it.
"""

from __future__ import annotations

import importlib
import os
import sys

import typer

from amparo.words.errors import AmparoError

WRONG_USAGE, FAULT = 2, 70
# typer carries click inside itself or beside itself, depending on its version; the family is found by its child.
_ClickError: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

app = typer.Typer(
    name="amparo",
    help="Amparo: a self-hosted protection desk for human rights defenders.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        from amparo import __version__

        print(f"amparo {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Amparo: a self-hosted protection desk for human rights defenders."""


def _register() -> None:
    """Bring in the sub-commands; each module is light, and what is heavy is imported inside its functions."""
    for module, name in (
        ("amparo.cli.identify", ""),
        ("amparo.cli.taxonomy", "taxonomy"),
        ("amparo.cli.verify_log", ""),
        ("amparo.cli.server", ""),
        ("amparo.cli.cases", ""),
        ("amparo.cli.sealing", ""),
    ):
        try:
            commands = importlib.import_module(module)
        except (ImportError, SyntaxError) as error:
            # One broken part must not take the other commands with it; a part that is not there is not an error.
            if not (isinstance(error, ModuleNotFoundError) and error.name == module):
                _say(
                    f"The commands of {module} could not be loaded ({type(error).__name__}). Install Amparo again."
                )
            continue
        if name:
            app.add_typer(commands.app, name=name)
        else:
            commands.register(app)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its status. Every error is a sentence with what to do next."""
    _register_once()
    try:
        status = app(args=arguments, prog_name="amparo", standalone_mode=False)
    except AmparoError as error:
        _say(str(error))
        sys.exit(WRONG_USAGE)
    except _ClickError as error:
        sentence = error.format_message() if hasattr(error, "format_message") else str(error)
        if type(error).__name__ == "NoArgsIsHelpError":
            _say(sentence)
        else:
            end = "" if sentence.endswith((".", "?")) else "."
            _say(f"{sentence}{end} Run `amparo --help` to see what is possible.")
        sys.exit(WRONG_USAGE)
    except (typer.Abort, KeyboardInterrupt):
        _say("Stopped.")
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has left; nothing more can be told.
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        # A fault of ours. Its text may hold words of the evidence, so only its kind is shown.
        if os.environ.get("AMPARO_TRACEBACK"):
            raise
        _say(
            f"Something went wrong inside Amparo ({type(error).__name__}). Nothing was changed. "
            "Please report it; with AMPARO_TRACEBACK=1 set, the same command shows where it happened."
        )
        sys.exit(FAULT)
    sys.exit(status if isinstance(status, int) else 0)


_registered = False


def _register_once() -> None:
    global _registered
    if not _registered:
        _registered = True
        _register()


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
