"""The database itself refuses to change or delete what became of a sheet, whichever program asks."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("sheets", "0001_intake")]
    operations = [guard("sheets_intake")]
