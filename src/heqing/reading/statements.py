"""Checkable statements without a number (完成类表述): a plan issued, full coverage, an honour, a finished project.

It sees one clause at a time and leaves every clause alone that only exhorts. Patterns are data, table ``completions``.
Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from heqing.reading.indicators import strip_lead, tidy
from heqing.reading.lexicon import words
from heqing.reading.signs import bits, likely, signs_of

_FINISHED_HEAD = re.compile(r"^(?:全力|基本|如期|全面|顺利|年内|确保|力争|扎实|要)*(完成|启用|建成|开通|竣工)")
_FILL = re.compile(
    r"^(?:[“”（、]|确保|力争|争取|务必|坚决|必须|全力|实现|基本|扎实|积极|努力|持续(?!改善|向好)|进一步|要|并|全年(?!新)|年内|20\d\d年|我[省市区县]|推动(?=.{2,14}(?:打造成为|成为|升级为)))+"
)

# Words that make a statement uncheckable: all tasks, early starts, starts in a crowd.
_WON = re.compile(r"入选|获[评批建授]|荣获|跻身|入列|摘得|蝉联|捧[回得]|创成|被(?:评|授|列|明|确|认|命)|挂牌|通过|成为")
_EMPTY = re.compile(r"各项(?!约束性|指标)|早[开竣投完]工?|集中(?:开工|签约)|全过程|陆续|正在|一批批|等等")


@dataclass(frozen=True)
class Statement:
    """A statement without a number: its place in the clause, its name, its form, and the share that proves right."""

    start: int
    end: int
    name: str
    form: str
    sure: float


@cache
def _exhorts() -> re.Pattern[str]:
    return re.compile(rf"^{words('exhortations')}")


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
    >>> [s.form for s in find_statements("实现建制镇污水处理全覆盖")]
    ['coverage']
    >>> find_statements("加强生态环境保护")
    []
    """
    signs = signs_of(clause) if signs is None else signs
    if not signs & bits("completions"):
        return []
    bare = _FILL.sub("", clause)
    if len(bare) < 4 or _EMPTY.search(clause):
        return []
    for pattern, row in likely(signs, "completions"):
        form = str(row["form"])
        found = pattern.search(clause)
        if found is None or (form not in ("document", "coverage") and _exhorts().match(bare)):
            continue
        if form == "finish":
            parts = _finished(clause, pattern)
            if parts:
                return [Statement(0, len(clause), p, form, float(row["confidence"])) for p in parts]
        if form == "honour" and not (_WON.search(found[0]) or _is_named(clause)):
            continue
        return [Statement(0, len(clause), _name(clause, found[0], form), form, float(row["confidence"]))]
    return []


def _is_named(words_: str) -> bool:
    """Say whether an honour has a level or a proper name: 国家…示范区 does, 一批示范区 does not."""
    if re.search(r"一批|若干|更多|系列|行动|工作|建设(?!名单|示范|先行)", words_):
        return False
    return bool(
        re.search(r"国家|全国|省级|全省|省域|市级|世界|国际|中国|“|无废|首批|卫生|文明|银鼎|金鼎|示范区|模范", words_)
    )


def _finished(clause: str, pattern: re.Pattern[str]) -> list[str]:
    """Part a list of projects: each piece must stand as a finished project by itself or share the verb."""
    pieces = clause.split("、")
    if len(pieces) < 2:
        return [_name(clause, clause, "finish")]
    head = _FINISHED_HEAD.match(clause)
    names = []
    for i, piece in enumerate(pieces):
        whole = piece if i == 0 or head is None else head[1] + piece
        if not pattern.search(whole):
            return [_name(clause, clause, "finish")]
        names.append(_name(piece, piece, "finish"))
    return names


def _name(clause: str, found: str, form: str) -> str:
    if form == "document":
        title = re.search(r"^(.*?)《([^》]+)》", found)
        if title:
            verb = re.sub(r"制定(?=出台)|研究(?=制定)|了", "", title[1])
            return verb + re.sub(r"^(?:XX|[^\s]{1,3})?(?:XX)?[市区县省]", "", title[2]).split("（")[0]
        return tidy(found)
    name = _FILL.sub("", clause)
    if form == "honour":
        name = re.sub(r"^(?:全力)?(?:争创|创成|积极创建|冲刺|成功创建)", "创建", name)
    return tidy(strip_lead(name))
