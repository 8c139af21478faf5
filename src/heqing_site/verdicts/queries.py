"""What can be asked of verdicts. Nothing here writes, and nothing here reads the clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import get_language

from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.rules import Light, Standing
from heqing_site.verdicts.models import TargetVerdict

SEVERITY = {Light.GREEN: 0, Light.GREY: 1, Light.YELLOW: 2, Light.RED: 3}


def newest(*, as_of: date, targets: Iterable[int] | None = None) -> QuerySet[TargetVerdict]:
    """Select for each target the newest verdict of a day not after `as_of`."""
    last = (
        TargetVerdict.objects.filter(target=OuterRef("pk"), day__lte=as_of).order_by("-day", "-number").values("pk")[:1]
    )
    chosen = Target.objects.order_by()
    if targets is not None:
        chosen = chosen.filter(pk__in=list(targets))
    return TargetVerdict.objects.filter(pk__in=chosen.annotate(last=Subquery(last)).values("last"))


def latest(*, as_of: date, targets: Iterable[int] | None = None) -> dict[int, TargetVerdict]:
    """Give for each target its newest verdict of a day not after `as_of`; targets never judged are left out."""
    return {row.target_id: row for row in newest(as_of=as_of, targets=targets).select_related("terms__lead_unit")}


def standings(terms: list[TargetTerms], as_of: date) -> dict[int, Standing]:
    """Tell the ledger how its targets stand (setting ``LEDGER_STANDING``)."""
    language = get_language()
    return {
        key: Standing(value=row.number_of_value, light=Light(row.light), reason=row.say(language))
        for key, row in latest(as_of=as_of, targets=[row.target_id for row in terms]).items()
    }


@dataclass(frozen=True)
class LightChange:
    """A target whose light is another than on an earlier day."""

    verdict: TargetVerdict
    before: Light | None

    @property
    def is_worse(self) -> bool:
        """Whether it got worse."""
        return self.before is not None and SEVERITY[Light(self.verdict.light)] > SEVERITY[self.before]


def light_changes(*, since: date, until: date) -> list[LightChange]:
    """List the targets whose light on `until` is another than on `since`, those that got worse first."""
    old = {key: Light(row.light) for key, row in latest(as_of=since).items()}
    found = [
        LightChange(row, old.get(key))
        for key, row in latest(as_of=until).items()
        if old.get(key) is not Light(row.light)
    ]
    return sorted(found, key=lambda change: (not change.is_worse, change.verdict.target_id))


def history(target: Target, *, first: date, last: date) -> list[TargetVerdict]:
    """List the newest verdict of each day of a target, oldest first."""
    rows = TargetVerdict.objects.filter(target=target, day__range=(first, last)).order_by("day", "number")
    return list({row.day: row for row in rows}.values())
