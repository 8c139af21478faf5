"""The text of a Word file (docx) as it reads once all tracked changes are accepted.

It walks the XML itself: paragraphs, tables, text boxes and notes in reading order, whatever containers stand around.
Look next at `heqing.reading.packed` for how the file is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from heqing.errors import BadFileError
from heqing.reading.packed import BROKEN, Package

BROKEN_WORD = "the name says Word (docx) but the content is none; open it in Word or WPS and save it as .docx anew"


def word_text(raw: bytes, name: str) -> str:
    """Give what a Word file says.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        Its name, for errors.

    Returns
    -------
    str
        Paragraphs and rows, a line each.

    Raises
    ------
    BadFileError
        When it is no Word file, a broken one, or one without text.

    Examples
    --------
    >>> word_text(b"plain", "a.docx")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    heqing.errors.BadFileError: a.docx: the name says Word (docx) but the content is none; open it in Word or WPS ...
    """
    package = Package(raw, name, BROKEN_WORD)
    try:
        main = next(iter(package.related("", "officeDocument")), "word/document.xml")
        lines = _Word(package, main).lines()
    except BROKEN as error:
        raise BadFileError(name, BROKEN_WORD) from error
    text = "\n".join(lines) + "\n"
    if not text.strip():
        raise BadFileError(
            name, "the Word file holds no text (perhaps pictures only); type or scan its text first", code="scan"
        )
    return text


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# No text of the accepted document: deletions, settings (a tab stop is named like a tab), pinyin over characters.
_LEFT_OUT = frozenset(_W + tag for tag in ("del", "moveFrom", "pPr", "rt"))
_REFERENCES = {_W + "footnoteReference": "footnote", _W + "endnoteReference": "endnote"}
_SIGNS = {_W + "tab": "\t", _W + "ptab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-"}


class _Word:
    """Collects what the body of a Word file says once all tracked changes are accepted.

    A text box and a note follow the paragraph that they are anchored in.
    """

    def __init__(self, package: Package, main: str) -> None:
        self._body = package.xml(main)
        self._hidden: set[str] = set()
        for part in package.related(main, "styles")[:1]:
            self._hidden = _hidden_styles(package.xml(part))
        self._notes: dict[tuple[str, str | None], Any] = {}
        for kind in ("footnote", "endnote"):
            for part in package.related(main, f"{kind}s")[:1]:
                for note in package.xml(part).iterchildren(_W + kind):
                    self._notes[kind, note.get(_W + "id")] = note

    def lines(self) -> list[str]:
        return self._lines(self._body)

    def _lines(self, parent: Any, apart: list[str] | None = None) -> list[str]:
        """Give the paragraphs and rows below `parent`; text boxes and tables go to `apart` where that is given."""
        lines: list[str] = []
        apart = lines if apart is None else apart
        parts: list[str] = []
        boxes: list[Any] = []

        def end_line() -> None:
            lines.append("".join(parts))
            for box in boxes:  # after its paragraph: at its anchor a box would cut a sentence in two
                apart.extend(self._lines(box))
            parts.clear()
            boxes.clear()

        for block in _within(parent, _W + "p", _W + "tbl"):
            if block.tag == _W + "p":
                parts.append(self._said(block, boxes))
                if not _runs_on(block):
                    end_line()
            else:
                if any(parts) or boxes:
                    end_line()
                apart.extend(self._rows(block))
        if any(parts) or boxes:
            end_line()
        return lines

    def _rows(self, table: Any) -> list[str]:
        lines: list[str] = []
        for row in _within(table, _W + "tr"):
            if row.find(f"{_W}trPr/{_W}del") is not None or _is_on(row.find(f"{_W}trPr/{_W}hidden")):
                continue
            cells = [cell for cell in _within(row, _W + "tc") if not _is_gone(cell)]
            if len(cells) == 1:  # a frame: what stands in it are lines of their own
                lines.extend(self._lines(cells[0]))
                continue
            apart: list[str] = []
            lines.append("\t".join(self._cell(cell, apart) for cell in cells))
            lines.extend(apart)
        return lines

    def _cell(self, cell: Any, apart: list[str]) -> str:
        if _continues(cell, "vMerge"):  # shown once, in its first row
            return ""
        said = " ".join(line for line in self._lines(cell, apart) if line.strip())
        return re.sub(r"[\t\n]+", " ", said).strip()

    def _said(self, parent: Any, boxes: list[Any]) -> str:
        parts: list[str] = []
        for child in _kept(parent):
            if child.tag == _W + "t":
                parts.append(child.text or "")
            elif child.tag in _SIGNS:
                parts.append(_SIGNS[child.tag])
            elif child.tag == _W + "txbxContent":
                boxes.append(child)
            elif child.tag in _REFERENCES:
                note = self._notes.pop((_REFERENCES[child.tag], child.get(_W + "id")), None)
                if note is not None:  # told once, however often it is referred to
                    boxes.append(note)
            elif child.tag != _W + "r" or not self._is_hidden(child):
                parts.append(self._said(child, boxes))
        return "".join(parts)

    def _is_hidden(self, run: Any) -> bool:
        own = run.find(f"{_W}rPr/{_W}vanish")
        if own is not None:
            return _is_on(own)
        paragraph = next(run.iterancestors(_W + "p"))
        styles = (run.find(f"{_W}rPr/{_W}rStyle"), paragraph.find(f"{_W}pPr/{_W}pStyle"))
        return any(style is not None and style.get(_W + "val") in self._hidden for style in styles)


def _kept(parent: Any) -> Iterator[Any]:
    """Give the children that are shown; of alternatives (new drawing, old drawing) the first with text."""
    for child in parent.iterchildren("*"):
        if child.tag == _MC + "AlternateContent":
            branches = child.iterchildren(_MC + "Choice", _MC + "Fallback")
            taken = next((b for b in branches if next(b.iter(_W + "t"), None) is not None), None)
            if taken is not None:
                yield from _kept(taken)
        elif child.tag not in _LEFT_OUT:
            yield child


def _within(parent: Any, *tags: str) -> Iterator[Any]:
    """Give the outermost elements of these kinds, whatever containers stand between."""
    for child in _kept(parent):
        if child.tag in tags:
            yield child
        else:
            yield from _within(child, *tags)


def _runs_on(paragraph: Any) -> bool:
    """Say whether the paragraph's end was deleted, moved away or hidden, so that the next one continues it."""
    mark = paragraph.find(f"{_W}pPr/{_W}rPr")
    if mark is None:
        return False
    gone = mark.find(_W + "del") is not None or mark.find(_W + "moveFrom") is not None
    return gone or _is_on(mark.find(_W + "vanish"))


def _is_gone(cell: Any) -> bool:
    return cell.find(f"{_W}tcPr/{_W}cellDel") is not None or _continues(cell, "hMerge")


def _continues(cell: Any, merge: str) -> bool:
    found = cell.find(f"{_W}tcPr/{_W}{merge}")
    return found is not None and found.get(_W + "val", "continue") == "continue"


def _is_on(switch: Any) -> bool:
    return switch is not None and switch.get(_W + "val", "1") not in ("0", "false", "off")


def _hidden_styles(sheet: Any) -> set[str]:
    """Give the styles that hide their text, by themselves or through the style they are based on."""
    styles = {style.get(_W + "styleId"): style for style in sheet.iterchildren(_W + "style")}
    hidden: set[str] = set()
    for name in styles:
        at, seen = name, set[str]()
        while at in styles and at not in seen:
            seen.add(at)
            switch, base = styles[at].find(f"{_W}rPr/{_W}vanish"), styles[at].find(_W + "basedOn")
            if _is_on(switch):
                hidden.add(name)
            if switch is not None or base is None:
                break
            at = base.get(_W + "val")
    return hidden
