"""Pictures: what stands on them is what the rules say, in both languages, for any frame."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import matplotlib as mpl
import polars as pl
import pytest
from matplotlib import colors, font_manager, pyplot
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from heqing import plots
from heqing.editions import table
from heqing.errors import HeqingError, MissingColumnError, MissingExtraError, UnknownNameError
from heqing.plots.drawing import CHINESE_FONTS, say
from heqing.verdicts import Kind, Promise

YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture(autouse=True)
def _off_screen() -> Iterator[None]:
    mpl.use("Agg")
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before, "settings of the caller are left as they were"
    pyplot.close("all")


def _days(values: list[float | None], column: str = "pm2_5", start: date = YEAR[0]) -> pl.DataFrame:
    return pl.DataFrame({"day": [start + timedelta(days=n) for n in range(len(values))], column: values})


def _texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def _fills(ax: Axes) -> list[str]:
    return [colors.to_hex(p.get_facecolor()).upper() for p in ax.patches if isinstance(p, Rectangle)]


def _calendar_days() -> pl.DataFrame:
    levels = [(40, 1), (80, 2), (120, 3), (180, 4), (240, 5), (350, 6), (None, None)]
    return pl.DataFrame(
        {
            "day": [date(2026, 2, 26) + timedelta(days=n) for n in range(7)],
            "aqi": [aqi for aqi, _ in levels],
            "level": [level for _, level in levels],
            "edition": ["HJ 633-2012"] * 3 + ["HJ 633-2026"] * 4,
            "unconfirmed": [False] * 5 + [True, False],
        }
    )


def test_a_calendar_has_every_day_in_the_colour_of_the_rulebook_and_its_level_in_print() -> None:
    ax = plots.aqi_calendar(_calendar_days(), place="甲市")
    told = _texts(ax)
    hexes = table("air_index", "categories").sort("phase_no", "level")["hex"].to_list()[-6:]
    fills = _fills(ax)
    for aqi, word, colour in zip(("40", "80", "120", "180", "240", "350*"), "优良轻中重严", hexes, strict=True):
        assert aqi in told
        assert told.count(word) == 2 + (
            word in "优良"
        )  # the day, the legend, and the name of the level where it is one word
        assert fills.count(colour.upper()) == 2
    assert fills.count("#FFFFFF") == 365 - 6
    assert told[-1].startswith("格内为 AQI，下为级别。优良 2 天，有效 6 天，无数据 359 天。")
    assert "依据 HJ 633-2012、HJ 633-2026（2026-03-01 起）" in told[-1]
    assert "未经确认" in told[-1]


def test_a_calendar_draws_one_place_and_one_year() -> None:
    two = pl.concat([_calendar_days(), _calendar_days()])
    with pytest.raises(HeqingError, match="2026-02-26 has several rows"):
        plots.aqi_calendar(two)
    years = pl.concat([_calendar_days(), _calendar_days().with_columns(pl.col("day").dt.offset_by("-1y"))])
    with pytest.raises(HeqingError, match="the frame holds 2025, 2026"):
        plots.aqi_calendar(years)
    assert plots.aqi_calendar(years, year=2025, lang="en").get_title(loc="left") == "Air quality calendar 2025"
    with pytest.raises(HeqingError, match="no day of 2020"):
        plots.aqi_calendar(years, year=2020)
    with pytest.raises(MissingColumnError, match="daily_index"):
        plots.aqi_calendar(_days([30.0]))


def test_every_kind_of_frame_is_drawn_alike() -> None:
    frame = _days([70.0, 90.0, None], start=date(2025, 3, 1))
    year = Promise(Kind.MEAN, "<=", Decimal(35), *YEAR)
    kinds = (frame, frame.lazy(), frame.to_pandas(), frame.to_arrow())
    drawn = [_texts(plots.remaining_allowance(given, year, value="pm2_5"))[-1] for given in kinds]
    assert "截至 2025-03-02，均值 80.0（2 天）" in drawn[0]
    assert set(drawn) == {drawn[0]}


def test_a_curve_meets_the_percentile_at_the_value_that_is_judged() -> None:
    values = [float(v) for v in range(1, 366)]  # P95: k = 1 + 364 * 0.95 = 346.8
    ax = plots.exceedance_curve(_days(values), "pm2_5", place="甲市")
    assert "第 95 百分位数 346.8 µg/m³\n高于限值，不达标" in _texts(ax)
    assert _texts(ax)[-1].startswith("超标 290 天（共 365 天）    GB 3095-2012 表 1；HJ 663-2013")
    line = ax.lines[0]
    xs, ys = list(line.get_xdata()), list(line.get_ydata())
    below = max(k for k, x in enumerate(xs) if x <= 95)
    at = ys[below] + (95 - xs[below]) / (xs[below + 1] - xs[below]) * (ys[below + 1] - ys[below])
    assert at == pytest.approx(346.8)


def test_a_curve_of_too_few_days_says_so_and_pins_an_edition() -> None:
    ax = plots.exceedance_curve(_days([40.0] * 100), "pm2_5", edition="GB 3095-2026", lang="en")
    assert "too few days to judge" in _texts(ax)
    assert "GB 3095-2026 (from 2026-03-01) limit 60 µg/m³" in _texts(ax)
    assert "GB 3095-2012 limit 75 µg/m³" in _texts(ax)  # the others stand there too, faintly
    attaining = plots.exceedance_curve(_days([40.0] * 365, "no2"), "no2")
    assert "第 98 百分位数 40 µg/m³\n不高于限值，达标" in _texts(attaining)
    with pytest.raises(UnknownNameError, match="o3"):
        plots.exceedance_curve(_days([40.0]), "o3")
    with pytest.raises(HeqingError, match="has no value"):
        plots.exceedance_curve(_days([None, None]).cast({"pm2_5": pl.Float64}), "pm2_5")


def _ribbon_rows() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "section": ["桥下"] * 6 + ["湖口"],
            "period": ["2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-06", "2025-01"],
            "water_class": [1, 2, 3, 4, 5, 6, None],
            "deciding_items": ["do", "do", "cod", "tp,nh3n,cod", "cu", "tp", None],
            "target_class": [3] * 6 + [4],
            "edition": ["GB 3838-2002"] * 7,
            "unconfirmed": [True] + [False] * 6,
        }
    )


def test_a_ribbon_has_classes_in_the_colours_of_the_rulebook_and_says_what_decided() -> None:
    ax = plots.class_ribbon(_ribbon_rows(), name="清河")
    grades = dict(table("surface_water_method", "section_grades").select("class", "hex").iter_rows())
    told = _texts(ax)
    assert [t for t in told if t in {"Ⅰ*", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"}] == ["Ⅰ*", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"]
    assert [t for t in told if "总磷" in t or "铜" in t] == ["总磷、氨氮", "铜", "总磷"]
    assert told.count("▼") == 3
    fills = _fills(ax)
    assert [f for f in fills if f != "#FFFFFF"] == [grades[k].upper() for k in range(1, 7)]
    assert fills.count("#FFFFFF") == 2 * 7 - 6  # May has no row, and the lake no class
    assert [label.get_text() for label in ax.get_xticklabels()][:3] == ["12\n2024", "1\n2025", "2"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["桥下  目标 Ⅲ", "湖口  目标 Ⅳ"]


def test_a_ribbon_of_years_in_english_without_targets() -> None:
    rows = pl.DataFrame({"name": ["A", "A"], "period": ["2024", "2025"], "water_class": [6, 3]})
    ax = plots.class_ribbon(rows, by="name", lang="en")
    assert [t for t in _texts(ax) if t] == [">V", "III"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2024", "2025"]
    with pytest.raises(HeqingError, match="one row per name and period"):
        plots.class_ribbon(pl.concat([rows, rows]), by="name")
    with pytest.raises(HeqingError, match="no period"):
        plots.class_ribbon(rows.head(0), by="name")


def _note(
    values: list[Any], promise: Promise, column: str = "pm2_5", lang: Any = "zh", places: int | None = None
) -> str:
    frame = _days(values, column)
    ax = plots.remaining_allowance(frame, promise, value=column, lang=lang, places=places)
    return _texts(ax)[-1]


def test_what_remains_of_a_mean_is_never_printed_larger_than_it_is() -> None:
    year = Promise(Kind.MEAN, "<=", Decimal(35), *YEAR)
    # (35 * 365 - 40 * 100) / 265 = 33.113; (35.5 * 365 - 4000) / 265 = 33.802, itself above: 35 is odd
    assert "余下 265 天均值须不高于 33.1；按修约后判定须低于 33.8。" in _note([40.0] * 100, year, places=0)
    assert "均值 40.0（99 天）" in _note([40.0] * 99 + [None], year, places=0)
    assert "即使为零也达不到目标" in _note([80.0] * 300, year, places=0)
    assert "2025-12-31 期满，均值 35.0（365 天），目标 35。" in _note([35.0] * 365, year, places=0)
    up = Promise(Kind.MEAN, ">=", Decimal("6.0"), *YEAR, better="up")
    assert "must average at least 6.4, or at least 6.4" in _note([5.0] * 100, up, lang="en")  # 6.377


def test_what_remains_of_a_share_of_days() -> None:
    year = Promise(Kind.DAY_RATIO, ">=", Decimal(80), *YEAR)
    # 292 of 365 days are needed, so 73 may fail
    assert "须再有 272 天达标，还可有 43 天不达标。" in _note([True] * 20 + [False] * 30, year, "good_day")
    assert "余下 285 天全部达标，也还差 7 天。" in _note([False] * 80, year, "good_day")
    assert "目标已经保住" in _note([True] * 300, year, "good_day")
    few = Promise(Kind.DAY_RATIO, "<=", Decimal(1), *YEAR)  # 3.65: three days may have it
    assert "362" not in _note([False] * 10 + [True], few, "heavy")
    assert "2 may fail" in _note([False] * 10 + [True], few, "heavy", "en")


def test_a_promise_without_allowance_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="allowance"):
        _note([1.0], Promise(Kind.DEED, ">=", Decimal(1), *YEAR))
    with pytest.raises(HeqingError, match="both ends"):
        _note([1.0], Promise(Kind.MEAN, "<=", Decimal(1), YEAR[0], None))
    with pytest.raises(HeqingError, match="no value within the period"):
        _note([1.0], Promise(Kind.MEAN, "<=", Decimal(1), date(2020, 1, 1), date(2020, 12, 31)))


def test_pictures_are_drawn_where_asked_and_kept(tmp_path: Path) -> None:
    figure, (left, right) = pyplot.subplots(1, 2)
    assert plots.class_ribbon(_ribbon_rows(), ax=left) is left
    assert plots.exceedance_curve(_days([40.0] * 365), "pm2_5", ax=right) is right
    figure.savefig(tmp_path / "both.png")
    assert (tmp_path / "both.png").stat().st_size > 10_000


def test_words_have_both_languages_and_the_same_places() -> None:
    import re

    rows = pl.read_csv(Path(plots.__file__).with_name("words.csv"), infer_schema=False)
    for key, zh, en in rows.iter_rows():
        assert zh, key
        assert en, key
        assert set(re.findall(r"{\w+}", zh)) == set(re.findall(r"{\w+}", en)), key
        assert zh.count("|") == en.count("|"), key
    assert rows["key"].is_unique().all()
    with pytest.raises(UnknownNameError, match="language"):
        say("bound", "fr")  # type: ignore[arg-type]


def test_without_a_chinese_font_the_reader_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [f for f in font_manager.fontManager.ttflist if f.name not in CHINESE_FONTS]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", plain)
    with pytest.warns(UserWarning, match="fonts-noto-cjk"):
        plots.class_ribbon(_ribbon_rows())
    plots.class_ribbon(_ribbon_rows(), lang="en")


def test_without_matplotlib_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'heqing\[plots\]'"):
        plots.class_ribbon(_ribbon_rows())
