"""A letter as a Word file (责任书成文): no red head, tables of targets and tasks, room for both to sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from heqing_site import official
from heqing_site.letters.rules import Content, Part, Side
from heqing_site.letters.wordings import KindWords, columns, sentence
from heqing_site.official import Heading, Official, Paragraph, Party, Piece, Table

TARGET_WIDTHS = [8, 29, 25, 16, 22]
TASK_WIDTHS = [8, 26, 30, 16, 20]
LEFT_COLUMNS = frozenset({1, 2})


@dataclass(frozen=True)
class Sealed:
    """What a letter gets when it is issued: its number and the moment."""

    number: str
    day: date
    at: datetime


def word_file(content: Content, *, kind: KindWords, sealed: Sealed | None, replaces: str = "") -> bytes:
    """Set a letter as a Word file; without a seal it says that it is a draft.

    Parameters
    ----------
    content : Content
        What it says.
    kind : KindWords
        What the two sides are called.
    sealed : Sealed, optional
        Number and moment of issuing.
    replaces : str
        A sentence that names the letter it takes the place of, and why.
    """
    notices = [sentence("invented")] if content.is_invented else []
    if sealed is None:
        notices.append(sentence("draft"))
    pieces: list[Piece] = [Paragraph(replaces)] if replaces else []
    for part in content.parts:
        pieces.extend(_part(part, content))
    blank = sentence("blank_day")
    return official.write(
        Official(
            title=content.title,
            to="",
            pieces=pieces,
            issuer=content.issuer,
            day=blank if sealed is None else official.say_date(sealed.day),
            number=sentence("blank_number") if sealed is None else sealed.number,
            notice="；".join(notices),
            parties=[
                Party(kind.roles[side], name, sentence("seal"), sentence("signer"), blank)
                for side, name in ((Side.ISSUER, content.issuer), (Side.RECEIVER, content.receiver))
            ],
            about="；".join(notices),
            made_at=None if sealed is None else sealed.at,
        )
    )


def _part(part: Part, content: Content) -> list[Piece]:
    found: list[Piece] = [Heading(part.heading)] if part.heading else []
    table = _tables(content).get(part.part)
    if table is not None and not table.rows:
        return [*found, Paragraph(sentence(f"none_{part.part}"))]
    found.extend(Paragraph(words) for words in part.words)
    if table is not None:
        found.append(table)
        if part.part == "targets" and content.masked:
            found.append(Paragraph(sentence("masked_note")))
    return found


def _tables(content: Content) -> dict[str, Table]:
    mark = sentence("masked_mark")
    targets = [
        [str(place), line.title + (mark if line.is_masked else ""), line.demand, line.period, line.department]
        for place, line in enumerate(content.targets, start=1)
    ]
    tasks = [
        [str(place), line.title, line.demand, line.due, line.department]
        for place, line in enumerate(content.tasks, start=1)
    ]
    return {
        "targets": Table(columns("targets_head"), targets, TARGET_WIDTHS, LEFT_COLUMNS),
        "tasks": Table(columns("tasks_head"), tasks, TASK_WIDTHS, LEFT_COLUMNS),
    }
