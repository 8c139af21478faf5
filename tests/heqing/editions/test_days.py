"""Which edition and phase counts on a day: the eve and the first day of each, before, after, pinned."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.editions import by_phase, families, family, find_edition, timeline, with_edition
from heqing.errors import NoEditionError, UnknownNameError

EVES = [
    ("ambient_air", date(2026, 2, 28), ("GB 3095-2012", "only"), ("GB 3095-2026", "transition")),
    ("ambient_air", date(2030, 12, 31), ("GB 3095-2026", "transition"), ("GB 3095-2026", "final")),
    ("air_index", date(2026, 2, 28), ("HJ 633-2012", "only"), ("HJ 633-2026", "only")),
    ("air_index", date(2015, 12, 31), (None, None), ("HJ 633-2012", "only")),
    ("surface_water_rounding", date(2021, 4, 30), None, None),
]


def _on(name: str, *days: date | None, edition: str | None = None) -> list[tuple]:
    frame = pl.LazyFrame({"day": list(days)}, schema={"day": pl.Date})
    return with_edition(frame, name, edition=edition).select("edition", "phase").collect().rows()


@pytest.mark.parametrize(("name", "eve", "before", "after"), EVES)
def test_phase_changes_overnight(name: str, eve: date, before: tuple | None, after: tuple | None) -> None:
    found = _on(name, eve, eve + timedelta(days=1))
    assert found[0] != found[1]
    if before is not None:
        assert found == [before, after]


@pytest.mark.parametrize("spelled", ["HJ 633-2012", "HJ633-2012", "hj633_2012", "hj 633 2012"])
def test_edition_is_found_however_it_is_spaced(spelled: str) -> None:
    assert find_edition("air_index", spelled).number == "HJ 633-2012"


def test_pinned_edition_counts_on_every_day_in_its_nearest_phase() -> None:
    days = (date(2014, 1, 1), date(2027, 1, 1), date(2040, 1, 1))
    assert _on("ambient_air", *days, edition="GB 3095-2026") == [
        ("GB 3095-2026", "transition"),
        ("GB 3095-2026", "transition"),
        ("GB 3095-2026", "final"),
    ]


def test_missing_day_has_no_edition() -> None:
    assert _on("air_index", None) == [(None, None)]


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="air_index"):
        family("fire")
    with pytest.raises(NoEditionError, match="GB 3095-2012"):
        find_edition("ambient_air", "GB 3095-1996")


@pytest.mark.parametrize("name", families("standards"))
def test_phases_of_a_family_touch_without_overlap(name: str) -> None:
    phases = [p for _, p in timeline(name).phases]
    for earlier, later in itertools.pairwise(phases):
        assert earlier.valid_to is not None
        assert later.valid_from - earlier.valid_to >= timedelta(days=1)


@given(st.lists(st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2040, 1, 1))), min_size=1, max_size=20))
def test_timeline_agrees_with_a_search_by_hand(days: list[date | None]) -> None:
    phases = timeline("ambient_air").phases
    expected = [
        next(
            (
                (e.number, p.key)
                for e, p in phases
                if d and p.valid_from <= d and (p.valid_to is None or d <= p.valid_to)
            ),
            (None, None),
        )
        for d in days
    ]
    assert _on("ambient_air", *days) == expected


def test_phases_that_say_the_same_are_one_expression() -> None:
    made = []
    by_phase(pl.col("n"), {0: "a", 1: "a", 2: "b"}, lambda choice: made.append(choice) or pl.lit(choice))
    assert made == ["a", "b"]
    frame = pl.DataFrame({"n": [0, 1, 2]})
    assert frame.select(by_phase(pl.col("n"), {0: "a", 1: "a", 2: "b"}, pl.lit)).to_series().to_list() == [
        "a",
        "a",
        "b",
    ]
