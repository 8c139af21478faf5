"""The tour (导览): the words of the campaign's documents, and where each of them stands in this installation.

Words and what they lead to are rows of ``tour.csv``; this module only finds, for a row, one thing to open. Where the
installation holds none of its kind, the row leads to the page where one is made.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from django.urls import reverse

from heqing_site.ledger.models import TargetTerms
from heqing_site.letters.models import Letter
from heqing_site.places.models import Charge
from heqing_site.plans.models import Plan
from heqing_site.registers.models import Entry
from heqing_site.works.models import TaskList, Work


@dataclass(frozen=True)
class Stop:
    """One word of the tour: what it means here, the page it belongs to, and one example to open."""

    word: str
    says: str
    page: str
    example: str
    example_name: str


def stops() -> list[tuple[str, list[Stop]]]:
    """List the words by group, each with its page and, where there is one, an example."""
    found: dict[str, list[Stop]] = {}
    for row in rows():
        address, name = _example(row["finds"])
        stop = Stop(row["word"], row["says"], reverse(row["page"]), address, name)
        found.setdefault(row["group"], []).append(stop)
    return list(found.items())


@cache
def rows() -> tuple[dict[str, str], ...]:
    """Read the words and what each leads to."""
    text = files("heqing_site.web").joinpath("tour.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _example(finds: str) -> tuple[str, str]:
    sort, _, key = finds.partition(":")
    return _FINDERS[sort](key)


NONE = ("", "")


def _page(_key: str) -> tuple[str, str]:
    return NONE


def _letter(kind: str) -> tuple[str, str]:
    letter = Letter.objects.filter(series__kind=kind).order_by("-number", "pk").first()
    return NONE if letter is None else (reverse("letters:letter", args=[letter.pk]), str(letter))


def _work(pipeline: str) -> tuple[str, str]:
    work = Work.objects.filter(pipeline=pipeline).order_by("number").first()
    return NONE if work is None else (reverse("works:work", args=[work.number]), str(work))


def _list(_key: str) -> tuple[str, str]:
    found = TaskList.objects.order_by("number").first()
    return NONE if found is None else (reverse("works:list", args=[found.number]), str(found))


def _timetable(_key: str) -> tuple[str, str]:
    found = TaskList.objects.order_by("number").first()
    return NONE if found is None else (f"{reverse('works:timetable')}?list={found.number}", str(found))


def _register(kind: str) -> tuple[str, str]:
    address = reverse("registers:register", args=[kind])
    entry = Entry.objects.filter(kind=kind).order_by("number").first()
    return (address, str(entry)) if entry is not None else NONE


def _plan(kind: str) -> tuple[str, str]:
    plan = Plan.objects.filter(kind=kind).order_by("number").first()
    return NONE if plan is None else (reverse("plans:plan", args=[plan.number]), str(plan))


def _plan_reopened(_key: str) -> tuple[str, str]:
    plan = Plan.objects.filter(state="reopened").order_by("number").first()
    return NONE if plan is None else (reverse("plans:plan", args=[plan.number]), str(plan))


def _split(_key: str) -> tuple[str, str]:
    part = TargetTerms.objects.filter(parent__isnull=False).select_related("parent").order_by("pk").first()
    if part is None or part.parent is None:
        return NONE
    return reverse("ledger:target", args=[part.parent.number]), part.title


def _chief(system: str) -> tuple[str, str]:
    charge = Charge.objects.filter(system=system).order_by("pk").first()
    return NONE if charge is None else (f"{reverse('places:chiefs')}?system={system}", str(charge))


_FINDERS: dict[str, Callable[[str], tuple[str, str]]] = {
    "page": _page,
    "letter": _letter,
    "work": _work,
    "list": _list,
    "timetable": _timetable,
    "register": _register,
    "plan": _plan,
    "plan_reopened": _plan_reopened,
    "split": _split,
    "chief": _chief,
}
