"""What is known of one target on a day, as every source of values hands it in (依据).

Plain values; look next at ``verdicts.evidence`` and ``verdicts.parts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from heqing.verdicts import Evidence, Promise


@dataclass(frozen=True)
class Known:
    """What is known of one target: the promise, the evidence, and where it came from as plain values."""

    promise: Promise
    evidence: Evidence
    inputs: dict[str, Any]
    course: tuple[tuple[date, Decimal], ...] = ()  # values by day, for a sum that wants all parts on one day
