"""What the bulletin says (通报用语): the family ``bulletin_words``. Plain Python over ``heqing.editions``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from heqing import editions

FAMILY = "bulletin_words"


@dataclass(frozen=True)
class KindWords:
    """The set pieces of a kind of bulletin."""

    mark: str
    title: str
    red_head: str
    to: str
    copies: str


@cache
def _kinds() -> dict[str, KindWords]:
    return {
        row["kind"]: KindWords(row["mark"], row["title"], row["red_head"], row["to"], row["copies"])
        for row in editions.table(FAMILY, "kinds").to_dicts()
    }


def kind_words(kind: str) -> KindWords:
    """Give the set pieces of a kind of bulletin."""
    return _kinds()[kind]


def title_of(kind: str, **values: object) -> str:
    """Give the title of a kind of bulletin in one line."""
    return _kinds()[kind].title.format(**values).replace("|", "")


def title_lines(title: str) -> str:
    """Break a title where its kind wants it broken; one that an officer changed is left to the program."""
    for words in _kinds().values():
        tail = words.title.partition("|")[2]
        if tail and title.endswith(tail):
            return f"{title.removesuffix(tail)}\n{tail}"
    return title


@cache
def said_already() -> frozenset[str]:
    """Give the codes of reasons that the bulletin's own sentences say."""
    return frozenset(row["code"] for row in editions.table(FAMILY, "said_already").to_dicts())


@cache
def sections() -> list[tuple[str, str]]:
    """List the sections in their order: key and heading."""
    rows = sorted(editions.table(FAMILY, "sections").to_dicts(), key=lambda row: int(row["order"]))
    return [(row["section"], row["heading"]) for row in rows]


@cache
def _sentences() -> dict[str, str]:
    return {row["key"]: row["sentence"] for row in editions.table(FAMILY, "sentences").to_dicts()}


def sentence(key: str, /, **values: object) -> str:
    """Say a sentence of the bulletin, with its figures filled in."""
    return _sentences()[key].format(**values)


def columns(key: str) -> list[str]:
    """Give the words of the head of a table."""
    return _sentences()[key].split("|")


@cache
def most(key: str) -> int:
    """Tell how many of something are told one by one in the running text."""
    return {row["key"]: int(row["most"]) for row in editions.table(FAMILY, "limits").to_dicts()}[key]


@cache
def edition_number() -> str:
    """Name the edition of the words, to be kept with what was written by it."""
    return editions.family(FAMILY).editions[-1].number
