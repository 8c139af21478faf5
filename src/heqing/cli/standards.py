"""``heqing standards list|show``: what the rulebook holds, with editions, phases, clauses, and rows not confirmed.

It prints what `heqing.editions` reads and adds nothing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.table import Table

from heqing.editions import families, family, find_edition, table

standards = typer.Typer(help="Show the standards, their editions and tables.", no_args_is_help=True)

_OMITTED = {"edition", "phase_no", "valid_from", "valid_to", "unconfirmed", "official", "sources"}


@standards.command("list")
def list_() -> None:
    """List the families of standards with their editions and the days they count.

    For example:

      heqing standards list
    """
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("family", "edition", "phase", "from", "to", "unconfirmed rows", "title"):
        shown.add_column(head, overflow="fold", no_wrap=head in ("family", "from", "to"))
    for key in families("standards"):
        home = family(key)
        frames = [table(key, name) for name in home.tables]
        for edition in home.editions:
            for phase in edition.phases:
                here = (pl.col("edition") == edition.number) & (pl.col("phase") == phase.key)
                unsure = sum(int(f.filter(here)["unconfirmed"].sum()) for f in frames)
                shown.add_row(
                    key,
                    edition.number,
                    phase.key,
                    str(phase.valid_from),
                    str(phase.valid_to or "open"),
                    str(unsure) if unsure else "",
                    edition.title_zh,
                )
    Console(width=None if Console().is_terminal else 140).print(shown)


@standards.command("show")
def show(
    family_name: Annotated[str, typer.Argument(metavar="FAMILY", help="A family, see `heqing standards list`.")],
    table_name: Annotated[str | None, typer.Option("--table", help="Only this table.")] = None,
    edition: Annotated[str | None, typer.Option("--edition", help="Only this edition.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the rows as CSV; needs --table.")] = False,
) -> None:
    """Show the tables of a family, each row with its clause; rows that are not confirmed are marked “?”.

    For example:

      heqing standards show air_index --table breakpoints --edition HJ633-2026

      heqing standards show surface_water --table limits --csv
    """
    home = family(family_name)
    only = find_edition(family_name, edition).number if edition else None
    if csv and table_name is None:
        raise typer.BadParameter("name one table with --table", param_hint="--csv")
    names = [table_name] if table_name else list(home.tables)
    console = Console(width=None if Console().is_terminal else 160)
    if not csv:
        console.print(f"[bold]{home.name_zh}[/bold]  {home.name_en}\n{home.judges}")
        for found in home.editions:
            if only in (None, found.number):
                console.print(f"\n[bold]{found.number}[/bold] {found.title_zh}")
                for phase in found.phases:
                    console.print(f"  {phase.key}: {phase.valid_from} to {phase.valid_to or 'open'}")
                for amendment in found.amendments:
                    console.print(f"  {amendment.notice} from {amendment.valid_from}: {'; '.join(amendment.changes)}")
                for source in found.sources:
                    console.print(f"  source: {source.where} (compared {source.checked_on})", markup=False)
    for name in names:
        rows = table(family_name, name)
        if only:
            rows = rows.filter(pl.col("edition") == only)
        if csv:
            typer.echo(
                rows.with_columns(pl.col(pl.Decimal).map_elements(_plain, return_dtype=pl.String)).write_csv(), nl=False
            )
        else:
            console.print()
            console.print(_grid(name, home.tables[name].about, rows))


def _grid(name: str, about: str, rows: pl.DataFrame) -> Table:
    grid = Table(title=f"{name}: {about}", title_justify="left", box=None, pad_edge=False, header_style="bold")
    columns = [c for c in rows.columns if c not in _OMITTED and not rows[c].is_null().all()]
    for head in ("edition", *columns, "?"):
        grid.add_column(head, overflow="fold")
    for row in rows.iter_rows(named=True):
        grid.add_row(row["edition"], *[_plain(row[c]) for c in columns], "?" if row["unconfirmed"] else "")
    return grid


def _plain(value: Any) -> str:
    """Print a value as the standard does: 35, not 35.000000000000."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)
