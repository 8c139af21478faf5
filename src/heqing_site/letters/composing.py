"""A letter is composed from the ledger (成稿): the template's words, and the targets and tasks of its receiver.

Nothing here writes, and nothing reads the clock. A number that the document hides is said to be missing, never made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import F, Q, QuerySet

from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import COMPLETE, NUMBER_GAPS, say_period
from heqing_site.letters.models import LetterSeries
from heqing_site.letters.rules import Content, Part, TargetLine, TaskLine, fill
from heqing_site.letters.wordings import sentence
from heqing_site.official import say_date
from heqing_site.orgs.models import Unit
from heqing_site.works.models import Work
from heqing_site.works.rules import State as WorkState

STRIVE = "strive"


def stated(terms: TargetTerms) -> TargetLine:
    """Give the line by which a letter states some terms."""
    is_hidden = (
        terms.bound is None and terms.comparator != COMPLETE and (terms.gap in NUMBER_GAPS or not terms.bound_text)
    )
    demand = sentence("masked") if is_hidden else terms.demand
    if terms.strength == STRIVE and not is_hidden:
        demand = f"{terms.strength_name}{demand}"  # what was only striven for is not promised
    period = say_period(terms.period_text) or sentence("masked")
    return TargetLine(
        title=terms.title,
        demand=demand,
        period=period,
        department=terms.lead_unit.name,
        target=terms.target.number,
        terms=terms.pk,
        is_masked=is_hidden or not terms.period_text,
    )


def owed_by(receivers: Iterable[Unit], *, series: LetterSeries, on: date) -> QuerySet[TargetTerms]:
    """Select the terms that count on a day and concern some units, or stand in every letter of the series."""
    units = [unit.pk for unit in receivers]
    first, last = date(series.year, 1, 1), date(series.year, 12, 31)
    concerns = Q(scope_unit__in=units) | Q(lead_unit__in=units)
    if series.pillars:
        concerns &= Q(pillar__in=series.pillars)
    concerns &= Q(period_start__isnull=True) | Q(period_start__lte=last)
    concerns &= Q(period_end__isnull=True) | Q(period_end__gte=first)
    return (
        terms_as_of(on)
        .filter(concerns | Q(target__number__in=series.shared_targets))
        .select_related("lead_unit", "target")
        .order_by("target__number")
    )


def targets_of(series: LetterSeries, receiver: Unit, *, on: date) -> list[TargetTerms]:
    """List the terms that the letter to a unit states, as the ledger stands on a day."""
    return list(owed_by([receiver], series=series, on=on))


def tasks_of(series: LetterSeries, receiver: Unit) -> list[TaskLine]:
    """List the works of the year that a unit leads or acts on, as the task lists have them now."""
    found = (
        Work.objects.filter(Q(lead_unit=receiver) | Q(acting_unit=receiver), task_list__year=series.year)
        .exclude(state=WorkState.DROPPED.value)
        .select_related("lead_unit", "acting_unit")
        .order_by(F("planned_finish").asc(nulls_last=True), "number")
    )
    if series.pillars:
        found = found.filter(pillar__in=series.pillars)
    return [
        TaskLine(
            title=work.title,
            demand=work.requirement,
            due=say_date(work.planned_finish) if work.planned_finish else sentence("masked"),
            department=(work.acting_unit or work.lead_unit).name,
            task=work.number,
        )
        for work in found
    ]


def values_of(series: LetterSeries, receiver: Unit) -> dict[str, object]:
    """Give what is put into the places of a template."""
    return {"year": series.year, "topic": series.topic, "issuer": series.issuer.name, "receiver": receiver.name}


def compose(series: LetterSeries, receiver: Unit, *, on: date) -> Content:
    """Compose the letter to a unit as the ledger stands on a day."""
    template, values = series.sound_template, values_of(series, receiver)
    return Content(
        title=fill(template.title, values),
        issuer=series.issuer.name,
        receiver=receiver.name,
        parts=filled(template.parts, values),
        targets=tuple(stated(terms) for terms in targets_of(series, receiver, on=on)),
        tasks=tuple(tasks_of(series, receiver)),
        is_invented=series.is_invented,
    )


def filled(parts: Sequence[Part], values: Mapping[str, object]) -> tuple[Part, ...]:
    """Put values into the words of parts."""
    return tuple(
        Part(part.part, fill(part.heading, values), tuple(fill(words, values) for words in part.words))
        for part in parts
    )
