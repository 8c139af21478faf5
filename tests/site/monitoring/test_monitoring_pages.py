"""The pages of monitoring: forms that act without scripts, refusals in words, values that lead to their rows."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from tests.site.monitoring.conftest import FEBRUARY_1, add_section, add_station, air_file, hours, water_file

from heqing_site.monitoring import shown
from heqing_site.monitoring.models import Upload
from heqing_site.monitoring.rules import DomainName, in_chinese, note_in_chinese, parse_pairs, safe_name

NOW = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
HOME = "/monitoring/"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def text(response) -> str:
    return response.content.decode()


def sent(ground, content: str | bytes, name="二月.csv", **more):
    body = content if isinstance(content, bytes) else content.encode()
    return {"domain": "air", "unit": ground.district.bureau.pk, "file": SimpleUploadedFile(name, body), **more}


def test_an_officer_imports_a_file_and_sees_what_became_of_it(ground, open_as):
    browser = open_as(ground.district.officer)
    bad = "2026-02-02 01:00,清河区,东站,=cmd(),40,8,20,0.5,60"

    answer = browser.post(HOME, sent(ground, air_file(*hours("东站", 35), bad)), follow=True)

    page = text(answer)
    assert "已导入“二月.csv”25 行：新增 149 个值，更正 0 个，与已有相同 0 个，未收 1 处。" in page
    assert "第 26 行 pm2_5 列" in page
    assert "细颗粒物（PM2.5） 不是数字，按缺测处理。" in page
    assert "下载 Excel" in page
    up = Upload.objects.get()
    assert b"".join(browser.get(f"{HOME}imports/{up.batch}/file").streaming_content).decode().startswith("time,city")
    table = text(browser.get(f"{HOME}imports/{up.batch}/rejects.csv"))
    assert "'=cmd()" in table
    sheet = load_workbook(io.BytesIO(browser.get(f"{HOME}imports/{up.batch}/rejects.xlsx").content)).active
    assert [cell.value for cell in sheet[2]][:3] == ["二月.csv", 26, "pm2_5"]
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("=cmd()", "s")
    assert "二月.csv" in text(browser.get(HOME))


def test_the_same_form_sent_twice_says_so(ground, open_as):
    browser = open_as(ground.district.officer)
    browser.post(HOME, sent(ground, air_file(*hours("东站", 35))))

    page = text(browser.post(HOME, sent(ground, air_file(*hours("东站", 35))), follow=True))

    assert "以前导入过，数据没有变化" in page
    assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "name", "more", "sentence"),
    [
        (b"%PDF-1.7", "报告.pdf", {}, "这是 PDF 文件"),
        (b"", "空.csv", {}, "空文件"),
        ("时间,站点,PM2.5\n2026-02-01 01:00,东站,3\n", "值.csv", {}, "缺少列"),
        (air_file(*hours("东站", 35)), "值.csv", {"renames": "PM2.5"}, "看不懂"),
        (air_file(*hours("东站", 35)), "值.csv", {"renames": "没有=pm10"}, "不是文件里的列"),
        (air_file(*hours("东站", 35)), "值.csv", {"domain": "soil"}, "errorlist"),
    ],
)
def test_what_cannot_be_imported_is_said_beside_the_form(ground, open_as, content, name, more, sentence):
    answer = open_as(ground.district.officer).post(HOME, sent(ground, content, name, **more))

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Upload.objects.exists()


def test_a_script_in_a_name_or_a_value_stays_text(ground, open_as):
    browser = open_as(ground.district.officer)
    bad = "2026-02-02 01:00,清河区,东站,<script>alert(2)</script>,40,8,20,0.5,60"

    page = text(browser.post(HOME, sent(ground, air_file(bad), "<script>alert(1)</script>.csv"), follow=True))

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(2)" in page


def test_who_may_not_import_sees_the_list_and_no_form(ground, open_as, bring):
    bring(air_file(*hours("东站", 35)))
    browser = open_as(ground.district.clerk)

    page = text(browser.get(HOME))
    assert "您没有“监测数据导入”权限" in page
    assert "值.csv" in page
    assert browser.post(HOME, sent(ground, air_file(*hours("西站", 35)))).status_code == 403


def test_another_unit_is_not_offered_and_not_taken(ground, open_as):
    answer = open_as(ground.district.officer).post(
        HOME, sent(ground, air_file(*hours("东站", 35)), unit=ground.district.west.pk)
    )
    assert answer.status_code == 422
    assert not Upload.objects.exists()


def test_templates_are_read_by_the_doors_themselves(ground, open_as, bring):
    browser = open_as(ground.district.officer)
    for domain in DomainName:
        given = browser.get(f"{HOME}templates/{domain}.csv").content
        done = bring(given, domain=domain, name=f"{domain}.csv")
        assert (done.upload.rows, done.upload.rejects) == (1, 0)
        assert done.upload.new >= 6
    assert browser.get(f"{HOME}templates/soil.csv").status_code == 404


def test_a_day_of_stations_with_level_and_primary_pollutant(ground, open_as, bring):
    bring(air_file(*hours("东站", 100), *hours("西站", 30), "2026-02-01 01:00,清河区,野站,3,4,8,20,0.5,60"))

    page = text(open_as(ground.district.clerk).get(f"{HOME}stations/"))

    assert "2026-02-01，2 个站参与评价" in page
    level = shown.levels(FEBRUARY_1)[3]
    assert f'style="{level.style}"' in page
    assert "轻度污染" in page
    assert "“清河区野站”" in page
    assert "不在站点名录中" in page
    assert "没有" in page  # the village's station has no values


def test_a_year_of_a_station_leads_to_the_row_of_the_file(ground, open_as, bring):
    bring(air_file(*hours("东站", 35)), name="初报.csv")
    bring(air_file(*hours("东站", 36, count=1)), name="更正.csv")
    browser = open_as(ground.district.clerk)

    year = text(browser.get(f"{HOME}stations/{ground.east.pk}/"))
    address = f"{HOME}stations/{ground.east.pk}/2026-02-01/"
    assert f'href="{address}"' in year
    assert "1 天有评价，优良 1 天" in year
    page = text(browser.get(address + "?item=pm2_5"))
    assert "初报.csv</a> 第 2 行" in page
    assert "更正.csv</a> 第 2 行" in page
    assert "已被更正取代" in page
    assert "<s>35</s>" in page
    assert "24" in page


def test_a_month_of_a_section_leads_to_its_rows(ground, open_as, bring):
    bring(water_file("2026-02-03 08:00,0.21", "2026-02-04 08:00,0.25"), domain=DomainName.WATER, name="水.csv")
    browser = open_as(ground.district.clerk)

    ribbon = text(browser.get(f"{HOME}sections/"))
    assert "2026-02：1 个断面有评价，1 个劣于目标" in ribbon
    assert "Ⅳ类 ■" in ribbon
    whole = text(browser.get(f"{HOME}sections/{ground.section.pk}/"))
    assert "劣于目标" in whole
    assert "总磷" in whole
    page = text(browser.get(f"{HOME}sections/{ground.section.pk}/2026-02/"))
    assert "水.csv</a> 第 2 行" in page
    assert "水.csv</a> 第 3 行" in page
    assert "总磷 的原始数据" in page
    assert "0.230" in page


@pytest.mark.parametrize(
    "address",
    ["stations/{s}/2026-02-30/", "stations/{s}/x/", "sections/{w}/2026-13/", "stations/999/", "sections/999/",
     "imports/none/", "imports/none/rejects.csv", "imports/none/file"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(ground, open_as, address):
    found = address.format(s=ground.east.pk, w=ground.section.pk)
    assert open_as(ground.district.clerk).get(HOME + found).status_code == 404


@pytest.mark.parametrize("address", ["", "stations/", "stations/{s}/", "stations/{s}/2026-02-01/", "area/", "sections/",
    "sections/{w}/", "sections/{w}/2026-02/", "stations/?day=2026-02-99", "stations/{s}/?year=99999&item=zz",
    "sections/?month=zz", "sections/{w}/2026-02/?item=zz", "?page=99&domain=zz"])  # fmt: skip
def test_pages_open_before_anything_was_imported(ground, open_as, address):
    found = address.format(s=ground.east.pk, w=ground.section.pk)
    assert open_as(ground.district.officer).get(HOME + found).status_code == 200


def test_lists_ask_no_more_when_they_grow(ground, open_as, bring):
    def asked() -> list[int]:
        found = []
        for address in ("", "stations/", "sections/", f"stations/{ground.east.pk}/", f"sections/{ground.section.pk}/"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(HOME + address).status_code == 200
            found.append(len(queries))
        return found

    browser = open_as(ground.district.officer)
    bring(air_file(*hours("东站", 30)), name="0.csv")
    bring(water_file("2026-02-03 08:00,0.21"), domain=DomainName.WATER)
    few = asked()
    for number in range(1, 5):
        bring(air_file(*hours("东站", 30 + number)), name=f"{number}.csv")
        add_station(ground, f"新站{number}", f"N{number}")
        add_section(ground, f"新断面{number}", f"M{number}")
    assert asked() == few
    assert max(few) <= 16


# --- words --------------------------------------------------------------------------------------------------------


def test_pairs_are_read_as_people_write_them():
    assert parse_pairs("PM2.5=pm2_5，时间＝time\nco = µg/m³") == ({"PM2.5": "pm2_5", "时间": "time", "co": "µg/m³"}, [])
    assert parse_pairs("PM2.5") == ({}, ["PM2.5"])


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a/b/c.csv", "c.csv"), ("C:\\x\\小时.csv", "小时.csv"), ("..", "file"), ("a?b*.csv", "a_b_.csv"), ("", "file")],
)
def test_names_are_made_safe(name, safe):
    assert safe_name(name) == safe


def test_a_sentence_nobody_knows_is_given_as_it_is():
    assert in_chinese("something new") == "something new"
    assert note_in_chinese("something new") == "something new"


def test_how_a_file_was_read_is_said_in_chinese(ground, open_as):
    browser = open_as(ground.district.officer)
    rows = "time,city,station,PM2.5,co\n2026-02-01 24:00,清河区,东站,35,500\n\n\n".encode("gb18030")

    page = text(browser.post(HOME, sent(ground, rows, "PDF 转的.csv", units="co=ug/m3"), follow=True))

    for said in (
        "按 GB18030 编码读取。",
        "1 行的时刻写作 24 时，按次日 0 时读取。",
        "co 列已由 ug/m3 换算为 mg/m³。",
        "PM2.5 列像是 pm2_5，没有读取。如需读取，请在“列名对应”或“单位”里写：PM2.5=pm2_5。",
        "文件末尾的 2 行空行已略过。",
    ):
        assert said in page
    assert " is read" not in page


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("too_few_hours(so2,co)", "二氧化硫（SO2）、一氧化碳（CO） 的有效小时数不足。"),
        ("not_a_number(nh3n)", "氨氮（NH3-N） 不是数字，按缺测处理。"),
        ("no_place(section)", "断面名称 为空，不知是哪个点位或断面，未入库。"),
        ("unconfirmed_rows(HJ 663-2013 6.1)", "依据的条款或数值未经核实（HJ 663-2013 6.1）。"),
        ("bad_time", "时间无法识别，未评价。"),
    ],
)
def test_reasons_name_items_as_officers_do(reason, said):
    assert shown.in_words(reason) == said


def test_words_stand_out_on_every_colour():
    def bright(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for level in [*shown.levels(date(2026, 3, 2)).values(), *shown.classes().values()]:
        low, high = sorted((bright(level.ink), bright(level.colour)))
        assert (high + 0.05) / (low + 0.05) >= 3.5, level


def test_a_year_has_every_day_once_and_none_after_the_last():
    grid = shown.year_grid([], 2024, last=date(2024, 3, 1))
    days = [cell.day for month in grid for week in month.weeks for cell in week if cell]
    assert len(days) == len(set(days)) == 31 + 29 + 1
