"""The schema is a promise: it is pinned, and made-up requests find no answer that it does not declare."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from ninja import Schema
from tests.site.api.made_up import call, routes

from heqing_site.ledger.models import Target
from heqing_site.web.api import api
from heqing_site.web.wsgi import application

SNAPSHOT = Path(__file__).parents[2] / "snapshots" / "openapi.json"


def test_no_two_shapes_share_a_name() -> None:
    """The schema names a shape by its class: of two with one name it would promise the wrong one."""
    shapes: dict[str, set[str]] = {}
    waiting = list(Schema.__subclasses__())
    while waiting:
        shape = waiting.pop()
        waiting += shape.__subclasses__()
        if shape.__module__.startswith("heqing_site."):
            shapes.setdefault(shape.__name__, set()).add(shape.__module__)

    assert {name: sorted(rooms) for name, rooms in shapes.items() if len(rooms) > 1} == {}


def test_the_schema_is_the_pinned_one() -> None:
    pinned = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    now = json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, sort_keys=True).splitlines()

    changed = list(difflib.unified_diff(pinned, now, "pinned", "now", lineterm="", n=2))
    assert not changed, (
        "The API changed for those who use it. If that is meant, run `make reference`, look at the difference of "
        "tests/snapshots/openapi.json and say it in the changelog.\n" + "\n".join(changed[:60])
    )


def test_the_schema_is_open_and_whole(client: Any, db: None) -> None:
    told = client.get("/api/v1/openapi.json").json()

    assert told["info"]["title"] == "河清 Heqing API"
    for address, methods in told["paths"].items():
        for method, route in methods.items():
            assert route["summary"], address
            assert {"401", "422"} <= set(route["responses"]), address
            assert ("403" in route["responses"]) == (method != "get"), address


@pytest.fixture
def _connection_of_the_test_stays() -> Iterator[None]:
    """Keep Django from closing an old connection after a request: the test's transaction lives in it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_connection_of_the_test_stays")
@pytest.mark.parametrize("place", range(4))
def test_made_up_requests_find_no_server_error_and_no_answer_that_is_not_declared(
    district: Any, targets: list[Target], places: None, call_as: Any, place: int
) -> None:
    program = call_as(district.site_admin)
    target = targets[0]
    known = {
        "number": target.number, "key": target.document_id, "period": "2026-03", "name": "section", "code": "990101",
    }  # fmt: skip
    called = 0
    for operation in list(routes(application))[place::4]:
        called += sum(call(operation, program.secret, known, examples=4).values())

    assert called > 40
