"""What can be asked of the ledger, as of a day. Nothing here writes, and nothing here reads the clock.

How a target stands is told by a room above this one, named by the setting ``LEDGER_STANDING``; until then every light
is grey and the reason says what is missing and who owes it. ``LEDGER_LIGHTS`` names a quicker way to the same lights.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

from heqing_site import workbooks
from heqing_site.ledger import catalogue, rules
from heqing_site.ledger.models import Duty, Target, TargetTerms
from heqing_site.ledger.rules import (
    LIGHT_NAMES,
    ORIGIN_NAMES,
    RHYTHM_NAMES,
    SOURCE_NAMES,
    Change,
    Light,
    Origin,
    Owed,
    Rhythm,
    SourceKind,
    Standing,
)
from heqing_site.library.models import Document, Finding
from heqing_site.library.queries import document_by_name
from heqing_site.library.rules import PILLAR_NAMES, STRENGTH_NAMES, FindingKind, FindingState
from heqing_site.orgs.models import Unit
from heqing_site.orgs.queries import ids_below
from heqing_site.places.queries import sections_of, stations_of
from heqing_site.workbooks import Column

Judges = Callable[[list[TargetTerms], date], dict[int, Standing]]
Lighter = Callable[[QuerySet[Any, Any], date, int], Mapping[Light, int]]

LINES_AROUND = 2  # lines of the document shown before and after a target's sentence
LETTERS_AROUND = 160  # and at most so many characters of them


@dataclass(frozen=True)
class LedgerRow:
    """One line of the ledger: the terms that count on the day, and how the target stands."""

    terms: TargetTerms
    standing: Standing

    @property
    def target(self) -> Target:
        """The target."""
        return self.terms.target

    @property
    def light_name(self) -> str:
        """The light in words."""
        return LIGHT_NAMES[self.standing.light]

    @property
    def source_name(self) -> str:
        """The value source in words."""
        return SOURCE_NAMES[SourceKind(self.terms.source_kind)]

    @property
    def rhythm_name(self) -> str:
        """How often a value is due."""
        return RHYTHM_NAMES[Rhythm(self.terms.rhythm)]

    @property
    def lead_from_name(self) -> str:
        """Where the lead unit was taken from."""
        return ORIGIN_NAMES[Origin(self.terms.lead_from)]

    @property
    def lead_is_proposed(self) -> bool:
        """Whether nobody said who leads: the installation's own default."""
        return self.terms.lead_from == Origin.INSTALLATION

    @property
    def statistic_name(self) -> str:
        """What the instruments or registers are asked for."""
        return catalogue.name_of(self.terms.statistic)

    @property
    def is_invented(self) -> bool:
        """Whether the target stands in an invented document."""
        return self.target.document is not None and self.target.document.is_invented


# --- the ledger ---------------------------------------------------------------------------------------------------


def terms_as_of(day: date, *, with_withdrawn: bool = False, known_by: datetime | None = None) -> QuerySet[TargetTerms]:
    """Give for each target the one row of terms that counted on a day; with `known_by`, as recorded by that moment."""
    rows = TargetTerms.objects.filter(target=OuterRef("target"), valid_from__lte=day)
    if known_by is not None:
        rows = rows.filter(recorded_at__lte=known_by)
    counted = rows.order_by("-valid_from", "-pk").values("pk")[:1]
    found = TargetTerms.objects.filter(pk=Subquery(counted))
    return found if with_withdrawn else found.exclude(change=Change.WITHDRAW)


def target_numbered(number: int) -> Target | None:
    """Find a target by its number."""
    return Target.objects.select_related("indicator", "document", "finding").filter(number=number).first()


def terms_of(target: Target, *, as_of: date) -> TargetTerms | None:
    """Give the terms of one target that counted on a day; None before it was promised."""
    return (
        TargetTerms.objects.filter(target=target, valid_from__lte=as_of)
        .select_related("lead_unit", "scope_unit", "parent", "target__indicator")
        .order_by("-valid_from", "-pk")
        .first()
    )


def ledger_terms(
    *,
    as_of: date,
    pillar: str = "",
    unit: Unit | None = None,
    source: str = "",
    document: Document | None = None,
    text: str = "",
    only_top: bool = False,
) -> QuerySet[TargetTerms]:
    """Select the ledger (目标台账) as of a day, in the order of numbers; a unit means all below it too.

    With `only_top` the parts of other targets are left out.
    """
    found = terms_as_of(as_of)
    if only_top:
        found = found.filter(parent__isnull=True)
    if pillar:
        found = found.filter(pillar=pillar)
    if unit is not None:
        found = found.filter(lead_unit__in=ids_below([unit.pk]))
    if source:
        found = found.filter(source_kind=source)
    if document is not None:
        found = found.filter(target__document=document)
    if text:
        found = found.filter(
            Q(title__icontains=text)
            | Q(quote__icontains=text)
            | Q(scope_text__icontains=text)
            | Q(target__indicator__name__icontains=text)
            | Q(lead_unit__name__icontains=text)
        )
    return found.order_by("target__number")


def whole(terms: QuerySet[TargetTerms]) -> QuerySet[TargetTerms]:
    """Let terms bring all that a line shows.

    Many targets share few indicators, documents and units: each of those is fetched and built once, not per row.
    """
    documents = Document.objects.defer("text", "junk", "people")
    return terms.select_related("target").prefetch_related(
        "target__indicator", "lead_unit", Prefetch("target__document", queryset=documents)
    )


def ledger_rows(terms: Iterable[TargetTerms], *, as_of: date) -> list[LedgerRow]:
    """Add to terms how their targets stand on the day."""
    listed = list(terms)
    judged = _judge(listed, as_of)
    return [LedgerRow(row, judged.get(row.target_id) or waiting(row)) for row in listed]


def ledger(
    *,
    as_of: date,
    pillar: str = "",
    unit: Unit | None = None,
    source: str = "",
    document: Document | None = None,
    text: str = "",
) -> list[LedgerRow]:
    """List the ledger (目标台账) as of a day, each line with its light and reason."""
    terms = ledger_terms(as_of=as_of, pillar=pillar, unit=unit, source=source, document=document, text=text)
    return ledger_rows(whole(terms), as_of=as_of)


@dataclass(frozen=True)
class Summary:
    """What stands above the lines of the ledger: how many there are, and what lacks."""

    total: int
    gaps: int
    proposed: int
    invented: int


def summary(terms: QuerySet[TargetTerms]) -> Summary:
    """Count terms in the database: all, those without a number, those whose lead nobody named, the invented ones."""
    found = terms.order_by().aggregate(
        total=Count("pk"),
        gaps=Count("pk", filter=Q(gap__in=rules.NUMBER_GAPS)),
        proposed=Count("pk", filter=Q(lead_from=Origin.INSTALLATION)),
        invented=Count("pk", filter=Q(target__document__is_invented=True)),
    )
    return Summary(**found)


def in_order(terms: QuerySet[TargetTerms], *, by_unit: bool = False) -> QuerySet[TargetTerms]:
    """Put terms in the order of the ledger: by pillar or by lead unit, then by number, parts under their target."""
    if by_unit:
        return terms.order_by("lead_unit__code", "target__number")
    places = [When(pillar=code, then=Value(place)) for place, code in enumerate(PILLAR_NAMES)]
    above = Coalesce("parent__number", "target__number")
    is_part = Case(When(parent__isnull=True, then=Value(0)), default=Value(1))
    return terms.order_by(Case(*places, default=Value(len(places))), above, is_part, "target__number")


def lines(terms: QuerySet[TargetTerms], *, as_of: date) -> list[LedgerRow]:
    """Build the lines of a page: the keys are chosen first, so that only what is shown is fetched whole."""
    keys = list(terms.values_list("pk", flat=True))
    found = {row.pk: row for row in whole(TargetTerms.objects.filter(pk__in=keys))}
    return ledger_rows((found[key] for key in keys), as_of=as_of)


def lights(terms: QuerySet[TargetTerms], *, as_of: date, total: int) -> Counter[Light]:
    """Count the lights of many lines without asking for their sentences; what nobody judged is grey."""
    path = getattr(settings, "LEDGER_LIGHTS", "")
    if not path:
        return Counter(row.standing.light for row in ledger_rows(whole(terms), as_of=as_of))
    counted = Counter(cast(Lighter, import_string(path))(terms.order_by().values("target"), as_of, total))
    counted[Light.GREY] += total - counted.total()
    return counted


def waiting(terms: TargetTerms) -> Standing:
    """Say why a target cannot be judged yet: what is missing and who owes it."""
    reason = rules.what_is_missing(
        Owed(
            comparator=terms.comparator,
            bound_is_known=terms.bound is not None,
            bound_text=terms.bound_text,
            gap=terms.gap,
            period_text=terms.period_text,
            has_period=terms.period_start is not None,
            source_kind=SourceKind(terms.source_kind),
            statistic_name=catalogue.name_of(terms.statistic) or terms.title,
            rhythm=Rhythm(terms.rhythm),
            lead=terms.lead_unit.name,
        )
    )
    return Standing(value=None, light=Light.GREY, reason=reason)


@dataclass(frozen=True)
class Choices:
    """What the chips of the ledger offer: each with the number of targets behind it."""

    pillars: list[tuple[str, str, int]]
    sources: list[tuple[str, str, int]]
    units: list[tuple[int, str, int]]
    total: int
    parts: int


def choices(*, as_of: date) -> Choices:
    """Count the targets of a day by pillar, by value source and by lead unit."""
    is_part = Case(When(parent__isnull=True, then=Value(0)), default=Value(1))
    counted = terms_as_of(as_of).order_by().values_list("pillar", "source_kind", "lead_unit_id", is_part)
    pillars: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    leads: Counter[int] = Counter()
    parts = 0
    for pillar, source, lead, of_another, count in counted.annotate(count=Count("pk")):
        pillars[pillar] += count
        sources[source] += count
        leads[lead] += count
        parts += count if of_another else 0
    units = sorted(Unit.objects.filter(pk__in=leads), key=lambda unit: (-leads[unit.pk], unit.code))
    return Choices(
        pillars=[(code, name, pillars[code]) for code, name in PILLAR_NAMES.items() if code in pillars],
        sources=[(kind.value, SOURCE_NAMES[kind], sources[kind]) for kind in SourceKind if kind in sources],
        units=[(unit.pk, unit.name, leads[unit.pk]) for unit in units],
        total=pillars.total(),
        parts=parts,
    )


def find_document(name: str) -> Document | None:
    """Find a document by its key, its title, or its file name with or without ending."""
    if name.isdecimal() and (found := Document.objects.filter(pk=int(name)).first()):
        return found
    return document_by_name(name)


def left_to_adopt(document: Document) -> list[Finding]:
    """List the findings of a document that are targets, not rejected, and neither in the ledger yet nor settled.

    What was decided of a finding that repeats a target is told by ``ledger.restating``.
    """
    return list(
        Finding.objects.filter(
            document=document, kind=FindingKind.TARGET, target__isnull=True, restatement__isnull=True
        )
        .exclude(state=FindingState.REJECTED)
        .select_related("document", "measure")
        .order_by("start", "number")
    )


def documents_to_adopt() -> list[tuple[Document, int, int]]:
    """List the documents that hold targets: how many stand in the ledger or repeat what stands there, and are left."""
    counts: dict[int, Counter[str]] = {}
    rows = Finding.objects.filter(kind=FindingKind.TARGET).exclude(state=FindingState.REJECTED)
    for document_id, *settled in rows.order_by().values_list("document_id", "target__pk", "restatement__pk"):
        counts.setdefault(document_id, Counter())["done" if any(settled) else "left"] += 1
    documents = Document.objects.filter(pk__in=counts).defer("text", "junk", "people")
    return [(document, counts[document.pk]["done"], counts[document.pk]["left"]) for document in documents]


# --- one target ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One row of a target's history, with what it changed against the row before."""

    terms: TargetTerms
    differences: list[tuple[str, str, str]]

    @property
    def change_name(self) -> str:
        """The deed in words."""
        return rules.CHANGE_NAMES[Change(self.terms.change)]


def history(target: Target) -> list[Step]:
    """List all terms of a target, newest first, each with what changed."""
    rows = list(target.terms.select_related("lead_unit", "scope_unit", "parent").order_by("valid_from", "pk"))
    steps = [Step(row, differences(rows[i - 1], row) if i else []) for i, row in enumerate(rows)]
    return steps[::-1]


def differences(before: TargetTerms, after: TargetTerms) -> list[tuple[str, str, str]]:
    """List what differs between two rows of terms: label, before, after."""
    told = [
        ("上级目标", _number_of(before.parent), _number_of(after.parent)),
        ("指标表述", before.title, after.title),
        ("要求", before.demand, after.demand),
        ("期限", before.period_in_words, after.period_in_words),
        ("基数", before.baseline, after.baseline),
        ("范围", before.scope_text, after.scope_text),
        ("范围单位", _name(before.scope_unit), _name(after.scope_unit)),
        ("力度", STRENGTH_NAMES[before.strength], STRENGTH_NAMES[after.strength]),
        ("领域", before.pillar_name, after.pillar_name),
        ("牵头单位", _name(before.lead_unit), _name(after.lead_unit)),
        ("数据来源", source_in_words(before), source_in_words(after)),
        ("点位", before.place_codes, after.place_codes),
        ("承诺所依标准", before.promised_under, after.promised_under),
        ("备注", before.note, after.note),
    ]
    return [(label, old or "（无）", new or "（无）") for label, old, new in told if old != new]


def source_in_words(terms: TargetTerms) -> str:
    """Say where the value of a target comes from: 监测 · PM2.5 平均浓度 · 每日; 填报 · 每月; 办结."""
    name = SOURCE_NAMES[SourceKind(terms.source_kind)]
    asked = catalogue.name_of(terms.statistic)
    rhythm = "" if terms.rhythm == Rhythm.ONCE else RHYTHM_NAMES[Rhythm(terms.rhythm)]
    return " · ".join(part for part in (name, asked, rhythm) if part)


def places_for(statistic: str, *, on: date) -> dict[str, str]:
    """Give the places that a statistic can be asked of, code to name: stations for air, sections for water."""
    reads = catalogue.reads(statistic)
    if reads == "air":
        return dict(stations_of(on=on).values_list("code", "name"))
    return dict(sections_of(on=on).values_list("code", "name")) if reads == "water" else {}


@dataclass(frozen=True)
class Sentence:
    """The exact words of a target with the lines around them, page noise left out."""

    before: str
    quote: str
    after: str


def sentence_of(target: Target) -> Sentence | None:
    """Give the words of a target as they stand in its document."""
    finding = target.finding
    if finding is None:
        return None
    text = finding.document.text
    noise = [(line["start"], line["end"]) for line in finding.document.junk]
    before = _without_noise(text, max(0, finding.start - 4000), finding.start, noise)
    after = _without_noise(text, finding.end, finding.end + 4000, noise)
    head = "\n".join(before.split("\n")[-LINES_AROUND - 1 :])
    tail = "\n".join(after.split("\n")[: LINES_AROUND + 1])
    if len(head) > LETTERS_AROUND:
        head = "…" + head[-LETTERS_AROUND:]
    if len(tail) > LETTERS_AROUND:
        tail = tail[:LETTERS_AROUND] + "…"
    return Sentence(head, text[finding.start : finding.end], tail)


# --- status and export --------------------------------------------------------------------------------------------

STATUS_COLUMNS = (
    "quote", "indicator", "comparator", "bound", "unit", "period", "lead_unit", "value_source", "value", "light",
    "reason", "document",
)  # fmt: skip


def status(rows: Iterable[LedgerRow]) -> list[dict[str, Any]]:
    """Give one plain row per target, as ``heqing ledger status`` prints them; whole numbers as integers."""
    return [
        {
            "number": row.target.number,
            "quote": row.terms.quote,
            "indicator": row.terms.title,
            "comparator": row.terms.comparator,
            "bound": _number(row.terms.bound),
            "unit": row.terms.unit,
            "period": row.terms.period_text,
            "lead_unit": row.terms.lead_unit.name,
            "value_source": row.terms.source_kind,
            "value": _number(row.standing.value),
            "light": row.standing.light.value,
            "reason": row.standing.reason,
            "document": row.target.document.title if row.target.document else "",
        }
        for row in rows
    ]


EXPORTED = (
    Column("编号", 8), Column("领域", 10), Column("指标", 28, wraps=True), Column("目录指标", 24, wraps=True),
    Column("要求", 18, wraps=True), Column("目标值", 12), Column("计量单位", 10), Column("期限", 16),
    Column("范围", 16), Column("力度", 10), Column("牵头单位", 20), Column("牵头单位由来", 24, wraps=True),
    Column("数据来源", 10), Column("统计项", 18), Column("频次", 8), Column("目前数值", 12),
    Column("状态", 8), Column("原因", 40, wraps=True), Column("文件", 24, wraps=True), Column("原文", 60, wraps=True),
)  # fmt: skip


def export(rows: Iterable[LedgerRow], *, as_text: bool = False) -> bytes:
    """Write the same rows as a workbook for Excel, or as comma-separated text (UTF-8 with its mark)."""
    cells = [_exported(row) for row in rows]
    if not as_text:
        return workbooks.write("目标台账", EXPORTED, cells)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in EXPORTED])
    writer.writerows([[_harmless(cell) for cell in line] for line in cells])
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def _exported(row: LedgerRow) -> tuple[object, ...]:
    terms = row.terms
    return (
        row.target.number, terms.pillar_name, terms.title, row.target.indicator.name, terms.demand,
        terms.bound_text if terms.bound is None else Decimal(terms.bound_plain), terms.unit, terms.period_in_words,
        terms.scope_text, terms.strength_name, terms.lead_unit.name, terms.lead_note, row.source_name,
        row.statistic_name, row.rhythm_name, row.standing.value, row.light_name, row.standing.reason,
        row.target.document.title if row.target.document else "", terms.quote,
    )  # fmt: skip


# --- duties -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DutyLine:
    """One subject of the duty list: who owns it, and who usually does where nobody is entered."""

    pillar: str
    pillar_name: str
    duties: list[Duty]
    suggested: list[Unit]


def duty_list(*, on: date) -> list[DutyLine]:
    """List every subject with the units that own it on a day."""
    duties: dict[str, list[Duty]] = {}
    for duty in Duty.objects.in_force_on(on).select_related("unit__parent").order_by("unit__code"):
        duties.setdefault(duty.pillar, []).append(duty)
    units = list(Unit.objects.active_on(on))
    usual = catalogue.usual_departments()

    def suggested(pillar: str) -> list[Unit]:
        words = usual.get(pillar, ())
        return [unit for unit in units if any(word in unit.name for word in words)][:3]

    return [
        DutyLine(code, name, duties.get(code, []), [] if code in duties else suggested(code))
        for code, name in PILLAR_NAMES.items()
    ]


def past_duties(*, on: date) -> QuerySet[Duty]:
    """List the duties that ended before a day, newest first."""
    return Duty.objects.filter(valid_to__lt=on).select_related("unit").order_by("-valid_to", "pillar")


# --- whether the record is guarded --------------------------------------------------------------------------------

GUARDS = {  # triggers that migration 0002 puts into the database
    "sqlite": frozenset({"ledger_terms_no_update", "ledger_terms_no_delete", "ledger_terms_no_replace"}),
    "postgresql": frozenset({"ledger_terms_no_change", "ledger_terms_no_truncate"}),
}


def missing_guards() -> list[str]:
    """Name the triggers that should refuse changes to terms but are not in the database."""
    table = TargetTerms._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D' AND NOT tgisinternal",
                [table],
            )
        present = {row[0] for row in cursor.fetchall()}
    return sorted(GUARDS[connection.vendor] - present)


# --- what the queries have in common ------------------------------------------------------------------------------


def _judge(terms: list[TargetTerms], as_of: date) -> dict[int, Standing]:
    path = getattr(settings, "LEDGER_STANDING", "")
    return cast(Judges, import_string(path))(terms, as_of) if path else {}


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _number_of(target: Target | None) -> str:
    return f"目标 {target.number}" if target is not None else ""


def _name(unit: Unit | None) -> str:
    return unit.name if unit is not None else ""


def _without_noise(text: str, first: int, last: int, noise: list[tuple[int, int]]) -> str:
    kept, at = [], first
    for start, end in sorted(noise):
        if end <= first or start >= last:
            continue
        kept.append(text[at : max(at, start)])
        at = max(at, end)
    kept.append(text[at:last])
    return "\n".join(line for line in "".join(kept).split("\n") if line.strip() or line == "")


def _harmless(cell: object) -> str:
    """Keep a sheet from taking words of a document for a formula."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    text = str(cell)
    return f"'{text}" if text.startswith(workbooks.FORMULA) else text
