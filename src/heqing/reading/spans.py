"""Where the numbers of a clause stand and what belongs to each: numeral or mask, magnitude, unit, comparison, change.

It names no indicator and judges no kind. What is masked (x, *, ×) or lost is a quantity without value.
Look next at `heqing.reading.indicators`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise

from heqing.quantities.numerals import ARABIC, DIGITS, MYRIADS, SPELLED, read_numeral
from heqing.reading.lexicon import Unit, any_of, mapping, units, words
from heqing.reading.marks import MASK, find_marks
from heqing.reading.predicates import Quantity, predicate, predicate_at
from heqing.reading.signs import NUMBERED, bits, likely, signs_of

# A numeral or a mask begins with one of these.
_OPENS = re.compile(rf"[\dXx×*{DIGITS}十百千]")
_MASKED = re.compile(r"[Xx×*]")
_FIGURE = re.compile(r"\d")
_TITLE = re.compile(r"《[^》]*》")


_CHARACTERS = frozenset(f"{DIGITS}十百千")
_RUN = re.compile(rf"[{DIGITS}十百千]+(?:[余多]?[万亿])*")
# After one of these a number may go without unit.
_INDEX = ("指数", "系数", "收入比", "比值", "倍差")
_MEAN = ("浓度", "均值", "为", "达到", "达", "降至", "降到", "控制在")
_BARE_AFTER = (*_INDEX, *_MEAN)


@cache
def _numbers() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return _number(in_characters=False), _number(in_characters=True)


def _number(*, in_characters: bool) -> re.Pattern[str]:
    """Give the pattern of a number; one in characters must have its unit or be a share, or it is only a word."""
    unit = _unit()
    share = rf"百分之(?:{ARABIC}|{SPELLED}|{MASK})|[一二三四五六七八九十]+分之[一二三四五六七八九十]+"
    one = rf"(?P<share>{share})|" + (rf"(?>{SPELLED})" if in_characters else rf"{ARABIC}|{MASK}|{SPELLED}")
    magnitude = rf"(?:[余多]?(?:{MYRIADS}|[百千](?=[余多]?[万亿]))?[余多]?(?:{MYRIADS})?)"
    return re.compile(
        rf"(?P<number>{one})(?P<magnitude>{magnitude})"
        rf"(?:(?P<unit1>%|个百分点)?(?P<range>[—～\-至到~]+)(?P<number2>{ARABIC})(?P<magnitude2>{magnitude}))?"
        rf"(?P<unit>{unit})?{'(?(share)|(?(unit)|(?!)))' if in_characters else ''}"
        rf"(?:（(?:{unit})）)?(?P<after>{words('comparators', place='after')})?"
    )


def _unit() -> str:
    """Give the pattern of a unit, grouped by its first character, the longest first."""
    groups: dict[str, list[str]] = {}
    for u in sorted(units().values(), key=lambda u: (-len(u.written), u.written)):
        barred = f"(?![{re.escape(u.not_before)}])" if u.not_before else ""
        groups.setdefault(re.escape(u.written[0]), []).append(re.escape(u.written[1:]) + barred)
    found = "|".join(f"{char}(?:{'|'.join(tails)})" for char, tails in groups.items())
    return f"(?=[{''.join(groups)}])(?:{found})"


def find_quantities(clause: str, signs: int | None = None) -> list[Quantity]:
    """Find the quantities of a clause.

    Parameters
    ----------
    clause : str
        A clean clause, without commas.
    signs : int, optional
        The signs it holds, where they are known.

    Returns
    -------
    list of Quantity
        In order of place. Dates, parts of names and list numbers are left out.

    Examples
    --------
    >>> [(q.value, q.unit, q.comparator) for q in find_quantities("优良率达到85%以上")]
    [(Decimal('85'), '%', '>=')]
    """
    if not NUMBERED.search(clause):
        return []
    found = find_marks(clause)
    taken = [(q.start, q.end) for q in found]
    if "《" in clause:
        taken += [m.span() for m in _TITLE.finditer(clause)]
    barred: bool | None = None
    number, in_characters = _numbers()
    place = 0
    while opens := _OPENS.search(clause, place):
        at = opens.start()
        if clause[at] in _CHARACTERS and not clause.endswith(_BARE_AFTER, 0, at):
            m = in_characters.match(clause, at)
        else:
            m = number.match(clause, at)
        if m is None:
            place = run.end() if (run := _RUN.match(clause, at)) else opens.end()
            continue
        place = m.end()
        if taken and any(s < place and m.start() < e for s, e in taken):
            continue
        quantity = _read(clause, m)
        if quantity is None:
            continue
        if barred is None:
            barred = _is_barred(clause, signs_of(clause) if signs is None else signs)
        if not barred:
            found.append(quantity)
    if "%" in clause or "百分点" in clause:
        found.extend(_lost(clause, found))
    if len(found) > 1:
        found.sort(key=_start)
    if "分别" in clause:
        found = _take_bare(clause, found)
    if len(found) > 1:
        _share_predicate(clause, found)
        _link_baselines(clause, found)
    return found


def _start(q: Quantity) -> int:
    return q.start


def _is_barred(clause: str, signs: int) -> bool:
    """Say whether the clause as a whole is none that reports: 记者…摄, 境内现有…."""
    likely_signs = signs & bits("exclusions", place="clause")
    return bool(likely_signs) and any(p.search(clause) for p, _ in likely(likely_signs, "exclusions"))


def _read(clause: str, m: re.Match[str]) -> Quantity | None:
    number, unit, magnitude = m["number"], units().get(m["unit"] or ""), m["magnitude"]
    share = "分之" in number
    masked = number[0] in "Xx×*" or (share and _MASKED.search(number) is not None)
    spelled = not masked and not number[0].isdecimal() and _FIGURE.search(number) is None
    start, end = m.span()
    if unit is None:
        if share:
            unit = units()["%"]
        elif not m["range"] and magnitude.strip("余多") == "":
            unit = _implied_unit(clause, start)
        elif not m["range"]:
            unit = _counted_unit(clause, end)
        if unit is None and spelled and not share and number not in ("千", "百"):
            return None
    if unit is None and not any(word in clause for word in _INDEX):
        return None
    place, said = predicate_at(clause, start)
    if unit is None:
        if not _is_bare_number(clause, place, start, end):
            return None
        sort = "index"
    else:
        sort = unit.sort
    if sort == "specification" or _excluded(clause, m):
        return None
    if spelled and not share and not _spelled_counts(number, m, unit):
        return None
    said_value = _value(number, m, unit, masked=masked, plain=not (masked or spelled or share))
    if said_value is None:
        return None
    value, unit_name, gap = said_value
    text_end = m.end("magnitude2") if m["range"] else m.end("magnitude")
    quantity = Quantity(
        left=place,
        start=start,
        end=end,
        value=value,
        value_text=clause[start:text_end],
        text_start=start,
        text_end=text_end,
        unit=unit_name,
        sort=sort,
        comparator="==",
        gap=gap,
        why=("masked" if masked else "fraction" if share else "spelled" if spelled else "digits",),
    )
    if gap == "range":
        quantity.why += ("range",)
        quantity.value_text, quantity.text_end = clause[start : m.end("magnitude")], m.end("magnitude")
    if m["unit"] is None and not share:
        quantity.why += ("unit_implied" if unit else "no_unit",)
    _compare(clause, quantity, said, m)
    if unit_name:
        _derive_unit(clause, quantity)
    if gap == "range":
        quantity.upper = _upper(quantity, m, unit)
    return quantity


def _upper(lower: Quantity, m: re.Match[str], unit: Unit | None) -> Quantity:
    """Give the upper end of a range; what is said of the lower holds for it."""
    numeral = read_numeral(m["number2"] + _MORE.sub("", m["magnitude2"]))
    value = None
    if numeral is not None:
        value = numeral.digits if unit is not None and unit.keeps_big and numeral.magnitude else numeral.value
    first, last = m.start("number2"), m.end("magnitude2")
    return replace(lower, value=value, value_text=m.string[first:last], text_start=first, text_end=last)


_FACTORS = {"": 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}
_MORE = re.compile(r"[余多]")


def _value(
    number: str, m: re.Match[str], unit: Unit | None, *, masked: bool, plain: bool
) -> tuple[Decimal | None, str | None, str | None] | None:
    """Read value, unit with its 万 or 亿, and gap; None when it is no number after all."""
    first, last = m["magnitude"], m["magnitude2"] or ""
    if plain and first in _FACTORS and not m["range"]:
        digits = Decimal(number.replace(",", "")) if "," in number else Decimal(number)
        if unit is None:
            return digits * _FACTORS[first], None, None
        if unit.keeps_big and first:
            return digits, first + unit.unit, None
        return digits * _FACTORS[first], unit.unit, None
    first, last = _MORE.sub("", first), _MORE.sub("", last)
    if m["range"] and unit is None:
        return None
    numeral = None if masked else read_numeral(number + (first or last))  # 3—5亿元: the 亿 is of both
    if numeral is None and not masked:
        return None
    big = numeral.magnitude if numeral else first
    unit_name = unit.unit if unit else None
    if unit is not None and unit.keeps_big and big:
        unit_name = big + unit.unit
    if numeral is None:
        return None, unit_name, "number_masked"
    value = numeral.digits if unit is not None and unit.keeps_big and big else numeral.value
    return value * 100 if numeral.exact is not None else value, unit_name, "range" if m["range"] else None


def _spelled_counts(number: str, m: re.Match[str], unit: Unit | None) -> bool:
    """Say whether a numeral in characters counts something: 八件实事 does, 一批 and 三大 do not."""
    if unit is None or number.startswith(("百千", "一一")) or number in ("一", "千", "百", "百千", "千百"):
        return number in ("千", "百") and bool(m["magnitude"])
    if number.startswith("零") and unit.sort == "ratio":
        return True
    return unit.spelled or (len(number) > 1 and unit.sort != "time") or bool(m["magnitude"])


_POLLUTANT = re.compile(
    r"(?:PM2\.5|PM10|细颗粒物|臭氧)[^，。；]{0,8}(?:浓度|均值)(?:为|达到|达|降至|降到|控制在)?$", re.IGNORECASE
)
_NO_BARE = re.compile(r"年|月|日|[A-Za-z\d]")
# No pattern before a number looks further back.
_BACK = 12


def _implied_unit(clause: str, start: int) -> Unit | None:
    if clause.endswith(_MEAN, 0, start) and _POLLUTANT.search(clause[:start]):
        return units()["微克/立方米"]
    return None


@cache
def _counted() -> tuple[re.Pattern[str], dict[str, str]]:
    return re.compile(rf"[^，。；、\d]{{0,4}}?(?P<word>{words('counted')})"), mapping("counted", "word", "unit")


def _counted_unit(clause: str, end: int) -> Unit | None:
    """Give the unit that the thing counted in 万 or 亿 implies: 3万群众."""
    pattern, known = _counted()
    found = pattern.match(clause, end)
    return units()[known[found["word"]]] if found else None


def _is_bare_number(clause: str, place: int, start: int, end: int) -> bool:
    return clause.endswith(_INDEX, 0, place) and not _NO_BARE.match(clause, end) and not clause.endswith("第", 0, start)


@cache
def _bars() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return any_of("exclusions", place="before"), any_of("exclusions", place="after")


_OF_AGE = re.compile(r"寿命|年龄")


def _excluded(clause: str, m: re.Match[str]) -> bool:
    start, end = m.span()
    before, after = _bars()
    if before.search(clause[max(0, start - _BACK) : start]) or after.match(clause, end):
        return True
    if m["unit"] == "岁" and not _OF_AGE.search(clause, 0, start):
        return True
    if "“" not in clause:
        return False
    opened = clause.rfind("“", 0, start)
    return (
        opened > clause.rfind("”", 0, start)
        and clause.find("”", end) >= 0
        and opened >= start - 12
        and not m["after"]
        and m["unit"] != "%"
    )


_MORE_WORDS = "多高快增"
_MORE_THAN = re.compile(rf"[较比][^，。；、]{{1,10}}(?P<word>[{_MORE_WORDS}少低慢减])$")
_AT_LEAST = re.compile(r"(?:至少|最少|不少于|不低于)[^，。；、\d]{1,3}$")


def _compare(clause: str, q: Quantity, said: list[tuple[str, str]], m: re.Match[str]) -> None:
    """Read comparison and change from the words before and after the number."""
    before = mapping("comparators", "word", "comparator")
    directions = mapping("changes", "word", "direction")
    comparator, hedge, change, noun, rule = "==", "", "", "", ""
    for word, role in said:
        if role == "before":
            comparator, hedge, rule = before[word], word, "word_before"
        elif role == "verb":
            change, noun = word, ""
        elif role == "noun":
            change, noun = word, word
        elif role == "link" and word.endswith(("至", "到", "在", "为")) and not noun and len(word) > 1:
            change = ""
    if m["after"]:
        word = m["after"]
        comparator, rule = before[word], "word_after"
    elif m["magnitude"].strip("万亿百千") in ("余", "多") or m["magnitude"][-1:] in ("余", "多"):
        comparator, rule = ">", "and_more"
    elif comparator == "==" and not change:
        if than := _MORE_THAN.search(clause, 0, q.start):
            change, q.left = than["word"], than.start("word")
        elif _AT_LEAST.search(clause, max(0, q.left - 8), q.left):
            comparator, rule = ">=", "word_before"
    if change:
        sign = directions.get(change) or ("+" if change in _MORE_WORDS else "-")
        if sign == "?":
            subject = clause[: q.left]
            sign = "+" if subject.endswith(("率", "比例", "天数", "比重", "占比")) else "-"
        comparator = sign + "%" if q.sort in ("ratio", "times") else sign
        if q.sort == "times":
            comparator = sign
    shared = ""
    for word, _ in said:
        if word.startswith(("均", "分别", "都", "全部")) or word.endswith("均"):
            shared = "each" if word.startswith("分别") else "all"
            break
    start = q.text_start
    if hedge in ("超", "超过", "近", "约", "逾", "不足") and clause.startswith(hedge, start - len(hedge)):
        start -= len(hedge)
        q.text_start, q.value_text = start, clause[start : q.text_end]
    q.comparator, q.change, q.change_noun, q.shared = comparator, change, noun, shared
    if change:
        rule = "change_noun" if noun else "change_verb"
    if rule:
        q.why += (rule,)


_WORKS_OFF = re.compile(r"(?:日|每天)(?:均)?处理(?:能力|规模)?(?:达|为|达到)?$")
_WORKS_OFF_WATER = re.compile(r"日(?:均)?(?:处理|供水)(?:能力|规模)?(?:达|为|达到)?$")
_COAL = re.compile(r"用能空间|能耗|标煤")


def _derive_unit(clause: str, q: Quantity) -> None:
    """Complete a unit that the words before the number complete: 日处理能力5万吨."""
    unit = q.unit or ""
    left = clause[max(0, q.start - 16) : q.start]
    if unit.endswith("吨"):
        if _WORKS_OFF.search(left):
            q.unit = unit + "/日"
        elif _COAL.search(left[-12:]):
            q.unit = unit + "标准煤"
    elif unit.endswith("立方米") and _WORKS_OFF_WATER.search(left):
        q.unit = unit + "/日"
    elif unit.endswith("元") and "亩均" in left:
        q.unit = unit + "/亩"


@cache
def _unit_alone() -> re.Pattern[str]:
    return re.compile(rf"(?P<unit>%|个百分点)(?P<after>{words('comparators', place='after')})?")


def _lost(clause: str, found: list[Quantity]) -> list[Quantity]:
    """Find places where a number is gone: 达到%以上."""
    lost = []
    for m in _unit_alone().finditer(clause):
        if m.start() == 0 or clause[m.start() - 1] not in "达到在为至于超近约":
            continue
        if any(q.start <= m.start() < q.end for q in found):
            continue
        place, said = predicate_at(clause, m.start())
        if not said:
            continue
        q = Quantity(place, m.start(), m.end(), None, "", m.start(), m.start(), m["unit"], "ratio", "==")
        q.gap, q.why = "number_lost", ("lost",)
        comparator = mapping("comparators", "word", "comparator")
        word = m["after"] or next((w for w, role in reversed(said) if role == "before"), "")
        q.comparator = comparator.get(word, "==")
        lost.append(q)
    return lost


_BARE = re.compile(rf"(?P<n>(?P<digits>{ARABIC}|{MASK})(?P<magnitude>万亿|[万亿])?)(?P<join>、|和|以及|及)$")


_UNIT_OF_BIG = re.compile(r"(?P<magnitude>万亿|[万亿]?)(?P<unit>.+)")


def _take_bare(clause: str, found: list[Quantity]) -> list[Quantity]:
    """Take the numbers of a list whose unit only the last bears: 分别提高15、22个百分点."""
    out: list[Quantity] = []
    for q in found:
        ahead = clause[: q.start]
        bare: list[Quantity] = []
        while m := _BARE.search(ahead):
            if any(p.start <= m.start() < p.end for p in found) or "分别" not in ahead:
                break
            numeral = None if re.search(r"[Xx*×]", m["n"]) else read_numeral(m["n"])
            place, said = predicate(ahead[: m.start()])
            shared = "each" if any(w.startswith("分别") for w, _ in said) else ""
            change = next((w for w, role in said if role == "verb"), "")
            sign = mapping("changes", "word", "direction").get(change, "")
            comparator = q.comparator
            if change:
                comparator = sign + "%" if q.sort in ("ratio", "times") else sign
            value, unit = numeral.value if numeral else None, q.unit
            if numeral and m["magnitude"] and (own := _UNIT_OF_BIG.match(q.unit or "")):
                keeps = own["magnitude"] != ""
                value, unit = (numeral.digits, m["magnitude"] + own["unit"]) if keeps else (numeral.value, q.unit)
            bare.insert(
                0,
                replace(
                    q, left=place, start=m.start(), end=m.end("n"), value=value, unit=unit,
                    value_text=m["n"], text_start=m.start(), text_end=m.end("n"), comparator=comparator,
                    change=change or q.change, shared=shared or q.shared, gap=None if numeral else "number_masked",
                ),
            )  # fmt: skip
            ahead = ahead[: m.start()]
        out.extend(bare)
        out.append(q)
    return out


_JOINS = ("、", "和", "以及", "及")


def _share_predicate(clause: str, found: list[Quantity]) -> None:
    """Let the numbers of one list share what only the first bears."""
    for before, q in pairwise(found):
        if clause[before.end : q.start] not in _JOINS:
            continue
        if not q.change and before.change and q.sort == before.sort:
            q.comparator, q.change, q.change_noun = before.comparator, before.change, before.change_noun
        elif before.shared == "each" and q.comparator == "==":
            q.comparator = before.comparator


_FROM = re.compile(r"(?:由|从)(?:20\d\d年[底末]?的?)?[^，。；\d]{0,10}$")
_TO = re.compile(r"[^，。；、]{0,8}(?:至|到|为)?(?:20\d\d年[底末]?的?)?$")


_THAN = re.compile(r"[较比][^，。；]{0,8}(?:同期|[年月]|[底末初])(?:的|为)?$")
_CHANGED = re.compile(r"[^，。；、]{0,6}$")


def _link_baselines(clause: str, found: list[Quantity]) -> None:
    """Mark the first of 由31%提升至54%, and of 较去年同期84%提高7个百分点, as the baseline of the second."""
    for q, after in pairwise(found):
        between = clause[q.end : after.start]
        from_level = _FROM.search(clause[max(0, q.start - 18) : q.start]) and _TO.match(between)
        if from_level or (
            after.change and _THAN.search(clause[max(0, q.start - 16) : q.start]) and _CHANGED.match(between)
        ):
            q.baseline_of_next = True
