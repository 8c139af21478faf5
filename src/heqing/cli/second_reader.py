"""The connection to an optional second reader: an OpenAI-compatible address that the installation configures.

Without ``HEQING_SECOND_READER_URL`` there is none and nothing is sent anywhere. What is asked, and what of an answer
counts, is told by `heqing.reading.second`.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from email.message import Message
from http.client import HTTPException
from typing import IO, NoReturn
from urllib.parse import urlsplit

import typer

from heqing.cli.console import say
from heqing.cli.settings import second_reader
from heqing.errors import SecondReaderError
from heqing.reading import Reading, to_record
from heqing.reading.second import Ask, SecondReading, limit, read_second, refusals

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class _NoWayOn(urllib.request.HTTPRedirectHandler):
    """Follow no other address: the key and the document go where the installation says, nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> NoReturn:
        raise SecondReaderError(f"the address points elsewhere ({code}); enter the final one in the settings")


def asking(url: str, model: str, key: str) -> Ask:
    """Give the callable that asks a model at an address.

    Parameters
    ----------
    url : str
        The address up to its version, for instance ``http://127.0.0.1:8000/v1``.
    model : str
        The name of the model.
    key : str
        The key; empty for none.

    Returns
    -------
    callable
        Takes messages and gives the words of the answer; raises `SecondReaderError` when there is none.

    Raises
    ------
    SecondReaderError
        When the address is no web address or the model has no name.

    Examples
    --------
    >>> callable(asking("http://127.0.0.1:8000/v1", "m", ""))
    True
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SecondReaderError("HEQING_SECOND_READER_URL is no http or https address")
    if not model:
        raise SecondReaderError("HEQING_SECOND_READER_MODEL names no model")
    opener = urllib.request.build_opener(_NoWayOn)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}

    def ask(messages: Sequence[dict[str, str]]) -> str:
        body = json.dumps({"model": model, "messages": list(messages), "temperature": 0}, ensure_ascii=False)
        request = urllib.request.Request(  # noqa: S310  the scheme is checked above
            f"{url.rstrip('/')}/chat/completions", body.encode(), headers, method="POST"
        )
        return _words(_send(opener, request))

    return ask


def _send(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> bytes:
    """Send a request, again where the other side is busy or away, and give the answer up to its longest."""
    most, pause = int(limit("answer_bytes")), float(limit("pause"))
    reason = ""
    for turn in range(int(limit("asks"))):
        if turn:
            time.sleep(pause * 2 ** (turn - 1))
        try:
            with opener.open(request, timeout=float(limit("seconds"))) as answer:
                body: bytes = answer.read(most + 1)
        except urllib.error.HTTPError as error:
            reason = f"the second reader answered {error.code}"
            if error.code not in _AGAIN:
                break
        except (OSError, HTTPException) as error:
            reason = f"the second reader cannot be reached ({error})"
        else:
            if len(body) > most:
                raise SecondReaderError("the answer is too long")
            return body
    raise SecondReaderError(reason)


def _words(body: bytes) -> str:
    try:
        said = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError) as error:
        raise SecondReaderError("the answer has not the form of a chat completion") from error
    if not isinstance(said, str):
        raise SecondReaderError("the answer holds no words")
    return said


def run(documents: Iterable[Reading], show: Callable[[Reading], object] | None) -> None:
    """Have documents read by the configured second reader too, and print its proposals beside our own findings.

    What was dropped and which pieces failed is said on standard error; the exit code is 1 when a piece failed.

    Parameters
    ----------
    documents : iterable of Reading
        Our own readings.
    show : callable, optional
        Prints a reading as a table; without it, one JSON object a line, proposals with ``proposed_by``.

    Raises
    ------
    SecondReaderError
        When none is configured.

    Examples
    --------
    >>> run([], None)
    """
    url, model, key = second_reader()
    ask: Ask | None = None
    has_failed = False
    for reading in documents:
        if ask is None:
            if not url:
                raise SecondReaderError("no second reader is configured; set HEQING_SECOND_READER_URL and _MODEL")
            ask = asking(url, model, key)
        second = read_second(reading, ask, proposed_by=model)
        if show is None:
            _write(reading, second)
        else:
            show(reading)
            show(replace(reading, doc=f"{reading.doc}（第二解读提出，未核对）", findings=second.findings))
        _tell(second)
        has_failed = has_failed or bool(second.failed)
    if has_failed:
        raise typer.Exit(1)


def _write(reading: Reading, second: SecondReading) -> None:
    rows = [to_record(finding) for finding in reading.findings]
    rows += [{**to_record(finding), "proposed_by": second.proposed_by} for finding in second.findings]
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def _tell(second: SecondReading) -> None:
    dropped = "，".join(f"{refusals()[code]} {count}" for code, count in sorted(second.dropped.items()))
    told = f"{second.doc}：第二解读（{second.proposed_by}）提出 {len(second.findings)} 条"
    say(f"{told}，未采用：{dropped}" if dropped else told)
    for start, end, reason in second.failed:
        say(
            f"[red]error:[/red] {second.doc}: characters {start} to {end} of the text were not read: {reason}",
            markup=True,
        )
