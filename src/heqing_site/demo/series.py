"""Hours of air and four-hourly samples of water of the invented district, from a seed. Plain: no Django, no clock.

One weather drives everything: calm days pile up particles, rain washes them out and stirs the rivers, sun makes
ozone. On it lie season, hour, weekday, episodes (haze, dust, ozone, nightly discharge), gaps and faults, so that what
an office meets is met here too. The series begins on a fixed day and every random number has its place in time: a
longer series has the shorter one as its beginning, and a day that is added later changes nothing before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

EPOCH = date(2020, 1, 1)  # a Wednesday
EPOCH_WEEKDAY = 2
SAMPLES_A_DAY = 6
DETECTION_LIMIT = 0.025  # of ammonia nitrogen, mg/L, as a usual instrument prints it

Floats = NDArray[np.float64]
Row = Mapping[str, str]


@dataclass(frozen=True)
class Weather:
    """Days of weather from the epoch on, each an array over days."""

    season: Floats  # 1 in the middle of January, -1 in the middle of July
    month: NDArray[np.int64]
    weekday: NDArray[np.int64]  # 0 is Monday
    day_of_month: NDArray[np.int64]
    calm: Floats  # how still the air is; mean 0, spread 1
    warmth: Floats  # departure from the season; mean 0, spread 1
    rain: Floats  # mm
    runoff: Floats  # what the rain of the last days still carries into the rivers
    haze: Floats  # factor on particles
    dust: Floats  # added PM10, µg/m³
    smog: Floats  # factor on ozone


def air_hours(stations: Sequence[Row], *, first: date, last: date, seed: int) -> pl.DataFrame:
    """Make the hours of some stations from one day to another, both whole.

    Parameters
    ----------
    stations : sequence of mapping
        Rows of ``district/stations.csv``: ``city``, ``name``, and the factors ``dust``, ``traffic``, ``ozone``.
    first, last : datetime.date
        The days; the first not before the epoch.
    seed : int
        Of all random numbers.

    Returns
    -------
    polars.DataFrame
        ``city, station, time`` [the hour's end, local] and the items as a station's file has them, gaps and faults
        included.
    """
    days = _days(first, last)
    sky = weather(days, seed)
    hours, width = days * 24, len(stations)
    day = np.arange(hours) // 24
    hour = (np.arange(hours) % 24 + 0.5)[:, None]
    dust, traffic, sun = (
        np.array([float(row[name]) for row in stations])[None, :] for name in ("dust", "traffic", "ozone")
    )

    def along(values: Floats) -> Floats:
        return values[day][:, None]

    def wobble(stream: int, phi: float) -> Floats:
        return _remembering(_rng(seed, stream).standard_normal((hours, width)), phi)

    weekend = along((sky.weekday >= 5).astype(float))
    washed = 1 - 0.38 * np.minimum(along(sky.rain) / 12, 1)
    rush = _bump(hour, 8.0, 1.6) + 0.9 * _bump(hour, 18.5, 2.0)
    night = _bump(hour, 23.0, 3.0) + _bump(hour, -1.0, 3.0)
    noon = _bump(hour, 14.5, 3.2)
    winter, calm = along(sky.season), along(sky.calm)

    fine = 24.0 * np.exp(0.40 * winter + 0.36 * calm) * along(sky.haze) * washed * dust * (1 - 0.05 * weekend)
    fine = fine * (0.90 + 0.16 * rush + 0.14 * night - 0.10 * noon) * np.exp(0.20 * wobble(11, 0.85))
    coarse = 14 * np.exp(0.30 * wobble(12, 0.8)) * washed * dust + along(sky.dust)
    no2 = 22 * np.exp(0.30 * winter + 0.24 * calm) * traffic * (1 - 0.20 * weekend) * (0.95 - 0.25 * noon)
    no2 = no2 * (0.85 + 0.45 * rush + 0.10 * night) * np.exp(0.18 * wobble(13, 0.7))
    sunshine = 1 - 0.50 * np.minimum(along(sky.rain) / 8, 1)
    ozone = (46 - 14 * winter) * (1 - 0.30 * rush) + (66 - 44 * winter) * noon * sunshine * along(sky.smog) * np.exp(
        0.10 * along(sky.warmth)
    )
    ozone = ozone * sun * np.exp(0.10 * wobble(14, 0.8)) - 0.18 * (no2 - 22)
    so2 = 6.5 * np.exp(0.15 * winter + 0.15 * calm + 0.22 * wobble(15, 0.7)) * dust
    co = 0.58 * np.exp(0.16 * winter + 0.20 * calm + 0.10 * wobble(16, 0.8)) * (0.9 + 0.2 * rush)
    values = {
        "pm2_5": np.maximum(fine, 2),
        "pm10": np.maximum(fine * 1.18 + coarse, 4),
        "so2": np.maximum(so2, 2),
        "no2": np.maximum(no2, 3),
        "co": np.maximum(co, 0.2),
        "o3": np.maximum(ozone, 3),
    }
    written = {item: np.round(found, 1 if item == "co" else 0) for item, found in values.items()}
    _stick(written["pm2_5"], _starts(seed, 21, hours, width, 0.0004), length=11)
    for number, found in enumerate(written.values()):
        found[_rng(seed, 30 + number).random((hours, width)) < 0.006] = np.nan
    calibrated = (np.arange(hours) % (7 * 24) == 26)[:, None] & np.ones((1, width), bool)
    for item in ("so2", "no2", "co", "o3"):  # the weekly check of zero and span
        written[item][calibrated] = np.nan
    out = _outages(seed, 40, hours, width, rate=0.0005, longest=40)
    for found in written.values():
        found[out] = np.nan
    written["so2"][_rng(seed, 41).random((hours, width)) < 0.00012] = -5  # drift below zero
    written["pm10"][_rng(seed, 42).random((hours, width)) < 0.00006] = 99999  # an instrument's word for “error”

    whole = pl.DataFrame(
        {
            "city": np.tile([row["city"] for row in stations], hours),
            "station": np.tile([row["name"] for row in stations], hours),
            "time": np.repeat(_moments(hours, 3600) + np.timedelta64(3600, "s"), width),
            **{item: found.ravel() for item, found in written.items()},
        }
    )
    return _spell(whole.slice(_days(EPOCH, first) * 24 * width - 24 * width), list(written))


def water_samples(sections: Sequence[Row], *, first: date, last: date, seed: int) -> pl.DataFrame:
    """Make the four-hourly samples of some sections from one day to another, both whole.

    Parameters
    ----------
    sections : sequence of mapping
        Rows of ``district/sections.csv``: ``name``, ``body_type``, the usual ``codmn``, ``nh3n``, ``tp``, ``tn``
        [mg/L], and the factors ``oxygen``, ``rain``, ``discharge``.
    first, last : datetime.date
        The days; the first not before the epoch.
    seed : int
        Of all random numbers.

    Returns
    -------
    polars.DataFrame
        ``section, time`` [local], ``body_type`` and the items as a section's file has them: gaps, faults and values
        below the detection limit included.
    """
    days = _days(first, last)
    sky = weather(days, seed)
    count, width = days * SAMPLES_A_DAY, len(sections)
    day = np.arange(count) // SAMPLES_A_DAY
    hour = (np.arange(count) % SAMPLES_A_DAY * (24 // SAMPLES_A_DAY))[:, None]
    usual = {
        name: np.array([float(row[name]) for row in sections])[None, :]
        for name in ("codmn", "nh3n", "tp", "tn", "oxygen", "rain", "discharge")
    }
    is_lake = np.array([row["body_type"] == "lake" for row in sections])[None, :]

    def along(values: Floats) -> Floats:
        return values[day][:, None]

    def wobble(stream: int, phi: float = 0.94) -> Floats:
        return _remembering(_rng(seed, stream).standard_normal((count, width)), phi)

    winter, stirred = along(sky.season), along(sky.runoff) * usual["rain"]
    light = np.cos(2 * np.pi * (hour - 15) / 24)
    warmth = 17.5 - 10.5 * winter + 1.8 * along(sky.warmth) + 0.7 * light + 0.4 * wobble(51)
    warmth = np.maximum(warmth, 2.5)
    full = 14.62 - 0.3898 * warmth + 0.006969 * warmth**2 - 5.897e-5 * warmth**3  # oxygen that water can hold
    grown = np.where(is_lake, np.exp(-0.30 * winter), np.exp(-0.05 * winter))  # algae of the summer
    nights = along(((sky.day_of_month >= 9) & (sky.day_of_month <= 13)).astype(float)) * (hour <= 4)
    spilt = usual["discharge"] * nights * np.exp(0.25 * wobble(52, 0.5))
    values = {
        "water_temperature": warmth,
        "ph": 7.55 + 0.12 * light + 0.10 * wobble(53) + np.where(is_lake, 0.35 - 0.25 * winter, 0.0),
        "do": full * usual["oxygen"] * (1 + 0.05 * light) * (1 - 0.08 * stirred) * np.exp(0.05 * wobble(54)),
        "codmn": usual["codmn"] * (1 + 0.16 * stirred) * np.exp(0.11 * wobble(55)) + 1.2 * spilt,
        "nh3n": usual["nh3n"] * (1 + 0.35 * stirred) * np.exp(0.20 * winter + 0.26 * wobble(56)) + 1.25 * spilt,
        "tp": usual["tp"] * (1 + 0.28 * stirred) * grown * np.exp(0.14 * wobble(57)) + 0.06 * spilt,
        "tn": usual["tn"] * (1 + 0.15 * stirred) * np.exp(0.08 * winter + 0.12 * wobble(58)) + 1.0 * spilt,
    }
    places = {"water_temperature": 1, "ph": 2, "do": 2, "codmn": 1, "nh3n": 3, "tp": 3, "tn": 2}
    written = {item: np.round(np.maximum(found, 0.001), places[item]) for item, found in values.items()}
    _stick(written["do"], _starts(seed, 61, count, width, 0.0008), length=9)
    for number, found in enumerate(written.values()):
        found[_rng(seed, 70 + number).random((count, width)) < 0.008] = np.nan
    out = _outages(seed, 80, count, width, rate=0.0009, longest=30)
    for found in written.values():
        found[out] = np.nan
    written["ph"][_rng(seed, 81).random((count, width)) < 0.00015] = 19.99
    written["codmn"][_rng(seed, 82).random((count, width)) < 0.00015] = -0.4

    whole = pl.DataFrame(
        {
            "section": np.tile([row["name"] for row in sections], count),
            "time": np.repeat(_moments(count, 86400 // SAMPLES_A_DAY), width),
            "body_type": np.tile([row["body_type"] for row in sections], count),
            **{item: found.ravel() for item, found in written.items()},
        }
    )
    past = (_days(EPOCH, first) - 1) * SAMPLES_A_DAY * width
    spelt = _spell(whole.slice(past), list(written))
    is_below = pl.col("nh3n").cast(pl.Float64, strict=False) < DETECTION_LIMIT
    return spelt.with_columns(pl.when(is_below).then(pl.lit(f"{DETECTION_LIMIT}L")).otherwise("nh3n").alias("nh3n"))


def weather(days: int, seed: int) -> Weather:
    """Make the weather of some days from the epoch on."""
    dates = np.datetime64(EPOCH, "D") + np.arange(days)
    months = dates.astype("datetime64[M]")
    of_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
    month = months.astype(np.int64) % 12 + 1
    season = np.cos(2 * np.pi * (of_year - 14) / 365.25)
    rng = [_rng(seed, stream) for stream in range(10)]
    calm = _remembering(rng[0].standard_normal((days, 1)), 0.72)[:, 0]
    warmth = _remembering(rng[1].standard_normal((days, 1)), 0.85)[:, 0]
    wet = _remembering(rng[2].standard_normal((days, 1)), 0.5)[:, 0] > 0.55 + 0.30 * season
    rain = np.where(wet, -np.log1p(-rng[3].random(days)) * (11 - 5 * season), 0.0)
    runoff = np.minimum(_decaying(rain, 0.55) / 18, 3.0)
    haze = _episode(rng[4].random(days) < 0.055, np.isin(month, (11, 12, 1, 2)), length=4)
    dust = _episode(rng[5].random(days) < 0.035, np.isin(month, (3, 4)), length=2)
    smog = _episode(rng[6].random(days) < 0.065, np.isin(month, (5, 6, 7, 8, 9)), length=4)
    dry = rain < 6
    return Weather(
        season=season,
        month=month,
        weekday=(np.arange(days) + EPOCH_WEEKDAY) % 7,
        day_of_month=(dates - months).astype(np.int64) + 1,
        calm=calm,
        warmth=warmth,
        rain=rain,
        runoff=runoff,
        haze=np.where(haze & dry, 2.1, 1.0),
        dust=np.where(dust & dry, 170.0, 0.0),
        smog=np.where(smog & dry, 1.55, 1.0),
    )


# --- how numbers are drawn and shaped -----------------------------------------------------------------------------


def _rng(seed: int, stream: int) -> np.random.Generator:
    return np.random.default_rng([seed, stream])


def _days(first: date, last: date) -> int:
    """Count the days from the epoch to the last day; the first must lie between."""
    if not EPOCH <= first <= last:
        raise ValueError(f"The series begins on {EPOCH}; {first} to {last} does not lie after it.")
    return (last - EPOCH).days + 1


def _moments(count: int, seconds: int) -> NDArray[np.datetime64]:
    return np.datetime64(EPOCH, "ms") + np.arange(count) * np.timedelta64(1000 * seconds, "ms")


def _remembering(noise: Floats, phi: float) -> Floats:
    """Make noise that remembers what was before: each value keeps a share `phi` of the last; spread stays 1."""
    return _decaying(noise, phi) * float(np.sqrt(1 - phi * phi))


def _decaying(values: Floats, phi: float) -> Floats:
    """Add to each value what earlier ones left, fading by `phi` a step, in doubling strides."""
    found = values.copy()
    stride, share = 1, phi
    while share > 1e-4 and stride < len(found):
        found[stride:] = found[stride:] + share * found[:-stride]
        stride, share = stride * 2, share * share
    return found


def _bump(hour: NDArray[np.floating[Any]], centre: float, width: float) -> Floats:
    return np.asarray(np.exp(-0.5 * ((hour - centre) / width) ** 2), dtype=np.float64)


def _episode(starts: NDArray[np.bool_], allowed: NDArray[np.bool_], *, length: int) -> NDArray[np.bool_]:
    """Let each start in its months last some days."""
    found = starts & allowed
    for step in range(1, length):
        found[step:] |= (starts & allowed)[:-step]
    return found


def _starts(seed: int, stream: int, count: int, width: int, rate: float) -> NDArray[np.bool_]:
    return _rng(seed, stream).random((count, width)) < rate


def _outages(seed: int, stream: int, count: int, width: int, *, rate: float, longest: int) -> NDArray[np.bool_]:
    """Let instruments fall silent now and then for up to so many steps."""
    drawn = _rng(seed, stream).random((count, width, 2))
    found = np.zeros((count, width), bool)
    for step, place in np.argwhere(drawn[:, :, 0] < rate):
        found[step : step + 3 + int(drawn[step, place, 1] * longest), place] = True
    return found


def _stick(values: Floats, starts: NDArray[np.bool_], *, length: int) -> None:
    """Let an instrument repeat its last value for some steps, as a clogged inlet does."""
    for step, place in np.argwhere(starts):
        values[step : step + length, place] = values[step, place]


def _spell(frame: pl.DataFrame, items: list[str]) -> pl.DataFrame:
    """Write values as a file has them: whole numbers without a point, gaps empty; rows that are all gap are missing."""
    known = frame.with_columns(pl.col(items).fill_nan(None)).filter(~pl.all_horizontal(pl.col(items).is_null()))
    return known.with_columns(
        pl.col("time").dt.strftime("%Y-%m-%d %H:%M:%S"),
        pl.col(items).cast(pl.String).str.strip_suffix(".0"),
    )
