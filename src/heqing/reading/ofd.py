"""The text of an OFD file (版式文档, GB/T 33190) with a text layer, page by page.

It reads text objects and where they stand, nothing that is drawn. A file without text objects is a scan.
Look next at `heqing.reading.layout`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from heqing.errors import BadFileError
from heqing.reading.layout import LaidOut, Page, Piece, lay_out
from heqing.reading.packed import BROKEN, Package

_BROKEN = "the name says OFD but the content is none or broken; save it anew, or save its text as .docx"
PAGES_LIMIT = 5_000
_WIDE = 0x2E80  # characters from here on are as wide as high


def ofd_text(raw: bytes, name: str) -> tuple[LaidOut, list[int]]:
    """Give the text of an OFD file.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        Its name, for errors.

    Returns
    -------
    laid_out : LaidOut
        Paragraphs and rows, a line each; without text when no page holds any.
    pictures : list of int
        Numbers of pages that hold pictures and no text.

    Raises
    ------
    BadFileError
        When it is no OFD file or a broken one.

    Examples
    --------
    >>> ofd_text(b"plain", "a.ofd")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    heqing.errors.BadFileError: a.ofd: the name says OFD but the content is none or broken; save it anew, or ...
    """
    package = Package(raw, name, _BROKEN)
    pages: list[Page] = []
    pictures: list[int] = []
    try:
        for number, (page, has_picture) in enumerate(_pages(package, name), start=1):
            pages.append(page)
            if has_picture and not page.pieces:
                pictures.append(number)
    except BROKEN as error:
        raise BadFileError(name, _BROKEN) from error
    return lay_out(pages), pictures


def _pages(package: Package, name: str) -> Iterator[tuple[Page, bool]]:
    seen = 0
    for root in package.xml("OFD.xml").iterfind("{*}DocBody/{*}DocRoot"):
        main = _place("", root.text)
        document = package.xml(main)
        area = _box(document.findtext("{*}CommonData/{*}PageArea/{*}PhysicalBox"))
        templates = {
            t.get("ID"): _place(main, t.get("BaseLoc")) for t in document.iterfind("{*}CommonData/{*}TemplatePage")
        }
        for entry in document.iterfind("{*}Pages/{*}Page"):
            seen += 1
            if seen > PAGES_LIMIT:
                raise BadFileError(
                    name, f"the OFD has more than {PAGES_LIMIT} pages; cut it in parts", code="too_large"
                )
            part = _place(main, entry.get("BaseLoc"))
            if part not in package:
                yield Page([], area[3], area[2]), False
                continue
            content = package.xml(part)
            under = [templates.get(used.get("TemplateID"), "") for used in content.iterfind("{*}Template")]
            trees = [package.xml(template) for template in under if template in package]
            own = content.findtext("{*}Area/{*}PhysicalBox")
            box = _box(own) if own else area
            pieces = [piece for tree in [*trees, content] for piece in _texts(tree)]
            picture = next(content.iter("{*}ImageObject"), None) is not None
            yield Page(_in_order(pieces), box[3], box[2]), picture


def _place(base: str, written: str | None) -> str:
    written = (written or "").strip()
    if written.startswith("/"):
        return posixpath.normpath(written).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), written))


def _texts(tree: Any) -> Iterator[Piece]:
    for found in tree.iter("{*}TextObject"):
        x, y, _, _ = _box(found.get("Boundary"))
        size = _number(found.get("Size"), 4.0)
        a, b, c, d, e, f = _matrix(found.get("CTM"))
        across = 0.0 if found.get("CTM") is None else 1.0
        for code in found.iterchildren("{*}TextCode"):
            text = "".join(code.itertext()).strip("\r\n")
            if not text.strip():
                continue
            left, base = _number(code.get("X"), 0.0), _number(code.get("Y"), size)
            wide = _width(text, size, _steps(code.get("DeltaX")))
            if across:
                height = abs(d) or abs(b) or 1.0
                left, base, wide = a * left + c * base + e, b * left + d * base + f, wide * (abs(a) or 1.0)
                yield Piece(text, x + left, x + left + wide, y + base, size * height)
            else:
                yield Piece(text, x + left, x + left + wide, y + base, size)


def _width(text: str, size: float, steps: list[float]) -> float:
    widths = [size if ord(char) >= _WIDE else size / 2 for char in text]
    for i, step in enumerate(steps[: len(text) - 1]):
        widths[i] = step
    return sum(widths)


def _steps(written: str | None) -> list[float]:
    """Read distances from character to character; ``g 3 4.5`` stands for three times 4.5."""
    words = (written or "").split()
    found: list[float] = []
    at = 0
    while at < len(words) and len(found) < 10_000:
        if words[at] == "g" and at + 2 < len(words):
            times = int(_number(words[at + 1], 0.0))
            found += [_number(words[at + 2], 0.0)] * max(0, min(times, 10_000))
            at += 3
        else:
            found.append(_number(words[at], 0.0))
            at += 1
    return found


def _in_order(pieces: list[Piece]) -> list[Piece]:
    """Put pieces in the order of reading: line by line from the top, within a line from the left."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.base):
        if lines and piece.base - lines[-1][0].base <= piece.size / 2:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [piece for line in lines for piece in sorted(line, key=lambda p: p.left)]


def _box(written: str | None) -> tuple[float, float, float, float]:
    parts = [_number(word, 0.0) for word in (written or "").split()[:4]]
    x, y, w, h = [*parts, 0.0, 0.0, 0.0, 0.0][:4] if parts else (0.0, 0.0, 210.0, 297.0)
    return x, y, w, h


def _matrix(written: str | None) -> tuple[float, float, float, float, float, float]:
    parts = [_number(word, 0.0) for word in (written or "").split()]
    if len(parts) != 6:
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    a, b, c, d, e, f = parts
    return a, b, c, d, e, f


def _number(written: str | None, otherwise: float) -> float:
    try:
        found = float(written) if written else otherwise
    except ValueError:
        return otherwise
    return found if abs(found) < 1e6 else otherwise  # nan and inf among them
