"""Programs of others that help to read (外部程序): LibreOffice for old Office files, a command that reads scans.

Which programs there are is told by the caller; without any, such files are refused with a sentence. They work on a copy
in a folder of their own, under a deadline, without a shell. Look next at `heqing.reading.decoding`.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from heqing.errors import BadFileError

DEADLINE = 120.0  # seconds that a program may take for one file or one page, unless the installation says otherwise
_OUTPUT_LIMIT = 50_000_000  # characters of recognised text
# LibreOffice's settings for files from outside: no macro runs, no link is followed.
_PROFILE = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    + "".join(
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{key}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, key, value in (
            ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
            ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
            ("Writer/Content/Update", "Link", "0"),
            ("Calc/Content/Update", "Link", "1"),
        )
    )
    + "</oor:items>"
)


@dataclass(frozen=True)
class Outside:
    """The programs an installation lets the reader use.

    Parameters
    ----------
    office : str
        The program of LibreOffice; empty for none.
    ocr : str
        A command that recognises characters and prints them as UTF-8: ``{file}`` stands for the file as received,
        ``{picture}`` for a picture (a PDF is then drawn page by page, the command runs once a page). Empty for none.
    seconds : float
        How long a program may take [s].
    """

    office: str = ""
    ocr: str = ""
    seconds: float = DEADLINE


def converted(raw: bytes, name: str, ending: str, to: str, outside: Outside) -> bytes:
    """Let LibreOffice save a file in another form.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        Its name, for errors.
    ending : str
        The ending of the form it has, with the dot.
    to : str
        The form wanted: ``docx`` or ``xlsx``.
    outside : Outside
        The programs there are.

    Returns
    -------
    bytes
        The file in the form wanted.

    Raises
    ------
    BadFileError
        When there is no LibreOffice, or it cannot read the file in time.

    Examples
    --------
    >>> converted(b"", "a.doc", ".doc", "docx", Outside())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    heqing.errors.BadFileError: a.doc, byte 0: this is an old Word or Excel file; save it as .docx or .xlsx ...
    """
    if not outside.office:
        raise BadFileError(
            name,
            "this is an old Word or Excel file; save it as .docx or .xlsx and read that, or install LibreOffice: it is "
            "then read through it",
            byte=0,
            code="old_office",
        )
    with tempfile.TemporaryDirectory(prefix="heqing-office-") as folder:
        home = Path(folder)
        (home / "profile" / "user").mkdir(parents=True)
        (home / "profile" / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        received = home / f"received{ending}"
        received.write_bytes(raw)
        command = [
            outside.office, f"-env:UserInstallation={(home / 'profile').as_uri()}", "--headless", "--norestore",
            "--convert-to", to, "--outdir", str(home / "out"), str(received),
        ]  # fmt: skip
        _run(command, name, "LibreOffice", outside.seconds, home)
        saved = home / "out" / f"received.{to}"
        if not saved.is_file() or not saved.stat().st_size:
            raise BadFileError(
                name, f"LibreOffice cannot read it; open it in Word or WPS and save it as .{to}", code="old_office"
            )
        return saved.read_bytes()


def recognised(raw: bytes, name: str, ending: str, outside: Outside, pictures: Iterable[bytes] | None) -> list[str]:
    """Let the installation's command recognise the characters of a scan.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        Its name, for errors.
    ending : str
        The ending of its form, with the dot.
    outside : Outside
        The programs there are.
    pictures : iterable of bytes, optional
        The pages as PNG, for a command that wants pictures; None when the file is a picture itself, or cannot be drawn.

    Returns
    -------
    list of str
        The text of each page, or of the whole file as one.

    Raises
    ------
    BadFileError
        When the command fails, takes too long or finds nothing.

    Examples
    --------
    >>> recognised(b"scan", "a.png", ".png", Outside(ocr="echo 优良率达到八成 {file}"), None)[0][:7]
    '优良率达到八成'
    """
    words = shlex.split(outside.ocr)
    by_page = pictures is not None and any("{picture}" in word for word in words)
    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="heqing-ocr-") as folder:
        home = Path(folder)
        for number, content in enumerate(pictures if by_page and pictures is not None else [raw], start=1):
            given = home / (f"page{number}.png" if by_page else f"received{ending}")
            given.write_bytes(content)
            command = [word.replace("{file}", str(given)).replace("{picture}", str(given)) for word in words]
            said = _run(command, name, "the command HEQING_OCR", outside.seconds, home)
            found.append(said.decode("utf-8", errors="replace").replace("\x00", "").replace("\f", "\n"))
            given.unlink(missing_ok=True)
    if not any(page.strip() for page in found):
        raise BadFileError(name, "the command HEQING_OCR found no text in it; look at the scan", code="scan")
    if sum(map(len, found)) > _OUTPUT_LIMIT:
        raise BadFileError(name, "the command HEQING_OCR gives more text than a document holds", code="too_large")
    return found


def _run(command: list[str], name: str, who: str, seconds: float, home: Path) -> bytes:
    """Run a program and give what it prints; one that does not end in time is stopped with all it started."""
    with (home / "printed").open("w+b") as printed, (home / "complaints").open("w+b") as complaints:
        try:
            running = subprocess.Popen(  # noqa: S603 - the installation's own command, split into words, no shell
                command, stdin=subprocess.DEVNULL, stdout=printed, stderr=complaints, cwd=home, start_new_session=True
            )
        except (OSError, ValueError) as error:
            raise BadFileError(name, f"{who} cannot be started ({error}); check the setting", code="outside") from error
        try:
            code = running.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise BadFileError(
                name, f"{who} took more than {seconds:g} seconds and was stopped", code="outside"
            ) from error
        finally:
            _stop(running)
        if code:
            complaints.seek(0)
            said = complaints.read(2000).decode("utf-8", errors="replace").strip().splitlines()
            raise BadFileError(
                name,
                f"{who} ended with {code}{': ' + said[-1][:200] if said else ''}; check the setting",
                code="outside",
            )
        printed.seek(0)
        return printed.read(4 * _OUTPUT_LIMIT + 1)


def _stop(running: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # all of them ended by themselves
            os.killpg(running.pid, signal.SIGKILL)
    else:
        running.kill()
    running.wait()
