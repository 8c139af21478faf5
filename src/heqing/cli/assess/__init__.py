"""``heqing assess``: judge a file of measurements or amounts by the standards in force on each row's day.

Each verb opens the file, calls the science and writes the result; no rule stands here.
"""

from __future__ import annotations

import typer

from heqing.cli.assess.air import air
from heqing.cli.assess.black_odorous import black_odorous
from heqing.cli.assess.energy import energy
from heqing.cli.assess.handover import handover
from heqing.cli.assess.lakes import blooms, lakes
from heqing.cli.assess.sections import cities, rivers
from heqing.cli.assess.soil import soil
from heqing.cli.assess.sources import groundwater, sources
from heqing.cli.assess.waste import waste
from heqing.cli.assess.water import water

assess = typer.Typer(
    help="Judge measurements and amounts by the standards in force on each row's day.", no_args_is_help=True
)
assess.command("air")(air)
assess.command("water")(water)
assess.command("rivers")(rivers)
assess.command("cities")(cities)
assess.command("lakes")(lakes)
assess.command("blooms")(blooms)
assess.command("groundwater")(groundwater)
assess.command("sources")(sources)
assess.command("black-odorous")(black_odorous)
assess.command("handover")(handover)
assess.command("soil")(soil)
assess.command("waste")(waste)
assess.command("energy")(energy)
