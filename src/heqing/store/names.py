"""Places that a file names and the store does not know, where others of the city have just stopped reporting.

A place may have changed its name between two files; nothing merges by itself, so both names are told. Names that change
within one file are found in `heqing.quality`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from heqing.store import delta
from heqing.store.intake import Intake
from heqing.store.shapes import place_column
from heqing.tables import setting, treatments

_CODE = "place_succession"


@dataclass(frozen=True)
class Succession:
    """Names of one city that ended in the store, and those that begin in the file."""

    city: str
    ended: tuple[str, ...]
    begun: tuple[str, ...]
    time: datetime

    def sentence(self, language: str = "zh") -> str:
        """Say it in words, by ``treatments.csv``."""
        names = "、" if language == "zh" else ", "
        place = f"{self.city} {names.join(self.ended)} → {names.join(self.begun)}"
        return treatments()[_CODE].sentence(
            language, count=len(self.begun), place=place, time=f"{self.time:%Y-%m-%d %H:%M}"
        )


def successions(store: Path | str, intake: Intake) -> list[Succession]:
    r"""Find where a file goes on for a city under names the store does not know, without names it knew.

    Parameters
    ----------
    store : path
        The store's directory; one that is not there yet knows nothing.
    intake : Intake
        An opened file of places with their ``city``; a file without cities is not looked at.

    Returns
    -------
    list of Succession
        By city. Looked at are the places whose values in the store end within the hours that ``treatments.csv`` sets
        (unconfirmed) before the file's first time; a name that the store ever held is none that begins.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC
    >>> from heqing.store import import_frame, open_frame
    >>> folder = Path(tempfile.mkdtemp())
    >>> head = "time,city,station,pm2_5\n"
    >>> _ = (folder / "a.csv").write_text(head + "2020-03-31 23:00,无锡,甲,35\n")
    >>> _ = (folder / "b.csv").write_text(head + "2020-04-01 01:00,无锡,乙,35\n")
    >>> _ = import_frame(folder / "store", open_frame(folder / "a.csv", domain="air"), recorded_at=datetime.now(UTC))
    >>> successions(folder / "store", open_frame(folder / "b.csv", domain="air"))[0].sentence("en")[:68]
    '1 place(s) seem to have changed their name (the first: 无锡 甲 → 乙, 202'
    """
    column = place_column(intake.domain)
    present = intake.frame.collect_schema().names()
    if not {"city", column} <= set(present) or not (Path(store) / "observations").is_dir():
        return []
    time = pl.col(intake.time_column).cast(pl.Datetime("us"))
    named = intake.frame.filter(time.is_not_null()).select(
        city=pl.col("city").cast(pl.String), place=pl.col(column).cast(pl.String), time=time
    )
    there = named.drop_nulls().group_by("city", "place").agg(pl.col("time").min()).collect(engine="streaming")
    if there.is_empty():
        return []
    first: datetime = there.select(pl.col("time").min()).item()
    held = delta.read_table(Path(store), "observations").filter(pl.col("domain") == intake.domain)
    near = held.filter(
        pl.col("year").is_between(first.year - 1, first.year),
        pl.col("period_end").is_between(first - timedelta(hours=setting(_CODE)), first),
        pl.col("city").is_in(there["city"].unique().implode()),
    )
    before = near.select("city", "place").drop_nulls().unique().collect(engine="streaming")
    ended = before.join(there, on=["city", "place"], how="anti")
    begun = there.join(before, on=["city", "place"], how="anti").join(ended, on="city", how="semi")
    if begun.is_empty():
        return []
    ever = held.filter(pl.col("place").is_in(begun["place"].implode())).select("city", "place").unique()
    begun = begun.join(ever.collect(engine="streaming"), on=["city", "place"], how="anti").sort("city", "time", "place")
    return [
        Succession(
            str(city),
            tuple(ended.filter(pl.col("city") == city)["place"].sort()),
            tuple(rows["place"]),
            rows["time"][0],
        )
        for (city,), rows in begun.group_by("city", maintain_order=True)
    ]
