"""Where frames come in and live: the doors for files, and Delta tables of observations.

It knows tables and no science. Look next at `heqing.store.intake` (doors) and `heqing.store.observations`.
"""

from heqing.store.intake import Intake, Problem, open_frame

__all__ = ["Intake", "Problem", "open_frame"]
