"""Bytes as received to text: which form a file has, its text with line breaks, and where each part stands in the file.

It cleans nothing: pinyin, odd blanks and page furniture stay, so that offsets mean what the reader of the file sees.
Each form has a module of its own beside this one. Look next at `heqing.reading.cleaning`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import PurePath

from heqing.errors import BadFileError
from heqing.reading import html_page
from heqing.reading.charsets import decode_text
from heqing.reading.layout import LaidOut
from heqing.reading.outside import Outside, converted, recognised

# Endings of files that hold documents; a folder is searched for these.
ENDINGS = (
    ".txt", ".md", ".html", ".htm", ".xhtml", ".shtml", ".docx", ".docm", ".doc", ".wps", ".rtf", ".odt", ".pdf",
    ".ofd", ".xlsx", ".xlsm", ".xls", ".et", ".ods",
)  # fmt: skip
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")  # read only where a command recognises characters
FILE_LIMIT = 256 * 1024 * 1024  # bytes; no document of an office is as large
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")
_PAGES = (".html", ".htm", ".xhtml", ".shtml")
_SHEETS = (".xls", ".et", ".ods", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class Place:
    """Where in the file the text from offset `start` on stands: a page, or a row of a sheet."""

    start: int
    page: int | None = None
    sheet: str | None = None
    row: int | None = None


@dataclass(frozen=True)
class ReceivedText:
    """The text of a document as received: all offsets of findings count its characters.

    `form` is ``text``, ``html``, ``docx``, ``xlsx``, ``pdf``, ``ofd`` or ``scan`` (characters recognised by a command);
    of a file that LibreOffice turned into another form it is that form. `encoding` is None but for text and html;
    `declared` says that the file named it. `places` rise by offset, and are empty where a form has no pages or rows.
    `unread_pages` are pages that hold pictures and no text: what they say is not in `text`. `furniture` are lines, by
    start and end, that repeat at head or foot of the pages or number them: noise whatever they say.
    For a plain text file `text` is exactly the decoded content, line ends included.
    """

    name: str
    text: str
    form: str = "text"
    encoding: str | None = None
    declared: bool = False
    places: tuple[Place, ...] = ()
    unread_pages: tuple[int, ...] = ()
    furniture: tuple[tuple[int, int], ...] = ()

    def place(self, offset: int) -> Place | None:
        r"""Give the page or row in which a character stands.

        Parameters
        ----------
        offset : int
            Place of the character in `text`.

        Returns
        -------
        Place or None
            None where the form has neither pages nor rows.

        Examples
        --------
        >>> ReceivedText("a.pdf", "甲\n乙\n", "pdf", places=(Place(0, page=1), Place(2, page=2))).place(3).page
        2
        """
        after = bisect_right(self.places, offset, key=lambda place: place.start)
        return self.places[after - 1] if after else None


def decode(raw: bytes, name: str, *, outside: Outside | None = None) -> ReceivedText:
    """Decode a file's bytes: plain text, HTML, Word, Excel, PDF or OFD; what it is, its content tells.

    Parameters
    ----------
    raw : bytes
        The whole content of the file.
    name : str
        The file's name; errors name it, and its ending decides where the content does not.
    outside : Outside, optional
        Programs that may help with old Office files and scans; without it such files are refused.

    Returns
    -------
    ReceivedText
        The decoded text.

    Raises
    ------
    BadFileError
        When the file is empty, broken, locked, too large, in no known encoding or form, or a scan; `code` says which.

    Examples
    --------
    >>> decode("空气质量优良率".encode("gb18030"), "a.txt").text
    '空气质量优良率'
    """
    outside = outside or Outside()
    ending = PurePath(name).suffix.lower()
    if len(raw) > FILE_LIMIT:
        raise BadFileError(name, "the file is larger than any document; cut it in parts", code="too_large")
    if not raw.strip():
        raise BadFileError(name, "the file is empty; nothing to read", code="empty")
    if raw.startswith(_ARCHIVES):
        raise BadFileError(name, "this is an archive; unpack it first", byte=0, code="archive")
    if raw.startswith(_PICTURES):
        return _picture(raw, name, ending, outside)
    if b"%PDF-" in raw[:1024]:
        return _pdf(raw, name, outside)
    if raw.startswith(_OLD) or raw.startswith(b"{\\rtf"):
        return _old_office(raw, name, ending, outside)
    if raw.startswith(b"PK") or ending in (".docx", ".docm", ".xlsx", ".xlsm", ".ofd"):
        return _packed(raw, name, ending, outside)
    text, encoding, declared = decode_text(raw, name)
    if not text.strip():
        raise BadFileError(name, "the file holds blanks only; nothing to read", code="empty")
    if ending in _PAGES or html_page.is_page(text):
        shown = html_page.page_text(text)
        if not shown:
            raise BadFileError(
                name, "the page holds no text (perhaps a script fills it); save it from the browser as text"
            )
        return ReceivedText(name, shown, "html", encoding, declared)
    return ReceivedText(name, text, "text", encoding, declared)


def _packed(raw: bytes, name: str, ending: str, outside: Outside) -> ReceivedText:
    from heqing.reading.packed import kind_of

    kind = kind_of(raw) if raw.startswith(b"PK") else ""
    if kind == "opendocument":
        to = "xlsx" if ending in _SHEETS else "docx"
        return _packed(converted(raw, name, ending or ".odt", to, outside), name, f".{to}", outside)
    if kind == "ofd" or (not kind and ending == ".ofd"):
        return _ofd(raw, name, outside)
    if kind == "xlsx" or (not kind and ending in _SHEETS):
        return _workbook(raw, name)
    if kind == "archive" and ending not in (".docx", ".docm"):
        raise BadFileError(name, "this is an archive; unpack it first", byte=0, code="archive")
    from heqing.reading.word import BROKEN_WORD, word_text

    if not raw.startswith(b"PK"):
        raise BadFileError(name, BROKEN_WORD, byte=0)
    return ReceivedText(name, word_text(raw, name), "docx")


def _workbook(raw: bytes, name: str) -> ReceivedText:
    from heqing.reading.workbook import workbook_rows

    lines, places, at = [], [], 0
    for row in workbook_rows(raw, name):
        places.append(Place(at, sheet=row.sheet, row=row.number or None))
        lines.append(row.text)
        at += len(row.text) + 1
    return ReceivedText(name, "\n".join(lines) + "\n", "xlsx", places=tuple(places))


def _pdf(raw: bytes, name: str, outside: Outside) -> ReceivedText:
    from heqing.reading.pdf import Scanned, page_pictures, pdf_text

    try:
        found, pictures = pdf_text(raw, name)
    except Scanned:
        if outside.ocr:
            return _recognised(name, recognised(raw, name, ".pdf", outside, page_pictures(raw, name)))
        raise BadFileError(name, _SCAN, code="scan") from None
    return _laid_out(name, "pdf", found, pictures)


def _ofd(raw: bytes, name: str, outside: Outside) -> ReceivedText:
    from heqing.reading.ofd import ofd_text

    found, pictures = ofd_text(raw, name)
    if found.text:
        return _laid_out(name, "ofd", found, pictures)
    if outside.ocr and "{picture}" not in outside.ocr:
        return _recognised(name, recognised(raw, name, ".ofd", outside, None))
    raise BadFileError(name, _SCAN, code="scan")


def _laid_out(name: str, form: str, found: LaidOut, pictures: list[int]) -> ReceivedText:
    places = tuple(Place(start, page=page) for start, page in found.places)
    return ReceivedText(name, found.text, form, places=places, unread_pages=tuple(pictures), furniture=found.furniture)


_SCAN = (
    "this is a scan: its pages are pictures without text; have its characters recognised (OCR) and read that, or set "
    "HEQING_OCR to a command that does"
)


def _picture(raw: bytes, name: str, ending: str, outside: Outside) -> ReceivedText:
    if not outside.ocr:
        raise BadFileError(
            name,
            "this is a picture; have its characters recognised (OCR) and read that, or set a command as HEQING_OCR",
            byte=0,
            code="picture",
        )
    return _recognised(name, recognised(raw, name, ending if ending in PICTURES else ".png", outside, None))


def _recognised(name: str, pages: list[str]) -> ReceivedText:
    places, at = [], 0
    texts = [page if page.endswith("\n") else page + "\n" for page in pages]
    for number, page in enumerate(texts, start=1):
        places.append(Place(at, page=number))
        at += len(page)
    return ReceivedText(name, "".join(texts), "scan", places=tuple(places) if len(pages) > 1 else ())


def _old_office(raw: bytes, name: str, ending: str, outside: Outside) -> ReceivedText:
    """Read a file in the form of Office 97, or RTF, through LibreOffice; streams inside tell what it is."""
    if _named(raw, "EncryptedPackage"):
        raise BadFileError(
            name, "the file is locked with a password; save it without and read that", byte=0, code="locked"
        )
    if _named(raw, "PowerPoint Document"):
        raise BadFileError(name, "these are slides; save their text as .docx and read that", byte=0)
    is_sheet = ending in _SHEETS or (_named(raw, "Workbook") and not _named(raw, "WordDocument"))
    ending = ending if re.fullmatch(r"\.(?:doc|wps|rtf|xls|et)", ending) else ".xls" if is_sheet else ".doc"
    to = "xlsx" if is_sheet else "docx"
    return _packed(converted(raw, name, ending, to, outside), name, f".{to}", outside)


def _named(raw: bytes, stream: str) -> bool:
    return stream.encode("utf-16-le") in raw
