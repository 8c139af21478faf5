"""Every declared kind of bad input through the doors that a user has: treated as declared, told, counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from heqing.air import hourly_index, period_statistics
from heqing.errors import BadFileError, UnknownNameError
from heqing.quality import look_over
from heqing.store import open_frame
from heqing.tables import reason_codes, treatments
from heqing.water import water_class

KINDS = ("csv", "xlsx", "parquet")


@dataclass(frozen=True)
class Case:
    """A file with one kind of dirt in it, and what must be said."""

    header: list[str]
    rows: list[list[str | None]]
    said: str  # in a note, a finding, a reason or the refusal
    domain: str = "air"
    options: dict[str, dict[str, str]] = field(default_factory=dict)


def at(hour: int, day: str = "2020-04-01") -> str:
    return f"{datetime.fromisoformat(day) + timedelta(hours=hour):%Y-%m-%d %H:%M}"


AIR = ["time", "city", "station", "pm2_5", "co"]
ONE = [at(8), "无锡", "甲", "35", "0.4"]


def hours(
    station: str, first: int, count: int, *, day: str = "2020-04-01", city: str = "无锡"
) -> list[list[str | None]]:
    return [[at(h, day), city, station, str(30 + h % 7), "0.4"] for h in range(first, first + count)]


def changed(row: list[str | None], **cells: str | None) -> list[str | None]:
    return [cells.get(name, cell) for name, cell in zip(AIR, row, strict=True)]


# 2020-03-29 and 2020-10-25 are the Sundays on which clocks of Europe jump; hours are named by their end
SPRING = [r for s in "甲乙丙" for r in hours(s, 0, 12, day="2020-03-29") if r[0] != "2020-03-29 03:00"]
AUTUMN = [r for s in "甲乙丙" for r in [*hours(s, 0, 12, day="2020-10-25"), *hours(s, 3, 1, day="2020-10-25")]]
MARKED = ["time", "station", "station_code", "pm2_5"]

CASES = {
    "unit_suspect": [
        Case(AIR, [changed(ONE, co="400")] * 3, "(3 of 3) are above 20 mg/m³"),
        Case(AIR, [changed(ONE, pm2_5="0.035")] * 6, "(6 of 6) are below 1 µg/m³"),
        Case(["time", "section", "codmn"], [[at(8), "桥", "3400"]] * 6, "--unit codmn=µg/L", "water"),
        Case(["time", "section", "tp"], [[at(8), "桥", "120"]] * 6, "--unit tp=µg/L", "water"),
        Case(["time", "section", "sd"], [[at(8), "桥", "60"]] * 6, "--unit sd=cm", "water"),
    ],
    "unit_suspect_place": [
        Case(
            AIR, [*hours("甲", 0, 8), *[changed(r, co="400") for r in hours("乙", 0, 7)]], "the first place is 无锡 乙"
        ),
    ],
    "hour_24": [Case(AIR, [changed(ONE, time="2020-04-01 24:00")], "1 rows say hour 24")],
    "time_zone": [
        Case(AIR, [changed(ONE, time="2020-04-01T00:00:00Z"), ONE], "1 times name their zone"),
    ],
    "bad_time": [Case(AIR, [ONE, changed(ONE, time="2020-04-01 25:00")], "bad_time")],
    "off_hour": [Case(AIR, [ONE, changed(ONE, time="2020-04-01 08:30")], "1 row(s) have a time that is no full")],
    "blank_row": [Case(AIR, [ONE, [None] * 5, ONE], "blank_row")],
    "no_place": [Case(AIR, [ONE, changed(ONE, station="")], "1 row(s) name no place")],
    "duplicate": [Case(AIR, [ONE, ONE], "1 row(s) repeat another")],
    "duplicate_conflict": [Case(AIR, [ONE, changed(ONE, co="0.5")], "2 row(s) contradict")],
    "not_a_number": [Case(AIR, [changed(ONE, co="n.a.?")], "not_a_number(co)")],
    "negative_value": [
        Case(AIR, [changed(ONE, co="-0.4")], "negative_value(co)"),
        Case(["time", "section", "tp"], [[at(8), "桥", "-0.4"]], "negative_value(tp)", "water"),
    ],
    "impossible_value": [
        Case(AIR, [ONE, changed(ONE, co="400")], "impossible_value(co)"),
        Case(["time", "section", "ph"], [[at(8), "桥", "70"]], "impossible_value(ph)", "water"),
    ],
    "no_detection_limit": [
        Case(["time", "section", "tp"], [[at(8), "桥", "未检出"]], "no_detection_limit(tp)", "water")
    ],
    "clock_forward": [Case(AIR, SPRING, "(the first: 2020-03-29 03:00)")],
    "clock_back": [Case(AIR, AUTUMN, "(the first: 2020-10-25 03:00)")],
    "place_succession": [
        Case(
            AIR,
            [*hours("常在", 0, 200), *hours("旧名", 0, 96), *hours("新名", 98, 102)],
            "旧名 → 新名, 2020-04-05 02:00",
        ),
    ],
    "place_two_names": [
        Case(MARKED, [[at(1), "旧名", "7", "30"], [at(900), "新名", "7", "31"]], "旧名 → 新名"),
    ],
    "same_place": [
        Case(
            AIR,
            [ONE, changed(ONE, station="乙")],
            "1 rows of station 甲 are read as 乙",
            options={"same_place": {"甲": "乙"}},
        ),
    ],
    "stale_repeat": [
        Case(AIR, [changed(r, pm2_5="35") for r in hours("甲", 0, 24)], "24 value(s) of pm2_5 are stale repeats"),
        Case(
            ["time", "section", "do"],
            [[at(4 * h), "桥", "7.35"] for h in range(8)],
            "8 value(s) of do are stale",
            "water",
        ),
    ],
    "unknown_column": [Case([*AIR, "voc"], [[*ONE, "1"]], "they are kept and not judged: voc")],
    "unknown_item": [Case(AIR, [ONE], "no item column", options={"units": {"voc": "µg/m³"}})],
    "no_edition": [Case(AIR, [changed(ONE, time="1995-04-01 08:00")], "")],  # told when it is judged: below
}


def written(folder: Path, case: Case, kind: str) -> Path:
    path = folder / f"in.{kind}"
    if kind == "xlsx":
        book = Workbook()
        for row in (case.header, *case.rows):
            book.active.append(row)
        book.save(path)
    elif kind == "parquet":
        pl.DataFrame(case.rows, schema=dict.fromkeys(case.header, pl.String), orient="row").write_parquet(path)
    else:
        rows = [",".join(cell or "" for cell in row) for row in (case.header, *case.rows)]
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def told(path: Path, case: Case) -> tuple[str, int]:
    """Open and look over: all that is said, and the rows there are."""
    try:
        with open_frame(path, domain=case.domain, **case.options) as intake:
            looked = look_over(intake.frame, domain=case.domain)
            reasons = [p.code + (f"({p.column})" if p.column else "") for p in intake.problems()]
            english, chinese = ([f.sentence(lang) for f in looked.findings] for lang in ("en", "zh"))
            assert len(english) == len(chinese)
            assert looked.rows == looked.clean + looked.flagged + looked.with_reason + looked.left_out
            return "\n".join([*intake.notes, *reasons, *english]), looked.rows
    except (BadFileError, UnknownNameError) as refusal:
        return str(refusal), len(case.rows)


def test_every_declared_kind_has_a_case_and_a_sentence() -> None:
    assert set(CASES) == set(treatments())
    own = {code for code, t in treatments().items() if t.zh and t.en}
    at_the_door = {
        "unit_suspect",
        "unit_suspect_place",
        "hour_24",
        "time_zone",
        "same_place",
        "unknown_column",
        "unknown_item",
    }
    assert set(treatments()) - own - at_the_door <= set(reason_codes())
    assert {t.treatment for t in treatments().values()} == {"convert", "reason", "flag", "reject"}


@pytest.mark.parametrize(
    ("code", "kind"),
    # what a series betrays does not depend on the kind of the file
    [(c, k) for c in sorted(CASES) for k in KINDS if k == "csv" or treatments()[c].found_in in ("cell", "column")],
)
def test_bad_input_is_told_and_no_row_is_lost(tmp_path: Path, code: str, kind: str) -> None:
    for case in CASES[code]:
        said, rows = told(written(tmp_path, case, kind), case)
        assert case.said in said
        assert rows == len(case.rows)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        # one station alone that misses an hour of a Sunday night is an outage
        ("clock_forward", [r for r in SPRING if r[2] == "甲"]),
        # so is an hour of another day
        ("clock_forward", [r for s in "甲乙丙" for r in hours(s, 0, 12) if r[0] != "2020-04-01 03:00"]),
        ("clock_back", [r for r in AUTUMN if r[2] == "甲"]),
        # another city, and one that begins too late
        ("place_succession", [*hours("常在", 0, 200), *hours("旧名", 0, 96), *hours("新名", 98, 102, city="常州")]),
        ("place_succession", [*hours("常在", 0, 300), *hours("旧名", 0, 96), *hours("新名", 200, 100)]),
        ("stale_repeat", [changed(r, pm2_5="35") for r in hours("甲", 0, 23)]),
    ],
)
def test_what_only_resembles_it_is_not_told(tmp_path: Path, code: str, wrong: list[list[str | None]]) -> None:
    with open_frame(written(tmp_path, Case(AIR, wrong, ""), "csv"), domain="air") as intake:
        assert code not in {f.code for f in look_over(intake.frame, domain="air").findings}


def test_a_day_before_any_edition_stays_with_its_reason() -> None:
    hour = pl.LazyFrame({"time": [datetime(1995, 4, 1, 8)], "station": ["甲"], "pm2_5": [35.0]})
    day = pl.LazyFrame({"day": [date(1995, 4, 1)], "section": ["桥"], "body_type": ["river"], "tp": [0.1]})
    year = pl.LazyFrame({"day": [date(1979, 4, 1)], "city": ["甲"], "pm2_5": [35.0]})
    for result in (hourly_index(hour), water_class(day), period_statistics(year, level="year", by=["city"])):
        assert "no_edition" in result.collect()["reason"].item()


def test_a_year_with_both_jumps_of_the_clock_is_told_of_one_station_too(tmp_path: Path) -> None:
    rows = [r for r in (*SPRING, *AUTUMN) if r[2] == "甲"]
    with open_frame(written(tmp_path, Case(AIR, rows, ""), "csv"), domain="air") as intake:
        found = {f.code: f for f in look_over(intake.frame, domain="air").findings}
    assert found["clock_forward"].time == datetime(2020, 3, 29, 3)
    assert found["clock_back"].time == datetime(2020, 10, 25, 3)


def test_places_under_one_name_keep_the_name_of_the_file_in_raw_rows(tmp_path: Path) -> None:
    path = written(tmp_path, Case(AIR, [ONE, changed(ONE, co="-1")], ""), "csv")
    with open_frame(path, domain="air", same_place={"甲": "乙"}) as intake:
        assert intake.frame.collect()["station"].to_list() == ["乙", "乙"]
        assert '"station":"甲"' in intake.flagged().collect()["raw_row"].item()
    with pytest.raises(UnknownNameError, match="丙"):
        open_frame(path, domain="air", same_place={"丙": "乙"})
