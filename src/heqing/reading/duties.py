"""What a measure names besides its deed (责任与手段): offices, posts and persons, a deadline, instruments.

It is given a stretch of clean text and finds no headings. Look next at `heqing.reading.measures`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from heqing.reading.lexicon import words

_NOTE = re.compile(r"[（〔【\[]((?:[^（）〔〕【】\[\]]|（[^（）]{1,12}）){2,240})[）〕】\]]")
_ROLE = (
    r"(?:主要|第一|市级|县级|区级|省级)?(?:责任|牵头|配合|参与|落实|承办|主办|协办|协同|实施|完成|组织)"
    r"(?:实施)?(?:单位|部门|科室|主体)"
)
_NOTED = re.compile(rf"牵头|负责|配合|落实(?:$|[）〕】\]])|{_ROLE}")
_LABEL = re.compile(rf"^(?:{_ROLE})[：:\s]*(?:为|是)?")
_LINE = re.compile(rf"(?:^|[。；，、\s])(?:{_ROLE})[：:]([^。；：\n]{{2,160}}?)(?=$|[。；\n]|[，、\s]?{_ROLE}[：:])")
_DEED = re.compile(
    r"(?:(?:共同|分别|具体|按照?|根据|各自|职责|分工|任务)*(?:牵头|负责|配合|参与|落实|组织实施|督促|指导|等)+)+$"
)
_BETWEEN = re.compile(r"[、，,]|(?<=[局委办厅部道镇街府司院会])(?:和|及|与|以及)(?=[各市区县省州镇乡])")
_LEADER = re.compile(r"(?:责任|牵头|分管|包案|包保|挂钩|市级|县级|区级)(?:领导|人)[：:]\s*([^。；）〕\]\n]{2,40})")
_DEADLINE = re.compile(
    r"(?:(?:完成|办结|整改)(?:时限|期限|时间)[：:]\s*(?P<said>[^。；，）〕\n]{2,16}))"
    r"|(?P<by>(?:到|在|于)?(?:20\d\d年)?(?:\d{1,2}月(?:\d{1,2}日|底|上旬|中旬|下旬)?|年|[上下]半年|[一二三四]季度)(?:底|末)?(?:之?前|以前)"
    r"|到20\d\d年(?:\d{1,2}月)?[底末]?|20\d\d年(?:底|末)|今年年?底|今年内|年内|年底(?!前)|(?:\d{1,3}|[一二三四五六七八九十]{1,3})(?:个工作)?(?:日|天|个月)内)"
)
_DUE = re.compile(r"[年月日度旬](?:底|末|之?前|以前|内)|[底末]前|[时期]限[：:]|工作日内|到20\d\d年|天内|个月内")
_MADE = re.compile(
    r"制定|制订|编制|出台|印发|实施|开展|建立|健全|形成|签订|下达|完善|推进|落实|推行|实行|列出|深入|加强|强化|严格|纳入|发挥|按照|坚持|深化|打好|和|与|及|的|[、，；。：《》“”（）]"
)
_HAN = re.compile("[一-龥]*")
_OF = re.compile(r"(?:(?:各级|各)?(?:[省市县区镇乡村]|街道){0,3}(?:党委|政府|党组|部门|单位)?)$")
# How far before its word the name of an instrument may begin, and how long what stands before the word may be.
_BEFORE, _OWN_NAME = 14, 8


@dataclass(frozen=True)
class Duties:
    """Offices in charge, posts and persons, the first deadline, the instruments; each as written."""

    offices: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    deadline: str | None = None
    instruments: tuple[str, ...] = ()


@cache
def _office() -> str:
    end = words("offices")
    return (
        r"(?:各级各部门|各部门|各级[一-龥]{1,4}|各(?:有关|相关)?(?:镇街|乡镇|街道|县市区|区县|县区|村|部门|单位)"
        rf"|(?:自治[区州]|[省市县区州镇])[一-龥]{{1,14}}?{end})"
    )


@cache
def _acting() -> re.Pattern[str]:
    office = _office()
    return re.compile(
        rf"[。；，：](?P<w>{office}(?:[、和及]{office}){{0,8}})"
        r"(?=要|应|须|牵头|负责|每|统筹|会同|定期|按照?职责|充分|各司|具体|抓|组织|督促|联合|同步|配合|参与|落实|主要负责(?!同志|人))"
    )


@cache
def _charged() -> re.Pattern[str]:
    return re.compile(
        rf"(?:压实|由|明确)(?P<w>{_office()}(?:[、和及]{_office()}){{0,8}})(?=牵头|负责|统筹|组织|会同|责任|落实|承担|为)"
    )


@cache
def _person() -> re.Pattern[str]:
    post = words("posts")
    return re.compile(rf"{post}(?:、(?:副)?{post})?")


@cache
def _instrument() -> re.Pattern[str]:
    return re.compile(rf"《[^》]{{3,60}}》|{words('instruments')}")


@cache
def _any_instrument() -> re.Pattern[str]:
    return re.compile(words("instruments"))


def tell_duties(stretch: str) -> Duties:
    """Tell whom, until when and by what means a stretch of text names.

    Parameters
    ----------
    stretch : str
        Clean text of one measure, from its title to the next.

    Returns
    -------
    Duties
        As written; what is not named is empty.

    Examples
    --------
    >>> found = tell_duties("10月底前完成管网普查，列出问题清单。（市水务局牵头，各镇街配合）")
    >>> found.offices, found.deadline, found.instruments
    (('市水务局', '各镇街'), '10月底前', ('问题清单',))
    """
    offices = list(_noted(stretch))
    for m in _acting().finditer("。" + stretch):
        offices += _parted(m["w"])
    for m in _charged().finditer(stretch):
        offices += _parted(m["w"])
    deadline = _deadline(stretch)
    return Duties(
        tuple(dict.fromkeys(offices)),
        tuple(dict.fromkeys(_people(stretch))),
        deadline,
        tuple(dict.fromkeys(_instruments(stretch))),
    )


def _deadline(stretch: str) -> str | None:
    """Read the first deadline: sought by its end (月底, 日前, 年内), for its beginning has many forms."""
    for end in _DUE.finditer(stretch):
        first = max(0, end.start() - _BEFORE)
        if m := _DEADLINE.search(stretch[first : end.end() + _BEFORE]):
            return m["said"] or m["by"]
    return None


def _noted(stretch: str) -> list[str]:
    """Read offices from a note in brackets or after a label."""
    found: list[str] = []
    if not _NOTED.search(stretch):
        return found
    for m in _NOTE.finditer(stretch):
        if _NOTED.search(m[1]):
            for part in re.split(r"[；;。]", m[1]):
                if not _LEADER.search(part):
                    found += _parted(_LABEL.sub("", part.strip()))
    if not found:
        for m in _LINE.finditer(stretch):
            found += _parted(m[1])
    return found


def _parted(said: str) -> list[str]:
    found = []
    for part in _BETWEEN.split(said):
        name = _DEED.sub("", _LABEL.sub("", part.strip()))
        if 2 <= len(name) <= 24:
            found.append(name)
    return found


def _people(stretch: str) -> list[str]:
    found = [name.strip() for m in _LEADER.finditer(stretch) for name in re.split(r"[、，,]", m[1]) if name.strip()]
    for m in _person().finditer(stretch):
        before = stretch[max(0, m.start() - 6) : m.start()]
        if not before.endswith("总"):
            of = _OF.search(before)
            found.append((of[0] if of else "") + m[0])
    return found


def _instruments(stretch: str) -> list[str]:
    found = []
    for m in _instrument().finditer(stretch):
        if m[0][0] == "《":
            if _any_instrument().search(m[0]):
                found.append(m[0])
            continue
        left = _MADE.split(stretch[max(0, m.start() - _BEFORE) : m.start()])[-1]
        found.append((left if len(left) <= _OWN_NAME and _HAN.fullmatch(left) else "") + m[0])
    return found
