"""``heqing assess``: judge a file of measurements or amounts by the standards in force on each row's day.

Each verb opens the file, calls the science and writes the result; no rule stands here.
"""

from __future__ import annotations

import typer

from heqing.cli.assess.air import air
from heqing.cli.assess.water import water

assess = typer.Typer(
    help="Judge measurements and amounts by the standards in force on each row's day.", no_args_is_help=True
)
assess.command("air")(air)
assess.command("water")(water)
