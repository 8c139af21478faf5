"""The tree of targets (分解), as of a day: a target, its parts in other units, what they lack of the whole.

Nothing here writes, and nothing here reads the clock. Whether parts may be added up at all is told by `adds_up`; the
deeds stand in ``ledger.splitting``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Max, Q, QuerySet

from heqing.ledger import gap
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import catalogue
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.queries import LedgerRow, ledger_rows, terms_as_of, terms_of, whole
from heqing_site.ledger.rules import CHANGES, COMPLETE, DOWNWARD, IndicatorKind, Rhythm, SourceKind, is_share
from heqing_site.library.rules import plain
from heqing_site.orgs.models import Unit
from heqing_site.orgs.queries import ids_below
from heqing_site.orgs.rules import UnitKind
from heqing_site.places.models import Enterprise, in_use_on
from heqing_site.places.queries import sections_of, stations_of

PLACE_KINDS = (
    UnitKind.CITY, UnitKind.DISTRICT, UnitKind.TOWN, UnitKind.STREET, UnitKind.PARK, UnitKind.VILLAGE,
    UnitKind.COMMUNITY,
)  # fmt: skip


# --- may it be added up? ------------------------------------------------------------------------------------------


def adds_up(terms: TargetTerms) -> bool:
    """Tell whether the parts of a target in several places may be added up: amounts and counts, no shares, no days."""
    kind = IndicatorKind(terms.target.indicator.kind)
    if kind not in (IndicatorKind.ADDITIVE, IndicatorKind.COUNT) or is_share(terms.comparator):
        return False
    return catalogue.adds_up(terms.unit)


def decimals_of(terms: TargetTerms) -> int:
    """Give the decimals of a part: none for what is counted, else the usual ones of the unit, or those of the bound."""
    if terms.target.indicator.kind == IndicatorKind.COUNT and catalogue.sort_of(terms.unit) in ("", "count"):
        return 0
    usual = catalogue.decimals_of(terms.unit)
    if terms.bound is None or usual == 0:
        return usual
    _, _, fraction = plain(terms.bound).partition(".")
    return max(usual, len(fraction))


def is_downward(terms: TargetTerms) -> bool:
    """Tell whether the bound is one not to exceed; a fall that is promised (减排) is an amount to reach."""
    return terms.comparator in DOWNWARD and terms.comparator != "-"


def lacking(whole: TargetTerms, parts: Iterable[TargetTerms]) -> Decimal | None:
    """Give what the parts lack of the whole; None where they are not added up or a bound is not known."""
    bounds = [part.bound for part in parts]
    if whole.bound is None or not adds_up(whole) or any(bound is None for bound in bounds):
        return None
    return gap(whole.bound, [bound for bound in bounds if bound is not None], downward=is_downward(whole))


def has_course(terms: TargetTerms) -> bool:
    """Tell whether the value grows from zero through the period, so that it can be planned by months."""
    return adds_up(terms) and terms.comparator not in CHANGES


# --- the tree -----------------------------------------------------------------------------------------------------


def parts_of(target: Target, *, as_of: date) -> list[TargetTerms]:
    """List the terms of the parts of a target that count on a day, in the order of units."""
    return sorted(whole(terms_as_of(as_of).filter(parent=target)), key=_place)


def parts_by_target(targets: Iterable[int], *, as_of: date) -> dict[int, list[TargetTerms]]:
    """Give the parts of many targets at once."""
    found: dict[int, list[TargetTerms]] = defaultdict(list)
    for part in whole(terms_as_of(as_of).filter(parent__in=list(targets))).select_related("scope_unit"):
        if part.parent_id is not None:
            found[part.parent_id].append(part)
    return {key: sorted(parts, key=_place) for key, parts in found.items()}


def version_of(target: Target) -> int:
    """Give what an officer had before their eyes: the newest row of terms of a target and of all its parts ever."""
    newest = TargetTerms.objects.filter(Q(target=target) | Q(parent=target)).aggregate(newest=Max("pk"))["newest"]
    return int(newest or 0)


@dataclass(frozen=True)
class Tree:
    """A target between the one above it and its parts, with how each stands on the day."""

    terms: TargetTerms
    above: TargetTerms | None
    rows: list[LedgerRow]
    adds_up: bool
    lacks: Decimal | None

    @property
    def together(self) -> Decimal | None:
        """What the parts promise together; None where they are not added up or one is not known."""
        bounds = [row.terms.bound for row in self.rows]
        if not self.adds_up or not bounds or any(bound is None for bound in bounds):
            return None
        return sum((bound for bound in bounds if bound is not None), Decimal(0))

    @property
    def together_plain(self) -> str:
        """The same as pages show it."""
        return "" if self.together is None else plain(self.together)

    @property
    def is_short(self) -> bool:
        """Whether the parts are not enough, or together too much."""
        return self.lacks is not None and self.lacks > 0

    @property
    def lacks_plain(self) -> str:
        """What lacks, without its sign."""
        return "" if self.lacks is None else plain(abs(self.lacks))

    @property
    def is_downward(self) -> bool:
        """Whether the bound is one not to exceed."""
        return is_downward(self.terms)

    @property
    def softer(self) -> list[LedgerRow]:
        """The parts whose own limit is wider than that of the whole, where each place has its own."""
        if self.adds_up or self.terms.bound is None:
            return []
        sign = 1 if is_downward(self.terms) else -1
        return [
            row for row in self.rows if row.terms.bound is not None and row.terms.bound * sign > self.terms.bound * sign
        ]


def tree_of(terms: TargetTerms, *, as_of: date) -> Tree:
    """Give a target between the one above and its parts, as of a day."""
    parts = parts_of(terms.target, as_of=as_of)
    above = None if terms.parent is None else terms_of(terms.parent, as_of=as_of)
    return Tree(terms, above, ledger_rows(parts, as_of=as_of), adds_up(terms), lacking(terms, parts) if parts else None)


def check_can_be_summed(terms: TargetTerms, *, on: date) -> None:
    """Refuse to take the sum of its parts for the value of a target that has none, or whose parts do not add up."""
    if not adds_up(terms):
        raise RuleBrokenError("target.parts_do_not_add_up", title=terms.title)
    if not parts_of(terms.target, as_of=on):
        raise RuleBrokenError("target.no_parts", title=terms.title)


def is_below(target: Target, above: Target, *, on: date) -> bool:
    """Tell whether a target is, on a day, a part of another one or of one of its parts, or that one itself."""
    seen: set[int] = set()
    key: int | None = target.pk
    while key is not None and key not in seen:
        if key == above.pk:
            return True
        seen.add(key)
        key = terms_as_of(on).filter(target=key).values_list("parent", flat=True).first()
    return False


# --- where to -----------------------------------------------------------------------------------------------------


def area_of(terms: TargetTerms) -> Unit:
    """Give the unit whose parts a target is split over: its scope, or the place where its lead unit works."""
    if terms.scope_unit is not None:
        return terms.scope_unit
    lead = terms.lead_unit
    return lead.parent if lead.kind == UnitKind.DEPARTMENT and lead.parent is not None else lead


def units_to_split_over(terms: TargetTerms, *, over: str, on: date) -> list[Unit]:
    """List the units under the area of a target: its places (镇街) or its departments (部门)."""
    kinds: Sequence[UnitKind] = (UnitKind.DEPARTMENT,) if over == "departments" else PLACE_KINDS
    found = Unit.objects.active_on(on).filter(parent=area_of(terms), kind__in=[kind.value for kind in kinds])
    return list(found.order_by("code"))


@dataclass(frozen=True)
class Load:
    """A measure by which an amount is shared out: its name, and its value in each unit by key; unknown ones lack."""

    key: str
    name: str
    weights: dict[int, Decimal] = field(default_factory=dict)


def loads(terms: TargetTerms, units: Sequence[Unit], *, on: date) -> list[Load]:
    """Give the measures that Heqing knows of units: last year's values, and what the registers hold of them."""
    last_year = Load("last_year", "上年完成数", values_of_last_year(terms, units))
    below = {unit.pk: ids_below([unit.pk]) for unit in units}
    rows = list(Enterprise.objects.filter(in_use_on(on)).values_list("unit_id", "is_key_polluter", "area_mu"))
    enterprises = [(unit, Decimal(1)) for unit, _, _ in rows]
    counted = [
        Load("enterprises", "企业数（名录）", _per_unit(below, enterprises)),
        Load("key", "重点排污单位数（名录）", _per_unit(below, [(u, Decimal(1)) for u, is_key, _ in rows if is_key])),
        Load("area", "企业用地（亩，名录）", _per_unit(below, [(u, area) for u, _, area in rows if area])),
        Load(
            "sections",
            "断面数（名录）",
            _per_unit(below, [(key, Decimal(1)) for key in sections_of(on=on).values_list("unit_id", flat=True)]),
        ),
        Load(
            "stations",
            "空气站数（名录）",
            _per_unit(below, [(key, Decimal(1)) for key in stations_of(on=on).values_list("unit_id", flat=True)]),
        ),
    ]
    return [load for load in (last_year, *counted) if any(load.weights.values())]


def values_of_last_year(terms: TargetTerms, units: Sequence[Unit]) -> dict[int, Decimal]:
    """Give what units reached in the year before, by the same indicator, as it stood at the end of that year."""
    if terms.period_start is None:
        return {}
    eve = terms.period_start - timedelta(days=1)
    keys = [unit.pk for unit in units]
    found: QuerySet[TargetTerms] = terms_as_of(eve).filter(
        Q(scope_unit__in=keys) | Q(lead_unit__in=keys), target__indicator=terms.target.indicator_id, unit=terms.unit
    )
    before = [row for row in whole(found).select_related("scope_unit") if row.period_end == eve]
    # the reports of the last month come in after it: the last word on that year is asked of the day before now
    values: dict[int, Decimal] = {}
    for row in ledger_rows(before, as_of=eve + timedelta(days=120)):
        place = row.terms.scope_unit_id if row.terms.scope_unit_id in keys else row.terms.lead_unit_id
        if row.standing.value is not None and place not in values:
            values[place] = row.standing.value
    return values


def _per_unit(below: dict[int, set[int]], counted: Iterable[tuple[int, Decimal]]) -> dict[int, Decimal]:
    found = dict.fromkeys(below, Decimal(0))
    for place, amount in counted:
        for unit, keys in below.items():
            if place in keys:
                found[unit] += amount
    return found


def usual_source(terms: TargetTerms) -> tuple[SourceKind, str, Rhythm]:
    """Give where the value of a part comes from: as the whole, or as its indicator where the whole is a sum."""
    if terms.comparator == COMPLETE or terms.source_kind != SourceKind.PARTS:
        return SourceKind(terms.source_kind), terms.statistic, Rhythm(terms.rhythm)
    indicator = terms.target.indicator
    if indicator.source_kind == SourceKind.PARTS:
        return SourceKind.REPORTED, "", Rhythm(terms.rhythm)
    return SourceKind(indicator.source_kind), indicator.statistic, Rhythm(indicator.rhythm)


def _place(terms: TargetTerms) -> tuple[str, int]:
    return terms.lead_unit.code, terms.target.number
