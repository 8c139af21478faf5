"""A file looked over as a whole: what is wrong with its series, counted, and how its rows add up.

It reads the frame in parts of whole places, so that memory does not grow with the file. See `heqing.quality.series`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from heqing.quality.series import columns_read, look, thin
from heqing.tables import item, place_marks, setting, treatments

_CELLS_AT_ONCE = 12_000_000  # bounds the memory of a look
_HOUR = timedelta(hours=1)
_NIGHT = (0, 4)  # clocks are put forward and back between these hours of a Sunday
_SUNDAY = 7


@dataclass(frozen=True)
class Finding:
    """One kind of bad input in a file: how often, and where first."""

    code: str
    count: int
    place: str = ""
    time: datetime | None = None
    item: str = ""
    places: int = 0
    domain: str = ""

    def sentence(self, language: str = "zh") -> str:
        """Say it in words, by ``treatments.csv``."""
        moment = "" if self.time is None else f"{self.time:%Y-%m-%d %H:%M}"
        named = self.item
        if language == "zh" and self.item:
            named = item(self.domain, self.item).name_zh
        return treatments()[self.code].sentence(
            language, count=self.count, place=self.place, time=moment, item=named, places=self.places
        )


@dataclass(frozen=True)
class Survey:
    """What a look found, and the rows of the file: every one is in exactly one of the four counts."""

    rows: int
    left_out: int  # without a time or a place
    with_reason: int  # a cell or the time could not be used, or the row contradicts another
    flagged: int  # used, and marked
    clean: int
    findings: tuple[Finding, ...]

    def sentence(self, language: str = "zh") -> str:
        """Say how the rows add up."""
        counts = (self.rows, self.clean, self.flagged, self.with_reason, self.left_out)
        if language == "zh":
            return "共 {} 行 = 无问题 {} + 有标记 {} + 有原因 {} + 无时间或站点 {}。".format(*counts)
        return "{} rows = {} clean + {} flagged + {} with a reason + {} without time or place.".format(*counts)


@dataclass
class _Tally:
    """What the parts of a file add up to."""

    flagged: int = 0
    clean: int = 0
    with_reason: int = 0
    repeats: list[pl.DataFrame] = field(default_factory=list)
    off_hour: list[pl.DataFrame] = field(default_factory=list)
    stale: list[pl.DataFrame] = field(default_factory=list)
    places: list[pl.DataFrame] = field(default_factory=list)
    hours: list[pl.DataFrame] = field(default_factory=list)


def look_over(frame: pl.LazyFrame, *, domain: str, by: Sequence[str] | None = None) -> Survey:
    """Look for what is wrong with the series of a file, and count.

    Parameters
    ----------
    frame : polars.LazyFrame
        As for `heqing.quality.flag_series`; ``intake_reason`` where the doors gave it, and columns that mark a place
        besides its name (``place_marks.csv``).
    domain : str
        ``air`` or ``water``.
    by : sequence of str, optional
        Columns that name a place; by default city and station or section, those that are there.

    Returns
    -------
    Survey
        Findings in the order of ``treatments.csv``, and how the rows add up.

    Raises
    ------
    MissingColumnError
        When the time or all of `by` are missing.

    Examples
    --------
    >>> rows = pl.LazyFrame({"station": ["甲"] * 2, "time": [datetime(2020, 4, 1, 1)] * 2, "pm2_5": [35.0, 36.0]})
    >>> found = look_over(rows, domain="air")
    >>> [f.code for f in found.findings], found.rows, found.with_reason
    (['duplicate_conflict'], 2, 2)
    """
    keys, time, codes = columns_read(frame, domain, by)
    present = frame.collect_schema().names()
    marks = [c for names in place_marks().values() for c in present if c.lower() in names]
    reason = pl.col("intake_reason") if "intake_reason" in present else pl.lit(None, pl.String)
    marked = [pl.col(c).cast(pl.String).alias(f"_mark_{n}") for n, c in enumerate(marks)]
    read = thin(frame, domain, keys, time, codes, [*marked, reason.is_not_null().alias("_noticed")])
    names = [c for c in (f"_place_{n}" for n in range(len(keys)))]
    own = names[-1]  # a city alone names a place where it is the only column
    is_lost = pl.col("_time").is_null() | (pl.col(own).str.strip_chars().fill_null("") == "")
    hourly = domain == "air" and time == "time"
    tally, rows, lost, placeless = _Tally(), 0, 0, 0
    for part in _parts(read, names, len(codes)):
        lost += part.filter(is_lost).height
        placeless += part.filter(is_lost, pl.col("_time").is_not_null()).height
        rows += part.height
        looked = look(part.filter(~is_lost), domain, codes)
        off = (pl.col("_time") != pl.col("_time").dt.truncate("1h")) if hourly else pl.lit(False)
        _add(tally, looked.with_columns(_off=off), codes)
    findings = [
        *([Finding("no_place", placeless)] if placeless else []),
        *_repeats(tally),
        *_off_hour(tally),
        *(_clocks(tally) if hourly else []),
        *_successions(tally, names, keys),
        *_stale(tally, domain, codes),
    ]
    order = list(treatments())
    findings.sort(key=lambda f: order.index(f.code))
    return Survey(rows, lost, tally.with_reason, tally.flagged, tally.clean, tuple(findings))


def _parts(read: pl.LazyFrame, names: list[str], items: int) -> Iterator[pl.DataFrame]:
    """Give the rows in parts that hold whole places; the file is read once and laid down."""
    with tempfile.TemporaryDirectory(prefix="heqing-look-") as folder:
        path = Path(folder) / "rows.parquet"
        read.sink_parquet(path, compression="lz4")
        rows = pl.scan_parquet(path)
        cells = rows.select(pl.len()).collect().item() * max(1, items)
        parts = max(1, -(-cells // _CELLS_AT_ONCE))
        number = pl.concat_str([pl.col(n).fill_null("") for n in names], separator="\0").hash(0) % parts
        for part in range(parts):
            yield (rows if parts == 1 else rows.filter(number == part)).collect(engine="streaming")


def _add(tally: _Tally, looked: pl.DataFrame, codes: Sequence[str]) -> None:
    names = [c for c in looked.columns if c.startswith("_place_")]
    place = pl.concat_str([pl.col(n) for n in names], separator=" ", ignore_nulls=True).alias("_name")
    stale = pl.any_horizontal([pl.lit(False), *[pl.col(f"_stale_{c}") for c in codes]])
    reasoned = pl.col("_noticed") | pl.col("_conflict") | pl.col("_off")
    flagged = ~reasoned & (stale | pl.col("_repeat"))
    counts = looked.select(a=reasoned.sum(), b=flagged.sum(), c=(~reasoned & ~flagged).sum()).row(0)
    tally.with_reason += counts[0]
    tally.flagged += counts[1]
    tally.clean += counts[2]
    tally.repeats.append(
        looked.filter(pl.col("_repeat") | pl.col("_conflict")).select(place, "_time", "_conflict", "_first")
    )
    tally.off_hour.append(looked.filter("_off").select(place, "_time"))
    for code in codes:
        standing = looked.filter(pl.col(f"_stale_{code}"))
        if standing.height:
            tally.stale.append(
                standing.group_by("_id").agg(
                    place.first(), pl.col("_time").min(), item=pl.lit(code), cells=pl.len().cast(pl.Int64)
                )
            )
    marks = [c for c in looked.columns if c.startswith("_mark_")]
    tally.places.append(
        looked.group_by("_id")
        .agg(
            *[pl.col(n).first() for n in names],
            first=pl.col("_time").min(),
            last=pl.col("_time").max(),
            rows=pl.len().cast(pl.Int64),
            step=pl.col("_step").first(),
            **{m: pl.when(pl.col(m).n_unique() == 1).then(pl.col(m).first()) for m in marks},
        )
        .drop("_id")
    )
    hourly = looked.filter(pl.col("_step") == _HOUR.total_seconds())
    tally.hours.append(
        hourly.group_by("_time").agg(
            there=pl.col("_first").sum().cast(pl.Int64),
            doubled=pl.col("_id").filter(~pl.col("_first")).n_unique().cast(pl.Int64),
        )
    )


def _repeats(tally: _Tally) -> list[Finding]:
    rows = pl.concat(tally.repeats)
    found = []
    for code, of in (
        ("duplicate", rows.filter(~pl.col("_conflict") & ~pl.col("_first"))),
        ("duplicate_conflict", rows.filter("_conflict")),
    ):
        if of.height:
            name, moment = of.sort("_time", "_name").row(0)[:2]
            found.append(Finding(code, of.height, name, moment))
    return found


def _off_hour(tally: _Tally) -> list[Finding]:
    rows = pl.concat(tally.off_hour).sort("_time", "_name")
    return [Finding("off_hour", rows.height, *rows.row(0))] if rows.height else []


def _stale(tally: _Tally, domain: str, codes: Sequence[str]) -> list[Finding]:
    if not tally.stale:
        return []
    rows = pl.concat(tally.stale)
    found = []
    for code in codes:
        of = rows.filter(pl.col("item") == code).sort("_time", "_name")
        if of.height:
            found.append(
                Finding("stale_repeat", int(of["cells"].sum()), of["_name"][0], of["_time"][0], code, of.height, domain)
            )
    return found


def _clocks(tally: _Tally) -> list[Finding]:
    """Find the hour that no place has, and the hour that most places have twice, on a Sunday night."""
    hours = pl.concat(tally.hours).group_by("_time").sum().sort("_time")
    if hours.is_empty():
        return []
    night = (pl.col("hour").dt.weekday() == _SUNDAY) & pl.col("hour").dt.hour().is_between(*_NIGHT)
    gaps = (
        hours.with_columns(hour=pl.col("_time") - _HOUR, before=pl.col("_time").shift(), were=pl.col("there").shift())
        .filter(pl.col("_time") - pl.col("before") == 2 * _HOUR, night)
        .with_columns(places=pl.min_horizontal("there", "were"))
    )
    twice = hours.with_columns(hour=pl.col("_time")).filter(
        pl.col("doubled") * 100 >= pl.col("there") * setting("clock_back"), night
    )
    # a single outage of a few places is no clock; both together are one, whatever the number of places
    if twice.is_empty():
        gaps = gaps.filter(pl.col("places") >= setting("clock_forward"))
    elif gaps.is_empty():
        twice = twice.filter(pl.col("there") >= setting("clock_forward"))
    return [
        Finding(code, of.height, time=of["hour"][0])
        for code, of in (("clock_forward", gaps), ("clock_back", twice))
        if of.height
    ]


def _successions(tally: _Tally, names: list[str], keys: list[str]) -> list[Finding]:
    """Find a place that ends while another begins: in the same city, or under the same code or position."""
    places = pl.concat(tally.places)
    if places.is_empty() or keys == ["city"]:
        return []
    own = names[-1]
    marks = [c for c in places.columns if c.startswith("_mark_")]
    certain = _under_two_names(places, own, marks) if marks else []
    known = {pair[:2] for pair in certain}
    likely = [p for p in _one_after_another(places, own, names[:-1]) if p[:2] not in known]
    return [
        Finding(code, len(pairs), f"{pairs[0][0]} → {pairs[0][1]}", pairs[0][2])
        for code, pairs in (("place_two_names", certain), ("place_succession", likely))
        if pairs
    ]


def _under_two_names(places: pl.DataFrame, own: str, marks: list[str]) -> list[tuple[str, str, datetime]]:
    rows = places.drop_nulls(marks).sort(*marks, "first", own)
    same = pl.all_horizontal([pl.col(m) == pl.col(m).shift() for m in marks])
    follows = rows.with_columns(old=pl.col(own).shift(), ended=pl.col("last").shift()).filter(
        same, pl.col("old") != pl.col(own), pl.col("first") > pl.col("ended")
    )
    return list(follows.sort("first", own).select("old", own, "first").iter_rows())


def _one_after_another(places: pl.DataFrame, own: str, city: list[str]) -> list[tuple[str, str, datetime]]:
    """Pair a place that ends with the one that begins next: in its city, or in a file without cities at once."""
    enough = treatments()["place_succession"].at_least  # of fewer, beginning and end say nothing
    known = places.filter(pl.col("rows") >= enough, pl.col("step") > 0).with_columns(
        near=pl.duration(seconds=2 * pl.col("step"))
    )
    if city:
        known = known.filter(pl.col(city[0]).fill_null("") != "").with_columns(
            near=pl.max_horizontal("near", pl.duration(hours=int(setting("place_succession"))))
        )
    start, end = places["first"].min(), places["last"].max()
    ended = known.filter(pl.col("last") < pl.lit(end) - pl.col("near"))
    begun = known.filter(pl.col("first") > pl.lit(start) + pl.col("near"))
    if ended.is_empty() or begun.is_empty():
        return []
    pairs = begun.sort("first").join_asof(
        ended.select(*city, pl.col(own).alias("old"), ended="last").sort("ended", "old"),
        left_on="first",
        right_on="ended",
        by=city or None,
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    pairs = pairs.filter(pl.col("first") - pl.col("ended") <= pl.col("near"), pl.col("old") != pl.col(own))
    pairs = pairs.sort("first", own).unique([*city, "old"], keep="first", maintain_order=True)
    return list(pairs.select("old", own, "first").iter_rows())
