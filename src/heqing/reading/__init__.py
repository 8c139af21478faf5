"""Document text to findings (文件解读): what was promised or reported, each with the exact words it came from.

Pure: bytes or text in, frozen rows and frames out; no clock, no network. Programs of others run only where the caller
names them (`Outside`).
Look next at `heqing.reading.reader`, and at `docs/reference/reading.md` for columns and limits.
"""

from heqing.reading.additions import TABLES as ADDED_TABLES
from heqing.reading.additions import Additions, Synonym
from heqing.reading.cleaning import CleanText, clean
from heqing.reading.decoding import Place, ReceivedText, decode
from heqing.reading.findings import DocumentFacts, Finding, JunkLine, Measure, Person, Reading, to_record
from heqing.reading.outside import Outside
from heqing.reading.reader import read

__all__ = [
    "ADDED_TABLES",
    "Additions",
    "CleanText",
    "DocumentFacts",
    "Finding",
    "JunkLine",
    "Measure",
    "Outside",
    "Person",
    "Place",
    "Reading",
    "ReceivedText",
    "Synonym",
    "clean",
    "decode",
    "read",
    "to_record",
]
