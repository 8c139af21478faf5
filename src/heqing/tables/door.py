"""The door of the sciences: any frame in, the same kind of frame out.

A rule is written once, for a Polars LazyFrame. Marked with `any_frame` it also takes the frames other tools hold, and
gives back the kind that came in. It computes nothing; pandas and pyarrow are used where they are, never needed. Look
next at any rule of `heqing.air`, for one.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib.util import find_spec
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload

import polars as pl

from heqing.errors import FrameKindError, MissingColumnError

Options = ParamSpec("Options")
PolarsFrame = TypeVar("PolarsFrame", bound=pl.LazyFrame | pl.DataFrame)

# Beijing time (北京时间), eight hours before UTC all year: what every standard means by an hour or a day.
BEIJING = "Etc/GMT-8"
# Columns that hold days. pandas has no type for a day and Arrow tables made of it have none either.
DAYS = ("day", "period_start", "period_end")
TIMES = ("time", *DAYS)


class ArrowStream(Protocol):
    """Anything with the Arrow PyCapsule interface: pyarrow Table and RecordBatch, pandas DataFrame, and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give the frame as an Arrow stream."""
        ...


class FrameRule(Protocol[Options]):
    """A rule that takes any frame and gives back the kind that came in."""

    @overload
    def __call__(self, frame: PolarsFrame, /, *args: Options.args, **options: Options.kwargs) -> PolarsFrame: ...

    @overload
    def __call__(self, frame: ArrowStream, /, *args: Options.args, **options: Options.kwargs) -> Any: ...


def any_frame(rule: Callable[Concatenate[pl.LazyFrame, Options], pl.LazyFrame]) -> FrameRule[Options]:
    """Let a rule on a LazyFrame take any frame, and give back the kind that came in.

    A LazyFrame stays lazy and a Polars DataFrame is computed at once. A pandas DataFrame comes back as one with a fresh
    index: its own index is not read, so name it with ``reset_index()`` where it holds a column. NaN counts as no value;
    a column the rule leaves as it is keeps its pandas type (nullable, category, nanoseconds). Anything with the Arrow
    PyCapsule interface (pyarrow Table, RecordBatch, RecordBatchReader, and what other tools give) comes back as a
    pyarrow Table. Times with a zone, in any kind of frame, are judged by Beijing time and keep their zone.

    Parameters
    ----------
    rule : callable
        Takes a LazyFrame first and gives a LazyFrame.

    Returns
    -------
    FrameRule
        The same rule; other frames raise `FrameKindError`.

    Examples
    --------
    >>> @any_frame
    ... def doubled(frame: pl.LazyFrame) -> pl.LazyFrame:
    ...     return frame.with_columns(twice=2 * pl.col("value"))
    >>> doubled(pl.DataFrame({"value": [1]})).row(0)
    (1, 2)
    """
    first, *others = inspect.signature(rule).parameters.values()
    # Some rules hold one frame against another; what comes out is of the kind of the first.
    beside = {place: p.name for place, p in enumerate(others) if p.annotation in ("pl.LazyFrame", pl.LazyFrame)}

    @wraps(rule)
    def through_the_door(frame: Any, /, *args: Any, **options: Any) -> Any:
        given = _opened(frame, rule.__name__)
        if beside:
            args = tuple(_entered(_opened(a, rule.__name__)) if n in beside else a for n, a in enumerate(args))
            for name in beside.values():
                if name in options:
                    options[name] = _entered(_opened(options[name], rule.__name__))
        entered = _entered(given)
        try:
            return given.close(_left(given, rule(entered, *args, **options), entered))
        except MissingColumnError as error:
            indexed = ", ".join(name for name in given.index if name in error.columns)
            if indexed:
                error.add_note(f"The index of a pandas frame is not read ({indexed}): call reset_index().")
            raise
        except pl.exceptions.PolarsError as error:
            written = [n for n, kind in entered.collect_schema().items() if n in TIMES and kind == pl.String]
            if written:
                raise FrameKindError(
                    f"`{rule.__name__}` reads dates and times; `{written[0]}` is text. Turn it into dates first: "
                    f"pandas.to_datetime(…), pl.col('{written[0]}').str.to_datetime(); heqing.store.open_frame reads "
                    "all the forms people write."
                ) from error
            raise

    # What is shown of the rule: any kind of frame. The types themselves are told by `FrameRule`.
    shown = [first.replace(kind=inspect.Parameter.POSITIONAL_ONLY, annotation="AnyFrame"), *others]
    through_the_door.__signature__ = inspect.Signature(shown, return_annotation="AnyFrame")  # type: ignore[attr-defined]
    return cast("FrameRule[Options]", through_the_door)


def read_frame(frame: Any, asked_by: str) -> pl.DataFrame:
    """Read any frame as a rule would, for what gives no frame back: a picture, a report.

    Parameters
    ----------
    frame : any frame
        As `any_frame` takes it.
    asked_by : str
        Name of the function that was given the frame, for the message.

    Returns
    -------
    polars.DataFrame
        Its rows, times by Beijing time.

    Raises
    ------
    FrameKindError
        When it is no frame.

    Examples
    --------
    >>> read_frame(pl.LazyFrame({"value": [1]}), "picture").rows()
    [(1,)]
    """
    return _entered(_opened(frame, asked_by)).collect()


@dataclass(frozen=True)
class _Given:
    """A frame as it came to the door, and how its kind is made again."""

    frame: pl.LazyFrame
    foreign: bool
    close: Callable[[pl.LazyFrame], Any]
    index: tuple[str, ...] = ()


def _opened(frame: Any, rule: str) -> _Given:
    if isinstance(frame, pl.LazyFrame):
        return _Given(frame, False, lambda result: result)
    if isinstance(frame, pl.DataFrame):
        return _Given(frame.lazy(), False, pl.LazyFrame.collect)
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        _need_pyarrow(rule, "pandas")
        read = _of_pandas(frame)
        index = tuple(str(name) for name in frame.index.names if name is not None)
        return _Given(read.lazy(), True, lambda result: _to_pandas(result.collect(), frame, read.schema), index)
    if hasattr(frame, "__arrow_c_stream__") and not isinstance(frame, pl.Series):
        _need_pyarrow(rule, "Arrow")
        try:
            read = pl.DataFrame(frame)
        except Exception as error:
            raise _no_frame(rule, frame) from error
        kept = getattr(frame, "schema", None)
        return _Given(read.lazy(), True, lambda result: _to_arrow(result.collect(), kept, read.schema))
    raise _no_frame(rule, frame)


def _entered(given: _Given) -> pl.LazyFrame:
    """Give the frame as rules read it: times by the clock of Beijing; of other tools' frames plain text and days."""
    schema = given.frame.collect_schema()
    changes = [
        pl.col(name).dt.convert_time_zone(BEIJING).dt.replace_time_zone(None)
        for name, kind in schema.items()
        if isinstance(kind, pl.Datetime) and kind.time_zone is not None
    ]
    frame = given.frame.with_columns(changes) if changes else given.frame
    if not given.foreign:
        return frame
    plain: list[pl.Expr] = []
    for name, kind in schema.items():
        if isinstance(kind, pl.Datetime):
            plain.append(pl.col(name).cast(pl.Datetime("us")))
        elif isinstance(kind, pl.Categorical | pl.Enum):
            plain.append(pl.col(name).cast(pl.String))
    read = frame.with_columns(plain).collect()
    days = [n for n in DAYS if read.schema.get(n) == pl.Datetime and (read[n] == read[n].dt.truncate("1d")).all()]
    return read.lazy().with_columns(pl.col(days).dt.date())


def _left(given: _Given, result: pl.LazyFrame, entered: pl.LazyFrame) -> pl.LazyFrame:
    """Put back what the door changed in columns that the rule left as they were."""
    before = given.frame.collect_schema()
    zoned = {n: k for n, k in before.items() if isinstance(k, pl.Datetime) and k.time_zone is not None}
    if not zoned and not given.foreign:
        return result
    after, within = result.collect_schema(), entered.collect_schema()
    kept = {n: k for n, k in before.items() if n in after and after[n] == within[n] != k}
    if not kept:
        return result
    return result.with_columns(
        pl.col(n).cast(pl.Datetime("us")).dt.replace_time_zone(BEIJING).dt.convert_time_zone(k.time_zone).cast(k)
        if n in zoned and isinstance(k, pl.Datetime) and k.time_zone is not None
        else pl.col(n).cast(k)
        for n, k in kept.items()
    )


def _need_pyarrow(rule: str, tool: str) -> None:
    if find_spec("pyarrow") is None:
        raise FrameKindError(
            f"`{rule}` gives {tool} frames back through pyarrow, which is not installed: pip install pyarrow."
        )


def _no_frame(rule: str, given: object) -> FrameKindError:
    kind = f"{type(given).__module__}.{type(given).__qualname__}".removeprefix("builtins.")
    return FrameKindError(
        f"`{rule}` takes a frame: polars LazyFrame or DataFrame, pandas DataFrame, pyarrow Table or anything with "
        f"`__arrow_c_stream__`. Given: {kind}."
    )


def _unread(problem: str) -> FrameKindError:
    return FrameKindError(f"The pandas frame cannot be read: {problem}.")


def _of_pandas(frame: Any) -> pl.DataFrame:
    names = list(frame.columns)
    strange = [n for n in names if not isinstance(n, str)]
    if strange:
        raise _unread(f"columns are named by text; {strange[0]!r} is {type(strange[0]).__name__}")
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise _unread(f"`{twice[0]}` is the name of more than one column")
    read: list[pl.Series] = []
    for name in names:
        try:
            column: Any = pl.from_pandas(frame[name])
            read.append(column.alias(name))
        except Exception as error:
            kinds = sorted({type(value).__name__ for value in frame[name].head(100_000)})
            raise _unread(f"`{name}` holds no one kind of value: {', '.join(kinds)}") from error
    return pl.DataFrame(read)


def _to_pandas(result: pl.DataFrame, given: Any, schema: pl.Schema) -> Any:
    frame: Any = result.to_pandas()
    for name, kind in result.schema.items():
        if name not in given.columns or schema[name] != kind or frame[name].dtype == given[name].dtype:
            continue
        if kind == pl.Date:
            frame[name] = frame[name].dt.date.astype(object).where(frame[name].notna(), None)
            continue
        try:
            frame[name] = frame[name].astype(given[name].dtype)
        except (TypeError, ValueError):  # whole numbers that have gaps now stay doubles
            continue
    return frame


def _to_arrow(result: pl.DataFrame, given: Any, schema: pl.Schema) -> Any:
    table: Any = result.to_arrow()
    for place, name in enumerate(result.columns):
        if name in schema and schema[name] == result.schema[name] and hasattr(given, "field"):
            kind = given.field(name).type
            if table.field(place).type != kind:
                table = table.set_column(place, given.field(name), table.column(place).cast(kind))
    return table
