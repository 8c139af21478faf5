"""Observations in a store: imported file by file, corrected by later revisions, never overwritten.

The table of observations is only appended to. A corrected value is a further row of the same key with the next
revision; the current value is the one that no row supersedes. Values are kept as they came: judging and flagging
them is the matter of the sciences. Look next at `heqing.store.delta` for commits and the writer's lock.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from heqing.errors import StoreError
from heqing.store import delta
from heqing.store.intake import Intake
from heqing.store.shapes import KEY, period_seconds, place_column, to_long
from heqing.tables import items, join_reasons

_CELLS_AT_ONCE = 1_000_000  # cells of a file compared with the store at one time; bounds the memory of an import
_KEY = list(KEY)


@dataclass(frozen=True)
class Imported:
    """What an import did: counts of values, and of rejects kept with their reason."""

    batch: str
    file: str
    sha256: str
    rows: int
    new: int
    changed: int
    same: int
    rejects: int
    is_repeat: bool  # this very file was imported before, in the same way; nothing was done


def import_frame(
    store: Path | str,
    intake: Intake,
    *,
    recorded_at: datetime,
    period: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> Imported:
    r"""Add a file's values to a store, in one commit.

    A value that the store has already changes nothing; another value supersedes it, and the old one stays
    readable; an empty cell supersedes nothing. Rows of one file that contradict each other are all rejected.

    Parameters
    ----------
    store : path
        The store's directory; made when missing.
    intake : Intake
        An opened file, see `heqing.store.open_frame`.
    recorded_at : datetime
        The moment of the import, with its zone.
    period : str, optional
        What the values are for: ``hour``, ``day``, ``sample`` …; by default ``day`` for a file with ``day``, else
        ``hour`` for air and ``sample`` for water.
    progress : callable, optional
        Called with the part done [0–1].

    Returns
    -------
    Imported
        The counts.

    Raises
    ------
    StoreError
        When another process writes to the store, or the store cannot be written.
    BadFileError
        When the file cannot be read to its end.

    Examples
    --------
    >>> from heqing.store import open_frame
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("time,city,pm2_5\n2020-03-26 08:00,无锡,35\n2020-03-26 09:00,无锡,-9\n")
    >>> moment = datetime(2020, 3, 27, tzinfo=UTC)
    >>> done = import_frame(folder / "store", open_frame(folder / "a.csv", domain="air"), recorded_at=moment)
    >>> done.rows, done.new, done.rejects
    (2, 1, 1)
    >>> current(folder / "store").select("city", "item", "value", "revision").collect().rows()
    [('无锡', 'pm2_5', 35.0, 1)]
    """
    store = Path(store)
    if recorded_at.tzinfo is None:
        raise StoreError("recorded_at must say its zone: without one, nobody can order two imports.")
    period = period or _usual_period(intake)
    if (period == "day") != (intake.time_column == "day"):
        raise StoreError(f"values by `{intake.time_column}` are not values of a {period}; name another period.")
    period_seconds(period)
    sha256 = _sha256(intake.path)
    batch = hashlib.sha256(f"{sha256}\n{intake.options}\n{period}".encode()).hexdigest()[:16]
    with delta.sole_writer(store):
        delta.make_tables(store)
        _finish_interrupted(store)
        before = delta.read_table(store, "batches").filter(pl.col("batch") == batch).collect()
        if not before.is_empty():
            row = before.row(0, named=True)
            held = row["new"] + row["changed"] + row["same"]
            return Imported(batch, intake.path.name, sha256, row["rows"], 0, 0, held, 0, True)
        with tempfile.TemporaryDirectory(prefix="heqing-import-") as folder:
            work = _Work(store, intake, batch, sha256, recorded_at.astimezone(UTC), period, Path(folder))
            counts = work.run(progress or (lambda part: None))
        delta.tidy(store)
    return Imported(batch=batch, file=intake.path.name, sha256=sha256, is_repeat=False, **counts)


def _usual_period(intake: Intake) -> str:
    if intake.time_column == "day":
        return "day"
    return "hour" if intake.domain == "air" else "sample"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _finish_interrupted(store: Path) -> None:
    """Write the batch's row that a killed writer left out: its observations carry it in their commit."""
    marks = delta.last_marks(store)
    if not marks:
        return
    known = set(delta.read_table(store, "batches").select("batch").collect().to_series().to_list())
    for mark in reversed(marks):
        if mark["batch"] not in known:
            delta.append(store, "batches", _batch_frame(mark))


def _batch_frame(mark: dict[str, Any]) -> pl.LazyFrame:
    row = {**mark, "recorded_at": datetime.fromisoformat(str(mark["recorded_at"]))}
    return pl.LazyFrame([row], schema=delta.BATCHES)


@dataclass
class _Work:
    """One import on its way: from the file to temporary files to three commits."""

    store: Path
    intake: Intake
    batch: str
    sha256: str
    recorded_at: datetime
    period: str
    folder: Path
    files: list[delta.DataFile] = field(default_factory=list)

    def run(self, progress: Callable[[float], None]) -> dict[str, int]:
        rows = self._stage()
        counts = {"rows": rows, "new": 0, "changed": 0, "same": 0, "rejects": 0}
        spans = list(self._spans())
        for number, (first, last) in enumerate(spans):
            self._compare(number, first, last, counts)
            progress((number + 1) / len(spans))
        self._collect_rejects()
        if list(self.folder.glob("reject-*.parquet")):
            counts["rejects"] = int(pl.scan_parquet(self.folder / "reject-*.parquet").select(pl.len()).collect().item())
        self._commit(counts)
        return counts

    def _stage(self) -> int:
        """Read the file once into a temporary one that holds only what an import needs."""
        judged = self._judged()
        columns = [c for c in self._columns() if c in judged.collect_schema().names()]
        judged.select(*columns, "intake_reason").sink_parquet(self.folder / "wide.parquet")
        return int(pl.scan_parquet(self.folder / "wide.parquet").select(pl.len()).collect().item())

    def _wide(self) -> pl.LazyFrame:
        """Give the rows that have a time and a place."""
        is_lost = pl.col("intake_reason").str.contains(r"(?:^|;)(?:bad_time|blank_row|no_place)").fill_null(False)
        return pl.scan_parquet(self.folder / "wide.parquet").filter(~is_lost).drop("intake_reason")

    def _judged(self) -> pl.LazyFrame:
        """Add to the intake's reasons that a row names no place."""
        staged = self.intake.staged
        present = staged.collect_schema().names()
        place = place_column(self.intake.domain)
        column = place if place in present else "city"
        is_placeless = pl.col(column).cast(pl.String).str.strip_chars().fill_null("") == ""
        placeless = pl.when(is_placeless).then(pl.lit(f"no_place({column})"))
        reason = pl.col("intake_reason")
        joined = pl.when(reason == "blank_row").then(reason).otherwise(join_reasons(reason, placeless))
        return staged.with_columns(joined.alias("intake_reason"))

    def _columns(self) -> list[str]:
        codes = [i.code for i in items(self.intake.domain)]
        place = place_column(self.intake.domain)
        return [self.intake.time_column, "city", place, *codes, *(f"{c}_below" for c in codes), "file_row"]

    def _spans(self) -> Iterator[tuple[date, date]]:
        """Cut the file's days into spans that are compared with the store one at a time."""
        per_day = (
            self._wide()
            .group_by(pl.col(self.intake.time_column).cast(pl.Date).alias("day"))
            .len()
            .sort("day")
            .collect(engine="streaming")
        )
        room = _CELLS_AT_ONCE // max(1, len(self.intake.item_codes))
        first: date | None = None
        last: date | None = None
        held = 0
        for day, rows in per_day.iter_rows():
            if first is not None and last is not None and held + rows > room:
                yield first, last
                first, held = None, 0
            first, last, held = first or day, day, held + rows
        if first is not None and last is not None:
            yield first, last

    def _compare(self, number: int, first: date, last: date, counts: dict[str, int]) -> None:
        """Sort the values of a span of days into new, changed and same; write what is to be added."""
        column = pl.col(self.intake.time_column)
        wide = self._wide().filter(column >= first, column < last + timedelta(days=1)).collect(engine="streaming")
        place = [c for c in ("city", place_column(self.intake.domain)) if c in wide.columns]
        wide = wide.sort(self.intake.time_column, *place, maintain_order=True)
        long = to_long(wide.lazy(), domain=self.intake.domain, period=self.period).collect()
        if wide.select(self.intake.time_column, *place).is_duplicated().any():
            long, repeats = self._without_conflicts(number, long)
            counts["same"] += repeats
        if long.is_empty():
            return
        added, same = self._beyond_known(long)
        counts["same"] += same
        counts["new"] += added.filter(pl.col("revision") == 1).height
        counts["changed"] += added.filter(pl.col("revision") > 1).height
        begin = pl.col("period_end") - timedelta(seconds=period_seconds(self.period))
        for (year,), rows in added.group_by(begin.dt.year(), maintain_order=True):
            self.files.append(self._write(rows, str(year)))

    def _beyond_known(self, long: pl.DataFrame) -> tuple[pl.DataFrame, int]:
        """Leave out what the store holds already; give the rest its revision."""
        known = self._known(long)
        if known.is_empty():
            return long.with_columns(revision=pl.lit(1, pl.Int32)), 0
        judged = long.join(known, on=_KEY, how="left", nulls_equal=True, maintain_order="left")
        is_same = (pl.col("value") == pl.col("known_value")) & (pl.col("below") == pl.col("known_below"))
        added = judged.filter(~is_same.fill_null(False))
        return added.with_columns(revision=pl.col("known_revision").fill_null(0) + 1), judged.height - added.height

    def _write(self, rows: pl.DataFrame, year: str) -> delta.DataFile:
        partition = {"domain": self.intake.domain, "year": year}
        columns = rows.select(
            *(c for c in _KEY if c not in partition),
            "value",
            "unit",
            "below",
            flag=pl.lit(None, pl.String),
            flag_reason=pl.lit(None, pl.String),
            source_file=pl.lit(self.intake.path.name),
            source_sha256=pl.lit(self.sha256),
            source_row="source_row",
            batch=pl.lit(self.batch),
            revision=pl.col("revision").cast(pl.Int32),
            recorded_at=pl.lit(self.recorded_at, delta.UTC_MOMENT),
        )
        return delta.write_file(self.store, "observations", columns, label=self.batch, partition=partition)

    def _without_conflicts(self, number: int, long: pl.DataFrame) -> tuple[pl.DataFrame, int]:
        """Keep each key once; set keys aside whose values differ within the file."""
        repeated = (
            long.lazy()
            .group_by(_KEY)
            .agg(
                rows=pl.len(),
                differs=(pl.col("value").min() != pl.col("value").max())
                | (pl.col("below").min() != pl.col("below").max()),
            )
            .filter(pl.col("rows") > 1)
            .collect()
        )
        conflicts = repeated.filter("differs")
        if not conflicts.is_empty():
            long.join(conflicts, on=_KEY, how="semi", nulls_equal=True).select("source_row", "item").write_parquet(
                self.folder / f"conflict-{number:06}.parquet"
            )
            long = long.join(conflicts, on=_KEY, how="anti", nulls_equal=True)
        once = long.sort("source_row").unique(_KEY, keep="first", maintain_order=True)
        return once, long.height - once.height

    def _known(self, once: pl.DataFrame) -> pl.DataFrame:
        """Read what the store holds for the keys' span of time; other years are not touched."""
        first, last = once.select(pl.col("period_end").min().alias("a"), pl.col("period_end").max().alias("b")).row(0)
        seconds = period_seconds(self.period)
        begin = timedelta(seconds=seconds)
        table = delta.read_table(self.store, "observations").filter(
            pl.col("domain") == self.intake.domain,
            pl.col("year").is_between((first - begin).year, (last - begin).year),
            pl.col("period_end").is_between(first, last),
            pl.col("period_seconds") == seconds,
        )
        return (
            _latest(table)
            .select(*_KEY, known_value="value", known_below="below", known_revision="revision")
            .collect(engine="streaming")
        )

    def _collect_rejects(self) -> None:
        """Write rejects: one per row and reason, with the whole row as it stands in the file."""
        reasons = pl.scan_parquet(self.folder / "wide.parquet").select(pl.col("intake_reason").count()).collect().item()
        if reasons:
            flagged = self._judged().filter(pl.col("intake_reason").is_not_null())
            self._reject(
                self.intake.with_raw(flagged)
                .with_columns(reason=pl.col("intake_reason").str.split(";"))
                .explode("reason", empty_as_null=True, keep_nulls=True)
            ).sink_parquet(self.folder / "reject-rows.parquet")
        if not list(self.folder.glob("conflict-*.parquet")):
            return
        conflicts = pl.scan_parquet(self.folder / "conflict-*.parquet").select(
            pl.col("source_row").alias("file_row"), pl.format("duplicate_conflict({})", "item").alias("reason")
        )
        rows = self.intake.staged.join(conflicts.select("file_row").unique(), on="file_row", how="semi")
        self._reject(self.intake.with_raw(rows).join(conflicts, on="file_row", how="inner")).sink_parquet(
            self.folder / "reject-conflicts.parquet"
        )

    def _reject(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        column = pl.col("reason").str.extract(r"\(([^)]*)\)$")
        is_time = pl.col("reason") == "bad_time"
        return rows.select(
            domain=pl.lit(self.intake.domain),
            source_file=pl.lit(self.intake.path.name),
            sha256=pl.lit(self.sha256),
            file_row="file_row",
            column=pl.when(is_time).then(pl.lit(self.intake.time_column)).otherwise(column),
            raw_row="raw_row",
            reason="reason",
            batch=pl.lit(self.batch),
            recorded_at=pl.lit(self.recorded_at, delta.UTC_MOMENT),
        )

    def _commit(self, counts: dict[str, int]) -> None:
        """Commit rejects, observations, the batch's row, in this order.

        A reader sees rejects only of batches that are in the table of batches, so a crash after the first commit
        shows nothing and the next import of the file finds them there. A crash after the second is finished by
        the next writer from the mark in the commit.
        """
        mark: dict[str, object] = {
            "batch": self.batch,
            "domain": self.intake.domain,
            "file": self.intake.path.name,
            "sha256": self.sha256,
            **counts,
            "recorded_at": self.recorded_at.isoformat(),
        }
        if counts["rejects"] and not self._has_rejects():
            delta.append(self.store, "rejects", pl.scan_parquet(self.folder / "reject-*.parquet"))
        if counts["new"] or counts["changed"]:
            delta.commit_files(self.store, "observations", self.files, moment=self.recorded_at, mark=mark)
        delta.append(self.store, "batches", _batch_frame(mark))

    def _has_rejects(self) -> bool:
        kept = delta.read_table(self.store, "rejects").filter(pl.col("batch") == self.batch)
        return not kept.head(1).collect().is_empty()


def _latest(observations: pl.LazyFrame) -> pl.LazyFrame:
    """Leave out what a later revision supersedes; corrections are few, so only they are held in memory."""
    later = observations.filter(pl.col("revision") > 1).select(*_KEY, revision=pl.col("revision") - 1)
    # collected at once: left lazy, the plan would keep the whole table in memory to read it twice
    superseded = later.collect(engine="streaming")
    if superseded.is_empty():
        return observations
    return observations.join(superseded.lazy(), on=[*_KEY, "revision"], how="anti", nulls_equal=True)


def _chosen(
    store: Path | str,
    domain: str | None,
    city: str | None,
    place: str | None,
    item: str | None,
    since: datetime | None,
    until: datetime | None,
) -> pl.LazyFrame:
    frame = delta.read_table(Path(store), "observations")
    for column, wanted in (("domain", domain), ("city", city), ("place", place), ("item", item)):
        if wanted is not None:
            frame = frame.filter(pl.col(column) == wanted)
    # the partition is the year in which the period begins; it may end in the next one
    if since is not None:
        frame = frame.filter(pl.col("period_end") >= since, pl.col("year") >= since.year - 1)
    if until is not None:
        frame = frame.filter(pl.col("period_end") <= until, pl.col("year") <= until.year)
    return frame


def current(
    store: Path | str,
    *,
    domain: str | None = None,
    city: str | None = None,
    place: str | None = None,
    item: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    recorded_until: datetime | None = None,
) -> pl.LazyFrame:
    """Give the observations that hold now: of each key the last revision.

    Parameters
    ----------
    store : path
        The store's directory.
    domain, city, place, item : str, optional
        Only these.
    since, until : datetime, optional
        Only periods that end between these moments, both included [local].
    recorded_until : datetime, optional
        What held at this moment [with its zone]: later imports are left out.

    Returns
    -------
    polars.LazyFrame
        Columns of `heqing.store.delta.OBSERVATIONS`; the state of the moment of this call.

    Raises
    ------
    StoreError
        When there is no store.

    Examples
    --------
    >>> store = Path(tempfile.mkdtemp())
    >>> delta.make_tables(store)
    >>> current(store).collect().height
    0
    """
    chosen = _chosen(store, domain, city, place, item, since, until)
    if recorded_until is not None:
        chosen = chosen.filter(pl.col("recorded_at") <= recorded_until.astimezone(UTC))
    return _latest(chosen)


def history(
    store: Path | str,
    *,
    domain: str | None = None,
    city: str | None = None,
    place: str | None = None,
    item: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pl.LazyFrame:
    """Give all observations with every revision; parameters as in `current`.

    Parameters
    ----------
    store : path
        The store's directory.
    domain, city, place, item : str, optional
        Only these.
    since, until : datetime, optional
        Only periods that end between these moments, both included [local].

    Returns
    -------
    polars.LazyFrame
        As `current`, superseded rows included.

    Examples
    --------
    >>> store = Path(tempfile.mkdtemp())
    >>> delta.make_tables(store)
    >>> history(store, item="pm2_5").collect().height
    0
    """
    return _chosen(store, domain, city, place, item, since, until)


def rejects(store: Path | str) -> pl.LazyFrame:
    """Give the rejected rows of all finished imports, each with its reason and the row as it came.

    Parameters
    ----------
    store : path
        The store's directory.

    Returns
    -------
    polars.LazyFrame
        Columns of `heqing.store.delta.REJECTS`.

    Examples
    --------
    >>> store = Path(tempfile.mkdtemp())
    >>> delta.make_tables(store)
    >>> rejects(store).collect().height
    0
    """
    finished = delta.read_table(Path(store), "batches").select("batch")
    return delta.read_table(Path(store), "rejects").join(finished, on="batch", how="semi")


def batches(store: Path | str) -> pl.LazyFrame:
    """Give the imports that were finished, with their counts.

    Parameters
    ----------
    store : path
        The store's directory.

    Returns
    -------
    polars.LazyFrame
        Columns of `heqing.store.delta.BATCHES`.

    Examples
    --------
    >>> store = Path(tempfile.mkdtemp())
    >>> delta.make_tables(store)
    >>> batches(store).collect().height
    0
    """
    return delta.read_table(Path(store), "batches")
