"""The tree of measures is told from the document's own pattern of marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heqing.reading import read

LONG = "坚持系统治理，建好管网，清好河道，管好排口，让每一条河都清起来。"


def tree(text: str) -> list[tuple[int, str]]:
    return [(m.level, m.title) for m in read(text, "t").measures]


def test_headings_have_a_line_leads_run_into_their_paragraph() -> None:
    text = (
        f"某市2027年政府工作报告\n各位代表：\n一、2026年工作回顾\n（一）治水有成。{LONG}\n二、2027年工作\n"
        f"（一）全面治水\n管好源头。{LONG}\n"
    )
    assert tree(text) == [
        (1, "一、2026年工作回顾"),
        (2, "（一）治水有成"),
        (1, "二、2027年工作"),
        (1, "（一）全面治水"),
        (2, "管好源头"),
    ]


def test_a_numbered_title_is_a_heading_when_leads_hang_on_it() -> None:
    text = (
        "某市2027年政府工作报告\n一、工作安排\n（一）突出治水，守护一江清水。建设幸福河湖。\n管好源头。"
        f"{LONG}\n修好河岸。{LONG}\n（二）突出治气。{LONG}\n"
    )
    assert tree(text)[1:] == [
        (1, "（一）突出治水，守护一江清水"),
        (2, "管好源头"),
        (2, "修好河岸"),
        (2, "（二）突出治气"),
    ]


def test_list_items_end_at_their_sentence_or_at_their_first_clause() -> None:
    text = (
        "某市治水大会召开\n5月6日，某市召开大会。"
        "市长王示例强调，一要抓住重点，围绕十条河道开展整治，加快建设配套管网工程。"
        "二要堵住源头，管好每一个排口，严查偷排漏排行为。\n"
    )
    assert tree(text) == [(1, "一要抓住重点"), (1, "二要堵住源头")]
    text = f"在全区大会上的讲话\n一、下步工作\n一是强化源头治理，守好一河清水。{LONG}\n二是健全机制。{LONG}\n"
    assert tree(text)[1:] == [(2, "一是强化源头治理，守好一河清水"), (2, "二是健全机制")]


def test_results_problems_and_lists_of_things_are_no_measures() -> None:
    text = (
        f"某市工作总结\n一、主要成绩\n过去一年，治水取得成效：一是水更清。{LONG}二是岸更绿。{LONG}\n二、打算\n"
        f"目前还存在不足：一是管网不够。{LONG}二是机制不全。{LONG}\n"
    )
    assert tree(text) == [(1, "一、主要成绩"), (1, "二、打算")]


def test_short_sentences_that_begin_with_must() -> None:
    text = (
        "某区治水大会召开\n区长王示例强调：\n一要补短板。要攻坚河道提升。坚持系统治理，推动源头治理。"
        "要擦亮水韵品牌。围绕古河做好文章。\n"
    )
    assert tree(text) == [(1, "一要补短板"), (2, "要攻坚河道提升"), (2, "要擦亮水韵品牌")]


def test_news_has_leads_only_where_several_are_alike() -> None:
    head = (
        "某镇开工第一天先治水\n2027-02-14 信息来源：某镇\n新春开工首日，某镇就把治水工作布置了下去，要求各村见行动。\n"
    )
    assert tree(f"{head}抓工程。{LONG}\n强源头。{LONG}\n建机制。{LONG}\n") == [
        (1, "抓工程"),
        (1, "强源头"),
        (1, "建机制"),
    ]
    assert tree(f"{head}会上先算账。{LONG}\n") == []


def test_leads_inside_a_titled_paragraph_are_of_one_size() -> None:
    text = (
        f"某省2027年政府工作报告\n（五）绿色转型加快。能源结构持续优化。{LONG}节能降碳持续加力。"
        f"{LONG}河湖水质持续改善。{LONG}\n"
    )
    assert tree(text) == [
        (1, "（五）绿色转型加快"),
        (2, "能源结构持续优化"),
        (2, "节能降碳持续加力"),
        (2, "河湖水质持续改善"),
    ]


def test_a_short_sentence_on_a_line_of_its_own_leads_the_paragraph_below() -> None:
    text = f"2027年政府工作报告\n各位代表：\n一、工作回顾\n河湖更加清亮。\n{LONG}{LONG}\n岸线更加秀美。\n{LONG}{LONG}\n"
    assert tree(text) == [(1, "一、工作回顾"), (2, "河湖更加清亮。"), (2, "岸线更加秀美。")]


def test_a_lead_of_two_balanced_parts_and_the_sides_of_a_matter() -> None:
    sides = "".join(f"{side}方面，坚持系统治理，建好管网。" for side in ("河道治理", "湖泊保护", "近海养殖"))
    text = (
        f"2027年政府工作报告\n一、工作安排\n加强源头治理，改善河湖水质。{LONG}\n"
        f"（一）全面治水\n统筹抓好三件事，一件一件落实。{sides}\n"
    )
    assert tree(text)[1:] == [
        (2, "加强源头治理，改善河湖水质"),
        (1, "（一）全面治水"),
        (2, "河道治理方面"),
        (2, "湖泊保护方面"),
        (2, "近海养殖方面"),
    ]


def test_a_title_that_lost_its_full_stop_ends_at_its_blank() -> None:
    text = (
        "某区治气通知\n各镇街：\n一、提高认识 各镇街要充分认识治气工作的重要性，认真组织。\n"
        "二、落实责任 各部门要各司其职，抓好落实，确保完成任务。\n"
    )
    assert tree(text) == [(1, "一、提高认识"), (1, "二、落实责任")]


def test_titles_inside_a_text_without_line_ends() -> None:
    text = (
        "某市治水方案\n为治水，制定本方案。一、总体要求。以水为本，河湖长治。二、重点任务。（一）管网改造。"
        "新建管网，改造旧网。（市水务局牵头）（二）河道整治。清淤疏浚，修好河岸。\n"
    )
    assert tree(text) == [(1, "一、总体要求"), (1, "二、重点任务"), (2, "（一）管网改造"), (2, "（二）河道整治")]


@pytest.mark.parametrize(
    "line",
    [
        "今年是“十五五”开局之年。",
        "各位代表！",
        "成绩来之不易。",
        "重点做好十个方面工作。",
        "我们要坚持系统治理。",
        "发展是硬道理。",
        "优良率达到85%。",
    ],
)
def test_short_first_sentences_that_lead_nothing(line: str) -> None:
    assert tree(f"某市2027年政府工作报告\n一、工作安排\n{line}{LONG}\n") == [(1, "一、工作安排")]


def test_a_measure_knows_its_mark_and_what_it_hangs_on() -> None:
    found = read(f"某市治水方案\n一、任务\n（一）清淤。{LONG}\n1.清一河。{LONG}\n", "t").measures
    assert [m.number for m in found] == ["一、", "（一）", "1."]
    assert [m.parent for m in found] == [None, found[0].start, found[1].start]


@given(
    st.lists(
        st.sampled_from(
            [
                "一、治水",
                "（一）清淤。",
                "1.建管网。",
                "一是治气。",
                "要管好排口。",
                "——治土。",
                "管好源头。",
                LONG,
                "第一，",
                "①",
                "\n",
                "\n",
                "首先，",
            ]
        )
    )
)
def test_any_order_of_marks_gives_a_tree_in_order(parts: list[str]) -> None:
    text = "".join(parts)
    found = read(text, "t").measures
    starts = [m.start for m in found]
    assert starts == sorted(set(starts))
    assert all(text[m.start : m.end] == m.title and m.level in (1, 2) for m in found)
    assert all(m.parent is None or (m.parent in starts and m.parent < m.start) for m in found)


BODY = "组织各街道逐条排查入河排口并登记造册，分类提出整治办法，按月公布进度并接受群众监督。"


def titles(text: str) -> list[str]:
    """Give the titles of the measures of a text."""
    return [m.title for m in read(text, "t").measures]


def test_list_of_half_sentences_below_a_numbered_heading_is_measures_too() -> None:
    text = "一、治水\n要形成合力：一是成立专班，每周会商；二是压实责任，逐级签约。\n"
    assert titles(text) == ["一、治水", "一是成立专班", "二是压实责任"]


@pytest.mark.parametrize(("one", "two"), [("（1）", "（2）"), ("①", "②")])
def test_counted_items_inside_a_line_are_measures(one: str, two: str) -> None:
    first = f"{one}新建泵站，改造老旧管道和检查井，逐月公布进度并接受监督；"
    second = f"{two}疏浚河道，恢复岸线绿化，每季度会同街道开展巡查并清理漂浮物。"
    text = f"一、治水\n今年要办好实事：{first}{second}\n"
    assert titles(text) == ["一、治水", f"{one}新建泵站", f"{two}疏浚河道"]


def test_counted_items_that_do_not_begin_with_one_are_none() -> None:
    assert titles("一、治水\n见前文，（3）新建泵站，改造老旧管道；（4）疏浚河道。\n") == ["一、治水"]


def test_leads_of_different_sizes_that_part_a_paragraph_are_measures() -> None:
    text = f"（三）治水兴水，全面提升。河畅水清见成效。{BODY}统筹做好节水工作。{BODY}管好用好雨洪资源。{BODY}\n"
    assert titles(text)[1:] == ["河畅水清见成效", "统筹做好节水工作", "管好用好雨洪资源"]


def test_paragraphs_that_open_with_the_years_reviewed_have_leads() -> None:
    one, two = "这五年，城市面貌焕然一新", "这五年，水系治理纵深推进，河湖环境持续向好"
    assert titles(f"一、工作回顾\n{one}。{BODY}\n{two}。{BODY}\n") == ["一、工作回顾", one, two]
    assert titles(f"一、工作回顾\n{one}。{BODY}\n") == ["一、工作回顾"]


def test_more_of_something_opens_a_lead() -> None:
    assert titles(f"一、改革\n更大力度推进改革。{BODY}\n还有许多工作要做。{BODY}\n") == ["一、改革", "更大力度推进改革"]


def test_heading_left_at_the_end_of_the_line_before_stays_a_heading() -> None:
    text = f"一、工作回顾\n治水取得成效。{BODY}（一）推动绿色转型\n深入推进治污攻坚。{BODY}{BODY}（二）推动产业升级\n"
    text += f"加快建设园区。{BODY}\n"
    found = [(m.level, m.title) for m in read(text, "t").measures]
    assert found[2:] == [
        (1, "（一）推动绿色转型"),
        (2, "深入推进治污攻坚"),
        (1, "（二）推动产业升级"),
        (2, "加快建设园区"),
    ]
