"""A Word writer for official documents (公文): margins, grid, faces and set pieces as GB/T 9704 wants them.

All measures come from the rulebook's family ``official_document``; nothing of them stands here. A face is named as the
standard names it; the names of the same face on other machines and free faces to fall back on stand in the table of
fonts (``w:altName``). It knows no bulletin: look at ``publishing.paper`` for that.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from xml.sax.saxutils import quoteattr

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from heqing import editions

FAMILY = "official_document"
POINTS_OF_MM = Decimal(72) / Decimal("25.4")
TWIPS = 20  # of a point
GRID_STEPS = 4096  # a grid tells the space between characters in so many parts of a point
ALIGNMENTS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}
DIGITS = "零一二三四五六七八九"


# --- what the rulebook says ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Face:
    """The face of a role (字体字号)."""

    role: str
    name: str
    others: tuple[str, ...]
    points: float
    align: str
    indent: int
    colour: str
    unconfirmed: bool


@cache
def page() -> dict[str, Decimal]:
    """Give the lengths and counts of the page."""
    return {row["key"]: Decimal(str(row["value"])) for row in editions.table(FAMILY, "page").to_dicts()}


@cache
def faces() -> dict[str, Face]:
    """Give the face of each role."""
    return {
        row["role"]: Face(
            role=row["role"],
            name=row["face"],
            others=tuple(row["fallback"].split("|")),
            points=float(row["points"]),
            align=row["align"],
            indent=int(row["indent"]),
            colour=row["colour"],
            unconfirmed=bool(row["unconfirmed"]),
        )
        for row in editions.table(FAMILY, "faces").to_dicts()
    }


@cache
def numbering() -> dict[int, tuple[str, str]]:
    """Give the form of the number and the role of each level of headings."""
    rows = editions.table(FAMILY, "numbering").to_dicts()
    return {int(row["level"]): (row["form"], row["role"]) for row in rows}


def mark(key: str, **values: object) -> str:
    """Write a set piece of a document: its number, its date, its page number."""
    return _marks()[key].format(**values)


@cache
def _marks() -> dict[str, str]:
    return {row["key"]: row["form"] for row in editions.table(FAMILY, "marks").to_dicts()}


def say_date(day: date) -> str:
    """Write a day as documents do: 2026年11月5日, the month and the day without a leading zero."""
    return mark("date", year=day.year, month=day.month, day=day.day)


def numeral(number: int) -> str:
    """Write a number up to 99 in Chinese: 一, 十, 十二, 二十三."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones or not tens else "")


def heading_number(level: int, number: int) -> str:
    """Write the number of a heading: 一、 （一） 1. （1）."""
    return numbering()[level][0].format(n=numeral(number), d=number)


def line_points() -> Decimal:
    """Give the height of one line of the grid, rounded down to a twip so that 22 of them fit the type area."""
    twips = page()["text_height"] * POINTS_OF_MM / page()["lines"] * TWIPS
    return Decimal(int(twips)) / TWIPS


def character_points() -> Decimal:
    """Give the width of one cell of the grid."""
    return page()["text_width"] * POINTS_OF_MM / page()["characters"]


# --- what is written ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heading:
    """A heading with its level; its number is counted by the writer."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the running text."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table: the words of its head, its rows, and the shares of the width of its columns."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    lefts: frozenset[int] = frozenset()


Piece = Heading | Paragraph | Table


@dataclass(frozen=True)
class Attachment:
    """An attachment (附件): its name and what stands in it."""

    name: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Party:
    """A party that signs (签订方): what it is called, its name, room for its seal, its signature and the day."""

    role: str
    name: str
    seal: str
    signer: str
    day: str


@dataclass(frozen=True)
class Official:
    """An official document (公文) as plain values."""

    title: str
    to: str
    pieces: Sequence[Piece]
    issuer: str
    day: str
    number: str = ""
    red_head: str = ""
    notice: str = ""
    attachments: Sequence[Attachment] = field(default_factory=tuple)
    copies: str = ""
    printed: str = ""
    parties: Sequence[Party] = field(default_factory=tuple)  # who signs, in place of issuer and day
    about: str = ""  # kept in the properties of the file
    made_at: datetime | None = None


def write(official: Official) -> bytes:
    """Write an official document as a Word file; the same values give the same document."""
    document = Document()
    _set_page(document, official)
    _set_fonts(document)
    _set_language(document)
    _set_style(document.styles["Normal"], faces()["body"])
    body = _Writer(document)
    if official.notice:
        body.line("notice", official.notice)
    if official.red_head:
        body.blank(1)
        body.line("mark", official.red_head, height=None, fits=True)
        body.blank(1)
        body.line("number", official.number)
        body.rule(faces()["mark"].colour)
        body.blank(int(page()["title_below"]))
    elif official.number:
        body.line("number", official.number)
        body.blank(1)
    for line in official.title.split("\n"):
        body.line("title", line)
    body.blank(1)
    if official.to:
        body.line("to", official.to)
    body.pieces(official.pieces)
    _list_attachments(body, official.attachments)
    if official.parties:
        body.blank(1)
        body.sign_together(official.parties)
    else:
        body.blank(2)
        body.sign(official.issuer, official.day)
    for number, attachment in enumerate(official.attachments, start=1):
        alone = len(official.attachments) == 1
        head = body.line("attachment", mark("attachment", number="" if alone else number))
        head.paragraph_format.page_break_before = True
        body.blank(1)
        body.line("title", attachment.name)
        body.blank(1)
        body.pieces(attachment.pieces)
    if official.copies or official.printed:
        body.blank(1)
        body.imprint(official.copies, official.printed)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = official.title.replace("\n", ""), official.issuer, ""
    properties.subject = official.about
    if official.made_at is not None:
        properties.created = properties.modified = official.made_at.replace(tzinfo=None)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _list_attachments(body: _Writer, attachments: Sequence[Attachment]) -> None:
    if not attachments:
        return
    body.blank(1)
    for number, attachment in enumerate(attachments, start=1):
        count = "" if len(attachments) == 1 else f"{number}."
        head = mark("attachments") if number == 1 else "　" * len(mark("attachments"))
        body.line("body", f"{head}{count}{attachment.name}")


# --- how it is written --------------------------------------------------------------------------------------------


class _Writer:
    """Adds pieces to a Word document; keeps count of the headings."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.counts: dict[int, int] = {}

    def paragraph(self, face: Face, *, height: Decimal | None) -> Any:
        made = self.document.add_paragraph()
        shape = made.paragraph_format
        shape.alignment = ALIGNMENTS.get(face.align)
        shape.space_before = shape.space_after = Pt(0)
        if height is not None:
            shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(float(height))
        else:
            shape.line_spacing_rule = WD_LINE_SPACING.SINGLE
        shape.widow_control = False
        _leave_grid(made)
        _indent(made, face.indent)
        return made

    def line(self, role: str, text: str, *, height: Decimal | None = Decimal(-1), fits: bool = False) -> Any:
        face = faces()[role]
        if fits and text:  # smaller than its face where it would not stand in one line
            whole = float(page()["text_width"] * POINTS_OF_MM)
            face = replace(face, points=min(face.points, int(whole / _cells(text))))
        made = self.paragraph(face, height=line_points() if height == -1 else height)
        _run(made, text, face)
        return made

    def blank(self, count: int) -> None:
        for _ in range(count):
            self.line("to", "")

    def pieces(self, pieces: Sequence[Piece]) -> None:
        self.counts = {}
        for piece in pieces:
            match piece:
                case Heading():
                    self.counts = {level: n for level, n in self.counts.items() if level <= piece.level}
                    self.counts[piece.level] = self.counts.get(piece.level, 0) + 1
                    number = heading_number(piece.level, self.counts[piece.level])
                    made = self.line(numbering()[piece.level][1], number + piece.text)
                    made.paragraph_format.keep_with_next = True
                case Paragraph():
                    self.line("body", piece.text)
                case Table():
                    self.table(piece)

    def table(self, table: Table) -> None:
        made = self.document.add_table(rows=1 + len(table.rows), cols=len(table.head))
        made.style = "Table Grid"
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        whole = sum(table.widths)
        widths = [Mm(float(page()["text_width"]) * share / whole) for share in table.widths]
        for column, width in zip(made.columns, widths, strict=True):
            column.width = width
        for number, words in enumerate([table.head, *table.rows]):
            row = made.rows[number]
            _keep_row_together(row, repeats=number == 0)
            face = faces()["table_head" if number == 0 else "table"]
            for column, (cell, text) in enumerate(zip(row.cells, words, strict=True)):
                cell.width = widths[column]
                cell.vertical_alignment = 1
                inside = cell.paragraphs[0]
                left = number > 0 and column in table.lefts
                inside.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.CENTER
                inside.paragraph_format.space_after = inside.paragraph_format.space_before = Pt(2)
                inside.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
                inside.paragraph_format.line_spacing = Pt(face.points * 1.25)
                _leave_grid(inside)
                _run(inside, text, face)

    def rule(self, colour: str) -> None:
        """Draw the line that parts the head from the text."""
        made = self.paragraph(faces()["to"], height=Decimal(str(page()["rule_below_number"])) * POINTS_OF_MM)
        _border(made, "bottom", colour, 12)

    def sign(self, issuer: str, day: str) -> None:
        """Set issuer and date at the right; the date has room for a seal, the issuer stands centred above it."""
        right = int(page()["sign_right"])
        longer = max(len(issuer) - _cells(day), 0) / 2
        shift = max((_cells(day) - len(issuer)) / 2, 0)
        for text, indent in ((issuer, right - longer + shift), (day, float(right))):
            made = self.line("to", text)
            made.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            made.paragraph_format.keep_with_next = text == issuer
            made.paragraph_format.right_indent = Pt(float(character_points()) * max(indent, 0))

    def sign_together(self, parties: Sequence[Party]) -> None:
        """Set the parties side by side, each with room for seal, signature and day; the block is not torn apart."""
        made = self.document.add_table(rows=1, cols=len(parties))
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        _keep_row_together(made.rows[0], repeats=False)
        width = Mm(float(page()["text_width"]) / len(parties))
        face = faces()["to"]
        for cell, party in zip(made.rows[0].cells, parties, strict=True):
            cell.width = width
            lines = [f"{party.role}：", party.name + party.seal, "", party.signer, "", party.day]
            for number, text in enumerate(lines):
                inside = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
                inside.alignment = WD_ALIGN_PARAGRAPH.LEFT
                inside.paragraph_format.space_after = inside.paragraph_format.space_before = Pt(0)
                inside.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
                inside.paragraph_format.line_spacing = Pt(float(line_points()))
                inside.paragraph_format.keep_with_next = number < len(lines) - 1
                _leave_grid(inside)
                _run(inside, text, face)

    def imprint(self, copies: str, printed: str) -> None:
        """Set copies and print between thin lines at the end."""
        lines = [text for text in (copies, printed) if text]
        for number, text in enumerate(lines):
            made = self.line("copies", text)
            _border(made, "top", "000000", 8 if number == 0 else 4)
            if number == len(lines) - 1:
                _border(made, "bottom", "000000", 8)


def _cells(text: str) -> float:
    """Count the cells that a text fills: an Arabic numeral fills half a cell."""
    return sum(0.5 if character.isascii() else 1 for character in text)


def _set_page(document: Any, official: Official) -> None:
    lengths = page()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(float(lengths["width"])), Mm(float(lengths["height"]))
    right = lengths["width"] - lengths["left"] - lengths["text_width"]
    bottom = lengths["height"] - lengths["top"] - lengths["text_height"]
    section.top_margin, section.bottom_margin = Mm(float(lengths["top"])), Mm(float(bottom))
    section.left_margin, section.right_margin = Mm(float(lengths["left"])), Mm(float(right))
    size = Decimal(str(faces()["page_number"].points)) / POINTS_OF_MM
    section.footer_distance = Mm(float(bottom - lengths["page_number_below"] - size))
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(int(line_points() * TWIPS)))
    extra = character_points() - Decimal(str(faces()["body"].points))
    grid.set(qn("w:charSpace"), str(int((extra * GRID_STEPS).to_integral_value(rounding="ROUND_FLOOR"))))
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(grid)
    document.settings.odd_and_even_pages_header_footer = True
    _head_of_pages(section, official.notice)
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _head_of_pages(section: Any, notice: str) -> None:
    """Say on each page what the document is, where it is a draft or invented."""
    for header in (section.header, section.even_page_header):
        header.is_linked_to_previous = False
        made = header.paragraphs[0]
        made.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if notice:
            _run(made, notice, faces()["table_head"])


def _page_number(footer: Any, side: Any) -> None:
    """Set the page number outside, one character from the edge: right on odd pages, left on even ones."""
    footer.is_linked_to_previous = False
    face = faces()["page_number"]
    made = footer.paragraphs[0]
    made.alignment = side
    made.paragraph_format.space_before = made.paragraph_format.space_after = Pt(0)
    edge = Pt(face.points)
    if side == WD_ALIGN_PARAGRAPH.RIGHT:
        made.paragraph_format.right_indent = edge
    else:
        made.paragraph_format.left_indent = edge
    before, after = mark("page_number", page="\n").split("\n")
    _run(made, before, face)
    run = _run(made, "", face)
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = text
        run._r.append(part)
    _run(made, after, face)


def _set_style(style: Any, face: Face) -> None:
    style.font.size = Pt(face.points)
    _name_fonts(style.element.get_or_add_rPr(), face)
    style.paragraph_format.space_after = Pt(0)


def _set_language(document: Any) -> None:
    """Say that the document is Chinese of the mainland, so that programs take its forms of characters."""
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _run(paragraph: Any, text: str, face: Face) -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(face.points)
    run.font.color.rgb = RGBColor.from_string(face.colour)
    _name_fonts(run._r.get_or_add_rPr(), face)
    if face.points == faces()["body"].points:
        _set_spacing(run)
    return run


def _set_spacing(run: Any) -> None:
    """Draw characters of the running text so near that the cells of the grid hold them, rounded to a twip."""
    extra = (character_points() - Decimal(str(faces()["body"].points))) * TWIPS
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(int(extra.to_integral_value(rounding="ROUND_FLOOR"))))
    properties = run._r.get_or_add_rPr()
    followers = [properties.find(qn(f"w:{name}")) for name in ("w", "kern", "position", "sz", "szCs", "highlight", "u")]
    first = next((element for element in followers if element is not None), None)
    if first is None:
        properties.append(spacing)
    else:
        first.addprevious(spacing)


def _name_fonts(properties: Any, face: Face) -> None:
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), face.name)
    fonts.set(qn("w:hint"), "eastAsia")


def _set_fonts(document: Any) -> None:
    """List the faces with their other names, so that a machine without a face knows what to take."""
    known = {face.name: face for face in faces().values()}
    rows = "".join(
        f"<w:font w:name={quoteattr(face.name)}><w:altName w:val={quoteattr(','.join(face.others))}/>"
        '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for face in known.values()
    )
    said = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"{rows}</w:fonts>"
    )
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = said.encode()


def _indent(paragraph: Any, characters: int) -> None:
    """Indent the first line by characters of the grid, and in points for programs that do not count them."""
    if not characters:
        return
    paragraph.paragraph_format.first_line_indent = Pt(float(character_points()) * characters)
    paragraph._p.get_or_add_pPr().find(qn("w:ind")).set(qn("w:firstLineChars"), str(characters * 100))


def _leave_grid(paragraph: Any) -> None:
    """Keep a program from stretching to the grid: heights and spacing say themselves that 22 lines of 28 fit.

    The grid itself stands in the set-up of the page; some programs would give two cells to a character that is wider
    than one.
    """
    snap = OxmlElement("w:snapToGrid")
    snap.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().insert_element_before(snap, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _border(paragraph: Any, side: str, colour: str, eighths: int) -> None:
    properties = paragraph._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    made = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", colour)):
        made.set(qn(f"w:{name}"), value)
    borders.append(made)


def _keep_row_together(row: Any, *, repeats: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", *(("w:tblHeader",) if repeats else ())):
        properties.append(OxmlElement(name))
