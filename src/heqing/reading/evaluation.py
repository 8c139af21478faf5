"""How far a reading agrees with labels (评测): rows matched one to one, and what is said of the matched ones.

A row read and a row labelled are a pair when kind, number and unit are the same and their quotes overlap in the
document; rows without a number pair by their mask, or by being statements without one. A spare row that says again what
a matched label says (a headline, a summary) is *restated*, not wrong. Look next at `docs/reference/reading.md`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from itertools import product
from typing import Any

from heqing.reading.cleaning import simplify
from heqing.reading.lexicon import mapping

Row = Mapping[str, Any]

_BIG = {"万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8}
_PINYIN_OR_BLANK = re.compile(r"\([a-z\u00e0-\u01dc]+\)|\s")
_SIGNS = re.compile(r"[。.,，、;；:：!！?？“”\"'‘’（）()《》]")
_ROUND_A_MASK = re.compile(r"[万萬亿億近约約超逾余多%％\s]")
_ROUND_A_NAME = re.compile(r"[\s“”\"'()（）、,，]")
_LIKE = 0.6  # from this likeness on two indicators are the same
_FIELDS = ("comparator", "strength", "pillar", "period", "baseline", "scope")


@dataclass(frozen=True)
class Labelled:
    """A document as it was read, beside its labels.

    Parameters
    ----------
    name : str
        The document.
    text : str
        Its text as received, in which quotes are looked for.
    rows, labels : sequence of mapping
        Findings read, and findings labelled, in the schema of the corpus.
    measures, measure_labels : sequence of mapping
        Each with ``level`` and ``title``.
    junk, junk_labels : sequence of str
        Noise lines.
    """

    name: str
    text: str
    rows: Sequence[Row]
    labels: Sequence[Row]
    measures: Sequence[Row] = ()
    measure_labels: Sequence[Row] = ()
    junk: Sequence[str] = ()
    junk_labels: Sequence[str] = ()


@dataclass
class Score:
    """Right, wrong and missed, and what follows from them."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, right: int, wrong: int, missed: int) -> None:
        """Count further rows."""
        self.right += right
        self.wrong += wrong
        self.missed += missed

    @property
    def precision(self) -> float:
        """Share of the rows read that are right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        """Share of the labels that were found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass
class Matched:
    """What became of the rows of one document."""

    pairs: list[tuple[Row, Row]]
    restated: list[Row]
    wrong: list[Row]
    missed: list[Row]


@dataclass
class Sure:
    """Rows of one tenth of confidence: how many, the confidence they claim in sum, and how many are right."""

    rows: int = 0
    claimed: float = 0.0
    right: int = 0


@dataclass
class Evaluation:
    """The figures over all documents."""

    documents: dict[str, Score] = field(default_factory=dict)
    groups: dict[str, Score] = field(default_factory=dict)
    matched: int = 0
    restated: int = 0
    agreeing: Counter[str] = field(default_factory=Counter)
    left_empty: Counter[str] = field(default_factory=Counter)
    said_otherwise: Counter[str] = field(default_factory=Counter)
    measures: Score = field(default_factory=Score)
    junk: Score = field(default_factory=Score)
    calibration: dict[int, Sure] = field(default_factory=dict)
    errors: dict[str, Matched] = field(default_factory=dict)

    @property
    def macro_f1(self) -> float:
        """Mean of the documents' F1."""
        return sum(score.f1 for score in self.documents.values()) / len(self.documents) if self.documents else 0.0

    def fields(self) -> dict[str, float]:
        """Give, by field, the share of matched rows that agree in it.

        Returns
        -------
        dict of str to float
            ``indicator`` counts as agreeing when it is much alike.
        """
        return {name: self.agreeing[name] / self.matched if self.matched else 0.0 for name in ("indicator", *_FIELDS)}


def evaluate(documents: Iterable[Labelled]) -> Evaluation:
    """Compare readings with labels.

    Parameters
    ----------
    documents : iterable of Labelled
        Each is looked at once.

    Returns
    -------
    Evaluation
        Figures by group (``set:numeric``, ``kind:target``, ``pillar:air`` …), field and document.

    Examples
    --------
    >>> row = {"kind": "target", "quote": "达到85%", "indicator": "优良率", "value": 85, "unit": "%"}
    >>> others = dict.fromkeys(("comparator", "pillar", "period", "baseline", "scope"))
    >>> label = {**row, **others, "strength": "plan"}
    >>> found = evaluate([Labelled("a", "优良率达到85%。", [row], [label])])
    >>> found.groups["set:numeric"].f1, found.fields()["indicator"], found.fields()["strength"]
    (1.0, 1.0, 0.0)
    """
    found = Evaluation()
    for document in documents:
        matched = match(document.rows, document.labels, document.text)
        found.errors[document.name] = matched
        found.documents[document.name] = Score(len(matched.pairs), len(matched.wrong), len(matched.missed))
        found.matched += len(matched.pairs)
        found.restated += len(matched.restated)
        _count_groups(found.groups, matched)
        for row, label in matched.pairs:
            found.agreeing["indicator"] += likeness(row.get("indicator"), label["indicator"]) >= _LIKE
            for name in _FIELDS:
                said, wanted = row.get(name) or None, label[name] or None
                found.agreeing[name] += said == wanted
                found.left_empty[name] += said is None and wanted is not None
                found.said_otherwise[name] += said is not None and said != wanted
        _count_sure(found.calibration, matched)
        found.measures.add(
            *_shared(
                ((m["level"], _plain(m["title"])) for m in document.measures),
                ((m["level"], _plain(m["title"])) for m in document.measure_labels),
            )
        )
        found.junk.add(*_shared(map(_plain, document.junk), map(_plain, document.junk_labels)))
    return found


def figures(found: Evaluation) -> dict[str, Any]:
    """Give an evaluation as plain values for JSON.

    Parameters
    ----------
    found : Evaluation
        The figures.

    Returns
    -------
    dict
        ``documents``, ``matched``, ``restated``, ``macro_f1``, ``groups``, ``fields_over_matched``, ``per_doc``,
        ``measures``, ``junk`` and ``calibration``, the shares with four digits.

    Examples
    --------
    >>> figures(evaluate([]))["documents"]
    0
    """
    return {
        "documents": len(found.documents),
        "matched": found.matched,
        "restated": found.restated,
        "groups": {name: _told(score) for name, score in sorted(found.groups.items())},
        "fields_over_matched": {name: round(share, 4) for name, share in found.fields().items()},
        "fields_left_empty": {name: found.left_empty[name] for name in _FIELDS},
        "fields_said_otherwise": {name: found.said_otherwise[name] for name in _FIELDS},
        "macro_f1": round(found.macro_f1, 4),
        "per_doc": {name: _told(score) for name, score in found.documents.items()},
        "measures": _told(found.measures),
        "junk": _told(found.junk),
        "calibration": {
            f"{tenth / 10:.1f}": {
                "n": sure.rows,
                "mean_confidence": round(sure.claimed / sure.rows, 3),
                "right": round(sure.right / sure.rows, 3),
            }
            for tenth, sure in sorted(found.calibration.items())
        },
    }


def _told(score: Score) -> dict[str, float]:
    return {
        "tp": score.right,
        "fp": score.wrong,
        "fn": score.missed,
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "f1": round(score.f1, 4),
    }


def match(rows: Sequence[Row], labels: Sequence[Row], text: str) -> Matched:
    """Pair rows with labels one to one, the best overlap of quotes and likeness of indicators first.

    Parameters
    ----------
    rows, labels : sequence of mapping
        Findings read and findings labelled.
    text : str
        The document; empty when quotes can only be compared with each other.

    Returns
    -------
    Matched
        Pairs, and what is left on both sides.

    Examples
    --------
    >>> row = {"kind": "target", "quote": "20公里", "indicator": "管网", "value": 20, "unit": "千米"}
    >>> len(match([row], [{**row, "unit": "公里"}], "新建管网20公里").pairs)
    1
    """
    spans = _Spans(text)
    weighed = []
    for (i, row), (j, label) in product(enumerate(rows), enumerate(labels)):
        if not _same_number(row, label):
            continue
        overlap = spans.overlap(row.get("quote") or "", label["quote"])
        if overlap > 0:
            alike = likeness(row.get("indicator"), label["indicator"])
            agrees = 0.1 if row.get("comparator") == label.get("comparator") else 0
            weighed.append((-(overlap + alike + agrees), i, j))
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in sorted(weighed):
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)
    restated: list[Row] = []
    wrong: list[Row] = []
    for i, row in enumerate(rows):
        if i not in partner:
            says_again = any(
                _same_number(row, labels[j]) and likeness(row.get("indicator"), labels[j]["indicator"]) >= _LIKE
                for j in taken
            )
            (restated if says_again else wrong).append(row)
    pairs = [(rows[i], labels[j]) for i, j in partner.items()]
    return Matched(pairs, restated, wrong, [label for j, label in enumerate(labels) if j not in taken])


def likeness(one: str | None, other: str | None) -> float:
    """Say how much alike two indicators are.

    Parameters
    ----------
    one, other : str or None
        Their names.

    Returns
    -------
    float
        0 to 1; 1 too when the shorter stands in the longer and is at least half of it.

    Examples
    --------
    >>> likeness("优良率", "空气优良率"), likeness("优良率", None)
    (1.0, 0.0)
    """
    a, b = _ROUND_A_NAME.sub("", one or ""), _ROUND_A_NAME.sub("", other or "")
    if not a or not b:
        return 0.0
    short, long = sorted((a, b), key=len)
    if short in long and 2 * len(short) >= len(long):
        return 1.0
    return 2 * (Counter(a) & Counter(b)).total() / (len(a) + len(b))


def _same_number(row: Row, label: Row) -> bool:
    """Say whether kind, number and unit are the same, 万 and 亿 taken as factors."""
    if row.get("kind") != label["kind"]:
        return False
    (unit, factor), (wanted, its_factor) = unit_and_factor(row.get("unit")), unit_and_factor(label.get("unit"))
    if unit != wanted:
        return False
    value, number = row.get("value"), label.get("value")
    if value is None or number is None:
        return (
            value is None
            and number is None
            and _mask(row.get("value_text")) == _mask(label.get("value_text"))
            and (row.get("comparator") == "complete") == (label.get("comparator") == "complete")
        )
    try:
        x, y = float(value) * factor, float(number) * its_factor
    except (TypeError, ValueError):
        return False
    return abs(x - y) <= 1e-6 * max(1.0, abs(x), abs(y))


@cache
def unit_and_factor(written: str | None) -> tuple[str, float]:
    """Take 万 and 亿 off a unit, and give the one name of units that count as the same.

    Parameters
    ----------
    written : str or None
        The unit.

    Returns
    -------
    unit : str
        Its one name.
    factor : float
        What 万 and 亿 before it stand for.

    Examples
    --------
    >>> unit_and_factor("万户"), unit_and_factor("μg/m³")
    (('家', 10000.0), ('微克/立方米', 1.0))
    """
    unit, factor = (written or "").replace(" ", ""), 1.0
    while unit and unit[0] in _BIG:
        factor *= _BIG[unit[0]]
        unit = unit[1:]
    names = mapping("like_units", "written", "unit")
    simple = simplify(unit)
    return names.get(unit, names.get(simple, simple)), factor


def _mask(text: str | None) -> str:
    return _ROUND_A_MASK.sub("", text or "").upper().replace("×", "X").replace("＊", "*")


class _Spans:
    """Where quotes stand in a document, and how far two of them cover each other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, list[tuple[int, int]]] = {}

    def _of(self, quote: str) -> list[tuple[int, int]]:
        if quote not in self._known:
            self._known[quote] = [m.span() for m in re.finditer(re.escape(quote), self._text)] if self._text else []
        return self._known[quote]

    def overlap(self, quote: str, label: str) -> float:
        """Give the share of the shorter quote that lies in the other; 0 when they do not touch."""
        if not quote or not label or len(quote) > max(160, 4 * len(label)):  # a whole paragraph is no quote
            return 0.0
        here, there = self._of(quote), self._of(label)
        if here and there:
            shared = max(min(e, f) - max(s, t) for (s, e), (t, f) in product(here, there))
            return max(0, shared) / min(len(quote), len(label))
        return _common_part(_bare(quote), _bare(label))


def _common_part(one: str, other: str) -> float:
    """Compare quotes that a reader has cleaned: the longest stretch that both hold, when it is half of the shorter."""
    if one in other or other in one:
        return 1.0
    longest = SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size
    share = longest / max(1, min(len(one), len(other)))
    return share if longest >= 4 and share >= 0.5 else 0.0


def _bare(text: str) -> str:
    return _PINYIN_OR_BLANK.sub("", text)


def _plain(text: str) -> str:
    return simplify(_SIGNS.sub("", _bare(text)))


def _shared(read: Iterable[Any], labelled: Iterable[Any]) -> tuple[int, int, int]:
    found, wanted = Counter(read), Counter(labelled)
    right = (found & wanted).total()
    return right, found.total() - right, wanted.total() - right


def _sort(row: Row) -> str:
    if row.get("value") is not None:
        return "numeric"
    return "complete" if row.get("comparator") == "complete" else "redacted"


def _groups_of(row: Row) -> Iterator[str]:
    yield "all"
    yield f"set:{_sort(row)}"
    yield f"kind:{row.get('kind')}"
    yield f"pillar:{row.get('pillar')}"


def _count_groups(groups: dict[str, Score], matched: Matched) -> None:
    for rows, counts in (
        ([label for _, label in matched.pairs], (1, 0, 0)),
        (matched.wrong, (0, 1, 0)),
        (matched.missed, (0, 0, 1)),
    ):
        for row in rows:
            for group in _groups_of(row):
                groups.setdefault(group, Score()).add(*counts)


def _count_sure(tenths: dict[int, Sure], matched: Matched) -> None:
    judged = [(row, 1) for row, _ in matched.pairs] + [(row, 0) for row in matched.wrong]
    for row, right in judged:
        claimed = row.get("confidence")
        if claimed is not None:
            tenth = tenths.setdefault(min(int(claimed * 10), 9), Sure())
            tenth.rows += 1
            tenth.claimed += claimed
            tenth.right += right
