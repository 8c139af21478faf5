"""Text files as they come: kind, encoding, delimiter and shape, found before any value is read.

Every pass is over blocks of bytes, so that the size of the file does not matter. It reads no values: see
`heqing.store.intake`.
"""

from __future__ import annotations

import atexit
import codecs
import csv
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from heqing.errors import BadFileError
from heqing.store.spelling import kind_of, rows_of

BLOCK = 4 << 20  # bytes read at a time
LONGEST_HEADER = 1 << 20  # bytes; a table whose first line is longer is none
LONGEST_ROW = 16 << 20  # bytes; bounds the memory of a pass
_ASCII = bytes(range(128))
_DELIMITERS = (",", "\t", ";")
_ENOUGH_LETTERS = 16  # letters beyond ASCII that are good UTF-8: text in GB18030 never has as many in a row


@dataclass(frozen=True)
class TextTable:
    """A text file that was looked through: where its UTF-8 text is, and its shape."""

    path: Path
    is_copy: bool
    encoding: str
    is_utf8_too: bool  # its bytes are UTF-8 as well, and were taken for Chinese
    delimiter: str
    header: tuple[str, ...]
    rows: int
    blank_tail: int
    has_quotes: bool
    has_24: bool


def refuse_other_kinds(path: Path) -> None:
    """Stop at what is no file with a table in it, by its first bytes and not by its name.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    BadFileError
        When it is missing, a directory, empty, or of another kind.

    Examples
    --------
    >>> refuse_other_kinds(Path("/nowhere/a.csv"))
    Traceback (most recent call last):
        ...
    heqing.errors.BadFileError: /nowhere/a.csv: there is no such file. Check the path.
    """
    if path.is_dir():
        raise BadFileError(path, "this is a directory, not a file. Name one file in it.")
    if not path.exists():
        raise BadFileError(path, "there is no such file. Check the path.")
    if not path.is_file():
        raise BadFileError(path, "this is not a regular file; it is read more than once. Save it to a file first.")
    if path.stat().st_size == 0:
        raise BadFileError(path, "the file is empty: it has not even a header line. Ask the sender for it again.")
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PK\x03\x04"):
        if is_workbook(path):
            return
        raise BadFileError(path, _say_archive(path))
    found = kind_of(head)
    if found is not None:
        raise BadFileError(path, f"this is {found[0]}, not a table of text, whatever its name says; {found[1]}.")


def is_workbook(path: Path) -> bool:
    """Tell whether a file is an Excel workbook (.xlsx), by what is in it and not by its name.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bool
        False also where it cannot be read.

    Examples
    --------
    >>> is_workbook(Path(__file__))
    False
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def _say_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        names = []
    if any(n.startswith("xl/") for n in names):
        return "this is an Excel workbook of a kind that is not read (.xlsb); save it as .xlsx or “CSV UTF-8”."
    if any(n.startswith("word/") for n in names):
        return (
            "this is a Word document, not a table of text, whatever its name says; copy its table into Excel and "
            "save it as “CSV UTF-8”."
        )
    return "this is a ZIP archive, not a table of text; unpack it first."


def look_through(path: Path) -> TextTable:
    r"""Find encoding, delimiter and shape of a text file; make a UTF-8 copy when it has another encoding.

    Parameters
    ----------
    path : Path
        The file; see `refuse_other_kinds`.

    Returns
    -------
    TextTable
        What was found; ``path`` is the copy where one was made.

    Raises
    ------
    BadFileError
        For an unknown encoding, a NUL byte, a row with another number of fields, a quote that never closes.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("time;city;co\n2020-01-01 01:00;无锡;0.4\n", encoding="gb18030")
    >>> table = look_through(folder / "a.csv")
    >>> table.encoding, table.delimiter, table.header, table.rows
    ('GB18030', ';', ('time', 'city', 'co'), 1)
    """
    encoding, codec = _encoding(path)
    text = path if codec is None else _copy_as_utf8(path, encoding, codec)
    try:
        return _shape(path, text, encoding, is_utf8_too=encoding == "GB18030" and _first_damage(path, "utf-8") is None)
    except BadFileError:
        if text != path:
            text.unlink(missing_ok=True)
        raise


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _encoding(path: Path) -> tuple[str, str | None]:
    """Give the encoding's name and, where a copy is needed, its codec."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32", "utf-32"
    if head.startswith(codecs.BOM_UTF8):
        _refuse_damage(path, "utf-8", "UTF-8")
        return "UTF-8", None
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16", "utf-16"
    for codec, zero in (("utf-16-le", 1), ("utf-16-be", 0)):
        pairs = head[: len(head) // 2 * 2]
        if pairs[zero::2].count(0) * 5 > len(pairs) // 2 and _is_text(pairs.decode(codec, "replace")):
            return "UTF-16", codec
    if b"\0" in head:
        _refuse_nul(path, head.index(b"\0"), is_binary=True)
    damaged = _first_damage(path, "utf-8")
    if damaged is None:
        return ("GB18030", "gb18030") if _is_short_chinese(path) else ("UTF-8", None)
    byte, letters_before = damaged
    if letters_before < _ENOUGH_LETTERS and _first_damage(path, "gb18030") is None:
        return "GB18030", "gb18030"
    if letters_before:
        raise BadFileError(
            path,
            "the text is UTF-8 up to here and broken from here. Save it again as “CSV UTF-8”, or ask the sender.",
            row=_row_at(path, byte),
            byte=byte,
        )
    raise BadFileError(
        path,
        "the text is in none of the encodings that are read here (UTF-8, UTF-16, GB18030). "
        "Save it again as “CSV UTF-8”.",
        byte=byte,
    )


@cache
def _unlikely_letters() -> frozenset[str]:
    ranges = [(int(r["first"], 16), int(r["last"], 16)) for r in rows_of("unlikely_scripts")]
    return frozenset(chr(place) for first, last in ranges for place in range(first, last + 1))


def _is_short_chinese(path: Path) -> bool:
    """Say whether a file that is UTF-8 is rather a few Chinese characters in GB18030 (站一 for վһ).

    Only letters of two bytes can be taken for one character, so that any longer one (a Chinese one, ℃) settles it.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    letters: set[str] = set()
    for block in _blocks(path):
        letters.update(decoder.decode(block.translate(None, _ASCII)))
        if max(letters, default="") > "\u07ff":
            return False
    return bool(letters & _unlikely_letters()) and _first_damage(path, "gb2312") is None


def _is_text(decoded: str) -> bool:
    """Say whether no control characters stand in a text but those that end lines and cells."""
    return all(c >= " " or c in "\r\n\t" for c in decoded)


def _refuse_damage(path: Path, codec: str, name: str) -> None:
    damaged = _first_damage(path, codec)
    if damaged is not None:
        raise BadFileError(
            path,
            f"the text says it is {name} and is broken here. Save it again as “CSV UTF-8”, or ask the sender for it.",
            row=_row_at(path, damaged[0]),
            byte=damaged[0],
        )


def _first_damage(path: Path, codec: str) -> tuple[int, int] | None:
    """Give the place of the first byte that a codec cannot read, and how many letters beyond ASCII came before."""
    decoder = codecs.getincrementaldecoder(codec)()
    done = letters = 0
    for block in _blocks(path):
        pending = len(decoder.getstate()[0])
        if not pending and block.isascii():
            done += len(block)
            continue
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(codec, "ignore")
            return done - pending + error.start, letters + sum(not c.isascii() for c in good)
        if letters < _ENOUGH_LETTERS:
            letters += sum(not c.isascii() for c in text)
        done += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return done - len(decoder.getstate()[0]), letters
    return None


def _row_at(path: Path, byte: int) -> int:
    """Give the line a byte stands in, the header being 1."""
    seen, lines = 0, 1
    for block in _blocks(path):
        part = block[: max(0, byte - seen)]
        lines += part.count(b"\n")
        seen += len(block)
        if seen >= byte:
            break
    return lines


@cache
def _folder_of_copies() -> Path:
    folder = tempfile.mkdtemp(prefix="heqing-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _copy_as_utf8(path: Path, name: str, codec: str) -> Path:
    handle, copy = tempfile.mkstemp(suffix=".csv", dir=_folder_of_copies())
    done = 0
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            for block in _blocks(path):
                pending = len(decoder.getstate()[0])
                try:
                    out.write(decoder.decode(block))
                except UnicodeDecodeError as error:
                    done += error.start - pending
                    raise
                done += len(block)
            out.write(decoder.decode(b"", final=True))
    except UnicodeDecodeError as error:
        Path(copy).unlink()
        raise BadFileError(
            path,
            f"the text is {name} up to here and broken from here. Save it again as “CSV UTF-8”, or ask the sender.",
            byte=done,
        ) from error
    return Path(copy)


def _refuse_nul(path: Path, byte: int, *, is_binary: bool, row: int | None = None) -> None:
    what = "this is binary, not a table of text" if is_binary else "a NUL byte in the text; the file is damaged here"
    raise BadFileError(path, f"{what}. Export the table again as “CSV UTF-8”.", row=row, byte=byte)


def _shape(path: Path, text: Path, encoding: str, *, is_utf8_too: bool) -> TextTable:
    header_bytes, header, delimiter = _header(path, text)
    fences = _Fences(path, delimiter, len(header))
    for block in _blocks(text):
        fences.walk(block)
    rows, blank_tail = fences.finish()
    if rows < 1:
        raise BadFileError(
            path, f"the file has a header line and no rows below it. Header: {', '.join(header)}.", row=1
        )
    del header_bytes
    return TextTable(
        path=text,
        is_copy=text != path,
        encoding=encoding,
        is_utf8_too=is_utf8_too,
        delimiter=delimiter,
        header=header,
        rows=rows,
        blank_tail=blank_tail,
        has_quotes=fences.has_quotes,
        has_24=fences.has_24,
    )


def _header(path: Path, text: Path) -> tuple[int, tuple[str, ...], str]:
    """Read the header record and find the delimiter in it."""
    with text.open("rb") as file:
        head = file.read(LONGEST_HEADER)
    body = head.removeprefix(codecs.BOM_UTF8)
    end = 0
    while True:
        end = body.find(b"\n", end)
        if end < 0:
            end = len(body)
            break
        if body[:end].count(b'"') % 2 == 0:
            break
        end += 1
    if end == len(body) and len(head) == LONGEST_HEADER:
        raise BadFileError(
            path,
            f"no line ends within the first {LONGEST_HEADER >> 20} MB: this is not a table with a header line. "
            "Export it again as “CSV UTF-8”.",
            row=1,
        )
    line = body[:end].decode("utf-8", "replace").rstrip("\r")
    if "\r" in line.replace("\r\n", ""):
        raise BadFileError(
            path, "its lines end in a bare carriage return (old Mac). Save it again as “CSV UTF-8”.", row=1
        )
    unquoted = "".join(line.split('"')[::2])
    delimiter = max(_DELIMITERS, key=unquoted.count)
    names = next(iter(csv.reader([line], delimiter=delimiter, strict=False)), [])
    if len(names) == 0 or not any(n.strip() for n in names):
        raise BadFileError(path, "the first line is blank; it must name the columns.", row=1)
    return end, tuple(names), delimiter


class _Fences:
    """Counts fields per row over blocks of bytes, quotes respected, and stops at the first row that differs."""

    def __init__(self, path: Path, delimiter: str, fields: int) -> None:
        self.path = path
        self.fields = fields
        kinds = np.zeros(256, dtype=np.uint8)
        kinds[ord(delimiter)], kinds[ord("\n")], kinds[ord('"')] = 1, 2, 3
        self._kinds = kinds
        self.has_quotes = False
        self.has_24 = False
        self._is_open = 0  # inside quotes at the block's start
        self._quote_row = 0
        self._delimiters = 0  # of the row begun in an earlier block
        self._length = 0  # its bytes so far
        self._records = 0  # rows ended, the header among them
        self._blank_tail = 0
        self._seen = 0
        self._last = b"\n"

    def walk(self, block: bytes) -> None:
        if (nul := block.find(b"\0")) >= 0:
            row = self._records + 1 + block[:nul].count(b"\n")
            _refuse_nul(self.path, self._seen + nul, is_binary=False, row=row)
        self.has_24 = self.has_24 or b"24:" in block or "24时".encode() in block or "24点".encode() in block
        kinds = self._kinds[np.frombuffer(block, dtype=np.uint8)]
        places = np.flatnonzero(kinds)
        kinds = kinds[places]
        quotes = kinds == 3
        if self._is_open or quotes.any():
            self.has_quotes = True
            inside = (np.cumsum(quotes) + self._is_open) & 1
            self._note_open_quote(block, kinds, quotes, inside)
            self._is_open = int(inside[-1]) if len(inside) else self._is_open
            outside = (inside == 0) & ~quotes
            places, kinds = places[outside], kinds[outside]
        ends = np.flatnonzero(kinds == 2)
        before = np.cumsum(kinds == 1)
        counts = np.diff(before[ends], prepend=0) if len(ends) else np.zeros(0, dtype=np.int64)
        lengths = np.diff(places[ends], prepend=-1) - 1 if len(ends) else np.zeros(0, dtype=np.int64)
        if len(ends):
            counts[0] += self._delimiters
            lengths[0] += self._length
            returns = np.frombuffer(block, dtype=np.uint8)[np.maximum(places[ends] - 1, 0)] == 13
            if places[ends[0]] == 0:
                returns[0] = self._last == b"\r"
            self._check(counts, lengths, lengths - returns)
            self._delimiters = int(before[-1] - before[ends[-1]])
            self._length = len(block) - int(places[ends[-1]]) - 1
        else:
            self._delimiters += int(before[-1]) if len(before) else 0
            self._length += len(block)
        if self._length > LONGEST_ROW:
            self._refuse_length(self._records + 1)
        self._last = block[-1:]
        self._seen += len(block)

    def _note_open_quote(self, block: bytes, kinds: np.ndarray, quotes: np.ndarray, inside: np.ndarray) -> None:
        if len(inside) and inside[-1] and not (self._is_open and not quotes.any()):
            last_quote = int(np.flatnonzero(quotes)[-1])
            outside_ends = (kinds[:last_quote] == 2) & (inside[:last_quote] == 0)
            self._quote_row = self._records + 1 + int(outside_ends.sum())

    def _check(self, counts: np.ndarray, lengths: np.ndarray, letters: np.ndarray) -> None:
        odd = np.flatnonzero((counts != self.fields - 1) & (letters > 0))
        if len(odd):
            row = self._records + 1 + int(odd[0])
            self._refuse_row(row, int(counts[odd[0]]) + 1)
        if int(lengths.max()) > LONGEST_ROW:
            self._refuse_length(self._records + 1 + int(lengths.argmax()))
        self._records += len(counts)
        filled = np.flatnonzero(letters > 0)
        self._blank_tail = self._blank_tail + len(letters) if not len(filled) else len(letters) - 1 - int(filled[-1])

    def finish(self) -> tuple[int, int]:
        """Give the rows below the header, blank ones at the end left out, and how many those are."""
        if self._is_open:
            raise BadFileError(
                self.path, "a quote is opened here and never closed. Close it, or export again.", row=self._quote_row
            )
        if self._length:
            one = np.array([self._delimiters]), np.array([self._length])
            self._check(one[0], one[1], one[1])
        return self._records - 1 - self._blank_tail, self._blank_tail

    def _refuse_row(self, row: int, fields: int) -> None:
        raise BadFileError(
            self.path,
            f"this row has {fields} fields and the header has {self.fields}. A delimiter is missing or too many; "
            "put text that holds the delimiter in double quotes.",
            row=row,
        )

    def _refuse_length(self, row: int) -> None:
        raise BadFileError(
            self.path,
            f"this row is longer than {LONGEST_ROW >> 20} MB; no table has such rows. Look for a line break that "
            "was lost.",
            row=row,
        )
