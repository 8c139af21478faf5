"""What a document says of itself (文档信息): title, issuer, region, day, type, and the people who act in it.

A fact that the text does not state stays None. Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re

from heqing.reading.clauses import Line
from heqing.reading.findings import DocumentFacts, Person
from heqing.reading.lexicon import mapping, words
from heqing.reading.signs import bits

_GIVEN = re.compile(r"^[—\-]*(20\d\d)年(\d{1,2})月(\d{1,2})日在.{4,40}(?:会议|大会)上")
_PUBLISHED = re.compile(r"(?:发布|成文|印发|公开|生成)?(?:时间|日期)[:：]?\s*(20\d\d)[-年/.](\d{1,2})[-月/.](\d{1,2})")
_ALONE = re.compile(r"^[（(]?\s*(20\d\d)年(\d{1,2})月(\d{1,2})日\s*[）)]?$")
_ACTS = r"(?:强调|指出|要求|作(?:具体)?工作部署|出席|主持|到会|表示|充分肯定|作政府工作报告|讲话|等市|参加|[，、。]|$)"
_HEADING = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|——|[一二三四五六七八九十][是要])")


def tell_facts(doc: str, lines: list[Line]) -> DocumentFacts:
    r"""Tell a document's facts from its lines.

    Parameters
    ----------
    doc : str
        The document's name.
    lines : list of Line
        All clean lines; noise lines may still hold a day or an issuer.

    Returns
    -------
    DocumentFacts
        Facts as stated.

    Examples
    --------
    >>> from heqing.reading.clauses import split_lines
    >>> tell_facts("a", split_lines("甲市2026年政府工作报告\n各位代表：")).doc_type
    'work_report'
    """
    kept = [line for line in lines if not line.noise]
    title = _title(kept)
    return DocumentFacts(
        doc=doc,
        title=title.text.strip() if title else None,
        issuer=_issuer(title.text if title else "", lines),
        region=_region(title.text if title else "", kept),
        date=_day(lines),
        doc_type=_type(title.text if title else None, kept),
        people=_people(kept),
    )


def _title(kept: list[Line]) -> Line | None:
    for line in kept[:6] if len(kept) > 1 else ():
        said = line.text.strip()
        if _HEADING.match(said):
            return None
        ends = said.endswith(("。", "；", "：", "，"))
        if 6 <= len(said) <= 60 and not ends and not re.match(r"^[—\-]|来源|时间|发布", said) and said.count("。") == 0:
            return line
    return None


def _day(lines: list[Line]) -> str | None:
    for pattern in (_GIVEN, _PUBLISHED, _ALONE):
        for line in lines[:30]:
            found = pattern.search(line.text.strip())
            if found:
                year, month, day = (int(x) for x in found.groups())
                if 1 <= month <= 12 and 1 <= day <= 31:
                    return f"{year:04d}-{month:02d}-{day:02d}"
    return None


def _issuer(title: str, lines: list[Line]) -> str | None:
    for line in lines[:40]:
        found = re.search(r"(?:发布机构|发文机关|发布单位|印发机关)[:：]?\s*([一-龥]{4,24})", line.text)
        if found:
            return found[1]
    for line in lines[:40]:
        found = re.search(r"我代表([一-龥]{2,12}人民政府)", line.text)
        if found:
            return found[1]
    report = re.search(r"(?:20\d\d年)?([一-龥X]{2,10}?(?:省|市|区|县|自治区))(?:人民)?政府工作报告", title)
    return f"{report[1]}人民政府" if report and "X" not in report[1] else None


def _region(title: str, kept: list[Line]) -> str | None:
    bare = re.sub(r"20\d\d年度?|^在(?=[一-龥]{2,7}[省市区县镇州])", "", title)
    found = re.match(r"^([一-龥X]{1,8}?(?:自治区|省|市|区|县|镇|州))(?![委长])", bare)
    if found and not re.match(r"^(?:全|我|各|两)", found[1]):
        return found[1]
    for line in kept[:12]:
        found = re.search(r"(?<![一-龥])(XX[市区县省]|[一-龥]{2,4}?[市区县])(?=召开|坚定|人民政府|第)", line.text)
        if found and not re.match(r"^(?:全|我|各|两|本)", found[1]):
            return found[1]
    text = "".join(line.text for line in kept[:12])
    masked = re.search(r"XX[市区县省镇]", text)
    return masked[0] if masked else None


def _type(title: str | None, kept: list[Line]) -> str | None:
    types = mapping("doc_types", "word", "doc_type")
    for word, kind in types.items():
        if title and word in title:
            return kind
    if title is None and kept and any("各位代表" in line.text for line in kept):
        return "work_report"
    opening = "".join(line.text for line in kept[:4])
    if re.search(r"\d日[，].{0,30}召开|近日召开", opening):
        return "news"
    return "work_report" if title is None and kept else None


def _people(kept: list[Line]) -> tuple[Person, ...]:
    post = words("posts")
    pattern = re.compile(
        rf"(?P<post>[一-龥]{{0,16}}?{post}(?:、(?:副)?{post})?)\s?(?P<name>{words('surnames')}[一-龥]{{1,2}})(?={_ACTS})"
    )
    posted = bits("posts")
    found: dict[str, str] = {}
    for line in kept:
        if not line.signs & posted:
            continue
        for sentence in re.split(r"[，。；、](?!(?:副)?[市区县]长)", line.text):
            for m in pattern.finditer(sentence):
                name = m["name"]
                if name in found or re.search(r"同志|分管|领导|负责|班子|会议|部门|等市|总书记", m[0]):
                    continue
                found[name] = re.sub(r"^(?:全|各|由|和|与|及)", "", m["post"])
    return tuple(Person(name, title) for name, title in found.items())
