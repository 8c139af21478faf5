"""Pages: every one opens, says the key sentence, and the whole way of an entry and of a new kind can be walked."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.site.registers.conftest import PHOTO, Office, built, entered

from heqing.registers import shipped_kinds
from heqing_site.orgs.models import User
from heqing_site.registers.models import Entry, RegisterKind
from heqing_site.sheets.models import Intake


def browser(user: User) -> Client:
    """Log somebody in."""
    client = Client()
    client.force_login(user)
    return client


def said(response: Any) -> str:
    """Give the text of a page."""
    return response.content.decode()


@pytest.fixture
def town(office: Office) -> Client:
    """The browser of the town's officer."""
    return browser(office.town_officer)


def test_the_home_page_lists_the_kinds_and_finds_entries(office: Office, town: Client):
    entered(office)

    page = said(town.get("/registers/?q=东溪"))

    assert "台账里记着什么？" in said(town.get("/registers/"))
    assert "东溪中学" in page


@pytest.mark.parametrize("key", sorted(shipped_kinds(date(2026, 3, 2))))
def test_every_shipped_kind_can_be_listed_entered_counted_and_read(office: Office, town: Client, key: str):
    for path in (f"of/{key}/", f"of/{key}/add/", f"of/{key}/bring/", f"of/{key}/counts/", f"kinds/{key}/"):
        response = town.get(f"/registers/{path}")
        form = shipped_kinds(date(2026, 3, 2))[key]
        assert response.status_code == (404 if "counts" in path and not form.counts else 200), path
    assert town.get(f"/registers/of/{key}/empty.xlsx").status_code == 200
    assert town.get(f"/registers/of/{key}/register.xlsx").status_code == 200


def test_an_entry_goes_from_the_form_to_the_count(office: Office, town: Client):
    typed = {"unit": office.town.pk, "f-name": "东溪中学", "f-sort": "学校"}
    response = town.post("/registers/of/zero_waste_cells/add/", typed)
    assert response.url == "/registers/of/zero_waste_cells/1/"
    assert "待生态环境部门认定，现在不计数" in said(town.get(response.url))

    checker = browser(office.supervisor)
    page = said(checker.get(response.url))
    assert "认定建成" in page
    done = checker.post(
        "/registers/of/zero_waste_cells/1/do/move-certify/",
        {"seen": 1, "f-done_on": "2026-03-03", "note": "", "files": SimpleUploadedFile("现场.png", PHOTO.content)},
    )
    assert done.status_code == 302, said(done)

    assert "已建成" in said(town.get("/registers/of/zero_waste_cells/"))
    counted = said(town.get("/registers/of/zero_waste_cells/counts/?year=2026"))
    assert "2026 年 1 个" in counted


def test_what_is_wrong_is_told_beside_its_box_and_keeps_what_was_typed(office: Office, town: Client):
    response = town.post(
        "/registers/of/honours/add/", {"unit": office.town.pk, "f-name": "示范区", "f-sort": "奖", "f-level": "省级"}
    )

    page = said(response)
    assert response.status_code == 422
    assert "不在选项之中" in page
    assert 'value="示范区"' in page
    assert not Entry.objects.exists()


def test_a_refused_move_is_told_beside_its_form(office: Office, town: Client):
    entered(office)
    response = town.post("/registers/of/zero_waste_cells/1/do/move-revoke/", {"seen": 1, "note": ""})

    assert response.status_code == 409
    assert "要写明理由" in said(response)


def test_an_entry_is_corrected_struck_confirmed_and_given_back_by_its_pages(office: Office, town: Client):
    built(office)
    page = said(town.get("/registers/of/zero_waste_cells/1/correct/"))
    assert "哪里要更正" in page
    changed = {
        "unit": office.town.pk,
        "seen": 2,
        "note": "补录",
        "f-name": "东溪中学",
        "f-sort": "学校",
        "f-score": "90",
    }
    assert town.post("/registers/of/zero_waste_cells/1/correct/", changed).status_code == 302
    checker = browser(office.officer)
    assert "各项属实吗？" in said(checker.get("/registers/of/zero_waste_cells/1/"))
    assert checker.post("/registers/of/zero_waste_cells/1/do/confirm/", {"seen": 3}).status_code == 302
    back = checker.post("/registers/of/zero_waste_cells/1/do/return/", {"seen": 4, "note": "照片不清"})
    assert back.status_code == 302
    assert town.post("/registers/of/zero_waste_cells/1/do/strike/", {"seen": 5, "note": "登错"}).status_code == 302
    final = said(town.get("/registers/of/zero_waste_cells/1/"))
    assert "已作废" in final
    assert "自评分：（无） → 90 分" in final


def test_pages_of_others_and_of_nothing_are_not_found(town: Client, office: Office):
    for path in ("of/nothing/", "of/honours/7/", "kinds/nothing/", "evidence/9/", "of/honours/7/correct/"):
        assert town.get(f"/registers/{path}").status_code == 404
    entered(office)
    assert town.post("/registers/of/zero_waste_cells/1/do/nothing/", {}).status_code == 404


def test_the_register_of_a_day_is_shown(office: Office, town: Client):
    built(office, days=5)

    assert "创建中" in said(town.get("/registers/of/zero_waste_cells/?day=2026-03-03"))
    assert "2026-03-01 当天的台账，共 0 条" in said(town.get("/registers/of/zero_waste_cells/?day=2026-03-01"))


# --- Excel ----------------------------------------------------------------------------------------------------------


def test_what_goes_out_comes_back_and_changes_nothing(office: Office, town: Client):
    entered(office)
    entered(office, "honours", name="低碳试点", sort="试点", level="省级", rank="*")
    for kind in ("zero_waste_cells", "honours"):
        out = town.get(f"/registers/of/{kind}/register.xlsx").content
        town.post(f"/registers/of/{kind}/bring/", {"file": SimpleUploadedFile("册.xlsx", out)})
        intake = Intake.objects.order_by("-pk")[0]
        assert (intake.taken, intake.unchanged, intake.rejected) == (0, 1, []), kind
    assert Entry.objects.get(kind="honours").steps_taken == 1


def test_a_sheet_enters_corrects_and_tells_what_it_does_not_take(office: Office, town: Client):
    entered(office)
    lines = [
        "编号\t所属单位\t细胞名称\t类型\t自评分\t更正理由",
        "\t东溪镇\t东溪医院\t医院\t80\t",
        "1\t东溪镇\t东溪中学\t学校\t91\t复评",
        "\t东溪镇\t东溪茶馆\t茶馆\t80\t",
        "\t东溪镇\t东溪小学\t学校\t很高\t",
        "\t没有的镇\t东溪小学\t学校\t80\t",
        "9\t东溪镇\t东溪小学\t学校\t80\t",
    ]
    town.post("/registers/of/zero_waste_cells/bring/", {"pasted": "\n".join(lines)})

    intake = Intake.objects.get()
    assert intake.taken == 2
    assert len(intake.rejected) == 4
    faults = [row["faults"][0] for row in intake.rejected]
    assert [fault["column"] for fault in faults] == ["类型", "自评分", "所属单位", "编号"]
    assert Entry.objects.get(number=1).values["score"] == "91"


# --- declaring ------------------------------------------------------------------------------------------------------

CELLS = {
    "kinds-0-kind": "pocket_parks", "kinds-0-name_zh": "口袋公园", "kinds-0-pillar": "land",
    "kinds-0-about": "新建口袋公园",
    "fields-0-label_zh": "公园名称", "fields-0-type": "text", "fields-0-needed": "是", "fields-0-role": "标题",
    "fields-1-label_zh": "建成日期", "fields-1-type": "day", "fields-1-role": "统计日",
    "fields-2-label_zh": "面积", "fields-2-type": "area", "fields-2-unit": "亩", "fields-2-role": "数量",
    "states-0-name_zh": "在建", "states-1-name_zh": "建成", "states-1-counts": "是",
    "moves-0-name_zh": "完工", "moves-0-from_states": "在建", "moves-0-to_state": "建成", "moves-0-fields": "建成日期",
    "counts-0-name_zh": "口袋公园数", "counts-0-unit": "个", "counts-0-what": "count", "counts-0-by_day": "是",
    "counts-1-name_zh": "口袋公园面积", "counts-1-unit": "亩", "counts-1-what": "sum", "counts-1-field": "面积",
}  # fmt: skip


def test_an_officer_declares_a_kind_by_the_form_and_uses_it(office: Office):
    admin, town = browser(office.admin), browser(office.town_officer)
    page = said(admin.post("/registers/kinds/declare/", {**CELLS, "do": "preview"}))
    assert "预览：登记“口袋公园”时是这样" in page
    assert not RegisterKind.objects.exists()

    stored = page.split('name="stored" value="')[1].split('"')[0].replace("&quot;", '"')
    response = admin.post(
        "/registers/kinds/declare/", {"do": "use", "stored": stored, "seen": 0, "because": "区长办公会决定"}
    )
    assert response.url == "/registers/of/pocket_parks/"

    typed = {"unit": office.town.pk, "f-f1": "东溪口袋公园", "f-f3": "2.5"}
    assert town.post("/registers/of/pocket_parks/add/", typed).status_code == 302
    done = {"seen": 1, "f-f2": "2026-03-02"}
    assert town.post("/registers/of/pocket_parks/1/do/move-m1/", done).status_code == 302
    assert "2026 年 1 个" in said(town.get("/registers/of/pocket_parks/counts/?year=2026"))
    assert "口袋公园" in said(town.get("/registers/"))


def test_faults_of_a_declaration_name_sheet_row_and_column(office: Office):
    spoiled = CELLS | {"fields-1-type": "天", "moves-0-to_state": "完成", "counts-0-unit": "", "kinds-0-kind": "Parks"}
    response = browser(office.admin).post("/registers/kinds/declare/", {**spoiled, "do": "preview"})

    page = said(response)
    assert response.status_code == 422
    assert "“字段”表第 2 行“类型”：没有“天”这一种。" in page
    assert "“步骤”表第 1 行“到哪个状态”：没有“完成”" in page
    assert "“类别”表第 1 行“代码”：代码“Parks”不对" in page


def test_only_whoever_may_declares(office: Office):
    response = browser(office.town_officer).post("/registers/kinds/declare/", {**CELLS, "do": "preview"})

    assert response.status_code == 403


def test_a_workbook_goes_out_and_declares_a_new_version(office: Office):
    admin = browser(office.admin)
    out = admin.get("/registers/kinds/zero_waste_cells/kind.xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(out))
    sheet = book["字段"]
    sheet.append(["visits", "参观人次", "", "整数", "", "", "人次"])
    changed = io.BytesIO()
    book.save(changed)
    url = "/registers/kinds/zero_waste_cells/declare/"
    page = said(admin.post(url, {"file": SimpleUploadedFile("类别.xlsx", changed.getvalue())}))
    assert "预览" in page, page
    assert "参观人次" in page
    stored = page.split('name="stored" value="')[1].split('"')[0].replace("&quot;", '"')
    entered(office)
    assert admin.post(url, {"do": "use", "stored": stored, "seen": 0, "because": "加一项"}).status_code == 302

    old, new = Entry.objects.get(), entered(office, name="东溪小学", sort="学校", visits="30")
    assert (old.version, new.version, new.values["visits"]) == (0, 1, "30")
    assert old.form.field_named("visits") is None


def test_a_file_that_is_no_declaration_is_refused(office: Office):
    response = browser(office.admin).post(
        "/registers/kinds/declare/", {"file": SimpleUploadedFile("类别.xlsx", b"PK\x03\x04 nothing")}
    )

    assert response.status_code == 422
    assert "读不出台账类别" in said(response)


def test_a_kind_is_retired_and_its_entries_stay(office: Office, town: Client):
    entered(office)
    admin = browser(office.admin)
    assert admin.post("/registers/kinds/zero_waste_cells/retire/", {"because": ""}).status_code == 302
    assert not RegisterKind.objects.exists()
    admin.post("/registers/kinds/zero_waste_cells/retire/", {"because": "并入新台账"})

    page = said(town.get("/registers/of/zero_waste_cells/"))
    assert "已停用" in page
    assert "东溪中学" in page
    response = town.post(
        "/registers/of/zero_waste_cells/add/", {"unit": office.town.pk, "f-name": "东溪小学", "f-sort": "学校"}
    )
    assert "已停用" in said(response)
    again = admin.post("/registers/kinds/zero_waste_cells/retire/", {"because": "再停"})
    assert any("已停用" in str(message) for message in get_messages(again.wsgi_request))
    assert RegisterKind.objects.count() == 1


# --- size -----------------------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_rows(office: Office, town: Client, django_assert_max_num_queries: Any):
    for number in range(30):
        entered(office, name=f"东溪 {number} 号", sort="学校")
    with django_assert_max_num_queries(32):
        town.get("/registers/of/zero_waste_cells/")
    with django_assert_max_num_queries(24):
        town.get("/registers/")


def test_words_get_a_box_that_grows_and_a_title_one_line(office, open_as):
    page = open_as(office.officer).get("/registers/of/honours/add/").content.decode()

    assert '<textarea id="f-body"' in page
    assert '<textarea id="f-name"' not in page
    assert 'id="f-name"' in page
