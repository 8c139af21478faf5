"""Run a command beside a throw-away PostgreSQL: ``python scripts/on_postgresql.py python -m pytest tests/site``.

The cluster lives in a temporary folder, listens on a socket there and nowhere else, and goes when the command ends.
The command finds it in ``HEQING_DATABASE_URL``. PostgreSQL refuses to run as root, so root lends it to the account
``postgres`` that Debian's package makes. Nothing is kept on disk before it must be: do not use it for data.

Exit code: that of the command; 3 when PostgreSQL is not installed. With ``--optional`` first, its absence is only said
(exit code 0), but in a CI run (``CI=true``) it must be there.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

NOT_THERE = 3
SUPERUSER = "heqing"
SETTINGS = {  # safe only because nothing here outlives the command
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "TimeZone": "UTC",
}


class PostgresqlIsMissingError(Exception):
    """PostgreSQL cannot be started on this machine; the message says what to install."""


def binaries() -> Path:
    """Find the newest server: on the path, or where Debian keeps it.

    Raises
    ------
    PostgresqlIsMissingError
        When there is none.
    """
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not kept:
        raise PostgresqlIsMissingError(
            "PostgreSQL is not installed, so nothing was run on it. On Debian: apt-get install postgresql."
        )
    return kept[-1].parent


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster and give the address of its database; stop and remove it afterwards.

    Raises
    ------
    PostgresqlIsMissingError
        When the server is not installed, or this is root and there is no account to lend the work to.
    """
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="heqing-pg-", dir="/tmp"))  # a socket's path must be short
    as_whom: list[str] = []
    if os.geteuid() == 0:
        try:
            shutil.chown(folder, "postgres", "postgres")
        except LookupError as error:
            folder.rmdir()
            raise PostgresqlIsMissingError("Root needs the account “postgres”: apt-get install postgresql.") from error
        as_whom = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    data, log = folder / "data", folder / "log"
    environ = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*as_whom, *words], env=environ, cwd=folder, capture_output=True, text=True, check=False, timeout=120
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
        return done

    server = None
    try:
        run(
            str(programs / "initdb"), "--pgdata", str(data), "--username", SUPERUSER, "--auth", "trust",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        )  # fmt: skip
        asked = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with (folder.parent / f"{folder.name}.log").open("wb") as said:
            log = Path(said.name)
            server = subprocess.Popen(
                [*as_whom, str(programs / "postgres"), "-D", str(data), "-k", str(folder), *asked],
                env=environ,
                cwd=folder,
                stdout=said,
                stderr=said,
                start_new_session=True,  # Ctrl+C is for the command; the server is stopped after it
            )
        _wait(programs, folder, server, log)
        run(str(programs / "createdb"), "--host", str(folder), "--username", SUPERUSER, "heqing")
        yield f"postgresql://{SUPERUSER}@/heqing?host={quote(str(folder), safe='')}"
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # “fast”: connections are cut, nothing is waited for
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()
        shutil.rmtree(folder, ignore_errors=True)
        log.unlink(missing_ok=True)


def _wait(programs: Path, folder: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        ready = subprocess.run(
            [programs / "pg_isready", "--host", folder, "--quiet", "--dbname", "postgres"], check=False
        )
        if ready.returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text('utf-8', 'replace')}")


def main() -> int:
    words = sys.argv[1:]
    is_optional = words[:1] == ["--optional"]
    words = words[is_optional:]
    if not words:
        print(__doc__)
        return 2
    try:
        with cluster() as address:
            return subprocess.run(words, env=os.environ | {"HEQING_DATABASE_URL": address}, check=False).returncode
    except PostgresqlIsMissingError as error:
        print(error, file=sys.stderr)
        return 0 if is_optional and os.environ.get("CI") != "true" else NOT_THERE
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
