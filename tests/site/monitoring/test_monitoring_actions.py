"""Importing files: what is kept, what is refused and how it is said, and that the same twice changes nothing."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from django.db import IntegrityError, connection, transaction
from openpyxl import Workbook
from tests.site.conftest import AT
from tests.site.monitoring.conftest import FEBRUARY_1, LATER, add_section, air_file, hours, water_file

from heqing.store import import_frame, open_frame
from heqing.store.delta import sole_writer
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import AppendOnlyError, RuleBrokenError
from heqing_site.monitoring import actions, queries, rules
from heqing_site.monitoring.models import Upload
from heqing_site.monitoring.rules import DomainName


def workbook(rows, *, title="小时值", blank_first=False) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    if blank_first:
        sheet.append([])
    for row in rows:
        sheet.append(row)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def test_a_file_is_kept_with_its_counts_and_its_entry(bring, ground, settings):
    text = air_file(*hours("东站", 35), "2026-02-02 01:00,清河区,东站,-9,40,8,20,0.5,60")

    done = bring(text, name="二月.csv")

    assert done.is_new
    up = done.upload
    assert (up.rows, up.new, up.changed, up.same, up.rejects) == (25, 149, 0, 0, 1)
    assert Path(settings.DATA_DIR, up.received.name).read_text(encoding="utf-8") == text
    entry = AuditEntry.objects.get(action="monitoring.import_file")
    assert entry.after["batch"] == up.batch
    reject = queries.rejected(up.batch)[0]
    assert (reject.row, reject.column, reject.value) == (26, "pm2_5", "-9")
    assert "负" in reject.reason


def test_the_same_file_twice_changes_nothing(bring):
    first = bring(air_file(*hours("东站", 35)))
    version = queries.store_version()

    second = bring(air_file(*hours("东站", 35)), at=LATER)

    assert not second.is_new
    assert second.upload == first.upload
    assert queries.store_version() == version
    assert Upload.objects.count() == 1
    assert AuditEntry.objects.filter(action="monitoring.import_file").count() == 1


def test_a_corrected_value_supersedes_and_the_old_one_stays(bring, ground):
    bring(air_file(*hours("东站", 35)), name="初报.csv")
    done = bring(air_file(*hours("东站", 41, count=1)), name="更正.csv", at=LATER)

    assert (done.upload.changed, done.upload.same) == (2, 4)
    rows = queries.rows_behind(ground.east, "pm2_5", FEBRUARY_1, FEBRUARY_1)
    assert [(str(r.value), r.file, r.row, r.is_superseded) for r in rows[:2]] == [
        ("35", "初报.csv", 2, True),
        ("41", "更正.csv", 2, False),
    ]
    change = queries.changes(done.upload.batch)[0]
    assert (str(change.before), str(change.after), change.place) == ("35", "41", "东站")


def test_what_held_before_a_correction_can_be_asked(bring, ground):
    bring(air_file(*hours("东站", 35)))
    bring(air_file(*hours("东站", 59)), at=LATER)
    span = {"first": FEBRUARY_1, "last": FEBRUARY_1}

    assert queries.station_days(ground.east, **span)["pm2_5"].item() == 59
    assert queries.station_days(ground.east, **span, as_of=AT)["pm2_5"].item() == 35
    assert len(queries.rows_behind(ground.east, "pm2_5", FEBRUARY_1, FEBRUARY_1, as_of=AT)) == 24


def test_a_chinese_encoding_is_read(bring):
    text = air_file(*hours("东站", 35))

    done = bring(text.encode("gb18030"))

    assert done.upload.new == 144
    assert any("GB18030" in note for note in done.upload.notes)


def test_an_excel_sheet_is_read_with_its_own_rows(bring, ground):
    header = ["time", "city", "station", "pm2_5"]
    rows = [header, ["2026-02-01 01:00", "清河区", "东站", 35], ["2026-02-01 02:00", "清河区", "东站", "坏"]]

    done = bring(workbook(rows, blank_first=True), name="二月.xlsx")

    assert (done.upload.new, done.upload.rejects) == (1, 1)
    assert queries.rows_behind(ground.east, "pm2_5", FEBRUARY_1, FEBRUARY_1)[0].row == 3
    assert queries.rejected(done.upload.batch)[0].row == 4


def test_a_fault_of_an_excel_sheet_names_the_sheet(bring):
    with pytest.raises(RuleBrokenError) as caught:
        bring(workbook([["time", "time"], ["2026-02-01 01:00", "x"]], title="监测"), name="坏.xlsx")

    assert "工作表“监测”" in caught.value.sentence()
    assert "第 1 行" in caught.value.sentence()
    assert "同名" in caught.value.sentence()


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"%PDF-1.7 rest", "值.csv", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "值.xls", "数据表"),
        (b"\x89PNG\r\n\x1a\nrest", "值.csv", "数据表"),
        (b"PK\x03\x04broken", "值.xlsx", "压缩包"),
        (b"time,station,pm2_5\n", "值.csv", "没有数据行"),
        ("时间,站点,PM2.5\n2026-02-01 01:00,东站,3\n".encode(), "值.csv", "缺少列"),
        (b"time,station,pm2_5\n2026-02-01 01:00,a\n", "值.csv", "第 2 行"),
        (b"time,station,pm2_5\n2026-02-01 01:00,a,\xff\xfe\xfa\xfb\xff\n", "值.csv", "编码"),
        (b"time,station,co\n2026-02-01 01:00,a,700\n", "值.csv", "单位可能是"),
        (b"<html><script>alert(1)</script></html>", "值.csv", "数据表"),
    ],
)
def test_what_is_no_table_is_refused_in_chinese_and_nothing_is_left(bring, settings, content, name, word):
    with pytest.raises(RuleBrokenError) as caught:
        bring(content, name=name)

    assert word in caught.value.sentence(), caught.value.sentence()
    assert not Upload.objects.exists()
    assert not queries.has_observations()
    assert list(Path(settings.DATA_DIR, "monitoring").iterdir()) == []


def test_an_empty_file_is_refused(bring):
    with pytest.raises(RuleBrokenError, match=r"measurements\.empty"):
        bring(b"")


@pytest.mark.parametrize(("beyond", "is_taken"), [(-1, True), (0, True), (1, False)])
def test_a_file_may_be_as_large_as_the_limit(bring, monkeypatch, settings, beyond, is_taken):
    text = air_file(*hours("东站", 35)).encode()
    settings.UPLOAD_LIMIT = 1
    monkeypatch.setattr(rules, "FILE_LIMIT", len(text) - beyond)

    if is_taken:
        assert bring(text).is_new
    else:
        with pytest.raises(RuleBrokenError, match=r"measurements\.too_large"):
            bring(text)


def test_a_file_that_never_ends_is_stopped_at_the_limit(bring, ground, monkeypatch, settings):
    settings.UPLOAD_LIMIT = 1
    monkeypatch.setattr(rules, "FILE_LIMIT", 1000)
    read = []

    def pieces():
        for number in range(10_000):
            read.append(number)
            yield b"x" * 100

    with pytest.raises(RuleBrokenError, match=r"measurements\.too_large"):
        actions.import_file(
            by=ground.district.officer, at=AT, unit=ground.district.bureau, domain=DomainName.AIR, file_name="大.csv",
            content=pieces(),
        )  # fmt: skip
    assert len(read) == 11


def test_other_columns_and_units_are_named_by_the_officer(bring, ground):
    text = "时间,城市,站点,细颗粒物,co\n2026-02-01 01:00,清河区,东站,35,700\n"
    renames = {"时间": "time", "城市": "city", "站点": "station", "细颗粒物": "pm2_5"}

    done = bring(text, renames=renames, units={"co": "µg/m³"})

    assert done.upload.new == 2
    assert str(queries.rows_behind(ground.east, "co", FEBRUARY_1, FEBRUARY_1)[0].value) == "0.7"


def test_another_process_that_writes_is_said(bring, tmp_path):
    bring(air_file(*hours("东站", 35)))
    with sole_writer(tmp_path / "store"), pytest.raises(RuleBrokenError, match=r"measurements\.busy") as caught:
        bring(air_file(*hours("西站", 35)))

    assert "请稍候" in caught.value.sentence()
    assert bring(air_file(*hours("西站", 35))).is_new


@pytest.mark.parametrize("who", ["clerk", "auditor", "supervisor", "leader", "east_admin"])
def test_only_who_may_import_imports(bring, ground, who):
    with pytest.raises(RuleBrokenError, match=r"permission\.missing"):
        bring(air_file(*hours("东站", 35)), by=getattr(ground.district, who))
    assert not queries.has_observations()


def test_an_officer_imports_only_for_their_own_unit(bring, ground):
    with pytest.raises(RuleBrokenError, match=r"permission\.missing"):
        bring(air_file(*hours("东站", 35)), unit=ground.district.west)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "..\\..\\a:b.csv", "a" * 300 + ".csv", ".", "值\x00.csv"])
def test_a_name_that_leads_elsewhere_stays_in_the_data_folder(bring, settings, name):
    up = bring(air_file(*hours("东站", 35)), name=name).upload

    kept = Path(settings.DATA_DIR, up.received.name).resolve()
    assert kept.is_file()
    assert kept.is_relative_to(Path(settings.DATA_DIR, "monitoring").resolve())


def test_what_the_command_line_imported_is_listed_and_can_be_entered(ground, tmp_path):
    file = tmp_path / "行.csv"
    file.write_text(air_file(*hours("东站", 35)), encoding="utf-8")
    with open_frame(file, domain="air") as intake:
        batch = import_frame(tmp_path / "store", intake, recorded_at=AT).batch

    assert [b.upload for b in queries.imports()] == [None]
    done = actions.record_import(
        by=ground.district.officer, at=AT, unit=ground.district.bureau, domain=DomainName.AIR, batch=batch, path=file
    )
    assert done.upload.new == 144
    assert queries.imports()[0].upload == done.upload
    with pytest.raises(RuleBrokenError, match=r"measurements\.batch_unknown"):
        actions.record_import(
            by=ground.district.officer, at=AT, unit=ground.district.bureau, domain=DomainName.AIR, batch="x", path=file
        )


def test_an_upload_is_never_changed(bring):
    up = bring(air_file(*hours("东站", 35))).upload

    with pytest.raises(AppendOnlyError):
        up.save()
    with pytest.raises(AppendOnlyError):
        up.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE monitoring_upload SET rows = 1")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM monitoring_upload")


def test_an_upload_of_no_known_domain_is_refused_by_the_database(bring):
    up = bring(air_file(*hours("东站", 35))).upload
    up.pk, up.batch, up.domain, up._state.adding = None, "other", "soil", True

    with pytest.raises(IntegrityError), transaction.atomic():
        up.save()


# --- what becomes of the values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours_given", "is_valid"), [(19, False), (20, True), (21, True)])
def test_a_day_needs_twenty_hours(bring, ground, hours_given, is_valid):
    bring(air_file(*hours("东站", 35, count=hours_given)))

    row = queries.station_days(ground.east, first=FEBRUARY_1, last=FEBRUARY_1).to_dicts()[0]
    assert (row["pm2_5"] is not None) is is_valid


def test_the_area_is_the_mean_of_the_stations_that_are_evaluated(bring):
    bring(air_file(*hours("东站", 30), *hours("西站", 41), *hours("村站", 300)))

    days = queries.air_days(first=FEBRUARY_1, last=FEBRUARY_1)
    assert days["pm2_5"].item() == 35.5


def test_daily_values_of_a_station_without_hours_count_too(bring, ground):
    header = "day,city,station,pm2_5,pm10,so2,no2,co,o3_8h"
    bring(f"{header}\n2026-02-01,清河区,东站,36,50,8,20,0.5,90\n")
    bring(air_file(*hours("西站", 40)))

    days = queries.station_days(first=FEBRUARY_1, last=FEBRUARY_1)
    assert dict(days.select("station", "pm2_5").iter_rows()) == {"东站": 36.0, "西站": 40.0}
    assert queries.station_days(ground.east, first=FEBRUARY_1, last=FEBRUARY_1)["aqi"].item() is not None
    assert queries.air_days(first=FEBRUARY_1, last=FEBRUARY_1)["pm2_5"].item() == 38


@pytest.mark.parametrize(
    ("tp", "water_class", "is_exceeding"), [("0.20", 3, False), ("0.21", 4, True), ("0.10", 2, False)]
)
def test_a_month_of_a_section_beside_the_class_it_must_keep(bring, tp, water_class, is_exceeding):
    bring(water_file(f"2026-02-03 08:00,{tp}"), domain=DomainName.WATER)

    month = queries.section_classes(FEBRUARY_1)[0]
    assert (month.water_class, month.required_class, month.is_exceeding) == (water_class, 3, is_exceeding)
    assert month.samples == 1
    assert queries.section_classes(FEBRUARY_1.replace(month=1))[0].water_class is None


def test_an_empty_installation_answers_with_nothing(ground):
    assert queries.store_version() == ""
    assert not queries.has_observations()
    assert queries.air_frame(on=FEBRUARY_1) is None
    assert queries.water_frame(on=FEBRUARY_1) is None
    assert queries.imports() == []
    assert queries.rows_behind(ground.east, None, FEBRUARY_1, FEBRUARY_1) == []
    assert queries.air_days(first=FEBRUARY_1, last=FEBRUARY_1).is_empty()
    assert queries.section_classes(FEBRUARY_1)[0].water_class is None


# --- real data ----------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_national_hours_give_the_means_of_the_file(shared_dir, bring, ground):
    path = shared_dir / "data/air_station_hourly_cnemc/station_hourly_2020-03-26_04-08.parquet"
    published = pl.read_parquet(path).filter(pl.col("city") == "无锡")

    body = io.BytesIO()
    published.write_parquet(body)
    done = bring(body.getvalue(), name="无锡.parquet", renames={"pm25": "pm2_5"})

    assert done.upload.rows == published.height
    day = FEBRUARY_1.replace(year=2020, month=3, day=31)
    ours = queries.station_days(first=day, last=day)
    begins = pl.col("time").dt.offset_by("-1h").dt.date()
    theirs = (
        published.filter(begins == day)
        .group_by("station")
        .agg(pl.col("pm25").mean(), pl.col("pm25").count().alias("hours"))
        .filter(pl.col("hours") >= 20)
    )
    assert theirs.height >= 5
    both = theirs.join(ours.select("station", "pm2_5"), on="station")
    assert both.height == theirs.height
    assert both.select((pl.col("pm25") - pl.col("pm2_5")).abs().max()).item() < 1e-6


@pytest.mark.shared
def test_national_samples_arrive_with_their_rows(shared_dir, bring, ground):
    path = shared_dir / "data/water_sections_cnemc/nov_2025_06_08.parquet"
    rows = pl.read_parquet(path).filter(pl.col("tp_mgl").is_not_null()).head(1).to_dicts()[0]
    name = rows["section"]
    place = add_section(ground, name, "N1")
    renames = {"obs_time": "time", "do_mgl": "do", "codmn_mgl": "codmn", "nh3n_mgl": "nh3n", "tp_mgl": "tp"}
    done = bring(path.read_bytes(), name=path.name, domain=DomainName.WATER, renames=renames)

    assert done.upload.rows == 6906
    day = rows["obs_time"].date()
    behind = queries.rows_behind(place, "tp", day, day)
    assert rows["tp_mgl"] in [float(row.value) for row in behind]
    written = pl.read_parquet(path)
    for row in behind:
        there = written.row(row.row - 1, named=True)
        assert (there["section"], there["obs_time"], there["tp_mgl"]) == (name, row.ends_at, float(row.value))


def test_what_is_wrong_with_the_series_of_a_file_is_told_with_its_counts(bring):
    rows = hours("东站", 35)
    done = bring(air_file(*rows, rows[0]))

    said = done.upload.notes_in_words
    assert any("细颗粒物（PM2.5）有 25 个值是长时间不变的重复值" in note for note in said)
    assert any("1 行与同一站点同一时刻的另一行相同" in note for note in said)
    assert "共 25 行 = 无问题 0 + 有标记 25 + 有原因 0 + 无时间或站点 0。" in said


@pytest.mark.parametrize(("co", "word"), [(400, "24 个数值中有 24 个大于 20 mg/m³"), (0.5, "")])
def test_units_off_by_a_thousand_are_refused_in_words(bring, co, word):
    text = air_file(*hours("东站", 35, co=co))
    if not word:
        assert bring(text).upload.new
        return
    with pytest.raises(RuleBrokenError) as refused:
        bring(text)
    assert word in str(refused.value.values)
    assert bring(text, units={"co": "µg/m³"}).upload.new == 144
