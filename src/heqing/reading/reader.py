"""The reader (文件解读): a received text to findings, measures, document facts and noise lines, assembled in order.

Everything it does is a call of one of its neighbours in this room; it opens no file and reads no clock.
Look next at `heqing.reading.spans` for numbers and `heqing.reading.statements` for statements without.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePath
from typing import NamedTuple

from heqing.reading import indicators as named
from heqing.reading.additions import Additions
from heqing.reading.cells import Cell, Cells, with_unit
from heqing.reading.clauses import Clause, Line, split_clauses, split_lines
from heqing.reading.cleaning import CleanText, clean
from heqing.reading.contexts import Context, tell_contexts
from heqing.reading.decoding import ENDINGS, PICTURES, ReceivedText
from heqing.reading.facts import is_given, is_title, tell_facts
from heqing.reading.findings import DocumentFacts, Finding, JunkLine, Measure, Reading
from heqing.reading.lexicon import mapping
from heqing.reading.measures import Heading, find_headings
from heqing.reading.periods import Calendar
from heqing.reading.pillars import Surroundings, tell_pillar
from heqing.reading.predicates import Quantity
from heqing.reading.signs import bits
from heqing.reading.spans import find_quantities
from heqing.reading.statements import find_statements, pieces_between, sizes_object
from heqing.reading.years import tell_years

# How far round a clause its sentence is asked for a neighbour or a pillar [characters].
_NEAR = 300


@dataclass
class _Trail:
    """What the clauses before leave behind within one sentence: the last subject, verb and scope."""

    subject: str = ""
    verb: str = ""
    names: tuple[str, ...] = ()
    scope: str | None = None


def read(received: ReceivedText | str, name: str | None = None, *, additions: Additions | None = None) -> Reading:
    """Read a document: every target and reported result, each tied to its exact words.

    Parameters
    ----------
    received : ReceivedText or str
        The document as `heqing.reading.decode` gives it, or its plain text.
    name : str, optional
        The file's name; `doc` is this name without its ending.
    additions : Additions, optional
        Words of the installation's own beside the lexicon.

    Returns
    -------
    Reading
        Findings, measures, facts and noise lines. Offsets count the received text.

    Examples
    --------
    >>> found = read("力争空气质量优良率达到85%以上。", "a.txt").findings[0]
    >>> found.indicator, found.comparator, str(found.value), found.unit, found.strength
    ('空气质量优良率', '>=', '85', '%', 'strive')
    """
    text = received.text if isinstance(received, ReceivedText) else received
    file = name or (received.name if isinstance(received, ReceivedText) else "text")
    doc = _stem(file)
    cleaned = clean(text)
    lines = split_lines(cleaned.text)
    if isinstance(received, ReceivedText) and received.furniture:
        lines = [line._replace(noise=line.noise or _is_furniture(line, cleaned, received)) for line in lines]
    own = additions or Additions()
    lines = own.judge(lines)
    facts = tell_facts(doc, lines, cleaned.written)
    clauses = split_clauses([line for line in lines if not is_title(line, facts.title)])
    contexts = tell_contexts(
        lines, clauses, mapping("doc_types", "doc_type", "begins").get(facts.doc_type or ""), facts.date
    )
    kept = [line.text for line in lines if not line.noise]
    years = tell_years(facts.title, kept, facts.date, facts.doc_type, given=is_given(lines))
    calendar = Calendar(years)
    results = {c.line for c, k in zip(clauses, contexts, strict=True) if k.kind == "achievement"}
    measures = []
    headings = find_headings(
        lines, results, news=facts.doc_type in (None, "news"), title=facts.title, blanks=cleaned.blanks_between
    )
    surroundings = Surroundings(cleaned.text, lines, headings, facts.title)
    findings = own.apply(_find(doc, cleaned, clauses, contexts, calendar, headings, surroundings, Cells(lines)))
    for h in headings:
        start, end = cleaned.span(h.start, h.end)
        above = None if h.parent is None else cleaned.starts[h.parent]
        more = (h.number, above, h.deadline, h.people, h.instruments)
        measures.append(Measure(doc, h.level, text[start:end], h.who, start, end, *more))
    junk = []
    for line in lines:
        if line.noise:
            start, end = cleaned.span(line.start, line.end)
            junk.append(JunkLine(doc, text[start:end], start, end))
    shown = _as_received(facts, cleaned, [_titled(line, facts.title) for line in lines if is_title(line, facts.title)])
    return Reading(doc, text, tuple(findings), tuple(measures), shown, tuple(junk))


def _is_furniture(line: Line, cleaned: CleanText, received: ReceivedText) -> bool:
    start, end = cleaned.span(line.start, line.end)
    return any(first <= start and end <= last for first, last in received.furniture)


def _stem(file: str) -> str:
    pure = PurePath(file)
    return pure.with_suffix("").as_posix() if pure.suffix.lower() in ENDINGS + PICTURES else pure.as_posix()


def _titled(line: Line, title: str | None) -> tuple[int, int]:
    start = line.start + line.text.find(title or "")
    return start, start + len(title or "")


def _as_received(facts: DocumentFacts, cleaned: CleanText, places: list[tuple[int, int]]) -> DocumentFacts:
    """Give the title back in the characters of the document."""
    if not places:
        return facts
    title = cleaned.quote(*places[0]).strip()
    return replace(facts, title=title)


def _find(
    doc: str,
    cleaned: CleanText,
    clauses: list[Clause],
    contexts: list[Context],
    calendar: Calendar,
    headings: list[Heading],
    surroundings: Surroundings,
    cells: Cells,
) -> list[Finding]:
    found: list[Finding] = []
    statements = bits("completions")
    line, sentence, trail = -1, -1, _Trail()
    passed, titled = 0, 0  # headings that begin before the clause, and the furthest end of them
    for clause, context in zip(clauses, contexts, strict=True):
        while passed < len(headings) and headings[passed].start <= clause.start:
            titled = max(titled, headings[passed].end)
            passed += 1
        if clause.sentence != sentence:
            calendar.begin_sentence()
            sentence, trail = clause.sentence, _Trail()
        text = clause.text
        if clause.line != line:
            line = clause.line
            calendar.begin_line()
        if clause.opens or "年" in text or "同比" in text:
            calendar.turn(text, opens_line=clause.opens == "line", opens_sentence=clause.opens != "")
        cell = cells.at(clause.start)
        quantities = _of_cell(text, cell) if cell else find_quantities(text, clause.signs)
        stating = clause.signs & statements
        if not quantities and not stating:
            continue
        rows = []
        if quantities:
            first, last = _near(clause)
            rows = _numbers(text, quantities, cleaned.text[first:last], trail)
        if stating and clause.end > titled:
            rows += _without_number(clause, quantities)
        for row in rows:
            if cell:
                row, context = _named_by_cell(row, cell), _kind_of_cell(context, cell)
            finding = _finding(doc, cleaned, clause, context, calendar, row, surroundings)
            found.append(replace(finding, period=cell.period) if cell and cell.period else finding)
    return found


def _of_cell(text: str, cell: Cell) -> list[Quantity]:
    """Find the quantities of a cell, whose unit its row or its column may tell."""
    said = with_unit(text, cell.unit)
    found = find_quantities(said)
    if said != text:
        for q in found:
            q.end = len(text)
    return found


def _named_by_cell(row: _Row, cell: Cell) -> _Row:
    """Name a number that stands in its cell without a name."""
    if row.name or row.quantity is None:
        return row
    name, scope = named.take_scope(named.tidy(cell.name))
    why = tuple(code for code in row.why if code != "indicator_lost")
    gap = None if row.gap == "indicator_lost" else row.gap
    return row._replace(name=name, scope=cell.scope or scope or row.scope, gap=gap, why=(*why, "named_by_cell"))


def _kind_of_cell(context: Context, cell: Cell) -> Context:
    if cell.kind is None or cell.kind == context.kind:
        return context
    return replace(context, kind=cell.kind, strength="plan" if cell.kind == "target" else "reported")


class _Row(NamedTuple):
    """A finding before it knows its document: name, scope, quantity or statement, and the rules that made it."""

    name: str | None
    scope: str | None
    quantity: Quantity | None
    baseline: str | None
    gap: str | None
    why: tuple[str, ...]
    sure: float = 1.0


# Lists that share a verb or a rank: A、B分别新增, A、B均居全国.
_EACH_VERB = re.compile(r"(?P<list>.+?(?:、|和|与).+?)分别(?P<verb>[一-龥]{2,4})$")
_ALL_RANKED = re.compile(r"(?P<list>.+?(?:、|和|与).+?)(?:均|都|双双)(?P<tail>.{0,8})$")


def _in_a_row(text: str, quantities: list[Quantity]) -> bool:
    """Say whether the numbers of a clause are one list: 9%和9.5%."""
    return all(text[a.end : b.start] in ("、", "和", "与") for a, b in pairwise(quantities))


_TO_YEAR = re.compile(r"^.{0,6}20\d\d年[底末]?的?$")
_PLACE = re.compile(r"(?:其中)?[一-龥]{1,4}(?:市|(?<![小社园地辖街矿])区|县|(?<!乡)镇|州|省|街道)")
_CITY = re.compile(r"(?!全).*(?:市|县|镇|城区|市区|县城)")
# Sorts whose rows go on speaking of the place that the sentence named.
_OF_PLACES = ("ratio", "concentration", "points", "time", "index", "rank")
_STAYS = re.compile(r"[达稳保居位]")


def _numbers(text: str, quantities: list[Quantity], near: str, trail: _Trail) -> list[_Row]:
    trail.verb = ""
    rows: list[_Row] = []
    edge = 0
    baseline_next: str | None = None
    pending: list[str] = []
    limit: str | None = None
    for i, q in enumerate(quantities):
        until = quantities[i + 1].left if i + 1 < len(quantities) else len(text)
        right = text[q.end : max(q.end, until)]
        if q.baseline_of_next:
            opened = max(text.rfind(word, edge, q.start) for word in "由从较比")
            baseline_next = text[max(opened, edge) : q.end if text[opened] in "由从" else q.start].removesuffix("的")
            subject = named.name_subject(text[edge:opened]) if opened >= edge else ""
            trail.subject = _with_trail(subject, trail) or trail.subject
            edge = q.end
            continue
        if _limits_object(text, q, quantities[i + 1 :], right) or sizes_object(text, q):
            if q.sort == "money":
                limit, edge = text[q.text_start : q.end], q.end if right.startswith("的") else edge
            continue
        raw = text[edge : max(edge, q.left)]
        subject, baseline = named.take_baseline(raw)
        subject = named.name_subject(_TO_YEAR.sub("", subject) if baseline_next else subject)
        if baseline_next:
            q.why += ("from_level",)
        elif baseline:
            q.why += ("compared",)
        if q.shared:
            q.why += ("shared_each" if q.shared == "each" else "shared_all",)
        if q.sort == "streak" and not subject and q.unit != "次":
            kept = trail.subject if _STAYS.match(right) else ""
            subject = kept + named.name_object(right)
        if q.sort == "rank" and (ranked := _ALL_RANKED.match(subject)):
            names = [named.name_ranked(part + ranked["tail"], "") for part in named.split_list(ranked["list"])]
            q.why += ("shared_all",)
            rows.extend(_rows(names, q, baseline_next or baseline, limit, trail, text, near))
            edge = q.end
            continue
        if q.sort == "rank":
            subject = named.name_ranked(subject, trail.subject)
        if not pending and (each := _EACH_VERB.match(subject)) and named.leading_action(each["verb"]) == each["verb"]:
            q.shared = "each"
            pending = [each["verb"] + part for part in named.split_list(each["list"])]
        elif q.shared == "each" and not pending:
            pending = named.split_list(subject) if subject else list(trail.names)
            trail.names = tuple(pending)
        elif not subject and i == 0 and len(quantities) == len(trail.names) > 1 and _in_a_row(text, quantities):
            q.shared, pending = "each", list(trail.names)
        if pending and (q.shared == "each" or not subject.strip("、和及")):
            names = [pending.pop(0)]
            edge = q.end
            rows.extend(_rows(names, q, baseline_next or baseline, limit, trail, text, near))
            continue
        pending = []
        thing = "" if q.sort in ("rank", "class", "streak") else named.name_object(right)
        name, rule = _join(subject, thing, q, trail, first=edge == 0)
        q.why += (rule,)
        names = [name]
        if not thing and (q.shared == "all" or named.is_ratio_list(subject)) and q.sort in ("ratio", "index"):
            names = named.split_list(subject)
        rows.extend(_rows(names, q, baseline_next or baseline, limit, trail, text, near))
        baseline_next = None
        edge = q.end + (len(thing) if thing and right.startswith(thing) else 0)
        edge = min(edge, max(q.end, until))
    return rows


def _near(clause: Clause) -> tuple[int, int]:
    """Say where that begins and ends which stands near a clause in its sentence."""
    return max(clause.sentence_start, clause.start - _NEAR), min(clause.sentence_end, clause.end + _NEAR)


def _rows(
    names: list[str], q: Quantity, baseline: str | None, limit: str | None, trail: _Trail, text: str, near: str
) -> list[_Row]:
    rows = []
    ahead = near[: near.find(text) + q.start]
    for raw in names:
        name, scope = _named_mark(*named.take_scope(named.tidy(raw)), q)
        if trail.subject and _PLACE.fullmatch(name) and not named.leading_action(name):
            name, scope = trail.subject, name
        if scope and _CITY.fullmatch(scope):
            trail.scope = scope
        elif not limit and q.sort in _OF_PLACES:
            scope = scope or trail.scope
        if name.startswith(("优良率", "优良比例")) and named.is_of_water(scope, ahead):
            name = "水质" + name
        gap, why = q.gap, q.why
        if q.unit == "微克/立方米" and named.lacks_pollutant(name) and (known := named.pollutant_of(trail.subject)):
            name, why = known + name, (*why, "part_completed")
        if q.unit == "微克/立方米" and named.lacks_pollutant(name):
            proposed = named.infer_pollutant(name, q, near)
            rule = "indicator_inferred" if proposed else "indicator_lost"
            gap, why = gap or rule, (*why, rule)
            name = proposed or ""
        if name and q.sort not in ("rank", "streak"):
            trail.subject = name
        if name and q.comparator in ("+%", "-%"):
            name = _named_change(name, q)
        if not name and "indicator_lost" not in why:
            gap, why = gap or "indicator_lost", (*why, "indicator_lost")
        if scope or limit:
            why = (*why, "scope_head" if scope else "scope_limit")
        rows.append(_Row(name or None, scope or limit, q, baseline, gap, why))
        if q.upper:
            rows.append(_Row(name or None, scope or limit, q.upper, baseline, gap, why))
    return rows


def _ends_of_names() -> dict[str, str]:
    return mapping("name_ends", "mark", "name")


def _named_mark(name: str, scope: str | None, q: Quantity) -> tuple[str, str | None]:
    """Name a water class and a streak: the class of what water, the streak of what."""
    if q.sort == "class":
        where = re.sub(
            r"(?:连续[^年]*年)?(?:的)?(?:总体|平均|年均)?(?:水质)?(?:连续[^年]*年)?(?:均|全部|总体)?$", "", name
        )
        return "水质类别", (scope or "") + where or None
    if q.sort == "streak" and q.unit == "次":
        return name + _ends_of_names().get(q.mark, ""), scope
    return name, scope


def _named_change(name: str, q: Quantity) -> str:
    if q.change_noun:
        return name + q.change_noun
    if q.value_text == "零":
        return name + "增幅"
    return name + _ends_of_names()[q.comparator]


def _with_trail(subject: str, trail: _Trail) -> str:
    """Complete a bare 占比 or 总量 by the subject before it."""
    if trail.subject and named.is_part(subject):
        return trail.subject if trail.subject.endswith(subject) else trail.subject + subject
    return subject


def _join(subject: str, thing: str, q: Quantity, trail: _Trail, *, first: bool) -> tuple[str, str]:
    """Make one name of the words before the number and the counted thing after it, and say by which rule."""
    action = named.leading_action(subject)
    if thing:
        if action:
            trail.verb = action
        verb = action or ("" if subject and q.sort == "ratio" else trail.verb if not first or not subject else "")
        if subject and not action and not subject.endswith("等"):
            return subject + thing, "named_after"
        return verb + thing, "verb_carried" if verb and not action else "named_after"
    subject = subject.removeprefix("的")
    if not subject:
        return trail.subject, "subject_carried"
    if subject.startswith("占") and trail.subject:
        return trail.subject + subject, "part_completed"
    if action:
        trail.verb = action
        rest = subject[len(action) :]
        if rest:
            return subject, "named_before"
        return action + re.sub(rf"^{re.escape(trail.verb)}", "", trail.subject), "subject_carried"
    if not first and trail.verb and q.sort in ("count", "area", "length", "floor") and not named.ends_as_ratio(subject):
        return trail.verb + subject, "verb_carried"
    completed = _with_trail(subject, trail)
    return completed, "named_before" if completed is subject else "part_completed"


# Patterns of a number that only tells which objects are meant.
_OF_SIZE = re.compile(r"(?:总投资|投资|产值|规模)(?:超|超过)?$")
_AMONG = re.compile(r"[^，。；、]{0,10}中(?:排|位|居|名)")
_AMONG_OPENS = re.compile(r"在[^，。；]{0,6}$")
_LARGE = re.compile(r"(?:的)?(?:重大|工业|产业|项目|企业)")
_SIZES = ("money", "mass", "volume", "power", "length", "area", "floor", "measure", "time")
_OUTPUTS = ("mass", "volume", "power")
_SIZED = ("户", "人", "张")
_BOUNDED = ("以上", "以下", "以内")
_PARTED = re.compile(r"[，。；、]")
_COVERED = re.compile(r"[^，。；、]{1,16}全覆盖")
_FINISHED = re.compile(r"(?:开工|投产|建成|竣工|通车|完工|投运|投用|落地|贯通|启用|运营)(?:建设|运营|使用|运行)?$")
_NOUN_NEXT = re.compile(r"的?[一-龥“]")
_WORKS = re.compile(r"项目|工程|机组|电站|装置|生产线|基地|煤矿|泊位|线路|输变电|电厂|风电|光伏|储能")
_PARTED_OR_JOINED = re.compile(r"[，。；、和及与）]")


def _limits_object(text: str, q: Quantity, later: list[Quantity], right: str) -> bool:
    """Say whether a number only tells which objects are meant: x亿元以上的占比, 9个断面…保持100%."""
    large = q.sort == "money" and q.comparator in (">=", ">")
    if (q.sort in _SIZES or q.unit in _SIZED) and text.endswith(_BOUNDED, 0, q.end) and _NOUN_NEXT.match(right):
        return True  # 10万千瓦以下机组, 20户以上自然村
    if (
        q.sort in _OUTPUTS
        and q.left == q.start
        and _FINISHED.search(text)
        and _is_named_work(text[: q.start], text[q.end :])
    ):
        return True
    if q.sort == "money" and right.startswith("的") and _OF_SIZE.search(text[max(0, q.start - 8) : q.start]):
        return True
    if "中" in right and _AMONG.match(text, q.end) and _AMONG_OPENS.search(text[max(0, q.start - 7) : q.start]):
        return True
    if q.sort == "count" and _COVERED.match(right):
        return True
    if not later:
        return large and bool(_LARGE.match(right))
    after = later[0]
    between = text[q.end : after.start]
    if large and not _PARTED.match(between):
        return True
    return (
        q.sort in ("count", "length")
        and after.sort in ("ratio", "class", "rank")
        and "、" not in between
        and len(between) >= 4
        and not _PARTED_OR_JOINED.match(between)
    )


def _is_named_work(left: str, right: str) -> bool:
    """Say whether a number is the size of a work with a name of its own: 某厂60万吨钾肥项目."""
    subject = named.name_subject(re.split("[、和]", left)[-1])
    return len(subject) >= 2 and not named.leading_action(subject) and bool(_WORKS.search(right))


def _without_number(clause: Clause, quantities: list[Quantity]) -> list[_Row]:
    """Find statements in a clause without numbers, or in the pieces of a list before or after its numbers."""
    text = clause.text
    if quantities:
        read = [(q.left, q.end) for q in quantities if not sizes_object(text, q)]
        pieces = pieces_between(text, read) if read else [text]
        found = [s for piece in pieces for s in find_statements(piece)]
    else:
        found = find_statements(text, clause.signs)
    return [_Row(s.name, s.scope, None, None, None, (s.code,)) for s in found]


def _finding(
    doc: str,
    cleaned: CleanText,
    clause: Clause,
    context: Context,
    calendar: Calendar,
    row: _Row,
    surroundings: Surroundings,
) -> Finding:
    start, end = cleaned.span(clause.start, clause.end)
    q = row.quantity
    value_text = None
    if q is not None:
        value_text = ""
        if q.text_end > q.text_start:
            value_text = cleaned.quote(clause.start + q.text_start, clause.start + q.text_end)
    baseline = row.baseline
    if baseline and (place := clause.text.find(baseline)) >= 0:
        baseline = cleaned.quote(clause.start + place, clause.start + place + len(baseline))
    why = (*row.why, _KIND_RULES.get(context.sign, "kind_turn"))
    return Finding(
        doc=doc,
        kind=context.kind,
        quote=cleaned.received[start:end],
        indicator=row.name,
        comparator="complete" if q is None else q.comparator,
        value=None if q is None else q.value,
        value_text=value_text,
        unit=None if q is None else q.unit,
        period=calendar.period(clause.text, context.kind),
        baseline=baseline,
        strength=context.strength,
        scope=row.scope,
        pillar=_pillar(clause, row, surroundings),
        start=start,
        end=end,
        confidence=share_right(why),
        gap=row.gap,
        why=why,
    )


def _pillar(clause: Clause, row: _Row, surroundings: Surroundings) -> str:
    place = clause.start + (row.quantity.start if row.quantity else len(clause.text))
    return tell_pillar(row.name, place, clause, _near(clause), surroundings)


# Signs of a context that are no words of the document.
_KIND_RULES = {"form": "kind_form", "clause": "kind_clause"}


@lru_cache(maxsize=4096)
def share_right(why: tuple[str, ...]) -> float:
    """Give the share of findings that prove right where these rules met: that of the weakest of them.

    Parameters
    ----------
    why : tuple of str
        Codes of table ``rules``.

    Returns
    -------
    float
        In hundredths: the measured share of the rule that decides.

    Examples
    --------
    >>> share_right(("digits", "subject_carried")) <= share_right(("digits",))
    True
    """
    shares = mapping("rules", "code", "share")
    return min(float(shares[code]) for code in why)
