"""Verdicts: is a promise kept, missed, or not yet to be told; its light, what remains, and why.

It computes from plain values and frames; it reads no clock and stores nothing. Thresholds of lights are dated data in
``rulebook/schemes``. Start at `heqing.verdicts.judgement`; values of instruments are made in `heqing.verdicts.values`.
"""

from heqing.verdicts.calendars import Calendar, Span, calendar_of, name_of_period, span_of, spans_in
from heqing.verdicts.course import day_budget, judged_bound, percentile_budget, planned_value, remaining_mean
from heqing.verdicts.judgement import Light, Remaining, Verdict, judge
from heqing.verdicts.measured import Measured
from heqing.verdicts.methods import Method, method_on, window_in
from heqing.verdicts.promises import Evidence, Kind, Promise, kind_of
from heqing.verdicts.regimes import pins, regime_on, regimes
from heqing.verdicts.schemes import Scheme, Threshold, default_scheme, scheme_names, scheme_on
from heqing.verdicts.section_values import section_months
from heqing.verdicts.telling import Telling, tell
from heqing.verdicts.values import city_days, monthly_profile, statistics_read, value_to_date

__all__ = [
    "Calendar",
    "Evidence",
    "Kind",
    "Light",
    "Measured",
    "Method",
    "Promise",
    "Remaining",
    "Scheme",
    "Span",
    "Telling",
    "Threshold",
    "Verdict",
    "calendar_of",
    "city_days",
    "day_budget",
    "default_scheme",
    "judge",
    "judged_bound",
    "kind_of",
    "method_on",
    "monthly_profile",
    "name_of_period",
    "percentile_budget",
    "pins",
    "planned_value",
    "regime_on",
    "regimes",
    "remaining_mean",
    "scheme_names",
    "scheme_on",
    "section_months",
    "span_of",
    "spans_in",
    "statistics_read",
    "tell",
    "value_to_date",
    "window_in",
]
