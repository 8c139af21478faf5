"""What is known of one target on a day, as every source of values hands it in (依据).

Plain values; look next at ``verdicts.evidence`` and ``verdicts.parts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from heqing.verdicts import Calendar, Evidence, Method, Promise, method_on


@dataclass(frozen=True)
class Known:
    """What is known of one target: the promise, the evidence, where it came from, and by which method it is judged.

    `places` and `window` belong to the method (rounding; each month by itself); its settings are those of the day.
    """

    promise: Promise
    evidence: Evidence
    inputs: dict[str, Any]
    course: tuple[tuple[date, Decimal], ...] = ()  # values by day, for a sum that wants all parts on one day
    places: int | None = None
    window: Calendar | None = None

    def method(self, on: date) -> Method:
        """Give the method of judging on a day."""
        return method_on(on, window=self.window, places=self.places)
