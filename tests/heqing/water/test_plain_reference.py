"""The fast rules against a plain reading of the standard, row by row in exact decimals, written for this test only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache
from random import Random
from typing import Any

import polars as pl
import pytest

from heqing.editions import table
from heqing.water import period_water_class, water_class

ITEMS = ("ph", "do", "codmn", "cod", "bod5", "nh3n", "tp", "hg")  # in the standard's order
BELOW = ("codmn", "cod", "nh3n", "tp", "hg")
WORDS = {"河流": "river", "river": "river", "水库": "lake", "湖库": "lake", "暗渠": None, None: None}
UNKNOWN_FROM, ROUNDED_FROM = datetime(2021, 5, 1), datetime(2025, 11, 1)
Row = dict[str, Any]


@cache
def facts() -> tuple[dict[tuple[str, str], Row], dict[str, Row]]:
    """Read the printed limits and the decimals, straight from the tables."""
    printed: dict[tuple[str, str], Row] = {}
    for row in table("surface_water", "limits").iter_rows(named=True):
        for body in ("river", "lake") if row["body_type"] == "any" else (row["body_type"],):
            printed[row["item"], body] = row
    return printed, {r["item"]: r for r in table("surface_water_rounding", "decimals").iter_rows(named=True)}


def one_class(item: str, body: str, value: Decimal) -> int:
    """Find the best class whose limit is met."""
    row = facts()[0][item, body]
    limits = [row[f"class{k}"] for k in range(1, 6)]
    if item == "ph":
        return 1 if row["lower"] <= value <= limits[0] else 6
    met = [k for k, bound in enumerate(limits, 1) if (value >= bound if row["direction"] == "ge" else value <= bound)]
    return met[0] if met else 6


def rounded(item: str, value: Decimal) -> Decimal:
    """Round half to even; where nothing would be left, keep one digit."""
    places = facts()[1][item]["decimals"]
    found = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    return found if found or not value else value.quantize(Decimal(1).scaleb(value.adjusted()), ROUND_HALF_EVEN)


def judged(row: Row, how: Callable[[str, Decimal], Decimal]) -> tuple[int | None, dict[str, tuple[int, int]]]:
    """Give the class of a row and the best and worst class of each item under one way of rounding."""
    found: dict[str, tuple[int, int]] = {}
    for item in ITEMS:
        if row.get(item) is None:
            continue
        value = how(item, Decimal(str(row[item])))
        body = WORDS[row["body_type"]]
        of = [one_class(item, b, value) for b in ([body] if body else ["river", "lake"])]
        if not (row.get(f"{item}_below") and max(of) > 3):
            found[item] = min(of), max(of)
    best, worst = (max((c[k] for c in found.values()), default=0) for k in (0, 1))
    return (best or None) if best == worst else None, found


def expected(row: Row) -> tuple[int | None, str | None, str | None, str | None, bool]:
    """Say class, deciding items, exceedance, judged items, and whether it is certain."""
    is_rounded, is_unknown = row["time"] >= ROUNDED_FROM, UNKNOWN_FROM <= row["time"] < ROUNDED_FROM

    def measured(_: str, value: Decimal) -> Decimal:
        return value

    def certain(item: str, value: Decimal) -> Decimal:
        return rounded(item, value) if facts()[1][item]["sources"] > 1 else value

    how = rounded if is_rounded else measured
    section, found = judged(row, how)
    if section is None:
        return None, None, None, None, False
    deciding = [i for i, (low, high) in found.items() if low == high == section]
    beyond = []
    for item, (low, _) in found.items():
        body = WORDS[row["body_type"]]
        if low <= 3 or section <= 3:
            continue
        if item in ("ph", "do") or (item == "tp" and body is None):
            beyond.append((-low, 1, Decimal(0), ITEMS.index(item), item))
            continue
        limit = facts()[0][item, body or "river"]["class3"]
        value = Decimal(str(row[item]))
        if is_rounded:
            value = value.quantize(Decimal(1).scaleb(-facts()[1][item]["decimals"]), ROUND_HALF_EVEN)
        times = (value - limit) / limit
        text = f"{item}:{times.quantize(Decimal('0.1'), ROUND_HALF_UP)}"
        beyond.append((-low, 0, -times.quantize(Decimal("0.00001"), ROUND_HALF_UP), ITEMS.index(item), text))
    marks = [row.get(f"{i}_below") for i in ITEMS]
    sure = [low for i, (low, _) in found.items() if not row.get(f"{i}_below")]
    detection = (section > 1 and max(sure, default=0) < section) or any(
        m and row.get(i) is not None and i not in found for i, m in zip(ITEMS, marks, strict=True)
    )
    doubtful = is_unknown or detection or (is_rounded and judged(row, certain)[0] != section)
    said = ",".join(b[4] for b in sorted(beyond)) or None
    return section, ",".join(deciding), said, ",".join(found), doubtful


def make_rows(chance: Random, count: int, *, sections: int = 3, words: bool = True) -> list[Row]:
    """Draw samples: values near limits, gaps, marks of detection, days around the changes of practice."""
    printed = facts()[0]
    rows = []
    for _ in range(count):
        turn = chance.choice([UNKNOWN_FROM, ROUNDED_FROM, datetime(2003, 1, 1)])
        row: Row = {
            "section": f"s{chance.randrange(sections)}",
            "body_type": chance.choice(list(WORDS)) if words else "river",
            "time": turn + timedelta(hours=4 * chance.randint(-20, 20)),
        }
        for item in ITEMS:
            near = printed[item, chance.choice(["river", "lake"])][f"class{chance.randint(1, 5)}"]
            step = Decimal(1).scaleb(near.normalize().as_tuple().exponent - chance.choice([0, 1, 2]))  # type: ignore[operator]
            value = max(near + step * chance.choice([-6, -5, -4, -1, 0, 0, 1, 4, 5, 6, 20]), Decimal(0))
            value = min(value, Decimal(13)) if item == "ph" else value  # beyond 14 it is no measurement
            row[item] = None if chance.random() < 0.15 else float(value)
            if item in BELOW:
                row[f"{item}_below"] = chance.choice([None, False, False, True])
        rows.append(row)
    return rows


def frame_of(rows: list[Row]) -> pl.DataFrame:
    kinds = {"section": pl.String, "body_type": pl.String, "time": pl.Datetime("us")}
    marks = {f"{i}_below": pl.Boolean for i in BELOW}
    return pl.DataFrame(rows, schema={**kinds, **dict.fromkeys(ITEMS, pl.Float64), **marks}, orient="row")


@pytest.mark.parametrize("seed", range(4))
def test_classes_are_those_of_a_plain_reading(seed: int) -> None:
    rows = make_rows(Random(seed), 400)  # noqa: S311
    shown = ["water_class", "deciding_items", "exceedance", "judged_items", "unconfirmed"]
    for engine in ("streaming", "in-memory"):
        found = water_class(frame_of(rows).lazy()).select(shown).collect(engine=engine)  # type: ignore[call-overload]
        for row, told in zip(rows, found.iter_rows(), strict=True):
            assert told == expected(row), row


@pytest.mark.parametrize("seed", range(2))
def test_months_are_means_of_distinct_samples(seed: int) -> None:
    chance = Random(seed)  # noqa: S311
    rows = make_rows(chance, 300, sections=2, words=False)
    rows += chance.sample(rows, 60)  # some rows twice
    chance.shuffle(rows)
    found = period_water_class(frame_of(rows).lazy()).collect()
    groups: dict[tuple[str, str], dict[datetime, list[Row]]] = {}
    for row in rows:
        month = groups.setdefault((row["section"], f"{row['time']:%Y-%m}"), {})
        month.setdefault(row["time"], []).append(row)
    assert found.height == len(groups)
    for told in found.iter_rows(named=True):
        moments = groups[told["section"], told["period"]]
        counted = {t: [tuple(_counted(r, i) for i in ITEMS) for r in of] for t, of in moments.items()}
        once = [of[0] for of in counted.values() if len(set(of)) == 1]
        assert told["samples"] == len(once)
        assert told["duplicate_rows"] == sum(len(of) - 1 for of in counted.values() if len(set(of)) == 1)
        assert told["conflicting_rows"] == sum(len(of) for of in counted.values() if len(set(of)) > 1)
        for place, item in enumerate(ITEMS[1:], 1):
            values = [v for of in once if (v := of[place]) is not None]
            assert told[f"{item}_n"] == len(values)
            mean = sum(values) / len(values) if values else None
            assert told[item] == (None if mean is None else float(mean.quantize(Decimal("1e-9"), ROUND_HALF_EVEN)))


def _counted(row: Row, item: str) -> Decimal | None:
    if row[item] is None:
        return None
    value = Decimal(str(row[item]))
    return value / 2 if row.get(f"{item}_below") else value


def test_many_batches_shuffled_or_by_time_give_the_same_months() -> None:
    rows = frame_of(make_rows(Random(9), 2_000, sections=400))  # noqa: S311
    orders = [rows, rows.sort("time", "section"), rows.sample(fraction=1.0, shuffle=True, seed=1)]
    found = [period_water_class(f.drop("body_type").lazy()).collect() for f in orders]
    assert all(one.equals(found[0]) for one in found[1:])
