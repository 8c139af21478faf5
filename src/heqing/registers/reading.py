"""From rows to a declaration (读类别表): every cell is checked, every fault is named by its sheet, row and column.

The rows come from the rulebook or from an officer; both are read here and nowhere else. What a kind consists of stands
in `heqing.registers.declaration`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from heqing.registers.declaration import (
    CHECK_NAMES,
    CHECKS,
    KEY,
    MOST_ROWS,
    NUMBERS,
    ROLE_NAMES,
    ROLE_TYPES,
    STATE,
    TYPE_NAMES,
    WHAT_NAMES,
    Condition,
    Count,
    DeclarationError,
    Fault,
    Field,
    FieldType,
    Kind,
    Move,
    Role,
    Rule,
    State,
    What,
    pillars,
)

_TRUE = {"true", "是", "√", "1", "y", "yes"}
_FALSE = {"", "false", "否", "×", "0", "n", "no"}
Rows = Sequence[Mapping[str, object]]


def read_kind(tables: Mapping[str, Rows], *, edition: str = "", known_kinds: Collection[str] | None = None) -> Kind:
    """Read a kind from the rows of its sheets.

    Parameters
    ----------
    tables : mapping
        Rows by sheet: ``kinds`` (one row), ``fields``, ``states``, ``moves``, ``rules``, ``counts``; cells by the codes
        of `heqing.registers.SHEETS`. Rows without any word are passed over; a code that is left out is numbered.
    edition : str
        The edition from which the rows come; empty for an officer's own.
    known_kinds : collection of str, optional
        Kinds to which a link may point; any when left out.

    Returns
    -------
    Kind
        The declaration.

    Raises
    ------
    DeclarationError
        With every fault, by sheet, row and column.

    Examples
    --------
    >>> kind = read_kind({
    ...     "kinds": [{"kind": "parks", "name_zh": "口袋公园", "pillar": "land"}],
    ...     "fields": [{"label_zh": "名称", "type": "文字", "needed": "是", "role": "标题"},
    ...                {"label_zh": "建成日期", "type": "日期", "role": "统计日"}],
    ...     "states": [{"name_zh": "在建"}, {"name_zh": "建成", "is_end": "是", "counts": "是"}],
    ...     "moves": [{"name_zh": "完工", "from_states": "在建", "to_state": "建成", "fields": "建成日期"}],
    ...     "counts": [{"name_zh": "口袋公园数", "unit": "个", "what": "条数", "by_day": "是"}],
    ... })
    >>> kind.moves[0].leads_to, kind.counts[0].key
    ('s2', 'c1')
    """
    return _Reader(tables, edition, known_kinds).kind()


class _Reader:
    """Reads one declaration and collects its faults."""

    def __init__(self, tables: Mapping[str, Rows], edition: str, known: Collection[str] | None) -> None:
        self.tables = tables
        self.edition = edition
        self.known = known
        self.faults: list[Fault] = []
        self.fields: dict[str, Field] = {}
        self.states: dict[str, State] = {}

    # --- cells

    def rows(self, sheet: str) -> list[tuple[int, Mapping[str, object]]]:
        """List the rows that hold a word, with their numbers."""
        listed = [
            (number, row)
            for number, row in enumerate(self.tables.get(sheet, ()), start=1)
            if any(value not in (None, "", False) and str(value).strip() for key, value in row.items() if key != "kind")
            or (sheet == "kinds" and row)
        ]
        if len(listed) > MOST_ROWS:
            self.fault(sheet, listed[MOST_ROWS][0], "", "too_many_rows", str(MOST_ROWS))
        return listed[:MOST_ROWS]

    def fault(self, sheet: str, row: int, column: str, problem: str, said: str = "") -> None:
        """Put a fault on the list."""
        self.faults.append(Fault(sheet, row, column, problem, said))

    def word(self, sheet: str, row: int, cells: Mapping[str, object], column: str, *, needed: bool = False) -> str:
        """Read a cell of words."""
        value = cells.get(column)
        said = "" if value is None else str(value).strip()
        if needed and not said:
            self.fault(sheet, row, column, "needed")
        if len(said) > 400:
            self.fault(sheet, row, column, "too_long", said[:20])
        return said[:400]

    def flag(self, sheet: str, row: int, cells: Mapping[str, object], column: str) -> bool:
        """Read a cell of 是 or 否."""
        said = str(cells.get(column) if cells.get(column) is not None else "").strip().lower()
        if said not in _TRUE | _FALSE:
            self.fault(sheet, row, column, "no_flag", said)
        return said in _TRUE

    def days(self, sheet: str, row: int, cells: Mapping[str, object], column: str) -> int | None:
        """Read a cell of days."""
        said = self.word(sheet, row, cells, column)
        if not said:
            return None
        plain = said.removesuffix(".0")
        if not (plain.isascii() and plain.isdecimal() and 0 < int(plain) <= 3650):
            self.fault(sheet, row, column, "no_days", said)
            return None
        return int(plain)

    def key(self, sheet: str, row: int, cells: Mapping[str, object], column: str, taken: Collection[str]) -> str:
        """Read the code of a row, or number it."""
        said = self.word(sheet, row, cells, column) or f"{sheet[0]}{row}"
        if not KEY.fullmatch(said):
            self.fault(sheet, row, column, "no_key", said)
        if said in taken:
            self.fault(sheet, row, column, "twice", said)
        return said

    def one_of(self, sheet: str, row: int, column: str, said: str, names: Mapping[Any, str]) -> Any:
        """Read a word of a closed list, by its code or its Chinese name; the first of the list when it is wrong."""
        for key, name in names.items():
            if said in (str(key), name):
                return key
        self.fault(sheet, row, column, "unknown_word" if said else "needed", said)
        return next(iter(names))

    def named(self, sheet: str, row: int, column: str, said: str, known: Mapping[str, Any]) -> str:
        """Find a field or state by its code or its Chinese name; empty when there is none."""
        for key, one in known.items():
            if said in (key, one.name_zh):
                return key
        self.fault(sheet, row, column, "unknown_name", said)
        return ""

    def names(
        self, sheet: str, row: int, cells: Mapping[str, object], column: str, known: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """Read several names separated by ``|``."""
        return tuple(
            self.named(sheet, row, column, said, known) for said in _split(self.word(sheet, row, cells, column))
        )

    def unconfirmed(self, cells: Mapping[str, object]) -> bool:
        """Tell whether a row of the rulebook rests on fewer than two sources; an officer's own word is enough."""
        return bool(cells.get("unconfirmed", False))

    # --- sheets

    def kind(self) -> Kind:
        """Read all sheets."""
        heads = self.rows("kinds")
        row, head = heads[0] if heads else (1, {})
        if len(heads) != 1:
            self.fault("kinds", len(heads), "kind", "one_kind")
        key = self.word("kinds", row, head, "kind", needed=True)
        if key and not KEY.fullmatch(key):
            self.fault("kinds", row, "kind", "no_key", key)
        pillar = self.one_of("kinds", row, "pillar", self.word("kinds", row, head, "pillar"), pillars())
        self.read_fields()
        self.read_states()
        moves = self.read_moves()
        rules = self.read_rules()
        counts = self.read_counts()
        found = Kind(
            key=key,
            name_zh=self.word("kinds", row, head, "name_zh", needed=True),
            name_en=self.word("kinds", row, head, "name_en"),
            pillar=pillar,
            about=self.word("kinds", row, head, "about"),
            enters=self.word("kinds", row, head, "enters"),
            confirms=self.word("kinds", row, head, "confirms"),
            fields=tuple(self.fields.values()),
            states=tuple(self.states.values()),
            moves=moves,
            rules=rules,
            counts=counts,
            edition=self.edition,
            clause=self.word("kinds", row, head, "clause"),
            is_unconfirmed=self.unconfirmed(head),
        )
        self.check_reach(found)
        if self.faults:
            raise DeclarationError(self.faults)
        return found

    def read_fields(self) -> None:
        """Read the fields; one of them is the title."""
        sheet = "fields"
        for row, cells in self.rows(sheet):
            key = self.key(sheet, row, cells, "field", self.fields)
            label = self.word(sheet, row, cells, "label_zh", needed=True)
            if label in {field.name_zh for field in self.fields.values()}:
                self.fault(sheet, row, "label_zh", "twice", label)
            if key == STATE or label == "状态":
                self.fault(sheet, row, "field", "reserved", label)
            sort: FieldType = self.one_of(sheet, row, "type", self.word(sheet, row, cells, "type"), TYPE_NAMES)
            options = _split(self.word(sheet, row, cells, "options"))
            if sort is FieldType.CHOICE and len(options) < 2:
                self.fault(sheet, row, "options", "too_few_options")
            if len(set(options)) != len(options):
                self.fault(sheet, row, "options", "twice", "|".join(options))
            if any(len(word) > 60 or ";" in word or "=" in word for word in options):
                self.fault(sheet, row, "options", "bad_option")
            if sort is FieldType.LINK and (
                len(options) != 1 or (self.known is not None and options[0] not in self.known)
            ):
                self.fault(sheet, row, "options", "unknown_kind", "|".join(options))
            roles = frozenset(
                self.one_of(sheet, row, "role", said, ROLE_NAMES)
                for said in _split(self.word(sheet, row, cells, "role"))
            )
            for role in roles:
                if any(role in field.roles for field in self.fields.values()):
                    self.fault(sheet, row, "role", "role_twice", ROLE_NAMES[role])
                if role in ROLE_TYPES and sort not in ROLE_TYPES[role]:
                    self.fault(sheet, row, "role", "role_of_type", ROLE_NAMES[role])
            takes_gap = self.flag(sheet, row, cells, "gap")
            if takes_gap and sort not in NUMBERS:
                self.fault(sheet, row, "gap", "gap_of_number")
            self.fields[key] = Field(
                key=key,
                name_zh=label,
                name_en=self.word(sheet, row, cells, "label_en"),
                type=sort,
                is_needed=self.flag(sheet, row, cells, "needed"),
                takes_gap=takes_gap,
                unit=self.word(sheet, row, cells, "unit"),
                options=options,
                roles=roles,
                help=self.word(sheet, row, cells, "help"),
                is_unconfirmed=self.unconfirmed(cells),
            )
        titles = [field for field in self.fields.values() if Role.TITLE in field.roles]
        if not titles or not titles[0].is_needed:
            self.fault(sheet, 1, "role", "no_title")

    def read_states(self) -> None:
        """Read the states; the first is that of a new entry."""
        sheet = "states"
        for row, cells in self.rows(sheet):
            key = self.key(sheet, row, cells, "state", self.states)
            name = self.word(sheet, row, cells, "name_zh", needed=True)
            if name in {state.name_zh for state in self.states.values()}:
                self.fault(sheet, row, "name_zh", "twice", name)
            self.states[key] = State(
                key,
                name,
                self.word(sheet, row, cells, "name_en"),
                self.flag(sheet, row, cells, "is_end"),
                self.flag(sheet, row, cells, "counts"),
            )
        if not self.states:
            self.fault(sheet, 1, "name_zh", "no_state")
        elif next(iter(self.states.values())).is_end:
            self.fault(sheet, 1, "is_end", "starts_at_end")

    def read_moves(self) -> tuple[Move, ...]:
        """Read the moves."""
        sheet = "moves"
        found: dict[str, Move] = {}
        for row, cells in self.rows(sheet):
            key = self.key(sheet, row, cells, "move", found)
            leads_to = self.named(
                sheet, row, "to_state", self.word(sheet, row, cells, "to_state", needed=True), self.states
            )
            starts = self.names(sheet, row, cells, "from_states", self.states)
            if not starts:
                self.fault(sheet, row, "from_states", "needed")
            for start in starts:
                if start and self.states[start].is_end and not self.flag(sheet, row, cells, "words"):
                    self.fault(sheet, row, "words", "reopens_without_words", self.states[start].name_zh)
            found[key] = Move(
                key=key,
                name_zh=self.word(sheet, row, cells, "name_zh", needed=True),
                name_en=self.word(sheet, row, cells, "name_en"),
                starts=starts,
                leads_to=leads_to,
                fields=self.names(sheet, row, cells, "fields", self.fields),
                needs_words=self.flag(sheet, row, cells, "words"),
                needs_evidence=self.flag(sheet, row, cells, "evidence"),
                needs_another_unit=self.flag(sheet, row, cells, "another_unit"),
                days=self.days(sheet, row, cells, "days"),
                wait_days=self.days(sheet, row, cells, "wait_days"),
                clause=self.word(sheet, row, cells, "clause"),
                is_unconfirmed=self.unconfirmed(cells),
            )
        return tuple(found.values())

    def read_rules(self) -> tuple[Rule, ...]:
        """Read the rules: a known check with arguments of the right sort."""
        sheet = "rules"
        found: dict[str, Rule] = {}
        for row, cells in self.rows(sheet):
            key = self.key(sheet, row, cells, "rule", found)
            check: str = self.one_of(sheet, row, "check", self.word(sheet, row, cells, "check"), CHECK_NAMES)
            arguments = self.arguments(row, check, _split(self.word(sheet, row, cells, "arguments")))
            found[key] = Rule(
                key=key,
                check=check,
                arguments=arguments,
                states=self.names(sheet, row, cells, "states", self.states),
                says_zh=self.word(sheet, row, cells, "says_zh", needed=True),
                says_en=self.word(sheet, row, cells, "says_en"),
            )
        return tuple(found.values())

    def arguments(self, row: int, check: str, said: tuple[str, ...]) -> tuple[str, ...]:
        """Read the arguments of a check."""
        forms = list(CHECKS[check])
        many = next((place for place, form in enumerate(forms) if form.endswith("+")), None)
        if many is not None and len(said) >= len(forms):
            forms[many : many + 1] = [forms[many].removesuffix("+")] * (len(said) - len(forms) + 1)
        if len(said) != len(forms):
            self.fault("rules", row, "arguments", "argument_count", " | ".join(CHECKS[check]))
            return said
        found = []
        for form, word in zip(forms, said, strict=True):
            if form in ("field", "number", "choice", "link"):
                key = self.named("rules", row, "arguments", word, self.fields)
                wanted = {
                    "number": NUMBERS, "choice": {FieldType.CHOICE}, "link": {FieldType.LINK},
                }.get(form)  # fmt: skip
                if key and wanted is not None and self.fields[key].type not in wanted:
                    self.fault("rules", row, "arguments", "argument_type", word)
                found.append(key)
            else:
                if form == "kind" and self.known is not None and word not in self.known:
                    self.fault("rules", row, "arguments", "unknown_kind", word)
                found.append(word)
        return tuple(found)

    def read_counts(self) -> tuple[Count, ...]:
        """Read the counts."""
        sheet = "counts"
        found: dict[str, Count] = {}
        has_day = any(Role.DAY in field.roles for field in self.fields.values())
        for row, cells in self.rows(sheet):
            key = self.key(sheet, row, cells, "count", found)
            what: What = self.one_of(sheet, row, "what", self.word(sheet, row, cells, "what"), WHAT_NAMES)
            said = self.word(sheet, row, cells, "field")
            field = self.named(sheet, row, "field", said, self.fields) if said else ""
            if what in (What.SUM, What.RATIO_SUM) and not (field and self.fields[field].type in NUMBERS):
                self.fault(sheet, row, "field", "sum_of_number", said)
            if what is What.DISTINCT and not field:
                self.fault(sheet, row, "field", "needed")
            whole = self.word(sheet, row, cells, "whole_filter")
            if what in (What.RATIO, What.RATIO_SUM) and not whole:
                self.fault(sheet, row, "whole_filter", "needed")
            by_day = self.flag(sheet, row, cells, "by_day")
            if by_day and not has_day:
                self.fault(sheet, row, "by_day", "no_day")
            found[key] = Count(
                key=key,
                name_zh=self.word(sheet, row, cells, "name_zh", needed=True),
                name_en=self.word(sheet, row, cells, "name_en"),
                unit=self.word(sheet, row, cells, "unit"),
                what=what,
                field=field,
                conditions=self.conditions(row, "filter", self.word(sheet, row, cells, "filter")),
                whole=() if whole == "*" else self.conditions(row, "whole_filter", whole),
                by_day=by_day,
                clause=self.word(sheet, row, cells, "clause"),
                is_unconfirmed=self.unconfirmed(cells),
            )
        return tuple(found.values())

    def conditions(self, row: int, column: str, said: str) -> tuple[Condition, ...]:
        """Read a filter: ``field=word|word;state!=word``."""
        found = []
        for part in (part.strip() for part in re.split(r"[;；]", said)):
            if not part:
                continue
            read = re.fullmatch(r"([^=!]+)(!?)=(.+)", part)
            if read is None:
                self.fault("counts", row, column, "no_condition", part)
                continue
            name, words = read[1].strip(), _split(read[3])
            if name in (STATE, "状态"):
                keys = tuple(self.named("counts", row, column, word, self.states) for word in words)
                found.append(Condition(STATE, keys, bool(read[2])))
                continue
            key = self.named("counts", row, column, name, self.fields)
            if not key:
                continue
            field = self.fields[key]
            if field.type in NUMBERS or field.type in (FieldType.DAY, FieldType.MONTH, FieldType.FILE):
                self.fault("counts", row, column, "condition_type", name)
            for word in words if field.type is FieldType.CHOICE else ():
                if word not in field.options:
                    self.fault("counts", row, column, "unknown_name", word)
            found.append(Condition(key, words, bool(read[2])))
        return tuple(found)

    def check_reach(self, kind: Kind) -> None:
        """Every state can be reached from the first."""
        if not kind.states:
            return
        reached = {kind.start.key}
        while more := {m.leads_to for m in kind.moves if reached & set(m.starts)} - reached:
            reached |= more
        for number, state in enumerate(kind.states, start=1):
            if state.key not in reached:
                self.fault("states", number, "state", "not_reached", state.name_zh)


def _split(said: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[|｜]", said) if part.strip())
