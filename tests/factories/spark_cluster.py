"""A Spark cluster on this machine alone: a standalone master and workers on loopback, which can be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

import heqing

# Start-up of a Java process on a busy machine.
PATIENCE_SECONDS = 180


class SparkCluster:
    """A master and workers of one core each, all their files in a folder; they end with the block."""

    def __init__(self, folder: Path, *, workers: int = 2, memory: str = "1g") -> None:
        self.folder = folder
        self.memory = memory
        self.workers: list[subprocess.Popen[bytes]] = []
        self._wanted = workers
        self._all: list[subprocess.Popen[bytes]] = []
        self.address = ""

    def __enter__(self) -> SparkCluster:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._start("master.Master", "master")
        self.address = self._read("master", r"Starting Spark master at (spark://127\.0\.0\.1:\d+)")
        for _ in range(self._wanted):
            self.add_worker()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._all:
            _end(process)

    def add_worker(self) -> None:
        """Start a worker and wait until the master knows it."""
        name = f"worker{len(self.workers)}"
        memory = ["--cores", "1", "--memory", self.memory, "--work-dir", str(self.folder / name)]
        self.workers.append(self._start("worker.Worker", name, *memory, self.address))
        self._read(name, r"(Successfully registered with master)")

    def kill_worker(self, number: int) -> None:
        """Kill a worker and the executor it started, as when a machine is gone."""
        _end(self.workers[number])

    def environment(self) -> dict[str, str]:
        """Give the environment in which a job joins the cluster."""
        local = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(self.folder), "SPARK_DAEMON_MEMORY": "256m"}
        package = Path(heqing.__file__).absolute().parents[1]
        return {**os.environ, **local, "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(package)}

    def _start(self, what: str, name: str, *words: str) -> subprocess.Popen[bytes]:
        found = find_spec("pyspark")
        assert found is not None
        assert found.origin is not None
        program = Path(found.origin).parent / "bin" / "spark-class"
        ports = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                ["bash", str(program), f"org.apache.spark.deploy.{what}", *ports, *words],
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._all.append(process)
        return process

    def _read(self, name: str, pattern: str) -> str:
        """Wait until a line of a log says something."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            text = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            found = re.search(pattern, text)
            if found:
                return found[1]
            time.sleep(0.1)
        raise TimeoutError(f"{name} did not start:\n{text[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and those of its group, its executor among them."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
