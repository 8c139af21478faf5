"""Which findings of a document the review page shows: filters from its address, with the count behind every choice.

It works on the findings that a page has read already and asks the database nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from heqing_site.library import rules
from heqing_site.library.models import Finding
from heqing_site.library.rules import GAP_NAMES, KIND_NAMES, PILLAR_NAMES, STATE_NAMES

UNSURE, ANY, NONE = "low", "any", "none"


@dataclass(frozen=True)
class Choice:
    """One value of a filter, in words, with the number of findings it would show."""

    value: str
    name: str
    count: int
    is_chosen: bool
    query: str


@dataclass(frozen=True)
class Facet:
    """One filter with its choices; the first shows everything."""

    key: str
    title: str
    choices: tuple[Choice, ...]

    @property
    def is_used(self) -> bool:
        """Whether it narrows the page."""
        return any(choice.is_chosen and choice.value for choice in self.choices)


@dataclass(frozen=True)
class Filters:
    """What the address of a review page asks for; an unknown value asks for everything."""

    chosen: Mapping[str, str]

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        """Read the filters of an address."""
        return cls({key: said for key in _TOLD if (said := asked.get(key, "")) and _is_known(key, said)})

    def fits(self, finding: Finding, *, but: str = "") -> bool:
        """Tell whether the page shows a finding; `but` leaves one filter out."""
        return all(value in _TOLD[key](finding) for key, value in self.chosen.items() if key != but)

    @property
    def query(self) -> str:
        """The filters as they stand in an address."""
        return urlencode(self.chosen)

    def for_bulk(self) -> Filters:
        """Give the filters of what may be accepted together: whatever is undecided, and sure enough."""
        sure = self.chosen.get("sure", "")
        known = {f"{step:g}" for step in rules.BULK_STEPS}
        chosen = {key: value for key, value in self.chosen.items() if key != "show"}
        return Filters({**chosen, "sure": sure if sure in known else f"{rules.BULK_USUAL:g}"})

    def steps(self, findings: list[Finding]) -> list[Choice]:
        """Give the confidences that can be asked for, with the number of findings that have them."""
        values = [f"{step:g}" for step in rules.BULK_STEPS]
        counted = Counter(told for row in findings for told in _sure_told(row))
        chosen = self.chosen.get("sure")
        return [
            Choice(value, value, counted[value], chosen == value, self.with_choice("sure", value)) for value in values
        ]

    def with_choice(self, key: str, value: str) -> str:
        """Give the address with one filter set otherwise."""
        chosen = {name: said for name, said in self.chosen.items() if name != key}
        return urlencode({**chosen, key: value} if value else chosen)

    def facets(self, findings: list[Finding]) -> list[Facet]:
        """Give every filter that parts these findings, with its choices and their counts."""
        found = []
        refused = [[key for key, value in self.chosen.items() if value not in _TOLD[key](row)] for row in findings]
        for key, title in _TITLES.items():
            among = [row for row, by in zip(findings, refused, strict=True) if not by or by == [key]]
            counted = Counter(told for row in among for told in _TOLD[key](row))
            values = [("", "全部"), *_values(key, findings)]
            choices = tuple(
                Choice(
                    value,
                    name,
                    counted[value] if value else len(among),
                    self.chosen.get(key, "") == value,
                    self.with_choice(key, value),
                )
                for value, name in values
            )
            if len(choices) > 2 or key in self.chosen or key == "show":
                found.append(Facet(key, title, choices))
        return found


_TITLES = {"show": "状态", "kind": "类别", "pillar": "领域", "gap": "缺项", "sure": "把握", "under": "举措"}


def _gap_told(finding: Finding) -> tuple[str, ...]:
    return (ANY, finding.gap) if finding.gap else (NONE,)


_STEPS = tuple((step, f"{step:g}") for step in rules.BULK_STEPS)


def _sure_told(finding: Finding) -> list[str]:
    return [
        *(said for step, said in _STEPS if finding.confidence >= step),
        *((UNSURE,) if finding.confidence < rules.UNSURE else ()),
    ]


# The values of each filter under which a finding is shown.
_TOLD: dict[str, Callable[[Finding], Iterable[str]]] = {
    "show": lambda finding: (finding.state,),
    "kind": lambda finding: (finding.kind,),
    "pillar": lambda finding: (finding.pillar,),
    "gap": _gap_told,
    "sure": _sure_told,
    "under": lambda finding: (str(finding.measure.number if finding.measure else 0),),
}


def _values(key: str, findings: list[Finding]) -> list[tuple[str, str]]:
    """List the values of a filter that occur among the findings, in words."""
    match key:
        case "show":
            return [(state.value, name) for state, name in STATE_NAMES.items()]
        case "kind":
            return [(kind.value, name) for kind, name in KIND_NAMES.items() if _occurs(findings, "kind", kind.value)]
        case "pillar":
            return [(pillar, name) for pillar, name in PILLAR_NAMES.items() if _occurs(findings, "pillar", pillar)]
        case "gap":
            there = [(gap, name) for gap, name in GAP_NAMES.items() if _occurs(findings, "gap", gap)]
            return [(ANY, "有缺项"), (NONE, "无缺项"), *there] if there else []
        case "sure":
            steps = [(f"{step:g}", f"不低于 {step:g}") for step in rules.BULK_STEPS]
            return [*steps, (UNSURE, f"低于 {rules.UNSURE:g}")]
        case _:
            measures = {finding.measure.number: finding.measure.title for finding in findings if finding.measure}
            return [(str(number), title[:30]) for number, title in sorted(measures.items())]


def _is_known(key: str, value: str) -> bool:
    known: dict[str, Iterable[str]] = {
        "show": STATE_NAMES, "kind": KIND_NAMES, "pillar": PILLAR_NAMES, "gap": (ANY, NONE, *GAP_NAMES),
        "sure": (UNSURE, *(said for _, said in _STEPS)),
    }  # fmt: skip
    return value in known[key] if key in known else value.isdecimal()


def _occurs(findings: list[Finding], name: str, value: str) -> bool:
    return any(getattr(finding, name) == value for finding in findings)
