"""The science of surface water: classes of samples and of periods, what decides them and by how much they exceed.

Frames in, frames out; every number it judges by stands in `heqing.rulebook`. Start at `heqing.water.classes`.
"""

from heqing.water.classes import water_class
from heqing.water.periods import period_water_class
from heqing.water.trophic import trophic_index

__all__ = ["period_water_class", "trophic_index", "water_class"]
