"""A bulletin is composed from facts (拟稿): sentences of the rulebook, filled with figures that know their sources.

Nothing here writes, and nothing reads the clock. The same facts give the same content, so that a bulletin can be
composed again later and compared with what was issued. What is missing is said, never left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from heqing.tables import explain
from heqing_site.cases.queries import counts
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import LedgerRow, ledger
from heqing_site.ledger.rules import LIGHT_NAMES, Light, SourceKind
from heqing_site.library.rules import PILLAR_NAMES, plain
from heqing_site.official import say_date
from heqing_site.orgs.models import Unit
from heqing_site.orgs.queries import ids_below
from heqing_site.publishing.rules import Block, Content, Figure, Kind
from heqing_site.publishing.wordings import (
    columns,
    edition_number,
    kind_words,
    most,
    said_already,
    sections,
    sentence,
    title_of,
)
from heqing_site.reporting.queries import accepted_by_target, late
from heqing_site.reporting.rules import Period
from heqing_site.scorecards.queries import BoardRow, board
from heqing_site.scorecards.rules import GROUP_NAMES, ScoreGroup
from heqing_site.verdicts.models import TargetVerdict
from heqing_site.verdicts.queries import latest

SHAPES = {Light.GREEN: "●", Light.YELLOW: "▲", Light.RED: "■", Light.GREY: "○"}
ATTACHED_WIDTHS = [7, 24, 18, 16, 13, 10, 12]
NOTHING = "—"


@dataclass(frozen=True)
class Asked:
    """What a bulletin is asked to tell: whose, of which month, as of which day."""

    unit: Unit
    month: Period
    as_of: date  # lights and values as judged by this day
    told_on: date  # who is late by this day
    known_on: date  # reports that were accepted by this day


@dataclass(frozen=True)
class Composed:
    """What came of it."""

    content: Content
    editions: list[str]


@dataclass
class _Sheet:
    """What is being composed: blocks and figures."""

    figures: dict[str, Figure] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def figure(
        self,
        name: str,
        value: object,
        *,
        words: str = "",
        about: str = "",
        source: str = "",
        ref: object = "",
        compared: bool = True,
    ) -> str:
        """Bind a figure, and give the name that stands for it in words."""
        kept = None if value is None else str(value)
        self.figures[name] = Figure(name, kept, words or kept or NOTHING, about or name, source, str(ref), compared)
        return f"【{name}】"

    def say(self, key: str, words: str) -> None:
        self.blocks.append(Block(key, "paragraph", words))


def compose(asked: Asked) -> Composed:
    """Compose the bulletin of a month (拟稿) from what the rooms know."""
    rows = ledger(as_of=asked.as_of, unit=asked.unit)
    verdicts = latest(as_of=asked.as_of, targets=[row.terms.target_id for row in rows])
    sheet = _Sheet()
    facts = _Facts(asked, rows, verdicts, sheet)
    sheet.say(
        "opening",
        sentence(
            "opening",
            month=asked.month.name.replace(" ", ""),
            unit=asked.unit.name,
            as_of=say_date(asked.as_of),
            told_on=say_date(asked.told_on),
        ),
    )
    for row in rows:
        _bind(row, verdicts.get(row.terms.target_id), sheet)
    _bind_reports(rows, sheet, asked)
    lines = {
        "overall": _overall,
        "attention": _attention,
        "instruments": _instruments,
        "reporting": _reporting,
        "cases": case_lines,
        "scores": score_lines,
        "next": _next,
    }
    for section, heading in sections():
        sheet.blocks.append(Block(f"{section}.heading", "heading", heading))
        lines[section](facts)
    _attach(facts)
    words = kind_words(Kind.MONTHLY)
    named = {"unit": asked.unit.name, "month": asked.month.name.replace(" ", "")}
    content = Content(
        title=title_of(Kind.MONTHLY, **named),
        to=words.to.format(**named),
        issuer=asked.unit.name,
        red_head=words.red_head.format(**named),
        copies=words.copies.format(**named),
        attachment=sentence("attachment") if rows else "",
        blocks=sheet.blocks,
        figures=sheet.figures,
        is_invented=any(row.is_invented for row in rows),
    )
    return Composed(content, _editions(verdicts.values()))


def compose_correction(
    *, asked: Asked, number: str, is_invented: bool, differences: Iterable[tuple[Figure, str, str]]
) -> Composed:
    """Compose a notice (更正通知) that tells each difference: the figure as it was issued, the new words, and why."""
    sheet = _Sheet()
    sheet.say("opening", sentence("correction", number=number, as_of=say_date(asked.known_on)))
    found = list(differences)
    for position, (old, new, why) in enumerate(found, start=1):
        was = sheet.figure(
            f"原{position}", old.value, words=old.words, about=old.about, source=old.source, ref=old.ref, compared=False
        )
        now = sheet.figure(
            f"现{position}", new, words=new, about=old.about, source=old.source, ref=old.ref, compared=False
        )
        sheet.say(f"item.{position}", sentence("correction_item", about=old.about, old=was, new=now, why=why))
    if not found:
        sheet.say("none", sentence("correction_none"))
    sheet.say("remarks", "")
    words = kind_words(Kind.CORRECTION)
    named = {"unit": asked.unit.name, "month": asked.month.name.replace(" ", "")}
    content = Content(
        title=title_of(Kind.CORRECTION, **named),
        to=words.to.format(**named),
        issuer=asked.unit.name,
        red_head=words.red_head.format(**named),
        copies=words.copies.format(**named),
        attachment="",
        blocks=sheet.blocks,
        figures=sheet.figures,
        is_invented=is_invented,
    )
    return Composed(content, [edition_number()])


# --- targets ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Facts:
    asked: Asked
    rows: list[LedgerRow]
    verdicts: dict[int, TargetVerdict]
    sheet: _Sheet

    def of(self, light: Light) -> list[LedgerRow]:
        """List the targets of a light, the largest gap first where one is known."""
        return [row for row in self.rows if row.standing.light is light]

    @property
    def month(self) -> str:
        return self.asked.month.name.replace(" ", "")

    def say(self, key: str, name: str, /, **values: object) -> None:
        self.sheet.say(key, sentence(name, **values))

    def count(self, name: str, value: int, source: str, ref: object = "", *, compared: bool = True) -> str:
        return self.sheet.figure(name, value, source=source, ref=ref, compared=compared)


def _value_words(row: LedgerRow, verdict: TargetVerdict | None) -> tuple[str | None, str]:
    """Give the value as it is compared, and as it is printed with its unit."""
    value = verdict.value if verdict is not None else row.standing.value
    if value is None:
        return None, sentence("no_value")
    written = plain(Decimal(value))
    return written, f"{written if verdict is None else verdict.value_shown}{row.terms.unit}"


def _bind(row: LedgerRow, verdict: TargetVerdict | None, sheet: _Sheet) -> None:
    """Bind the value and the light of a target, each to its page of reasons."""
    number, title = row.target.number, row.terms.title
    source = "verdict" if verdict is not None else "target"
    value, words = _value_words(row, verdict)
    sheet.figure(f"目标{number}数值", value, words=words, about=f"“{title}”至今值", source=source, ref=number)
    light = row.standing.light
    sheet.figure(
        f"目标{number}状态", light.value, words=LIGHT_NAMES[light], about=f"“{title}”状态", source=source, ref=number
    )


def _bind_reports(rows: list[LedgerRow], sheet: _Sheet, asked: Asked) -> None:
    """Bind for each reported target the newest accepted value of a period not after the month, to notice changes."""
    reported = {row.terms.target_id: row for row in rows if row.terms.source_kind != SourceKind.INSTRUMENT}
    accepted = accepted_by_target(reported, as_of=asked.known_on)
    for key, row in reported.items():
        values = [value for value in accepted.get(key, []) if value.period.last <= asked.month.last]
        number = row.target.number
        about = f"“{row.terms.title}”填报值"
        if not values:
            sheet.figure(f"目标{number}填报", None, about=about, source="report", ref=number)
            continue
        last = values[-1]
        said = last.entry.said
        words = f"{said}{row.terms.unit}（{last.period.name}）" if last.value is not None else said
        sheet.figure(
            f"目标{number}填报", f"{last.period.key}:{said}", words=words, about=about, source="report", ref=number
        )


def _overall(facts: _Facts) -> None:
    if not facts.rows:
        facts.say("overall", "overall_none", as_of=say_date(facts.asked.as_of), unit=facts.asked.unit.name)
        return
    counts = Counter(row.standing.light for row in facts.rows)
    facts.say(
        "overall",
        "overall",
        unit=facts.asked.unit.name,
        total=facts.count("目标总数", len(facts.rows), "ledger"),
        **{
            light.value: facts.count(f"{LIGHT_NAMES[light]}数", counts[light], "ledger", light.value) for light in Light
        },
    )
    by_pillar: dict[str, Counter[Light]] = {}
    for row in facts.rows:
        by_pillar.setdefault(row.terms.pillar, Counter())[row.standing.light] += 1
    order = {pillar: place for place, pillar in enumerate(PILLAR_NAMES)}
    lines = []
    for pillar in sorted(by_pillar, key=lambda key: order.get(key, len(order))):
        name = PILLAR_NAMES.get(pillar, pillar)
        found = by_pillar[pillar]
        cells = [facts.count(f"{name}目标数", sum(found.values()), "pillar", pillar)]
        cells += [facts.count(f"{name}{LIGHT_NAMES[light]}数", found[light], "pillar", pillar) for light in Light]
        lines.append([name, *cells])
    lines.append([sentence("table_total"), "【目标总数】", *(f"【{LIGHT_NAMES[light]}数】" for light in Light)])
    head = columns("table_head")
    facts.sheet.blocks.append(
        Block("overall.table", "table", head=head, rows=lines, widths=[2] + [1] * (len(head) - 1))
    )


def _reason(verdict: TargetVerdict | None, row: LedgerRow) -> str:
    if verdict is None or verdict.value is None:
        said = row.standing.reason if verdict is None else verdict.say("zh")
    else:  # value and day stand in the sentence already
        codes = [code for code in verdict.reason.split(";") if code.partition("(")[0] not in said_already()]
        said = (explain(";".join(codes)) if codes else "") + verdict.note
    return said if not said or said.endswith("。") else f"{said}。"


def _items(facts: _Facts, rows: list[LedgerRow], key: str) -> None:
    for row in rows[: most(key)]:
        verdict = facts.verdicts.get(row.terms.target_id)
        number = row.target.number
        has_value = facts.sheet.figures[f"目标{number}数值"].value is not None
        as_of = verdict.value_as_of if verdict is not None and verdict.value_as_of else facts.asked.as_of
        facts.say(
            f"{key}.{number}",
            "item" if has_value else "item_no_value",
            title=row.terms.title,
            lead=row.terms.lead_unit.name,
            demand=_demand(row.terms),
            value=f"【目标{number}数值】",
            value_as_of=say_date(as_of),
            light=f"【目标{number}状态】",
            reason=_reason(verdict, row),
        )
    if len(rows) > most(key):
        facts.say(f"{key}.more", "more", count=len(rows) - most(key))


def _demand(terms: TargetTerms) -> str:
    return terms.demand.replace(" ", "")


def _attention(facts: _Facts) -> None:
    for light, key in ((Light.RED, "red"), (Light.YELLOW, "yellow")):
        rows = facts.of(light)
        if not rows:
            facts.say(key, f"{key}_none")
            continue
        facts.say(key, key, **{key: f"【{LIGHT_NAMES[light]}数】"})
        _items(facts, rows, key)
    grey = facts.of(Light.GREY)
    if grey:
        units = Counter(row.terms.lead_unit.name for row in grey)
        said = "、".join(f"{name}（{count}项）" for name, count in units.most_common())
        facts.say("grey", "grey", grey=f"【{LIGHT_NAMES[Light.GREY]}数】", units=said)
    elif facts.rows:
        facts.say("grey", "grey_none")


def _instruments(facts: _Facts) -> None:
    rows = [row for row in facts.rows if row.terms.source_kind == SourceKind.INSTRUMENT]
    if not rows:
        facts.say("instruments", "instruments_none")
        return
    facts.say("instruments", "instruments", count=facts.count("监测目标数", len(rows), "instruments"))
    for row in rows[: most("instruments")]:
        verdict = facts.verdicts.get(row.terms.target_id)
        number = row.target.number
        has_value = facts.sheet.figures[f"目标{number}数值"].value is not None
        as_of = verdict.value_as_of if verdict is not None and verdict.value_as_of else facts.asked.as_of
        facts.say(
            f"instrument.{number}",
            "instrument" if has_value else "instrument_no_value",
            title=row.terms.title,
            value=f"【目标{number}数值】",
            demand=_demand(row.terms),
            light=f"【目标{number}状态】",
            value_as_of=say_date(as_of),
            reason=_reason(verdict, row),
        )
    if len(rows) > most("instruments"):
        facts.say("instruments.more", "more", count=len(rows) - most("instruments"))


# --- reports, cases, scores ---------------------------------------------------------------------------------------


def _reporting(facts: _Facts) -> None:
    asked = facts.asked
    lines = late(as_of=asked.told_on, month=asked.month, units=ids_below([asked.unit.pk]))
    if not lines:
        facts.say("late", "late_none", month=facts.month)
        return

    def count(name: str, value: int) -> str:
        return facts.count(name, value, "late", asked.month.key, compared=False)

    facts.say(
        "late",
        "late",
        month=facts.month,
        due=count("应报数", sum(line.due for line in lines)),
        in_time=count("按时数", sum(line.in_time for line in lines)),
        late=count("迟报数", sum(line.late for line in lines)),
        missing=count("欠报数", sum(line.missing for line in lines)),
        returned=count("退回数", sum(line.returned for line in lines)),
    )
    behind = [line for line in lines if line.behind]
    for line in behind[: most("late")]:
        titles = "；".join(target.terms.title for target in line.targets)
        facts.say(
            f"late.{line.unit.pk}",
            "late_unit",
            unit=line.unit.name,
            count=count(f"{line.unit.name}欠报数", line.behind),
            targets=titles,
        )
    if len(behind) > most("late"):
        facts.say("late.more", "more", count=len(behind) - most("late"))
    if not behind:
        facts.say("late.all", "late_all")


def case_lines(facts: _Facts) -> None:
    """Tell what became of cases in the month: opened, closed, open, overdue, come back."""
    asked = facts.asked
    lines = counts(month=asked.month, as_of=asked.as_of, units=ids_below([asked.unit.pk]))
    names = {"opened": "立案数", "closed": "销号数", "open": "在办数", "overdue": "逾期数", "rebounds": "复发数"}
    sums = {key: sum(getattr(line, key) for line in lines) for key in names}
    if not any(sums.values()):
        facts.say("cases", "cases_none", month=facts.month)
        return
    facts.say(
        "cases",
        "cases",
        month=facts.month,
        **{key: facts.count(name, sums[key], "cases", asked.month.key) for key, name in names.items()},
    )
    for line in lines:
        if line.overdue or line.rebounds:
            said = {
                key: facts.count(f"{line.unit.name}{names[key]}", getattr(line, key), "cases", line.unit.pk)
                for key in ("open", "overdue", "rebounds")
            }
            facts.say(f"cases.{line.unit.pk}", "cases_unit", unit=line.unit.name, **said)


def score_lines(facts: _Facts) -> None:
    """Tell points and ranks of the month, towns and departments apart."""
    below = ids_below([facts.asked.unit.pk])
    lines = [line for line in board(facts.asked.month) if line.unit.pk in below and line.points is not None]
    if not lines:
        facts.say("scores", "scores_none", month=facts.month)
        return
    for group in ScoreGroup:
        found = [line for line in lines if line.group == group]
        if not found:
            continue
        name = GROUP_NAMES[group]
        words = [_score(facts, line) for line in found]
        facts.say(
            f"scores.{group.value}",
            "scores" if len(found) > most("scores") else "scores_all",
            month=facts.month,
            count=facts.count(f"{name}评分单位数", len(found), "scores", facts.asked.month.key),
            group=name,
            best="、".join(words[: most("scores")]),
            worst="、".join(words[-min(most("scores"), len(found) - most("scores")) :][::-1]),
        )


def _score(facts: _Facts, line: BoardRow) -> str:
    name, month = line.unit.name, facts.asked.month.key
    value = "" if line.points is None else plain(line.points)
    points = facts.sheet.figure(f"{name}得分", value, about=f"{name}得分", source="scores", ref=month)
    if line.rank is None:
        return sentence("score_unit_plain", unit=name, points=points)
    rank = facts.sheet.figure(f"{name}名次", line.rank, about=f"{name}名次", source="scores", ref=month)
    return sentence("score_unit", unit=name, points=points, rank=rank)


# --- what comes next, and the attachment --------------------------------------------------------------------------


def _next(facts: _Facts) -> None:
    red = list(dict.fromkeys(row.terms.lead_unit.name for row in facts.of(Light.RED)))
    lines = late(as_of=facts.asked.told_on, month=facts.asked.month, units=ids_below([facts.asked.unit.pk]))
    behind = [line.unit.name for line in lines if line.behind]
    if red:
        facts.say("next.red", "next_red", units="、".join(red))
    if behind:
        facts.say("next.late", "next_late", units="、".join(behind[: most("late")]))
    overdue = facts.sheet.figures.get("逾期数")
    if overdue is not None and overdue.value != "0":
        facts.say("next.cases", "next_cases")
    if not red and not behind:
        facts.say("next.plain", "next_plain")
    facts.sheet.say("remarks", "")


def _attach(facts: _Facts) -> None:
    """Attach the list of all targets, whatever their light."""
    if not facts.rows:
        return
    lines = []
    doubtful = False
    for place, row in enumerate(facts.rows, start=1):
        number = row.target.number
        verdict = facts.verdicts.get(row.terms.target_id)
        unconfirmed = verdict is not None and (verdict.unconfirmed or verdict.light_unconfirmed)
        doubtful = doubtful or unconfirmed
        day = verdict.value_as_of if verdict is not None else None
        shape = SHAPES[row.standing.light]
        lines.append(
            [
                str(place),
                row.terms.title + ("*" if unconfirmed else ""),
                _demand(row.terms),
                f"【目标{number}数值】",
                _short_day(day, facts.asked.month.last.year),
                f"{shape}【目标{number}状态】",
                row.terms.lead_unit.name,
            ]
        )
    head = columns("attachment_head")
    facts.sheet.blocks.append(
        Block("attachment", "table", head=head, rows=lines, widths=ATTACHED_WIDTHS, lefts=[1], is_attached=True)
    )
    if doubtful:
        facts.sheet.blocks.append(Block("unconfirmed", "paragraph", sentence("unconfirmed"), is_attached=True))


def _short_day(day: date | None, year: int) -> str:
    """Write a day as a narrow column takes it: without the year when it is that of the bulletin."""
    if day is None:
        return NOTHING
    written = say_date(day)
    return written.removeprefix(f"{year}年")


def _editions(verdicts: Iterable[TargetVerdict]) -> list[str]:
    found = {edition_number()}
    for verdict in verdicts:
        found |= {verdict.edition, verdict.light_edition}
    return sorted(found - {""})
