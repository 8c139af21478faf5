"""What a reading hands back: findings, measures, document facts and noise lines, as frozen rows and as frames.

It finds nothing itself. The columns of findings are documented in `docs/reference/reading.md`.
Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import polars as pl

_VALUE = pl.Decimal(38, 12)
FINDING_SCHEMA: dict[str, Any] = {
    "doc": pl.String, "kind": pl.String, "quote": pl.String, "indicator": pl.String, "comparator": pl.String,
    "value": _VALUE, "value_text": pl.String, "unit": pl.String, "period": pl.String, "baseline": pl.String,
    "strength": pl.String, "scope": pl.String, "pillar": pl.String, "start": pl.Int64, "end": pl.Int64,
    "confidence": pl.Float64, "gap": pl.String, "under": pl.Int64, "why": pl.List(pl.String),
}  # fmt: skip
MEASURE_SCHEMA: dict[str, Any] = {
    "doc": pl.String, "level": pl.Int64, "title": pl.String, "responsible": pl.List(pl.String),
    "start": pl.Int64, "end": pl.Int64, "number": pl.String, "parent": pl.Int64, "deadline": pl.String,
    "people": pl.List(pl.String), "instruments": pl.List(pl.String),
}  # fmt: skip
JUNK_SCHEMA: dict[str, Any] = {"doc": pl.String, "line": pl.String, "start": pl.Int64, "end": pl.Int64}


@dataclass(frozen=True)
class Finding:
    """One target or reported result with the exact words it came from: ``text[start:end] == quote``.

    `gap` is a reason code for what is missing or proposed: ``number_masked``, ``number_lost``, ``indicator_lost``,
    ``indicator_inferred``, ``range``; None when nothing is. `under` is the start of the measure it hangs on, None
    outside any. `why` names the rules that made it, by the codes of table ``rules``.
    """

    doc: str
    kind: str
    quote: str
    indicator: str | None
    comparator: str
    value: Decimal | None
    value_text: str | None
    unit: str | None
    period: str | None
    baseline: str | None
    strength: str
    scope: str | None
    pillar: str
    start: int
    end: int
    confidence: float
    gap: str | None = None
    under: int | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """A heading (level 1) or lead sentence (level 2) with what is named for it.

    `responsible` are offices, `people` posts and persons, `instruments` lists, plans, letters and campaigns, `deadline`
    the first day named; all as written. `number` is its mark (一、, （一）, 一是) and `parent` the start of the measure
    above it.
    """

    doc: str
    level: int
    title: str
    responsible: tuple[str, ...]
    start: int
    end: int
    number: str = ""
    parent: int | None = None
    deadline: str | None = None
    people: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Person:
    """A person who acts in the text, with the post as written."""

    name: str
    post: str


@dataclass(frozen=True)
class DocumentFacts:
    """What the document says of itself; None where it does not.

    `date` is the day of the speech or of issue, else of publication; `disclosed_on` the day of disclosure where a
    portal states one. `gap` is ``day_contradicted`` when the text tells of a day after the one it is dated with.
    """

    doc: str
    title: str | None
    issuer: str | None
    region: str | None
    date: str | None
    doc_type: str | None
    people: tuple[Person, ...] = ()
    document_number: str | None = None
    index_number: str | None = None
    disclosed_on: str | None = None
    gap: str | None = None


@dataclass(frozen=True)
class JunkLine:
    """A line that is page furniture, as received."""

    doc: str
    line: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """All that was found in one document; `text` is the received text that the offsets count."""

    doc: str
    text: str
    findings: tuple[Finding, ...]
    measures: tuple[Measure, ...]
    meta: DocumentFacts
    junk: tuple[JunkLine, ...]

    def frame(self, what: str = "findings") -> pl.DataFrame:
        """Give one of the four parts as a frame.

        Parameters
        ----------
        what : {"findings", "measures", "meta", "junk"}
            The part.

        Returns
        -------
        polars.DataFrame
            One row each, in order of place; `value` is an exact decimal.
        """
        match what:
            case "measures":
                return pl.DataFrame([to_record(m) for m in self.measures], schema=MEASURE_SCHEMA)
            case "junk":
                return pl.DataFrame([asdict(j) for j in self.junk], schema=JUNK_SCHEMA)
            case "meta":
                facts = asdict(self.meta)
                facts["people"] = [asdict(p) for p in self.meta.people]
                return pl.DataFrame([facts])
            case _:
                return pl.DataFrame([{**asdict(f), "why": list(f.why)} for f in self.findings], schema=FINDING_SCHEMA)


def to_record(row: Finding | Measure | DocumentFacts | JunkLine) -> dict[str, Any]:
    """Give a row as plain values for JSON: whole numbers as integers, other decimals as floats.

    Parameters
    ----------
    row : Finding or Measure or DocumentFacts or JunkLine
        Any row of a reading.

    Returns
    -------
    dict
        Keys in the order of the columns.

    Examples
    --------
    >>> to_record(JunkLine("a", "打印", 0, 2))
    {'doc': 'a', 'line': '打印', 'start': 0, 'end': 2}
    """
    found = asdict(row)
    value = found.get("value")
    if isinstance(value, Decimal):
        found["value"] = int(value) if value == value.to_integral_value() else float(value)
    for key in ("responsible", "people", "instruments", "why"):
        if key in found:
            found[key] = list(found[key])
    return found
