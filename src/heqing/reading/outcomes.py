"""What became of a promise: whether a result keeps it, how a later target differs from it, which way it is better.

It compares two rows and knows nothing of documents; which rows are compared is told by `heqing.reading.against`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from heqing import editions
from heqing.reading.lexicon import either
from heqing.reading.likeness import base_unit, catalogue_code, form_of, sort_of, weight, words

_STATES = frozenset({"ratio", "points", "concentration", "class", "rank", "measure", "times"})
_YEAR_BEFORE = re.compile(r"同比|[较比](?:上年|去年)(?:同期|底|末)?")


def judge(
    promise: dict[str, Any], result: dict[str, Any], when: Sequence[str] = ()
) -> tuple[str, list[str], Decimal | None]:
    """Tell whether a result keeps a promise of the same indicator.

    Parameters
    ----------
    promise, result : dict
        Rows in the columns of findings.
    when : sequence of str, optional
        What the periods leave open: ``period_open`` or ``period_differs``.

    Returns
    -------
    tuple of (str, list of str, Decimal or None)
        ``kept``, ``missed`` or ``unclear``; the reasons; the difference in the unit of the promise, negative where the
        result falls short.

    Examples
    --------
    >>> row = {"indicator": "新增绿道", "comparator": ">=", "value": Decimal(5), "value_text": "5", "unit": "公里",
    ...     "baseline": None, "strength": "plan", "scope": None, "pillar": "other", "quote": "新增绿道5公里以上",
    ...     "period": "2025", "gap": None}
    >>> judge(row, row | {"comparator": "==", "value": Decimal("6.5"), "quote": "新增绿道6.5公里"})
    ('kept', ['met'], Decimal('1.5'))
    """
    strive = ["strive"] if promise["strength"] == "strive" else []
    if says("failed", result["quote"]):
        is_it = promise["value"] == result["value"] and "period_differs" not in when
        return ("missed" if is_it else "unclear"), ["failed", *strive], None
    forms = form_of(promise["comparator"]), form_of(result["comparator"])
    if forms == ("complete", "complete"):
        outcome, reasons = _deed(promise, result)
        stops = [*_stops(promise, result), *(code for code in when if code == "period_differs")]
        return (outcome, reasons, None) if not stops else ("unclear", stops, None)
    if "complete" in forms:
        return "unclear", ["no_number"], None
    stops = _stops(promise, result)
    if (promise["comparator"] in ("+%", "-%")) != (result["comparator"] in ("+%", "-%")) or forms[0] != forms[1]:
        return "unclear", ["form_differs", *stops], None
    if _unit(promise)[0] != _unit(result)[0]:
        stops.append("unit_differs")
    if forms[0] == "change" and _base(promise["baseline"]) != _base(result["baseline"]):
        stops.append("base_differs")
    if promise["value"] is None or result["value"] is None:
        return "unclear", stops or ["masked"], None
    if stops:
        return "unclear", stops, None
    outcome, reasons, difference = _compare(promise, result)
    if _is_far(promise, result):
        return "unclear", ["far_apart"], difference
    if "period_differs" in when or ("period_open" in when and outcome != "unclear"):
        return "unclear", [], difference
    if outcome == "missed":
        reasons = [*reasons, *strive]
    return outcome, reasons, difference


def _stops(promise: dict[str, Any], result: dict[str, Any]) -> list[str]:
    """Name what forbids any verdict, whatever the numbers say."""
    stops = []
    gaps = {promise["gap"], result["gap"]}
    if gaps & {"number_masked", "number_lost"}:
        stops.append("masked")
    if gaps & {"indicator_inferred"}:
        stops.append("inferred")
    if result["gap"] == "range":
        stops.append("range")
    if says("forecast", result["quote"]):
        stops.append("forecast")
    return stops


def _compare(promise: dict[str, Any], result: dict[str, Any]) -> tuple[str, list[str], Decimal | None]:
    """Compare two numbers of one form and base unit; both are turned so that more is better."""
    better = direction(promise)
    owed, told = _signed(promise), _signed(result)
    factor = _unit(promise)[1]
    difference = (told - owed) / factor if factor else None
    if better == "open":
        if owed == told and not _is_about(promise) and not _is_about(result):
            return "kept", ["met"], Decimal(0)
        return "unclear", ["direction_open"], difference
    if promise["gap"] == "range" and better == "down" and told > owed:
        return "unclear", ["range"], difference  # the number kept of a range is its lower end
    turn = 1 if better == "up" else -1
    gained = (told - owed) * turn
    difference = None if difference is None else difference * turn
    near = abs(owed) * Decimal(str(weight("near_share")))
    bound = _bound_of(result, turn)
    if _is_about(result) and abs(gained) <= near:
        return "unclear", ["approx"], difference
    if bound == "at_most" and gained >= 0:
        return "unclear", ["bound_only"], difference
    if bound == "at_least" and gained < 0:
        return "unclear", ["bound_only"], difference
    is_strict = promise["comparator"] in (">", "<") and bound != "beyond"
    if gained > 0 or (gained == 0 and not (is_strict and result["comparator"] not in (">", "<"))):
        return "kept", ["met"], difference
    if _is_about(promise) and abs(gained) <= near:
        return "unclear", ["approx"], difference
    return "missed", ["short"], difference


def _is_far(promise: dict[str, Any], result: dict[str, Any]) -> bool:
    """Tell whether two numbers lie so far apart that one of them must be of another period or definition."""
    owed, told = abs(_signed(promise)), abs(_signed(result))
    is_amount = form_of(promise["comparator"]) == "change" or not is_state(promise | {"indicator": ""})
    if not owed or not told or not is_amount:
        return False
    ratio = max(owed, told) / min(owed, told)
    if promise["comparator"] in ("+%", "-%") and abs(owed - told) < Decimal(str(weight("far_points"))):
        return False
    return ratio >= Decimal(str(weight("far_ratio")))


def _bound_of(result: dict[str, Any], turn: int) -> str:
    """Tell what a result says of the true number once more is better: no more than, no less than, or it itself."""
    comparator = result["comparator"]
    if result["unit"] in ("类", "名") and comparator in (">=", "<="):
        return "at_least" if comparator == ">=" else "at_most"
    upward = {">": 1, ">=": 1, "<": -1, "<=": -1}.get(comparator, 0) * turn
    return {1: "at_least", -1: "at_most", 0: ""}[upward]


def _unit(row: dict[str, Any]) -> tuple[str, Decimal]:
    return base_unit(row["unit"], row["indicator"] or "")


def _signed(row: dict[str, Any]) -> Decimal:
    value = Decimal(row["value"]) * _unit(row)[1]
    return -value if row["comparator"] in ("-", "-%") else value


def direction(row: dict[str, Any]) -> str:
    """Tell which way a promise is better: up, down, or open where neither can be said.

    Parameters
    ----------
    row : dict
        A row in the columns of findings.

    Returns
    -------
    str
        From its comparison, else its unit, the catalogue, its words.

    Examples
    --------
    >>> direction({"comparator": "==", "unit": "微克/立方米", "indicator": "PM2.5平均浓度", "scope": None})
    'down'
    """
    by_unit = {r["word"]: r["better"] for r in words("directions") if r["what"] == "unit"}
    if row["unit"] in by_unit:
        return str(by_unit[row["unit"]])
    comparator = row["comparator"]
    if comparator in (">=", ">"):
        return "up"
    if comparator in ("<=", "<", "-", "-%"):
        return "down"
    name = f"{row['scope'] or ''}{row['indicator'] or ''}"
    by_word = [(r["word"], str(r["better"])) for r in words("directions") if r["what"] == "name"]
    told = {better for word, better in by_word if word in name}
    if "open" in told:
        return "open"
    if comparator == "+%" or comparator == "+":
        return "open" if "down" in told else "up"
    code = catalogue_code(row["indicator"] or "", row["scope"] or "", "level", row["unit"] or "")
    if code:
        return _catalogue_better()[code]
    if "down" in told:
        return "down"
    return "up" if told or sort_of(row["unit"]) not in _STATES else "open"


@cache
def _catalogue_better() -> dict[str, str]:
    return {r["code"]: r["better"] for r in editions.table("indicator_catalogue", "indicators").to_dicts()}


@cache
def _hedge(sense: str, place: str) -> re.Pattern[str] | None:
    found = [row["word"] for row in words("hedges") if row["sense"] == sense and row["place"] == place]
    return re.compile(either(found)) if found else None


def says(sense: str, quote: str | None) -> bool:
    """Tell whether a quote hedges its number in a sense of table ``hedges``.

    Parameters
    ----------
    sense : str
        For instance ``averaged`` or ``forecast``.
    quote : str or None
        The words.

    Returns
    -------
    bool
        True when one of the words of that sense stands in it.

    Examples
    --------
    >>> says("averaged", "绿道年均增长5%"), says("averaged", None)
    (True, False)
    """
    return any(
        pattern.search(quote or "") for place in ("before", "any") if (pattern := _hedge(sense, place)) is not None
    )


def _is_about(row: dict[str, Any]) -> bool:
    """Tell whether a number is approximate: by its comparison, or by 左右 right after it."""
    if row["comparator"] == "~" or re.match(r"[近约]", row["value_text"] or ""):
        return True
    pattern = _hedge("approx", "after")
    written = row["value_text"]
    if pattern is None or not written or not row["quote"]:
        return False
    place = row["quote"].find(written)
    after = row["quote"][place + len(written) :][: 2 + len(row["unit"] or "") + 2] if place >= 0 else ""
    return bool(pattern.search(re.split(r"[，。；、]", after)[0]))


def _base(baseline: str | None) -> str:
    """Give what a change is compared with: the year before unless it says otherwise."""
    said = _YEAR_BEFORE.sub("", baseline or "")
    year = re.search(r"20\d\d", said)
    return year[0] if year else said


def _stage(row: dict[str, Any]) -> str:
    """Give the stage of a deed: that of the word that stands last in it."""
    said = f"{row['indicator'] or ''}"
    places = [(said.rfind(r["word"]) + len(r["word"]), len(r["word"]), str(r["stage"])) for r in words("deeds")
              if r["word"] in said]  # fmt: skip
    return max(places)[2] if places else ""


def _deed(promise: dict[str, Any], result: dict[str, Any]) -> tuple[str, list[str]]:
    owed, told = _stage(promise), _stage(result)
    if owed == told or (owed in ("sought", "") and told == "won") or (owed == "started" and told == "finished"):
        return "kept", ["done"]
    return "unclear", ["deed_differs"]


def beside(
    promise: dict[str, Any], target: dict[str, Any], named: Sequence[str] = ()
) -> tuple[str, list[str], Decimal | None]:
    """Tell how a later target differs from an earlier one of the same indicator.

    Parameters
    ----------
    promise, target : dict
        Rows in the columns of findings, the earlier first.
    named : sequence of str, optional
        What their names leave open: ``scope_differs``.

    Returns
    -------
    tuple of (str, list of str, Decimal or None)
        ``same``, ``raised``, ``lowered``, ``changed``, ``redefined`` or ``unclear``; the reasons; the difference in the
        unit of the promise, positive where the later one asks for more.

    Examples
    --------
    >>> row = {"indicator": "新增绿道", "comparator": ">=", "value": Decimal(5), "unit": "公里", "baseline": None,
    ...     "scope": None}
    >>> beside(row, row | {"value": Decimal(8)})
    ('raised', ['number_differs'], Decimal('3'))
    """
    forms = form_of(promise["comparator"]), form_of(target["comparator"])
    if forms == ("complete", "complete"):
        return ("same", [], None) if _stage(promise) == _stage(target) else ("redefined", ["deed_differs"], None)
    changed = []
    if forms[0] != forms[1] or (promise["comparator"] in ("+%", "-%")) != (target["comparator"] in ("+%", "-%")):
        changed.append("form_differs" if "complete" not in forms else "no_number")
    elif _unit(promise)[0] != _unit(target)[0]:
        changed.append("unit_differs")
    if forms[0] == "change" and _base(promise["baseline"]) != _base(target["baseline"]):
        changed.append("base_differs")
    if {promise["comparator"][0], target["comparator"][0]} == {">", "<"}:
        changed.append("turned")
    if "scope_differs" in named:
        changed.append("scope_differs")
    if changed:
        return "redefined", changed, None
    if promise["value"] is None or target["value"] is None:
        return "unclear", ["masked"], None
    owed, new = _signed(promise), _signed(target)
    difference = (new - owed) / _unit(promise)[1]
    if owed == new:
        return "same", [], Decimal(0)
    better = direction(promise)
    if better == "open":
        return "changed", ["number_differs"], difference
    is_more = (new > owed) == (better == "up")
    return ("raised" if is_more else "lowered"), ["number_differs"], difference if better == "up" else -difference


def is_state(row: dict[str, Any]) -> bool:
    """Tell whether a number tells how things stand at the end of its period, not what was added during it.

    Parameters
    ----------
    row : dict
        A row in the columns of findings.

    Returns
    -------
    bool
        True for a share, a concentration or a rank; for an amount only where its name says so.

    Examples
    --------
    >>> is_state({"comparator": "==", "unit": "%", "indicator": "优良率"})
    True
    """
    stock = any(word["word"] in (row["indicator"] or "") for word in words("standing"))
    return row["comparator"] == "complete" or sort_of(row["unit"]) in _STATES or row["unit"] in ("类", "名") or stock
