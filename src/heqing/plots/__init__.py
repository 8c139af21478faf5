"""Pictures (图) of judged frames, for notebooks and reports: drawn with matplotlib, which extra ``plots`` brings.

Each takes any frame (`heqing.tables.door`) and gives the matplotlib Axes it drew on. It judges nothing: levels, classes
and limits come with the frame or from the rulebook, and so do the colours. `page` and `title` are for pictures of
your own in the same fonts. Start at `heqing.plots.air_calendar`.
"""

from heqing.plots.air_calendar import aqi_calendar
from heqing.plots.allowance import remaining_allowance
from heqing.plots.class_ribbon import class_ribbon
from heqing.plots.drawing import page, title
from heqing.plots.exceedance import exceedance_curve

__all__ = ["aqi_calendar", "class_ribbon", "exceedance_curve", "page", "remaining_allowance", "title"]
