"""The work of one part: look at a slice, deal its rows out by place, judge the rows of some places, keep the result.

Every function takes a job and numbers and can be done again: a part written twice is the same file. It knows no
cluster: see `heqing.spread.spark`.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from heqing.errors import BadFileError
from heqing.spread.assessments import Assessment
from heqing.spread.dataset import Dataset, Slice
from heqing.store.intake import Domain, Intake, Problem, look_at_units, open_frame

# Rows judged at a time where each stands alone: planning costs little, a laptop holds them.
BATCH = 250_000
_ROW, _PART = "row_of_the_dataset", "part_of_the_dataset"


@dataclass(frozen=True)
class Opening:
    """How rows are opened: what they are, and the words of `heqing.store.intake.open_frame`."""

    domain: Domain
    rename: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    same_place: dict[str, str] = field(default_factory=dict)

    def open(self, name: Path, rows: pl.LazyFrame | None = None, *, is_part: bool = False) -> Intake:
        """Open a file, or rows that do not lie in one; a part of the rows is too few to doubt a unit by."""
        return open_frame(
            name,
            domain=self.domain,
            rename=self.rename,
            units=self.units,
            same_place=self.same_place,
            rows=rows,
            doubts_units=not is_part,
        )


@dataclass(frozen=True)
class Job:
    """What is done to a dataset: its slices, how they are opened, what is asked, and where parts of the result go.

    ``notes`` are what is said of its columns; ``part_of`` has one row per place: its keys and the number of its part,
    of ``parts``. Parts follow the order of places.
    """

    dataset: Dataset
    slices: tuple[Slice, ...]
    opening: Opening
    assessment: Assessment
    folder: Path
    notes: tuple[str, ...] = ()
    part_of: pl.DataFrame = field(default_factory=pl.DataFrame)
    parts: int = 0


@dataclass(frozen=True)
class Looks:
    """What was noticed about a dataset before anything is judged: as for a file, and the rows of each place."""

    problems: list[Problem]
    notes: list[str]
    places: pl.DataFrame


def plan(
    dataset: Dataset, opening: Opening, asked: Callable[[list[str]], Assessment], *, folder: Path, slice_rows: int
) -> Job:
    """Open a dataset without reading its rows, ask what is to be done, and cut it.

    Parameters
    ----------
    dataset : Dataset
        The dataset.
    opening : Opening
        How it is opened.
    asked : callable
        Gives what is asked from the columns of the opened frame.
    folder : Path
        Where parts of the result go; every process of the cluster reaches it by this name.
    slice_rows : int
        Most rows of a slice.

    Returns
    -------
    Job
        Not yet with its places.

    Raises
    ------
    HeqingError
        As `heqing.store.intake.open_frame`.

    Examples
    --------
    >>> import tempfile
    >>> from functools import partial
    >>> from heqing.spread import open_dataset, water_assessment
    >>> file = Path(tempfile.mkdtemp()) / "samples.parquet"
    >>> pl.DataFrame({"section": ["甲"], "time": ["2020-06-01 12:00"], "tp": [0.1]}).write_parquet(file)
    >>> job = plan(open_dataset([file]), Opening("water"), partial(water_assessment, level="month"),
    ...     folder=file.parent, slice_rows=1000)
    >>> job.assessment.keys, len(job.slices)
    (('section',), 1)
    """
    intake = opening.open(dataset.name, pl.LazyFrame(schema=dataset.schema))
    assessment = asked(intake.frame.collect_schema().names())
    return Job(dataset, dataset.slices(slice_rows), opening, assessment, folder, intake.notes)


def look(job: Job, number: int) -> tuple[str, bytes, bytes]:
    """Look at a slice: count what the doors notice, the rows of each place, and values that another unit explains.

    Parameters
    ----------
    job : Job
        The job; its places are not known yet.
    number : int
        Which slice.

    Returns
    -------
    tuple of (str, bytes, bytes)
        What was noticed as JSON; the places and the counts of units as Arrow files.
    """
    piece = job.slices[number]
    intake = job.opening.open(job.dataset.name, job.dataset.slice_frame(piece), is_part=True)
    problems = [
        replace(p, first_row=None if p.first_row is None else p.first_row + piece.first) for p in intake.problems()
    ]
    keys = list(job.assessment.keys)
    places = intake.frame.group_by(keys).agg(rows=pl.len()).collect() if keys else pl.DataFrame()
    notes = [note for note in intake.notes if note not in job.notes]
    said = {"problems": [asdict(p) for p in problems], "notes": notes}
    return json.dumps(said), _packed(places), _packed(intake.unit_counts.collect())


def gather(job: Job, looks: Iterable[tuple[str, bytes, bytes]]) -> Looks:
    """Add up what was noticed about the slices, in their order.

    Parameters
    ----------
    job : Job
        The job.
    looks : iterable of tuple of (str, bytes, bytes)
        What `look` gave for each slice.

    Returns
    -------
    Looks
        What was noticed about the whole dataset.

    Raises
    ------
    BadFileError
        Where an item is probably in another unit.
    """
    problems: dict[tuple[str, str | None], Problem] = {}
    counted: dict[str, int] = {}
    notes = list(job.notes)
    places, units = [], []
    for said, packed_places, packed_units in looks:
        told = json.loads(said)
        for one in (Problem(**p) for p in told["problems"]):
            known = problems.get((one.code, one.column))
            problems[one.code, one.column] = one if known is None else replace(known, rows=known.rows + one.rows)
        # What the doors say of the rows of a slice begins with their number.
        for count, text in (note.split(" ", 1) for note in told["notes"]):
            counted[text] = counted.get(text, 0) + int(count)
        places.append(pl.read_ipc(BytesIO(packed_places)))
        units.append(pl.read_ipc(BytesIO(packed_units)))
    look_at_units(job.dataset.name, job.opening.domain, pl.concat(units), notes)
    keys = list(job.assessment.keys)
    whole = pl.concat(places).group_by(keys).agg(pl.col("rows").sum()).sort(keys) if keys else pl.DataFrame()
    ordered = sorted(problems.values(), key=lambda p: (-p.rows, p.first_row or 0, p.code, p.column or ""))
    return Looks(ordered, [*notes, *(f"{count} {text}" for text, count in counted.items())], whole)


def with_parts(job: Job, places: pl.DataFrame, *, part_rows: int, least: int) -> Job:
    """Put places into parts of about as many rows, neighbours in the order of places together.

    Parameters
    ----------
    job : Job
        A job whose assessment has keys.
    places : polars.DataFrame
        One row per place in order: its keys, ``rows``.
    part_rows : int
        Most rows of a part, unless one place has more.
    least : int
        Parts wanted at least, so that every core has one.

    Returns
    -------
    Job
        With ``part_of``.
    """
    size = max(1, min(part_rows, places["rows"].sum() // least))
    before = places["rows"].cum_sum() - places["rows"]
    part = (before // size).rle_id().cast(pl.Int32)
    part_of = places.select(*job.assessment.keys).with_columns(part.alias(_PART))
    return replace(job, part_of=part_of, parts=part.item(-1) + 1)


def deal(job: Job, number: int) -> Iterator[tuple[int, int, bytes]]:
    """Deal the rows of a slice out to the parts their places belong to, as they stand in the file.

    Parameters
    ----------
    job : Job
        A job with ``part_of``.
    number : int
        Which slice.

    Yields
    ------
    tuple of (int, int, bytes)
        The part, the slice, and the rows as an Arrow stream with their numbers in the dataset.
    """
    piece = job.slices[number]
    rows = job.dataset.slice_frame(piece).collect()
    opened = job.opening.open(job.dataset.name, rows.lazy(), is_part=True)
    places = opened.frame.select(*job.assessment.keys).collect()
    part = places.join(job.part_of, on=job.assessment.keys, how="left", nulls_equal=True, maintain_order="left")[_PART]
    numbered = rows.with_row_index(_ROW, offset=piece.first + 1).with_columns(part)
    for dealt in numbered.partition_by(_PART, maintain_order=True):
        yield dealt.item(0, _PART), number, _packed(dealt.drop(_PART))


def judge_part(job: Job, part: int, dealt: Sequence[bytes]) -> int:
    """Judge all rows of the places of a part and keep the result.

    Parameters
    ----------
    job : Job
        A job with ``part_of``.
    part : int
        Which part.
    dealt : sequence of bytes
        Its rows, from `deal`, in any order.

    Returns
    -------
    int
        Rows of the result.
    """
    rows = pl.concat([pl.read_ipc(BytesIO(d)) for d in dealt]).sort(_ROW)
    frame = job.opening.open(job.dataset.name, rows.lazy(), is_part=True).frame
    return _keep(job, part, job.assessment.rule(frame.with_columns(file_row=pl.col(_ROW).cast(pl.Int64)).drop(_ROW)))


def judge_slice(job: Job, number: int) -> int:
    """Judge the rows of a slice, each by itself, and keep the result.

    Parameters
    ----------
    job : Job
        A job whose assessment has no keys.
    number : int
        Which slice.

    Returns
    -------
    int
        Rows of the result.
    """
    opened = job.opening.open(job.dataset.name, job.dataset.slice_frame(job.slices[number]), is_part=True)
    return _keep(job, number, judged(opened.frame, job.assessment))


def judged(frame: pl.LazyFrame, assessment: Assessment) -> pl.LazyFrame:
    """Judge an opened frame in this process; rows that stand alone in batches, so that they may exceed memory.

    Parameters
    ----------
    frame : polars.LazyFrame
        A frame as `heqing.store.intake` opens it.
    assessment : Assessment
        What is asked.

    Returns
    -------
    polars.LazyFrame
        The result of the rule.

    Examples
    --------
    >>> from heqing.spread import water_assessment
    >>> rows = pl.LazyFrame({"section": ["甲"], "time": ["2020-06-01"], "body_type": ["river"], "tp": [0.1]})
    >>> frame = Opening("water").open(Path("samples"), rows).frame
    >>> judged(frame, water_assessment(["section"], level="sample")).collect()["water_class"].to_list()
    [2]
    """
    if assessment.keys:
        return assessment.rule(frame)
    rule = assessment.rule

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        source = frame if rows is None else frame.head(rows)
        for batch in source.collect_batches(chunk_size=BATCH, maintain_order=True):
            result = rule(batch.lazy())
            result = result if predicate is None else result.filter(predicate)
            yield (result if columns is None else result.select(columns)).collect()

    return register_io_source(batches, schema=rule(frame).collect_schema())


def part_files(job: Job) -> list[Path]:
    """List the files of the result that are there, in the order of their rows.

    Parameters
    ----------
    job : Job
        The job, done.

    Returns
    -------
    list of Path
        One per part.
    """
    return sorted(job.folder.glob("part-*.parquet"))


def _keep(job: Job, part: int, result: pl.LazyFrame) -> int:
    """Write a part of the result whole or not at all: whoever does it again puts the same file in its place."""
    path = job.folder / f"part-{part:06d}.parquet"
    under_way = job.folder / f".{path.name}.{socket.gethostname()}.{os.getpid()}"
    try:
        result.sink_parquet(under_way, maintain_order=True)
        rows: int = pl.scan_parquet(under_way, glob=False).select(pl.len()).collect().item()
        under_way.replace(path)
    except OSError as error:
        raise BadFileError(path, f"it cannot be written: {error.strerror or error}") from error
    finally:
        under_way.unlink(missing_ok=True)
    return rows


def _packed(rows: pl.DataFrame) -> bytes:
    target = BytesIO()
    rows.write_ipc(target, compression="lz4")
    return target.getvalue()
