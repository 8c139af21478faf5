"""The Delta tables of a store: their columns, how they are opened, added to and kept to one writer.

A table is only ever appended to, each time in one atomic commit: a reader sees all of a batch or none of it. It
knows nothing of measurements: see `heqing.store.observations`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import polars as pl
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from heqing.errors import StoreError

UTC_MOMENT = pl.Datetime("us", "UTC")
BATCH_MARK = "heqing_batch"  # key in a commit's metadata that holds the batch's row

OBSERVATIONS: dict[str, pl.DataType] = {
    "domain": pl.String(),
    "year": pl.Int32(),
    "city": pl.String(),
    "place": pl.String(),
    "item": pl.String(),
    "period_end": pl.Datetime("us"),
    "period_seconds": pl.Int64(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "below": pl.Boolean(),
    "flag": pl.String(),
    "flag_reason": pl.String(),
    "source_file": pl.String(),
    "source_sha256": pl.String(),
    "source_row": pl.Int64(),
    "batch": pl.String(),
    "revision": pl.Int32(),
    "recorded_at": UTC_MOMENT,
}
REJECTS: dict[str, pl.DataType] = {
    "domain": pl.String(),
    "source_file": pl.String(),
    "sha256": pl.String(),
    "file_row": pl.Int64(),
    "column": pl.String(),
    "raw_row": pl.String(),
    "reason": pl.String(),
    "batch": pl.String(),
    "recorded_at": UTC_MOMENT,
}
BATCHES: dict[str, pl.DataType] = {
    "batch": pl.String(),
    "domain": pl.String(),
    "file": pl.String(),
    "sha256": pl.String(),
    "rows": pl.Int64(),
    "new": pl.Int64(),
    "changed": pl.Int64(),
    "same": pl.Int64(),
    "rejects": pl.Int64(),
    "recorded_at": UTC_MOMENT,
}
_TABLES: dict[str, tuple[dict[str, pl.DataType], list[str]]] = {
    "observations": (OBSERVATIONS, ["domain", "year"]),
    "rejects": (REJECTS, []),
    "batches": (BATCHES, []),
}
_LOCK = "writer.lock"  # also the sign that a directory is a store, however early its first writer was killed
_FILE_BYTES = 64 << 20  # of one data file; bounds what a writer holds in memory
_PARTS_BEFORE_TIDYING = 64  # data files of one partition; beyond it they are written together


def make_tables(store: Path) -> None:
    """Make the tables of a store that are not there yet.

    Parameters
    ----------
    store : Path
        The store's directory; made when missing.

    Raises
    ------
    StoreError
        When the path is a file, or cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> store = Path(tempfile.mkdtemp()) / "store"
    >>> make_tables(store)
    >>> read_table(store, "batches").collect().height
    0
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        (store / _LOCK).touch()
        for name, (schema, partition) in _TABLES.items():
            if not DeltaTable.is_deltatable(str(store / name)):
                empty = pl.DataFrame(schema=schema)
                write_deltalake(str(store / name), empty, mode="ignore", partition_by=partition or None)
    except (OSError, DeltaError) as error:
        raise StoreError(
            f"{store} cannot be made a store: {error}. Name a directory that may be written to."
        ) from error


def open_table(store: Path, name: str) -> DeltaTable | None:
    """Open a table at its present version.

    Parameters
    ----------
    store : Path
        The store's directory.
    name : str
        ``observations``, ``rejects`` or ``batches``.

    Returns
    -------
    DeltaTable or None
        None where a writer was killed before it made the table.

    Raises
    ------
    StoreError
        When there is no store at all.

    Examples
    --------
    >>> import tempfile
    >>> store = Path(tempfile.mkdtemp())
    >>> make_tables(store)
    >>> open_table(store, "batches").version()
    0
    """
    try:
        return DeltaTable(str(store / name))
    except (TableNotFoundError, OSError) as error:
        if (store / _LOCK).is_file():
            return None
        raise StoreError(
            f"{store} is no store: it has no Delta tables. `heqing import air FILE --store DIR` makes one."
        ) from error
    except DeltaError as error:
        raise StoreError(f"table {name} of {store} cannot be opened: {error}. Restore it from a copy.") from error


def read_table(store: Path, name: str) -> pl.LazyFrame:
    """Read a table as it is now; later commits do not touch what the frame shows.

    Parameters
    ----------
    store : Path
        The store's directory.
    name : str
        ``observations``, ``rejects`` or ``batches``.

    Returns
    -------
    polars.LazyFrame
        All rows; empty where the table is not there yet.

    Examples
    --------
    >>> import tempfile
    >>> store = Path(tempfile.mkdtemp())
    >>> make_tables(store)
    >>> read_table(store, "rejects").collect_schema().names()[:3]
    ['domain', 'source_file', 'sha256']
    """
    table = open_table(store, name)
    schema = _TABLES[name][0]
    if table is None:
        return pl.LazyFrame(schema=schema)
    return pl.scan_delta(table).select(list(schema))


@dataclass(frozen=True)
class DataFile:
    """A data file that lies in a table's directory and is not part of it until it is committed."""

    path: str
    size: int
    partition: dict[str, str | None]
    rows: int
    bounds: dict[str, tuple[object, object]]  # least and greatest per column, by which readers skip files


def write_file(store: Path, name: str, rows: pl.DataFrame, *, label: str, partition: dict[str, str]) -> DataFile:
    """Write a data file beside those of a table; `commit_files` makes it part of the table.

    Parameters
    ----------
    store : Path
        The store's directory.
    name : str
        The table.
    rows : polars.DataFrame
        Its columns but those of the partition.
    label : str
        What the file's name begins with.
    partition : dict of str to str
        Partition column to value.

    Returns
    -------
    DataFile
        For `commit_files`.

    Examples
    --------
    >>> import tempfile
    >>> store = Path(tempfile.mkdtemp())
    >>> make_tables(store)
    >>> rows = pl.DataFrame([{"batch": "b1"}], schema=BATCHES)
    >>> write_file(store, "batches", rows, label="b1", partition={}).rows
    1
    """
    folder = "/".join(f"{column}={value}" for column, value in partition.items())
    path = f"{folder}/{label}-{uuid4()}.zstd.parquet" if folder else f"{label}-{uuid4()}.zstd.parquet"
    target = store / name / path
    target.parent.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(target, compression="zstd")
    bounds: dict[str, tuple[object, object]] = {}
    if "period_end" in rows.columns:
        said = rows.select(pl.col("period_end").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f"))
        bounds["period_end"] = said.select(low=pl.all().min(), high=pl.all().max()).row(0)
        bounds["revision"] = rows.select(low=pl.col("revision").min(), high=pl.col("revision").max()).row(0)
    return DataFile(path, target.stat().st_size, dict(partition), rows.height, bounds)


def commit_files(store: Path, name: str, files: list[DataFile], *, moment: datetime, mark: dict[str, object]) -> None:
    """Make data files part of a table, in one commit.

    Parameters
    ----------
    store : Path
        The store's directory.
    name : str
        The table.
    files : list of DataFile
        From `write_file`.
    moment : datetime
        When the rows were recorded.
    mark : dict
        The batch's row, kept in the commit itself.

    Raises
    ------
    StoreError
        When the commit fails; the table is then as before.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC
    >>> store = Path(tempfile.mkdtemp())
    >>> make_tables(store)
    >>> file = write_file(store, "batches", pl.DataFrame([{"batch": "b1"}], schema=BATCHES), label="b1", partition={})
    >>> commit_files(store, "batches", [file], moment=datetime(2026, 1, 1, tzinfo=UTC), mark={"batch": "b1"})
    >>> read_table(store, "batches").select("batch").collect().item()
    'b1'
    """
    milliseconds = int(moment.timestamp() * 1000)
    actions: list[AddAction | RemoveAction] = [
        AddAction(
            f.path,
            f.size,
            f.partition,
            milliseconds,
            True,
            json.dumps(
                {
                    "numRecords": f.rows,
                    "minValues": {c: low for c, (low, _) in f.bounds.items()},
                    "maxValues": {c: high for c, (_, high) in f.bounds.items()},
                    "nullCount": dict.fromkeys(f.bounds, 0),
                }
            ),
        )
        for f in files
    ]
    try:
        table = DeltaTable(str(store / name))
        table.create_write_transaction(
            actions,
            mode="append",
            schema=table.schema(),
            partition_by=_TABLES[name][1] or None,
            commit_properties=CommitProperties(custom_metadata={BATCH_MARK: json.dumps(mark, ensure_ascii=False)}),
        )
    except (DeltaError, OSError) as error:
        raise StoreError(
            f"table {name} of {store} could not be written: {error}. Nothing was added; import the file again."
        ) from error


def append(store: Path, name: str, rows: pl.LazyFrame) -> None:
    """Add rows to a table in one commit, streaming; for tables without partitions.

    Parameters
    ----------
    store : Path
        The store's directory.
    name : str
        The table.
    rows : polars.LazyFrame
        With the table's columns.

    Raises
    ------
    StoreError
        When the commit fails; the table is then as before.

    Examples
    --------
    >>> import tempfile
    >>> store = Path(tempfile.mkdtemp())
    >>> make_tables(store)
    >>> append(store, "batches", pl.LazyFrame([{"batch": "b1"}], schema=BATCHES))
    >>> read_table(store, "batches").select("batch").collect().item()
    'b1'
    """
    schema = _TABLES[name][0]
    batches = rows.select(pl.col(c).cast(t) for c, t in schema.items()).collect_batches(
        chunk_size=50_000, lazy=True, engine="streaming"
    )
    try:
        write_deltalake(
            str(store / name), batches, mode="append", writer_properties=WriterProperties(max_row_group_size=100_000)
        )
    except (DeltaError, OSError) as error:
        raise StoreError(
            f"table {name} of {store} could not be written: {error}. Nothing was added; import the file again."
        ) from error


def last_marks(store: Path, *, limit: int = 20) -> list[dict[str, object]]:
    """List the batches' rows that the last commits of the observations carry.

    Parameters
    ----------
    store : Path
        The store's directory.
    limit : int
        How many commits to look back.

    Returns
    -------
    list of dict
        The latest first.

    Examples
    --------
    >>> import tempfile
    >>> store = Path(tempfile.mkdtemp())
    >>> make_tables(store)
    >>> last_marks(store)
    []
    """
    table = open_table(store, "observations")
    commits = table.history(limit) if table is not None else []
    return [json.loads(c[BATCH_MARK]) for c in commits if BATCH_MARK in c]


def tidy(store: Path) -> None:
    """Write small data files of a partition together when they have become many; readers notice nothing.

    What no version names any longer, or never did because its writer was killed, is deleted when it is a week old.

    Parameters
    ----------
    store : Path
        The store's directory; the caller is its writer.

    Examples
    --------
    >>> import tempfile
    >>> store = Path(tempfile.mkdtemp())
    >>> make_tables(store)
    >>> tidy(store)
    """
    for name, (_, partition) in _TABLES.items():
        table = open_table(store, name)
        if table is None:
            continue
        actions = pl.DataFrame(table.get_add_actions(flatten=True))
        if actions.is_empty():
            continue
        small = actions.filter(pl.col("size_bytes") < _FILE_BYTES // 4)
        keys = [f"partition.{p}" for p in partition]
        for key in (small.group_by(keys).len() if keys else small.select(pl.len())).iter_rows():
            if key[-1] > _PARTS_BEFORE_TIDYING:
                filters = [(p, "=", str(v)) for p, v in zip(partition, key[:-1], strict=True)]
                table.optimize.compact(partition_filters=filters or None)
                table.vacuum(dry_run=False)


@contextmanager
def sole_writer(store: Path) -> Iterator[None]:
    """Hold the store's lock: one process writes at a time, and a killed one lets go of it by dying.

    Parameters
    ----------
    store : Path
        The store's directory.

    Raises
    ------
    StoreError
        When another process holds the lock.

    Examples
    --------
    >>> import tempfile
    >>> with sole_writer(Path(tempfile.mkdtemp())):
    ...     pass
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        handle = os.open(store / _LOCK, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise StoreError(f"{store} cannot be written to: {error}. Name a directory that may be written to.") from error
    try:
        if not _take(handle):
            said = os.read(handle, 32).decode("ascii", "replace").strip()
            who = f"process {said}" if said else "another process"
            raise StoreError(f"{who} is writing to {store}. Readers need not wait; import again when it has finished.")
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0) if sys.platform != "win32" else os.write(
            handle, str(os.getpid()).encode()
        )
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, 1 << 20, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
