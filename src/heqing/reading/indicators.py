"""What a number is about: the indicator's name and its scope.

Names come from the words round the number, never from outside the sentence; a name that noise took away stays away
unless unit and neighbours give good ground. Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from functools import cache

from heqing.reading.lexicon import any_of, mapping, patterns, rows, words
from heqing.reading.predicates import Quantity

_BASE = re.compile(
    r"(?P<base>同比|环比|(?<![占同环对评相])(?:较|比(?!例|重|率|值|如|较))(?:“[^”]{1,8}”[^，。；、\d]{0,2}|20\d\d年|[上去]年(?:同期|底|末)?|[^，。；、\d]{1,6}))(?:累计|平均|分别)?$"
)
_BASE_AHEAD = re.compile(
    r"(?P<base>(?<![占同环对评相])(?:较|比(?!例|重|率|值|如|较))(?:“[^”]{1,8}”[末底初]?|20\d\d年|[上去]年(?:同期|底|末)?))"
)
_BREAK = re.compile(r"[、（）“”：\t ]")
_PAREN = re.compile(r"（[^）]*）?")


@cache
def _name_words(role: str) -> str:
    return "|".join(str(r["pattern"]) for r in rows("name_words") if r["role"] == role)


@cache
def _lead() -> re.Pattern[str]:
    return re.compile(rf"^(?:（[一二三四五六七八九十\d]+）|[、“”（）\s是了]|{_name_words('lead')})+")


@cache
def _fill() -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Give the words at the end of a subject that name nothing, and the characters one of which ends them."""
    ends = {char for r in rows("name_words") if r["role"] == "fill" for char in str(r["ends"])}
    return re.compile(rf"(?:{_name_words('fill')})+$"), tuple(sorted(ends))


@cache
def _pollutants() -> re.Pattern[str]:
    return re.compile(_name_words("pollutant"), re.IGNORECASE)


@cache
def _water_or_air() -> re.Pattern[str]:
    return re.compile(rf"(?P<water>{_name_words('of_water')})|{_name_words('of_air')}")


def is_of_water(scope: str | None, ahead: str) -> bool:
    """Say whether a bare rate of good (优良率) is that of water.

    Parameters
    ----------
    scope : str or None
        What the number is of, as its row says.
    ahead : str
        The words of its sentence before it.

    Returns
    -------
    bool
        True where its scope says so, or what its sentence named last before it.

    Examples
    --------
    >>> is_of_water(None, "国控断面水质"), is_of_water(None, "水质好，空气质量")
    (True, False)
    """
    if scope and re.search(_name_words("scope_of_water"), scope):
        return True
    named_before = list(_water_or_air().finditer(ahead))
    return bool(named_before) and named_before[-1]["water"] is not None


@cache
def _parts() -> frozenset[str]:
    return frozenset(str(r["pattern"]) for r in rows("name_words") if r["role"] == "part")


def is_part(name: str) -> bool:
    """Say whether a name says nothing without the subject before it.

    Parameters
    ----------
    name : str
        The words before a predicate.

    Returns
    -------
    bool
        True for 占比 or 总量.

    Examples
    --------
    >>> is_part("占比"), is_part("绿道")
    (True, False)
    """
    return name in _parts()


@cache
def _action() -> re.Pattern[str]:
    return re.compile(rf"^(?:{words('actions')})+(?:了)?")


@cache
def _ratio_end() -> re.Pattern[str]:
    return re.compile(rf"{words('ratio_ends')}$")


def ends_as_ratio(text: str) -> bool:
    """Say whether a name ends as an indicator of its own does: 率, 比例, 里程.

    Parameters
    ----------
    text : str
        A name.

    Returns
    -------
    bool
        True when it needs no verb before it.

    Examples
    --------
    >>> ends_as_ratio("通车里程"), ends_as_ratio("美丽河湖")
    (True, False)
    """
    return bool(_ratio_end().search(text))


def leading_action(text: str) -> str:
    """Give the verb of a counted deed that opens a text, or nothing.

    Parameters
    ----------
    text : str
        Clean words before a number.

    Returns
    -------
    str
        The verb or verbs, for instance 新建.

    Examples
    --------
    >>> leading_action("新建市政污水管网")
    '新建'
    """
    found = _action().match(text)
    return found[0] if found else ""


def strip_lead(text: str) -> str:
    """Take time words, strengths and fillers from the head of an indicator.

    Parameters
    ----------
    text : str
        Clean words before a number.

    Returns
    -------
    str
        What is left.

    Examples
    --------
    >>> strip_lead("力争全年新增绿道")
    '新增绿道'
    """
    found = _lead().match(text)
    return text[found.end() :] if found else text


def take_baseline(text: str) -> tuple[str, str | None]:
    """Part a subject from what it is compared with.

    Parameters
    ----------
    text : str
        The words before the predicate, for instance 黑臭水体数量较去年.

    Returns
    -------
    tuple of (str, str or None)
        The subject and the baseline as written.

    Examples
    --------
    >>> take_baseline("优良天数比例较2020年")
    ('优良天数比例', '较2020年')
    """
    if "比" not in text and "较" not in text:
        return text, None
    found = _BASE.search(text)
    if found:
        return text[: found.start()], found["base"]
    ahead = _BASE_AHEAD.search(text)
    if ahead:
        return text[: ahead.start()] + text[ahead.end() :], ahead["base"]
    return text, None


def take_scope(name: str) -> tuple[str, str | None]:
    """Part an indicator from the place or object at its head to which the number is limited.

    Parameters
    ----------
    name : str
        An indicator as the sentence gives it.

    Returns
    -------
    tuple of (str, str or None)
        The indicator and the scope, None when the head names none.

    Examples
    --------
    >>> take_scope("国考断面优良水质占比")
    ('优良水质占比', '国考断面')
    """
    if not any_of("scopes").match(name):
        return name, None
    for pattern, _ in patterns("scopes"):
        found = pattern.match(name)
        if found and len(name) - found.end() >= 3:
            return name[found.end() :].lstrip("的"), found[0]
    return name, None


_LATIN = re.compile(r"[A-Za-z]")
_PM = re.compile(r"pm(?=2\.5|10)", re.IGNORECASE)
_VOCS = re.compile(r"vocs", re.IGNORECASE)
_MARKS = re.compile(r"[“”\"'‘’（）《》\s]")
# Names that are replaced inside a longer name too.
_INSIDE = {"细颗粒物", "可吸入颗粒物", "GDP", "水质优良比例", "优良水质占比", "水质优良率"}


@cache
def _synonyms() -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...], dict[str, str]]:
    """Give the names written with brackets, those that are replaced inside longer names, and all others."""
    known = mapping("synonyms", "word", "name")
    return (
        tuple((word, name) for word, name in known.items() if "（" in word),
        tuple((word, name) for word, name in known.items() if word in _INSIDE),
        known,
    )


_JOINED = "、，和及与并 "
_OPENING_JOIN = re.compile(r"^(?:[、， ]|和(?![平美谐顺])|及(?!时)|与(?!会)|并(?![网列购联轨]))+")


def _trim(text: str) -> str:
    """Take joining words from both ends; 惠及 and 普及 are verbs."""
    bare = _OPENING_JOIN.sub("", text).rstrip(_JOINED)
    return bare + "及" if bare.endswith(("惠", "普", "涉")) and text.rstrip("、， ").endswith(bare + "及") else bare


def tidy(name: str) -> str:
    """Give a name its house form: no quotes, no brackets, PM2.5 for 细颗粒物.

    Parameters
    ----------
    name : str
        Raw words.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> tidy("细颗粒物（PM2.5）平均浓度")
    'PM2.5平均浓度'
    """
    bracketed, inside, whole = _synonyms()
    if "（" in name:
        for word, proper in bracketed:
            name = name.replace(word, proper)
        name = _PAREN.sub("", name)
    if _LATIN.search(name):
        name = _VOCS.sub("VOCs", _PM.sub("PM", name))
    name = _MARKS.sub("", name)
    for word, proper in inside:
        if word in name:
            name = name.replace(word, proper)
    name = whole.get(name, name)
    if "PM" in name:
        name = name.replace("PM2.5PM2.5", "PM2.5").replace("PM10PM10", "PM10")
    return _trim(name).strip("的了")


def name_subject(left: str) -> str:
    """Find the indicator in the words before a predicate.

    Parameters
    ----------
    left : str
        From the end of the number before, or the clause's head, to the predicate.

    Returns
    -------
    str
        The raw name; empty when there is none.

    Examples
    --------
    >>> name_subject("力争全区制造业投资")
    '全区制造业投资'
    """
    opened = left.rfind("（")
    if opened > left.rfind("）"):
        left = left[opened + 1 :]
    left = strip_lead(_trim(left))
    fill, ends = _fill()
    for _ in range(3):
        if not left.endswith(ends):
            break
        left = fill.sub("", left)
    return strip_lead(left).strip("、， ")


def name_ranked(subject: str, before: str) -> str:
    """Name a rank: what is ranked, and among whom.

    Parameters
    ----------
    subject : str
        The words before the rank, for instance 森林覆盖率居全国.
    before : str
        The subject of the number before, for a rank that only adds to it.

    Returns
    -------
    str
        For instance 森林覆盖率全国排名.

    Examples
    --------
    >>> name_ranked("居全国", "绿色工厂数量")
    '绿色工厂数量全国排名'
    """
    among = _AMONG.match(subject)
    if among and before:
        return before + (among["where"] or "") + "排名"
    found = _RANKED.search(subject)
    where = (found and found["where"]) or ""
    last = (found and found["last"]) or ""
    what = _FOR_YEARS.sub("", subject[: found.start()] if found else subject).removesuffix("在")
    return (what or before) + where + last + "排名" if (what or before) else subject


_AMONG = re.compile(r"在(?P<where>全国|全省|全市|全区)?[^，。；]*中$")
_RANKED = re.compile(
    r"(?:(?:历史性)?跃(?:居)?|稳居|位居|位列|升至|居|列|排名|排)?"
    r"(?P<where>全国|全省|全市|全区|全县|西部|中部|东部)?(?:地区)?(?:\d+个[^，。；]{1,4}?)?(?:并列?)?(?P<last>倒数)?$"
)
_FOR_YEARS = re.compile(r"连续(?:\d+|[一二两三四五六七八九十]+)年$")


_THING = re.compile(r"(?:“[^”]{1,16}”|（[^）]{1,4}）|[^，。；：、（）\t ]){1,24}")


def name_object(right: str) -> str:
    """Find the counted thing in the words after a number.

    Parameters
    ----------
    right : str
        From the number's end to the next number or the clause's end.

    Returns
    -------
    str
        The raw noun; empty when the number is followed by none.

    Examples
    --------
    >>> name_object("美丽河湖、一批公园")
    '美丽河湖'
    """
    if not right or right[0] in "、）和及与并，（":
        return ""
    right = right.removeprefix("的").removeprefix("”")
    if right.startswith("“"):
        closed = right.find("”")
        if closed > 0:
            more = re.match(r"[^，。；、（）]{0,10}", right[closed + 1 :])
            return right[: closed + 1] + (more[0] if more else "")
    found = _THING.match(right)
    return found[0] if found else ""


_SHARED_END = re.compile(r"(?:年均|平均)?(?:浓度|[^率]{0,2}(?:率|比例|比重|占比|指数|均值|强度|天数))$")
# A part of a list this short is a qualifier, and the last part has one of the same length [characters].
_SHORT = 3


@cache
def _shared_end() -> re.Pattern[str]:
    return re.compile(rf"(?:产业|行业|产品|居民|重点工程|排放|年均|累计)?{words('ratio_ends')}$")


def split_list(subject: str) -> list[str]:
    """Part a list of indicators that share one predicate.

    Parameters
    ----------
    subject : str
        For instance 林木覆盖率、湿地保护率.

    Returns
    -------
    list of str
        One name each; names that only share an end get it. A single name when it is no list.

    Examples
    --------
    >>> split_list("功能区昼间、夜间达标率")
    ['功能区昼间达标率', '夜间达标率']
    >>> split_list("城乡居民人均可支配收入")
    ['城镇居民人均可支配收入', '农村居民人均可支配收入']
    """
    masked = re.sub(r"（[^）]*）|“[^”]*”", lambda m: "□" * len(m[0]), subject)
    cuts = [m.span() for m in re.finditer(r"、|以及|和(?!谐|美)|与|及(?!以上|以下)", masked)]
    if not cuts:
        return [place + subject[2:] for place in ("城镇", "农村")] if subject.startswith("城乡居民") else [subject]
    edges = [0, *[e for s, e in cuts], len(subject) + 1]
    stops = [*[s for s, e in cuts], len(subject)]
    parts = [subject[a:b] for a, b in zip(edges, stops, strict=False)]
    parts = [p for p in parts if p.strip()]
    first, last = parts[0], parts[-1]
    if _ratio_end().search(first) or not _ratio_end().search(last):
        return parts
    shared = _SHARED_END.search(last) or _shared_end().search(last)
    end = shared[0] if shared else ""
    if len(first) <= _SHORT < len(last) - len(first) and len(end) < len(last) - len(first):
        end = last[len(first) :]  # 城镇、农村居民人均可支配收入: what stands beside 城镇 is as short
    return [p if _ratio_end().search(p) else p + end for p in parts]


def is_ratio_list(subject: str) -> bool:
    """Say whether every part of a list is an indicator of its own: A率、B比例.

    Parameters
    ----------
    subject : str
        The words before a predicate.

    Returns
    -------
    bool
        True when there are two parts or more and each ends as a ratio or level does.

    Examples
    --------
    >>> is_ratio_list("林木覆盖率、湿地保护率"), is_ratio_list("工业、建筑领域能耗")
    (True, False)
    """
    if "、" not in subject and "和" not in subject and "以及" not in subject:
        return False
    parts = re.split(r"、|和|以及", subject)
    return len(parts) > 1 and all(_ratio_end().search(_PAREN.sub("", p)) for p in parts)


def infer_pollutant(name: str, quantity: Quantity, sentence: str) -> str | None:
    """Propose the pollutant of a bare concentration whose name noise took away.

    Parameters
    ----------
    name : str
        The indicator as found, for instance 全区浓度.
    quantity : Quantity
        Its number, in 微克/立方米.
    sentence : str
        The sentence: PM10 named beside it with a higher limit gives ground for PM2.5.

    Returns
    -------
    str or None
        The proposed indicator, or None when there is no good ground.

    Examples
    --------
    >>> from heqing.reading.spans import find_quantities
    >>> found = find_quantities("浓度控制在28微克/立方米")[0]
    >>> infer_pollutant("浓度", found, "浓度控制在28微克/立方米，PM10浓度控制在55微克/立方米")
    'PM2.5平均浓度'
    """
    upper = sentence.upper()
    if "PM10" not in upper or "PM2.5" in upper or "细颗粒物" in sentence or quantity.value is None:
        return None
    beside = re.search(r"PM10[^，。；\d]*(\d+(?:\.\d+)?)微克", upper)
    if beside is None or not 0 < quantity.value < float(beside[1]):
        return None
    return "PM2.5平均浓度"


def lacks_pollutant(name: str) -> bool:
    """Say whether a concentration is named without its pollutant.

    Parameters
    ----------
    name : str
        The indicator as found.

    Returns
    -------
    bool
        True for 全区浓度 or 年均浓度.

    Examples
    --------
    >>> lacks_pollutant("全区浓度"), lacks_pollutant("PM2.5浓度")
    (True, False)
    """
    return name.endswith(("浓度", "均值")) and not _pollutants().search(name)


def pollutant_of(name: str) -> str:
    """Give the pollutant at the head of a name.

    Parameters
    ----------
    name : str
        An indicator.

    Returns
    -------
    str
        For instance PM2.5; empty when the name has none.

    Examples
    --------
    >>> pollutant_of("PM2.5平均浓度"), pollutant_of("优良天数")
    ('PM2.5', '')
    """
    found = re.match(r"(?P<what>[^，。；、]{2,8}?)(?:年均|平均|月均|日均)?(?:浓度|均值)", name)
    return found["what"] if found and _pollutants().search(found["what"]) else ""
