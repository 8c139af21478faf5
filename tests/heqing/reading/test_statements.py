"""Statements without a number: each class found in words of our own, each not-row left alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heqing.reading import read
from heqing.reading.lexicon import rows
from heqing.reading.signs import signs_of
from heqing.reading.statements import _rule, _rules_for, find_statements, pieces_between

FOUND = {
    "a plan issued": [
        ("制定出台《青溪区扬尘污染防治办法》等措施", "出台扬尘污染防治办法"),
        ("编制实施“十六五”清洁能源发展规划", "编制实施十六五清洁能源发展规划"),
        ("推动出台湿地保护条例", "出台湿地保护条例"),
        ("《清溪市餐厨垃圾管理条例》颁布实施", "清溪市餐厨垃圾管理条例颁布实施"),
        ("云岭都市圈发展规划获批实施", "云岭都市圈发展规划获批实施"),
    ],
    "full coverage": [
        ("实现建制镇污水处理全覆盖", "建制镇污水处理全覆盖"),
        ("公用充电桩覆盖所有乡镇", "公用充电桩覆盖所有乡镇"),
        ("排污口标识牌全部立好", "排污口标识牌全部立好"),
        ("存量隐性债务全部化解", "存量隐性债务全部化解"),
        ("确保散煤动态清零", "散煤动态清零"),
        ("城市黑臭水体基本消除", "城市黑臭水体基本消除"),
        ("基本消除农村黑臭水体", "消除农村黑臭水体"),
        ("所有行政村达到人居环境二档标准", "所有行政村达到人居环境二档标准"),
        ("老旧柴油车全面淘汰", "老旧柴油车全面淘汰"),
        ("综合指数坚决退出全省后十", "综合指数坚决退出全省后十"),
        ("整改问题不反弹", "整改问题不反弹"),
        ("餐厨垃圾全量资源化利用", "餐厨垃圾全量资源化利用"),
    ],
    "what did not happen": [
        ("全年未发生较大以上环境事件", "未发生较大以上环境事件"),
        ("坚决遏制重特大安全事故", "遏制重特大安全事故"),
        ("守牢不发生规模性返贫底线", "守牢不发生规模性返贫底线"),
    ],
    "a direction of something measured": [
        ("主要污染物排放总量持续减少", "主要污染物排放总量持续减少"),
        ("制造业投资占比稳步提升", "制造业投资占比稳步提升"),
        ("居民收入增长与经济增长同步", "居民收入增长与经济增长同步"),
        ("单位用水成本与上年持平", "单位用水成本与上年持平"),
        ("民间投资增速高于全省平均水平", "民间投资增速高于全省平均水平"),
        ("确保空气质量持续改善", "空气质量持续改善"),
        ("饮用水水源水质稳定达标", "饮用水水源水质稳定达标"),
        ("区域创新能力稳居全省第一方阵", "区域创新能力稳居全省第一方阵"),
    ],
    "a task of those above": [
        ("碳排放强度完成省下达目标任务", "碳排放强度完成省下达目标任务"),
        ("单位产值能耗完成目标任务", "单位产值能耗完成目标任务"),
        ("按照国家要求完成节能减排任务", "完成节能减排任务"),
        ("超额完成国家下达的造林任务", "完成国家下达的造林任务"),
        ("能源约束性指标全面完成", "能源约束性指标全面完成"),
    ],
    "an honour": [
        ("青溪湖入选全国美丽河湖案例", "青溪湖入选全国美丽河湖案例"),
        ("争创国家生态文明建设示范区", "创建国家生态文明建设示范区"),
        ("推动材料研究院打造成为省级新型研发机构", "材料研究院打造成为省级新型研发机构"),
        ("云岭古茶园进入世界农业遗产名录", "云岭古茶园进入世界农业遗产名录"),
        ("国家节水试点通过验收", "国家节水试点通过验收"),
        ("云岭国家公园获批设立", "云岭国家公园获批设立"),
        ("省节能目标评价考核结果为优秀", "省节能目标评价考核结果为优秀"),
    ],
    "a project finished or begun": [
        ("北区污水处理厂三期建成投用", "北区污水处理厂三期建成投用"),
        ("开工建设云岭抽水蓄能电站", "开工建设云岭抽水蓄能电站"),
        ("推动青溪高铁建成通车", "青溪高铁建成通车"),
        ("启用区康养中心", "启用区康养中心"),
        ("完成青溪河生态修复工程", "完成青溪河生态修复工程"),
        ("基本完成焦化行业超低排放改造", "完成焦化行业超低排放改造"),
        ("旧焚烧炉完成技术改造", "旧焚烧炉完成技术改造"),
        ("国道999线建成首条光伏廊道", "国道999线建成首条光伏廊道"),
        ("碳普惠平台上线运行", "碳普惠平台上线运行"),
        ("云岭钢铁公司转型退出", "云岭钢铁公司转型退出"),
    ],
}
LEFT = {
    "an exhortation": [
        "加强生态环境保护",
        "推进空气质量稳定达标",
        "推进青溪至云岭段全线通航",
        "支持云岭创建国家公园",
        "提高公交车新能源化比例",
        "加快消除黑臭水体",
        "扩大工伤保险覆盖面",
        "启动省级食品安全示范区创建",
        "鼓励企业完成技术改造",
        "打造一批示范区",
    ],
    "a mechanism or an event": [
        "健全隐患动态清零工作机制",
        "实施生态环境问题“动态清零”行动",
        "建立覆盖所有区县的补偿机制",
        "强化对项目准入、投产达效等全流程监管",
    ],
    "all tasks, no task": ["确保圆满完成各项目标任务", "经济社会发展主要目标任务顺利完成", "落实省委工作要求"],
    "a start in a crowd": [
        "确保项目早开工、早竣工",
        "一批重大项目相继开工建设",
        "推动重大项目建成投产",
        "出台一批务实管用举措",
        "争取更多项目纳入国家规划",
    ],
    "a place among the first": ["空气质量保持全国前列", "海洋碳汇实践走在全国前列"],
    "a direction of nothing measured": [
        "生态环境质量持续改善",
        "社会大局保持和谐稳定",
        "人民群众获得感持续提升",
        "营商环境持续优化",
        "土壤环境质量总体稳定",
        "新能源产业成为消费新热点",
    ],
    "a goal in general": ["基本建成新型能源体系", "初步形成绿色发展格局", "让绿水青山成为金山银山"],
    "words in quotes": ["实现“拿地即开工”"],
}


@pytest.mark.parametrize(("clause", "name"), [pair for pairs in FOUND.values() for pair in pairs])
def test_statement_is_found_and_named(clause: str, name: str) -> None:
    assert [s.name for s in find_statements(clause)] == [name]


@pytest.mark.parametrize("clause", [clause for clauses in LEFT.values() for clause in clauses])
def test_what_cannot_be_checked_is_left_alone(clause: str) -> None:
    assert find_statements(clause) == []


@pytest.mark.parametrize(
    ("clause", "names"),
    [
        ("北区医院竣工、南区学校开工建设", ["北区医院竣工", "南区学校开工建设"]),
        ("完成东校教学楼改建、西院门诊楼迁建", ["东校教学楼改建", "西院门诊楼迁建"]),
        ("建成东湖泵站、西湖水库等重大工程", ["建成东湖泵站、西湖水库等重大工程"]),
        ("建成东湖、西湖灌区", ["建成东湖、西湖灌区"]),
        ("成功创建国家园林城市、国家森林城市", ["创建国家园林城市", "创建国家森林城市"]),
        ("排口不增加、水质不下降、功能不退化", ["排口不增加、水质不下降、功能不退化"]),
        ("加强巡查、实现隐患动态清零", ["隐患动态清零"]),
    ],
)
def test_list_has_a_row_for_each_thing_that_stands_by_itself(clause: str, names: list[str]) -> None:
    assert [s.name for s in find_statements(clause)] == names


def test_list_of_winners_and_a_town_are_the_scope_of_an_honour() -> None:
    found = find_statements("东湖（北段）、西湖入选全国幸福河湖案例")
    assert [(s.name, s.scope) for s in found] == [("入选全国幸福河湖案例", "东湖（北段）、西湖")]
    assert find_statements("青溪市获评国家卫生城市")[0].scope == "青溪市"


def test_air_quality_alone_is_a_row_only_when_it_is_ensured_or_a_state() -> None:
    assert find_statements("空气质量明显提升") == []
    assert find_statements("力争空气质量明显提升") != []
    assert find_statements("空气质量持续优良") != []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("35户以上自然村全部通水", [("35户以上自然村全部通水", None)]),
        ("关停12万千瓦及以下燃煤机组", [("关停12万千瓦及以下燃煤机组", None)]),
        ("云岭60万吨煤制油项目开工建设", [("云岭60万吨煤制油项目开工建设", None)]),
        ("建成日处理6万吨污水处理厂", [("建成污水处理厂", "6万")]),
        ("新建泵站3座、污水管网全覆盖", [("新建泵站", "3"), ("污水管网全覆盖", None)]),
        ("编制完成水网规划、路网规划等8个专项规划", [("编制完成专项规划", "8")]),
    ],
)
def test_number_that_sizes_the_thing_is_part_of_the_statement(
    sentence: str, found: list[tuple[str, str | None]]
) -> None:
    assert [(f.indicator, f.value_text) for f in read(sentence + "。", "t").findings] == found


def test_items_without_a_number_are_read_between_those_with_one() -> None:
    clause = "新建泵站3座、河道全贯通、村村通水、绿道5公里、厂网一体"
    taken = [(2, 6), (18, 21)]
    assert pieces_between(clause, taken) == ["河道全贯通、村村通水", "厂网一体"]


def test_every_rule_has_a_code_of_its_own_that_table_rules_explains() -> None:
    rules = rows("completions")
    assert len({r["code"] for r in rules}) == len(rules)
    assert {r["code"] for r in rules} <= {r["code"] for r in rows("rules")}
    assert {r["at"] for r in rules} == {"any", "head", "end"}


def test_roles_named_in_patterns_have_words() -> None:
    roles = {r["role"] for r in rows("statement_words")} | {"end"}
    named = {role for r in rows("completions") for role in re.findall(r"«(\w+)»", r["pattern"])}
    assert named <= roles


@pytest.mark.parametrize("code", [r["code"] for r in rows("completions")])
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_match_of_a_rule_lacks_its_triggers(code: str, data: st.DataObject) -> None:
    rule = _rule(code)
    bare = re.sub(r"\(\?<?[!=](?:[^()]|\([^()]*\))*\)", "", rule.pattern.pattern)
    text = data.draw(st.from_regex(bare, fullmatch=True))
    if rule.pattern.search(text):
        assert rule in _rules_for(text, signs_of(text)), text
