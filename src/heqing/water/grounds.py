"""What every result of this room carries beside it: edition, clause, whether it is confirmed, and why it is absent.

It judges nothing. A rule named ``tli`` adds ``tli_edition``, ``tli_clause``, ``tli_unconfirmed`` and ``tli_reason``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from heqing.editions import by_phase, table, timeline
from heqing.tables import join_reasons, keep_inputs


def ground_names(rule: str) -> tuple[str, ...]:
    """Name the columns that say what a result rests on.

    Parameters
    ----------
    rule : str
        The rule's name, with which they begin.

    Returns
    -------
    tuple of str
        Four names.

    Examples
    --------
    >>> ground_names("tli")
    ('tli_edition', 'tli_clause', 'tli_unconfirmed', 'tli_reason')
    """
    return tuple(f"{rule}_{what}" for what in ("edition", "clause", "unconfirmed", "reason"))


def own_names(frame: pl.LazyFrame, results: Iterable[str]) -> tuple[pl.LazyFrame, list[pl.Expr]]:
    """Make room for results and for working columns, whose names begin with ``_``.

    Parameters
    ----------
    frame : polars.LazyFrame
        The frame as given.
    results : iterable of str
        Names the rule is about to add.

    Returns
    -------
    (polars.LazyFrame, list of polars.Expr)
        The frame with its own ``_names`` moved away and taken results kept as ``<name>_in``; its columns as given.

    Examples
    --------
    >>> frame, columns = own_names(pl.LazyFrame({"_x": [1], "tli": [2]}), ["tli"])
    >>> frame.select(columns).collect_schema().names()
    ['_x', 'tli_in']
    """
    kept = keep_inputs(frame, results)
    given = kept.collect_schema().names()
    moved = {name: f"given {name}" for name in given if name.startswith("_")}
    return kept.rename(moved), [pl.col(moved.get(name, name)).alias(name) for name in given]


def number_of(family: str, day: pl.Expr, edition: str | None = None) -> pl.Expr:
    """Give the place of each day in a family's timeline; a method is applied to days before its first day too.

    Parameters
    ----------
    family : str
        The family.
    day : polars.Expr
        Dates.
    edition : str, optional
        Pin an edition.

    Returns
    -------
    polars.Expr
        Int32, null without a date.

    Examples
    --------
    >>> from datetime import date
    >>> pl.select(number_of("surface_water_ranking", pl.lit(date(2016, 12, 31)))).item()
    0
    """
    number = timeline(family).number_on(day, edition=edition)
    return pl.when(day.is_not_null()).then(number.fill_null(0))


def clauses(family: str, *tables: str) -> dict[int, str]:
    """Give the clauses of tables in every phase of a family.

    Parameters
    ----------
    family : str
        The family.
    *tables : str
        Its tables.

    Returns
    -------
    dict
        Place in the timeline to clauses joined by ``；``.

    Examples
    --------
    >>> clauses("surface_water_trophic", "parameters", "grades")
    {0: '营养状态指数；分级'}
    """
    found: dict[int, list[str]] = {}
    for name in tables:
        for number, clause in table(family, name).select("phase_no", "clause").iter_rows():
            known = found.setdefault(number, [])
            if clause is not None and clause not in known:
                known.append(clause)
    return {number: "；".join(said) for number, said in found.items()}


def doubtful(family: str, *tables: str) -> dict[int, bool]:
    """Say for every phase of a family whether any row of the tables is unconfirmed.

    Parameters
    ----------
    family : str
        The family.
    *tables : str
        Its tables.

    Returns
    -------
    dict
        Place in the timeline to whether.

    Examples
    --------
    >>> doubtful("surface_water_trophic", "parameters"), doubtful("surface_water_ranking", "weights")
    ({0: False}, {0: True})
    """
    found = dict.fromkeys(range(len(timeline(family).phases)), False)
    for name in tables:
        for number, unconfirmed in table(family, name).select("phase_no", "unconfirmed").iter_rows():
            found[number] = found[number] or unconfirmed
    return found


def grounds(
    rule: str,
    family: str,
    number: pl.Expr,
    stated: pl.Expr,
    *,
    tables: Sequence[str],
    unconfirmed: pl.Expr | None = None,
    undated: pl.Expr | None = None,
    reasons: Sequence[pl.Expr] = (),
) -> list[pl.Expr]:
    """Make the four columns of `ground_names`.

    Parameters
    ----------
    rule : str
        The rule's name.
    family : str
        The family it reads.
    number : polars.Expr
        Place of each row in the family's timeline.
    stated : polars.Expr
        Whether the row has a result.
    tables : sequence of str
        Tables the result rests on, for the clause and, without `unconfirmed`, for the doubt.
    unconfirmed : polars.Expr, optional
        Whether the result rests on an unconfirmed row.
    undated : polars.Expr, optional
        Whether the row has no date, for families that have no place for some days; else no place is no date.
    reasons : sequence of polars.Expr
        Texts, null where they do not hold.

    Returns
    -------
    list of polars.Expr
        Edition, clause, unconfirmed, reason; a row without a date says ``bad_time``, one without place ``no_edition``.

    Examples
    --------
    >>> rest = grounds("tli", "surface_water_trophic", pl.lit(0), pl.lit(True), tables=["grades"])
    >>> pl.select(rest).row(0)
    ('总站生字〔2001〕090号', '分级', False, None)
    """
    has_result = stated.fill_null(False)
    outside = pl.when(number.is_null())
    said = (
        outside.then(pl.lit("bad_time"))
        if undated is None
        else (outside.then(pl.when(undated).then(pl.lit("bad_time")).otherwise(pl.lit("no_edition"))))
    )
    doubt = by_phase(number, doubtful(family, *tables), pl.lit) if unconfirmed is None else unconfirmed
    return [
        timeline(family).edition_of(number).alias(f"{rule}_edition"),
        pl.when(has_result).then(by_phase(number, clauses(family, *tables), pl.lit)).alias(f"{rule}_clause"),
        (has_result & doubt.fill_null(False)).alias(f"{rule}_unconfirmed"),
        join_reasons(said, *reasons).alias(f"{rule}_reason"),
    ]
