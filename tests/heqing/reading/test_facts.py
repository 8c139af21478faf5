"""What a document says of itself, told from its head, its foot and the strips of its page."""

from __future__ import annotations

import pytest

from heqing.reading import DocumentFacts, read


def facts(text: str) -> DocumentFacts:
    return read(text, "t").meta


def test_a_plan_with_number_and_signature() -> None:
    found = facts(
        "某区人民政府门户网站\n某区治气2027年工作方案\n某政办发〔2027〕8号 字体:[大 中 小] 阅读:35 次\n各镇街：\n"
        "为治气，制定本方案。\n一、目标\n优良率85%。\n某区人民政府办公室\n2027年4月12日\n（此件公开发布）\n"
    )
    assert found.title == "某区治气2027年工作方案"
    assert (found.document_number, found.issuer, found.date) == (
        "某政办发〔2027〕8号",
        "某区人民政府办公室",
        "2027-04-12",
    )
    assert (found.region, found.doc_type) == ("某区", "plan")


def test_index_number_and_disclosure_stand_in_the_strip() -> None:
    found = facts(
        "信息索引号 04618780/2027-00444 生成日期 2027-02-15 公开日期 2027-02-16\n某县河长制工作任务\n"
        "各乡镇：\n现将任务通知如下。\n一、目标\n水清岸绿。\n"
    )
    assert (found.index_number, found.disclosed_on) == ("04618780/2027-00444", "2027-02-15")
    assert found.doc_type == "notice"


def test_a_note_behind_the_title_is_no_part_of_it() -> None:
    found = facts("治水三年见成效（发布时间：2027-09-13 10:10:59）\n近日，某市出台治水意见，明确今后三年治水的任务。\n")
    assert (found.title, found.date, found.doc_type) == ("治水三年见成效", "2027-09-13", "news")


def test_a_report_without_date_has_the_day_it_tells_of() -> None:
    found = facts("某网讯（记者 王某）6月5日，县里办了2027年环境日新闻发布会。\n全县水质向好，让群众看到变化。\n")
    assert (found.doc_type, found.date) == ("news", "2027-06-05")


def test_a_number_that_the_text_cites_is_not_its_own() -> None:
    assert facts("某县治水办法\n根据某政发〔2020〕3号文件，制定本办法如下。\n").document_number is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("某市治水讲话\n——2027年3月6日在全市治水大会上\n时间：2027-03-09\n同志们：\n", "2027-03-06"),
        ("发布日期：2027-01-18\n某市治气计划\n（2026年12月24日市政府印发）\n一、目标\n", "2026-12-24"),
        ("某镇先治水\n2027-02-14 信息来源：某镇\n开工首日，某镇布置治水。\n", "2027-02-14"),
        ("某市治水要点\n2027年要建好管网。\n", None),
        ("某市治水要点\n时间：2027-13-45\n建好管网。\n", None),
    ],
)
def test_the_day_of_speech_or_issue_comes_before_publication(text: str, day: str | None) -> None:
    assert facts(text).date == day


def test_a_day_after_the_date_of_the_page_is_a_gap() -> None:
    text = (
        "某区治水大会召开\n发布时间：2027-02-{} 10:31\n"
        "22日，某区召开全区治水大会，总结工作，部署安排今年重点工作任务。\n"
    )
    assert facts(text.format("15")).gap == "day_contradicted"
    assert facts(text.format("23")).gap is None


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("2027年浙江省政府工作报告\n各位代表：\n", "浙江省"),
        ("2027年政府工作报告\n——2027年1月28日在四川省第十四届人民代表大会第四次会议上\n", "四川省"),
        ("扬州市打好治水三年行动计划\n一、目标\n", "江苏省扬州市"),
        ("攻坚战打响\n1月30日，佛山召开治水推进会。\n", "广东省佛山市"),
        ("区委书记在全区会议上的讲话\n近年来，XX区坚持治水。\n", "XX区"),
        ("让河水更清\n全市上下齐治水。\n", None),
    ],
)
def test_region(text: str, region: str | None) -> None:
    assert facts(text).region == region


def test_a_bare_government_is_completed_by_its_place() -> None:
    text = (
        "2027年政府工作报告\n——2027年1月8日在青海省第十四届人民代表大会第四次会议上\n"
        "现在，我代表省人民政府，向大会报告工作。\n"
    )
    assert facts(text).issuer == "青海省人民政府"


def test_people_as_written() -> None:
    text = "某縣召開治水大會\n5月6日，某縣召開治水大會。縣委書記(jì)王示例強調，要治水。區領導陳例、李例參加。\n"
    assert [(p.name, p.post) for p in facts(text).people] == [
        ("王示例", "縣委書記"),
        ("陳例", "區領導"),
        ("李例", "區領導"),
    ]
    text = "2027年政府工作报告\n自治区主席 阿例·买买提\n各位代表：\n"
    assert [(p.name, p.post) for p in facts(text).people] == [("阿例·买买提", "自治区主席")]
