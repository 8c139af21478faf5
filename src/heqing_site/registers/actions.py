"""Every deed on an entry (台账办理).

Each action takes who does it (`by`) and when (`at`), checks the right at the unit that owns the entry, keeps the
declaration under which the entry was entered, adds a step and its audit entry in the same transaction and returns the
row. It never reads the clock. Kinds are declared in ``registers.declaring``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from heqing.registers import FieldType, Kind, Move, broken_rules
from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.library import evidence
from heqing_site.library.evidence import File
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require
from heqing_site.registers import kinds, queries
from heqing_site.registers.facts import StoredFacts
from heqing_site.registers.models import Entry, EntryFile, EntryStep, evidence_path
from heqing_site.registers.rules import DEED_NAMES, LONGEST_NOTE, RIGHTS, Deed
from heqing_site.registers.values import Values, columns, read, refuse_faults


@transaction.atomic
def enter(
    *,
    by: User,
    at: datetime,
    kind: str,
    unit: Unit,
    typed: Mapping[str, str],
    files: Sequence[File] = (),
    note: str = "",
    is_invented: bool = False,
) -> Entry:
    """Enter a thing in a register (登记), in the first state of its kind.

    Needs the right 台账登记 at the unit that owns it. The same entry sent twice is entered once.

    Parameters
    ----------
    by, at
        Who and when.
    kind : str
        The key of the kind, which must be in use.
    unit : Unit
        Whose it is.
    typed : mapping
        What was typed, by the key of a field.
    files : sequence of File
        Photos and papers.
    note : str
        Anything to say.
    is_invented : bool
        Whether it belongs to a demonstration.

    Raises
    ------
    RuleBrokenError
        ``register.unknown``, ``register.retired``, ``register.unit_missing``, ``register.faulty``,
        ``register.rule_broken``, ``register.at_once``.
    """
    on = timezone.localdate(at)
    standing = kinds.standing_kind(kind, on=on)
    if standing is None:
        raise RuleBrokenError("register.unknown", kind=kind)
    form = standing.form
    require(by, RIGHTS[Deed.ENTER], unit, on=on, matter=form.pillar)
    if standing.is_retired:
        raise RuleBrokenError("register.retired", kind=form.name_zh)
    if not unit.is_active_on(on):
        raise RuleBrokenError("register.unit_missing", unit=unit)
    values = read(form, _with_files(form, typed, files), on=on)
    refuse_faults(form, values)
    told = columns(form, values)
    same = Entry.objects.filter(
        kind=kind, unit=unit, changed_by=by, entered_on=on, title=told["title"], steps_taken=1, is_struck=False
    )
    for entry in same:
        if entry.values == values.known and entry.gaps == values.gaps:
            return entry
    _keep_rules(form, values, told["object_key"], form.start.key, None)
    entry = Entry(
        kind=kind,
        version=standing.version,
        number=Entry.next_number(kind),
        unit=unit,
        state=form.start.key,
        state_since=on,
        values=values.known,
        gaps=values.gaps,
        changed_by=by,
        changed_unit=by.unit,
        entered_on=on,
        is_invented=is_invented,
        **told,
    )
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError as error:  # somebody else took the number, or entered the same thing, in this moment
        raise RuleBrokenError("register.at_once", title=entry.title) from error
    step = _add_step(entry, Deed.ENTER, by, at, on, note)
    _keep_files(step, by, at, files)
    record(by=by.actor, at=at, action="registers.enter", subject=entry, because=note.strip(), after=_facts(entry))
    return entry


@transaction.atomic
def correct(
    *,
    by: User,
    at: datetime,
    entry: Entry,
    typed: Mapping[str, str],
    note: str,
    files: Sequence[File] = (),
    unit: Unit | None = None,
    seen: int | None = None,
) -> Entry:
    """Correct the values of an entry (更正), with the reason; it is to be confirmed again.

    Needs the right 台账登记 at the unit that owns it, and at the other unit when it is handed over.

    Parameters
    ----------
    by, at
        Who and when.
    entry : Entry
        The entry.
    typed : mapping
        The fields that change, by key.
    note : str
        Why.
    files : sequence of File
        Photos and papers.
    unit : Unit, optional
        Another owner.
    seen : int, optional
        The step that the person had before their eyes; when another was taken since, nothing is done. So with the
        deeds below; the same deed sent twice is done once.
    """
    desk = _take_up(by, at, entry, Deed.CORRECT, seen, note)
    if desk.is_done:
        return desk.entry
    entry = desk.entry
    if not note.strip():
        raise RuleBrokenError("register.words_missing", deed=DEED_NAMES[Deed.CORRECT])
    values = _read_over(desk, typed, files)
    owner = unit or entry.unit
    if owner.pk != entry.unit_id:
        require(by, RIGHTS[Deed.CORRECT], owner, on=desk.on, matter=desk.form.pillar)
        if not owner.is_active_on(desk.on):
            raise RuleBrokenError("register.unit_missing", unit=owner)
    if (values.known, values.gaps, owner.pk) == (entry.values, entry.gaps, entry.unit_id) and not files:
        raise RuleBrokenError("register.nothing_changed")
    before = _facts(entry)
    entry.unit = owner
    _put(desk, values, entry.state)
    entry.is_returned = False
    _changed(entry, by, is_confirmed=False)
    return _keep(desk, Deed.CORRECT, by, at, note, before, files)


@transaction.atomic
def move(
    *,
    by: User,
    at: datetime,
    entry: Entry,
    move: str,
    typed: Mapping[str, str] | None = None,
    note: str = "",
    files: Sequence[File] = (),
    seen: int | None = None,
) -> Entry:
    """Move an entry to another state by a declared move (办理), with what the move needs.

    Needs the right 台账登记 at the unit that owns it; a move that another unit makes needs 台账认定 there, a person of
    another unit than the owner and than whoever changed it last, and confirms the entry too. A move by the owner's own
    side has to be confirmed again. A move that is made sooner than declared is refused; where the declared days are
    not confirmed by a source, a reason in words is enough.
    """
    on = timezone.localdate(at)
    entry = _locked(entry)
    found = entry.form.move(move)
    if found is None:
        raise RuleBrokenError("register.move_unknown", entry=entry)
    deed = Deed.CONFIRM if found.needs_another_unit else Deed.MOVE
    desk = _take_up(by, at, entry, Deed.MOVE, seen, note, move=found, right=deed)
    if desk.is_done:
        return desk.entry
    entry = desk.entry
    if entry.state not in found.starts:
        raise RuleBrokenError("register.wrong_state", entry=entry, state=entry.state_name, move=found.name_zh)
    if found.needs_words and not note.strip():
        raise RuleBrokenError("register.words_missing", deed=found.name_zh)
    if found.needs_evidence and not files:
        raise RuleBrokenError("register.evidence_missing", deed=found.name_zh)
    if found.needs_another_unit:
        _refuse_own(by, entry, found.name_zh)
    _refuse_too_soon(entry, found, on, note)
    values = _read_over(desk, typed or {}, files)
    missing = [key for key in found.fields if key not in values.known and key not in values.gaps]
    if missing:
        values.faults = {key: "" for key in missing}
        names = "、".join(entry.form.field(key).name_zh for key in missing)
        raise RuleBrokenError("register.fields_missing", move=found.name_zh, fields=names, faults=values.faults)
    before = _facts(entry)
    was_returned = entry.is_returned and not found.needs_another_unit
    _put(desk, values, found.leads_to)
    entry.state_since = on
    entry.is_standing = _stands(entry.form, found.leads_to)
    entry.is_returned = was_returned
    _changed(entry, by, is_confirmed=found.needs_another_unit, on=on)
    return _keep(desk, Deed.MOVE, by, at, note, before, files, found)


@transaction.atomic
def confirm(*, by: User, at: datetime, entry: Entry, note: str = "", seen: int | None = None) -> Entry:
    """Confirm an entry as it stands (认定), so that it counts.

    Needs the right 台账认定 at the unit that owns it, and a person of another unit than that and than whoever changed
    it last.
    """
    desk = _take_up(by, at, entry, Deed.CONFIRM, seen, note)
    if desk.is_done:
        return desk.entry
    entry = desk.entry
    if entry.is_confirmed:
        raise RuleBrokenError("register.confirmed_already", entry=entry, unit=entry.confirmed_unit)
    _refuse_own(by, entry, DEED_NAMES[Deed.CONFIRM])
    before = _facts(entry)
    entry.is_returned = False
    entry.confirmed_by, entry.confirmed_unit, entry.confirmed_on = by, by.unit, desk.on
    return _keep(desk, Deed.CONFIRM, by, at, note, before)


@transaction.atomic
def give_back(*, by: User, at: datetime, entry: Entry, note: str, seen: int | None = None) -> Entry:
    """Give an entry back to be corrected (退回), with the reason; it counts no more until it is confirmed.

    Needs what confirming needs.
    """
    desk = _take_up(by, at, entry, Deed.RETURN, seen, note)
    if desk.is_done:
        return desk.entry
    entry = desk.entry
    if not note.strip():
        raise RuleBrokenError("register.words_missing", deed=DEED_NAMES[Deed.RETURN])
    _refuse_own(by, entry, DEED_NAMES[Deed.RETURN])
    before = _facts(entry)
    entry.is_returned = True
    entry.confirmed_by = entry.confirmed_unit = entry.confirmed_on = None
    return _keep(desk, Deed.RETURN, by, at, note, before)


@transaction.atomic
def strike(*, by: User, at: datetime, entry: Entry, note: str, seen: int | None = None) -> Entry:
    """Strike an entry that was entered in error (作废), with the reason; it stays to be read and counts no more.

    Needs the right 台账登记 at the unit that owns it. An entry to which others point is not struck.
    """
    desk = _take_up(by, at, entry, Deed.STRIKE, seen, note)
    if desk.is_done:
        return desk.entry
    entry = desk.entry
    if not note.strip():
        raise RuleBrokenError("register.words_missing", deed=DEED_NAMES[Deed.STRIKE])
    before = _facts(entry)
    _refuse_in_use(entry, desk.on)
    entry.is_struck, entry.is_standing = True, False
    entry.confirmed_by = entry.confirmed_unit = entry.confirmed_on = None
    return _keep(desk, Deed.STRIKE, by, at, note, before)


# --- what the actions have in common ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Desk:
    """What an officer has before them: the locked entry, its declaration, the day; is it done already."""

    entry: Entry
    form: Kind
    on: date
    is_done: bool = False


def _locked(entry: Entry) -> Entry:
    return (Entry.objects.select_for_update(of=("self",)).select_related("unit", "changed_unit", "confirmed_unit")).get(
        pk=entry.pk
    )


def _take_up(
    by: User,
    at: datetime,
    entry: Entry,
    deed: Deed,
    seen: int | None,
    note: str,
    *,
    move: Move | None = None,
    right: Deed | None = None,
) -> _Desk:
    """Lock the entry, and check right, the step seen, and that it was not struck."""
    on = timezone.localdate(at)
    entry = _locked(entry)
    form = entry.form
    require(by, RIGHTS[right or deed], entry.unit, on=on, matter=form.pillar)
    name = DEED_NAMES[deed] if move is None else move.name_zh
    newest = entry.steps.order_by("-number")[0]
    if seen is not None and seen != entry.steps_taken:
        is_mine = newest.by_id == by.pk and newest.deed == deed and newest.move == ("" if move is None else move.key)
        if is_mine and seen == newest.number - 1 and newest.note == note.strip()[:LONGEST_NOTE]:
            return _Desk(entry, form, on, is_done=True)
        newest.entry = entry
        raise RuleBrokenError(
            "register.changed_meanwhile",
            entry=entry,
            person=newest.by_name,
            moment=timezone.localtime(newest.at).strftime("%Y-%m-%d %H:%M"),
            deed=newest.deed_name,
        )
    if entry.is_struck:
        raise RuleBrokenError("register.struck", entry=entry, deed=name)
    if on < newest.on:
        raise RuleBrokenError("register.before_last_step", day=newest.on)
    return _Desk(entry, form, on)


def _stands(form: Kind, state: str) -> bool:
    """Tell whether an entry in a state is still on the books: it has not ended, or goes on counting after its end."""
    return not form.state(state).is_end or form.state(state).counts


def _refuse_own(by: User, entry: Entry, deed: str) -> None:
    """Refuse whoever is of the owning unit or changed the entry last: another unit confirms."""
    if by.unit_id is None:
        raise RuleBrokenError("register.checker_without_unit", deed=deed)
    if not queries.may_be_checked_by(by, entry):
        raise RuleBrokenError("register.own_unit", entry=entry, unit=by.unit, deed=deed)


def _refuse_too_soon(entry: Entry, move: Move, on: date, note: str) -> None:
    if move.wait_days is None:
        return
    first = entry.state_since + timedelta(days=move.wait_days)
    if on < first and not (move.is_unconfirmed and note.strip()):
        code_days = {"move": move.name_zh, "days": move.wait_days, "since": entry.state_since, "first": first}
        if move.is_unconfirmed:
            raise RuleBrokenError("register.sooner_without_words", **code_days)
        raise RuleBrokenError("register.too_soon", **code_days)


def _refuse_in_use(entry: Entry, on: date) -> None:
    """Refuse to end an entry to which standing entries of another kind point."""
    for other in kinds.standing_kinds(on=on).values():
        for field in other.form.fields:
            if field.type is FieldType.LINK and field.linked_kind == entry.kind:
                pointing = Entry.objects.standing().filter(
                    kind=other.key, **{f"values__{field.key}__key": str(entry.number)}
                )
                if (first := pointing.first()) is not None:
                    raise RuleBrokenError("register.in_use", entry=entry, other=first)


def _with_files(form: Kind, typed: Mapping[str, str], files: Sequence[File]) -> dict[str, str]:
    """Fill the field that stands for files with their names."""
    told = {key: value for key, value in typed.items() if key in {field.key for field in form.fields}}
    if files:
        names = "、".join(file.name.replace("\\", "/").rsplit("/", 1)[-1][:100] for file in files)[:1000]
        told |= {field.key: names for field in form.fields if field.type is FieldType.FILE}
    return told


def _read_over(desk: _Desk, typed: Mapping[str, str], files: Sequence[File]) -> Values:
    entry = desk.entry
    before = Values(dict(entry.values), dict(entry.gaps))
    values = read(desk.form, _with_files(desk.form, typed, files), on=desk.on, before=before)
    refuse_faults(desk.form, values)
    return values


def _put(desk: _Desk, values: Values, state: str) -> None:
    """Put values and a state into the entry when the declared rules are kept with them."""
    entry, form = desk.entry, desk.form
    told = columns(form, values)
    if not _stands(form, state):
        _refuse_in_use(entry, desk.on)
    _keep_rules(form, values, told["object_key"], state, entry)
    entry.values, entry.gaps, entry.state = values.known, values.gaps, state
    for name, value in told.items():
        setattr(entry, name, value)


def _keep_rules(form: Kind, values: Values, object_key: str, state: str, entry: Entry | None) -> None:
    facts = StoredFacts(form, values.plain, object_key, entry)
    facts.lock()
    broken = broken_rules(form, values.plain, state=state, facts=facts)
    if broken:
        said = "".join(f"{one.rule.says_zh}{f'（{one.said}）' if one.said else ''}" for one in broken)
        raise RuleBrokenError("register.rule_broken", said=said)


def _changed(entry: Entry, by: User, *, is_confirmed: bool, on: date | None = None) -> None:
    """Say who changed the entry last, and whether the change itself confirms it."""
    if is_confirmed:
        entry.confirmed_by, entry.confirmed_unit, entry.confirmed_on = by, by.unit, on
        return
    entry.changed_by, entry.changed_unit = by, by.unit
    entry.confirmed_by = entry.confirmed_unit = entry.confirmed_on = None


def _keep(
    desk: _Desk,
    deed: Deed,
    by: User,
    at: datetime,
    note: str,
    before: Mapping[str, object],
    files: Sequence[File] = (),
    move: Move | None = None,
) -> Entry:
    entry = desk.entry
    entry.steps_taken += 1
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError as error:
        raise RuleBrokenError("register.at_once", title=entry.title) from error
    step = _add_step(entry, deed, by, at, desk.on, note, "" if move is None else move.key)
    _keep_files(step, by, at, files)
    told: dict[str, Any] = {
        "by": by.actor,
        "at": at,
        "subject": entry,
        "because": note.strip(),
        "before": before,
        "after": _facts(entry) | {"evidence": [f"{file.file_name} {file.sha256}" for file in step.files.all()]},
    }
    match deed:
        case Deed.CORRECT:
            record(action="registers.correct", **told)
        case Deed.MOVE:
            record(action="registers.move", **told)
        case Deed.CONFIRM:
            record(action="registers.confirm", **told)
        case Deed.RETURN:
            record(action="registers.give_back", **told)
        case _:
            record(action="registers.strike", **told)
    return entry


def _add_step(entry: Entry, deed: Deed, by: User, at: datetime, on: date, note: str, move: str = "") -> EntryStep:
    step = EntryStep(
        entry=entry,
        kind=entry.kind,
        number=entry.steps_taken,
        deed=deed.value,
        move=move,
        on=on,
        at=at,
        by=by,
        by_name=by.display_name,
        by_unit=by.unit,
        unit=entry.unit,
        state=entry.state,
        values=entry.values,
        gaps=entry.gaps,
        day=entry.day,
        amount=entry.amount,
        choice=entry.choice,
        is_confirmed=entry.is_confirmed,
        is_struck=entry.is_struck,
        note=note.strip()[:LONGEST_NOTE],
    )
    step.save()
    return step


def _keep_files(step: EntryStep, by: User, at: datetime, files: Sequence[File]) -> None:
    evidence.keep_all(files, partial(EntryFile, step=step, added_by=by, added_at=at), evidence_path)


def _facts(entry: Entry) -> dict[str, object]:
    return {
        "step": entry.steps_taken,
        "unit": f"{entry.unit.name}（{entry.unit.code}）",
        "state": entry.state,
        "values": dict(entry.values),
        "gaps": dict(entry.gaps),
        "confirmed": None if entry.confirmed_unit is None else str(entry.confirmed_unit),
        "is_struck": entry.is_struck,
    }
