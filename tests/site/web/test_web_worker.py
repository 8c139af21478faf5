"""The worker: when the deed of the day is due, that it survives a deed that fails, and that only one of two works."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from heqing_site.web import environment
from heqing_site.web.worker import SOON, TRY_AGAIN, Worker

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine in Shanghai
HOUR = 6


class Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


class Deed:
    def __init__(self) -> None:
        self.done: list[tuple[datetime, date]] = []
        self.error: Exception | None = None

    def __call__(self, *, at: datetime, on: date) -> None:
        if self.error is not None:
            raise self.error
        self.done.append((at, on))


@pytest.fixture
def clock():
    return Clock(MORNING)


@pytest.fixture
def deed():
    return Deed()


@pytest.fixture
def worker(clock, deed, tmp_path):
    made = Worker(deed, hour=HOUR, folder=tmp_path, now=clock)
    yield made
    made.let_go()


def test_a_day_that_was_not_done_is_done_soon_and_once(worker, deed, clock):
    assert worker.look()
    clock.moment += timedelta(hours=14)
    assert not worker.look()

    assert deed.done == [(MORNING, date(2026, 3, 2))]
    assert worker.last == MORNING


def test_the_next_day_is_done_when_it_begins_and_again_after_the_hour(worker, deed, clock):
    worker.look()
    moments = [
        datetime(2026, 3, 2, 15, 59, tzinfo=UTC),  # 23:59 in Shanghai
        datetime(2026, 3, 2, 16, 0, tzinfo=UTC),  # midnight: a new day
        datetime(2026, 3, 2, 21, 59, tzinfo=UTC),  # 05:59
        datetime(2026, 3, 2, 22, 0, tzinfo=UTC),  # 06:00
        datetime(2026, 3, 2, 22, 1, tzinfo=UTC),
    ]
    looked = []
    for clock.moment in moments:
        looked.append(worker.look())

    assert looked == [False, True, False, True, False]
    assert [on for _, on in deed.done] == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 3)]


def test_a_deed_that_fails_is_logged_and_tried_again_later(worker, deed, clock, caplog):
    deed.error = ValueError("没有数据")
    assert not worker.look()
    deed.error = None
    clock.moment += TRY_AGAIN - timedelta(seconds=1)
    assert not worker.look()
    clock.moment += timedelta(seconds=1)
    assert worker.look()

    assert "没有数据" in caplog.text
    assert len(deed.done) == 1


def test_a_clock_that_was_set_back_does_nothing_twice(worker, deed, clock):
    worker.look()
    clock.moment -= timedelta(days=2)

    assert not worker.look()
    assert len(deed.done) == 1


def test_a_note_that_cannot_be_read_counts_as_none(worker, deed, tmp_path):
    (tmp_path / "worker.last").write_text("gestern", encoding="utf-8")

    assert worker.look()


def test_only_one_server_of_an_installation_works_and_the_other_takes_over(worker, deed, clock, tmp_path):
    holds = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from heqing_site.web import environment
from heqing_site.web.worker import Worker
worker = Worker(lambda at, on: None, hour=6, folder=Path(sys.argv[1]), now=lambda: datetime(2020, 1, 1, tzinfo=UTC))
print(worker._hold(), flush=True)
sys.stdin.readline()
"""
    words = [sys.executable, "-c", holds, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "True\n"
        assert not worker.look()
        other.communicate("\n", timeout=20)

    assert worker.look()
    assert len(deed.done) == 1


def test_the_thread_works_and_ends_with_the_server(clock, tmp_path, monkeypatch):
    monkeypatch.setattr("heqing_site.web.worker.SOON", 0.01)
    done = threading.Event()

    with Worker(lambda at, on: done.set(), hour=HOUR, folder=tmp_path, now=clock) as worker:
        assert done.wait(10)

    assert not worker._thread.is_alive()
    assert worker._lock is None
    assert SOON < 60


@pytest.mark.parametrize(("said", "hour"), [("", 6), ("0", 0), ("23", 23), ("24", None), ("six", None), ("-1", None)])
def test_the_hour_of_the_day_is_a_setting(said, hour):
    if hour is None:
        with pytest.raises(ImproperlyConfigured, match="HEQING_DAILY_HOUR"):
            environment.read({"HEQING_DAILY_HOUR": said})
    else:
        assert environment.read({"HEQING_DAILY_HOUR": said}).daily_hour == hour
