"""Numbers of a sentence: value, unit, comparison, change, what they are about, and what is missing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from heqing.reading import Finding, read


def only(text: str) -> Finding:
    """Read a sentence that holds one finding."""
    found = read(text, "t.txt").findings
    assert len(found) == 1, [(f.indicator, f.value) for f in found]
    return found[0]


@pytest.mark.parametrize(
    ("text", "comparator"),
    [
        ("优良天数比例达到81%以上。", ">="),
        ("优良天数比例不低于81%。", ">="),
        ("新建绿道不少于30公里。", ">="),
        ("危险废物填埋比控制在9%以内。", "<="),
        ("全年超标天数不超过12天。", "<="),
        ("PM10浓度降到60微克/立方米以下。", "<="),
        ("储能规模突破300万千瓦。", ">"),
        ("储能规模超300万千瓦。", ">"),
        ("修复湿地80余亩。", ">"),
        ("培训河长900多人。", ">"),
        ("完成投资近40亿元。", "~"),
        ("完成投资约40亿元。", "~"),
        ("失业率5%左右。", "~"),
        ("优良天数比例为81%。", "=="),
        ("优良天数比例提升至81%。", "=="),
        ("PM2.5平均浓度好于年度目标31微克/立方米。", "<"),
        ("工业投资增长7%以上。", "+%"),
        ("居民消费价格涨幅2%左右。", "+%"),
        ("氨氮平均浓度下降8%。", "-%"),
        ("PM2.5平均浓度同比改善4%。", "-%"),
        ("优良天数增加9天。", "+"),
        ("水质优良比例提高3.5个百分点。", "+"),
        ("交通死亡事故零增长。", "+%"),
        ("研发投入翻一番。", "+%"),
    ],
)
def test_comparator_follows_the_words(text: str, comparator: str) -> None:
    assert only(text).comparator == comparator


@pytest.mark.parametrize(
    ("text", "value", "unit", "value_text"),
    [
        ("腾退低效用地1.6万亩。", "16000", "亩", "1.6万"),
        ("新建厂房30万平方米。", "30", "万平方米", "30万"),
        ("完成投资近40亿元。", "40", "亿元", "近40亿"),
        ("新增就业2.5万人。", "25000", "人", "2.5万"),
        ("外调绿电达300亿千瓦时。", "300", "亿千瓦时", "300亿"),
        ("污水处理规模达到8万吨/天。", "8", "万吨/日", "8万"),
        ("建成日处理3万吨污水处理厂。", "3", "万吨/日", "3万"),
        ("亩均税收提高到28万元。", "28", "万元/亩", "28万"),
        ("PM2.5年均浓度达到33。", "33", "微克/立方米", "33"),
        ("收储土地两万三千亩。", "23000", "亩", "两万三千"),
        ("办好九件民生实事。", "9", "件", "九"),
        ("污水收集率达到百分之八十五。", "85", "%", "百分之八十五"),
        ("争创平安区“十二连冠”。", "12", "次", "十二"),
        ("达到五星级“无废城市”水平。", "5", "星级", "五"),
        ("干流水质稳定在Ⅱ类及以上。", "2", "类", "Ⅱ"),
        ("森林覆盖率居全省第3位。", "3", "名", "3"),
        ("绿色工厂数量位居全省首位。", "1", "名", "首位"),
        ("服务业增加值跨上千亿元台阶。", "1000", "亿元", "千亿"),
        ("交通死亡事故零增长。", "0", "%", "零"),
        ("研发投入翻一番。", "100", "%", "翻一番"),
        ("完成危旧房改造1200户（套）。", "1200", "户", "1200"),
    ],
)
def test_value_and_unit(text: str, value: str, unit: str, value_text: str) -> None:
    found = only(text)
    assert (found.value, found.unit, found.value_text) == (Decimal(value), unit, value_text)


def test_a_third_is_a_share_of_a_hundred() -> None:
    found = only("三分之一的村达标。")
    assert found.unit == "%"
    assert found.value is not None
    assert abs(found.value - Decimal(100) / 3) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("text", "value_text", "unit"),
    [
        ("新建污水管网x公里。", "x", "公里"),
        ("优良率达到XX%以上。", "XX", "%"),
        ("整治企业***家。", "***", "家"),
        ("新招引大学生x万人以上。", "x万", "人"),
        ("整治排口××个。", "××", "个"),
        ("在全省考核中排名第*名。", "*", "名"),
        ("空气质量综合指数XX。", "XX", None),
    ],
)
def test_masked_number_is_a_gap_not_a_zero(text: str, value_text: str, unit: str | None) -> None:
    found = only(text)
    assert (found.value, found.value_text, found.unit, found.gap) == (None, value_text, unit, "number_masked")


def test_lost_number_is_a_gap() -> None:
    found = only("研发费用占营业收入比重达到%以上。")
    assert (found.value, found.value_text, found.gap, found.comparator) == (None, "", "number_lost", ">=")
    assert found.indicator == "研发费用占营业收入比重"


def test_lost_pollutant_is_proposed_from_its_neighbour_and_marked() -> None:
    found = read("力争全区浓度控制在28微克/立方米及以下，PM10浓度控制在55微克/立方米及以下。", "t").findings
    assert [(f.indicator, f.gap) for f in found] == [("PM2.5平均浓度", "indicator_inferred"), ("PM10浓度", None)]


@pytest.mark.parametrize(
    "text",
    [
        "力争全区浓度控制在28微克/立方米及以下。",
        "力争全区浓度控制在68微克/立方米及以下，PM10浓度控制在55微克/立方米及以下。",
    ],
)
def test_lost_pollutant_without_ground_stays_lost(text: str) -> None:
    found = read(text, "t").findings[0]
    assert (found.indicator, found.gap) == (None, "indicator_lost")


@pytest.mark.parametrize(
    "text",
    [
        "到2027年底前落实。",
        "会议于3月12日召开。",
        "聘请**环境研究院指导。",
        "XX区推进XX产业发展。",
        "突出三个重点、五大行动。",
        "贯彻第二轮督察要求。",
        "实施三年攻坚行动。",
        "按照《示例办法（2023—2025年）》执行。",
        "开展0.2微克攻坚行动。",
        "联系电话：12345678。",
        "推进一批项目。",
        "形成“1+1+N”模式。",
    ],
)
def test_what_is_no_finding(text: str) -> None:
    assert [f.value_text for f in read(text, "t").findings if f.comparator != "complete"] == []


def test_shared_predicate_is_one_row_each() -> None:
    found = read("断面优良比例、交接断面达标比例、水源地达标率均保持100%。", "t").findings
    assert [f.indicator for f in found] == ["断面优良比例", "交接断面达标比例", "水源地达标率"]
    assert {f.value for f in found} == {Decimal(100)}
    assert len({(f.start, f.end) for f in found}) == 1


def test_each_of_a_list_takes_its_own_number() -> None:
    found = read("林木覆盖率、湿地保护率分别达21.5%和48%。", "t").findings
    assert [(f.indicator, f.value) for f in found] == [("林木覆盖率", Decimal("21.5")), ("湿地保护率", Decimal(48))]


def test_each_shares_unit_change_and_bound() -> None:
    rises = read("工业投资、技改投资分别提高6、9个百分点。", "t").findings
    assert [(f.value, f.unit, f.comparator) for f in rises] == [
        (Decimal(6), "个百分点", "+"),
        (Decimal(9), "个百分点", "+"),
    ]
    bounds = read(
        "可吸入颗粒物（PM10）、细颗粒物（PM2.5）平均浓度分别不高于58微克/立方米和31微克/立方米。", "t"
    ).findings
    assert [(f.indicator, f.comparator) for f in bounds] == [("PM10平均浓度", "<="), ("PM2.5平均浓度", "<=")]


def test_list_of_counts_shares_its_verb() -> None:
    found = read("打造美丽街巷20条、口袋公园8个。", "t").findings
    assert [f.indicator for f in found] == ["打造美丽街巷", "打造口袋公园"]


def test_level_and_change_of_one_subject() -> None:
    found = read("PM2.5年均浓度34.5微克/立方米、同比下降6%。", "t").findings
    assert [(f.indicator, f.comparator, f.baseline) for f in found] == [
        ("PM2.5年均浓度", "==", None),
        ("PM2.5年均浓度降幅", "-%", "同比"),
    ]


@pytest.mark.parametrize(
    ("text", "baseline", "value"),
    [
        ("非化石能源占比由28%提高到35%。", "由28%", "35"),
        ("黑臭水体数量较上年减少40%。", "较上年", "40"),
        ("优良天数比2020年增加21天。", "比2020年", "21"),
        ("排名从全省第9位升至第4位。", "从全省第9位", "4"),
    ],
)
def test_baseline_is_kept_as_written(text: str, baseline: str, value: str) -> None:
    found = only(text)
    assert (found.baseline, found.value) == (baseline, Decimal(value))


def test_number_that_limits_the_object_is_no_finding() -> None:
    assert [f.value for f in read("7个市控断面水质达标率保持100%。", "t").findings] == [Decimal(100)]
    assert [f.value for f in read("在全国50个重点城市中排第12位。", "t").findings] == [Decimal(12)]


def test_range_is_read_as_its_two_ends() -> None:
    lower, upper = read("出口额3—5亿元。", "t.txt").findings
    assert (lower.value, lower.unit, lower.value_text, lower.gap) == (Decimal(3), "亿元", "3", "range")
    assert (upper.value, upper.unit, upper.value_text, upper.indicator) == (Decimal(5), "亿元", "5亿", lower.indicator)


@pytest.mark.parametrize(
    "text",
    [
        "关停30万千瓦及以下机组。",
        "50户以上村庄全部通水。",
        "消除人均收入5000元以下的困难。",
        "推动某某化工60万吨钾肥项目改造。",
        "通时速250公里列车。",
        "做好三件事。",
        "推出25条惠企措施。",
        "提出30个主要指标。",
        "加快8个传统产业提质。",
        "列为东部12个试点城市。",
        "去年同期为44微克/立方米。",
        "强化12个乡镇对口帮扶。",
        "本届任期的第一年。",
        "稳居全省第一档。",
    ],
)
def test_sizes_tasks_and_categories_are_no_rows(text: str) -> None:
    assert [f for f in read(text, "t.txt").findings if f.comparator != "complete"] == []


@pytest.mark.parametrize(
    ("text", "value", "unit", "comparator"),
    [
        ("完成30万千瓦火电机组改造。", 30, "万千瓦", "=="),
        ("建成20万吨钾肥项目。", 20, "万吨", "=="),
        ("争取中央预算内投资15亿元。", 15, "亿元", "=="),
        ("空气质量优良率要达到81%。", 81, "%", "=="),
        ("机械化清扫率必须达到95%以上。", 95, "%", ">="),
        ("人均预期寿命达80岁。", 80, "岁", "=="),
        ("改造危旧房屋12栋。", 12, "栋", "=="),
        ("湿地指数提升2个等级。", 2, "个等级", "+"),
        ("粮食实现“九连丰”。", 9, "次", "=="),
        ("PM10浓度全市倒数第二。", 2, "名", "=="),
    ],
)
def test_number_of_each_kind_is_read(text: str, value: int, unit: str, comparator: str) -> None:
    found = only(text)
    assert (found.value, found.unit, found.comparator) == (Decimal(value), unit, comparator)


def test_level_that_is_compared_with_is_no_row_of_its_own() -> None:
    found = only("优良天数比例较去年同期81.5%提高2.4个百分点。")
    assert (found.value, found.comparator, found.baseline) == (Decimal("2.4"), "+", "较去年同期")


def test_scope_is_parted_from_the_indicator() -> None:
    found = only("国考断面水质优良比例达到95%。")
    assert (found.scope, found.indicator) == ("国考断面", "水质优良断面比例")


@pytest.mark.parametrize(
    ("text", "pillar"),
    [
        ("PM2.5平均浓度控制在30微克/立方米以内。", "air"),
        ("新建污水管网9公里。", "water"),
        ("受污染耕地安全利用率达到92%。", "soil"),
        ("危险废物填埋比降至8%。", "waste"),
        ("单位GDP能耗下降3%。", "energy"),
        ("单位地区生产总值二氧化碳排放下降4%。", "carbon"),
        ("地区生产总值增长5%。", "other"),
        ("服务业增加值占地区生产总值比重达到52%。", "industry"),
        ("农业科技贡献率达到64%。", "agriculture"),
        ("群众举报件办结率98%。", "petition"),
        ("改造农村危房3200户。", "livelihood"),
        ("居民收入与经济增长同步提高3%。", "livelihood"),
    ],
)
def test_pillar_names_the_subject_before_general_words(text: str, pillar: str) -> None:
    assert only(text).pillar == pillar


@pytest.mark.parametrize(
    ("text", "pillar"),
    [
        ("新建污水主管9公里，整治小区12个。", "water"),
        ("一、打好碧水保卫战\n新增示范点6个。", "water"),
        ("美丽乡村建设提速。新增精品村30个。", "agriculture"),
        ("甲市大气污染防治工作方案\n一、工作目标\n完成项目40个。", "industry"),
        ("甲市大气污染防治工作方案\n一、工作目标\n完成任务40件。", "air"),
    ],
)
def test_pillar_is_told_by_what_stands_near_when_the_name_does_not(text: str, pillar: str) -> None:
    assert [f.pillar for f in read(text).findings if f.unit != "公里"] == [pillar]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "城乡居民人均可支配收入分别增长6%和8%。",
            ["城镇居民人均可支配收入增速", "农村居民人均可支配收入增速"],
        ),
        ("城镇、农村居民人均可支配收入分别为4万元和2万元。", ["城镇居民人均可支配收入", "农村居民人均可支配收入"]),
        ("电子信息、装备制造业产业规模分别达9亿元、7亿元。", ["电子信息产业规模", "装备制造业产业规模"]),
        ("生态茶园、示范基地分别新增300亩和200亩。", ["新增生态茶园", "新增示范基地"]),
        ("甲工厂、乙园区数量均居西部首位。", ["甲工厂数量西部排名", "乙园区数量西部排名"]),
        ("二氧化硫、氨氮排放总量较2015年均下降9%。", ["二氧化硫排放总量降幅", "氨氮排放总量降幅"]),
        ("PM10浓度下降6%，年均浓度降至50微克/立方米。", ["PM10浓度降幅", "PM10年均浓度"]),
        ("森林覆盖率达61%、连续9年居全国首位。", ["森林覆盖率", "森林覆盖率全国排名"]),
        ("优良天数300天，在全省排第2名。", ["优良天数", "优良天数全省排名"]),
    ],
)
def test_names_of_a_list_are_parted_and_completed(text: str, names: list[str]) -> None:
    assert [f.indicator for f in read(text, "t.txt").findings] == names


def test_second_list_of_changes_takes_the_names_of_the_first() -> None:
    found = read("城镇、农村居民收入分别为4万元和2万元，增长6%和8%。", "t.txt").findings
    assert [(f.indicator, f.value) for f in found][2:] == [("城镇居民收入增速", 6), ("农村居民收入增速", 8)]


@pytest.mark.parametrize(
    ("text", "comparator"),
    [
        ("优良天数比去年同期多20天。", "+"),
        ("重污染天数比上年少3天。", "-"),
        ("保洁员每村至少配2名。", ">="),
        ("O3浓度好于160微克/立方米。", "<"),
    ],
)
def test_more_than_before_and_at_least(text: str, comparator: str) -> None:
    assert only(text).comparator == comparator


def test_strength_of_a_later_part_does_not_reach_back() -> None:
    assert only("经济增长5%左右、在工作中努力争取更好结果。").strength == "plan"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("惠及20余万老年人。", [("惠及老年人", "200000", "人", ">")]),
        ("7.5万监测对象消除风险。", [("监测对象消除风险", "75000", "人", "==")]),
        (
            "甲、乙产业规模分别达1.2万亿、8200亿元。",
            [("甲产业规模", "1.2", "万亿元", "=="), ("乙产业规模", "8200", "亿元", "==")],
        ),
        ("转化率从2020年的51%提升到2025年的70%。", [("转化率", "70", "%", "==")]),
        ("城乡居民收入比降至2.2。", [("城乡居民收入比", "2.2", None, "==")]),
        ("落实满3岁入园政策。", []),
        ("引进高层次人才45人。", [("引进高层次人才", "45", "人", "==")]),
        ("十届十五次全会部署工作。", []),
        ("改造25个标准化养老机构。", [("改造标准化养老机构", "25", "个", "==")]),
    ],
)
def test_counts_without_unit_and_levels_of_two_years(text: str, rows: list[tuple[object, ...]]) -> None:
    found = [f for f in read(text, "t.txt").findings if f.comparator != "complete"]
    assert [(f.indicator, format(f.value or 0, "f").removesuffix(".0"), f.unit, f.comparator) for f in found] == rows
