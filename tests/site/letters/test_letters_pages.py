"""Pages of letters: series, one letter, runs without scripts, the register, templates; lists do not grow."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from tests.site.conftest import AT, DAY, PASSWORD
from tests.site.letters.conftest import PDF, drafted, issued, later, opened, raise_bound, signed

from heqing_site.errors import RuleBrokenError
from heqing_site.letters import actions, queries, register, runs, wordings
from heqing_site.letters.forms import parts_of, text_of
from heqing_site.letters.models import Letter, LetterEvidence, LetterIssue, LetterRun, LetterSeries, LetterTemplate
from heqing_site.letters.rules import (
    LONGEST_CELL,
    LONGEST_WORDS,
    MOST_LINES,
    Deed,
    Part,
    Side,
    State,
    Template,
    cells_of,
    check,
    paragraphs,
)
from heqing_site.orgs.actions import create_token, create_unit
from heqing_site.orgs.rules import UnitKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Set the clock to so many days after the district was set up."""

    def put(days):
        monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(days=days))

    put(0)
    return put


def text(response) -> str:
    return response.content.decode()


def many(office, count: int):
    """Set up so many towns in all."""
    top = office.district.district
    made = [office.district.east, office.district.west]
    for number in range(count - 2):
        made.append(
            create_unit(
                by=office.district.site_admin, at=AT, name=f"第{number}镇", code=f"9901013{number:02d}",
                kind=UnitKind.TOWN, parent=top, active_from=DAY,
            )
        )  # fmt: skip
    return made


# --- a whole series -----------------------------------------------------------------------------------------------


def test_a_series_goes_from_nothing_to_issued_by_the_buttons_alone(office, promise, open_as):
    browser = open_as(office.drafter)
    page = text(browser.get("/letters/series/new/"))
    assert "向哪些单位立什么责任书？" in page
    given = {
        "kind": "task_book", "topic": "治水攻坚", "year": 2026, "issuer": office.district.district.pk,
        "receivers": [office.district.east.pk, office.district.west.pk], "reasons": "hangzhou",
        "shared_targets": f"{promise.number}", "campaign": "治水",
    }  # fmt: skip
    sent = browser.post("/letters/series/new/", given)
    series = LetterSeries.objects.get()
    assert sent.status_code == 302
    assert sent.url == f"/letters/series/{series.pk}/"
    assert "全部拟制（2 份）" in text(browser.get(sent.url))
    for deed in ("draft", "submit"):
        begun = browser.post(f"/letters/series/{series.pk}/run/{deed}/")
        assert "继续" in text(browser.get(begun.url))
        browser.post(begun.url)
        assert "办完" in text(browser.get(begun.url))
    assert Letter.objects.filter(state=State.SUBMITTED).count() == 2
    assert browser.post(f"/letters/series/{series.pk}/run/issue/").status_code == 403
    browser = open_as(office.reviewer)
    assert "2 份责任书等您审核" in text(browser.get("/"))
    for deed in ("review", "issue"):
        browser.post(browser.post(f"/letters/series/{series.pk}/run/{deed}/").url)
    assert sorted(Letter.objects.values_list("number", flat=True)) == ["清委办责〔2026〕1号", "清委办责〔2026〕2号"]
    assert "已下达 2 份" in text(browser.get(f"/letters/series/{series.pk}/"))
    assert "治水攻坚" in text(browser.get("/letters/"))


def test_what_is_typed_wrong_is_told_and_kept(office, promise, open_as):
    browser = open_as(office.drafter)
    given = {"kind": "task_book", "topic": "我写的事项", "year": 2026, "issuer": office.district.district.pk,
             "receivers": [office.district.east.pk], "reasons": "hangzhou", "shared_targets": "甲"}  # fmt: skip
    answer = browser.post("/letters/series/new/", given)
    assert answer.status_code == 422
    assert "只写目标编号" in text(answer)
    assert "我写的事项" in text(answer)
    answer = browser.post("/letters/series/new/", {**given, "shared_targets": "999"})
    assert answer.status_code == 409
    assert "台账中没有这些目标：999" in text(answer)


def test_twenty_three_letters_in_one_go_broken_off_and_taken_up(office, promise):
    towns = many(office, 23)
    series = opened(office, receivers=towns, shared_targets=[promise.number])
    who = {"by": office.drafter, "at": AT}
    run = runs.start(**who, series=series, deed=Deed.DRAFT)
    assert (run.total, len(run.left)) == (23, 23)
    run = runs.carry_on(**who, run=run)
    assert (run.taken, run.is_over, Letter.objects.count()) == (4, False, 4)
    again = runs.start(**who, series=series, deed=Deed.DRAFT)  # the page was lost: the same run goes on
    assert again.pk == run.pk
    stale = LetterRun.objects.get(pk=run.pk)
    runs.carry_on(**who, run=run)
    runs.carry_on(**who, run=stale)  # the same step sent twice takes the next letters, none twice
    assert Letter.objects.count() == 12
    run = runs.carry_on(**who, run=run, most=99)
    assert (run.done, run.is_over, run.percent) == (23, True, 100)
    for deed, by in ((Deed.SUBMIT, office.drafter), (Deed.REVIEW, office.reviewer), (Deed.ISSUE, office.reviewer)):
        run = runs.carry_on(by=by, at=AT, run=runs.start(by=by, at=AT, series=series, deed=deed), most=99)
        assert (run.done, run.faults) == (23, [])
    serials = sorted(LetterIssue.objects.values_list("serial", flat=True))
    assert serials == list(range(1, 24))


def test_one_that_fails_is_listed_and_the_others_go_on(office, series):
    for unit in (office.district.east, office.district.west):
        drafted(office, series, unit)
    who = {"by": office.drafter, "at": AT}
    run = runs.carry_on(**who, run=runs.start(**who, series=series, deed=Deed.SUBMIT), most=9)
    assert (run.done, run.is_over) == (1, True)
    assert run.faults[0]["unit"] == "西塘镇"
    assert "没有任何目标" in run.faults[0]["zh"]
    reviewing = {"by": office.drafter, "at": AT}
    run = runs.carry_on(**reviewing, run=runs.start(**reviewing, series=series, deed=Deed.REVIEW), most=9)
    assert run.done == 0
    assert "须由另一人审核" in run.faults[0]["zh"]
    with pytest.raises(RuleBrokenError) as caught:
        runs.carry_on(by=office.reviewer, at=AT, run=run)
    assert caught.value.code == "letter.run_of_another"
    with pytest.raises(RuleBrokenError) as caught:
        runs.start(by=office.reviewer, at=AT, series=series, deed=Deed.ISSUE)
    assert caught.value.code == "letter.none_ready"


def test_with_scripts_each_answer_is_the_bar_that_asks_for_the_next(office, series, open_as):
    browser = open_as(office.drafter)
    begun = browser.post(f"/letters/series/{series.pk}/run/draft/")
    page = text(browser.get(begun.url))
    assert f'hx-post="{begun.url}"' in page
    bar = text(browser.post(begun.url, headers={"HX-Request": "true"}))
    assert bar.startswith("<section")
    assert "2 / 2" in bar
    assert "hx-post" not in bar


def test_the_list_does_not_ask_more_for_more_letters(office, promise, open_as):
    browser = open_as(office.reviewer)

    def queries_of(count, topic):
        towns = many(office, 2) if count == 2 else towns_of_all
        series = opened(office, receivers=towns, shared_targets=[promise.number], topic=topic)
        for unit in towns:
            signed(office, issued(office, series, unit))
        with CaptureQueriesContext(
            connection,
        ) as few:
            assert browser.get(f"/letters/series/{series.pk}/").status_code == 200
        with CaptureQueriesContext(connection) as home:
            assert browser.get("/letters/").status_code == 200
        return len(few), len(home)

    small = queries_of(2, "治水")
    towns_of_all = many(office, 9)
    assert queries_of(9, "治气") == small


# --- files --------------------------------------------------------------------------------------------------------


def test_all_word_files_come_in_one_archive(office, series, open_as):
    issued(office, series)
    drafted(office, series, office.district.west)
    answer = open_as(office.reviewer).get(f"/letters/series/{series.pk}/words.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert [name[:3] for name in names] == ["01 ", "02 "]
        assert "清委办责〔2026〕1号东溪镇" in names[0]
        assert "草稿" in names[1]
        first = Document(io.BytesIO(archive.read(names[0])))
        second = Document(io.BytesIO(archive.read(names[1])))
    assert first.tables[0].rows[1].cells[1].text == "新建污水管网"
    assert second.paragraphs[0].text == "草稿，未下达"
    assert open_as(office.district.clerk).get(f"/letters/series/{series.pk}/words.zip").status_code == 403


def test_the_register_goes_out_and_comes_back_with_faults_per_row(office, series, promise, open_as):
    other = opened(office, topic="治水", shared_targets=[promise.number])
    east, west = issued(office, other), issued(office, other, office.district.west)
    browser = open_as(office.reviewer)
    sent = browser.get(f"/letters/series/{other.pk}/register.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sent.content))
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[1]}
    assert [sheet.cell(2, heads["承担单位"]).value, sheet.cell(3, heads["承担单位"]).value] == ["东溪镇", "西塘镇"]
    for row, (signer, day) in {2: ("区长甲", str(DAY)), 3: ("区长甲", str(DAY - timedelta(days=9)))}.items():
        sheet.cell(row, heads["上级方签署人"], signer)
        sheet.cell(row, heads["上级方签署日"], day)
    sheet.cell(2, heads["承担方签署人"], "镇长乙")
    sheet.cell(2, heads["承担方签署日"], str(DAY))
    kept = io.BytesIO()
    book.save(kept)

    def bring():
        file = SimpleUploadedFile("登记表.xlsx", kept.getvalue())
        return browser.post(f"/letters/series/{other.pk}/register/", {"file": file}, follow=True)

    page = text(bring())
    east.refresh_from_db()
    west.refresh_from_db()
    assert (east.state, west.state) == (State.SIGNED, State.ISSUED)
    assert "不在" in page
    assert "之间" in page
    bring()
    assert east.steps.filter(deed="sign_receiver").count() == 1  # the same again changes nothing
    sheet.cell(2, heads["序号"], 987654)
    kept.seek(0)
    book.save(kept)
    assert "不是本批次的责任书" in text(bring())
    browser = open_as(office.drafter)
    assert browser.post(f"/letters/series/{other.pk}/register/", {"pasted": "序号"}).status_code == 403


# --- one letter ---------------------------------------------------------------------------------------------------


def test_a_draft_is_seen_by_those_who_work_on_it(office, series, open_as):
    letter = drafted(office, series)
    for address in (f"/letters/{letter.pk}/", f"/letters/{letter.pk}/word/", f"/letters/{letter.pk}/versions/1/"):
        assert open_as(office.drafter).get(address).status_code == 200, address
        assert open_as(office.district.clerk).get(address).status_code == 404, address
    assert open_as(office.district.clerk).get("/letters/99999/").status_code == 404


def test_the_mayor_sees_what_to_sign_and_signs_with_the_password(office, series, open_as, clock):
    letter = issued(office, series)
    from heqing_site.letters.signatures import confirm

    confirm(by=office.head, at=AT, letter=letter, side=Side.ISSUER, password=PASSWORD)
    browser = open_as(office.mayor)
    assert "1 份责任书等您签订" in text(browser.get("/"))
    assert "东溪镇" in text(browser.get("/letters/mine/"))
    page = text(browser.get(f"/letters/{letter.pk}/"))
    assert "请您签订" in page
    assert "登录密码" in page
    letter.refresh_from_db()
    refused = browser.post(f"/letters/{letter.pk}/sign/receiver/", {"password": "错的", "seen": letter.turn})
    assert refused.status_code == 409
    assert "密码不对" in text(refused)
    assert (
        browser.post(f"/letters/{letter.pk}/sign/receiver/", {"password": PASSWORD, "seen": letter.turn}).status_code
        == 302
    )
    letter.refresh_from_db()
    assert letter.state == State.SIGNED
    page = text(browser.get(f"/letters/{letter.pk}/"))
    assert "双方已签" in page
    assert "请您签订" not in page
    assert "没有等您办" in text(browser.get("/letters/mine/"))
    assert browser.post(f"/letters/{letter.pk}/sign/nobody/").status_code == 404


def test_a_scan_is_kept_and_opened(office, series, open_as):
    letter = issued(office, series)
    browser = open_as(office.reviewer)
    given = {"issuer_signer": "区长甲", "issuer_day": str(DAY), "receiver_signer": "镇长乙", "receiver_day": str(DAY)}
    address = f"/letters/{letter.pk}/scan/"
    assert browser.post(address, given).status_code == 409
    assert browser.post(address, {**given, "issuer_day": ""}).status_code == 422
    file = SimpleUploadedFile("签字件.pdf", PDF)
    assert browser.post(address, {**given, "files": file, "seen": letter.turn}).status_code == 302
    letter.refresh_from_db()
    assert letter.state == State.SIGNED
    kept = LetterEvidence.objects.get()
    assert b"".join(browser.get(f"/letters/evidence/{kept.pk}/").streaming_content) == PDF
    assert "签字件.pdf" in text(browser.get(f"/letters/{letter.pk}/"))
    issue = LetterIssue.objects.get()
    assert browser.get(f"/letters/issues/{issue.pk}/")["Content-Disposition"].startswith("attachment")


def test_lines_are_edited_on_a_page(office, series, open_as):
    letter = drafted(office, series)
    browser = open_as(office.drafter)
    assert "列哪些目标？" in text(browser.get(f"/letters/{letter.pk}/edit/"))
    given = {"seen": letter.turn, "more_tasks": "清淤｜3 公里｜6 月底｜水务办", "words-0": "改过的开头。"}
    assert browser.post(f"/letters/{letter.pk}/edit/", given).status_code == 302
    page = text(browser.get(f"/letters/{letter.pk}/"))
    assert "改过的开头。" in page
    assert "水务办" in page
    assert "本年度没有列入本书的定量目标" in page
    stale = browser.post(f"/letters/{letter.pk}/edit/", {**given, "more_tasks": "别丢｜a"})
    assert stale.status_code == 409
    assert "别丢｜a" in text(stale)
    assert open_as(office.head).get(f"/letters/{letter.pk}/edit/").status_code == 404


def test_a_letter_that_no_longer_agrees_says_how(office, series, promise, open_as, clock):
    letter = signed(office, issued(office, series))
    raise_bound(office, promise, 30, later(5))
    clock(6)
    browser = open_as(office.drafter)
    page = text(browser.get(f"/letters/{letter.pk}/"))
    assert "与台账不一致" in page
    assert "不低于 24 公里" in page
    assert "不低于 30 公里" in page
    assert "市里调整任务" in page
    assert "1 份与台账不一致" in text(browser.get(f"/letters/series/{series.pk}/"))
    panel = text(browser.get(reverse("ledger:target", args=[promise.number])))
    assert "写入哪些责任书？" in panel
    assert "载的是旧条款" in panel
    half = browser.post(f"/letters/{letter.pk}/amend/", {"reason": "policy", "because": "调整", "authority": ""})
    assert half.status_code == 422
    given = {"reason": "policy", "because": "市里调整", "authority": "常务会", "seen": letter.turn}
    assert browser.post(f"/letters/{letter.pk}/amend/", given).status_code == 302
    assert "修订稿" in text(browser.get(f"/letters/{letter.pk}/"))
    assert "现在有效" in text(browser.get(f"/letters/{letter.pk}/versions/1/"))
    others = text(open_as(office.district.clerk).get(f"/letters/{letter.pk}/"))
    assert "不低于 24 公里" in others


def test_a_plain_deed_that_is_refused_is_told_beside_the_letter(office, series, open_as):
    letter = drafted(office, series)
    browser = open_as(office.drafter)
    assert browser.post(f"/letters/{letter.pk}/do/review/").status_code == 409
    assert browser.post(f"/letters/{letter.pk}/do/issue/").status_code == 403
    assert browser.post(f"/letters/{letter.pk}/do/nothing/").status_code == 404
    assert browser.get(f"/letters/{letter.pk}/do/submit/").status_code == 405
    assert browser.post(f"/letters/{letter.pk}/do/submit/", {"seen": letter.turn}).status_code == 302
    answer = open_as(office.reviewer).post(f"/letters/{letter.pk}/do/return/", {"words": ""})
    assert answer.status_code == 409


# --- templates ----------------------------------------------------------------------------------------------------


def test_a_template_of_ones_own_is_written_and_used(office, promise, open_as):
    browser = open_as(office.reviewer)
    page = text(browser.get("/letters/templates/task_book/"))
    assert "# 目标：目标指标" in page
    given = {
        "unit": office.district.district.pk, "name": "短式", "title": "{topic}责任状", "mark": "清政责",
        "number": "{mark}[{year}]{serial}", "revision": "new", "revised": "{number}（修订{n}）",
        "text": "{receiver}今年要做到：\n# 目标：要求\n# 其他\n按月报告。",
    }  # fmt: skip
    for broken, said in (
        ({"number": "第{serial}号"}, "否则会重号"),
        ({"text": "{receiver今年\n# 目标：要求"}, "大括号不成对"),
        ({"text": "{mayor}\n# 目标：要求"}, "不认识的占位符"),
        ({"text": "只有文字"}, "须有“目标”或“任务”表"),
        ({"revision": "suffix", "revised": "修订"}, "修订编号须含"),
    ):
        answer = browser.post("/letters/templates/task_book/", {**given, **broken})
        assert answer.status_code == 409, said
        assert said in text(answer)
    assert browser.post("/letters/templates/task_book/", given).status_code == 302
    browser.post("/letters/templates/task_book/", given)
    kept = LetterTemplate.objects.get()  # the same again is no new edition
    series = opened(office, template=kept)
    letter = signed(office, issued(office, series))
    assert letter.number == "清政责[2026]1"
    content = queries.version_of(letter, 1).content
    assert content.title == "深入打好污染防治攻坚战责任状"
    assert content.parts[0].words == ("东溪镇今年要做到：",)
    letter = actions.amend(by=office.drafter, at=AT, letter=letter, reason="policy", because="调", authority="会")
    actions.submit(by=office.drafter, at=AT, letter=letter)
    actions.review(by=office.reviewer, at=AT, letter=letter)
    assert actions.issue(by=office.reviewer, at=AT, letter=letter).number == "清政责[2026]2"
    assert open_as(office.drafter).get("/letters/templates/task_book/").status_code == 200
    assert open_as(office.reviewer).get("/letters/templates/nothing/").status_code == 404


def test_every_template_of_the_rulebook_is_sound_and_read_back_from_its_text():
    for template in wordings.templates().values():
        check(template)
        again = parts_of(text_of(template))
        assert [(part.heading, part.words) for part in again if part.part != "closing"]
        tables = [part.part for part in again if part.part in ("targets", "tasks")]
        assert tables == ["targets", "tasks"]
        assert [part.words for part in again] == [part.words for part in template.parts]


def test_pasted_lines_are_cut_by_tab_or_bar():
    assert cells_of("甲\t乙\t丙\t丁\n\n甲｜乙\n只有名称\na|b|c|d|e") == [
        ["甲", "乙", "丙", "丁"], ["甲", "乙", "", ""], ["只有名称", "", "", ""], ["a", "b", "c", "d"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\n".join(["甲"] * (MOST_LINES + 1)), "letter.too_many_lines"),
        ("甲\t" + "乙" * (LONGEST_CELL + 1), "letter.cell_too_long"),
    ],
)
def test_lines_that_do_not_fit_are_refused_and_none_is_cut(text, code):
    with pytest.raises(RuleBrokenError) as refusal:
        cells_of(text)
    assert refusal.value.code == code
    assert len(cells_of("\n".join(["甲"] * MOST_LINES) + "\n")) == MOST_LINES
    assert cells_of("甲\t" + "乙" * LONGEST_CELL)[0][1] == "乙" * LONGEST_CELL


def test_words_that_do_not_fit_are_refused_and_none_is_cut():
    assert paragraphs("字" * LONGEST_WORDS) == ("字" * LONGEST_WORDS,)
    with pytest.raises(RuleBrokenError) as refusal:
        paragraphs("字" * (LONGEST_WORDS + 1))
    assert refusal.value.code == "letter.words_too_long"


def test_a_template_with_two_tables_of_one_kind_is_refused():
    parts = (Part("targets", "一"), Part("targets", "二"))
    template = Template("task_book", "名", "题", "清", "{mark}{year}{serial}", "new", "", parts)
    with pytest.raises(RuleBrokenError) as caught:
        check(template)
    assert caught.value.code == "letter.template_without_tables"


@pytest.mark.parametrize(
    ("kind", "post", "is_principal"),
    [
        ("town", "镇长", True), ("town", "副镇长", False), ("town", "党委副书记", False), ("town", "生态办主任", False),
        ("street", "街道办事处主任", True), ("district", "副区长（分管生态环境）", False), ("department", "局长", True),
        ("department", "常务副局长", False), ("department", "综合科科长", False), ("enterprise", "总经理", True),
    ],
)  # fmt: skip
def test_who_answers_for_a_unit(kind, post, is_principal):
    assert wordings.is_principal(kind, post) is is_principal


# --- for programs -------------------------------------------------------------------------------------------------


def test_programs_read_letters_with_the_eyes_of_their_person(office, series, client):
    issued(office, series)
    drafted(office, series, office.district.west)

    def read(user, address):
        token = create_token(by=user, at=AT, user=user, name="测试", expires_on=DAY + timedelta(days=30))
        return client.get(f"/api/v1{address}", headers={"Authorization": f"Bearer {token.secret}"})

    worker = json.loads(read(office.drafter, "/letters").content)
    assert worker["total"] == 2
    other = json.loads(read(office.district.clerk, "/letters").content)
    assert [row["receiver"]["name"] for row in other["rows"]] == ["东溪镇"]
    whole = json.loads(read(office.district.clerk, f"/letters/{other['rows'][0]['key']}").content)
    assert whole["targets"][0]["title"] == "新建污水管网"
    assert whole["signatures"] == []
    draft = Letter.objects.get(receiver=office.district.west)
    assert read(office.district.auditor, f"/letters/{draft.pk}").status_code == 404
    listed = json.loads(read(office.district.clerk, "/letter-series?year=2026").content)
    assert (listed["rows"][0]["receivers"], listed["rows"][0]["issued"]) == (2, 1)


def test_the_register_names_no_letter_that_was_withdrawn(office, series):
    letter = issued(office, series)
    actions.withdraw(by=office.reviewer, at=AT, letter=letter, words="错")
    book = openpyxl.load_workbook(io.BytesIO(register.write(series)))
    assert book.worksheets[0].max_row == 1


def test_whoever_drafted_is_told_to_wait_and_not_offered_a_review_that_fails(office, series, open_as):
    drafted(office, series, office.district.east)
    who = {"by": office.drafter, "at": AT}
    runs.carry_on(**who, run=runs.start(**who, series=series, deed=Deed.SUBMIT), most=9)

    own = text(open_as(office.drafter).get(f"/letters/series/{series.pk}/"))
    other = text(open_as(office.reviewer).get(f"/letters/series/{series.pk}/"))

    assert f"/letters/series/{series.pk}/run/review/" not in own
    assert "1 份已送审，等另一个有“责任书审核”权限的人审核" in own
    assert f"/letters/series/{series.pk}/run/review/" in other


def test_a_mark_that_no_office_gave_is_shown_as_a_proposal(office, series, open_as):
    own = opened(office, topic="治水", mark="清治水办")
    browser = open_as(office.drafter)

    assert "本库拟的代字，没有来源" in text(browser.get(f"/letters/series/{series.pk}/"))
    assert "本库拟的代字，没有来源" not in text(browser.get(f"/letters/series/{own.pk}/"))
