"""Verdicts: is a promise kept, missed, or not yet to be told; its light, what remains, and why.

It computes from plain values and frames; it reads no clock and stores nothing. Thresholds of lights are dated data in
``rulebook/schemes``. Start at `heqing.verdicts.judgement`; values of instruments are made in `heqing.verdicts.values`.
"""

from heqing.verdicts.course import day_budget, judged_bound, planned_value, remaining_mean
from heqing.verdicts.judgement import Light, Remaining, Verdict, judge
from heqing.verdicts.promises import Evidence, Kind, Promise, kind_of
from heqing.verdicts.schemes import Scheme, Threshold, default_scheme, scheme_names, scheme_on
from heqing.verdicts.values import Measured, city_days, section_months, statistics_read, value_to_date

__all__ = [
    "Evidence",
    "Kind",
    "Light",
    "Measured",
    "Promise",
    "Remaining",
    "Scheme",
    "Threshold",
    "Verdict",
    "city_days",
    "day_budget",
    "default_scheme",
    "judge",
    "judged_bound",
    "kind_of",
    "planned_value",
    "remaining_mean",
    "scheme_names",
    "scheme_on",
    "section_months",
    "statistics_read",
    "value_to_date",
]
