"""The server as people meet it: real requests over a socket, uploads that are too large, and how it stops."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.test import RequestFactory

from heqing_site.web.middleware import TooLargeMiddleware

ROOT = Path(__file__).parents[3]
START = """
import os, socket, sys
from heqing_site.web.start import start
start()
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from datetime import UTC, datetime
from heqing_site.orgs.actions import found_site
from heqing_site.orgs.models import User
if not User.objects.exists():
    at = datetime(2026, 3, 2, tzinfo=UTC)
    found_site(at=at, username="admin", display_name="王建国", password="qingshan-lvshui-26")
from django.conf import settings
settings.ROUNDS_DAILY = ""
from heqing_site.web import verbs
listening = verbs._listen("127.0.0.1", 0)
verbs._serve(listening)
"""
# A client in a process of its own: in this one no test may open a socket.
CLIENT = """
import http.client, http.cookiejar, io, re, sys, urllib.parse, urllib.request
address, megabytes = sys.argv[1], int(sys.argv[2])
jar = http.cookiejar.CookieJar()
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
def token():
    return next(cookie.value for cookie in jar if cookie.name == "csrftoken")
browser.open(address + "login/").read()
said = {"csrfmiddlewaretoken": token(), "username": "admin", "password": "qingshan-lvshui-26"}
browser.open(address + "login/", urllib.parse.urlencode(said).encode()).read()
browser.open(address + sys.argv[3]).read()
line = "line-of-a-form"
part = 'Content-Disposition: form-data; name="{}"'
head = f'--{line}\\r\\n{part.format("csrfmiddlewaretoken")}\\r\\n\\r\\n{token()}\\r\\n--{line}\\r\\n'
head += f'{part.format("file")}; filename="report.docx"\\r\\nContent-Type: application/octet-stream\\r\\n\\r\\n'
body = head.encode() + b"PK\\x03\\x04" + bytes(megabytes << 20) + f"\\r\\n--{line}--\\r\\n".encode()
host = urllib.parse.urlsplit(address).netloc
connection = http.client.HTTPConnection(host, timeout=60)
cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
kind = f"multipart/form-data; boundary={line}"
told = {"Content-Type": kind, "Cookie": cookies, "Accept-Language": "zh-hans"}
connection.request("POST", "/" + sys.argv[4], body, told)
answer = connection.getresponse()
sys.stdout.buffer.write(f"{answer.status}\\n".encode() + answer.read())
"""


@pytest.fixture(scope="module")
def environ(tmp_path_factory) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEQING_", "DJANGO_"))}
    folder = tmp_path_factory.mktemp("installation")
    return kept | {"PYTHONPATH": str(ROOT / "src"), "HEQING_DATA_DIR": str(folder), "PYTHONIOENCODING": "utf-8"}


def started(environ):
    process = subprocess.Popen(
        [sys.executable, "-c", START], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return process, re.search(r"http://127\.0\.0\.1:\d+/", line)[0]


@pytest.fixture(scope="module")
def address(environ):
    process, found = started(environ)
    with process:
        yield found
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def upload(environ, address, megabytes):
    """Log in and hand in a document of so many megabytes over a real connection."""
    words = [sys.executable, "-c", CLIENT, address, str(megabytes), "library/", "library/add/"]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    status, _, page = done.stdout.partition("\n")
    return int(status), page


def test_an_upload_of_fifty_megabytes_is_answered_by_a_page_that_names_the_file(environ, address):
    status, page = upload(environ, address, 50)

    assert status in {200, 409, 422}
    assert "report.docx" in page
    assert "超过 20 MB" in page


def test_a_request_beyond_all_limits_is_answered_by_a_page_too(environ, address):
    status, page = upload(environ, address, 120)

    assert status == 413
    assert "没有收下" in page
    assert "共 121 MB，超过一次 100 MB" in page


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(environ, number):
    process, _address = started(environ)
    with process:
        begun = time.monotonic()
        process.send_signal(number)
        _, said = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "已停止" in said
    assert "Traceback" not in said
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(("size", "passes"), [(100, True), (101, False)])
def test_the_limit_of_a_request_is_itself_allowed(db, settings, size, passes):
    settings.REQUEST_LIMIT = 100
    request = RequestFactory().post("/", b"x" * size, content_type="application/octet-stream")

    answer = TooLargeMiddleware(lambda _request: "passed")(request)

    assert (answer == "passed") is passes
