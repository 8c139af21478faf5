"""The door of the sciences: the same answers for every kind of frame, and the kind that came in."""

from __future__ import annotations

import doctest
import importlib
import inspect
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from heqing import air, water
from heqing.errors import FrameKindError, MissingColumnError
from heqing.tables import any_frame

ROOMS = ("air", "water", "soil", "waste", "energy", "trends")
KEEPS = {"city": ["甲", "乙"], "pm2_5": [70.0, None], "day": [date(2026, 3, 1), date(2026, 3, 2)]}


def _rules() -> dict[str, Any]:
    """Give every function of the six rooms that takes a frame first."""
    found = {}
    for room in ROOMS:
        offered = importlib.import_module(f"heqing.{room}")
        for name in offered.__all__:
            thing = getattr(offered, name)
            plain = inspect.unwrap(thing)
            if inspect.isfunction(plain):
                first = next(iter(inspect.signature(plain).parameters.values()), None)
                if first is not None and first.annotation == "pl.LazyFrame":
                    found[f"{room}.{name}"] = thing
    return found


RULES = _rules()


def _calls(rule: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[pl.LazyFrame, tuple[Any, ...], dict[str, Any]]]:
    """Run the examples of a rule and give what it was called with."""
    calls = []

    def listen(frame: pl.LazyFrame, *args: Any, **options: Any) -> pl.LazyFrame:
        calls.append((frame, args, options))
        return rule(frame, *args, **options)

    module = importlib.import_module(rule.__module__)
    test = doctest.DocTestFinder(recurse=False).find(rule, rule.__name__, module)[0]
    test.globs[rule.__name__] = listen
    doctest.DocTestRunner(verbose=False).run(test, out=lambda _: None)
    return calls


def _same(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """Compare two answers by what they say: tools without a type for days or for gaps say it otherwise."""
    assert one.columns == other.columns
    for name, kind in one.schema.items():
        column = other[name]
        if kind == pl.Date and column.dtype == pl.Datetime:
            column = column.dt.date()
        if kind.is_integer() or kind == pl.Boolean or kind == pl.Null or kind.is_float():
            column = column.cast(kind)
        if isinstance(kind, pl.Datetime):
            column = column.cast(kind)
        assert column.to_list() == one[name].to_list(), name


def test_every_rule_stands_behind_the_door() -> None:
    assert len(RULES) > 35
    assert not [name for name, rule in RULES.items() if inspect.unwrap(rule) is rule]
    assert str(inspect.signature(air.daily_index)).startswith("(frame: 'AnyFrame', /, *, edition")


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_answers_every_kind_of_frame_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RULES[name]
    calls = _calls(rule, monkeypatch)
    assert calls, "its example calls it"
    for frame, args, options in calls:
        assert isinstance(rule(frame, *args, **options), pl.LazyFrame)
        given = frame.collect()
        expected = rule(given, *args, **options)
        assert isinstance(expected, pl.DataFrame)
        arrow = rule(given.to_arrow(), *args, **options)
        assert isinstance(arrow, pa.Table)
        _same(expected, pl.DataFrame(arrow))
        others = [a.collect().to_pandas() if isinstance(a, pl.LazyFrame) else a for a in args]
        old = rule(given.to_pandas(), *others, **options)
        assert isinstance(old, pd.DataFrame)
        _same(expected, pl.from_pandas(old))


@any_frame
def _noted(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Stand for a rule that keeps its rows: what it reads of a value and of a time, put beside them."""
    schema = frame.collect_schema()
    clock = pl.col("time").dt.hour() if "time" in schema else pl.lit(None)
    return frame.with_columns(is_absent=pl.col("pm2_5").is_null(), hour=clock)


def _days(**columns: Any) -> pd.DataFrame:
    full = {"pm2_5": [70.0, float("nan")], "day": pd.to_datetime(["2026-03-01", "2026-03-02"])}
    return pd.DataFrame(full | columns)


def test_pandas_gaps_are_no_values_whatever_their_mark() -> None:
    marks = {
        "nan": [70.0, float("nan")],
        "object": pd.Series([70, None], dtype=object),
        "nullable": pd.array([70, None], dtype="Int64"),
        "decimal": pd.Series([Decimal("70.0"), None], dtype=object),
        "arrow": pd.Series([70.0, None], dtype=pd.ArrowDtype(pa.float64())),
        "small": pd.array([70.0, None], dtype="Float32"),
    }
    for mark, values in marks.items():
        assert _noted(_days(pm2_5=values))["is_absent"].tolist() == [False, True], mark


def test_pandas_columns_the_rule_leaves_keep_their_type() -> None:
    given = _days(
        city=pd.Categorical(["甲", "乙"], categories=["丙", "乙", "甲"], ordered=True),
        station=pd.array([1, None], dtype="Int64"),
        name=pd.array(["a", None], dtype="string"),
        on=pd.array([True, None], dtype="boolean"),
        small=pd.array([1, 2], dtype="int8"),
        text=["x", None],
        made=[date(2026, 3, 1), None],
    )
    judged = _noted(given)
    pd.testing.assert_frame_equal(judged[list(given.columns)], given)
    assert judged["day"].dtype == "datetime64[ns]"
    assert given["city"].dtype == "category"  # the frame given is not changed


def test_whole_numbers_are_values() -> None:
    assert air.daily_index(_days(pm2_5=[70, 90]))["aqi"].tolist() == [110, 128]  # 100 at 60 and 150 at 115


def test_the_index_of_a_pandas_frame_is_dropped_and_said_where_it_was_meant() -> None:
    days = _days().set_index(pd.Index([7, 9], name="row"))
    assert _noted(days).index.tolist() == [0, 1]
    with pytest.raises(MissingColumnError) as told:
        air.daily_index(_days().set_index("day"))
    assert told.value.__notes__ == ["The index of a pandas frame is not read (day): call reset_index()."]


def test_times_with_a_zone_are_judged_by_the_clock_of_beijing() -> None:
    ends = [datetime(2025, 3, 31, 16) + timedelta(hours=h) for h in range(1, 25)]  # 1 April in Beijing
    hours = pl.DataFrame({"station": ["甲"] * 24, "time": ends, "pm2_5": [30.0] * 24}).with_columns(
        pl.col("time").dt.replace_time_zone("UTC")
    )
    days = air.daily_values(hours, by=["station"])
    assert days.select("day", "pm2_5", "hours_pm2_5").rows() == [(date(2025, 4, 1), 30.0, 24)]
    for given in (hours, hours.lazy(), hours.to_pandas(), hours.to_arrow()):
        noted = _noted(given)
        plain = noted.collect() if isinstance(noted, pl.LazyFrame) else pl.DataFrame(noted)
        assert plain["hour"].to_list() == [*range(1, 24), 0]
        assert plain["time"].to_list() == hours["time"].to_list()
        assert str(plain["time"].to_list()[0].tzinfo) == "UTC"


def test_arrow_columns_the_rule_leaves_keep_their_type() -> None:
    table = pa.table(
        {
            "city": pa.array(["甲", "乙"]).dictionary_encode(),
            "section": pa.array(["a", "b"], pa.string()),
            "day": pa.array([datetime(2025, 3, 1), datetime(2025, 3, 2)], pa.timestamp("ns")),
            "codmn": pa.array([3, 7], pa.int32()),
        }
    )
    for given in (table, table.to_batches()[0], table.to_reader()):
        judged = water.water_class(given)
        assert isinstance(judged, pa.Table)
        assert [judged.schema.field(n).type for n in ("city", "section", "day")] == [
            table.schema.field(n).type for n in ("city", "section", "day")
        ]
        assert judged["water_class"].to_pylist() == [2, 4]


class _Stream:
    """Stand for the table of a tool we do not know: it has the interface and nothing else."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return pl.DataFrame(KEEPS).__arrow_c_stream__(requested_schema)


def test_whatever_has_the_arrow_interface_is_read() -> None:
    judged = _noted(_Stream())
    assert isinstance(judged, pa.Table)
    assert judged["is_absent"].to_pylist() == [False, True]
    assert judged["day"].to_pylist() == KEEPS["day"]


def test_dates_written_as_text_are_told_with_what_to_do() -> None:
    with pytest.raises(FrameKindError, match=r"`daily_index` reads dates.*`day` is text.*pandas\.to_datetime"):
        air.daily_index(_days(day=["2026-03-01", "2026-03-02"]))
    with pytest.raises(FrameKindError, match="`daily_values` reads dates and times; `time` is text"):
        air.daily_values(pl.DataFrame({"time": ["2026-03-01 01:00"], "city": ["甲"], "pm2_5": [70]}))


def test_what_is_no_frame_is_told_so() -> None:
    for given, named in (
        ({"day": []}, "dict"),
        (None, "NoneType"),
        (pl.Series([1]), "polars.series.series.Series"),
        (pd.Series([1]), "pandas.core.series.Series"),
        (pa.chunked_array([[1]]), "pyarrow.lib.ChunkedArray"),
    ):
        with pytest.raises(FrameKindError, match=f"`daily_index` takes a frame.*Given: {named}"):
            air.daily_index(given)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        air.daily_index([])  # type: ignore[call-overload]


def test_pandas_frames_that_cannot_be_read_are_told_by_column() -> None:
    with pytest.raises(FrameKindError, match="`city` holds no one kind of value: int, str"):
        air.daily_index(_days(city=pd.Series(["甲", 3], dtype=object)))
    with pytest.raises(FrameKindError, match="named by text; 0 is int"):
        air.daily_index(pd.DataFrame([[1]]))
    with pytest.raises(FrameKindError, match="`day` is the name of more than one column"):
        air.daily_index(pd.concat([_days(), _days()], axis=1)[["day", "day"]])


def test_polars_frames_need_neither_pandas_nor_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert air.daily_index(pl.DataFrame(KEEPS))["aqi"].to_list() == [110, None]
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FrameKindError, match=r"pandas frames back through pyarrow.*pip install pyarrow"):
        air.daily_index(_days())


def test_a_rule_behind_the_door_stays_lazy() -> None:
    @any_frame
    def fails(frame: pl.LazyFrame) -> pl.LazyFrame:
        return frame.map_batches(lambda _: 1 / 0, schema=frame.collect_schema())

    assert isinstance(fails(pl.LazyFrame({"a": [1]})), pl.LazyFrame)
