"""What a measure names besides its deed (责任与手段): offices, posts and persons, a deadline, instruments.

It is given a stretch of clean text and finds no headings. Look next at `heqing.reading.measures`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from heqing.reading.lexicon import words

_OPEN, _SHUT = "（〔【[", "）〕】]"
_NOTE = re.compile(r"[（〔【\[]((?:[^（）〔〕【】\[\]]|（[^（）]{1,12}）){2,240})[）〕】\]]")
_ROLE = (
    r"(?:主要|第一|市级|县级|区级|省级)?(?:责任|牵头|配合|参与|落实|承办|主办|协办|协同|实施|完成|组织)(?:实施)?(?:单位|部门|科室|主体)"
)
_NOTED = re.compile(rf"{_ROLE}|牵头|负责|配合|落实$")
_LABEL = re.compile(rf"^(?:{_ROLE})[：:\s]*(?:为|是)?")
_LINE = re.compile(rf"(?:^|[。；，、\s])(?:{_ROLE})[：:]([^。；：\n]{{2,160}})")
_DEED = re.compile(r"(?:(?:共同|分别|具体|按照?|根据|各自|职责|分工|任务)*(?:牵头|负责|配合|参与|落实|组织实施|督促|指导|等)+)+$")
_BETWEEN = re.compile(r"[、，,]|(?<=[局委办厅部道镇街府司院会])(?:和|及|与|以及)(?=[各市区县省州镇乡])")
_LEADER = re.compile(r"(?:责任|牵头|分管|包案|包保|挂钩|市级|县级|区级)(?:领导|人)[：:]\s*([^。；）〕\]\n]{2,40})")
_DEADLINE = re.compile(
    r"(?:(?:完成|办结|整改)(?:时限|期限|时间)[：:]\s*(?P<said>[^。；，）〕\n]{2,16}))"
    r"|(?P<by>(?:到|在|于)?(?:20\d\d年)?(?:\d{1,2}月(?:\d{1,2}日|底|上旬|中旬|下旬)?|年|[上下]半年|[一二三四]季度)(?:底|末)?(?:之?前|以前)"
    r"|到20\d\d年(?:\d{1,2}月)?[底末]?|20\d\d年(?:底|末)|今年年?底|今年内|年内|年底(?!前)|(?:\d{1,3}|[一二三四五六七八九十]{1,3})(?:个工作)?(?:日|天|个月)内)"
)
_MADE = r"制定|制订|编制|出台|印发|实施|开展|建立|健全|形成|签订|下达|完善|推进|落实|推行|实行|列出|深入|加强|强化|严格|纳入|发挥|按照|坚持|深化|打好|和|与|及|的|、|，|；|。|：|《|“"


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
        rf"(?:^|(?<=[。；，：]))(?P<w>{office}(?:[、和及]{office}){{0,8}})"
        r"(?=要|应|须|牵头|负责|每|统筹|会同|定期|按照?职责|充分|各司|具体|抓|组织|督促|联合|同步|配合|参与|落实|主要负责)"
    )


@cache
def _charged() -> re.Pattern[str]:
    return re.compile(rf"(?:压实|由|明确)(?P<w>{_office()}(?:[、和及]{_office()}){{0,8}})(?=牵头|负责|统筹|组织|会同|责任|落实|承担|为)")


@cache
def _person() -> re.Pattern[str]:
    post = words("posts")
    return re.compile(rf"(?P<who>(?:各级|各|[省市县区镇乡村街道]{{1,3}})?(?:党委|政府|党组|部门|单位)?(?<!总){post}(?:、(?:副)?{post})?)")


@cache
def _instrument() -> re.Pattern[str]:
    return re.compile(rf"《[^》]{{3,60}}》|(?P<left>[一-龥“”+\d]{{0,14}}?)(?P<word>{words('instruments')})")


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
    for pattern in (_acting(), _charged()):
        for m in pattern.finditer(stretch):
            offices += _parted(m["w"])
    deadline = _DEADLINE.search(stretch)
    return Duties(
        tuple(dict.fromkeys(offices)),
        tuple(dict.fromkeys(_people(stretch))),
        (deadline["said"] or deadline["by"]) if deadline else None,
        tuple(dict.fromkeys(_instruments(stretch))),
    )


def _noted(stretch: str) -> list[str]:
    """Read offices from a note in brackets or after a label."""
    found: list[str] = []
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
        name = _DEED.sub("", _LABEL.sub("", part.strip(_OPEN + _SHUT + " ")))
        if 2 <= len(name) <= 24:
            found.append(name)
    return found


def _people(stretch: str) -> list[str]:
    found = [name.strip() for m in _LEADER.finditer(stretch) for name in re.split(r"[、，,]", m[1]) if name.strip()]
    return found + [m["who"] for m in _person().finditer(stretch)]


def _instruments(stretch: str) -> list[str]:
    found = []
    for m in _instrument().finditer(stretch):
        if m["word"] is None:
            if re.search(words("instruments"), m[0]):
                found.append(m[0])
            continue
        left = re.split(rf"{_MADE}|”", m["left"])[-1]
        found.append((left if len(left) <= 8 else "") + m["word"])
    return found
