"""Whether a water got better: thresholds in triples, months that are not compared with their reason, real water."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from heqing.plans import Finding, improvement, in_words, overall, parts, rule_on, sustained, window
from heqing.verdicts import section_months

DAY = date(2026, 11, 24)
RULE = rule_on(DAY)
DONE = date(2025, 12, 20)  # settles in January; looked at from February to July 2026
AFTER = ["2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07"]


def side(periods, **items):
    return pl.DataFrame({"period": periods, "body_type": "river"}).with_columns(
        **{code: pl.lit(value) for code, value in items.items()}
    )


def year_before(periods):
    return [f"{int(period[:4]) - 1}{period[4:]}" for period in periods]


def compared(before, after, months=3, rule=RULE):
    return improvement(side(year_before(AFTER[:months]), **before), side(AFTER[:months], **after), rule=rule)


def of(*rows):
    return pl.LazyFrame(
        [{"section": "a", "period": period, "water_class": found, "samples": 4} for period, found in rows],
        schema={"section": pl.String, "period": pl.String, "water_class": pl.Int64, "samples": pl.Int64},
    )


def told(frame, on=DAY, rule=RULE):
    found = parts(frame, finished_on=DONE, on=on, rule=rule).collect()
    return dict(zip(found["period"], zip(found["part"], found["part_reason"], strict=True), strict=True))


def test_the_window_begins_after_settling():
    assert window(DONE, rule=RULE) == (date(2026, 2, 1), date(2026, 7, 31))


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2025-11", (None, "not_asked")),
        ("2025-12", (None, "works_month")),
        ("2026-01", (None, "settling")),
        ("2026-02", ("after", "after")),
        ("2026-07", ("after", "after")),
        ("2026-08", (None, "past_window")),
    ],
)
def test_which_months_are_compared(period, expected):
    known = [(period, 4), ("2025-02", 5), ("2025-07", 5)]
    assert told(of(*known))[period] == expected


def test_rows_keep_their_order_and_each_has_its_reason():
    frame = of(("2026-03", 4), ("bad", 4), ("2025-03", 5), ("2026-02", 4), ("2025-02", None))
    found = parts(frame, finished_on=DONE, on=DAY).collect()
    assert found["period"].to_list() == ["2026-03", "bad", "2025-03", "2026-02", "2025-02"]
    assert found["part_reason"].to_list() == ["after", "bad_period", "before", "no_partner", "no_class"]
    assert found["partner"].to_list() == ["2025-03", None, "2026-03", None, None]


@pytest.mark.parametrize(("on", "part"), [(date(2026, 2, 28), None), (date(2026, 3, 1), "after")])
def test_a_month_counts_when_it_is_over(on, part):
    assert told(of(("2026-02", 4), ("2025-02", 5)), on=on)["2026-02"][0] == part


@pytest.mark.parametrize(("least", "part"), [(3, "after"), (4, "after"), (5, None)])
def test_a_month_of_too_few_samples_is_not_compared(least, part):
    found = told(of(("2026-02", 4), ("2025-02", 5)), rule=replace(RULE, least_samples=least))
    assert found["2026-02"][0] == part


@pytest.mark.parametrize(("back", "part"), [(1, None), (2, "after")])
def test_the_same_month_may_lie_some_years_back(back, part):
    found = told(of(("2026-02", 4), ("2024-02", 5)), rule=replace(RULE, years_back=back))
    assert found["2026-02"][0] == part


@pytest.mark.parametrize(("months", "finding"), [(2, Finding.UNKNOWN), (3, Finding.IMPROVED), (4, Finding.IMPROVED)])
def test_so_many_months_are_needed(months, finding):
    assert compared({"tp": 0.35}, {"tp": 0.25}, months).finding is finding


@pytest.mark.parametrize(
    ("after", "finding", "reason"),
    [
        (0.19, Finding.IMPROVED, "class_better(4,3)"),
        (0.20, Finding.IMPROVED, "class_better(4,3)"),
        (0.21, Finding.IMPROVED, "pollutant_down(4,tp,25.0,20)"),
        (0.223, Finding.IMPROVED, "pollutant_down(4,tp,20.4,20)"),
        (0.224, Finding.IMPROVED, "pollutant_down(4,tp,20.0,20)"),
        (0.225, Finding.NOT_IMPROVED, "pollutant_not_down(4,tp,-19.6,20)"),
        (0.30, Finding.NOT_IMPROVED, "pollutant_not_down(4,tp,7.1,20)"),
        (0.31, Finding.NOT_IMPROVED, "class_worse(4,5)"),
    ],
)
def test_class_first_then_the_main_pollutant(after, finding, reason):
    found = compared({"tp": 0.28}, {"tp": after})
    assert (found.finding, found.reason) == (finding, reason)


def test_every_deciding_item_must_fall():
    before = {"tp": 0.28, "nh3n": 1.4}
    assert compared(before, {"tp": 0.21, "nh3n": 1.1}).finding is Finding.IMPROVED
    found = compared(before, {"tp": 0.21, "nh3n": 1.3})
    assert (found.finding, found.reason) == (Finding.NOT_IMPROVED, "pollutant_not_down(4,nh3n,-7.1,20)")


def test_an_item_that_decides_nothing_does_not_help():
    assert compared({"tp": 0.28, "nh3n": 0.4}, {"tp": 0.27, "nh3n": 0.1}).finding is Finding.NOT_IMPROVED


def test_water_without_data_is_never_better():
    empty = pl.DataFrame(schema={"period": pl.String})
    found = improvement(empty, empty, rule=RULE)
    assert (found.finding, found.reason) == (Finding.UNKNOWN, "too_few_pairs(0,3)")
    assert in_words(found.reason, on=DAY) == "前后都有数据的同期月只有 0 个，少于 3 个"


def test_a_section_that_became_worse_spoils_the_river():
    better, same = compared({"tp": 0.35}, {"tp": 0.15}), compared({"tp": 0.28}, {"tp": 0.28})
    worse, unknown = compared({"tp": 0.15}, {"tp": 0.35}), compared({}, {}, 0)
    assert overall([same, better, unknown]) is better
    assert overall([better, worse]) is worse
    assert overall([unknown, same]) is same
    assert overall([]) is None


@pytest.mark.parametrize(("months", "is_sustained"), [(5, False), (6, True), (7, True)])
def test_a_class_is_kept_for_so_many_months(months, is_sustained):
    names = ["2026-10", "2026-09", "2026-08", "2026-07", "2026-06", "2026-05", "2026-04"]
    classes = [(name, 3 if n < months else 4) for n, name in enumerate(names)]
    assert sustained(classes, required=3, on=DAY, rule=RULE).is_sustained is is_sustained


def test_a_missing_month_breaks_the_row():
    found = sustained([("2026-10", 2), ("2026-08", 2)], required=3, on=DAY, rule=RULE)
    assert (found.months, found.broken_by) == (1, "2026-09")


def test_real_water_of_2020_and_2025(shared_dir):
    """Compare November 2020 with November 2025 section by section, against classes computed without this module."""
    folder = shared_dir / "data/water_sections_cnemc"
    items = {"ph": "ph", "do_mgl": "do", "codmn_mgl": "codmn", "nh3n_mgl": "nh3n", "tp_mgl": "tp"}
    frames = []
    for name in ("daily_2020-05_2020-12", "nov_2025_06_08"):
        read = pl.read_parquet(folder / f"{name}.parquet").filter(pl.col("obs_time").is_not_null())
        read = read.with_columns(section=pl.concat_str("province", "river", "section", separator="/"))
        frames.append(
            read.filter(pl.col("obs_time").cast(pl.Datetime).dt.month() == 11).select(
                "section",
                pl.col("obs_time").cast(pl.Datetime("us")).alias("time"),
                pl.lit("river").alias("body_type"),
                *[pl.col(raw).cast(pl.Float64, strict=False).alias(code) for raw, code in items.items()],
            )
        )
    both = set(frames[0]["section"]) & set(frames[1]["section"]) - {None}
    months = section_months(pl.concat(frames).filter(pl.col("section").is_in(both)).lazy()).collect()
    rule = replace(RULE, least_pairs=1, years_back=5)
    counted = dict.fromkeys(Finding, 0)
    for (section,), mine in months.group_by("section"):
        marked = parts(mine.lazy(), finished_on=date(2025, 9, 30), on=date(2025, 12, 1), rule=rule).collect()
        before, after = (marked.filter(pl.col("part") == part) for part in ("before", "after"))
        found = improvement(before, after, rule=rule)
        counted[found.finding] += 1
        classes = {row["period"]: row["water_class"] for row in mine.iter_rows(named=True)}
        if None in (classes.get("2020-11"), classes.get("2025-11")):
            assert found.finding is Finding.UNKNOWN, section
            continue
        # a month's mean as one sample has the class of the month
        assert (found.before_class, found.after_class) == (classes["2020-11"], classes["2025-11"]), section
        if found.after_class < found.before_class:
            assert found.finding is Finding.IMPROVED
        if found.after_class > found.before_class:
            assert found.finding is Finding.NOT_IMPROVED
    assert sum(counted.values()) >= 20
    assert counted[Finding.IMPROVED]
    assert counted[Finding.NOT_IMPROVED]
