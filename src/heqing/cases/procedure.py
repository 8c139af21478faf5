"""The procedure of a case (问题闭环程序): its states, the deeds that lead from one to the next, and its days.

Everything is read from family ``case_procedure`` of the rulebook; this module only gives the names that code may use.
A name in the data that stands not here, or the other way round, is an error when the procedure is read.
It counts no days: see `heqing.cases.days`.
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

FAMILY = "case_procedure"
EVERY = "*"
SAME = "="


class State(StrEnum):
    """Where a case (问题) stands."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    RECTIFIED = "rectified"
    RETURNED = "returned"
    VERIFIED = "verified"
    CLOSED = "closed"
    REOPENED = "reopened"
    DISMISSED = "dismissed"


class Deed(StrEnum):
    """What is done to a case (办理)."""

    OPEN = "open"
    ASSIGN = "assign"
    REASSIGN = "reassign"
    ACCEPT = "accept"
    PROGRESS = "progress"
    EXTEND = "extend"
    RECTIFY = "rectify"
    RETURN = "return"
    VERIFY = "verify"
    CLOSE = "close"
    DISMISS = "dismiss"
    REOPEN = "reopen"


class Mover(StrEnum):
    """Whose move it is."""

    OPENER = "opener"
    ASSIGNER = "assigner"
    OWNER = "owner"
    VERIFIER = "verifier"
    CLOSER = "closer"
    NOBODY = "nobody"


class Counting(StrEnum):
    """How days are counted: 自然日 or 工作日."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True)
class StateForm:
    """What the procedure says of a state: its name, whose move it is, whether the case is open, its light."""

    state: State
    name_zh: str
    name_en: str
    mover: Mover
    is_open: bool
    light: str


@dataclass(frozen=True)
class Move:
    """A deed: from which states it may start (none for a new case), where it leads (None keeps it), what it needs."""

    deed: Deed
    name_zh: str
    name_en: str
    starts: tuple[State, ...]
    leads_to: State | None
    mover: Mover
    needs_words: bool
    needs_evidence: bool
    needs_another_unit: bool
    clause: str
    unconfirmed: bool


@dataclass(frozen=True)
class Track:
    """A kind of case with deadlines of its own; `used_for` names the kind of case that takes it by itself."""

    key: str
    name_zh: str
    used_for: str


@dataclass(frozen=True)
class Deadline:
    """How many days a step has, how they are counted, and on what that rests."""

    days: int
    counting: Counting
    clause: str
    unconfirmed: bool


@dataclass(frozen=True)
class Procedure:
    """A procedure as it stands on a day."""

    edition: str
    title: str
    states: dict[State, StateForm]
    moves: dict[Deed, Move]
    tracks: dict[str, Track]
    deadlines: dict[tuple[str, State], Deadline]
    watches: dict[str, Deadline]
    rechecks: tuple[int, ...]
    standards: tuple[str, ...]

    @property
    def open_states(self) -> tuple[State, ...]:
        """The states in which a case is open, in order."""
        return tuple(state for state, form in self.states.items() if form.is_open)

    def track_for(self, kind: str) -> str:
        """Give the track that a kind of case takes when nobody says otherwise."""
        found = [track.key for track in self.tracks.values() if track.used_for == kind]
        if len(found) != 1:
            raise UnknownNameError("kind of case", kind, sorted({t.used_for for t in self.tracks.values()} - {""}))
        return found[0]

    def deadline(self, track: str, state: State) -> Deadline | None:
        """Give the days that a state has in a track, None where none run of their own."""
        if track not in self.tracks:
            raise UnknownNameError("track of cases", track, list(self.tracks))
        return self.deadlines.get((track, state)) or self.deadlines.get((EVERY, state))

    def watch(self, track: str) -> Deadline:
        """Give the days during which a case of a track is watched after its end."""
        return self.watches.get(track) or self.watches[EVERY]

    def possible(self, state: State) -> tuple[Move, ...]:
        """List the deeds that may start from a state."""
        return tuple(move for move in self.moves.values() if state in move.starts)


@cache
def procedure_on(on: date) -> Procedure:
    """Give the procedure as it stands on a day.

    Parameters
    ----------
    on : date
        The day on which the case is opened; a case keeps the procedure under which it was opened.

    Returns
    -------
    Procedure
        States, deeds, days.

    Raises
    ------
    RulebookError
        When the data and the names in this module do not agree.

    Examples
    --------
    >>> procedure_on(date(2026, 11, 24)).states[State.RECTIFIED].name_zh
    '待核查'
    """
    phases = timeline(FAMILY).phases
    number = max((n for n, (_, phase) in enumerate(phases) if phase.valid_from <= on), default=0)
    edition = phases[number][0]

    def rows(name: str) -> list[dict[str, Any]]:
        return table(FAMILY, name).filter(pl.col("phase_no") == number).to_dicts()

    found = Procedure(
        edition=edition.number,
        title=edition.title_zh,
        states={
            State(r["state"]): StateForm(
                State(r["state"]), r["name_zh"], r["name_en"], Mover(r["mover"]), r["open"], r["light"]
            )
            for r in sorted(rows("states"), key=lambda row: int(row["place"]))
        },
        moves={Deed(r["deed"]): _move(r) for r in rows("moves")},
        tracks={r["track"]: Track(r["track"], r["name_zh"], r["used_for"] or "") for r in rows("tracks")},
        deadlines={(r["track"], State(r["state"])): _deadline(r, Counting(r["counting"])) for r in rows("deadlines")},
        watches={r["track"]: _deadline(r, Counting.CALENDAR) for r in rows("watch")},
        rechecks=tuple(sorted(r["months"] for r in rows("rechecks"))),
        standards=tuple(r["name_zh"] for r in sorted(rows("standards"), key=lambda row: int(row["place"]))),
    )
    if set(found.states) != set(State) or set(found.moves) != set(Deed):
        raise RulebookError(f"procedures/{FAMILY}", "a state or deed is missing")
    return found


def _move(row: dict[str, Any]) -> Move:
    return Move(
        deed=Deed(row["deed"]),
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        starts=tuple(State(state) for state in (row["from_states"] or "").split("|") if state),
        leads_to=None if row["to_state"] == SAME else State(row["to_state"]),
        mover=Mover(row["mover"]),
        needs_words=row["words"],
        needs_evidence=row["evidence"],
        needs_another_unit=row["another_unit"],
        clause=row["clause"] or "",
        unconfirmed=row["unconfirmed"],
    )


def _deadline(row: dict[str, Any], counting: Counting) -> Deadline:
    return Deadline(row["days"], counting, row["clause"] or "", row["unconfirmed"])


def step(procedure: Procedure, state: State | None, deed: Deed) -> State | None:
    """Give the state to which a deed leads, or None where it may not start.

    Parameters
    ----------
    procedure : Procedure
        The procedure.
    state : State or None
        Where the case stands; None before it is opened.
    deed : Deed
        What is done.

    Returns
    -------
    State or None
        The state after it; None when the deed is not allowed there.

    Examples
    --------
    >>> rules = procedure_on(date(2026, 11, 24))
    >>> step(rules, State.RECTIFIED, Deed.VERIFY)
    <State.VERIFIED: 'verified'>
    >>> step(rules, State.ACCEPTED, Deed.CLOSE) is None
    True
    """
    move = procedure.moves[deed]
    if (state is None) != (not move.starts) or (state is not None and state not in move.starts):
        return None
    return state if move.leads_to is None else move.leads_to


def draw(procedure: Procedure) -> str:
    """Draw the state machine as the text of a Mermaid diagram.

    Parameters
    ----------
    procedure : Procedure
        The procedure.

    Returns
    -------
    str
        Lines of Chinese names; deeds that keep the state are left out.

    Examples
    --------
    >>> draw(procedure_on(date(2026, 11, 24))).splitlines()[:2]
    ['stateDiagram-v2', '    [*] --> 待交办: 立案']
    """
    name = {state: form.name_zh for state, form in procedure.states.items()}
    lines = ["stateDiagram-v2"]
    for move in procedure.moves.values():
        if move.leads_to is not None:
            starts = [name[state] for state in move.starts] or ["[*]"]
            lines += [f"    {start} --> {name[move.leads_to]}: {move.name_zh}" for start in starts]
    lines += [f"    {form.name_zh} --> [*]" for form in procedure.states.values() if not form.is_open]
    return "\n".join(lines)
