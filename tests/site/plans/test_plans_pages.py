"""The pages of plans: the answer first, lists with their chains, forms without scripts, sheets there and back."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.site.conftest import AT
from tests.site.plans.conftest import PNG, done, drafted, finished, in_force, later, months, written

from heqing.plans import Deed, State
from heqing_site.ledger.models import Target
from heqing_site.plans import actions, queries
from heqing_site.plans.lists import put_item
from heqing_site.plans.models import Plan, PlanItem, PlanStep
from heqing_site.sheets.models import Intake


@pytest.fixture
def clock(monkeypatch):
    """Set the clock to so many days after the district was set up."""

    def put(days):
        monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(days=days))

    put(0)
    return put


@pytest.fixture(autouse=True)
def _clock(clock):
    """Stand still."""


def text(response) -> str:
    return response.content.decode()


def address(plan, name="plan", *more):
    return reverse(f"plans:{name}", args=[plan.number, *more])


def test_the_page_answers_first_whether_the_water_got_better(bank, plan, water, open_as, clock):
    water(months(2025, 0.35) | months(2026, 0.15))
    finished(bank, plan)
    clock(246)
    page = text(open_as(bank.district.clerk).get(address(plan)))
    assert "水质变好了：东溪桥同期类别由Ⅴ类变为Ⅲ类。" in page
    assert page.index("水质有没有变好") < page.index("每月是几类水") < page.index("每个问题落到了谁身上")
    assert "建议值" in page
    assert "总磷 0.350 → 0.150（降 57.1%）" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "评估期到 2026-10-31 为止，现在还不能判断"),
        (months(2025, 0.28) | months(2026, 0.28), "水质没有变好：东溪桥类别仍为Ⅳ类"),
    ],
)
def test_what_is_not_better_is_said_so(bank, plan, water, open_as, clock, data, said):
    if data:
        water(data)
    finished(bank, plan)
    clock(246 if data else 40)
    page = text(open_as(bank.district.clerk).get(address(plan)))
    assert said in page
    assert "水质变好了" not in page


def test_a_plan_without_instruments_says_so(bank, open_as):
    browser = open_as(bank.district.clerk)
    enterprise = drafted(bank, kind="enterprise", enterprise=bank.enterprise)
    parcel = drafted(bank, kind="parcel", place_text="老厂地块")
    assert "没有接入所涉排口的监测数据" in text(browser.get(address(enterprise)))
    assert "没有对应的监测仪器" in text(browser.get(address(parcel)))


def test_the_whole_way_by_forms(bank, open_as, clock):
    browser = open_as(bank.writer)
    sent = {
        "kind": "river", "river": bank.river.pk, "unit": bank.town.pk, "approval": "plain", "begins_on": "2026-01-01",
        "ends_on": "2027-12-31", "title": "", "place_text": "",
    }  # fmt: skip
    page = text(browser.post("/plans/draft/", sent, follow=True))
    assert "已立项" in page
    plan = Plan.objects.get()
    key = bank.section.pk
    put = [
        ("problem", {"words": "直排", "category": "pollution", "cause": "无管网"}),
        ("goal", {"words": "达标", "links": ["W1"], "item": "类别", "baseline": "Ⅳ", "bound": "Ⅲ", "section": key}),
        ("task", {"words": "截污", "links": ["M1"], "year": 2026}),
        ("measure", {"words": "管网", "links": ["R1"], "category": "works", "due_on": "2026-06-30"}),
        ("duty", {"words": "实施", "links": ["C1"], "unit": bank.town.pk, "person": "周芳", "due_on": "2026-12-31"}),
    ]  # fmt: skip
    for key, fields in put:
        answer = browser.post(address(plan, "add_item", key), {"seen": "", **fields}, follow=True)
        assert "已保存" in text(answer), key
    assert "五张清单都接上了" in text(browser.get(address(plan, "lists")))
    browser.post(address(plan, "chapter", "general"), {"words": "总述"})
    browser.post(
        address(plan, "opinion"), {"consultee": "experts", "party": "李工", "opinion": "可行", "adoption": "adopted"}
    )
    assert "总述" in text(browser.get(address(plan, "print")))

    def act(person, deed, **fields):
        plan.refresh_from_db()
        told = {"seen": plan.steps_taken} | {f"{deed}-{name}": value for name, value in fields.items()}
        return text(open_as(person).post(address(plan, "act", deed), told, follow=True))

    assert "现为“待审查”" in act(bank.writer, "consult")
    assert "等东溪镇河长（东溪）审查" in text(open_as(bank.district.clerk).get(address(plan)))
    assert "现为“待批准”" in act(bank.chief, "review")
    assert "批准文号" in text(open_as(bank.leader).get(address(plan)))
    assert "现为“已批准”" in act(bank.leader, "approve", note="同意", reference="清政发 1 号")
    assert "现为“实施中”" in act(bank.writer, "enforce")
    clock(20)
    photo = SimpleUploadedFile("验收.png", PNG)
    assert "现为“完工待评估”" in act(bank.writer, "finish", note="完工", day="2026-03-10", files=photo)
    file = PlanStep.objects.get(deed="finish").files.get()
    assert open_as(bank.writer).get(reverse("plans:file", args=[file.pk])).status_code == 200


def test_what_is_refused_is_told_and_what_was_typed_stays(bank, plan, open_as):
    browser = open_as(bank.writer)
    answer = browser.post(address(plan, "act", "consult"), {"seen": 1, "consult-note": "写好的话"})
    assert answer.status_code == 409
    assert "没有接上" in text(answer)
    assert "写好的话" in text(answer)
    answer = browser.post(address(plan, "act", "withdraw"), {"seen": 1})
    assert answer.status_code == 422
    answer = browser.post(address(plan, "add_item", "measure"), {"code": "1 号", "words": "x", "seen": ""})
    assert (answer.status_code, "编号“1 号”不能使用" in text(answer)) == (409, True)
    assert browser.post(address(plan, "act", "dance")).status_code == 404
    assert open_as(bank.district.clerk).post(address(plan, "act", "consult"), {"seen": 1}).status_code == 403


def test_broken_links_are_shown_where_they_are(bank, plan, open_as):
    written(bank, plan, without="M1")
    page = text(open_as(bank.writer).get(address(plan)))
    assert "接上以前不能审查和批准" in page
    assert "没有目标条目来落实它" in page
    assert "没有对应任何问题的条目" in page
    assert 'data-chain="R1 C1 Z1"' not in page  # numbers are ordered as people do
    assert 'data-chain="C1 R1 Z1"' in page


def test_striking_needs_a_reason_and_leaves_the_drafts(bank, plan, open_as):
    written(bank, plan)
    browser = open_as(bank.writer)
    assert browser.post(address(plan, "strike", "Z1"), {"because": ""}).status_code == 409
    browser.post(address(plan, "strike", "Z1"), {"because": "重复"})
    assert "删去" in text(browser.get(address(plan, "item", "Z1")))
    assert "Z1" not in {item.code for item in queries.items_of(plan)}


def test_history_shows_the_lists_of_any_day(bank, plan, open_as, clock):
    written(bank, plan)
    put_item(by=bank.writer, at=later(5), plan=plan, list_key="task", code="R1", words="改过的任务", links=["M1"])
    clock(9)
    browser = open_as(bank.district.clerk)
    assert "改过的任务" in text(browser.get(address(plan, "history"))).split("改过些什么")[0]
    old = text(browser.get(address(plan, "history") + "?as_of=2026-03-03")).split("改过些什么")[0]
    assert "条目 R1" in old
    assert "改过的任务" not in old
    assert "条目 R1" in text(browser.get(address(plan, "print") + "?as_of=2026-03-03"))


# --- sheets -------------------------------------------------------------------------------------------------------


def test_what_goes_out_comes_back_unchanged_and_a_change_is_one_draft(bank, plan, open_as):
    written(bank, plan)
    browser = open_as(bank.writer)
    book = browser.get(address(plan, "export")).content

    def bring(content):
        browser.post(address(plan, "bring"), {"file": SimpleUploadedFile("清单.xlsx", content)})
        return Intake.objects.order_by("-pk").first()

    intake = bring(book)
    assert (intake.taken, intake.unchanged, intake.rejected) == (0, 5, [])

    opened = openpyxl.load_workbook(BytesIO(book))
    sheet = opened.active
    heads = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, heads["编号"]).value == "C1":
            sheet.cell(row, heads["内容"]).value = "改过的措施"
            sheet.cell(row, heads["投资（万元）"]).value = 99
        if sheet.cell(row, heads["编号"]).value == "R1":
            sheet.cell(row, heads["责任人"]).value = "不该在这里"
    out = BytesIO()
    opened.save(out)
    intake = bring(out.getvalue())
    assert (intake.taken, intake.unchanged) == (1, 3)
    assert [fault["column"] for row in intake.rejected for fault in row["faults"]] == ["责任人"]
    newest = queries.newest_of(plan, "C1")
    assert (newest.words, int(newest.money), newest.number) == ("改过的措施", 99, 2)


def test_a_paste_is_taken_row_by_row(bank, plan, open_as):
    pasted = (
        "清单\t编号\t上一清单编号\t内容\t类别\t成因\n"
        "问题清单\tW1\t\t直排\t水污染\t无管网\n"
        "问题清单\tW2\t\t\t水污染\t\n"
        "措施清单\tC1\tR1、R2\t管网\t天气\t\n"
    )
    browser = open_as(bank.writer)
    page = text(browser.post(address(plan, "bring"), {"pasted": pasted}, follow=True))
    assert "收下 1 行" in page
    intake = Intake.objects.get()
    assert [row["row"] for row in intake.rejected] == [3, 4]
    assert queries.newest_of(plan, "W1").category == "pollution"
    assert browser.post(address(plan, "bring"), {}).status_code == 409
    assert browser.get(address(plan, "template")).status_code == 200
    assert browser.get(address(plan, "export") + "?list=problem").status_code == 200


def test_who_may_not_write_brings_nothing(bank, plan, open_as):
    pasted = "清单\t编号\t内容\n问题清单\tW1\t直排\n"
    open_as(bank.district.clerk).post(address(plan, "bring"), {"pasted": pasted})
    assert not PlanItem.objects.exists()


# --- the list, home, the ledger, the API --------------------------------------------------------------------------


def test_the_list_chooses_and_does_not_grow(bank, plan, open_as):
    browser = open_as(bank.district.clerk)
    with CaptureQueriesContext(
        connection,
    ) as one:
        browser.get("/plans/")
    for number in range(12):
        drafted(bank, kind="parcel", place_text=f"地块 {number}")
    with CaptureQueriesContext(connection) as many:
        page = text(browser.get("/plans/"))
    assert len(many) <= len(one)
    assert "共 13 份方案" in page
    assert "编一份方案" not in page
    only = text(browser.get("/plans/?kind=river"))
    assert ("东溪一河" in only, "地块 3" in only) == (True, False)
    assert "没有这样的方案" in text(browser.get("/plans/?state=closed"))
    assert "地块 7" in text(browser.get(f"/plans/?unit={bank.town.pk}&q=地块 7"))
    assert browser.get("/plans/?unit=x&state=nothing&page=999").status_code == 200
    assert browser.get("/plans/99/").status_code == 404


def test_chips_choose_what_is_to_be_treated_anew(bank, plan, water, open_as, clock):
    water(months(2025, 0.28) | months(2026, 0.27))
    finished(bank, plan)
    clock(246)
    actions.judge_finished(at=later(246), on=later(246).date())
    page = text(open_as(bank.writer).get("/plans/?finding=not_improved"))
    assert "要重新治理 1 份" in page
    home = text(open_as(bank.chief).get("/"))
    assert "完工未见效，要重新治理" in home
    assert "去看方案" in home
    plan.refresh_from_db()
    clock(400)
    assert "新版已逾期" in text(open_as(bank.writer).get("/plans/"))
    assert plan.state == State.REOPENED


def test_home_tells_the_chief_to_review_and_the_leader_to_approve(bank, plan, open_as):
    written(bank, plan)
    done(bank, plan, Deed.CONSULT)
    assert "1 份治理方案等您办下一步" in text(open_as(bank.chief).get("/"))
    assert "治理方案等您办" not in text(open_as(bank.leader).get("/"))
    done(bank, plan, Deed.REVIEW)
    assert "1 份治理方案等您办下一步" in text(open_as(bank.leader).get("/"))
    in_the_end = done(bank, plan, Deed.APPROVE)
    assert in_the_end.state == State.APPROVED


def test_a_target_shows_the_plans_whose_goals_name_it(bank, plan, target, open_as):
    aim: Target = target()
    told = {"item": "类别", "baseline": "Ⅳ", "bound": "Ⅲ", "target": aim}
    put_item(by=bank.writer, at=AT, plan=plan, list_key="goal", code="M1", words="达标", values=told)
    page = text(open_as(bank.district.clerk).get(reverse("ledger:target", args=[aim.number])))
    assert "哪些方案的目标对应它" in page
    assert plan.title in page


def test_programs_read_plans(bank, plan, client):
    from heqing_site.orgs.actions import create_token

    in_force(bank, plan)
    token = create_token(by=bank.writer, at=AT, user=bank.writer, name="试", expires_on=later(30).date())
    sent = {"headers": {"Authorization": f"Bearer {token.secret}"}}
    page = client.get("/api/v1/plans?kind=river&state=in_force", **sent).json()
    assert (page["total"], page["rows"][0]["river"]) == (1, "R1")
    one = client.get(f"/api/v1/plans/{plan.number}", **sent).json()
    assert [item["code"] for item in one["items"]] == ["W1", "M1", "R1", "C1", "Z1"]
    assert (one["faults"], one["items"][1]["links"], len(one["steps"])) == ([], ["W1"], 5)
    assert client.get(f"/api/v1/plans/{plan.number}?as_of=2026-01-01", **sent).json()["items"] == []
    assert client.get("/api/v1/plans/99", **sent).status_code == 404
