"""Verbs of ``heqing assess`` whose input is a table of its own: published examples in, files out, bad rows kept."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from heqing.cli.main import app
from heqing.errors import HeqingError


def write(folder: Path, *lines: str) -> Path:
    file = folder / "in.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def assess(*words: object) -> Result:
    return CliRunner().invoke(app, ["assess", *map(str, words)], catch_exceptions=True)


def judged(folder: Path, verb: str, *words: object, source: Path | None = None) -> tuple[pl.DataFrame, str]:
    """Give the rows written and what was said."""
    out = folder / "out.parquet"
    done = assess(verb, source or folder / "in.csv", *words, "-o", out)
    assert done.exit_code == 0, (done.exception, done.output)
    return pl.read_parquet(out), done.output


def refused(*words: object) -> str:
    """Give the sentence of a refusal, whether of an input or of the call's words."""
    done = assess(*words)
    assert done.exit_code != 0
    if isinstance(done.exception, HeqingError):
        return str(done.exception)
    return " ".join(done.output.replace("│", " ").split())


def test_soil_results_keep_rows_and_parcels_are_judged_by_their_highest(tmp_path):
    write(
        tmp_path,
        "地块,day,item,value,land_class",
        "甲,2024-05-01,砷,119,2",  # a published notice, its multiple put right: 0.98
        "甲,2024-05-01,镉,0.5L,2",
        "乙,2024-05-01,砷,十二,2",
    )
    rows, said = judged(tmp_path, "soil", "--rename", "地块=parcel")
    assert rows["exceeds"].to_list() == ["screening", "none", None]
    assert round(rows["multiple"][0], 2) == 0.98
    assert rows["below"].to_list() == [False, True, False]
    assert rows["reason"][2].startswith("not_a_number(value)")
    assert "1 row(s), first in row 4: “十二”" in said
    assert "out.parquet: 3 row(s)" in said

    parcels, _ = judged(tmp_path, "soil", "--rename", "地块=parcel", "--level", "parcel", "--some-items")
    assert parcels.select("parcel", "outcome", "above_screening").rows()[0] == ("甲", "detailed_survey", "砷:0.98")
    assert parcels["outcome"][1] is None


def test_plots_of_farmland_have_their_class_and_key_parcels_their_rate(tmp_path):
    write(
        tmp_path,
        "plot,day,item,value,ph,land",
        "一,2024-05-01,镉,0.2,6.0,水田",
        "二,2024-05-01,镉,0.5,6.0,水田",
        "三,2024-05-01,镉,2.5,6.0,水田",
    )
    plots, _ = judged(tmp_path, "soil", "--land", "farmland", "--level", "parcel")
    assert plots["farmland_class"].to_list() == ["priority_protection", "safe_use", "strict_control"]

    write(tmp_path, "year,is_key,is_safe,area", "2023,是,是,90", "2023,是,否,10", "2023,否,,5", "2024,是,也许,5")
    rates, said = judged(tmp_path, "soil", "--level", "rate", "--by", "year")
    assert rates.select("year", "rate_by_area", "undecided_parcels").rows() == [(2023, 90.0, 0), (2024, None, 1)]
    assert "“也许”" in said


def test_waste_gives_every_reading_and_what_does_not_add_up(tmp_path):
    write(
        tmp_path,
        "city,year,general_used,general_generated,general_used_of_stock,hazardous_landfilled,hazardous_generated",
        "无锡,2023,95,90,10,12,100",
        "湖州,2023,x,90,10,12,100",
    )
    rows, said = judged(tmp_path, "waste")
    assert rows["util_rate_general"].to_list() == [95.0, None]
    assert rows["hazardous_landfill_share_generated"].to_list() == [12.0, 12.0]
    assert rows["reason"][1].startswith("not_a_number(general_used);")
    assert "2 row(s), 2 of them unconfirmed" in said


def test_energy_becomes_standard_coal_coal_reduced_intensity_and_headroom(tmp_path):
    write(tmp_path, "year,energy,amount,unit", "2022,原煤,1500,t", "2023,原煤,1400,t", "2023,电力,100,万千瓦时")
    rows, _ = judged(tmp_path, "energy", "--what", "standard-coal")
    assert rows["tce"].round(2).to_list() == [1071.45, 1000.02, 122.9]
    equal, _ = judged(tmp_path, "energy", "--what", "standard-coal", "--electricity", "equal", "--equal-value",
                      "2023=0.3", "--equal-value", "2022=0.3")  # fmt: skip
    assert equal["tce"].round(2).to_list() == [1071.45, 1000.02, 300.0]
    coal, _ = judged(tmp_path, "energy", "--what", "coal")
    assert coal["coal_reduced"].round(2).to_list() == [None, 71.43]

    write(tmp_path, "year,tce,value_added", "2022,100,200", "2023,95,200")
    assert judged(tmp_path, "energy", "--what", "intensity")[0]["intensity_fall"].to_list() == [None, 5.0]
    write(tmp_path, "energy_growth,value_growth", "-1,4")
    fall = judged(tmp_path, "energy", "--what", "growth")[0]["intensity_fall"].item()
    assert fall == pytest.approx((1 - 0.99 / 1.04) * 100)
    write(tmp_path, "user,tce_before,tce_after,certified", "甲厂,100,20,是", "乙厂,50,0,否")
    assert judged(tmp_path, "energy", "--what", "headroom")[0].select("freed_tce", "not_certified_tce").row(0) == (
        80,
        50,
    )


def test_groundwater_and_sources_agree_with_published_months(tmp_path):
    write(tmp_path, "well,day,f,na,benzene", "W099,2020-06-01,1.19,356,5")
    row, said = judged(tmp_path, "groundwater", "--unit", "benzene=µg/L")
    assert row["groundwater_class"].item() == 4
    assert row["groundwater_exceedance"].item() == "na:0.78,f:0.19"
    assert "benzene converted from µg/L to mg/L" in said

    head = "city,name,day,body_type,tp,mn,volume"
    write(
        tmp_path, head, "亳州,涡北水厂,2020-06-01,水库,0.03,0.25,93.72", "亳州,调蓄水库,2020-06-01,水库,0.03,0.1,451.05"
    )
    sources, _ = judged(tmp_path, "sources")
    assert sources.select("source_attained", "source_exceedance").rows() == [(False, "mn:1.5"), (True, None)]
    rate, _ = judged(tmp_path, "sources", "--level", "rate", "--by", "city")
    assert rate["volume_percent"].round(1).item() == 82.8


def test_black_and_odorous_water_by_sample_point_and_water(tmp_path):
    # W102 to W104 and W108 of the published examples
    samples = [
        (0.30, 5, 5, 0.5, "否", "none"),
        (0.15, 1, 10, 0.5, "否", "light"),
        (0.05, 0.1, 20, 0.5, "否", "heavy"),
        (0.18, 6, 3, 0.2, "是", "none"),
    ]
    head = "water,point,day,sd,do,nh3n,depth,clear_to_bottom"
    lines = [f"河,{n},2024-06-01,{','.join(map(str, given))}" for n, (*given, _) in enumerate(samples)]
    write(tmp_path, head, *lines)
    rows, _ = judged(tmp_path, "black-odorous")
    assert [("none", "light", "heavy")[k] for k in rows["black_level"]] == [level for *_, level in samples]
    points, _ = judged(tmp_path, "black-odorous", "--level", "point")
    assert points["point_level"].to_list() == [0, 1, 2, 0]
    waters, _ = judged(tmp_path, "black-odorous", "--level", "water")
    assert waters.select("water", "points", "heavy_points").row(0) == ("河", 4, 1)
    assert "judges samples only" in refused(
        "black-odorous", tmp_path / "in.csv", "--setting", "rural", "--level", "point"
    )


def test_lakes_have_class_and_trophic_state_and_blooms_their_grade(tmp_path):
    # W049: a published trophic state
    write(tmp_path, "lake,point,day,chla,tp,tn,sd,codmn", "汾河,S5,2020-06-01,40.5,0.08,1.24,0.5,6.01")
    sample, _ = judged(tmp_path, "lakes", "--level", "sample")
    assert sample["tli"].item() == pytest.approx(58.6, abs=0.05)
    assert sample["tli_grade"].item() == "轻度富营养"
    month, _ = judged(tmp_path, "lakes", "--level", "month")
    assert month.select("lake", "period", "water_class", "tli_grade").row(0) == ("汾河", "2020-06", 4, "轻度富营养")

    write(tmp_path, "water,day,algae_density", "滇池,2020-10-01,8120000", "滇池,2020-10-01,9400000")  # W115, W116
    assert judged(tmp_path, "blooms")[0]["bloom_level"].to_list() == [2, 2]
    assert judged(tmp_path, "blooms", "--level", "water")[0].select("points", "bloom_level").row(0) == (2, 2)


def test_water_handed_over_is_graded_against_the_year_before(tmp_path):
    head = "city,day,body_type,target_class,codmn,nh3n,tp,codmn_before,nh3n_before,tp_before"
    write(tmp_path, head, "湖州,2014-12-31,river,3,6,1,0.2,6,1,0.2", "嘉兴,2014-12-31,river,Ⅲ,6,1,0.2,5.4,0.9,0.18")
    rows, _ = judged(tmp_path, "handover", "--rounding", "raw")
    assert rows["handover_grade"].to_list() == ["优秀", "良好"]


@pytest.fixture
def two_novembers(tmp_path) -> Path:
    """Give two Novembers of two cities, the second with less phosphorus in one of them."""
    days = [date(y, 11, 1) + timedelta(days=d) for y in (2024, 2025) for d in range(3)]
    rows = [
        {"province": "苏", "river": "运河", "city": city, "section": f"{city}{n}", "target_class": "Ⅲ", "day": day,
         "body_type": "river", "ph": 7.0, "do": 8.0, "codmn": 3.0, "nh3n": 0.4,
         "tp": 0.25 if city == "甲" and day.year == 2024 else 0.15}
        for city in "甲乙" for n in range(3) for day in days
    ]  # fmt: skip
    file = tmp_path / "samples.parquet"
    pl.DataFrame(rows).write_parquet(file)
    return file


def test_rivers_are_graded_by_the_means_or_shares_of_their_sections(tmp_path, two_novembers):
    rows, said = judged(tmp_path, "rivers", "--level", "month", source=two_novembers)
    assert rows["period"].to_list() == ["2024-11", "2025-11"]
    assert rows.select("sections", "good_sections", "attained_sections").rows() == [(6, 3, 3), (6, 6, 6)]
    assert rows["basin_grade"].to_list() == ["轻度污染", "优"]
    assert "out.parquet: 2 row(s)" in said
    assert "no column `lake`" in refused("rivers", two_novembers, "--level", "month", "--by", "lake")


def test_cities_are_ranked_by_index_and_by_change_against_the_year_before(tmp_path, two_novembers):
    rows, _ = judged(tmp_path, "cities", "--level", "month", source=two_novembers)
    now = rows.filter(period="2025-11").sort("city_rank", "city")
    assert now["city"].to_list() == ["乙", "甲"]
    assert now["city_rank"].to_list() == [1, 1]
    assert now.filter(city="甲")["city_change"].item() < 0
    assert now.filter(city="乙")["city_change"].item() == 0
    assert rows.filter(period="2024-11")["city_change"].to_list() == [None, None]


@pytest.mark.shared
def test_rivers_of_a_real_autumn_count_every_section_once(shared_dir, tmp_path):
    names = {"ph": "ph", "do_mgl": "do", "codmn_mgl": "codmn", "nh3n_mgl": "nh3n", "tp_mgl": "tp"}
    real = pl.read_parquet(shared_dir / "data/water_sections_cnemc/nov_2025_06_08.parquet")
    real = real.select("province", "river", "section", time="obs_time", **{n: pl.col(c) for c, n in names.items()})
    real.write_parquet(tmp_path / "nov.parquet")
    rows, _ = judged(tmp_path, "rivers", "--level", "month", "--by", "province", source=tmp_path / "nov.parquet")
    assert rows["province"].n_unique() == real["province"].n_unique()
    dated = real.drop_nulls("time").select("province", "river", "section").unique()
    assert rows.filter(pl.col("period") == "2025-11")["sections"].sum() == dated.height


MISSING = [
    (["soil"], "day,item,result", "no column `value`"),
    (["soil", "--land", "farmland"], "day,item,value", "no column `ph`, `land`"),
    (["waste"], "year,amount", "One of these at least is needed: general_generated"),
    (["energy", "--what", "intensity"], "year,tce", "no column `value_added`"),
    (["groundwater"], "day,tn", "One of these at least is needed: colour"),
    (["black-odorous"], "day,tp", "One of these at least is needed: sd, do, orp, nh3n"),
    (["handover"], "day,codmn", "no column `target_class`, `nh3n`, `tp`"),
    (["lakes", "--level", "month"], "day,point,tp", "no column `lake`"),
    (["blooms"], "day,density", "One of these at least is needed: algae_density"),
]


@pytest.mark.parametrize(("words", "head", "said"), MISSING, ids=[m[0][0] + m[1] for m in MISSING])
def test_missing_column_is_named_with_what_to_do(tmp_path, words, head, said):
    write(tmp_path, head, ",".join("1" for _ in head.split(",")))
    verb, *more = words
    sentence = refused(verb, tmp_path / "in.csv", *more)
    assert said in sentence
    assert "--rename" in sentence


WRONG_WORDS = [
    (["energy", "--what", "standard-coal", "--electricity", "equal"], "the equal value of each year is needed"),
    (["energy", "--what", "standard-coal", "--equal-value", "2023=x"], "is not of the form 2023=0.3"),
    (["soil", "--edition", "GB 36600-1999"], "no edition"),
    (["groundwater", "--unit", "benzene=mg/m³"], "unit"),
    (["soil", "--rename", "nothing=value"], "nothing"),
    (["soil", "-o", "out.xlsx"], "ending"),
]


@pytest.mark.parametrize(("words", "said"), WRONG_WORDS, ids=[" ".join(w) for w, _ in WRONG_WORDS])
def test_words_that_are_off_are_refused_with_a_sentence(tmp_path, words, said):
    write(tmp_path, "day,item,value,land_class,year,energy,amount,unit,benzene", "2024-05-01,砷,1,2,2023,原煤,1,t,1")
    verb, *more = words
    assert said in refused(verb, tmp_path / "in.csv", *more)
