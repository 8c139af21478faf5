"""The science of surface water: classes of samples and of periods, what decides them and by how much they exceed.

Any frame in, the same kind out (`heqing.tables.door`); every number it judges by stands in `heqing.rulebook`. Start at
`heqing.water.classes`.
"""

from heqing.water.basins import basin_grade
from heqing.water.black_odorous import black_odorous_points, black_odorous_samples, black_odorous_waters
from heqing.water.blooms import bloom_grade, bloom_of_water
from heqing.water.changes import change_of_grade, change_of_shares
from heqing.water.city_index import city_water_index, water_index
from heqing.water.city_ranking import rank_cities
from heqing.water.classes import water_class
from heqing.water.drinking import source_attainment, source_rates
from heqing.water.elimination import elimination_rates
from heqing.water.groundwater import groundwater_class
from heqing.water.handover import handover_grade
from heqing.water.inflows import deduct_inflows
from heqing.water.lakes import lake_water_class
from heqing.water.periods import period_water_class
from heqing.water.pollutants import main_pollutants
from heqing.water.shares import section_shares
from heqing.water.targets import target_attainment
from heqing.water.trophic import trophic_index

__all__ = [
    "basin_grade",
    "black_odorous_points",
    "black_odorous_samples",
    "black_odorous_waters",
    "bloom_grade",
    "bloom_of_water",
    "change_of_grade",
    "change_of_shares",
    "city_water_index",
    "deduct_inflows",
    "elimination_rates",
    "groundwater_class",
    "handover_grade",
    "lake_water_class",
    "main_pollutants",
    "period_water_class",
    "rank_cities",
    "section_shares",
    "source_attainment",
    "source_rates",
    "target_attainment",
    "trophic_index",
    "water_class",
    "water_index",
]
