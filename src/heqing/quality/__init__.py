"""Checks of series: stale repeats, repeated hours, clocks with daylight saving, places that change their name.

A check puts a flag beside a value and never changes one. What is looked for, and by which number, is data:
``tables/treatments.csv`` and ``tables/stale_lengths.csv``. Single cells are read at the doors: see `heqing.store`.
"""

from heqing.quality.series import flag_series
from heqing.quality.survey import Finding, Survey, look_over

__all__ = ["Finding", "Survey", "flag_series", "look_over"]
