"""What letters say (责任书用语): the family ``letter_words``. Plain Python over ``heqing.editions``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from heqing import editions
from heqing_site.letters.rules import Part, Side, Template

FAMILY = "letter_words"


@dataclass(frozen=True)
class KindWords:
    """A kind of letter: its name, what its two sides and their deeds are called, who signs first."""

    kind: str
    name: str
    first_signer: Side
    roles: dict[Side, str]
    deeds: dict[Side, str]
    reasons: str
    unconfirmed: bool


@dataclass(frozen=True)
class Preset:
    """A list of reasons for which an issued letter may be changed."""

    preset: str
    name: str
    about: str
    unconfirmed: bool
    reasons: dict[str, str]


@cache
def kinds() -> dict[str, KindWords]:
    """Give the kinds of letters in the order of the rulebook."""
    return {
        row["kind"]: KindWords(
            kind=row["kind"],
            name=row["name_zh"],
            first_signer=Side(row["first_signer"]),
            roles={Side.ISSUER: row["issuer_role"], Side.RECEIVER: row["receiver_role"]},
            deeds={Side.ISSUER: row["issuer_deed"], Side.RECEIVER: row["receiver_deed"]},
            reasons=row["reasons"],
            unconfirmed=bool(row["unconfirmed"]),
        )
        for row in editions.table(FAMILY, "kinds").to_dicts()
    }


@cache
def templates() -> dict[str, Template]:
    """Give the template of each kind as the rulebook has it."""
    parts: dict[str, list[Part]] = {}
    for row in sorted(editions.table(FAMILY, "parts").to_dicts(), key=lambda row: int(row["place"])):
        words = tuple(words for words in (row["words"] or "").split("|") if words)
        parts.setdefault(row["kind"], []).append(Part(row["part"], row["heading"] or "", words))
    return {
        row["kind"]: Template(
            kind=row["kind"],
            name=row["name_zh"],
            title=row["title"],
            mark=row["mark"],
            number=row["number"],
            revision=row["revision"],
            revised=row["revised"],
            parts=tuple(parts[row["kind"]]),
            edition=edition_number(),
        )
        for row in editions.table(FAMILY, "kinds").to_dicts()
    }


@cache
def presets() -> dict[str, Preset]:
    """Give the lists of reasons for a change."""
    reasons: dict[str, dict[str, str]] = {}
    for row in editions.table(FAMILY, "reasons").to_dicts():
        reasons.setdefault(row["preset"], {})[row["reason"]] = row["name_zh"]
    return {
        row["preset"]: Preset(
            row["preset"], row["name_zh"], row["about"], bool(row["unconfirmed"]), reasons[row["preset"]]
        )
        for row in editions.table(FAMILY, "presets").to_dicts()
    }


@cache
def principal_posts() -> dict[str, tuple[str, ...]]:
    """Give by kind of unit how the names of posts end that answer for it."""
    found: dict[str, list[str]] = {}
    for row in editions.table(FAMILY, "principal_posts").to_dicts():
        found.setdefault(row["unit_kind"], []).append(row["post"])
    return {kind: tuple(ends) for kind, ends in found.items()}


def is_principal(unit_kind: str, post: str) -> bool:
    """Tell whether a post answers for a unit of a kind: 镇长 does for a town, 副镇长 does not."""
    ends = principal_posts().get(unit_kind, ())
    return not post.startswith("副") and any(post.endswith(end) and f"副{end}" not in post for end in ends)


@cache
def _sentences() -> dict[str, str]:
    return {row["key"]: row["sentence"] for row in editions.table(FAMILY, "sentences").to_dicts()}


def sentence(key: str, /, **values: object) -> str:
    """Say a set sentence of a letter."""
    return _sentences()[key].format(**values)


def columns(key: str) -> list[str]:
    """Give the words of the head of a table."""
    return _sentences()[key].split("|")


@cache
def edition_number() -> str:
    """Name the edition of the words, to be kept with what was written by it."""
    return editions.family(FAMILY).editions[-1].number
