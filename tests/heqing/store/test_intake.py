"""Files at the doors: what is read, what is said about the rest."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heqing.errors import BadFileError, HeqingError, MissingColumnError, UnknownNameError
from heqing.store import open_frame
from heqing.store.intake import Intake, Problem

HEADER = "time,city,station,pm2_5,co\n"
ROW = "2020-03-26 08:00:00,无锡,A,35,0.4\n"


@pytest.fixture
def write(tmp_path: Path):
    """Write a text file and give its path."""

    def _write(text: str | bytes, name: str = "hours.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return _write


def rows_of(intake: Intake, *columns: str) -> list[tuple[object, ...]]:
    return intake.frame.select(columns).collect().rows()


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(HeqingError) as caught:
        open_frame(path, **({"domain": "air"} | options))
    return str(caught.value)


def test_frame_keeps_columns_in_order_and_extras_untouched(write):
    path = write("note,time,city,pm2_5,code\n x ,2020-03-26 08:00,无锡,35,007\n")
    frame = open_frame(path, domain="air").frame.collect()
    assert frame.columns == ["note", "time", "city", "pm2_5", "code", "file_row", "intake_reason"]
    assert frame.row(0) == (" x ", datetime(2020, 3, 26, 8), "无锡", 35.0, "007", 2, None)
    assert frame.schema["pm2_5"] == pl.Float64
    assert frame.schema["time"] == pl.Datetime("us")


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimiter_is_found_from_the_header(write, delimiter):
    intake = open_frame(write((HEADER + ROW).replace(",", delimiter)), domain="air")
    assert rows_of(intake, "city", "pm2_5", "co") == [("无锡", 35.0, 0.4)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encoding_is_found(write, encoding):
    intake = open_frame(write(HEADER + ROW * 3, encoding=encoding), domain="air")
    assert rows_of(intake, "city", "station", "co") == [("无锡", "A", 0.4)] * 3
    assert intake.frame.collect_schema().names()[0] == "time"
    assert any("UTF-8 copy" in n for n in intake.notes) == (encoding not in ("utf-8", "utf-8-sig"))


def test_utf_16_with_mark_of_either_order(write):
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        path = write(mark + (HEADER + ROW).encode(encoding))
        assert rows_of(open_frame(path, domain="air"), "city") == [("无锡",)]


def test_transcoded_copy_goes_with_the_context(write):
    with open_frame(write(HEADER + ROW, encoding="gb18030"), domain="air") as intake:
        copy = intake.temporary
        assert copy is not None
        assert copy.exists()
    assert not copy.exists()


def test_transcoded_frame_outlives_its_intake(write):
    frame = open_frame(write(HEADER + ROW, encoding="gb18030"), domain="air").frame
    assert frame.collect().height == 1


def test_gb18030_across_block_borders(write, monkeypatch):
    monkeypatch.setattr("heqing.store.textfile.BLOCK", 7)
    intake = open_frame(write(HEADER + ROW * 20, encoding="gb18030"), domain="air")
    assert rows_of(intake, "city") == [("无锡",)] * 20


@pytest.mark.parametrize("place", ["站一", "水", "平山", "源"])
@pytest.mark.parametrize("block", [7, 4 << 20])
def test_short_chinese_in_gb18030_that_would_be_utf_8_too_is_chinese(write, monkeypatch, place, block):
    monkeypatch.setattr("heqing.store.textfile.BLOCK", block)
    text = f"time,city,co\n2020-03-26 08:00,X,0.4\n2020-03-26 08:00,{place},0.4\n"
    intake = open_frame(write(text, encoding="gb18030"), domain="air")
    assert rows_of(intake, "city") == [("X",), (place,)]
    assert intake.notes == (
        "hours.csv is GB18030; a UTF-8 copy of it was read. Its bytes are UTF-8 too, in letters that no such file has; "
        "if it is UTF-8 all the same, save it as “CSV UTF-8” with its mark.",
    )


@pytest.mark.parametrize(
    "place", ["É", "25µg/m³", "渭μg", "Xīān", "Xiʼan", "Омск", "вода", "ئۈرۈمچى", "Երևան", "站一Ժ", "Դ℃", "İstanbul"]
)
def test_utf_8_of_other_scripts_stays_utf_8(write, place):
    intake = open_frame(write(f"time,city,co\n2020-03-26 08:00,{place},0.4\n"), domain="air")
    assert rows_of(intake, "city") == [(place,)]
    assert intake.notes == ()


def test_a_mark_of_utf_8_is_believed(write):
    path = write("time,city,co\n2020-03-26 08:00,վһ,0.4\n", encoding="utf-8-sig")
    assert rows_of(open_frame(path, domain="air"), "city") == [("վһ",)]


def test_broken_utf_8_names_row_and_byte(write):
    text = (
        HEADER + "2020-03-26 08:00:00,江苏省无锡市滨湖区太湖街道办事处大楼楼顶,A,1,1\n"
    ).encode() + b"2020,\xff\xfe,A,1,1\n"
    said = refusal(write(text))
    assert "row 3" in said
    assert "byte" in said
    assert "UTF-8" in said


def test_unknown_encoding_is_said(write):
    said = refusal(write(HEADER.encode() + b"2020-03-26 08:00:00,\xff\xff,A,1,1\n"))
    assert "GB18030" in said
    assert "byte 47" in said


# --- files that are none ---------------------------------------------------------------------------------------


def test_missing_file(tmp_path):
    assert "no such file" in refusal(tmp_path / "gone.csv")


def test_directory(tmp_path):
    assert "directory" in refusal(tmp_path)


def test_empty_file(write):
    assert "empty" in refusal(write(""))


@pytest.mark.parametrize("text", [HEADER, HEADER.strip(), HEADER + "\n\n"])
def test_header_only(write, text):
    assert "no rows" in refusal(write(text))


def test_blank_first_line(write):
    assert "first line is blank" in refusal(write("\n" + HEADER + ROW))


@pytest.mark.parametrize(
    ("member", "word"), [("xl/workbook.xml", "Excel"), ("word/document.xml", "Word"), ("a.csv", "ZIP")]
)
def test_archives_are_told_apart(tmp_path, member, word):
    path = tmp_path / "hours.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "x")
    assert word in refusal(path)


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "Excel or Word"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"<HTML><table>", "web page"),
        (b"\x00\x01\x02\x03\x04\x05", "binary"),
        (b"\x7fELF\x02", "program"),
    ],
)
def test_other_kinds_are_named(write, head, word):
    assert word in refusal(write(head))


def test_text_that_calls_itself_parquet(write):
    assert "PAR1" in refusal(write(HEADER + ROW, name="hours.parquet"))


def test_truncated_parquet(tmp_path):
    path = tmp_path / "hours.parquet"
    pl.DataFrame({"time": [datetime(2020, 1, 1)], "city": ["无锡"], "co": [0.4]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    assert "cut off or damaged" in refusal(path)


def test_parquet_without_rows(tmp_path):
    path = tmp_path / "hours.parquet"
    pl.DataFrame(schema={"time": pl.Datetime, "city": pl.String, "co": pl.Float64}).write_parquet(path)
    assert "no rows" in refusal(path)


# --- the shape of text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "fields"), [("2020-03-26 09:00:00,无锡,A,35\n", 4), ("2020,无锡,A,35,0.4,9\n", 6)])
def test_ragged_row_is_named(write, row, fields):
    said = refusal(write(HEADER + ROW + row + ROW))
    assert "row 3" in said
    assert f"{fields} fields and the header has 5" in said


def test_ragged_row_is_found_beyond_the_first_block(write, monkeypatch):
    monkeypatch.setattr("heqing.store.textfile.BLOCK", 64)
    assert "row 42" in refusal(write(HEADER + ROW * 40 + "a,b\n" + ROW))


def test_quoted_newlines_and_delimiters_are_one_field(write):
    path = write('time,city,note,co\n2020-03-26 08:00,无锡,"a,\n""b""\n",0.4\n2020-03-26 09:00,无锡,x,0.5\n')
    assert rows_of(open_frame(path, domain="air"), "note", "co", "file_row") == [('a,\n"b"\n', 0.4, 2), ("x", 0.5, 3)]


def test_quote_that_never_closes_names_its_row(write):
    said = refusal(write(HEADER + ROW + '2020-03-26 09:00:00,"无锡,A,35,0.4\n' + ROW))
    assert "row 3" in said
    assert "never closed" in said


def test_nul_byte_names_its_row(write):
    said = refusal(write(HEADER.encode() + ROW.encode() * 200 + b"2020-03-26 08:00:00,\x00,A,35,0.4\n"))
    assert "NUL" in said
    assert "row 202" in said


def test_very_long_row_is_refused(write, monkeypatch):
    monkeypatch.setattr("heqing.store.textfile.LONGEST_ROW", 1000)
    said = refusal(write(HEADER + ROW + ROW.replace("A", "A" * 2000)))
    assert "row 3" in said
    assert "longer" in said


def test_long_row_within_bounds_is_read(write):
    intake = open_frame(write(HEADER + ROW.replace("A", "A" * 3_000_000)), domain="air")
    assert len(intake.frame.select("station").collect().item()) == 3_000_000


def test_file_without_line_breaks_is_refused(write):
    assert "no line ends" in refusal(write("x," * 600_000))


def test_old_mac_line_ends_are_said(write):
    assert "carriage return" in refusal(write((HEADER + ROW).replace("\n", "\r")))


def test_windows_line_ends_and_no_last_line_end(write):
    intake = open_frame(write((HEADER + ROW + ROW).replace("\n", "\r\n").rstrip()), domain="air")
    assert rows_of(intake, "co", "file_row") == [(0.4, 2), (0.4, 3)]


def test_blank_lines_at_the_end_are_passed_over_and_counted(write):
    intake = open_frame(write(HEADER + ROW + "\n\r\n\n"), domain="air")
    assert rows_of(intake, "co") == [(0.4,)]
    assert "3 blank lines" in intake.notes[0]


def test_blank_line_inside_is_a_row_with_a_reason(write):
    intake = open_frame(write(HEADER + ROW + "\n,,,,\n" + ROW), domain="air")
    assert rows_of(intake, "file_row", "intake_reason") == [(2, None), (3, "blank_row"), (4, "blank_row"), (5, None)]


def test_duplicate_columns_are_named(write):
    said = refusal(write("time,city,co,co \n2020-03-26 08:00,无锡,1,2\n"))
    assert "column co" in said
    assert "same name" in said


def test_own_column_names_in_the_file_are_kept(write):
    path = write("time,city,co,file_row,intake_reason\n2020-03-26 08:00,无锡,0.4,7,why\n")
    frame = open_frame(path, domain="air").frame.collect()
    assert frame.select("file_row_in", "intake_reason_in", "file_row").row(0) == ("7", "why", 2)


# --- columns ---------------------------------------------------------------------------------------------------


def test_missing_column_names_present_ones_and_look_alikes(write):
    said = refusal(write("监测时间,城市,PM2.5(μg/m3),co_ugm3\n2020,无锡,1,1\n"))
    assert "`time`, `station`, `pm2_5`, `co`" in said
    assert "Columns present: 监测时间, 城市, PM2.5(μg/m3), co_ugm3" in said
    assert "--rename 监测时间=time" in said
    assert "'PM2.5(μg/m3)=pm2_5'" in said
    assert "--rename co_ugm3=co --unit co=µg/m³" in said


def test_missing_item_is_a_missing_column(write):
    with pytest.raises(MissingColumnError, match=r"--rename pm25=pm2_5"):
        open_frame(write("time,city,pm25\n2020,无锡,1\n"), domain="air")


def test_unread_look_alike_is_noted(write):
    intake = open_frame(write("time,city,co,pm25\n2020-03-26 08:00,无锡,0.4,1\n"), domain="air")
    assert intake.notes == ("column pm25 looks like pm2_5 and is not read; --rename pm25=pm2_5 reads it.",)


def test_the_hint_for_a_chinese_water_header_names_the_body_type_too(write):
    said = refusal(write("时间,断面名称,水体类型,总磷\n2020-03-26,站,河流,0.1\n"), domain="water")
    assert "--rename 时间=time --rename 断面名称=section --rename 水体类型=body_type --rename 总磷=tp" in said


def test_a_hint_names_each_column_once_and_none_that_is_there(write):
    said = refusal(write("采样时间,时间,section,断面,总磷\n2020-03-26,x,站,站,0.1\n"), domain="water")
    assert said.endswith("Perhaps: --rename 采样时间=time --rename 总磷=tp")


def test_a_body_type_that_is_not_read_is_a_note(write):
    path = write("time,section,断面类型,tp\n2020-03-26,站,河流,0.1\n")
    assert open_frame(path, domain="water").notes == (
        "column 断面类型 looks like body_type and is not read; --rename 断面类型=body_type reads it.",
    )


def test_rename_clash(write):
    said = refusal(write("time,city,co,co2\n2020-03-26 08:00,无锡,0.4,1\n"), rename={"co2": "co"})
    assert "--rename co2=co" in said
    assert "two columns would be called co" in said


def test_rename_can_swap(write):
    path = write("time,city,o3,o3_8h\n2020-03-26 08:00,无锡,1,2\n")
    assert rows_of(open_frame(path, domain="air", rename={"o3": "o3_8h", "o3_8h": "o3"}), "o3") == [(2.0,)]


def test_rename_of_a_column_that_is_not_there(write):
    with pytest.raises(UnknownNameError, match="pm25"):
        open_frame(write(HEADER + ROW), domain="air", rename={"pm25": "pm2_5"})


# --- values ----------------------------------------------------------------------------------------------------


def values(write, *cells: str, domain: str = "air", item: str = "pm2_5", units=None) -> list[tuple[object, ...]]:
    place = "city" if domain == "air" else "section"
    lines = "".join(f'2020-03-26 08:00,X,"{c}"\n' for c in cells)
    intake = open_frame(write(f"time,{place},{item}\n{lines}"), domain=domain, units=units)
    columns = [item, "intake_reason", *([f"{item}_below"] if domain == "water" else [])]
    return rows_of(intake, *columns)


@pytest.mark.parametrize("cell", ["", " ", "-", "--", "—", "NA", "null", "NaN", "*", "/", "缺测"])
def test_blank_marks_are_empty_without_a_reason(write, cell):
    assert values(write, cell) == [(None, None)]


@pytest.mark.parametrize("cell", ["abc", "1,2", "12L", "<5", "inf", "1e999", "3 5"])
def test_text_in_a_number_column(write, cell):
    assert values(write, cell) == [(None, "not_a_number(pm2_5)")]


@pytest.mark.parametrize(("cell", "value"), [("35", 35.0), (" 35 ", 35.0), ("1e2", 100.0), ("0.1", 0.1), ("+5", 5.0)])
def test_numbers_as_people_write_them(write, cell, value):
    assert values(write, cell) == [(value, None)]


def test_negative_below_zero_and_at_zero(write):
    assert values(write, "-0.1", "0", "0.1", "-1") == [
        (None, "negative_value(pm2_5)"),
        (0.0, None),
        (0.1, None),
        (None, "negative_value(pm2_5)"),
    ]


def test_impossible_above_and_at_the_bound(write):
    assert values(write, "3000", "3000.1") == [(3000.0, None), (None, "impossible_value(pm2_5)")]


def test_reasons_of_a_row_are_joined_in_the_order_of_columns(write):
    intake = open_frame(write(HEADER + "x,无锡,A,-3,y\n"), domain="air")
    assert rows_of(intake, "intake_reason") == [("bad_time;negative_value(pm2_5);not_a_number(co)",)]


def test_water_below_the_detection_limit(write):
    cells = ("0.01L", "<0.02", "＜0.03", "0.04 l", "0.5", "未检出", "-1", "-1.0", "-2")
    assert values(write, *cells, domain="water", item="nh3n") == [
        (0.01, None, True),
        (0.02, None, True),
        (0.03, None, True),
        (0.04, None, True),
        (0.5, None, False),
        (None, "no_detection_limit(nh3n)", True),
        (None, None, None),
        (None, None, None),
        (None, "negative_value(nh3n)", None),
    ]


def test_water_temperature_may_be_negative(write):
    assert values(write, "-0.2", domain="water", item="water_temperature") == [(-0.2, None, False)]


# --- units -----------------------------------------------------------------------------------------------------


def test_carbon_monoxide_in_micrograms_stops(write):
    said = refusal(write(HEADER + ROW.replace("0.4", "400") * 3))
    assert "column co" in said
    assert "--unit co=µg/m³" in said


@pytest.mark.parametrize(("cells", "stops"), [(("400", "400", "0.4"), True), (("400", "0.4"), False)])
def test_suspicion_begins_above_half(write, cells, stops):
    path = write(HEADER + "".join(ROW.replace("0.4", c) for c in cells))
    if stops:
        assert "probably" in refusal(path)
    else:
        open_frame(path, domain="air")


def test_unit_that_is_named_as_the_house_has_it_ends_suspicion(write):
    path = write(HEADER + ROW.replace("0.4", "30"))
    assert rows_of(open_frame(path, domain="air", units={"co": "mg/m3"}), "co") == [(30.0,)]


@settings(deadline=None)
@given(st.integers(0, 199_999), st.integers(0, 3))
def test_conversion_is_exact(tmp_path_factory, whole, decimals):
    text = f"{whole / 10**decimals:.{decimals}f}"
    path = tmp_path_factory.mktemp("units") / "a.csv"
    path.write_text(f"time,city,co\n2020-03-26 08:00,X,{text}\n")
    got = open_frame(path, domain="air", units={"co": "µg/m³"}).frame.select("co").collect().item()
    assert got == float(f"{text}e-3")


@pytest.mark.parametrize(
    ("domain", "item", "unit", "value"),
    [
        ("air", "pm2_5", "mg/m³", 35.0),
        ("air", "pm2_5", "毫克/立方米", 35.0),
        ("water", "nh3n", "ug/L", 0.000035),
        ("water", "nh3n", "mg/L", 0.035),
    ],
)
def test_units_are_converted(write, domain, item, unit, value):
    assert values(write, "0.035", domain=domain, item=item, units={item: unit})[0][0] == value


@pytest.mark.parametrize(("cell", "value"), [("7e2", 0.7), ("7E+2", 0.7), ("1.5e-1", 0.00015)])
def test_numbers_with_an_exponent_are_converted(write, cell, value):
    assert values(write, cell, item="co", units={"co": "µg/m³"}) == [(value, None)]


def test_detection_limit_is_converted_too(write):
    assert values(write, "20L", domain="water", item="nh3n", units={"nh3n": "µg/L"}) == [(0.02, None, True)]


def test_unit_of_another_kind_is_refused(write):
    assert "mg/L cannot be turned into" in refusal(write(HEADER + ROW), units={"co": "mg/L"})


def test_unknown_unit_and_unknown_column(write):
    assert "no unit “ppm”" in refusal(write(HEADER + ROW), units={"co": "ppm"})
    assert "no item column" in refusal(write(HEADER + ROW), units={"o3": "µg/m³"})


# --- times -----------------------------------------------------------------------------------------------------


def test_hour_24_is_counted_in_a_note(write):
    text = HEADER + ROW.replace("08:00:00", "24:00") * 2 + ROW
    intake = open_frame(write(text), domain="air")
    assert rows_of(intake, "time")[0] == (datetime(2020, 3, 27),)
    assert intake.notes == ("2 rows say hour 24; read as 00:00 of the next day.",)


def test_compact_hour_24_is_counted_too(write):
    intake = open_frame(write("time,city,co\n2020123124,X,0.4\n"), domain="air")
    assert rows_of(intake, "time") == [(datetime(2021, 1, 1),)]
    assert len(intake.notes) == 1


def test_bad_time_keeps_the_row_and_its_values(write):
    intake = open_frame(write(HEADER + ROW.replace("08:00:00", "25:00:00")), domain="air")
    assert rows_of(intake, "time", "co", "intake_reason") == [(None, 0.4, "bad_time")]


def test_day_without_hour_is_no_hours_end_but_a_sample_may_have_one(write):
    assert rows_of(open_frame(write("time,city,co\n2020-03-26,X,1\n"), domain="air"), "intake_reason") == [
        ("bad_time",)
    ]
    water = open_frame(write("time,section,ph\n2020-03-26,X,7\n"), domain="water")
    assert rows_of(water, "time") == [(datetime(2020, 3, 26),)]


@pytest.mark.parametrize("name", ["day", "date"])
def test_daily_values(write, name):
    path = write(f"{name},city,co\n2020/3/26,X,1\n2020-03-27 00:00:00,X,1\n2020-03-27 01:00:00,X,1\n")
    intake = open_frame(path, domain="air")
    assert rows_of(intake, "day", "intake_reason") == [
        (date(2020, 3, 26), None),
        (date(2020, 3, 27), None),
        (None, "bad_time"),
    ]


# --- Parquet ---------------------------------------------------------------------------------------------------


def test_parquet_types(tmp_path):
    path = tmp_path / "hours.parquet"
    pl.DataFrame(
        {
            "time": pl.Series([datetime(2020, 3, 26, 0, tzinfo=UTC)]),
            "station": pl.Series(["A"], dtype=pl.Categorical),
            "pm2_5": pl.Series([0.1], dtype=pl.Float32),
            "pm10": pl.Series(["50"]),
            "so2": pl.Series([5], dtype=pl.Int16),
            "no2": pl.Series([float("nan")]),
            "co": pl.Series([None], dtype=pl.Null),
            "o3": pl.Series(["-5"], dtype=pl.Categorical),
        }
    ).write_parquet(path)
    intake = open_frame(path, domain="air")
    frame = intake.frame.collect()
    assert frame.row(0) == (datetime(2020, 3, 26, 8), "A", 0.1, 50.0, 5.0, None, None, None, 1, "negative_value(o3)")
    assert "Beijing time" in intake.notes[0]


def test_parquet_text_and_integer_times(tmp_path):
    path = tmp_path / "hours.parquet"
    pl.DataFrame({"time": [2020032608], "city": ["X"], "co": [0.4]}).write_parquet(path)
    assert rows_of(open_frame(path, domain="air"), "time") == [(datetime(2020, 3, 26, 8),)]


def test_parquet_days_in_a_time_column(tmp_path):
    path = tmp_path / "days.parquet"
    pl.DataFrame({"time": [date(2020, 3, 26)], "city": ["X"], "co": [0.4]}).write_parquet(path)
    assert "--rename time=day" in refusal(path)
    intake = open_frame(path, domain="air", rename={"time": "day"})
    assert rows_of(intake, "day") == [(date(2020, 3, 26),)]


def test_parquet_column_of_no_use(tmp_path):
    path = tmp_path / "hours.parquet"
    pl.DataFrame({"time": [datetime(2020, 1, 1)], "city": ["X"], "co": [[0.4]]}).write_parquet(path)
    assert "column co" in refusal(path)


# --- problems --------------------------------------------------------------------------------------------------


def test_problems_are_counted_with_the_first_and_its_text(write):
    path = write("time,city,pm25\n" + "2020-03-26 08:00,X,35\n" + "2020-03-26 08:00,X,a\n" + "x,X,b\n" + "x,X,-1\n")
    intake = open_frame(path, domain="air", rename={"pm25": "pm2_5"})
    assert intake.problems() == [
        Problem("pm2_5", "not_a_number", 2, 3, "a"),
        Problem("time", "bad_time", 2, 4, "x"),
        Problem("pm2_5", "negative_value", 1, 5, "-1"),
    ]


def test_no_problems(write):
    assert open_frame(write(HEADER + ROW), domain="air").problems() == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))),
            st.one_of(st.none(), st.text("0123456789.-+eE<L", max_size=6)),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_any_text_gives_the_same_rows_in_the_same_order(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    frame = pl.DataFrame({"time": "2020-03-26 08:00", "section": [a for a, _ in cells], "nh3n": [b for _, b in cells]})
    frame.write_csv(path, quote_style="always")
    got = open_frame(path, domain="water", units={"nh3n": "mg/L"}).frame.collect()
    assert got["file_row"].to_list() == list(range(2, len(cells) + 2))
    assert [s or None for s in got["section"].to_list()] == [a or None for a, _ in cells]
    assert got["nh3n"].is_finite().fill_null(True).all()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "rows"), [("station_hourly_2020-03-26_04-08.parquet", 197_658), ("snapshot_2017-07-07T16.parquet", 1_495)]
)
def test_national_hours_pass_without_a_problem(shared_dir, name, rows):
    intake = open_frame(shared_dir / "data/air_station_hourly_cnemc" / name, domain="air", rename={"pm25": "pm2_5"})
    assert intake.problems() == []
    assert intake.frame.select(pl.len()).collect().item() == rows


@pytest.mark.shared
def test_beijing_hours_are_in_micrograms(shared_dir):
    path = shared_dir / "data/air_beijing_hourly_uci/beijing_hourly_2013_2017.parquet"
    rename = {"pm25": "pm2_5", "co_ugm3": "co"}
    with pytest.raises(BadFileError, match="--unit co=µg/m³"):
        open_frame(path, domain="air", rename=rename)
    frame = open_frame(path, domain="air", rename=rename, units={"co": "µg/m³"}).frame
    published = pl.scan_parquet(path).select(published=pl.col("co_ugm3").cast(pl.Float64))
    both = pl.concat([frame.select("co"), published], how="horizontal").collect()
    whole = both.filter(pl.col("published") == pl.col("published").round())
    assert whole.height > 250_000
    assert whole["co"].to_list() == [v / 1000 for v in whole["published"].to_list()]
