"""Checkable statements without a number (完成类表述): a plan issued, full coverage, an honour, a finished project.

It sees one clause at a time and leaves every clause alone that only exhorts. A clause that holds none of the trigger
words costs one search. Rules are data, table ``completions``, and the words they stand on, table ``statement_words``.
Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from heqing.reading.indicators import strip_lead, tidy
from heqing.reading.lexicon import either, patterns, rows
from heqing.reading.predicates import Quantity
from heqing.reading.signs import bits, likely, signs_of

_TOLD = r"按照?[^，。；、]{1,10}(?:要求|部署|规定)"
_TIMES = ("前", "底", "末", "初", "月", "日", "年", "旬")
_END = r"(?=”?(?:$|[、（）]))"
_ROLE = re.compile(r"«(\w+)»")
_FIGURE = re.compile(r"\d(?:%|微克|亿|万|元)")
_COUNTED = re.compile(r"\d[余多]?[万亿][余多]?(?![千吨元平立伏])")
_NOUN = re.compile(r"(?:的)?[一-龥/]{2}")
_NOUN_BEFORE = re.compile(r"[一-龥]{2}$")
_OPENS = re.compile("[“（《]")
_SHUT = re.compile(r"“[^”]*”|（[^）]*）|《[^》]*》")
_PLACE = re.compile(r"[市州县区镇旗]$|、")


@dataclass(frozen=True)
class Statement:
    """A statement without a number: its place in the clause, its name, the rule that found it, where an honour went."""

    start: int
    end: int
    name: str
    code: str
    scope: str | None = None


@dataclass(frozen=True)
class _Rule:
    code: str
    at: str
    pattern: re.Pattern[str]
    form: str


class _Part(NamedTuple):
    """A piece of a clause that can stand alone: as written, without the words before its verb, how it is urged."""

    start: int
    text: str
    bare: str
    pushed: bool
    ensured: bool


@cache
def _words(role: str) -> tuple[str, ...]:
    found = [r["word"] for r in rows("statement_words") if r["role"] == role]
    return tuple(sorted(found, key=lambda w: (-len(w), w)))


@cache
def _lead() -> re.Pattern[str]:
    """Give the words before a verb that add nothing to what is stated: 确保, 全年, 推动."""
    words = _guarded("statement_words", ("lead", "push"))
    return re.compile(rf"(?:[“”（、]|{words}|{_by()}|[一二三四五六七八九十]+[是要]|{_TOLD})+")


@cache
def _by() -> str:
    """Give a day or month by which: 6月底前, 2027年上半年."""
    when, inside = ("|".join(p.pattern for p, _ in patterns("name_words", role=role)) for role in ("when", "when_in"))
    return rf"在?(?:{when})(?:{inside})?(?:之?前)?"


@cache
def _by_end() -> re.Pattern[str]:
    return re.compile(_by() + "$")


@cache
def _empty() -> re.Pattern[str]:
    """Give the words that make a statement uncheckable: all tasks, early starts, starts in a crowd."""
    return re.compile(_guarded("statement_words", ("empty",)))


@cache
def _exhorts() -> re.Pattern[str]:
    return re.compile(_guarded("exhortations"))


def _guarded(table: str, roles: tuple[str, ...] = ()) -> str:
    """Give any word of a table unless a character follows that makes another word of it."""
    found = [r for r in rows(table) if not roles or r["role"] in roles]
    found.sort(key=lambda r: (-len(r["word"]), r["word"]))
    return "|".join(
        re.escape(r["word"]) + (f"(?![{re.escape(r['not_before'])}])" if r["not_before"] else "") for r in found
    )


@cache
def _rule(code: str) -> _Rule:
    r = next(r for r in rows("completions") if r["code"] == code)
    pattern = _ROLE.sub(lambda m: _END if m[1] == "end" else either(list(_words(m[1]))), r["pattern"])
    if r["at"] == "end":
        pattern = f"(?:{pattern}){_END}"
    return _Rule(code, r["at"], re.compile(pattern), r["form"])


@cache
def _closing() -> tuple[int, re.Pattern[str]]:
    """Give the rules whose triggers all end an item, written with $, and those triggers where they do."""
    which, words = 0, set[str]()
    for r in rows("completions"):
        triggers = r["trigger"].split("|")
        if all(t.endswith("$") for t in triggers):
            which |= bits("completions", code=r["code"])
            words.update(t[:-1] for t in triggers)
    ends = sorted(words, key=lambda w: (-len(w), w))
    # One flat list, so that the engine first looks at a character alone.
    return which, re.compile("|".join(rf"{re.escape(w)}(?=[、（）”]|$)" for w in ends))


def _rules_for(clause: str, signs: int) -> tuple[_Rule, ...]:
    """Give the rules worth trying on a clause."""
    signs &= bits("completions")
    which, ends = _closing()
    if signs & which and not ends.search(clause):
        signs &= ~which
    return _rules_of(signs) if signs else ()


@lru_cache(maxsize=4096)
def _rules_of(signs: int) -> tuple[_Rule, ...]:
    return tuple(_rule(row["code"]) for _, row in likely(signs, "completions"))


def find_statements(clause: str, signs: int | None = None) -> list[Statement]:
    """Find the checkable statements of a clause that holds no number.

    Parameters
    ----------
    clause : str
        A clean clause, without commas.
    signs : int, optional
        The signs it holds, where they are known.

    Returns
    -------
    list of Statement
        Usually none or one; two for 甲工程竣工、乙工程开工.

    Examples
    --------
    >>> [s.code for s in find_statements("实现建制镇污水处理全覆盖")]
    ['covered']
    >>> find_statements("加强生态环境保护")
    []
    """
    rules = _rules_for(clause, signs_of(clause) if signs is None else signs)
    if "、" not in clause:  # one part only: a rule that is met nowhere in it is not met
        rules = tuple(r for r in rules if r.pattern.search(clause))
    if not rules or _empty().search(clause):
        return []
    found: list[Statement] = []
    for part in _parts(clause):
        if len(part.bare) >= 4:
            found.extend(_first(part, _urged(part, rules) if _exhorts().match(part.bare) else rules))
    return found


def _urged(part: _Part, rules: tuple[_Rule, ...]) -> tuple[_Rule, ...]:
    """Give the rules that hold even where the clause only urges: 推进管网全覆盖 names its end."""
    return tuple(r for r in rules if r.code == "covered") if _begins(part.bare, "urges_end") else ()


def pieces_between(clause: str, taken: list[tuple[int, int]]) -> list[str]:
    """Give the items of a list that hold none of the places taken, neighbours joined.

    Parameters
    ----------
    clause : str
        A clean clause.
    taken : list of tuple of int
        Start and end of what is read already: its numbers with their words.

    Returns
    -------
    list of str
        What may hold a statement. Items that a count takes in (甲、乙等3个项目) are left out.

    Examples
    --------
    >>> pieces_between("新建泵站3座、管网全覆盖", [(2, 6)])
    ['管网全覆盖']
    """
    if taken and "、" not in clause:
        return []
    found: list[str] = []
    start, joined = 0, ""
    for item in _items(clause):
        end = start + len(item)
        inside = [place for place in taken if place[0] < end and start < place[1]]
        if not inside:
            joined = f"{joined}、{item}" if joined else item
        else:
            if joined and "等" not in clause[start : inside[0][1]]:
                found.append(joined)
            joined = ""
        start = end + 1
    return [*found, joined] if joined else found


# What a number beside the thing may only size, by the rule that finds the rest: all of the small ones, a plant so big.
_OF_ALL = {"wholly", "is_shut", "shuts", "banned", "rid_of", "is_rid", "gone", "covered", "goes_all"}
_OF_WORKS = {"finished", "finishes", "completes", "work_done"}
_SIZES = ("mass", "power", "volume")


def sizes_object(clause: str, quantity: Quantity) -> bool:
    """Say whether a number only tells which things a statement is about: 10万千瓦及以下燃煤机组全部关停.

    Parameters
    ----------
    clause : str
        A clean clause.
    quantity : Quantity
        One of its numbers.

    Returns
    -------
    bool
        True when the clause without the number still states something, of the things so sized.

    Examples
    --------
    >>> from heqing.reading.spans import find_quantities
    >>> text = "20户以上自然村全部通硬化路"
    >>> sizes_object(text, find_quantities(text)[0])
    True
    """
    left = clause[: quantity.start]
    if quantity.comparator in (">=", "<=") and quantity.sort not in ("ratio", "points"):
        codes = _OF_ALL
    elif quantity.comparator == "==" and quantity.sort == "count" and _ends(clause, "cover"):
        codes = {"covered"}
    elif quantity.comparator == "==" and quantity.sort == "count" and left.endswith(("全国", "全省")):
        codes = {"leaves_bottom"}
    elif (
        quantity.comparator == "=="
        and quantity.sort in _SIZES
        and _NOUN_BEFORE.search(left)
        and not _ends(left, "counts")
    ):
        codes = _OF_WORKS
    else:
        return False
    if not _NOUN.match(clause, quantity.end):
        return False
    return any(s.code in codes for s in find_statements(clause[: quantity.start] + clause[quantity.end :]))


def _first(part: _Part, rules: tuple[_Rule, ...]) -> list[Statement]:
    """Apply the first rule that fits."""
    for rule in rules:
        whole = part.bare if rule.at == "head" else part.text
        found = rule.pattern.match(whole) if rule.at == "head" else rule.pattern.search(whole)
        if found is None:
            continue
        if _COUNTED.search(whole):
            return []
        named = list(_judge(part, rule, whole, found))
        if named:
            end = part.start + len(part.text)
            return [Statement(part.start, end, name, rule.code, scope) for name, scope in named if name]
    return []


def _judge(part: _Part, rule: _Rule, whole: str, found: re.Match[str]) -> Iterator[tuple[str, str | None]]:
    """Say what a match states, if it states something checkable: names, each with its scope."""
    left = "" if rule.at == "head" else _without_lead(_strip_end(whole[: found.start()]))
    what = found.groupdict().get("what") or ""
    match rule.form:
        case "document":
            yield _title(found[0], part), None
        case "plan":
            if _is_named(what):
                yield _plain(part.bare), None
        case "coverage":
            if rule.code == "covered" and left.endswith("、"):  # 全流程、全覆盖: one of several words of praise
                return
            if rule.at != "end" or len(left) >= 2 or (not left and len(found[0]) >= 4 and rule.code == "gone"):
                yield _plain(part.bare), None
        case "direction" | "compare" | "aim":
            measured = _is_indicator(left, part, found[0]) or (rule.form == "compare" and left.endswith("指标"))
            if not part.pushed and len(left) >= 3 and measured and not _FIGURE.search(left):
                yield _plain(part.bare), None
        case "record":
            if _ends(left, "quality") or (_ends(left, "indicator") and not _ends(left, "loose")):
                yield _plain(part.bare), None
        case "passed":
            if not part.pushed and (len(left) >= 2 or re.search("国家|省|部", found[0])):
                yield _plain(part.bare), None
        case "mid":
            if _is_named(what) and not _ends(what, "vague") and not _is_crowd(what) and not _has_verb(found["who"]):
                yield _plain(part.bare), None
        case "coverage_any":
            yield _plain(part.bare), None
        case "shut":
            if not part.pushed and len(left) >= 2:
                yield _plain(part.bare), None
        case "does_task":
            if (_is_named(_undated(what)) or ("下达" in what and found[0].find("完成") >= 0)) and not part.pushed:
                yield _plain(part.bare), None
        case "tasks":
            if not part.pushed and ("约束性" in found[0] or _is_named(_undated(left))):
                yield _plain(part.bare), None
        case "steady" | "task":
            if (rule.code == "stays" and _ends(left, "plainq")) or _FIGURE.search(left):
                return
            if not part.pushed and (rule.at != "end" or len(left) >= 2 or found[0].startswith("历史性")):
                yield _plain(part.bare), None
        case "approved":
            if len(left) >= 4 and not _is_crowd(left):
                yield _plain(part.bare), None
        case "won":
            if not _is_crowd(left) and not _is_crowd(what) and _has(whole, "level"):
                name, scope = _honour(left, whole[found.start() :])
                yield from ((n, scope) for n in _each(name))
        case "sought":
            if not _is_crowd(what) and "更多" not in whole and _has(whole, "level") and not _ends(what, "vague"):
                sought = re.sub(r"^(?:全力)?(?:争创|创成|积极创建|冲刺|成功创建)", "创建", part.bare)
                yield from ((name, None) for name in _each(_plain(sought)))
        case "finish":
            # 各单位要: what all are bidden to do is an order, not a project.
            if (part.pushed and not _ends(left, "thing")) or left.startswith("各") or _ends(left, "bidden"):
                return
            if not whole.endswith("”") and _is_named(left) and not _is_crowd(left) and not _ends(left, "vague"):
                yield _plain(part.bare), None
        case "builds" | "completes":
            yield from _built(part, what)


def _is_indicator(left: str, part: _Part, said: str) -> bool:
    """Say whether a direction is of something measured; 空气质量 alone counts only when it is ensured or a state."""
    if _ends(left, "quality"):
        return said.endswith(("优良", "达标")) or part.ensured
    return _ends(left, "indicator") and not _ends(left, "loose")


def _has_verb(who: str) -> bool:
    return _begins(who, "opens") or bool(_exhorts().match(who))


def _built(part: _Part, what: str) -> Iterator[tuple[str, str | None]]:
    """Name what a verb before them says of one project or of a list: 完成甲改建、乙改建 is two."""
    if _is_crowd(what) or not _is_named(what) or _ends(what, "vague"):
        return
    pieces = _items(what)
    listed = _items(what.split("等")[0])
    shared = "等" in pieces[-1] or not all(_ends(piece, "thing") for piece in pieces)
    sure = _ends(what, "thing") or any(_ends(piece, "thing") for piece in listed) or _begins(what, "first_of")
    if not sure and not part.bare.startswith("完成"):
        return
    if shared or len(pieces) == 1:
        yield _plain(part.bare), None
        return
    verb = part.bare[: part.bare.find(what)]
    for piece in pieces:
        yield _plain(("" if _ends(piece, "work") else verb) + piece), None


def _items(text: str) -> list[str]:
    """Part a list at its commas outside quotes and brackets."""
    if not _OPENS.search(text):
        return text.split("、")
    masked = _SHUT.sub(lambda m: "□" * len(m[0]), text)
    edges = [0, *[m.end() for m in re.finditer("、", masked)], len(text) + 1]
    return [text[a : b - 1] for a, b in pairwise(edges)]


def _each(name: str) -> list[str]:
    """Part a list of honours that each name their level: 国家园林城市、国家森林城市 is two."""
    found = re.match(r"(.*?(?:入选|获评|创建为|创建|获批|评为|成为|创成|荣获))(.+)$", name)
    pieces = _items(found[2]) if found else []
    if found is None or len(pieces) < 2 or "等" in pieces[-1] or not all(_begins(p, "levelled") for p in pieces):
        return [name]
    return [found[1] + piece for piece in pieces]


def _undated(text: str) -> str:
    return re.sub(r"20\d\d(?:年度?)?", "", text)


def _honour(who: str, rest: str) -> tuple[str, str | None]:
    """Name an honour; towns and lists of winners are its scope, a single winner is part of the name."""
    rest = re.sub(r"^(?:成功创[建成]|创成|成功申报|成功争取)", "创建", rest)
    if who and _PLACE.search(who):
        return _plain(rest), who
    return _plain(who + rest), None


def _parts(clause: str) -> list[_Part]:
    """Part a clause at the list commas that end a statement or begin the next: 甲工程竣工、乙工程开工."""
    if "、" not in clause:
        return [_part(0, clause)]
    parts, start, at = [], 0, 0
    items = _items(clause)
    for item, after in pairwise(items):
        at += len(item) + 1
        if _ends(item, "finished") or _ends(item, "closes") or _begins(after, "opens"):
            parts.append(_part(start, clause[start : at - 1]))
            start = at
    return [*parts, _part(start, clause[start:])]


def _part(start: int, text: str) -> _Part:
    lead = _lead().match(text)
    if lead is None:
        return _Part(start, text, text, pushed=False, ensured=False)
    skipped = lead[0]
    return _Part(start, text, text[lead.end() :], _has(skipped, "push"), _has(skipped, "ensures"))


def _ends(text: str, role: str) -> bool:
    return text.rstrip("”）").endswith(_words(role))


def _begins(text: str, role: str) -> bool:
    return text.startswith(_words(role))


def _strip_end(text: str) -> str:
    """Take the words of manner and the days by which from the end: 已, 全面, 6月底前."""
    manner = _words("manner")
    while True:
        if text.endswith(manner):
            text = text[: -len(next(w for w in manner if text.endswith(w)))]
        elif text.endswith(_TIMES) and (dated := _by_end().search(text)):
            text = text[: dated.start()]
        else:
            return text


def _without_lead(text: str) -> str:
    found = _lead().match(text)
    return text[found.end() :] if found else text


def _is_named(text: str) -> bool:
    """Say whether more is left than words that fit any project: 重大项目 names none."""
    return len(_any("generic").sub("", text)) >= 2


def _is_crowd(text: str) -> bool:
    return text.lstrip("“").startswith(_words("crowd"))


@cache
def _any(role: str) -> re.Pattern[str]:
    return re.compile(either(list(_words(role))))


def _has(text: str, role: str) -> bool:
    return bool(text) and bool(_any(role).search(text))


def _title(found: str, part: _Part) -> str:
    title = re.search(r"^(.*?)《([^》]+)》", found)
    if title is None or not title[1]:
        return _plain(part.bare)
    verb = re.sub(r"制定(?=出台)|研究(?=制定)|了", "", title[1])
    return verb + re.sub(r"^(?:XX|[^\s]{1,3})?(?:XX)?[市区县省]", "", title[2]).split("（")[0]


def _plain(name: str) -> str:
    return tidy(strip_lead(name))
