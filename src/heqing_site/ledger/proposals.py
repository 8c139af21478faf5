"""Who should lead a target, proposed from the document, the duty list, or the installation. Nothing here writes.

The units and duties of a day are looked up once for a whole document. An officer's own choice stands above every
proposal; that a target has no lead at all is not possible: see ``ledger.actions``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from heqing_site.ledger import rules
from heqing_site.ledger.models import Duty
from heqing_site.ledger.rules import Origin
from heqing_site.library.models import Document, Finding
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs.models import Unit


@dataclass(frozen=True)
class LeadProposal:
    """A lead unit, where the proposal came from, and the words for it."""

    unit: Unit
    origin: Origin
    note: str


class Leads:
    """The units and duties of a day, ready to be asked for many findings."""

    def __init__(self, *, on: date) -> None:
        self._units = {unit.pk: unit for unit in Unit.objects.active_on(on)}
        self._duties = list(Duty.objects.in_force_on(on).filter(unit__in=self._units).select_related("unit"))

    @property
    def is_empty(self) -> bool:
        """Whether the installation has no unit at all on that day."""
        return not self._units

    def propose(self, finding: Finding) -> LeadProposal | None:
        """Propose a lead for a finding; None only when there is no unit at all."""
        if self.is_empty:
            return None
        offices = _offices(finding)
        place = self._place_of(finding.document)
        for office in offices:
            named = [unit for unit in self._units.values() if rules.is_named(unit.name, office)]
            if named:
                unit = self._nearest(named, place)
                return LeadProposal(unit, Origin.DOCUMENT, f"文件在“{_title(finding)}”中点名“{office}”")
        pillar = PILLAR_NAMES.get(finding.pillar, finding.pillar)
        unknown = f"文件点名“{'、'.join(offices)}”，单位名录中没有；" if offices else ""
        owners = {duty.unit_id: duty for duty in self._duties if duty.pillar == finding.pillar}
        if owners:
            unit = self._nearest([duty.unit for duty in owners.values()], place)
            duty = owners[unit.pk]
            return LeadProposal(unit, Origin.DUTY_LIST, f"{unknown}职责清单：“{pillar}”由{unit}负责（{duty.period}）")
        unit = self._nearest([unit for unit in self._units.values() if unit.parent_id not in self._units], place)
        said = unknown or "文件没有点名；"
        return LeadProposal(unit, Origin.INSTALLATION, f"{said}职责清单没有“{pillar}”，暂由{unit}牵头，请核定")

    def _place_of(self, document: Document) -> set[int]:
        """Give the keys of the unit that keeps the document, or that it speaks for, and all above it."""
        if document.unit_id in self._units:
            return set(self._line(self._units[document.unit_id]))
        region = rules.region_name(document.region, document.issuer)
        speaking = [unit for unit in self._units.values() if unit.name == region]
        return set(self._line(self._nearest(speaking, set()))) if speaking else set()

    def _line(self, unit: Unit) -> Iterator[int]:
        key: int | None = unit.pk
        while key is not None and key in self._units:
            yield key
            key = self._units[key].parent_id

    def _nearest(self, units: list[Unit], place: set[int]) -> Unit:
        """Choose among units: below the document's place first, then the highest in the tree, then by code."""

        def rank(unit: Unit) -> tuple[int, int, str]:
            line = list(self._line(unit))
            return -len(place.intersection(line)), len(line), unit.code

        return min(units, key=rank)


def _offices(finding: Finding) -> list[str]:
    """List the offices that the document names for a finding; “各部门” names nobody."""
    if finding.measure is None:
        return []
    return [office for office in finding.measure.responsible if rules.own_name(office)]


def _title(finding: Finding) -> str:
    title = finding.measure.title if finding.measure else ""
    return title if len(title) <= 30 else title[:29] + "…"
