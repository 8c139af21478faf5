"""The database itself refuses to change or delete what was reported and its evidence, whichever program asks."""

from __future__ import annotations

from django.db import migrations

from heqing_site.audit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial")]
    operations = [guard("reporting_reportentry", "reporting_evidence")]
