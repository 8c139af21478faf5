"""Whether a series of periods rises or falls: the rank correlation test that air and water share.

Any frame in, the same kind out (`heqing.tables.door`); critical values stand in family ``trend_test``. The change
between two periods is the matter of each science.
"""

from heqing.trends.rank_correlation import trend_test

__all__ = ["trend_test"]
