"""The ribbon of classes: sections by months, each in the colour of its class, with the class and what decided it.

Classes are made in `heqing.water.period_water_class`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from heqing.editions import table
from heqing.errors import HeqingError
from heqing.plots.drawing import FAINT, SOFT, Language, ink_on, name_of, page, place_of, say, title
from heqing.tables import need_columns, read_frame
from heqing.water.shares import good_and_worse

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = 2  # deciding items named in a cell


def class_ribbon(
    frame: Any,
    *,
    by: str = "section",
    targets: dict[str, int] | None = None,
    name: str = "",
    lang: Language = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Draw the water class of sections over months, in the colours of the national method.

    Parameters
    ----------
    frame : any frame
        One row per section and period, as `heqing.water.period_water_class` gives it. Reads `by`, ``period``,
        ``water_class`` [1–6, 6 worse than Ⅴ], and ``deciding_items``, ``edition``, ``unconfirmed`` where present.
        Months between the first and the last that have no row are shown as without data.
    by : str
        Column that names the section.
    targets : dict of str to int, optional
        Class each section has to meet [1–5]; a cell that misses it is marked. Without it, column ``target_class`` of
        the frame where it holds numbers.
    name : str
        Name of the water or the place, for the title.
    lang : {"zh", "en"}
        Language of the words.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The picture.

    Raises
    ------
    MissingColumnError
        When the frame has not been judged.
    HeqingError
        When a section has two rows for one period.
    MissingExtraError
        When matplotlib is not installed.

    References
    ----------
    Family ``surface_water_method``, table ``section_grades``: 环办〔2011〕22号, table 1. The shades are ours: the
    method names colours in words.

    Examples
    --------
    >>> months = pl.DataFrame({"section": ["桥下"] * 2, "period": ["2025-01", "2025-03"], "water_class": [2, 4]})
    >>> [label.get_text() for label in class_ribbon(months).get_xticklabels()][1:]
    ['2', '3']
    """
    read = read_frame(frame, "class_ribbon")
    hint = "Judge the samples first: heqing.water.period_water_class."
    need_columns(read.lazy(), "The ribbon", [by, "period", "water_class"], hint=hint)
    rows = read.filter(pl.col("period").is_not_null() & pl.col(by).is_not_null())
    if rows.is_empty():
        raise HeqingError("`class_ribbon`: the frame has no period.")
    if rows.select(pl.struct(by, "period").is_duplicated().any()).item():
        raise HeqingError(f"`class_ribbon` draws one row per {by} and period; filter the frame first.")
    bounds = _targets(rows, by) if targets is None else targets
    sections = rows[by].unique(maintain_order=True).to_list()
    periods = _periods(rows["period"].unique().sort().to_list())
    colours = {
        row["class"]: row["hex"] for row in table("surface_water_method", "section_grades").iter_rows(named=True)
    }
    wide, high = max(6.5, 2.2 + 0.62 * len(periods)), 1.9 + 0.62 * len(sections)
    with page(ax, lang, size=(wide, high)) as drawn:
        known = {(row[by], row["period"]): row for row in rows.iter_rows(named=True)}
        for line, section in enumerate(sections):
            for place, period in enumerate(periods):
                _draw_cell(drawn, place, line, known.get((section, period)), bounds.get(section), colours, lang)
        words = say("classes", lang).split("|")
        labels = [f"{s}  {say('target', lang)} {words[bounds[s] - 1]}" if s in bounds else str(s) for s in sections]
        drawn.set_yticks([line + 0.5 for line in range(len(sections))], labels, fontsize=9)
        drawn.set_xticks([place + 0.5 for place in range(len(periods))], _labels(periods), fontsize=8.5)
        drawn.tick_params(length=0)
        drawn.set_xlim(0, len(periods))
        drawn.set_ylim(len(sections), 0)
        for side in drawn.spines.values():
            side.set_visible(False)
        drawn.set_xlabel(_note(rows, lang), fontsize=8.5, color=SOFT, loc="left", labelpad=8)
        title(drawn, place_of(name, lang) + say("class_ribbon_title", lang))
    return drawn


def _targets(rows: pl.DataFrame, by: str) -> dict[str, int]:
    if "target_class" not in rows.columns or not rows.schema["target_class"].is_integer():
        return {}
    said = rows.filter(pl.col("target_class").is_not_null()).group_by(by).agg(pl.col("target_class").last())
    return dict(said.iter_rows())


def _periods(found: list[str]) -> list[str]:
    """Give the periods in order; months without a gap."""
    if not all(len(p) == len("2025-01") and p[5:].isdigit() for p in found):
        return found
    first, last = (int(p[:4]) * 12 + int(p[5:]) - 1 for p in (found[0], found[-1]))
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]


def _labels(periods: list[str]) -> list[str]:
    labels, shown = [], ""
    for period in periods:
        year, _, rest = period.partition("-")
        part = rest.lstrip("0") or year
        labels.append(f"{part}\n{year}" if rest and year != shown else part)
        shown = year
    return labels


def _draw_cell(
    ax: Axes, x: int, y: int, row: dict[str, Any] | None, bound: int | None, colours: dict[int, str], lang: Language
) -> None:
    from matplotlib.patches import Rectangle

    found = row["water_class"] if row else None
    if row is None or found is None:
        ax.add_artist(
            Rectangle((x + 0.03, y + 0.05), 0.94, 0.9, facecolor="white", edgecolor=FAINT, hatch="////", linewidth=0.6)
        )
        return
    colour = colours[found]
    ink = ink_on(colour)
    ax.add_artist(Rectangle((x + 0.03, y + 0.05), 0.94, 0.9, facecolor=colour, edgecolor="none"))
    mark = "*" if row.get("unconfirmed") else ""
    decided = _items(row.get("deciding_items") if found > good_and_worse()[0] else None, lang)
    word = say("classes", lang).split("|")[found - 1]
    ax.text(x + 0.5, y + (0.38 if decided else 0.5), word + mark, fontsize=11, color=ink, ha="center", va="center")
    if decided:
        ax.text(x + 0.5, y + 0.76, decided, fontsize=6.2, color=ink, ha="center", va="center")
    if bound is not None and found > bound:
        ax.text(x + 0.85, y + 0.2, "▼", fontsize=6.5, color=ink, ha="center", va="center")


def _items(codes: str | None, lang: Language) -> str:
    shown = [name_of("water", code, lang) for code in (codes or "").split(",")[:_SHOWN] if code]
    return "、".join(shown) if lang == "zh" else ", ".join(shown)


def _note(rows: pl.DataFrame, lang: Language) -> str:
    notes = [say("class_ribbon_note", lang)]
    if "edition" in rows.columns:
        named = [e for e in rows["edition"].unique(maintain_order=True).to_list() if e]
        if named:
            notes.append(say("by_edition", lang, edition="、".join(named)))
    if "unconfirmed" in rows.columns and rows["unconfirmed"].any():
        notes.append(say("unconfirmed", lang))
    return "\n".join([notes[0], "  ".join(notes[1:])]).strip()
