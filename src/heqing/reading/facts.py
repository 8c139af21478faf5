"""What a document says of itself (文档信息): title, issuer, region, days, numbers, type, and the people who act in it.

A fact that the text does not state stays None; a day that contradicts another is reported as a gap. Lines of page
furniture are asked too: a portal's strip often holds the only day and the index number. Look next at
`heqing.reading.reader`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise

from heqing.reading.clauses import Line
from heqing.reading.findings import DocumentFacts, Person
from heqing.reading.lexicon import mapping, rows, words
from heqing.reading.signs import bits

# How many lines at the head and at the foot may hold facts of the frame.
_HEAD, _FOOT = 40, 12
_DAY = r"(20\d\d)[-年/.](\d{1,2})[-月/.](\d{1,2})(?!\d)"
_GIVEN = re.compile(rf"^[—\-（]*{_DAY}日在.{{4,40}}(?:会议|大会|会)上")
_ISSUED = re.compile(rf"^（?{_DAY}日?.{{0,24}}(?:印发|发布|通过|公布|施行|批准)）?$")
_SIGNED = re.compile(rf"^{_DAY}日$")
_DATED = re.compile(rf"(?:发布|成文|印发|公开|生成|发表|更新)?(?:时间|日期)[:：]?\s*{_DAY}")
_STAMPED = re.compile(rf"(?<![\d〔]){_DAY}日?(?:\s*\d{{1,2}}:\d\d)?")
_ALONE = re.compile(rf"^[（(]?\s*{_DAY}日\s*[）)]?$")
_DISCLOSED = re.compile(rf"(?:公开|生成|发布)(?:时间|日期)[:：]?\s*{_DAY}")
_BEHIND_TITLE = re.compile(r"（(?:发布|更新|发表)?(?:时间|日期)[:：][^（）]*）$")
_HAPPENED = re.compile(r"(?:^|[，。讯） ])(?:(\d{1,2})月)?(\d{1,2})日(?:上午|下午|晚)?[，,]")
_NUMBER = re.compile(r"(?<![《一-龥A-Z])[一-龥A-Z]{1,10}[〔\[（【]20\d\d[〕\]）】]\s*第?[\dXx*]{1,5}号")
_CITED = re.compile(r"(?:根据|按照|依据|《[^》]*》)[^，。]{0,6}$")
_INDEX = re.compile(r"索引号[:：]?\s*([A-Za-z0-9][A-Za-z0-9/_.-]{5,40})")
_ISSUER = re.compile(r"(?:发布机构|发文机关|发布单位|印发机关|制发机关|公开主体|信息来源单位)[:：]?\s*([一-龥X]{3,24})")
_SIGNER = re.compile(
    r"^[一-龥X]{2,24}(?:人民政府(?:办公[室厅])?|委员会(?:办公室)?|领导小组(?:办公室)?|指挥部(?:办公室)?|[局厅委办])$"
)
_GOVERNMENT = re.compile(r"我代表([一-龥]{1,12}人民政府|[省市县区]政府)")
_PLACE = r"(?:特别行政区|自治区|自治[州县旗]|省|市|区|县|镇|旗|街道|乡)"
_PLAIN = re.compile(rf"^(?P<p>[一-龥X]{{1,8}}?{_PLACE}(?:[一-龥X]{{1,6}}?{_PLACE}){{0,2}})(?![委长域里内])")
_NO_PLACE = re.compile(r"^(?:全|我|各|两|本|在全|该)|书记|[省市县区]长|全[省市县区]")
_ACTS = (
    r"(?:强调|指出|要求|作(?:具体)?工作部署|出席|主持|到会|表示|充分肯定|作政府工作报告|讲话|等[省市县区]|参加|在肯定"
    r"|调研|带队|把|将|就|率|到|在|向|说|介绍|宣布|代表|一行|[，、。]|$)"
)
_HEADING = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|——|[一二三四五六七八九十][是要])")
_LEADERS = re.compile(
    r"(?P<post>[省市县区州镇旗]领导)(?P<names>(?:[一-龥]{2,3}、)*[一-龥]{2,3}?)(?=参加|出席|陪同|主持|等|，)"
)
_NEWS = re.compile(
    r"^[^。]{0,30}(?:\d{1,2}日|近日|日前)[，,讯][^。]{0,60}(?:召开|举行|开展|出台|印发|发布|公布|办了|开了)|\d日讯|近日召开|讯（?记者|会议(?:强调|指出|要求)[，：]"
)


def tell_facts(doc: str, lines: list[Line], written: Callable[[int, int], str] | None = None) -> DocumentFacts:
    r"""Tell a document's facts from its lines.

    Parameters
    ----------
    doc : str
        The document's name.
    lines : list of Line
        All clean lines; noise lines may still hold a day or an issuer.
    written : callable, optional
        Gives the characters of the document for two clean offsets; names and posts are handed back so.

    Returns
    -------
    DocumentFacts
        Facts as stated.

    Examples
    --------
    >>> from heqing.reading.clauses import split_lines
    >>> found = tell_facts("a", split_lines("甲市2026年政府工作报告\n甲政发〔2026〕3号\n各位代表："))
    >>> found.doc_type, found.document_number
    ('work_report', '甲政发〔2026〕3号')
    """
    kept = [line for line in lines if not line.noise]
    found = _title(kept)
    title = _BEHIND_TITLE.sub("", found.text.strip()) if found else None
    doc_type = _type(title, kept, lines)
    region = _region(title or "", kept, lines)
    day = _day(lines) or (_told_day(kept) if doc_type == "news" else None)
    return DocumentFacts(
        doc=doc,
        title=title,
        issuer=_issuer(title or "", lines, kept, region, doc_type),
        region=region,
        date=day,
        doc_type=doc_type,
        people=_people(kept, written),
        document_number=_number(lines, kept),
        index_number=next((m[1] for line in lines[:_HEAD] if (m := _INDEX.search(line.text))), None),
        disclosed_on=_first_day(lines[:_HEAD], _DISCLOSED),
        gap=_contradiction(day, kept),
    )


def _title(kept: list[Line]) -> Line | None:
    for line in kept[:6] if len(kept) > 1 else ():
        said = line.text.strip()
        if _HEADING.match(said):
            return None
        ends = said.endswith(("。", "；", "：", "，"))
        strip = re.match(r"^[—\-]|.{0,6}来源|.{0,4}时间|发布|索引|20\d\d-", said) or _NUMBER.fullmatch(said)
        if 6 <= len(said) <= 60 and not ends and not strip and "。" not in said:
            return line
    return None


def is_title(line: Line, title: str | None) -> bool:
    """Say whether a line holds the title, with a note behind it or without.

    Parameters
    ----------
    line : Line
        A clean line.
    title : str or None
        The document's title.

    Returns
    -------
    bool
        True for the title's own line and for a repeat of it.

    Examples
    --------
    >>> from heqing.reading.clauses import split_lines
    >>> is_title(split_lines("治水要点（发布时间：2026-01-02）")[0], "治水要点")
    True
    """
    return title is not None and _BEHIND_TITLE.sub("", line.text.strip()) == title


def _as_day(found: re.Match[str]) -> str | None:
    year, month, day = (int(x) for x in found.groups()[:3])
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _first_day(lines: list[Line], pattern: re.Pattern[str]) -> str | None:
    for line in lines:
        if (found := pattern.search(line.text.strip())) and (day := _as_day(found)):
            return day
    return None


def is_given(lines: list[Line]) -> bool:
    """Say whether a document states the day it was given or issued itself, and not only a page its own.

    Parameters
    ----------
    lines : list of Line
        All clean lines.

    Returns
    -------
    bool
        True when it does.

    Examples
    --------
    >>> from heqing.reading.clauses import split_lines
    >>> is_given(split_lines("（2026年1月8日甲市人民政府印发）")), is_given(split_lines("发布时间：2026-01-09"))
    (True, False)
    """
    return _given_day(lines) is not None


def _given_day(lines: list[Line]) -> str | None:
    head, foot = lines[:_HEAD], lines[-_FOOT:]
    return _first_day(head, _GIVEN) or _first_day(head, _ISSUED) or _first_day(foot, _SIGNED)


def _day(lines: list[Line]) -> str | None:
    """Give the day of the speech or of issue, else of publication."""
    head = lines[:_HEAD]
    strip = [line for line in lines[:15] if len(line.text) <= 120]
    return (
        _given_day(lines)
        or _first_day(strip, _DATED)
        or _first_day(head[:30], _ALONE)
        or _first_day([line for line in strip if "《" not in line.text and not line.text.endswith("。")], _STAMPED)
    )


def _told_day(kept: list[Line]) -> str | None:
    """Give the day a report tells of, where its sentence names the year as well."""
    for line in kept[:3]:
        told, year = _HAPPENED.search(line.text), re.search(r"20\d\d(?=年)", line.text)
        if told and told[1] and year:
            return f"{year[0]}-{int(told[1]):02d}-{int(told[2]):02d}"
    return None


def _contradiction(day: str | None, kept: list[Line]) -> str | None:
    """Say when the text tells of a day after the one it is dated with."""
    if day is None:
        return None
    month, at = int(day[5:7]), int(day[8:])
    for line in kept[:8]:
        for m in list(_HAPPENED.finditer(line.text))[:1]:
            told = int(m[1]) if m[1] else month
            if len(line.text) > 30 and told == month and int(m[2]) > at:
                return "day_contradicted"
    return None


def _number(lines: list[Line], kept: list[Line]) -> str | None:
    near = lines[:20] + kept[:6]
    for line in near:
        m = _NUMBER.search(line.text)
        if m and len(line.text) <= 120 and not _CITED.search(line.text[: m.start()] + m[0][:2]):
            return re.sub(r"^(?:发文字号|文号|文件编号|字号)", "", m[0])
    return None


def _issuer(title: str, lines: list[Line], kept: list[Line], region: str | None, doc_type: str | None) -> str | None:
    for line in lines[:_HEAD]:
        if (found := _ISSUER.search(line.text)) and found[1] not in ("主动公开", "有效"):
            return found[1]
    place = region if region and "X" not in region else None
    last = _last_place(place) if place else ""
    for line in lines[:_HEAD]:
        if found := _GOVERNMENT.search(line.text):
            said = found[1]
            bare = re.fullmatch(r"(?:[省市县区州]|自治[区州县])(?:人民)?政府", said)
            return f"{last}人民政府" if bare and last else said
    report = re.search(r"(?:20\d\d年)?([一-龥X]{2,10}?(?:省|市|区|县|自治区))(?:20\d\d年)?(?:人民)?政府工作报告", title)
    if report and "X" not in report[1]:
        return f"{report[1]}人民政府"
    foot = kept[-_FOOT:]
    for before, line in pairwise(foot):
        if _SIGNED.match(line.text.strip()) and _SIGNER.match(before.text.strip()):
            return before.text.strip()
    if last and any(re.search(r"日[省市县区州]政府(?:印发|发布)", line.text) for line in kept[:6]):
        return f"{last}人民政府"
    if last and doc_type == "work_report" and any(_GIVEN.search(line.text.strip()) for line in lines[:_HEAD]):
        return f"{last}人民政府"
    return None


def _last_place(region: str) -> str:
    """Give the innermost place of a region: 中山市 of 广东省中山市."""
    parts = re.findall(rf"[一-龥X]+?{_PLACE}", region.replace("自治区", "自治區"))
    return (parts[-1] if parts else region).replace("自治區", "自治区")


@cache
def _places() -> tuple[dict[str, tuple[str, str]], re.Pattern[str]]:
    found = {str(r["short"]): (str(r["full"]), str(r["above"] or "")) for r in rows("places")}
    return found, re.compile("|".join(sorted(map(re.escape, found), key=len, reverse=True)))


def _region(title: str, kept: list[Line], lines: list[Line]) -> str | None:
    bare = re.sub(r"20\d\d年度?|^关于|^在(?=[一-龥]{2,7}[省市区县镇州])", "", title)
    bare = re.sub(r"^[（(]([一-龥]{2,8}[省市区])[）)]", r"\1", bare)
    if (found := _PLAIN.match(bare)) and not _NO_PLACE.search(found["p"]) and found["p"] not in _places()[0]:
        return _with_above(found["p"])
    if city := _city(bare):
        return city
    for line in (*kept[:12], *lines[:12]):
        if found := re.search(
            r"在([一-龥]{2,12}?(?:省|市|县|区|自治[区州县旗]))第[一二三四五六七八九十]+届", line.text
        ):
            return _with_above(found[1])
    for line in kept[:12]:
        found = re.search(r"(?<![一-龥])(XX[市区县省]|[一-龥]{2,4}?[市区县])(?=召开|坚定|人民政府|第)", line.text)
        if found and not _NO_PLACE.search(found[1]):
            return _with_above(found[1])
        if city := _city(re.sub(r"^.{0,12}?(?:\d+月)?\d+日[，,讯]", "", line.text), acting=True):
            return city
    text = "".join(line.text for line in kept).replace("美丽", "全")
    masked = Counter(re.findall(r"(?:XX|某某)[市区县省镇]", text[:3000])).most_common(1)
    return masked[0][0] if masked else _most_named(text)


def _city(said: str, *, acting: bool = False) -> str | None:
    """Read a bare name of a city or province at the head of some words, as before a year or a deed."""
    places, pattern = _places()
    m = pattern.match(said)
    if m is None:
        return None
    after = said[m.end() :]
    if acting and not re.match(r"(?:近日)?(?:召开|举行|部署|启动|印发|出台)", after):
        return None
    if not acting and not re.match(r"\d|市|打|推|召|深|持续|加|全|今|：|出台|再", after):
        return None
    full, above = places[m[0]]
    return above + full


def _with_above(place: str) -> str:
    """Set the province before a city that is listed, as addresses do."""
    places, pattern = _places()
    m = pattern.match(place)
    if m is None:
        return place
    full, above = places[m[0]]
    return above + place if above and place.startswith(full) else place


def _most_named(text: str) -> str | None:
    """Give the province or city that a text without title names far more often than any other."""
    places, pattern = _places()
    own = r"(?:省|市|全|平安|数字|健康|文化|新|建设|推动|奋力|大地|人民|高质量)"
    seen: Counter[str] = Counter()
    for m in pattern.finditer(text):
        near = text[max(0, m.start() - 4) : m.end() + 4]
        seen[m[0]] += 2 if re.search(own, near) else 1
    best = seen.most_common(2)
    if not best or best[0][1] < 4 or (len(best) > 1 and best[0][1] < 2 * best[1][1]):
        return None
    full, above = places[best[0][0]]
    return above + full


def _type(title: str | None, kept: list[Line], lines: list[Line]) -> str | None:
    types = mapping("doc_types", "word", "doc_type")
    for word, kind in types.items():
        if title and word in title:
            return kind
    opening = "".join(line.text for line in kept[:8])[:800]
    if title is None and kept and any("各位代表" in line.text for line in kept):
        return "work_report"
    if re.search(r"(?:通知|通报|公告)如下|现(?:将|就).{0,40}(?:通知|印发|公布)", opening):
        return "notice"
    if re.search(r"制定本(?:方案|计划|规划|要点)", opening):
        return "plan"
    if any(_NEWS.search(line.text) for line in kept[:6]):
        return "news"
    if title and any(re.search(r"来源[:：]|作者[:：]|记者", line.text) for line in lines[:12] if len(line.text) <= 120):
        return "news"
    return "work_report" if title is None and kept else None


@cache
def _named() -> re.Pattern[str]:
    post = words("posts")
    return re.compile(rf"(?P<last>{post}(?:、(?:副)?{post})?)\s?(?P<name>{words('surnames')}[一-龥]{{1,2}})(?={_ACTS})")


@cache
def _byline() -> re.Pattern[str]:
    post = words("posts")
    return re.compile(
        rf"^(?P<post>[一-龥]{{0,14}}?{post}(?:、(?:副)?{post})?)\s?(?P<name>[一-龥]{{2,6}}·[一-龥·]{{1,8}}|[一-龥]{{2,4}})$"
    )


# A line of its own with post and name is a byline only among so many lines at the head.
_BYLINES = 15
_BEFORE_POST = re.compile(r"[一-龥]{0,16}$")
_JOINS = "全各由和与及"
_NOT_A_PERSON = re.compile(r"同志|分管|领导|负责|班子|会议|部门|等市|总书记")


def _people(kept: list[Line], written: Callable[[int, int], str] | None) -> tuple[Person, ...]:
    """Find persons with their posts: on lines of their own at the head, before what they do, and as 领导 in a list."""
    found: dict[str, Person] = {}

    def add(line: Line, name: tuple[int, int], post: tuple[int, int]) -> None:
        said, title = line.text[slice(*name)], line.text[slice(*post)]
        if written is not None:
            at = line.start
            shown = Person(written(at + name[0], at + name[1]), written(at + post[0], at + post[1]))
        else:
            shown = Person(said, title)
        found.setdefault(said, shown)

    posted = bits("posts")
    for i, line in enumerate(kept):
        text = line.text
        if line.signs & posted:
            if i < _BYLINES and not _HEADING.match(text) and (m := _byline().match(text)):
                add(line, m.span("name"), m.span("post"))
                continue
            for m in _named().finditer(text):
                before = _BEFORE_POST.search(text, 0, m.start())
                start = before.start() if before else m.start()
                if not _NOT_A_PERSON.search(text[start : m.end()]):
                    start += start < m.start() and text[start] in _JOINS
                    add(line, m.span("name"), (start, m.end("last")))
        for m in _LEADERS.finditer(text):
            for n in re.finditer(r"[^、]+", m["names"]):
                if re.match(words("surnames"), n[0]):
                    add(line, (m.start("names") + n.start(), m.start("names") + n.end()), m.span("post"))
    return tuple(found.values())
