"""``heqing read THIS --against LAST``: what became of last year's promises, as a table or as JSON lines.

The pairing is done by `heqing.reading.against`; here it is printed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from heqing.reading import Reading
from heqing.reading.against import against_readings, tally
from heqing.reading.likeness import words

_PROMISED = frozenset({"kept", "missed", "unclear", "carried", "silent"})


def run(documents: Iterable[Reading], earlier: Sequence[Reading], *, as_json: bool) -> None:
    """Print each document against the earlier ones.

    Parameters
    ----------
    documents : iterable of Reading
        The later documents.
    earlier : sequence of Reading
        The earlier ones.
    as_json : bool
        One JSON object a line instead of tables.

    Examples
    --------
    >>> from heqing.reading import read
    >>> run([read("无。", "this.txt")], [], as_json=True)
    """
    console = Console(soft_wrap=False, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = 100
    for this in documents:
        if as_json:
            write_lines(this, earlier)
        else:
            show(console, this, earlier)
    sys.stdout.flush()


def write_lines(this: Reading, earlier: Sequence[Reading]) -> None:
    """Write one JSON object for each pair and each row left over.

    Parameters
    ----------
    this : Reading
        The later document.
    earlier : sequence of Reading
        The earlier ones.

    Examples
    --------
    >>> from heqing.reading import read
    >>> write_lines(read("无。", "this.txt"), [])
    """
    for row in against_readings(this, earlier).iter_rows(named=True):
        told = {name: _plain(row[name]) for name in ("relation", "outcome", "confidence", "why", "difference")}
        for side in ("promise", "said"):
            facts = {name.removeprefix(f"{side}_"): _plain(row[name]) for name in row if name.startswith(f"{side}_")}
            told[side] = facts if facts["quote"] is not None else None
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


def show(console: Console, this: Reading, earlier: Sequence[Reading]) -> None:
    """Print the pairs as a table, what nobody promised below it, and the tally.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    this : Reading
        The later document.
    earlier : sequence of Reading
        The earlier ones.

    Examples
    --------
    >>> from heqing.reading import read
    >>> show(Console(width=60, legacy_windows=False), read("无。", "this.txt"), [])
    this.txt：没有可以对照的目标和结果
    """
    pairs = against_readings(this, earlier)
    if pairs.is_empty():
        console.print(f"{this.doc}：没有可以对照的目标和结果")
        return
    promised = pairs.filter(pl.col("promise_quote").is_not_null())
    for doc in promised["promise_doc"].unique(maintain_order=True):
        table = Table(title=f"{doc} → {this.doc}", title_justify="left", show_lines=True, expand=False)
        table.add_column("结果", no_wrap=True)
        table.add_column("承诺", ratio=5, overflow="fold")
        table.add_column("报告", ratio=5, overflow="fold")
        table.add_column("差", no_wrap=True)
        table.add_column("依据", ratio=4, overflow="fold")
        for row in promised.filter(pl.col("promise_doc") == doc).iter_rows(named=True):
            reasons = "；".join(_words("reasons")[code] for code in row["why"])
            table.add_row(
                _words("outcomes")[row["outcome"]],
                _line(row["promise_quote"]),
                _line(row["said_quote"] or "—"),
                _difference(row),
                f"{reasons}（{row['confidence']:.2f}）" if row["said_quote"] else reasons,
            )
        console.print(table)
    for outcome in ("unpromised", "new"):
        alone = pairs.filter(pl.col("outcome") == outcome)
        if not alone.is_empty():
            table = Table(title=_words("outcomes")[outcome], title_justify="left", show_header=False, expand=False)
            for quote in alone["said_quote"].unique(maintain_order=True):
                table.add_row(_line(quote))
            console.print(table)
    console.print("".join(_closing(pairs)))


def _closing(pairs: pl.DataFrame) -> Iterator[str]:
    counted = tally(pairs)
    promised = sum(count for code, count in counted.items() if code in _PROMISED)
    yield f"承诺 {promised} 项："
    yield "、".join(f"{_words('outcomes')[code]} {n}" for code, n in counted.items() if code in _PROMISED)
    others = [f"{_words('outcomes')[code]} {n}" for code, n in counted.items() if code not in _PROMISED]
    yield f"；{'、'.join(others)}" if others else ""


@cache
def _words(table: str) -> dict[str, str]:
    return {row["code"]: row["zh"] for row in words(table)}


def _line(quote: str) -> str:
    return " ".join(quote.split())


def _difference(row: dict[str, Any]) -> str:
    if row["difference"] is None or row["difference"] == 0:
        return ""
    return f"{row['difference'].normalize():+f} {row['promise_unit'] or ''}".rstrip()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
