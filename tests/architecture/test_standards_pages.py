"""The generated pages on standards say what the rulebook holds; that they are up to date is a check of `make check`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from heqing.editions import families, family, table

REFERENCE = Path(__file__).parents[2] / "docs/reference"


def _page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def _unsure(key: str) -> int:
    return sum(int(table(key, name)["unconfirmed"].sum()) for name in family(key).tables)


@pytest.mark.parametrize("key", [k for group in ("standards", "schemes", "procedures") for k in families(group)])
def test_every_unconfirmed_row_is_counted_with_a_reason(key: str) -> None:
    page = _page("standards-unconfirmed.md")
    if not _unsure(key):
        assert f"`{key}`" in page.split("Nothing unconfirmed:")[1].split("\n")[0]
        return
    part = page.split(f" `{key}`\n", 1)[1].split("\n#", 1)[0]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in part.splitlines() if line.startswith("| ")][2:]
    counted = [re.match(r" (?:all )?(\d+)", row[3]) for row in rows]
    assert sum(int(found.group(1)) for found in counted if found) == _unsure(key)
    assert all(len(row) == 5 and row[4].strip() for row in rows)


def test_what_a_change_of_edition_does_is_that_of_the_published_vectors() -> None:
    page = _page("standards-editions.md")
    assert "| PM2.5 70 µg/m³ | 94, level 2, pm2_5 | 110, level 3, pm2_5 |" in page  # test_vectors.csv of the standards
    assert "| PM2.5 all year 34 µg/m³ | attains | does not attain | does not attain |" in page
    assert "| total phosphorus 0.2004 mg/L, river | Ⅳ (raw) | Ⅳ (raw) ? | Ⅲ (rounded) |" in page
    orders = re.findall(r"\| (\S) before (\S) \|", page)
    assert orders[0] != orders[1], "the two cities were chosen so that their order turns"


def test_every_family_of_several_editions_lists_what_changes() -> None:
    page = _page("standards-editions.md")
    for key in families("standards"):
        home = family(key)
        headings = page.count(f"### {home.name_zh}: ")
        assert headings == sum(len(e.phases) for e in home.editions) - 1, key
        if not headings:
            assert f"(`{key}`)" in page
