"""Points of a unit: items, then bonus, then vetoes, then the grade; ranks among the units of a group.

All arithmetic is exact; points are whole hundredths, and the losses of an item add up to what it lacks: where a share
does not come out even, the largest remainders get the hundredths that are left over. Look next at
`heqing.scorecards.schemes` for what a scheme declares.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from heqing.errors import FactError, UnknownNameError
from heqing.scorecards.facts import Fact, Occurrence
from heqing.scorecards.schemes import FULL, Bonus, Grade, Item, Scheme, Veto

PARTS = 100  # points are kept in hundredths
ZERO = Decimal("0.00")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Loss:
    """Points lost (扣分) for one occurrence; `note` says why it cost nothing, or less than declared."""

    item: str
    points: Decimal
    occurrence: Occurrence
    note: str = ""

    @property
    def reason(self) -> str:
        """The cause as a reason code with its value, for `heqing.tables.explain`."""
        said = f"{self.occurrence.cause}({_sayable(self.occurrence.about)})"
        return ";".join(part for part in (said, self.occurrence.why, self.note) if part)


@dataclass(frozen=True)
class ItemScore:
    """Points of one item (考核项得分): its full points after spreading, its losses, and why it did not apply."""

    item: Item
    full: Decimal
    points: Decimal
    losses: tuple[Loss, ...]
    note: str = ""


@dataclass(frozen=True)
class Score:
    """The score of a unit (得分). Without any item that applies there are no points and no grade."""

    points: Decimal | None
    full: Decimal
    items: tuple[ItemScore, ...]
    bonus: Decimal
    bonuses: tuple[tuple[Bonus, Occurrence], ...]
    vetoes: tuple[tuple[Veto, Occurrence], ...]
    grade: Grade | None
    grade_by_points: Grade | None

    @property
    def losses(self) -> tuple[Loss, ...]:
        """All losses, in the order of the items."""
        return tuple(loss for item in self.items for loss in item.losses)


def score(
    scheme: Scheme,
    group: str,
    facts: Mapping[str, Fact | None],
    *,
    bonuses: Sequence[Occurrence] = (),
    vetoes: Sequence[Occurrence] = (),
) -> Score:
    """Score a unit (评分): item points, then the capped bonus, then the grade that vetoes still allow.

    Parameters
    ----------
    scheme : Scheme
        The declared scheme.
    group : str
        The group the unit is compared in.
    facts : mapping of str to Fact or None
        What is known by item; None, or an item left out, means that it does not apply to the unit this time.
    bonuses, vetoes : sequence of Occurrence
        What adds points and what bars grades; `cause` names the bonus or the veto.

    Returns
    -------
    Score
        Points in hundredths; ``full - points`` is what the losses add up to, less the bonus.

    Raises
    ------
    UnknownNameError
        When a fact, a cause, a class, a bonus or a veto is not in the scheme.
    FactError
        When a fact does not fit the rule of its item.

    Examples
    --------
    >>> from datetime import date
    >>> from heqing.scorecards import Fact, Occurrence, Reference, scheme_on
    >>> scheme = scheme_on("heqing", date(2026, 10, 31))
    >>> red = Occurrence("score_target_red", "PM2.5", Reference("target", "7"))
    >>> facts = {"targets": Fact((red,), of=3), "reports": Fact(of=2), "cases": Fact()}
    >>> found = score(scheme, "department", facts)
    >>> found.points, found.grade.key, [loss.points for loss in found.losses]
    (Decimal('85.00'), 'good', [Decimal('15.00')])
    """
    declared = scheme.group(group)
    if strays := facts.keys() - {item.key for item in declared.items}:
        raise UnknownNameError(f"item of group {group}", min(strays), [item.key for item in declared.items])
    found = tuple((item, facts.get(item.key)) for item in declared.items)
    earned = tuple((declared.bonus(once.cause), once) for once in bonuses)
    barred = tuple((scheme.veto(once.cause), once) for once in vetoes)
    if all(fact is None for _, fact in found):
        items = tuple(ItemScore(item, ZERO, ZERO, (), "score_absent_spread") for item, _ in found)
        return Score(None, ZERO, items, ZERO, earned, barred, None, None)
    items = _items(found)
    bonus = _points(min(sum((Fraction(bonus.per) for bonus, _ in earned), Fraction(0)), Fraction(declared.bonus_most)))
    points = sum((item.points for item in items), ZERO) + bonus
    by_points = scheme.grade(points)
    order = [grade.key for grade in scheme.grades]
    worst = max([order.index(by_points.key), *[order.index(veto.grade_most) for veto, _ in barred]])
    return Score(
        points, FULL.quantize(ZERO), items, bonus, earned, barred, grade=scheme.grades[worst], grade_by_points=by_points
    )


def rank(points: Mapping[Key, Decimal | None]) -> dict[Key, int]:
    """Rank units by points, the highest first; equal points share a rank and the next ones are left out.

    Parameters
    ----------
    points : mapping of key to Decimal or None
        Points by unit; None is not ranked.

    Returns
    -------
    dict of key to int
        Rank by unit, in the order of ranks.

    Examples
    --------
    >>> rank({"a": Decimal("90"), "b": Decimal("95"), "c": Decimal("90"), "d": Decimal("80"), "e": None})
    {'b': 1, 'a': 2, 'c': 2, 'd': 4}
    """
    scored = [(key, value) for key, value in points.items() if value is not None]
    ordered = sorted(scored, key=lambda pair: -pair[1])
    return {key: 1 + sum(other > value for _, other in scored) for key, value in ordered}


# --- items --------------------------------------------------------------------------------------------------------


def _items(found: tuple[tuple[Item, Fact | None], ...]) -> tuple[ItemScore, ...]:
    """Score the items; the points of those that do not apply go to the others in proportion, or stay full."""
    weights = [
        Fraction(0) if fact is None and item.absent == "spread" else Fraction(item.weight) for item, fact in found
    ]
    factor = Fraction(FULL) / sum(weights, Fraction(0))
    fulls = _even(weights, int(FULL) * PARTS)
    items = []
    for (item, fact), full in zip(found, fulls, strict=True):
        whole = _decimal(full)
        if fact is None:
            items.append(ItemScore(item, whole, whole, (), f"score_absent_{item.absent}"))
            continue
        losses = _losses(item, fact, full, factor)
        items.append(ItemScore(item, whole, whole - sum((loss.points for loss in losses), ZERO), losses))
    return tuple(items)


def _losses(item: Item, fact: Fact, full: int, factor: Fraction) -> tuple[Loss, ...]:
    """Give the losses of an item in whole hundredths; together they never exceed its full points."""
    left, raw, notes = Fraction(full, PARTS), [], []
    for cost, note in _costs(item, fact, factor):
        taken = min(cost, left)
        raw.append(taken)
        notes.append("score_used_up" if taken < cost else note)
        left -= taken
    exact = sum(raw, Fraction(0)) * PARTS
    total = min(_half_up(exact), full)
    parts = _even(raw, total) if total else [0] * len(raw)
    return tuple(
        Loss(item.key, _decimal(part), once, note)
        for part, once, note in zip(parts, fact.occurrences, notes, strict=True)
    )


def _costs(item: Item, fact: Fact, factor: Fraction) -> Iterable[tuple[Fraction, str]]:
    """Give what each occurrence costs by the rule of its item, before the item is used up."""
    weight = Fraction(item.weight) * factor
    count = len(fact.occurrences)
    if item.rule == "classes":
        lost = weight * (1 - Fraction(item.keeps(fact.level)) / 100)
        if lost and not count:
            raise FactError(item.key, f"class {fact.level} loses points, but no occurrence says why")
        return [(lost / count, "")] * count
    if item.rule == "ratio" and count > fact.of:
        raise FactError(item.key, f"{count} occurrences, but out of {fact.of} things only")
    times: dict[str, int] = {}
    for once in fact.occurrences:
        times[once.cause] = times.get(once.cause, 0) + 1
    seen: dict[str, int] = {}
    costs = []
    for once in fact.occurrences:
        cost = item.deduction(once.cause)
        seen[once.cause] = seen.get(once.cause, 0) + 1
        if seen[once.cause] <= cost.free:
            costs.append((Fraction(0), "score_free"))
            continue
        match item.rule:
            case "ratio":
                costs.append((weight * Fraction(cost.per) / 100 * Fraction(once.amount) / fact.of, ""))
            case "steps":
                costs.append((Fraction(cost.per) * Fraction(once.amount) * factor, ""))
            case "event":
                costs.append((Fraction(cost.per) * factor / (times[once.cause] - cost.free), ""))
            case _:
                costs.append((Fraction(cost.per) * factor, ""))
    return costs


# --- hundredths ---------------------------------------------------------------------------------------------------


def _even(parts: Sequence[Fraction], total: int) -> list[int]:
    """Split whole hundredths in proportion to parts; the largest remainders get what is left over, the first before."""
    whole = sum(parts, Fraction(0))
    shares = [part / whole * total for part in parts]
    found = [share.numerator // share.denominator for share in shares]
    order = sorted(range(len(parts)), key=lambda n: (found[n] - shares[n], n))
    for n in order[: total - sum(found)]:
        found[n] += 1
    return found


def _half_up(value: Fraction) -> int:
    return int((value + Fraction(1, 2)) // 1)


def _points(value: Fraction) -> Decimal:
    return _decimal(_half_up(value * PARTS))


def _decimal(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2).quantize(ZERO)


def _sayable(text: str) -> str:
    """Write a text so that it can stand as the value of a reason: its brackets, commas and semicolons in full width."""
    return text.translate(str.maketrans("(),;", "（），；"))
