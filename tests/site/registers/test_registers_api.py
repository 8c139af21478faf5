"""What a program can read of registers."""

from __future__ import annotations

from typing import Any

from tests.site.api.conftest import call_as as call_as  # fixtures of that room, used here too
from tests.site.registers.conftest import Office, built, entered


def test_a_program_reads_kinds_entries_and_counts(office: Office, call_as: Any) -> None:
    built(office)
    entered(office, name="东溪小学", sort="学校")
    town = call_as(office.town_officer)

    cells = next(one for one in town.get("/register-kinds").json() if one["key"] == "zero_waste_cells")
    assert cells["counts"][0]["statistic"] == "registers.zero_waste_cells.built"

    listed = town.get("/entries/zero_waste_cells").json()
    assert [row["title"] for row in listed["rows"]] == ["东溪小学", "东溪中学"]
    assert town.get("/entries/zero_waste_cells?state=built").json()["total"] == 1

    one = town.get("/entries/zero_waste_cells/1").json()
    assert [step["deed"] for step in one["history"]] == ["enter", "move"]
    assert one["counts"] is True

    counted = town.get("/entries/zero_waste_cells/counts?first=2026-01-01&last=2026-12-31").json()
    assert (counted[0]["value"], counted[0]["numbers"]) in (("1", [1]), (1, [1]), ("1.0", [1]))


def test_what_is_not_there_is_not_found(office: Office, call_as: Any) -> None:
    town = call_as(office.town_officer)
    for path in ("/entries/nothing", "/entries/honours/1", "/entries/nothing/counts"):
        assert town.get(path).status_code == 404
