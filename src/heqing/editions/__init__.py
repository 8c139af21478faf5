"""The only reader of dated data: families, editions, phases and their tables from `heqing.rulebook`.

It judges nothing; the sciences ask it which edition counts on a day and what its tables say.
Look next at `rulebook/standards`, and at `docs/how-to/add-an-edition.md` for the form of a family.
"""

from heqing.editions.days import Timeline, by_phase, timeline, with_edition
from heqing.editions.declaration import Amendment, Column, Edition, Family, Phase, Source, TableForm
from heqing.editions.presets import default_preset, preset_names
from heqing.editions.shelf import families, family, find_edition, table

__all__ = [
    "Amendment",
    "Column",
    "Edition",
    "Family",
    "Phase",
    "Source",
    "TableForm",
    "Timeline",
    "by_phase",
    "default_preset",
    "families",
    "family",
    "find_edition",
    "preset_names",
    "table",
    "timeline",
    "with_edition",
]
