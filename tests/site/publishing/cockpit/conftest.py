"""Targets and places of the rooms below, and verdicts written by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.site.conftest import AT
from tests.site.places.conftest import places  # noqa: F401  fixture of the room below
from tests.site.reporting.conftest import deed, office, submitted, target  # noqa: F401  fixtures of the room below

from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import terms_of
from heqing_site.verdicts.models import TargetVerdict


def put(of: Target, day: date, light: str, **facts: Any) -> TargetVerdict:
    """Write one verdict by hand."""
    terms = terms_of(of, as_of=day)
    assert terms is not None
    value = facts.pop("value", None)
    made: dict[str, Any] = {
        "kind": "amount",
        "value": value,
        "value_as_of": None if value is None else day,
        "scheme": "heqing",
        "light_edition": "heqing_1",
        "reason": "on_schedule",
        "recorded_at": AT,
        "number": 1 + TargetVerdict.objects.filter(target=of, day=day).count(),
        **facts,
    }
    return TargetVerdict.objects.create(target=of, terms=terms, day=day, light=light, **made)
