"""The worker (后台任务) that `heqing serve` starts: one thread that does the deed of the day once a day.

It knows no room: the deed is a callable that comes in, and so does the clock. A deed that fails is logged
and tried again later; nothing here stops the server. A lock in the data folder keeps two servers of one installation
from both working; whichever holds it works, the other takes over when it goes. Look next at ``web.verbs``.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from django.db import connections
from django.utils import timezone

logger = logging.getLogger(__name__)

SOON = 5.0  # seconds after the start, so that the first pages do not wait for it
LOOK_EVERY = 30.0  # seconds
TRY_AGAIN = timedelta(minutes=15)  # after a deed that failed
LAST_WORDS = 10.0  # seconds that a deed under way gets when the server stops; what it began is rolled back after that


class DailyDeed(Protocol):
    """What is done once a day: the moment it is done at and the day it is done for."""

    def __call__(self, *, at: datetime, on: date) -> object:
        """Do it."""


class Worker:
    """A thread with a schedule of one line: soon after the start if the day was not done, and daily after an hour.

    Parameters
    ----------
    deed
        What is done once a day.
    hour
        Local hour from which the day is done, even if it was done before that hour: by then the night's data are in.
    folder
        The data folder: lock and the moment of the last deed are kept there.
    now
        The clock.
    """

    def __init__(self, deed: DailyDeed, *, hour: int, folder: Path, now: Callable[[], datetime]) -> None:
        self._deed, self._hour, self._folder, self._now = deed, hour, folder, now
        self._stop = threading.Event()
        self._lock: BinaryIO | None = None
        self._not_before: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="heqing-worker", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Ask the thread to end and wait for it a little."""
        self._stop.set()
        self._thread.join(LAST_WORDS)

    @property
    def last(self) -> datetime | None:
        """When the deed was last done here; None where it never was or the note cannot be read."""
        try:
            return datetime.fromisoformat(self._note.read_text("utf-8").strip())
        except (OSError, ValueError):
            return None

    def is_due(self, moment: datetime) -> bool:
        """Whether the deed is to be done now: not yet on this local day, or not since the hour of this day."""
        if self._not_before is not None and moment < self._not_before:
            return False
        last = self.last
        if last is None:
            return True
        local, before = timezone.localtime(moment), timezone.localtime(last)
        if before > local:
            return False  # the clock was set back; wait until it has caught up
        return before.date() < local.date() or before.hour < self._hour <= local.hour

    def look(self) -> bool:
        """Do the deed if it is due and nobody else of this installation works; tell whether it was done."""
        moment = self._now()
        if not self._hold() or not self.is_due(moment):
            return False
        try:
            self._deed(at=moment, on=timezone.localdate(moment))
            self._write_down(moment)
        except Exception:  # the thread must go on, whatever a room does
            self._not_before = moment + TRY_AGAIN
            logger.exception("The deed of the day failed; it is tried again in %s.", TRY_AGAIN)
            return False
        finally:
            connections.close_all()
        self._not_before = None
        return True

    def let_go(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # --- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        pause = SOON
        try:
            while not self._stop.wait(pause):
                pause = LOOK_EVERY
                try:
                    self.look()
                except Exception:  # a full disk, a folder that went away
                    logger.exception("The worker could not look; it goes on.")
        finally:
            self.let_go()

    # --- files of the data folder ---------------------------------------------------------------------------------

    @property
    def _note(self) -> Path:
        return self._folder / "worker.last"

    def _write_down(self, moment: datetime) -> None:
        half = self._folder / "worker.last.new"
        half.write_text(moment.isoformat(), encoding="utf-8")
        os.replace(half, self._note)

    def _hold(self) -> bool:
        if self._lock is None:
            file = (self._folder / "worker.lock").open("ab")
            if not _lock(file):
                file.close()
                return False
            self._lock = file
        return True


def _lock(file: BinaryIO) -> bool:
    """Lock a file for this process until it is closed; False when another one holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
