"""The science of energy: standard coal, energy per value added and its fall, headroom set free, coal reduced.

Any frame in, the same kind out (`heqing.tables.door`); coefficients stand in `heqing.rulebook`, family
``standard_coal``. Start at `heqing.energy.coal_equivalent`.
"""

from heqing.energy.coal_equivalent import coal_use, standard_coal
from heqing.energy.intensity import fall_from_rates, freed_headroom, intensity_fall

__all__ = ["coal_use", "fall_from_rates", "freed_headroom", "intensity_fall", "standard_coal"]
