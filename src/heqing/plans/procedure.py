"""The procedure of a plan (治理方案): its kinds, states and deeds, the people it asks, the years it runs.

Everything is read from family ``plan_kinds`` of the rulebook; this module only gives the names that code may use. A
name in the data that stands not here, or the other way round, is an error when it is read. The five lists and what
makes them broken stand in `heqing.plans.lists`, whether a water got better in `heqing.plans.comparison`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

import polars as pl

from heqing.editions import table, timeline
from heqing.errors import RulebookError, UnknownNameError

FAMILY = "plan_kinds"
EVERY = "*"


class State(StrEnum):
    """Where a plan (方案) stands."""

    DRAFTED = "drafted"
    CONSULTED = "consulted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    IN_FORCE = "in_force"
    FINISHED = "finished"
    EVALUATED = "evaluated"
    REOPENED = "reopened"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Deed(StrEnum):
    """What is done to a plan (办理)."""

    DRAFT = "draft"
    CONSULT = "consult"
    REVIEW = "review"
    APPROVE = "approve"
    RETURN = "return"
    ENFORCE = "enforce"
    FINISH = "finish"
    EVALUATE = "evaluate"
    REOPEN = "reopen"
    REVISE = "revise"
    CLOSE = "close"
    WITHDRAW = "withdraw"


class Mover(StrEnum):
    """Whose move it is."""

    EDITOR = "editor"
    CHIEF = "chief"
    APPROVER = "approver"
    NOBODY = "nobody"


class Tie(StrEnum):
    """What a plan is tied to: 河湖, 企业, 排口, or words for a parcel, a culvert or a matter."""

    RIVER = "river"
    ENTERPRISE = "enterprise"
    OUTLET = "outlet"
    TEXT = "text"


class Judge(StrEnum):
    """By what it is judged whether a plan helped."""

    WATER = "water"
    OUTLETS = "outlets"
    WORDS = "words"


@dataclass(frozen=True)
class Kind:
    """A kind of plan (方案类别)."""

    key: str
    name_zh: str
    long_zh: str
    name_en: str
    ties: tuple[Tie, ...]
    sustains: bool
    matter: str
    clause: str
    unconfirmed: bool


@dataclass(frozen=True)
class Chapter:
    """A chapter (章) of a plan, with the list that stands in it."""

    key: str
    name_zh: str
    list: str
    unconfirmed: bool


@dataclass(frozen=True)
class Level:
    """The level of the highest chief, and how many years a plan of that level runs."""

    key: str
    name_zh: str
    unit_kinds: tuple[str, ...]
    years: int
    may_simplify: bool
    unconfirmed: bool


@dataclass(frozen=True)
class Consultee:
    """Somebody whose opinion is asked for (征求意见对象)."""

    key: str
    name_zh: str
    is_needed: bool


@dataclass(frozen=True)
class Approval:
    """A way to approve a plan (审批做法)."""

    key: str
    name_zh: str
    is_default: bool
    whole_river_first: bool
    clause: str
    unconfirmed: bool
    consultees: tuple[Consultee, ...]


@dataclass(frozen=True)
class StateForm:
    """What the procedure says of a state: its name, whose move it is, is it open, may lists be written, its light."""

    state: State
    name_zh: str
    name_en: str
    mover: Mover
    is_open: bool
    is_writable: bool
    light: str


@dataclass(frozen=True)
class Move:
    """A deed: from which states it may start (none for a new plan), where it leads, what it needs."""

    deed: Deed
    name_zh: str
    name_en: str
    starts: tuple[State, ...]
    leads_to: State
    mover: Mover
    needs_words: bool
    needs_evidence: bool
    needs_another_person: bool
    needs_whole_lists: bool
    needs_day: bool
    clause: str
    unconfirmed: bool


@dataclass(frozen=True)
class Procedure:
    """The procedure as it stands on a day."""

    edition: str
    title: str
    kinds: dict[str, Kind]
    ties: dict[Tie, tuple[str, Judge]]
    chapters: dict[str, tuple[Chapter, ...]]
    levels: dict[str, Level]
    approvals: dict[str, Approval]
    states: dict[State, StateForm]
    moves: dict[Deed, Move]
    revise_days: int

    @property
    def open_states(self) -> tuple[State, ...]:
        """The states in which a plan is open, in order."""
        return tuple(state for state, form in self.states.items() if form.is_open)

    @property
    def default_approval(self) -> Approval:
        """The way of approval that counts when none is chosen."""
        return next(each for each in self.approvals.values() if each.is_default)

    def kind(self, key: str) -> Kind:
        """Give a kind of plan by its key."""
        if key not in self.kinds:
            raise UnknownNameError("kind of plan", key, list(self.kinds))
        return self.kinds[key]

    def chapters_of(self, kind: str) -> tuple[Chapter, ...]:
        """Give the chapters of a kind, in order."""
        return self.chapters.get(kind) or self.chapters[EVERY]

    def level_of(self, unit_kind: str) -> Level | None:
        """Give the level of a chief whose post stands in a unit of a kind; None where no level is that unit's."""
        return next((level for level in self.levels.values() if unit_kind in level.unit_kinds), None)

    def possible(self, state: State) -> tuple[Move, ...]:
        """List the deeds that may start from a state."""
        return tuple(move for move in self.moves.values() if state in move.starts)


def phase_on(family: str, on: date) -> tuple[int, Any]:
    """Give the number of the phase of a family that counts on a day, and its edition.

    Parameters
    ----------
    family : str
        The key of the family.
    on : date
        The day; before the first phase, the first counts.

    Returns
    -------
    tuple of int and Edition
        The number in the order of phases, as ``phase_no`` of its tables has it, and the edition.

    Examples
    --------
    >>> phase_on("plan_kinds", date(2026, 11, 24))[1].number
    'heqing plans 1'
    """
    phases = timeline(family).phases
    number = max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= on), default=0)
    return number, phases[number][0]


@cache
def procedure_on(on: date) -> Procedure:
    """Give the procedure as it stands on a day.

    Parameters
    ----------
    on : date
        The day on which the plan is drafted; a plan keeps the procedure under which it was drafted.

    Returns
    -------
    Procedure
        Kinds, states, deeds.

    Raises
    ------
    RulebookError
        When the data and the names in this module do not agree.

    Examples
    --------
    >>> rules = procedure_on(date(2026, 11, 24))
    >>> rules.kinds["river"].name_zh, rules.level_of("town").years, rules.level_of("city").years
    ('一河一策', 2, 3)
    """
    number, edition = phase_on(FAMILY, on)

    def rows(name: str) -> list[dict[str, Any]]:
        found = table(FAMILY, name).filter(pl.col("phase_no") == number)
        return (found.sort("place") if "place" in found.columns else found).to_dicts()

    chapters: dict[str, tuple[Chapter, ...]] = {}
    for r in rows("chapters"):
        chapter = Chapter(r["chapter"], r["name_zh"], r["list"] or "", r["unconfirmed"])
        chapters[r["kind"]] = (*chapters.get(r["kind"], ()), chapter)
    consultees = rows("consultees")
    found = Procedure(
        edition=edition.number,
        title=edition.title_zh,
        kinds={r["kind"]: _kind(r) for r in rows("kinds")},
        ties={Tie(r["tie"]): (r["name_zh"], Judge(r["judged_by"])) for r in rows("ties")},
        chapters=chapters,
        levels={
            r["level"]: Level(
                r["level"], r["name_zh"], _parts(r["unit_kinds"]), r["years"], r["may_simplify"], r["unconfirmed"]
            )
            for r in rows("levels")
        },
        approvals={r["approval"]: _approval(r, consultees) for r in rows("approvals")},
        states={
            State(r["state"]): StateForm(
                State(r["state"]), r["name_zh"], r["name_en"], Mover(r["mover"]), r["open"], r["writable"], r["light"]
            )
            for r in rows("states")
        },
        moves={Deed(r["deed"]): _move(r) for r in rows("moves")},
        revise_days=next(r["value"] for r in rows("settings") if r["name"] == "revise_days"),
    )
    if set(found.states) != set(State) or set(found.moves) != set(Deed) or set(found.ties) != set(Tie):
        raise RulebookError(f"procedures/{FAMILY}", "a state, a deed or a tie is missing")
    return found


def _parts(said: str | None) -> tuple[str, ...]:
    return tuple(part for part in (said or "").split("|") if part)


def _kind(row: dict[str, Any]) -> Kind:
    ties = tuple(Tie(tie) for tie in _parts(row["ties"]))
    return Kind(
        row["kind"], row["name_zh"], row["long_zh"], row["name_en"], ties, row["sustains"], row["matter"] or "",
        row["clause"] or "", row["unconfirmed"],
    )  # fmt: skip


def _approval(row: dict[str, Any], consultees: list[dict[str, Any]]) -> Approval:
    asked = tuple(
        Consultee(each["consultee"], each["name_zh"], each["needed"])
        for each in consultees
        if each["approval"] == row["approval"]
    )
    return Approval(
        row["approval"], row["name_zh"], row["is_default"], row["whole_river_first"], row["clause"] or "",
        row["unconfirmed"], asked,
    )  # fmt: skip


def _move(row: dict[str, Any]) -> Move:
    return Move(
        deed=Deed(row["deed"]),
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        starts=tuple(State(state) for state in _parts(row["from_states"])),
        leads_to=State(row["to_state"]),
        mover=Mover(row["mover"]),
        needs_words=row["words"],
        needs_evidence=row["evidence"],
        needs_another_person=row["another_person"],
        needs_whole_lists=row["whole_lists"],
        needs_day=row["day"],
        clause=row["clause"] or "",
        unconfirmed=row["unconfirmed"],
    )


def step(procedure: Procedure, state: State | None, deed: Deed) -> State | None:
    """Give the state to which a deed leads, or None where it may not start.

    Parameters
    ----------
    procedure : Procedure
        The procedure.
    state : State or None
        Where the plan stands; None before it is drafted.
    deed : Deed
        What is done.

    Returns
    -------
    State or None
        The state after it; None when the deed is not allowed there.

    Examples
    --------
    >>> rules = procedure_on(date(2026, 11, 24))
    >>> step(rules, State.FINISHED, Deed.REOPEN)
    <State.REOPENED: 'reopened'>
    >>> step(rules, State.IN_FORCE, Deed.CLOSE) is None
    True
    """
    move = procedure.moves[deed]
    allowed = (not move.starts) if state is None else state in move.starts
    return move.leads_to if allowed else None
