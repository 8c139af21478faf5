"""A bulletin as paper: its content set as an official document. Plain values in, bytes of a Word file out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from heqing_site import official
from heqing_site.official import Attachment, Heading, Official, Paragraph, Piece, Table
from heqing_site.publishing.rules import Block, Content, plain_words
from heqing_site.publishing.wordings import sentence, title_lines

BLANK_DAY = "　　年　月　日"


@dataclass(frozen=True)
class Sealed:
    """What a document gets when it is issued: its number and its day."""

    number: str
    day: date
    at: datetime


def word_file(content: Content, *, number: str, sealed: Sealed | None) -> bytes:
    """Set a bulletin as a Word file; without a seal it says that it is a draft.

    Parameters
    ----------
    content : Content
        What it says.
    number : str
        The number, with a blank for the serial while there is none.
    sealed : Sealed, optional
        Number, day and moment of issuing.
    """
    notices = [sentence("invented")] if content.is_invented else []
    if sealed is None:
        notices.append(sentence("draft"))
    attached = [block for block in content.blocks if block.is_attached]
    printed = ""
    if sealed is not None:
        printed = official.mark("printed", unit=content.issuer, date=official.say_date(sealed.day))
    return official.write(
        Official(
            title=title_lines(content.title),
            to=content.to,
            pieces=_pieces([block for block in content.blocks if not block.is_attached], content),
            issuer=content.issuer,
            day=BLANK_DAY if sealed is None else official.say_date(sealed.day),
            number=number if sealed is None else sealed.number,
            red_head="" if sealed is None else content.red_head,
            notice="；".join(notices),
            attachments=[Attachment(content.attachment, _pieces(attached, content))] if attached else [],
            copies=content.copies,
            printed=printed,
            about="；".join(notices),
            made_at=None if sealed is None else sealed.at,
        )
    )


def _pieces(blocks: list[Block], content: Content) -> list[Piece]:
    found: list[Piece] = []
    for block in blocks:
        match block.kind:
            case "heading":
                found.append(Heading(plain_words(block.words, content.figures)))
            case "table":
                rows = [[plain_words(cell, content.figures) for cell in row] for row in block.rows]
                found.append(Table(block.head, rows, block.widths, frozenset(block.lefts)))
            case _ if block.words.strip():
                found.extend(Paragraph(plain_words(line, content.figures)) for line in block.words.splitlines())
    return found
