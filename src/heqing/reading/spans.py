"""Where the numbers of a clause stand and what belongs to each: numeral or mask, magnitude, unit, comparison, change.

It names no indicator and judges no kind. What is masked (x, *, ×) or lost is a quantity without value.
Look next at `heqing.reading.indicators`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache

from heqing.quantities.numerals import ARABIC, MYRIADS, SPELLED, read_numeral
from heqing.reading.lexicon import Unit, mapping, patterns, units, words
from heqing.reading.marks import MASK, find_marks
from heqing.reading.predicates import Quantity, predicate


@cache
def _number() -> re.Pattern[str]:
    unit = "|".join(
        re.escape(u.written) + (f"(?![{re.escape(u.not_before)}])" if u.not_before else "")
        for u in sorted(units().values(), key=lambda u: (-len(u.written), u.written))
    )
    share = rf"百分之(?:{ARABIC}|{SPELLED}|{MASK})|[一二三四五六七八九十]+分之[一二三四五六七八九十]+"
    one = rf"(?:{share}|{ARABIC}|{MASK}|{SPELLED})"
    magnitude = rf"(?:[余多]?(?:{MYRIADS}|[百千](?=[余多]?[万亿]))?[余多]?(?:{MYRIADS})?)"
    return re.compile(
        rf"(?P<number>{one})(?P<magnitude>{magnitude})"
        rf"(?:(?P<unit1>%|个百分点)?(?P<range>[—～\-至到~]+)(?P<number2>{ARABIC})(?P<magnitude2>{magnitude}))?"
        rf"(?P<unit>{unit})?(?:（(?:{unit})）)?(?P<after>{words('comparators', place='after')})?"
    )


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
    special = find_marks(clause)
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
    said_value = _value(number, m, unit, masked=masked)
    if said_value is None:
        return None
    value, unit_name, gap = said_value
    text_start = m.start()
    text_end = m.end("magnitude2") if m["range"] else m.end("magnitude")
    quantity = Quantity(
        left=place,
        start=m.start(),
        end=m.end(),
        value=value,
        value_text=clause[text_start:text_end],
        text_start=text_start,
        text_end=text_end,
        unit=unit_name,
        sort=sort,
        comparator="==",
        gap=gap,
        sure=0.96 if masked else 0.9 if spelled else 0.98,
    )
    quantity = _compare(clause, quantity, said, m)
    return _derived_unit(clause, quantity)


def _value(
    number: str, m: re.Match[str], unit: Unit | None, *, masked: bool
) -> tuple[Decimal | None, str | None, str | None] | None:
    """Read value, unit with its 万 or 亿, and gap; None when it is no number after all."""
    first = re.sub(r"[余多]", "", m["magnitude"])
    last = re.sub(r"[余多]", "", m["magnitude2"] or "")
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
        q = replace(q, gap="number_lost", sure=0.9)
        comparator = mapping("comparators", "word", "comparator")
        word = m["after"] or next((w for w, role in reversed(said) if role == "before"), "")
        lost.append(replace(q, comparator=comparator.get(word, "==")))
    return lost


_BARE = re.compile(rf"(?P<n>{ARABIC}|{MASK})(?P<join>、|和|以及|及)$")


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
        elif joined in ("、", "和", "以及", "及") and before.shared == "each" and q.comparator == "==":
            out[i] = replace(q, comparator=before.comparator)
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
