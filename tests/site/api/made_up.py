"""Made-up requests: each route is called in process with what its schema allows and with what it forbids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def routes(application: Any) -> Iterator[Any]:
    """Give every operation that the schema of a WSGI application declares."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    for found in schema.get_all_operations():
        yield found.ok()


def call(operation: Any, secret: str, known: dict[str, Any], examples: int) -> dict[int, int]:
    """Call one route many times; an answer that breaks the promise raises. Gives how often each status came.

    `known` holds what a path may name that is really there; half of the calls go to it, so that actions are reached.
    """
    seen: dict[int, int] = {}
    names = {parameter.name for parameter in operation.path_parameters}
    there = {name: value for name, value in known.items() if name in names}
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for places in (None, there) if there else (None,):
            _run(operation, mode, places, secret, examples, seen)
    return seen


def _run(
    operation: Any, mode: Any, places: dict[str, Any] | None, secret: str, examples: int, seen: dict[int, int]
) -> None:
    chosen = {} if places is None else {"path_parameters": places}

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, **chosen))
    def send(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {secret}"})
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        case.validate_response(answer, checks=CHECKS)

    send()
