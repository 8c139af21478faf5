"""The gate for foreign keys: a relation of a model may only point to its own room or to a lower one.

Import floors see imports only; a relation written as a string (``"cases.Case"``) escapes them. The floors are read from
``pyproject.toml``, so that there is one list.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models
from django.test.utils import isolate_apps

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
SITE = "heqing_site"


def floors() -> dict[str, int]:
    """Give each room of the site its floor; a higher number is a higher floor."""
    contracts = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "site-floors")
    return {room.strip(" ()"): number for number, layer in enumerate(reversed(layers)) for room in layer.split("|")}


def room_of(model: type[models.Model] | str, labels: dict[str, str]) -> str | None:
    """Name the room of a model, or of a name that is not resolved yet; None when it is not ours."""
    if isinstance(model, str):
        return labels.get(model.split(".")[0])
    package, _, rest = model.__module__.partition(".")
    return rest.split(".")[0] if package == SITE else None


def faults(all_models: Iterable[type[models.Model]]) -> list[str]:
    """List the relations that point up, sideways, or anywhere at all."""
    floor = floors()
    labels = {
        config.label: config.name.removeprefix(f"{SITE}.")
        for config in apps.get_app_configs()
        if config.name.startswith(f"{SITE}.")
    }
    found = []
    for model in all_models:
        room = room_of(model, labels)
        if room is None:
            continue
        if room not in floor:
            found.append(f"{model.__name__}: room {room} has no floor in pyproject.toml")
            continue
        for field in model._meta.get_fields():
            name = f"{room}.{model.__name__}.{field.name}"
            if isinstance(field, GenericForeignKey):
                found.append(f"{name} may point to any room (generic foreign key)")
            if not getattr(field, "remote_field", None) or field.auto_created:
                continue
            target = room_of(field.remote_field.model, labels)
            if target is not None and target != room and floor[target] >= floor[room]:
                found.append(f"{name} points to {target}, which is not below {room}")
    return found


def test_no_relation_points_to_a_higher_room():
    models_of_all_rooms = apps.get_models(include_auto_created=True)

    assert faults(models_of_all_rooms) == []


def test_every_room_with_models_was_walked():
    rooms = {model.__module__.split(".")[1] for model in apps.get_models() if model.__module__.startswith(SITE)}

    assert rooms >= {"audit", "orgs"}


@isolate_apps(f"{SITE}.audit")
def test_the_gate_catches_a_relation_upwards_that_is_written_as_a_string():
    class Planted(models.Model):  # noqa: DJ008
        culprit = models.ForeignKey("orgs.User", on_delete=models.PROTECT)

        class Meta:
            app_label = "audit"

        __module__ = f"{SITE}.audit.models"

    assert faults([Planted]) == ["audit.Planted.culprit points to orgs, which is not below audit"]


@isolate_apps(f"{SITE}.audit", f"{SITE}.orgs")
def test_the_gate_catches_a_relation_to_many_upwards():
    class Planted(models.Model):  # noqa: DJ008
        culprits = models.ManyToManyField("orgs.Unit")

        class Meta:
            app_label = "audit"

        __module__ = f"{SITE}.audit.models"

    assert "audit.Planted.culprits points to orgs, which is not below audit" in faults([Planted])


@isolate_apps(f"{SITE}.orgs")
def test_the_gate_lets_a_relation_downwards_pass():
    class Honest(models.Model):  # noqa: DJ008
        entry = models.ForeignKey("audit.AuditEntry", on_delete=models.PROTECT)

        class Meta:
            app_label = "orgs"

        __module__ = f"{SITE}.orgs.models"

    assert faults([Honest]) == []


@isolate_apps(f"{SITE}.orgs", "django.contrib.contenttypes")
def test_the_gate_catches_a_generic_relation():
    class Planted(models.Model):  # noqa: DJ008
        kind = models.ForeignKey("contenttypes.ContentType", on_delete=models.PROTECT)
        key = models.PositiveBigIntegerField()
        anything = GenericForeignKey("kind", "key")

        class Meta:
            app_label = "orgs"

        __module__ = f"{SITE}.orgs.models"

    assert faults([Planted]) == ["orgs.Planted.anything may point to any room (generic foreign key)"]
