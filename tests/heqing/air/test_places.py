"""Names of places get numbers in their order, whichever way they are numbered."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.air import hours

NAMES = st.sampled_from(["甲", "乙", "丙", "", None])


@pytest.mark.parametrize("table", [hours._TABLE, 1])
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(NAMES, NAMES), max_size=40), seen=st.lists(st.text(min_size=1, max_size=3), max_size=9))
def test_places_are_numbered_as_a_plain_sort_does(table: int, rows: list, seen: list[str]) -> None:
    pl.Series(seen, dtype=pl.Categorical)  # names that other frames had
    frame = pl.DataFrame(rows, schema={"city": pl.String, "station": pl.String}, orient="row")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hours, "_TABLE", table)
        found = hours.runs_of_places(frame, ["city", "station"])

    order = sorted(set(rows), key=lambda names: [(name is not None, name or "") for name in names])
    assert found.places.rows() == order
    assert found.each().tolist() == [order.index(names) for names in rows]
