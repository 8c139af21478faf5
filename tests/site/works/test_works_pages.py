"""The pages: what they say to whom, what a form leads to, and the sheets that go out and come back."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.site.conftest import AT, DAY
from tests.site.works.conftest import PNG, facts, later, paper, tell

from heqing.works import Kind
from heqing_site.sheets.models import Intake
from heqing_site.works import actions, progress, slips
from heqing_site.works.list_views import read_stages
from heqing_site.works.models import TaskList, Work, WorkTerms
from heqing_site.works.records import Progress, Slip, WorkPaper
from heqing_site.works.rules import Part


@pytest.fixture
def at(monkeypatch):
    """Let the pages see a day."""

    def see(day, hour=1):
        moment = AT + timedelta(days=(day - DAY).days)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    see(DAY)
    return see


def page(person, name, /, *args, **asked):
    client = Client()
    client.force_login(person)
    answer = client.get(reverse(name, args=args), asked)
    return answer.status_code, answer.content.decode(errors="replace")


def send(person, name, /, *args, **said):
    client = Client()
    client.force_login(person)
    answer = client.post(reverse(name, args=args), said)
    return answer.status_code, answer.content.decode()


# --- what is shown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["works", "desk", "board", "timetable", "lists", "slips", "pipelines", "template", "month_sheet"]
)
def test_every_page_opens_without_works_and_with(at, office, put, name):
    assert page(office.town, f"works:{name}")[0] == 200
    put()
    assert page(office.town, f"works:{name}")[0] == 200


def test_who_looks_after_some_matters_adds_lines_and_neither_issues_nor_closes_the_list(at, office, task_list):
    office.maker.grants.update(matters="water")
    text = page(office.maker, "works:list", task_list.number)[1]
    assert "列入一项" in text
    assert "关闭清单" not in text
    office.maker.grants.update(matters="")
    assert "关闭清单" in page(office.maker, "works:list", task_list.number)[1]
    assert "列入一项" not in page(office.town, "works:list", task_list.number)[1]


def test_the_list_says_what_is_behind_and_is_chosen_from(at, office, put):
    put("1"), put("2", pipeline="sewer", title="北岸管网")
    at(date(2027, 1, 5))
    progress.judge_works(at=later(309), on=date(2027, 1, 5))
    status, text = page(office.town, "works:works")
    assert "在办 2 项，其中预警 2 项" in text
    assert "超过完成日 2 项" in text
    for asked, shown in (
        ({"kind": "project"}, True), ({"kind": "task"}, False), ({"q": "北岸"}, True), ({"light": "green"}, False),
        ({"unit": office.east.pk, "late": 1}, True), ({"pillar": "air"}, False), ({"finish": "2026-12"}, True),
        ({"finish": "2026-11"}, False), ({"finish": "毛"}, True), ({"list": "x", "page": "99"}, True),
    ):  # fmt: skip
        status, text = page(office.town, "works:works", **asked)
        assert (status, "北岸管网" in text) == (200, shown), asked


def test_queries_do_not_grow_with_the_list(at, office, put, django_assert_max_num_queries):
    for number in range(12):
        put(str(number), title=f"事项{number}")
    client = Client()
    client.force_login(office.town)
    for name, most in (("works", 20), ("board", 16), ("timetable", 16), ("desk", 36)):
        with django_assert_max_num_queries(most):
            client.get(reverse(f"works:{name}"))


def test_the_page_of_a_work_says_whose_move_it_is(at, office, work):
    status, text = page(office.town, "works:work", work.number)
    assert status == 200
    assert "等东溪镇完成“交办”" in text
    assert "还有 304 天" in text
    assert "清河区区长" in text
    assert "报进展" in text
    status, text = page(office.district.auditor, "works:work", work.number)
    assert "现在没有要您办的。" in text
    assert page(office.town, "works:work", 99)[0] == 404


def test_the_board_counts_by_unit_and_month_and_opens(at, office, put):
    put("1", planned_finish=date(2026, 6, 30)), put("2")
    _, text = page(office.town, "works:board", year=2026)
    assert "2026 年计划完成 2 项" in text
    assert "finish=2026-06" in text
    assert page(office.town, "works:board", year=2025)[1].count("没有在办或办结") == 1
    assert "东溪镇" in page(office.town, "works:board", year=2026, by="acting")[1]


# --- what is sent -------------------------------------------------------------------------------------------------


def test_a_stage_is_moved_by_the_page_and_what_is_refused_is_told(at, office, work):
    seen = work.version
    assert send(office.town, "works:act", work.number, "advance", seen=seen, **{"advance-note": ""})[0] == 302
    status, text = send(office.town, "works:act", work.number, "advance", seen=seen + 1, **{"advance-note": ""})
    assert status == 409
    assert "还缺材料：办理结果佐证" in text
    status, text = send(office.town, "works:act", work.number, "drop", seen=seen + 1, **{"drop-note": "误列"})
    assert status == 403
    assert send(office.town, "works:act", work.number, "dance")[0] == 404


def test_a_paper_comes_by_the_page_and_opens(at, office, work):
    file = SimpleUploadedFile("现场.png", PNG)
    said = {"paper-paper": "result", "paper-issued_on": str(DAY), "paper-paper_number": "1", "paper-file": file}
    assert send(office.town, "works:add_paper", work.number, **said)[0] == 302
    client = Client()
    client.force_login(office.town)
    answer = client.get(reverse("works:paper", args=[WorkPaper.objects.get().pk]))
    assert b"".join(answer.streaming_content) == PNG
    broken = {**said, "paper-file": SimpleUploadedFile("现场.exe", PNG)}
    assert send(office.town, "works:add_paper", work.number, **broken)[0] == 409


def test_progress_is_told_on_the_phone_and_checked_on_the_page(at, office, work):
    at(date(2026, 4, 3))
    status, text = page(office.town, "works:desk")
    assert "2026 年 3 月进展还有 1 项没报，4 月 5 日截止，还有 2 天" in text
    assert "2026 年 3 月做到了多少？" in page(office.town, "works:report", work.number)[1]
    said = {"month": "2026-03", "percent": "12", "words": "完成放样", "outlook": "able", "problem": ""}
    status, text = send(office.town, "works:report", work.number, **said)
    assert (status, "请写明困难" in text) == (409, True)
    said |= {"problem": "管线迁改", "files": SimpleUploadedFile("现场.png", PNG)}
    assert send(office.town, "works:report", work.number, **said)[0] == 302
    row = Progress.objects.get()
    assert (row.percent, row.files.count(), row.is_late) == (Decimal(12), 1, False)

    assert "等我核查的进展" in page(office.checker, "works:desk")[1]
    assert send(office.checker, "works:check", row.pk, accept="1", words="属实")[0] == 302
    assert "核查通过：属实" in page(office.town, "works:work", work.number)[1]


def test_a_slip_is_drawn_up_issued_printed_answered_on_pages(at, office, work):
    said = {"slip-colour": "blue", "slip-words": "请抓紧"}
    assert send(office.checker, "works:draw_up_slip", work.number, **said)[0] == 302
    slip = Slip.objects.get()
    status, text = page(office.checker, "works:slip", slip.number)
    assert "等督查人员签发" in text
    assert send(office.checker, "works:act_on_slip", slip.number, "issue", seen=1)[0] == 302
    assert "蓝色督办单" in page(office.town, "works:desk")[1]
    status, text = send(office.town, "works:act_on_slip", slip.number, "answer", seen=2)
    assert status == 409
    assert send(office.town, "works:act_on_slip", slip.number, "answer", seen=2, **{"answer-note": "已加派"})[0] == 302
    assert "待审定" in page(office.checker, "works:slips")[1]
    assert page(office.checker, "works:slip", 77)[0] == 404


def test_a_list_and_a_line_are_made_on_pages_by_who_may(at, office):
    said = {"name": "治气清单", "kind": "key", "year": "2026", "issuer": office.district.district.pk, "source": ""}
    assert send(office.town, "works:lists", **said)[0] == 422  # the unit is not among theirs
    assert send(office.maker, "works:lists", **said)[0] == 302
    made = TaskList.objects.get()
    line = {
        "item": "1", "kind": "task", "pipeline": "task", "title": "餐饮油烟", "pillar": "air",
        "lead_unit": office.bureau.pk, "fund_district": "12.50",
    }  # fmt: skip
    assert send(office.maker, "works:new", made.number, **line)[0] == 302
    work = Work.objects.get()
    assert (work.money_by_fund, work.state) == ({"district": "12.5"}, "draft")
    assert send(office.maker, "works:new", made.number, **line)[0] == 409
    change = {**line, "title": "餐饮油烟监控", "because": "改名", "seen": work.version}
    assert send(office.maker, "works:amend", work.number, **change)[0] == 302
    assert WorkTerms.objects.filter(work=work).count() == 2
    assert page(office.maker, "works:amend", work.number)[0] == 200


def test_a_pipeline_is_declared_on_the_page(at, office):
    stages = "摸排｜40｜10 个工作日｜开工｜摸排表、照片\n完工｜60｜30 日｜竣工｜"
    said = {"name": "涵洞整治", "kind": "both", "stages": stages, "because": "通知"}
    assert send(office.maker, "works:pipelines", **said)[0] == 302
    assert "涵洞整治" in page(office.maker, "works:pipelines")[1]
    status, text = send(office.maker, "works:pipelines", **{**said, "name": "又一个", "stages": "摸排，一半"})
    assert (status, "第 1 行" in text) == (409, True)
    read, papers = read_stages(stages)
    assert [(row["name_zh"], row["days"], row["counting"], row["milestone"]) for row in read] == [
        ("摸排", 10, "working", "start"), ("完工", 30, "calendar", "finish"),
    ]  # fmt: skip
    assert [row["name_zh"] for row in papers] == ["摸排表", "照片"]


# --- sheets -------------------------------------------------------------------------------------------------------


def bring(person, name, *args, content=b"", pasted="", **said):
    more = {"file": SimpleUploadedFile("表.xlsx", content)} if content else {"pasted": pasted}
    assert send(person, name, *args, **more, **said)[0] == 302
    return Intake.objects.order_by("-pk")[0]


HEADS = ["序号", "类别", "名称", "领域", "流程", "牵头单位", "承办单位", "核查单位", "主要领导", "分管领导", "计划开工",
         "计划完成", "资金来源", "配合单位"]  # fmt: skip
LINE = ["1", "项目", "北岸管网", "治水", "雨污管网与污水处理厂", "清河区生态环境局", "东溪镇", "清河区督查室", "清河区区长",  # noqa: E501
        "清河区副区长", "2026-03-02", "2026-12-31", "省级 100、社会资本 20", "西塘镇"]  # fmt: skip


def pasted(*lines):
    return "\n".join("\t".join(line) for line in (HEADS, *lines))


def test_a_whole_list_comes_from_a_sheet_each_row_for_itself(at, office, task_list):
    wrong_unit = ["2", *LINE[1:5], "没有的局", *LINE[6:]]
    checks_itself = ["3", *LINE[1:7], "东溪镇", *LINE[8:]]
    draft = ["4", *LINE[1:8], "", *LINE[9:]]
    taken = bring(office.maker, "works:bring", task_list.number, pasted=pasted(LINE, wrong_unit, checks_itself, draft))
    assert (taken.taken, len(taken.rejected)) == (2, 2)
    assert "没有的局" in str(taken.rejected[0]["faults"])
    assert "不能由它核查" in str(taken.rejected[1]["faults"])
    work = Work.objects.get(item="1")
    assert (work.state, work.money_by_fund) == ("active", {"province": "100", "private": "20"})
    assert [(row.unit, row.part) for row in work.parts.all()] == [(office.district.west, Part.WITH.value)]
    assert Work.objects.get(item="4").state == "draft"

    again = bring(office.maker, "works:bring", task_list.number, pasted=pasted(LINE))
    assert (again.taken, again.unchanged) == (0, 1)
    changed = bring(
        office.maker, "works:bring", task_list.number, pasted=pasted([*LINE[:2], "北岸管网改造", *LINE[3:]])
    )
    assert changed.taken == 1
    other = bring(office.maker, "works:bring", task_list.number, pasted=pasted(["1", "任务", *LINE[2:]]))
    assert "不能在导入时更改" in str(other.rejected)


def test_what_goes_out_comes_back_unchanged(at, office, task_list):
    bring(office.maker, "works:bring", task_list.number, pasted=pasted(LINE, ["4", *LINE[1:8], "", *LINE[9:]]))
    client = Client()
    client.force_login(office.maker)
    content = client.get(reverse("works:sheet", args=[task_list.number])).content
    back = bring(office.maker, "works:bring", task_list.number, content=content)
    assert (back.taken, back.unchanged, back.rejected) == (0, 2, [])


def test_a_month_goes_out_and_comes_back(at, office, put):
    first, second = put("1"), put("2", title="另一项")
    at(date(2026, 4, 2))
    client = Client()
    client.force_login(office.town)
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("works:month_sheet")).content))
    sheet = book.worksheets[0]
    head = next(row for row in range(1, 12) if sheet.cell(row, 1).value == "编号")
    columns = {sheet.cell(head, n).value: n for n in range(1, 12)}
    for row in (head + 1, head + 2):
        sheet.cell(row, columns["完成百分比"]).value = 15
        sheet.cell(row, columns["进展"]).value = "完成放样"
    sheet.cell(head + 2, columns["完成百分比"]).value = 150
    kept = io.BytesIO()
    book.save(kept)
    taken = bring(office.town, "works:bring_month", content=kept.getvalue(), month="2026-03")
    assert (taken.taken, len(taken.rejected)) == (1, 1)
    assert Progress.objects.get().work_id in (first.pk, second.pk)


# --- panels, API --------------------------------------------------------------------------------------------------


def test_the_page_of_a_target_names_who_works_for_it(at, office, put, target):
    aim = target()
    put("1", targets=[aim])
    assert "哪些任务和项目在做？" in page(office.maker, "ledger:target", aim.number)[1]


def test_a_person_sees_on_the_home_page_what_is_theirs(at, office, work):
    at(date(2026, 4, 6))
    tell(office, work, date(2026, 3, 1), 3, later(35))
    slip = slips.issue_slip(by=office.checker, at=later(35), slip=slips.propose_slip(
        by=office.checker, at=later(35), work=work, words="请抓紧"))  # fmt: skip
    text = page(office.town, "home")[1]
    assert "1 张督办单等您回复、签发或审定。" in text
    assert slip.state == "issued"
    assert "1 项任务和项目还没报进展" in page_of_next_month(at, office)


def page_of_next_month(at, office):
    at(date(2026, 5, 2))
    return page(office.town, "home")[1]


def test_papers_stand_on_the_line_of_stages(at, office, put):
    work = put(pipeline="land_start")
    actions.advance(by=office.town, at=later(1), work=work)
    paper(office, work, "land_contract", 1)
    at(DAY + timedelta(days=3))
    text = page(office.town, "works:work", work.number)[1]
    assert "拿地到开工：已过 3 天，尚未开工，目标 0 天" in text
    assert "land_contract-1" in text
    assert facts(office)["pillar"] == "water"
    assert Kind.PROJECT.value == work.kind
