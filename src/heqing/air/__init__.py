"""Ambient air: index, daily values, evaluation of a period, composite index.

Every function takes any frame (`heqing.tables.door`) and gives the same rows back with more columns, or says that it
aggregates. Limits, nodes, minimum counts and decimals are dated data in ``rulebook/standards``; no number of the law
stands in this package.
"""

from heqing.air.attainment import attaining_day
from heqing.air.composite import composite_index
from heqing.air.daily import city_daily_values, daily_values, distinct_days
from heqing.air.exceedance import exceedance_ratios
from heqing.air.exclusions import exclude_days, listed_days
from heqing.air.hourly import hourly_values
from heqing.air.index import daily_index, hourly_index
from heqing.air.periods import period_statistics, ratio_percent
from heqing.air.ranking import beside_year_before, rank_cities
from heqing.air.steps import sub_index
from heqing.air.straddling import both_regimes

__all__ = [
    "attaining_day",
    "beside_year_before",
    "both_regimes",
    "city_daily_values",
    "composite_index",
    "daily_index",
    "daily_values",
    "distinct_days",
    "exceedance_ratios",
    "exclude_days",
    "hourly_index",
    "hourly_values",
    "listed_days",
    "period_statistics",
    "rank_cities",
    "ratio_percent",
    "sub_index",
]
