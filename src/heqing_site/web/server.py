"""The server behind ``heqing serve``: waitress, with threads and limits, that stops cleanly on Ctrl+C and SIGTERM.

It knows HTTP and nothing of rooms. What is started beside it (the worker) comes in from the verb.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import FrameType
from typing import TYPE_CHECKING, Any

import waitress

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 8  # pages are short; SQLite lets one write at a time, and a slow reader holds a thread
IDLE_SECONDS = 120  # a connection on which nothing moves is closed
# Above this a body is refused while it arrives, and the browser may see no more than a broken connection. Below it, and
# above the site's own limit of a request, whoever sent it gets a page with a sentence.
MOST_BYTES = 1024 * 1024 * 1024


def run(
    application: WSGIApplication,
    listening: socket.socket,
    *,
    behind_proxy: bool = False,
    beside: AbstractContextManager[object] | None = None,
    ready: Callable[[], object] = lambda: None,
) -> None:
    """Answer requests on a socket until SIGINT or SIGTERM; finish the answers under way, then give back.

    Parameters
    ----------
    application
        What answers.
    listening
        A socket that is bound and listens.
    behind_proxy
        Whether a web server in front sets X-Forwarded-Proto; from anybody else the header is not believed.
    beside
        What runs as long as the server does.
    ready
        Called once when requests are answered and a signal stops the server cleanly.
    """
    trust: dict[str, Any] = {"trusted_proxy": "*", "trusted_proxy_headers": {"x-forwarded-proto"}}
    server = waitress.create_server(
        application,
        sockets=[listening],
        threads=THREADS,
        channel_timeout=IDLE_SECONDS,
        max_request_body_size=MOST_BYTES,
        ident=None,
        **(trust if behind_proxy else {}),
    )
    before = _on_terminate(_leave)
    try:
        with beside or nullcontext():
            ready()
            server.run()  # comes back on KeyboardInterrupt and SystemExit, after the answers under way
    except KeyboardInterrupt:  # in the moment before it ran, or a second time
        pass
    finally:
        server.close()
        _on_terminate(before)


Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None


def _on_terminate(handler: Handler) -> Handler:
    """Say what happens on SIGTERM; only the main thread may, a test in another one goes without."""
    if threading.current_thread() is not threading.main_thread():
        return signal.SIG_DFL
    return signal.signal(signal.SIGTERM, handler)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
