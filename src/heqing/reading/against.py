"""Promise and report (承诺与报告): last year's targets beside this year's results, and beside this year's targets.

An outcome is told only where numbers can be compared: a masked, inferred or forecast number, another unit or another
baseline gives ``unclear`` with its reason, never ``kept``. Which rows are a pair is told by `heqing.reading.likeness`,
what became of a promise by `heqing.reading.outcomes`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from heqing.reading.findings import Reading
from heqing.reading.likeness import base_unit, candidates, form_of, plain_name, sort_of, weight, words
from heqing.reading.outcomes import beside, is_state, judge, says

_VALUE = pl.Decimal(38, 12)
_SIDE = (
    "doc", "indicator", "comparator", "value", "value_text", "unit", "period", "baseline", "strength", "scope",
    "pillar", "quote", "start", "end",
)  # fmt: skip
_TYPES: dict[str, Any] = {"value": _VALUE, "start": pl.Int64, "end": pl.Int64}
PAIR_SCHEMA: dict[str, Any] = {
    "relation": pl.String, "outcome": pl.String, "confidence": pl.Float64, "why": pl.List(pl.String),
    "difference": _VALUE,
    **{f"promise_{name}": _TYPES.get(name, pl.String) for name in _SIDE},
    **{f"said_{name}": _TYPES.get(name, pl.String) for name in _SIDE},
}  # fmt: skip
DECIDED = frozenset({"kept", "missed"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_Span = tuple[int | None, int | None]


def against(this: pl.DataFrame, earlier: pl.DataFrame, *, on: date | None = None) -> pl.DataFrame:
    """Pair the targets of an earlier document with the results and targets of a later one.

    Parameters
    ----------
    this : polars.DataFrame
        Findings of the later document, as `Reading.frame` gives them.
    earlier : polars.DataFrame
        Findings of an earlier one; only its targets count.
    on : date, optional
        The day of the later document: what it reports of a year that is not over decides nothing.

    Returns
    -------
    polars.DataFrame
        One row a pair or a row left over, in the order of the earlier document, then of the later: ``relation``
        (result, target or none), ``outcome`` (a code of table ``outcomes``), ``confidence`` [0-1], ``why`` (codes of
        table ``reasons``), ``difference`` [unit of the promise; how far beyond the demand, negative where short of
        it], and both sides with their quotes and offsets. A promise has one row for its result, further ones marked
        ``further``, and one for the target that takes it up.

    Examples
    --------
    >>> from heqing.reading import read
    >>> last = read("2025年，计划新增公园绿地30公顷。", "last.txt")
    >>> this = read("过去一年，新增公园绿地26公顷。", "this.txt")
    >>> against(this.frame(), last.frame()).select("outcome", "difference").row(0)
    ('missed', Decimal('-4.000000000000'))
    """
    promises = _numbered(earlier, "target")
    results = _numbered(this, "achievement")
    targets = _numbered(this, "target")
    answered = _results(promises, results, on)
    repeated = _repeats(promises, targets)
    rows: list[dict[str, Any]] = []
    for place, promise in enumerate(promises):
        told = [*answered.get(place, ()), *repeated.get(place, ())]
        rows += [row for _, row in told]
        if not told:
            why = ["period_open"] if _goes_on(promise, this) else []
            rows.append(_pair("none", "silent", 1.0, why, promise, None))
    taken = {place for found in answered.values() for place, _ in found}
    taken_up = {place for found in repeated.values() for place, _ in found}
    rows += [_pair("none", "unpromised", 1.0, [], None, row) for place, row in enumerate(results) if place not in taken]
    rows += [_pair("none", "new", 1.0, [], None, row) for place, row in enumerate(targets) if place not in taken_up]
    return pl.DataFrame(rows, schema=PAIR_SCHEMA)


def against_readings(this: Reading, earlier: Sequence[Reading]) -> pl.DataFrame:
    """Pair a reading with one or more earlier ones.

    Parameters
    ----------
    this : Reading
        The later document.
    earlier : sequence of Reading
        The earlier ones; each is paired by itself.

    Returns
    -------
    polars.DataFrame
        As `against`; a result is ``unpromised``, and a target ``new``, only where none of the earlier ones promised it.

    Examples
    --------
    >>> from heqing.reading import read
    >>> this = read("过去一年，新增绿道12公里。", "this.txt")
    >>> against_readings(this, [])["outcome"].to_list()
    ['unpromised']
    """
    frame = this.frame()
    said = this.meta.date or ""
    on = date.fromisoformat(said) if _DAY.fullmatch(said) else None
    if not earlier:
        return against(frame, frame.clear())
    found = [against(frame, one.frame(), on=on) for one in earlier]
    alone = pl.col("outcome").is_in(["unpromised", "new"])
    spans = ["said_start", "said_end", "said_indicator", "said_unit"]
    left = found[0].filter(alone)
    for other in found[1:]:
        left = left.join(other.filter(alone), on=spans, how="semi", nulls_equal=True)
    return pl.concat([*[one.filter(~alone) for one in found], left])


def restated(new: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Find the targets of a document that repeat targets already kept, for the same period.

    Parameters
    ----------
    new : polars.DataFrame
        Findings of the document; only its targets count.
    standing : polars.DataFrame
        Targets that stand, in the columns of findings.

    Returns
    -------
    polars.DataFrame
        One row for each repeated target, ``relation`` target; ``outcome`` is ``same`` for a confirmation, else it says
        what is different; the promise is the standing target.

    Examples
    --------
    >>> from heqing.reading import read
    >>> one = read("2025年，计划新增公园绿地30公顷。", "one.txt").frame()
    >>> restated(one, one)["outcome"].to_list()
    ['same']
    """
    promises, targets = _numbered(standing, "target"), _numbered(new, "target")
    found = _repeats(promises, targets, same_period=True)
    rows = [row for place in sorted(found) for _, row in found[place]]
    return pl.DataFrame(rows, schema=PAIR_SCHEMA)


def reported(results: pl.DataFrame, standing: pl.DataFrame, *, on: date | None = None) -> pl.DataFrame:
    """Find the results of a document that report on targets already kept.

    Parameters
    ----------
    results : polars.DataFrame
        Findings of the document; only its results count.
    standing : polars.DataFrame
        Targets that stand, in the columns of findings.
    on : date, optional
        The day of the document, as for `against`.

    Returns
    -------
    polars.DataFrame
        One row for each result with its target, ``relation`` result.

    Examples
    --------
    >>> from heqing.reading import read
    >>> last = read("2025年，计划新增公园绿地30公顷。", "last.txt").frame()
    >>> this = read("过去一年，新增公园绿地31公顷。", "this.txt").frame()
    >>> reported(this, last)["outcome"].to_list()
    ['kept']
    """
    promises, said = _numbered(standing, "target"), _numbered(results, "achievement")
    found = _results(promises, said, on)
    rows = [row for place in sorted(found) for _, row in found[place]]
    return pl.DataFrame(rows, schema=PAIR_SCHEMA)


def tally(pairs: pl.DataFrame) -> dict[str, int]:
    """Count the promises by what became of them, and what nobody promised.

    Parameters
    ----------
    pairs : polars.DataFrame
        As `against` gives them.

    Returns
    -------
    dict of str to int
        Outcome to count; a promise counts once: by its first result, else as ``carried`` where it is promised again,
        else as ``silent``.

    Examples
    --------
    >>> from heqing.reading import read
    >>> this = read("过去一年，新增绿道12公里。", "this.txt")
    >>> tally(against_readings(this, []))
    {'unpromised': 1}
    """
    counted: Counter[str] = Counter()
    by_promise: dict[tuple[Any, ...], list[tuple[str, str]]] = {}
    for row in pairs.iter_rows(named=True):
        if row["promise_quote"] is None:
            counted[row["outcome"]] += 1
            continue
        key = tuple(row[f"promise_{name}"] for name in ("doc", "start", "indicator", "comparator", "value", "unit"))
        by_promise.setdefault(key, []).append((row["relation"], row["outcome"]))
    for told in by_promise.values():
        results = [outcome for relation, outcome in told if relation == "result"]
        counted[results[0] if results else "carried" if told[0][0] == "target" else "silent"] += 1
    order = [row["code"] for row in words("outcomes")]
    return {code: counted[code] for code in order if counted[code]}


def _numbered(frame: pl.DataFrame, kind: str) -> list[dict[str, Any]]:
    """Give the rows of one kind that name an indicator; what a document says twice in the same words counts once."""
    seen = set()
    kept = []
    for row in frame.filter(pl.col("kind") == kind).iter_rows(named=True):
        key = tuple(row[name] for name in ("indicator", "comparator", "value", "value_text", "unit", "period", "scope"))
        if row["indicator"] and row["gap"] != "indicator_lost" and key not in seen:
            seen.add(key)
            kept.append(row)
    return kept


def _likely(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> Iterable[tuple[int, int, float, list[str]]]:
    if not left or not right:
        return ()
    columns = {"indicator": pl.String, "comparator": pl.String, "unit": pl.String, "scope": pl.String,
               "pillar": pl.String}  # fmt: skip
    frames = [pl.DataFrame([{name: row[name] for name in columns} for row in side], schema=columns)
              for side in (left, right)]  # fmt: skip
    return candidates(*frames).iter_rows()


_Told = dict[int, list[tuple[int, dict[str, Any]]]]


def _results(promises: list[dict[str, Any]], results: list[dict[str, Any]], on: date | None) -> _Told:
    """Give each promise the result that answers it best, and further results of the same name."""
    offers = []
    twins = _twins(promises)
    for left, right, likeness, named in _likely(promises, results):
        promise, result = promises[left], results[right]
        timed = _in_time(promise, result, on)
        if timed is None:
            continue
        factor, when = timed
        outcome, reasons, difference = judge(promise, result, when)
        if outcome in DECIDED and len({judge(twin, result, when)[0] for twin in twins[left]}) > 1:
            outcome, reasons = "unclear", ["said_twice"]
        share = likeness * factor
        why = [*named, *when, *[code for code in reasons if code not in when]]
        bonus = weight("decided_bonus") if outcome in DECIDED else 0.0
        offers.append((share + bonus, likeness, left, right, outcome, share, why, difference))
    offers.sort(key=lambda offer: (-offer[0], offer[2], offer[3]))
    answered: dict[int, int] = {}
    taken: set[int] = set()
    told: _Told = {}
    for _, likeness, left, right, outcome, share, why, difference in offers:
        promise, result = promises[left], results[right]
        is_same = likeness >= weight("same_from")
        if left in answered:
            if not is_same or right in taken or result["unit"] != results[answered[left]]["unit"]:
                continue
            why = [*why, "further"]
        elif right in taken and not is_same:
            continue
        answered.setdefault(left, right)
        taken.add(right)
        pair = _pair("result", outcome, _confidence(share, promise, result), why, promise, result, difference)
        told.setdefault(left, []).append((right, pair))
    return told


def _twins(promises: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Give each promise all of its document that bear its name, unit and period: what two of them say may differ."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    keys = []
    for row in promises:
        name = plain_name(row["indicator"])
        keys.append(
            (
                row["doc"],
                name,
                row["scope"],
                form_of(row["comparator"]),
                base_unit(row["unit"], row["indicator"] or "")[0],
                row["period"],
            )
        )
        groups.setdefault(keys[-1], []).append(row)
    return [groups[key] for key in keys]


def _repeats(promises: list[dict[str, Any]], targets: list[dict[str, Any]], *, same_period: bool = False) -> _Told:
    """Give each promise the target of the later document that takes it up; one each."""
    told: _Told = {}
    taken: set[int] = set()
    offers = []
    for left, right, likeness, named in _likely(promises, targets):
        promise, target = promises[left], targets[right]
        timed = _same_time(promise, target) if same_period else _not_before(promise, target)
        if timed is None:
            continue
        factor, when = timed
        outcome, reasons, difference = beside(promise, target, named)
        comparable = weight("decided_bonus") if outcome in ("same", "raised", "lowered") else 0.0
        offers.append((likeness * factor + comparable, left, right, likeness * factor, outcome,
                       [*named, *when, *reasons], difference))  # fmt: skip
    offers.sort(key=lambda offer: (-offer[0], offer[1], offer[2]))
    for _, left, right, share, outcome, why, difference in offers:
        if left in told or right in taken:
            continue
        taken.add(right)
        promise, target = promises[left], targets[right]
        pair = _pair("target", outcome, _confidence(share, promise, target), why, promise, target, difference)
        told[left] = [(right, pair)]
    return told


def _pair(
    relation: str,
    outcome: str,
    confidence: float,
    why: list[str],
    promise: dict[str, Any] | None,
    said: dict[str, Any] | None,
    difference: Decimal | None = None,
) -> dict[str, Any]:
    return {
        "relation": relation,
        "outcome": outcome,
        "confidence": confidence,
        "why": list(dict.fromkeys(why)),
        "difference": difference,
        **{f"promise_{name}": promise and promise[name] for name in _SIDE},
        **{f"said_{name}": said and said[name] for name in _SIDE},
    }


def _confidence(share: float, promise: dict[str, Any], said: dict[str, Any]) -> float:
    """Give the confidence of a pair in hundredths: it is no greater than that of either reading."""
    sure = min(share, weight("most"), *[float(row["confidence"]) for row in (promise, said)])
    return int(sure * 100 + 1e-9) / 100


def _span(period: str | None) -> _Span | None:
    found = re.fullmatch(r"(\d{4})(?:(-)(\d{4})?)?", (period or "").strip())
    if found is None:
        return None
    first = int(found[1])
    return first, (int(found[3]) if found[3] else None) if found[2] else first


def _last(span: _Span) -> int:
    return span[1] if span[1] is not None else 9999


def _in_time(promise: dict[str, Any], result: dict[str, Any], on: date | None) -> tuple[float, list[str]] | None:
    """Tell whether a result can answer a promise by its period: a factor and reasons, None where it cannot."""
    owed, told = _span(promise["period"]), _span(result["period"])
    if _is_averaged(promise) != _is_averaged(result):
        return weight("period_factor"), ["period_differs"]
    if owed is None or told is None:
        return weight("period_factor"), ["period_assumed"]
    if owed == told:
        return 1.0, ["period_open"] if on is not None and on.year <= _last(owed) else []
    if _last(told) < (owed[0] or 0) or (told[0] or 0) > _last(owed):
        return None
    if _last(told) < _last(owed):
        return weight("period_factor"), ["period_open"]
    stands = is_state(promise) and form_of(promise["comparator"]) == "level"
    if _last(told) == _last(owed) and stands:
        return weight("period_factor"), []
    return weight("period_factor"), ["period_differs"]


def _is_averaged(row: dict[str, Any]) -> bool:
    """Tell whether a number is of several years (年均增长, 累计); the yearly mean of a concentration is not."""
    said = row["quote"] if sort_of(row["unit"]) != "concentration" else ""
    return says("averaged", said)


def _not_before(promise: dict[str, Any], target: dict[str, Any]) -> tuple[float, list[str]] | None:
    owed, new = _span(promise["period"]), _span(target["period"])
    if owed is None or new is None:
        return weight("period_factor"), ["period_assumed"]
    return None if _last(new) < _last(owed) else (1.0, [])


def _same_time(promise: dict[str, Any], target: dict[str, Any]) -> tuple[float, list[str]] | None:
    owed, new = _span(promise["period"]), _span(target["period"])
    if owed is None or new is None:
        told = (promise["period"] or "", target["period"] or "")
        if told[0] == told[1]:
            return (1.0, []) if told[0] else (weight("period_factor"), ["period_assumed"])
        return None if told[0] and told[1] else (weight("period_factor"), ["period_assumed"])
    return (1.0, []) if owed == new else None


def _goes_on(promise: dict[str, Any], this: pl.DataFrame) -> bool:
    """Tell whether a promise is not over yet when the later document reports."""
    owed = _span(promise["period"])
    told = [span for span in map(_span, this.filter(pl.col("kind") == "achievement")["period"].to_list()) if span]
    return owed is not None and bool(told) and _last(owed) > max(_last(span) for span in told if span[1] is not None)
