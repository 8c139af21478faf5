"""A month with verdicts, reports, sections and air, made by hand, and who may publish it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from tests.site.conftest import AT
from tests.site.reporting.conftest import deed, office, submitted, target  # noqa: F401  fixtures of the room below

from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import terms_of
from heqing_site.reporting.rules import Kind, around
from heqing_site.verdicts.evidence import Readings
from heqing_site.verdicts.models import TargetVerdict

FEBRUARY = around(Kind.MONTH, date(2026, 2, 1))
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
AS_OF = date(2026, 3, 10)
READINGS: dict[str, Readings | None] = {"now": None}


def readings_now(*, on: date) -> Readings | None:
    """Give the measurements that a test put there."""
    return READINGS["now"]


@pytest.fixture(autouse=True)
def _measured(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("heqing_site.scorecards.causes.readings", readings_now)
    yield
    READINGS["now"] = None


@pytest.fixture
def measured() -> Callable[..., None]:
    """Put measurements there: classes of sections in February, and days of air with their index."""

    def put(classes: dict[str, int | None] | None = None, aqi: list[int | None] | None = None) -> None:
        water = pl.LazyFrame(
            [{"section": name, "period": "2026-02", "water_class": found} for name, found in (classes or {}).items()],
            schema={"section": pl.String, "period": pl.String, "water_class": pl.Int64},
        )
        air = pl.LazyFrame(
            [
                {"day": date(2026, 2, n), "aqi": value, "good_day": None if value is None else value <= 100}
                for n, value in enumerate(aqi or [], start=1)
            ],
            schema={"day": pl.Date, "aqi": pl.Int64, "good_day": pl.Boolean},
        )
        READINGS["now"] = Readings(air=lambda stations: air, water=lambda: water)

    return put


@pytest.fixture
def judged(target: Callable[..., Target]) -> Callable[..., TargetVerdict]:  # noqa: F811
    """Adopt a target and give it a light on the last day of February."""

    def put(light: str, *, day: date = FEBRUARY.last, on: Target | None = None, **facts: Any) -> TargetVerdict:
        aim = on or target(**facts)
        terms = terms_of(aim, as_of=date(2026, 12, 31))
        assert terms is not None
        return TargetVerdict.objects.create(
            target=aim,
            terms=terms,
            day=day,
            number=1,
            kind="level",
            light=light,
            scheme="heqing",
            light_edition="heqing lights 1",
            reason="behind_points(12)" if light in ("red", "yellow") else "on_schedule",
            recorded_at=AT,
        )

    return put
