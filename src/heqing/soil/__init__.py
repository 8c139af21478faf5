"""The science of soil: results of samples against screening and control values, and what they mean for a parcel.

Any frame in, the same kind out (`heqing.tables.door`); every number it judges by stands in `heqing.rulebook`. Start at
`heqing.soil.construction`.
"""

from heqing.soil.construction import construction_parcels, construction_soil
from heqing.soil.farmland import farmland_plots, farmland_soil
from heqing.soil.safe_use import safe_use_rate

__all__ = ["construction_parcels", "construction_soil", "farmland_plots", "farmland_soil", "safe_use_rate"]
