"""Where results lie: Parquet files by table and part, and one small file that says which of them count.

New files are written beside the old ones and count from the moment the list is replaced, in one step: a reader sees
all of a refresh or none of it, and a killed writer leaves the results as they were. What the results mean is told in
`heqing.results.air`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import polars as pl

from heqing.errors import StoreError

_LIST = "counts.json"
_FORM = 1


@dataclass
class Kept:
    """The results of one domain in a store: which files count, and which observations they rest on."""

    folder: Path
    rules: str = ""
    seen_files: list[str] = field(default_factory=list)
    seen_batches: list[str] = field(default_factory=list)
    parts: dict[str, dict[str, str]] = field(default_factory=dict)  # table, part, file
    before: list[str] = field(default_factory=list)  # files of the state before, which readers may still hold

    def read(self, table: str, part: str, columns: list[str] | None = None) -> pl.DataFrame | None:
        """Read one part of a table.

        Parameters
        ----------
        table, part : str
            Names.
        columns : list of str, optional
            Only these.

        Returns
        -------
        polars.DataFrame or None
            None where there is no such part yet.
        """
        file = self.parts.get(table, {}).get(part)
        return None if file is None else pl.read_parquet(self.folder / file, columns=columns)

    def put(self, table: str, part: str, rows: pl.DataFrame) -> None:
        """Write a part anew; it counts from the next `commit` on.

        Parameters
        ----------
        table, part : str
            Names.
        rows : polars.DataFrame
            The whole part.
        """
        file = f"{table}-{part}-{uuid4().hex[:12]}.parquet"
        rows.write_parquet(self.folder / file, compression="lz4")
        self.parts.setdefault(table, {})[part] = file

    def commit(self) -> None:
        """Let what was put count, in one step; files that counted two states ago are deleted."""
        held = open_kept(self.folder)
        files = {f for of in self.parts.values() for f in of.values()}
        last = {f for of in held.parts.values() for f in of.values()}
        said = {
            "form": _FORM,
            "rules": self.rules,
            "seen_files": self.seen_files,
            "seen_batches": self.seen_batches,
            "parts": self.parts,
            "before": sorted(last - files),
        }
        draft = self.folder / f"{_LIST}.{uuid4().hex[:8]}"
        draft.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        os.replace(draft, self.folder / _LIST)
        for file in self.folder.glob("*.parquet"):
            if file.name not in files | last:
                file.unlink(missing_ok=True)


def open_kept(folder: Path) -> Kept:
    """Open the results of one domain.

    Parameters
    ----------
    folder : Path
        Their directory.

    Returns
    -------
    Kept
        Empty where nothing was kept yet, or in a form that is no longer read: then all is judged anew.

    Raises
    ------
    StoreError
        When the list cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> open_kept(Path(tempfile.mkdtemp())).parts
    {}
    """
    try:
        said = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Kept(folder)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{folder / _LIST} cannot be read: {error}. Delete {folder}; all is judged anew then."
        ) from error
    if said.pop("form", None) != _FORM:
        return Kept(folder)
    return Kept(folder, **said)
