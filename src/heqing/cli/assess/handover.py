"""``heqing assess handover``: the grade of a place for the water it hands over. See `heqing.water.handover`."""

from __future__ import annotations

from functools import partial

from heqing.cli.assess.tables import Words, judge_table
from heqing.cli.assess.water import Rounding, RoundingWord
from heqing.cli.assess.words import Edition, Out
from heqing.cli.options import Excel, Input, Rename, Unit
from heqing.store.columns import Columns
from heqing.water import handover_grade
from heqing.water.handover import handover_items


def handover(
    source: Input,
    rounding: RoundingWord = Rounding.auto,
    out: Out = None,
    rename: Rename = [],  # noqa: B006
    unit: Unit = [],  # noqa: B006
    edition: Edition = None,
    excel: Excel = False,
) -> None:
    """Grade counties or cities for the water they hand over in a year (跨行政区域河流交接断面).

    INPUT has one row per place and year: `day` (any day of the year) or `time`, `target_class`, `body_type`, yearly
    means `codmn nh3n tp` of the outflow (mg/L), the same of the inflow with `_in`, of the year before with `_before`
    and `_in_before`.

    For example:

      heqing assess handover counties_2024.csv -o grades.csv
    """
    ends = ("", "_in", "_before", "_in_before")
    codes = tuple(f"{item}{end}" for item in handover_items() for end in ends)
    columns = Columns(
        "Counties that hand water over",
        needed=("target_class", *handover_items()),
        amounts=codes,
        units=dict.fromkeys(codes, "mg/L"),
    )
    rule = partial(handover_grade, edition=edition, rounding=rounding.value)
    judge_table(Words(source, out, rename, unit, excel), columns, rule, prefix="handover_", keeps_rows=True)
