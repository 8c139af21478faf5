"""Results kept beside the observations of a store, and judged again only where new rows touch them.

It composes `heqing.store` and the sciences; no rule of the law stands here. See `heqing.results.air` for the days,
months and years of ambient air, `heqing.results.kept` for where they lie.
"""

from heqing.results.air import Refreshed, air_results, refresh_air

__all__ = ["Refreshed", "air_results", "refresh_air"]
