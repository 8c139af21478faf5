"""Numbers that are no plain counts: ranks, water classes, streaks, stars, zero growth, doublings, round sums.

Plain numbers with units are found in `heqing.reading.spans`. Look next at `heqing.reading.indicators`.
"""

from __future__ import annotations

import re
from decimal import Decimal

from heqing.quantities.numerals import ARABIC, read_numeral
from heqing.reading.predicates import Quantity, predicate_at

MASK = r"(?<![A-Za-z\d*×])[Xx×*]{1,8}(?![A-Za-z*×])"
_ROMAN = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}
_NUMERAL = rf"(?:{ARABIC}|[一二三四五六七八九十]+|{MASK})"
_RANK = re.compile(
    rf"(?:(?<=[全我]国)|(?<=全[省市区县州])|(?<=[东中西北南]部)|(?<=地区)|(?<=[国省内]内)|(?<=内地)|(?<=全球)|(?<=世界)"
    rf"|(?<=级市)|(?<=[居列排占获升至由从名位为的数、]))"
    rf"第\s?(?P<n>{_NUMERAL})(?P<u>名|位)?(?![批轮届方书时产季度个次梯责阶代版条章款期部年天线支枪档阵梯])|以[^，。；]{{0,6}}第(?P<n2>{_NUMERAL})名"
)
_FIRST = re.compile(
    r"(?:稳居|位居|居|列|位列|占|排名)(?:[^，。；、]{0,8})?(?P<n>首位|榜首|第一)(?![批轮届方书时档阵梯责年])"
)
_CLASS = re.compile(
    r"(?:稳定在|稳定达到|稳定保持在?|达到?|保持在?|稳定为|为|提升[至到为]|改善[至到为]|升至|优于|好于|恢复[至到]|维持在)(?:地表水|国家|地表水环境质量)?"
    r"(?P<n>[ⅠⅡⅢⅣⅤ]|I{1,3}|IV|V)类(?:水质|标准|水体|水)?(?P<after>及以上|以上|及以下|以下)?(?:水质|标准|水体|水平)?(?![^，。；、]*(?:比例|占比|率))"
)
_STREAK = re.compile(rf"(?P<n>[一二两三四五六七八九十]+|\d+|{MASK})连(?P<w>冠|优|降|增|升|胜|跳|丰|涨)")
_YEARS = re.compile(rf"连续(?P<n>{_NUMERAL})(?P<u>年|个月|个季度)")
# A number after 连续三年 is what the clause says; a ratio before it has its own.
_COUNTED = re.compile(r"\d%|[\dXx*]+(?:\.\d+)?[个家项亿万微]|[ⅠⅡⅢⅣⅤ]类")
_OF_RATIO = re.compile(r"[率数]")
_STARS = re.compile(rf"(?P<n>[一二三四五六七]|\d|{MASK})星级(?!园|酒店|饭店|企业|绿)")
_DOUBLE = re.compile(r"翻(?P<n>[一两二三]|\d)番")
_ZERO = re.compile(r"零增长")
_ROUND = re.compile(
    r"(?<=[过上破入越达超])(?P<n>万亿|千亿|百亿)(?:元)?(?:级)?(?=台阶|大关|元|，|。|；|、|$)元?(?:台阶|大关)?"
)


# One of these stands in every such number.
_MARKED = re.compile(r"[连第类星翻亿首榜]|零增长")


def find_marks(clause: str) -> list[Quantity]:
    """Find the numbers of a clause that are no plain counts.

    Parameters
    ----------
    clause : str
        A clean clause, without commas.

    Returns
    -------
    list of Quantity
        Ranks (名), water classes (类), streaks (次, 年), stars (星级), zero growth, doublings and round sums.

    Examples
    --------
    >>> [(q.value, q.unit) for q in find_marks("水质稳定在Ⅱ类")]
    [(Decimal('2'), '类')]
    """
    found: list[Quantity] = []
    if not _MARKED.search(clause):
        return found

    def add(
        m: re.Match[str],
        value: Decimal | None,
        text: str,
        unit: str,
        sort: str,
        comparator: str,
        change: str = "",
        mark: str = "",
        rule: str = "",
        *,
        from_text: bool = False,
    ) -> None:
        if any(q.start < m.end() and m.start() < q.end for q in found):
            return
        begin = clause.find(text, m.start())
        start = begin if from_text else m.start()
        masked = text[0] in "Xx*×"
        found.append(
            Quantity(
                left=predicate_at(clause, start)[0],
                start=start,
                end=m.end(),
                value=None if masked else value,
                value_text=text,
                text_start=begin,
                text_end=begin + len(text),
                unit=unit,
                sort=sort,
                comparator=comparator,
                change=change,
                mark=mark,
                gap="number_masked" if masked else None,
                why=(rule or sort, "masked") if masked else (rule or sort,),
            )
        )

    def number(text: str) -> Decimal | None:
        numeral = read_numeral(text)
        return numeral.value if numeral else None

    if "连" in clause:
        for m in _STREAK.finditer(clause):
            add(m, number(m["n"]), m["n"], "次", "streak", "==", mark=m["w"])
    if "第" in clause:
        for m in _RANK.finditer(clause):
            if clause.rfind("“", 0, m.start()) > clause.rfind("”", 0, m.start()):  # a slogan, not a rank
                continue
            n = m["n"] or m["n2"]
            add(m, number(n), n, "名", "rank", "==")
    for m in _FIRST.finditer(clause):
        add(m, Decimal(1), m["n"], "名", "rank", "==", from_text=True)
    if "类" in clause:
        for m in _CLASS.finditer(clause):
            after = {"及以上": ">=", "以上": ">=", "及以下": "<=", "以下": "<="}.get(m["after"] or "", "==")
            add(m, Decimal(_ROMAN[m["n"]]), m["n"], "类", "class", ">" if m[0].startswith(("优于", "好于")) else after)
    if "星级" in clause:
        for m in _STARS.finditer(clause):
            add(m, number(m["n"]), m["n"], "星级", "grade", "==")
    if "零增长" in clause:
        for m in _ZERO.finditer(clause):
            add(m, Decimal(0), "零", "%", "ratio", "+%", change="增长", rule="zero_growth")
    if "翻" in clause:
        for m in _DOUBLE.finditer(clause):
            times = number(m["n"])
            rise = None if times is None else Decimal(100) * (Decimal(2) ** int(times) - 1)
            add(m, rise, m[0], "%", "ratio", "+%", change="增长", rule="doubling")
    if "亿" in clause:
        for m in _ROUND.finditer(clause):
            factor = {"万亿": ("万亿元", 1), "千亿": ("亿元", 1000), "百亿": ("亿元", 100)}[m["n"]]
            more = ">" if clause[m.start() - 1] in "过破超" else ">="
            add(m, Decimal(factor[1]), m["n"], factor[0], "money", more, rule="round_sum")
    if not found and "连续" in clause:
        for m in _YEARS.finditer(clause):
            if not _COUNTED.search(clause, m.end()) and not _OF_RATIO.search(clause[: m.start()][-3:]):
                add(m, number(m["n"]), m["n"], m["u"], "streak", "==")
    return found
