"""How far the hourly index agrees with what the national centre published; used by a test and by `make figures`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from heqing.air import hourly_index
from heqing.editions import table

FOLDER = "data/air_station_hourly_cnemc"
FILES = ("station_hourly_2020-03-26_04-08.parquet", "snapshot_2017-07-07T16.parquet")
# Names of pollutants as the publisher writes them, and our item codes.
PUBLISHED_NAMES = {
    "细颗粒物(PM2.5)": "pm2_5",
    "颗粒物(PM10)": "pm10",
    "二氧化硫": "so2",
    "二氧化氮": "no2",
    "一氧化碳": "co",
    "臭氧1小时": "o3",
}


@dataclass(frozen=True)
class Agreement:
    """One published quantity: rows compared, rows equal, rows marked unconfirmed among them."""

    what: str
    compared: int
    equal: int
    unconfirmed: int

    @property
    def share(self) -> float:
        """Percent of rows that are equal."""
        return 100 * self.equal / self.compared


def hourly_agreement(shared_dir: Path, file: str) -> list[Agreement]:
    """Compare index, level and primary pollutants of all rows for which the publisher stated an index."""
    frame = pl.scan_parquet(shared_dir / FOLDER / file).rename({"pm25": "pm2_5"})
    words = dict(table("air_index", "categories").filter(pl.col("phase_no") == 0).select("category_zh", "level").rows())
    rows = hourly_index(frame).filter(pl.col("aqi_in").is_not_null()).collect()
    theirs = rows["primary_pollutant"].fill_null("").str.split(",").to_list()
    named = [{PUBLISHED_NAMES[n] for n in names if n not in ("", "—")} for names in theirs]
    ours = [set(p.split(",")) if p else set() for p in rows["primary_pollutants"].to_list()]
    level = rows["level_in"].replace_strict(words, return_dtype=pl.Int32)
    equal = {
        "AQI": (rows["aqi"] == rows["aqi_in"]).sum(),
        "level": (rows["level"] == level).sum(),
        "primary pollutants": sum(a == b for a, b in zip(named, ours, strict=True)),
    }
    unsure = int(rows["unconfirmed"].sum())
    return [Agreement(f"{what}, {file}", rows.height, int(n), unsure) for what, n in equal.items()]
