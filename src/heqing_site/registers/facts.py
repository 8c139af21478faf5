"""What the declared rules ask of other entries, answered from the database. It writes nothing."""

from __future__ import annotations

from decimal import Decimal

from heqing.registers import FieldType, Kind
from heqing.registers.declaration import REFERENCES
from heqing_site.registers.models import Entry
from heqing_site.registers.values import plain


class StoredFacts:
    """The other standing entries, seen from one entry with the values it is about to have."""

    def __init__(self, form: Kind, values: dict[str, str], object_key: str, entry: Entry | None) -> None:
        self.form = form
        self.values = values
        self.object_key = object_key
        self.entry = entry
        others = Entry.objects.standing().filter(kind=form.key)
        self.others = others if entry is None else others.exclude(pk=entry.pk)

    def lock(self) -> None:
        """Lock the entries to which this one points, so that two officers do not take the same tonne at once."""
        for field in self.form.fields:
            if field.type is FieldType.LINK and self.values.get(field.key):
                list(self._linked(field.key).select_for_update())

    def stands_already(self, fields: tuple[str, ...]) -> bool:
        """Tell whether another standing entry has the same values in these fields."""
        first = next((rule for rule in self.form.rules if rule.check == "unique" and not rule.states), None)
        if first is not None and first.arguments == fields:
            return self.others.filter(object_key=self.object_key).exists()
        asked = {
            f"values__{field}" + ("__key" if self.form.field(field).type in REFERENCES else ""): self.values[field]
            for field in fields
        }
        return self.others.filter(**asked).exists()

    def of_linked(self, link: str, field: str) -> str:
        """Give a value of the entry to which a field points."""
        linked = self._linked(link).first()
        return "" if linked is None else plain(linked.values).get(field, "")

    def taken(self, link: str, part: str) -> Decimal:
        """Add up a field over the other standing entries that point to the same entry."""
        same = self.others.filter(**{f"values__{link}__key": self.values[link]})
        return _total(same.values_list("values", flat=True), part)

    def covered(self, kind: str, link: str, part: str) -> Decimal:
        """Add up a field over the standing entries of another kind that point to this entry."""
        if self.entry is None:
            return Decimal(0)
        pointing = Entry.objects.standing().filter(kind=kind, **{f"values__{link}__key": str(self.entry.number)})
        return _total(pointing.values_list("values", flat=True), part)

    def _linked(self, link: str):  # type: ignore[no-untyped-def]
        return Entry.objects.filter(kind=self.form.field(link).linked_kind, number=int(self.values[link]))


def _total(rows: object, part: str) -> Decimal:
    found = (plain(row).get(part, "") for row in rows)  # type: ignore[attr-defined]
    return sum((Decimal(said) for said in found if said), Decimal(0))
