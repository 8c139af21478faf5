"""An optional second reader (第二解读): proposals of a language model, each held against the text before it counts.

The model is asked through a callable that the outermost caller hands in; nothing here opens a connection. A quote that
does not stand in the text, a number that does not stand in its quote, and what our own reading found are dropped and
counted. What is asked and how far a proposal is trusted is data: family ``second_reader_words``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from heqing import editions
from heqing.errors import SecondReaderError
from heqing.quantities.numerals import read_numeral
from heqing.reading.findings import Finding, Reading
from heqing.reading.lexicon import rows as lexicon_rows
from heqing.reading.likeness import base_unit

FAMILY = "second_reader_words"
WHY = "second_reader"
_KINDS = frozenset({"target", "achievement"})
_COMPARATORS = frozenset({">=", "<=", ">", "<", "==", "~", "+%", "-%", "+", "-", "complete"})
_STRENGTHS = frozenset({"ensure", "strive", "plan", "reported"})
_MASK = re.compile(r"[XxＸｘ×*＊]+")
Ask = Callable[[Sequence[dict[str, str]]], str]


@dataclass(frozen=True)
class SecondReading:
    """What a second reader proposed of one document.

    `dropped` counts the proposals that were refused, by the codes of table ``refusals``; `failed` names each piece of
    the text that was not read, by the offsets of its first and last character and the reason.
    """

    doc: str
    findings: tuple[Finding, ...]
    proposed_by: str
    pieces: int
    dropped: dict[str, int]
    failed: tuple[tuple[int, int, str], ...]


@cache
def limit(name: str) -> Decimal:
    """Give one of the limits of the second reader.

    Parameters
    ----------
    name : str
        For instance ``piece``.

    Returns
    -------
    Decimal
        Its value.

    Examples
    --------
    >>> limit("confidence") < 1
    True
    """
    rows = editions.table(FAMILY, "limits").to_dicts()
    return Decimal(str(next(row["value"] for row in rows if row["name"] == name)))


@cache
def refusals() -> dict[str, str]:
    """Give the Chinese words for why proposals are dropped, by code.

    Returns
    -------
    dict of str to str
        Code to words.

    Examples
    --------
    >>> refusals()["known"]
    '已由本系统解读出'
    """
    return {row["code"]: row["zh"] for row in editions.table(FAMILY, "refusals").to_dicts()}


def read_second(reading: Reading, ask: Ask, *, proposed_by: str) -> SecondReading:
    """Ask a second reader for findings that our own reading lacks.

    Parameters
    ----------
    reading : Reading
        Our own reading of the document.
    ask : callable
        Takes the messages of a conversation (role, content) and gives the answer; raises `SecondReaderError`.
    proposed_by : str
        The name of the model.

    Returns
    -------
    SecondReading
        Proposals with ``why`` ``second_reader`` and a confidence that is capped, what was dropped, what failed.

    Examples
    --------
    >>> from heqing.reading import read
    >>> read_second(read("无。", "a.txt"), lambda messages: "[]", proposed_by="m").findings
    ()
    """
    found: dict[tuple[Any, ...], Finding] = {}
    dropped: Counter[str] = Counter()
    failed = []
    pieces = list(pieces_of(reading.text))
    for start, end in pieces:
        try:
            rows = _ask(ask, reading.text[start:end])
        except SecondReaderError as error:
            failed.append((start, end, str(error)))
            continue
        for row in rows:
            finding = _finding(reading, row, start, end)
            if isinstance(finding, str):
                dropped[finding] += 1
            elif _is_known(finding, reading.findings):
                dropped["known"] += 1
            else:
                found.setdefault((finding.start, finding.end, finding.indicator, finding.value), finding)
    ordered = tuple(sorted(found.values(), key=lambda one: (one.start, one.end)))
    return SecondReading(reading.doc, ordered, proposed_by, len(pieces), dict(dropped), tuple(failed))


def pieces_of(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text into pieces that a model takes at once, at ends of lines or sentences, each sharing a little.

    Parameters
    ----------
    text : str
        The text as received.

    Yields
    ------
    tuple of (int, int)
        The offsets of a piece.

    Examples
    --------
    >>> list(pieces_of("一句。"))
    [(0, 3)]
    """
    longest, shared = int(limit("piece")), int(limit("shared"))
    start = 0
    while start < len(text):
        end = min(start + longest, len(text))
        if end < len(text):
            cuts = [text.rfind(sign, start + longest // 2, end) for sign in ("\n", "。", "；")]
            end = max(cuts) + 1 if max(cuts) > 0 else end
        if text[start:end].strip():
            yield start, end
        if end == len(text):
            return
        start = max(end - shared, start + 1)


def _ask(ask: Ask, text: str) -> list[Any]:
    """Ask for the rows of one piece; an answer that is no list of rows is asked for again."""
    messages = [{"role": "system", "content": _instructions()}, {"role": "user", "content": text}]
    reason = ""
    for _ in range(int(limit("asks"))):
        answer = ask(messages)
        first, last = answer.find("["), answer.rfind("]")
        try:
            rows = json.loads(answer[first : last + 1], parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            reason = f"the answer is no JSON list ({error})"
            continue
        if isinstance(rows, list):
            return rows
    raise SecondReaderError(reason or "the answer is no JSON list")


@cache
def _instructions() -> str:
    pillars = " ".join(sorted({str(row["pillar"]) for row in lexicon_rows("pillars")}))
    said = (str(row["text"]) for row in editions.table(FAMILY, "instructions").to_dicts())
    return "\n".join(said).replace("{pillars}", pillars)


# --- what is held against the text --------------------------------------------------------------------------------


def _finding(reading: Reading, row: Any, first: int, last: int) -> Finding | str:
    """Give a proposal as a finding, or the code of why it is none."""
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("kind", "quote", "comparator")):
        return "not_a_row"
    quote = row["quote"]
    place = reading.text.find(quote, first, last) if quote.strip() else -1
    if place < 0:
        return "quote_not_in_text"
    if row["kind"] not in _KINDS or row["comparator"] not in _COMPARATORS:
        return "not_a_row"
    value_text = _words(row, "value_text")
    gap = None
    value = None
    if row["comparator"] == "complete":
        value_text = None
    else:
        value_text = value_text or ""
        if value_text not in quote:
            return "value_not_in_quote"
        value = _number(row.get("value"))
        if value is None:
            gap = "number_masked" if _MASK.search(value_text) else "number_lost"
        elif not _says(value_text, value):
            return "value_not_in_quote"
    strength = _words(row, "strength")
    fallback = "reported" if row["kind"] == "achievement" else "plan"
    return Finding(
        doc=reading.doc,
        kind=row["kind"],
        quote=quote,
        indicator=_words(row, "indicator"),
        comparator=row["comparator"],
        value=value,
        value_text=value_text,
        unit=None if row["comparator"] == "complete" else _words(row, "unit"),
        period=_words(row, "period"),
        baseline=_words(row, "baseline"),
        strength=strength if strength in _STRENGTHS else fallback,
        scope=_words(row, "scope"),
        pillar=_pillar(_words(row, "pillar")),
        start=place,
        end=place + len(quote),
        confidence=float(limit("confidence")),
        gap=gap,
        why=(WHY,),
    )


def _words(row: dict[str, Any], name: str) -> str | None:
    said = row.get(name)
    return said.strip() or None if isinstance(said, str) else None


def _number(said: Any) -> Decimal | None:
    if isinstance(said, bool) or not isinstance(said, int | str | Decimal):
        return None
    try:
        value = Decimal(str(said).replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _says(written: str, value: Decimal) -> bool:
    """Tell whether a number as written is the value, with or without its 万 or 亿."""
    if not written:
        return False
    if len(written) == 1 and unicodedata.numeric(written, None) == value:
        return True
    numeral = read_numeral(written)
    return numeral is not None and value in (numeral.value, numeral.digits)


def _pillar(said: str | None) -> str:
    return said if said is not None and said in {row["pillar"] for row in lexicon_rows("pillars")} else "other"


def _is_known(proposal: Finding, ours: Sequence[Finding]) -> bool:
    """Tell whether our own reading has the same number, or the same deed, in the same words."""
    return any(
        own.start < proposal.end
        and proposal.start < own.end
        and (own.comparator == "complete") == (proposal.comparator == "complete")
        and (_amount(own) == _amount(proposal) if proposal.value is not None else own.value is None)
        for own in ours
    )


def _amount(finding: Finding) -> Decimal | None:
    return None if finding.value is None else finding.value * base_unit(finding.unit)[1]
