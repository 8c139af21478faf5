"""The one command ``heqing``: puts the verbs together, turns errors into sentences and exit codes.

It computes nothing. Each verb stands in a module of its own beside this one; verbs of other distributions join through
the entry-point group ``heqing.verbs``.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points, version
from typing import Annotated

import typer

from heqing.cli.assess import assess
from heqing.cli.check import check
from heqing.cli.console import say
from heqing.cli.intake import import_
from heqing.cli.read import read
from heqing.cli.settings import config
from heqing.cli.standards import standards
from heqing.cli.store import store_app
from heqing.errors import HeqingError, NoEditionError, UnknownNameError

DONE, REFUSED, USAGE = 0, 1, 2

app = typer.Typer(
    name="heqing",
    help=(
        "Heqing (河清): from the sentence of a speech to the verdict on an instrument's value.\n\n"
        "Exit codes: 0 done; 1 an input was refused, the sentence says why; 2 the call's words are off."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"heqing {version('heqing')}")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Keep the verbs under one roof."""


app.command("read")(read)
app.add_typer(assess, name="assess")
app.command("check")(check)
app.command("import")(import_)
app.add_typer(store_app, name="store")
app.add_typer(standards, name="standards")
app.command("config")(config)


def _join_other_verbs() -> None:
    """Add the verbs of other distributions; those of the site only where Django is installed."""
    for found in sorted(entry_points(group="heqing.verbs"), key=lambda e: e.name):
        try:
            verb = found.load()
        except ModuleNotFoundError as error:
            if error.name is None or error.name.split(".")[0] != "django":
                raise
            continue
        if isinstance(verb, typer.Typer):
            app.add_typer(verb, name=found.name)
        else:
            app.command(found.name)(verb)


_join_other_verbs()


def run() -> None:
    """Run the command and leave with its exit code."""
    try:
        app()
    except HeqingError as error:
        say(f"[red]error:[/red] {error}", markup=True)
        sys.exit(USAGE if isinstance(error, NoEditionError | UnknownNameError) else REFUSED)
    except KeyboardInterrupt:
        say("stopped")
        sys.exit(130)
