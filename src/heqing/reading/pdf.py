"""The text of a PDF with a text layer, page by page; a scan is told from it (`Scanned`).

PDFium reads the file (pypdfium2). It may be called by one thread at a time, so a lock stands round every use.
Look next at `heqing.reading.layout`.
"""

from __future__ import annotations

import ctypes
import math
import re
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from heqing.errors import BadFileError
from heqing.reading.layout import LaidOut, Page, Piece, lay_out

PAGES_LIMIT = 5_000
CHARACTERS_LIMIT = 20_000_000
_LOCK = threading.Lock()
_DOTS = 200 / 72  # 200 dots an inch: what programs that recognise characters ask for
_HYPHEN = 2  # how PDFium tells a hyphen that parts a word at the end of a line
_NEAR = 0.12  # heights of letters by which a character may stand off and still be of the run
_WIDEST = 6_000  # dots; a poster is drawn smaller
_NO_MEANING = re.compile(r"[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f]")


class Scanned(Exception):  # noqa: N818 - no fault of the file: the caller may know a way
    """The document has pages, but no text in them."""


def pdf_text(raw: bytes, name: str) -> tuple[LaidOut, list[int]]:
    """Give the text of a PDF.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        Its name, for errors.

    Returns
    -------
    laid_out : LaidOut
        Paragraphs and rows, a line each.
    pictures : list of int
        Numbers of pages that hold pictures and no text.

    Raises
    ------
    BadFileError
        When the file is broken, locked or too long.
    Scanned
        When no page holds text.

    Examples
    --------
    >>> pdf_text(b"%PDF-1.7 and no more", "a.pdf")
    Traceback (most recent call last):
    heqing.errors.BadFileError: a.pdf: the PDF is broken; open it, print it as PDF anew, or save its text as .docx
    """
    from pypdfium2 import raw as pdfium

    pages: list[Page] = []
    pictures: list[int] = []
    characters = meaningless = 0
    with _opened(raw, name) as document:
        for number, page in _pages(document, name):
            found = _page(pdfium, page)
            if found.pieces:
                said = "".join(piece.text for piece in found.pieces)
                characters += len(said)
                meaningless += len(_NO_MEANING.findall(said))
                if characters > CHARACTERS_LIMIT:
                    raise BadFileError(
                        name, "the PDF holds more text than a document; cut it in parts", code="too_large"
                    )
            elif _has_picture(pdfium, page):
                pictures.append(number)
            pages.append(found)
    if not characters or meaningless * 3 > characters:
        raise Scanned
    return lay_out(pages), pictures


def page_pictures(raw: bytes, name: str) -> Iterator[bytes]:
    """Draw the pages of a PDF, one grey PNG each.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        Its name, for errors.

    Yields
    ------
    bytes
        A picture in the form PNG.

    Raises
    ------
    BadFileError
        When the file is broken.

    Examples
    --------
    >>> list(page_pictures(b"%PDF-1.7 and no more", "a.pdf"))
    Traceback (most recent call last):
    heqing.errors.BadFileError: a.pdf: the PDF is broken; open it, print it as PDF anew, or save its text as .docx
    """
    number = 0
    while True:  # opened anew for each page: the lock is not held while the caller works on a picture
        with _opened(raw, name) as document:
            if number >= min(len(document), PAGES_LIMIT):
                return
            page = document[number]
            scale = min(_DOTS, _WIDEST / max(*page.get_size(), 1))
            drawn = page.render(scale=scale, grayscale=True).to_numpy()
            picture = _png(drawn.shape[1], drawn.shape[0], drawn.reshape(drawn.shape[0], -1).tobytes())
            page.close()
        yield picture
        number += 1


@contextmanager
def _opened(raw: bytes, name: str) -> Iterator[Any]:
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(raw)
        except pypdfium2.PdfiumError as error:
            if "assword" in str(error):
                raise BadFileError(
                    name, "the PDF is locked with a password; save it without and read that", code="locked"
                ) from error
            raise BadFileError(name, _BROKEN) from error
        try:
            yield document
        except pypdfium2.PdfiumError as error:
            raise BadFileError(name, _BROKEN) from error
        finally:
            document.close()


_BROKEN = "the PDF is broken; open it, print it as PDF anew, or save its text as .docx"


def _pages(document: Any, name: str) -> Iterator[tuple[int, Any]]:
    import pypdfium2

    if len(document) > PAGES_LIMIT:
        raise BadFileError(name, f"the PDF has more than {PAGES_LIMIT} pages; cut it in parts", code="too_large")
    for number in range(len(document)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            continue  # a page that is broken: the others are read
        yield number + 1, page
        page.close()


def _page(pdfium: Any, page: Any) -> Page:
    """Give a page's runs of characters, cut wherever the next one does not stand right behind.

    A line is not one run: a sign of another font (“ among Chinese) may be written after all others of its line.
    """
    text = page.get_textpage()
    letters = _Letters(pdfium, text.raw, page.get_height())
    pieces: list[Piece] = []
    run: Piece | None = None
    last = 0.0
    for char, left, right, base, size in letters:
        near = size * _NEAR
        follows = run is not None and (abs(left - run.right) <= near or left == last)  # of a ligature both stand at one
        last = left
        if run is not None and follows and abs(base - run.base) <= near and size == run.size:
            run.text += char
            run.right = max(right, run.right)
        else:
            run = Piece(char, left, right, base, size)
            pieces.append(run)
    text.close()
    return Page(pieces, letters.height, page.get_width())


class _Letters:
    """The characters of a page: each with its left and right edge, its base from the top and its size."""

    def __init__(self, pdfium: Any, handle: Any, height: float) -> None:
        self._pdfium, self._handle, self.height = pdfium, handle, height

    def __iter__(self) -> Iterator[tuple[str, float, float, float, float]]:
        code, handle = self._pdfium.FPDFText_GetUnicode, self._handle
        box_of, origin_of = self._pdfium.FPDFText_GetLooseCharBox, self._pdfium.FPDFText_GetCharOrigin
        made_up = self._pdfium.FPDFText_IsGenerated
        box, x, y = self._pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        count = self._pdfium.FPDFText_CountChars(handle)
        size, sized_at = 0.0, ""
        for i in range(count):
            char = code(handle, i)
            if char == _HYPHEN:
                char = 0xAD
            if char < 32 or 0xDC00 <= char <= 0xDFFF or char > 0x10FFFF or (char == 32 and made_up(handle, i)):
                continue
            if 0xD800 <= char <= 0xDBFF:  # told in two halves
                low = code(handle, i + 1) if i + 1 < count else 0
                char = 0x10000 + ((char - 0xD800) << 10) + (low - 0xDC00) if 0xDC00 <= low <= 0xDFFF else 0xFFFD
            origin_of(handle, i, x, y)
            box_of(handle, i, box)
            height = f"{box.top - box.bottom:.2f}"
            if height != sized_at:  # the same box, the same size: asked once a run
                size, sized_at = self._size(i), height
            yield chr(char), x.value, max(box.right, x.value), self.height - y.value, size

    def _size(self, at: int) -> float:
        size = float(self._pdfium.FPDFText_GetFontSize(self._handle, at))
        matrix = self._pdfium.FS_MATRIX()
        if self._pdfium.FPDFText_GetMatrix(self._handle, at, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        return size if 0.5 < size < 1000 else 10.0


def _has_picture(pdfium: Any, page: Any) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _png(width: int, height: int, grey: bytes) -> bytes:
    rows = b"".join(b"\0" + grey[y * width : (y + 1) * width] for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")
