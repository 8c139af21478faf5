"""Where frames come in and live: the doors for files, and Delta tables of observations.

It knows tables and no science. Look next at `heqing.store.intake` (doors) and `heqing.store.observations`.
"""

from heqing.store.intake import Intake, Problem, open_frame
from heqing.store.names import Succession, successions
from heqing.store.observations import Imported, batches, current, history, import_frame, rejects
from heqing.store.shapes import to_long, to_wide

__all__ = [
    "Imported",
    "Intake",
    "Problem",
    "Succession",
    "batches",
    "current",
    "history",
    "import_frame",
    "open_frame",
    "rejects",
    "successions",
    "to_long",
    "to_wide",
]
