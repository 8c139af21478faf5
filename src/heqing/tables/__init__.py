"""Declared columns of every frame: items with their one canonical unit, result columns, reasons in words.

It computes no result. Look next at the sciences, which read and add these columns.
"""

from heqing.tables.catalogue import Item, item, items
from heqing.tables.columns import as_doubles, keep_inputs, need_columns
from heqing.tables.door import any_frame, read_frame
from heqing.tables.reasons import explain, join_reasons, marked, reason_codes
from heqing.tables.treatments import Treatment, place_marks, setting, stale_lengths, treatments

__all__ = [
    "Item",
    "Treatment",
    "any_frame",
    "as_doubles",
    "explain",
    "item",
    "items",
    "join_reasons",
    "keep_inputs",
    "marked",
    "need_columns",
    "place_marks",
    "read_frame",
    "reason_codes",
    "setting",
    "stale_lengths",
    "treatments",
]
