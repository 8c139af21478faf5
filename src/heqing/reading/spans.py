"""Where the numbers of a clause stand and what belongs to each: numeral or mask, magnitude, unit, comparison, change.

It names no indicator and judges no kind. What is masked (x, *, ×) or lost is a quantity without value.
Look next at `heqing.reading.indicators`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from heqing.quantities.numerals import ARABIC, MYRIADS, SPELLED, read_numeral
from heqing.reading.lexicon import Unit, mapping, patterns, rows, units, words

_MASK = r"(?<![A-Za-z\d*×])[Xx×*]{1,8}(?![A-Za-z*×])"
_ROMAN = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}


@dataclass(frozen=True)
class Quantity:
    """One number of a clause, all offsets relative to the clause.

    `left` is where its predicate begins (comparison and verbs before the number), `start`:`end` the number with unit
    and comparison after it. `value` is None where the number is masked or lost; `gap` then says which.
    """

    left: int
    start: int
    end: int
    value: Decimal | None
    value_text: str
    text_start: int
    text_end: int
    unit: str | None
    sort: str
    comparator: str
    change: str = ""
    change_noun: str = ""
    shared: str = ""
    baseline_of_next: bool = False
    gap: str | None = None
    sure: float = 0.95


@cache
def _number() -> re.Pattern[str]:
    unit = "|".join(
        re.escape(u.written) + (f"(?![{re.escape(u.not_before)}])" if u.not_before else "")
        for u in sorted(units().values(), key=lambda u: (-len(u.written), u.written))
    )
    one = rf"(?:百分之(?:{ARABIC}|{SPELLED}|{_MASK})|[一二三四五六七八九十]+分之[一二三四五六七八九十]+|{ARABIC}|{_MASK}|{SPELLED})"
    magnitude = rf"(?:[余多]?(?:{MYRIADS}|[百千](?=[余多]?[万亿]))?[余多]?(?:{MYRIADS})?)"
    return re.compile(
        rf"(?P<number>{one})(?P<magnitude>{magnitude})"
        rf"(?:(?P<unit1>%|个百分点)?(?P<range>[—～\-至到~]+)(?P<number2>{ARABIC})(?P<magnitude2>{magnitude}))?"
        rf"(?P<unit>{unit})?(?:（(?:{unit})）)?(?P<after>{words('comparators', place='after')})?"
    )


@cache
def _tail() -> re.Pattern[str]:
    parts = [
        rf"(?P<change>{words('changes', form='verb')})",
        rf"(?P<noun>{words('changes', form='noun')})",
        rf"(?P<before>{words('comparators', place='before')})",
        rf"(?P<link>{words('links')})",
    ]
    # The longest word at each place wins whatever its table: 下降至 is a link, 下降 a change.
    return re.compile("|".join(parts))


@cache
def _tail_words() -> tuple[tuple[str, str], ...]:
    """All words that may stand between an indicator and its number, the longest first, each with its role."""
    found: dict[str, str] = {}
    for r in rows("links"):
        found[r["word"]] = "link"
    for r in rows("comparators"):
        if r["place"] == "before":
            found[r["word"]] = "before"
    for r in rows("changes"):
        found[r["word"]] = r["form"]
    return tuple(sorted(found.items(), key=lambda w: (-len(w[0]), w[0])))


def predicate(left: str) -> tuple[int, list[tuple[str, str]]]:
    """Walk back from a number over the words that only join it to its indicator.

    Parameters
    ----------
    left : str
        The clause up to the number.

    Returns
    -------
    tuple
        Where the predicate begins, and its words with their roles (link, before, verb, noun), in order.

    Examples
    --------
    >>> predicate("黑臭水体数量减少超过")
    (6, [('减少', 'verb'), ('超过', 'before')])
    """
    place = len(left)
    found: list[tuple[str, str]] = []
    while True:
        for word, role in _tail_words():
            if word == "增" and left.endswith(("新增", "净增"), 0, place):
                continue
            if left.endswith(word, 0, place):
                found.append((word, role))
                place -= len(word)
                break
        else:
            break
        if role == "noun":
            break
    return place, found[::-1]


def find_quantities(clause: str) -> list[Quantity]:
    """Find the quantities of a clause.

    Parameters
    ----------
    clause : str
        A clean clause, without commas.

    Returns
    -------
    list of Quantity
        In order of place. Dates, parts of names and list numbers are left out.

    Examples
    --------
    >>> [(q.value, q.unit, q.comparator) for q in find_quantities("优良率达到85%以上")]
    [(Decimal('85'), '%', '>=')]
    """
    named = [m.span() for m in re.finditer(r"《[^》]*》", clause)]
    special = _marks(clause)
    taken = named + [(q.start, q.end) for q in special]
    found = list(special)
    for m in _number().finditer(clause):
        if any(s < m.end() and m.start() < e for s, e in taken):
            continue
        quantity = _read(clause, m)
        if quantity is not None:
            found.append(quantity)
    found.extend(_lost(clause, found))
    found = _share_predicate(clause, sorted(found, key=lambda q: q.start))
    return _link_baselines(clause, found)


def _read(clause: str, m: re.Match[str]) -> Quantity | None:
    number, unit = m["number"], units().get(m["unit"] or "")
    left, right = clause[: m.start()], clause[m.end() :]
    masked = bool(re.search(r"[Xx×*]", number))
    spelled = not masked and not re.search(r"\d", number)
    share = "分之" in number
    if share and unit is None:
        unit = units()["%"]
    if unit is None and m["magnitude"].strip("余多") == "" and not m["range"]:
        unit = _implied_unit(left)
    place, said = predicate(left)
    if unit is None:
        if not _is_bare_number(clause[:place], left, right, m):
            return None
        sort = "index"
    else:
        sort = unit.sort
    if sort == "specification" or _excluded(clause, left, right, m):
        return None
    if spelled and not share and not _spelled_counts(number, m, unit):
        return None
    big = re.sub(r"[余多]", "", m["magnitude"])
    written = clause[m.start() : m.start() + len(number) + len(m["magnitude"])]
    text_start, text_end = m.start(), m.start() + len(written)
    value: Decimal | None = None
    gap = None
    if masked:
        gap = "number_masked"
    else:
        numeral = read_numeral(number + big)
        if numeral is None:
            return None
        if m["range"]:
            second = read_numeral(m["number2"] + re.sub(r"[余多]", "", m["magnitude2"]))
            if second is None or (unit is None):
                return None
            gap, text_end = "range", m.end("magnitude2")
        keeps = unit is not None and unit.keeps_big
        value = numeral.digits if keeps and numeral.magnitude else numeral.value
        if share and numeral.exact is not None:
            value *= 100
    unit_name = unit.unit if unit else None
    if unit is not None and unit.keeps_big and big in ("万", "亿", "万亿"):
        unit_name = big + unit.unit
    if m["magnitude2"] and unit is not None and unit.keeps_big and not big:
        big2 = re.sub(r"[余多]", "", m["magnitude2"])
        unit_name = big2 + unit.unit
    end = m.end() if m["unit"] or not share else m.end()
    quantity = Quantity(
        left=place,
        start=m.start(),
        end=end,
        value=value,
        value_text=clause[text_start:text_end],
        text_start=text_start,
        text_end=text_end,
        unit=unit_name,
        sort=sort,
        comparator="==",
        gap=gap,
        sure=0.85 if masked else 0.7 if spelled else 0.95,
    )
    quantity = _compare(clause, quantity, said, m)
    return _derived_unit(clause, quantity)


def _spelled_counts(number: str, m: re.Match[str], unit: Unit | None) -> bool:
    """Say whether a numeral in characters counts something: 八件实事 does, 一批 and 三大 do not."""
    if unit is None or number.startswith(("百千", "一一")) or number in ("一", "千", "百", "百千", "千百"):
        return number in ("千", "百") and bool(m["magnitude"])
    if number.startswith("零") and unit.sort == "ratio":
        return True
    return unit.spelled or (len(number) > 1 and unit.sort != "time") or bool(m["magnitude"])


def _implied_unit(left: str) -> Unit | None:
    if re.search(
        r"(?:PM2\.5|PM10|细颗粒物|臭氧)[^，。；]{0,8}(?:浓度|均值)(?:为|达到|达|降至|降到|控制在)?$", left, re.I
    ):
        return units()["微克/立方米"]
    return None


def _is_bare_number(subject: str, left: str, right: str, m: re.Match[str]) -> bool:
    if not re.search(r"(?:指数|系数)$", subject):
        return False
    return not re.match(r"年|月|日|[A-Za-z\d]", right) and not left.endswith("第")


def _excluded(clause: str, left: str, right: str, m: re.Match[str]) -> bool:
    if any(p.search(left) for p, _ in patterns("exclusions", place="before")):
        return True
    if any(p.match(right) for p, _ in patterns("exclusions", place="after")):
        return True
    if any(p.search(clause) for p, _ in patterns("exclusions", place="clause")):
        return True
    opened = left.rfind("“")
    return (
        opened > left.rfind("”") and "”" in right and opened >= len(left) - 12 and not m["after"] and m["unit"] != "%"
    )


def _compare(clause: str, q: Quantity, said: list[tuple[str, str]], m: re.Match[str]) -> Quantity:
    """Read comparison and change from the words before and after the number."""
    before = mapping("comparators", "word", "comparator")
    directions = mapping("changes", "word", "direction")
    comparator, hedge, change, noun = "==", "", "", ""
    for word, role in said:
        if role == "before":
            comparator, hedge = before[word], word
        elif role == "verb":
            change, noun = word, ""
        elif role == "noun":
            change, noun = word, word
        elif role == "link" and word.endswith(("至", "到", "在", "为")) and not noun and len(word) > 1:
            change = ""
    if m["after"]:
        word = m["after"]
        comparator = before[word]
    elif m["magnitude"].strip("万亿百千") in ("余", "多") or m["magnitude"][-1:] in ("余", "多"):
        comparator = ">"
    q = replace(q, left=min(q.left, q.start))
    if change:
        sign = directions[change]
        if sign == "?":
            subject = clause[: q.left]
            sign = "+" if re.search(r"(?:率|比例|天数|比重|占比)$", subject) else "-"
        comparator = sign + "%" if q.sort in ("ratio", "times") else sign
        if q.sort == "times":
            comparator = sign
    shared = next((w for w, _ in said if w.startswith(("均", "分别", "都", "全部")) or w.endswith("均")), "")
    start = q.text_start
    if hedge in ("超", "超过", "近", "约", "逾", "不足") and clause.startswith(hedge, start - len(hedge)):
        start -= len(hedge)
    return replace(
        q,
        comparator=comparator,
        change=change,
        change_noun=noun,
        shared="each" if shared.startswith("分别") else "all" if shared else "",
        text_start=start,
        value_text=clause[start : q.text_end],
    )


def _derived_unit(clause: str, q: Quantity) -> Quantity:
    left = clause[: q.start]
    if q.unit and q.unit.endswith("吨") and re.search(r"(?:日|每天)(?:均)?处理(?:能力|规模)?(?:达|为|达到)?$", left):
        return replace(q, unit=q.unit + "/日")
    if (
        q.unit
        and q.unit.endswith("立方米")
        and re.search(r"日(?:均)?(?:处理|供水)(?:能力|规模)?(?:达|为|达到)?$", left)
    ):
        return replace(q, unit=q.unit + "/日")
    if q.unit and q.unit.endswith("元") and "亩均" in left[-16:]:
        return replace(q, unit=q.unit + "/亩")
    if q.unit and q.unit.endswith("吨") and re.search(r"用能空间|能耗|标煤", left[-12:]):
        return replace(q, unit=q.unit + "标准煤")
    return q


def _lost(clause: str, found: list[Quantity]) -> list[Quantity]:
    """Find places where a number is gone: 达到%以上."""
    lost = []
    for m in re.finditer(
        rf"(?<=[达到在为至于超近约])(?P<unit>%|个百分点)(?P<after>{words('comparators', place='after')})?", clause
    ):
        if any(q.start <= m.start() < q.end for q in found):
            continue
        place, said = predicate(clause[: m.start()])
        if not said:
            continue
        q = Quantity(place, m.start(), m.end(), None, "", m.start(), m.start(), m["unit"], "ratio", "==")
        q = replace(q, gap="number_lost", sure=0.8)
        comparator = mapping("comparators", "word", "comparator")
        word = m["after"] or next((w for w, role in reversed(said) if role == "before"), "")
        lost.append(replace(q, comparator=comparator.get(word, "==")))
    return lost


_NUMERAL = rf"(?:{ARABIC}|[一二三四五六七八九十]+|{_MASK})"
_RANK = re.compile(
    rf"(?:(?<=全国)|(?<=全省)|(?<=全市)|(?<=全区)|(?<=[居列排占获升至由从名位为的])|(?<=中部地区)|(?<=西部地区))"
    rf"第(?P<n>{_NUMERAL})(?P<u>名|位)?(?![批轮届方书时产季度个次梯责阶代版条章款期部])|以[^，。；]{{0,6}}第(?P<n2>{_NUMERAL})名"
)
_FIRST = re.compile(
    r"(?:稳居|位居|居|列|位列|占|排名)(?:[^，。；]{0,6}(?:全国|全省|全市|地区|同类))?(?P<n>首位|榜首|第一)(?![批轮届方书时])"
)
_CLASS = re.compile(
    r"(?:稳定在|稳定达到|稳定保持在?|达到?|保持在?|稳定为|为|提升[至到为]|改善[至到为]|升至|优于|好于|恢复[至到]|维持在)(?:地表水|国家|地表水环境质量)?"
    r"(?P<n>[ⅠⅡⅢⅣⅤ]|I{1,3}|IV|V)类(?:水质|标准|水体|水)?(?P<after>及以上|以上|及以下|以下)?(?:水质|标准|水体|水平)?(?![^，。；、]*(?:比例|占比|率))"
)
_STREAK = re.compile(rf"(?P<n>[一二两三四五六七八九十]+|\d+|{_MASK})连(?P<w>冠|优|降|增|升|胜|跳)")
_YEARS = re.compile(rf"连续(?P<n>{_NUMERAL})(?P<u>年|个月|个季度)")
_STARS = re.compile(rf"(?P<n>[一二三四五六七]|\d|{_MASK})星级(?!园|酒店|饭店|企业|绿)")
_DOUBLE = re.compile(r"翻(?P<n>[一两二三]|\d)番")
_ZERO = re.compile(r"零增长")
_ROUND = re.compile(
    r"(?<=[过上破入越达超])(?P<n>万亿|千亿|百亿)(?:元)?(?:级)?(?=台阶|大关|元|，|。|；|、|$)元?(?:台阶|大关)?"
)


def _marks(clause: str) -> list[Quantity]:
    """Find numbers that are no plain counts: ranks, water classes, streaks, stars, doublings, round sums."""
    found: list[Quantity] = []

    def add(
        m: re.Match[str], value: Decimal | None, text: str, unit: str, sort: str, comparator: str, **more: str
    ) -> None:
        if any(q.start < m.end() and m.start() < q.end for q in found):
            return
        begin = clause.find(text, m.start()) if text else m.start()
        masked = bool(re.fullmatch(r"[Xx×*]+", text))
        place, _ = predicate(clause[: m.start()])
        found.append(
            Quantity(
                place, m.start(), m.end(), None if masked else value, text, begin, begin + len(text), unit, sort,
                comparator, gap="number_masked" if masked else None, sure=0.8, **more,
            )
        )  # fmt: skip

    def number(text: str) -> Decimal | None:
        numeral = read_numeral(text)
        return numeral.value if numeral else None

    for m in _STREAK.finditer(clause):
        add(m, number(m["n"]), m["n"], "次", "streak", "==")
    for m in _RANK.finditer(clause):
        n = m["n"] or m["n2"]
        add(m, number(n), n, "名", "rank", "==")
    for m in _FIRST.finditer(clause):
        add(m, Decimal(1), m["n"], "名", "rank", "==")
    for m in _CLASS.finditer(clause):
        after = {"及以上": ">=", "以上": ">=", "及以下": "<=", "以下": "<="}.get(m["after"] or "", "==")
        add(m, Decimal(_ROMAN[m["n"]]), m["n"], "类", "class", ">" if m[0].startswith(("优于", "好于")) else after)
    for m in _STARS.finditer(clause):
        add(m, number(m["n"]), m["n"], "星级", "grade", "==")
    for m in _ZERO.finditer(clause):
        add(m, Decimal(0), "零", "%", "ratio", "+%", change="增长")
    for m in _DOUBLE.finditer(clause):
        times = number(m["n"])
        rise = None if times is None else Decimal(100) * (Decimal(2) ** int(times) - 1)
        add(m, rise, m[0], "%", "ratio", "+%", change="增长")
    for m in _ROUND.finditer(clause):
        factor = {"万亿": ("万亿元", 1), "千亿": ("亿元", 1000), "百亿": ("亿元", 100)}[m["n"]]
        add(m, Decimal(factor[1]), m["n"], factor[0], "money", ">" if clause[m.start() - 1] in "过破超" else "==")
    if not found:
        for m in _YEARS.finditer(clause):
            rest = clause[m.end() :]
            if not re.search(r"\d%|[\dXx*]+(?:\.\d+)?[个家项亿万微]|[ⅠⅡⅢⅣⅤ]类", rest) and not re.search(
                r"[率数]", clause[: m.start()][-3:]
            ):
                add(m, number(m["n"]), m["n"], m["u"], "streak", "==")
    return found


_BARE = re.compile(rf"(?P<n>{ARABIC}|{_MASK})(?P<join>、|和|以及|及)$")


def _share_predicate(clause: str, found: list[Quantity]) -> list[Quantity]:
    """Let the numbers of one list share what only the first or the last bears: 分别提高15、22个百分点."""
    out: list[Quantity] = []
    for q in found:
        ahead = clause[: q.start]
        bare: list[Quantity] = []
        while m := _BARE.search(ahead):
            if any(p.start <= m.start() < p.end for p in found) or not re.search("分别", ahead):
                break
            numeral = None if re.search(r"[Xx*×]", m["n"]) else read_numeral(m["n"])
            place, said = predicate(ahead[: m.start()])
            shared = "each" if any(w.startswith("分别") for w, _ in said) else ""
            change = next((w for w, role in said if role == "verb"), "")
            sign = mapping("changes", "word", "direction").get(change, "")
            comparator = q.comparator
            if change:
                comparator = sign + "%" if q.sort in ("ratio", "times") else sign
            bare.insert(
                0,
                replace(
                    q, left=place, start=m.start(), end=m.end("n"), value=numeral.value if numeral else None,
                    value_text=m["n"], text_start=m.start(), text_end=m.end("n"), comparator=comparator,
                    change=change or q.change, shared=shared or q.shared, gap=None if numeral else "number_masked",
                ),
            )  # fmt: skip
            ahead = ahead[: m.start()]
        out.extend(bare)
        out.append(q)
    for i in range(1, len(out)):
        before, q = out[i - 1], out[i]
        joined = clause[before.end : q.start]
        if joined in ("、", "和", "以及", "及") and not q.change and before.change and q.sort == before.sort:
            out[i] = replace(q, comparator=before.comparator, change=before.change, change_noun=before.change_noun)
    return out


def _link_baselines(clause: str, found: list[Quantity]) -> list[Quantity]:
    """Mark the first of 由31%提升至54% as the baseline of the second."""
    out = []
    for i, q in enumerate(found):
        opened = re.search(r"(?:由|从)(?:[^，。；\d]{0,10})$", clause[: q.start])
        after = found[i + 1] if i + 1 < len(found) else None
        if opened and after is not None:
            between = clause[q.end : after.start]
            if re.match(r"[^，。；、]{0,8}(?:至|到|为)?$", between):
                out.append(replace(q, baseline_of_next=True))
                continue
        out.append(q)
    return out
