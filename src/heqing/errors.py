"""Every error class of the science half.

It holds no sentences for users beyond the message each error carries; reason codes of single rows are in
``rulebook/messages``. Look next at the module that raises: each public function names its errors.
"""

from __future__ import annotations

from pathlib import Path


class HeqingError(Exception):
    """The root of all errors that Heqing raises on purpose."""


class MissingColumnError(HeqingError):
    """A frame lacks a column that the called rule needs."""

    def __init__(self, table: str, columns: list[str], *, present: list[str], hint: str = "") -> None:
        self.table = table
        self.columns = columns
        names = ", ".join(f"`{c}`" for c in columns)
        seen = ", ".join(present) or "none"
        super().__init__(f"{table} has no column {names}. Columns present: {seen}.{' ' + hint if hint else ''}")


class FrameKindError(HeqingError, TypeError):
    """What was given to a rule is no frame, or a frame of another tool that cannot be read."""


class MissingExtraError(HeqingError, ImportError):
    """A function needs a package of one of Heqing's extras, and it is not installed."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(f"{what} with {package}, which is not installed here: pip install 'heqing[{extra}]'.")


class UnknownNameError(HeqingError):
    """A name that is not in a declared list: a family, a table, an item, an option."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        self.kind = kind
        self.name = name
        super().__init__(f"There is no {kind} “{name}”. Known: {', '.join(known) or 'none'}.")


class NoEditionError(HeqingError):
    """A family has no edition of that name."""

    def __init__(self, family: str, name: str, known: list[str]) -> None:
        super().__init__(f"Family {family} has no edition “{name}”. Known editions: {', '.join(known)}.")


class RulebookError(HeqingError):
    """A file of the rulebook breaks the form its family declares."""

    def __init__(self, file: Path | str, problem: str, *, row: int | None = None, column: str | None = None) -> None:
        self.file = str(file)
        self.row = row
        self.column = column
        place = self.file + (f", row {row}" if row is not None else "") + (f", column {column}" if column else "")
        super().__init__(f"{place}: {problem}")


class FactError(HeqingError):
    """A fact does not fit the rule of its scored item: more occurrences than things, or a loss without a cause."""

    def __init__(self, item: str, problem: str) -> None:
        self.item = item
        super().__init__(f"Item {item}: {problem}.")


class BadFileError(HeqingError):
    """A whole file cannot be read: empty, a directory, not what its name says, or in no known encoding.

    `code` is a word for the kind of trouble, for callers that have sentences of their own: ``empty``, ``scan``,
    ``locked``, ``old_office``, ``picture``, ``archive``, ``too_large``; else ``unreadable``.
    """

    def __init__(
        self,
        file: Path | str,
        problem: str,
        *,
        row: int | None = None,
        column: str | None = None,
        byte: int | None = None,
        code: str = "unreadable",
    ) -> None:
        self.code = code
        self.file = str(file)
        self.problem = problem
        self.row = row
        self.column = column
        self.byte = byte
        place = "".join(
            [
                f", row {row}" if row is not None else "",
                f", column {column}" if column else "",
                f", byte {byte}" if byte is not None else "",
            ]
        )
        super().__init__(f"{self.file}{place}: {problem}")


class StoreError(HeqingError):
    """A store cannot be opened, or another process is writing to it."""


class SecondReaderError(HeqingError):
    """The second reader gave no answer that can be used: no connection, a refusal, or no list of rows."""


class EngineError(HeqingError):
    """The engine that was to share out the work is not installed, does not answer, or gave up."""
