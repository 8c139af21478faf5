"""Files of evidence (佐证) as they come: what is taken, what is refused, and where the bytes lie.

It writes files, no rows: each room that takes evidence keeps rows of its own. Which kinds are taken stands in the
rulebook's ``reporting_rhythms``. The same bytes are kept once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile

from heqing import editions
from heqing_site.errors import RuleBrokenError
from heqing_site.library.models import received_files

FAMILY = "reporting_rhythms"
MEGABYTE = 1024 * 1024
MOST_FILES = 10  # at once


@dataclass(frozen=True)
class EvidenceKind:
    """A kind of file that is taken as evidence (佐证)."""

    ending: str
    media_type: str
    name: str
    starts: tuple[bytes, ...]
    is_shown: bool


@dataclass(frozen=True)
class File:
    """A file that somebody brings, as received."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Taken:
    """A file that is taken: its tidy name, what it is, its checksum."""

    name: str
    media_type: str
    sha256: str
    content: bytes

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content)


def take(files: Sequence[File]) -> Iterator[Taken]:
    """Give the files that may be kept, each content once.

    Raises
    ------
    RuleBrokenError
        ``evidence.too_many``, ``evidence.empty``, ``evidence.too_large``, ``evidence.kind_unknown``.
    """
    if len(files) > MOST_FILES:
        raise RuleBrokenError("evidence.too_many", count=len(files), limit=MOST_FILES)
    seen = set()
    for file in files:
        name = _tidy(file.name)
        if not file.content:
            raise RuleBrokenError("evidence.empty", file=name)
        if len(file.content) > settings.UPLOAD_LIMIT:
            raise RuleBrokenError("evidence.too_large", file=name, limit=settings.UPLOAD_LIMIT // MEGABYTE)
        kind = kind_of_file(name, file.content)
        if kind is None:
            raise RuleBrokenError("evidence.kind_unknown", file=name, kinds="、".join(evidence_kinds()))
        sha256 = hashlib.sha256(file.content).hexdigest()
        if sha256 not in seen:
            seen.add(sha256)
            yield Taken(name, kind.media_type, sha256, file.content)


def keep(taken: Taken, path: str) -> str:
    """Put the bytes of a file where its row will look for them; what lies there whole already stays. Give the path."""
    place = received_files()
    if not place.exists(path) or place.size(path) != taken.size:
        place.delete(path)
        place.save(path, ContentFile(taken.content))
    return path


@cache
def evidence_kinds() -> dict[str, EvidenceKind]:
    """Give the kinds of evidence by the ending of their names."""
    return {
        row["ending"]: EvidenceKind(
            ending=row["ending"],
            media_type=row["media_type"],
            name=row["name_zh"],
            starts=tuple(bytes.fromhex(start) for start in str(row["starts"]).split("|")),
            is_shown=bool(row["shown"]),
        )
        for row in editions.table(FAMILY, "evidence_kinds").to_dicts()
    }


def endings() -> str:
    """List the endings as a page asks the browser for them."""
    return ",".join(f".{ending}" for ending in evidence_kinds())


def kind_of_file(file_name: str, content: bytes) -> EvidenceKind | None:
    """Give the kind of a file whose name and first bytes agree; None when it is none that is taken."""
    ending = file_name.rsplit(".", 1)[-1].lower() if "." in file_name else ""
    kind = evidence_kinds().get(ending)
    return kind if kind is not None and content.startswith(kind.starts) else None


def keep_all(files: Sequence[File], new: Callable[..., Any], place: Callable[[Any, str], str]) -> None:
    """Keep files and a row of each.

    Parameters
    ----------
    files : sequence of File
        As received; see `take` for what is refused.
    new : callable
        Makes an unsaved row of what the file is: its name, media type, size and checksum.
    place : callable
        Gives the path of a row's file, from the row and the name of the file.
    """
    for taken in take(files):
        row = new(file_name=taken.name, media_type=taken.media_type, size=taken.size, sha256=taken.sha256)
        row.received.name = keep(taken, place(row, taken.name))
        row.save()


def _tidy(file_name: str) -> str:
    """Keep the last part of a name, without signs that no name has."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown[-200:] or "未命名"
