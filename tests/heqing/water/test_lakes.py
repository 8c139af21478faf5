"""Lakes: rounds before points, points alike, nitrogen apart, river-type reservoirs, the trophic state after it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from heqing.errors import MissingColumnError
from heqing.water import lake_water_class, trophic_index


def lakes(level: str = "month", **columns: Any) -> pl.DataFrame:
    height = max([len(v) for v in columns.values() if isinstance(v, list)], default=1)
    filled = {"lake": "x", "point": "p", "day": date(2020, 6, 1), **columns}
    frame = pl.DataFrame({k: v if isinstance(v, list) else [v] * height for k, v in filled.items()})
    return lake_water_class(frame.lazy(), level=level, rounding="raw").collect()


def test_rounds_are_meaned_before_points() -> None:
    days = [date(2020, 6, d) for d in (1, 2, 3, 1)]
    found = lakes(point=["a", "a", "a", "b"], day=days, tp=[0.01, 0.01, 0.01, 0.05])
    assert found.select("tp", "points", "points_judged", "water_class", "unconfirmed").row(0) == (0.03, 2, 2, 3, True)


def test_one_point_is_judged_as_a_section_with_the_limits_of_lakes() -> None:
    assert lakes(tp=0.11).select("water_class", "unconfirmed").row(0) == (5, False)
    assert lakes(tp=0.11, body_type="河流型水库")["water_class"].item() == 3
    assert lakes(tp=0.11, body_type="?")["water_class"].item() == 5


def test_nitrogen_has_its_own_class_and_never_moves_that_of_the_lake() -> None:
    found = lakes(tp=0.01, tn=3.0)
    assert found.select("water_class", "tn_class", "judged_items").row(0) == (1, 6, "tp")


def test_zones_are_judged_by_themselves_and_a_point_without_class_does_not_count() -> None:
    found = lakes(zone=["n", "s", "s"], point=["a", "b", "c"], tp=[0.01, 0.2, None])
    assert found.select("zone", "tp", "points", "points_judged", "water_class").rows() == [
        ("n", 0.01, 1, 1, 1),
        ("s", 0.2, 2, 1, 5),
    ]


def test_a_year_of_too_few_months_says_so() -> None:
    found = lakes("year", tp=[0.01] * 3, day=[date(2020, m, 1) for m in (1, 2, 3)])
    assert found.select("water_class", "reason").row(0) == (None, "too_few_months(3)")


def test_ph_of_points_is_meaned_over_hydrogen_ions() -> None:
    assert round(lakes(point=["a", "b"], ph=[6.0, 8.0])["ph"].item(), 4) == 6.2967


def test_the_trophic_state_follows_from_the_means() -> None:
    found = lakes(point=["a", "b"], tp=[0.04, 0.06], chla=[10.0, 20.0], sd=[0.5, 0.7], tn=[1.0, 1.2], codmn=[4.0, 5.0])
    row = trophic_index(found.lazy()).collect().row(0, named=True)
    assert (row["chla"], row["sd"], row["tli_grade"]) == (15.0, 0.6, "轻度富营养")


def test_a_lake_needs_its_name_and_its_points() -> None:
    with pytest.raises(MissingColumnError, match="`lake`, `point`"):
        lake_water_class(pl.LazyFrame({"day": [date(2020, 1, 1)], "tp": [0.1]}))
