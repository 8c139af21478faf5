"""Lines that are page furniture, not document (噪声行): share bars, captchas, navigation, spam titles, picture names.

It removes nothing: the reader skips these lines and hands them back as junk. A line is told by its own words (tables
``junk`` and ``furniture``), then by its place: names between two pieces of furniture at the head of a page, link titles
below its end. Look next at `heqing.reading.clauses`.
"""

from __future__ import annotations

import re
from functools import cache

from heqing.reading.lexicon import rows, words

_SENTENCE = re.compile(r"[。；！？]")
_LETTER = re.compile(r"[一-龥A-Za-z]")
# No strip of links is longer than this, and a longer line is furniture only by a disclaimer [characters].
_STRIP, _DISCLAIMER = 90, 400
# Of the letters of a strip at least this share belongs to words of furniture.
_SHARE = 0.6
# How many lines at the head and at the foot of a page are judged by their place as well.
_HEAD, _FOOT = 16, 30
# A title of another page is no longer than this [characters].
_LINK = 50
# What stands alone on a line between the steps of 首页 > 要闻.
_STEPS = (">", "＞", "》", "»", "/", "→")
_NAME = re.compile(r"^[^，。；：、！？“”《（\d]{1,10}$")
_SITE = re.compile(
    r"^[^，。；：、！？“”《（\d]{2,18}(?:门户网站|政府网站?|官网|新闻网|信息网|日报网|大全网|公文网|范文网|文秘网|网站|在线|[一-龥]{2,8}网)$"
)
_RELATED = re.compile(
    r"^(?:相关(?:阅读|链接|新闻|报道|文章|文档|推荐|信息)|推荐阅读|热门|延伸阅读|猜你喜欢|为您推荐|大家都在看|上一篇|下一篇)"
)
_OWN = re.compile(
    r"附件|^\d+[.、]|印发|公开发布|20\d\d年\d{1,2}月\d{1,2}日|(?:委员会|政府|办公室|局|厅|院|部)$|^[一二三四五六七八九十]+、|^（"
)


@cache
def _junk(*places: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{r['pattern']})" for r in rows("junk") if r["place"] in places))


@cache
def _furniture() -> re.Pattern[str]:
    return re.compile(words("furniture"))


@cache
def _links() -> frozenset[str]:
    return frozenset(str(r["word"]) for r in rows("furniture") if r["kind"] == "link")


def is_noise(line: str) -> bool:
    """Say whether a line is page furniture by its own words.

    Parameters
    ----------
    line : str
        One clean line, without its line end.

    Returns
    -------
    bool
        True for noise. A line that reads like prose (several sentences) is noise only when it begins or ends as such.

    Examples
    --------
    >>> is_noise("验证码：")
    True
    >>> is_noise("全市空气质量达到九成。")
    False
    """
    bare = line.strip()
    if not bare:
        return False
    if len(bare) > _STRIP + 30:
        return len(bare) <= _DISCLAIMER and len(_SENTENCE.findall(bare)) <= 4 and _junk("any").search(bare) is not None
    return _junk("any", "short").search(bare) is not None or _is_strip(bare)


def _is_strip(bare: str) -> bool:
    """Say whether a short line holds hardly anything but words of links and buttons."""
    if len(bare) > _STRIP or _SENTENCE.search(bare):
        return False
    letters = len(_LETTER.findall(bare))
    if letters < 2:
        return False
    held = _furniture().findall(bare)
    if sum(map(len, held)) < letters * _SHARE:
        return False
    return len(held) > 1 or (len(held[0]) > 1 and held[0] in _links())


def find_noise(lines: list[str]) -> list[bool]:
    """Say of each line of a document whether it is page furniture, by its words and by its place.

    Parameters
    ----------
    lines : list of str
        The clean lines that hold something, in order.

    Returns
    -------
    list of bool
        One for each line.

    Examples
    --------
    >>> find_noise(["首页", "要闻", "打印", "某市治水工作要点", "新建管网5公里。"])
    [True, True, True, False, False]
    """
    noise = [is_noise(line) for line in lines]
    _names_at_head(lines, noise)
    _links_at_foot(lines, noise)
    return noise


@cache
def _titles() -> re.Pattern[str]:
    return re.compile(words("doc_types"))


def _names_at_head(lines: list[str], noise: list[bool]) -> None:
    """Mark names of sites and channels before the title: between two lines of furniture, or a site's name."""
    head = min(_HEAD, len(lines))
    for i in range(head):
        bare = lines[i].strip()
        if noise[i] or _titles().search(bare):
            continue
        if i < 3 and len(lines) > 3 and _SITE.match(bare):
            noise[i] = True
        elif _NAME.match(bare) and not re.match("[一二三四五六七八九十]", bare) and i > 0 and noise[i - 1]:
            near = range(i + 1, min(i + 4, head))
            after = next((n for n in near if not _NAME.match(lines[n].strip()) or noise[n]), head)
            noise[i] = lines[i - 1].strip() in _STEPS or (after < head and noise[after])


def _links_at_foot(lines: list[str], noise: list[bool]) -> None:
    """Mark the titles of other pages below a heading like 相关链接, up to the next text or the end."""
    first = max(0, len(lines) - _FOOT)
    for i in range(first, len(lines)):
        if noise[i] and _RELATED.match(lines[i].strip()):
            for n in range(i + 1, len(lines)):
                line = lines[n].strip()
                if len(line) > _LINK or line.endswith("。") or _OWN.search(line):
                    break
                noise[n] = True
