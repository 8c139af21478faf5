"""Which rows of two documents speak of the same indicator: names without fillers, their letters, their contrasts.

Names are compared as pairs of neighbouring characters, the rarer the heavier; words that make another indicator of a
name (进口 beside 出口) stand in family ``pairing_words``. Look next at `heqing.reading.against`.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import polars as pl

from heqing import editions
from heqing.reading.indicators import tidy
from heqing.reading.lexicon import either

FAMILY = "pairing_words"
CATALOGUE = "indicator_catalogue"
CHANGES = frozenset({"+%", "-%", "+", "-"})
CANDIDATE_SCHEMA: dict[str, Any] = {
    "left": pl.Int64, "right": pl.Int64, "likeness": pl.Float64, "why": pl.List(pl.String),
}  # fmt: skip
_NUMBERED = re.compile(r"[A-Za-z]+[\d.]*|\d+(?:\.\d+)?[A-Za-z]*")


def words(table: str) -> list[dict[str, Any]]:
    """Give the rows of one table of the pairing words.

    Parameters
    ----------
    table : str
        The table, for instance ``contrasts``.

    Returns
    -------
    list of dict
        In the order of the file.

    Examples
    --------
    >>> words("outcomes")[0]["code"]
    'kept'
    """
    return editions.table(FAMILY, table).to_dicts()


@cache
def weight(name: str) -> float:
    """Give one of the thresholds and factors of the pairing.

    Parameters
    ----------
    name : str
        For instance ``pair_from``.

    Returns
    -------
    float
        Its value.

    Examples
    --------
    >>> 0 < weight("pair_from") < 1
    True
    """
    return float(next(row["value"] for row in words("weights") if row["name"] == name))


def form_of(comparator: str) -> str:
    """Tell the form of a promise or result: ``level``, ``change``, or ``complete``.

    Parameters
    ----------
    comparator : str
        As in a finding.

    Returns
    -------
    str
        The form.

    Examples
    --------
    >>> form_of(">="), form_of("-%"), form_of("complete")
    ('level', 'change', 'complete')
    """
    if comparator == "complete":
        return "complete"
    return "change" if comparator in CHANGES else "level"


def plain_name(name: str) -> str:
    """Take from a name what names nothing: verbs of doing, 全市, 增速, quotation marks.

    Parameters
    ----------
    name : str
        An indicator, or the words of a deed.

    Returns
    -------
    str
        What is left; the tidied name itself where nothing would be.

    Examples
    --------
    >>> plain_name("全市城镇新增就业人数"), plain_name("完成“花园式”厂区改造")
    ('城镇新增就业', '花园式厂区改造')
    """
    head, tail, anywhere = _fillers()
    whole = anywhere.sub("", tidy(name))
    short = tail.sub("", head.sub("", whole))
    return short if len(short) >= 2 else whole


@cache
def _fillers() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    by_place: dict[str, list[str]] = defaultdict(list)
    for row in words("fillers"):
        by_place[row["place"]].append(row["word"])
    return (
        re.compile(f"^(?:{either(by_place['head'])})+"),
        re.compile(f"(?:{either(by_place['tail'])})+$"),
        re.compile(either(by_place["any"])),
    )


@cache
def base_unit(unit: str | None, name: str = "") -> tuple[str, Decimal]:
    """Give the unit in which numbers are compared, and the factor to it.

    Parameters
    ----------
    unit : str or None
        As in a finding; 万 and 亿 before it count.
    name : str, optional
        The indicator: 户 counts enterprises as 家 does, but households as nothing else.

    Returns
    -------
    tuple of (str, Decimal)
        The base and the factor.

    Examples
    --------
    >>> base_unit("万公顷")
    ('亩', Decimal('150000'))
    """
    left = unit or ""
    factor = Decimal(1)
    while len(left) > 1 and left[0] in "万亿":
        factor *= Decimal(10**4) if left[0] == "万" else Decimal(10**8)
        left = left[1:]
    for row in words("conversions"):
        if row["unit"] == left and (not row["only"] or re.search(row["only"], name)):
            return str(row["base"]), factor * Decimal(str(row["factor"])).normalize()
    return left, factor


@cache
def is_spell(unit: str | None) -> bool:
    """Say whether a number in a unit counts a spell or a series: 连续30个月.

    Parameters
    ----------
    unit : str or None
        As in a finding.

    Returns
    -------
    bool
        True when it is no number of the thing itself.

    Examples
    --------
    >>> is_spell("个月"), is_spell("公里")
    (True, False)
    """
    return any(row["unit"] == unit for row in words("spells"))


@cache
def sort_of(unit: str | None) -> str:
    """Tell the sort of a unit: ratio, count, area, money; empty when unknown.

    Parameters
    ----------
    unit : str or None
        As in a finding.

    Returns
    -------
    str
        The sort.

    Examples
    --------
    >>> sort_of("亿元"), sort_of("%")
    ('money', 'ratio')
    """
    sorts = {row["unit"]: row["sort"] for row in editions.table("reading_words", "units").to_dicts()}
    return str(sorts.get(unit or "") or sorts.get((unit or "").lstrip("万亿"), ""))


@cache
def catalogue_code(name: str, scope: str, form: str, unit: str) -> str:
    """Give the code of the catalogue's indicator that words speak of; empty outside it.

    Parameters
    ----------
    name, scope : str
        Words of the indicator and of its scope.
    form : str
        ``level``, ``change`` or ``complete``.
    unit : str
        As in a finding, or empty.

    Returns
    -------
    str
        For instance ``air.pm2_5``.

    Examples
    --------
    >>> catalogue_code("PM2.5平均浓度", "", "level", "微克/立方米")
    'air.pm2_5'
    """
    for row_form, row_unit, pattern, code in _patterns():
        if row_form == form and row_unit in ("", unit) and pattern.search(f"{scope}{name}"):
            return code
    return ""


@cache
def _measured() -> frozenset[str]:
    """Name the codes that an instrument or register answers: of other codes, two things may be different things."""
    return frozenset(row["code"] for row in editions.table(CATALOGUE, "indicators").to_dicts() if row["statistic"])


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str], str], ...]:
    rows = editions.table(CATALOGUE, "patterns").to_dicts()
    return tuple((r["form"], r["unit"] or "", re.compile(r["pattern"]), r["code"]) for r in rows)


@cache
def _contrasts() -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    groups: dict[str, list[str]] = defaultdict(list)
    strict: dict[str, bool] = {}
    for row in words("contrasts"):
        groups[row["group"]].append(row["word"])
        strict[row["group"]] = bool(row["strict"])
    return tuple((name, re.compile(either(found)), strict[name]) for name, found in groups.items())


@dataclass(frozen=True)
class _Row:
    """What is compared of one row."""

    plain: str
    scope: str
    whole: str  # the name with its scope
    form: str
    base: str
    sort: str
    code: str
    pillar: str
    pairs: frozenset[str]
    whole_pairs: frozenset[str]
    contrasts: dict[str, frozenset[str]] = field(hash=False)
    numbered: frozenset[str] = frozenset()


@lru_cache(maxsize=1 << 16)
def _row(name: str, comparator: str, unit: str, said_scope: str, pillar: str) -> _Row:
    form = form_of(comparator)
    plain = plain_name(name)
    scope = "" if _fillers()[0].fullmatch(said_scope) else plain_name(said_scope)  # 全市 limits nothing
    whole = plain if scope and scope in plain else scope + plain
    said = scope + tidy(name)
    return _Row(
        plain=plain,
        scope=scope,
        whole=whole,
        form=form,
        base="" if form == "complete" else base_unit(unit, name)[0],
        sort="" if form == "complete" else sort_of(unit),
        code=catalogue_code(name, said_scope, form, unit),
        pillar=pillar or "other",
        pairs=_pairs(plain),
        whole_pairs=_pairs(whole),
        contrasts={name: frozenset(pattern.findall(said)) for name, pattern, _ in _contrasts()},
        numbered=frozenset(found.upper() for found in _NUMBERED.findall(said)),
    )


@lru_cache(maxsize=1 << 16)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def candidates(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Find the rows of two frames that speak of the same indicator, whatever their numbers say.

    Parameters
    ----------
    left, right : polars.DataFrame
        Findings: reads ``indicator``, ``comparator``, ``unit``, ``scope``, ``pillar``.

    Returns
    -------
    polars.DataFrame
        One row a pair, the likest first: the numbers of the two rows ``left`` and ``right``, ``likeness`` [0-1] and
        ``why``.

    Examples
    --------
    >>> row = {"indicator": ["新增公园绿地面积"], "comparator": ["=="], "unit": ["公顷"], "scope": [None],
    ...     "pillar": ["other"]}
    >>> candidates(pl.DataFrame(row), pl.DataFrame(row | {"comparator": [">="]})).row(0)
    (0, 0, 1.0, ['same_name'])
    """
    columns = ["indicator", "comparator", "unit", "scope", "pillar"]
    ours, theirs = (
        [_row(*row) for row in frame.select(pl.col(columns).fill_null("")).iter_rows()] for frame in (left, right)
    )
    counted = Counter(pair for row in [*ours, *theirs] for pair in row.whole_pairs)
    heavy = {pair: math.log(1 + (len(ours) + len(theirs)) / count) for pair, count in counted.items()}
    by_pair: dict[str, list[int]] = defaultdict(list)
    by_code: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(theirs):
        for pair in row.whole_pairs:
            by_pair[pair].append(place)
        if row.code:
            by_code[row.code].append(place)
    least = [sum(heavy[pair] for pair in row.pairs) for row in theirs]
    found = []
    for place, row in enumerate(ours):
        shared: defaultdict[int, float] = defaultdict(float)
        for pair in row.whole_pairs:
            for other in by_pair.get(pair, ()):
                shared[other] += heavy[pair]
        own = sum(heavy[pair] for pair in row.pairs)
        # no likeness is above twice what is shared over the least that both weigh
        near = {other for other, both in shared.items() if 2 * both >= weight("pair_from") * (own + least[other])}
        for other in near.union(by_code.get(row.code, ()) if row.code else ()):
            likeness, why = _compare(row, theirs[other], heavy)
            if likeness >= weight("pair_from"):
                found.append({"left": place, "right": other, "likeness": likeness, "why": why})
    return pl.DataFrame(found, schema=CANDIDATE_SCHEMA).sort(
        "likeness", "left", "right", descending=[True, False, False]
    )


def _compare(one: _Row, other: _Row, heavy: dict[str, float]) -> tuple[float, list[str]]:
    """Give the likeness of two rows and why; nought where they cannot be the same."""
    likeness, why = _likeness(one, other, heavy)
    if likeness == 0.0:
        return 0.0, []
    for name, _, strict in _contrasts():
        here, there = one.contrasts[name], other.contrasts[name]
        if here == there:
            continue
        if strict or (here and there and not here & there):
            return 0.0, []
        likeness *= weight("contrast_factor") if not here & there else weight("scope_factor")
    if one.numbered != other.numbered:
        if one.numbered and other.numbered:
            return 0.0, []
        likeness *= weight("scope_factor")
    if one.form != "complete" and other.form != "complete" and one.base != other.base:
        if likeness < weight("other_unit_from") or is_spell(one.base) or is_spell(other.base):
            return 0.0, []
    elif "complete" in (one.form, other.form) and one.form != other.form and likeness < weight("other_unit_from"):
        return 0.0, []
    if one.form == other.form == "complete" and likeness < weight("complete_from"):
        return 0.0, []
    likeness, why = _scoped(one, other, heavy, likeness, why)
    if one.pillar != other.pillar and "other" not in (one.pillar, other.pillar) and why[:1] != ["same_name"]:
        likeness *= weight("pillar_factor")
        why = [*why, "pillar_differs"]
    return likeness, why


def _likeness(one: _Row, other: _Row, heavy: dict[str, float]) -> tuple[float, list[str]]:
    if one.plain == other.plain or one.whole == other.whole:
        return (1.0, ["same_name"]) if len(one.plain) > 1 else (0.0, [])
    likeness = max(_shared(one.pairs, other.pairs, heavy), _shared(one.whole_pairs, other.whole_pairs, heavy))
    if one.code and one.code == other.code and likeness > 0 and one.code in _measured():
        lifted = weight("catalogue_floor") + (1 - weight("catalogue_floor")) * likeness
        return lifted, ["same_catalogue", "reworded"]
    return likeness, ["like_name", "reworded"]


def _shared(here: frozenset[str], there: frozenset[str], heavy: dict[str, float]) -> float:
    """Give twice the weight of the shared pairs of characters over the weight of all."""
    both = sum(heavy.get(pair, 1.0) for pair in here & there)
    whole = sum(heavy.get(pair, 1.0) for pair in here) + sum(heavy.get(pair, 1.0) for pair in there)
    return 2 * both / whole if whole else 0.0


def _scoped(
    one: _Row, other: _Row, heavy: dict[str, float], likeness: float, why: list[str]
) -> tuple[float, list[str]]:
    if one.scope == other.scope or one.whole == other.whole:
        return likeness, why
    if one.scope and other.scope:
        if _shared(_pairs(one.scope), _pairs(other.scope), heavy) < weight("scope_apart"):
            return 0.0, []
        return likeness * weight("scope_factor"), [*why, "scope_differs"]
    return likeness * weight("scope_factor"), [*why, "scope_assumed"]
