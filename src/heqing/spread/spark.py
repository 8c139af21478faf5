"""Parts shared out to an Apache Spark cluster, or to the cores of this machine as Spark sees them.

Spark moves numbers of slices and packed rows between processes and does lost work again; every row is read, judged and
written by `heqing.spread.parts`. It is the only module that knows PySpark, which is an extra: see `session`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from heqing.errors import EngineError
from heqing.spread.parts import Job, Looks, deal, gather, judge_part, judge_slice, look, with_parts

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

# Rows of a slice and of a part: a process holds one at a time, some 300 MB of hourly air.
SLICE_ROWS = 1_000_000
PART_ROWS = 1_000_000
_PARTS_PER_CORE = 3  # so that a core that is slow or lost does not hold up the others
_MASTER = re.compile(r"spark://[^/\s]+|local(\[(\d+|\*)(,\d+)?\])?|local-cluster\[\d+,\d+,\d+\]")
_SETTINGS = {
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
    # One packed run of rows at a time crosses into Python, not ten thousand.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1",
    # Each task is one core; Polars would take all of them in each.
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    # A worker that is gone is given up after seconds and its work done again.
    "spark.shuffle.io.retryWait": "1s",
    "spark.shuffle.io.maxRetries": "2",
}
_Batches = Iterator["pa.RecordBatch"]


def is_master(word: str) -> bool:
    """Say whether a word names a Spark cluster.

    Parameters
    ----------
    word : str
        For instance ``spark://10.0.0.5:7077`` or ``local[2]``.

    Returns
    -------
    bool
        True for an address of a standalone cluster and for cores of this machine.

    Examples
    --------
    >>> is_master("spark://127.0.0.1:7077"), is_master("local[2]"), is_master("here")
    (True, True, False)
    """
    return _MASTER.fullmatch(word) is not None


@contextmanager
def session(master: str, name: str) -> Iterator[SparkSession]:
    """Join a cluster for the length of a block.

    Settings of ``spark-defaults.conf`` in the folder that ``SPARK_CONF_DIR`` names count as Spark reads them. The
    Python of the cluster's machines is the one that runs here, under the same path, or what ``PYSPARK_PYTHON`` names.

    Parameters
    ----------
    master : str
        As `is_master` takes it.
    name : str
        What the cluster calls the job.

    Yields
    ------
    pyspark.sql.SparkSession
        The session.

    Raises
    ------
    EngineError
        Where PySpark or Java is missing, or the cluster does not answer.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise EngineError(
            f"--engine {master} needs PySpark, which is not installed here: pip install 'heqing[spark]' "
            "(about 700 MB, and Java 17 beside it); without it say --engine here"
        ) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName(name)
    if not master.startswith("spark://"):
        builder = builder.config("spark.ui.enabled", "false")
    for key, value in _SETTINGS.items():
        builder = builder.config(key, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        raise EngineError(f"Spark at {master} cannot be joined (it needs Java 17): {_said(error)}") from error
    try:
        yield spark
    finally:
        spark.stop()


def look_at_all(spark: SparkSession, job: Job) -> Looks:
    """Look at every slice of a dataset on the cluster.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        The session.
    job : Job
        The job.

    Returns
    -------
    Looks
        As `heqing.spread.parts.gather`.

    Raises
    ------
    HeqingError
        As a file at the door would be refused, or when the cluster fails.
    """
    seen = _numbers(spark, job).mapInArrow(partial(_look, job), "slice int, said string, places binary, units binary")
    rows = sorted(_done(seen))
    return gather(job, [(said, bytes(places), bytes(units)) for _, said, places, units in rows])


def judge_all(spark: SparkSession, job: Job, looks: Looks) -> int:
    """Judge a dataset on the cluster; the parts of the result lie in the job's folder.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        The session.
    job : Job
        The job.
    looks : Looks
        What `look_at_all` gave.

    Returns
    -------
    int
        Rows of the result.

    Raises
    ------
    EngineError
        When the cluster fails.
    """
    if not job.assessment.keys:
        kept = _numbers(spark, job).mapInArrow(partial(_judge_slices, job), "part int, rows bigint")
        return sum(rows for _, rows in _done(kept))
    cores = spark.sparkContext.defaultParallelism
    job = with_parts(job, looks.places, part_rows=PART_ROWS, least=_PARTS_PER_CORE * cores)
    dealt = _numbers(spark, job).mapInArrow(partial(_deal, job), "part int, slice int, dealt binary")
    met = dealt.repartitionById(job.parts, "part")
    return sum(rows for _, rows in _done(met.mapInArrow(partial(_judge_parts, job), "part int, rows bigint")))


def _numbers(spark: SparkSession, job: Job) -> DataFrame:
    """Give the numbers of the slices, each a task of its own."""
    return spark.range(0, len(job.slices), 1, len(job.slices))


def _done(frame: DataFrame) -> list[tuple[Any, ...]]:
    """Have the cluster do it, and bring what it says."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return [tuple(row) for row in frame.collect()]
    except (PySparkException, Py4JError) as error:
        raise EngineError(f"the cluster gave up: {_said(error)}") from error


def _said(error: BaseException) -> str:
    """Give the line of a long report that says what was wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    ours = [line for line in lines if line.startswith("heqing.errors.")]
    python = [line for line in lines if re.match(r"[\w.]+(Error|Exception): ", line)]
    chosen = (ours or python or lines or [type(error).__name__])[0]
    return re.sub(r"^heqing\.errors\.\w+: ", "", chosen)[:500]


def _look(job: Job, batches: _Batches) -> _Batches:
    for number in _numbers_in(batches):
        said, places, units = look(job, number)
        yield _batch(slice=number, said=said, places=places, units=units)


def _deal(job: Job, batches: _Batches) -> _Batches:
    for number in _numbers_in(batches):
        for part, piece, rows in deal(job, number):
            yield _batch(part=part, slice=piece, dealt=rows)


def _judge_slices(job: Job, batches: _Batches) -> _Batches:
    for number in _numbers_in(batches):
        yield _batch(part=number, rows=judge_slice(job, number))


def _judge_parts(job: Job, batches: _Batches) -> _Batches:
    dealt: dict[int, list[bytes]] = {}
    for batch in batches:
        for part, _, rows in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            dealt.setdefault(part, []).append(rows)
    for part, runs in dealt.items():
        yield _batch(part=part, rows=judge_part(job, part, runs))


def _numbers_in(batches: _Batches) -> Iterator[int]:
    for batch in batches:
        yield from batch.column(0).to_pylist()


def _batch(**row: int | str | bytes) -> pa.RecordBatch:
    """Give one row as Spark takes it."""
    import pyarrow as pa

    kinds = {"part": pa.int32(), "slice": pa.int32(), "rows": pa.int64(), "said": pa.string()}
    return pa.RecordBatch.from_pydict({n: pa.array([v], kinds.get(n, pa.binary())) for n, v in row.items()})
