"""Rows judged part by part: a dataset of many files, what is asked of it, the work of one part, Spark to share it out.

Places are dealt out whole, so that every rule sees all rows it needs and a part's result equals its piece of the whole.
No rule stands here. Start at `heqing.spread.dataset`; only `heqing.spread.spark` knows a cluster.
"""

from heqing.spread.assessments import Assessment, air_assessment, water_assessment
from heqing.spread.dataset import Dataset, open_dataset
from heqing.spread.parts import Opening

__all__ = ["Assessment", "Dataset", "Opening", "air_assessment", "open_dataset", "water_assessment"]
