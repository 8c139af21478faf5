"""Public functions of the science half: a numpydoc docstring each, and examples that run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest
from numpydoc.validate import validate

import heqing

MODULES = sorted(m.name for m in pkgutil.walk_packages(heqing.__path__, "heqing.") if ".cli" not in m.name)
# What numpydoc asks of a docstring beyond its sections is the matter of ruff.
WANTED = {"GL08", "PR01", "PR02", "PR03", "PR04", "RT01", "SS01", "SS03"}


def _public() -> list[str]:
    found = []
    for name in MODULES:
        module = importlib.import_module(name)
        for key, thing in vars(module).items():
            if key.startswith("_") or getattr(thing, "__module__", None) != name:
                continue
            plain = inspect.unwrap(thing) if callable(thing) else thing
            if inspect.isfunction(plain):
                found.append(f"{name}.{key}")
    return found


@pytest.mark.parametrize("name", sorted({n.rsplit(".", 1)[0] for n in _public()}))
def test_examples_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


@pytest.mark.parametrize(
    "package",
    [
        "air",
        "water",
        "store",
        "quality",
        "reading",
        "verdicts",
        "editions",
        "tables",
        "cases",
        "scorecards",
        "ledger",
        "works",
        "registers",
        "plans",
        "trends",
        "soil",
        "waste",
        "energy",
        "results",
        "spread",
        "plots",
    ],
)
def test_what_a_room_offers_has_a_whole_docstring(package: str) -> None:
    room = importlib.import_module(f"heqing.{package}")
    short = []
    for name in room.__all__:
        thing = inspect.unwrap(getattr(room, name)) if callable(getattr(room, name)) else getattr(room, name)
        if not inspect.isfunction(thing):
            continue
        path = f"{thing.__module__}.{thing.__name__}"
        errors = [code for code, _ in validate(path)["errors"] if code in WANTED]
        if errors or "Examples" not in (thing.__doc__ or ""):
            short.append((path, errors))
    assert not short
