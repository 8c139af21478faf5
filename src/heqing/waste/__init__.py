"""The science of solid waste: rates of use and cover from the amounts of a year, and whether these add up.

Any frame in, the same kind out (`heqing.tables.door`); every formula stands in `heqing.rulebook`, family
``waste_indicators``. Start at `heqing.waste.rates`.
"""

from heqing.waste.rates import waste_balance, waste_rates

__all__ = ["waste_balance", "waste_rates"]
