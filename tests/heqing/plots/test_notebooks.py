"""The notebooks of `examples/` run from first cell to last, say that their data are invented, and keep no output."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot

EXAMPLES = Path(__file__).parents[3] / "examples"
FAMILIES = ("air", "water", "soil", "waste", "energy")


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.ipynb").read_text(encoding="utf-8"))
    return found


def _code(notebook: dict[str, Any]) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_there_is_one_for_each_family() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.ipynb")} == set(FAMILIES)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_notebook_says_that_its_data_are_invented_and_keeps_no_output(name: str) -> None:
    notebook = _read(name)
    told = "".join(notebook["cells"][0]["source"])
    assert "编造" in told
    assert "pip install 'heqing[plots]'" in told
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook["cells"])
    words = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    for step in ("编造", "评价", "作图", "为什么"):
        assert step in words, step


@pytest.mark.parametrize("name", FAMILIES)
def test_a_notebook_runs_whole_and_draws(name: str) -> None:
    mpl.use("Agg")
    pyplot.close("all")
    names: dict[str, Any] = {"__name__": "__main__"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number, source in enumerate(_code(_read(name))):
            exec(compile(source, f"{name}.ipynb, cell {number}", "exec"), names)  # noqa: S102 - our own file
    assert pyplot.get_fignums(), "it draws at least one picture"
    pyplot.close("all")
    if name == "air":
        assert names["days"].height == 365
        assert not names["year"]["attains_pm2_5_by_mean"].is_null().any()
    if name == "water":
        assert set(names["months"]["water_class"].drop_nulls()) > {3, 4, 5}
