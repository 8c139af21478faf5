"""The one way to take in a sheet (导入表格): each good row by the action of its room, each other kept with its faults.

A row stands or falls by itself: it runs in a savepoint, and what the rules of the office forbid becomes its fault. The
rights are those of the action that enters the row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction

from heqing_site.audit.rules import Actor
from heqing_site.errors import RuleBrokenError
from heqing_site.sheets.fields import CellError, Field
from heqing_site.sheets.models import Intake
from heqing_site.sheets.reading import Fault, Row, read_pasted, read_sheet

PASTED = "粘贴的表格"
WHOLE_ROW = "整行"


class Person(Protocol):
    """Whoever brings a sheet: an account of the room above."""

    @property
    def actor(self) -> Actor:
        """The person as plain values."""
        ...


@transaction.atomic
def take_in(
    *,
    by: Person,
    at: datetime,
    subject: str,
    back: str,
    fields: Sequence[Field],
    enter: Callable[[Row], bool],
    file_name: str = "",
    content: bytes = b"",
    pasted: str = "",
    title: str = "表格",
    language: str | None = None,
) -> Intake:
    """Take in a sheet (导入表格) row by row, and keep what could not be taken.

    Parameters
    ----------
    by, at
        Who brings it, and when.
    subject : str
        What it holds as a stable code, ``works.tasks``.
    back : str
        The address to which its page leads back.
    fields : sequence of Field
        The columns.
    enter : callable
        Called with each row without faults, inside a savepoint; True when something changed. A `RuleBrokenError` or a
        `CellError` becomes the fault of the row; the error's value ``column``, where it has one, names the column.
    file_name, content, pasted
        The file, or the cells that were pasted.

    Raises
    ------
    RuleBrokenError
        When the sheet as a whole cannot be read, see ``sheets.reading``; ``sheet.empty`` when it holds no row.
    """
    rows = read_sheet(file_name, content, fields) if content or file_name else read_pasted(pasted, fields)
    if not rows:
        raise RuleBrokenError("sheet.empty")
    taken = unchanged = 0
    rejected = []
    for row in rows:
        changed = False if row.faults else _enter(row, enter, language)
        if row.faults:
            rejected.append(_kept(row))
        elif changed:
            taken += 1
        else:
            unchanged += 1
    return Intake.objects.create(
        subject=subject,
        title=title,
        file_name=(file_name or PASTED)[-255:],
        sha256=hashlib.sha256(content or pasted.encode()).hexdigest(),
        by_id=by.actor.id,
        by_name=by.actor.name,
        at=at,
        taken=taken,
        unchanged=unchanged,
        columns=[each.name for each in fields],
        rejected=rejected,
        back=back,
    )


def _enter(row: Row, enter: Callable[[Row], bool], language: str | None) -> bool:
    try:
        with transaction.atomic():
            return enter(row)
    except RuleBrokenError as error:
        column = str(error.values.get("column") or WHOLE_ROW)
        row.faults.append(Fault(column, row.typed.get(column, ""), error.sentence(language)))
    except CellError as error:
        row.faults.append(Fault(WHOLE_ROW, "", str(error)))
    return False


def _kept(row: Row) -> dict[str, object]:
    return {
        "row": row.number,
        "typed": row.typed,
        "faults": [{"column": f.column, "typed": f.typed, "sentence": f.sentence} for f in row.faults],
    }
