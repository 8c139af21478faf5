"""The database itself refuses to change or delete items, chapters, opinions, steps and files of plans."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]
    operations = [
        guard(
            "plans_planitem", "plans_planchapter", "plans_planopinion", "plans_planstep", "plans_planfile",
        )
    ]  # fmt: skip
