"""The database itself refuses to change or delete versions of kinds, steps and files of entries."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial")]
    operations = [guard("registers_registerkind", "registers_entrystep", "registers_entryfile")]
