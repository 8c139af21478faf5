"""Rules of the room: domains, names of files, columns of the templates, pairs typed on a page. Plain Python.

Whose sentences the science half says in English are said in Chinese here: what is wrong with a file by the patterns of
``file_problems.csv``, how it was read by those of ``file_notes.csv``.
"""

from __future__ import annotations

import csv
import re
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import PurePath, PureWindowsPath

MEGABYTE = 1024 * 1024
FILE_LIMIT = 50 * MEGABYTE  # of a file of measurements: a station's year of hours has 1 MB
LONGEST_NAME = 120
ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".parquet")


class DomainName(StrEnum):
    """What a file holds measurements of (要素)."""

    AIR = "air"
    WATER = "water"


DOMAIN_NAMES = {DomainName.AIR: "空气", DomainName.WATER: "水质"}

# what a file needs; the first rows of the template that the page hands out
TEMPLATES = {
    DomainName.AIR: (
        ("time", "city", "station", "pm2_5", "pm10", "so2", "no2", "co", "o3"),
        ("2026-01-01 01:00", "某某区", "某某站", "35", "62", "8", "30", "0.6", "48"),
    ),
    DomainName.WATER: (
        ("time", "section", "body_type", "water_temperature", "ph", "do", "codmn", "nh3n", "tp", "tn"),
        ("2026-01-01 08:00", "某某断面", "river", "8.2", "7.52", "9.80", "3.1", "0.35", "0.088", "2.10"),
    ),
}


def safe_name(name: str) -> str:
    """Give the last part of a file's name, without what some file systems refuse.

    Examples
    --------
    >>> safe_name("../../etc/小时:值.csv")
    '小时_值.csv'
    """
    last = PureWindowsPath(PurePath(name).name).name
    clean = re.sub(r"[\x00-\x1f<>:\"/\\|?*]", "_", last).strip(". ") or "file"
    path = PurePath(clean)
    return f"{path.stem[: LONGEST_NAME - len(path.suffix)]}{path.suffix}"[:LONGEST_NAME]


def parse_pairs(text: str) -> tuple[dict[str, str], list[str]]:
    """Read pairs that a person typed, one a line or parted by commas: ``PM2.5=pm2_5``.

    Returns
    -------
    dict of str to str, list of str
        Old to new; and what is no pair.
    """
    pairs: dict[str, str] = {}
    wrong: list[str] = []
    for part in re.split(r"[\n,，;；]+", text):
        said = part.strip()
        if not said:
            continue
        old, sign, new = (piece.strip() for piece in said.replace("＝", "=").rpartition("="))
        if sign and old and new:
            pairs[old] = new
        else:
            wrong.append(said)
    return pairs, wrong


@cache
def _patterns(name: str) -> list[tuple[re.Pattern[str], str]]:
    text = files("heqing_site.monitoring").joinpath(name).read_text(encoding="utf-8")
    return [(re.compile(row["pattern"], re.DOTALL), row["zh"]) for row in csv.DictReader(text.splitlines())]


def in_chinese(sentence: str) -> str:
    """Say in Chinese what is wrong with a file; a sentence that no pattern knows is given as it is."""
    return _by_patterns(sentence, "file_problems.csv")


def note_in_chinese(sentence: str) -> str:
    """Say in Chinese how a file was read, as `in_chinese` says what is wrong with one.

    Examples
    --------
    >>> note_in_chinese("24 rows say hour 24; read as 00:00 of the next day.")
    '24 行的时刻写作 24 时，按次日 0 时读取。'
    """
    return _by_patterns(sentence, "file_notes.csv")


def _by_patterns(sentence: str, name: str) -> str:
    for pattern, words in _patterns(name):
        found = pattern.search(sentence)
        if found:
            said = {key: (value or "").replace("`", "") for key, value in found.groupdict().items()}
            if "hint" in said:  # as typed on a command line; a page takes the pairs alone
                said["hint"] = re.sub(r"--(?:rename|unit) |'", "", said["hint"]).strip(" .")
            return words.format(**said)
    return sentence
