"""Many documents, one after the other or over all cores: each is read, refused or stopped, and the run goes on.

Every worker process has one document at a time, so that memory does not grow with their number; a worker that takes too
long or dies is replaced. Order: as given with one process, as they are ready with several. See `heqing.cli.read`.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path, PurePath
from typing import Any

from rich.console import Console

from heqing.cli.reading_tables import What, rows_of, show
from heqing.errors import BadFileError, HeqingError
from heqing.reading import Additions, Outside, ReceivedText, decode
from heqing.reading import read as read_document
from heqing.reading.decoding import ENDINGS, PICTURES

_GRACE = 3.0  # seconds in which a stopped worker may put away what it began


@dataclass(frozen=True)
class Source:
    """A document to read: its file, and its name below the folder that was given."""

    file: Path
    name: str

    @property
    def document(self) -> str:
        """Its name without the ending of documents."""
        pure = PurePath(self.name)
        return pure.with_suffix("").as_posix() if pure.suffix.lower() in ENDINGS + PICTURES else self.name


@dataclass(frozen=True)
class Job:
    """What is wanted of every document: one part of the reading, or all of it as one JSON object."""

    what: What | None
    as_table: bool
    width: int
    outside: Outside
    seconds: float
    additions: Additions | None = None


@dataclass(frozen=True)
class Told:
    """What came of one document: its rows as text and counts, or a problem with its kind and place."""

    source: Source
    text: str = ""
    findings: int = 0
    characters: int = 0
    notes: tuple[str, ...] = ()
    problem: str | None = None
    code: str = ""
    byte: int | None = None


def sources_of(paths: Iterable[Path], *, with_pictures: bool) -> list[Source]:
    """Give the files named and the documents in the folders named, in the order of their names."""
    found: list[Source] = []
    wanted = ENDINGS + PICTURES if with_pictures else ENDINGS
    for path in paths:
        if not path.is_dir():
            found.append(Source(path, path.name))
            continue
        for folder, below, files in os.walk(path):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(files):
                file = Path(folder, name)
                # What begins so is hidden, or the mark of a file that is open in Word.
                if not name.startswith((".", "~$")) and file.suffix.lower() in wanted and file.is_file():
                    found.append(Source(file, file.relative_to(path).as_posix()))
    return found


def read_each(sources: list[Source], job: Job, jobs: int) -> Generator[Told]:
    """Read documents, with several processes when `jobs` is more than one."""
    jobs = min(jobs, len(sources))
    if jobs <= 1:
        return (tell(source, job) for source in sources)
    return _side_by_side(iter(sources), job, jobs)


def tell(source: Source, job: Job) -> Told:
    """Read one document and put its rows into the form wanted."""
    try:
        received = decode(bytes_of(source), source.name, outside=job.outside)
        found = read_document(received, source.name, additions=job.additions)
    except HeqingError as error:
        byte, code = (error.byte, error.code) if isinstance(error, BadFileError) else (None, "unreadable")
        return Told(source, problem=str(error), code=code, byte=byte)
    if job.what is None:
        parts = {part: list(rows_of(found, part)) for part in What}
        text = json.dumps({"text": received.text, **parts}, ensure_ascii=False)
    elif job.as_table:
        held = io.StringIO()
        # No markup, no emoji: what stands in square brackets or between colons is the document's own.
        console = Console(file=held, width=job.width, soft_wrap=False, highlight=False, markup=False, emoji=False)
        show(console, found, job.what)
        text = held.getvalue()
    else:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_of(found, job.what))
    return Told(source, text, len(found.findings), len(received.text), tuple(_notes(received)))


def bytes_of(source: Source) -> bytes:
    """Give the content of a file."""
    try:
        return source.file.read_bytes()
    except FileNotFoundError as error:
        raise BadFileError(source.file, "there is no such file; check the name", code="missing") from error
    except OSError as error:
        raise BadFileError(
            source.file, f"the file cannot be opened ({error.strerror}); check its permissions", code="missing"
        ) from error


def _notes(received: ReceivedText) -> Iterator[str]:
    if received.unread_pages:
        pages = ", ".join(map(str, received.unread_pages[:20])) + (" …" if len(received.unread_pages) > 20 else "")
        yield f"{received.name}: page(s) {pages} are pictures without text; what they say was not read."


# --- several processes ----------------------------------------------------------------------------------------------


@dataclass
class _Worker:
    """A process that reads one document after the other, and what it has in hand since when."""

    process: Any
    pipe: Connection
    has: Source | None = None
    since: float = 0.0

    def give(self, source: Source) -> None:
        self.has, self.since = source, time.monotonic()
        self.pipe.send(source)

    def stop(self) -> None:
        self.pipe.close()
        if self.has is not None:
            self.process.terminate()
        self.process.join(_GRACE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


@dataclass
class _Crew:
    job: Job
    context: Any = field(default_factory=lambda: multiprocessing.get_context("spawn"))

    def hire(self) -> _Worker:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=_work, args=(theirs, self.job), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)


def _side_by_side(sources: Iterator[Source], job: Job, jobs: int) -> Generator[Told]:
    crew = _Crew(job)
    workers: list[_Worker] = []
    try:
        for _ in range(jobs):
            worker = crew.hire()
            workers.append(worker)
            _give_next(worker, sources)
        while any(worker.has is not None for worker in workers):
            for number, worker in enumerate(workers):
                if worker.has is None:
                    continue
                told = _ended(worker, job)
                if told is None:
                    continue
                if told.code in ("too_slow", "broke_off"):
                    worker.stop()
                    worker = workers[number] = crew.hire()
                worker.has = None
                _give_next(worker, sources)
                yield told
            busy = [worker.pipe for worker in workers if worker.has is not None]
            if busy:
                soonest = min(w.since for w in workers if w.has is not None) + job.seconds - time.monotonic()
                wait(busy, timeout=max(0.0, soonest))
    finally:
        for worker in workers:
            worker.stop()


def _give_next(worker: _Worker, sources: Iterator[Source]) -> None:
    source = next(sources, None)
    if source is not None:
        worker.give(source)


def _ended(worker: _Worker, job: Job) -> Told | None:
    """Give what a worker has to tell; None while it is at work and in time."""
    if worker.has is None:
        return None
    if worker.pipe.poll():
        try:
            told: Told = worker.pipe.recv()
        except (EOFError, OSError):
            problem = f"{worker.has.name}: the reading of this file broke off; the others go on"
            return Told(worker.has, problem=problem, code="broke_off")
        return told
    if time.monotonic() - worker.since > job.seconds:
        problem = f"{worker.has.name}: reading took more than {job.seconds:g} seconds and was stopped"
        return Told(worker.has, problem=problem, code="too_slow")
    return None


def _work(pipe: Connection, job: Job) -> None:
    """Read what is sent until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked is told by the process that asked
    signal.signal(signal.SIGTERM, _leave)
    while True:
        try:
            source: Source = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            told = tell(source, job)
        except Exception as error:  # noqa: BLE001 - top of a process: a fault of ours in one file does not end the run
            problem = (
                f"{source.name}: the reader failed on this file ({type(error).__name__}: {error}); please report it"
            )
            told = Told(source, problem=problem, code="failed")
        try:
            pipe.send(told)
        except OSError:
            return


def _leave(*_: object) -> None:
    raise SystemExit(1)
